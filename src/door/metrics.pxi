# Included by dde_core.pyx: differences between Lab colours as the kernels see them.

packed_outputs = <int>DDE_PACKED_OUTPUTS  # see kernels/kernels.h
most_units = <int>DDE_MAX_UNITS - <int>DDE_PACKED_OUTPUTS


cdef class DifferenceKernel:
    """A difference between Lab colours as the kernels see it."""

    cdef Py_ssize_t tiles_per_thread

    cdef void set(self, dde_walk *walk, const dde_kernels *kernels, dde_network *net) noexcept:
        """Names the kernel and its parameters to a walk; `net` is room for them."""


cdef class FormulaKernel(DifferenceKernel):
    """A classical formula by its kernel's name, with its factors in the kernel's order."""

    cdef int number
    cdef double factors[4]

    def __init__(self, str name, **factors):
        cdef int i = 0
        cdef double factor
        self.tiles_per_thread = FORMULA_TILES_PER_THREAD
        self.number = DIFFERENCES[name]
        for key, value in factors.items():
            if type(value) not in (float, int) and not isinstance(value, Real):
                raise TypeError(f"{key} must be a number, not {type(value).__name__}")
            try:
                factor = value
            except OverflowError:
                factor = INFINITY
            if not isfinite(factor) or factor < 0 or (factor == 0 and key not in ("K1", "K2")):
                raise ValueError(f"{key} must be a positive, finite number, not {factor}")
            self.factors[i] = factor
            i += 1

    cdef void set(self, dde_walk *walk, const dde_kernels *kernels, dde_network *net) noexcept:
        walk.compare = kernels.differences[self.number]
        walk.parameters = self.factors


cdef _point(dde_network *net, list layers, type dtype, list keep):
    """Points a network to its layers, each (weights, bias), in this precision."""
    cdef int i
    cdef cnp.ndarray weights, bias
    for i in range(len(layers)):
        weights, bias = (np.array(array, dtype, order="C") for array in layers[i])
        net.weights[i], net.biases[i] = cnp.PyArray_DATA(weights), cnp.PyArray_DATA(bias)
        keep += [weights, bias]


cdef class NetworkKernel(DifferenceKernel):
    """A learned difference by its kernel's name. Each of its layers, at most four, is a pair of
    packed weights and bias: see dde_network in kernels/kernels.h, as for the constants."""

    cdef int number
    cdef dde_network single, dual
    cdef list arrays

    def __init__(self, str name, list layers, list constants, int hidden, int embedding):
        cdef int i
        self.tiles_per_thread = NETWORK_TILES_PER_THREAD
        self.number = NETWORKS[name]
        self.arrays = []
        for i in range(len(constants)):
            self.single.constants[i] = constants[i]
        self.single.hidden = hidden
        self.single.embedding = embedding
        self.dual = self.single
        _point(&self.single, layers, np.float32, self.arrays)
        _point(&self.dual, layers, np.float64, self.arrays)

    cdef void set(self, dde_walk *walk, const dde_kernels *kernels, dde_network *net) noexcept:
        net[0] = self.single if kernels == SINGLE else self.dual
        walk.compare = kernels.networks[self.number]
        walk.parameters = net

    cdef cnp.ndarray encode(self, colour, const dde_kernels *kernels):
        """What the kernel compares of one colour."""
        dtype = np.float32 if kernels == SINGLE else np.float64
        cdef cnp.ndarray array = np.ascontiguousarray(colour, dtype)
        cdef cnp.ndarray encoded = np.empty(DDE_MAX_UNITS, dtype)
        cdef const dde_network *net = &self.single if kernels == SINGLE else &self.dual
        kernels.encoders[self.number](net, 1, cnp.PyArray_DATA(array), cnp.PyArray_DATA(encoded))
        return encoded

    def embed(self, lab):
        """The embeddings of Lab colours, (..., 3) -> (..., embedding)."""
        cdef cnp.ndarray array = np.ascontiguousarray(_colours(lab, "lab"))
        cdef const dde_kernels *kernels = _kernels_for(array)
        cdef const dde_network *net = &self.single if kernels == SINGLE else &self.dual
        cdef cnp.ndarray embeddings = np.empty((*_shape(array)[:-1], net.embedding), array.dtype)
        cdef void *source = cnp.PyArray_DATA(array)
        cdef void *target = cnp.PyArray_DATA(embeddings)
        cdef Py_ssize_t count = array.size // 3
        with nogil:
            kernels.embedders[self.number](net, count, source, target)
        return embeddings
