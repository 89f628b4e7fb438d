"""Sheets that hold nothing yet are not in the book; they come with what is first put on them."""

from __future__ import annotations

import pytest

from tests.actions.openbook import first_book
from xlplan.actions.change.holding import hold, release
from xlplan.actions.plan.asking import show_sheet
from xlplan.actions.plan.check import check
from xlplan.actions.undo.undoing import redo, undo
from xlplan.books.file import FileBook
from xlplan.cells import Cell
from xlplan.errors import InputError, StructureError
from xlplan.ooxml.reader import open_workbook
from xlplan.sheets.base.lists import read_log
from xlplan.sheets.base.names import HOLDS, LOG, MAPPING
from xlplan.sheets.state.layout import pages
from xlplan.sheets.state.read import read_state

COMING = {"锁定", "版本对比", "收集报告", "导入映射", "变更记录"}


@pytest.fixture
def path(tmp_path):
    made = tmp_path / "计划.xlsx"
    made.write_bytes(first_book())
    return made


def test_a_new_book_has_no_sheet_that_would_be_empty(state_of):
    shown = [page.name for page in pages(state_of(days=0)) if not page.hidden]
    assert not COMING & set(shown)
    assert shown[-1] == "体检"


def test_the_first_lock_brings_its_sheet_and_the_log_where_they_belong(path):
    assert not COMING & set(FileBook(path).sheets())
    hold(FileBook(path), metric="销售额", period="10月10日")
    book = FileBook(path)
    names = book.sheets()
    assert names.index("体检") < names.index(LOG) < names.index(HOLDS) < names.index("_计划")
    state = read_state(book).state
    assert len(state.holds) == 1
    assert [row.action for row in read_log(book.read(LOG))][:1] == ["锁定"]
    assert not [p for p in check(book).problems if "应是" in p.what]
    styles = {info.name: info.state for info in open_workbook(path.read_bytes()).sheets}
    assert styles[HOLDS] == "visible"
    undo(FileBook(path))
    assert read_state(FileBook(path)).state.holds == []
    redo(FileBook(path))
    assert read_state(FileBook(path)).state.holds == state.holds
    assert release(FileBook(path), id="全部").changed > 0


def test_locks_whose_sheet_was_deleted_are_missed_not_forgotten(path):
    hold(FileBook(path), metric="销售额", period="10月10日")

    class Lost(FileBook):
        def sheets(self):
            return [name for name in super().sheets() if name != HOLDS]

    with pytest.raises(StructureError, match="找不到工作表：锁定"):
        read_state(Lost(path))


def test_a_sheet_is_there_when_it_is_asked_for_and_nothing_else_changes(path):
    before = {sheet: FileBook(path).read(sheet) for sheet in FileBook(path).sheets()}
    assert show_sheet(FileBook(path), sheet=MAPPING).changed > 0
    book = FileBook(path)
    assert set(book.sheets()) - set(before) == {MAPPING, LOG}
    kept = [sheet for sheet in before if sheet not in ("_元数据", "_撤销")]
    assert all(book.read(sheet) == before[sheet] for sheet in kept)
    book.write({MAPPING: {(8, 1): Cell("后台")}})
    book.save()
    assert show_sheet(FileBook(path), sheet=MAPPING).changed == 0
    assert FileBook(path).read(MAPPING)[8, 1].value == "后台"


def test_a_sheet_that_nobody_knows_is_refused_with_those_that_are(path):
    assert len(show_sheet(FileBook(path)).lines) == len(COMING)
    with pytest.raises(InputError, match="没有可以显示的表“目录”") as refusal:
        show_sheet(FileBook(path), sheet="目录")
    assert MAPPING in refusal.value.remedy
