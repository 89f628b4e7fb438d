"""Plan books with made-up targets and actuals, and the three ways to hold a workbook as a Book."""

from __future__ import annotations

import gc
import os
import shutil
from dataclasses import replace

import numpy as np
import pytest

from xlplan.actions.plan.new import NewBook, make_state
from xlplan.books.build import build
from xlplan.books.file import FileBook
from xlplan.libreoffice import available
from xlplan.plan.targets.claims import Claim, Span
from xlplan.plan.year import Settings


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden files")


def pytest_collection_modifyitems(items):
    # two minutes in one test: begun last, it would keep one worker while the other has nothing left
    items.sort(key=lambda item: item.path.name != "test_faces.py")


def pytest_collection_finish():
    # as a click does (xlplan/ribbon): four thousand tests and pandas are no garbage
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 50, 100)


def pytest_runtest_setup(item):
    if item.get_closest_marker("libreoffice") and not shutil.which("soffice"):
        message = "LibreOffice (soffice) is not installed on this machine"
        if os.environ.get("CI"):
            pytest.fail(f"{message}; CI must have it")
        pytest.skip(message)
    if item.get_closest_marker("excel"):
        pytest.skip("needs Microsoft Excel; run by hand, see docs/excel-acceptance.md")


FIGURES = {
    "gmv": 9_060_000.0,
    "cvr": 0.05535,
    "aov": 100.3,
    "spend_ratio": 0.12,
    "roi": 3.2,
    "refund_rate": 0.06,
}


def claims_for(stores, figures=None):
    return [
        Claim(
            name,
            value * (1 + 0.37 * i if name == "gmv" else 1),
            label=name,
            store=store,
            period=Span.YEAR,
            text=str(value),
        )
        for i, store in enumerate(stores)
        for name, value in (figures or FIGURES).items()
    ]


@pytest.fixture(scope="session")
def state_of():
    """Return a function: stores, days with actuals, year → a filled BookState.

    `history` are daily sales to learn weights from; `given` are further fields of the state.
    """

    def make(
        stores=("示例店",), days=250, year=2026, settings=None, figures=None, history=None, **given
    ):
        claims = claims_for(stores, figures)
        wanted = NewBook(year, stores, claims, settings or Settings(), history)
        state, _ = make_state(wanted)
        return with_actuals(replace(state, **given), days)

    return make


def with_actuals(state, days, seed=1):
    """Give a state actuals for its first days: noisy, with holes, zeros and 补单."""
    rng = np.random.default_rng(seed)
    frame = state.year.actuals.copy()
    for store in state.year.stores:
        planned = state.year.plan.loc[store]
        for name in frame.columns:
            base = planned[name].to_numpy() if name in planned else np.full(len(planned), 40.0)
            values = np.round(np.nan_to_num(base, nan=40.0) * rng.uniform(0.7, 1.3, len(base)), 0)
            values[rng.random(len(values)) < 0.04] = np.nan
            values[rng.random(len(values)) < 0.01] = 0.0
            values[days:] = np.nan
            frame.loc[store, name] = values
        frame.loc[store, "gmv_excluded"] = np.where(rng.random(len(planned)) < 0.9, np.nan, 66.0)
        gone = frame.loc[store, "gmv"].isna().to_numpy()
        for name in ("gmv_excluded", "gmv_last_month"):
            frame.loc[store, name] = np.where(gone, np.nan, frame.loc[store, name].to_numpy())
    return replace(state, year=replace(state.year, actuals=frame))


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
