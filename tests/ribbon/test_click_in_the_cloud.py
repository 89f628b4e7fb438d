"""Clicks in a book that the program has open from OneDrive or SharePoint: no path, all the rest."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import xlwings

from tests.actions.openbook import STORES, planned_book
from xlplan.libreoffice.books import EngineBook
from xlplan.ribbon.click import click

pytestmark = pytest.mark.libreoffice


@pytest.fixture
def clicked(office_app, tmp_path, monkeypatch):
    """Click a button of a book whose full name xlwings cannot find on this computer."""
    path = tmp_path / "计划.xlsx"
    path.write_bytes(planned_book())
    book = office_app.books.open(str(path))

    def missing(_):
        raise xlwings.XlwingsError("Couldn't find your local OneDrive file")

    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    monkeypatch.setattr(EngineBook, "fullname", property(missing))
    monkeypatch.setattr(xlwings.Book, "_mock_caller", book, raising=False)

    def press(name, **answer):
        person = SimpleNamespace(ask=lambda *_: answer, tell=lambda _: None)
        return click(name, person)

    yield press
    book.close()


def test_every_step_but_saving_beside_it_works_in_a_book_without_a_path(clicked, tmp_path):
    held = clicked("hold", metric="月目标", store=STORES[0], period="9月")
    assert not held.bad, held.text
    undone = clicked("undo")
    assert undone.headline == "撤销完成"
    refused = clicked("distribute")
    assert refused.bad
    assert "没有文件夹" in refused.text
    assert "另存到本机" in refused.text
    handed = clicked("distribute", out=tmp_path / "门店")
    assert not handed.bad, handed.text
    assert len([*(tmp_path / "门店").rglob("*.xlsx")]) == len(STORES)
