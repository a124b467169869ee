# Included by _core.pyx: the differences between two images, added up region by region.

bins = <int>DDE_BINS
bins_per_unit = <int>DDE_BINS_PER_UNIT

# Sums are taken strip by strip, and then over the strips in order, so that they are the same to the
# last bit however many threads there are.
cdef enum:
    TILES_PER_STRIP = 64


cdef int _tally_strip(
    const dde_job *job, Py_ssize_t strip, const dde_tally *all, int regions, int thread
) noexcept nogil:
    """Works off the tiles of a strip, into the sums of this strip and the counts of this thread."""
    cdef dde_tally own = all[0]
    cdef Py_ssize_t start = strip * TILES_PER_STRIP * TILE
    cdef Py_ssize_t end = min(start + TILES_PER_STRIP * TILE, job.size)
    cdef int outside = 0
    own.sums += strip * regions * DDE_SUMS
    own.peaks += strip * regions
    own.places += strip * regions
    own.counts += <Py_ssize_t>thread * regions * (2 + own.n_thresholds)
    own.histogram += <Py_ssize_t>thread * regions * DDE_BINS
    while start < end:
        outside |= dde_work_tile(job, start, &own)
        start += TILE
    return outside


def tally(
    Metric metric, reference, sample, tuple spaces, tuple parameters, labels,
    const double[::1] thresholds, int64_t first_pixel, clip, out,
    int64_t[:, ::1] histogram, int64_t[:, ::1] counts, double[:, ::1] sums,
    double[::1] peaks, int64_t[::1] places
):
    """Adds the differences between two images, or strips of them, to what is known of each region.

    spaces: of each image, "sRGB", "XYZ" or "Lab"; parameters: of each, the matrix from linear RGB to
    XYZ relative to the white, the white, or anything. labels: None, or uint8 (H, W): n for region
    n - 1, 0 for what does not count. out: float32 (H, W) for the map, or None.

    Added to, in place, for R regions: histogram, (R, bins); counts, (R, 2 + T): of finite
    differences, of others, and of those above each threshold; sums, (R, 5): of ΔE, ΔE², ΔL*, ΔC* and
    ΔH*; peaks, (R,), and places, (R,): the largest and the number of the first pixel that has it,
    `first_pixel` being that of the first pixel here.
    """
    cdef dde_job job
    cdef dde_network net
    cdef dde_tally all
    cdef tuple names = ("reference", "sample")
    cdef int regions = len(peaks), i, threads, outside = 0
    cdef Py_ssize_t strip, n_strips
    cdef list images = [
        _srgb(image, name) if space == "sRGB" else _colours(image, name)
        for image, space, name in zip((reference, sample), spaces, names)
    ]
    cdef list shape = _image_shape(images[0], images[1])
    cdef cnp.ndarray target = None if out is None else _output(out, shape, cnp.NPY_FLOAT32)
    cdef double[2][9] converters

    _check_clip(clip)
    if labels is not None and (labels.dtype != np.uint8 or labels.max(initial=0) > regions):
        raise ValueError(f"labels must be uint8 from 0 to {regions}, the number of regions")
    for i in range(2):
        for j, parameter in enumerate(parameters[i] if spaces[i] != "Lab" else ()):
            converters[i][<int>j] = parameter
        _set_image(&job.inputs[i], images[i], spaces[i], converters[i])
    metric.set(&job, SINGLE, &net)
    job.real_size = SINGLE.real_size
    job.convert_packed = NULL
    job.store = NULL if out is None else SINGLE.store
    job.tally = SINGLE.tally
    job.first_pixel = first_pixel
    _describe(&job, shape, images, target, labels)

    n_strips = (job.size + TILES_PER_STRIP * TILE - 1) // (TILES_PER_STRIP * TILE)
    threads = _threads_for(n_strips * TILES_PER_STRIP, metric.tiles_per_thread)
    cdef double[:, :, ::1] strip_sums = np.zeros((n_strips, regions, DDE_SUMS))
    cdef double[:, ::1] strip_peaks = np.full((n_strips, regions), -np.inf)
    cdef int64_t[:, ::1] strip_places = np.full((n_strips, regions), -1)
    cdef int64_t[:, :, ::1] thread_counts = np.zeros(
        (threads, regions, 2 + len(thresholds)), np.int64
    )
    cdef int64_t[:, :, ::1] thread_histograms = np.zeros((threads, regions, DDE_BINS), np.int64)
    if n_strips == 0:
        return
    all.n_thresholds = len(thresholds)
    all.thresholds = &thresholds[0] if len(thresholds) else NULL
    all.sums, all.peaks, all.places = &strip_sums[0, 0, 0], &strip_peaks[0, 0], &strip_places[0, 0]
    all.counts, all.histogram = &thread_counts[0, 0, 0], &thread_histograms[0, 0, 0]
    with nogil:
        for strip in prange(n_strips, schedule="dynamic", num_threads=threads):
            outside |= _tally_strip(&job, strip, &all, regions, threadid())
    _refuse_outside(outside, clip, names)

    np.add(counts, np.sum(thread_counts, axis=0), out=np.asarray(counts))
    np.add(histogram, np.sum(thread_histograms, axis=0), out=np.asarray(histogram))
    np.add(sums, np.sum(strip_sums, axis=0), out=np.asarray(sums))
    for i in range(regions):
        strip = np.argmax(strip_peaks[:, i])
        if strip_peaks[strip, i] > peaks[i]:
            peaks[i], places[i] = strip_peaks[strip, i], strip_places[strip, i]
