"""Rules: what a region, or the defects of an image, must keep to pass."""

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from numbers import Real
from typing import Any

from dde.inspection.found import Defect, Judgement, Statistics

# What a rule may speak of, by the name that it has there.
QUANTITIES: dict[str, Callable[[Statistics], float]] = {
    "mean": lambda s: s.mean,
    "sd": lambda s: s.standard_deviation,
    "median": lambda s: s.median,
    "p90": lambda s: s.percentile_90,
    "p95": lambda s: s.percentile_95,
    "p99": lambda s: s.percentile_99,
    "max": lambda s: s.maximum,
    "|dL|": lambda s: abs(s.mean_delta_L),
    "|dC|": lambda s: abs(s.mean_delta_C),
    "|dH|": lambda s: abs(s.mean_delta_H),
    "nan": lambda s: s.not_a_number,
}
DIFFERENCES = ("mean", "median", "p90", "p95", "p99", "max")  # whose limits are differences
DEFECT_QUANTITIES = ("count", "area")

_NUMBER = r"(\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_RULE = re.compile(rf"(?P<quantity>[\w|]+)\s*(?:<=|≤)\s*(?P<limit>{_NUMBER})")
_SHARE = re.compile(rf"share\s*>\s*(?P<threshold>{_NUMBER})\s*(?:<=|≤)\s*(?P<limit>{_NUMBER})\s*%")


@dataclass(frozen=True)
class Rule:
    """
    An upper limit for one quantity.

    Attributes
    ----------
    quantity : str
        One of `QUANTITIES`, ``"share"``, or for defects one of `DEFECT_QUANTITIES`.
    limit : float
        What it may be at most; of a share in percent.
    threshold : float or None
        Of a share: the difference above which a pixel belongs to it.
    """

    quantity: str
    limit: float
    threshold: float | None = None

    def __str__(self) -> str:
        unit = "" if self.threshold is None else " %"
        return f"{self.subject} <= {self.limit:.15g}{unit}"

    @property
    def subject(self) -> str:
        """What the rule is about, as it is written: its left side."""
        if self.threshold is None:
            return self.quantity
        return f"{self.quantity} > {self.threshold:.15g}"

    @property
    def mark(self) -> float | None:
        """The difference that the rule draws a line at, if it does."""
        if self.threshold is not None:
            return self.threshold
        return self.limit if self.quantity in DIFFERENCES else None

    def judge(self, value: float) -> Judgement:
        """The rule applied to what was found; NaN breaks every rule."""
        return Judgement(str(self), float(value), bool(value <= self.limit), self.mark)

    def reason(self, judgement: Judgement) -> str:
        """Why the rule is broken, in a sentence: ``"p95 is 2.31, above 2"``."""
        value = judgement.value
        if math.isnan(value):
            return f"{self.subject} is unknown, since no pixel has a finite difference"
        if self.quantity == "nan":
            return f"{value:.0f} pixels have no finite difference, above {self.limit:.15g}"
        digits = 0 if value.is_integer() else 2
        while float(text := f"{value:.{digits}f}") <= self.limit:  # never "2.00, above 2"
            digits += 1
        unit = "" if self.threshold is None else " %"
        return f"{self.subject} is {text}{unit}, above {self.limit:.15g}{unit}"


# Pixels without a finite difference must not pass unseen: judged where no rule says otherwise.
ALL_FINITE = Rule("nan", 0)


def rules_of(
    given: Any, name: str, quantities: Iterable[str] = ("share", *QUANTITIES)
) -> tuple[Rule, ...]:
    """
    The rules that a user gave.

    Parameters
    ----------
    given : None, number, str, Rule or a sequence of these
        A number T stands for ``"max <= T"``; a text may hold several rules, joined by ``and``.
    name : str
        What the argument, or the key of the job file, is called: for error messages.
    quantities : iterable of str, optional
        What the rules may speak of.

    Raises
    ------
    TypeError
        If it is something else.
    ValueError
        If a text is no rule.

    Examples
    --------
    >>> [str(rule) for rule in rules_of("p95 ≤ 2.0 and share > 3 <= 1 %", "tolerances")]
    ['p95 <= 2', 'share > 3 <= 1 %']
    >>> str(*rules_of(6, "tolerances"))
    'max <= 6'
    """
    if given is None:
        return ()
    if isinstance(given, Rule):
        return (given,)
    if isinstance(given, str):
        texts = re.split(r"\s+and\s+", given.strip())
        return tuple(_parsed(text, name, tuple(quantities)) for text in texts)
    if isinstance(given, Real) and not isinstance(given, bool):
        limit = float(given)
        if not (math.isfinite(limit) and limit >= 0):
            raise ValueError(f"{name} must be a difference of at least 0, not {given}")
        return (_parsed(f"max <= {limit!r}", name, tuple(quantities)),)
    if isinstance(given, (list, tuple)):
        return tuple(rule for part in given for rule in rules_of(part, name, quantities))
    raise TypeError(f"{name} must be rules such as 'p95 <= 2', not {type(given).__name__}")


def _parsed(text: str, name: str, quantities: tuple[str, ...]) -> Rule:
    rule = None
    if match := _RULE.fullmatch(text):
        rule = Rule(match["quantity"], float(match["limit"]))
    elif match := _SHARE.fullmatch(text):
        rule = Rule("share", float(match["limit"]), float(match["threshold"]))
    if rule and rule.quantity in quantities and math.isfinite(rule.limit + (rule.threshold or 0)):
        return rule
    share = "; of a share, such as 'share > 3 <= 1 %'" if "share" in quantities else ""
    raise ValueError(
        f"{name}: {text!r} is no rule; a rule is a quantity, <= and a number of at least 0, such "
        f"as '{quantities[1]} <= 2'{share}; the quantities are {', '.join(quantities)}"
    )


def judge_region(rules: tuple[Rule, ...], statistics: Statistics) -> list[tuple[Rule, Judgement]]:
    """The rules of a region, each with what it finds in the region's statistics."""
    if rules and statistics.not_a_number and all(rule.quantity != "nan" for rule in rules):
        rules = (*rules, ALL_FINITE)
    return [(rule, rule.judge(_found(rule, statistics))) for rule in rules]


def judge_defects(
    rules: tuple[Rule, ...], count: int, largest: Defect | None
) -> list[tuple[Rule, Judgement]]:
    """The rules about defects, each with what it finds."""
    found = {"count": count, "area": largest.area if largest else 0}
    return [(rule, rule.judge(found[rule.quantity])) for rule in rules]


def thresholds_of(rules: Iterable[Rule]) -> set[float]:
    """The differences above which rules ask for shares, and those that are limits of rules."""
    return {rule.mark for rule in rules if rule.mark is not None}


def _found(rule: Rule, statistics: Statistics) -> float:
    if rule.threshold is not None:
        # Rounded, so that 7 pixels of 100 are 7 % and not 7.000000000000001 %.
        return round(100 * statistics.share_above[rule.threshold], 10)
    return QUANTITIES[rule.quantity](statistics)
