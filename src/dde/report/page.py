"""A document as one page of HTML that needs nothing beside it and asks for nothing outside."""

import base64
import hashlib
from collections.abc import Sequence
from importlib.resources import files
from pathlib import PurePath
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

from dde.report import drawing
from dde.report.document import ELSEWHERE, Document, Pictures, Scale
from dde.spaces.space import convert

STATES = {True: "pass", False: "fail", None: ""}
HEADLINES = {"pass": "Pass", "fail": "Fail", "not judged": "Not judged"}


def as_html(document: Document) -> str:
    """
    The page.

    Its style and its script stand in it, allowed by their hashes and nothing else: the page works
    from a file, and where a server forbids inline scripts unless they are named.

    Parameters
    ----------
    document : Document
        Without pictures the page has none, and without histograms none of these. Of patches the
        page is a table.
    """
    if "patches" in document.found:
        return patches_as_html(document)
    found, pictures = document.found, document.pictures
    script = _text_of("page.js")
    return rendered(
        "page.html.jinja",
        **_head(document),
        statistics=_statistics(found["overall"], document.scale),
        place=_place_of_maximum(found["overall"]),
        picture=_picture(pictures, document.scale) if pictures else None,
        regions=_regions(found["regions"], pictures),
        histograms=_histograms(document),
        x=lambda share: round(640 * share, 2),
        y=lambda share: round(240 * (1 - share), 2),
        script=script,
    )


def patches_as_html(document: Document) -> str:
    """The page of patches that were compared, each with its two colours."""
    found = document.found
    patches = [
        {
            "found": patch,
            "state": STATES[patch["passed"]],
            "colours": [web_colour(patch[f"{side}_lab"]) for side in ("reference", "sample")],
        }
        for patch in found["patches"]
    ]
    return rendered(
        "patches.html.jinja",
        **_head(document),
        statistics=_statistics(found["overall"], document.scale),
        patches=patches,
        weighted="rotation" in found["patches"][0],
    )


def rendered(template: str, script: str = "", **values: Any) -> str:
    """A page of the house's style, which allows its own style and script only."""
    environment = Environment(
        loader=PackageLoader("dde", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = _text_of("page.css")
    page = environment.get_template(template).render(
        **values,
        number=number,
        capital=lambda text: text[:1].upper() + text[1:],  # and CMYK stays what it is
        style=style,
        script=script,
        policy=f"default-src 'none'; img-src data:; style-src '{_hash(style)}'; "
        f"script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'",
    )
    # A file name that is not Unicode has no bytes in UTF-8.
    return page.encode(errors="backslashreplace").decode()


def web_colour(lab: Sequence[float | None]) -> str:
    """
    CIELAB as HTML writes it, without regard to its white; the nearest that a screen has.

    Examples
    --------
    >>> web_colour([53.24, 80.09, 67.2]), web_colour([50.0, None, 0.0])
    ('#ff0000', 'none')
    """
    if None in lab:
        return "none"
    rgb = convert(np.array(lab, dtype=np.float64), "Lab", "sRGB")
    return "#" + bytes(np.rint(255 * np.clip(rgb, 0, 1)).astype(np.uint8)).hex()


def _head(document: Document) -> dict[str, Any]:
    """What the head of a page is made of."""
    record, scale = document.found["record"], document.scale
    return {
        "found": document.found,
        "verdict": document.verdict,
        "headline": _headline(document),
        "title": _title(record),
        "subtitle": _subtitle(record),
        "scale": scale,
        "difference": lambda value: number(value, decimals=scale.decimals),
    }


def _headline(document: Document) -> str:
    warned = document.found["warnings"] and document.verdict != "fail"
    return HEADLINES[document.verdict] + (", with warnings" if warned else "")


def _text_of(name: str) -> str:
    return files("dde.report").joinpath(name).read_text(encoding="utf-8")


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


DIFFERENCES = {
    "Mean": "mean",
    "Standard deviation": "standard_deviation",
    "Median": "median",
    "90th percentile": "percentile_90",
    "95th percentile": "percentile_95",
    "99th percentile": "percentile_99",
    "Maximum": "maximum",
}


def _statistics(found: dict[str, Any], scale: Scale) -> list[tuple[str, str]]:
    """What stands in the table, as text; a number that there is not is a dash."""
    return [
        ("Differences are", scale.name),
        *(
            (title, number(found[name], decimals=scale.decimals))
            for title, name in DIFFERENCES.items()
        ),
        *(
            (f"Above {threshold}", f"{number(None if share is None else 100 * share)} %")
            for threshold, share in found["share_above"].items()
        ),
        ("Mean ΔL* (lighter +)", number(found["mean_delta_L"], "+")),
        ("Mean ΔC* (more chromatic +)", number(found["mean_delta_C"], "+")),
        ("Mean ΔH* (larger hue angle +)", number(found["mean_delta_H"], "+")),
        ("Pixels counted", f"{found['count']:,}"),
        ("Pixels without a difference", f"{found['not_finite']:,}"),
    ]


def number(value: float | None, sign: str = "", decimals: int = 2) -> str:
    """
    A number with some decimals; a dash where there is none.

    Examples
    --------
    >>> number(2.345), number(-0.001, "+"), number(None)
    ('2.35', '0.00', '–')
    """
    if value is None:
        return "–"
    text = f"{value:{sign}.{decimals}f}"
    return text.lstrip("+-") if float(text) == 0 else text.replace("-", "−")


def _place_of_maximum(found: dict[str, Any]) -> tuple[int, int, int, int] | None:
    return (found["maximum_x"], found["maximum_y"], 1, 1) if found["count"] else None


def _picture(pictures: Pictures, scale: Scale) -> dict[str, Any]:
    height, width = pictures.shape
    rows, columns = (side * pictures.block for side in pictures.map.shape)
    top = drawing.top_of_scale(pictures.map, scale)
    layers = [
        ("reference", drawing.data_url(pictures.reference)),
        ("sample", drawing.data_url(pictures.sample)),
        ("map", drawing.map_url(pictures.map, top)),
    ]
    spread_top = None
    if pictures.spread is not None:
        spread_top = drawing.top_of_scale(pictures.spread)
        layers.append(("spread", drawing.map_url(pictures.spread, spread_top)))
    return {
        "size": (width, height),
        "covered": (columns, rows),  # by whole blocks
        "block": pictures.block,
        "layers": layers,
        "top": top,
        "spread_top": spread_top,
        "colours": drawing.scale_colours(),
    }


def _regions(regions: list[dict[str, Any]], pictures: Pictures | None) -> list[dict[str, Any]]:
    return [
        {
            "found": region,
            "id": f"region-{label}",
            "state": STATES[region["passed"]],
            "outline": _outline(pictures, region["name"], label),
        }
        for label, region in enumerate(regions, start=1)
    ]


def _outline(pictures: Pictures | None, name: str, label: int) -> dict[str, Any] | None:
    """None where there is nothing to outline: no dot of its own, or all that is elsewhere."""
    if pictures is None or pictures.labels is None or name == ELSEWHERE:
        return None
    return drawing.outline(pictures.labels == label, pictures.block)


def _histograms(document: Document) -> list[dict[str, Any]]:
    """One for each region, after one for all of them together if there are several."""
    if not document.histograms:
        return []
    drawn = [
        drawing.histogram(
            region["name"], counts, drawing.limits_of(region["judgements"]), document.scale
        )
        for region, counts in zip(document.found["regions"], document.histograms, strict=True)
    ]
    if len(drawn) > 1:
        total = np.sum(document.histograms, axis=0)
        drawn.insert(0, drawing.histogram("all regions", total, [], document.scale))
    return drawn
