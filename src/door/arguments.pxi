# Included by dde_core.pyx: arguments become arrays that the kernels can read, or errors that name them.

cdef tuple _shape(cnp.ndarray array):
    return (<object>array).shape


cdef bint _holds_masked(object argument):
    """Whether it is a masked array, or a sequence of which any part is one."""
    if isinstance(argument, (list, tuple)):
        for part in argument:
            if not isinstance(part, float) and _holds_masked(part):
                return True
        return False
    return hasattr(argument, "mask") and isinstance(argument, np.ma.MaskedArray)


cdef cnp.ndarray _array(object argument, str name):
    """The argument as an array whose last axis is 3."""
    cdef cnp.ndarray array
    if cnp.PyArray_CheckExact(argument):  # as is usual; a call of one pair is not to wait for more
        array = argument
    elif _holds_masked(argument):
        raise TypeError(
            f"{name} is a masked array, whose mask would be lost; fill it with NaN, which gives NaN, "
            "by .filled(float('nan'))"
        )
    else:
        try:
            array = np.asarray(argument)
        except ValueError:
            raise ValueError(
                f"{name} must be an array of colours of shape (..., 3), not a sequence of unequal "
                "parts"
            ) from None
    if array.ndim == 0 or array.shape[array.ndim - 1] != 3:
        raise ValueError(
            f"{name} must have a last axis of 3, the coordinates of a colour; "
            f"its shape is {_shape(array)}"
        )
    return array


cdef cnp.ndarray _behaved(cnp.ndarray array, int typenum):
    """The array in this type, native byte order and aligned; itself where it is so already."""
    return cnp.PyArray_FROM_OTF(array, typenum, cnp.NPY_ARRAY_ALIGNED | cnp.NPY_ARRAY_NOTSWAPPED)


cdef cnp.ndarray _colours(object argument, str name):
    """The argument as an array of float32 or float64 colours."""
    cdef cnp.ndarray array = _array(argument, name)
    cdef int typenum = cnp.PyArray_TYPE(array)
    if typenum == cnp.NPY_FLOAT16:
        typenum = cnp.NPY_FLOAT32
    if typenum != cnp.NPY_FLOAT32 and typenum != cnp.NPY_FLOAT64:
        raise TypeError(
            f"{name} must hold float32 or float64 coordinates, not {array.dtype}; "
            f"convert it with .astype(float) if its scale is right"
        )
    return _behaved(array, typenum)


cdef cnp.ndarray _srgb(object argument, str name):
    """The argument as an array of uint8, uint16, float32 or float64 sRGB colours."""
    cdef cnp.ndarray array = _array(argument, name)
    cdef int typenum = cnp.PyArray_TYPE(array)
    if typenum == cnp.NPY_FLOAT16:
        typenum = cnp.NPY_FLOAT32
    if typenum not in (cnp.NPY_UINT8, cnp.NPY_UINT16, cnp.NPY_FLOAT32, cnp.NPY_FLOAT64):
        raise TypeError(
            f"{name} must hold sRGB as uint8, uint16, or float32 or float64 in [0, 1], "
            f"not {array.dtype}"
        )
    return _behaved(array, typenum)


cdef dde_loader _loader_of(cnp.ndarray array, const dde_kernels *kernels, bint srgb) noexcept:
    cdef int typenum = cnp.PyArray_TYPE(array)
    if typenum == cnp.NPY_UINT8:
        return kernels.loaders[DDE_srgb_u8]
    if typenum == cnp.NPY_UINT16:
        return kernels.loaders[DDE_srgb_u16]
    if typenum == cnp.NPY_FLOAT32:
        return kernels.loaders[DDE_srgb_f32 if srgb else DDE_colour_f32]
    return kernels.loaders[DDE_srgb_f64 if srgb else DDE_colour_f64]


cdef bint _may_overlap_itself(cnp.ndarray array):
    """Whether two of its elements may share memory: they do not where each stride, from the smallest
    on, is at least the extent of all that is smaller."""
    cdef Py_ssize_t extent = array.itemsize
    if cnp.PyArray_IS_C_CONTIGUOUS(array) or array.size == 0:
        return False
    for stride, n in sorted([(abs(s), n) for s, n in zip((<object>array).strides, _shape(array))]):
        if n > 1 and stride < extent:
            return True
        extent += stride * (n - 1)
    return False


cdef enum:
    MOST_DIMENSIONS = 64  # that NumPy has


cdef cnp.ndarray _output(object out, list shape, int typenum):
    """A new array for the result, or the caller's own if it fits exactly."""
    cdef cnp.npy_intp extents[MOST_DIMENSIONS]
    cdef cnp.ndarray array
    cdef int d
    if out is None:
        for d in range(len(shape)):
            extents[d] = shape[d]
        return cnp.PyArray_EMPTY(len(shape), extents, typenum, 0)
    if not isinstance(out, np.ndarray):
        raise TypeError(f"out must be a NumPy array, not {type(out).__name__}")
    array = out
    if _shape(array) != tuple(shape):
        raise ValueError(
            f"out must have the shape of the result, {tuple(shape)}; "
            f"its shape is {_shape(array)}"
        )
    if cnp.PyArray_TYPE(array) != typenum or not cnp.PyArray_ISNOTSWAPPED(array):
        wanted = "float32" if typenum == cnp.NPY_FLOAT32 else "float64"
        raise TypeError(f"out must be {wanted}, the type of the result, not {array.dtype.str}")
    if not cnp.PyArray_ISWRITEABLE(array):
        raise ValueError("out must be writeable; it is read-only")
    if _may_overlap_itself(array):
        raise ValueError(
            f"out must not overlap itself; its strides are {(<object>array).strides}"
        )
    return array
