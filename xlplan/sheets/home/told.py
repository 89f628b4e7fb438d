"""What 首页 keeps besides formulas: the forecast of every scope, and the worst things found.

The state has it as ``own["outlook"]``: ``{"scopes": {scope: {field: value}}, "worst": [[text, sheet]]}``,
as of the last day with actuals; a field that cannot be said is absent.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from xlplan.cells import Cell, Style
from xlplan.sheets.base import look
from xlplan.sheets.base.tables import EPOCH
from xlplan.sheets.home.layout import WORST_COUNT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.cells import Seen, Spot
    from xlplan.sheets.home.layout import HomeAt

OUTLOOK = "outlook"
AS_OF, LACK = "as_of", "lack"
_BANDS = tuple(f"{p}_{end}" for p in ("month", "quarter", "year") for end in ("low", "middle", "high", "chance"))  # fmt: skip
#: Fields in the order of their columns, from the second.
TOLD_FIELDS = (
    "scope", AS_OF, *_BANDS, LACK, "cvr", "aov", "spend_ratio", "year_ago", "days_left",
    *(f"rest_{number}" for number in range(1, 13)), "month_missing",
)  # fmt: skip
TOLD_COLUMN = {name: 2 + i for i, name in enumerate(TOLD_FIELDS)}
_HEADS = ("店铺", "截止", *(f"{p}{end}" for p in ("月", "季", "年") for end in ("低", "中", "高", "概率")), "还缺什么", "近况转化率", "近况客单价", "近况费比", "去年同期", "月内余下天数", *(f"{n}月余下" for n in range(1, 13)), "月内缺的天数")  # fmt: skip
TOLD_HEADS = {TOLD_COLUMN[name]: head for name, head in zip(TOLD_FIELDS, _HEADS, strict=True)}
_PLAIN = Style(size=8, color="#9E9E9E", border=False)
_TEXTS = frozenset({"scope", LACK})


def told_cells(told: Mapping[str, Any], scopes: Sequence[str], at: HomeAt) -> dict[Spot, Cell]:
    """Return the cells that keep it."""
    known = told.get("scopes", {})
    cells: dict[Spot, Cell] = {
        (at.told, column): Cell(head, "", _PLAIN) for column, head in TOLD_HEADS.items()
    }
    for row, scope in enumerate(scopes, start=at.foreseen):
        fields = {"scope": scope, **known.get(scope, {})}
        for name, column in TOLD_COLUMN.items():
            cells[row, column] = Cell(_as_cell(name, fields.get(name)), "", look_of(name))
    worst = list(told.get("worst", ()))[:WORST_COUNT]
    for number in range(WORST_COUNT):
        text, sheet = worst[number] if number < len(worst) else (None, None)
        cells[at.worst + number, 2] = Cell(text, "", _PLAIN)
        cells[at.worst + number, 3] = Cell(sheet, "", _PLAIN)
    return cells


def look_of(name: str) -> Style:
    """Return how a field looks in the block."""
    if name == AS_OF:
        return _PLAIN.but(number="yyyy-mm-dd")
    if name in _TEXTS:
        return _PLAIN
    shares = ("chance", "cvr", "ratio")
    return _PLAIN.but(number="0.00%" if name.endswith(shares) else "#,##0.00")


def _as_cell(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if name == AS_OF and value else value


def read_told(cells: Mapping[Spot, Seen], scopes: Sequence[str], at: HomeAt) -> dict[str, Any]:
    """Return what the cells keep; {} when nothing was foreseen or found yet."""
    known = {}
    for row, scope in enumerate(scopes, start=at.foreseen):
        fields = {
            name: value
            for name, column in TOLD_COLUMN.items()
            if name != "scope" and (value := _read(name, cells.get((row, column)))) is not None
        }
        if fields:
            known[scope] = fields
    pairs = [[_text(cells, at.worst + n, column) for column in (2, 3)] for n in range(WORST_COUNT)]
    worst = [pair for pair in pairs if pair[0]]
    return {"scopes": known, "worst": worst} if known or worst else {}


def _read(name: str, seen: Seen | None) -> Any:
    if seen is None or seen.value in (None, "") or seen.formula:
        return None
    if name == AS_OF:
        day = seen.value
        if isinstance(day, int | float):
            day = date.fromordinal(int(day) + EPOCH)
        return day.isoformat() if isinstance(day, date) else None
    if name in _TEXTS:
        return str(seen.value)
    number = isinstance(seen.value, int | float) and not isinstance(seen.value, bool)
    return float(seen.value) if number else None  # type: ignore[arg-type]


def _text(cells: Mapping[Spot, Seen], row: int, column: int) -> str:
    seen = cells.get((row, column))
    return "" if seen is None or seen.value is None else str(seen.value)


def heading(text: str) -> Cell:
    """Return a heading of the block."""
    return Cell(text, "", look.HIDDEN)
