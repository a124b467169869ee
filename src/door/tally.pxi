# Included by dde_core.pyx: the differences between two images, added up region by region.

bins = <int>DDE_BINS
bins_per_unit = <int>DDE_BINS_PER_UNIT

# Sums are taken stretch by stretch, and then over the stretches in order, so that they are the same to the
# last bit however many threads there are and wherever the rounds end.
cdef enum:
    TILES_PER_STRETCH = 64
    SUMS_AT_ONCE = 65536  # stretches times regions, of which sums are kept: 4 MB of them
    # A histogram more, for threads not to wait for each other, must be cleared and added up. It is made
    # where there are so many pixels for each of its bins.
    PIXELS_PER_BIN = 8


cdef class _Histograms:
    """The histograms of a tally, and threads that add to them: those that share one take turns, a stretch
    at a time. The first is the caller's own."""

    cdef cnp.ndarray first, more
    cdef int copies
    cdef PyThread_type_lock locks[DDE_MOST_THREADS]

    def __cinit__(self, cnp.ndarray first not None, int threads, Py_ssize_t pixels):
        cdef Py_ssize_t worth = pixels // (PIXELS_PER_BIN * first.size)
        cdef int wanted = max(1, min(<Py_ssize_t>threads, worth))
        self.first = first
        self.more = np.zeros((wanted - 1, *_shape(first)), np.int64)
        while self.copies < wanted:
            self.locks[self.copies] = PyThread_allocate_lock()
            if self.locks[self.copies] == NULL:
                raise MemoryError
            self.copies += 1

    def __dealloc__(self):
        cdef int i
        for i in range(self.copies):
            PyThread_free_lock(self.locks[i])

    cdef add_up(self):
        """Adds all the others to the caller's."""
        if self.copies > 1:
            np.add(self.first, np.sum(self.more, axis=0), out=self.first)

    cdef void count(self, const dde_tally *tally, int thread) noexcept nogil:
        cdef int copy = thread % self.copies
        cdef int64_t *histogram = <int64_t *>cnp.PyArray_DATA(self.first)
        cdef Py_ssize_t i
        if copy:
            histogram = <int64_t *>cnp.PyArray_DATA(self.more) + (copy - 1) * cnp.PyArray_SIZE(self.first)
        PyThread_acquire_lock(self.locks[copy], WAIT_LOCK)
        for i in range(tally.n_bins):
            histogram[tally.bins[i]] += 1
        PyThread_release_lock(self.locks[copy])


cdef int _tally_stretch(
    const dde_walk *walk, Py_ssize_t stretch, Py_ssize_t first, const dde_tally *all, int thread,
    _Histograms histograms
) noexcept nogil:
    """Works off the tiles of a stretch, into its own sums and the counts of this thread; `first` is the
    stretch whose sums are the first."""
    cdef dde_tally own = all[0]
    cdef Py_ssize_t start = stretch * TILES_PER_STRETCH * TILE, i
    cdef Py_ssize_t end = min(start + TILES_PER_STRETCH * TILE, walk.size)
    cdef int wrong = 0
    own.sums += (stretch - first) * own.regions * DDE_SUMS
    own.peaks += (stretch - first) * own.regions
    own.places += (stretch - first) * own.regions
    own.counts += <Py_ssize_t>thread * own.regions * (2 + own.n_thresholds)
    own.bins += <Py_ssize_t>thread * TILES_PER_STRETCH * TILE
    for i in range(own.regions * DDE_SUMS):
        own.sums[i] = 0
    for i in range(own.regions):
        own.peaks[i], own.places[i] = -INFINITY, -1
    while start < end:
        wrong |= dde_work_tile(walk, start, &own)
        start += TILE
    histograms.count(&own, thread)
    return wrong


cdef void _add_stretches(
    const dde_tally *all, Py_ssize_t stretches, double *sums, double *peaks, int64_t *places
) noexcept nogil:
    """Adds the sums of stretches in their order."""
    cdef Py_ssize_t stretch, i
    for stretch in range(stretches):
        for i in range(all.regions * DDE_SUMS):
            sums[i] += all.sums[stretch * all.regions * DDE_SUMS + i]
        for i in range(all.regions):
            if all.peaks[stretch * all.regions + i] > peaks[i]:
                peaks[i] = all.peaks[stretch * all.regions + i]
                places[i] = all.places[stretch * all.regions + i]


cdef _check_known(cnp.ndarray array, str name, dtype, tuple shape):
    """Whether an array is as it must be to be added to, number by number."""
    if array.dtype != dtype:
        raise TypeError(f"{name} must be of {np.dtype(dtype)}, not {array.dtype}")
    if _shape(array) != shape:
        raise ValueError(f"{name} must have the shape {shape}, not {_shape(array)}")
    if not cnp.PyArray_ISCARRAY(array):
        raise ValueError(f"{name} must be contiguous, aligned and writeable")


cdef _check_labels(labels, list shape):
    if not isinstance(labels, np.ndarray) or labels.dtype != np.uint8:
        raise TypeError("labels must be a NumPy array of uint8")
    if labels.shape != tuple(shape):
        raise ValueError(f"labels must have the shape of the images, {tuple(shape)}, not {labels.shape}")


cdef int _run_tally(
    const dde_walk *walk, int threads, Py_ssize_t tiles_per_round, cnp.ndarray thresholds, double scale,
    _Histograms histograms, cnp.ndarray counts, cnp.ndarray sums, cnp.ndarray peaks, cnp.ndarray places
) except -1:
    """Works off the tiles of a walk; what was not as it must be."""
    cdef int regions = len(peaks), wrong = 0
    cdef Py_ssize_t stretch, first = 0, last, size = tiles_per_round // TILES_PER_STRETCH
    cdef Py_ssize_t stretches = (walk.size + TILES_PER_STRETCH * TILE - 1) // (TILES_PER_STRETCH * TILE)
    cdef Py_ssize_t most = max(1, min(stretches, max(<Py_ssize_t>threads, SUMS_AT_ONCE // regions)))
    cdef cnp.ndarray stretch_sums = np.empty((most, regions, DDE_SUMS))
    cdef cnp.ndarray stretch_peaks = np.empty((most, regions))
    cdef cnp.ndarray stretch_places = np.empty((most, regions), np.int64)
    cdef cnp.ndarray thread_counts = np.zeros((threads, *_shape(counts)), np.int64)
    cdef cnp.ndarray thread_bins = np.empty((threads, TILES_PER_STRETCH * TILE), np.int32)
    cdef double began
    cdef dde_tally all
    all.regions, all.n_thresholds, all.n_bins, all.scale = regions, len(thresholds), 0, scale
    all.thresholds = <const double *>cnp.PyArray_DATA(thresholds)
    all.sums = <double *>cnp.PyArray_DATA(stretch_sums)
    all.peaks = <double *>cnp.PyArray_DATA(stretch_peaks)
    all.places = <int64_t *>cnp.PyArray_DATA(stretch_places)
    all.counts = <int64_t *>cnp.PyArray_DATA(thread_counts)
    all.bins = <int32_t *>cnp.PyArray_DATA(thread_bins)

    while first < stretches:
        last = min(stretches, first + max(1, min(size, most)))
        began = perf_counter()
        with nogil:
            for stretch in prange(first, last, schedule="dynamic", num_threads=threads):
                wrong |= _tally_stretch(walk, stretch, first, &all, threadid(), histograms)
            _add_stretches(
                &all, last - first, <double *>cnp.PyArray_DATA(sums), <double *>cnp.PyArray_DATA(peaks),
                <int64_t *>cnp.PyArray_DATA(places)
            )
        if last < stretches:
            size = _next_round(size, began)
        first = last
    np.add(counts, np.sum(thread_counts, axis=0), out=counts)
    return wrong


def tally(
    DifferenceKernel kernel not None, Way compared not None, reference, sample,
    tuple ways not None, labels, cnp.ndarray thresholds not None, int64_t first_pixel, clip, out,
    cnp.ndarray histogram not None, cnp.ndarray counts not None, cnp.ndarray sums not None,
    cnp.ndarray peaks not None, cnp.ndarray places not None, bint given=False, double scale=1,
    limits=None
):
    """Adds the differences between two images, or strips of rows of them, to what is known of each region.

    ways: of each image, from its colours to Lab; compared: from Lab to what the kernel compares. labels:
    None, or uint8 (H, W): n for region n - 1, 0 for what does not count. out: float32 (H, W) for the
    map, or None. given: `out` holds the differences already. scale: what they are multiplied by before
    they are counted in the histogram. limits: None, or float32 (H, W), by which differences are divided
    before they are counted and stored.

    Added to, in place, for R regions: histogram, (R, bins); counts, (R, 2 + T): of finite
    differences, of others, and of those above each threshold; sums, (R, 5): of ΔE, ΔE², ΔL*, ΔC* and
    ΔH*; peaks, (R,), and places, (R,): the largest and the number of the first pixel that has it,
    `first_pixel` being that of the first pixel here. After an error they are worth nothing.
    """
    cdef dde_walk walk
    cdef dde_network net
    cdef tuple names = ("reference", "sample")
    cdef int regions = len(peaks), threads, wrong
    cdef int i

    _check_clip(clip)
    if len(ways) != 2 or not all([isinstance(way, Way) for way in ways]):
        raise TypeError("ways must be two, one of each image")
    if not 1 <= regions <= 255:
        raise ValueError(f"there may be from 1 to 255 regions, not {regions}")
    _check_known(thresholds, "thresholds", np.float64, (len(thresholds),))
    _check_known(histogram, "histogram", np.int64, (regions, DDE_BINS))
    _check_known(counts, "counts", np.int64, (regions, 2 + len(thresholds)))
    _check_known(sums, "sums", np.float64, (regions, DDE_SUMS))
    _check_known(peaks, "peaks", np.float64, (regions,))
    _check_known(places, "places", np.int64, (regions,))
    cdef list images = [
        _of_way(way, image, name) for way, image, name in zip(ways, (reference, sample), names, strict=True)
    ]
    cdef list shape = _image_shape(images[0], images[1])
    cdef cnp.ndarray target = None if out is None else _output(out, shape, cnp.NPY_FLOAT32)
    if target is not None and not cnp.PyArray_ISALIGNED(target):
        raise ValueError("out must be aligned")
    if given and target is None:
        raise ValueError("out must be the map where it is given")
    if labels is not None:
        _check_labels(labels, shape)
    if limits is not None:
        limits = _output(limits, shape, cnp.NPY_FLOAT32)
    for i in range(2):
        walk.inputs[i].load_spectra = NULL
        walk.inputs[i].load = _loader_of(images[i], SINGLE, (<Way>ways[i]).coded)
        walk.inputs[i].n_steps = (<Way>ways[i]).set(walk.inputs[i].steps, SINGLE)
    walk.n_compare_steps = compared.set(walk.compare_steps, SINGLE)
    _check_one_row(kernel)
    kernel.set(&walk, SINGLE, &net)
    walk.rows = 1
    walk.real_size = SINGLE.real_size
    walk.convert_packed = NULL
    walk.store = NULL if out is None else SINGLE.store
    walk.given = given
    walk.tally = SINGLE.tally
    walk.first_pixel = first_pixel
    _describe(&walk, shape, images, target, labels, limits)

    threads = _threads_for((walk.size + TILE - 1) // TILE, kernel.tiles_per_thread)
    histograms = _Histograms(histogram, threads, walk.size)
    wrong = _run_tally(
        &walk, threads, ROUND * kernel.tiles_per_thread * threads, thresholds, scale, histograms, counts,
        sums, peaks, places
    )
    if wrong & DDE_UNKNOWN_LABEL:
        raise ValueError(f"labels must be from 0 to {regions}, the number of regions")
    _refuse_outside(wrong, clip, names, may_clip=False)
    histograms.add_up()
