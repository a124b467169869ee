"""``dde patches``: two tables of patches in; a table, a verdict and reports out."""

import json
from pathlib import Path

import click

from dde.command.failures import NAME, OUTPUT_FILE, PATH, reading, refuse_overwriting, writing
from dde.command.judging import Judging, patch_judging_options
from dde.command.summary import patches_as_dict, patches_as_text
from dde.patches import compare_patches, read_table
from dde.report import WRITERS, check_suffix, write_report
from dde.writing import in_unicode


@click.command()
@click.argument("reference", type=PATH)
@click.argument("sample", type=PATH)
@patch_judging_options
@click.option(
    "--reference-table",
    metavar="TABLE",
    type=NAME,
    help="Which table of REFERENCE: its number or title.",
)
@click.option("--sample-table", metavar="TABLE", type=NAME, help="Which table of SAMPLE.")
@click.option(
    "--illuminant",
    metavar="NAME",
    type=NAME,
    help="Make the colours of spectra, under this illuminant: D50, D65, A, FL11 and so on.",
)
@click.option(
    "--observer",
    metavar="DEGREES",
    type=int,
    help="Make the colours of spectra, for the observer of 2 or 10 degrees.",
)
@click.option(
    "--components", is_flag=True, help="Also print what each difference is made of, weighted."
)
@click.option(
    "--report",
    "reports",
    metavar="FILE",
    multiple=True,
    type=OUTPUT_FILE,
    help=f"Also write a report: {', '.join(WRITERS)}. May be repeated.",
)
@click.option("--json", "as_json", is_flag=True, help="Print all of it as one JSON object.")
def patches(
    reference: Path,
    sample: Path,
    judging: Judging,
    reference_table: str | None,
    sample_table: str | None,
    illuminant: str | None,
    observer: int | None,
    components: bool,
    reports: tuple[Path, ...],
    as_json: bool,
) -> int:
    """Compares the patches of SAMPLE with those of the same name in REFERENCE, and judges them.

    Tables are CGATS text files, or CxF3 files where colour-cxf is installed. Their colours are
    CIELAB, XYZ, or spectra; where a file does not say it, XYZ and spectra are those of D50 and 2
    degrees.

    \b
    Printed of each patch, sample minus reference:
      ΔE            the difference, by --metric
      ΔL*, ΔC*, ΔH* in lightness, chroma and hue
      L, C, H, R    with --components: the same as the formula weights them,
                    and the rotation term of CIEDE2000
      verdict       where a rule limits the maximum, as --tolerance 2 does

    Reports: .json and .xml hold all that was found, .csv a line for each patch, .html is one page
    with the colours beside each other.

    Exits with 0 if every rule is kept, or there is none; with 1 if a rule is broken; with 2 and
    one sentence on standard error if anything is wrong, in which case nothing is printed.
    """
    for path in reports:
        try:
            check_suffix(path)
        except ValueError as error:
            raise click.ClickException(f"--report {error}.") from None
    with reading():
        job = judging.job()
        refuse_overwriting(
            [("--report", path) for path in reports], (reference, sample, *job.files)
        )
        first, second = (
            read_table(path, name, table=table, illuminant=illuminant, observer=observer)
            for path, name, table in (
                (reference, "REFERENCE", reference_table),
                (sample, "SAMPLE", sample_table),
            )
        )
        compared = compare_patches(first, second, job=job)
    for path in reports:
        with writing("--report", path):
            write_report(compared.document(), path)
    metric = compared.inspection.record["metric"]["name"]
    given = {"reference": str(reference), "sample": str(sample), "metric": metric}
    if as_json:
        found = in_unicode(patches_as_dict(compared, given))
        print(json.dumps(found, indent=2, allow_nan=False))
    else:
        print(patches_as_text(compared, given, components))
    return 1 if compared.inspection.passed is False else 0
