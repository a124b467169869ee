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

cdef dict CONVERSIONS = {dde_conversion_names[i].decode(): i for i in range(DDE_N_CONVERSIONS)}
cdef dict DIFFERENCES = {dde_difference_names[i].decode(): i for i in range(DDE_N_DIFFERENCES)}
cdef dict NETWORKS = {dde_network_names[i].decode(): i for i in range(DDE_N_NETWORKS)}
cdef dict PICTURE_DIFFERENCES = {
    dde_picture_difference_names[i].decode(): i for i in range(DDE_N_PICTURE_DIFFERENCES)
}
