# Included by dde_core.pyx: back from derivatives by differences, or by converted colours, to those by
# the colours.

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


cdef _walk_back(
    dde_gradient_walk *walk, const dde_kernels *kernels, Py_ssize_t tiles_per_thread
):
    cdef Py_ssize_t tile, first = 0, last, tiles = (walk.at.size + TILE - 1) // TILE
    cdef int threads = _threads_for(tiles, tiles_per_thread)
    cdef Py_ssize_t size = ROUND * tiles_per_thread * threads
    cdef double began
    walk.at.real_size = kernels.real_size
    walk.at.store = kernels.store
    walk.at.inputs[0].n_steps = walk.at.inputs[1].n_steps = walk.upstream.n_steps = 0
    walk.at.inputs[0].load_spectra = walk.at.inputs[1].load_spectra = NULL
    walk.upstream.load_spectra = NULL
    while first < tiles:
        last = min(tiles, first + size)
        began = perf_counter()
        with nogil:
            if threads == 1:
                for tile in range(first, last):
                    dde_work_gradient_tile(walk, tile * TILE)
            else:
                for tile in prange(
                    first, last, schedule="dynamic", chunksize=8, num_threads=threads
                ):
                    dde_work_gradient_tile(walk, tile * TILE)
        if last < tiles:
            size = _next_round(size, began)
        first = last


cdef cnp.ndarray _gradient_array(array, str name, cnp.ndarray upstream, shape):
    """The array, if the walk back can use it: of the type of `upstream`, of this shape if one is given."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"{name} must be a NumPy array, not {type(array).__name__}")
    cdef cnp.ndarray found = array
    if cnp.PyArray_TYPE(found) not in (cnp.NPY_FLOAT32, cnp.NPY_FLOAT64):
        raise TypeError(f"{name} must be float32 or float64, not {found.dtype}")
    if cnp.PyArray_TYPE(found) != cnp.PyArray_TYPE(upstream) or not cnp.PyArray_ISBEHAVED_RO(found):
        raise TypeError(f"{name} must be of the type of upstream, in native byte order and aligned")
    if shape is not None and _shape(found) != shape:
        raise ValueError(f"{name} must have the shape {shape}, not {_shape(found)}")
    return found


cdef cnp.ndarray _seen_as(array, str name, cnp.ndarray upstream, tuple shape):
    """The same of colours that broadcast to this shape."""
    cdef cnp.ndarray found = _gradient_array(array, name, upstream, None)
    cdef bint fits = found.ndim > 0 and _shape(found)[-1] == 3 and found.ndim <= len(shape)
    for n, extent in zip(_shape(found)[::-1], shape[::-1]):
        fits = fits and n in (1, extent)
    if not fits:
        raise ValueError(f"{name} must have a shape that broadcasts to {shape}, not {_shape(found)}")
    return found


cdef cnp.ndarray _written(array, str name, cnp.ndarray upstream, tuple shape):
    cdef cnp.ndarray found = _gradient_array(array, name, upstream, shape)
    if not cnp.PyArray_ISWRITEABLE(found):
        raise ValueError(f"{name} must be writeable; it is read-only")
    return found


def difference_gradient(
    DifferenceKernel kernel not None, lab1, lab2, cnp.ndarray upstream not None, gradient1, gradient2
):
    """Fills the gradients, or the one that is not None: the derivatives by lab1 and lab2, both seen
    through the shape of `upstream`, the derivatives by each difference."""
    cdef dde_gradient_walk walk
    cdef dde_network net
    _gradient_array(upstream, "upstream", upstream, None)
    cdef const dde_kernels *kernels = _kernels_for(upstream)
    cdef tuple shape = (*_shape(upstream), 3)
    cdef list labs = [
        _seen_as(lab1, "lab1", upstream, shape), _seen_as(lab2, "lab2", upstream, shape)
    ]
    cdef list gradients = [
        None if gradient is None else _written(gradient, name, upstream, shape)
        for gradient, name in ((gradient1, "gradient1"), (gradient2, "gradient2"))
    ]
    walk.at.inputs[0].load = walk.at.inputs[1].load = _loader_of(upstream, kernels, False)
    walk.upstream.load = walk.at.inputs[0].load
    walk.difference = kernel.gradient(kernels)
    if walk.difference == NULL:
        raise ValueError("this difference has no gradient")
    kernel.set(&walk.at, kernels, &net)
    _describe_gradient(&walk, labs, upstream, gradients)
    _walk_back(&walk, kernels, kernel.tiles_per_thread)


def conversion_gradient(
    str conversion not None, colours, parameters not None, cnp.ndarray upstream not None, gradient
):
    """Fills `gradient`, the derivatives by the colours, from `upstream`, those by what they became."""
    cdef dde_gradient_walk walk
    cdef int number = _number(CONVERSION_GRADIENTS, conversion, len(parameters), "parameters")
    cdef cnp.ndarray numbers = np.ascontiguousarray(parameters, np.float64)
    cdef tuple shape = _shape(upstream)
    _gradient_array(upstream, "upstream", upstream, None)
    colours = _seen_as(colours, "colours", upstream, shape)
    gradient = _written(gradient, "gradient", upstream, shape)
    cdef const dde_kernels *kernels = _kernels_for(upstream)
    walk.at.inputs[0].load = walk.upstream.load = _loader_of(upstream, kernels, False)
    walk.at.parameters = cnp.PyArray_DATA(numbers)
    walk.difference = NULL
    walk.conversion = kernels.conversion_gradients[number]
    _describe_gradient(&walk, [colours], upstream, [gradient])
    _walk_back(&walk, kernels, FORMULA_TILES_PER_THREAD)
