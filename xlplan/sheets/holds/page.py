"""锁定: every hold of the book on one sheet, with who set it, when and why."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from xlplan.cells import Cell, Page, Span, State, Style, address
from xlplan.errors import Level, Problem, Where
from xlplan.plan.change.holds import EVERYTHING, Hold, HoldKind, label
from xlplan.sheets.base import look
from xlplan.sheets.base.find import KEY_MARK, find_keys
from xlplan.sheets.base.tables import EPOCH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.cells import Seen, Spot, Value
    from xlplan.metrics import Registry

SHEET = "锁定"
KEY_ROW, HEAD_ROW, FIRST_ROW = 3, 4, 5
#: Column key → (head, width).
HEADS = {
    "id": ("编号", 10),
    "kind": ("种类", 8),
    "store": ("店铺", 16),
    "label": ("指标", 14),
    "first": ("从", 12),
    "last": ("到", 12),
    "value": ("锁定的合计", 16),
    "lower": ("每格不低于", 14),
    "upper": ("每格不高于", 14),
    "who": ("谁", 12),
    "when": ("何时", 19),
    "why": ("为什么", 40),
    "metric": ("metric", 2),
}
_KEY_COLUMN = len(HEADS) + 1
_DATE = Style(align="center", border=False)
_TEXT = Style(border=False)
#: Also the looks of whole columns, so that rows added to a closed file have them.
_STYLES = {"first": _DATE, "last": _DATE, "who": _TEXT.but(indent=1), **dict.fromkeys(("value", "lower", "upper"), Style(number="#,##0.00", border=False))}  # fmt: skip


def holds_page(holds: Sequence[Hold], metrics: Registry) -> Page:
    """Return the sheet."""
    page = Page(SHEET, tab="#5D4037", sortable=True)
    page.put(1, 1, "锁定", look.TITLE)
    page.put(2, 1, "用“锁定”“解锁”按钮（xlplan hold / release）增减；“合计”锁住一个和，“只读”锁住每一格；已有实际的日子自动只读，不在此列。", look.HINT)  # fmt: skip
    page.put(KEY_ROW, _KEY_COLUMN, KEY_MARK, look.HIDDEN)
    for column, (key, (head, width)) in enumerate(HEADS.items(), start=1):
        page.put(KEY_ROW, column, key, look.HIDDEN)
        page.put(HEAD_ROW, column, head, look.HEAD)
        page.columns[column] = Span(width, hidden=key == "metric", style=_STYLES.get(key, _TEXT))
    page.columns[_KEY_COLUMN] = Span(2, hidden=True)
    page.rows |= {1: Span(28), KEY_ROW: Span(hidden=True), HEAD_ROW: Span(22)}
    page.cells.update(hold_cells(holds, metrics, {}))
    page.freeze = (FIRST_ROW, 2)
    page.pages_tall = 0
    return page


def hold_cells(
    holds: Sequence[Hold], metrics: Registry, there: Mapping[Spot, Seen]
) -> dict[Spot, Cell]:
    """Return the cells that say these holds, wherever the columns were moved to."""
    if there:
        keys = find_keys(SHEET, there)
        columns, first = keys.columns, _first_row(there)
    else:
        columns, first = {key: i for i, key in enumerate(HEADS, start=1)}, FIRST_ROW
    mine = set(columns.values())
    cells: dict[Spot, Cell] = {
        spot: Cell(None)
        for spot, seen in there.items()
        if spot[0] >= first and spot[1] in mine and seen.value is not None
    }
    for row, hold in enumerate(holds, start=first):
        for key, value in _values(hold, metrics).items():
            style = _STYLES.get(key, Style(State.HELD) if key == "kind" else _TEXT)
            cells[row, columns[key]] = Cell(value, "", style)
    return cells


def _values(hold: Hold, metrics: Registry) -> dict[str, Value]:
    return {
        "id": hold.id,
        "kind": str(hold.kind),
        "store": hold.store,
        "label": label(hold.metric, metrics),
        "first": str(hold.first),
        "last": str(hold.last),
        "value": hold.value if hold.kind is HoldKind.TOTAL else None,
        "lower": hold.lower,
        "upper": hold.upper,
        "who": hold.who or None,
        "when": hold.when or None,
        "why": hold.why or None,
        "metric": hold.metric,
    }


def _first_row(cells: Mapping[Spot, Seen]) -> int:
    mark = next(spot for spot, seen in cells.items() if seen.value == KEY_MARK)
    return mark[0] + HEAD_ROW - KEY_ROW + 1


def read_holds(
    cells: Mapping[Spot, Seen], metrics: Registry, stores: Sequence[str], year: int, file: str = ""
) -> tuple[list[Hold], list[Problem]]:
    """Return the holds in sheet order, whatever it was sorted by, and rows that make no sense.

    Raises:
        StructureError: The key row is gone.
    """
    keys = find_keys(SHEET, cells)
    keys.need_columns({key: head for key, (head, _) in HEADS.items()})
    holds, problems = list[Hold](), list[Problem]()
    for row in sorted({row for row, _ in cells if row >= _first_row(cells)}):
        values = {key: _value(cells, row, keys.columns[key]) for key in HEADS}
        if values["id"] is None and values["kind"] is None:
            continue
        hold, why = _hold(values)
        if hold and not why:
            why = _odd(hold, metrics, stores, year)
        if hold and not why:
            holds.append(hold)
        else:
            where = Where(file, SHEET, address(row, keys.columns["id"]))
            remedy = "请用“解锁”去掉这一行后重新锁定；锁定表不要手工改"
            problems.append(Problem(where, f"这个锁定读不懂：{why}", Level.ERROR, remedy, "锁定"))
    return holds, problems


def _value(cells: Mapping[Spot, Seen], row: int, column: int) -> Value:
    seen = cells.get((row, column))
    return None if seen is None or seen.value == "" else seen.value


def _hold(values: Mapping[str, Value]) -> tuple[Hold | None, str]:
    first, last = _day(values["first"]), _day(values["last"])
    if first is None or last is None:
        return None, "“从”“到”不是日期"
    if values["kind"] not in set(HoldKind):
        return None, f"种类“{values['kind']}”"
    numbers = {key: values[key] for key in ("value", "lower", "upper")}
    if any(not isinstance(number, int | float | None) for number in numbers.values()):
        return None, "锁定的数不是数字"
    texts = {
        key: str(values[key] or "") for key in ("id", "metric", "store", "who", "when", "why")
    }
    low, high, total = (_number(numbers[key]) for key in ("lower", "upper", "value"))
    made = Hold(kind=HoldKind(str(values["kind"])), first=first, last=last, lower=low, upper=high, value=total or 0.0, **texts)  # fmt: skip
    return made, "没有锁定的合计" if made.kind is HoldKind.TOTAL and total is None else ""


def _day(value: Value) -> date | None:
    """Return the day of a date, its text, or an Excel serial; days are written as text."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return date.fromordinal(int(value) + EPOCH) if 0 < value < 100_000 else None
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def _number(value: Value) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def _odd(hold: Hold, metrics: Registry, stores: Sequence[str], year: int) -> str:
    if hold.store not in (*stores, "合计"):
        return f"没有店铺“{hold.store}”"
    known = f"{hold.metric}_target" in metrics or hold.metric == EVERYTHING
    if not known:
        return f"没有指标“{hold.metric}”"
    if hold.first.year != year or hold.last.year != year or hold.last < hold.first:
        return f"日期不在 {year} 年之内"
    return ""
