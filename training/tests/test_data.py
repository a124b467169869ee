"""Reading visual-difference data: what is accepted, what is refused and how that is said."""

import hashlib
import json
from pathlib import Path
from typing import Any

import dde
import numpy as np
import pytest

from dde_training.corrections import read_corrections
from dde_training.data import combine, manifest, manifest_hash, read_set, read_sets
from dde_training.errors import DataError

GOOD: dict[str, Any] = {
    "reference_white": [94.81, 100, 107.33],
    "xyz": [[20, 21.5, 22], [30, 31, 33], [5, 6, 7]],
    "pairs": [[0, 1], [1, 2]],
    "dv": [1.5, 0],
}


def write(folder: Path, **changes: Any) -> Path:
    document = {key: value for key, value in (GOOD | changes).items() if value is not ...}
    file = folder / "set.json"
    file.write_text(json.dumps(document))
    return file


def test_a_good_file_is_read_as_it_is(tmp_path: Path) -> None:
    file = write(tmp_path)
    one = read_set(file)
    assert one.name == "set"
    assert one.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    np.testing.assert_array_equal(one.xyz, GOOD["xyz"])
    np.testing.assert_array_equal(one.pairs, GOOD["pairs"])
    np.testing.assert_array_equal(one.dv, GOOD["dv"])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"xyz": ...}, "xyz: the key is missing"),
        ({"dv": ...}, "dv: the key is missing"),
        ({"pairs": [[0, 1], [1, 3]]}, "pairs[1]: index 3 is out of range for 3 colours"),
        ({"pairs": [[0, 1], [-1, 2]]}, "pairs[1]: index -1 is out of range"),
        ({"pairs": [[0, 1], [1, 2.0]]}, "pairs[1]: must be two whole numbers"),
        ({"pairs": [[0, True], [1, 2]]}, "pairs[0]: must be two whole numbers"),
        ({"pairs": [[0, 1, 2], [1, 2]]}, "pairs[0]: must be two whole numbers"),
        ({"pairs": []}, "pairs: must be a list that is not empty"),
        ({"dv": [1.0]}, "dv: has 1 values for 2 pairs"),
        ({"dv": [1.0, -0.5]}, "dv[1]: -0.5 is negative"),
        ({"dv": [1.0, float("nan")]}, "dv[1]: is NaN"),
        ({"dv": [1.0, float("inf")]}, "dv[1]: is infinite"),
        ({"dv": [1.0, 10**400]}, "dv[1]: the number is too large"),
        ({"dv": [1.0, None]}, "dv[1]: null is not a number"),
        ({"dv": ["1.0", 1]}, 'dv[0]: "1.0" is not a number'),
        ({"dv": [0, 0.0]}, "dv: all values are zero"),
        ({"dv": 3}, "dv: must be a list"),
        ({"dv": []}, "dv: must be a list"),
        ({"xyz": [[1, 2, 3], [30, 31], [5, 6, 7]]}, "xyz[1]: must be a list of 3 numbers"),
        ({"xyz": [[1, 2, 3], [30, -31, 1], [5, 6, 7]]}, "xyz[1][1]: -31 is negative"),
        ({"xyz": []}, "xyz: must be a list that is not empty"),
        ({"xyz": [[0.2, 0.21, 0.2], [0.3, 0.3, 0.3], [0.1, 0.1, 0.1]]}, "must be on 0 to 100"),
        ({"reference_white": [0.95, 1, 1.09]}, "reference_white: Y is 1, but XYZ must be on"),
        ({"reference_white": [95, 100]}, "reference_white: must be a list of 3 numbers"),
        ({"reference_white": [95, 100, 0]}, "reference_white: X, Y and Z must be positive"),
        ({"reference_white": "D65"}, "reference_white: must be a list of 3 numbers"),
    ],
)
def test_a_broken_file_is_named_with_key_and_reason(
    tmp_path: Path, changes: dict[str, Any], said: str
) -> None:
    file = write(tmp_path, **changes)
    with pytest.raises(DataError) as caught:
        read_sets(tmp_path)
    assert str(caught.value).startswith(f"{file}: ")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b" \n", "the file is empty"),
        (b"{", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[1, 2]", "must hold an object with the keys reference_white, xyz, pairs, dv"),
    ],
)
def test_a_file_that_is_no_set_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "set.json").write_bytes(content)
    with pytest.raises(DataError, match=said):
        read_sets(tmp_path)


def test_one_broken_file_refuses_the_folder(synthetic_dir: Path, tmp_path: Path) -> None:
    for file in synthetic_dir.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    write(tmp_path, dv=[1.0, -1.0])
    with pytest.raises(DataError, match=r"set\.json: dv\[1\]"):
        read_sets(tmp_path)


def test_nothing_to_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"holds no \.json file"):
        read_sets(tmp_path)
    with pytest.raises(DataError, match="no such file or folder"):
        read_sets(tmp_path / "elsewhere")


def test_lab_is_relative_to_each_sets_own_white(data_dir: Path) -> None:
    sets = read_sets(data_dir)
    pairs = combine(sets)
    assert len(pairs) == sum(len(one.dv) for one in sets)
    for number, one in enumerate(sets):
        part = pairs[pairs.sets == number]
        np.testing.assert_array_equal(part.index, np.arange(len(one.dv)))
        white = dde.lab_to_xyz(np.array([100.0, 0, 0]), one.reference_white)
        np.testing.assert_allclose(white, one.reference_white)
        expected = dde.xyz_to_lab(part.xyz, one.reference_white)
        np.testing.assert_allclose(part.lab, expected)
        np.testing.assert_array_equal(part.white, np.tile(one.reference_white, (len(part), 1)))


def test_lab_adapted_to_d65_has_d65_for_its_white(tmp_path: Path) -> None:
    white = [98.07, 100, 118.23]
    write(tmp_path, reference_white=white, xyz=[white, [49.035, 50, 59.115], [5, 6, 7]])
    lab = combine(read_sets(tmp_path), "D65").lab
    np.testing.assert_allclose(lab[0, 0], [100, 0, 0], atol=1e-9)
    np.testing.assert_allclose(lab[0, 1, 1:], 0, atol=1e-9)
    assert np.abs(lab[1, 1, 1:]).max() > 1


def test_the_manifest_says_what_was_used(synthetic_dir: Path) -> None:
    sets = read_sets(synthetic_dir)
    entries = manifest(sets)
    assert [entry["name"] for entry in entries] == ["alpha", "beta", "constant", "gamma"]
    assert entries[1]["pairs"] == 60
    assert entries[1]["reference_white"] == [98.07, 100, 118.23]
    assert json.loads(json.dumps(entries)) == entries
    assert manifest_hash(entries) == manifest_hash(manifest(read_sets(synthetic_dir)))
    assert manifest_hash(entries) != manifest_hash(entries[:2])


def test_the_real_data_are_3813_pairs(real_dir: Path) -> None:
    sets = read_sets(real_dir)
    assert len(sets) == 6
    assert sum(len(one.dv) for one in sets) == 3813


# ---- Corrections --------------------------------------------------------------------------


def corrections(folder: Path, entry: dict[str, Any]) -> Path:
    (folder / "other").mkdir(exist_ok=True)
    file = folder / "other" / "corrections.json"
    file.write_text(json.dumps({"set.json": entry, "elsewhere.json": {"sha256": "0"}}))
    return file


def test_corrections_put_colours_right_and_are_in_the_manifest(tmp_path: Path) -> None:
    file = write(tmp_path)
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    entry = {"sha256": sha256, "xyz": {"1": [1, 2, 3.5]}, "why": "a slip", "doubtful": {"0": "?"}}
    said = corrections(tmp_path, entry)
    (one,) = read_sets(file, read_corrections(said))
    np.testing.assert_array_equal(one.xyz, [GOOD["xyz"][0], [1, 2, 3.5], GOOD["xyz"][2]])
    assert one.sha256 == sha256
    by = {"sha256": hashlib.sha256(said.read_bytes()).hexdigest(), "colours": [1]}
    assert manifest([one])[0]["corrected"] == by
    plain = manifest(read_sets(file))
    assert "corrected" not in plain[0]
    assert manifest_hash(plain) != manifest_hash(manifest([one]))


def test_a_set_of_which_nothing_is_wrong_stays_as_it_is(tmp_path: Path) -> None:
    file = write(tmp_path)
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    said = read_corrections(corrections(tmp_path, {"sha256": sha256, "doubtful": {"0": "?"}}))
    assert manifest(read_sets(file, said)) == manifest(read_sets(file))


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"sha256": "1" * 64, "xyz": {"1": [1, 2, 3]}}, "corrections are for the file with SHA"),
        ({"sha256": "1" * 64}, "corrections are for the file with SHA-256 1111"),
        ({"xyz": {"1": [1, 2, 3]}}, "corrections are for the file with SHA-256 None"),
        ({"xyz": [1, 2, 3]}, "xyz must be an object"),
        ({"xyz": {"3": [1, 2, 3]}}, "'3' is no index of one of the 3 colours"),
        ({"xyz": {"-1": [1, 2, 3]}}, "'-1' is no index"),
        ({"xyz": {"1": [1, 2]}}, "xyz of colour 1 must be three numbers"),
        ({"xyz": {"1": [1, 2, -3]}}, "xyz of colour 1 must be three numbers"),
        ({"xyz": {"1": [1, 2, None]}}, "xyz of colour 1 must be three numbers"),
    ],
)
def test_corrections_that_do_not_fit_are_refused(
    tmp_path: Path, entry: dict[str, Any], said: str
) -> None:
    file = write(tmp_path)
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    own = {} if "SHA" in said else {"sha256": sha256}
    with pytest.raises(DataError) as refused:
        read_sets(file, read_corrections(corrections(tmp_path, own | entry)))
    assert said in str(refused.value)
    assert str(file) in str(refused.value)


@pytest.mark.parametrize("content", ["", "[]", '{"set.json": 3}', "{"])
def test_what_is_no_file_of_corrections_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "corrections.json"
    file.write_text(content)
    with pytest.raises(DataError, match=r"corrections\.json"):
        read_corrections(file)
    with pytest.raises(DataError, match="there is no such file"):
        read_corrections(tmp_path / "nothing.json")
