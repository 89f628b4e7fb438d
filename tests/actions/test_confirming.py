"""Implausible actuals through 导入: told with their cell, kept, confirmed with a reason, undone."""

from __future__ import annotations

from datetime import date

import pytest

from tests.actions.openbook import STORES, OpenBook, planned_book
from xlplan.actions.imports.confirming import Sure, confirm, confirmed_marks
from xlplan.actions.imports.importing import import_all
from xlplan.actions.undo.undoing import undo
from xlplan.cells import Seen
from xlplan.errors import InputError

AS_OF = date(2026, 9, 30)
DAY = date(2026, 9, 2)


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "计划.xlsx"
    path.write_bytes(planned_book())
    return OpenBook(path)


def odd(outcome):
    return [(p.rule, p.where.sheet, p.where.cell != "", str(p.level)) for p in outcome.problems if p.rule.startswith("odd_") and str(DAY) in p.what]  # fmt: skip


def test_a_slip_on_the_daily_sheet_is_taken_in_told_confirmed_and_asked_again_when_it_changes(book):  # fmt: skip
    at = book.said().at.daily
    spot = at.rows[STORES[0], DAY], at.columns["gmv"]
    book.cells["日报"][spot] = Seen(2_500_000.0, "")
    book.written += 1
    done = import_all(book, as_of=AS_OF)
    assert odd(done) == [("odd_target", "日报", True, "警告")]
    assert done.left_out == 0
    assert book.said().state.year.actuals.at[(STORES[0], str(DAY)), "gmv"] == 2_500_000.0

    with pytest.raises(InputError, match="原因"):
        import_all(book, as_of=AS_OF, sure=f"{STORES[0]} {DAY}")
    with pytest.raises(InputError, match="没有要确认的数"):
        import_all(book, as_of=AS_OF, sure=f"{STORES[1]} {DAY}", why="爆单")
    sure = import_all(book, as_of=AS_OF, sure=[f"{STORES[0]} {DAY}"], why="直播间爆单")
    assert odd(sure) == []
    assert any("核对无误（直播间爆单）" in line for line in sure.lines)
    assert odd(import_all(book, as_of=AS_OF)) == []

    book.cells["日报"][spot] = Seen(2_600_000.0, "")
    book.written += 1
    assert odd(import_all(book, as_of=AS_OF)) == [("odd_target", "日报", True, "警告")]


def test_a_confirmation_can_be_undone(book):
    at = book.said().at.daily
    book.cells["日报"][at.rows[STORES[0], DAY], at.columns["gmv"]] = Seen(2_500_000.0, "")
    book.written += 1
    import_all(book, as_of=AS_OF)
    import_all(book, as_of=AS_OF, sure=[str(DAY)], why="爆单")
    assert len(confirmed_marks(book.said().state.meta)) == 1
    undo(book)
    assert confirmed_marks(book.said().state.meta) == frozenset()
    assert odd(import_all(book, as_of=AS_OF)) == [("odd_target", "日报", True, "警告")]


@pytest.mark.parametrize(
    ("text", "said"), [("不是日子", "哪一天"), ("没有的店 2026-09-02", "不在本计划里")]
)
def test_what_is_no_day_of_the_plan_is_refused(book, text, said):
    with pytest.raises(InputError, match=said):
        confirm(book.said().state.year, {}, Sure((text,), "原因"))
