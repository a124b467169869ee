# Included by dde_core.pyx: arrays described to the walk (kernels/walk.h), and its tiles worked off.

cdef list _broadcast_shape(cnp.ndarray first, cnp.ndarray second, str name1, str name2):
    """The common shape of two arrays of colours, without their last axis."""
    cdef int dimensions = max(first.ndim, second.ndim) - 1
    cdef int d
    cdef Py_ssize_t n1, n2
    cdef list shape = []
    for d in range(-dimensions, 0):
        n1 = first.shape[first.ndim - 1 + d] if first.ndim - 1 + d >= 0 else 1
        n2 = second.shape[second.ndim - 1 + d] if second.ndim - 1 + d >= 0 else 1
        if n1 != n2 and n1 != 1 and n2 != 1:
            raise ValueError(
                f"{name1} and {name2} must have shapes that broadcast; theirs are "
                f"{_shape(first)} and {_shape(second)}"
            )
        shape.append(n2 if n1 == 1 else n1)
    return shape


cdef void _see(dde_view *view, cnp.ndarray array, int axes, int dimensions) noexcept:
    """Describes an array, whose first `axes` axes are of colours, as seen through a shape of so
    many dimensions: what it lacks or has once is repeated."""
    cdef int d, axis
    view.data = <char *>cnp.PyArray_DATA(array)
    view.channel = array.strides[axes] if axes < array.ndim else 0
    for d in range(dimensions):
        axis = d - dimensions + axes
        view.strides[d] = array.strides[axis] if axis >= 0 and array.shape[axis] != 1 else 0


cdef bint _all_follow(
    dde_view **views, int n_views, int outer, int inner, Py_ssize_t extent
) noexcept:
    """Whether a step along the outer dimension goes on where the inner one has ended."""
    cdef int i
    for i in range(n_views):
        if views[i].strides[outer] != views[i].strides[inner] * extent:
            return False
    return True


cdef void _merge_dimensions(dde_walk *walk, dde_view **views, int n_views) noexcept:
    """Makes one dimension of neighbours that all arrays walk through in equal steps, so that a
    contiguous image is one long row."""
    cdef int d, i, last = 0
    for d in range(1, walk.dimensions):
        if walk.shape[d] == 1:
            continue  # nobody walks along it
        if walk.shape[last] == 1:
            walk.shape[last] = walk.shape[d]
        elif _all_follow(views, n_views, last, d, walk.shape[d]):
            walk.shape[last] *= walk.shape[d]
        else:
            last += 1
            walk.shape[last] = walk.shape[d]
        for i in range(n_views):
            views[i].strides[last] = views[i].strides[d]
    walk.dimensions = last + 1


cdef void _describe(
    dde_walk *walk, list shape, list inputs, cnp.ndarray target, cnp.ndarray labels,
    cnp.ndarray limits
):
    """Gives a walk its shape and its arrays, of which the last three may be None."""
    cdef int n_views = 0, dimensions = len(shape), d, i
    cdef dde_view *views[5]
    walk.size = 1
    for d in range(dimensions):
        walk.shape[d] = shape[d]
        walk.size *= walk.shape[d]
    for i in range(len(inputs)):
        views[n_views] = &walk.inputs[i].view
        _see(views[n_views], inputs[i], (<cnp.ndarray>inputs[i]).ndim - 1, dimensions)
        n_views += 1
    if target is not None:
        views[n_views] = &walk.output
        _see(views[n_views], target, dimensions, dimensions)
        n_views += 1
    walk.labels.data = NULL
    if labels is not None:
        views[n_views] = &walk.labels
        _see(views[n_views], labels, dimensions, dimensions)
        n_views += 1
    walk.limits.data = NULL
    if limits is not None:
        views[n_views] = &walk.limits
        _see(views[n_views], limits, dimensions, dimensions)
        n_views += 1
    if dimensions == 0:
        dimensions = walk.shape[0] = 1
        for i in range(n_views):
            views[i].strides[0] = 0
    walk.dimensions = dimensions
    _merge_dimensions(walk, views, n_views)


cdef _check_clip(clip):
    if clip is not True and clip is not False:
        raise TypeError(f"clip must be True or False, not {clip!r}")


cdef _refuse_outside(int wrong, clip, tuple names, bint may_clip=True):
    if wrong and not clip:
        raise ValueError(
            f"{names[0] if wrong & DDE_FIRST_OUTSIDE else names[1]} is RGB of type float and must lie in [0, 1]; "
            f"divide 8-bit values by 255{', or pass clip=True' if may_clip else ''}"
        )


cdef object _run(
    dde_walk *walk, tuple names, list inputs, list shape, object out, clip,
    bint may_clip=True, Py_ssize_t tiles_per_thread=FORMULA_TILES_PER_THREAD
):
    """Runs a walk whose kernels are set: describes the arrays to it and works off its tiles."""
    cdef int threads, wrong = 0
    cdef int typenum = cnp.NPY_FLOAT32 if walk.real_size == 4 else cnp.NPY_FLOAT64
    cdef Py_ssize_t tile, tiles, first = 0, last, size
    cdef double began
    cdef cnp.ndarray result, target

    _check_clip(clip)
    if walk.compare == NULL:
        result = _output(out, [*shape, 3], typenum)
    else:
        result = _output(out, shape if walk.rows == 1 else [walk.rows, *shape], typenum)
    target = result
    if out is not None and (
        not cnp.PyArray_ISALIGNED(result) or any([np.may_share_memory(result, a) for a in inputs])
    ):
        target = np.empty_like(result, subok=False)
    if walk.compare == NULL or walk.rows == 1:
        _describe(walk, shape, inputs, target, None, None)
    else:
        _describe(walk, shape, inputs, target[0, ...], None, None)
        walk.output.channel = target.strides[0]
    walk.tally = NULL
    walk.given = False

    tiles = (walk.size + TILE - 1) // TILE
    threads = _threads_for(tiles, tiles_per_thread)
    size = ROUND * tiles_per_thread * threads
    while first < tiles:
        last = min(tiles, first + size)
        began = perf_counter() if last < tiles else 0
        with nogil:
            if threads == 1:
                for tile in range(first, last):
                    wrong |= dde_work_tile(walk, tile * TILE, NULL)
            else:
                for tile in prange(
                    first, last, schedule="dynamic", chunksize=8, num_threads=threads
                ):
                    wrong |= dde_work_tile(walk, tile * TILE, NULL)
        if last < tiles:
            size = _next_round(size, began)
        first = last

    _refuse_outside(wrong, clip, names, may_clip)
    if target is not result:
        np.copyto(result, target)
    if out is not None:
        return out
    return result if result.ndim else result[()]
