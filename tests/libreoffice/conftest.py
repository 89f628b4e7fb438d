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
def office():
    from xlplan.libreoffice.office import Office

    with Office() as running:
        yield running
