"""工作计划 appears when it is asked for; what people say on it stays, and can be taken back."""

from __future__ import annotations

from datetime import date

import pytest

from xlplan.actions.plan.check import check
from xlplan.actions.tasks import making
from xlplan.actions.tasks.making import tasks
from xlplan.actions.undo.undoing import redo, undo
from xlplan.books.build import build
from xlplan.books.file import FileBook
from xlplan.cells import Cell
from xlplan.errors import InputError
from xlplan.plan.tasks.board import overdue
from xlplan.record import replace
from xlplan.sheets.state.layout import pages
from xlplan.sheets.state.read import read_state
from xlplan.sheets.tasks.places import REST_SHEET, SHEET
from xlplan.sheets.tasks.sheet import task_items

REVIEW, WORDS, SLOT = "m:review:2026-09", "n:keywords:2026-09:1", "d:2026-09:1"


class Day(date):
    """A clock that stands still."""

    @classmethod
    def today(cls):
        return cls(2026, 9, 14)


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    monkeypatch.setattr(making, "date", Day)
    monkeypatch.setattr("xlplan.sheets.tasks.sheet.date", Day)


@pytest.fixture(scope="module")
def plain(state_of):
    """A filled book of two stores, as bytes."""
    return build(pages(state_of(stores=("甲店", "乙店"), days=60)))


@pytest.fixture(scope="module")
def september(plain, tmp_path_factory):
    """The same with the tasks of September."""
    made = tmp_path_factory.mktemp("tasks") / "计划.xlsx"
    made.write_bytes(plain)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(making, "date", Day)
        patch.setattr("xlplan.sheets.tasks.sheet.date", Day)
        assert tasks(FileBook(made), month=9).title == "2026 年 9 月的任务已排好"
    return made.read_bytes()


@pytest.fixture
def path(september, tmp_path):
    made = tmp_path / "计划.xlsx"
    made.write_bytes(september)
    return made


def at(read):
    """Key → row, and the columns."""
    place = read.at[SHEET]
    cells = read.cells[SHEET]
    rows = {
        cells[row, place.columns["id"]].value: row
        for row in place.rows.values()
        if (row, place.columns["id"]) in cells
    }
    return rows, place.columns


def typed(path, **said):
    """Type into a closed book: {(key, column): value}."""
    book = FileBook(path)
    rows, columns = at(read_state(book))
    book.write(
        {
            SHEET: {
                (rows[key], columns[column]): Cell(value)
                for (key, column), value in said["cells"].items()
            }
        }
    )
    book.save()


def items(path):
    return {item.key: item for item in task_items(read_state(FileBook(path)).state)}


def test_a_book_has_no_tasks_until_they_are_asked_for(plain, path, tmp_path):
    bare = tmp_path / "没有.xlsx"
    bare.write_bytes(plain)
    assert SHEET not in FileBook(bare).sheets()
    outcome = tasks(FileBook(path), month=9)
    assert outcome.changed == 0
    assert {SHEET, REST_SHEET} <= set(FileBook(path).sheets())
    assert len(outcome.facts["tasks"]) == 70
    assert outcome.facts["overdue"] == sum(
        t["date"] < "2026-09-14" for t in outcome.facts["tasks"]
    )


def test_it_says_the_same_as_the_engine_and_nothing_is_out_of_place(path):
    assert not [p for p in check(FileBook(path)).problems if p.where.sheet in (SHEET, REST_SHEET)]


def test_what_people_type_stays_over_months_and_remaking(path):
    typed(path, cells={
        (REVIEW, "owner"): "小王", (REVIEW, "date"): date(2026, 9, 23), (REVIEW, "s:甲店"): "√",
        (WORDS, "s:甲店"): 180, (WORDS, "s:乙店"): "190个", (WORDS, "note"): "外包",
        (SLOT, "day:3"): "√", (SLOT, "s:乙店"): 18,
    })  # fmt: skip
    said = items(path)
    assert said[WORDS].done == {"甲店": 180.0, "乙店": 190.0}
    tasks(FileBook(path), month=10)
    assert {item.month for item in items(path).values()} == {"2026-09", "2026-10"}
    assert items(path)[REVIEW] == said[REVIEW]
    tasks(FileBook(path), month=9)
    kept = items(path)
    assert (kept[REVIEW].owner, kept[REVIEW].day, kept[REVIEW].done) == (
        "小王",
        date(2026, 9, 23),
        {"甲店": "√"},
    )
    assert kept[WORDS] == said[WORDS]
    assert kept[SLOT].ticks == {3: "√"}
    assert kept[SLOT].done == {"乙店": 18.0}


def test_a_task_of_ones_own_gets_a_name_and_stays(path):
    book = FileBook(path)
    read = read_state(book)
    place = read.at[SHEET]
    free = place.rows["t:90"]
    book.write(
        {
            SHEET: {
                (free, place.columns["what"]): Cell("拍新品视频"),
                (free, place.columns["date"]): Cell(date(2026, 9, 10)),
            }
        }
    )
    book.save()
    tasks(FileBook(path), month=10)
    tasks(FileBook(path), month=9)
    own = items(path)["x:2026-09:1"]
    assert (own.what, own.day) == ("拍新品视频", date(2026, 9, 10))
    late = overdue(items(path).values(), ("甲店", "乙店"), Day.today())
    assert own in late


def test_the_counts_owed_can_be_changed_on_the_sheet(path):
    book = FileBook(path)
    place = read_state(book).at[SHEET]
    book.write({SHEET: {(place.rows["n:1"], place.columns["quota"]): Cell(500)}})
    book.save()
    tasks(FileBook(path), month=9)
    words = [item for key, item in items(path).items() if key.startswith("n:keywords:2026-09")]
    assert sum(item.quota for item in words) == 500


def test_states_are_those_of_the_day(path):
    typed(
        path,
        cells={("w2:pages:2026-09-01", "s:甲店"): "√", ("w2:pages:2026-09-01", "s:乙店"): "√"},
    )
    tasks(FileBook(path), month=10)
    tasks(FileBook(path), month=9)
    read = read_state(FileBook(path))
    rows, columns = at(read)
    cells = read.cells[SHEET]
    state = {
        key: cells[row, columns["state"]].value
        for key, row in rows.items()
        if (row, columns["state"]) in cells
    }
    assert state["w2:pages:2026-09-01"] == "完成"
    assert state["m:start:2026-09"] == "逾期"
    assert state["w1:review:2026-09-14"] == "今天"
    assert state[REVIEW] == "待办"


def test_what_cannot_be_understood_is_said_with_its_cell(path):
    typed(
        path,
        cells={(REVIEW, "s:甲店"): "差不多", (WORDS, "quota"): "很多", (REVIEW, "date"): "下周"},
    )
    problems = {
        p.where.cell: p.what for p in check(FileBook(path)).problems if p.where.sheet == SHEET
    }
    assert len(problems) == 3
    assert any("差不多" in what for what in problems.values())
    assert items(path)[REVIEW].done == {"甲店": "差不多"}  # what was typed is kept


def test_it_is_undone_and_done_again(path):
    typed(path, cells={(REVIEW, "s:甲店"): "√"})
    said = items(path)
    tasks(FileBook(path), month=10, opening=date(2026, 10, 20))
    after = items(path)
    undo(FileBook(path))
    assert items(path) == said
    redo(FileBook(path))
    assert items(path) == after
    undo(FileBook(path))
    undo(FileBook(path))
    left = items(path)
    assert [*left] == [REVIEW]  # what somebody ticked is not taken away
    assert left[REVIEW].done == {"甲店": "√"}


def test_a_month_that_does_not_exist_is_refused(path):
    with pytest.raises(InputError, match="13"):
        tasks(FileBook(path), month=13)


def test_a_preview_writes_nothing(path):
    before = path.read_bytes()
    assert tasks(FileBook(path), month=9, dry_run=True).title.startswith("预览")
    assert path.read_bytes() == before


def test_a_new_book_of_a_state_with_tasks_has_them(path):
    typed(path, cells={(REVIEW, "note"): "订会议室"})
    state = read_state(FileBook(path)).state
    path.write_bytes(build(pages(replace(state, log=()))))
    assert items(path)[REVIEW].note == "订会议室"
