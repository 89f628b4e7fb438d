"""Nothing is written that could not be read back."""

from __future__ import annotations

import pytest
import xlsxwriter

from xlplan.books.file import FileBook
from xlplan.cells import Cell
from xlplan.errors import FileError
from xlplan.ooxml.files.room import require_readable
from xlplan.ooxml.limits import PLAN_BOOK, ReadLimits
from xlplan.ooxml.reader import open_workbook


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "计划.xlsx"
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet("数")
        for row in range(40):
            sheet.write_row(row, 0, [1.5] * 10)
    return path


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"cells": 399}, "单元格 400 个"),
        ({"file_bytes": 100}, "文件"),
        ({"part_bytes": 100}, "一张表"),
        ({"total_bytes": 1000}, "解压后"),
    ],
)
def test_what_would_not_open_again_is_refused_by_how_much(book, limits, said):
    with pytest.raises(FileError, match=said) as caught:
        require_readable(book.read_bytes(), ReadLimits(**limits))
    assert caught.value.code == "too_big"
    assert "company" in caught.value.remedy


@pytest.mark.parametrize("most", [400, 401, 4000])
def test_what_is_allowed_to_be_written_opens_again(book, most):
    data, limits = book.read_bytes(), ReadLimits(cells=most)
    require_readable(data, limits)
    assert len(list(open_workbook(data, limits=limits))) == 1


def test_a_book_that_would_grow_too_big_stays_as_it_was(book, monkeypatch):
    monkeypatch.setattr("xlplan.books.file.PLAN_BOOK", ReadLimits(cells=405))
    before, opened = book.read_bytes(), FileBook(book)
    opened.write({"数": {(50, column): Cell(2.0) for column in range(1, 9)}})
    with pytest.raises(FileError, match="再也打不开"):
        opened.save()
    assert book.read_bytes() == before


def test_a_plan_book_may_hold_more_than_an_export():
    assert PLAN_BOOK.cells > ReadLimits().cells
    assert PLAN_BOOK.seconds > ReadLimits().seconds
