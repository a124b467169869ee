"""
Print how much lines of constant hue bend in the embedding of a model, and in CIELAB.

    python docs/hues.py ebner_fairchild.json deep.safetensors ...

The data are those of F. Ebner and M. D. Fairchild, "Finding constant hue surfaces in color space"
(1998): a JSON object with ``white point`` and ``data``, a list of objects that have ``reference
xyz`` and ``same``, the XYZ of colours that people found to be of its hue. A bend is the root mean
square of the angles of the colours of a line from their mean direction, about the grey of the same
lightness, in the plane in which the embedding of all of them spreads most.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import dde
import numpy as np

Embedding = Callable[[np.ndarray], np.ndarray]


def read_lines(file: Path) -> list[np.ndarray]:
    """Lab of each line, shape (N, 3)."""
    content = json.loads(file.read_text())
    white = np.array(content["white point"], dtype=float)
    lines = (np.array([*line["same"], line["reference xyz"]], float) for line in content["data"])
    return [np.asarray(dde.xyz_to_lab(xyz, white)) for xyz in lines]


def bend(embed: Embedding, lines: list[np.ndarray]) -> float:
    """In degrees."""
    apart = [embed(lab) - embed(lab * [1, 0, 0]) for lab in lines]
    plane = np.linalg.svd(np.concatenate(apart), full_matrices=False)[2][:2]
    turned = []
    for line in apart:
        across, up = plane @ line.T
        direction = np.exp(1j * np.arctan2(up, across))
        turned.append(np.angle(direction / direction.mean()))
    return float(np.degrees(np.sqrt(np.mean(np.concatenate(turned) ** 2))))


def main(file: str, *models: str) -> None:
    lines = read_lines(Path(file))
    embeddings: dict[str, Embedding] = {"CIELAB": lambda lab: lab}
    for model in models:
        embeddings[model] = dde.load_model(model).embed
    for name, embed in embeddings.items():
        print(f"| {name} | {bend(embed, lines):.1f}° |")


main(*sys.argv[1:])
