# Included by dde_core.pyx: ways between colour spaces, as the kernels see them.

most_steps = <int>DDE_MAX_STEPS


cdef class Way:
    """A way between spaces: conversions by their kernels' names, each with its parameters, in turn.
    `coded`: it begins with codes of RGB, integers or floats from 0 to 1."""

    cdef int n_steps
    cdef int numbers[DDE_MAX_STEPS]
    cdef const double *parameters[DDE_MAX_STEPS]
    cdef list arrays
    cdef readonly bint coded

    def __cinit__(self, steps not None, bint coded=False):
        cdef int i
        cdef cnp.ndarray array
        if len(steps) > DDE_MAX_STEPS:
            raise ValueError(f"a way has at most {DDE_MAX_STEPS} steps, not {len(steps)}")
        self.n_steps = len(steps)
        self.coded = coded
        self.arrays = []
        for i, (name, parameters) in enumerate(steps):
            if not isinstance(name, str):
                raise TypeError(f"a step is named by its kernel, not by {name!r}")
            array = np.array(parameters, dtype=np.float64, order="C").ravel()
            self.numbers[i] = _number(CONVERSIONS, name, array.size, "parameters")
            self.parameters[i] = <const double *>cnp.PyArray_DATA(array)
            self.arrays.append(array)

    cdef int set(self, dde_step *steps, const dde_kernels *kernels) noexcept:
        """Names the steps, and returns how many they are."""
        cdef int i
        for i in range(self.n_steps):
            steps[i].convert = kernels.conversions[self.numbers[i]]
            steps[i].parameters = self.parameters[i]
        return self.n_steps

    cdef dde_packed_conversion packed(self, const dde_kernels *kernels) noexcept:
        """The same from packed to packed colours, where there is such a kernel."""
        return kernels.packed_conversions[self.numbers[0]] if self.n_steps == 1 else NULL


cdef cnp.ndarray _of_way(Way way, object argument, str name):
    """The argument as an array that the way can begin with."""
    if way is None:
        raise TypeError("a way between spaces must be a Way, not None")
    return _srgb(argument, name) if way.coded else _colours(argument, name)
