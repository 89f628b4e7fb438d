"""What is kept in hidden sheets comes back exactly, and locks show where they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlplan.actions.plan.new import NewBook, make_state
from xlplan.cells import Highlight, Seen
from xlplan.errors import StructureError
from xlplan.plan.change.holds import Hold, HoldKind, marks
from xlplan.plan.parts.splits import Part, Splits
from xlplan.plan.targets.claims import Claim
from xlplan.sheets.base.list_changes import changed_list, list_change
from xlplan.sheets.base.packing import chunks, joined, pack, pack_values, unpack, unpack_values
from xlplan.sheets.history.page import (
    DONE,
    DROPPED,
    ROOM,
    UNDONE,
    Entry,
    Version,
    read_entries,
    undo_page,
    with_entry,
)
from xlplan.sheets.holds.page import holds_page, read_holds
from xlplan.sheets.month.held_row import ROW
from xlplan.sheets.state.deltas import decode, delta, encode, replay
from xlplan.sheets.state.layout import pages

STORES = ["甲", "乙"]


@pytest.fixture(scope="module")
def state():
    claims = [Claim("gmv", 1e6, store=store) for store in STORES]
    return make_state(NewBook(2026, STORES, claims))[0]


def hold(kind, metric="gmv", store="甲", number=1, **more):
    return Hold(
        f"L{number}", HoldKind(kind), metric, store, date(2026, 9, 9), date(2026, 9, 10), **more
    )


@settings(max_examples=60)
@given(st.lists(st.one_of(st.floats(allow_infinity=False), st.integers(-10**13, 10**13).map(lambda n: n / 100)), min_size=1))  # fmt: skip
def test_packed_values_come_back_bit_for_bit(values):
    array = np.array(values)
    assert np.array_equal(unpack_values(pack_values(array)), array, equal_nan=True)


@given(st.binary(max_size=200_000))
@settings(max_examples=15)
def test_packed_texts_fit_into_cells_and_are_no_formulas(data):
    text = pack({"数": data})
    pieces = chunks(text)
    assert max(map(len, pieces)) <= 32_767
    assert all(piece[0].isalpha() for piece in pieces)
    assert unpack(joined(pieces)) == {"数": data}


def test_a_text_changed_by_hand_is_refused():
    with pytest.raises(StructureError):
        unpack(pack({"a": b"1"})[:-6] + "AAAA")


@settings(max_examples=80)
@given(st.lists(st.integers(0, 5)), st.lists(st.integers(0, 5)))
def test_changes_of_lists_go_both_ways(old, new):
    change = list_change(old, new)
    assert changed_list(old, change, back=False) == new
    assert changed_list(new, change, back=True) == old


def test_an_item_is_found_by_its_name_in_a_list_that_was_sorted_since():
    one, two, three = ({"id": f"L{number}", "why": ""} for number in (1, 2, 3))
    change = list_change([one, two], [one, two, three])
    there = [three, {**two, "why": "写上了"}, one]
    assert changed_list(there, change, back=True, key="id") == there[1:]
    assert changed_list([two, one], list_change([one, two], [two]), back=False, key="id") == [two]
    assert changed_list([one], change, back=True) == [one]


def test_versions_come_back_in_their_order(state):
    kept = [
        Version(name, "快照", "2026", "", "", "", "", "p") for name in ("一稿", "二稿", "三稿")
    ]
    before = replace(state, versions=kept)
    change = decode(encode(delta(before, replace(before, versions=kept[1:]))))
    assert replay(replace(before, versions=kept[1:]), change, back=True).versions == kept


def test_shares_of_months_come_back_to_the_part_of_their_name(state):
    def splits(*names, **months):
        return Splits([Part(name, 0.5, {9: months[name]} if name in months else {}) for name in names])  # fmt: skip

    before, after = splits("女装", "男装"), splits("女装", "男装", 男装=0.4)
    change = decode(encode(delta(replace(state, splits=before), replace(state, splits=after))))
    for names in (("女装", "男装"), ("男装", "女装"), ("女装", "男鞋")):
        here = names[-1] if "男装" not in names else "男装"
        changed = replace(state, splits=splits(*names, **{here: 0.4}))
        back = replay(changed, change, back=True)
        assert back.splits.categories == splits(*names).categories
        again = replay(back, change, back=False)
        assert again.splits.categories == changed.splits.categories


def test_a_delta_goes_both_ways_over_every_part(state):
    plan = state.year.plan.copy()
    plan.iloc[3:9, 0] += 1.23
    plan.iloc[5, 2] = np.nan
    after = replace(
        state,
        year=replace(state.year, plan=plan),
        holds=[hold("合计", value=12.5), hold("上下限", lower=1.0, number=2)],
        meta={**state.meta, "basis": "另一个"},
        origins={("甲", date(2026, 9, 9)): "日报"},
        problems=[],
    )
    change = decode(encode(delta(state, after)))
    there = replay(state, change, back=False)
    assert there.year.plan.equals(plan)
    assert list(there.holds) == list(after.holds)
    assert there.origins == after.origins
    back = replay(there, change, back=True)
    assert back.year.plan.equals(state.year.plan)
    assert list(back.holds) == []
    assert list(back.problems) == list(state.problems)
    assert not delta(state, replace(back, meta=state.meta))


def test_new_actions_drop_what_was_undone_and_the_oldest_make_room():
    old = Entry("a1", "分摊", "", "", "", DONE, "x" * (ROOM - 10))
    undone = Entry("a2", "分摊", "", "", "", UNDONE, "y")
    kept = with_entry([old, undone], Entry("a3", "分摊", "", "", "", DONE, "z" * 100))
    assert [entry.state for entry in kept] == [DONE, DROPPED, DONE]
    assert [bool(entry.payload) for entry in kept] == [False, True, True]


def test_entries_read_back_from_their_sheet():
    entry = Entry("a1", "分摊", "2026-01-01 00:00:00", "我", "九月", DONE, "p" * 70_000)
    seen = {
        spot: Seen(cell.value, cell.formula) for spot, cell in undo_page([entry]).cells.items()
    }
    assert read_entries(seen) == [entry]


def test_holds_read_back_from_their_sheet(state):
    holds = [
        hold("合计", value=5.0, why="双节", who="我", when="今天"),
        hold("上下限", upper=9.0, number=2),
    ]
    page = holds_page(holds, state.year.metrics)
    seen = {spot: Seen(cell.value, cell.formula) for spot, cell in page.cells.items()}
    found, problems = read_holds(seen, state.year.metrics, STORES, 2026)
    assert problems == []
    assert found[0] == holds[0]
    assert found[1].upper == 9.0


@pytest.mark.parametrize(("column", "value"), [("first", "哪天"), ("store", "丁"), ("kind", "别动"), ("value", "五百"), ("metric", "nothing"), ("last", "2026-09-01")])  # fmt: skip
def test_a_lock_row_that_makes_no_sense_is_a_problem_with_its_cell(state, column, value):
    page = holds_page([hold("合计", value=5.0)], state.year.metrics)
    seen = {spot: Seen(cell.value, cell.formula) for spot, cell in page.cells.items()}
    at = next(spot[1] for spot, cell in seen.items() if spot[0] == 3 and cell.value == column)
    seen[5, at] = Seen(value)
    found, problems = read_holds(seen, state.year.metrics, STORES, 2026)
    assert found == []
    assert [(p.where.sheet, p.where.cell) for p in problems] == [("锁定", "A5")]


def test_locks_are_told_by_words_per_scope_and_day(state):
    words = marks(state.year, [hold("只读"), hold("合计", "uv", "合计", number=2, value=1.0)])
    days = len(state.year.calendar.days)
    ninth = (date(2026, 9, 9) - date(2026, 1, 1)).days
    assert [words[row * days + ninth] for row in range(3)] == ["·ΣUV·", "·销售额·", ""]


def test_the_month_shows_locks_in_words_and_by_a_look_and_plan_cells_are_open(state):
    locked = replace(state, holds=[hold("只读", store="合计")])
    page = next(page for page in pages(locked) if page.name == "9月")
    row = next(spot[0] for spot, cell in page.cells.items() if cell.value == ROW)
    told = [cell.value for spot, cell in page.cells.items() if spot[0] == row and cell.formula]
    assert told.count("·销售额·") == 2
    looks = [rule for rule in page.highlights if isinstance(rule, Highlight) and "SEARCH" in rule.formula]  # fmt: skip
    assert any("·销售额·" in rule.formula for rule in looks)
    plan = next(spot[0] for spot, cell in page.cells.items() if cell.value == "gmv_target")
    actual = next(spot[0] for spot, cell in page.cells.items() if cell.value == "gmv")
    assert not page.cells[plan, 3].style.locked
    assert page.cells[actual, 3].style.locked


def test_a_record_that_would_fill_the_memory_is_refused(monkeypatch):
    from xlplan.sheets.base import packing

    text = packing.pack({"values": b"0" * 10_000})
    assert packing.unpack(text) == {"values": b"0" * 10_000}
    monkeypatch.setattr(packing, "MOST_BYTES", 5_000)
    with pytest.raises(StructureError, match="读不出来"):
        packing.unpack(text)
