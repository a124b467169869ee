"""``dde calibrate``: a photograph of a chart in; a camera and a page about it out."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np

import dde
from dde.cameras.camera import Camera
from dde.cameras.chart import MOST_PATCHES, named_chart
from dde.cameras.fitting import CHARTS, DEGREE, MODELS
from dde.command.failures import (
    NAME,
    OUTPUT_FILE,
    PATH,
    one_of,
    reading,
    refuse_overwriting,
    writing,
)
from dde.command.streams import in_lines
from dde.metrics.table import OF_COLOURS
from dde.report import need_pages
from dde.spaces.whites import WHITES
from dde.tables.reading import read_table
from dde.wording import must_be_one_of
from dde.writing import replacing

FOUND = 4, 6  # rows and columns of the chart that is looked for


def _corners(context: click.Context, parameter: click.Parameter, text: str | None) -> Any:
    if text is None:
        return None
    try:
        numbers = np.array(text.replace(",", " ").split(), dtype=np.float64).reshape(4, 2)
        if np.isfinite(numbers).all():
            return numbers
    except ValueError:
        pass
    raise click.ClickException(
        f"--corners must be four pairs x,y, such as 10,20 400,25 395,280 12,270; not {text!r}."
    )


def _layout(context: click.Context, parameter: click.Parameter, text: str) -> tuple[int, int]:
    found = re.fullmatch(r"([0-9]{1,5})x([0-9]{1,5})", text.lower())
    layout = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 0 < layout[0] * layout[1] <= MOST_PATCHES:
        raise click.ClickException(
            f"--layout must be rows x columns, such as 4x6, of at most {MOST_PATCHES} patches; "
            f"not {text!r}."
        )
    return layout


@click.command()
@click.argument("chart", type=PATH)
@click.option(
    "--chart",
    "reference",
    metavar="REFERENCE",
    required=True,
    type=NAME,
    help=f"What its patches are: {', '.join(CHARTS)}, or a CGATS or CxF3 file.",
)
@click.option(
    "--output",
    metavar="FILE.json",
    required=True,
    type=OUTPUT_FILE,
    help="Where to write the camera.",
)
@click.option(
    "--corners",
    metavar="X,Y X,Y X,Y X,Y",
    callback=_corners,
    help="Of the field of patches, in pixels: that at the first patch, along the first row, and so "
    "on around. Without them OpenCV looks for a chart of 4 by 6 patches.",
)
@click.option(
    "--layout",
    metavar="ROWSxCOLUMNS",
    default="4x6",
    show_default=True,
    callback=_layout,
    help="How many patches the chart has.",
)
@click.option("--model", type=click.Choice(MODELS), default=MODELS[-1], show_default=True)
@click.option(
    "--degree",
    type=click.IntRange(1, 4),
    help=f"Of the root-polynomial; by default {DEGREE}.",
)
@click.option(
    "--metric",
    metavar="NAME",
    default="CIEDE2000",
    show_default=True,
    callback=one_of(OF_COLOURS),
    help=f"What is made small: one of {', '.join(OF_COLOURS)}, in any case.",
)
@click.option(
    "--white",
    metavar="NAME",
    default="D50",
    show_default=True,
    callback=one_of(WHITES),
    help="The white of the reference's CIELAB.",
)
@click.option(
    "--flat",
    metavar="IMAGE",
    type=PATH,
    help="A photograph of an evenly white surface in the same light, by which CHART is made even.",
)
@click.option(
    "--dark",
    metavar="IMAGE",
    type=PATH,
    help="One with the lens covered, which is taken off first.",
)
@click.option(
    "--report",
    metavar="FILE.html",
    type=OUTPUT_FILE,
    help="Also write a page: the patches beside their targets, before and after.",
)
def calibrate(
    chart: Path,
    reference: str,
    output: Path,
    corners: np.ndarray | None,
    layout: tuple[int, int],
    model: str,
    degree: int | None,
    metric: str,
    white: str,
    flat: Path | None,
    dark: Path | None,
    report: Path | None,
) -> int:
    """Fits a camera to CHART, a photograph of a colour chart, for the least colour difference.

    CHART holds the camera's linear RGB, as a raw converter gives it without a profile: TIFF, PNG or
    .npy. The camera that is written makes colours of such frames: in job files under [camera], or
    as space=dde.Camera.load("FILE.json") in Python.

    Patches that are clipped, uneven or covered are named and left out. "Left out" in what is
    printed is how far each patch is off from a fit that has not seen it.

    Exits with 0; with 2 and one sentence on standard error if anything is wrong, such as a chart
    that lies upside down. A file is written whole or not at all.
    """
    outputs = [("--output", output), *([("--report", report)] if report else [])]
    for option, path, suffix in (("--output", output, ".json"), ("--report", report, ".html")):
        if path and path.suffix.lower() != suffix:
            raise click.ClickException(f"{option} {path} must end in {suffix}.")
    if model == "linear" and degree is not None:
        raise click.ClickException("--degree is of a root-polynomial; --model linear has none.")
    with reading():
        if report:
            need_pages()
        _check_layout(layout, corners, reference)
        table = [] if reference in CHARTS else [reference]
        read = [path for path in (chart, flat, dark) if path]
        refuse_overwriting(outputs, [*read, *table])
        image, provenance = _linear(chart, "CHART")
        if flat or dark:
            image = _even(image, flat, dark)
        if corners is None:
            corners = dde.find_chart(image)
        camera = dde.fit_camera(
            dde.read_chart(image, corners, layout),
            reference if table == [] else Path(reference),
            model=model,
            degree=degree,
            metric=metric,
            white=white,
            name=output.stem,
        )
        frames = {name: str(path) for name, path in (("flat", flat), ("dark", dark)) if path}
        said = {**provenance, "corners": corners.tolist(), "reference": reference, **frames}
        record = {**camera.record, "chart": said}
        camera = replace(camera, record=record)
    _write(camera, output, report)
    print(_summary(camera, output))
    return 0


def _check_layout(layout: tuple[int, int], corners: np.ndarray | None, reference: str) -> None:
    """Refuses one that is not that of the reference, or of the chart that is looked for."""
    written = f"--layout {layout[0]}x{layout[1]}"
    if corners is None and layout != FOUND:
        raise ValueError(
            f"{written} needs --corners; the chart that is looked for has 4 by 6 patches"
        )
    if reference in CHARTS:
        patches = len(named_chart(CHARTS[reference])[0])
    elif Path(reference).exists():
        patches = len(read_table(Path(reference), "--chart").names)
    else:
        accepted = (*CHARTS, "the path of a CGATS or CxF3 file")
        raise ValueError(f"--chart {must_be_one_of(reference, accepted)}")
    if patches != layout[0] * layout[1]:
        raise ValueError(
            f"{written} has {layout[0] * layout[1]} patches, and --chart {reference} {patches}"
        )


def _linear(path: Path, name: str) -> tuple[np.ndarray, dict[str, object]]:
    """The numbers of a photograph as they are, and what the record says of it."""
    source = dde.open_image(path, name=name, space="linear sRGB")
    if source.space != dde.Space.named("linear sRGB"):
        raise ValueError(
            f"{name} {path} says itself what its colours are; a photograph without a profile is "
            "accepted, with the camera's own linear RGB"
        )
    if source.read_mask is not None:
        raise ValueError(f"{name} {path} has transparent parts, which no photograph has")
    said = {key: source.provenance[key] for key in ("path", "sha256", "type", "width", "height")}
    return source.read(0, source.shape[0]), said


def _even(image: np.ndarray, flat: Path | None, dark: Path | None) -> np.ndarray:
    """The photograph without its dark one, in even light, as floats from 0 to 1."""
    light = _fractions(image)
    black = _like(light, dark, "--dark") if dark else np.zeros_like(light)
    return dde.flat_field(light, _like(light, flat, "--flat"), black) if flat else light - black


def _like(light: np.ndarray, path: Path, name: str) -> np.ndarray:
    other = _fractions(_linear(path, name)[0])
    if other.shape != light.shape:
        raise ValueError(f"{name} {path} must be of the size of CHART")
    return other


def _fractions(image: np.ndarray) -> np.ndarray:
    if image.dtype.kind == "f":
        return image
    return image.astype(np.float32) / np.float32(np.iinfo(image.dtype).max)


def _write(camera: Camera, output: Path, report: Path | None) -> None:
    with writing("--output", output):
        camera.save(output)
    if report:
        from dde.report.camera import camera_as_html  # takes long to import

        with writing("--report", report), replacing(report) as file:
            file.write(camera_as_html(camera).encode())


def _summary(camera: Camera, output: Path) -> str:
    """The table that is printed for people."""
    record = camera.record
    width = max(16, *(len(name) + 2 for name in record["patches"]))
    lines = [f"{'patch':{width}}{'before':>8}{'after':>8}"]
    for name, before, after in zip(
        record["patches"], record["differences_before"], record["differences"], strict=True
    ):
        lines.append(f"{name:{width}}{before:8.2f}{after:8.2f}")
    lines.append("")
    titles = {"mean": "mean", "maximum": "maximum", "left_out_mean": "left out, mean",
              "left_out_maximum": "left out, max"}  # fmt: skip
    lines += [f"{title:{width}}{'':8}{record[key]:8.2f}" for key, title in titles.items()]
    if camera.warnings:
        lines += ["", "warnings", *(f"  {sentence}" for sentence in camera.warnings)]
    return in_lines([*lines, "", f"{output}: fitted by {record['metric']}"])
