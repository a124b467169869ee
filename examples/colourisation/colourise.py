"""
Train the network on photographs, colour grey ones, and say how near that comes.

    python colourise.py OUT                           # small, on a CPU, free photographs
    python colourise.py OUT --config full --photographs DIR --test DIR     # for CUDA
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
import skimage.data
import torch
from network import Colouriser, loss
from PIL import Image
from torch.nn import functional

import dde
from dde.colourisation import (
    ab_bins,
    annealed_mean,
    colourisation_auc,
    nearest_bin,
    rebalancing_weights,
    soft_encode,
)

SCIKIT_IMAGE = Path(skimage.data.__file__).parent
FREE = [
    *(SCIKIT_IMAGE / name for name in ("astronaut.png", "rocket.jpg", "motorcycle_left.png")),
    *(SCIKIT_IMAGE / name for name in ("hubble_deep_field.jpg", "ihc.png", "retina.jpg")),
    Path(mpl.get_data_path()) / "sample_data" / "grace_hopper.jpg",
]
HELD_OUT = [SCIKIT_IMAGE / "chelsea.png", SCIKIT_IMAGE / "coffee.png"]
BINS = ab_bins()


@dataclass(frozen=True)
class Config:
    """Sizes and the recipe: the optimiser as in the paper; batches, steps and sides are our own."""

    width: int = 64  # the first block's channels
    shorter: int = 256  # side of a photograph
    side: int = 176  # of what is cut out of it
    batch: int = 40
    steps: int = 200_000
    learning_rate: float = 3e-5
    weight_decay: float = 1e-3


CONFIGS = {
    "full": Config(),
    "small": Config(width=8, shorter=128, side=64, batch=8, steps=400, learning_rate=2e-3),
}


def read(path: Path, shorter: int) -> np.ndarray:
    """A photograph as CIELAB, its sides multiples of 8."""
    image = Image.open(path).convert("RGB")
    scale = shorter / min(image.size)
    width, height = (8 * max(1, round(side * scale / 8)) for side in image.size)
    resized = np.asarray(image.resize((width, height), Image.Resampling.LANCZOS))
    return np.asarray(dde.srgb_to_lab(resized), dtype=np.float32)


def cut(lab: np.ndarray, side: int, random: np.random.Generator) -> np.ndarray:
    """A square somewhere in a photograph, perhaps mirrored."""
    top, left = (random.integers(0, length - side + 1) for length in lab.shape[:2])
    square = lab[top : top + side, left : left + side]
    return square[:, ::-1] if random.random() < 0.5 else square


def train(photographs: list[np.ndarray], config: Config, device: torch.device) -> Colouriser:
    """Fit the network; the weights of the bins are those of the photographs."""
    random = np.random.default_rng(0)
    torch.manual_seed(0)
    model = Colouriser(config.width, len(BINS)).to(device).train()
    weights = torch.tensor(rebalancing_weights(counts(photographs), BINS)).float().to(device)
    optimiser = torch.optim.Adam(
        model.parameters(),
        config.learning_rate,
        betas=(0.9, 0.99),
        weight_decay=config.weight_decay,
    )
    for step in range(config.steps):
        chosen = random.integers(0, len(photographs), config.batch)
        squares = np.stack([cut(photographs[place], config.side, random) for place in chosen])
        lab = torch.from_numpy(np.moveaxis(squares, 3, 1).copy())
        ab = functional.avg_pool2d(lab[:, 1:], 4).movedim(1, 3).numpy()
        encoded = torch.from_numpy(soft_encode(ab, BINS)).movedim(3, 1).to(device)
        value = loss(model(lab[:, :1].to(device)), encoded, weights)
        optimiser.zero_grad()
        torch.autograd.backward(value)
        optimiser.step()
        if (step + 1) % max(1, config.steps // 10) == 0:
            print(f"step {step + 1} of {config.steps}: loss {value.item():.3f}", flush=True)
    return model.eval()


def counts(photographs: list[np.ndarray]) -> np.ndarray:
    """How many pixels of each bin there are."""
    places = [nearest_bin(lab[..., 1:], BINS).ravel() for lab in photographs]
    return np.bincount(np.concatenate(places), minlength=len(BINS))


@torch.inference_mode()
def colour(model: Colouriser, lab: np.ndarray) -> np.ndarray:
    """CIELAB from L* alone: the annealed mean of what the network says, made larger."""
    device = next(model.parameters()).device
    lightness = torch.from_numpy(np.ascontiguousarray(lab[None, None, ..., 0])).to(device)
    probabilities = torch.softmax(model(lightness), dim=1)[0].movedim(0, 2).cpu().numpy()
    ab = torch.from_numpy(annealed_mean(probabilities, BINS)).movedim(2, 0)[None]
    large = functional.interpolate(ab, lab.shape[:2], mode="bilinear")[0].movedim(0, 2).numpy()
    return np.concatenate([lab[..., :1], large], axis=2).astype(np.float32)


def with_ab(lab: np.ndarray, ab: np.ndarray) -> np.ndarray:
    """The lightness of a photograph, with one colour all over."""
    flat = np.broadcast_to(ab.astype(np.float32), (*lab.shape[:2], 2))
    return np.concatenate([lab[..., :1], flat], axis=2)


def report(answers: dict[str, list[np.ndarray]], truth: list[np.ndarray]) -> str:
    """The area under the curve of errors in a*b*, plain and rebalanced, as a table."""
    weights = rebalancing_weights(counts(truth), BINS)
    true = np.concatenate([lab.reshape(-1, 3) for lab in truth])
    each = weights[nearest_bin(true[:, 1:], BINS)]
    lines = ["| | AuC | AuC, rebalanced |", "|---|---|---|"]
    for name, guesses in answers.items():
        guessed = np.concatenate([lab.reshape(-1, 3) for lab in guesses])
        plain = colourisation_auc(true, guessed)
        rebalanced = colourisation_auc(true, guessed, weights=each)
        lines.append(f"| {name} | {plain:.3f} | {rebalanced:.3f} |")
    return "\n".join(lines)


def pictures(folder: Path | None, else_these: list[Path]) -> list[Path]:
    """The files of a folder, in the order of their names."""
    return sorted(folder.iterdir()) if folder else else_these


def save(path: Path, *labs: np.ndarray) -> None:
    """Write pictures side by side."""
    rgb = [np.clip(dde.convert(lab, "Lab", "sRGB"), 0, 1) for lab in labs]
    Image.fromarray(np.uint8(np.rint(np.concatenate(rgb, axis=1) * 255))).save(path)


def main() -> None:
    """Train, colour and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--config", choices=CONFIGS, default="small")
    parser.add_argument("--photographs", type=Path, help="a folder to train on")
    parser.add_argument("--test", type=Path, help="a folder to colour")
    parser.add_argument("--steps", type=int, help="instead of the configuration's")
    given = parser.parse_args()
    config = CONFIGS[given.config]
    config = Config(**{**vars(config), "steps": given.steps or config.steps})
    paths = pictures(given.photographs, FREE)
    photographs = [read(path, config.shorter) for path in paths]
    truth = [read(path, config.shorter) for path in pictures(given.test, HELD_OUT)]
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = train(photographs, config, device)
    mean = np.concatenate([lab[..., 1:].reshape(-1, 2) for lab in photographs]).mean(axis=0)
    answers = {
        "the network": [colour(model, lab) for lab in truth],
        "grey": [with_ab(lab, np.zeros(2)) for lab in truth],
        "the mean colour": [with_ab(lab, mean) for lab in truth],
    }
    given.out.mkdir(parents=True, exist_ok=True)
    for place, lab in enumerate(truth):
        grey, guess = answers["grey"][place], answers["the network"][place]
        save(given.out / f"{place:03}.png", grey, guess, lab)
    print(report(answers, truth))


if __name__ == "__main__":
    main()
