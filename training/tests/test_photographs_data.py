"""Pairs of photographs: what is understood of their files, and what is refused by name."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from photographs_data import write_csv, write_pictures
from PIL import Image

from dde_training import cli
from dde_training.errors import DataError, UserError
from dde_training.photographs.data import Photographs, read_photographs
from dde_training.photographs.measures import logistic, mapped, measure
from dde_training.photographs.pictures import Augmentation, read_picture, resized_and_cut
from dde_training.photographs.protocols import fitting, folds

Row = tuple[str, str, float]


@pytest.fixture
def rows(tmp_path: Path) -> list[Row]:
    return write_pictures(tmp_path, 6)


def write_parts(folder: Path, rows: list[Row]) -> None:
    for part, some in (("train", rows[:9]), ("val", rows[9:12]), ("test", rows[12:])):
        write_csv(folder / f"{part}.csv", some)


def test_a_file_is_read_with_or_without_its_header(tmp_path: Path, rows: list[Row]) -> None:
    plain = read_photographs(write_csv(tmp_path / "a.csv", rows))
    headed = read_photographs(write_csv(tmp_path / "b.csv", rows, header=True))
    for pairs in (plain, headed):
        assert pairs.names.tolist() == [[first, second] for first, second, _ in rows]
        np.testing.assert_allclose(pairs.score, [score for *_, score in rows])
        assert pairs.scene.tolist() == np.repeat(np.arange(6), 3).tolist()
        assert pairs.aligned.tolist() == [False, True, True] * 6
        assert not pairs.split
    assert plain.manifest[-1] == headed.manifest[-1]  # the pictures are the same
    assert plain.manifest[0]["sha256"] != headed.manifest[0]["sha256"]


def test_pictures_may_be_in_another_folder(tmp_path: Path, rows: list[Row]) -> None:
    (tmp_path / "data").mkdir()
    file = write_csv(tmp_path / "data" / "a.csv", rows)
    with pytest.raises(DataError, match="there is no such picture"):
        read_photographs(file)
    assert len(read_photographs(file, tmp_path)) == 18


def test_a_pair_that_stands_twice_is_measured_once(tmp_path: Path, rows: list[Row]) -> None:
    pairs = read_photographs(write_csv(tmp_path / "a.csv", [*rows[:2], rows[0], *rows[2:4]]))
    assert pairs.first_time().tolist() == [True, True, False, True, True]


def test_the_official_split_is_that_of_the_files(tmp_path: Path, rows: list[Row]) -> None:
    write_parts(tmp_path, rows)
    pairs = read_photographs(tmp_path)
    (fold,) = folds(pairs, "official", 0)
    assert np.flatnonzero(fold.training).tolist() == list(range(9))
    assert np.flatnonzero(fold.validation).tolist() == [9, 10, 11]
    assert np.flatnonzero(fold.test).tolist() == list(range(12, 18))
    training, validation = fitting(pairs, 0)
    assert not (training | validation)[fold.test].any()


def test_no_scene_is_in_two_folds(tmp_path: Path) -> None:
    rows = write_pictures(tmp_path, 12)
    pairs = read_photographs(write_csv(tmp_path / "a.csv", rows))
    shares = folds(pairs, "scenes", 0)
    assert len(shares) == 5
    assert np.sum([share.test for share in shares], axis=0).tolist() == [1] * 36
    for share in shares:
        parts = [set(pairs.scene[mask]) for mask in (share.training, share.validation, share.test)]
        assert all(parts)
        assert sum(map(len, parts)) == len(set.union(*parts)) == 12


def test_splits_that_cannot_be_are_refused(tmp_path: Path, rows: list[Row]) -> None:
    pairs = read_photographs(write_csv(tmp_path / "a.csv", rows[:9]))
    with pytest.raises(UserError, match=r"needs a folder with train\.csv"):
        folds(pairs, "official", 0)
    with pytest.raises(UserError, match="needs 5 scenes; these data have 3"):
        folds(pairs, "scenes", 0)


def missing(folder: Path, rows: list[Row]) -> str:
    (folder / rows[4][1]).unlink()
    return f"{folder / rows[4][1]}: there is no such picture"


def unreadable(folder: Path, rows: list[Row]) -> str:
    file = folder / rows[4][1]
    file.write_bytes(file.read_bytes()[:200])
    return f"{file}: no picture that can be read: "


def not_a_number(folder: Path, rows: list[Row]) -> str:
    text = (folder / "train.csv").read_text().splitlines()
    text[4] = f"{rows[4][0]},{rows[4][1]},much"
    (folder / "train.csv").write_text("\n".join(text))
    return "train.csv: line 5: the score must be a number, 0 or more; not 'much'"


def not_finite(folder: Path, rows: list[Row]) -> str:
    write_csv(folder / "train.csv", [*rows[:2], (rows[2][0], rows[2][1], float("nan"))])
    return "train.csv: line 3: the score must be a number, 0 or more; not 'nan'"


def two_parts(folder: Path, rows: list[Row]) -> str:
    write_csv(folder / "test.csv", [*rows[12:], rows[0]])
    return f"the scene of {rows[0][0]} is in two parts: test and train"


def empty(folder: Path, _: list[Row]) -> str:
    (folder / "val.csv").write_text("reference,sample,score\n")
    return "val.csv: holds no pair"


def two_sizes(folder: Path, rows: list[Row]) -> str:
    Image.new("RGB", (32, 31)).save(folder / rows[4][1])
    return f"train.csv: line 5: two sizes: {rows[4][0]} is 32 × 32 and {rows[4][1]} is 32 × 31"


def two_columns(folder: Path, rows: list[Row]) -> str:
    (folder / "train.csv").write_text(f"{rows[0][0]},{rows[0][1]}\n")
    return "train.csv: line 1: must have reference, sample, score; has"


def another_code(folder: Path, _: list[Row]) -> str:
    file = folder / "train.csv"
    file.write_text(file.read_text(), "utf-16")
    return "train.csv: not CSV in UTF-8"


def no_part(folder: Path, _: list[Row]) -> str:
    (folder / "val.csv").unlink()
    return "val.csv: there is no such file"


@pytest.mark.parametrize(
    "spoil",
    [
        missing,
        unreadable,
        not_a_number,
        not_finite,
        two_parts,
        empty,
        two_sizes,
        two_columns,
        another_code,
        no_part,
    ],
)
def test_bad_data_are_named_and_nothing_is_trained(
    spoil: object,
    tmp_path: Path,
    rows: list[Row],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_parts(tmp_path, rows)
    assert callable(spoil)
    said = spoil(tmp_path, rows)
    output = tmp_path / "out"
    for command in ("fit", "evaluate"):
        arguments = [command, str(tmp_path), "--model", "cd-net", "--config", "small"]
        monkeypatch.setattr(
            sys, "argv", ["dde-train", "photographs", *arguments, "--output", str(output)]
        )
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == 2
        error = capsys.readouterr().err
        assert error.startswith("dde-train: ")
        assert said in error
        assert error.count("\n") == 1
        assert not output.exists()


def test_a_picture_is_srgb_whatever_its_file_is(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (8, 6, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    assert read_picture(tmp_path / "a.png").tolist() == pixels.tolist()
    Image.fromarray(pixels[..., 0]).save(tmp_path / "grey.png")
    grey = read_picture(tmp_path / "grey.png")
    assert grey.tolist() == np.repeat(pixels[..., :1], 3, axis=2).tolist()


def test_what_is_measured_is_the_middle() -> None:
    picture = np.zeros((40, 60, 3), np.uint8)
    picture[10:30, 20:40] = 255
    seen = resized_and_cut(picture, 20)
    assert seen.shape == (20, 20, 3)
    assert seen[10, 10].tolist() == [255] * 3
    assert seen[0, 0].tolist() == [0] * 3
    whole = resized_and_cut(picture, 40)
    assert (whole == picture[:, 10:50]).all()


def test_augmentation_stays_near_and_is_drawn() -> None:
    see = Augmentation(resize=48, rotation=3.0, crop=44, side=32)
    picture = np.full((60, 64, 3), 200, np.uint8)
    picture[:, 32:] = 50
    drawn = see.draw(200, torch.Generator().manual_seed(0))
    assert drawn[:, 0].abs().max() <= 3
    assert drawn[:, 0].min() < -2 < 2 < drawn[:, 0].max()
    views = [see(picture, one) for one in drawn[:5]]
    assert all(view.shape == (3, 32, 32) for view in views)
    assert not torch.equal(views[0], views[1])
    assert torch.equal(views[0], see(picture, drawn[0]))
    for view in views:
        assert abs(view[0, 16, 6].item() - 200 / 255) < 0.01
        assert abs(view[0, 16, 28].item() - 50 / 255) < 0.01


def synthetic(count: int) -> tuple[Photographs, np.ndarray]:
    random = np.random.default_rng(0)
    predicted = random.uniform(0, 10, count)
    score = logistic(predicted, 6, 0.8, 4, 5, 0.05) + random.normal(0, 0.1, count)
    pairs = Photographs(
        folder=Path(),
        names=np.full((count, 2), "a.png"),
        score=score,
        scene=np.arange(count) // 5,
        aligned=np.arange(count) % 3 > 0,
        part=np.full(count, ""),
        manifest=[],
    )
    return pairs, predicted


def test_plcc_is_that_after_the_logistic() -> None:
    pairs, predicted = synthetic(300)
    after = mapped(predicted, pairs.score)
    assert np.corrcoef(predicted, pairs.score)[0, 1] < 0.985
    assert np.corrcoef(after, pairs.score)[0, 1] > 0.998
    found = measure({"a": predicted, "constant": np.ones(300)}, pairs, seed=0)
    assert [one.count for one in found["a"].values()] == [300, 200, 100]
    for group in ("all", "aligned", "not aligned"):
        plcc, srcc, stress = found["a"][group].figures
        assert plcc.value is not None
        assert plcc.low is not None
        assert plcc.high is not None
        assert plcc.low < plcc.value < plcc.high
        assert srcc.value is not None
        assert srcc.value > 0.98
        assert stress.value is not None
        assert found["constant"][group].pearson.value is None
    # STRESS is of the predictions as they are.
    p, s = predicted, pairs.score
    expected = 100 * np.sqrt(1 - (p @ s) ** 2 / ((p @ p) * (s @ s)))
    assert found["a"]["all"].stress.value == pytest.approx(expected)


def test_the_bootstrap_draws_scenes() -> None:
    """Where all pairs of a scene are alike, the interval is that of so few scenes."""
    pairs, predicted = synthetic(300)
    same = {"a": np.repeat(predicted[::5], 5)}
    repeated = Photographs(**{**vars(pairs), "score": np.repeat(pairs.score[::5], 5)})
    alone = Photographs(**{**vars(repeated), "scene": np.arange(300)})
    widths = []
    for one in (repeated, alone):
        srcc = measure(same, one, seed=0)["a"]["all"].spearman
        assert srcc.low is not None
        assert srcc.high is not None
        widths.append(srcc.high - srcc.low)
    assert widths[0] > 1.5 * widths[1]
