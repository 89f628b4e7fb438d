"""Shares by month at the foot of 品类平台: the year's share, or that month's own where one is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.cells import Area, Cell, Validation, letters
from xlplan.plan.parts.splits import Part
from xlplan.sheets.base import look
from xlplan.sheets.base.names import MONTHS
from xlplan.sources.numbers import Number, parse_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.cells import Seen, Spot

    Places = Mapping[str, int]

_SHARE = look.INPUT.but(number="0.0%", align="center", size=9)


def share_key(kind: str, number: int) -> str:
    """Return the key of the row that holds a part's shares by month."""
    return f"s{kind}:{number}"


def read_months(
    cells: Mapping[Spot, Seen], rows: Places, columns: Places, key: str
) -> dict[int, float]:
    """Return month → share where a number stands instead of the formula; older books have none."""
    if key not in rows:
        return {}
    found: dict[int, float] = {}
    for month in MONTHS:
        seen = cells.get((rows[key], columns[f"m:{month}"]))
        number = None if seen is None or seen.formula else parse_number(seen.value)
        if isinstance(number, Number):
            found[month] = number.value
    return found


def share_cells(
    kind: str, parts: Sequence[Part], count: int, rows: Places, columns: Places
) -> dict[Spot, Cell]:
    """Return the cells of the share rows of categories (c) or platforms (p)."""
    made: dict[Spot, Cell] = {}
    name, share = letters(columns["name"]), letters(columns["share"])
    for number in range(count):
        row = rows.get(share_key(kind, number))
        if row is None:
            continue
        part = parts[number] if number < len(parts) else Part("")
        own, label = rows[f"{kind}:{number}"], f"{part.name} 占比" if part.name else ""
        formula = f'=IF(${name}${own}="","",${name}${own}&" 占比")'
        made[row, columns["name"]] = Cell(label, formula, look.COMPANION)
        usual = Cell(
            "" if part.share is None else part.share,
            f'=IF(COUNT(${share}${own})=0,"",${share}${own})',
            _SHARE,
        )
        for month in MONTHS:
            value = part.months.get(month)
            cell = usual if value is None else Cell(value, "", _SHARE)
            made[row, columns[f"m:{month}"]] = cell
    return made


def share_rule(kind: str, count: int, rows: Places, columns: Places) -> Validation:
    """Return what may be typed there."""
    first, last = rows[share_key(kind, 0)], rows[share_key(kind, count - 1)]
    area = Area(first, columns["m:1"], last, columns["m:12"])
    message = "这个月自己的占比，0–100%；要恢复全年占比，写 =占比格（如 =$C$6）或清空后再分解"
    return Validation(area, "decimal", (0, 1), "当月占比", message)
