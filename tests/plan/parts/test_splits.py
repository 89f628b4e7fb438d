from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from xlplan.plan.parts.splits import shares_of, split_shares

FEN = st.integers(0, 10**11).map(lambda fen: fen / 100)


@given(
    st.lists(FEN, min_size=1, max_size=12), st.lists(st.integers(1, 1000), min_size=1, max_size=8)
)
def test_parts_of_a_whole_add_up_to_the_fen(amounts, weights):
    whole = sum(weights)
    shares = [weight / whole for weight in weights]
    parts = split_shares(np.array(amounts), shares)
    np.testing.assert_array_equal(
        np.rint(parts * 100).sum(axis=0), np.rint(np.array(amounts) * 100)
    )


@given(st.lists(FEN, min_size=1, max_size=12), st.floats(0, 1))
def test_a_part_is_within_a_fen_of_its_share(amounts, share):
    (part,) = split_shares(np.array(amounts), [share])
    assert (abs(part - np.array(amounts) * share) <= 0.0051).all()


def test_a_share_that_is_not_given_takes_nothing():
    parts = split_shares(np.array([100.0, np.nan]), [0.5, None, 0.5])
    np.testing.assert_array_equal(parts, [[50, np.nan], [np.nan, np.nan], [50, np.nan]])


@given(st.lists(st.tuples(FEN, FEN, FEN), min_size=1, max_size=12), st.booleans())
def test_shares_by_month_give_back_the_amounts_they_were_made_from(months, whole):
    parts = np.array(months).T
    amounts = np.rint(parts * 100).sum(axis=0) / 100
    if not whole:
        amounts = (amounts * 1.25 + 0.01).round(2)  # something is left unassigned
    made = split_shares(amounts, shares_of(parts, amounts))
    planned = amounts > 0
    np.testing.assert_array_equal(
        np.rint(made * 100)[:, planned], np.rint(parts * 100)[:, planned]
    )
