"""Real daily sales (UCI Online Retail): weights learned from 2010-11, a year planned from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from xlplan.actions.imports.importing import import_files
from xlplan.actions.plan.newbook import Typed, new_from
from xlplan.books.file import FileBook
from xlplan.sheets.state.read import read_state

DATA = Path(__file__).parent.parent / "data" / "online_retail_daily.csv"


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    """2011 planned with weights learned from its first eight months, actuals imported."""
    folder = tmp_path_factory.mktemp("retail")
    table = pd.read_csv(DATA, parse_dates=["date"])
    first = table[table["date"] < "2011-09-01"]
    history = folder / "history.csv"
    first.to_csv(history, index=False)
    year = table[table["date"].dt.year == 2011]
    actuals = folder / "actuals.csv"
    year.to_csv(actuals, index=False)
    path = folder / "2011.xlsx"
    figures = {"gmv": f"{year['revenue'].sum():.2f}", "aov": "480"}
    new_from(path, Typed(2011, None, ["Online Retail"], figures, history, campaigns=False))
    book = FileBook(path)
    outcome = import_files(book, [actuals], store="Online Retail")
    return path, year, outcome


def test_closed_saturdays_get_no_target(planned):
    year = read_state(FileBook(planned[0])).state.year
    plan = year.plan.loc["Online Retail", "gmv"]
    saturdays = plan[plan.index.day_of_week == 5]
    assert (saturdays == 0).all()
    assert (plan[plan.index.day_of_week == 2] > 0).all()


def test_the_year_is_planned_to_the_cent(planned):
    path, table, _ = planned
    plan = read_state(FileBook(path)).state.year.plan.loc["Online Retail", "gmv"]
    assert round(plan.sum(), 2) == round(table["revenue"].sum(), 2)


def test_imported_actuals_are_the_files_numbers(planned):
    path, table, _ = planned
    actual = read_state(FileBook(path)).state.year.actuals.loc["Online Retail"]
    by_day = table.set_index("date")
    known = by_day.index
    np.testing.assert_allclose(actual.loc[known, "gmv"], by_day["revenue"])
    np.testing.assert_allclose(actual.loc[known, "orders"], by_day["orders"])
    assert actual.drop(known)["gmv"].isna().all()


def test_the_month_sheet_shows_the_engines_monthly_sales(planned):
    path, table, _ = planned
    cells = FileBook(path).read("6月")
    row = next(spot[0] for spot, seen in cells.items() if seen.value == "gmv_net")
    column = next(spot[1] for spot, seen in cells.items() if seen.value == "m:6")
    june = table[table["date"].dt.month == 6]["revenue"].sum()
    assert cells[row, column].value == pytest.approx(june, abs=0.005)


def test_learned_weights_beat_flat_ones_on_months_not_seen(planned):
    path, table, _ = planned
    year = read_state(FileBook(path)).state.year
    later = table[(table["date"] >= "2011-09-01") & (table["date"] < "2011-12-01")].set_index(
        "date"
    )["revenue"]
    weights = year.calendar.days["weight"]

    def error(shape):
        missed = 0.0
        for month in (9, 10, 11):
            actual = later[later.index.month == month].reindex(
                shape.index[shape.index.month == month], fill_value=0.0
            )
            share = shape[shape.index.month == month]
            missed += (share / share.sum() * actual.sum() - actual).abs().sum()
        return missed

    assert error(weights) < 0.75 * error(weights * 0 + 1)
