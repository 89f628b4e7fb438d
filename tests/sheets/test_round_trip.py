"""What a book says is read back as it was said: read_state(pages(state)) is the state."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xlplan.errors import Level
from xlplan.plan.days.events import Event, LeadTime, Phase
from xlplan.plan.days.weights import Shape
from xlplan.sheets.base.names import PLAN
from xlplan.sheets.base.tables import table_page
from xlplan.sheets.daily.page import daily_page, input_metrics
from xlplan.sheets.days.page import OFF, ON, Members, TypedDays, calendar_page, make_calendar
from xlplan.sheets.events.page import events_page
from xlplan.sheets.state.layout import built_tables
from xlplan.sheets.state.read import read_state
from xlplan.sheets.targets.page import targets_page
from xlplan.sheets.targets.rows import EVERY, YES, target_rows
from xlplan.sheets.year.page import year_page

YEAR, STORES = 2026, ("甲店", "乙店")
DAYS = st.integers(0, 364).map(lambda n: date(YEAR, 1, 1) + timedelta(days=n))
AMOUNTS = st.integers(1, 10**9).map(lambda fen: fen / 100)
RATES = st.integers(1, 9999).map(lambda n: n / 10_000)
FACTORS = st.integers(1, 400).map(lambda n: n / 100)
TEXTS = st.text("品牌日店庆ABC09 ·-", min_size=1, max_size=12).map(str.strip).filter(bool)
NOTES = TEXTS.filter(lambda text: text.strip("-· "))


@pytest.fixture(scope="module")
def base(two, two_pages):
    return two, two_pages


@st.composite
def typed_values(draw, rows):
    """Some cells of 年度目标: a figure of the row's unit, a lock, a 可信度."""
    values = {}
    for row in draw(st.lists(st.sampled_from(rows), max_size=8, unique_by=lambda row: row.key)):
        figure = RATES if row.unit.value == "%" else AMOUNTS
        for column in draw(st.sets(st.sampled_from(["value", "last", "m:1", "m:7", "m:12"]))):
            values[row.key, column] = draw(figure)
        if row.store != EVERY and (row.key, "value") in values:
            values[row.key, "locked"] = draw(st.sampled_from([None, YES]))
            values[row.key, "confidence"] = draw(st.sampled_from([None, 1, 2, 3, 4, 5]))
    return {key: value for key, value in values.items() if value is not None}


@st.composite
def typed_days(draw):
    return TypedDays(
        draw(st.dictionaries(DAYS, st.sampled_from([OFF, ON]), max_size=4)),
        draw(st.dictionaries(DAYS, FACTORS, max_size=4)),
        draw(st.dictionaries(DAYS, FACTORS, max_size=4)),
        draw(st.frozensets(DAYS, max_size=4)),
    )


@st.composite
def campaigns(draw):
    names = draw(st.lists(NOTES, max_size=3, unique=True))
    made = []
    for name in names:
        anchor = draw(DAYS)
        start = anchor - timedelta(days=draw(st.integers(0, 9)))
        end = anchor + timedelta(days=draw(st.integers(0, 9)))
        phases = (Phase("预热", -5, -1), Phase("当日", 0, 0)) if draw(st.booleans()) else ()
        lift = draw(st.dictionaries(st.integers(-9, 9), FACTORS, max_size=5))
        leads = (LeadTime(7, "规则同步客服"), LeadTime(3, "锁库存")) if phases else ()
        who = draw(st.sampled_from(((), STORES[:1])))
        own = {STORES[1]: {0: 2.5}} if draw(st.booleans()) else {}
        made.append(Event(name, anchor, start, end, phases, lift, draw(RATES), leads, "天猫", enabled=draw(st.booleans()), stores=who, store_lift=own))  # fmt: skip
    return made


@st.composite
def daily_rows(draw, metrics):
    counts = [name for name in input_metrics(metrics) if metrics[name].unit.step == 1]
    money = [name for name in input_metrics(metrics) if metrics[name].unit.step == 0.01]
    pairs = draw(st.sets(st.tuples(st.sampled_from(STORES), DAYS), max_size=6))
    rows = {}
    for pair in pairs:
        values = {draw(st.sampled_from(money)): draw(AMOUNTS)}
        values[draw(st.sampled_from(counts))] = float(draw(st.integers(0, 10**6)))
        if draw(st.booleans()):
            values["note"] = draw(NOTES)
        rows[pair] = values
    return rows


def said(draw, state):
    """Return the state with other targets, days, campaigns, shape and rows of staff."""
    rows = target_rows(list(STORES), state.typed.settings)
    weekday = tuple(draw(st.lists(FACTORS, min_size=7, max_size=7)))
    shape = Shape(weekday, tuple(draw(st.lists(FACTORS, min_size=12, max_size=12))), {"春节": draw(FACTORS)})  # fmt: skip
    days, events = draw(typed_days()), draw(campaigns())
    members = Members(STORES, dict.fromkeys(STORES, ""))
    made = make_calendar(YEAR, events, shape, days, members=members)
    year = replace(state.year, calendar=made, notes={"text:hero|m:5": draw(NOTES)})
    typed = replace(state.typed, values=draw(typed_values(rows)), findings={})
    return replace(
        state, year=year, typed=typed, shape=shape, days=days, daily=draw(daily_rows(year.metrics))
    )


def laid_out(state, two_pages):
    """Lay the changed sheets out anew; the month sheets hold no inputs but the store."""
    tables = built_tables(state.year)
    changed = [
        targets_page(state.typed, state.year),
        calendar_page(state.year.calendar, state.shape, state.days),
        events_page(state.year),
        year_page(state.year, tables),
        daily_page(state.year, tables, state.daily, {}),
        table_page(tables.plan, state.year.planned, YEAR),
    ]
    assert changed[-1].name == PLAN
    return (two_pages | {page.name: page for page in changed}).values()


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_a_state_is_read_back_as_it_was_said(base, page_book, data):
    two, two_pages = base
    state = said(data.draw, two)
    read = read_state(page_book(laid_out(state, two_pages)))
    found = read.state
    assert [p for p in read.problems if p.level is Level.ERROR] == []
    assert dict(found.typed.values) == dict(state.typed.values)
    assert found.typed.settings == state.typed.settings
    assert found.days == state.days
    assert {pair: dict(row) for pair, row in found.daily.items()} == state.daily
    assert list(found.shape.weekday) == list(state.shape.weekday)
    assert list(found.shape.month) == list(state.shape.month)
    assert found.shape.holiday["春节"] == state.shape.holiday["春节"]
    mine = {event.name: event for event in state.year.calendar.events if event.edition == YEAR}
    theirs = {event.name: event for event in found.year.calendar.events if event.edition == YEAR}
    assert theirs == mine
    weights = [np.vstack([s.year.day_weights(store) for store in STORES]) for s in (found, state)]
    assert np.abs(weights[0] - weights[1]).max() < 1e-12
    assert found.year.notes["text:hero|m:5"] == state.year.notes["text:hero|m:5"]
    assert found.year.plan.equals(state.year.plan)
    assert found.year.actuals.equals(state.year.actuals)
