"""One way to make a workbook, and the three ways to hold it as a Book."""

from __future__ import annotations

import os

import pytest

from xlplan.books.build import build
from xlplan.books.file import FileBook
from xlplan.libreoffice import available


@pytest.fixture(scope="session")
def office_app():
    """A LibreOffice that xlwings takes for Excel, one for all tests."""
    if not available():
        if os.environ.get("CI"):
            pytest.fail("LibreOffice is missing")
        pytest.skip("LibreOffice is not installed")
    import xlwings

    import xlplan.libreoffice

    before = xlwings.engines.active
    xlplan.libreoffice.install()
    app = xlwings.App(visible=False, add_book=False)
    yield app
    app.quit()
    xlwings.engines.active = before


@pytest.fixture(scope="session")
def excel_app():
    import xlwings

    if "excel" not in xlwings.engines.engines_by_name:
        pytest.skip("Microsoft Excel is not installed")
    app = xlwings.App(visible=False, add_book=False)
    yield app
    app.quit()


class Held:
    """A workbook on disk, held as a Book; `again` holds what was written afresh."""

    def __init__(self, path, app=None):
        self.path, self.app = path, app
        self.open = app.books.open(str(path)) if app else None

    def book(self):
        from xlplan.books.live import LiveBook

        return LiveBook(self.open) if self.open else FileBook(self.path)

    again = book

    def close(self):
        if self.open:
            self.open.close()


@pytest.fixture
def hold(tmp_path, request):
    """Make a workbook of pages and hold it the way that is asked for."""
    held = []

    def make(pages, way):
        path = tmp_path / f"book{len(held)}.xlsx"
        path.write_bytes(build(pages))
        app = (
            None
            if way == "file"
            else request.getfixturevalue(f"{'office' if way == 'libreoffice' else way}_app")
        )
        held.append(Held(path, app))
        return held[-1]

    yield make
    for one in held:
        one.close()
