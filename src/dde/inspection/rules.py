"""Rules: what a region, or the defects of an image, must keep to pass."""

import math
import re
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any

import numpy as np

from dde.inspection.found import Defect, Judgement, Statistics
from dde.numbers import as_float

# What a rule may speak of beside percentiles and shares, by the name that it has there.
QUANTITIES: dict[str, Callable[[Statistics], float]] = {
    "mean": lambda s: s.mean,
    "sd": lambda s: s.standard_deviation,
    "max": lambda s: s.maximum,
    "dL": lambda s: s.mean_delta_L,
    "dC": lambda s: s.mean_delta_C,
    "dH": lambda s: s.mean_delta_H,
    "|dL|": lambda s: abs(s.mean_delta_L),
    "|dC|": lambda s: abs(s.mean_delta_C),
    "|dH|": lambda s: abs(s.mean_delta_H),
    "not_finite": lambda s: s.not_finite,
}
SIGNED = ("dL", "dC", "dH")  # all others are never below 0
DEFECT_QUANTITIES = ("count", "area")
OLD_NAMES = {"nan": "not_finite"}

REGION_RULE = (
    "a rule is a quantity, <= or >=, and a number, such as 'p95 <= 2' or 'dL >= -1'; of a share, "
    f"such as 'share > 3 <= 1 %'; the quantities are {', '.join(QUANTITIES)}, median, share, and "
    "percentiles such as p95 or p99.9"
)
DEFECT_RULE = (
    "a rule about defects is a quantity, <= or >=, and a number, such as 'area <= 2'; the "
    f"quantities are {', '.join(DEFECT_QUANTITIES)}"
)

_NUMBER = r"[+-]?(\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_SIGN = r"\s*(?P<sign><=|≤|>=|≥)\s*"
_RULE = re.compile(rf"(?:mean\s+(?=\|?d[LCH]))?(?P<quantity>[\w|.]+){_SIGN}(?P<limit>{_NUMBER})")
_SHARE = re.compile(rf"share\s*>\s*(?P<threshold>{_NUMBER}){_SIGN}(?P<limit>{_NUMBER})\s*%")
_PERCENTILE = re.compile(r"p(\d+\.?\d*|\.\d+)")


@dataclass(frozen=True)
class Rule:
    """
    A limit for one quantity.

    Attributes
    ----------
    quantity : str
        One of `QUANTITIES`, ``"median"``, a percentile such as ``"p95"`` or ``"p99.9"``,
        ``"share"``, or for defects one of `DEFECT_QUANTITIES`.
    limit : float
        What it may be at most, or must be at least; of a share in percent.
    threshold : float or None
        Of a share: the difference above which a pixel belongs to it.
    at_least : bool
        Whether the limit is from below.
    """

    quantity: str
    limit: float
    threshold: float | None = None
    at_least: bool = False

    def __str__(self) -> str:
        return f"{self.subject} {'>=' if self.at_least else '<='} {self.limit:.15g}{self._unit}"

    @property
    def subject(self) -> str:
        """What the rule is about, as it is written: its left side."""
        if self.threshold is None:
            return self.quantity
        return f"{self.quantity} > {self.threshold:.15g}"

    @property
    def percentage(self) -> float | None:
        """Of a percentile: how many per cent of the pixels do not exceed it."""
        if self.quantity == "median":
            return 50.0
        match = _PERCENTILE.fullmatch(self.quantity)
        return float(match[1]) if match else None

    @property
    def mark(self) -> float | None:
        """The difference that the rule draws a line at, if it does."""
        if self.threshold is not None:
            return self.threshold
        differences = self.quantity in ("mean", "max") or self.percentage is not None
        return self.limit if differences else None

    @property
    def counted_above(self) -> float | None:
        """The difference above which pixels must be counted, for the rule to be judged exactly."""
        if self.at_least and self.percentage is not None:
            # At least the limit is above the float32 before it.
            limit = as_kernels_have(self.limit)
            with np.errstate(over="ignore"):  # of what float32 does not reach
                return float(np.nextafter(limit, np.float32(-np.inf)))
        return self.mark

    def judge(self, value: float, warns: bool = False) -> Judgement:
        """The rule applied to what was found; NaN breaks every rule."""
        limit = self.limit
        if self.percentage is not None or self.quantity == "max":
            limit = float(as_kernels_have(limit))  # as differences are: never at odds with a share
        passed = bool(value >= limit if self.at_least else value <= limit)
        if passed:  # what keeps a limit is not said to be beyond it, by what float32 rounds
            value = max(value, self.limit) if self.at_least else min(value, self.limit)
        reason = None if passed else self._reason(float(value))
        return Judgement(str(self), float(value), passed, self.mark, warns, reason)

    @property
    def _unit(self) -> str:
        return "" if self.threshold is None else " %"

    def _reason(self, value: float) -> str:
        """Why the rule is broken, in a sentence: ``"p95 is 2.31, above 2"``."""
        if math.isnan(value):
            return f"{self.subject} is unknown, since no pixel has a finite difference"
        beyond = f"{'below' if self.at_least else 'above'} {self.limit:.15g}"
        if self.quantity == "not_finite":
            return f"{value:.0f} pixels have no finite difference, {beyond}"
        digits = 0 if value.is_integer() else 2
        while self._keeps(float(text := f"{value:.{digits}f}")):  # never "2.00, above 2"
            digits += 1
        return f"{self.subject} is {text}{self._unit}, {beyond}{self._unit}"

    def _keeps(self, value: float) -> bool:
        return value >= self.limit if self.at_least else value <= self.limit


# Pixels without a finite difference must not pass unseen: judged where no rule says otherwise.
ALL_FINITE = Rule("not_finite", 0)


def as_kernels_have(difference: float) -> np.float32:
    """A limit in float32, as the differences are that it is compared with."""
    with np.errstate(over="ignore"):
        return np.float32(difference)


def rules_of(given: Any, name: str, *, about_defects: bool = False) -> tuple[Rule, ...]:
    """
    The rules that a user gave.

    Parameters
    ----------
    given : None, number, str, Rule or a sequence of these
        A number T stands for ``"max <= T"``; a text may hold several rules, joined by ``and``.
    name : str
        What the argument, or the key of the job file, is called: for error messages.
    about_defects : bool, optional
        Whether the rules speak of defects, and not of a region.

    Raises
    ------
    TypeError
        If it is something else.
    ValueError
        If a text is no rule, or nothing can break the rule, or nothing can keep it.

    Examples
    --------
    >>> [str(rule) for rule in rules_of("p95 ≤ 2.0 and share > 3 <= 1 %", "tolerances")]
    ['p95 <= 2', 'share > 3 <= 1 %']
    >>> str(*rules_of(6, "tolerances"))
    'max <= 6'
    >>> [str(rule) for rule in rules_of(["dL >= -1", "p99.9 <= 5"], "tolerances")]
    ['dL >= -1', 'p99.9 <= 5']
    """
    if given is None:
        return ()
    if isinstance(given, Rule):
        return (_checked(given, name, about_defects),)
    if isinstance(given, str):
        texts = re.split(r"\s+and\s+", given.strip())
        return tuple(_parsed(text, name, about_defects) for text in texts)
    if isinstance(given, Real) and not isinstance(given, bool):
        limit = as_float(given)
        if not (math.isfinite(limit) and limit >= 0):
            raise ValueError(f"{name} must be a difference of at least 0, not {limit}")
        return (_parsed(f"max <= {limit!r}", name, about_defects),)
    if isinstance(given, (list, tuple)):
        return tuple(
            rule for part in given for rule in rules_of(part, name, about_defects=about_defects)
        )
    raise TypeError(f"{name} must be rules such as 'p95 <= 2', not {type(given).__name__}")


def _parsed(text: str, name: str, about_defects: bool) -> Rule:
    if match := _RULE.fullmatch(text):
        quantity, threshold = match["quantity"], None
    elif match := _SHARE.fullmatch(text):
        quantity, threshold = "share", float(match["threshold"])
    else:
        raise _no_rule(text, name, about_defects)
    rule = Rule(quantity, float(match["limit"]), threshold, match["sign"] in (">=", "≥"))
    return _checked(rule, name, about_defects, text)


def _no_rule(text: str, name: str, about_defects: bool) -> ValueError:
    return ValueError(
        f"{name}: {text!r} is no rule; {DEFECT_RULE if about_defects else REGION_RULE}"
    )


def _checked(rule: Rule, name: str, about_defects: bool, text: str = "") -> Rule:
    """The rule, unless it speaks of nothing known, or can only be kept, or only be broken."""
    text = text or str(rule)
    if rule.quantity in OLD_NAMES:
        now = OLD_NAMES[rule.quantity]
        warnings.warn(f"{rule.quantity!r} in rules is {now!r} now", DeprecationWarning, 2)
        rule = replace(rule, quantity=now)
    is_share = rule.quantity == "share"
    known = rule.quantity in (DEFECT_QUANTITIES if about_defects else (*QUANTITIES, "share"))
    if not about_defects and rule.percentage is not None:
        known = 0 < rule.percentage < 100
    if (
        not known
        or is_share != (rule.threshold is not None)
        or not math.isfinite(rule.limit + (rule.threshold or 0))
    ):
        raise _no_rule(text, name, about_defects)
    if rule.quantity in SIGNED:
        return rule
    if is_share and (rule.threshold or 0) < 0:
        raise ValueError(f"{name}: no share is asked for by {text!r}: no difference is below 0")
    high = 100 if is_share else math.inf
    bounds = "a share is from 0 to 100 %" if is_share else "it is never below 0"
    if rule.limit <= 0 if rule.at_least else rule.limit >= high:
        raise ValueError(f"{name}: nothing can break {text!r}, since {bounds}")
    if rule.limit > high if rule.at_least else rule.limit < 0:
        raise ValueError(f"{name}: nothing can keep {text!r}, since {bounds}")
    return rule


def judge_region(
    rules: tuple[Rule, ...],
    statistics: Statistics,
    percentile: Callable[[float], float],
    warnings: tuple[Rule, ...] = (),
) -> tuple[Judgement, ...]:
    """
    The rules of a region, and those that only warn, each with what it finds.

    `percentile` gives the percentiles of the region's differences, as `Tally.percentiles` does.
    """
    if rules and statistics.not_finite and all(rule.quantity != "not_finite" for rule in rules):
        rules = (*rules, ALL_FINITE)

    def found(rule: Rule) -> float:
        if rule.threshold is not None:
            # Rounded, so that 7 pixels of 100 are 7 % and not 7.000000000000001 %.
            return round(100 * statistics.share_above[rule.threshold], 10)
        if rule.percentage is not None:
            return percentile(rule.percentage)
        return QUANTITIES[rule.quantity](statistics)

    return (
        *(rule.judge(found(rule)) for rule in rules),
        *(rule.judge(found(rule), warns=True) for rule in warnings),
    )


def judge_defects(
    rules: tuple[Rule, ...],
    count: int,
    largest: Defect | None,
    warnings: tuple[Rule, ...] = (),
) -> tuple[Judgement, ...]:
    """The rules about defects, and those that only warn, each with what it finds."""
    found = {"count": count, "area": largest.area if largest else 0}
    return (
        *(rule.judge(found[rule.quantity]) for rule in rules),
        *(rule.judge(found[rule.quantity], warns=True) for rule in warnings),
    )


def marks_of(rules: Iterable[Rule]) -> set[float]:
    """The differences above which rules ask for shares, and those that are limits of rules."""
    return {rule.mark for rule in rules if rule.mark is not None}


def thresholds_of(rules: Iterable[Rule]) -> set[float]:
    """The differences above which pixels must be counted, for all rules to be judged exactly."""
    return {rule.counted_above for rule in rules if rule.counted_above is not None}
