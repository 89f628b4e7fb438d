"""Tasks and promises go out with a store's workbook and come back with it."""

from __future__ import annotations

import pytest

from xlplan.actions.undo.undoing import redo, undo
from xlplan.books.file import FileBook
from xlplan.cells import Cell
from xlplan.plan.tasks.item import Item
from xlplan.sheets.base.find import find_keys
from xlplan.sheets.state.read import read_state
from xlplan.sheets.stores.brief import note_from, with_note
from xlplan.sheets.tasks.places import SHEET
from xlplan.sheets.tasks.promises import SHEET as PROMISED
from xlplan.sheets.tasks.sheet import PROMISES, TASKS


def board(path):
    """Task → row, field → column of a copy's 工作计划."""
    cells = FileBook(path).read(SHEET)
    keys = find_keys(SHEET, cells)
    column = keys.columns["id"]
    rows = {cells[row, column].value: row for row in keys.rows.values() if (row, column) in cells}
    return rows, keys.columns


def fill_in(staff, path, store, tasks, saved, promises=()):
    """Write {(task, field): value} and {month: (value, why)} into a copy."""
    rows, columns = board(path)
    staff.writes(
        path,
        {(rows[key], columns[name]): Cell(v) for (key, name), v in tasks.items()},
        sheet=SHEET,
    )
    keys = find_keys(PROMISED, FileBook(path).read(PROMISED))
    cells = {}
    for month, pair in dict(promises).items():
        for line, value in zip(("value", "why"), pair, strict=True):
            cells[keys.rows[f"{store}|{line}"], keys.columns[f"m:{month}"]] = Cell(value)
    staff.writes(path, cells, saved, sheet=PROMISED)


@pytest.fixture
def month(desk):
    """The month that went out (the book had made none), and keys of three of its tasks."""
    handed = FileBook(desk.files["甲店"])
    named = handed.read(SHEET)[3, 1].value
    rows, _ = board(desk.files["甲店"])
    words = sorted(key for key in rows if key.startswith("n:keywords"))
    return named, f"m:review:{named}", words[0], f"d:{named}:1"


def state(desk):
    return read_state(desk.book).state


def item(desk, key):
    return Item.of(key, state(desk).own[TASKS][key])


def test_what_stores_did_comes_back_each_in_its_own_column(desk, staff, month):
    _, review, words, slot = month
    assert SHEET not in desk.book.sheets()
    fill_in(staff, desk.files["甲店"], "甲店", {
        (review, "s:甲店"): "√", (words, "s:甲店"): 180, (words, "note"): "外包做的",
        (slot, "day:1"): "√", (slot, "day:2"): "√",
    }, "2026-03-12T10:00:00", {9: ("30万", "新品晚到"), 10: (400_000, None)})  # fmt: skip
    fill_in(
        staff,
        desk.files["乙店"],
        "乙店",
        {(words, "s:乙店"): 200, (words, "note"): "自己做的"},
        "2026-03-12T10:00:00",
    )
    done = desk.run()
    assert "任务：收了 4 条的完成情况" in done.lines
    assert "承诺：收了 2 个月的" in done.lines
    states = {row[0]: row[1] for row in desk.sheet("收集报告") if row[0] in desk.files}
    assert states == {"甲店": "已交回", "乙店": "已交回", "丙店": "未填写"}
    assert item(desk, review).done == {"甲店": "√"}
    assert item(desk, words).done == {"甲店": 180.0, "乙店": 200.0}
    assert set(item(desk, words).note.splitlines()) == {"甲店：外包做的", "乙店：自己做的"}
    assert item(desk, slot).done == {"甲店": 2.0}  # of several stores, how often
    assert dict(state(desk).own[PROMISES]) == {
        "甲店|9": {"value": 300_000.0, "why": "新品晚到"},
        "甲店|10": {"value": 400_000.0},
    }
    cells = desk.book.read(PROMISED)
    keys = find_keys(PROMISED, cells)
    plan = state(desk).year.plan.loc["甲店"]["gmv"]
    september = plan[plan.index.month == 9].sum()
    gap = cells[keys.rows["甲店|gap"], keys.columns["m:9"]]
    assert gap.value == pytest.approx(300_000.0 - september)
    assert gap.formula
    assert desk.run().changed == 0  # the same files again


def test_a_later_edition_is_taken_and_what_it_replaces_is_told(desk, staff, month):
    _, review, words, _ = month
    path = desk.files["甲店"]
    fill_in(
        staff, path, "甲店", {(words, "s:甲店"): 100}, "2026-03-12T10:00:00", {9: (300_000, "")}
    )
    desk.run()
    fill_in(
        staff,
        path,
        "甲店",
        {(words, "s:甲店"): 182, (review, "s:甲店"): "√"},
        "2026-03-13T10:00:00",
        {9: (280_000, "少一场直播")},
    )
    done = desk.run()
    assert item(desk, words).done == {"甲店": 182.0}
    assert any("总表是 100，交回的是 182" in problem.what for problem in done.problems)
    told = desk.sheet("变更记录")
    assert any("300000" in row and "280000" in row for row in told)


def test_what_the_plan_book_has_stays_when_it_comes_first(desk, staff, month):
    _, _, words, _ = month
    path = desk.files["甲店"]
    fill_in(staff, path, "甲店", {(words, "s:甲店"): 100}, "2026-03-12T10:00:00")
    desk.run()
    fill_in(staff, path, "甲店", {(words, "s:甲店"): 90}, "2026-03-13T10:00:00")
    desk.run(prefer="ours")
    assert item(desk, words).done == {"甲店": 100.0}


def test_it_is_taken_back_and_done_again(desk, staff, month):
    _, review, _words, _ = month
    fill_in(
        staff,
        desk.files["甲店"],
        "甲店",
        {(review, "s:甲店"): "√"},
        "2026-03-12T10:00:00",
        {9: (1.0, "x")},
    )
    desk.run()
    undo(desk.book)
    assert not item(desk, review).done if review in state(desk).own[TASKS] else True
    assert not state(desk).own[PROMISES]
    redo(desk.book)
    assert item(desk, review).done == {"甲店": "√"}
    assert "甲店|9" in state(desk).own[PROMISES]


def test_trouble_on_the_tasks_does_not_stop_the_daily_rows(desk, staff, month):
    from datetime import date

    _, _review, words, _ = month
    path = desk.files["甲店"]
    staff.types(path, {(date(2026, 3, 2), "uv"): 99.0})
    rows, columns = board(path)
    staff.writes(
        path,
        {(3, 1): Cell("三月"), (rows[words], columns["s:甲店"]): Cell(5)},
        "2026-03-12T10:00:00",
        sheet=SHEET,
    )
    done = desk.run()
    assert any("月份被改成了“三月”" in problem.what for problem in done.problems)
    assert state(desk).daily["甲店", date(2026, 3, 2)]["uv"] == 99.0
    assert not state(desk).own[TASKS]


def test_a_task_that_only_a_store_knows_is_told_and_not_lost_unsaid(desk, staff, month):
    _, review, _, _ = month
    path = desk.files["甲店"]
    rows, columns = board(path)
    free = max(rows.values())
    empty = find_keys(SHEET, FileBook(path).read(SHEET)).rows["t:95"]
    assert free != empty
    staff.writes(
        path,
        {
            (empty, columns["what"]): Cell("门口贴海报"),
            (empty, columns["s:甲店"]): Cell("√"),
            (rows[review], columns["s:甲店"]): Cell("√"),
        },
        "2026-03-12T10:00:00",
        sheet=SHEET,
    )
    done = desk.run()
    assert any("门口贴海报" in problem.what for problem in done.problems)
    assert item(desk, review).done == {"甲店": "√"}


def test_notes_of_stores_stand_in_lines_of_their_own():
    note = with_note("先看价格", "甲店", "已改")
    note = with_note(note, "乙店", "没空")
    assert note == "先看价格\n甲店：已改\n乙店：没空"
    assert note_from(note, "甲店") == "已改"
    assert with_note(note, "甲店", "") == "先看价格\n乙店：没空"
