"""A document as JSON, CSV and XML."""

import csv
import io
import json
import re
from typing import Any
from xml.etree import ElementTree

from dde.report.document import Document
from dde.writing import harmless_cell, in_unicode

# XML 1.0 (2008), production 2: what is not one of these, a document cannot hold, even escaped.
NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
PLURAL = re.compile("(?<=ch)es$|s$")
VERDICT_CELLS = {True: "yes", False: "no", None: ""}
NAME_IN_XML = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)


def as_json(document: Document) -> str:
    """All that was found, as one object; what is not a number is null."""
    return json.dumps(in_unicode(document.found), indent=2, allow_nan=False) + "\n"


def as_csv(document: Document) -> str:
    """A line for each region, or each patch; thresholds are columns, and what is not a number is
    empty."""
    found = document.found
    if "patches" in found:
        rows = [_patch_row(patch) for patch in found["patches"]]
    else:
        rows = [_row(region, document.scale.name) for region in found["regions"]]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    for row in rows:
        writer.writerow({title: harmless_cell(cell) for title, cell in row.items()})
    # A file name that is not Unicode has no bytes in UTF-8.
    return text.getvalue().encode(errors="backslashreplace").decode()


def _row(region: dict[str, Any], scale: str) -> dict[str, object]:
    statistics = dict(region["statistics"])
    shares = statistics.pop("share_above")
    return {
        "region": region["name"],
        "passed": VERDICT_CELLS[region["passed"]],
        "scale": scale,
        **statistics,
        **{f"share_above_{threshold}": share for threshold, share in shares.items()},
        "broken_rules": "; ".join(j["rule"] for j in region["judgements"] if not j["passed"]),
    }


def _patch_row(patch: dict[str, Any]) -> dict[str, object]:
    row: dict[str, object] = {"patch": patch["name"], "passed": VERDICT_CELLS[patch["passed"]]}
    for title, value in patch.items():
        if isinstance(value, list):
            row |= {f"{title[:-3]}{part}": cell for part, cell in zip("Lab", value, strict=True)}
        elif title not in ("name", "passed"):
            row[title] = value
    return row


def as_xml(document: Document) -> str:
    """All that was found, in the names and the order of the JSON."""
    root = _element("inspection", document.found)
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode", xml_declaration=False)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _element(name: str, value: Any) -> ElementTree.Element:
    """
    A JSON value as an element: a key is a child of its name, an item of a list one of the singular.

    A key that is no name in XML stands in an attribute: ``<item key="2.5">``. null is empty.
    """
    if NAME_IN_XML.fullmatch(name):
        element = ElementTree.Element(name)
    else:
        element = ElementTree.Element("item", key=_text(name))
    if isinstance(value, dict):
        element.extend(_element(key, part) for key, part in value.items())
    elif isinstance(value, (list, tuple)):
        singular = PLURAL.sub("", name) if PLURAL.search(name) else "item"
        element.extend(_element(singular, part) for part in value)
    elif value is not None:
        element.text = _text(value)
    return element


def _text(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return NOT_IN_XML.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
