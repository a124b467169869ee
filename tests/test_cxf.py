"""CxF3 files are read as they are meant; what is none ends in one clean error.

The file is one of X-Rite's ColorPort that colour-cxf (BSD-3-Clause) tests itself by: 144 patches
with spectra, CIELAB and sRGB.
"""

from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dde
from dde.patches import compare_patches, is_table, read_table

SAMPLE = files("colour_cxf").joinpath("tests/resources/sample.cxf").read_bytes()
HEAD = SAMPLE.index(b"<cc:ObjectCollection>") + len(b"<cc:ObjectCollection>")
SECOND = SAMPLE.index(b"</cc:Object>") + len(b"</cc:Object>")
TAIL = SAMPLE.index(b"</cc:ObjectCollection>")
FEW = SAMPLE[:SECOND] + SAMPLE[TAIL:]  # one patch
SPECTRUM = np.float64(FEW.split(b'ColorSpecification="CS1">')[3].split(b"<")[0].split())

LAB = FEW[FEW.index(b"<cc:ColorCIELab") : FEW.index(b"</cc:ColorCIELab>")] + b"</cc:ColorCIELab>"


def written(folder: Path, content: bytes) -> Path:
    path = folder / "patches.cxf"
    path.write_bytes(content)
    return path


def test_a_real_file(tmp_path: Path) -> None:
    path = written(tmp_path, SAMPLE)
    assert is_table(path)
    table = read_table(path)
    assert table.names == tuple(str(number) for number in range(1, 145))
    assert table.lab[0].tolist() == [17.64167, 1.076669, 0.3338588]
    assert table.lab[-1].tolist() == [50.6829, 28.19667, -24.02345]
    assert table.provenance["format"] == "CxF3"
    assert table.provenance["made_of"] == "Lab"


def test_its_spectra_make_its_colours(tmp_path: Path) -> None:
    """As the program has computed them, by another table of E308."""
    path = written(tmp_path, SAMPLE)
    table = read_table(path, illuminant="D50", observer=2)
    assert table.provenance["made_of"] == "spectra, 380 to 680 nm, D50, 2°"
    assert dde.ciede2000(table.lab, read_table(path).lab).max() < 0.2
    assert compare_patches(path, table).differences[:, 0].max() < 0.2
    expected = dde.spectra_to_lab(SPECTRUM, np.arange(380, 681, 10), "D50", 2)
    np.testing.assert_allclose(table.lab[0], expected, atol=1e-9)


def test_xyz_and_the_light_that_the_file_states(tmp_path: Path) -> None:
    start, stop = FEW.index(b"<cc:ColorCIELab"), FEW.index(b"</cc:ColorValues>")
    xyz = (
        b'<cc:ColorCIEXYZ ColorSpecification="CS1"><cc:X>41.2</cc:X><cc:Y>35.1</cc:Y>'
        b"<cc:Z>4.4</cc:Z></cc:ColorCIEXYZ>"
    )
    changed = FEW[:start] + xyz + FEW[stop:]
    changed = changed.replace(b"Illuminant>D50<", b"Illuminant>D65<").replace(b"2_Deg", b"10_Deg")
    found = read_table(written(tmp_path, changed))
    assert found.provenance["made_of"] == "XYZ, D65/10"
    np.testing.assert_allclose(found.lab, dde.xyz_to_lab([[0.412, 0.351, 0.044]], "D65/10"))


def test_of_several_kinds_of_objects_one_must_be_named(tmp_path: Path) -> None:
    other = FEW[HEAD:SECOND].replace(b'"Target"', b'"Standard"').replace(b"17.64167", b"20")
    path = written(tmp_path, FEW[:SECOND] + other + FEW[SECOND:])
    with pytest.raises(ValueError, match=r"1 \('Target'\), 2 \('Standard'\); table must name one"):
        read_table(path)
    assert read_table(path, table="Standard").lab[0, 0] == 20
    assert read_table(path, table=1).lab[0, 0] == 17.64167


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ((b"17.64167", b"x"), "no number"),
        ((b'<cc:WavelengthRange StartWL="380" Increment="10"/>', b""), "at which wavelengths"),
        ((b'Increment="10"', b'Increment="3.3333"'), "in whole nm, not 380 . n . 3.3333"),
        ((b'Increment="10"', b'Increment="-10"'), "in whole nm, not 380 . n . -10"),
        ((b"</cc:ColorValues>", LAB + b"</cc:ColorValues>"), "ColorCielab twice"),
        ((b"</cc:CxF>", b""), "damaged"),
        ((b"<cc:CxF ", b"<!DOCTYPE x [<!ENTITY a 'b'>]><cc:CxF "), "document type"),
        ((FEW[HEAD:SECOND], b""), "no objects with colours"),
    ],
)
@pytest.mark.filterwarnings("ignore::xsdata.exceptions.ConverterWarning")
def test_what_is_damaged(tmp_path: Path, change: tuple[bytes, bytes], words: str) -> None:
    path = written(tmp_path, FEW.replace(*change))
    with pytest.raises(dde.TableFileError, match=rf"^sample .*cannot be read as a CxF3.*{words}"):
        read_table(path, "sample")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("random")


@settings(
    derandomize=True, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@pytest.mark.filterwarnings("ignore::xsdata.exceptions.ConverterWarning")
@given(start=st.integers(0, len(FEW)), length=st.integers(0, 300), insert=st.binary(max_size=20))
def test_any_bytes(folder: Path, start: int, length: int, insert: bytes) -> None:
    path = written(folder, FEW[:start] + insert + FEW[start + length :])
    try:
        table = read_table(path)
    except ValueError as error:
        assert "\n" not in str(error)
        assert "cannot be read as a C" in str(error)
    else:
        assert len(table.names) == len(table.lab) > 0
        assert np.isfinite(table.lab).all()
