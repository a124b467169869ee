"""Data that no fit has seen: equal steps are read and measured, new sets stand beside formulas."""

import json
from pathlib import Path

import dde
import numpy as np
import pytest
from conftest import make_set
from test_command import dde_train

from dde_training.baselines import POWER, fit_power
from dde_training.data import Pairs, combine, read_sets
from dde_training.errors import DataError
from dde_training.statistics import stress
from dde_training.steps import KINDS, WHITE, read_steps
from dde_training.unseen import CONSTANT, measure_pairs, measure_steps, methods


def xyy(lab: np.ndarray) -> str:
    x, y, z = np.asarray(dde.lab_to_xyz(lab, WHITE))
    return f"{x / (x + y + z):.6f} {y / (x + y + z):.6f} {y:.6f}"


@pytest.fixture
def steps_file(tmp_path: Path) -> Path:
    """An ideal book: value is L* / 10, chroma is C*, and the hue circle is CIELAB's."""
    rows = ["h V C x y Y"]
    for number, hue in enumerate(("2.5R", "5R", "10RP", "5GY")):
        angle = np.radians({0: 9.0, 1: 18.0, 2: 0.0, 3: 126.0}[number])
        for value in (1, 4, 5, 6):
            for chroma in (2, 4, 6, 18):
                of = chroma * np.array([np.cos(angle), np.sin(angle)])
                rows.append(f"{hue} {value} {chroma} {xyy(np.array([10.0 * value, *of]))}")
    file = tmp_path / "steps.dat"
    file.write_text("\n".join(rows) + "\n\n")
    return file


def test_steps_are_those_between_neighbours(steps_file: Path) -> None:
    steps, series = read_steps(steps_file)
    counts = [int((steps.sets == kind).sum()) for kind in range(3)]
    # Value 1 and chroma 18 are beyond the range. 10RP, 2.5R and 5R are two steps of hue.
    assert counts == [4 * 3 * 2, 4 * 3 * 2, 2 * 3 * 3]
    assert [len(np.unique(series[steps.sets == kind])) for kind in range(3)] == [12, 12, 9]
    np.testing.assert_allclose(steps.white, np.tile(WHITE, (len(steps), 1)))
    lightness, a, b = np.abs(np.diff(steps.lab, axis=1))[:, 0].T
    of_value, of_chroma, of_hue = (steps.sets == kind for kind in range(3))
    np.testing.assert_allclose(lightness[of_value], 10, atol=1e-3)
    np.testing.assert_allclose(np.hypot(a, b)[of_chroma], 2, atol=1e-3)
    np.testing.assert_array_equal(steps.dv[of_value | of_chroma], 1)
    chroma = np.hypot(*steps.lab[of_hue, 0, 1:].T)
    np.testing.assert_allclose(steps.dv[of_hue], 2.5 / 3 * chroma / 5, atol=1e-3)


def test_the_measure_of_steps(steps_file: Path) -> None:
    steps, series = read_steps(steps_file)

    def uneven(pairs: Pairs) -> np.ndarray:
        """Value twice as large as it should be; chroma half as large again at value 6."""
        size = pairs.dv * np.where(pairs.sets == KINDS.index("value"), 2.0, 1.0)
        high = (pairs.lab[:, 0, 0] > 55) & (pairs.sets == KINDS.index("chroma"))
        return np.where(high, 1.5 * size, size)

    found = measure_steps(uneven, steps, series)
    assert list(found) == ["value", "chroma", "hue"]
    mean = (1 + 1 + 1.5) / 3
    assert found["value"].size == pytest.approx(2 / mean)
    assert found["hue"].size == pytest.approx(1 / mean)
    assert found["value"].variation == pytest.approx(0, abs=1e-12)
    expected = np.std([1, 1, 1.5]) / mean
    assert found["chroma"].variation == pytest.approx(expected)
    assert found["chroma"].between == pytest.approx(expected)
    assert found["chroma"].within == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "heading h V C x y Y"),
        ("hue V C x y Y\n", "heading"),
        ("h V C x y Y\n", "no two colours"),
        ("h V C x y Y\n5R 5 2 0.3 0.3 20\n", "no two colours"),
        ("h V C x y Y\n5Q 5 2 0.3 0.3 20\n", "'5Q 5 2 0.3 0.3 20'"),
        ("h V C x y Y\n5R 5 2 0.3 0.3\n", "not a hue and five numbers"),
        ("h V C x y Y\n5R 5 2 0.3 0 20\n", "not a hue and five numbers"),
        ("h V C x y Y\n5R 5 2 0.3 nan 20\n", "not a hue and five numbers"),
        ("h V C x y Y\n5R 5 two 0.3 0.3 20\n", "not a hue and five numbers"),
    ],
)
def test_what_is_no_file_of_steps_is_refused(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "steps.dat"
    file.write_text(content)
    with pytest.raises(DataError) as refused:
        read_steps(file)
    assert said in str(refused.value)
    assert str(file) in str(refused.value)


@pytest.fixture
def new(tmp_path: Path) -> Path:
    file = tmp_path / "new.json"
    file.write_text(json.dumps(make_set(77, [95.0, 100.0, 108.0], 80, 1.0)))
    return file


def test_new_pairs_are_measured_with_powers_of_the_training_pairs(pairs: Pairs, new: Path) -> None:
    unseen = combine(read_sets(new))
    measured = methods("mine", lambda pairs: pairs.dv**2, pairs)
    found = measure_pairs(measured, unseen)
    assert next(iter(found)) == "mine"
    assert found["mine"]["new"].spearman.value == pytest.approx(1)
    delta_e, training = (dde.ciede2000(of.lab[:, 0], of.lab[:, 1]) for of in (unseen, pairs))
    power = fit_power(np.asarray(training), pairs.dv).exponent
    expected = stress(np.asarray(delta_e) ** power, unseen.dv)
    assert found["CIEDE2000" + POWER]["new"].stress.value == pytest.approx(expected)
    assert found["CIEDE2000"]["new"].stress.value == pytest.approx(
        stress(np.asarray(delta_e), unseen.dv)
    )
    constant = found[CONSTANT]["new"]
    assert constant.pearson.value is None
    assert constant.stress.value == pytest.approx(stress(np.ones(len(unseen)), unseen.dv))


def test_one_command_gives_the_tables(
    synthetic_dir: Path, new: Path, steps_file: Path, tmp_path: Path
) -> None:
    quick = ["--set", "teacher_epochs=1", "--set", "student_epochs=1", "--set", "prior_pairs=300",
             "--set", "gamut_pairs=300"]  # fmt: skip
    data = ["--data", synthetic_dir, "--pairs", new, "--steps", steps_file]
    fitted = dde_train("fit", "deep", "--data", synthetic_dir, "--output", tmp_path / "f", *quick)
    assert fitted.returncode == 0, fitted.stderr
    by_name = dde_train("evaluate", "deep", *data, "--output", tmp_path / "one", *quick)
    by_file = dde_train(
        "evaluate", tmp_path / "f" / "model.safetensors", *data, "--output", tmp_path / "other"
    )
    for found in (by_name, by_file):
        assert found.returncode == 0, found.stderr
        for said in ("deep", "CIEDE2000 + power", CONSTANT, "value : chroma : hue"):
            assert said in found.stdout
    one, other = (
        json.loads((tmp_path / name / "unseen.json").read_text()) for name in ("one", "other")
    )
    assert one == other
    assert [entry["name"] for entry in one["measured"]] == ["new"]
    assert CONSTANT not in one["steps"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["CIEDE2000"], "either --protocol, or --pairs or --steps"),
        (["CIEDE2000", "--protocol", "centres", "--pairs", "DATA"], "either --protocol"),
        (["CIEDE2000", "--pairs", "DATA"], "is among the data that is fitted to"),
        (["CIEDE2000", "--steps", "nothing.dat"], "nothing.dat: there is no such file"),
    ],
)
def test_what_evaluate_refuses(
    synthetic_dir: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    given = [str(synthetic_dir) if one == "DATA" else one for one in arguments]
    refused = dde_train(
        "evaluate", *given, "--data", synthetic_dir, "--output", tmp_path / "result"
    )
    assert refused.returncode == 2
    assert said in refused.stderr
    assert "Traceback" not in refused.stderr
