"""Tables of patch colours, of the files that instruments and chart software write."""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from os import PathLike

import numpy as np

from dde.errors import TableFileError
from dde.host import pass_on
from dde.reading import MEGABYTE, path_of, read_whole
from dde.spaces.conversions import xyz_to_lab
from dde.spectra.conversions import spectra_to_lab
from dde.tables import cgats, cxf
from dde.tables.cgats import RawTable
from dde.tables.recognising import CXF, HEAD
from dde.wording import refuse_controls

NAME_FIELDS = ("SAMPLE_NAME", "SAMPLE_ID")
LAB_FIELDS = ("LAB_L", "LAB_A", "LAB_B")
XYZ_FIELDS = ("XYZ_X", "XYZ_Y", "XYZ_Z")
# SPECTRAL_NM380 of the standard, and as programs write it: SPECTRAL_380, SPEC_380, NM380, R_380NM.
SPECTRAL_FIELD = re.compile(r"(?:SPECTRAL_NM_?|SPECTRAL_|SPEC_|NM_?|R_?)(\d{3,4})(?:\.0+)?(?:NM)?")
# How a program says that its wavelengths are none in whole nm, which its fields round.
WAVELENGTHS = ("SPECTRAL_START_NM", "SPECTRAL_END_NM", "SPECTRAL_BANDS")
DECIMAL_COMMA = re.compile(r"[-+]?\d*,\d+(?:E[-+]?\d+)?", re.IGNORECASE)
# Reflectances up to the first are fractions, also of what fluoresces; those beyond the second, of
# which CxF3 allows no more, are in per cent. Between, a file must say which.
LARGEST_FRACTION, LEAST_PER_CENT = 1.5, 3.0
# Where a table says under which light and for which observer its colours are: as the standard has
# it, "ILLUMINANT, D50", and as programs do, "Illumination=D50 ObserverAngle=2".
CONDITIONS = (
    "WEIGHTING_FUNCTION", "MEASUREMENT_SOURCE", "ILLUMINATION_NAME", "OBSERVER_ANGLE",
    "ILLUMINANT", "OBSERVER",
)  # fmt: skip
LIGHT = re.compile(r"ILLUMINA(?:NT|TION|TION_NAME)\b[\s,:=]*([a-z0-9-]+)", re.IGNORECASE)
ANGLE = re.compile(
    r"OBSERVER_?(?:ANGLE)?\b[\s,:=]*(?:CIE\s*)?([a-z0-9.]+)|ILLUMINA\w*[\s,:=]+[a-z0-9-]+\s*[/,]\s*(\d+)",
    re.IGNORECASE,
)
# How programs call the two observers of the CIE, of 1931 and of 1964.
ANGLES = {2: r"0*2(?:\.0+)?(?:°|deg\w*)?|1931", 10: r"10(?:\.0+)?(?:°|deg\w*)?|1964"}
ILLUMINANT, OBSERVER = "D50", 2  # those of graphic arts: ISO 13655
LARGEST_NUMBER = 1e9  # of a colour, also as an instrument counts
LARGEST_FILE = 32 * MEGABYTE


@dataclass(frozen=True)
class PatchTable:
    """
    The patches of a table.

    Attributes
    ----------
    names : tuple of str
        Unlike each other: those of ``SAMPLE_NAME``, else of ``SAMPLE_ID``, else numbers from 1.
    lab : numpy.ndarray of float64, shape (N, 3)
        CIELAB of each.
    provenance : dict
        What a record of the table says: path, hash, format, and of what the colours are.
    columns : mapping of str to tuple of str
        Of a file: the columns in which every patch has a name of its own, the first of them that of
        `names`; ``"row"`` alone where there is none that names patches. Empty otherwise.

    Raises
    ------
    ValueError
        If names and colours are not as many, or two names are equal.

    Examples
    --------
    >>> PatchTable(("paper", "black"), np.array([[95.0, 0, -2], [16, 0, 0]])).names
    ('paper', 'black')
    """

    names: tuple[str, ...]
    lab: np.ndarray
    provenance: Mapping[str, object] = field(default_factory=lambda: {"format": "array"})
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if np.shape(self.lab) != (len(self.names), 3) or not self.names:
            raise ValueError(
                f"lab must have the shape (N, 3), one colour for each of the {len(self.names)} "
                f"names, of which there must be one; its shape is {np.shape(self.lab)}"
            )
        if len(set(self.names)) < len(self.names):
            raise ValueError("names must be unlike each other")


def read_table(
    path: str | PathLike[str],
    name: str = "table",
    *,
    table: int | str | None = None,
    illuminant: str | None = None,
    observer: int | None = None,
) -> PatchTable:
    """
    Reads a table of a CGATS file or, with the extra ``cxf``, of a CxF3 file.

    Its colours are CIELAB; else XYZ on a scale to 100; else spectra, by `dde.spectra_to_lab`. What
    a file does not say of XYZ and spectra is taken to be D50 and 2°, as ISO 13655 has it.

    Parameters
    ----------
    path : str or path
    name : str, optional
        What the caller's argument is called, for error messages.
    table : int or str, optional
        Which table, where the file holds several with colours: its number in the file, from 1, or
        what the file calls it.
    illuminant : str, optional
    observer : {2, 10}, optional
        Of these the colours are made of spectra, whatever else the table holds.

    Raises
    ------
    OSError
        If the file cannot be opened.
    TableFileError
        If it holds no table of colours, or several and `table` names none of them; if it is
        damaged, or names patches only by columns in which a name is there twice; or if spectra are
        asked for that it does not have.
    MissingPackageError
        If it is a CxF3 file, and the extra is not installed.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "patches.txt"
    ...     _ = path.write_text(
    ...         "CGATS.17 BEGIN_DATA_FORMAT SAMPLE_ID LAB_L LAB_A LAB_B END_DATA_FORMAT "
    ...         "BEGIN_DATA A1 95 0 -2 A2 16 0 0 END_DATA"
    ...     )
    ...     found = read_table(path)
    >>> found.names, found.lab.tolist()
    (('A1', 'A2'), [[95.0, 0.0, -2.0], [16.0, 0.0, 0.0]])
    """
    path, kind = path_of(path, name), "CGATS"
    try:
        content = read_whole(path, LARGEST_FILE)
        kind = "CxF3" if CXF in content[:HEAD] else kind
        tables = cxf.tables_of(content) if kind == "CxF3" else cgats.tables_of(content)
        chosen = _chosen(tables, table)
        columns = _names(chosen)
        lab, origin = _colours(chosen, illuminant, observer)
    except ValueError as error:
        pass_on(error)
        sentence = f"{name} {path} cannot be read as a {kind} table: {error}"
        raise TableFileError(sentence) from None
    names = next(iter(columns.values()))
    provenance = {
        "path": str(path),
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "format": kind,
        "width": len(names),
        "height": 1,
        "type": "text",
        "space": "Lab",
        "made_of": origin,
    }
    if len(tables) > 1:
        provenance["table"] = chosen.title or str(tables.index(chosen) + 1)
    return PatchTable(names, lab, provenance, columns)


def _chosen(tables: Sequence[RawTable], wanted: int | str | None) -> RawTable:
    """The one table of colours, or the one that is wanted."""
    coloured = {number: each for number, each in enumerate(tables, start=1) if _has_colours(each)}
    if not coloured:
        raise ValueError(
            f"it has no colours; the fields {' '.join(LAB_FIELDS)} or {' '.join(XYZ_FIELDS)} are "
            "taken, or spectra as SPECTRAL_NM380 and so on"
        )
    if wanted is None:
        found = list(coloured)
    else:
        names = {number: {str(number), each.title} - {""} for number, each in coloured.items()}
        found = [number for number, its in names.items() if str(wanted) in its]
    if len(found) == 1:
        return coloured[found[0]]
    listed = [
        f"{number} ({each.title[:40]!r})" if each.title else str(number)
        for number, each in list(coloured.items())[:8]
    ]
    raise ValueError(
        f"it holds several tables of colours, {', '.join(listed)}; table must name one of them, by "
        "its number or title"
        if wanted is None or len(found) > 1
        else f"table is {str(wanted)[:40]!r}, and must be one of {', '.join(listed)}"
    )


def _has_colours(table: RawTable) -> bool:
    fields = set(table.columns)
    return fields >= set(LAB_FIELDS) or fields >= set(XYZ_FIELDS) or bool(_bands(table))


def _bands(table: RawTable) -> dict[int, str]:
    """The fields of spectra by their wavelengths, which rise."""
    found = {title: SPECTRAL_FIELD.fullmatch(title) for title in table.columns}
    bands = {title: int(match[1]) for title, match in found.items() if match}
    if len(set(bands.values())) < len(bands):
        raise ValueError("it has two fields of one wavelength")
    return {band: title for title, band in sorted(bands.items(), key=lambda each: each[1])}


def _names(table: RawTable) -> dict[str, tuple[str, ...]]:
    """The columns in which each patch has a name of its own; numbers where none names patches."""
    given = {
        title: tuple(map(str, table.columns[title]))
        for title in NAME_FIELDS
        if title in table.columns
    }
    for name in chain(*given.values()):
        refuse_controls(name)
    if not given:
        return {"row": tuple(str(number) for number in range(1, table.count + 1))}
    found = {title: names for title, names in given.items() if len(set(names)) == table.count}
    if not found:
        title, names = next(iter(given.items()))
        name, _ = Counter(names).most_common(1)[0]
        raise ValueError(f"the patch {name[:40]!r} is there twice, by its {title}")
    return found


def _colours(
    table: RawTable, illuminant: str | None, observer: int | None
) -> tuple[np.ndarray, str]:
    """CIELAB of the patches, and of what it was made."""
    bands, of_spectra = _bands(table), illuminant is not None or observer is not None
    if of_spectra and not bands:
        raise ValueError("it has no spectra, of which illuminant and observer could make colours")
    if not of_spectra and set(LAB_FIELDS) <= set(table.columns):
        return _numbers(table, LAB_FIELDS), "Lab"
    light = illuminant or _stated(table, LIGHT) or ILLUMINANT
    angle = observer or _stated_angle(table)
    if not of_spectra and set(XYZ_FIELDS) <= set(table.columns):
        white = light.replace("FL", "F") + ("" if angle == 2 else f"/{angle}")
        return xyz_to_lab(_numbers(table, XYZ_FIELDS) / 100, white), f"XYZ, {white}"
    spectra = _numbers(table, tuple(bands.values()))
    if "SPECTRAL_NORM" in table.keywords:
        spectra /= float(_with_point(table.keywords["SPECTRAL_NORM"]))
    elif spectra.max() > LEAST_PER_CENT:
        spectra /= 100
    elif spectra.max() > LARGEST_FRACTION:
        raise ValueError(
            f"its spectra reach {spectra.max():.3g}; SPECTRAL_NORM must say whether of 1 or of 100"
        )
    spectra, wavelengths = _in_whole_nm(spectra, list(bands), table)
    light = re.sub(r"^F(?=\d)", "FL", light)
    lab = spectra_to_lab(spectra, wavelengths, light, angle)
    return lab, f"spectra, {wavelengths[0]} to {wavelengths[-1]} nm, {light}, {angle}°"


def _in_whole_nm(
    spectra: np.ndarray, bands: list[int], table: RawTable
) -> tuple[np.ndarray, list[int]]:
    """Spectra of instruments that measure every 3 1/3 nm, from nm to nm, between straight lines."""
    said = [str(_with_point(table.keywords.get(key, ""))) for key in WAVELENGTHS]
    if len(set(np.diff(bands).tolist())) < 2 or "" in said:
        return spectra, bands
    first, last, count = map(float, said)
    agree = count == len(bands) and abs(bands[0] - first) <= 1 and abs(bands[-1] - last) <= 1
    if not agree:
        raise ValueError(
            f"{' '.join(WAVELENGTHS)} are {' '.join(said)[:80]}, and it has {len(bands)} bands "
            f"from {bands[0]} to {bands[-1]} nm"
        )
    measured = np.linspace(first, last, len(bands))
    whole = np.arange(int(np.ceil(first)), int(last) + 1)
    return np.array([np.interp(whole, measured, each) for each in spectra]), whole.tolist()


def _stated(table: RawTable, pattern: re.Pattern[str]) -> str | None:
    """What a table says itself of illuminant or observer."""
    said = "; ".join(f"{key} {table.keywords[key]}" for key in CONDITIONS if key in table.keywords)
    found = pattern.search(said)
    return found[found.lastindex or 0].upper() if found else None


def _stated_angle(table: RawTable) -> int:
    """The observer that a table says itself, in degrees; 2 where it says none."""
    said = _stated(table, ANGLE)
    if said is None:
        return OBSERVER
    for angle, words in ANGLES.items():
        if re.fullmatch(words, said, re.IGNORECASE):
            return angle
    raise ValueError(f"its observer is {said[:40]!r}, and must be that of 2 or 10 degrees")


def _numbers(table: RawTable, fields: Sequence[str]) -> np.ndarray:
    if any("_" in str(cell) for title in fields for cell in table.columns[title]):
        raise ValueError("a colour is no number (it has an underscore)")
    try:
        columns = [list(map(_with_point, table.columns[title])) for title in fields]
        numbers = np.array(columns, dtype=np.float64).T
    except ValueError as error:
        raise ValueError(f"a colour is no number ({error})") from None
    if not np.isfinite(numbers).all():
        raise ValueError("a colour is not finite")
    if np.abs(numbers).max() > LARGEST_NUMBER:
        raise ValueError(f"a colour has a number beyond {LARGEST_NUMBER:g}, as none has")
    return np.ascontiguousarray(numbers)


def _with_point(cell: str | float) -> str | float:
    """
    A number as most of the world writes it; programs follow the language of their computer.

    Examples
    --------
    >>> _with_point("-49,8"), _with_point("37.54"), _with_point("1,000,000")
    ('-49.8', '37.54', '1,000,000')
    """
    decimal = isinstance(cell, str) and DECIMAL_COMMA.fullmatch(cell)
    return cell.replace(",", ".") if isinstance(cell, str) and decimal else cell
