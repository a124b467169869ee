"""What ``dde compare`` and ``dde batch`` have in common: by what images are measured and judged."""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import Any

import click

from dde.command.failures import NAME, PATH, one_of
from dde.host import pass_on
from dde.inspection.inspecting import job_given
from dde.inspection.job import Job
from dde.inspection.presets import presets
from dde.inspection.regions import Region, check_names, region_of_text
from dde.inspection.rules import rules_of
from dde.metrics.table import NAMES, OF_COLOURS, Metric, metric_or_file, name_of
from dde.registration.alignment import MOTIONS, alignment_of


@dataclass(frozen=True)
class Judging:
    """
    The options that decide a verdict, as they were given.

    Attributes
    ----------
    metric : str or None
        A name, or the path of a model; None for that of the job.
    tolerances : tuple of str
        Rules; none for those of the job.
    preset : str or None
        The name of a published tolerance.
    path : pathlib.Path or None
        The job file.
    regions : tuple of Region
        None for those of the job.
    viewing : float or None
        Pixels a degree; None for what the job says.
    shift : int or None
        Pixels; None for what the job says.
    align : str or None
        A motion; None for what the job says.
    """

    metric: str | None
    tolerances: tuple[str, ...]
    preset: str | None
    path: Path | None
    regions: tuple[Region, ...]
    viewing: float | None = None
    shift: int | None = None
    align: str | None = None

    def job(self) -> Job:
        """
        The job with what was given beside it in its place.

        Raises
        ------
        ValueError
            If the job file cannot be read, or is not one.
        """
        job = job_given(self.path)
        if self.regions:
            job = replace(job, regions=self.regions)
        if self.preset:
            preset = presets()[self.preset]
            job = replace(job, metric=preset.metric, factors=preset.factors)
            job = job.with_tolerances(preset.rules)
        if self.metric:
            files = () if name_of(self.metric) else (self.metric,)
            metric = _named_metric(self.metric)
            job = replace(job, metric=metric, factors={}, files=(*job.files, *files))
        seen = {"viewing": self.viewing, "shift": self.shift, "alignment": alignment_of(self.align)}
        changes: dict[str, Any] = {name: asked for name, asked in seen.items() if asked is not None}
        job = replace(job, **changes)
        return job.with_tolerances(self.tolerances) if self.tolerances else job


def _named_metric(name: str, accepted: Sequence[str] = NAMES) -> Metric:
    """A metric by its name in any case, or a model by its file."""
    known = name_of(name)
    if known not in accepted and (known or not os.path.exists(name)):
        raise click.ClickException(
            f"--metric {name} is {'of pictures' if known else 'unknown'}; accepted are "
            f"{', '.join(accepted)}, or the file of a model."
        )
    try:
        return metric_or_file(name)
    except (ValueError, OSError) as error:
        pass_on(error)
        raise click.ClickException(f"--metric {error}.") from None


def _preset(context: click.Context, parameter: click.Parameter, name: str | None) -> str | None:
    if name is not None and name not in presets():
        raise click.ClickException(
            f"--preset {name} is unknown; accepted are {', '.join(presets())}."
        )
    return name


def _rules(context: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> Any:
    """Rules as they are written, once it is known that they can be read."""
    try:
        for text in given:
            rules_of(_rule(text), "--tolerance")
    except ValueError as error:
        raise click.ClickException(f"{error}.") from None
    return tuple(_rule(text) for text in given)


def _regions(context: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> Any:
    try:
        regions = tuple(region_of_text(text) for text in given)
        check_names(regions)
    except ValueError as error:
        raise click.ClickException(f"--region: {error}.") from None
    return regions


def _rule(text: str) -> str:
    """A number alone limits the maximum."""
    return f"max <= {text}" if re.fullmatch(r"[\d.]+", text) else text


def _metric_option(accepted: Sequence[str]) -> Callable[..., Any]:
    def check(context: click.Context, parameter: click.Parameter, name: str | None) -> str | None:
        if name is not None:
            _named_metric(name, accepted)
        return name

    return click.option(
        "--metric",
        metavar="NAME",
        type=NAME,
        callback=check,
        help=f"One of {', '.join(accepted)}, in any case, or the file of a model; by default the "
        "job's, else CIEDE2000.",
    )


def _job_option(what_it_says: str) -> Callable[..., Any]:
    return click.option(
        "--job",
        metavar="FILE",
        type=PATH,
        help=f"A job file in TOML or JSON: {what_it_says}.",
    )


RULES = (
    click.option(
        "--tolerance",
        "tolerances",
        metavar="RULE",
        multiple=True,
        callback=_rules,
        help='What must hold to pass, such as "p95 <= 2" or "share > 3 <= 1 %"; a number alone '
        "limits the maximum. May be repeated.",
    ),
    click.option(
        "--preset",
        metavar="NAME",
        type=NAME,
        callback=_preset,
        help="A published tolerance, with its metric; `dde presets` lists them. --metric and "
        "--tolerance replace what it says.",
    ),
)
OF_IMAGES = (
    _metric_option(NAMES),
    *RULES,
    _job_option("regions, rules, defects"),
    click.option(
        "--region",
        "regions",
        metavar="NAME=X,Y,WIDTH,HEIGHT",
        multiple=True,
        callback=_regions,
        help="A box of pixels that is summed up and judged by itself. May be repeated; replaces "
        "the regions of the job.",
    ),
    click.option(
        "--viewing",
        metavar="PIXELS",
        type=float,
        help="Compare what is seen where a degree of the visual field covers so many pixels: "
        "distance / (57.3 * pitch), which is 82 for 300 dpi at 400 mm.",
    ),
    click.option(
        "--shift",
        metavar="PIXELS",
        type=int,
        help="Forgive a displacement by up to so many pixels, at most 4; not with FLIP.",
    ),
    click.option(
        "--align",
        metavar="MOTION",
        callback=one_of(MOTIONS),
        help=f"Lay the sample on the reference first: {', '.join(MOTIONS)}. What cannot "
        "be is an error.",
    ),
)
OF_PATCHES = (_metric_option(OF_COLOURS), *RULES, _job_option("metric, rules, colour"))


def judging_options(
    command: Callable[..., int], options: Sequence[Callable[..., Any]] = OF_IMAGES
) -> Callable[..., int]:
    """Adds the options of `Judging` to a command, which gets them as its argument `judging`."""

    @wraps(command)
    def judged(
        metric: str | None,
        tolerances: tuple[str, ...],
        preset: str | None,
        job: Path | None,
        regions: tuple[Region, ...] = (),
        viewing: float | None = None,
        shift: int | None = None,
        align: str | None = None,
        **others: Any,
    ) -> int:
        judging = Judging(metric, tolerances, preset, job, regions, viewing, shift, align)
        return command(judging=judging, **others)

    for option in reversed(options):
        judged = option(judged)
    return judged


def patch_judging_options(command: Callable[..., int]) -> Callable[..., int]:
    """Those of them that mean something to patches: metric, tolerances, preset and job."""
    return judging_options(command, OF_PATCHES)
