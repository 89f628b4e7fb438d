"""Driver trees: the worked examples D of planning_cases.json, and what must always hold."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlplan.errors import InfeasibleError, InputError
from xlplan.plan.drivers import ramp, reconcile, scale_ratio, solve, weighted_ratio

CASES = {
    case["id"]: case
    for case in json.loads((Path(__file__).parents[1] / "planning_cases.json").read_text("utf-8"))
}
positive = st.floats(1e-3, 1e6)


def digits(expected: float) -> float:
    """Half a unit in the last printed digit."""
    return 0.5 * 10.0 ** -len(str(expected).partition(".")[2])


def test_the_inverse_is_exact():
    given_values = CASES["D1"]["given"]
    values = {"gmv": given_values["GMV"], "aov": given_values["AOV"]}
    solved = solve(values, ["gmv = orders * aov"], unknown="orders")
    assert solved == {**values, **CASES["D1"]["expect"]}


def test_a_locked_target_moves_its_drivers_by_equal_ratios():
    values = dict(CASES["D2"]["given"])
    locked = values.pop("locked")
    done = reconcile(values, ["GMV = UV * CVR * AOV"], locked=locked)
    assert done["GMV"] == values["GMV"]
    for name, expected in CASES["D2"]["expect"].items():
        assert done[name] == pytest.approx(expected, abs=digits(expected))
        assert done[name] / values[name] == pytest.approx((12 / 10.5) ** (1 / 3), rel=1e-14)


def test_four_identities_are_reconciled_at_once():
    values = dict(CASES["D5"]["given"])
    identities = values.pop("identities")
    done = reconcile(values, identities, locked=["GMV", "AOV", "ROI"])
    for name in ("GMV", "AOV", "ROI"):
        assert done[name] == values[name]
    for name, expected in CASES["D5"]["expect"].items():
        assert done[name] == pytest.approx(expected, abs=1.01 * digits(expected))


def test_an_annual_ratio_moves_the_months_by_one_factor():
    case, expect = CASES["D6"]["given"], CASES["D6"]["expect"]
    assert weighted_ratio(case["CVR"], case["UV"]) == pytest.approx(expect["current"], rel=1e-14)
    months = scale_ratio(case["CVR"], case["UV"], case["annual_CVR"])
    assert months == pytest.approx(expect["CVR"], rel=1e-14)
    assert months / np.array(case["CVR"]) == pytest.approx([expect["factor"]] * 3, rel=1e-14)


def test_a_sum_and_a_product_hold_together():
    done = reconcile(
        {"gmv": 100.0, "paid": 50.0, "organic": 30.0, "spend": 10.0, "roi": 4.0},
        ["gmv = paid + organic", "paid = spend * roi"],
        locked=["gmv"],
    )
    assert done["paid"] + done["organic"] == pytest.approx(100, rel=1e-13)
    assert done["spend"] * done["roi"] == pytest.approx(done["paid"], rel=1e-13)
    assert done["spend"] / 10 == pytest.approx(done["roi"] / 4, rel=1e-12)


def test_a_sum_is_reconciled_at_the_least_relative_change():
    values = {"gmv": 100.0, "paid": 50.0, "organic": 30.0}
    done = reconcile(values, ["gmv = paid + organic"], locked=["gmv"])

    def cost(paid: float) -> float:
        return math.log(paid / 50) ** 2 + math.log((100 - paid) / 30) ** 2

    assert cost(done["paid"]) <= min(cost(done["paid"] - 0.01), cost(done["paid"] + 0.01))


def test_a_difference_needs_no_brackets():
    done = reconcile(
        {"net": 80.0, "gmv": 100.0, "refund": 10.0}, ["net = gmv - refund"], locked=["gmv", "net"]
    )
    assert done["refund"] == pytest.approx(20, rel=1e-13)


def test_twice_the_weight_moves_half_as_far():
    done = reconcile(
        {"gmv": 200.0, "orders": 1.0, "aov": 100.0},
        ["gmv = orders * aov"],
        locked=["gmv"],
        weight={"orders": 2.0},
    )
    assert math.log(done["aov"] / 100) == pytest.approx(2 * math.log(done["orders"]), rel=1e-12)


def test_locked_contradictions_are_refused_by_name():
    values = {"gmv": 100.0, "uv": 10.0, "cvr": 0.5, "aov": 10.0, "spend": 3.0}
    identities = ["gmv = uv * cvr * aov", "fee = spend / gmv"]
    before = dict(values)
    with pytest.raises(InfeasibleError, match="gmv = uv") as refusal:
        reconcile(values, identities, locked=["gmv", "uv", "cvr", "aov"])
    assert refusal.value.locks == ["gmv", "uv", "cvr", "aov"]
    assert values == before


def test_a_missing_target_follows_the_others():
    done = reconcile({"gmv": 100.0, "uv": 10.0, "cvr": 0.5, "aov": None}, ["gmv = uv * cvr * aov"])
    assert done["aov"] == 20
    assert (done["gmv"], done["uv"], done["cvr"]) == (100, 10, 0.5)


def test_consistent_values_come_back_unchanged():
    values = {"gmv": 0.1 * 3 * 7, "uv": 7.0, "cvr": 0.1, "aov": 3.0, "note": 5.0}
    assert reconcile(values, ["gmv = uv * cvr * aov"]) == pytest.approx(values, rel=1e-15)


def test_a_missing_target_nothing_determines_is_asked_for():
    with pytest.raises(InputError, match="cvr、aov"):
        reconcile({"gmv": 100.0, "uv": 10.0}, ["gmv = uv * cvr * aov"])


@pytest.mark.parametrize("bad", ["gmv", "a = b = c", "a = (b)", "a = b *", "a = ", "a = b / 0"])
def test_an_unreadable_identity_is_refused(bad: str):
    with pytest.raises(InputError):
        reconcile({"a": 1.0, "b": 2.0, "c": 3.0, "gmv": 1.0}, [bad])


def test_numbers_with_exponents_and_percent_are_read():
    assert solve({"b": 2.0}, ["a = 1e-3 * b + 5% * b"], unknown="a")["a"] == pytest.approx(0.102)


def test_a_negative_value_is_refused_and_a_zero_stays():
    with pytest.raises(InputError):
        reconcile({"a": -1.0, "b": 2.0}, ["a = 2 * b"])
    done = reconcile({"total": 10.0, "a": 0.0, "b": 8.0}, ["total = a + b"], locked=["total"])
    assert done == {"total": 10.0, "a": 0.0, "b": pytest.approx(10.0)}


def test_two_unknowns_are_solved_together():
    solved = solve({"p": 6.0, "q": 1.5}, ["p = a * b", "q = a / b"], unknown=["a", "b"])
    assert (solved["a"], solved["b"]) == pytest.approx((3.0, 2.0), rel=1e-12)


def test_the_free_part_of_a_sum_is_solved():
    assert solve({"s": 10.0, "a": 4.0}, ["s = a + b"], unknown="b")["b"] == 6
    with pytest.raises(InfeasibleError):
        solve({"s": 4.0, "a": 10.0}, ["s = a + b"], unknown="b")


def test_an_unknown_that_nothing_determines_is_refused():
    with pytest.raises(InputError, match="a、b"):
        solve({"p": 6.0}, ["p = a * b"], unknown=["a", "b"])


def test_given_values_that_contradict_are_refused_when_solving():
    with pytest.raises(InfeasibleError):
        solve({"g": 6.0, "o": 2.0, "a": 2.0, "u": 4.0}, ["g = o * a", "o = u * c"], unknown="c")


@settings(max_examples=60, deadline=None)
@given(positive, positive, positive, positive, st.floats(1e-3, 1e3))
def test_reconciling_does_not_depend_on_units(gmv, uv, cvr, aov, scale):
    identity = ["gmv = uv * cvr * aov"]
    values = {"gmv": gmv, "uv": uv, "cvr": cvr, "aov": aov}
    one = reconcile(values, identity, locked=["gmv"])
    scaled = {**values, "gmv": gmv * scale, "uv": uv * scale}
    two = reconcile(scaled, identity, locked=["gmv"])
    assert one["uv"] * one["cvr"] * one["aov"] == pytest.approx(gmv, rel=1e-11)
    assert two["uv"] == pytest.approx(one["uv"] * scale, rel=1e-11)
    assert two["cvr"] == pytest.approx(one["cvr"], rel=1e-11)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 10**6)), min_size=1, max_size=12), st.data()
)
def test_a_bounded_ratio_hits_its_target_or_says_what_is_reachable(months, data):
    ratios, base = (np.array(part) for part in zip(*months, strict=True))
    if not base.sum():
        base = base + 1
    target = data.draw(st.floats(0, 1.2))
    if target > 1:
        with pytest.raises(InfeasibleError) as refusal:
            scale_ratio(ratios, base, target, upper=1)
        assert refusal.value.reachable == pytest.approx((0, 1))
        return
    after = scale_ratio(ratios, base, target, upper=1)
    assert weighted_ratio(after, base) == pytest.approx(target, rel=1e-9, abs=1e-12)
    assert (after >= 0).all()
    assert (after <= 1 + 1e-12).all()


def test_held_months_keep_their_ratio_and_the_rest_share_one_factor():
    ratios, base = np.array([0.02, 0.03, 0.04]), np.array([100.0, 200.0, 300.0])
    after = scale_ratio(ratios, base, 0.04, held=[True, False, False])
    assert after[0] == 0.02
    assert after[1] / 0.03 == pytest.approx(after[2] / 0.04)
    assert weighted_ratio(after, base) == pytest.approx(0.04, rel=1e-14)


def test_a_month_without_visitors_follows_the_common_factor():
    after = scale_ratio([0.02, 0.03, 0.05], [100, 0, 100], 0.07)
    assert after == pytest.approx([0.04, 0.06, 0.10])


def test_ramps_hit_the_annual_ratio():
    base = np.arange(1.0, 13.0)
    for options in ({"start": 2.0}, {"end": 4.0}, {"start": 2.0, "end": 4.0}, {}):
        line = ramp(base, 3.0, **options)
        assert weighted_ratio(line, base) == pytest.approx(3.0, rel=1e-13)
        assert np.diff(line, 2) == pytest.approx(np.zeros(10), abs=1e-12)
    assert ramp(base, 3.0, start=2.0)[0] == 2
    assert ramp(base, 3.0, end=4.0)[-1] == pytest.approx(4)
    with pytest.raises(InfeasibleError):
        ramp(base, 0.1, start=3.0)


def test_what_nobody_stated_moves_freely_between_what_was():
    stated = {"gmv": 100.0, "uv": 10.0, "spend": 200.0, "cost": 10.0}
    done = reconcile(stated, ["gmv = uv * value", "spend = value * cost"])
    assert done["value"] == pytest.approx(10 * math.sqrt(2), rel=1e-5)
    for name, factor in (
        ("gmv", 2**0.25),
        ("uv", 2**-0.25),
        ("spend", 2**-0.25),
        ("cost", 2**0.25),
    ):
        assert done[name] / stated[name] == pytest.approx(factor, rel=1e-5)


def test_targets_far_apart_are_reached_in_steps():
    total = 1e9
    done = reconcile(
        {"gmv": total, "paid": 1.0, "organic": 1e-3, "spend": 1.0, "roi": 1.0},
        ["gmv = paid + organic", "paid = spend * roi"],
        locked=["gmv"],
    )
    assert done["paid"] + done["organic"] == pytest.approx(total, rel=1e-9)
    assert done["spend"] * done["roi"] == pytest.approx(done["paid"], rel=1e-9)
