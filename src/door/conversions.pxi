# Included by dde_core.pyx: conversions of arrays of colours.

cdef const dde_kernels *_kernels_for(cnp.ndarray array) noexcept:
    return DOUBLE if cnp.PyArray_TYPE(array) == cnp.NPY_FLOAT64 else SINGLE


def convert(Way way, colours, str name, out, clip=False):
    """Converts an array of colours; `name` is what the caller's argument is called."""
    cdef dde_walk walk
    cdef cnp.ndarray array = _of_way(way, colours, name)
    cdef const dde_kernels *kernels = _kernels_for(array)
    walk.real_size = kernels.real_size
    walk.compare = NULL
    walk.store = kernels.store
    walk.inputs[0].load = _loader_of(array, kernels, way.coded)
    way.set(&walk.inputs[0], kernels)
    walk.convert_packed = NULL if way.coded else way.packed(kernels)
    return _run(&walk, (name,), [array], list(_shape(array)[:-1]), out, clip)
