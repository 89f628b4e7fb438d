"""The bridge: worked example G, exact sums, swapped sides, zeros, one-sided segments."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlplan.errors import InputError
from xlplan.plan.variance import ADDED, MIX, STOPPED, bridge

CASES = {
    case["id"]: case
    for case in json.loads((Path(__file__).parent / "planning_cases.json").read_text("utf-8"))
}
FACTORS = ("UV", "CVR", "AOV")


def test_the_bridge_of_case_g1():
    given_, expect = CASES["G1"]["given"], CASES["G1"]["expect"]
    sides = [dict(zip(FACTORS, given_[side], strict=True)) for side in "pa"]
    found = bridge(*sides, factors=FACTORS)
    assert list(found) == list(FACTORS)
    for name in FACTORS:
        assert found[name] == pytest.approx(expect[name], abs=1e-4)
    assert sum(found.values()) == pytest.approx(expect["delta"], abs=1e-9)


def test_a_factor_at_zero_takes_all_of_the_change():
    found = bridge([100, 0.0, 50], [100, 0.02, 50], factors=FACTORS)
    assert found == {"UV": 0, "CVR": 100, "AOV": 0}
    assert bridge([100, 0.0, 50], [80, 0.0, 50], factors=FACTORS) == dict.fromkeys(FACTORS, 0)


def test_what_stands_on_one_side_only_is_new_or_stopped_and_mix_is_told_apart():
    plan = {"自然": {"UV": 100, "CVR": 0.1, "AOV": 10}, "付费": {"UV": 100, "CVR": 0.05, "AOV": 10}, "旧": {"UV": 10, "CVR": 0.1, "AOV": 10}}  # fmt: skip
    actual = {"自然": {"UV": 60, "CVR": 0.1, "AOV": 10}, "付费": {"UV": 140, "CVR": 0.05, "AOV": 10}, "直播": {"UV": 30, "CVR": 0.1, "AOV": 10}}  # fmt: skip
    found = bridge(plan, actual, factors=FACTORS)
    assert (found[ADDED], found[STOPPED]) == (30, -10)
    assert found["UV"] == pytest.approx(0, abs=1e-9)
    assert found[MIX] == pytest.approx(-20)
    assert found["CVR"] == found["AOV"] == 0


@pytest.mark.parametrize("bad", [[100, -0.1, 2], [100, float("nan"), 2]])
def test_negative_and_missing_factors_are_refused(bad):
    with pytest.raises(InputError):
        bridge(bad, [1, 1, 1], factors=FACTORS)


def test_a_missing_or_doubled_factor_is_refused():
    with pytest.raises(InputError, match="缺少因素：AOV"):
        bridge({"UV": 1, "CVR": 1}, {"UV": 1, "CVR": 1, "AOV": 1}, factors=FACTORS)
    with pytest.raises(InputError):
        bridge([1, 1], [1, 1], factors=("UV", "UV"))


number = st.floats(0.01, 1e6) | st.just(0.0)
row = st.tuples(number, number, number)
table = st.dictionaries(st.sampled_from("甲乙丙丁"), row, min_size=1, max_size=4)


def frame(rows):
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(FACTORS))


@settings(max_examples=150, deadline=None)
@given(table, table)
def test_parts_add_up_and_change_sign_when_the_sides_are_swapped(one, other):
    there, back = (bridge(frame(a), frame(b), factors=FACTORS) for a, b in ((one, other), (other, one)))  # fmt: skip
    delta = sum(np.prod(r) for r in other.values()) - sum(np.prod(r) for r in one.values())
    size = max(1.0, *(abs(np.prod(r)) for r in (*one.values(), *other.values())))
    assert abs(sum(there.values()) - delta) <= 1e-9 * size
    for name in (*FACTORS, MIX):
        assert abs(there[name] + back[name]) <= 1e-9 * size
    assert abs(there[ADDED] + back[STOPPED]) <= 1e-9 * size
