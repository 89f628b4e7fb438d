"""Odd books under all six commands and both sheets: a sensible answer or a refusal with its remedy."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from tests.actions.openbook import OpenBook
from tests.actions.outlook.test_outlook_commands import planned, usual, with_actuals
from tests.test_agreement import by_formualizer, disagreements
from xlplan.actions.outlook import advertising, reviewing, standing
from xlplan.actions.outlook.advertising import ads
from xlplan.actions.outlook.alerting import alert
from xlplan.actions.outlook.forecasting import forecast
from xlplan.actions.outlook.replanning import replan_book
from xlplan.actions.outlook.reviewing import review
from xlplan.actions.outlook.whying import why
from xlplan.books.build import build
from xlplan.errors import PlanError
from xlplan.sheets import SHEETS
from xlplan.sheets.base.names import ACTUAL, ADS, PLAN, REVIEW
from xlplan.sheets.state.layout import pages
from xlplan.sheets.state.read import read_state

COMMANDS = {"forecast": (forecast, {"dry_run": True}), "replan": (replan_book, {}), "review": (review, {}), "why": (why, {}), "alerts": (alert, {}), "ads": (ads, {"margin": "40%"})}  # fmt: skip


def changed(state, name, change):
    """The state with a frame of its year changed in place by a function."""
    frame = getattr(state.year, name).copy()
    change(frame)
    return replace(state, year=replace(state.year, **{name: frame}))


def spend_nothing(frame):
    for name in frame.columns:
        if name.startswith("spend_"):
            frame[name] = frame[name] * 0.0


def give_back(frame):
    for day in ("2026-09-03", "2026-09-04", "2026-09-05"):
        frame.loc[("甲店", day), ["gmv", "orders"]] = (-90_000.0, -3.0)


def forget(store, first, last):
    def change(frame):
        days = frame.index.get_level_values("date")
        mine = frame.index.get_level_values("store") == store
        frame.loc[mine & (days >= first) & (days <= last)] = np.nan

    return change


def no_september(frame):
    days = frame.index.get_level_values("date")
    frame.loc[days.month == 9] = np.nan


def opened_in_may(state):
    before = forget("乙店", "2026-01-01", "2026-04-30")
    return changed(changed(state, "plan", before), "actuals", before)


def closed_in_june(state):
    after = forget("乙店", "2026-07-01", "2026-12-31")
    return changed(changed(state, "plan", after), "actuals", after)


CASES = {
    "no actuals": planned,
    "only future ones": lambda: with_actuals(planned(), days=360, first=340),
    "one day": lambda: with_actuals(planned(), days=1),
    "zero spend": lambda: changed(with_actuals(planned()), "actuals", spend_nothing),
    "negative days": lambda: changed(with_actuals(planned()), "actuals", give_back),
    "a month without target": lambda: changed(with_actuals(planned()), "plan", no_september),
    "a store opened in May": lambda: opened_in_may(with_actuals(planned())),
    "a store closed in June": lambda: closed_in_june(with_actuals(planned())),
}
#: (case, command) → a word of the refusal.
REFUSED = {
    **{("no actuals", name): "还没有实际" for name in COMMANDS},
    **{("a month without target", name): "没有目标" for name in ("replan", "review", "why")},
}


class Early(date):
    """The first days of the year: everything later has not been."""

    @classmethod
    def today(cls):
        return date(2026, 1, 5)


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    path = tmp_path_factory.mktemp("odd") / "计划.xlsx"
    path.write_bytes(usual())
    return read_state(OpenBook(path))


@pytest.fixture(scope="module")
def states():
    return {name: make() for name, make in CASES.items()}


@pytest.fixture
def asked(places, monkeypatch):
    """Return a function: a command asked of a state → what it says, and the state it writes."""
    written = []

    def ask(action, state, **options):
        module = sys.modules[action.__module__]
        monkeypatch.setattr(module, "read_state", lambda _book: replace(places, state=state))
        return action(places, **options), written

    for module in (reviewing, advertising):
        monkeypatch.setattr(module, "apply", lambda _b, _r, state, _l: written.append(state) or 1)
    return ask


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("case", CASES)
def test_each_command_answers_or_says_what_is_lacking(case, command, states, asked, monkeypatch):
    if case == "only future ones":
        monkeypatch.setattr(standing, "date", Early)
    action, options = COMMANDS[command]
    word = REFUSED.get((case, command))
    if word:
        with pytest.raises(PlanError, match=word) as refused:
            asked(action, states[case], **options)
        assert refused.value.remedy
        return
    told, written = asked(action, states[case], **options)
    json.dumps(told.as_dict(), allow_nan=False, ensure_ascii=False, default=str)
    assert "nan" not in "".join([told.title, *told.told()]).lower()
    if case == "only future ones":
        assert any(problem.rule == "future" for problem in told.problems)
    for state in written:
        found = pages(state, [s for s in SHEETS if s.name in (PLAN, ACTUAL, REVIEW, ADS)])
        assert disagreements(found, by_formualizer(build(found))) == []
        assert {REVIEW, ADS} & {page.name for page in found}


def test_the_other_store_is_reviewed_when_one_has_closed(states, asked):
    told, _ = asked(review, states["a store closed in June"], store="甲店")
    assert told.facts["store"] == "甲店"
    with pytest.raises(PlanError, match="没有实际"):
        asked(review, states["a store closed in June"], store="乙店")


def test_money_that_was_not_spent_has_no_roi(states, asked):
    told, _ = asked(ads, states["zero spend"])
    for each in told.facts["channels"]:
        assert each["roi"] is None
        assert each["spent"] == 0


def test_days_below_zero_are_one_amount_and_still_add_up(states, asked):
    told, _ = asked(review, states["negative days"])
    bridge = told.facts["bridge"]
    assert sum(part["amount"] for part in bridge["parts"]) == pytest.approx(bridge["end"] - bridge["start"], abs=0.1)  # fmt: skip
    assert any(part["name"] == "未拆分" for part in bridge["parts"])
