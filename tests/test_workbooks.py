"""The example of workbooks/ is what the program makes today from its two lists."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from xlplan.actions.imports.importing import import_files
from xlplan.actions.plan.check import check
from xlplan.actions.plan.demo import LAST_DAY, STORE, YEAR
from xlplan.actions.plan.fill import fill
from xlplan.actions.plan.new import NewBook, new
from xlplan.books.file import FileBook
from xlplan.cells import address
from xlplan.sheets.base.lists import LOG
from xlplan.sheets.daily import page as daily_page
from xlplan.sheets.hidden import meta
from xlplan.sheets.hidden.sources import SOURCES
from xlplan.sheets.home.layout import TODAY_SPOT
from xlplan.sheets.state.read import read_state
from xlplan.sources.targets import read_targets

WORKBOOKS = Path(__file__).parent.parent / "workbooks"
TARGETS, ACTUALS = WORKBOOKS / "示例_年度目标.csv", WORKBOOKS / "示例_模拟实际.csv"
#: How the last actions are taken back; it names their moments.
JOURNAL = "_撤销"
STALE = "过时了，请运行 python docs/examples.py --pictures"


@pytest.fixture(scope="module")
def example():
    (path,) = WORKBOOKS.glob("示例_*.xlsx")
    return path


@pytest.fixture(scope="module")
def anew(example, tmp_path_factory):
    """The same book made again by the program, on the day the example was made."""
    made_on = FileBook(example).read("首页")[TODAY_SPOT].value
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("xlplan.sheets.home.figures.clock", lambda: made_on)
        return made_again(example, tmp_path_factory)


def made_again(example, tmp_path_factory):
    path = tmp_path_factory.mktemp("anew") / example.name
    listed = read_targets(TARGETS, year=YEAR)
    title = read_state(FileBook(example)).state.meta["title"]
    new(path, NewBook(YEAR, [STORE], listed.claims, title=title, problems=listed.problems))
    import_files(FileBook(path), [ACTUALS], as_of=LAST_DAY)
    return path


def test_check_passes_on_the_example(example):
    outcome = check(FileBook(example))
    assert outcome.title == "体检通过"
    assert list(outcome.problems) == []


def test_the_example_is_spread_already(example, tmp_path):
    copy = tmp_path / example.name
    copy.write_bytes(example.read_bytes())
    assert fill(FileBook(copy)).changed == 0
    assert copy.read_bytes() == example.read_bytes()


def test_the_program_makes_the_same_cells_today(example, anew):
    old, made = FileBook(example), FileBook(anew)
    assert made.sheets() == old.sheets(), STALE
    differing = []
    for sheet in set(made.sheets()) - {LOG, JOURNAL}:
        there, now = old.read(sheet), made.read(sheet)
        unlike = [spot for spot in there.keys() | now.keys() if not alike(there.get(spot), now.get(spot))]  # fmt: skip
        differing += [f"{sheet}!{address(*spot)}" for spot in unlike if not its_own(sheet, now, spot)]  # fmt: skip
    assert differing[:10] == [], STALE


def alike(old, now):
    if old is None or now is None or old.formula != now.formula:
        return False
    numbers = [value for value in (old.value, now.value) if isinstance(value, int | float)]
    if len(numbers) == 2:
        return numbers[0] == pytest.approx(numbers[1], rel=1e-12, abs=1e-9)
    return old.value == now.value


def its_own(sheet, cells, spot):
    """The book's own number and when things were done are no part of what is compared."""
    if sheet == meta.SHEET:
        return cells[spot[0], 1].value in ("id", meta.UNDO)
    heads = {SOURCES: 1, daily_page.SHEET: daily_page.KEY_ROW}
    head = cells.get((heads.get(sheet, 0), spot[1]))
    return head is not None and head.value in ("time", "saved", daily_page.SOURCE)


def test_the_example_names_no_person_and_no_machine(example):
    text = " ".join(
        str(seen.value)
        for sheet in FileBook(example).sheets()
        for seen in FileBook(example).read(sheet).values()
        if isinstance(seen.value, str)
    )
    assert not re.search(r"/(home|root|tmp|Users|work)\b|\b[A-Z]:\\\\", text)
    who = FileBook(example).read(LOG)
    assert {seen.value for (row, column), seen in who.items() if column == 4 and row > 3} == {
        "示例"
    }


def test_the_example_says_that_its_figures_are_made_up(example):
    home = FileBook(example).read("首页")
    assert any("模拟数据" in str(seen.value) for seen in home.values())
    assert read_state(FileBook(example)).state.year.as_of == dt.date(2026, 9, 12)
