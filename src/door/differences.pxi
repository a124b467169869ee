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
    walk.inputs[0].load_spectra = walk.inputs[1].load_spectra = NULL
    walk.n_compare_steps = 0
    walk.rows = kernel.rows
    walk.convert_packed = NULL
    walk.real_size = kernels.real_size
    walk.store = kernels.store
    if isinstance(kernel, NetworkKernel):
        for i in range(2):
            if walk.inputs[i].n_steps == 0 and (<cnp.ndarray>inputs[i]).size == 3:
                encoded[i] = (<NetworkKernel>kernel).encode(inputs[i], kernels)
                net.fixed[i] = cnp.PyArray_DATA(<cnp.ndarray>encoded[i])
    return _run(walk, names, inputs, shape, out, clip, True, kernel.tiles_per_thread)


def difference(
    DifferenceKernel kernel not None, lab1, lab2, out, Way way=None,
    tuple names not None=("lab1", "lab2"), clip=False
):
    """The differences between two arrays of colours, broadcast: of Lab, or of what the way makes
    into what the kernel compares."""
    cdef dde_walk walk
    cdef bint coded = way is not None and way.coded
    cdef cnp.ndarray first, second
    first = _srgb(lab1, names[0]) if coded else _colours(lab1, names[0])
    second = _srgb(lab2, names[1]) if coded else _colours(lab2, names[1])
    cdef bint single = _kernels_for(first) == SINGLE and _kernels_for(second) == SINGLE
    cdef const dde_kernels *kernels = SINGLE if single else DOUBLE
    walk.inputs[0].load = _loader_of(first, kernels, coded)
    walk.inputs[1].load = _loader_of(second, kernels, coded)
    walk.inputs[0].n_steps = walk.inputs[1].n_steps = 0
    if way is not None:
        walk.inputs[0].n_steps = way.set(walk.inputs[0].steps, kernels)
        walk.inputs[1].n_steps = way.set(walk.inputs[1].steps, kernels)
    cdef list shape = _broadcast_shape(first, second, names[0], names[1])
    return _compare(kernel, &walk, kernels, names, [first, second], shape, out, clip)


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


def difference_of_images(
    DifferenceKernel kernel not None, reference, sample, Way way not None, bint reverse, clip, out
):
    """The differences between two images of one space, or an image and a single colour: converted by
    the way to what the kernel compares, and compared, a tile at a time. `reverse` takes the channels
    last to first (BGR)."""
    cdef dde_walk walk
    _check_one_row(kernel)
    cdef tuple names = ("reference", "sample")
    cdef list images = [_of_way(way, reference, names[0]), _of_way(way, sample, names[1])]
    cdef list shape = _image_shape(images[0], images[1])
    cdef cnp.ndarray image
    cdef int i
    for i in range(2):
        image = images[i][..., ::-1] if reverse else images[i]
        if image.ndim == 1:  # a single colour is converted once, not again for every tile
            if cnp.PyArray_TYPE(image) == cnp.NPY_FLOAT64:
                image = image.astype(np.float32)
            image = convert(way, image, names[i], None, clip)
            walk.inputs[i].load = _loader_of(image, SINGLE, False)
            walk.inputs[i].n_steps = 0
        else:
            walk.inputs[i].load = _loader_of(image, SINGLE, way.coded)
            walk.inputs[i].n_steps = way.set(walk.inputs[i].steps, SINGLE)
        images[i] = image
    return _compare(kernel, &walk, SINGLE, names, images, shape, out, clip)
