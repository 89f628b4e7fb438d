"""Why: parts add up to the gap, a driver is named only when it explains enough."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlplan.errors import InputError
from xlplan.plan.explain.reasons import SHIFT, WHOLE, reasons, split_by
from xlplan.plan.variance import ADDED, MIX, STOPPED

NAN = float("nan")


def side(**stores):
    columns = ["gmv", "uv", "orders", "refund"]
    return pd.DataFrame.from_dict(stores, orient="index", columns=columns)


def named(found):
    return {part.name: part.amount for part in found.parts}


def test_one_store_is_taken_apart_into_three_factors_and_the_main_one_is_named():
    found = reasons(side(甲=[20_000, 1000, 100, 0]), side(甲=[10_000, 500, 50, 0]))
    assert named(found) == {"UV": -10_000, "转化率": 0, "客单价": 0}
    assert found.main.name == "UV"
    assert found.text() == "少 10,000，主要因为UV（-10,000，占 100%）"


def test_no_driver_is_named_when_none_explains_enough():
    found = reasons(side(甲=[20_000, 1000, 100, 0]), side(甲=[12_000, 775, 60, 0]))
    assert found.main is None
    assert "没有单独一项超过 60%" in found.text()


def test_a_trifle_is_not_explained():
    found = reasons(side(甲=[20_000, 1000, 100, 0]), side(甲=[19_900, 1000, 100, 0]))
    assert found.main is None
    assert "没有需要解释的差额" in found.text()


def test_a_store_that_opened_or_closed_stands_by_itself_and_mix_between_the_others():
    before = side(甲=[100.0, 100, 10, 0], 乙=[200.0, 100, 10, 0], 关=[50.0, 10, 5, 0])
    after = side(甲=[150.0, 150, 15, 0], 乙=[100.0, 50, 5, 0], 新=[70.0, 10, 5, 0])
    found = named(reasons(before, after))
    assert (found[ADDED], found[STOPPED]) == (70, -50)
    assert found["UV"] == pytest.approx(0, abs=1e-9)
    assert found[MIX] == pytest.approx(-50)


def test_a_store_without_visits_is_not_taken_apart_and_says_so():
    found = reasons(side(甲=[100, 10, 5, 0]), side(甲=[80, NAN, 4, 0]))
    assert found.parts[0].name == WHOLE
    assert "缺 UV 或笔数" in found.parts[0].note
    assert found.parts[0].amount == -20


def test_refunds_stand_behind_the_gap():
    found = reasons(side(甲=[100, 10, 5, 6]), side(甲=[100, 10, 5, 10]))
    assert found.gap == 0
    assert found.refund == -4


def test_against_last_year_the_shift_of_the_calendar_is_a_line_of_its_own():
    found = reasons(side(甲=[120, 10, 5, 0]), side(甲=[150, 10, 5, 0]), shift=20)
    assert found.start == 100
    assert found.parts[0].name == SHIFT
    assert sum(part.amount for part in found.parts) == pytest.approx(50)


def test_doubled_segments_are_refused():
    twice = pd.concat([side(甲=[1, 1, 1, 0])] * 2)
    with pytest.raises(InputError):
        reasons(twice, twice)


def test_slices_are_told_by_size():
    found = split_by(["平日", "双11"], {"平日": 10, "双11": 90}, {"平日": 15, "双11": 40})
    assert [(part.name, part.amount) for part in found] == [("双11", -50), ("平日", 5)]


row = st.tuples(*[st.floats(0, 1e6) | st.just(NAN)] * 3, st.floats(0, 1e5))
sides = st.dictionaries(st.sampled_from("甲乙丙"), row, min_size=1, max_size=3)


@settings(max_examples=120, deadline=None)
@given(sides, sides)
def test_the_parts_always_add_up_to_the_gap(one, other):
    found = reasons(side(**one), side(**other))
    size = max(1.0, abs(found.start), abs(found.end))
    assert abs(sum(part.amount for part in found.parts) - found.gap) <= 1e-9 * size
