#include "threads.h"

#ifdef _OPENMP

#include <omp.h>

int dde_openmp_available(void) { return 1; }

int dde_openmp_max_threads(void) { return omp_get_max_threads(); }

#else

int dde_openmp_available(void) { return 0; }

int dde_openmp_max_threads(void) { return 1; }

#endif

#if defined _OPENMP && !defined _WIN32

#include <pthread.h>

/* Those that others may start meanwhile, or that have just ended and are still counted. */
enum { ROOM = 2 };

static void *pass(void *gate)
{
    pthread_mutex_lock(gate);
    pthread_mutex_unlock(gate);
    return NULL;
}

/* How many more threads can be there at a time, of so many: they are started, and end again. */
static int startable(int wanted)
{
    pthread_t threads[DDE_MOST_THREADS + ROOM];
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
    int started = 0;
    pthread_mutex_lock(&gate);
    while (started < wanted && pthread_create(&threads[started], NULL, pass, &gate) == 0)
        started++;
    pthread_mutex_unlock(&gate);
    for (int i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    return started;
}

/* Where the system refuses it a thread, as by a limit of processes or of memory, OpenMP's runtime ends
 * the process. So threads are tried first; and OpenMP's are started at once, while no other thread
 * tries. It keeps them for the next region of the same thread, but libgomp ends those that a smaller
 * one has no use for. Where they run short, half are taken, once: what else the process does needs
 * room too. What is tried has the stack of the system's default: a larger one that OMP_STACKSIZE asks
 * for may be refused yet. */
int dde_startable_threads(int n)
{
    static pthread_mutex_t turns = PTHREAD_MUTEX_INITIALIZER;
    static _Thread_local int team = 1; /* of the last region of this thread */
    static _Thread_local int refused = DDE_MOST_THREADS + 1, granted; /* to this thread, instead */
    if (n >= refused)
        n = granted;
    if (n > team) {
        pthread_mutex_lock(&turns);
        int wanted = n - team + ROOM, started = startable(wanted);
        if (started < wanted) {
            refused = n;
            granted = n = team + started / 2;
        }
        #pragma omp parallel num_threads(n)
        __asm__ volatile(""); /* without anything in it, Clang leaves out the region */
        pthread_mutex_unlock(&turns);
    }
    if (n > 1)
        team = n; /* a region of one thread leaves the others alone */
    return n;
}

#else

int dde_startable_threads(int n) { return n; }

#endif
