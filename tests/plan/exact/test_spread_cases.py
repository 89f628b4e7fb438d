"""The worked examples A, B and C of planning_cases.json must come out exactly."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from xlplan.errors import InfeasibleError
from xlplan.plan.spread import (
    SignError,
    absorb,
    additive_equal,
    breakback,
    by_absolute,
    round_table,
    round_to_sum,
    spread,
    straight_line,
)

CASES = {
    case["id"]: case
    for case in json.loads((Path(__file__).parents[1] / "planning_cases.json").read_text("utf-8"))
}


def held(n: int, positions: list[int]):
    return np.isin(np.arange(n), positions)


@pytest.mark.parametrize("case_id", ["A1", "A2"])
def test_a_total_follows_a_reference(case_id: str):
    given = CASES[case_id]["given"]
    assert spread(given["total"], given["reference"]).tolist() == CASES[case_id]["expect"]


def test_a_quarter_is_spread_in_proportion_and_the_year_follows():
    given, expect = CASES["A3"]["given"], CASES["A3"]["expect"]
    months = breakback(given["months"], given["q1_new"])
    assert months.tolist() == expect["months"]
    assert given["year_before"] + months.sum() - sum(given["months"]) == expect["year"]


def test_empty_children_share_equally():
    given = CASES["A7"]["given"]
    assert breakback([0] * given["n"], given["total"]).tolist() == CASES["A7"]["expect"]


def test_a_straight_line_keeps_its_total_and_its_slope():
    given = CASES["A10"]["given"]
    line = straight_line(given["total"], 12, last_over_first=1 + given["growth"])
    assert line.tolist() == CASES["A10"]["expect"]


def test_a_month_goes_to_days_by_weekday_and_event_weights():
    given, expect = CASES["A13"]["given"], CASES["A13"]["expect"]
    days = [date(2026, 11, 1) + timedelta(n) for n in range(30)]
    weights = np.array(
        [
            given["weekday_mon_sun"][day.weekday()] * given["events"].get(f"{day:%m-%d}", 1)
            for day in days
        ]
    )
    assert weights.sum() == pytest.approx(expect["sum_weights"])
    assert given["total"] / weights.sum() == pytest.approx(expect["unit_weight_value"], abs=5e-5)
    plan = spread(given["total"], weights, unit=1)
    by_day = {f"{day:%m-%d}": value for day, value in zip(days, plan, strict=True)}
    assert {day: by_day[day] for day in expect["days"]} == expect["days"]
    weeks: dict[str, float] = {}
    for day, value in zip(days, plan, strict=True):
        weeks[str(day.isocalendar().week)] = weeks.get(str(day.isocalendar().week), 0) + value
    assert weeks == expect["by_iso_week"]
    assert plan.sum() == expect["total"]


def test_a_hundred_yuan_over_six_keeps_every_fen():
    given, expect = CASES["B1"]["given"], CASES["B1"]["expect"]
    cells = spread(given["total_fen"] / 100, np.ones(given["n"]))
    assert np.rint(cells * 100).tolist() == expect["lr"]
    assert np.rint(cells * 100).sum() not in expect["wrong"]


@pytest.mark.parametrize("method", ["spread", "round_to_sum"])
def test_half_fractions_go_to_the_earlier_cell(method: str):
    given = CASES["B3"]["given"]
    do = {"spread": lambda: spread(given["total"], given["weights"], unit=1)}
    do["round_to_sum"] = lambda: round_to_sum(given["weights"], given["total"])
    assert do[method]().tolist() == CASES["B3"]["expect"]


def test_thirds_in_a_square_keep_rows_and_columns():
    given, expect = CASES["B6"]["given"], CASES["B6"]["expect"]
    thirds = np.full((3, 3), 10 / 3)
    row_by_row = spread(given["rows"], thirds, unit=1)
    assert row_by_row.sum(axis=0).tolist() == expect["row_lr_col_sums"]
    table = round_table(thirds, given["rows"], given["cols"])
    assert table.sum(axis=0).tolist() == given["cols"]
    assert table.sum(axis=1).tolist() == given["rows"]
    assert set(table.ravel()) == {3, 4}


@pytest.mark.parametrize("case_id", ["C1", "C3"])
def test_held_children_stay_when_the_parent_is_edited(case_id: str):
    given = CASES[case_id]["given"]
    locks = held(len(given["children"]), given["held"])
    after = breakback(given["children"], given["total"], held=locks)
    assert after.tolist() == CASES[case_id]["expect"]


def test_siblings_absorb_an_edit_under_a_held_parent():
    given = CASES["C2"]["given"]
    edits = {int(key): value for key, value in given["edit"].items()}
    assert sum(given["children"]) == given["parent_held"]
    assert absorb(given["children"], edits).tolist() == CASES["C2"]["expect"]


def test_a_held_quarter_stays_when_the_year_is_edited():
    given = CASES["C6"]["given"]
    after = breakback(given["months"], given["year"], held=held(12, [0, 1, 2]))
    assert after.tolist() == CASES["C6"]["expect"]


def test_children_adding_up_to_zero_are_refused_with_two_offers():
    given, offered = CASES["C9"]["given"], CASES["C9"]["expect"]["offered"]
    with pytest.raises(SignError) as refusal:
        breakback(given["children"], given["total"])
    assert set(refusal.value.offers) == set(offered)
    made = {"additive_equal": additive_equal, "by_absolute": by_absolute}
    for name, cells in offered.items():
        assert made[name](given["children"], given["total"]).tolist() == cells


def test_empty_months_are_filled_beside_a_locked_one():
    given = CASES["C10"]["given"]
    months = np.zeros(12)
    locks = {int(month) - 1: value for month, value in given["locked"].items()}
    for month, value in locks.items():
        months[month] = value
    after = breakback(months, given["total"], held=held(12, list(locks)))
    assert after.tolist() == [100] * 12


def test_all_locked_names_the_locks_and_the_reachable_total():
    given = CASES["C11"]["given"]
    with pytest.raises(InfeasibleError, match="80") as refusal:
        breakback(given["children"], given["total"], held=held(2, given["held"]))
    assert refusal.value.locks == given["held"]
    assert refusal.value.reachable == (80, 80)
