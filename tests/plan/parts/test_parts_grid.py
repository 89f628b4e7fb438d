"""Categories per store and day: both margins exact to the fen, agreements kept."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlplan.errors import InfeasibleError
from xlplan.plan.parts.grid import Held, MonthGrid

fast = settings(max_examples=40, deadline=None)
STORES, DAYS = 3, 5


@st.composite
def rectangle(draw):
    mask = np.zeros((STORES, DAYS), dtype=bool)
    store = draw(st.sampled_from([slice(None), 0, 1, 2]))
    first = draw(st.integers(0, DAYS - 1))
    mask[store, first : draw(st.integers(first, DAYS - 1)) + 1] = True
    return mask


@st.composite
def feasible(draw):
    """A grid whose amounts and agreements are sums of one table: it has an answer."""
    parts = draw(st.integers(1, 3))
    size = (parts + 1) * STORES * DAYS
    cells = draw(st.lists(st.integers(0, 90_000), min_size=size, max_size=size))
    table = np.array(cells, dtype=float).reshape(parts + 1, STORES, DAYS)
    held = []
    for part in range(parts):
        for mask in draw(st.lists(rectangle(), max_size=4)):
            mine = [h.mask for h in held if h.part == part]
            apart = all(not (m & mask).any() or (m <= mask).all() or (mask <= m).all() for m in mine)  # fmt: skip
            if apart and not any((m == mask).all() for m in mine) and not mask.all():
                held.append(Held(part, mask, table[part][mask].sum()))
    return MonthGrid(table.sum(axis=0), table[:-1].sum(axis=(1, 2)), held)


@fast
@given(feasible())
def test_parts_and_store_days_add_up_and_what_is_agreed_stands(grid):
    made = grid.cells()
    assert (made >= 0).all()
    np.testing.assert_array_equal(made, np.rint(made))
    np.testing.assert_array_equal(made.sum(axis=0), grid.totals)
    np.testing.assert_array_equal(made[:-1].sum(axis=(1, 2)), grid.amounts)
    for one in grid.held:
        assert made[one.part][one.mask].sum() == one.amount
    np.testing.assert_array_equal(made.sum(axis=2), grid.stores())


def even(*amounts, held=()):
    """Two parts of 30,000 fen in three equal stores of five days, each day 6,000."""
    return MonthGrid(np.full((STORES, DAYS), 6000.0), np.array(amounts), held)


def area(store, days):
    mask = np.zeros((STORES, DAYS), dtype=bool)
    mask[store, days] = True
    return mask


def test_without_agreements_every_store_day_is_shared_out_by_the_months_shares():
    made = even(30_000.0, 45_000.0).cells()
    assert (made[0] == 2000).all()
    assert (made[1] == 3000).all()
    assert (made[2] == 1000).all()


def test_an_agreement_leaves_the_rest_of_the_month_in_proportion():
    made = even(30_000.0, 45_000.0, held=[Held(0, area(slice(None), 0), 9000.0)]).cells()
    assert (made[0][:, 0] == 3000).all()
    assert made[0][:, 1:] == pytest.approx(1750, abs=1)
    rest = made[1:, :, 1]
    assert rest[0] / rest[1] == pytest.approx(3, rel=1e-3)


def test_agreements_on_the_whole_month_follow_its_amount():
    """Week by week agreed, and the month grew since: the weeks grow with it."""
    held = [Held(0, area(slice(None), slice(2)), 10_000.0), Held(0, area(slice(None), slice(2, 5)), 20_000.0)]  # fmt: skip
    made = even(33_000.0, 45_000.0, held=held).cells()
    assert [made[0][h.mask].sum() for h in held] == [11_000, 22_000]
    assert (made.sum(axis=0) == 6000).all()


TIGHT = [
    ([Held(0, area(0, 0), 6001.0)], "合不上"),
    ([Held(0, area(0, slice(3)), 5000.0), Held(0, area(0, 1), 5001.0)], "里面的约定"),
    ([Held(0, area(0, 0), 4000.0), Held(1, area(0, 0), 4000.0)], "合不上"),
]


@pytest.mark.parametrize(("held", "said"), TIGHT)
def test_agreements_that_do_not_fit_are_refused(held, said):
    with pytest.raises(InfeasibleError, match=said):
        even(30_000.0, 45_000.0, held=held).cells()


def test_shares_of_more_than_the_whole_are_refused():
    with pytest.raises(InfeasibleError, match="100%"):
        even(60_000.0, 45_000.0).cells()
