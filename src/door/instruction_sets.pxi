# Included by dde_core.pyx: the instruction set in use, and what its kernels are called.

cdef const dde_kernels *SINGLE
cdef const dde_kernels *DOUBLE


def _choose_instruction_set(forced):
    """The name of the instruction set in use, and all that this CPU runs, plainest first."""
    global SINGLE, DOUBLE
    available = {
        dde_instruction_sets[i].name.decode(): i
        for i in range(dde_n_instruction_sets)
        if dde_instruction_sets[i].runs_here()
    }
    if not available:
        raise ImportError("dde needs a CPU with at least SSE4.2 (x86-64-v2)")
    chosen = forced or list(available)[-1]
    if chosen not in available:
        raise ImportError(
            f"DDE_ISA names {chosen!r}, which this CPU or this build does not have; "
            f"available: {', '.join(available)}"
        )
    SINGLE = dde_instruction_sets[<int>available[chosen]].single()
    DOUBLE = dde_instruction_sets[<int>available[chosen]].dual()
    return chosen, tuple(available)


instruction_set, instruction_sets = _choose_instruction_set(os.environ.get("DDE_ISA"))


cdef dict _listed(const dde_listed *listed, int count):
    """Of each kernel in a list of kernels/kernels.h, by name: its number there, and how many parameters
    it has."""
    return {listed[i].name.decode(): (i, listed[i].parameters) for i in range(count)}


cdef dict CONVERSIONS = _listed(dde_listed_conversions, DDE_N_CONVERSIONS)
cdef dict DIFFERENCES = _listed(dde_listed_differences, DDE_N_DIFFERENCES)
cdef dict PICTURE_DIFFERENCES = _listed(dde_listed_picture_differences, DDE_N_PICTURE_DIFFERENCES)
cdef dict NETWORKS = _listed(dde_listed_networks, DDE_N_NETWORKS)
cdef dict CONVERSION_GRADIENTS = _listed(
    dde_listed_conversion_gradients, DDE_N_CONVERSION_GRADIENTS
)


cdef int _number(dict kernels, str name, Py_ssize_t given, str what) except -1:
    """The number of a kernel that has so many parameters."""
    if name not in kernels:
        raise ValueError(f"{name!r} is no kernel; known are {', '.join(kernels)}")
    number, parameters = kernels[name]
    if given != parameters:
        raise ValueError(f"{name} takes {parameters} {what}, not {given}")
    return number
