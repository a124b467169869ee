"""Label images: of each pixel a whole number, which says what region it belongs to."""

import os
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from dde.errors import ImageFileError
from dde.extras import asking_for
from dde.images.complaints import complaining
from dde.images.kept_file import KeptFile, StoredArray
from dde.images.limits import refuse_large
from dde.reading import open_regular

ACCEPTED = ".npy, PNG, BMP, GIF, JPEG and TIFF files of a single channel are accepted"
MODES = ("1", "L", "P", "I", "I;16", "I;16B", "I;16L")  # of Pillow, of a single channel
TIFF_START = (b"II", b"MM")


def open_labels(path: str | os.PathLike[str]) -> Any:
    """
    A label image from a file.

    Parameters
    ----------
    path : str or path
        A ``.npy`` file, which stays on disk and is read by rows; or a PNG, BMP, GIF, JPEG or TIFF
        file of a single channel, whose numbers are taken as they are: of a palette its indices.

    Returns
    -------
    array
        What has `dtype` and `shape`, and of which rows can be sliced.

    Raises
    ------
    ImageFileError
        If it cannot be read as one: also while rows of it are sliced, if the file was changed.
    MissingPackageError
        If it is an image file, and the packages of the extra ``cli`` are not installed.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "labels.npy"
    ...     np.save(path, np.eye(3, dtype=np.uint8))
    ...     labels = open_labels(path)
    >>> labels.shape, labels[1:2].tolist()
    ((3, 3), [[0, 1, 0]])
    """
    path = Path(path)
    subject = f"the label image {path}"
    with complaining(subject, ACCEPTED), open_regular(path) as file:
        return _StoredLabels(file, subject) if path.suffix == ".npy" else _picture(file)


class _StoredLabels(StoredArray):
    """Labels that stay on disk; what goes wrong when they are read, names their file."""

    def __init__(self, file: BinaryIO, subject: str) -> None:
        super().__init__(file)
        self._subject = subject

    def __getitem__(self, key: Any) -> np.ndarray:
        with complaining(self._subject, ACCEPTED):
            return super().__getitem__(key)


def _picture(file: BinaryIO) -> np.ndarray:
    start = file.read(4)
    file.seek(0)
    return _tiff(file) if start.startswith(TIFF_START) else _other(file)


def _tiff(file: BinaryIO) -> np.ndarray:
    with asking_for("images", "a TIFF file"):
        from tifffile import TiffFile

    from dde.images.tiff import single_page
    from dde.images.tiff_directories import refuse_hostile
    from dde.images.tiff_rows import stored_samples

    kept = KeptFile(file)
    refuse_hostile(file)
    with TiffFile(file, name="labels") as tiff:
        page = single_page(tiff)
        if 0 in page.shaped or page.samplesperpixel != 1 or page.dtype is None:
            raise ImageFileError("is not an image of a single channel")
        samples = stored_samples(page, kept)
        height, width, _ = samples.shape
        refuse_large(width, height, size=samples.type.itemsize)
        return samples.read(0, height)[..., 0]


def _other(file: BinaryIO) -> np.ndarray:
    with asking_for("cli", "an image file"):
        from dde.images.pillow import open_label_picture

    with open_label_picture(file, ACCEPTED) as image:
        refuse_large(*image.size)
        if image.mode not in MODES:
            raise ImageFileError(f"holds {image.mode} pixels; a single channel is accepted")
        return np.asarray(image)
