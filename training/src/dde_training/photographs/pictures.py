"""Photographs as arrays and tensors, and the parts of them that a network sees."""

from dataclasses import dataclass
from pathlib import Path

import dde
import numpy as np
import torch
from PIL import Image
from torch import Generator, Tensor

from dde_training.errors import DataError

BILINEAR = Image.Resampling.BILINEAR


def read_picture(path: Path) -> np.ndarray:
    """
    A photograph as a screen shows it.

    Parameters
    ----------
    path : pathlib.Path
        Of a file that `dde.open_image` reads. What is not sRGB is converted, and clipped to it.

    Returns
    -------
    numpy.ndarray
        Shape (H, W, 3), uint8.

    Raises
    ------
    DataError
        If there is no such file, or it cannot be read.
    """
    if not path.is_file():
        raise DataError(f"{path}: there is no such picture")
    try:
        source = dde.open_image(path)
        colours = source.read(0, source.shape[0])
    except (dde.ImageFileError, ValueError, TypeError) as error:
        raise DataError(f"{path}: no picture that can be read: {error}") from error
    if source.space.name == "sRGB" and colours.dtype == np.uint8:
        return np.ascontiguousarray(colours)
    rgb = dde.convert(_unit(colours), source.space, "sRGB")
    return np.asarray(np.rint(np.clip(rgb, 0, 1) * 255), np.uint8)


def _unit(colours: np.ndarray) -> np.ndarray:
    """Integers as floats in [0, 1]; floats as they are."""
    if np.issubdtype(colours.dtype, np.integer):
        return np.asarray(colours / np.float32(np.iinfo(colours.dtype).max), np.float32)
    return np.asarray(colours)


def as_tensor(picture: np.ndarray) -> Tensor:
    """uint8 (H, W, 3) as float32 (3, H, W) in [0, 1]."""
    return torch.from_numpy(np.moveaxis(picture, 2, 0).astype(np.float32) / 255)


@dataclass(frozen=True)
class Augmentation:
    """What a fit sees of a picture; see `dde_training.photographs.networks.base.Recipe`."""

    resize: int
    rotation: float
    crop: int
    side: int

    def draw(self, count: int, generator: Generator) -> Tensor:
        """Angles in degrees and the places of the crops as shares, shape (count, 3)."""
        drawn = torch.rand((count, 3), generator=generator)
        drawn[:, 0] = (2 * drawn[:, 0] - 1) * self.rotation
        return drawn

    def __call__(self, picture: np.ndarray, drawn: Tensor) -> Tensor:
        """
        One view of a picture.

        Parameters
        ----------
        picture : numpy.ndarray
            Shape (H, W, 3), uint8.
        drawn : Tensor
            Shape (3,), from `draw`.

        Returns
        -------
        Tensor
            Shape (3, side, side).
        """
        angle, *places = drawn.tolist()
        image = _resized(Image.fromarray(picture), self.resize)
        if angle:
            image = image.rotate(angle, BILINEAR)
        left, top = (
            int(place * (length - self.crop + 1))
            for place, length in zip(places, image.size, strict=True)
        )
        image = image.crop((left, top, left + self.crop, top + self.crop))
        return as_tensor(np.asarray(image.resize((self.side, self.side), BILINEAR)))


def _resized(image: Image.Image, shorter: int) -> Image.Image:
    """The image with this shorter side."""
    scale = shorter / min(image.size)
    if scale == 1:
        return image
    width, height = (max(shorter, round(length * scale)) for length in image.size)
    return image.resize((width, height), BILINEAR)


def resized_whole(picture: np.ndarray, most: int) -> np.ndarray:
    """A picture (H, W, 3), smaller where its shorter side is longer than `most`."""
    if min(picture.shape[:2]) <= most:
        return picture
    return np.asarray(_resized(Image.fromarray(picture), most))


def resized_and_cut(picture: np.ndarray, side: int) -> np.ndarray:
    """The square in the middle of a picture (H, W, 3) that was resized to this shorter side."""
    resized = np.asarray(_resized(Image.fromarray(picture), side))
    top, left = ((length - side) // 2 for length in resized.shape[:2])
    return resized[top : top + side, left : left + side]
