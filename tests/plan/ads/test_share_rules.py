"""Share rules of an allocation: kept where they bind, free where they do not, never below a grid."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlplan.errors import InputError
from xlplan.plan.ads.sharing import ShareRule, allocate_shared
from xlplan.plan.allocate import Curve, allocate

CURVES = {"直通车": Curve(40.0, 0.5), "钻展": Curve(60.0, 0.6), "淘宝客": Curve(20.0, 0.7)}


def test_a_rule_that_does_not_bind_changes_nothing():
    free = allocate(CURVES, 10_000)
    rule = ShareRule("A类", ("钻展",), 0.2)
    assert dict(allocate_shared(CURVES, 10_000, rule)) == dict(free)


@settings(max_examples=25, deadline=None)
@given(share=st.floats(0.05, 0.95), budget=st.floats(100, 1e6))
def test_a_binding_rule_is_kept_and_no_grid_does_better(share, budget):
    rule = ShareRule("A类", ("直通车",), share)
    made = allocate_shared(CURVES, budget, rule)
    assert made.spent == pytest.approx(budget, abs=0.02)
    assert made["直通车"] >= share * budget - 0.02
    best = 0.0
    for first in np.linspace(share, 1.0, 12):
        for second in np.linspace(0, 1.0, 12):
            rest = budget * (1 - first)
            spend = (budget * first, rest * second, rest * (1 - second))
            best = max(best, sum(c.response(s) for c, s in zip(CURVES.values(), spend, strict=True)))  # fmt: skip
    assert made.response >= best * (1 - 1e-6)


def test_what_the_favoured_cannot_take_lowers_the_others_with_it():
    rule = ShareRule("A类", ("直通车",), 0.6)
    made = allocate_shared(CURVES, 10_000, rule, cap={"直通车": 3000.0})
    assert made["直通车"] == pytest.approx(3000)
    assert made.spent == pytest.approx(5000, abs=0.02)
    assert "守住" in made.why_unspent


def test_a_rule_of_nobody_or_everybody_is_refused():
    for names in ((), tuple(CURVES)):
        with pytest.raises(InputError, match="A类"):
            allocate_shared(CURVES, 100, ShareRule("A类", names, 0.6))
