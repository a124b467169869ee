"""CxF3 files (ISO 17972-1), read by colour-cxf."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from dde.extras import asking_for
from dde.host import pass_on
from dde.tables.cgats import RawTable
from dde.wording import in_a_line

# What is taken of an object, by the class that colour-cxf reads it as.
COORDINATES = {
    "ColorCielab": {"LAB_L": "l", "LAB_A": "a", "LAB_B": "b"},
    "ColorCiexyz": {"XYZ_X": "x", "XYZ_Y": "y", "XYZ_Z": "z"},
}
SPECTRUM = "ReflectanceSpectrum"
Numbers = dict[str, float]


def tables_of(content: bytes) -> list[RawTable]:
    """
    The objects of a file as tables: one for each type of object and each specification of colours.

    Raises
    ------
    MissingPackageError
        If colour-cxf is not installed.
    ValueError
        If the file is damaged, or has no colours.
    """
    resources = _read(content).resources
    objects = resources.object_collection.object_value if resources else []
    specifications = _specifications(resources)
    found: dict[tuple[str, str], list[tuple[str, str, Numbers]]] = defaultdict(list)
    for each in objects:
        for specification, numbers in _values(each, specifications).items():
            found[each.object_type or "", specification].append(
                (each.id or "", each.name or "", numbers)
            )
    several = len({specification for _, specification in found}) > 1
    tables = []
    for (kind, specification), rows in found.items():
        title = f"{kind} {specification}" if several else kind
        keywords = {"DESCRIPTOR": title, **_weighting(specifications.get(specification))}
        tables.append(_table(rows, keywords))
    if not tables:
        raise ValueError("it has no objects with colours")
    return tables


def _read(content: bytes) -> Any:
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise ValueError("it declares a document type, which no CxF3 file does")
    with asking_for("cxf", "reading CxF3 files"):
        from colour_cxf import read_cxf
    try:
        return read_cxf(content)
    except Exception as error:  # of the parser beneath, which others have written
        pass_on(error)
        raise ValueError(f"it is damaged ({in_a_line(error)})") from None


def _specifications(resources: Any) -> dict[str, Any]:
    collection = resources.color_specification_collection if resources else None
    return {each.id: each for each in collection.color_specification} if collection else {}


def _values(each: Any, specifications: dict[str, Any]) -> dict[str, Numbers]:
    """The numbers of an object, by the specification of its colours, as fields of CGATS."""
    found: dict[str, Numbers] = defaultdict(dict)
    for value in each.color_values.choice if each.color_values else []:
        kind, specification = type(value).__name__, getattr(value, "color_specification", "") or ""
        numbers: Numbers = {}
        if kind in COORDINATES:
            numbers = {title: getattr(value, part) for title, part in COORDINATES[kind].items()}
        elif kind == SPECTRUM:
            numbers = dict(_bands(value, specifications.get(specification)))
        if numbers.keys() & found[specification].keys():
            raise ValueError(f"an object has {kind} twice, under one specification")
        found[specification] |= numbers
    return {specification: numbers for specification, numbers in found.items() if numbers}


def _bands(spectrum: Any, specification: Any) -> Iterator[tuple[str, float]]:
    measured = specification.measurement_spec if specification else None
    given = measured.wavelength_range if measured else None
    start = spectrum.start_wl or (given.start_wl if given else None)
    step = given.increment if given else None
    if not start or not step:
        raise ValueError("a spectrum does not say at which wavelengths it is")
    # What is no whole number comes as a text.
    if not isinstance(start, int) or not isinstance(step, int) or step < 1:
        raise ValueError(
            f"a spectrum's wavelengths must rise in whole nm, not {start} + n * {step}"
        )
    for number, value in enumerate(spectrum.value):
        yield f"SPECTRAL_NM{start + number * step}", value


def _weighting(specification: Any) -> dict[str, str]:
    """Illuminant and observer as CGATS has them."""
    said = specification.tristimulus_spec if specification else None
    if said is None:
        return {}
    light, observer = said.illuminant_or_custom_illuminant, said.observer
    parts = []
    if light is not None and getattr(light, "value", None) is not None:
        parts.append(f"ILLUMINANT, {getattr(light.value, 'value', light.value)}")
    if observer is not None and observer.value is not None:
        parts.append(f"OBSERVER, {getattr(observer.value, 'value', observer.value)}")
    return {"WEIGHTING_FUNCTION": "; ".join(parts)}


def _table(rows: list[tuple[str, str, Numbers]], keywords: dict[str, str]) -> RawTable:
    """Of the fields that every object has."""
    shared = [
        title for title in rows[0][2] if all(title in numbers for _, _, numbers in rows)
    ]  # fmt: skip
    ids, names, numbers = zip(*rows, strict=True)
    columns: dict[str, Any] = {"SAMPLE_ID": ids, "SAMPLE_NAME": names}
    columns |= {title: [each[title] for each in numbers] for title in shared}
    return RawTable(columns, keywords)
