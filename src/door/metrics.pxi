# Included by dde_core.pyx: differences between Lab colours as the kernels see them.

packed_outputs = <int>DDE_PACKED_OUTPUTS  # see kernels/kernels.h
most_units = <int>DDE_MAX_UNITS - <int>DDE_PACKED_OUTPUTS


cdef class DifferenceKernel:
    """A difference between Lab colours as the kernels see it."""

    cdef Py_ssize_t tiles_per_thread
    cdef int rows  # of what it gives
    cdef readonly bint has_components

    def __cinit__(self, *args, **kwargs):
        self.rows = 1

    cdef int set(self, dde_walk *walk, const dde_kernels *kernels, dde_network *net) except -1:
        """Names the kernel and its parameters to a walk; `net` is room for them."""
        raise TypeError("a DifferenceKernel is a FormulaKernel or a NetworkKernel")

    cdef dde_difference_gradient gradient(self, const dde_kernels *kernels) noexcept:
        """The kernel of its gradient, with the same parameters, or NULL where there is none."""
        return NULL


cdef enum:
    MOST_FACTORS = 3

assert max([factors for _, factors in DIFFERENCES.values()]) <= MOST_FACTORS


cdef class FormulaKernel(DifferenceKernel):
    """A classical formula by its kernel's name, with its factors in the kernel's order."""

    cdef int number
    cdef double factors[MOST_FACTORS]

    def __cinit__(self, str name not None, **factors):
        cdef int i = 0
        cdef double factor
        self.tiles_per_thread = FORMULA_TILES_PER_THREAD
        self.number = _number(DIFFERENCES, name, len(factors), "factors")
        self.has_components = dde_component_rows[self.number] > 0
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

    cdef int set(self, dde_walk *walk, const dde_kernels *kernels, dde_network *net) except -1:
        walk.compare = kernels.differences[self.number]
        walk.parameters = self.factors
        return 0

    cdef dde_difference_gradient gradient(self, const dde_kernels *kernels) noexcept:
        return kernels.difference_gradients[self.number]


cdef class ComponentsKernel(DifferenceKernel):
    """A formula that gives what it is made of as well: see DDE_COMPONENTS in kernels/kernels.h. Its
    results have an axis of rows before all others."""

    cdef FormulaKernel formula

    def __cinit__(self, FormulaKernel formula not None):
        self.formula = formula
        self.tiles_per_thread = formula.tiles_per_thread
        if not formula.has_components:
            raise ValueError("that formula is not known with its components")
        self.rows = dde_component_rows[formula.number]

    cdef int set(self, dde_walk *walk, const dde_kernels *kernels, dde_network *net) except -1:
        walk.compare = kernels.components[self.formula.number]
        walk.parameters = self.formula.factors
        return 0


cdef _check_one_row(DifferenceKernel kernel):
    if kernel.rows != 1:
        raise TypeError("components are given of arrays of colours, and not of images")


def _layer_shapes(name, hidden, embedding):
    """What each layer of a network makes of what: (outputs, inputs)."""
    if name == "siamese":
        return [(hidden, 3), (embedding, hidden), (hidden, embedding), (1, hidden)]
    return [(hidden, 3), (hidden, hidden), (embedding, hidden + 3)]


cdef _check_units(str name, int hidden, int embedding):
    if name == "siamese" and (hidden, embedding) != (DDE_SIAMESE_HIDDEN, DDE_SIAMESE_EMBEDDING):
        raise ValueError(
            f"siamese has {DDE_SIAMESE_HIDDEN} and {DDE_SIAMESE_EMBEDDING} units, "
            f"not {hidden} and {embedding}"
        )
    for units in (hidden, embedding):
        if not 1 <= units <= most_units:
            raise ValueError(f"a layer may have from 1 to {most_units} units, not {units}")


cdef list _in_precision(list layers, list shapes, type dtype):
    """Packed weights and biases, in one list, if they are of these shapes."""
    cdef list arrays = []
    for (outputs, inputs), (weights, bias) in zip(shapes, layers):
        blocks = -(-outputs // packed_outputs)
        for array, shape in (
            (weights, (blocks, inputs, packed_outputs)), (bias, (blocks, packed_outputs))
        ):
            array = np.array(array, dtype, order="C")
            if array.shape != shape:
                raise ValueError(f"a layer must be packed to shape {shape}, not {array.shape}")
            arrays.append(array)
    return arrays


cdef void _point(dde_network *net, list arrays) noexcept:
    """Points a network to its layers."""
    cdef int i
    for i in range(len(arrays) // 2):
        net.weights[i] = cnp.PyArray_DATA(<cnp.ndarray>arrays[2 * i])
        net.biases[i] = cnp.PyArray_DATA(<cnp.ndarray>arrays[2 * i + 1])


cdef class NetworkKernel(DifferenceKernel):
    """A learned difference by its kernel's name. Each of its layers, at most four, is a pair of
    packed weights and bias: see dde_network in kernels/kernels.h, as for the constants."""

    cdef int number
    cdef dde_network single, dual
    cdef list arrays

    def __cinit__(
        self, str name not None, list layers not None, list constants not None, int hidden,
        int embedding
    ):
        cdef int i
        self.tiles_per_thread = NETWORK_TILES_PER_THREAD
        self.number = _number(NETWORKS, name, len(layers), "layers")
        _check_units(name, hidden, embedding)
        if len(constants) > DDE_MAX_CONSTANTS:
            raise ValueError(f"{name} takes at most {DDE_MAX_CONSTANTS} constants")
        for i in range(len(constants)):
            self.single.constants[i] = constants[i]
        self.single.hidden = hidden
        self.single.embedding = embedding
        self.dual = self.single
        shapes = _layer_shapes(name, hidden, embedding)
        single, dual = [_in_precision(layers, shapes, real) for real in (np.float32, np.float64)]
        _point(&self.single, single)
        _point(&self.dual, dual)
        self.arrays = single + dual

    cdef int set(self, dde_walk *walk, const dde_kernels *kernels, dde_network *net) except -1:
        net[0] = self.single if kernels == SINGLE else self.dual
        walk.compare = kernels.networks[self.number]
        walk.parameters = net
        return 0

    cdef dde_difference_gradient gradient(self, const dde_kernels *kernels) noexcept:
        return kernels.network_gradients[self.number]

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
        cdef const char *source = <const char *>cnp.PyArray_DATA(array)
        cdef char *target = <char *>cnp.PyArray_DATA(embeddings)
        cdef Py_ssize_t left = array.size // 3, size = ROUND * NETWORK_TILES_PER_THREAD * TILE, count
        cdef double began
        while left:
            count = min(left, size)
            began = perf_counter()
            with nogil:
                kernels.embedders[self.number](net, count, source, target)
            source += count * 3 * kernels.real_size
            target += count * net.embedding * kernels.real_size
            left -= count
            size = _next_round(size, began)
        return embeddings
