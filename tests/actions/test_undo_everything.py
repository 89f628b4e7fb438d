"""Every action that writes can be taken back and done again, value for value."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.actions.openbook import STORES, OpenBook, first_book
from xlplan.actions.budget.exporting import budget
from xlplan.actions.change.changing import spread
from xlplan.actions.change.holding import hold, release
from xlplan.actions.change.scenario import scenario
from xlplan.actions.change.typed_edits import edits
from xlplan.actions.change.versions import version
from xlplan.actions.imports.importing import import_all
from xlplan.actions.outlook.advertising import ads
from xlplan.actions.outlook.forecasting import forecast
from xlplan.actions.outlook.replanning import replan_book
from xlplan.actions.outlook.reviewing import review
from xlplan.actions.plan.cardboard import cards
from xlplan.actions.plan.fill import fill
from xlplan.actions.plan.newbook import Typed, new_from
from xlplan.actions.plan.reconcile import reconcile
from xlplan.actions.stores.collect import collect
from xlplan.actions.stores.distribute import distribute
from xlplan.actions.tasks.making import tasks
from xlplan.actions.undo.undoing import redo, undo
from xlplan.books.file import FileBook
from xlplan.cells import Cell
from xlplan.commands import ACTIONS
from xlplan.sheets.base.names import TARGETS
from xlplan.sheets.hidden.meta import FORECASTS

TODAY = date(2026, 9, 9)
#: Commands that write nothing into a plan book that is there.
NOTHING_TO_UNDO = {
    "show",
    "new",
    "check",
    "trace",
    "log",
    "doctor",
    "demo",
    "undo",
    "redo",
    "why",
    "alerts",
    "report",
    "company",
}


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "计划.xlsx"
    path.write_bytes(first_book())
    return OpenBook(path)


def targets(book, metric, value):
    at = book.said().at.targets
    spot = at.rows[f"t:{STORES[1]}|{metric}"], at.columns["value"]
    book.write({"年度目标": {spot: Cell(value)}})


def type_over(book):
    at = book.said().at.book.months[9]
    book.write({"9月": {(at.rows["gmv_target"], at.columns["d:2026-09-09"]): Cell("+8%")}})


def accept(book):
    type_over(book)
    return lambda: edits(book, accept=True)


def put_back(book):
    type_over(book)
    return lambda: edits(book, put_back=True)


def refill(book):
    targets(book, "gmv", 9_900_000.0)
    targets(book, "aov", None)
    return lambda: fill(book)


def agree(book):
    targets(book, "uv", 9_000_000.0)
    return lambda: reconcile(book, write=True)


def unlock(book):
    hold(book, period="9月", kind="合计", why="双节")
    return lambda: release(book, id="L1")


def compare(book):
    version(book, do="snapshot", name="一稿")
    spread(book, period="9月", to="+8%")
    return lambda: version(book, do="compare", name="一稿")


def restore(book):
    compare(book)
    return lambda: version(book, do="restore", name="一稿")


def delete(book):
    version(book, do="snapshot", name="一稿")
    return lambda: version(book, do="delete", name="一稿")


def last_year(book):
    past = book.path.parent / "去年.xlsx"
    new_from(past, Typed(2025, None, [STORES[0]], {"gmv": "500万"}))
    return lambda: version(book, do="import", file=past)


def exports(book):
    export = book.path.parent / "日报.csv"
    export.write_text("日期,支付金额,访客数\n2026-03-01,800.5,70\n2026-03-02,,71\n", "utf-8-sig")
    return lambda: import_all(book, [export], store=STORES[0], as_of=TODAY)


def returned(book):
    done = distribute(book, out=book.path.parent / "门店", months=[9])
    book.reopen()
    file = next(f for f in map(Path, done.facts["files"]) if f.name.startswith(STORES[0]))
    handed = FileBook(file)
    cells = handed.read("日报")
    column = next(spot[1] for spot, seen in cells.items() if seen.value == "uv")
    rows = [spot[0] for spot, seen in cells.items() if seen.value == date(2026, 9, 2)]
    handed.write({"日报": {(rows[0], column): Cell(99.0)}})
    handed.save()
    return lambda: collect(book, [file.parent], as_of=TODAY)


def a_month_sold(book):
    """Take in thirty days of both stores as actuals, up to the ninth of September."""
    days = [TODAY - timedelta(days=back) for back in range(30)]
    rows = "".join(f"{store},{day},{30_000 + 90 * day.day}\n" for store in STORES for day in days)
    export = book.path.parent / "日报.csv"
    export.write_text(f"店铺,日期,支付金额\n{rows}", "utf-8-sig")
    import_all(book, [export], as_of=TODAY)


def planned_again(book):
    a_month_sold(book)
    return lambda: replan_book(book, mode="追赶")


def more_cards(book):
    cards(FileBook(book.path))
    book.reopen()
    listed = book.path.parent / "指标目标.csv"
    listed.write_text("指标,数值\n库存周转天数,28天\nUV,500万\n", "utf-8-sig")
    return lambda: cards(book, file=listed)


def exported(book):
    return lambda: budget(book, out=book.path.parent / "预算.xlsx")


def another_month(book):
    tasks(book, month=8)
    return lambda: tasks(book, month=9)


def reviewed_again(book):
    a_month_sold(book)
    review(book)
    return lambda: review(book, kind="每周")


def looked_again(book):
    a_month_sold(book)
    ads(book)
    return lambda: ads(book, store=STORES[1], margin="40%")


CASES = {
    "fill": [refill],
    "spread": [lambda book: lambda: spread(book, metric="UV", period="Q3", to="+8%")],
    "hold": [lambda book: lambda: hold(book, period="9月9日", why="预售")],
    "release": [unlock],
    "edits": [accept, put_back],
    "version": [
        lambda book: lambda: version(book, do="snapshot", name="年初", kind="预算"),
        compare, restore, delete, last_year,
    ],
    "scenario": [lambda book: lambda: scenario(book, name="乐观", lifts="UV 11月 +10%")],
    "import": [exports],
    "distribute": [lambda book: lambda: distribute(book, stores=[STORES[1]], months=[9])],
    "collect": [returned],
    "reconcile": [agree],
    "replan": [planned_again],
    "budget": [exported],
    "cards": [more_cards],
    "tasks": [another_month],
    "review": [reviewed_again],
    "ads": [looked_again],
}  # fmt: skip


def test_no_action_is_forgotten():
    tested = {*CASES, "forecast", "document", *NOTHING_TO_UNDO}  # tests of their own
    assert tested == {action.name for action in ACTIONS}


def test_a_forecast_that_was_kept_is_taken_back_and_kept_again(book):
    """It stands in _元数据 alone, which the values of a book leave out."""
    a_month_sold(book)
    before = book.said().state.meta.get(FORECASTS, "")
    assert forecast(book).changed > 0
    kept = book.said().state.meta[FORECASTS]
    assert kept != before
    undo(book)
    assert book.said().state.meta.get(FORECASTS, "") == before
    redo(book)
    assert book.said().state.meta[FORECASTS] == kept


@pytest.mark.parametrize(
    "prepare",
    [
        pytest.param(prepare, id=f"{name}-{number}")
        for name, cases in CASES.items()
        for number, prepare in enumerate(cases)
    ],
)
def test_an_action_is_one_save_taken_back_and_done_again(book, prepare):
    act = prepare(book)
    before, journal, saves = said(book), len(book.said().state.journal), book.saves
    assert act().changed > 0
    after = said(book)
    assert after != before
    assert len(book.said().state.journal) == journal + 1
    assert book.saves == saves + 1
    undo(book)
    assert said(book) == before
    redo(book)
    assert said(book) == after


def said(book):
    """What it says, but for where plan and target part: a target typed just now is not told yet."""
    apart = book.said().at.targets.columns["apart"]
    return {
        at: told for at, told in book.values().items() if (at[0], at[1][1]) != (TARGETS, apart)
    }


def test_a_step_that_finds_nothing_to_put_back_is_taken_all_the_same(book):
    """What was typed before an undo stands, so the step before may have nothing left to write."""
    first = book.said().state.year.plan
    at = book.said().at.book.months[9]
    spot = at.rows["gmv_target"], at.columns["d:2026-09-09"]
    for value in (0, "+8%", 0):
        book.write({"9月": {spot: Cell(value)}})
        edits(book, accept=True)
    taken = [undo(book).facts["id"] for _ in range(3)]
    assert len(set(taken)) == 3
    assert book.said().state.year.plan.equals(first)
    again = [redo(book).facts["id"] for _ in range(3)]
    assert again == taken[::-1]
    assert book.said().state.year.plan["gmv"].xs("2026-09-09", level=1).eq(0).all()
