"""Tables in Markdown."""


def short(value: float) -> str:
    """A number to about three digits."""
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"


def aligned(lines: list[list[str]], sides: str) -> list[str]:
    """A table in Markdown. `sides` has < or > for each column: where its texts stand."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rule = ["-" * (w - 1) + (":" if s == ">" else "-") for s, w in zip(sides, widths, strict=True)]
    formats = [f"{side}{width}" for side, width in zip(sides, widths, strict=True)]
    return [
        "| " + " | ".join(map(format, line, formats)) + " |"
        for line in [lines[0], rule, *lines[1:]]
    ]
