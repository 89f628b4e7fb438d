"""Sentences of 首页 and their formulas, links and the legend."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from xlplan.cells import PLAIN, Cell, State, Style
from xlplan.sheets.base import look

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xlplan.cells import Page

LEGEND = (
    (State.INPUT, "可填写", "黄底蓝字：只有这些格子需要你填"),
    (State.DERIVED, "公式", "随数据自动计算，不用改"),
    (State.ACTUAL, "实际", "绿底：从日报或平台导入的实际数"),
    (State.HELD, "锁定", "粗体、左侧粗线：分解与回推时不变"),
    (State.PROVISIONAL, "预估", "斜体灰字：官方尚未公布，仅供参考"),
)


def fixed(value: float, digits: int) -> str:
    """Return a number as Excel's TEXT writes it: thousands marked, halves away from zero."""
    exact = Decimal(repr(round(float(value), 10)))
    shown = exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return f"{shown + 0:,.{digits}f}"


def wan(value: float) -> str:
    """Return money in 万."""
    return f"{fixed(value / 10000, 1)}万"


def wan_formula(cell: str) -> str:
    """Return the formula of `wan`."""
    return f'TEXT({cell}/10000,"#,##0.0")&"万"'


def percent(value: float, digits: int = 0) -> str:
    """Return a share as a percentage."""
    return f"{fixed(value * 100, digits)}%"


def percent_formula(cell: str, digits: int = 0) -> str:
    """Return the formula of `percent`."""
    return f'TEXT({cell},"0{"." * bool(digits)}{"0" * digits}%")'


def link_formula(sheet: str, text: str) -> str:
    """Return a formula that leads to a sheet: both are formulas, without ``=``."""
    return f'=HYPERLINK("#\'"&{sheet}&"\'!A1",{text})'


def put_steps(page: Page, row: int, steps: Iterable[tuple[str, str, str]]) -> int:
    """Put 怎么用: numbered links with what to do there; return the row behind them."""
    page.put(row, 2, "怎么用", PLAIN.but(bold=True, color=look.INK, size=12))
    row += 1
    for number, (name, sheet, text) in enumerate(steps, start=1):
        page.put(row, 2, f"{number}. {name}", look.LINK)
        page.links[row, 2] = sheet
        page.put(row, 3, text, PLAIN)
        row += 1
    return row + 1


def put_legend(page: Page, row: int, legend: Iterable[tuple[State, str, str]]) -> int:
    """Put 图例: what the states of cells look like and mean; return its last row."""
    page.put(row, 2, "图例", PLAIN.but(bold=True, color=look.INK, size=12))
    for state, name, text in legend:
        row += 1
        page.put(row, 2, name, Style(state, align="center"))
        page.put(row, 3, text, PLAIN)
    return row


def put_row_legend(page: Page, row: int, first: int) -> None:
    """Put the legend in one row."""
    for column, (state, name, text) in enumerate(LEGEND, start=first):
        page.cells[row, column] = Cell(name, "", Style(state, align="center", size=9, locked=True))
        page.notes[row, column] = text
