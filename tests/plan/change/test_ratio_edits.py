"""Ratios typed alone, together, and together with the sums they are made of: all hold at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from tests.plan.change.test_change import changed, hold, no_reference, region, three_stores
from xlplan.errors import InfeasibleError, InputError
from xlplan.plan.change.change import change
from xlplan.plan.change.grid import Grid
from xlplan.plan.change.request import Edit, Wish


@pytest.fixture(scope="module")
def year():
    return three_stores()


@pytest.fixture(scope="module")
def half_over(year):
    """The first half of September has actual sales in the first store."""
    actuals = year.actuals.copy()
    first, last = (date(2026, 9, day).timetuple().tm_yday - 1 for day in (1, 15))
    actuals.iloc[first : last + 1, actuals.columns.get_loc("gmv")] = 5000.0
    return replace(year, actuals=actuals)


def by_hand(grid, year, metric, period, *stores):
    """A ratio from the plain sums of its flows."""
    above, below = {
        "cvr": ("orders", "uv"), "aov": ("gmv", "orders"), "roi": ("gmv_paid", "spend"), "spend_ratio": ("spend", "gmv"),
    }[metric]  # fmt: skip
    return grid.total(region(year, above, period, *stores)) / grid.total(region(year, below, period, *stores))  # fmt: skip


def test_a_month_half_over_comes_to_the_ratio_as_a_whole(half_over):
    month = region(half_over, "cvr", "9月", "甲")
    before = Grid(half_over)
    after = changed(half_over, Edit(month, "proportional", 0.06))
    assert by_hand(after, half_over, "cvr", "9月", "甲") == pytest.approx(0.06, rel=1e-4)
    over = region(half_over, "uv", "9月1日-9月15日", "甲")
    assert after.total(over) == before.total(over)


def test_a_percentage_concerns_the_days_that_can_still_move(half_over):
    month, rest = region(half_over, "cvr", "9月", "甲"), "9月16日-9月30日"
    before = by_hand(Grid(half_over), half_over, "cvr", rest, "甲")
    after = changed(half_over, Edit(month, "percent", 0.08))
    assert by_hand(after, half_over, "cvr", rest, "甲") == pytest.approx(before * 1.08, rel=1e-3)


def test_a_ratio_that_days_with_actuals_do_not_allow_is_refused_with_its_bound(half_over):
    month = region(half_over, "cvr", "9月", "甲")
    uv = Grid(half_over).total(region(half_over, "uv", "9月1日-9月15日", "甲"))
    orders = Grid(half_over).total(region(half_over, "orders", "9月", "甲"))
    with pytest.raises(InfeasibleError, match="不能高于") as caught:
        changed(half_over, Edit(month, "proportional", 0.5))
    assert caught.value.reachable[1] == pytest.approx(orders / uv, rel=1e-3)
    assert "已有实际的日子不再改计划" in caught.value.remedy
    with pytest.raises(InfeasibleError, match="只能是"):
        changed(half_over, Edit(region(half_over, "cvr", "9月3日", "甲"), "proportional", 0.06))


@pytest.mark.parametrize("turned", [False, True])
def test_sums_and_a_ratio_of_the_same_day_all_hold(year, turned):
    day = "9月24日"
    edits = [
        Edit(region(year, "gmv", day, "甲"), "percent", 0.1),
        Edit(region(year, "cvr", day, "甲"), "proportional", 0.06),
        Edit(region(year, "uv", "9月", "甲"), "times", 1.05),
    ]
    before = Grid(year)
    after = changed(year, *(reversed(edits) if turned else edits))
    gmv, uv = region(year, "gmv", day, "甲"), region(year, "uv", "9月", "甲")
    assert after.total(gmv) == round(before.total(gmv) * 1.1, 2)
    assert after.total(uv) == round(before.total(uv) * 1.05)
    few = after.total(region(year, "uv", day, "甲"))
    assert by_hand(after, year, "cvr", day, "甲") == pytest.approx(0.06, rel=1 / few)


def test_when_sales_and_visitors_are_typed_orders_make_the_ratio(year):
    day = "9月24日"
    typed = {"gmv": 7000.0, "uv": 900.0}
    edits = [Edit(region(year, name, day, "甲"), "proportional", v) for name, v in typed.items()]
    after = changed(year, *edits, Edit(region(year, "cvr", day, "甲"), "proportional", 0.06))
    assert {name: after.total(region(year, name, day, "甲")) for name in typed} == typed
    assert after.total(region(year, "orders", day, "甲")) == 54


def test_two_ratios_hold_together_whichever_moves_last(year):
    for pair in (("roi", 4.0), ("spend_ratio", 0.12)), (("cvr", 0.06), ("aov", 100.0)):
        edits = [Edit(region(year, m, "Q4", "乙"), "proportional", value) for m, value in pair]
        after = changed(year, *edits)
        for metric, value in pair:
            assert by_hand(after, year, metric, "Q4", "乙") == pytest.approx(value, rel=1e-3)


def test_a_month_and_one_of_its_days_each_have_their_ratio(year):
    asked = {"9月": 0.06, "9月24日": 0.08}
    edits = [Edit(region(year, "cvr", when, "甲"), "proportional", v) for when, v in asked.items()]
    after = changed(year, *edits)
    for when, value in asked.items():
        uv = after.total(region(year, "uv", when, "甲"))
        assert by_hand(after, year, "cvr", when, "甲") == pytest.approx(value, rel=1.5 / uv)


def test_edits_that_leave_a_ratio_no_room_are_refused_by_name(year):
    day = "9月24日"
    typed = {"gmv": 7000.0, "uv": 900.0, "orders": 60.0, "cvr": 0.06}
    edits = [Edit(region(year, name, day, "甲"), "proportional", v) for name, v in typed.items()]
    with pytest.raises(InputError, match="互相矛盾") as caught:
        changed(year, *edits)
    assert all(word in caught.value.message for word in ("转化率", "UV", "笔数", "6%"))
    agreeing = [*edits[:3], replace(edits[3], amount=60 / 900)]
    assert changed(year, *agreeing).total(region(year, "orders", day, "甲")) == 60


def test_a_locked_total_keeps_standing_while_a_day_gets_its_ratio(year):
    total = Grid(year).total(region(year, "uv", "9月", "甲"))
    lock = hold("合计", "uv", "甲", (9, 1), (9, 30), value=total)
    day = region(year, "cvr", "9月24日", "甲")
    after = changed(year, Edit(day, "proportional", 0.08), holds=[lock])
    assert after.total(region(year, "uv", "9月", "甲")) == total
    uv = after.total(region(year, "uv", "9月24日", "甲"))
    assert by_hand(after, year, "cvr", "9月24日", "甲") == pytest.approx(0.08, rel=1 / uv)


def test_what_was_not_typed_still_follows_beside_what_was(year):
    """Visitors typed in September do not keep October's from following the sales."""
    before = Grid(year)
    after = changed(
        year,
        Edit(region(year, "gmv", "10月", "甲"), "percent", 0.1),
        Edit(region(year, "uv", "9月9日", "甲"), "proportional", 1234.0),
    )
    for name in ("uv", "orders"):
        where = region(year, name, "10月", "甲")
        assert after.total(where) == pytest.approx(before.total(where) * 1.1, rel=1e-3)
    assert after.total(region(year, "uv", "9月9日", "甲")) == 1234


def test_a_kept_total_stays_through_followers_and_ratios(year):
    edits = (
        Edit(region(year, "gmv", "9月15日", "甲"), "proportional", 9999.0),
        Edit(region(year, "uv", "9月20日", "甲"), "proportional", 999.0),
        Edit(region(year, "cvr", "9月24日", "甲"), "proportional", 0.07),
    )
    made = change(year, Wish(edits, keep=("month",)), (), no_reference)
    before, after = Grid(year), Grid(replace(year, plan=made.plan))
    for name in ("gmv", "uv"):
        where = region(year, name, "9月", "甲")
        assert after.total(where) == before.total(where)
    assert after.total(edits[0].region) == 9999
    assert after.total(edits[1].region) == 999
    uv = after.total(region(year, "uv", "9月24日", "甲"))
    assert by_hand(after, year, "cvr", "9月24日", "甲") == pytest.approx(0.07, rel=1 / uv)
    assert np.abs(after.columns["gmv"] - before.columns["gmv"])[1:].max() == 0
