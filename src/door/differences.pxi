# Included by dde_core.pyx: differences between arrays, and between images.

cdef object _compare(
    DifferenceKernel kernel, dde_walk *walk, const dde_kernels *kernels,
    tuple names, list inputs, list shape, object out, clip
):
    """Runs a walk of two inputs, which are set. A network encodes a side of one colour once."""
    cdef dde_network net
    cdef int i
    cdef list encoded = [None, None]
    kernel.set(walk, kernels, &net)
    walk.convert_packed = NULL
    walk.real_size = kernels.real_size
    walk.store = kernels.store
    if isinstance(kernel, NetworkKernel):
        for i in range(2):
            if walk.inputs[i].convert == NULL and (<cnp.ndarray>inputs[i]).size == 3:
                encoded[i] = (<NetworkKernel>kernel).encode(inputs[i], kernels)
                net.fixed[i] = cnp.PyArray_DATA(<cnp.ndarray>encoded[i])
    return _run(walk, names, inputs, shape, out, clip, kernel.tiles_per_thread)


def difference(DifferenceKernel kernel not None, lab1, lab2, out):
    """The differences between two arrays of Lab colours, broadcast."""
    cdef dde_walk walk
    cdef cnp.ndarray first = _colours(lab1, "lab1")
    cdef cnp.ndarray second = _colours(lab2, "lab2")
    cdef bint single = _kernels_for(first) == SINGLE and _kernels_for(second) == SINGLE
    cdef const dde_kernels *kernels = SINGLE if single else DOUBLE
    walk.inputs[0].load = _loader_of(first, kernels, False)
    walk.inputs[1].load = _loader_of(second, kernels, False)
    walk.inputs[0].convert = walk.inputs[1].convert = NULL
    cdef list shape = _broadcast_shape(first, second, "lab1", "lab2")
    return _compare(kernel, &walk, kernels, ("lab1", "lab2"), [first, second], shape, out, False)


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
    DifferenceKernel kernel not None, reference, sample, const double[::1] srgb_to_lab not None,
    bint reverse, clip, out
):
    """The differences between two sRGB images, or an image and a single colour: decoded, converted
    and compared a tile at a time. `reverse` takes the channels last to first (BGR)."""
    cdef dde_walk walk
    cdef tuple names = ("reference", "sample")
    cdef list images = [_srgb(reference, names[0]), _srgb(sample, names[1])]
    cdef list shape = _image_shape(images[0], images[1])
    cdef cnp.ndarray image
    cdef int i
    _number(CONVERSIONS, "srgb_to_lab", len(srgb_to_lab), "parameters")
    for i in range(2):
        image = images[i][..., ::-1] if reverse else images[i]
        if image.ndim == 1:  # a single colour is decoded once, not again for every tile
            if cnp.PyArray_TYPE(image) == cnp.NPY_FLOAT64:
                image = image.astype(np.float32)
            image = convert_srgb("srgb_to_lab", image, names[i], srgb_to_lab, clip, None)
            _set_image(&walk.inputs[i], image, "Lab", NULL)
        else:
            _set_image(&walk.inputs[i], image, "sRGB", &srgb_to_lab[0])
        images[i] = image
    return _compare(kernel, &walk, SINGLE, names, images, shape, out, clip)
