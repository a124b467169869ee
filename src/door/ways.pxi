# Included by dde_core.pyx: ways between colour spaces, as the kernels see them.

most_steps = <int>DDE_MAX_STEPS
conversions = tuple(dde_conversion_names[i].decode() for i in range(DDE_N_CONVERSIONS))


cdef class Way:
    """A way between spaces: conversions by their kernels' names, each with its parameters, in turn.
    `coded`: it begins with codes of RGB, integers or floats from 0 to 1."""

    cdef int n_steps
    cdef int numbers[DDE_MAX_STEPS]
    cdef const double *parameters[DDE_MAX_STEPS]
    cdef list arrays
    cdef readonly bint coded

    def __init__(self, steps, bint coded=False):
        cdef int i
        cdef cnp.ndarray array
        if len(steps) > DDE_MAX_STEPS:
            raise ValueError(f"a way has at most {DDE_MAX_STEPS} steps, not {len(steps)}")
        self.n_steps = len(steps)
        self.coded = coded
        self.arrays = []
        for i, (name, parameters) in enumerate(steps):
            array = np.array(parameters, dtype=np.float64, order="C").ravel()
            self.numbers[i] = CONVERSIONS[name]
            self.parameters[i] = <const double *>cnp.PyArray_DATA(array)
            self.arrays.append(array)

    cdef void set(self, dde_input *input, const dde_kernels *kernels) noexcept:
        cdef int i
        input.n_steps = self.n_steps
        for i in range(self.n_steps):
            input.steps[i].convert = kernels.conversions[self.numbers[i]]
            input.steps[i].parameters = self.parameters[i]

    cdef dde_packed_conversion packed(self, const dde_kernels *kernels) noexcept:
        """The same from packed to packed colours, where there is such a kernel."""
        return kernels.packed_conversions[self.numbers[0]] if self.n_steps == 1 else NULL


cdef cnp.ndarray _of_way(Way way, object argument, str name):
    """The argument as an array that the way can begin with."""
    return _srgb(argument, name) if way.coded else _colours(argument, name)
