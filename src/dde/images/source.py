"""An image that can be read some rows at a time, whatever it comes from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import index
from typing import Any, NoReturn

import numpy as np

from dde.spaces.space import Space
from dde.wording import named

SRGB, XYZ, LAB = map(Space.named, ("sRGB", "XYZ", "Lab"))

RGB_TYPES = ("uint8", "uint16", "float32", "float64")
FLOAT_TYPES = ("float32", "float64")
ORDERS = ("RGB", "BGR")  # of the channels

Rows = Callable[[int, int], np.ndarray]  # from start to stop, as of a slice


@dataclass(frozen=True)
class Source:
    """
    An image that can be read some rows at a time; `dde.open_image` makes it.

    A file stays open until nothing refers to its source any more. Several threads may read from
    one source at once. It is not to be changed; `dataclasses.replace` makes another.

    Attributes
    ----------
    shape : tuple of int
        Height and width, in pixels, as the image is seen: upright.
    space : Space
        What its colours are. XYZ and Lab of D65 are taken to be relative to the white of the
        inspection.
    read : callable
        ``read(start, stop)`` gives rows ``start`` to ``stop - 1``, ``0 <= start < stop <= height``:
        shape (stop - start, width, 3), perhaps read-only. RGB is uint8, uint16, or float32 or
        float64 in [0, 1]; XYZ (Y = 1 for white), Lab and others are float32 or float64. Of a
        file it raises `ImageFileError` if it turns out to be damaged, or was changed since it was
        opened.
    read_mask : callable or None
        ``read_mask(start, stop)`` gives bool (stop - start, width): False where the image has no
        colour, since it is fully transparent or masked. None if it has neither alpha nor a mask.
        A partly transparent pixel is there, and `read` gives its colour on white.
    provenance : dict
        What a record of the image says: for a file its ``path``, ``sha256``, ``bytes`` and
        ``format``; for all ``width``, ``height``, ``type`` and what was done with the colours
        (``profile``, ``encoding``, ``orientation``, ``mask``).

    Raises
    ------
    ValueError
        By `read` and `read_mask`: if there are no such rows, or what is read has another shape.
    TypeError
        If it is pickled: what it reads, such as an open file, stays where it is.

    Examples
    --------
    >>> import dde
    >>> source = dde.open_image("examples/reference.jpg")
    >>> source.read(0, 10).shape, source.read_mask
    ((10, 600, 3), None)
    >>> source.provenance["format"], source.provenance["bytes"]
    ('JPEG', 136599)
    """

    shape: tuple[int, int]
    space: Space
    read: Rows
    read_mask: Rows | None
    provenance: dict[str, object]

    def __post_init__(self) -> None:
        put = super().__setattr__
        put("read", _checked(self.read, (*self.shape, 3)))
        if self.read_mask:
            put("read_mask", _checked(self.read_mask, self.shape))

    def __copy__(self) -> "Source":
        return self

    def __deepcopy__(self, memo: object) -> "Source":
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a Source cannot be pickled, since what it reads may be an open file; pickle the path "
            "or the array that it is of, and open that with dde.open_image"
        )


def _checked(read: Rows, shape: tuple[int, ...]) -> Rows:
    """`read`, which is asked for rows that there are, and gives them in the shape of the image."""

    def read_checked(start: int, stop: int) -> np.ndarray:
        start, stop = index(start), index(stop)
        if not 0 <= start < stop <= shape[0]:
            raise ValueError(
                f"rows {start} to {stop - 1} cannot be read: the image has rows 0 to "
                f"{shape[0] - 1}, and at least one is read"
            )
        rows = read(start, stop)
        if rows.shape != (stop - start, *shape[1:]):
            raise ValueError(
                f"rows {start} to {stop - 1} of an image of shape {shape} were read, and have the "
                f"shape {rows.shape}"
            )
        return rows

    return read_checked


def rows_of(array: Any, start: int, stop: int) -> np.ndarray:
    """
    Some rows of what slices like an array.

    Raises
    ------
    ValueError
        If they are not as its `shape` and `dtype` have it.
    """
    rows = np.asarray(array[start:stop])
    expected = (stop - start, *array.shape[1:])
    if rows.shape != expected or rows.dtype.newbyteorder("=") != array.dtype.newbyteorder("="):
        raise ValueError(
            f"rows {start} to {stop - 1} of an array of shape {tuple(array.shape)} and type "
            f"{array.dtype} are of shape {rows.shape} and type {rows.dtype}"
        )
    return rows


@dataclass(frozen=True)
class Samples:
    """What an image holds, before anything is made of it; the last channel may be alpha."""

    shape: tuple[int, int, int]  # height, width, channels
    type: np.dtype[Any]
    alpha: bool
    read: Rows  # (rows, width, channels)


def samples_of(image: Any, space: Space) -> Samples:
    """The samples of an array, unless its type or shape is one that `space` does not have."""
    dtype, shape = image.dtype, tuple(image.shape)
    accepted = RGB_TYPES if space.coded else FLOAT_TYPES
    if dtype.name not in accepted:
        raise TypeError(f"must hold {space.name} as {', '.join(accepted)}; not {dtype}")
    height, width, channels = (*shape, 1) if len(shape) == 2 else (*shape, 0, 0, 0)[:3]
    if len(shape) > 3 or 0 in shape or channels not in ((1, 2, 3, 4) if space.coded else (3,)):
        more = "; (H, W) for grey, (H, W, 2) and (H, W, 4) with alpha" if space.coded else ""
        raise ValueError(
            f"must be an image of at least 1 pixel, of shape (H, W, 3){more}; not {shape}"
        )

    alpha = channels in (2, 4)

    def read(start: int, stop: int) -> np.ndarray:
        rows = rows_of(image, start, stop).reshape(stop - start, width, channels)
        return rows.astype(dtype.newbyteorder("="), copy=False)

    chunks = getattr(image, "chunks", None)
    if chunks:
        rows = chunks[0] if isinstance(chunks[0], int) else max(chunks[0])  # of zarr, and of dask
        return Samples((height, width, channels), dtype, alpha, by_bands(read, rows, height))
    return Samples((height, width, channels), dtype, alpha, read)


def by_bands(read: Rows, rows: int, height: int) -> Rows:
    """
    Any rows, from a `read` that is asked for whole bands of so many rows only.

    The last band is kept: who reads on in whatever steps, has each tile decoded once.

    Examples
    --------
    >>> read = by_bands(lambda start, stop: np.arange(start, stop), 4, 10)
    >>> read(3, 9).tolist(), read(9, 10).tolist()
    ([3, 4, 5, 6, 7, 8], [9])
    """

    @lru_cache(maxsize=1)
    def band(number: int) -> np.ndarray:
        return read(number * rows, min((number + 1) * rows, height))

    def read_any(start: int, stop: int) -> np.ndarray:
        parts = [
            band(number)[max(start - number * rows, 0) : stop - number * rows]
            for number in range(start // rows, -(-stop // rows))
        ]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    return read_any


def source_of(
    samples: Samples,
    space: Space,
    provenance: Mapping[str, object],
    convert: Callable[[np.ndarray], np.ndarray] | None = None,
    white: np.ndarray | None = None,
) -> Source:
    """
    The source of what an image holds.

    `convert` makes colours of `space` from the samples without alpha; `white` is the white of XYZ,
    on which partly transparent pixels are laid.
    """
    height, width, _ = samples.shape

    def read(start: int, stop: int) -> np.ndarray:
        rows = samples.read(start, stop)
        colours = rows[..., :-1] if samples.alpha else rows
        colours = convert(colours) if convert else colours
        if samples.alpha:
            colours = on_white(colours, rows[..., -1:], white)
        return np.broadcast_to(colours, (stop - start, width, 3))

    def read_mask(start: int, stop: int) -> np.ndarray:
        return samples.read(start, stop)[..., -1] > 0

    described = {"width": width, "height": height, "type": samples.type.name, "space": space.name}
    return Source(
        shape=(height, width),
        space=space,
        read=read,
        read_mask=read_mask if samples.alpha else None,
        provenance={**provenance, **described},
    )


def on_white(colours: np.ndarray, alpha: np.ndarray, white: np.ndarray | None = None) -> np.ndarray:
    """
    Colours with alpha (its last axis 1), as they look on white: of sRGB, or on one that is given.

    Examples
    --------
    >>> on_white(np.uint8([[[0, 100, 255]]]), np.uint8([[[51]]])).tolist()
    [[[204, 224, 255]]]
    """
    opaque = 1 if alpha.dtype.kind == "f" else np.iinfo(alpha.dtype).max
    if colours.dtype.kind == "f":
        share = np.divide(alpha, opaque, dtype=colours.dtype)
        light = colours.dtype.type(1) if white is None else white.astype(colours.dtype)
        return np.asarray(colours * share + light * (1 - share))
    share = alpha.astype(np.uint32)
    mixed = colours * share + opaque * (opaque - share)
    return np.asarray((mixed + opaque // 2) // opaque).astype(colours.dtype)


def in_order(sources: tuple[Source, Source], order: str) -> tuple[Source, Source]:
    """
    The sources, the channels of sRGB arrays being in this order.

    Raises
    ------
    ValueError
        If the order is unknown; if it is not RGB, and neither of them is an array of sRGB.
    """
    if named(order, ORDERS, "order") == "RGB":
        return sources
    first, second = (_reversed(source) if _has_an_order(source) else source for source in sources)
    if first is sources[0] and second is sources[1]:
        raise ValueError("order says how arrays of sRGB are read; neither of the images is one")
    return first, second


def _has_an_order(source: Source) -> bool:
    return source.space.coded and source.provenance.get("format") == "array"


def _reversed(source: Source) -> Source:
    return replace(
        source,
        read=lambda start, stop: source.read(start, stop)[..., ::-1],
        provenance={**source.provenance, "order": "BGR"},
    )
