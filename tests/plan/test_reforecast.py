"""Re-planning: the worked examples F, exact sums, days with actuals and locks untouched."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlplan.errors import InfeasibleError, InputError
from xlplan.plan.reforecast import hit_probability, pace, replan, uv_to_go
from xlplan.plan.spread import spread

CASES = {
    case["id"]: case
    for case in json.loads((Path(__file__).parent / "planning_cases.json").read_text("utf-8"))
}
NAN = float("nan")


def test_the_three_ways_of_going_on_of_case_f1():
    given_, expect = CASES["F1"]["given"], CASES["F1"]["expect"]
    plan = given_["plan"]
    actual = [*given_["actual"], *[NAN] * (len(plan) - len(given_["actual"]))]
    equal = replan(plan, actual, mode="catch_up", share="equal", unit=0.0001)
    assert sum(plan[:3]) - sum(given_["actual"]) == expect["deficit"]
    np.testing.assert_allclose(equal[3:], expect["catch_up_equal"], atol=1e-4)
    assert equal.sum() == pytest.approx(1200, abs=1e-9)
    assert replan(plan, actual, mode="as_planned").sum() == expect["keep_plan_FY"]
    assert replan(plan, actual, mode="trend").sum() == pytest.approx(expect["trend_FY"])


def november():
    """The month of case A13: its days' weights."""
    case = CASES["A13"]["given"]
    days = [date(2026, 11, 1) + timedelta(days=i) for i in range(30)]
    weights = np.array([case["weekday_mon_sun"][day.weekday()] for day in days])
    for day, lift in case["events"].items():
        weights[int(day[3:]) - 1] *= lift
    return case["total"], weights


def test_the_rest_of_a_month_by_unit_weight_value_of_case_f3():
    total, weights = november()
    expect = CASES["F3"]["expect"]
    actual = np.full(30, NAN)
    actual[:12] = CASES["F3"]["given"]["actual_to_day12"] / 12
    plan = spread(total, weights, unit=1)
    found = pace(total, actual, weights, plan=plan)
    assert found.plan_to_date == pytest.approx(expect["plan_to_day12"])
    assert found.unit_actual == pytest.approx(expect["unit_actual"], abs=0.01)
    assert found.unit_required == pytest.approx(expect["unit_required"], abs=0.01)
    assert found.run_rate == pytest.approx(expect["eom_run_rate"], abs=1)
    assert pace(total, actual, weights).plan_to_date == pytest.approx(2_798_686, abs=1)
    after = replan(plan, actual, weights, mode="catch_up", target=total)
    assert after[12:].sum() == pytest.approx(expect["remaining_sum"])
    needed, gap = uv_to_go(total, 0.03, 180, actual=float(np.nansum(actual)))
    assert np.ceil(needed) == expect["required_UV_at_CVR3pct_AOV180"]
    assert gap == needed


def test_the_uv_of_the_seeds_september_and_its_gap():
    needed, gap = uv_to_go(1_100_000, 0.06, 101.9, uv_so_far=60_000)
    assert needed == pytest.approx(179_915, abs=1)
    assert gap == pytest.approx(119_915, abs=1)


def test_missing_days_are_counted_and_not_taken_for_zero():
    found = pace(400, [100, NAN, 100, NAN], [1, 1, 1, 1])
    assert (found.days_known, found.days_missing, found.days_left) == (2, 1, 1)
    assert found.unit_actual == 100
    assert found.plan_to_date == 200
    assert found.attainment == 1


def test_a_closed_day_is_neither_missing_nor_left():
    found = pace(300, [100, NAN, NAN, NAN], [1, 0, 1, 1])
    assert (found.days_missing, found.days_left) == (0, 2)
    assert found.unit_required == 100


def test_a_month_without_a_target_has_no_pace():
    with pytest.raises(InputError, match="没有目标"):
        pace(NAN, [1.0], [1.0])


def test_capped_catching_up_stops_at_what_history_reached_and_says_what_is_possible():
    plan, actual = [100.0] * 4, [40.0, NAN, NAN, NAN]
    made = replan(plan, actual, mode="catch_up", share="capped", cap=[0, 110, 130, 200])
    assert made.tolist() == [40, 110, 125, 125]
    with pytest.raises(InfeasibleError, match="差 30") as refused:
        replan(plan, actual, mode="catch_up", share="capped", cap=[0, 110, 110, 110])
    assert refused.value.reachable == (40, 370)


def test_what_is_over_target_is_not_taken_back_from_days_to_come():
    with pytest.raises(InfeasibleError, match="已经超过目标"):
        replan([10.0, 10.0], [50.0, NAN], mode="catch_up")


def test_nothing_left_to_move_is_refused_with_the_rest():
    with pytest.raises(InfeasibleError, match="还差 10"):
        replan([20.0, 20.0], [10.0, NAN], mode="catch_up", held=[False, True])


def test_chances_come_from_the_draws():
    assert hit_probability(np.arange(10.0), 7) == 0.3
    with pytest.raises(InputError):
        hit_probability(np.array([]), 1)


amounts = st.integers(0, 10**7).map(lambda cents: cents / 100)


@st.composite
def months(draw):
    count = draw(st.integers(3, 31))
    plan = draw(st.lists(amounts, min_size=count, max_size=count))
    known = draw(st.integers(0, count - 1))
    done = draw(st.lists(amounts, min_size=known, max_size=known))
    held = draw(st.lists(st.booleans(), min_size=count, max_size=count))
    weights = draw(st.lists(st.integers(0, 9), min_size=count, max_size=count))
    return np.array(plan), np.array([*done, *[NAN] * (count - known)]), np.array(held), weights


@settings(max_examples=80, deadline=None)
@given(months(), st.sampled_from(["weights", "equal"]))
def test_replanned_sums_are_exact_actual_days_untouched_and_locks_kept(month, share):
    plan, actual, held, weights = month
    known = ~np.isnan(actual)
    for mode in ("catch_up", "as_planned", "trend"):
        try:
            made = replan(plan, actual, weights, mode=mode, share=share, held=held)
        except (InfeasibleError, InputError):
            continue
        assert np.array_equal(made[known], actual[known])
        kept = held & ~known
        assert np.array_equal(made[kept], plan[kept])
        assert (made >= 0).all()
        if mode == "catch_up":
            assert round(made.sum() * 100) == round(plan.sum() * 100)
