"""``dde compare``: two images, or two tables of patches, in; a summary and reports out."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

import dde
from dde.command.failures import OUTPUT_FILE, PATH, reading, refuse_overwriting, writing
from dde.command.judging import Judging, judging_options
from dde.command.summary import (
    images_as_dict,
    images_as_text,
    patches_as_dict,
    patches_as_text,
)
from dde.extras import asking_for
from dde.inspection import Inspection
from dde.report import WRITERS, check_suffix, write_report
from dde.tables.recognising import is_table
from dde.writing import in_unicode

if TYPE_CHECKING:
    from dde.patches import ComparedPatches


@click.command()
@click.argument("reference", type=PATH)
@click.argument("sample", type=PATH)
@judging_options
@click.option(
    "--map",
    "map_path",
    metavar="PICTURE",
    type=OUTPUT_FILE,
    help="Also draw the map of the differences: .png, .jpg, .tif or .webp.",
)
@click.option(
    "--report",
    "reports",
    metavar="FILE",
    multiple=True,
    type=OUTPUT_FILE,
    help=f"Also write a report: {', '.join(WRITERS)}. May be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as one JSON object.")
def compare(
    reference: Path,
    sample: Path,
    judging: Judging,
    map_path: Path | None,
    reports: tuple[Path, ...],
    as_json: bool,
) -> int:
    """Compares SAMPLE with REFERENCE, pixel by pixel, and sums up how far their colours differ.

    \b
    Images are PNG, JPEG, TIFF, WebP or BMP files of one size. How they are
    read:
      - Embedded colour profiles are honoured; without one, pixels are taken
        as sRGB. Lab TIFF files are taken as such; of what colours
        floating-point samples are, a job file says: space under [colour].
      - 8 and 16 bits a channel are used in full (in 16 bits, 65535 is white);
        one image may have 8 and the other 16.
      - Grey stands for equal red, green and blue; a palette for its colours.
      - Fully transparent pixels are not counted, others are laid on white.
      - The EXIF orientation is applied.

    SAMPLE may be - for standard input, and REFERENCE a file of `dde learn`.

    Two CGATS text files of patch values are compared patch by patch.

    \b
    In the summary, x is the column and y the row of a pixel, from 0 at the top
    left. Percentiles are known to 1/256; those of 256 and more are given as the
    maximum, in the summary as "at most". The keys of --json: reference, sample,
    metric, scale (what differences are told in), width, height, mean, median,
    percentile_95, percentile_99, maximum, maximum_x, maximum_y, share_above_1,
    share_above_2, share_above_5 (from 0 to 1; of FLIP, which is from 0 to 1
    itself, share_above_0.1, share_above_0.2, share_above_0.5), count,
    not_finite, standard_deviation, percentile_90, mean_delta_L, mean_delta_C,
    mean_delta_H, defect_count, passed, reasons, warnings and notes.

    \b
    The map is black where the images are equal. Its scale runs from 0 to the
    first of 2, 5, 10, 20, 50, ... (of FLIP, of 0.2, 0.5 and 1) that 99.9 % of
    the map keep to; what exceeds it is white, what is not counted is grey. Of
    an image over 1500 pixels wide or high, a dot of the map shows the largest
    difference of a block of pixels.

    \b
    Reports: .json and .xml hold all that was found and what an auditor asks
    for, .csv a line for each region, .html is one page with the picture.

    Exits with 0 if every rule is kept, or there is none; with 1 if a rule is broken; with 2 and
    one sentence on standard error if anything is wrong, in which case nothing is printed.
    """
    _check_suffixes(map_path, reports)
    with reading():
        asked = judging.job()
        outputs = [("--map", map_path)] if map_path else []
        outputs += [("--report", path) for path in reports]
        refuse_overwriting(outputs, (reference, 0 if str(sample) == "-" else sample, *asked.files))
        patches = None
        if is_table(reference) and is_table(sample):
            from dde.patches import compare_patches  # takes longer to import than images do

            patches = compare_patches(reference, sample, job=asked)
            inspection = patches.inspection
        else:
            inspection = dde.inspect(
                reference,
                _standard_input() if str(sample) == "-" else sample,
                job=asked,
                keep_pictures=bool(map_path or reports),
            )
    if map_path:
        _write_map(inspection, map_path)
    for path in reports:
        with writing("--report", path):
            write_report((patches or inspection).document(), path)
    print(_summary(inspection, patches, str(reference), str(sample), as_json))
    return 1 if inspection.passed is False else 0


def _standard_input() -> BinaryIO:
    if sys.stdin is None:
        raise click.ClickException("standard input is closed, and SAMPLE is -.")
    return sys.stdin.buffer


def _summary(
    inspection: Inspection,
    patches: "ComparedPatches | None",
    reference: str,
    sample: str,
    as_json: bool,
) -> str:
    name = inspection.record["metric"]["name"]
    given = {"reference": reference, "sample": sample, "metric": name}
    if as_json:
        found = patches_as_dict(patches, given) if patches else images_as_dict(inspection, given)
        return json.dumps(in_unicode(found), indent=2, allow_nan=False)
    return patches_as_text(patches, given) if patches else images_as_text(inspection, given)


def _check_suffixes(map_path: Path | None, reports: tuple[Path, ...]) -> None:
    if map_path:
        with asking_for("plots", "--map"):
            from dde.command.picture import FORMATS

        if map_path.suffix.lower() not in FORMATS:
            raise click.ClickException(f"--map {map_path} must end in one of {', '.join(FORMATS)}.")
    for path in reports:
        try:
            check_suffix(path)
        except ValueError as error:
            raise click.ClickException(f"--report {error}.") from None


def _write_map(inspection: Inspection, path: Path) -> None:
    from dde.command.picture import write_picture

    assert inspection.pictures
    with writing("--map", path):
        name = inspection.record["metric"]["name"]
        write_picture(inspection.pictures, name, inspection.overall, path, inspection.scale)
