"""预警: ratio and amount together, for days on end, and lower is better for some."""

from __future__ import annotations

from datetime import date

import numpy as np

from xlplan.plan.outlook.alerts import RULES, AlertRule, alerts, strays

FIRST = date(2026, 9, 1)
GMV = AlertRule("gmv", "销售额", 0.2, 500, 2)
NAN = float("nan")


def called(values, goals, rule=GMV):
    return alerts("甲", FIRST, {rule.metric: np.array(values)}, {rule.metric: np.array(goals)}, [rule])  # fmt: skip


def test_a_ratio_alone_or_an_amount_alone_does_not_call():
    assert called([100.0, 100.0], [400.0, 400.0]) == []
    assert called([9000.0, 9000.0], [10_000.0, 10_000.0]) == []
    found = called([7000.0, 7000.0], [10_000.0, 10_000.0])
    assert [(each.first, each.last, each.days) for each in found] == [(FIRST, date(2026, 9, 2), 2)]
    assert "低于目标 10,000 30%" in str(found[0])


def test_one_bad_day_or_a_bad_stretch_that_is_over_does_not_call():
    assert called([9900.0, 1000.0], [10_000.0] * 2) == []
    assert called([1000.0, 1000.0, 9900.0], [10_000.0] * 3) == []


def test_days_without_actuals_neither_break_a_run_nor_count():
    found = called([1000.0, NAN, 1000.0, NAN], [10_000.0] * 4)
    assert found[0].last == date(2026, 9, 3)
    assert called([1000.0, NAN], [10_000.0] * 2) == []


def test_where_lower_is_better_only_too_much_calls():
    spend = AlertRule("spend", "推广费", 0.2, 300, lower_is_better=True)
    assert called([100.0], [5000.0], spend) == []
    assert "高于" in str(called([9000.0], [5000.0], spend)[0])


def test_ratios_are_made_of_their_flows_and_need_a_point_besides():
    rule = next(rule for rule in RULES if rule.metric == "cvr")
    goal = {"orders": np.array([30.0] * 2), "uv": np.array([1000.0] * 2)}
    low = {"orders": np.array([15.0] * 2), "uv": np.array([1000.0] * 2)}
    assert [each.rule.metric for each in alerts("甲", FIRST, low, goal, [rule])] == ["cvr"]
    near = {"orders": np.array([21.0] * 2), "uv": np.array([1000.0] * 2)}
    assert alerts("甲", FIRST, near, goal, [rule]) == []
    none = {"orders": np.array([15.0] * 2), "uv": np.array([0.0] * 2)}
    assert alerts("甲", FIRST, none, goal, [rule]) == []


def test_a_target_of_nothing_is_exceeded_by_the_amount():
    rule = AlertRule("refund_amount", "退款金额", 0.3, 300, lower_is_better=True)
    assert strays(np.array([299.0, 300.0]), np.zeros(2), rule).tolist() == [False, True]
