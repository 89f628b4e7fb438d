"""工作计划, 里程碑, 承诺 as sheets: what their formulas say is what the engine says."""

from __future__ import annotations

from datetime import date

import pytest

from tests.test_agreement import by_formualizer, disagreements
from xlplan.actions.tasks.making import made_state
from xlplan.books.build import build
from xlplan.plan.tasks.item import Item
from xlplan.plan.tasks.marks import Milestone, Risk
from xlplan.record import replace
from xlplan.sheets import SHEETS
from xlplan.sheets.base.names import ACTUAL, HOME, PLAN
from xlplan.sheets.base.sheet import new_view
from xlplan.sheets.state.layout import pages
from xlplan.sheets.state.read import read_state
from xlplan.sheets.state.write import update
from xlplan.sheets.tasks.places import REST_SHEET, SHEET
from xlplan.sheets.tasks.sheet import MARKS_SHEET, MILESTONES, RISKS, TASKS, board_of, marks_of

MINE = (SHEET, MARKS_SHEET)
NEEDED = (HOME, *MINE, PLAN, ACTUAL, REST_SHEET)


def with_tasks(state, month=9):
    """A state with a month's tasks, some of them ticked, and marks of one's own."""
    made = made_state(state, month)
    stores = state.year.stores
    listed = {key: Item.of(key, said) for key, said in made.own[TASKS].items()}
    dated = [item for item in listed.values() if item.day]
    for number, item in enumerate(dated):
        done = dict.fromkeys(stores[: 1 + number % 2], "√") if number % 3 else {stores[0]: 150.0}
        listed[item.key] = replace(item, done=done)
    goals = made.own[MILESTONES] | {
        "m:20": Milestone("年中UV", date(2026, 1, 1), date(2026, 6, 30), "UV", 500_000.0).texts(),
        "m:21": Milestone("两月笔数", date(2026, 1, 1), date(2026, 2, 20), "笔数").texts(),
        "m:22": Milestone("没有日期").texts(),
    }
    risks = made.own[RISKS] | {
        "r:9": Risk("销售太高", "销售额", "实际", "高于", 1.0).texts(),
        "r:10": Risk("没有阈值", "UV").texts(),
    }
    own = {
        **made.own,
        TASKS: {k: i.texts() for k, i in listed.items()},
        MILESTONES: goals,
        RISKS: risks,
    }
    return replace(made, own=own)


@pytest.fixture(scope="module", params=["one store", "two stores", "no actuals"])
def laid(request, state_of):
    given = {
        "one store": {"days": 250},
        "two stores": {"stores": ("甲店", "乙店"), "days": 45},
        "no actuals": {"days": 0},
    }[request.param]
    state = with_tasks(state_of(**given))
    view = new_view(state, SHEETS)
    return state, view, [sheet.page(view) for sheet in SHEETS if sheet.name in NEEDED]


def test_every_formula_gives_the_engines_number(laid):
    _, _, made = laid
    got_of = by_formualizer(build(made))
    found = disagreements([page for page in made if page.name in MINE], got_of)
    assert found == []


def test_states_are_of_every_kind(laid):
    state, view, _ = laid
    marks = marks_of(view)
    states = {
        marks.milestones[key].name: marks.cells()[marks.at.spot(key, "state")].value
        for key in marks.milestones
    }
    as_of = state.year.as_of
    assert states["没有日期"] == ""
    if as_of is None:
        assert set(states.values()) == {"未开始", ""}
    else:
        assert states["双11"] == "未开始"
        assert states["一季度"] in {"达成", "未达成", "按期", "落后", "有风险"}
        assert (states["两月笔数"] in {"达成", "未达成"}) == (as_of >= date(2026, 2, 20))


def test_what_is_read_back_is_what_was_laid_out(laid, page_book):
    state, _, _ = laid
    read = read_state(page_book(pages(state)))
    for part in (TASKS, MILESTONES, RISKS):
        assert dict(read.state.own[part]) == dict(state.own[part])
    assert {
        sheet for sheet in update(read, read.state, whole=True) if sheet in (*NEEDED, SHEET)
    } <= {HOME}


def test_the_board_shows_one_month_and_keeps_the_others(state_of, page_book):
    state = made_state(with_tasks(state_of(days=10)), 10)
    board = board_of(read_state(page_book(pages(state))).state)
    assert {item.month for item in board.shown} == {"2026-10"}
    assert {item.month for item in board.others} == {"2026-09"}


def test_risks_watch_the_month_so_far_against_the_same_days_plan(state_of):
    """14 February is the last day: 1,000 of the 2,000 that were due; a day nobody reported is not due."""
    state = state_of(days=0)
    plan, actuals = state.year.plan.copy(), state.year.actuals.copy()
    store = state.year.stores[0]
    days = [(store, f"2026-02-{day:02d}") for day in range(1, 15)]
    plan.loc[days, ["gmv", "uv"]] = [200.0, 50.0]
    for place in days[4:]:
        actuals.loc[place, ["gmv", "uv"]] = [100.0, 40.0]
    year = replace(state.year, plan=plan, actuals=actuals)
    view = new_view(with_tasks(replace(state, year=year)), SHEETS)
    marks = marks_of(view)
    assert marks.figures["gmv_net"] == (1000.0, 2000.0)
    assert marks.figures["uv"] == (400.0, 500.0)
    assert marks.watched(Risk("x", "UV", "达成率")) == 0.8
    assert marks.watched(Risk("x", "销售额", "实际")) == 1000.0
