"""What-if: one driver is changed, the rest follows; nothing typed vanishes, nothing is guessed."""

from __future__ import annotations

import pytest

from xlplan.plan.targets.what_if import clashes, what_if

PLAN = {"gmv": 1e6, "uv": 2e5, "cvr": 0.05, "aov": 100.0, "spend": 1e5, "spend_ratio": 0.1}


def test_nothing_typed_is_the_plan():
    assert what_if({}, PLAN) == pytest.approx(PLAN)


@pytest.mark.parametrize("driver", ["uv", "cvr", "aov"])
def test_a_driver_moves_sales_and_promotion_money(driver):
    made = what_if({driver: PLAN[driver] * 1.1}, PLAN)
    assert made["gmv"] == pytest.approx(1.1e6)
    assert made["spend"] == pytest.approx(1.1e5)


def test_typed_sales_are_reached_by_visits_then_by_what_is_left_free():
    assert what_if({"gmv": 1.2e6}, PLAN)["uv"] == pytest.approx(2.4e5)
    assert what_if({"gmv": 1.2e6, "uv": 2e5}, PLAN)["cvr"] == pytest.approx(0.06)
    assert what_if({"gmv": 1.2e6, "uv": 2e5, "cvr": 0.05}, PLAN)["aov"] == pytest.approx(120)
    assert what_if({"spend": 5e4}, PLAN)["spend_ratio"] == pytest.approx(0.05)


def test_figures_that_contradict_each_other_are_told():
    assert clashes({"gmv": 1e6, "uv": 2e5, "cvr": 0.05, "aov": 90.0}) == {"gmv"}
    assert clashes({"gmv": 1e6, "uv": 2e5, "cvr": 0.05, "aov": 100.0}) == set()
    assert clashes({"gmv": 1e6, "spend": 1e5, "spend_ratio": 0.2}) == {"spend"}


def test_without_a_plan_it_says_only_what_was_typed():
    made = what_if({"uv": 1e5}, {})
    assert (made["uv"], made["gmv"], made["spend"]) == (1e5, None, None)
    assert what_if({"gmv": 0.0}, PLAN)["uv"] == 0.0
    assert what_if({"gmv": 1.0, "cvr": 0.0}, PLAN)["uv"] is None
