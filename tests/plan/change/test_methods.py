"""Spread methods by name, and the shorthand people type."""

from __future__ import annotations

import numpy as np
import pytest

from xlplan.errors import InputError, PlanError
from xlplan.plan.change.methods import METHODS
from xlplan.plan.change.shorthand import Shorthand, parse_shorthand
from xlplan.plan.change.spreading import apply_method
from xlplan.plan.spread import SignError

CELLS = [100.0, 0.0, 300.0]


@pytest.mark.parametrize(
    ("method", "amount", "expected"),
    [
        ("proportional", 800, [200, 0, 600]),
        ("equal", 600, [200, 200, 200]),
        ("equal_nonzero", 600, [300, 0, 300]),
        ("like", 600, [100, 200, 300]),
        ("like_percent", 0.1, [1.1, 2.2, 3.3]),
        ("percent", 0.08, [108, 0, 324]),
        ("times", 1.2, [120, 0, 360]),
        ("times", 0, [0, 0, 0]),
        ("add", 40, [110, 0, 330]),
        ("repeat", 7.5, [7.5, 7.5, 7.5]),
        ("straight_line", 3, [66.67, 133.33, 200]),
        ("growth", 1, [57.14, 114.29, 228.57]),
        ("unassigned", 500, [100, 100, 300]),
        ("additive_equal", 700, [200, 100, 400]),
        ("by_absolute", 800, [200, 0, 600]),
    ],
)
def test_each_method_does_what_its_name_says(method, amount, expected):
    assert apply_method(method, CELLS, amount, reference=[1, 2, 3]).tolist() == expected


@pytest.mark.parametrize("method", METHODS)
def test_no_method_moves_a_held_cell(method):
    amount = {"percent": 0.1, "like_percent": 0.1, "times": 2, "growth": 0.1}.get(method, 900)
    held = [False, False, True]
    after = apply_method(method, CELLS, amount, reference=[1, 2, 3], held=held)
    assert after[2] == 300


def test_a_percentage_moves_every_cell_by_itself_even_when_they_cancel():
    assert apply_method("percent", [-100, 100], 0.5).tolist() == [-150, 150]


def test_a_percentage_respects_bounds():
    assert apply_method("percent", [100, 100], 0.5, upper=[120, 999]).tolist() == [120, 180]


def test_the_rounded_sum_of_a_percentage_is_kept():
    after = apply_method("percent", [1, 1, 1], 0.15, unit=0.1)
    assert np.rint(after * 10).sum() == 35


def test_unassigned_follows_a_reference_over_the_empty_cells():
    after = apply_method("unassigned", [100, 0, 0], 400, reference=[9, 1, 2])
    assert after.tolist() == [100, 100, 200]


@pytest.mark.parametrize(
    ("method", "amount", "reference"),
    [("nonsense", 1, None), ("like", 1, None), ("like", 1, [1, 2]), ("percent", -1.5, None)],
)
def test_what_a_method_cannot_do_is_refused(method, amount, reference):
    with pytest.raises(PlanError):
        apply_method(method, CELLS, amount, reference=reference)


def test_signs_are_not_flipped_by_a_factor():
    with pytest.raises(SignError):
        apply_method("times", CELLS, -1)


@pytest.mark.parametrize(
    ("typed", "method", "amount", "reference"),
    [
        ("500万", "proportional", 5_000_000, ""),
        ("=500万", "proportional", 5_000_000, ""),
        ("＝１，２００．５元", "proportional", 1200.5, ""),
        ("=-3000", "proportional", -3000, ""),
        ("+3000", "add", 3000, ""),
        ("-3000", "add", -3000, ""),
        ("−3千", "add", -3000, ""),
        ("+8%", "percent", 0.08, ""),
        ("＋８％", "percent", 0.08, ""),
        ("-5 %", "percent", -0.05, ""),
        ("加8%", "percent", 0.08, ""),
        ("降 5%", "percent", -0.05, ""),
        ("增加3万", "add", 30_000, ""),
        ("减3000", "add", -3000, ""),
        ("*1.2", "times", 1.2, ""),
        ("×2", "times", 2, ""),
        ("/4", "times", 0.25, ""),
        ("=500万 平均", "equal", 5_000_000, ""),
        ("1.5亿 like 去年", "like", 150_000_000, "去年"),
        ("=500w 照 2025", "like", 5_000_000, "2025"),
        ("like 去年", "like_percent", 0, "去年"),
        ("like 去年 +10%", "like_percent", 0.1, "去年"),
        ("!3000", "repeat", 3000, ""),
        ("剩余 500万", "unassigned", 5_000_000, ""),
        (".5万", "proportional", 5000, ""),
    ],
)
def test_the_shorthand_is_read(typed, method, amount, reference):
    assert parse_shorthand(typed) == Shorthand(method, amount, reference)


@pytest.mark.parametrize("typed", ["", "abc", "+", "8%", "1,23", "/0", "=500万 500万", "like"])
def test_what_cannot_be_read_is_answered_with_the_forms(typed):
    with pytest.raises(InputError):
        parse_shorthand(typed)
