"""The subcommands of ``dde``: their options, their help, what they print and how they fail."""

import io
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np

import dde
from dde.command.reading import ImageFileError, read_image
from dde.command.summary import Summary, summarise
from dde.metrics import NAMES, Metric, find_metric


class NamedMetric(NamedTuple):
    """A metric, and what the summary and the map call it."""

    name: str
    function: Metric


def run(arguments: Sequence[str]) -> int:
    """Carries out a command line and returns the exit status; every failure becomes a sentence."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # for the names of files
    try:
        with commands.make_context("dde", list(arguments) or ["--help"]) as context:
            commands.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as finished:
        return finished.exit_code
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        _discard_output()
        return 0
    except KeyboardInterrupt:
        return 130
    except click.ClickException as error:
        problem = error.format_message()
    except MemoryError:
        problem = "the images need more memory than there is."
    except OSError as error:
        _discard_output()
        problem = f"standard output cannot be written ({error.strerror})."
    else:
        return 0
    print("dde:", " ".join(problem.splitlines()), file=sys.stderr)
    return 2


def _discard_output() -> None:
    """Lets Python write to nowhere what it still holds for a standard output that is gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group()
@click.version_option(dde.__version__, message="dde %(version)s")
def commands() -> None:
    """Measures how different two images look, as colour differences (Delta E)."""


@commands.command()
def info() -> None:
    """Prints the version, the instruction set in use and the number of threads."""
    dde.show_config()


def _metric(context: click.Context, parameter: click.Parameter, name: str) -> NamedMetric:
    """A metric by its name in any case, or a model by its file, with what to call it."""
    for known in NAMES:
        if known.lower() == name.lower():
            return NamedMetric(known, find_metric(known))
    if not os.path.exists(name):
        raise click.ClickException(
            f"--metric {name} is unknown; accepted are {', '.join(NAMES)}, or the file of a model."
        )
    try:
        return NamedMetric(Path(name).name, dde.load_model(name))
    except (ValueError, OSError) as error:
        raise click.ClickException(f"--metric {error}.") from None


@commands.command()
@click.argument("reference", type=click.Path(path_type=Path))
@click.argument("sample", type=click.Path(path_type=Path))
@click.option(
    "--metric",
    default="CIEDE2000",
    show_default=True,
    callback=_metric,
    help=f"One of {', '.join(NAMES)}, in any case; or the file of a model.",
)
@click.option(
    "--map",
    "map_path",
    metavar="PICTURE",
    type=click.Path(path_type=Path),
    help="Also draw the map of the differences: .png, .jpg, .tif or .webp.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as one JSON object.")
def compare(
    reference: Path, sample: Path, metric: NamedMetric, map_path: Path | None, as_json: bool
) -> None:
    """Compares SAMPLE with REFERENCE, pixel by pixel, and sums up how far their colours differ.

    \b
    Images are PNG, JPEG, TIFF, WebP or BMP files of one size, of up to 300
    megapixels each. How they are read:
      - Pixels are taken as sRGB. Embedded colour profiles are not applied.
      - 8 and 16 bits a channel are used in full (in 16 bits, 65535 is white);
        one image may have 8 and the other 16.
      - Grey stands for equal red, green and blue; a palette for its colours.
      - Transparent pixels are laid on white.
      - The EXIF orientation is applied.
      - CMYK, Lab and floating-point pixels, and files of several frames or
        pages, are refused.

    \b
    In the summary, x is the column and y the row of a pixel, from 0 at the top
    left. The keys of --json: reference, sample, metric, width, height, mean,
    median, percentile_95, percentile_99, maximum, maximum_x, maximum_y, and
    share_above_1, share_above_2, share_above_5 (from 0 to 1).

    \b
    The map is black where the images are equal. Its scale runs from 0 to the
    first of 2, 5, 10, 20, 50, ... that 99.9 % of the map keep to; what exceeds
    it is white. Of an image over 1500 pixels wide or high, a dot of the map
    shows the largest difference of a block of pixels.

    Exits with 0, however large the difference; with 2 and one sentence on standard error if
    anything is wrong, in which case nothing is printed or written.
    """
    if map_path:
        _check_map_path(map_path, reference, sample)
    differences = _differences(reference, sample, metric.function)
    summary = summarise(differences)
    if map_path:
        _write_map(differences, metric.name, summary, map_path)
    report = {"reference": str(reference), "sample": str(sample), "metric": metric.name}
    click.echo(_as_json(report, summary) if as_json else _as_text(report, summary))


def _check_map_path(map_path: Path, *images: Path) -> None:
    from dde.command.picture import FORMATS  # matplotlib takes long to import

    if map_path.suffix.lower() not in FORMATS:
        raise click.ClickException(f"--map {map_path} must end in one of {', '.join(FORMATS)}.")
    for image in images:
        if os.path.exists(map_path) and os.path.exists(image) and map_path.samefile(image):
            raise click.ClickException(
                f"--map {map_path} is one of the images compared; the map needs a file of its own."
            )


def _differences(reference: Path, sample: Path, metric: Metric) -> np.ndarray:
    first = _read("REFERENCE", reference)
    second = _read("SAMPLE", sample)
    if first.shape != second.shape:
        raise click.ClickException(
            f"REFERENCE {reference} is {_size(first)} pixels and SAMPLE {sample} is "
            f"{_size(second)}; they must be of one size."
        )
    return dde.delta_e_map(first, second, metric)


def _read(argument: str, path: Path) -> np.ndarray:
    try:
        with _standard_error_closed():
            return read_image(path)
    except ImageFileError as error:
        raise click.ClickException(f"{argument} {path} {error}.") from None


@contextmanager
def _standard_error_closed() -> Iterator[None]:
    """Of a damaged file, libtiff complains there in lines of its own, past Python."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _size(image: np.ndarray) -> str:
    height, width, _ = image.shape
    return f"{width} x {height}"


def _write_map(differences: np.ndarray, metric: str, summary: Summary, path: Path) -> None:
    from dde.command.picture import write_picture

    try:
        write_picture(differences, metric, summary, path)
    except OSError as error:
        raise click.ClickException(
            f"--map {path} cannot be written ({error.strerror}); it must be a file in a folder "
            "that exists and that you may write to."
        ) from None


def _as_json(report: dict[str, str], summary: Summary) -> str:
    return json.dumps(report | asdict(summary), indent=2)


def _as_text(report: dict[str, str], summary: Summary) -> str:
    def share(threshold: int, value: float) -> str:
        pixels = round(value * summary.width * summary.height)
        return f"{f'above {threshold}':16}{100 * value:8.2f} %   {pixels} pixels"

    return "\n".join(
        [
            *(f"{name:16}  {value}" for name, value in report.items()),
            f"{'size':16}  {summary.width} x {summary.height} pixels",
            "",
            f"{'mean':16}{summary.mean:8.2f}",
            f"{'median':16}{summary.median:8.2f}",
            f"{'95th percentile':16}{summary.percentile_95:8.2f}",
            f"{'99th percentile':16}{summary.percentile_99:8.2f}",
            f"{'maximum':16}{summary.maximum:8.2f}     at x {summary.maximum_x}, "
            f"y {summary.maximum_y}",
            "",
            share(1, summary.share_above_1),
            share(2, summary.share_above_2),
            share(5, summary.share_above_5),
        ]
    )
