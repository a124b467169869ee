"""``dde batch``: every frame is accounted for, whatever happens to files, disk and processes."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import dde
from dde.batch import Frame, inspect_frames
from dde.batch.frames import Settings, process
from dde.inspection.job import Job

REFERENCE = np.random.default_rng(0).integers(40, 200, (12, 16, 3), dtype=np.uint8)
RULES = ["--tolerance", "p95 <= 2"]


def save(path: Path, shift: int = 0) -> Path:
    Image.fromarray(REFERENCE + np.uint8(shift)).save(path)
    return path


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    return save(tmp_path / "reference.png")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve frames, of which the fourth and the eighth differ a lot from the reference."""
    return filled(tmp_path / "frames", 12, failing={3, 7})


def filled(folder: Path, count: int, failing: set[int] = frozenset()) -> Path:
    folder.mkdir()
    good, bad = (save(folder.parent / f"{shift}.png", shift).read_bytes() for shift in (0, 30))
    for number in range(count):
        content = bad if number in failing else good
        folder.joinpath(f"{number:05}.png").write_bytes(content)
    return folder


def start(*arguments: object, **options: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "dde", "batch", *map(str, arguments)]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, text=True, **(streams | options))


def run(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    with start(*arguments, **options) as process:
        output, error = process.communicate(timeout=300)
    return subprocess.CompletedProcess(process.args, process.returncode, output, error)


def summary(output: Path) -> list[dict[str, str]]:
    with open(output / "summary.csv", newline="") as file:
        return list(csv.DictReader(file))


def records(output: Path) -> dict[str, dict[str, object]]:
    """Every record, each of which must be whole."""
    return {path.stem: json.loads(path.read_text()) for path in output.glob("frames/*.json")}


def assert_failed(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 2
    assert done.stdout == ""
    assert re.fullmatch(r"dde: [^\n]+\n", done.stderr), done.stderr
    for word in words:
        assert word in done.stderr


def until(happened: Callable[[], bool]) -> None:
    """Waits for something that must happen."""
    end = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.005)


# ---- What comes out ---------------------------------------------------------------------------


def test_every_frame_has_a_record_and_a_line(reference, folder, tmp_path):
    output = tmp_path / "out"
    done = run(reference, folder, *RULES, "--output", output, "--workers", 2)
    assert (done.returncode, done.stderr) == (1, "")
    rows = summary(output)
    names = [f"{number:05}.png" for number in range(12)]
    assert [row["frame"] for row in rows] == names
    assert [row["verdict"] for row in rows].count("fail") == 2
    found = records(output)
    assert sorted(found) == names
    for row in rows:
        sample = np.asarray(Image.open(folder / row["frame"]))
        differences = dde.delta_e_map(REFERENCE, sample).astype(np.float64)
        assert row["sample"] == str(folder / row["frame"])
        assert row["reference"] == str(reference)
        assert float(row["mean"]) == pytest.approx(differences.mean(), rel=1e-12)
        assert float(row["maximum"]) == differences.max()
        assert row["verdict"] == ("fail" if np.percentile(differences, 95) > 2 else "pass")
        assert found[row["frame"]]["overall"]["mean"] == float(row["mean"])
        assert found[row["frame"]]["passed"] is (row["verdict"] == "pass")
    assert re.search(r"^passed +10$", done.stdout, re.MULTILINE)
    assert re.search(r"^failed +2$", done.stdout, re.MULTILINE)
    assert "00003.png: image: p95 is" in done.stdout


def test_parquet_says_the_same_as_csv(reference, folder, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    folder.joinpath("broken.png").write_bytes(b"")
    run(reference, folder, *RULES, "--output", tmp_path / "out", "--workers", 1)
    table = parquet.read_table(tmp_path / "out" / "summary.parquet").to_pylist()
    as_text = [{k: "" if v is None else str(v) for k, v in row.items()} for row in table]
    assert as_text == summary(tmp_path / "out")


@pytest.mark.parametrize(
    ("rules", "broken", "status"),
    [([], False, 0), (["--tolerance", "90"], False, 0), (RULES, False, 1), (RULES, True, 2)],
)
def test_exit_status(reference, folder, tmp_path, rules, broken, status):
    if broken:
        folder.joinpath("00000.png").write_bytes(b"no image")
    done = run(reference, folder, *rules, "--output", tmp_path / "out", "--workers", 1)
    assert done.returncode == status


def test_pages_of_the_frames_that_failed(reference, folder, tmp_path):
    output = tmp_path / "out"
    run(reference, folder, *RULES, "--output", output, "--workers", 1, "--reports")
    pages = sorted(output.glob("frames/*.html"))
    assert [page.stem for page in pages] == ["00003.png", "00007.png"]
    assert "<title>Fail: 00003.png</title>" in pages[0].read_text()


def test_pairs_of_a_table(reference, folder, tmp_path):
    other = filled(tmp_path / "other", 1, failing={0})
    table = tmp_path / "pairs.csv"
    table.write_text(
        "sample,reference,note\n"
        "frames/00001.png,reference.png,good\n"
        "frames/00003.png,frames/00007.png,equal\n"
        f"other/00000.png,{reference},bad\n"
        f"{other}/00000.png,no.png,\n"
    )
    done = run(table, *RULES, "--output", tmp_path / "out", "--workers", 2)
    assert done.returncode == 2
    rows = summary(tmp_path / "out")
    assert [row["verdict"] for row in rows] == ["pass", "pass", "fail", "unreadable"]
    assert "no.png" in rows[3]["reasons"]
    names = [row["frame"] for row in rows]
    assert names == ["00001.png", "00003.png", "00000.png", "00000.png-2"]
    assert sorted(records(tmp_path / "out")) == sorted(names[:3])


def test_the_bar_is_for_terminals(reference, folder, tmp_path):
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    done = run(reference, folder, "--output", tmp_path / "out", "--workers", 1, stderr=theirs)
    os.close(theirs)
    shown = b""
    while b"100%" not in shown:
        shown += os.read(ours, 1000)
    os.close(ours)
    assert b"frames" in shown
    assert done.returncode == 0


def test_files_that_are_no_frames_are_left_alone(reference, folder, tmp_path):
    folder.joinpath("notes.txt").write_text("no frame")
    folder.joinpath(".hidden.png").write_text("no frame")
    folder.joinpath("folder.png").mkdir()
    done = run(reference, folder, "--output", folder / "out", "--workers", 1)
    assert done.returncode == 0
    assert len(summary(folder / "out")) == 12


# ---- Broken frames ----------------------------------------------------------------------------


def test_broken_files_are_listed_and_stop_nothing(reference, tmp_path):
    folder, output = filled(tmp_path / "frames", 1000, failing={500}), tmp_path / "out"
    whole = folder.joinpath("00000.png").read_bytes()
    broken = {f"{33 * number:05}.png" for number in range(30)}
    for place, name in enumerate(sorted(broken)):
        folder.joinpath(name).write_bytes(whole[: place * len(whole) // 31])
    Image.new("RGB", (5, 5)).save(folder / "00999.png")  # of another size
    broken.add("00999.png")
    done = run(reference, folder, *RULES, "--output", output, "--workers", 2)
    assert (done.returncode, done.stderr) == (2, "")
    rows = {row["frame"]: row for row in summary(output)}
    assert {name for name, row in rows.items() if row["verdict"] == "unreadable"} == broken
    assert [name for name, row in rows.items() if row["verdict"] == "fail"] == ["00500.png"]
    assert len(records(output)) == 1000 - len(broken)
    listed = done.stdout.split("\nunreadable\n")[1].splitlines()
    for line, name in zip(listed, sorted(broken), strict=True):
        reason = "reference and sample must be of one size" if name == "00999.png" else "sample"
        assert line.startswith(f"  {name}: {reason}")


def test_a_frame_that_is_deleted_meanwhile(reference, tmp_path):
    folder, output = filled(tmp_path / "frames", 400), tmp_path / "out"
    with start(reference, folder, "--output", output, "--workers", 1) as process:
        until(lambda: any(output.glob("frames/*.json")))
        folder.joinpath("00399.png").unlink()
        assert process.wait(timeout=120) == 2
        assert re.search(r"00399.png: .*does not exist", process.stdout.read())
    assert summary(output)[-1]["verdict"] == "unreadable"


def test_a_frame_that_was_read_before_but_is_broken_now(reference, folder, tmp_path):
    output = tmp_path / "out"
    run(reference, folder, "--output", output, "--workers", 1)
    folder.joinpath("00002.png").write_bytes(b"")
    assert run(reference, folder, "--output", output, "--workers", 1).returncode == 2
    assert "00002.png" not in records(output)


def test_what_an_earlier_run_left_of_a_frame_that_is_broken_now_is_removed(
    reference, folder, tmp_path
):
    output = tmp_path / "out"
    arguments = [reference, folder, *RULES, "--output", output, "--workers", 1, "--reports"]
    assert run(*arguments).returncode == 1
    assert output.joinpath("frames/00003.png.html").exists()
    folder.joinpath("00003.png").write_bytes(b"")
    assert run(*arguments).returncode == 2
    assert not list(output.glob("frames/00003.png.*"))


def test_every_kind_that_compare_reads_is_a_frame(reference, tmp_path):
    zarr = pytest.importorskip("zarr")
    folder = tmp_path / "frames"
    folder.mkdir()
    for suffix in ("png", "JPG", "tif", "webp", "bmp"):
        save(folder / f"a.{suffix}")
    np.save(folder / "b.npy", REFERENCE)
    stored = zarr.create_array(folder / "c.zarr", shape=REFERENCE.shape, dtype="u1")
    stored[:] = REFERENCE
    for name in ("notes.txt", "more.txt", "README"):
        folder.joinpath(name).write_text("no frame")
    folder.joinpath("old").mkdir()
    done = run(reference, folder, "--output", tmp_path / "out", "--workers", 1)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(summary(tmp_path / "out")) == 7
    assert re.search(r"^skipped +4 +1 without a suffix, 2 \.txt, 1 folder$", done.stdout, re.M)


def test_cells_that_a_spreadsheet_would_take_for_formulas(reference, tmp_path):
    names = ['=HYPERLINK("x").png', "+a.png", "-a.png", "@a.png", "\ta.png"]
    folder = tmp_path / "frames"
    folder.mkdir()
    for name in names:
        save(folder / name)
    run("../reference.png", ".", "--output", tmp_path / "out", "--workers", 1, cwd=folder)
    rows = summary(tmp_path / "out")
    assert sorted(row["frame"] for row in rows) == sorted(f"'{name}" for name in names)
    assert sorted(row["sample"] for row in rows) == sorted(f"'{name}" for name in names)
    assert all(float(row["mean_delta_L"]) == 0 for row in rows)


@pytest.mark.parametrize(
    "damage",
    [
        lambda found: [],
        lambda found: "[" * 100_000,
        lambda found: found | {"overall": None},
        lambda found: found | {"overall": found["overall"] | {"share_above": 5}},
        lambda found: found | {"overall": found["overall"] | {"mean": "=1+1"}},
        lambda found: found | {"passed": []},
        lambda found: found | {"reasons": [1]},
        lambda found: found | {"record": found["record"] | {"sample": None}},
        lambda found: {key: value for key, value in found.items() if key != "defect_count"},
    ],
)
def test_a_record_that_somebody_changed_is_made_again(reference, tmp_path, damage):
    frames = [Frame("one", reference, reference)]
    list(inspect_frames(frames, tmp_path, workers=1))
    path = tmp_path / "frames" / "one.json"
    found = json.loads(path.read_text())
    changed = damage(found)
    path.write_text(changed if isinstance(changed, str) else json.dumps(changed))
    (result,) = inspect_frames(frames, tmp_path, workers=1)
    assert (result.verdict, result.resumed) == ("not judged", False)
    assert json.loads(path.read_text())["overall"] == found["overall"]


def turned(found: dict[str, object]) -> dict[str, object]:
    """Every verdict turned round, and no reason touched."""
    text = json.dumps(found)
    other = {"true": "false", "false": "true"}
    text = re.sub('"passed": (true|false)', lambda m: f'"passed": {other[m[1]]}', text)
    return json.loads(text)


@pytest.mark.parametrize("rule", ["p95 <= 2", "p95 <= 200"])
@pytest.mark.parametrize(
    "damage",
    [
        turned,
        lambda found: found | {"passed": not found["passed"]},
        lambda found: found | {"passed": None},
        lambda found: found | {"passed": 1},
        lambda found: found | {"reasons": [] if found["reasons"] else ["mean is 9, above 2"]},
        lambda found: found | {"passed": True, "reasons": [], "regions": turned(found)["regions"]},
        lambda found: found | {"regions": turned(found)["regions"]},
        lambda found: found | {"regions": [found["regions"][0] | {"judgements": []}]},
    ],
)
def test_a_record_that_contradicts_itself_is_made_again(reference, tmp_path, damage, rule):
    sample = save(tmp_path / "sample.png", 30)
    frames = [Frame("one", reference, sample)]
    job = Job().with_tolerances([rule])
    (before,) = inspect_frames(frames, tmp_path, job=job, workers=1)
    path = tmp_path / "frames" / "one.json"
    (resumed,) = inspect_frames(frames, tmp_path, job=job, workers=1)
    assert (resumed.verdict, resumed.resumed) == (before.verdict, True)
    path.write_text(json.dumps(damage(json.loads(path.read_text()))))
    (result,) = inspect_frames(frames, tmp_path, job=job, workers=1)
    assert (result.verdict, result.reasons, result.resumed) == (
        before.verdict,
        before.reasons,
        False,
    )


def test_names_that_the_locale_cannot_write(reference, tmp_path):
    folder, output = filled(tmp_path / "frames", 1), tmp_path / "out"
    save(folder / "é.png")
    locale = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    arguments = [reference, folder, "--output", output, "--workers", 1]
    done = run(*arguments, env=os.environ | locale)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(records(output)) == 2


def test_regions_on_the_command_line(reference, folder, tmp_path):
    options = ["--region", "corner=0,0,4,4", "--region", "rest = 4, 0, 12, 12", *RULES]
    run(reference, folder, *options, "--output", tmp_path / "out", "--workers", 1)
    found = records(tmp_path / "out")["00003.png"]
    assert [region["name"] for region in found["regions"]] == ["corner", "rest", "elsewhere"]
    assert found["regions"][0]["statistics"]["count"] == 16
    for text in ("corner", "corner=1,2,3", "=1,2,3,4", "elsewhere=1,2,3,4"):
        done = run(reference, folder, "--region", text, "--output", tmp_path / "no")
        assert_failed(done, "--region")


# ---- Interrupted batches ----------------------------------------------------------------------


def times(output: Path) -> dict[str, int]:
    return {path.stem: path.stat().st_mtime_ns for path in output.glob("frames/*.json")}


def assert_goes_on(arguments: list[object], output: Path, count: int) -> None:
    """A second run leaves what is finished as it is, and finishes the rest."""
    before = times(output)
    assert 0 < len(records(output)) < count
    done = run(*arguments)
    assert done.returncode == 0
    finished = int(re.search(r"^finished before +(\d+)$", done.stdout, re.MULTILINE)[1])
    assert finished == len(before)
    assert len(records(output)) == len(summary(output)) == count
    assert before.items() <= times(output).items()
    assert not list(output.glob("frames/.dde-*"))


def test_a_killed_batch_goes_on(reference, tmp_path):
    folder, output = filled(tmp_path / "frames", 600), tmp_path / "out"
    arguments = [reference, folder, "--output", output, "--workers", 2]
    with start(*arguments) as process:
        until(lambda: len(times(output)) > 20)
        process.kill()
    assert not output.joinpath("summary.csv").exists()
    before = -1
    while before != (before := len(times(output))):  # the workers end by themselves
        time.sleep(0.5)
    output.joinpath("frames/.dde-01.part").write_bytes(b"half of ")
    assert_goes_on(arguments, output, 600)


def test_an_interrupted_batch_goes_on(reference, tmp_path):
    folder, output = filled(tmp_path / "frames", 600), tmp_path / "out"
    arguments = [reference, folder, "--output", output, "--workers", 2]
    with start(*arguments, start_new_session=True) as process:
        until(lambda: len(times(output)) > 20)
        os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does: the workers too
        _, error = process.communicate(timeout=60)
    assert (process.returncode, error) == (-signal.SIGINT, "")
    assert_goes_on(arguments, output, 600)


def test_what_has_changed_is_done_again(reference, folder, tmp_path):
    output = tmp_path / "out"
    job = tmp_path / "job.toml"
    job.write_text('rules = ["max <= 90"]\n')
    arguments = [reference, folder, "--job", job, "--output", output, "--workers", 1]

    def changed(*options: object) -> set[str]:
        before = times(output)
        assert run(*arguments, *options).returncode == 0
        return {name for name, when in times(output).items() if before.get(name) != when}

    assert len(changed()) == 12
    assert changed() == set()
    save(folder / "00005.png", 1)
    assert changed() == {"00005.png"}
    job.write_text('rules = ["max <= 91"]\n')
    assert len(changed()) == 12
    assert len(changed("--metric", "cie76")) == 12
    assert len(changed("--metric", "cie76", "--tolerance", "mean <= 80")) == 12
    save(reference, 1)
    assert len(changed("--metric", "cie76", "--tolerance", "mean <= 80")) == 12
    output.joinpath("frames/00001.png.json").write_bytes(b'{"settings"')
    assert changed("--metric", "cie76", "--tolerance", "mean <= 80") == {"00001.png"}


@pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="needs /proc")
def test_a_worker_that_is_killed_takes_no_frame_with_it(reference, tmp_path):
    folder, output = filled(tmp_path / "frames", 400), tmp_path / "out"
    with start(reference, folder, "--output", output, "--workers", 2) as process:
        until(lambda: len(times(output)) > 20)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.kill(int(children[-1]), signal.SIGKILL)
        assert process.wait(timeout=120) == 0
    assert [row["verdict"] for row in summary(output)] == ["not judged"] * 400


def test_a_frame_that_kills_its_worker_is_given_up(reference, folder, tmp_path):
    save(folder / "deadly.png")
    modules = tmp_path / "modules"
    modules.mkdir()
    modules.joinpath("sitecustomize.py").write_text(
        "import os, sys\n"
        "def hook(event, arguments):\n"
        "    if event == 'open' and str(arguments[0]).endswith('deadly.png'):\n"
        "        os._exit(9)\n"
        "sys.addaudithook(hook)\n"
    )
    path = os.pathsep.join([str(modules), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = os.environ | {"PYTHONPATH": path}
    output = tmp_path / "out"
    done = run(reference, folder, "--output", output, "--workers", 2, env=environment)
    assert (done.returncode, done.stderr) == (2, "")
    verdicts = {row["frame"]: row["verdict"] for row in summary(output)}
    assert verdicts.pop("deadly.png") == "unreadable"
    assert set(verdicts.values()) == {"not judged"}
    assert "deadly.png: the process that read it died" in done.stdout


# ---- What cannot be done -----------------------------------------------------------------------


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is a folder that not even root changes")
def test_read_only_folder(reference, folder):
    done = run(reference, folder, "--output", "/proc/self/out", "--workers", 1)
    assert_failed(done, "--output", "/proc/self/out", "cannot be written")


def test_full_disk(reference, folder, tmp_path):
    resource = pytest.importorskip("resource")

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))

    output = tmp_path / "out"
    arguments = [reference, folder, "--output", output, "--workers", 2]
    done = run(*arguments, preexec_fn=limit)
    assert_failed(done, "--output", str(output), "cannot be written", "0 of 12 frames")
    assert list(output.rglob("*")) == [output / "frames"], "nothing is half written"
    assert run(*arguments).returncode == 0


def test_a_file_in_the_place_of_the_output(reference, folder, tmp_path):
    tmp_path.joinpath("out").write_text("mine")
    assert_failed(run(reference, folder, "--output", tmp_path / "out"), "--output", "out")
    assert tmp_path.joinpath("out").read_text() == "mine"


def test_empty_folder(reference, tmp_path):
    tmp_path.joinpath("empty").mkdir()
    done = run(reference, tmp_path / "empty", "--output", tmp_path / "out")
    assert_failed(done, "FOLDER", "empty", ".png, .jpg")
    assert not tmp_path.joinpath("out").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["{reference}", "{folder}"], ["--output"]),
        (["{folder}/no.png", "{folder}"], ["reference", "no.png", "exist"]),
        (["{reference}", "{folder}/no"], ["no", "cannot be read"]),
        (["{reference}", "{reference}"], ["reference.png", "cannot be read"]),
        (["{folder}/no.csv"], ["PAIRS", "no.csv"]),
        (["{reference}"], ["PAIRS", "reference.png", "CSV"]),
        (["{reference}", "{folder}", "--workers", "0"], ["--workers"]),
        (["{reference}", "{folder}", "--metric", "no"], ["--metric", "no"]),
        (["{reference}", "{folder}", "--tolerance", "p95 < 2"], ["--tolerance", "p95 < 2"]),
        (["{reference}", "{folder}", "--job", "{folder}/no.toml"], ["no.toml"]),
    ],
)
def test_wrong_usage(reference, folder, tmp_path, arguments, words):
    given = [text.format(reference=reference, folder=folder) for text in arguments]
    output = [] if words == ["--output"] else ["--output", tmp_path / "out"]
    assert_failed(run(*given, *output), *words)
    assert not tmp_path.joinpath("out").exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ["columns reference and sample"]),
        (b"reference,samples\na,b\n", ["columns reference and sample"]),
        (b"reference,sample\n", ["at least one pair"]),
        (b"reference,sample\na.png\n", ["line 2"]),
        (b"reference,sample\na.png,b.png\n,b.png\n", ["line 3"]),
        (b"\xff\xfe\x00", ["UTF-8"]),
    ],
)
def test_tables_that_are_refused(tmp_path, content, words):
    table = tmp_path / "pairs.csv"
    table.write_bytes(content)
    assert_failed(run(table, "--output", tmp_path / "out"), "PAIRS", "pairs.csv", *words)


def places_in(node: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The keys that lead to everything within some JSON."""
    inner = dict(enumerate(node)) if isinstance(node, list) else node
    found = []
    for key, value in inner.items() if isinstance(inner, dict) else ():
        found += [(*place, key), *places_in(value, (*place, key))]
    return found


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=4,
)


@pytest.fixture(scope="module")
def failed(tmp_path_factory):
    """A batch of one frame that fails: its settings, the frame, what is found, and its record."""
    folder = tmp_path_factory.mktemp("failed")
    reference, sample = save(folder / "reference.png"), save(folder / "sample.png", 30)
    settings = Settings(
        job=Job().with_tolerances(["p95 <= 2"]),
        records=folder,
        reports=False,
        threads=1,
        seconds=60,
        memory=10**9,
    )
    frame = Frame("one", reference, sample)
    return settings, frame, process(settings, frame), (folder / "one.json").read_text()


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_change_of_a_record_turns_its_verdict(failed, data):
    """One value of the record is another, is gone, or the file is cut."""
    settings, frame, before, text = failed
    found = json.loads(text)
    *way, last = data.draw(st.sampled_from(places_in(found)))
    parent = found
    for key in way:
        parent = parent[key]
    if data.draw(st.booleans()):
        parent[last] = data.draw(ANY_JSON)
    else:
        del parent[last]
    changed = json.dumps(found)
    if data.draw(st.integers(0, 9)) == 0:
        changed = changed[: data.draw(st.integers(0, len(changed)))]
    (settings.records / "one.json").write_text(changed)
    result = process(settings, frame)
    assert result.verdict == before.verdict == "fail"
    assert set(result.row()) >= {"frame", "verdict", "reasons"}
