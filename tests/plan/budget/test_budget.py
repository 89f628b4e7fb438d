"""The budget: tax, signs, costs, sharing, what stood at the year's start."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from xlplan.errors import Level
from xlplan.plan.budget.accounts import CHART, Chart, parent_of
from xlplan.plan.budget.amount import Amounts
from xlplan.plan.budget.budget import View, freeze, make_budget
from xlplan.plan.budget.closed import Closed, bridge
from xlplan.plan.budget.lines import spread_months
from xlplan.plan.budget.review import (
    Kept,
    changed_rows,
    contradictions,
    findings,
    kept_totals,
    last_year,
)
from xlplan.plan.budget.settings import CostLine, StoreTerms, Terms
from xlplan.plan.parts.splits import Part, Splits

STORES = ("甲店", "乙店")
TERMS = Terms(
    lines=(
        CostLine("6401.01", rate=0.45),
        CostLine("6601.01", year=300_000.01, shape="按销售额"),
        CostLine("6601.04", rate=0.05, base="turnover", name="扣点"),
        CostLine("1221", year=50_000.0, store="甲店"),
    ),
    stores={"甲店": StoreTerms(tax=0.13), "乙店": StoreTerms(tax=0.01)},
    input_tax={"6601.03": 0.06},
)
YUAN, WAN_NET = View(), View("未税", "万元")


@pytest.fixture(scope="module")
def state(state_of):
    return state_of(STORES, days=100)


@pytest.fixture(scope="module")
def budget(state):
    return make_budget(state.year, state.splits, TERMS)


def year_of(budget, key, view=YUAN, units=None):
    return budget.amounts(units or budget.units, view)[key][1]


def fen(value):
    return round(value * 100)


def test_sales_and_promotion_are_the_plans_to_the_fen(state, budget):
    plan = state.year.plan
    assert fen(year_of(budget, "gmv")) == fen(plan["gmv"].sum())
    assert fen(year_of(budget, "refund")) == fen(plan["refund_amount"].sum())
    spends = sum(fen(plan[f"spend_{c.key}"].sum()) for c in state.year.metrics.channels)
    shown = sum(fen(line.gross.sum()) for line in budget.plan if line.source.startswith("spend_"))
    assert shown == spends


def test_revenue_without_tax_is_sales_less_refunds_by_one_plus_the_stores_rate(state, budget):
    for unit in budget.units:
        days = state.year.plan.loc[unit.store]
        months = (days["gmv"] - days["refund_amount"]).groupby(days.index.month).sum()
        wanted = [round(value / (1 + unit.tax) + 1e-9, 2) for value in months]
        line = next(one for one in budget.plan if one.unit == unit and one.account == "revenue")
        assert line.net.tolist() == wanted
        assert fen(line.gross.sum()) == fen(months.sum())


def test_profit_is_the_same_with_tax_and_without(budget):
    taxed, net = (budget.amounts(budget.units, view) for view in (YUAN, WAN_NET))
    for key in ("operating", "before_tax", "profit"):
        assert taxed[key][1] == pytest.approx(net[key][1] * 10_000, abs=0.004)
    assert net["vat"][1] == 0
    assert taxed["vat"][1] > 0


def test_a_deposit_is_cash_and_no_cost(state, budget):
    without = replace(TERMS, lines=TERMS.lines[:3])
    plain = make_budget(state.year, state.splits, without)
    assert fen(year_of(budget, "1221")) == 5_000_000
    assert year_of(budget, "profit") == year_of(plain, "profit")


def test_there_is_no_profit_without_a_cost_of_goods(state):
    bare = make_budget(state.year, state.splits, Terms())
    values = bare.amounts(bare.units, YUAN)
    assert np.isnan(values["gross"]).all()
    assert np.isnan(values["profit"]).all()
    assert values["selling"][1] > 0


def test_a_budget_kept_without_a_cost_of_goods_had_no_profit_either(state, budget):
    bare = freeze(make_budget(state.year, state.splits, Terms()).plan)
    later = make_budget(state.year, state.splits, TERMS, first=bare)
    assert np.isnan(kept_totals(later, bare)["profit"]).all()
    first, now = later.amounts(later.units, YUAN)["profit"][:2]
    assert np.isnan(first)
    assert now == pytest.approx(year_of(budget, "profit"))
    assert later.amounts(later.units, YUAN)["gmv"][0] > 0


def test_an_unknown_cost_is_never_taken_for_zero_in_actual_profit(budget):
    values = budget.amounts(budget.units, YUAN)
    january = 15
    assert values["gmv"][january] > 0
    assert np.isnan(values["6601.01"][january])
    assert np.isnan(values["selling"][january])
    assert np.isnan(values["profit"][january])


def test_fake_orders_are_no_part_of_a_budget(state, budget):
    actual = state.year.actuals
    january = actual[actual.index.get_level_values(1).month == 1]
    wanted = january["gmv"].sum() - january["gmv_excluded"].sum()
    assert fen(budget.amounts(budget.units, YUAN)["gmv"][15]) == fen(wanted)


def test_what_is_typed_for_all_stores_is_shared_by_sales_and_adds_up(budget):
    wages = [line for line in budget.plan if line.account == "6601.01"]
    assert len(wages) == 2
    assert sum(fen(line.gross.sum()) for line in wages) == 30_000_001
    assert wages[1].gross.sum() > wages[0].gross.sum()


def test_given_months_stay_and_the_rest_of_the_year_is_spread():
    line = CostLine("6601.08", year=120_000.0, months={1: 50_000.0, 2: 0.0})
    months = spread_months(line, np.ones(12))
    assert months[:2].tolist() == [5_000_000, 0]
    assert months.sum() == 12_000_000
    assert set(months[2:].tolist()) == {700_000}
    assert spread_months(CostLine("6601.08", months={6: 8.0}), np.ones(12)).sum() == 800


def test_platforms_share_everything_and_add_up_to_the_store(state_of):
    splits = Splits(platforms=[Part("天猫", 0.6), Part("抖音", 0.3333)])
    state = state_of(("示例店",), days=0, splits=splits)
    budget = make_budget(state.year, state.splits, TERMS)
    assert [unit.channel for unit in budget.units] == ["天猫", "抖音", "未分平台"]
    plain = make_budget(state.year, Splits(), TERMS)
    whole = plain.amounts(plain.units, YUAN)
    parts = budget.amounts(budget.units, YUAN)
    for key in ("gmv", "refund", "6601.03#", "6601.01"):
        assert fen(parts[key][1]) == fen(whole[key][1])
    tmall = budget.amounts(budget.units[:1], YUAN)
    assert tmall["6601.03/直通车"][1] == pytest.approx(whole["6601.03/直通车"][1])
    assert tmall["gmv"][1] == pytest.approx(whole["gmv"][1] * 0.6)


def test_a_budget_frozen_at_the_years_start_never_moves(state, budget):
    kept = freeze(budget.plan)
    dearer = replace(TERMS, lines=(CostLine("6401.01", rate=0.5),), stores={})
    later = make_budget(state.year, state.splits, dearer, first=kept)
    assert later.amounts(later.units, YUAN)["profit"][0] == pytest.approx(
        year_of(budget, "profit")
    )
    assert later.amounts(later.units, YUAN)["6401.01"][1] > year_of(budget, "6401.01")
    net = later.amounts(later.units, WAN_NET)["revenue"][0]
    assert net == pytest.approx(year_of(budget, "revenue", WAN_NET))


def test_exactly_the_changed_lines_are_told(state, budget):
    before = Kept("上次导出", "2026-03-01", freeze(budget.plan))
    assert changed_rows(budget, before) == []
    lines = (*TERMS.lines[:1], replace(TERMS.lines[1], year=310_000.01), *TERMS.lines[2:])
    later = make_budget(state.year, state.splits, replace(TERMS, lines=lines))
    assert changed_rows(later, before) == [("6601.01", 300_000.01, 310_000.01)]


def test_some_stores_only_hold_nothing_of_the_others(state):
    part = make_budget(state.year, state.splits, TERMS, stores=["甲店"])
    assert {line.unit.store for line in (*part.plan, *part.actual)} == {"甲店"}
    assert [unit.store for unit in part.flows.units] == ["甲店"]
    assert [unit.store for unit in part.happened.units] == ["甲店"]


def test_money_that_is_not_allocated_and_a_total_above_sales_are_told(state_of):
    """Seed 003: lines of 300万 for a budget of 500万; the budget as large as the sales."""
    state = state_of(("示例店",), days=0, figures={"gmv": 5_000_000.0})
    lines = tuple(
        CostLine(code, year=amount, name=name)
        for code, amount, name in (
            ("6601.03", 2e6, "广告"), ("6601.05", 5e5, "KOL"), ("6601.01", 3e5, "客服"), ("6601.10", 2e5, "技术"),
        )
    )  # fmt: skip
    budget = make_budget(state.year, state.splits, Terms(lines=lines, total=5e6))
    told = contradictions(budget)
    assert [problem.rule for problem in told] == ["R5", "R5"]
    assert "2,000,000.00 元还没有分到科目" in told[0].what
    assert told[0].level is Level.ERROR


def test_promotion_typed_again_is_told_and_not_counted_twice(state_of):
    """Seed 003: 100万 for ads in one place, 200万 in another."""
    figures = {"gmv": 5_000_000.0, "spend": 1_000_000.0}
    state = state_of(("示例店",), days=0, figures=figures)
    mapping = dict.fromkeys(("keyword", "display", "juhuasuan", "affiliate", "crm"), "6601.03")
    terms = Terms(lines=(CostLine("6601.03", year=2e6),), mapping=mapping)
    budget = make_budget(state.year, state.splits, terms)
    assert fen(year_of(budget, "6601.03#")) == 100_000_000
    (told,) = contradictions(budget)
    assert told.rule == "R4"
    assert "2,000,000.00" in told.what
    assert "1,000,000.00" in told.what


def test_rates_nobody_gave_are_told(state):
    told = [problem.what for problem in findings(make_budget(state.year, state.splits, Terms()))]
    assert any("没有填销项税率，按 13% 算：甲店、乙店" in what for what in told)


CLOSED = (
    Closed("revenue", 1, 1_000_000.0, "甲店"),
    Closed("6601.03", 1, 88_888.88, "甲店"),
    Closed("6601.01", 1, 12_000.0, "甲店"),
    Closed("6401.01", 1, 450_000.0, "甲店"),
    Closed("6401.03", 1, 10_000.0, "甲店"),
    Closed("6601.04", 1, 20_000.0, "甲店"),
    Closed("6601.05", 1, 5_000.0, "甲店"),
)


def test_finances_closed_months_stand_before_the_platforms(state):
    budget = make_budget(state.year, state.splits, TERMS, closed=CLOSED)
    unit = next(unit for unit in budget.units if unit.store == "甲店")
    values = budget.amounts([unit], View("未税"))
    assert values["revenue"][15] == 1_000_000
    assert values["6601.03#"][15] == 88_888.88
    assert np.isnan(values["6601.03/直通车"][15])
    assert values["profit"][15] == pytest.approx(1e6 - 4.5e5 - 1e4 - 88_888.88 - 12e3 - 2e4 - 5e3)
    assert np.isnan(values["profit"][16])
    taxed = budget.amounts([unit], YUAN)
    assert taxed["6601.03#"][15] == pytest.approx(94_222.21)
    assert taxed["profit"][15] == pytest.approx(values["profit"][15])


def test_a_total_of_finance_is_not_counted_beside_the_stores(state):
    budget = make_budget(state.year, state.splits, TERMS, closed=[Closed("revenue", 2, 999.99)])
    assert budget.amounts(budget.units, View("未税"))["revenue"][16] == 999.99


def test_the_bridge_adds_up_to_the_fen(state):
    budget = make_budget(state.year, state.splits, TERMS, closed=CLOSED)
    (step,) = bridge(budget.platform, budget.closed)
    assert fen(step.gmv - step.refund - step.tax + step.timing) == fen(1_000_000)
    store = state.year.actuals.loc["甲店"]
    january = store[store.index.month == 1]
    assert fen(step.gmv) == fen(january["gmv"].sum() - january["gmv_excluded"].sum())
    assert step.tax > 0


def test_last_year_is_told_for_the_lines_it_knows(state, budget):
    frame = state.year.plan[["gmv", "refund_amount", "spend_keyword"]] / 2
    found = last_year(frame, budget)
    assert found["gmv"][0] == pytest.approx(year_of(budget, "gmv") / 2, abs=0.01)
    assert found["revenue"][1] < found["revenue"][0]
    assert "6401.01" not in found


def test_accounts_are_found_by_code_name_and_what_forms_call_them():
    chart = Chart(CHART)
    assert (
        chart.find("6601.03") == chart.find("推广费") == chart.find("减：平台推广费") == "6601.03"
    )
    assert chart.find("一、营业收入") == chart.find("主营业务收入") == "revenue"
    assert chart.find("外太空费") is None
    assert parent_of(chart, "6401")[:2] == ["6401.01", "6401.02"]
    assert parent_of(chart, "64") == []


def test_single_amounts_are_whole_fen(budget):
    amounts = Amounts(budget)
    unit = next(unit.name for unit in budget.units if unit.store == "甲店")
    both = amounts.of(("gmv",), range(1, 13)), amounts.of(("gmv",), range(1, 13), [unit])
    assert both[0] == fen(year_of(budget, "gmv"))
    assert both[1] < both[0]
    assert amounts.of(("6601.08",), [1]) is None
    assert amounts.find("直通车") == ("6601.03/直通车",)


def test_a_total_of_stores_is_not_shown_while_one_of_them_is_unknown(state):
    """One store closed, the other not: half the cost against all the revenue would be a fortune."""
    budget = make_budget(state.year, state.splits, TERMS, closed=CLOSED)
    values = budget.amounts(budget.units, View("未税"))
    january = 15
    assert values["gmv"][january] > 0
    assert np.isnan(values["6401.01"][january])
    assert np.isnan(values["profit"][january])
    both = [replace(one, store=store) for one in CLOSED for store in STORES]
    done = make_budget(state.year, state.splits, TERMS, closed=both)
    assert done.amounts(done.units, View("未税"))["6401.01"][january] == 900_000


def test_an_account_closed_as_a_whole_in_one_store_adds_to_the_channels_of_the_other(state):
    budget = make_budget(state.year, state.splits, TERMS, closed=CLOSED[1:2])
    net = View("未税")
    each = [budget.amounts([unit], net)["6601.03#"][15] for unit in budget.units]
    assert each[0] == 88_888.88
    assert budget.amounts(budget.units, net)["6601.03#"][15] == pytest.approx(sum(each))
