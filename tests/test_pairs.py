"""PAIRS as spreadsheets write them are understood, or refused in one sentence that helps."""

import os
from pathlib import Path

import pytest

from dde.batch import frames_of_pairs
from dde.errors import TableFileError

PLAIN = "reference,sample\na.png,b.png\nc d.png,e.png\n"


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.encode("utf-16"),
        PLAIN.replace(",", ";").encode(),
        PLAIN.replace(",", "\t").encode(),
        PLAIN.replace(",", ", ").encode(),
        PLAIN.replace(",", " , ").encode(),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\r").encode(),
        PLAIN.replace("reference", "Reference").encode(),
        PLAIN.replace("c d.png", '"c d.png"').encode(),
        (PLAIN + "\n,\n\n").encode(),
        b"note;sample;reference\n1,5;b.png;a.png\n;e.png;c d.png\n",
    ],
)
def test_tables_that_are_understood(tmp_path: Path, content: bytes) -> None:
    table = tmp_path / "pairs.csv"
    table.write_bytes(content)
    pairs = [(frame.reference, frame.sample) for frame in frames_of_pairs(table)]
    assert pairs == [
        (tmp_path / "a.png", tmp_path / "b.png"),
        (tmp_path / "c d.png", tmp_path / "e.png"),
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "columns reference and sample"),
        (b"reference|sample\na|b\n", "commas, semicolons or tabs"),
        (b"reference,sample,sample\na,b,c\n", "several columns called sample"),
        (b"reference,sample\na,b,c.png\n", "line 2 has 3 cells.*in quotes"),
        (b"reference,sample\na\0,b\n", "NUL"),
        (b"reference,sample\n\xe9.png,b\n", "UTF-8"),
        (b"reference,sample\n\n", "at least one pair"),
        (b'reference,sample\n"' + b"x" * 200_000 + b"\n", "field"),
    ],
)
def test_tables_that_are_refused(tmp_path: Path, content: bytes, words: str) -> None:
    table = tmp_path / "pairs.csv"
    table.write_bytes(content)
    with pytest.raises(TableFileError, match=rf"^table {table} .*{words}"):
        frames_of_pairs(table)


def test_pipes_devices_and_folders_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    for path in (tmp_path / "pipe.csv", Path("/dev/zero"), tmp_path):
        with pytest.raises(TableFileError, match="not a regular file"):
            frames_of_pairs(path)


def test_an_odd_sample_has_a_name_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("pairs.csv").write_text("reference,sample\na,b\na,.\na,sub/..\na,/\n")
    assert [frame.name for frame in frames_of_pairs("pairs.csv")] == ["b", ".", "..", ".-2"]
