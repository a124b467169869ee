# Included by dde_core.pyx: conversions of arrays of colours.

cdef const dde_kernels *_kernels_for(cnp.ndarray array) noexcept:
    return DOUBLE if cnp.PyArray_TYPE(array) == cnp.NPY_FLOAT64 else SINGLE


def convert(
    str conversion not None, colours, str name not None, const double[::1] parameters not None, out
):
    """Converts an array of float colours; `name` is what the caller's argument is called."""
    cdef dde_walk walk
    cdef cnp.ndarray array = _colours(colours, name)
    _set_conversion(&walk, array, False, conversion, parameters)
    return _run(&walk, (name,), [array], list(_shape(array)[:-1]), out, False)


def convert_srgb(
    str conversion not None, rgb, str name not None, const double[::1] parameters not None, clip, out
):
    """Converts an array of sRGB colours; `name` is what the caller's argument is called."""
    cdef dde_walk walk
    cdef cnp.ndarray array = _srgb(rgb, name)
    _set_conversion(&walk, array, True, conversion, parameters)
    return _run(&walk, (name,), [array], list(_shape(array)[:-1]), out, clip)


cdef _set_conversion(dde_walk *walk, cnp.ndarray array, bint srgb, str name, const double[::1] parameters):
    cdef const dde_kernels *kernels = _kernels_for(array)
    cdef int number = _number(CONVERSIONS, name, len(parameters), "parameters")
    walk.real_size = kernels.real_size
    walk.compare = NULL
    walk.store = kernels.store
    walk.inputs[0].load = _loader_of(array, kernels, srgb)
    walk.inputs[0].convert = kernels.conversions[number]
    walk.convert_packed = kernels.packed_conversions[number]
    walk.inputs[0].parameters = &parameters[0]
