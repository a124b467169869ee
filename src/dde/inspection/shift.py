"""Whether the sample lies some pixels beside its reference: then edges differ all over."""

from collections.abc import Callable

import numpy as np

SIDE = 64  # of a window, in pixels
WINDOWS_ALONG = 4  # at most, across and down
REACH = 8  # the shift at which none is looked for any more, in pixels
MOST_COMPARED = 6  # windows: those of the most structure
LEAST_STRUCTURE = 0.1  # of a window that is compared, of what the best one has
LEAST_DIFFERENCE = 0.25  # of a window that can tell of a shift, as the mean square of L*
LARGEST_REST = 0.5  # that moving the sample back may leave of the squared differences

Lightness = Callable[[np.ndarray], np.ndarray]
Rows = tuple[int, np.ndarray, np.ndarray]  # first row in the window; colours of both images


class Windows:
    """
    Small windows all over two images, gathered strip by strip while these are read.

    All that costs is to copy one pixel of hundreds. What the windows say of a shift is found out
    only where somebody asks.

    Parameters
    ----------
    shape : tuple of int
        Height and width of the images.

    Examples
    --------
    >>> image = np.random.default_rng(0).uniform(0, 100, (60, 70, 3))
    >>> windows = Windows((60, 70))
    >>> windows.add(0, (image, np.roll(image, (2, -3), axis=(0, 1))))
    >>> windows.shift(lambda lab: lab[..., 0], lambda lab: lab[..., 0])
    (-3, 2)
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self._height, self._width = (min(side, SIDE) for side in shape)
        self._down, self._across = (_begins(side) for side in shape)
        self._rows: dict[tuple[int, int], list[Rows]] = {}

    def add(
        self,
        start: int,
        colours: tuple[np.ndarray, np.ndarray],
        labels: np.ndarray | None = None,
    ) -> None:
        """
        Take in a strip of whole rows.

        Parameters
        ----------
        start : int
            Its first row in the image.
        colours : tuple of numpy.ndarray, each of shape (rows, W, 3)
            Those of reference and sample.
        labels : numpy.ndarray of uint8, shape (rows, W), optional
            0 for pixels that are not counted: windows with such are not looked at.
        """
        stop = start + len(colours[0])
        for top in self._down:
            first, end = max(top, start), min(top + self._height, stop)
            for left in self._across if first < end else ():
                here = slice(first - start, end - start), slice(left, left + self._width)
                if labels is None or labels[here].all():
                    reference, sample = (np.array(image[here]) for image in colours)
                    rows = self._rows.setdefault((top, left), [])
                    rows.append((first - top, reference, sample))

    def join(self, other: "Windows") -> None:
        """Take in what another part of the same images had of the windows."""
        for place, rows in other._rows.items():
            self._rows[place] = self._rows.get(place, []) + rows

    def shift(self, reference: Lightness, sample: Lightness) -> tuple[int, int] | None:
        """
        How far the sample lies to the right of the reference and below it, in whole pixels.

        It is the shift that, taken back, leaves the least of the squared differences in L*, each
        window's being counted as shares of what it had, and its mean difference being left out.
        Half of the windows that show most must lose half of theirs: a thing that moved in
        front of a still scene, noise, another light and another picture are no shift.

        Parameters
        ----------
        reference, sample : callable
            They give L*, shape (n, h, w), of n windows, of colours as the images have them.

        Returns
        -------
        tuple of int, or None
            x and y, below 8 either way; None where there is none, or none that can be told.
        """
        if min(self._height, self._width) < 4 * REACH:
            return None
        whole = []
        for rows in self._rows.values():
            rows = sorted(rows, key=lambda part: part[0])
            colours = [np.concatenate(parts) for parts in list(zip(*rows, strict=True))[1:]]
            if len(colours[0]) == self._height:
                whole.append(colours)
        if not whole:
            return None
        references, samples = (np.stack(windows) for windows in zip(*whole, strict=True))
        # All windows at once, since each call costs as much as a window.
        pairs = np.stack([reference(references), sample(samples)], axis=1, dtype=np.float64)
        pairs = pairs[np.isfinite(pairs).all(axis=(1, 2, 3))]
        if not len(pairs):
            return None
        shares = _shares_left(*_most_telling(pairs))
        mean = shares.mean(axis=0)
        y, x = np.unravel_index(mean.argmin(), mean.shape)
        inside = all(0 < place < 2 * REACH for place in (x, y))  # or it may be anywhere beyond
        shift = int(x) - REACH, int(y) - REACH
        told = inside and shift != (0, 0) and np.median(shares[:, y, x]) <= LARGEST_REST
        return shift if told else None


def _begins(side: int) -> list[int]:
    """Where windows begin along a side: evenly spread, and not one over the other."""
    number = min(max(side // SIDE, 1), WINDOWS_ALONG)
    return [int(start) for start in np.linspace(0, max(side - SIDE, 0), number)]


def _most_telling(pairs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Reference and sample of the windows in whose reference most goes up and down."""
    reference = pairs[:, 0]
    structure = sum(np.square(np.diff(reference, axis=axis)).mean(axis=(1, 2)) for axis in (1, 2))
    order = np.argsort(-structure, kind="stable")[:MOST_COMPARED]
    chosen = pairs[order[structure[order] >= LEAST_STRUCTURE * structure[order[0]]]]
    return chosen[:, 0], chosen[:, 1]


def _shares_left(reference: np.ndarray, sample: np.ndarray) -> np.ndarray:
    """
    What each shift leaves of the variance of the difference, in each window, if it is taken back.

    Of shape (windows, 17, 17), from 8 pixels up and to the left; 1 where a window tells nothing.
    """
    core = reference[:, REACH:-REACH, REACH:-REACH]
    height, width = core.shape[1:]
    middle = core.mean(axis=(1, 2), keepdims=True)
    core, sample = core - middle, sample - middle
    shape = sample.shape[1:]
    products = np.fft.irfft2(np.fft.rfft2(sample) * np.fft.rfft2(core, shape).conj(), shape)
    products = products[:, : 2 * REACH + 1, : 2 * REACH + 1]
    squares = _sums_of_boxes(sample**2, height, width) + np.square(core).sum(
        axis=(1, 2), keepdims=True
    )
    means = _sums_of_boxes(sample, height, width) / (height * width)
    variance = (squares - 2 * products) / (height * width) - means**2
    now = variance[:, REACH, REACH][:, None, None]
    shares = np.divide(variance, now, where=now > LEAST_DIFFERENCE, out=np.ones_like(variance))
    return np.asarray(shares)


def _sums_of_boxes(values: np.ndarray, height: int, width: int) -> np.ndarray:
    """The sums over all boxes of a size, by the corners of cumulated sums."""
    sums = np.pad(values.cumsum(axis=1).cumsum(axis=2), ((0, 0), (1, 0), (1, 0)))
    lines = sums[:, height:] - sums[:, :-height]
    return np.asarray(lines[..., width:] - lines[..., :-width])
