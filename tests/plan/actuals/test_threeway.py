"""Three-way merge: what version control promises, held as properties."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from xlplan.plan.actuals.threeway import Candidate, Conflict, Side, canon, edited, merge, same

KEYS = st.sampled_from("abcdefgh")
VALUES = st.one_of(st.none(), st.sampled_from([0.0, 1.0, 2.5, 3.0]), st.sampled_from(["甲", "乙"]))
SHEET = st.dictionaries(KEYS, VALUES, max_size=8)


def full(sheet):
    return {key: value for key, value in sheet.items() if canon(value) is not None}


def apply(base, edits):
    return full({**base, **edits})


def changes(base, values):
    return set(edited(Side(base, values)))


def test_an_edit_arrives_and_the_rest_stays():
    made = merge({"x": 1.0, "y": 2.0}, [Side({"x": 1.0, "y": 2.0}, {"x": 5.0, "y": 2.0})])
    assert made.taken == {"x": Candidate(5.0, (0,))}
    assert made.applied({"x": 1.0, "y": 2.0}) == {"x": 5.0, "y": 2.0}


def test_a_cleared_value_is_an_edit():
    made = merge({"x": 1.0}, [Side({"x": 1.0}, {})])
    assert made.applied({"x": 1.0}) == {}


def test_different_values_on_both_sides_are_a_conflict_and_neither_wins():
    made = merge({"x": 3.0}, [Side({"x": 1.0}, {"x": 2.0})])
    assert made.taken == {}
    assert made.conflicts == (Conflict("x", 1.0, 3.0, (Candidate(2.0, (0,)),)),)


def test_the_same_edit_on_both_sides_is_no_conflict():
    made = merge({"x": 2.0}, [Side({"x": 1.0}, {"x": 2.0})])
    assert (made.taken, made.conflicts) == ({}, ())


def test_two_copies_that_differ_are_a_conflict_with_both_values():
    base = {"x": 1.0}
    made = merge(base, [Side(base, {"x": 2.0}), Side(base, {"x": 3.0})])
    assert made.conflicts[0].theirs == (Candidate(2.0, (0,)), Candidate(3.0, (1,)))


def test_two_copies_that_agree_are_one_edit():
    base = {"x": 1.0}
    made = merge(base, [Side(base, {"x": 2.0}), Side(base, {"x": 2.0})])
    assert made.taken == {"x": Candidate(2.0, (0, 1))}


def test_a_later_hand_out_that_started_from_an_earlier_edit_is_followed():
    made = merge({"x": 5.0}, [Side({}, {"x": 5.0}), Side({"x": 5.0}, {"x": 6.0})])
    assert made.taken == {"x": Candidate(6.0, (1,))}
    assert made.conflicts == ()


def test_numbers_that_programs_store_differently_are_the_same():
    assert same(0.1 + 0.2, 0.3)
    assert same(" 甲 ", "甲")
    assert same("", None)
    assert not same(1.0, 1.0000001)
    assert not same(0.0, None)


@given(SHEET, SHEET)
def test_no_edits_change_nothing(base, ours):
    made = merge(ours, [Side(base, base)])
    assert (made.taken, made.conflicts) == ({}, ())
    assert made.applied(ours) == full(ours)


@given(SHEET, SHEET)
def test_with_an_untouched_book_the_copy_wins(base, theirs):
    made = merge(base, [Side(base, theirs)])
    assert made.conflicts == ()
    assert made.applied(base) == full(theirs)


@given(SHEET, SHEET)
def test_with_an_untouched_copy_the_book_stays(base, ours):
    assert merge(ours, [Side(base, base)]).applied(ours) == full(ours)


@given(SHEET, SHEET, SHEET)
def test_conflicts_are_symmetric(base, ours, theirs):
    one = merge(ours, [Side(base, theirs)])
    other = merge(theirs, [Side(base, ours)])
    assert {c.key for c in one.conflicts} == {c.key for c in other.conflicts}
    for conflict in one.conflicts:
        twin = next(c for c in other.conflicts if c.key == conflict.key)
        assert same(conflict.theirs[0].value, twin.ours)
        assert same(twin.theirs[0].value, conflict.ours)


@given(SHEET, SHEET, SHEET)
def test_a_conflict_is_exactly_two_different_edits_of_one_key(base, ours, theirs):
    mine, yours = changes(base, ours), changes(base, theirs)
    wanted = {key for key in mine & yours if not same(ours.get(key), theirs.get(key))}
    assert {c.key for c in merge(ours, [Side(base, theirs)]).conflicts} == wanted


@settings(max_examples=60)
@given(SHEET, st.lists(SHEET, min_size=2, max_size=4), st.randoms(use_true_random=False))
def test_copies_merge_in_any_order(base, copies, random):
    sides = [Side(base, copy) for copy in copies]
    shuffled = random.sample(sides, len(sides))
    one, other = merge(base, sides), merge(base, shuffled)
    assert one.applied(base) == other.applied(base)
    assert {c.key for c in one.conflicts} == {c.key for c in other.conflicts}


@given(SHEET, SHEET, SHEET)
def test_disjoint_edits_commute_and_associate(base, first, second):
    second = {key: value for key, value in second.items() if key not in changes(base, first)}
    first_said, second_said = full(first), apply(base, second)
    for key in changes(base, first):
        second_said.pop(key, None)
        if canon(base.get(key)) is not None:
            second_said[key] = base[key]
    sides = [Side(base, first_said), Side(base, second_said)]
    together = merge(base, sides)
    assert together.conflicts == ()
    ours = merge(base, sides[:1]).applied(base)
    in_turn = merge(ours, sides[1:])
    assert in_turn.conflicts == ()
    assert in_turn.applied(ours) == together.applied(base)


@given(SHEET, SHEET, SHEET)
def test_merging_again_changes_nothing(base, ours, theirs):
    side = Side(base, theirs)
    once = merge(ours, [side]).applied(ours)
    again = merge(once, [side])
    assert again.taken == {}
    assert again.applied(once) == once


@given(SHEET, SHEET, SHEET)
def test_nothing_that_nobody_edited_changes(base, ours, theirs):
    made = merge(ours, [Side(base, theirs)])
    assert set(made.taken) <= changes(base, theirs)
