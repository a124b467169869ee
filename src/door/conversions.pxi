# Included by dde_core.pyx: conversions of arrays of colours.

cdef const dde_kernels *_kernels_for(cnp.ndarray array) noexcept:
    return DOUBLE if cnp.PyArray_TYPE(array) == cnp.NPY_FLOAT64 else SINGLE


def convert(Way way not None, colours, str name not None, out, clip=False, may_clip=True):
    """Converts an array of colours; `name` is what the caller's argument is called, and `may_clip`
    whether the caller can be told to clip."""
    cdef dde_walk walk
    cdef cnp.ndarray array = _of_way(way, colours, name)
    cdef const dde_kernels *kernels = _kernels_for(array)
    walk.real_size = kernels.real_size
    walk.compare = NULL
    walk.store = kernels.store
    walk.inputs[0].load_spectra = NULL
    walk.inputs[0].load = _loader_of(array, kernels, way.coded)
    walk.inputs[0].n_steps = way.set(walk.inputs[0].steps, kernels)
    walk.convert_packed = NULL if way.coded else way.packed(kernels)
    return _run(&walk, (name,), [array], list(_shape(array)[:-1]), out, clip, may_clip)


def convert_spectra(spectra, weights, Way way not None, out):
    """Sums spectra (..., bands), weighted, to XYZ, which the way converts; weights: (bands, 3)."""
    cdef dde_walk walk
    cdef dde_weights weighting
    cdef cnp.ndarray array, numbers
    weights = np.asarray(weights, dtype=np.float64)
    if weights.ndim != 2 or weights.shape[1] != 3:
        raise ValueError(f"weights must have the shape (bands, 3), not {weights.shape}")
    array = np.asarray(spectra)
    if array.ndim == 0 or array.shape[array.ndim - 1] != len(weights):
        raise ValueError(
            f"spectra must have a last axis of {len(weights)}, one value a wavelength; "
            f"their shape is {_shape(array)}"
        )
    if array.dtype.kind != "f" or array.dtype.itemsize > 8:
        raise TypeError(f"spectra must hold float32 or float64 values, not {array.dtype}")
    array = _behaved(array, cnp.NPY_FLOAT64 if array.dtype.itemsize == 8 else cnp.NPY_FLOAT32)
    cdef const dde_kernels *kernels = _kernels_for(array)
    numbers = np.array(np.transpose(weights), np.float32 if kernels == SINGLE else np.float64, order="C")
    weighting.values, weighting.bands = cnp.PyArray_DATA(numbers), len(weights)
    walk.real_size = kernels.real_size
    walk.compare = NULL
    walk.store = kernels.store
    walk.convert_packed = NULL
    walk.inputs[0].load_spectra = kernels.load_spectra
    walk.inputs[0].weights = &weighting
    walk.inputs[0].n_steps = way.set(walk.inputs[0].steps, kernels)
    return _run(&walk, ("spectra",), [array], list(_shape(array)[:-1]), out, False)
