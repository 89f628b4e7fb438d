"""工作计划 as a sheet: slots of the days with their ticks, the month's dated tasks, the counts owed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.cells import PLAIN, Area, Highlight, Page, Span, Style, Validation, letters
from xlplan.plan.tasks.item import DOING, DONE, LATE, SKIPPED, TICK, TODAY
from xlplan.sheets.base import look
from xlplan.sheets.base.find import KEY_MARK
from xlplan.sheets.tasks.board_cells import board_cells
from xlplan.sheets.tasks.places import (
    COUNT_HEAD,
    COUNTS,
    DAY_ROW,
    DAYS,
    FIRST_ROW,
    HEAD_ROW,
    KEY_ROW,
    LIST_HEAD,
    LIST_ROW,
    ROWS,
    SHEET,
    board_as_built,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.sheets.tasks.board_cells import Board
    from xlplan.sheets.tasks.places import BoardAt

WIDTHS = {"date": 11, "weekday": 5, "when": 18, "what": 44, "owner": 18, "quota": 7, "state": 8, "note": 24}  # fmt: skip
#: Heads of the days' slots; they are repeated on every printed page, so they fit the list too.
_SLOT_HEADS = {"date": "时间/日期", "weekday": "星期", "when": "类别与节奏", "what": "工作内容", "owner": "负责人", "quota": "应做", "state": "状态", "note": "备注"}  # fmt: skip
_LIST_HEADS = {"date": "日期", "weekday": "星期", "when": "类别与节奏", "what": "工作内容", "owner": "负责人", "quota": "数量", "state": "状态", "note": "备注"}  # fmt: skip
_COUNT_HEADS = {"date": "每月/每季", "when": "分到", "what": "定量任务（改后再做一次本月任务）", "owner": "负责人", "quota": "数量", "note": "单位"}  # fmt: skip
HINT = (
    "做完打 √（不必做的选“不做”），定量任务填做了几个；内容、负责人、日期、数量、备注都可改，"
    "再做一次本月任务不会动你填的。空行可写自己的任务。"
)
STORE_HINT = "做完打 √（不必做的选“不做”），定量任务填做了几个；完成情况、打卡与备注会随文件交回总表，负责人可改成姓名。"
_GREY = Style(align="center", size=9, color="#5F6B7A")
_BAR, _OFF = "#4A90A4", "#EEF1F4"


def board_page(board: Board, *, title: str = "") -> Page:
    """Return the whole sheet of a month."""
    at = board_as_built(board.stores)
    page = Page(SHEET, cells=board_cells(board, at, {}), tab="#8D6E63")
    page.put(1, 1, title or f"工作计划 · {board.calendar.year}年{board.month}月", look.TITLE)
    page.put(2, 1, HINT + _provisional(board), look.HINT)
    _keys(page, at)
    _heads(page, board, at)
    _rules(page, board, at)
    page.names = {
        "xlplan_overdue": f"='{SHEET}'!${letters(at.columns['quota'])}${at.rows['month']}"
    }
    page.freeze = (FIRST_ROW, at.columns["owner"])
    page.repeat_rows, page.pages_tall = (HEAD_ROW, DAY_ROW), 0
    page.print_area = Area(1, 1, COUNT_HEAD + COUNTS, at.columns["day:31"])
    page.large_paper = True
    return page


def without_counts(board: Board, title: str) -> Page:
    """Return the sheet as a store has it: what is owed is decided by the plan book."""
    page = board_page(board, title=title)
    page.put(2, 1, STORE_HINT + _provisional(board), look.HINT)
    for row in range(COUNT_HEAD, COUNT_HEAD + COUNTS + 1):
        page.rows[row] = Span(hidden=True)
    page.print_area = Area(1, 1, COUNT_HEAD - 2, board_as_built(board.stores).columns["day:31"])
    return page


def _provisional(board: Board) -> str:
    days = board.calendar.month(board.month)
    return "（本月放假安排未公布，按法定假日预估）" if bool(days["provisional"].any()) else ""


def _keys(page: Page, at: BoardAt) -> None:
    keys = at.columns["made"] + 1
    page.put(KEY_ROW, keys, KEY_MARK, look.HIDDEN)
    for name, column in at.columns.items():
        page.put(KEY_ROW, column, name, look.HIDDEN)
    for name, row in at.rows.items():
        page.put(row, keys, name, look.HIDDEN)
    page.columns |= {column: Span(2, hidden=True) for column in range(at.columns["id"], keys + 1)}
    page.columns |= {at.columns[name]: Span(width) for name, width in WIDTHS.items()}
    page.columns |= {at.columns[f"day:{day}"]: Span(3.3) for day in DAYS}
    page.columns[at.columns["note"] + 1] = Span(1.5)
    page.rows |= {1: Span(28), 2: Span(18), 3: Span(20), KEY_ROW: Span(hidden=True)}


def _heads(page: Page, board: Board, at: BoardAt) -> None:
    one = len(board.stores) == 1
    stores = {f"s:{store}": store for store in board.stores}
    blocks = (
        (HEAD_ROW, _SLOT_HEADS, "已做"),
        (LIST_HEAD, _LIST_HEADS, "完成情况"),
        (COUNT_HEAD, _COUNT_HEADS, ""),
    )
    for row, heads, said in blocks:
        told = {name: said if one else store for name, store in stores.items() if said}
        for name in at.columns:
            if name in WIDTHS or name in stores:
                page.put(row, at.columns[name], (heads | told).get(name), look.HEAD)
        page.rows[row] = Span(30 if not one else 24)
    for column in at.stores(board.stores):
        page.columns[column] = Span(10)
    for name in (*WIDTHS, *stores):
        column = at.columns[name]
        page.put(DAY_ROW, column, None, look.HEAD)
        page.merges.append(Area(HEAD_ROW, column, DAY_ROW, column))
    for row in range(FIRST_ROW, LIST_HEAD - 1):
        for name in ("weekday", "when"):
            page.put(row, at.columns[name], "每日" if name == "when" else None, _GREY)
    page.put(3, at.columns["when"], "本月任务", look.LABEL)
    page.put(3, at.columns["quota"] + 1, "项逾期", PLAIN.but(color=look.INK, bold=True))
    for row in range(FIRST_ROW, COUNT_HEAD + COUNTS + 1):
        page.rows.setdefault(row, Span(18))


def _rules(page: Page, board: Board, at: BoardAt) -> None:
    first, last = at.columns["day:1"], at.columns["day:31"]
    letter, stores = letters(first), at.stores(board.stores)
    slots = Area(FIRST_ROW, first, LIST_HEAD - 2, last)
    listed = Area(LIST_ROW, first, LIST_ROW + ROWS - 1, last)
    day, state = letters(at.columns["date"]), letters(at.columns["state"])
    due = f"AND(ISNUMBER(${day}{LIST_ROW}),${day}{LIST_ROW}={letter}${HEAD_ROW})"
    page.highlights += [
        Highlight(listed, f'=AND({due},${state}{LIST_ROW}="{DONE}")', fill="#8FC9A0"),
        Highlight(listed, f'=AND({due},${state}{LIST_ROW}="{LATE}")', fill="#D9534F"),
        Highlight(listed, f"={due}", fill=_BAR),
    ]
    for area in (slots, listed, Area(DAY_ROW, first, DAY_ROW, last)):
        off = f'={letter}${DAY_ROW}="休"'
        page.highlights.append(Highlight(area, off, fill=_OFF, color="#8A94A0"))
    for area in (slots, Area(HEAD_ROW, first, DAY_ROW, last)):
        page.highlights.append(Highlight(area, f"={letter}${HEAD_ROW}=xlplan_today", fill=look.TODAY_FILL, bold=True))  # fmt: skip
    states = Area(LIST_ROW, at.columns["state"], LIST_ROW + ROWS - 1, at.columns["state"])
    cell = f"{state}{LIST_ROW}"
    for text, fill in ((DONE, look.GOOD), (LATE, look.BAD), (TODAY, look.TODAY_FILL)):
        page.highlights.append(
            Highlight(states, f'={cell}="{text}"', fill=fill, bold=text == LATE)
        )
    _inputs(page, at, stores, slots)
    page.filter = Area(LIST_HEAD, 1, LIST_ROW + ROWS - 1, at.columns["note"])


def _inputs(page: Page, at: BoardAt, stores: Sequence[int], slots: Area) -> None:
    from datetime import date

    bottom = LIST_ROW + ROWS - 1
    done = Area(LIST_ROW, stores[0], bottom, stores[-1])
    days = Area(LIST_ROW, at.columns["date"], bottom, at.columns["date"])
    quota = Area(LIST_ROW, at.columns["quota"], bottom, at.columns["quota"])
    limits = date(2000, 1, 1), date(2100, 12, 31)
    page.validations += [
        Validation(slots, "list", [TICK], "每日打卡", f"当天做完选 {TICK}", strict=False),
        Validation(done, "list", [TICK, DOING, SKIPPED], "完成情况", f"做完选 {TICK}；定量任务直接填做了几个", strict=False),
        Validation(days, "date", limits, "日期", "哪天到期，如 2026-09-25"),
        Validation(quota, "decimal", (0, 1_000_000), "数量", "定量任务要做几个；不计数的留空"),
        Validation(Area(COUNT_HEAD + 1, at.columns["date"], COUNT_HEAD + COUNTS, at.columns["date"]), "list", ["月", "季"], "周期", "每月或每季"),
        Validation(Area(COUNT_HEAD + 1, at.columns["when"], COUNT_HEAD + COUNTS, at.columns["when"]), "list", ["周", "半月", "月"], "分到", "分到每周、月中月底两次，或月底一次"),
    ]  # fmt: skip
