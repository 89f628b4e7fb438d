"""What stands in the cells of 工作计划: a month's slots and tasks, the counts, how far they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.cells import Cell, Style, letters
from xlplan.errors import InputError
from xlplan.plan.tasks.board import in_order
from xlplan.plan.tasks.due import month_days, works
from xlplan.plan.tasks.item import DAILY, DONE, LATE, OPEN, SKIPPED, TICK, TODAY
from xlplan.record import bundle
from xlplan.sheets.base import look
from xlplan.sheets.base.tables import serial
from xlplan.sheets.tasks.places import DAY_ROW, DAYS, HEAD_ROW, REST_SHEET

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from xlplan.cells import Seen, Spot
    from xlplan.plan.calendar import Calendar
    from xlplan.plan.tasks.duties import Quota
    from xlplan.plan.tasks.item import Item
    from xlplan.sheets.tasks.places import BoardAt

_TEXT = look.TEXT_INPUT
_CENTRED = look.TEXT_INPUT.but(align="center", wrap=False)
_DAY = look.INPUT.but(number="mm-dd", align="center")
_COUNT = look.INPUT.but(number="#,##0;;", align="center")
_LABEL = Style(align="center", size=9, color="#5F6B7A")
_DERIVED = look.DERIVED.but(align="center", size=9)
_TICK = look.TEXT_INPUT.but(align="center", wrap=False, color="#1E7B34", bold=True)
_BAR = Style(size=8)
QUOTA_FIELDS = ("what", "count", "unit", "per", "parts", "owner")


@bundle
class Board:
    """A month of 工作计划.

    Attributes:
        month: 1 to 12.
        items: The items of all months.
        quotas: The counts.
        calendar: The year's days.
        stores: Who ticks.
        today: For the states that programs without formulas see.
        rest: Whether the other months stand on `REST_SHEET`.
    """

    month: int
    items: Sequence[Item]
    quotas: Sequence[Quota]
    calendar: Calendar
    stores: Sequence[str]
    today: date
    rest: bool = True

    @property
    def named(self) -> str:
        """The month as items name it."""
        return f"{self.calendar.year}-{self.month:02d}"

    @property
    def shown(self) -> list[Item]:
        """The items of the month, as listed."""
        return in_order(item for item in self.items if item.month == self.named)

    @property
    def others(self) -> list[Item]:
        """The items of the other months."""
        return [item for item in self.items if item.month != self.named]


def board_cells(board: Board, at: BoardAt, there: Mapping[Spot, Seen]) -> dict[Spot, Cell]:
    """Return every cell that follows from the tasks; what does not belong any more is emptied.

    Args:
        board: The month.
        at: Where the sheet has its rows and columns.
        there: What stands there when no task changes: states that only the day moves stay then, so
            that a second run changes nothing; empty otherwise.
    """
    cells: dict[Spot, Cell] = {}
    listed = [item for item in board.shown if item.kind != DAILY]
    slots = [item for item in board.shown if item.kind == DAILY]
    rows, slot_rows = at.block("t"), at.block("d")
    if len(listed) > len(rows):
        raise InputError(
            f"{board.month}月有 {len(listed)} 条任务，“工作计划”只有 {len(rows)} 行",
            "清空不需要的自定任务，或停用几个活动的提前事项后再做一次",
        )
    for number, row in enumerate(slot_rows):
        cells |= _slot(board, at, row, slots[number] if number < len(slots) else None)
    for number, row in enumerate(rows):
        cells |= _task(board, at, row, listed[number] if number < len(listed) else None, there)
    for number, row in enumerate(at.block("n")):
        cells |= _quota(at, row, board.quotas[number] if number < len(board.quotas) else None)
    return cells | _days(board, at) | _summary(board, at, there)


def _spot(at: BoardAt, row: int, column: str) -> Spot:
    return row, at.columns[column]


def _named(item: Item | None) -> tuple[str | None, str | None]:
    return (item.key, item.made or None) if item else (None, None)


def _slot(board: Board, at: BoardAt, row: int, item: Item | None) -> dict[Spot, Cell]:
    days = f"${letters(at.columns['day:1'])}{row}:${letters(at.columns['day:31'])}{row}"
    quota = f"{letters(at.columns['quota'])}{row}"
    rests = item is None or not item.quota
    key, made = _named(item)
    cells = {
        _spot(at, row, "date"): Cell(item.when if item else None, "", _LABEL),
        _spot(at, row, "what"): Cell(item.what if item else None, "", _TEXT),
        _spot(at, row, "owner"): Cell(item.owner or None if item else None, "", _TEXT),
        _spot(at, row, "quota"): Cell(None if rests or not item else item.quota, "", _COUNT),
        _spot(at, row, "note"): Cell(item.note or None if item else None, "", _TEXT),
        _spot(at, row, "id"): Cell(key, "", look.HIDDEN),
        _spot(at, row, "made"): Cell(made, "", look.HIDDEN),
    }
    for day in DAYS:
        mark = item.ticks.get(day) if item else None
        cells[_spot(at, row, f"day:{day}")] = Cell(mark, "", _BAR if rests else _TICK)
    columns = at.stores(board.stores)
    names = [letters(column) for column in columns]
    own = len(columns) == 1
    counts: list[float] = []
    for store, column in zip(board.stores, columns, strict=True):
        said = len([1 for mark in item.ticks.values() if mark == TICK]) if item and own else None
        value = said if own else item.done.get(store) if item else None
        formula = f'=IF(N({quota})=0,"",COUNTIF({days},"{TICK}"))' if own else ""
        counts.append(float(value) if isinstance(value, int | float) else 0.0)
        cells[row, column] = Cell(("" if rests else value) if own else value, formula, _DERIVED if own else _COUNT)  # fmt: skip
    share = f"SUM({names[0]}{row}:{names[-1]}{row})/({quota}*{len(names)})"
    value = "" if rests or not item else sum(counts) / (item.quota * len(names))
    formula = f'=IF(N({quota})=0,"",{share})'
    cells[_spot(at, row, "state")] = Cell(value, formula, _DERIVED.but(number="0%"))
    return cells


def _task(
    board: Board, at: BoardAt, row: int, item: Item | None, there: Mapping[Spot, Seen]
) -> dict[Spot, Cell]:
    key, made = _named(item)
    day = item.day if item else None
    when = f"{item.kind} {item.when}".strip() if item else ""
    when = f"{when}（{item.why}）" if item and item.why else when
    weekday = f"{letters(at.columns['date'])}{row}"
    shown = "" if day is None else "一二三四五六日"[day.weekday()]
    cells = {
        _spot(at, row, "date"): Cell(day, "", _DAY),
        _spot(at, row, "weekday"): Cell(
            shown, f'=IF(ISNUMBER({weekday}),MID("一二三四五六日",WEEKDAY({weekday},2),1),"")', _DERIVED
        ),
        _spot(at, row, "when"): Cell(when or None, "", Style(size=9, color="#5F6B7A", wrap=True)),
        _spot(at, row, "what"): Cell(item.what if item else None, "", _TEXT),
        _spot(at, row, "owner"): Cell(item.owner or None if item else None, "", _TEXT),
        _spot(at, row, "quota"): Cell(item.quota or None if item else None, "", _COUNT),
        _spot(at, row, "note"): Cell(item.note or None if item else None, "", _TEXT),
        _spot(at, row, "id"): Cell(key, "", look.HIDDEN),
        _spot(at, row, "made"): Cell(made, "", look.HIDDEN),
    }  # fmt: skip
    columns = at.stores(board.stores)
    for store, column in zip(board.stores, columns, strict=True):
        cells[row, column] = Cell(item.done.get(store) if item else None, "", _CENTRED)
    state = item.state(board.stores, board.today) if item else ""
    cells[_spot(at, row, "state")] = _as_there(
        there, _spot(at, row, "state"), Cell(state, _state(at, row, columns), _DERIVED)
    )
    return cells


def _state(at: BoardAt, row: int, stores: Sequence[int]) -> str:
    """Return the formula of a task's state: done everywhere, overdue, today, or to do."""
    day, quota = (f"{letters(at.columns[name])}{row}" for name in ("date", "quota"))
    done = f"{letters(stores[0])}{row}:{letters(stores[-1])}{row}"
    counted = f'COUNTIF({done},"{TICK}")+COUNTIF({done},"{SKIPPED}")+IF(N({quota})=0,0,COUNTIF({done},">="&{quota}))'
    return (
        f'=IF(NOT(ISNUMBER({day})),"",IF({counted}>={len(stores)},"{DONE}",'
        f'IF({day}<xlplan_today,"{LATE}",IF({day}=xlplan_today,"{TODAY}","{OPEN}"))))'
    )


def _as_there(there: Mapping[Spot, Seen], spot: Spot, cell: Cell) -> Cell:
    """Return a cell as it stands: only the day can have changed its value, and nobody did anything."""
    seen = there.get(spot)
    same = seen is not None and seen.formula == cell.formula
    return cell._replace(value=seen.value) if seen and same else cell


def _quota(at: BoardAt, row: int, quota: Quota | None) -> dict[Spot, Cell]:
    said = {
        "date": quota.per if quota else None,
        "when": quota.parts if quota else None,
        "what": quota.what if quota else None,
        "owner": (quota.owner or None) if quota else None,
        "quota": float(quota.count) if quota else None,
        "note": (quota.unit or None) if quota else None,
        "id": f"n:{quota.key}" if quota else None,
    }
    styles = {"date": _CENTRED, "when": _CENTRED, "quota": _COUNT, "id": look.HIDDEN}
    return {
        _spot(at, row, name): Cell(value, "", styles.get(name, _TEXT))
        for name, value in said.items()
    }


def _days(board: Board, at: BoardAt) -> dict[Spot, Cell]:
    """Return the dates above the days of the month, and whether each is off."""
    cells: dict[Spot, Cell] = {}
    working = works(board.calendar.days)
    listed = month_days(board.calendar.year, board.month)
    head = look.SUBHEAD.but(number="d")
    for day in DAYS:
        found = listed[day - 1] if day <= len(listed) else None
        column = at.columns[f"day:{day}"]
        said = (
            "" if found is None else "一二三四五六日"[found.weekday()] if working(found) else "休"
        )
        cells[HEAD_ROW, column] = Cell(found, "", head)
        cells[DAY_ROW, column] = Cell(said or None, "", look.SUBHEAD)
    return cells


def _summary(board: Board, at: BoardAt, there: Mapping[Spot, Seen]) -> dict[Spot, Cell]:
    row, states, days = at.rows["month"], at.range("state"), at.range("date")
    tasks = [item for item in board.shown if item.day is not None]
    found = [item.state(board.stores, board.today) for item in tasks]
    late = sum(item.state(board.stores, board.today) == LATE for item in board.others)
    number = look.DERIVED.but(bold=True, align="center", number="0")
    others = f"{letters(at.columns['owner'])}{row}"
    texts = f'COUNT({days})&" 项，完成 "&COUNTIF({states},"{DONE}")&" 项"'
    cells = {
        _spot(at, row, "date"): Cell(board.named, "", look.DERIVED.but(bold=True, align="center")),
        _spot(at, row, "what"): Cell(f"{len(found)} 项，完成 {found.count(DONE)} 项", f"={texts}", look.DERIVED),
    }  # fmt: skip
    rest = f'COUNTIFS({REST_SHEET}!$C$2:$C$3000,"<"&xlplan_today,{REST_SHEET}!$D$2:$D$3000,1)'
    if board.rest:
        cells[_spot(at, row, "owner")] = Cell(late, f"={rest}", look.DERIVED.but(number='"别的月逾期 "0" 项"', size=9))  # fmt: skip
    total = f'=COUNTIF({states},"{LATE}")' + (f"+{others}" if board.rest else "")
    cells[_spot(at, row, "quota")] = Cell(found.count(LATE) + late * board.rest, total, number)
    return {spot: _as_there(there, spot, cell) for spot, cell in cells.items()}


def rest_cells(
    items: Sequence[Item], stores: Sequence[str], there: Mapping[Spot, Seen]
) -> dict[Spot, Cell]:
    """Return the cells of the hidden sheet with the other months: key, month, day, open, texts."""
    import json

    cells = {
        spot: Cell(None) for spot, seen in there.items() if spot[0] > 1 and seen.value is not None
    }
    for row, item in enumerate(items, start=2):
        is_open = int(item.day is not None and not item.is_done(stores))
        said = json.dumps(item.texts(), ensure_ascii=False, separators=(",", ":"))
        day = serial(item.day) if item.day else None
        for column, value in enumerate((item.key, item.month, day, is_open, said), start=1):
            cells[row, column] = Cell(value)
    return cells
