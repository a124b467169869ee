"""The promise: a rule means what it says, and what is no rule is refused by a clear sentence."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dde.inspection.result import Defect, Statistics
from dde.inspection.rules import (
    DEFECT_QUANTITIES,
    QUANTITIES,
    Rule,
    judge_defects,
    judge_region,
    rules_of,
    thresholds_of,
)

FOUND = Statistics(
    count=200,
    not_a_number=0,
    mean=1.25,
    standard_deviation=0.5,
    median=1.0,
    percentile_90=2.0,
    percentile_95=2.5,
    percentile_99=4.0,
    maximum=6.0,
    maximum_x=3,
    maximum_y=4,
    share_above={1.0: 0.5, 3.0: 0.07},
    mean_delta_L=-0.75,
    mean_delta_C=0.25,
    mean_delta_H=-0.125,
)

VALUES = {
    "mean": 1.25,
    "sd": 0.5,
    "median": 1.0,
    "p90": 2.0,
    "p95": 2.5,
    "p99": 4.0,
    "max": 6.0,
    "share > 3": 7.0,
    "|dL|": 0.75,
    "|dC|": 0.25,
    "|dH|": 0.125,
    "nan": 0.0,
}


def judge(text: str, found: Statistics = FOUND) -> tuple[bool, list[str]]:
    judged = judge_region(rules_of(text, "tolerances"), found)
    reasons = [rule.reason(judgement) for rule, judgement in judged if not judgement.passed]
    return not reasons, reasons


def test_every_quantity_is_tested_here() -> None:
    assert {name.split()[0] for name in VALUES} == {*QUANTITIES, "share"}


@pytest.mark.parametrize("quantity", VALUES)
def test_a_limit_is_kept_when_reached_and_broken_when_exceeded(quantity: str) -> None:
    value = VALUES[quantity]
    unit = " %" if quantity.startswith("share") else ""
    [(_, judgement)] = judge_region(rules_of(f"{quantity} <= {value}{unit}", "rules"), FOUND)
    assert (judgement.passed, judgement.value) == (True, value)
    if value:
        assert not judge(f"{quantity} <= {value - 0.001}{unit}")[0]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("p95 <= 2", "p95 is 2.50, above 2"),
        ("max<=5.5", "max is 6, above 5.5"),
        ("|dL| ≤ .5", "|dL| is 0.75, above 0.5"),
        ("share > 3.0 <= 1 %", "share > 3 is 7 %, above 1 %"),
        ("mean <= 1.2499999", "mean is 1.25, above 1.2499999"),
        ("median <= 0.99999999", "median is 1, above 0.99999999"),
    ],
)
def test_the_reason_gives_what_was_found_and_the_limit(text: str, reason: str) -> None:
    assert judge(text) == (False, [reason])


def test_a_reason_never_shows_a_value_that_would_pass() -> None:
    passed, reasons = judge("mean <= 2", replace(FOUND, mean=2.0004))
    assert (passed, reasons) == (False, ["mean is 2.0004, above 2"])


def test_rules_can_be_joined_and_listed() -> None:
    given = ["p95 <= 2 and max <= 6.0", 7, Rule("mean", 1.0)]
    assert list(map(str, rules_of(given, "rules"))) == [
        "p95 <= 2",
        "max <= 6",
        "max <= 7",
        "mean <= 1",
    ]
    assert rules_of(None, "rules") == ()


@given(
    st.sampled_from(list(VALUES)),
    st.floats(0, 1e6).map(lambda limit: float(f"{limit:.15g}")),
)
def test_a_rule_is_read_as_it_is_written(quantity: str, limit: float) -> None:
    unit = " %" if quantity.startswith("share") else ""
    (rule,) = rules_of(f"{quantity} <= {limit!r}{unit}", "rules")
    assert rule.limit == limit
    assert rules_of(str(rule), "rules") == (rule,)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "p95",
        "p96 <= 2",
        "p95 < 2",
        "p95 >= 2",
        "p95 <= -2",
        "p95 <= nan",
        "p95 <= inf",
        "p95 <= 1e400",
        "share > 1e400 <= 1 %",
        "p95 <= 2 %",
        "share > 3 <= 1",
        "share <= 1 %",
        "dL <= 1",
        "count <= 0",
        "p95 <= 2 and",
        "p95 <= 2, max <= 6",
    ],
)
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(
        ValueError, match=r"^tolerances: '.*' is no rule; a rule is a quantity, <= "
    ):
        rules_of(text, "tolerances")


@pytest.mark.parametrize("value", [True, {"max": 6}, 1j, b"max <= 6", [[None, object()]]])
def test_another_type_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match=r"^tolerances must be rules such as 'p95 <= 2', not "):
        rules_of(value, "tolerances")


@pytest.mark.parametrize("limit", [-1, float("nan"), float("inf")])
def test_a_limit_is_a_difference(limit: float) -> None:
    with pytest.raises(ValueError, match=r"^tolerances must be a difference of at least 0"):
        rules_of(limit, "tolerances")


def test_pixels_without_a_difference_do_not_pass_unseen() -> None:
    found = replace(FOUND, not_a_number=3)
    assert judge("max <= 100", found) == (
        False,
        ["3 pixels have no finite difference, above 0"],
    )
    assert judge("max <= 100 and nan <= 3", found) == (True, [])
    assert judge_region((), found) == []


def test_what_is_unknown_fails() -> None:
    found = replace(FOUND, mean=np.nan)
    reason = "mean is unknown, since no pixel has a finite difference"
    assert judge("mean <= 100", found) == (False, [reason])


def test_shares_are_counted_above_each_tolerance() -> None:
    rules = rules_of("p95 <= 2 and share > 3 <= 1 % and |dL| <= 9 and sd <= 8 and max <= 2", "r")
    assert thresholds_of(rules) == {2.0, 3.0}


def test_rules_about_defects() -> None:
    rules = rules_of(["count <= 1", "area <= 50"], "rules", DEFECT_QUANTITIES)
    largest = Defect("image", 60, 0, 0, 10, 6, 7.0, 9.0)
    judged = judge_defects(rules, 2, largest)
    assert [(j.value, j.passed) for _, j in judged] == [(2, False), (60, False)]
    assert [r.reason(j) for r, j in judged] == ["count is 2, above 1", "area is 60, above 50"]
    assert all(j.passed for _, j in judge_defects(rules, 0, None))
    with pytest.raises(ValueError, match="quantities are count, area"):
        rules_of("max <= 6", "rules", DEFECT_QUANTITIES)
