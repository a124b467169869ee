# Included by dde_core.pyx: back from derivatives by differences, or by converted colours, to those by
# the colours. dde.torch brings the arrays, of one type and of shapes that fit.

cdef _describe_gradient(dde_gradient_walk *walk, list inputs, cnp.ndarray upstream, list gradients):
    """Gives a walk back its shape and its arrays; of the gradients, those that are None are not wanted."""
    cdef dde_view *views[5]
    cdef int n_views = 0, dimensions = upstream.ndim, i, d
    cdef int axes[5]
    cdef list arrays = []
    for i in range(len(inputs)):
        views[n_views] = &walk.at.inputs[i].view
        arrays.append(inputs[i])
        axes[n_views] = (<cnp.ndarray>inputs[i]).ndim - 1
        n_views += 1
    if len(inputs) == 1:
        dimensions -= 1
    views[n_views] = &walk.upstream.view
    arrays.append(upstream)
    axes[n_views] = dimensions
    n_views += 1
    for i in range(2):
        walk.gradients[i].data = NULL
        if i < len(gradients) and gradients[i] is not None:
            views[n_views] = &walk.gradients[i]
            arrays.append(gradients[i])
            axes[n_views] = dimensions
            n_views += 1
    walk.at.size = 1
    for d in range(dimensions):
        walk.at.shape[d] = upstream.shape[d]
        walk.at.size *= upstream.shape[d]
    for i in range(n_views):
        _see(views[i], arrays[i], axes[i], dimensions)
    if dimensions == 0:
        dimensions = walk.at.shape[0] = 1
        for i in range(n_views):
            views[i].strides[0] = 0
    walk.at.dimensions = dimensions
    _merge_dimensions(&walk.at, views, n_views)


cdef _walk_back(dde_gradient_walk *walk, const dde_kernels *kernels):
    cdef Py_ssize_t tile, tiles = (walk.at.size + TILE - 1) // TILE
    cdef int threads = _threads_for(tiles, FORMULA_TILES_PER_THREAD)
    walk.at.real_size = kernels.real_size
    walk.at.store = kernels.store
    walk.at.inputs[0].convert = walk.at.inputs[1].convert = walk.upstream.convert = NULL
    with nogil:
        if threads == 1:
            for tile in range(tiles):
                dde_work_gradient_tile(walk, tile * TILE)
        else:
            for tile in prange(tiles, schedule="dynamic", chunksize=8, num_threads=threads):
                dde_work_gradient_tile(walk, tile * TILE)


def difference_gradient(FormulaKernel kernel, lab1, lab2, upstream, gradient1, gradient2):
    """Fills the gradients, or the one that is not None: the derivatives by lab1 and lab2, both seen
    through the shape of `upstream`, the derivatives by each difference."""
    cdef dde_gradient_walk walk
    cdef const dde_kernels *kernels = _kernels_for(upstream)
    walk.at.inputs[0].load = walk.at.inputs[1].load = _loader_of(upstream, kernels, False)
    walk.upstream.load = walk.at.inputs[0].load
    walk.difference = kernels.difference_gradients[kernel.number]
    walk.at.parameters = kernel.factors
    _describe_gradient(&walk, [lab1, lab2], upstream, [gradient1, gradient2])
    _walk_back(&walk, kernels)


def conversion_gradient(
    str conversion, colours, const double[::1] parameters, upstream, gradient
):
    """Fills `gradient`, the derivatives by the colours, from `upstream`, those by what they became."""
    cdef dde_gradient_walk walk
    cdef const dde_kernels *kernels = _kernels_for(upstream)
    walk.at.inputs[0].load = walk.upstream.load = _loader_of(upstream, kernels, False)
    walk.at.inputs[0].parameters = &parameters[0]
    walk.difference = NULL
    walk.conversion = kernels.conversion_gradients[<int>CONVERSIONS[conversion]]
    _describe_gradient(&walk, [colours], upstream, [gradient])
    _walk_back(&walk, kernels)
