# Included by dde_core.pyx: how many threads a walk gets.

openmp = bool(dde_openmp_available())

# More than any machine has for one process, and few enough to start.
most_threads = <int>DDE_MOST_THREADS

# The limits that dde.num_threads (of this context) and dde.set_num_threads (of the process) set.
context_threads = ContextVar("dde_threads", default=None)
# None: as many as OpenMP says. An object, since threads may read it while another one sets it.
process_threads = None

cdef bint forked = False  # changes but once, in a child that has a single thread


# With fewer tiles for each, threads would cost more than they bring: on a busy machine OpenMP's
# wait for each other for milliseconds.
cdef enum:
    FORMULA_TILES_PER_THREAD = 256
    NETWORK_TILES_PER_THREAD = 16


def _after_fork():
    # The threads of libgomp do not survive a fork, and it waits for them forever.
    global forked
    forked = True


if hasattr(os, "register_at_fork"):  # Windows has none
    os.register_at_fork(after_in_child=_after_fork)


def set_process_threads(n):
    global process_threads
    process_threads = n


def get_threads():
    if forked or not openmp:
        return 1
    cdef int n = context_threads.get() or process_threads or dde_openmp_max_threads()
    return max(1, min(n, DDE_MOST_THREADS))


# Signals, of which Ctrl-C is one, are looked for between rounds of tiles. The first round has so many
# tiles for each thread that even the slowest kernels take a fraction of a second.
cdef enum:
    ROUND = 32  # times the tiles_per_thread
cdef double SHORT_ROUND = 0.05  # seconds: the next one may be twice as long


cdef Py_ssize_t _next_round(Py_ssize_t size, double began) except -1:
    """Looks for signals after a round that began then; the size of the next one."""
    PyErr_CheckSignals()
    return 2 * size if perf_counter() - began < SHORT_ROUND else size


cdef int _most_threads(Py_ssize_t tiles, Py_ssize_t tiles_per_thread) except -1:
    """How many threads so many tiles are worth, within the limits."""
    if tiles < 2 * tiles_per_thread:
        return 1
    return min(<Py_ssize_t>get_threads(), tiles // tiles_per_thread)


cdef int _team(int threads) noexcept:
    """Makes sure that the parallel regions that follow can have so many threads; how many they can."""
    with nogil:
        threads = dde_startable_threads(threads)
    return threads


cdef int _threads_for(Py_ssize_t tiles, Py_ssize_t tiles_per_thread) except -1:
    """How many threads the parallel regions get that work off so many tiles."""
    return _team(_most_threads(tiles, tiles_per_thread))
