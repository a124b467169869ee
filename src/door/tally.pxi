# Included by dde_core.pyx: the differences between two images, added up region by region.

bins = <int>DDE_BINS
bins_per_unit = <int>DDE_BINS_PER_UNIT

# Sums are taken stretch by stretch, and then over the stretches in order, so that they are the same to the
# last bit however many threads there are.
cdef enum:
    TILES_PER_STRETCH = 64


cdef int _tally_stretch(
    const dde_walk *walk, Py_ssize_t stretch, const dde_tally *all, int regions, int thread
) noexcept nogil:
    """Works off the tiles of a stretch, into the sums of this stretch and the counts of this thread."""
    cdef dde_tally own = all[0]
    cdef Py_ssize_t start = stretch * TILES_PER_STRETCH * TILE
    cdef Py_ssize_t end = min(start + TILES_PER_STRETCH * TILE, walk.size)
    cdef int outside = 0
    own.sums += stretch * regions * DDE_SUMS
    own.peaks += stretch * regions
    own.places += stretch * regions
    own.counts += <Py_ssize_t>thread * regions * (2 + own.n_thresholds)
    own.histogram += <Py_ssize_t>thread * regions * DDE_BINS
    while start < end:
        outside |= dde_work_tile(walk, start, &own)
        start += TILE
    return outside


def tally(
    DifferenceKernel kernel, reference, sample, tuple spaces, tuple parameters, labels,
    const double[::1] thresholds, int64_t first_pixel, clip, out,
    int64_t[:, ::1] histogram, int64_t[:, ::1] counts, double[:, ::1] sums,
    double[::1] peaks, int64_t[::1] places
):
    """Adds the differences between two images, or strips of rows of them, to what is known of each region.

    spaces: of each image, "sRGB", "XYZ" or "Lab"; parameters: of each, the matrix from linear RGB to
    XYZ relative to the white, the white, or anything. labels: None, or uint8 (H, W): n for region
    n - 1, 0 for what does not count. out: float32 (H, W) for the map, or None.

    Added to, in place, for R regions: histogram, (R, bins); counts, (R, 2 + T): of finite
    differences, of others, and of those above each threshold; sums, (R, 5): of ΔE, ΔE², ΔL*, ΔC* and
    ΔH*; peaks, (R,), and places, (R,): the largest and the number of the first pixel that has it,
    `first_pixel` being that of the first pixel here.
    """
    cdef dde_walk walk
    cdef dde_network net
    cdef dde_tally all
    cdef tuple names = ("reference", "sample")
    cdef int regions = len(peaks), i, threads, outside = 0
    cdef Py_ssize_t stretch, n_stretches
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
        _set_image(&walk.inputs[i], images[i], spaces[i], converters[i])
    kernel.set(&walk, SINGLE, &net)
    walk.real_size = SINGLE.real_size
    walk.convert_packed = NULL
    walk.store = NULL if out is None else SINGLE.store
    walk.tally = SINGLE.tally
    walk.first_pixel = first_pixel
    _describe(&walk, shape, images, target, labels)

    n_stretches = (walk.size + TILES_PER_STRETCH * TILE - 1) // (TILES_PER_STRETCH * TILE)
    threads = _threads_for(n_stretches * TILES_PER_STRETCH, kernel.tiles_per_thread)
    cdef double[:, :, ::1] stretch_sums = np.zeros((n_stretches, regions, DDE_SUMS))
    cdef double[:, ::1] stretch_peaks = np.full((n_stretches, regions), -np.inf)
    cdef int64_t[:, ::1] stretch_places = np.full((n_stretches, regions), -1)
    cdef int64_t[:, :, ::1] thread_counts = np.zeros(
        (threads, regions, 2 + len(thresholds)), np.int64
    )
    cdef int64_t[:, :, ::1] thread_histograms = np.zeros((threads, regions, DDE_BINS), np.int64)
    if n_stretches == 0:
        return
    all.n_thresholds = len(thresholds)
    all.thresholds = &thresholds[0] if len(thresholds) else NULL
    all.sums, all.peaks, all.places = &stretch_sums[0, 0, 0], &stretch_peaks[0, 0], &stretch_places[0, 0]
    all.counts, all.histogram = &thread_counts[0, 0, 0], &thread_histograms[0, 0, 0]
    with nogil:
        for stretch in prange(n_stretches, schedule="dynamic", num_threads=threads):
            outside |= _tally_stretch(&walk, stretch, &all, regions, threadid())
    _refuse_outside(outside, clip, names)

    np.add(counts, np.sum(thread_counts, axis=0), out=np.asarray(counts))
    np.add(histogram, np.sum(thread_histograms, axis=0), out=np.asarray(histogram))
    np.add(sums, np.sum(stretch_sums, axis=0), out=np.asarray(sums))
    for i in range(regions):
        stretch = np.argmax(stretch_peaks[:, i])
        if stretch_peaks[stretch, i] > peaks[i]:
            peaks[i], places[i] = stretch_peaks[stretch, i], stretch_places[stretch, i]
