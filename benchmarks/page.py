"""Measures dde, and writes a page of it with plots.

    python benchmarks/page.py FOLDER [--quick]
    python benchmarks/page.py FOLDER --of results.json

writes FOLDER/index.html, the plots beside it (SVG), and FOLDER/results.json, which compare.py
compares with that of another run. `--quick` leaves out float64, gradients, inspections and all
that is larger than a million pixels, and measures each case once. `--of` measures nothing, and
draws the page of a run that is there.
"""

import argparse
import sys
from pathlib import Path

import record
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from measuring import measured
from plots import PLOTS
from record import Run
from tables import short

TEMPLATE = "page.html.jinja"


def write_page(folder: Path, run: Run) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shown = []
    for plot in PLOTS:
        path = folder / f"{plot.name}.svg"
        if figure := plot.draw(run):
            figure.savefig(path, metadata={"Date": None})
            shown.append(plot)
        else:
            path.unlink(missing_ok=True)  # of another run
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["short"] = short
    page = environment.get_template(TEMPLATE).render(run=run, plots=shown, time=_time)
    (folder / "index.html").write_text(page, encoding="utf-8")


def _time(seconds: float) -> str:
    for scale, unit in ((1, "s"), (1e3, "ms")):
        if seconds * scale >= 1:
            return f"{short(seconds * scale)} {unit}"
    return f"{short(seconds * 1e6)} µs"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--quick", action="store_true", help="a first look, in some minutes")
    choice.add_argument("--of", type=Path, metavar="JSON", help="the page of a run that is there")
    options = parser.parse_args()
    if options.of:
        try:
            run = record.read(options.of)
        except (OSError, ValueError) as error:
            print(error, file=sys.stderr)
            sys.exit(2)
    else:
        options.folder.mkdir(parents=True, exist_ok=True)  # before the minutes that it takes
        run = measured(options.quick)
        record.write(options.folder / "results.json", run)
    write_page(options.folder, run)
    print(options.folder / "index.html")


if __name__ == "__main__":
    main()
