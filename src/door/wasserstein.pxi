# Included by dde_core.pyx: distances between the distributions of colours in two images
# (kernels/pictures/wasserstein.h).

window = <int>WINDOW

cdef enum:
    SHRUNK_ROWS_PER_THREAD = 8


cdef dde_means _means(tuple given, Py_ssize_t size, list keep) except *:
    """Weighted means of an axis of so many pixels: the first pixel of each, and the weights of some."""
    cdef dde_means means
    cdef cnp.ndarray first = np.ascontiguousarray(given[0], np.int64)
    cdef cnp.ndarray weights = np.ascontiguousarray(given[1], np.float64)
    if weights.ndim != 2 or _shape(first) != (weights.shape[0],):
        raise ValueError("means must be the first pixel of each, and the weights of as many from there on")
    if first.size and not (0 <= first.min() and first.max() + weights.shape[1] <= size):
        raise ValueError("means must be of pixels that there are")
    keep += [first, weights]
    means.most = weights.shape[1]
    means.first = <const int64_t *>cnp.PyArray_DATA(first)
    means.weights = <const double *>cnp.PyArray_DATA(weights)
    return means


def shrunk(
    image, Way way not None, str name not None, Py_ssize_t first_row, tuple down not None,
    tuple across not None
):
    """Rows of an image made smaller, float32: what the way makes of it, in weighted means.

    image: its rows from `first_row` on. down, across: of each row and of each column of the result, the first
    pixel that it is a mean of, and the weights of that one and of those that follow.
    """
    cdef dde_shrinking shrinking
    cdef list keep = []
    cdef int outside = 0, threads
    cdef Py_ssize_t row, rows, width, size
    cdef cnp.ndarray colours = _of_way(way, image, name)
    if colours.ndim != 3:
        raise ValueError(f"{name} must be an image of shape (H, W, 3); its shape is {_shape(colours)}")
    first, weights = down
    shrinking.down = _means((np.asarray(first) - first_row, weights), colours.shape[0], keep)
    shrinking.across = _means(across, colours.shape[1], keep)
    shrinking.width, shrinking.to_width = colours.shape[1], len(across[0])
    shrinking.input.load = _loader_of(colours, SINGLE, way.coded)
    shrinking.input.n_steps = way.set(shrinking.input.steps, SINGLE)
    shrinking.kernels = SINGLE.pictures
    _see(&shrinking.input.view, colours, 2, 2)
    rows, width = len(first), shrinking.to_width
    cdef cnp.ndarray result = np.empty((rows, width, 3), np.float32)
    cdef float *to = <float *>cnp.PyArray_DATA(result)
    threads = _threads_for(rows, SHRUNK_ROWS_PER_THREAD)
    size = dde_shrinking_scratch(&shrinking)
    cdef cnp.ndarray memory = np.empty(threads * size, np.uint8)
    cdef char *scratch = <char *>cnp.PyArray_DATA(memory)
    with nogil:
        for row in prange(rows, schedule="dynamic", num_threads=threads):
            outside |= dde_shrink_row(&shrinking, row, to + 3 * width * row, scratch + threadid() * size)
    _refuse_outside(outside, False, (name, name), False)
    return result


cdef dde_windows _windows(cnp.ndarray image, list keep) except *:
    """An image (H, W, 3) with its border, in planes with room at their end."""
    cdef dde_windows windows
    cdef Py_ssize_t height = image.shape[0], width = image.shape[1]
    if image.ndim != 3 or image.shape[2] != 3 or min(height, width) < WINDOW:
        raise ValueError(f"an image with its border has at least {WINDOW} x {WINDOW} pixels of 3 values")
    planes = np.zeros(3 * height * width + WINDOWS_AT_ONCE, np.float32)
    planes[:3 * height * width].reshape(3, height, width)[...] = np.moveaxis(image, 2, 0)
    keep.append(planes)
    windows.colours = <const float *>cnp.PyArray_DATA(<cnp.ndarray>planes)
    windows.height, windows.width = height - (WINDOW - 1), width - (WINDOW - 1)
    windows.row, windows.plane = width, height * width
    return windows


def distances_of_distributions(tuple images not None, cnp.ndarray directions not None):
    """The Wasserstein distances between the windows of two images in each direction, float64, and how many
    windows of each hold no NaN.

    images: two arrays (H, W, 3), of which 5 pixels on each side are border. directions: (n, 11, 11, 3), n a
    multiple of 4.
    """
    cdef dde_windows windows[2]
    cdef list keep = []
    cdef int threads
    cdef Py_ssize_t group, groups, size, taps = 3 * WINDOW * WINDOW
    if _shape(directions)[1:] != (WINDOW, WINDOW, 3) or directions.shape[0] % DIRECTIONS_AT_ONCE:
        raise ValueError(f"directions must be of shape (n, {WINDOW}, {WINDOW}, 3), n a multiple of 4")
    groups = directions.shape[0] // DIRECTIONS_AT_ONCE
    windows[0] = _windows(images[0], keep)
    windows[1] = _windows(images[1], keep)
    # [group][channel][y][x][DIRECTIONS_AT_ONCE]
    grouped = directions.reshape(groups, DIRECTIONS_AT_ONCE, WINDOW, WINDOW, 3)
    cdef cnp.ndarray packed = np.ascontiguousarray(grouped.transpose(0, 4, 2, 3, 1), np.float32)
    cdef const float *weights = <const float *>cnp.PyArray_DATA(packed)
    cdef cnp.ndarray result = np.empty(groups * DIRECTIONS_AT_ONCE)
    cdef cnp.ndarray finite = np.zeros((groups, 2), np.intp)
    cdef double *distances = <double *>cnp.PyArray_DATA(result)
    cdef Py_ssize_t *found = <Py_ssize_t *>cnp.PyArray_DATA(finite)
    threads = _threads_for(groups, 1)
    size = dde_directions_scratch(windows)
    cdef cnp.ndarray memory = np.empty(threads * size, np.uint8)
    cdef char *scratch = <char *>cnp.PyArray_DATA(memory)
    cdef Py_ssize_t first = 0, last
    while first < groups:
        last = min(groups, first + 2 * threads)
        with nogil:
            for group in prange(first, last, schedule="dynamic", num_threads=threads):
                dde_work_directions(
                    windows, SINGLE.pictures, weights + group * taps * DIRECTIONS_AT_ONCE,
                    distances + group * DIRECTIONS_AT_ONCE, found + 2 * group,
                    scratch + threadid() * size
                )
        PyErr_CheckSignals()
        first = last
    return result, tuple(finite[0].tolist())
