"""CGATS tables are read as they are meant; what is none ends in one clean error."""

import contextlib
import os
from pathlib import Path

import colour
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dde
from dde.cameras.chart import named_chart
from dde.patches import PatchTable, compare_patches, is_table, read_table

TABLE = """CGATS.17
ORIGINATOR\t"somebody # not a comment"
# a comment with BEGIN_DATA in it
NUMBER_OF_FIELDS 5
BEGIN_DATA_FORMAT
SAMPLE_ID SAMPLE_NAME LAB_L LAB_A LAB_B
END_DATA_FORMAT
NUMBER_OF_SETS 3
BEGIN_DATA
1 "light ""warm"" grey" 80.5 1 2.25
2 A2 50 -3e1 .5 # remark
3 A3\t20 0 0
END_DATA
"""
LAB = [[80.5, 1, 2.25], [50, -30, 0.5], [20, 0, 0]]


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "patches.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_lab(tmp_path: Path) -> None:
    path = written(tmp_path, TABLE)
    assert is_table(path)
    table = read_table(path)
    assert table.names == ('light "warm" grey', "A2", "A3")
    assert table.lab.tolist() == LAB
    assert table.provenance["format"] == "CGATS"
    assert table.provenance["width"] == 3


@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_line_endings(tmp_path: Path, ending: str) -> None:
    assert read_table(written(tmp_path, TABLE.replace("\n", ending))).lab.tolist() == LAB


def test_xyz_is_relative_to_d50(tmp_path: Path) -> None:
    xyz = np.array([[41.2, 35.1, 4.4], [96.42, 100, 82.49], [1, 2, 3]])
    rows = "\n".join(f"{n} {x} {y} {z}" for n, (x, y, z) in enumerate(xyz, start=1))
    text = (
        "IT8.7/2\nBEGIN_DATA_FORMAT\nSAMPLE_ID XYZ_X XYZ_Y XYZ_Z\nEND_DATA_FORMAT\n"
        f"BEGIN_DATA\n{rows}\nEND_DATA\n"
    )
    white = colour.CCS_ILLUMINANTS["CIE 1931 2 Degree Standard Observer"]["D50"]
    expected = colour.XYZ_to_Lab(xyz / 100, white)
    np.testing.assert_allclose(read_table(written(tmp_path, text)).lab, expected, atol=0.02)


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (("A3", "A2"), ("1", "2", "3")),
        (("SAMPLE_NAME", "REMARK"), ("1", "2", "3")),
        (("SAMPLE_ID SAMPLE_NAME", "REMARK NOTE"), ("1", "2", "3")),
        (("SAMPLE_ID", "sample_id"), ('light "warm" grey', "A2", "A3")),
    ],
)
def test_names(tmp_path: Path, change: tuple[str, str], names: tuple[str, ...]) -> None:
    assert read_table(written(tmp_path, TABLE.replace(*change))).names == names


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("20 0 0", "20 0"), "whole rows"),
        (("20 0 0", "20 0 zero"), "no number"),
        (("20 0 0", "20 0 nan"), "not finite"),
        (("20 0 0", "1,020,5 0 0"), "no number"),
        (("20 0 0", "2_0 0 0"), "no number"),
        (("OF_FIELDS 5", "OF_FIELDS 6"), "NUMBER_OF_FIELDS is 6, and it has 5"),
        (("A2", '"\x1b[2J"'), r"the name '\\x1b\[2J' has a control character"),
        (("END_DATA\n", ""), "no END_DATA where"),
        # Values that have moved to the next row, or a field that is there twice.
        (("A2 50 -3e1 .5 # remark\n3 A3", "50 -3e1 .5\n3 A3 7"), "row 2 does not end where"),
        (("SAMPLE_NAME", "lab_l"), "the field 'LAB_L' is there twice"),
        (("LAB_L", "L"), "no colours"),
        (("END_DATA_FORMAT", ""), "no END_DATA_FORMAT"),
    ],
)
def test_what_is_damaged(tmp_path: Path, change: tuple[str, str], words: str) -> None:
    path = written(tmp_path, TABLE.replace(*change))
    with pytest.raises(ValueError, match=rf"^reference .*patches\.txt cannot be read .*{words}"):
        read_table(path, "reference")


@pytest.mark.parametrize(
    "text",
    [
        TABLE.replace("SAMPLE_NAME", "REMARK").replace("3 A3", "2 A3"),
        TABLE.replace("SAMPLE_ID", "REMARK").replace("A3", "A2"),
        TABLE.replace("3 A3", "2 A2"),
    ],
)
def test_a_patch_that_is_there_twice(tmp_path: Path, text: str) -> None:
    with pytest.raises(ValueError, match=r"the patch 'A?2' is there twice, by its SAMPLE_"):
        read_table(written(tmp_path, text))


def compared(folder: Path, reference: str, sample: str) -> tuple[tuple[str, ...], list[float]]:
    """The names by which two tables are paired, and the differences."""
    paths = folder / "reference.txt", folder / "sample.txt"
    for path, text in zip(paths, (reference, sample), strict=True):
        path.write_text(text)
    found = compare_patches(*paths)
    return found.names, found.differences[:, 0].tolist()


def test_both_tables_are_paired_by_one_column(tmp_path: Path) -> None:
    """Of the IDs, where one of the tables has a name twice."""
    turned = TABLE.replace("A3", "A2").replace("2 A2 50 -3e1 .5", "3 A2 50 -3e1 .5")
    turned = turned.replace("3 A2\t20", "2 A2\t20")
    exchanged = TABLE.replace("2 A2", "3 A2").replace("3 A3", "2 A3")
    for pair in ((turned, exchanged), (exchanged, turned)):
        assert compared(tmp_path, *pair)[1] == [0, 0, 0]
        assert set(compared(tmp_path, *pair)[0]) == {"1", "2", "3"}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("SAMPLE_ID", "SAMPLE_NAME"), ("SAMPLE_NAME", "SAMPLE_ID"), ("LOCATION", "SAMPLE_ID")],
)
def test_names_are_not_paired_with_what_else_is_equal(
    tmp_path: Path, ours: str, theirs: str
) -> None:
    """Neither names with IDs, nor either with the numbers of rows."""
    text = TABLE.replace("SAMPLE_NAME", "REMARK")
    tables = [text.replace("SAMPLE_ID", title) for title in (ours, theirs)]
    with pytest.raises(ValueError, match="name each patch once in the same column"):
        compared(tmp_path, *tables)
    assert compared(tmp_path, tables[0], tables[0])[1] == [0, 0, 0]


SECOND = TABLE.replace("20 0 0", "90 80 10")


@pytest.mark.parametrize(
    "more",
    [
        SECOND,
        SECOND.replace("LAB_", "XYZ_")
        .replace("XYZ_L", "XYZ_X")
        .replace("_A", "_Y")
        .replace("XYZ_B", "XYZ_Z"),
        SECOND[SECOND.index("NUMBER_OF_SETS") :],
        SECOND.replace("LAB_L", "CMYK_C") + SECOND,
    ],
)
def test_of_several_tables_one_must_be_named(tmp_path: Path, more: str) -> None:
    path = written(tmp_path, TABLE + more)
    with pytest.raises(ValueError, match=r"several tables of colours, 1, .*table must name one"):
        read_table(path)
    assert read_table(path, table=1).lab.tolist() == LAB
    with pytest.raises(ValueError, match="table is '9', and must be one of 1, "):
        read_table(path, table=9)


def test_a_table_by_its_number_or_title(tmp_path: Path) -> None:
    titled = SECOND.replace("CGATS.17", 'CGATS.17\nDESCRIPTOR "the proof"')
    path = written(tmp_path, TABLE.replace("LAB_L", "CMYK_C") + TABLE + titled)
    assert read_table(path, table=2).lab.tolist() == LAB
    for table in (3, "3", "the proof"):
        found = read_table(path, table=table)
        assert found.lab[2].tolist() == [90, 80, 10]
        assert found.provenance["table"] == "the proof"
    with pytest.raises(ValueError, match=r"table is '1', and must be one of 2, 3 \('the proof'\)"):
        read_table(path, table=1)
    twice = written(tmp_path, titled + titled)
    with pytest.raises(ValueError, match=r"1 \('the proof'\), 2 \('the proof'\); table must name"):
        read_table(twice, table="the proof")


def test_a_further_table_without_colours(tmp_path: Path) -> None:
    more = SECOND.replace("LAB_L", "CMYK_C")
    assert read_table(written(tmp_path, TABLE + more + more)).lab.tolist() == LAB


def test_images_are_no_tables(tmp_path: Path) -> None:
    assert not is_table(Path(__file__).parents[1] / "examples" / "reference.jpg")
    assert not is_table(tmp_path)
    assert not is_table(tmp_path / "no.txt")
    assert not is_table(written(tmp_path, b"\x89PNG\0BEGIN_DATA_FORMAT"))


# ---- Spectra ------------------------------------------------------------------------------

BANDS = np.arange(380, 731, 10)
SPECTRA = np.random.default_rng(8).uniform(0.02, 0.9, (4, 36)).round(4)


def spectral(field: str, scale: float = 1, *header: str) -> str:
    """A table of spectra, whose fields a program calls so."""
    titles = " ".join(field.format(band) for band in BANDS)
    rows = "\n".join(
        f"{number} {' '.join(f'{value * scale:.6f}' for value in spectrum)}"
        for number, spectrum in enumerate(SPECTRA, start=1)
    )
    lines = ["CGATS.17", *header, "BEGIN_DATA_FORMAT", f"SAMPLE_ID {titles}", "END_DATA_FORMAT"]
    return "\n".join([*lines, "NUMBER_OF_SETS 4", "BEGIN_DATA", rows, "END_DATA", ""])


MEASUREMENTS = Path(__file__).parent / "measurements"


@pytest.mark.parametrize(
    ("name", "lab"), [("i1pro.txt", [43, 56, 16]), ("i1pro-is126422.txt", [45, 58, 14])]
)
def test_what_an_instrument_wrote(name: str, lab: list[int]) -> None:
    """Its Lab, which it cut to whole numbers, is that of its spectra."""
    table = read_table(MEASUREMENTS / name)
    assert table.lab.tolist() == [lab]
    of_spectra = read_table(MEASUREMENTS / name, illuminant="D50")
    assert np.floor(of_spectra.lab).tolist() == [lab]
    assert of_spectra.provenance["made_of"] == "spectra, 380 to 730 nm, D50, 2°"


def test_what_a_maker_of_charts_wrote() -> None:
    """With commas for points, quotes that do not end, and column by column."""
    table = read_table(MEASUREMENTS / "colorchecker24.txt")
    assert table.names[:5] == ("A1", "A2", "A3", "A4", "B1")
    _, lab = named_chart("colorchecker24")
    np.testing.assert_array_equal(table.lab.reshape(6, 4, 3), lab.reshape(4, 6, 3).swapaxes(0, 1))


def test_names_with_blanks_between_tabs(tmp_path: Path) -> None:
    text = TABLE.replace('1 "light ""warm"" grey" 80.5 1 2.25', "1\tlight warm grey\t80.5\t1\t2.25")
    table = read_table(written(tmp_path, text))
    assert table.names == ("light warm grey", "A2", "A3")
    assert table.lab.tolist() == LAB


@pytest.mark.parametrize("code", ["utf-16", "utf-8-sig", "cp1252"])
def test_codes_of_letters(tmp_path: Path, code: str) -> None:
    text = TABLE.replace("warm", "kühl")
    assert read_table(written(tmp_path, text.encode(code))).names[0] == 'light "kühl" grey'


def test_a_long_header_is_read_once(tmp_path: Path) -> None:
    """Joined anew at each line, it would take minutes."""
    text = TABLE.replace("NUMBER_OF_FIELDS", "KEYWORD a\n" * 300_000 + "NUMBER_OF_FIELDS")
    assert read_table(written(tmp_path, text)).lab.tolist() == LAB


def test_names_that_are_missing_between_tabs(tmp_path: Path) -> None:
    """A cell without a name is one, and no value takes its place."""
    rows = "1\t\t80.5\t1\t2.25\n2\t\t50\t-3e1\t.5\n3\t\t20\t0\t0\n"
    start, end = TABLE.index('1 "light'), TABLE.index("END_DATA\n", TABLE.index('1 "light'))
    table = read_table(written(tmp_path, TABLE[:start] + rows + TABLE[end:]))
    assert table.names == ("1", "2", "3")
    assert table.lab.tolist() == LAB
    with pytest.raises(ValueError, match="no number"):
        read_table(written(tmp_path, TABLE[:start] + rows.replace("20\t", "\t") + TABLE[end:]))


@pytest.mark.parametrize(
    "rows",
    [
        "1 A1 80.5 1 2.25 2 A2 50 -3e1 .5\n3 A3 20 0 0",
        "1 A1 80.5 1 2.25 2 A2 50 -3e1 .5 3 A3 20 0 0",
        "1 A1\n80.5 1 2.25\n2 A2\n50 -3e1 .5\n3 A3\n20 0 0",
    ],
)
def test_rows_on_one_line_or_several(tmp_path: Path, rows: str) -> None:
    """Of which the standard says nothing."""
    start, end = TABLE.index('1 "light'), TABLE.index("END_DATA\n", TABLE.index('1 "light'))
    text = f"{TABLE[:start]}{rows}\n{TABLE[end:]}"
    assert read_table(written(tmp_path, text)).lab.tolist() == LAB


def thirds(*header: str) -> tuple[str, np.ndarray, np.ndarray]:
    """A table of 106 bands from 380 to 730 nm, as high-resolution modes write it, whose fields are
    rounded; and what is in it."""
    measured = np.linspace(380, 730, 106)
    spectrum = 0.1 + 0.7 / (1 + np.exp((560 - measured) / 15)) + 0.1 * np.sin(measured / 25)
    titles = " ".join(f"SPEC_{round(nm)}" for nm in measured)
    values = " ".join(f"{100 * value:.6f}" for value in spectrum)
    lines = ["SPECT", *header, 'SPECTRAL_NORM "100.0"', "BEGIN_DATA_FORMAT", titles]
    lines += ["END_DATA_FORMAT", "BEGIN_DATA", values, "END_DATA", ""]
    return "\n".join(lines), measured, spectrum


def test_spectra_every_third_of_ten_nm(tmp_path: Path) -> None:
    text, measured, spectrum = thirds(
        'SPECTRAL_BANDS "106"', 'SPECTRAL_START_NM "380,0"', 'SPECTRAL_END_NM "730.0"'
    )
    sd = colour.SpectralDistribution(spectrum, measured)
    sd = sd.interpolate(colour.SpectralShape(380, 730, 1), colour.CubicSplineInterpolator)
    xyz = colour.sd_to_XYZ(sd, illuminant=colour.SDS_ILLUMINANTS["D50"])
    found = read_table(written(tmp_path, text))
    assert found.provenance["made_of"] == "spectra, 380 to 730 nm, D50, 2°"
    assert dde.ciede2000(found.lab[0], dde.xyz_to_lab(xyz / 100, "D50")) < 0.02


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ((), "wavelengths must rise by"),
        (('SPECTRAL_BANDS "105"', "SPECTRAL_START_NM 380", "SPECTRAL_END_NM 730"), "106 bands"),
        (("SPECTRAL_BANDS 106", "SPECTRAL_START_NM 380", "SPECTRAL_END_NM x"), "could not convert"),
        (("SPECTRAL_BANDS 106", "SPECTRAL_START_NM nan", "SPECTRAL_END_NM 730"), "106 bands"),
        (("SPECTRAL_BANDS 106", "SPECTRAL_START_NM 380", "SPECTRAL_END_NM 1e300"), "106 bands"),
    ],
)
def test_bands_that_do_not_agree(tmp_path: Path, header: tuple[str, ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_table(written(tmp_path, thirds(*header)[0]))


@pytest.mark.parametrize(
    ("field", "scale", "header"),
    [
        ("SPECTRAL_NM{}", 1, ()),
        ("SPECTRAL_NM_{}", 1, ()),
        ("nm{}", 1, ()),
        ("SPECTRAL_{}", 100, ()),
        ("SPEC_{}", 100, ('SPECTRAL_NORM "100.0"',)),
        ("R_{}nm", 0.01, ('SPECTRAL_NORM "0,01"',)),
    ],
)
def test_spectra_become_colours(
    tmp_path: Path, field: str, scale: float, header: tuple[str, ...]
) -> None:
    path = written(tmp_path, spectral(field, scale, *header))
    assert is_table(path)
    found = read_table(path)
    np.testing.assert_allclose(
        found.lab, dde.spectra_to_lab(SPECTRA, BANDS, "D50", 2), rtol=0, atol=1e-2
    )
    assert found.provenance["made_of"] == "spectra, 380 to 730 nm, D50, 2°"
    asked = read_table(path, illuminant="A", observer=10)
    np.testing.assert_allclose(
        asked.lab, dde.spectra_to_lab(SPECTRA, BANDS, "A", 10), rtol=0, atol=1e-2
    )
    assert asked.provenance["made_of"] == "spectra, 380 to 730 nm, A, 10°"


@pytest.mark.parametrize(
    ("header", "light", "angle"),
    [
        (('WEIGHTING_FUNCTION "ILLUMINANT, D65"', 'WEIGHTING_FUNCTION "OBSERVER, 10 degree"'),
         "D65", 10),
        (('MEASUREMENT_SOURCE "Illumination=D65 ObserverAngle=10 WhiteBase=Abs"',), "D65", 10),
        (('ILLUMINANT "D65"', 'OBSERVER "10"'), "D65", 10),
        (('ILLUMINANT "D65/10"',), "D65", 10),
        (('ILLUMINANT "D65, 10 degree"',), "D65", 10),
        (('WEIGHTING_FUNCTION "OBSERVER, CIE 1964"',), "D50", 10),
        (('OBSERVER "2deg"',), "D50", 2),
        (('ILLUMINATION_NAME "F11"', 'OBSERVER_ANGLE "2"'), "FL11", 2),
        (('ILLUMINATION_NAME ""', 'OBSERVER_ANGLE ""'), "D50", 2),
    ],
)  # fmt: skip
def test_a_file_may_say_light_and_observer(
    tmp_path: Path, header: tuple[str, ...], light: str, angle: int
) -> None:
    found = read_table(written(tmp_path, spectral("SPECTRAL_NM{}", 1, *header)))
    assert found.provenance["made_of"] == f"spectra, 380 to 730 nm, {light}, {angle}°"
    np.testing.assert_allclose(
        found.lab, dde.spectra_to_lab(SPECTRA, BANDS, light, angle), atol=1e-9
    )


def test_lab_needs_no_observer(tmp_path: Path) -> None:
    """What a file says of it, in whatever words, is of other colours than these."""
    path = written(tmp_path, TABLE.replace("NUMBER_OF_FIELDS", 'OBSERVER "mine"\nNUMBER_OF_FIELDS'))
    assert read_table(path).lab.tolist() == LAB


def test_what_a_file_says_of_the_light_counts_for_xyz(tmp_path: Path) -> None:
    text = (
        'CGATS.17\nWEIGHTING_FUNCTION "ILLUMINANT, D65"\nWEIGHTING_FUNCTION "OBSERVER, 10 degree"\n'
        "BEGIN_DATA_FORMAT\nXYZ_X XYZ_Y XYZ_Z\nEND_DATA_FORMAT\nBEGIN_DATA\n41 35 4\nEND_DATA\n"
    )
    found = read_table(written(tmp_path, text))
    np.testing.assert_allclose(found.lab, dde.xyz_to_lab([[0.41, 0.35, 0.04]], "D65/10"))


@pytest.mark.parametrize(
    ("text", "asked", "words"),
    [
        (TABLE, {"illuminant": "D65"}, "it has no spectra"),
        (spectral("SPECTRAL_NM{}"), {"illuminant": "D66"}, "illuminant must be one of"),
        (spectral("SPECTRAL_NM{}"), {"observer": 5}, "observer must be 2 or 10"),
        (spectral("SPECTRAL_NM{}", 1, 'ILLUMINATION_NAME "TL84"'), {}, "illuminant must be one of"),
        (spectral("SPECTRAL_NM{}", 1, 'OBSERVER "mine"'), {}, "its observer is 'MINE', and must"),
        (spectral("SPECTRAL_NM{}", 1, "SPECTRAL_NORM x"), {}, "could not convert"),
        (spectral("SPECTRAL_NM{}", 2.5), {}, "SPECTRAL_NORM must say whether of 1 or of 100"),
        (
            spectral("SPECTRAL_NM{}").replace("SPECTRAL_NM400", "nm390"),
            {},
            "two fields of one wave",
        ),
        (spectral("SPECTRAL_NM{}").replace("NM400", "NM403"), {}, "wavelengths must rise by 1, 5"),
    ],
)
def test_spectra_that_cannot_be_colours(
    tmp_path: Path, text: str, asked: dict[str, object], words: str
) -> None:
    with pytest.raises(ValueError, match=words):
        read_table(written(tmp_path, text), **asked)  # type: ignore[arg-type]


def test_lab_stands_before_spectra_unless_these_are_asked_for(tmp_path: Path) -> None:
    text = spectral("SPECTRAL_NM{}").replace("SAMPLE_ID", "SAMPLE_ID LAB_L LAB_A LAB_B")
    for number in range(1, 5):
        text = text.replace(f"\n{number} ", f"\n{number} 50 1 2 ", 1)
    path = written(tmp_path, text)
    assert read_table(path).lab.tolist() == [[50, 1, 2]] * 4
    assert read_table(path, observer=2).provenance["made_of"] == "spectra, 380 to 730 nm, D50, 2°"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("random")


@given(start=st.integers(0, len(TABLE)), stop=st.integers(0, len(TABLE)), insert=st.binary())
def test_random_bytes(folder: Path, start: int, stop: int, insert: bytes) -> None:
    whole = TABLE.encode()
    path = written(folder, whole[:start] + insert + whole[stop:])
    try:
        table = read_table(path)
    except ValueError as error:
        assert "cannot be read as a C" in str(error)
    else:
        assert len(table.names) == len(table.lab) > 0
        assert np.isfinite(table.lab).all()


def test_another_number_of_sets_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, TABLE.replace("NUMBER_OF_SETS 3", "NUMBER_OF_SETS 4"))
    with pytest.raises(ValueError, match="NUMBER_OF_SETS is 4, and it has 3 rows"):
        read_table(path)


@pytest.mark.parametrize("piece", ['"', '""', '"a', '"" ', "#", '#"', "a ", "BEGIN_DATA\n", "\0"])
def test_a_hostile_table_is_read_once(tmp_path: Path, piece: str) -> None:
    """A scanner that looks at each character again and again would be at it for weeks."""
    start, end = TABLE.split("END_DATA\n")[0], "\nEND_DATA\n"
    with contextlib.suppress(ValueError):
        read_table(written(tmp_path, start + piece * (500_000 // len(piece)) + end))


def test_many_patches_are_matched_by_name(tmp_path: Path) -> None:
    names = tuple(map(str, range(60_000)))
    lab = np.zeros((60_000, 3))
    compared = compare_patches(PatchTable(names, lab), PatchTable(names[::-1], lab))
    assert compared.differences.max() == 0


def test_a_table_has_a_size(tmp_path: Path) -> None:
    path = tmp_path / "patches.txt"
    with path.open("wb") as file:
        file.write(TABLE.encode())
        file.truncate(100 << 20)
    with pytest.raises(ValueError, match="larger than 32 MB"):
        read_table(path)


def test_a_pipe_is_no_table(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert not is_table(tmp_path / "pipe")
    with pytest.raises(OSError, match="a pipe, not a regular file"):
        read_table(tmp_path / "pipe")


@pytest.mark.parametrize(
    ("names", "shape"), [((), (0, 3)), (("a",), (2, 3)), (("a", "a"), (2, 3)), (("a",), (1, 4))]
)
def test_what_is_no_table(names: tuple[str, ...], shape: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="names"):
        PatchTable(names, np.zeros(shape))
