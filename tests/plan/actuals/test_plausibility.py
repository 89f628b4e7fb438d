"""The clerk's slips: each is asked about once, with its figures, until it is mended or confirmed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from xlplan.errors import Where
from xlplan.plan.actuals.plausibility import flagged, implausible, questions

SHOP, OTHER = "甲店", "乙店"
DAY = "2026-03-10"


@pytest.fixture(scope="module")
def year_of(state_of):
    """Return a function: {(store, day, metric): value} over good days → a year."""
    year = state_of(stores=(SHOP, OTHER), days=0).year
    plan = year.plan.copy()
    plan["gmv"] = 25_000.0

    def made(**cells):
        actuals = pd.DataFrame(np.nan, index=year.actuals.index, columns=year.actuals.columns)
        for store in (SHOP, OTHER):
            for number, day in enumerate(pd.date_range("2026-03-01", "2026-03-20")):
                good = {"gmv": 24_000.0 + number, "uv": 900.0 + number, "orders": 200.0, "units": 260.0, "refund_units": 9.0}  # fmt: skip
                for name, value in good.items():
                    actuals.loc[(store, day), name] = value
        for name, value in cells.items():
            actuals.loc[(SHOP, pd.Timestamp(DAY)), name] = value
        return replace(year, actuals=actuals, plan=plan)

    return made


def asked(year, confirmed=()):
    return [(e.store, str(e.day), e.metrics[0], e.rule) for e in implausible(year, confirmed)]


def test_good_days_are_not_asked_about(year_of):
    assert asked(year_of()) == []


@pytest.mark.parametrize(
    ("cells", "metric", "rule"),
    [
        ({"gmv": 2_500_000.0}, "gmv", "target"),
        ({"gmv": 125_000.01}, "gmv", "target"),
        ({"gmv": 2_499.99}, "gmv", "target"),
        ({"gmv": 0.0}, "gmv", "target"),
        ({"gmv": 130_000.0, "gmv_excluded": 1.0}, "gmv", "target"),
        ({"orders": 910.0}, "orders", "share"),
        ({"refund_units": 9_999.0}, "refund_units", "share"),
        ({"inquiries": 5.0, "inquiry_orders": 6.0}, "inquiry_orders", "share"),
        ({"inquiries": 1_000.0}, "inquiries", "share"),
        ({"orders": 0.12}, "orders", "fraction"),
        ({"uv": 900.5}, "uv", "fraction"),
        ({"units": -500.0, "refund_units": np.nan}, "units", "negative"),
        ({"spend_keyword": -1.0}, "spend_keyword", "negative"),
    ],
)
def test_a_slip_is_asked_about_with_its_figure(year_of, cells, metric, rule):
    year = year_of(**cells)
    assert asked(year) == [(SHOP, DAY, metric, rule)]
    (each,) = implausible(year)
    assert year.metrics[metric].label in each.what
    assert f"{cells[metric]:,.10g}".lstrip("-") in each.what.replace("-", "") or metric == "gmv"


@pytest.mark.parametrize(
    "cells",
    [
        {"gmv": 125_000.0},
        {"gmv": 2_500.0},
        {"gmv": 150_000.0, "gmv_excluded": 30_000.0},
        {"orders": 909.0},
        {"orders": np.nan},
        {"refund_units": 260.0},
        {"gmv": 24_000.55},
    ],
)
def test_what_is_just_possible_is_not_asked_about(year_of, cells):
    assert asked(year_of(**cells)) == []


def test_a_day_copied_from_the_day_before_is_asked_about_for_all_its_figures(year_of):
    before = {"gmv": 24_008.0, "uv": 908.0}
    assert asked(year_of(**before)) == [(SHOP, DAY, "gmv", "repeated")]
    year = year_of(**before)
    assert flagged(year) == {(SHOP, date(2026, 3, 10), n) for n in ("gmv", "uv", "orders", "units", "refund_units")}  # fmt: skip
    assert asked(year_of(**before, spend_keyword=1.0)) == []
    assert asked(year_of(**before, units=np.nan)) == []


def test_one_stores_last_day_is_no_day_before_of_the_next(year_of):
    year = year_of()
    edges = [(SHOP, pd.Timestamp("2026-12-31")), (OTHER, pd.Timestamp("2026-01-01"))]
    actuals = year.actuals.copy()
    for spot in edges:
        for name in ("gmv", "uv", "orders"):
            actuals.loc[spot, name] = 24_000.0 if name == "gmv" else 500.0
    assert asked(replace(year, actuals=actuals)) == []


def test_a_confirmed_figure_is_not_asked_again_until_it_changes(year_of):
    year = year_of(gmv=2_500_000.0)
    (each,) = implausible(year)
    assert asked(year, {each.mark}) == []
    assert flagged(year, {each.mark}) == set()
    assert asked(year_of(gmv=2_500_001.0), {each.mark}) == [(SHOP, DAY, "gmv", "target")]


def test_without_a_target_sales_are_not_compared(year_of):
    year = year_of(gmv=2_500_000.0)
    nothing = replace(year, plan=year.plan.assign(gmv=np.nan))
    assert asked(nothing) == []


def test_a_question_is_a_finding_with_its_cell_and_a_way_out(year_of):
    found = implausible(year_of(orders=910.0))
    (problem,) = questions(found, lambda *spot: Where("", "日报", f"{spot[2]}!"))
    assert problem.where.cell == "orders!"
    assert str(problem.level) == "警告"
    assert "910" in problem.what
    assert "909" in problem.what
    assert "确认" in problem.remedy
