"""Plan books for tests: a state with made-up targets and actuals, built on demand."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace

import numpy as np
import pytest

from xlplan.actions.new import NewBook, make_state
from xlplan.plan.claims import Claim, Span
from xlplan.plan.year import Settings


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden files")


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
    """Return a function: stores, days with actuals, year → a filled BookState."""

    def make(stores=("示例店",), days=250, year=2026, settings=None, figures=None, seed=1):
        wanted = NewBook(year, stores, claims_for(stores, figures), settings or Settings())
        state, _ = make_state(wanted)
        return with_actuals(state, days, seed)

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
