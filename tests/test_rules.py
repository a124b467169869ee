"""The promise: a rule means what it says, and what is no rule is refused by a clear sentence."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dde
from dde.inspection.found import Defect, Judgement, Statistics
from dde.inspection.rules import (
    QUANTITIES,
    Rule,
    judge_defects,
    judge_region,
    marks_of,
    rules_of,
    thresholds_of,
)

FOUND = Statistics(
    count=200,
    not_finite=0,
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

PERCENTILES = {50: 1.0, 90: 2.0, 95: 2.5, 99: 4.0, 99.9: 5.5, 0.5: 0.25}

VALUES = {
    "mean": 1.25,
    "sd": 0.5,
    "median": 1.0,
    "p90": 2.0,
    "p95": 2.5,
    "p99": 4.0,
    "p99.9": 5.5,
    "p.5": 0.25,
    "max": 6.0,
    "share > 3": 7.0,
    "|dL|": 0.75,
    "|dC|": 0.25,
    "|dH|": 0.125,
    "dL": -0.75,
    "dC": 0.25,
    "dH": -0.125,
    "not_finite": 0.0,
}


def judgements(text: str, found: Statistics = FOUND) -> tuple[Judgement, ...]:
    return judge_region(rules_of(text, "tolerances"), found, lambda p: PERCENTILES[p])


def judge(text: str, found: Statistics = FOUND) -> tuple[bool, list[str]]:
    reasons = [judgement.reason for judgement in judgements(text, found) if judgement.reason]
    return all(judgement.passed for judgement in judgements(text, found)), reasons


def test_every_quantity_is_tested_here() -> None:
    assert {*QUANTITIES} <= {*VALUES}


@pytest.mark.parametrize("quantity", VALUES)
def test_a_limit_is_kept_when_reached_and_broken_when_exceeded(quantity: str) -> None:
    value = VALUES[quantity]
    unit = " %" if quantity.startswith("share") else ""
    (judgement,) = judgements(f"{quantity} <= {value}{unit}")
    assert (judgement.passed, judgement.value, judgement.reason) == (True, value, None)
    if value:
        assert not judge(f"{quantity} <= {value - 0.001}{unit}")[0]
        (judgement,) = judgements(f"{quantity} >= {value}{unit}")
        assert (judgement.passed, judgement.value) == (True, value)
        assert not judge(f"{quantity} >= {value + 0.001}{unit}")[0]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("p95 <= 2", "p95 is 2.50, above 2"),
        ("max<=5.5", "max is 6, above 5.5"),
        ("|dL| ≤ .5", "|dL| is 0.75, above 0.5"),
        ("share > 3.0 <= 1 %", "share > 3 is 7 %, above 1 %"),
        ("mean <= 1.2499999", "mean is 1.25, above 1.2499999"),
        ("median <= 0.9999999", "median is 1, above 0.9999999"),
        ("p99.9 <= 5", "p99.9 is 5.50, above 5"),
        ("dL >= -.5", "dL is -0.75, below -0.5"),
        ("mean dC ≥ 1", "dC is 0.25, below 1"),
        ("dH <= -1", "dH is -0.12, above -1"),
        ("|dH| >= 2", "|dH| is 0.12, below 2"),
        ("share > 3 >= 10 %", "share > 3 is 7 %, below 10 %"),
        ("mean >= 1.2500001", "mean is 1.25, below 1.2500001"),
    ],
)
def test_the_reason_gives_what_was_found_and_the_limit(text: str, reason: str) -> None:
    assert judge(text) == (False, [reason])


def test_a_reason_never_shows_a_value_that_would_pass() -> None:
    passed, reasons = judge("mean <= 2", replace(FOUND, mean=2.0004))
    assert (passed, reasons) == (False, ["mean is 2.0004, above 2"])
    passed, reasons = judge("mean >= 2", replace(FOUND, mean=1.9996))
    assert (passed, reasons) == (False, ["mean is 1.9996, below 2"])


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
    st.sampled_from(["<=", ">="]),
    st.floats(0.001, 99).map(lambda limit: float(f"{limit:.15g}")),
)
def test_a_rule_is_read_as_it_is_written(quantity: str, sign: str, limit: float) -> None:
    unit = " %" if quantity.startswith("share") else ""
    (rule,) = rules_of(f"{quantity} {sign} {limit!r}{unit}", "rules")
    assert (rule.limit, rule.at_least) == (limit, sign == ">=")
    assert rules_of(str(rule), "rules") == (rule,)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "p95",
        "p0 <= 2",
        "p100 <= 2",
        "p-5 <= 2",
        "p95 < 2",
        "p95 = 2",
        "p95 <= nan",
        "p95 <= inf",
        "p95 <= 1e400",
        "share > 1e400 <= 1 %",
        "p95 <= 2 %",
        "share > 3 <= 1",
        "share <= 1 %",
        "dE <= 1",
        "mean max <= 1",
        "|mean| <= 1",
        "count <= 0",
        "p95 <= 2 and",
        "p95 <= 2, max <= 6",
    ],
)
def test_what_is_no_rule_is_refused(text: str) -> None:
    with pytest.raises(
        ValueError, match=r"^tolerances: '.*' is no rule; a rule is a quantity, <= or >=, and "
    ):
        rules_of(text, "tolerances")


@pytest.mark.parametrize(
    "text",
    [
        "share > 3 <= 200 %",
        "share > 3 <= 100 %",
        "share > 3 >= 0 %",
        "share > 3 >= -5 %",
        "mean >= 0",
        "p95 >= -1",
        "|dL| >= -1",
        "not_finite >= 0",
    ],
)
def test_what_nothing_can_break_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^rules: nothing can break '.*', since (it|a share) is "):
        rules_of(text, "rules")


@pytest.mark.parametrize(
    "text", ["share > 3 >= 101 %", "share > 3 <= -1 %", "p95 <= -2", "|dL| <= -1", "sd <= -0.1"]
)
def test_what_nothing_can_keep_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^rules: nothing can keep '.*', since (it|a share) is "):
        rules_of(text, "rules")


def test_objects_are_checked_as_texts_are() -> None:
    assert rules_of(Rule("dL", -1, at_least=True), "r") == rules_of("dL >= -1", "r")
    for rule in (Rule("p95x", 2), Rule("share", 5), Rule("mean", 5, 3.0), Rule("count", 5)):
        with pytest.raises(ValueError, match=r"^r: '.*' is no rule"):
            rules_of(rule, "r")
    with pytest.raises(ValueError, match=r"^r: nothing can break"):
        rules_of(Rule("share", 200, 3.0), "r")
    with pytest.raises(ValueError, match=r"no difference is below 0"):
        rules_of("share > -3 <= 1 %", "r")


def test_the_old_name_of_what_is_not_finite_warns() -> None:
    with pytest.warns(DeprecationWarning, match="'nan' in rules is 'not_finite' now"):
        (rule,) = rules_of("nan <= 3", "rules")
    assert str(rule) == "not_finite <= 3"


@pytest.mark.parametrize("value", [True, {"max": 6}, 1j, b"max <= 6", [[None, object()]]])
def test_another_type_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match=r"^tolerances must be rules such as 'p95 <= 2', not "):
        rules_of(value, "tolerances")


@pytest.mark.parametrize("limit", [-1, float("nan"), float("inf")])
def test_a_limit_is_a_difference(limit: float) -> None:
    with pytest.raises(ValueError, match=r"^tolerances must be a difference of at least 0"):
        rules_of(limit, "tolerances")


def test_pixels_without_a_difference_do_not_pass_unseen() -> None:
    found = replace(FOUND, not_finite=3)
    assert judge("max <= 100", found) == (
        False,
        ["3 pixels have no finite difference, above 0"],
    )
    assert judge("max <= 100 and not_finite <= 3", found) == (True, [])
    assert judgements("not_finite >= 1", replace(FOUND, not_finite=0))[0].passed is False
    assert judge_region((), found, PERCENTILES.__getitem__) == ()
    (warning,) = judge_region((), found, PERCENTILES.__getitem__, (Rule("max", 7),))
    assert warning.passed, "a rule that warns asks for no other"


def test_what_is_unknown_fails() -> None:
    found = replace(FOUND, mean=np.nan)
    reason = "mean is unknown, since no pixel has a finite difference"
    assert judge("mean <= 100", found) == (False, [reason])


def test_shares_are_counted_above_each_tolerance() -> None:
    rules = rules_of("p95 <= 2 and share > 3 <= 1 % and |dL| <= 9 and sd <= 8 and max <= 2", "r")
    assert marks_of(rules) == thresholds_of(rules) == {2.0, 3.0}


def test_what_is_at_least_a_limit_is_counted_above_the_float_before_it() -> None:
    rules = rules_of("p5 >= 2 and max >= 3 and dL >= 1", "r")
    assert marks_of(rules) == {2.0, 3.0}
    below = float(np.nextafter(np.float32(2), np.float32(0)))
    assert thresholds_of(rules) == {below, 3.0}


def test_rules_that_only_warn_say_so() -> None:
    rule, warning = judge_region(
        rules_of("max <= 5", "r"), FOUND, PERCENTILES.__getitem__, rules_of("max <= 4", "w")
    )
    assert (rule.passed, rule.warns, rule.reason) == (False, False, "max is 6, above 5")
    assert (warning.passed, warning.warns, warning.reason) == (False, True, "max is 6, above 4")


def test_rules_about_defects() -> None:
    rules = rules_of(["count <= 1", "area <= 50"], "rules", about_defects=True)
    largest = Defect("image", 60, 0, 0, 10, 6, 7.0, 9.0)
    judged = judge_defects(rules, 2, largest)
    assert [(j.value, j.passed) for j in judged] == [(2, False), (60, False)]
    assert [j.reason for j in judged] == ["count is 2, above 1", "area is 60, above 50"]
    assert all(j.passed for j in judge_defects(rules, 0, None))
    for text in ("max <= 6", "p95 <= 2", "share > 3 <= 1 %"):
        with pytest.raises(ValueError, match="quantities are count, area"):
            rules_of(text, "rules", about_defects=True)
    with pytest.raises(ValueError, match="nothing can break 'count >= 0'"):
        rules_of("count >= 0", "rules", about_defects=True)


@pytest.mark.parametrize("limit", [10**400, -(10**400), 10**4000])
def test_a_number_is_one_that_float64_reaches(limit: int) -> None:
    with pytest.raises(
        ValueError, match=r"^tolerances must be a difference of at least 0, not -?inf"
    ):
        rules_of(limit, "tolerances")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("rule", ["p95 >= 1e300", "p95 <= 1e300", "p5 >= 3.4028235e38"])
def test_limits_that_float32_does_not_reach_warn_of_nothing(rule: str) -> None:
    image = np.zeros((4, 5, 3), "u1")
    assert dde.inspect(image, image, tolerances=rule).passed is ("<=" in rule)
