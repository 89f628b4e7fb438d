"""The two charts of 首页 as SVG, by the same figures (IBCS: plan outlined, actual solid, forecast hatched)."""

from __future__ import annotations

from math import ceil, floor, log10
from typing import TYPE_CHECKING

from xlplan.sheets.home import layout as on
from xlplan.sheets.home.layout import PERIODS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Cell, Spot
    from xlplan.sheets.home.base import Shown

_ACTUAL, _PLAN, _BAND, _GRID = "#404040", "#1F3A5F", "#BFCDE0", "#E5E8EC"
_HATCH = '<defs><pattern id="{0}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="6" height="6" fill="#fff"/><line x1="0" y1="0" x2="0" y2="6" stroke="#7F7F7F" stroke-width="3"/></pattern></defs>'
_SVG = '<svg viewBox="0 0 {0} {1}" role="img" aria-label="{2}" font-family="inherit" font-size="12" fill="#444">'


def _number(cells: Mapping[Spot, Cell], spot: Spot) -> float:
    value = cells[spot].value
    return float(value) if isinstance(value, int | float) else 0.0


def _box(x: float, y: float, width: float, height: float, look: str) -> str:
    if width <= 0 or height <= 0:
        return ""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" {look}/>'


def _hatched(name: str) -> str:
    return f'fill="url(#{name})" stroke="#7F7F7F"'


def _title(text: str) -> str:
    return f'<text x="0" y="14" font-weight="600" fill="{_PLAN}" font-size="14">{text}</text>'


def _legend(y: float, name: str, parts: tuple[tuple[str, str], ...]) -> str:
    looks = {"solid": f'fill="{_ACTUAL}"', "hatch": _hatched(name), "plan": f'fill="none" stroke="{_PLAN}" stroke-width="1.5"', "band": f'fill="{_BAND}"'}  # fmt: skip
    made, x = [], 0.0
    for look, text in parts:
        made.append(_box(x, y - 9, 12, 10, looks[look]) + f'<text x="{x + 16:g}" y="{y:g}">{text}</text>')  # fmt: skip
        x += 30 + 13 * len(text)
    return "".join(made)


def nice_step(most: float, lines: int = 4) -> float:
    """Return the distance of an axis' lines: 1, 2 or 5 times a power of ten."""
    if most <= 0:
        return 1.0
    rough = most / lines
    power = 10.0 ** floor(log10(rough))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= rough)


def months_chart(this: Shown, cells: Mapping[Spot, Cell]) -> str:
    """Return the months of the year in 万: target, actual, what is foreseen."""
    rows = [this.at.month(number) for number in range(1, 13)]
    plan, sold, ahead = ([_number(cells, (row, c)) for row in rows] for c in (on.MONTH_TARGET, on.MONTH_ACTUAL, on.MONTH_AHEAD))  # fmt: skip
    step = nice_step(max([*plan, *sold, *ahead]))
    most = step * max(1, ceil(max([*plan, *sold, *ahead]) / step))
    left, top, bottom, width, high = 40.0, 34.0, 256.0, 420.0, 300.0
    scale = (bottom - top) / most
    name = f"m{this.year.scopes.index(this.scope)}"
    made = [_SVG.format(width + left, high, "每月目标、实际与预测"), _HATCH.format(name), _title("每月（万元）")]  # fmt: skip
    for number in range(round(most / step) + 1):
        y = bottom - number * step * scale
        made.append(f'<line x1="{left}" x2="{width + left}" y1="{y:.1f}" y2="{y:.1f}" stroke="{_GRID}"/><text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{number * step:,.10g}</text>')  # fmt: skip
    slot = width / 12
    for number in range(12):
        x, wide = left + number * slot + 6, slot - 12
        for value, look in ((ahead[number], _hatched(name)), (sold[number], f'fill="{_ACTUAL}"'), (plan[number], f'fill="none" stroke="{_PLAN}" stroke-width="1.5"')):  # fmt: skip
            made.append(_box(x, bottom - value * scale, wide, value * scale, look))
        made.append(f'<text x="{x + wide / 2:.1f}" y="{bottom + 16}" text-anchor="middle">{number + 1}</text>')  # fmt: skip
    made.append(_legend(high - 8, name, (("plan", "目标"), ("solid", "实际"), ("hatch", "预测"))))
    return "".join(made) + "</svg>"


def landing_chart(this: Shown, cells: Mapping[Spot, Cell]) -> str:
    """Return where month, quarter and year will land, as shares of their targets."""
    spans = [this.at.span(PERIODS.index(name)) for name in PERIODS[1:]]
    parts = [[_number(cells, (row, c)) for c in (on.DONE, on.SURE, on.OPEN, on.SHORT)] for row in spans]  # fmt: skip
    most = max(1.2, ceil(max(sum(each) for each in parts) * 5) / 5)
    left, top, width, high = 40.0, 34.0, 370.0, 300.0
    scale, name = width / most, f"l{this.year.scopes.index(this.scope)}"
    made = [_SVG.format(left + width + 16, high, "落点占目标的比例"), _HATCH.format(name), _title("落点（100% = 目标）")]  # fmt: skip
    for number in range(int(most / 0.5) + 1):
        x = left + number * 0.5 * scale
        look = f'stroke="{_PLAN}" stroke-width="1.5"' if number == 2 else f'stroke="{_GRID}"'
        made.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top - 6}" y2="256" {look}/><text x="{x:.1f}" y="272" text-anchor="middle">{number * 50}%</text>')  # fmt: skip
    for number, (row, each) in enumerate(zip(spans, parts, strict=True)):
        x, y = left, top + number * 72 + 16
        label = cells[row, on.SPAN_NAME].value
        made.append(f'<text x="{left - 6}" y="{y + 24}" text-anchor="end">{label}</text>')
        looks = (f'fill="{_ACTUAL}"', _hatched(name), f'fill="{_BAND}"', f'fill="none" stroke="{_PLAN}"')  # fmt: skip
        for part, look in zip(each, looks, strict=True):
            made.append(_box(x, y, part * scale, 38, look))
            x += max(part, 0.0) * scale
    made.append(_legend(high - 8, name, (("solid", "已有实际"), ("hatch", "九成把握"), ("band", "预测区间"), ("plan", "离目标"))))  # fmt: skip
    return "".join(made) + "</svg>"
