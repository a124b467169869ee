"""An inspection as one page of HTML that needs nothing beside it and asks for nothing outside."""

import base64
import hashlib
from importlib.resources import files
from pathlib import PurePath
from typing import Any

import jinja2
import numpy as np

from dde.inspection.pictures import Pictures
from dde.inspection.regions import ELSEWHERE
from dde.inspection.report import drawing
from dde.inspection.result import Inspection, RegionResult

HEADLINES = {"pass": "Pass", "fail": "Fail", "not judged": "Not judged"}


def as_html(inspection: Inspection) -> str:
    """
    The page.

    Its style and its script stand in it, allowed by their hashes and nothing else: the page works
    from a file, and where a server forbids inline scripts unless they are named.

    Parameters
    ----------
    inspection : Inspection
        Without `Inspection.pictures`, the page has no picture.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("dde.inspection", "report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style, script = (_text_of(f"page.{suffix}") for suffix in ("css", "js"))
    record = inspection.record
    page = environment.get_template("page.html.jinja").render(
        inspection=inspection,
        headline=HEADLINES[inspection.verdict],
        title=_title(record),
        subtitle=_subtitle(record),
        statistics=_statistics(inspection),
        place=_place_of_maximum(inspection),
        picture=_picture(inspection.pictures) if inspection.pictures else None,
        regions=_regions(inspection),
        histograms=_histograms(inspection.regions),
        number=number,
        x=lambda share: round(640 * share, 2),
        y=lambda share: round(240 * (1 - share), 2),
        style=style,
        script=script,
        policy=f"default-src 'none'; img-src data:; style-src '{_hash(style)}'; "
        f"script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'",
    )
    # A file name that is not Unicode has no bytes in UTF-8.
    return page.encode(errors="backslashreplace").decode()


def _text_of(name: str) -> str:
    return files("dde.inspection.report").joinpath(name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _title(record: dict[str, Any]) -> str:
    return _name(record.get("sample", {})) or "Sample"


def _subtitle(record: dict[str, Any]) -> str:
    metric = record.get("metric", {}).get("name", "")
    reference = _name(record.get("reference", {})) or "a reference"
    return f"compared with {reference} by {metric}" if metric else f"compared with {reference}"


def _name(provenance: dict[str, Any]) -> str:
    """The name of an image's file; nothing if it is none."""
    return PurePath(str(provenance.get("path", ""))).name


def _statistics(inspection: Inspection) -> list[tuple[str, str]]:
    """What stands in the table, as text; a number that there is not is a dash."""
    found = inspection.overall
    return [
        ("Mean", number(found.mean)),
        ("Standard deviation", number(found.standard_deviation)),
        ("Median", number(found.median)),
        ("90th percentile", number(found.percentile_90)),
        ("95th percentile", number(found.percentile_95)),
        ("99th percentile", number(found.percentile_99)),
        ("Maximum", number(found.maximum)),
        *(
            (f"Above {threshold:g}", f"{number(100 * share)} %")
            for threshold, share in found.share_above.items()
        ),
        ("Mean ΔL* (lighter +)", number(found.mean_delta_L, "+")),
        ("Mean ΔC* (more chromatic +)", number(found.mean_delta_C, "+")),
        ("Mean ΔH* (larger hue angle +)", number(found.mean_delta_H, "+")),
        ("Pixels counted", f"{found.count:,}"),
        ("Pixels without a difference", f"{found.not_a_number:,}"),
    ]


def number(value: float, sign: str = "") -> str:
    """
    A number with two decimals; a dash where there is none.

    Examples
    --------
    >>> number(2.345), number(-0.001, "+"), number(float("nan"))
    ('2.35', '0.00', '–')
    """
    if not np.isfinite(value):
        return "–"
    text = f"{value:{sign}.2f}"
    return text.lstrip("+-") if float(text) == 0 else text.replace("-", "−")


def _place_of_maximum(inspection: Inspection) -> tuple[int, int, int, int] | None:
    found = inspection.overall
    return (found.maximum_x, found.maximum_y, 1, 1) if found.count else None


def _picture(pictures: Pictures) -> dict[str, Any]:
    height, width = pictures.shape
    rows, columns = (side * pictures.block for side in pictures.map.shape)
    top = drawing.top_of_scale(pictures.map)
    return {
        "size": (width, height),
        "covered": (columns, rows),  # by whole blocks
        "block": pictures.block,
        "layers": [
            ("reference", drawing.data_url(pictures.reference)),
            ("sample", drawing.data_url(pictures.sample)),
            ("map", drawing.map_url(pictures.map, top)),
        ],
        "top": top,
        "colours": drawing.scale_colours(),
    }


def _regions(inspection: Inspection) -> list[dict[str, Any]]:
    return [
        {
            "found": region,
            "id": f"region-{label}",
            "state": ("pass" if region.passed else "fail") if region.judgements else "",
            "outline": _outline(inspection.pictures, region.name, label),
        }
        for label, region in enumerate(inspection.regions, start=1)
    ]


def _outline(pictures: Pictures | None, name: str, label: int) -> dict[str, Any] | None:
    """None where there is nothing to outline: no dot of its own, or all that is elsewhere."""
    if pictures is None or pictures.labels is None or name == ELSEWHERE:
        return None
    return drawing.outline(pictures.labels == label, pictures.block)


def _histograms(regions: tuple[RegionResult, ...]) -> list[dict[str, Any]]:
    """One for each region, after one for all of them together if there are several."""
    drawn = [
        drawing.histogram(r.name, r.histogram, drawing.limits_of(r.judgements)) for r in regions
    ]
    if len(regions) > 1:
        total = np.sum([region.histogram for region in regions], axis=0)
        drawn.insert(0, drawing.histogram("all regions", total, []))
    return drawn
