"""Compares two runs of the benchmarks, and names what fell by more than a fifth.

    python benchmarks/compare.py BEFORE.json AFTER.json

Compared are ratios within each run (how many times as fast dde is as a peer, on the same row),
instructions a pixel and memory: not times, which change with whatever else a computer does. What
was measured in one run only is named. Exit status 0: nothing fell; 1: something did; 2: the two
cannot be compared.
"""

import sys
from pathlib import Path

from record import Run, read
from tables import short

FALL = 0.2

Key = tuple[str, ...]


def gains(run: Run) -> dict[Key, float]:
    """What is better the larger it is, by what it is of."""
    found: dict[Key, float] = {}
    for m in run.measurements:
        if m.ratio is not None:
            row = (m.task, m.type, f"{m.pixels:,} pixels", f"threads: {m.threads}")
            found[*row, m.instruction_set, f"against {m.peer}"] = m.ratio
    for count in run.counts:
        key = (count.task, count.type, count.instruction_set, "instructions a pixel")
        found[key] = 1 / count.instructions
    for memory in run.memory:
        if memory.peer == "dde":
            found[memory.task, "memory"] = 1 / memory.megabytes
    return found


def refusal(before: Run, after: Run) -> str | None:
    """Why the two cannot be compared."""
    for field in ("processor", "instruction_set"):
        one, other = getattr(before.machine, field), getattr(after.machine, field)
        if one != other:
            return f"the two runs cannot be compared: their {field} is {one}, and {other}"
    if not gains(before).keys() & gains(after).keys():
        return "the two runs have nothing in common"
    return None


def fallen(before: dict[Key, float], after: dict[Key, float]) -> list[str]:
    """A line for each, the worst first."""
    shares = {key: after[key] / before[key] for key in before.keys() & after.keys()}
    worst = sorted((share, key) for key, share in shares.items() if share < 1 - FALL)
    return [
        f"{', '.join(key)}: {_shown(key, before[key])} before, {_shown(key, after[key])} now "
        f"({share - 1:+.0%})"
        for share, key in worst
    ]


def _shown(key: Key, gain: float) -> str:
    if key[-1].startswith("against"):
        return f"{short(gain)}×"
    return short(1 / gain) + (" MB" if key[-1] == "memory" else "")


def changed_versions(before: Run, after: Run) -> list[str]:
    names = before.versions.keys() & after.versions.keys()
    return [
        f"{name}: {before.versions[name]} before, {after.versions[name]} now"
        for name in sorted(names)
        if before.versions[name] != after.versions[name]
    ]


def main(before_path: str, after_path: str) -> int:
    try:
        before, after = (read(Path(path)) for path in (before_path, after_path))
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    if why := refusal(before, after):
        print(why, file=sys.stderr)
        return 2
    one, other = gains(before), gains(after)
    found = fallen(one, other)
    _print("Fell by more than a fifth", found)
    _print("Other versions", changed_versions(before, after))
    _print("Measured before only", [", ".join(key) for key in one if key not in other])
    _print("Measured now only", [", ".join(key) for key in other if key not in one])
    print(f"{len(one.keys() & other.keys())} compared, {len(found)} fell by more than a fifth")
    return 1 if found else 0


def _print(title: str, lines: list[str]) -> None:
    if lines:
        print(f"{title}:", *(f"  {line}" for line in lines), "", sep="\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
