"""Changing the plan at any level: every sum exact, every lock kept, every refusal named."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlplan.actions.plan.new import NewBook, make_state
from xlplan.errors import InfeasibleError, InputError
from xlplan.plan.change.change import change
from xlplan.plan.change.grid import Grid, Region
from xlplan.plan.change.holds import Hold, HoldKind, moved
from xlplan.plan.change.request import Edit, Wish
from xlplan.plan.days.periods import parse_period
from xlplan.plan.spread import SignError
from xlplan.plan.targets.claims import Claim

STORES = ("甲", "乙", "丙")
FIGURES = {"cvr": 0.05, "aov": 120.0, "spend_ratio": 0.1, "roi": 3.0, "refund_rate": 0.06}


@cache
def three_stores():
    """Return a planned year of three stores; nobody changes it."""
    claims = [Claim("gmv", 1e6 * (i + 1), store=name) for i, name in enumerate(STORES)]
    claims += [Claim(metric, value, store=s) for s in STORES for metric, value in FIGURES.items()]
    return make_state(NewBook(2026, list(STORES), claims))[0].year


@pytest.fixture(scope="module")
def year():
    return three_stores()


def region(year, metric, period, *stores):
    return Region(metric, stores or year.stores, parse_period(period, year.calendar))


def hold(kind, metric, store, first, last, **more):
    return Hold("L1", HoldKind(kind), metric, store, date(2026, *first), date(2026, *last), **more)


def no_reference(_name, _rows):
    raise AssertionError


def changed(year, *edits, holds=(), keep=(), gives="", reference=no_reference):
    made = change(year, Wish(tuple(edits), gives, keep), holds, reference)
    after = replace(year, plan=made.plan)
    assert moved(year, after, holds) == []
    return Grid(after)


def test_a_quarter_up_by_eight_percent_adds_up_at_every_level(year):
    before = Grid(year).total(region(year, "gmv", "Q3"))
    grid = changed(year, Edit(region(year, "gmv", "Q3"), "percent", 0.08))
    assert grid.total(region(year, "gmv", "Q3")) == round(before * 1.08, 2)
    months = [grid.total(region(year, "gmv", f"{m}月")) for m in (7, 8, 9)]
    assert round(sum(months), 2) == round(before * 1.08, 2)
    untouched = Grid(year).total(region(year, "gmv", "Q2"))
    assert grid.total(region(year, "gmv", "Q2")) == untouched


def test_one_day_fixed_and_the_rest_of_the_month_absorbs(year):
    whole = region(year, "gmv", "9月", "甲")
    grid = changed(
        year, Edit(region(year, "gmv", "9月9日", "甲"), "proportional", 50_000.0), keep=("month",)
    )
    assert grid.total(region(year, "gmv", "9月9日", "甲")) == 50_000
    assert grid.total(whole) == Grid(year).total(whole)


def test_without_keeping_a_total_the_change_bubbles_up(year):
    day, whole = region(year, "gmv", "9月9日", "甲"), region(year, "gmv", "全年", "甲")
    before = Grid(year)
    grid = changed(year, Edit(day, "add", 1000.0))
    assert grid.total(whole) == pytest.approx(before.total(whole) + 1000, abs=1e-6)


def test_the_company_total_of_each_day_can_stay_while_one_store_takes_more(year):
    grid = changed(
        year, Edit(region(year, "gmv", "9月9日", "甲"), "percent", 0.5), keep=("company",)
    )
    assert grid.total(region(year, "gmv", "9月9日")) == Grid(year).total(
        region(year, "gmv", "9月9日")
    )


@pytest.mark.parametrize(
    ("gives", "still"), [("", "cvr"), ("UV", "aov"), ("转化率", "uv"), ("客单价", "orders")]
)
def test_the_chosen_driver_gives_and_the_others_stay(year, gives, still):
    where = region(year, "gmv", "9月")
    grid, before = changed(year, Edit(where, "percent", 0.2), gives=gives), Grid(year)
    same = replace(where, metric=still)
    assert grid.total(same) == pytest.approx(before.total(same), rel=2e-3)
    product = np.prod([grid.total(replace(where, metric=m)) for m in ("uv", "cvr", "aov")])
    assert product == pytest.approx(grid.total(where), rel=1e-9)


def test_paid_visits_and_paid_sales_follow_the_spend(year):
    where = region(year, "spend", "9月", "甲")
    before = Grid(year)
    grid = changed(year, Edit(where, "percent", 0.5))
    assert grid.total(where) == pytest.approx(before.total(where) * 1.5, abs=0.01)
    for name in ("gmv_paid", "uv_keyword"):
        assert grid.total(replace(where, metric=name)) == pytest.approx(before.total(replace(where, metric=name)) * 1.5, rel=0.02)  # fmt: skip
    assert grid.total(replace(where, metric="gmv")) == before.total(replace(where, metric="gmv"))


def test_a_ratio_moves_by_one_common_factor(year):
    where = region(year, "cvr", "Q4", "乙")
    before = Grid(year)
    grid = changed(year, Edit(where, "proportional", 0.06))
    assert grid.total(where) == pytest.approx(0.06, rel=1e-4)
    was, now = (g.columns["uv"][1] for g in (before, grid))
    inside = slice(*where.days(2026).indices(365)[:2])
    assert np.abs(now[inside] - was[inside] * before.total(where) / 0.06).max() <= 1
    assert grid.total(replace(where, metric="gmv")) == before.total(replace(where, metric="gmv"))


@pytest.mark.parametrize("method", ["equal", "straight_line", "repeat", "unassigned"])
def test_a_ratio_cannot_be_spread(year, method):
    with pytest.raises(InputError, match="比率"):
        changed(year, Edit(region(year, "cvr", "9月"), method, 0.05))


def test_a_locked_channel_stays_when_the_spend_total_moves(year):
    locked = hold("只读", "spend_keyword", "合计", (9, 1), (9, 30))
    where = region(year, "spend", "9月")
    grid = changed(year, Edit(where, "proportional", 40_000.0), holds=[locked])
    assert grid.total(where) == 40_000
    assert (grid.columns["spend_keyword"] == Grid(year).columns["spend_keyword"]).all()


def test_a_locked_spend_total_is_absorbed_by_the_other_channels(year):
    where = region(year, "spend", "9月", "甲")
    locked = hold("合计", "spend", "甲", (9, 1), (9, 30), value=Grid(year).total(where))
    grid = changed(
        year, Edit(replace(where, metric="spend_keyword"), "percent", 0.3), holds=[locked]
    )
    assert grid.total(where) == locked.value


def test_a_locked_visitor_total_holds_while_sales_move(year):
    uv = region(year, "uv", "全年", "甲")
    locked = hold("合计", "uv", "甲", (1, 1), (12, 31), value=Grid(year).total(uv))
    grid = changed(year, Edit(region(year, "gmv", "Q3", "甲"), "percent", 0.1), holds=[locked])
    assert grid.total(uv) == locked.value


def test_a_locked_spend_total_holds_for_all_channels_together_when_sales_move(year):
    where = region(year, "spend", "全年")
    locked = hold("合计", "spend", "合计", (1, 1), (12, 31), value=Grid(year).total(where))
    grid = changed(year, Edit(region(year, "gmv", "9月"), "percent", 0.2), holds=[locked])
    assert grid.total(where) == locked.value


def test_locked_cells_are_left_out_of_a_percentage_and_a_cell_of_locks_refuses(year):
    locked = hold("只读", "gmv", "甲", (9, 1), (9, 10))
    grid = changed(year, Edit(region(year, "gmv", "9月", "甲"), "percent", 0.1), holds=[locked])
    free = region(year, "gmv", "9月11日-9月30日", "甲")
    assert grid.total(free) == pytest.approx(Grid(year).total(free) * 1.1, abs=0.01)
    with pytest.raises(InfeasibleError, match="只读"):
        changed(year, Edit(region(year, "gmv", "9月2日", "甲"), "percent", 0.1), holds=[locked])


def test_a_refusal_counts_locked_totals_among_the_locks_and_names_the_fewest(year):
    where = region(year, "gmv", "Q3", "甲")
    months = [Grid(year).total(region(year, "gmv", f"{m}月", "甲")) for m in (7, 8, 9)]
    july = hold("只读", "gmv", "甲", (7, 1), (7, 31))
    september = hold("合计", "gmv", "甲", (9, 1), (9, 30), value=months[2])
    with pytest.raises(InfeasibleError) as caught:
        changed(year, Edit(where, "proportional", months[0] - 1), holds=[july, september])
    assert caught.value.reachable[0] == round(months[0] + months[2], 2)
    assert len(caught.value.locks) == 2
    largest = max((months[0], "7月"), (months[2], "9月"))[1]
    assert f"先解锁 {july.about(year.metrics) if largest == '7月' else september.about(year.metrics)}" in caught.value.remedy  # fmt: skip


def test_limits_per_cell_clamp_and_the_rest_shares(year):
    limits = hold("上下限", "gmv", "合计", (9, 1), (9, 30), lower=1000.0, upper=4000.0)
    where = region(year, "gmv", "9月", "甲")
    grid = changed(year, Edit(where, "proportional", 100_000.0), holds=[limits])
    cells = grid.region_values(where)
    assert grid.total(where) == 100_000
    assert cells.max() <= 4000
    assert (cells == 4000).any()


def test_limits_that_no_total_fits_name_the_reach(year):
    limits = hold("上下限", "gmv", "合计", (9, 1), (9, 30), upper=4000.0)
    with pytest.raises(InfeasibleError) as caught:
        changed(
            year, Edit(region(year, "gmv", "9月", "甲"), "proportional", 150_000.0), holds=[limits]
        )
    assert caught.value.reachable[1] == 120_000


def test_days_with_actual_sales_are_read_only(year):
    actuals = year.actuals.copy()
    actuals.iloc[:31, actuals.columns.get_loc("gmv")] = 5000.0
    known = replace(year, actuals=actuals)
    before = Grid(known)
    made = change(
        known,
        Wish((Edit(region(year, "gmv", "全年", "甲"), "proportional", 1_200_000.0),)),
        (),
        no_reference,
    )
    grid = Grid(replace(known, plan=made.plan))
    for name in grid.columns:
        assert np.array_equal(
            grid.columns[name][0, :31], before.columns[name][0, :31], equal_nan=True
        )
    assert grid.total(region(year, "gmv", "全年", "甲")) == 1_200_000
    with pytest.raises(InfeasibleError, match="已有实际"):
        changed(known, Edit(region(year, "gmv", "1月", "甲"), "proportional", 9e5))


def test_several_edits_hold_at_once_in_any_order(year):
    edits = [
        Edit(region(year, "gmv", "9月", "甲"), "proportional", 80_000.0),
        Edit(region(year, "gmv", "9月9日", "甲"), "proportional", 9_999.0),
        Edit(region(year, "gmv", "Q3", "甲"), "proportional", 300_000.0),
        Edit(region(year, "gmv", "9月9日", "乙"), "proportional", 12_345.0),
    ]
    one, other = changed(year, *edits), changed(year, *reversed(edits))
    assert np.array_equal(one.columns["gmv"], other.columns["gmv"])
    for edit in edits:
        assert one.total(edit.region) == edit.amount


def test_a_week_across_months_meets_locked_months(year):
    grid = Grid(year)
    locks = [
        hold("合计", "gmv", "甲", (month, 1), (month, 30), value=grid.total(region(year, "gmv", f"{month}月", "甲")))
        for month in (6, 9)
    ]  # fmt: skip
    week = region(year, "gmv", "6月28日-7月4日", "甲")
    after = changed(year, Edit(week, "percent", 0.3), holds=locks)
    assert after.total(region(year, "gmv", "6月", "甲")) == locks[0].value
    assert after.total(week) == round(grid.total(week) * 1.3, 2)


def test_two_directions_of_edits_cross_exactly(year):
    stores = [
        Edit(region(year, "units", "3月1日-3月3日", s), "proportional", 10.0) for s in STORES
    ]
    days = [Edit(region(year, "units", f"3月{d}日"), "proportional", 10.0) for d in (1, 2, 3)]
    grid = changed(year, *stores, *days)
    for edit in (*stores, *days):
        assert grid.total(edit.region) == 10


def test_the_same_total_typed_twice_differently_is_refused(year):
    where = region(year, "gmv", "9月")
    with pytest.raises(InputError, match="两个数"):
        changed(year, Edit(where, "proportional", 1e5), Edit(where, "proportional", 2e5))


def test_three_crossing_directions_are_refused(year):
    total = Grid(year).total(region(year, "gmv", "9月", "甲"))
    month = hold("合计", "gmv", "甲", (9, 1), (9, 30), value=total)
    across = Edit(region(year, "gmv", "8月20日-9月5日", "甲"), "percent", 0.1)
    with pytest.raises(InputError, match="三个方向"):
        changed(year, across, holds=[month], keep=("company",))


def test_a_negative_total_is_refused(year):
    with pytest.raises((InputError, SignError)):
        changed(year, Edit(region(year, "gmv", "9月"), "proportional", -100.0))


def test_keeping_the_very_total_that_is_edited_is_refused(year):
    with pytest.raises(InputError, match="不能同时保持"):
        changed(year, Edit(region(year, "gmv", "9月"), "percent", 0.1), keep=("month",))


def test_an_unplanned_metric_starts_from_the_shape_of_sales():
    claims = [Claim("gmv", 1e6, store="甲")]
    bare = make_state(NewBook(2026, ["甲"], claims))[0].year
    grid = changed(bare, Edit(region(bare, "uv", "9月"), "proportional", 50_000.0))
    assert grid.total(region(bare, "uv", "9月")) == 50_000
    share = grid.columns["gmv"] / grid.total(region(bare, "gmv", "9月"))
    inside = slice(243, 273)
    assert np.abs(grid.columns["uv"][0, inside] - 50_000 * share[0, inside]).max() < 1
    assert np.isnan(grid.columns["uv"][0, 300])


_PERIODS = st.sampled_from(["全年", "Q2", "9月", "第20周", "9月9日", "4月20日-5月10日", "双11"])


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_random_changes_keep_locks_and_add_up(year, data):
    grid = Grid(year)
    locks = []
    for number in range(data.draw(st.integers(0, 3))):
        metric = data.draw(st.sampled_from(["gmv", "uv", "spend", "orders"]))
        kind = data.draw(st.sampled_from(["只读", "合计"]))
        where = region(
            year, metric, data.draw(_PERIODS), *data.draw(st.sampled_from([STORES, ("甲",)]))
        )
        store = "合计" if len(where.stores) > 1 else "甲"
        locks.append(Hold(f"L{number}", HoldKind(kind), metric, store, where.period.first, where.period.last, grid.total(where)))  # fmt: skip
    where = region(year, data.draw(st.sampled_from(["gmv", "uv", "spend"])), data.draw(_PERIODS), *data.draw(st.sampled_from([STORES, ("甲", "乙"), ("丙",)])))  # fmt: skip
    edit = Edit(where, "percent", data.draw(st.integers(-20, 40)) / 100)
    try:
        after = changed(year, edit, holds=locks)
    except (InfeasibleError, InputError) as refusal:
        if not (refusal.message and refusal.remedy):
            raise
        return
    held = sum(h.kind == "只读" for h in locks)
    if not held:
        assert after.total(where) == pytest.approx(grid.total(where) * (1 + edit.amount), abs=0.51)
    for name, every in after.columns.items():
        values = every[~np.isnan(every)]
        whole = values * 100 if after.unit(name) == 0.01 else values
        assert np.abs(whole - np.rint(whole)).max(initial=0) < 1e-4
        assert values.min(initial=0) >= 0


def test_edits_made_at_once_move_what_follows_once(year):
    edits = tuple(
        Edit(region(year, "gmv", when, "甲"), "percent", 0.1) for when in ("9月", "10月")
    )
    made = change(year, Wish(edits), (), no_reference)
    after, before = Grid(replace(year, plan=made.plan)), Grid(year)
    for when in ("9月", "10月"):
        for name in ("gmv", "uv"):
            where = region(year, name, when, "甲")
            assert after.total(where) == pytest.approx(before.total(where) * 1.1, rel=1e-3)


def test_rounding_of_what_follows_is_told_in_one_line_where_it_shows(year):
    month = region(year, "gmv", "9月", "甲")
    shrunk = change(year, Wish((Edit(month, "percent", -0.97),)), (), no_reference)
    (told,) = [note for note in shrunk.notes if note.startswith("跟着变的取整")]
    after, before = Grid(replace(year, plan=shrunk.plan)), Grid(year)
    name, count, widest = re.search(r"：(\S+) (\d+) 格.*最多差 ([\d.]+)", told).groups()
    key = {"笔数": "orders", "UV": "uv"}.get(name)
    where = region(year, key, "9月", "甲")
    driver = after.region_values(month) / before.region_values(month)
    exact = before.region_values(where) * driver
    off = np.abs(after.region_values(where) - exact)
    assert int(count) == (off > 0.01 * exact).sum() > 10
    assert 0 < float(widest) < 1
    doubled = change(year, Wish((Edit(month, "times", 2.0),)), (), no_reference)
    assert not [note for note in doubled.notes if note.startswith("跟着变的取整")]


def test_what_rounding_did_is_told_with_the_cells_and_the_widest_distance(year):
    month = region(year, "gmv", "9月", "甲")
    edit = Edit(month, "proportional", 100.0)
    made = change(year, Wish((edit,)), (), no_reference)
    (told,) = [note for note in made.notes if note.startswith("取整")]
    before = Grid(year).region_values(month)
    off = np.abs(
        Grid(replace(year, plan=made.plan)).region_values(month) - before / before.sum() * 100
    )
    count, widest = re.search(r"有 (\d+) 格.*最多差 ([\d.]+)", told).groups()
    assert int(count) == (off > 2e-5).sum() > 20
    assert float(widest) == pytest.approx(off.max(), abs=2e-5)
