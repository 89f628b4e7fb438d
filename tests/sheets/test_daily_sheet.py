"""日报: staff fill a row a day; results show at once; rows are read wherever they were sorted to."""

from __future__ import annotations

import random
from datetime import date

import pytest

from xlplan.cells import Seen, State
from xlplan.errors import Level
from xlplan.sheets.daily.page import (
    FIRST_ROW,
    RESULTS,
    daily_as_built,
    daily_page,
    input_metrics,
)
from xlplan.sheets.daily.read import read_daily
from xlplan.sheets.state.layout import built_tables

DAY = date(2026, 3, 5)
TYPED = {"gmv": 4200.5, "orders": 42.0, "uv": 900.0, "gmv_excluded": 200.5, "orders_excluded": 2.0}


@pytest.fixture(scope="module")
def at(two):
    return daily_as_built(two.year)


@pytest.fixture(scope="module")
def filled(two):
    return daily_page(two.year, built_tables(two.year), {("乙店", DAY): TYPED}, {})


def read(two, cells):
    return read_daily(cells, two.year.metrics, list(two.year.stores), 2026, "计划.xlsx")


def test_a_row_for_every_day_and_store_by_date_then_store(filled, at):
    pairs = [
        (filled.cells[row, 1].value, filled.cells[row, 3].value)
        for row in sorted(at.rows.values())
    ]
    assert len(pairs) == 365 * 2
    assert pairs[:3] == [
        (date(2026, 1, 1), "甲店"),
        (date(2026, 1, 1), "乙店"),
        (date(2026, 1, 2), "甲店"),
    ]
    assert pairs == sorted(pairs, key=lambda pair: (pair[0], "甲乙".index(pair[1][0])))


def test_results_follow_what_was_typed_exclusions_taken_off(filled, at):
    row = at.rows["乙店", DAY]
    found = {name: filled.cells[row, at.columns[name]].value for name in RESULTS}
    assert found["gmv_net"] == 4000.0
    assert found["orders_net"] == 40.0
    assert found["aov"] == 100.0
    assert found["cvr"] == pytest.approx(40 / 900)
    assert found["spend"] == ""


def test_an_unfilled_row_shows_its_target_and_no_result(two, filled, at):
    row = at.rows["甲店", DAY]
    target = filled.cells[row, at.columns["gmv_target"]].value
    assert target == two.year.plan.loc[("甲店", "2026-03-05"), "gmv"]
    assert {filled.cells[row, at.columns[name]].value for name in RESULTS} == {""}
    assert all(filled.cells[row, at.columns[name]].formula for name in RESULTS)


def test_only_inputs_are_unlocked_and_each_has_a_chinese_message(two, filled, at):
    row = at.rows["甲店", DAY]
    rules = {rule.area.left: rule for rule in filled.validations}
    for name in input_metrics(two.year.metrics):
        column = at.columns[name]
        assert filled.cells[row, column].style.state is State.INPUT
        assert two.year.metrics[name].label in rules[column].message
        assert not rules[column].strict
    assert filled.cells[row, at.columns["gmv_net"]].style.state is State.DERIVED


def test_exclusion_columns_are_hidden_until_the_setting_shows_them(filled, at):
    assert filled.columns[at.columns["gmv_excluded"]].hidden
    assert not filled.columns[at.columns["gmv"]].hidden


def test_sorted_rows_read_the_same(two, filled, at, seen):
    cells = seen(filled)
    rows = sorted(at.rows.values())
    order = random.Random(4).sample(rows, len(rows))
    place = dict(zip(rows, order, strict=True))
    shuffled = {(place.get(row, row), column): cell for (row, column), cell in cells.items()}
    found = read(two, shuffled)
    assert found.typed == {("乙店", DAY): TYPED}
    assert found.at.rows["乙店", DAY] == place[at.rows["乙店", DAY]]
    assert found.problems == []


@pytest.mark.parametrize(
    ("typed", "value"),
    [("4,200.50", 4200.5), ("￥1.2万", 12000.0), ("４２", 42.0), ("-", None), ("", None)],
)
def test_what_people_type_is_understood(two, filled, at, seen, typed, value):
    cells = seen(filled) | {(at.rows["甲店", DAY], at.columns["gmv"]): Seen(typed)}
    found = read(two, cells).typed.get(("甲店", DAY), {})
    assert found.get("gmv") == value


@pytest.mark.parametrize(
    ("name", "typed", "why"),
    [
        ("orders", "四十", "不是可识别的数"),
        ("orders", -3, "不能是负数"),
        ("uv", "#REF!", "错误值"),
    ],
)
def test_what_cannot_be_a_figure_is_named_with_its_cell(two, filled, at, seen, name, typed, why):
    spot = at.rows["甲店", DAY], at.columns[name]
    (problem,) = read(two, seen(filled) | {spot: Seen(typed)}).problems
    assert problem.level is Level.ERROR
    assert why in problem.what
    assert problem.where.cell.endswith(str(spot[0]))


def test_a_row_added_by_hand_counts_and_a_second_one_for_the_day_does_not(two, filled, at, seen):
    cells, row = seen(filled), max(at.rows.values()) + 1
    cells |= {
        (row, 1): Seen("2026/3/5"),
        (row, 3): Seen("乙店"),
        (row, at.columns["gmv"]): Seen(1),
    }
    found = read(two, cells)
    assert found.typed["乙店", DAY] == TYPED
    assert "有两行" in found.problems[0].what


@pytest.mark.parametrize(
    ("day", "store", "why"),
    [
        ("2025-03-05", "甲店", "不在 2026 年"),
        ("2026-03-05", "丙店", "不在本计划里"),
        ("某天", "甲店", "无法识别"),
    ],
)
def test_a_row_of_nowhere_is_refused_by_name(two, filled, at, seen, day, store, why):
    row = max(at.rows.values()) + 1
    cells = seen(filled) | {(row, 1): Seen(day), (row, 3): Seen(store), (row, 6): Seen(1)}
    (problem,) = read(two, cells).problems
    assert why in problem.what
    assert "甲店、乙店" in problem.remedy


def test_notes_are_read_with_the_row(two, filled, at, seen):
    cells = seen(filled) | {(at.rows["甲店", DAY], at.columns["note"]): Seen("停电半天")}
    assert read(two, cells).typed["甲店", DAY] == {"note": "停电半天"}


def test_the_first_row_and_the_first_columns_stay_in_sight(filled):
    assert filled.freeze == (FIRST_ROW, 4)
    assert filled.repeat_rows == (FIRST_ROW - 1, FIRST_ROW - 1)
    assert filled.filter.top == FIRST_ROW - 1
