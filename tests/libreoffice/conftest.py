"""Tests marked `libreoffice` are skipped without LibreOffice, except in CI, where they must run."""

from __future__ import annotations

import os

import pytest

from xlplan.libreoffice.convert import available


def pytest_collection_modifyitems(items):
    if available() or os.environ.get("CI"):
        return
    reason = "LibreOffice is not installed (soffice not found; XLPLAN_SOFFICE can name it)"
    for item in items:
        if item.get_closest_marker("libreoffice"):
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def app():
    import xlwings

    from xlplan import libreoffice

    before = xlwings.engines.active
    libreoffice.install()
    running = xlwings.App(visible=False, add_book=False)
    yield running
    running.quit()
    xlwings.engines.active = before


@pytest.fixture
def office(app):
    """Return the process behind the app, so that one start serves all tests."""
    return app.impl.office()


@pytest.fixture
def book(app):
    made = app.books.add()
    yield made
    made.close()


@pytest.fixture
def sheet(book):
    return book.sheets[0]
