# cython: language_level=3
"""The only door between Python and the C kernels.

It checks the arguments once, describes them to the walk (kernels/walk.h) as a job of shape and
strides, and spreads the tiles of the job over threads. The functions here serve the modules of
``dde``, which document what a user may pass.
"""

import os
from contextvars import ContextVar
from numbers import Real

import numpy as np

cimport numpy as cnp
from cython.parallel cimport prange, threadid
from libc.math cimport INFINITY, isfinite
from libc.stdint cimport int64_t

cnp.import_array()


# ---- The instruction set ------------------------------------------------------------------

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


packed_outputs = <int>DDE_PACKED_OUTPUTS  # see kernels/kernels.h
most_units = <int>DDE_MAX_UNITS - <int>DDE_PACKED_OUTPUTS


include "_threads.pxi"
include "_arguments.pxi"


# ---- Jobs ---------------------------------------------------------------------------------

cdef list _broadcast_shape(cnp.ndarray first, cnp.ndarray second, str name1, str name2):
    """The common shape of two arrays of colours, without their last axis."""
    cdef int dimensions = max(first.ndim, second.ndim) - 1
    cdef int d
    cdef Py_ssize_t n1, n2
    cdef list shape = []
    for d in range(-dimensions, 0):
        n1 = first.shape[first.ndim - 1 + d] if first.ndim - 1 + d >= 0 else 1
        n2 = second.shape[second.ndim - 1 + d] if second.ndim - 1 + d >= 0 else 1
        if n1 != n2 and n1 != 1 and n2 != 1:
            raise ValueError(
                f"{name1} and {name2} must have shapes that broadcast; theirs are "
                f"{_shape(first)} and {_shape(second)}"
            )
        shape.append(n2 if n1 == 1 else n1)
    return shape


cdef void _see(dde_view *view, cnp.ndarray array, int axes, int dimensions) noexcept:
    """Describes an array, whose first `axes` axes are of colours, as seen through a shape of so
    many dimensions: what it lacks or has once is repeated."""
    cdef int d, axis
    view.data = <char *>cnp.PyArray_DATA(array)
    view.channel = array.strides[axes] if axes < array.ndim else 0
    for d in range(dimensions):
        axis = d - dimensions + axes
        view.strides[d] = array.strides[axis] if axis >= 0 and array.shape[axis] != 1 else 0


cdef bint _follows(dde_view *view, int outer, int inner, Py_ssize_t extent) noexcept:
    return view.strides[outer] == view.strides[inner] * extent


cdef void _merge_dimensions(dde_job *job, dde_view **views, int n_views) noexcept:
    """Makes one dimension of neighbours that all arrays walk through in equal steps, so that a
    contiguous image is one long row."""
    cdef int d, i, last = 0
    for d in range(1, job.dimensions):
        for i in range(n_views):
            if not _follows(views[i], last, d, job.shape[d]):
                break
        else:
            job.shape[last] *= job.shape[d]
            for i in range(n_views):
                views[i].strides[last] = views[i].strides[d]
            continue
        last += 1
        job.shape[last] = job.shape[d]
        for i in range(n_views):
            views[i].strides[last] = views[i].strides[d]
    job.dimensions = last + 1


cdef void _describe(
    dde_job *job, list shape, list inputs, cnp.ndarray target, cnp.ndarray labels
):
    """Gives a job its shape and its arrays, of which the last two may be None."""
    cdef int n_views = 0, dimensions = len(shape), d, i
    cdef dde_view *views[4]
    job.size = 1
    for d in range(dimensions):
        job.shape[d] = shape[d]
        job.size *= job.shape[d]
    for i in range(len(inputs)):
        views[n_views] = &job.inputs[i].view
        _see(views[n_views], inputs[i], (<cnp.ndarray>inputs[i]).ndim - 1, dimensions)
        n_views += 1
    if target is not None:
        views[n_views] = &job.output
        _see(views[n_views], target, dimensions, dimensions)
        n_views += 1
    job.labels.data = NULL
    if labels is not None:
        views[n_views] = &job.labels
        _see(views[n_views], labels, dimensions, dimensions)
        n_views += 1
    if dimensions == 0:
        dimensions = job.shape[0] = 1
        for i in range(n_views):
            views[i].strides[0] = 0
    job.dimensions = dimensions
    _merge_dimensions(job, views, n_views)


cdef _check_clip(clip):
    if clip is not True and clip is not False:
        raise TypeError(f"clip must be True or False, not {clip!r}")


cdef _refuse_outside(int outside, clip, tuple names):
    if outside and not clip:
        raise ValueError(
            f"{names[0] if outside & 1 else names[1]} is sRGB of type float and must lie in [0, 1]; "
            f"divide 8-bit values by 255, or pass clip=True"
        )


cdef object _run(
    dde_job *job, tuple names, list inputs, list shape, object out, clip,
    Py_ssize_t tiles_per_thread=FORMULA_TILES_PER_THREAD
):
    """Runs a job whose kernels are set: describes the arrays to it and works off its tiles."""
    cdef int threads, outside = 0
    cdef int typenum = cnp.NPY_FLOAT32 if job.real_size == 4 else cnp.NPY_FLOAT64
    cdef Py_ssize_t tile, tiles
    cdef cnp.ndarray result, target

    _check_clip(clip)
    if job.compare == NULL:
        result = _output(out, [*shape, 3], typenum)
    else:
        result = _output(out, shape, typenum)
    target = result
    if out is not None and (
        not cnp.PyArray_ISALIGNED(result) or any(np.may_share_memory(result, a) for a in inputs)
    ):
        target = np.empty_like(result, subok=False)
    _describe(job, shape, inputs, target, None)
    job.tally = NULL

    tiles = (job.size + TILE - 1) // TILE
    threads = _threads_for(tiles, tiles_per_thread)
    with nogil:
        if threads == 1:
            for tile in range(tiles):
                outside |= dde_work_tile(job, tile * TILE, NULL)
        else:
            for tile in prange(tiles, schedule="dynamic", chunksize=8, num_threads=threads):
                outside |= dde_work_tile(job, tile * TILE, NULL)

    _refuse_outside(outside, clip, names)
    if target is not result:
        np.copyto(result, target)
    if out is not None:
        return out
    return result if result.ndim else result[()]


# ---- What the modules of dde call -----------------------------------------------------------

cdef const dde_kernels *_kernels_for(cnp.ndarray array) noexcept:
    return DOUBLE if cnp.PyArray_TYPE(array) == cnp.NPY_FLOAT64 else SINGLE


def convert(str conversion, colours, str name, const double[::1] parameters, out):
    """Converts an array of float colours; `name` is what the caller's argument is called."""
    cdef dde_job job
    cdef cnp.ndarray array = _colours(colours, name)
    _set_conversion(&job, array, False, conversion, parameters)
    return _run(&job, (name,), [array], list(_shape(array)[:-1]), out, False)


def convert_srgb(str conversion, rgb, str name, const double[::1] parameters, clip, out):
    """Converts an array of sRGB colours; `name` is what the caller's argument is called."""
    cdef dde_job job
    cdef cnp.ndarray array = _srgb(rgb, name)
    _set_conversion(&job, array, True, conversion, parameters)
    return _run(&job, (name,), [array], list(_shape(array)[:-1]), out, clip)


cdef _set_conversion(dde_job *job, cnp.ndarray array, bint srgb, str name, const double[::1] parameters):
    cdef const dde_kernels *kernels = _kernels_for(array)
    job.real_size = kernels.real_size
    job.compare = NULL
    job.store = kernels.store
    job.inputs[0].load = _loader_of(array, kernels, srgb)
    job.inputs[0].convert = kernels.conversions[<int>CONVERSIONS[name]]
    job.convert_packed = kernels.packed_conversions[<int>CONVERSIONS[name]]
    job.inputs[0].parameters = &parameters[0]


include "_metrics.pxi"


# ---- Differences --------------------------------------------------------------------------

cdef object _compare(
    Metric metric, dde_job *job, const dde_kernels *kernels,
    tuple names, list inputs, list shape, object out, clip
):
    """Runs a job of two inputs, which are set. A network encodes a side of one colour once."""
    cdef dde_network net
    cdef int i
    cdef list encoded = [None, None]
    metric.set(job, kernels, &net)
    job.convert_packed = NULL
    job.real_size = kernels.real_size
    job.store = kernels.store
    if isinstance(metric, Network):
        for i in range(2):
            if job.inputs[i].convert == NULL and (<cnp.ndarray>inputs[i]).size == 3:
                encoded[i] = (<Network>metric).encode(inputs[i], kernels)
                net.fixed[i] = cnp.PyArray_DATA(<cnp.ndarray>encoded[i])
    return _run(job, names, inputs, shape, out, clip, metric.tiles_per_thread)


def difference(Metric metric, lab1, lab2, out):
    """The differences between two arrays of Lab colours, broadcast."""
    cdef dde_job job
    cdef cnp.ndarray first = _colours(lab1, "lab1")
    cdef cnp.ndarray second = _colours(lab2, "lab2")
    cdef bint single = _kernels_for(first) == SINGLE and _kernels_for(second) == SINGLE
    cdef const dde_kernels *kernels = SINGLE if single else DOUBLE
    job.inputs[0].load = _loader_of(first, kernels, False)
    job.inputs[1].load = _loader_of(second, kernels, False)
    job.inputs[0].convert = job.inputs[1].convert = NULL
    cdef list shape = _broadcast_shape(first, second, "lab1", "lab2")
    return _compare(metric, &job, kernels, ("lab1", "lab2"), [first, second], shape, out, False)


cdef list _image_shape(cnp.ndarray reference, cnp.ndarray sample):
    """The height and width of two images of one size, or of an image and a single colour."""
    cdef tuple shape1 = _shape(reference), shape2 = _shape(sample)
    for shape, other in ((shape1, shape2), (shape2, shape1)):
        if len(shape) == 3 and (other == shape or other == (3,)):
            return [shape[0], shape[1]]
    raise ValueError(
        "reference and sample must be images of one shape (H, W, 3), or one of them a single "
        f"colour of shape (3,); their shapes are {shape1} and {shape2}"
    )


cdef void _set_image(
    dde_input *input, cnp.ndarray image, str space, const double *parameters
) noexcept:
    """Names the kernels that make Lab of an image in "sRGB", "XYZ" or "Lab"."""
    input.load = _loader_of(image, SINGLE, space == "sRGB")
    input.convert = NULL
    input.parameters = parameters
    if space == "sRGB":
        input.convert = SINGLE.conversions[DDE_srgb_to_lab]
    elif space == "XYZ":
        input.convert = SINGLE.conversions[DDE_xyz_to_lab]


def difference_of_images(
    Metric metric, reference, sample, const double[::1] srgb_to_lab, bint reverse, clip, out
):
    """The differences between two sRGB images, or an image and a single colour: decoded, converted
    and compared a tile at a time. `reverse` takes the channels last to first (BGR)."""
    cdef dde_job job
    cdef tuple names = ("reference", "sample")
    cdef list images = [_srgb(reference, names[0]), _srgb(sample, names[1])]
    cdef list shape = _image_shape(images[0], images[1])
    cdef cnp.ndarray image
    cdef int i
    for i in range(2):
        image = images[i][..., ::-1] if reverse else images[i]
        if image.ndim == 1:  # a single colour is decoded once, not again for every tile
            if cnp.PyArray_TYPE(image) == cnp.NPY_FLOAT64:
                image = image.astype(np.float32)
            image = convert_srgb("srgb_to_lab", image, names[i], srgb_to_lab, clip, None)
            _set_image(&job.inputs[i], image, "Lab", NULL)
        else:
            _set_image(&job.inputs[i], image, "sRGB", &srgb_to_lab[0])
        images[i] = image
    return _compare(metric, &job, SINGLE, names, images, shape, out, clip)


include "_tally.pxi"
