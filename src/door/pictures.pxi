# Included by dde_core.pyx: maps of comparisons that see more than a pixel (kernels/pictures/).

cdef enum:
    STRIPS_PER_THREAD = 4  # so that none waits long for the last one
    LEAST_ROWS = 64  # in a strip; its margins are worked off again

most_shift = 4  # MOST_REACH of picture_walk.c
most_radius = <int>DDE_MOST_RADIUS
least_radius_down = <int>LEAST_RADIUS_DOWN


cdef class PictureKernel(DifferenceKernel):
    """A difference between what a bank of filters makes of two images, by its kernel's name."""

    cdef int number
    cdef cnp.ndarray parameters

    def __cinit__(self, str name not None, parameters not None):
        self.tiles_per_thread = FORMULA_TILES_PER_THREAD
        self.number = _number(PICTURE_DIFFERENCES, name, len(parameters), "parameters")
        self.parameters = np.array(parameters, np.float64)

    cdef int set(self, dde_walk *walk, const dde_kernels *kernels, dde_network *net) except -1:
        walk.compare = kernels.picture_differences[self.number]
        if walk.compare == NULL:
            raise TypeError("pictures are compared in float32")
        walk.parameters = cnp.PyArray_DATA(self.parameters)
        return 0


cdef class FilterBank:
    """Separable filters of three channels: see dde_bank in kernels/pictures/picture_walk.h.

    lines: (channel, taps) along the row; sums: (line, output, taps) down the columns, which are added up.
    Taps are float32, an odd number of them. finish: None, or the way from the result to what is compared.
    """

    cdef dde_bank bank
    cdef list arrays
    cdef readonly int margin

    def __cinit__(self, list lines not None=[], list sums not None=[], bint reflected=False, Way finish=None):
        cdef int i
        cdef cnp.ndarray taps
        self.arrays = []
        if len(lines) > DDE_MOST_LINES or len(sums) > DDE_MOST_SUMS or bool(lines) != bool(sums):
            raise ValueError(f"a bank has at most {DDE_MOST_LINES} lines and {DDE_MOST_SUMS} sums")
        self.bank.n_lines, self.bank.n_sums, self.bank.reflected = len(lines), len(sums), reflected
        self.bank.n_channels, self.bank.margin, self.bank.n_finish = 3, 0, 0
        for i in range(len(lines)):
            channel, given = lines[i]
            taps = self._taps(given, 0)
            if not 0 <= channel < 3:
                raise ValueError("the channel of a line is 0, 1 or 2")
            self.bank.lines[i].input, self.bank.lines[i].radius = channel, taps.size // 2
            self.bank.lines[i].taps = <const float *>cnp.PyArray_DATA(taps)
        for i in range(len(sums)):
            line, output, given = sums[i]
            taps = self._taps(given, LEAST_RADIUS_DOWN)
            if not (0 <= line < len(lines) and 0 <= output < DDE_MOST_CHANNELS):
                raise ValueError("a sum is of a line that there is, into one of 7 channels")
            self.bank.sums[i].line, self.bank.sums[i].output = line, output
            self.bank.sums[i].radius = taps.size // 2
            self.bank.sums[i].taps = <const float *>cnp.PyArray_DATA(taps)
            self.bank.n_channels = max(self.bank.n_channels, output + 1)
        if finish is not None:
            self.arrays.append(finish)
            self.bank.n_finish = finish.set(self.bank.finish, SINGLE)
        self.margin = self.bank.margin

    cdef cnp.ndarray _taps(self, given, int least):
        cdef cnp.ndarray taps = np.array(given, np.float32)
        cdef Py_ssize_t radius = taps.size // 2
        if taps.ndim != 1 or taps.size % 2 != 1 or not least <= radius <= DDE_MOST_RADIUS:
            raise ValueError(f"taps must be an odd number, of a radius from {least} to {DDE_MOST_RADIUS}")
        self.arrays.append(taps)
        self.bank.margin = max(self.bank.margin, <int>radius)
        return taps


cdef _place(dde_picture *picture, tuple rows, int margin, Py_ssize_t available):
    """Says which rows of how high an image there are and which are wanted, if they suffice."""
    cdef Py_ssize_t start, stop
    picture.first_row, picture.height, start, stop = rows
    if not (
        0 <= picture.first_row <= max(start - margin, 0)
        and start <= stop <= picture.height
        and min(stop + margin, picture.height) <= picture.first_row + available <= picture.height
    ):
        raise ValueError("the rows that are given do not hold those that are wanted and their margins")


def margin_of(FilterBank bank not None, int shift, double slack):
    """The rows and columns that a difference depends on, beyond its own."""
    return bank.margin + 2 * (shift or (slack > 0))


def map_of_pictures(
    DifferenceKernel kernel not None, FilterBank bank not None, reference, sample, tuple ways not None,
    int shift, double slack, bint reverse, clip, out, rows=None
):
    """The differences between two images, of which each sees its neighbourhood.

    ways: of each image, from its colours to the three channels that the bank filters, or to what is
    compared if it has no filters.
    rows: None for whole images; or (the row of the image at which the arrays begin, the height of the
    image, the first row that is wanted, the end of those), where the arrays hold margins of `margin_of`
    rows as far as the image has them.
    """
    cdef dde_picture picture
    cdef dde_walk walk
    cdef dde_network net
    cdef tuple names = ("reference", "sample")
    cdef int i, threads, outside = 0
    cdef list keep = []
    if len(ways) != 2:
        raise ValueError("there must be two ways, one for each image")
    cdef list images = [
        _of_way(way, image, name) for way, image, name in zip(ways, (reference, sample), names)
    ]
    cdef list shape = _image_shape(images[0], images[1])
    cdef Py_ssize_t available = shape[0], start, stop, item, items, across, down, height

    _check_clip(clip)
    if not 0 <= shift <= most_shift or not 0 <= slack < INFINITY:
        raise ValueError(f"shift must be from 0 to {most_shift}, and slack a finite number of at least 0")
    rows = (0, available, 0, available) if rows is None else rows
    _place(&picture, rows, margin_of(bank, shift, slack), available)
    start, stop = rows[2:]
    shape[0] = stop - start
    result = _output(out, shape, cnp.NPY_FLOAT32)
    target = result
    if out is not None and (
        not cnp.PyArray_ISALIGNED(result) or any([np.may_share_memory(result, a) for a in images])
    ):
        target = np.empty_like(result, subok=False)
    for i in range(2):
        image = images[i][..., ::-1] if reverse else images[i]
        picture.inputs[i].load = _loader_of(image, SINGLE, (<Way>ways[i]).coded)
        picture.inputs[i].n_steps = (<Way>ways[i]).set(picture.inputs[i].steps, SINGLE)
        _see(&picture.inputs[i].view, image, image.ndim - 1, 2)
        keep.append(image)
    _see(&picture.output, target, 2, 2)
    _check_one_row(kernel)
    kernel.set(&walk, SINGLE, &net)
    picture.compare, picture.parameters = walk.compare, walk.parameters
    picture.bank, picture.kernels = bank.bank, SINGLE.pictures
    picture.width, picture.output_row = shape[1], start
    picture.shift, picture.slack = shift, slack

    if stop > start and picture.width > 0:
        across = -(-picture.width // dde_strip_width(&picture))
        threads = _most_threads(across * (stop - start), kernel.tiles_per_thread)
        down = 1 if threads == 1 else -(-STRIPS_PER_THREAD * threads // across)
        height = max(-(-(stop - start) // down), <Py_ssize_t>LEAST_ROWS)
        down = -(-(stop - start) // height)
        items = across * down
        threads = _team(min(<Py_ssize_t>threads, items))
        outside = _work_strips(&picture, start, stop, height, across, items, threads)
    _refuse_outside(outside, clip, names)
    if target is not result:
        np.copyto(result, target)
    return result if out is None else out


cdef int _work_strips(
    const dde_picture *picture, Py_ssize_t start, Py_ssize_t stop, Py_ssize_t height,
    Py_ssize_t across, Py_ssize_t items, int threads
) except -1:
    """Works off strips, a round of them after another; what lay outside."""
    cdef Py_ssize_t item, row, size = dde_strip_scratch(picture) + 64
    cdef cnp.ndarray memory = np.empty(threads * size, np.uint8)
    cdef size_t scratch = (<size_t>cnp.PyArray_DATA(memory) + 63) & ~<size_t>63
    cdef Py_ssize_t width = dde_strip_width(picture)
    cdef Py_ssize_t first = 0, last
    cdef int outside = 0
    while first < items:
        last = min(items, first + STRIPS_PER_THREAD * threads)
        with nogil:
            for item in prange(first, last, schedule="dynamic", num_threads=threads):
                row = start + item // across * height
                outside |= dde_work_strip(
                    picture, item % across * width, row, min(row + height, stop),
                    <void *>(scratch + <size_t>(threadid() * (size & ~<Py_ssize_t>63)))
                )
        PyErr_CheckSignals()
        first = last
    return outside
