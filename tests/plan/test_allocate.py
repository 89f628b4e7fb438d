"""Ad money: worked examples H, the gate, and an optimum that a grid does not beat."""

from __future__ import annotations

import csv
import json
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlplan.errors import InfeasibleError, InputError
from xlplan.plan.ads.curves import weeks_needed
from xlplan.plan.allocate import (
    Curve,
    NotEnoughData,
    allocate,
    break_even_roi,
    fit_curve,
    share_short,
)

CASES = {
    case["id"]: case
    for case in json.loads((Path(__file__).parent / "planning_cases.json").read_text("utf-8"))
}
H1 = CASES["H1"]


def test_the_budget_of_case_h1():
    made, expect = allocate(H1["given"], 100_000), H1["expect"]
    assert made == pytest.approx(expect["spend"], abs=0.011)
    assert made.spent == 100_000
    assert made.marginal_roi == pytest.approx(expect["marginal_ROI"], abs=1e-4)
    assert made.response == pytest.approx(expect["response"], abs=0.1)
    assert made.average_roi > 2 > made.marginal_roi


def test_a_least_marginal_roi_leaves_money_and_says_so():
    made = allocate(H1["given"], 100_000, min_marginal_roi=2)
    assert made.spent == pytest.approx(59_855, abs=1)
    assert made.unspent == pytest.approx(40_145, abs=1)
    assert "边际 ROI 会低于 2" in made.why_unspent


def test_a_least_average_roi_is_another_thing():
    made = allocate(H1["given"], 1_000_000, min_average_roi=2)
    assert made.average_roi == pytest.approx(2, abs=1e-4)
    assert "平均 ROI" in made.why_unspent
    assert made.marginal_roi < 2


def test_floors_and_caps_are_kept_and_contradictions_refused():
    made = allocate(H1["given"], 100_000, floor={"钻展": 5000}, cap={"淘宝客": 50_000})
    assert (made["钻展"], made["淘宝客"]) == (5000, 50_000)
    assert made.spent == 100_000
    with pytest.raises(InfeasibleError, match="超过预算") as refused:
        allocate(H1["given"], 1000, floor={"钻展": 5000})
    assert refused.value.reachable[0] == 5000
    with pytest.raises(InputError, match="没有渠道"):
        allocate(H1["given"], 1000, floor={"千川": 5})
    full = allocate(H1["given"], 1000, cap=100)
    assert full.unspent == 700
    assert "上限" in full.why_unspent


def test_a_fitted_curve_is_trusted_near_what_was_spent():
    curves = {"甲": Curve(40, 0.7, past=100.0), "乙": Curve(5, 0.4, past=100.0)}
    made = allocate(curves, 200)
    assert made == {"甲": 150, "乙": 50}


def test_the_break_even_roi_of_case_h3_and_with_refunds():
    assert break_even_roi(H3["gross_margin"]) == CASES["H3"]["expect"]
    assert break_even_roi(0.4, 0.2) == pytest.approx(3.125)
    for wrong in ((0, 0), (0.4, 1)):
        with pytest.raises(InputError):
            break_even_roi(*wrong)


H3 = CASES["H3"]["given"]


def test_the_share_of_a_goods_that_is_missing():
    assert share_short({"A": 50, "B": 50}, ["A"], 0.6) == 10
    assert share_short({"A": 70, "B": 30}, ["A"], 0.6) == 0


channels = st.dictionaries(
    st.sampled_from("甲乙丙"),
    st.tuples(st.floats(0.5, 80), st.floats(0.1, 0.9)),
    min_size=2,
    max_size=3,
)


@settings(max_examples=60, deadline=None)
@given(channels, st.floats(100, 1e5))
def test_no_grid_beats_the_allocation(curves, budget):
    made = allocate(curves, budget)
    real = [Curve(*curve) for curve in curves.values()]
    best = 0.0
    for parts in product(np.linspace(0, 1, 21), repeat=len(real) - 1):
        if sum(parts) <= 1:
            shares = (*parts, 1 - sum(parts))
            best = max(
                best, sum(c.response(budget * s) for c, s in zip(real, shares, strict=True))
            )
    assert made.response >= best - max(0.05, 1e-4 * best)


@settings(max_examples=60, deadline=None)
@given(channels, st.floats(100, 1e5), st.floats(1, 3))
def test_more_budget_never_lowers_a_channel(curves, budget, times):
    less, more = allocate(curves, budget), allocate(curves, budget * times)
    assert all(more[name] >= less[name] - 0.011 for name in curves)


def weeks(seed, count=60, b=0.6, spread=0.5, noise=0.08, a=50.0):
    random = np.random.default_rng(seed)
    spend = 1000 * np.exp(random.normal(0, spread, count))
    return spend, a * spend**b * np.exp(random.normal(0, noise, count))


def test_weeks_that_can_tell_are_fitted():
    curve = fit_curve(*weeks(1))
    assert curve.b == pytest.approx(0.6, abs=0.06)
    assert curve.a == pytest.approx(50, rel=0.4)


def test_a_simulated_shop_gains_nearly_what_the_true_optimum_gains():
    truth = {"直通车": (50.0, 0.6), "钻展": (20.0, 0.45), "淘宝客": (30.0, 0.7)}
    fitted = {}
    for seed, (name, (a, b)) in enumerate(truth.items()):
        fitted[name] = fit_curve(*weeks(seed, a=a, b=b), channel=name)
    past = {name: curve.past for name, curve in fitted.items()}
    budget = sum(past.values())
    real = {name: Curve(*curve) for name, curve in truth.items()}
    bound = {"floor": {n: 0.5 * v for n, v in past.items()}, "cap": {n: 1.5 * v for n, v in past.items()}}  # fmt: skip

    def brings(spend):
        return sum(real[name].response(value) for name, value in spend.items())

    best, made = brings(allocate(real, budget, **bound)), brings(allocate(fitted, budget))
    assert best > brings(past) * 1.02
    assert made - brings(past) >= 0.9 * (best - brings(past))


def test_demand_is_taken_out_before_spend_is_given_the_credit():
    random = np.random.default_rng(3)
    load = np.exp(random.normal(0, 0.4, 80))
    spend = 1000 * load * np.exp(random.normal(0, 0.25, 80))
    sales = 50 * spend**0.6 * load * np.exp(random.normal(0, 0.05, 80))
    assert fit_curve(spend, sales, weights=load).b == pytest.approx(0.6, abs=0.05)
    with pytest.raises(NotEnoughData, match="看不出效果递减"):
        fit_curve(spend, sales)


@pytest.mark.parametrize("channel", ["tv_S", "ooh_S", "print_S", "search_S", "facebook_S"])
def test_every_channel_of_the_robyn_tutorial_is_refused(channel):
    path = Path(__file__).parent.parent / "data" / "robyn_dt_simulated_weekly.csv"
    with path.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    spend, sales = ([float(row[name]) for row in rows] for name in (channel, "revenue"))
    with pytest.raises(NotEnoughData, match="残差前后相关") as refused:
        fit_curve(spend, sales, channel=channel)
    assert channel in refused.value.message
    assert refused.value.weeks > 80


@pytest.mark.parametrize(("slope", "error"), [(0.96, 0.02), (0.96, 0.04), (1.05, 0.03)])
def test_an_elasticity_next_to_one_is_refused_however_sharp(slope, error):
    """Three channels of a real shop, by slope and standard error over 28 points."""
    x = np.tile([-1.4, -0.5, 0.5, 1.4], 7)
    random = np.random.default_rng(7)
    rest = random.normal(size=28)
    rest -= rest.mean() + x * (x @ rest) / (x @ x)
    rest *= error * np.sqrt((x @ x) * 26 / (rest @ rest))
    with pytest.raises(NotEnoughData) as refused:
        fit_curve(np.exp(x), np.exp(slope * x + rest), channel="Banner")
    assert refused.value.high == pytest.approx(slope + 1.64 * error, abs=1e-6)


def test_a_refusal_names_channel_weeks_spread_range_and_what_is_lacking():
    with pytest.raises(NotEnoughData) as refused:
        fit_curve(*weeks(4, count=9, noise=0.5), channel="钻展")
    told = refused.value
    assert told.weeks == 9
    for text in ("钻展", "9 周", f"{told.spread:.2f}", f"{told.low:.2f} 到 {told.high:.2f}"):
        assert text in told.message
    assert "还差" in told.remedy
    assert weeks_needed(0.5, 0.6, 0.5) == 17
    assert weeks_needed(0.5, 1.02, 0.5) is None


@pytest.mark.parametrize("spend", [[], [0] * 20, [100] * 20, [float("nan")] * 20])
def test_no_spend_or_the_same_every_week_tells_nothing(spend):
    with pytest.raises(NotEnoughData, match="数据不足"):
        fit_curve(spend, np.arange(1, len(spend) + 1), channel="直通车")


def test_negative_spend_is_refused():
    with pytest.raises(InputError, match="负数"):
        fit_curve([-1, 2, 3], [1, 2, 3])
