"""Stores whose own history differs have weights of their own; the others the common ones."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from xlplan.actions.plan.new import NewBook, make_state
from xlplan.cells import Seen
from xlplan.plan.days.event_table import default_events
from xlplan.plan.days.learning import learn_weights
from xlplan.plan.days.storeways import own_ways
from xlplan.plan.targets.claims import Claim, Span
from xlplan.sheets.days.page import calendar_page
from xlplan.sheets.days.read import read_calendar, read_events
from xlplan.sheets.events.page import events_page

STORES = ("街边店", "旗舰店", "新店")
DAYS = pd.date_range("2025-01-01", "2025-12-31")


def sales(weekend, double_eleven, days=DAYS):
    values = np.where(days.day_of_week >= 5, weekend, 1.0) * 1000.0
    values[(days >= "2025-11-10") & (days <= "2025-11-11")] *= double_eleven
    return pd.Series(values, days)


HISTORIES = {
    "街边店": sales(2.2, 1.0),
    "旗舰店": sales(0.9, 6.0),
    "新店": sales(2.0, 1.0, DAYS[-60:]),
}


@pytest.fixture(scope="module")
def state():
    claims = [Claim("gmv", 1e6, label="销售额", store=s, period=Span.YEAR) for s in STORES]
    past = pd.concat(HISTORIES, names=["store", "date"]).to_frame("gmv")
    total = past["gmv"].groupby(level="date").sum()
    return make_state(NewBook(2026, STORES, claims, history=total, past=past))[0]


def weight(state, store, day):
    return state.year.day_weights(store)[(day - date(2026, 1, 1)).days]


def test_each_store_has_the_weekdays_of_its_own_history(state):
    sunday, monday = date(2026, 4, 12), date(2026, 4, 13)
    street, shop = (weight(state, s, sunday) / weight(state, s, monday) for s in STORES[:2])
    assert street > 1.7
    assert shop < 1.05
    assert "新店" not in state.year.calendar.own  # two months teach no ways of its own


def test_a_store_that_felt_no_campaign_has_a_lift_of_its_own(state):
    (event,) = [e for e in state.year.calendar.events if e.name == "双11"]
    assert "街边店" in event.store_lift
    peak, usual = date(2026, 11, 11), date(2026, 11, 25)  # both are Wednesdays
    ratio = {s: weight(state, s, peak) / weight(state, s, usual) for s in STORES}
    assert ratio["街边店"] < 0.6 * ratio["旗舰店"]


def test_the_plan_follows_and_every_year_is_exact(state):
    for store in STORES:
        plan = state.year.plan.xs(store, level="store")["gmv"]
        assert round(plan.sum() * 100) == 100_000_000
        april = state.year.calendar.of(store).month(4)["weight"]
        inside = plan[april.index]
        assert inside.to_numpy() / inside.sum() == pytest.approx(april / april.sum(), abs=1e-6)


def test_stores_alike_have_nothing_of_their_own():
    alike = {"甲": sales(1.3, 2.0), "乙": sales(1.3, 2.0) * 3}
    total = sum(alike.values())
    learned = learn_weights(total)
    events = [learned.taught(event) for event in default_events(2026)]
    shapes, lifted = own_ways(alike, events, learned.shape)
    assert shapes == {}
    assert [event.store_lift for event in lifted] == [{}] * len(events)
    assert own_ways({"甲": sales(2.2, 1.0)}, events, learned.shape)[0] == {}


def test_the_book_says_it_and_reads_it_back(state):
    page = calendar_page(state.year.calendar, state.shape, state.days, STORES)
    cells = {spot: Seen(c.value, c.formula) for spot, c in page.cells.items() if c.value is not None or c.formula}  # fmt: skip
    found = read_calendar(cells, 2026)
    assert found.problems == []
    assert found.shapes.keys() == state.year.calendar.shapes.keys()
    for store, shape in found.shapes.items():
        assert list(shape.weekday) == pytest.approx(
            list(state.year.calendar.shapes[store].weekday)
        )
    page = events_page(state.year)
    cells = {spot: Seen(c.value, c.formula) for spot, c in page.cells.items() if c.value is not None or c.formula}  # fmt: skip
    (event,) = [e for e in read_events(cells, 2026)[0] if e.name == "双11"]
    (wanted,) = [e for e in state.year.calendar.events if e.name == "双11"]
    assert event.store_lift == wanted.store_lift
