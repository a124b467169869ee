"""What ``dde batch`` prints at the end."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from dde.batch import FrameResult
from dde.batch.frames import UNREADABLE
from dde.batch.summary import SUMMARIES
from dde.command.streams import in_lines


def account(results: Sequence[FrameResult], skipped: Mapping[str, int], output: Path) -> str:
    """The counts, then the frames that failed or could not be read."""
    verdicts = Counter(result.verdict for result in results)
    counts = {
        "frames": len(results),
        "passed": verdicts["pass"],
        "failed": verdicts["fail"],
        "not judged": verdicts["not judged"],
        UNREADABLE: verdicts[UNREADABLE],
        "finished before": sum(result.resumed for result in results),
    }
    lines = [f"{name:16}{count:8}" for name, count in counts.items()]
    if skipped:
        lines.append(f"{'skipped':16}{sum(skipped.values()):8}     {_kinds(skipped)}")
    written = [path for name in SUMMARIES if (path := output / name).exists()]
    lines += [f"{'' if place else 'summary':18}{path}" for place, path in enumerate(written)]
    for verdict, title in (("fail", "failed"), (UNREADABLE, UNREADABLE)):
        listed = [result for result in results if result.verdict == verdict]
        if listed:
            lines += ["", title, *(f"  {each.frame.name}: {each.reasons}" for each in listed)]
    return in_lines(lines)


def _kinds(skipped: Mapping[str, int]) -> str:
    """
    What was passed over in a folder.

    Examples
    --------
    >>> _kinds({".xml": 2, "": 1, "folder": 1})
    '2 .xml, 1 without a suffix, 1 folder'
    """
    parts = [f"{count} {kind or 'without a suffix'}" for kind, count in skipped.items()]
    return ", ".join(parts)


def exit_status(results: Sequence[FrameResult]) -> int:
    """2 where a file could not be read, else 1 where a frame failed, else 0."""
    verdicts = {result.verdict for result in results}
    return 2 if UNREADABLE in verdicts else 1 if "fail" in verdicts else 0
