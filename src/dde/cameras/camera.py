"""What makes colours of a camera's numbers, as a space and as a file."""

import json
import os
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dde.errors import CameraFileError
from dde.reading import path_of, read_whole
from dde.spaces.space import Space, Step
from dde.writing import replacing

KERNELS = {
    ("linear", 1): "linear",
    ("root-polynomial", 1): "linear",
    **{("root-polynomial", degree): f"root_polynomial_{degree}" for degree in (2, 3, 4)},
}
TERMS = {"linear": 3, "root_polynomial_2": 6, "root_polynomial_3": 13, "root_polynomial_4": 22}
FORMAT = "dde camera, version 1"
LARGE_MEAN = 3.0  # of patches left out: well fitted cameras have half of it


@dataclass(frozen=True)
class Camera(Space):
    """
    A fitted camera: a `Space`, from its linear RGB to XYZ. There is no way back.

    `fit_camera` makes one; wherever dde takes a space, it takes a camera.

    Attributes
    ----------
    record : dict
        How it was fitted: model, degree, metric; of the patches the targets, what was found, and
        what linear sRGB would have been, in CIELAB under the white, with the differences; those on
        patches left out; the patches that were not used and why; version and time.
    """

    record: dict[str, Any] = field(default_factory=dict, compare=False)

    @classmethod
    def of(
        cls,
        name: str,
        kernel: str,
        coefficients: np.ndarray,
        white: np.ndarray,
        record: dict[str, Any],
    ) -> "Camera":
        """The camera of these coefficients, 3 rows, one of X, Y and Z."""
        xyz = Space.xyz(white)
        step = Step(kernel, tuple(np.ravel(coefficients).tolist()))
        return cls(name, xyz.white, xyz, to_base=(step,), from_base=None, coded=True, record=record)

    @property
    def coefficients(self) -> np.ndarray:
        """From the terms of the model to XYZ, shape (3, terms)."""
        return np.reshape(self.to_base[0].parameters, (3, -1))

    @property
    def warnings(self) -> tuple[str, ...]:
        """A sentence for each patch that was not used, and for what is likely to be a mistake."""
        doubts = self.record.get("not_used", {})
        sentences = [f"{name} is not used: {why}" for name, why in doubts.items()]
        left_out = self.record.get("left_out_mean", 0.0)
        if left_out > LARGE_MEAN:
            sentences.append(
                f"patches that the fit has not seen are off by {left_out:.1f} on average: check "
                "chart, reference, corners and light"
            )
        return tuple(sentences)

    def save(self, path: str | os.PathLike[str]) -> None:
        """
        Write it to one file, JSON, with how it was fitted.

        Raises
        ------
        OSError
            If the file cannot be written; one that was there is kept then.
        """
        with replacing(path) as file:
            file.write(json.dumps(self.to_dict(), indent=1, ensure_ascii=False).encode())

    def to_dict(self) -> dict[str, Any]:
        """All that the file says."""
        return {
            "format": FORMAT,
            "name": self.name,
            "kernel": self.to_base[0].kernel,
            "white": list(self.white),
            "coefficients": self.coefficients.tolist(),
            "record": self.record,
        }

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Camera":
        """
        Read one that `save` has written.

        Raises
        ------
        OSError
            If the file cannot be read, or is no regular file.
        CameraFileError
            If it is no such file, or damaged.
        """
        path = path_of(path, "path")
        try:
            return _camera_of(json.loads(read_whole(path)))
        except (
            ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError
        ) as error:  # fmt: skip
            said = str(error) if type(error) is ValueError else "it is damaged"
            raise CameraFileError(f"{os.fspath(path)} is no camera of dde: {said}") from None


def _camera_of(document: dict[str, Any]) -> Camera:
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError(f'it does not say "format": "{FORMAT}"')
    kernel = document["kernel"]
    if kernel not in TERMS:
        raise ValueError(f"its kernel is none of {', '.join(TERMS)}")
    coefficients = np.array(document["coefficients"], dtype=np.float64)
    white = np.array(document["white"], dtype=np.float64)
    if coefficients.shape != (3, TERMS[kernel]) or not np.isfinite(coefficients).all():
        raise ValueError(f"its coefficients must be 3 rows of {TERMS[kernel]} numbers")
    if not isinstance(document["name"], str) or not isinstance(document["record"], dict):
        raise ValueError("its name must be a text, and its record a table")
    if not isinstance(document["record"].get("not_used", {}), dict):
        raise ValueError("its record's not_used must be a table")
    return Camera.of(document["name"], kernel, coefficients, white, document["record"])
