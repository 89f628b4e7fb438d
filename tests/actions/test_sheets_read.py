"""An action reads the sheets it needs, and writes those whose inputs changed."""

from __future__ import annotations

from datetime import date

import pytest

from tests.actions.openbook import STORES, OpenBook, planned_book
from xlplan.actions.change.changing import spread
from xlplan.actions.change.holding import hold
from xlplan.actions.imports.importing import import_all
from xlplan.actions.trace.tracing import trace
from xlplan.actions.undo.history import log
from xlplan.actions.undo.undoing import undo
from xlplan.sheets.base.names import MONTHS, month_name

MONTH_SHEETS = {month_name(month) for month in MONTHS}


class Watched(OpenBook):
    """A book that says which sheets were read and which written."""

    def load(self):
        super().load()
        self.read_of, self.wrote_to = [], set()

    def read(self, sheet):
        self.read_of.append(sheet)
        return super().read(sheet)

    def write(self, changes):
        self.wrote_to |= set(changes)
        super().write(changes)

    @property
    def only_read(self):
        return set(self.read_of) - self.wrote_to


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "计划.xlsx"
    path.write_bytes(planned_book())
    return Watched(path)


def test_the_log_is_read_and_nothing_else(book):
    log(book)
    assert set(book.read_of) == {"变更记录", "_元数据"}


def test_a_trace_reads_no_month_and_writes_nothing(book):
    trace(book, metric="销售额", period="9月")
    assert len(book.only_read) <= 8
    assert not set(book.read_of) & MONTH_SHEETS
    assert not book.wrote_to


def test_a_lock_reads_four_sheets_besides_those_it_writes(book):
    hold(book, metric="销售额", period="10月10日")
    assert len(book.only_read) <= 4
    assert book.wrote_to == {"锁定", "_计划", "10月", "变更记录", "_撤销", "_元数据"}


def test_an_import_of_one_day_reads_six_sheets_besides_those_it_writes(book, tmp_path):
    export = tmp_path / "日报.csv"
    export.write_text("日期,支付金额,访客数,支付订单数\n2026-03-05,12345.5,1000,70\n", "utf-8-sig")
    done = import_all(book, [export], store=STORES[0], as_of=date(2026, 3, 9))
    assert done.changed > 10
    assert len(book.only_read - {"4月"}) <= 6, book.only_read
    assert book.wrote_to & MONTH_SHEETS <= {"3月", "4月"}  # April compares with last month's days


def test_months_whose_plan_stays_are_neither_read_nor_written(book):
    spread(book, metric="销售额", period="10月", to="+5%")
    assert set(book.read_of) & MONTH_SHEETS == {"10月"}
    assert book.wrote_to & MONTH_SHEETS == {"10月"}
    book.load()
    undo(book)
    assert set(book.read_of) & MONTH_SHEETS <= {"10月"}


def test_no_sheet_is_read_twice(book):
    spread(book, metric="销售额", period="10月", to="+5%")
    assert len(book.read_of) == len(set(book.read_of))
