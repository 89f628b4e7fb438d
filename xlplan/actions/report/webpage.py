"""首页 as one HTML file: no script, no request, charts inline; made for a phone, good on a desk."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from xlplan.actions.report.drawn import landing_chart, months_chart
from xlplan.actions.report.style import CSS, palette
from xlplan.sheets.home import layout as on
from xlplan.sheets.home.page import home_cells
from xlplan.sheets.home.words import fixed, percent, wan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.cells import Cell, Spot
    from xlplan.sheets.home.base import Shown

_HEAD = """<!DOCTYPE html>
<!-- xlplan report -->
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
"""


def web_page(pages: Sequence[Shown], title: str, colours: str) -> str:
    """Return the file.

    Args:
        pages: What each section shows.
        title: The book's title.
        colours: The colours chosen on 首页.
    """
    first = pages[0]
    as_of = first.moment.as_of
    until = f"实际到 {as_of.month}月{as_of.day}日" if as_of else "还没有实际"
    head = f"<title>{escape(title)}</title>\n<style>{CSS}</style>\n</head>\n<body>\n<main>\n"
    top = f'<header><h1>{escape(title)}</h1><p class="hint">{first.today} 生成 · {until} · 金额为净销售额（元），达成率只比有实际的日子</p></header>\n'
    body = "".join(_section(this, colours) for this in pages)
    stores = _matrix(first, home_cells(first), colours)
    return f"{_HEAD}{head}{top}{body}{stores}</main>\n</body>\n</html>\n"


def _section(this: Shown, colours: str) -> str:
    cells = home_cells(this)
    verdict, step = (_text(cells, (row, 2)) for row in (on.VERDICT_ROW, on.NEXT_ROW))
    return (
        f'<section><p class="verdict">{verdict}</p><p class="step">{step}</p>\n'
        f'<div class="periods">{"".join(_period(cells, n, colours) for n in range(4))}</div>\n'
        f'<div class="panels"><div class="panel">{_today(cells)}{_closing(cells)}</div>'
        f'<figure class="panel">{months_chart(this, cells)}</figure>'
        f'<figure class="panel">{landing_chart(this, cells)}</figure></div>\n'
        f"{_worst(cells)}</section>\n"
    )


def _value(cells: Mapping[Spot, Cell], spot: Spot) -> object:
    cell = cells.get(spot)
    return "" if cell is None or cell.value is None else cell.value


def _text(cells: Mapping[Spot, Cell], spot: Spot) -> str:
    return escape(str(_value(cells, spot)))


def _number(cells: Mapping[Spot, Cell], spot: Spot, digits: int = 0) -> str:
    value = _value(cells, spot)
    return fixed(value, digits) if isinstance(value, int | float) else "—"


def _rate(value: object, digits: int = 0) -> str:
    """Return a share with its mark: ▲ reached, ▼ far from it."""
    if not isinstance(value, int | float):
        return escape(str(value)) or "—"
    mark = "▲ " if value >= 1 else "▼ " if value < 0.9 else ""
    return mark + percent(value, digits)


def _period(cells: Mapping[Spot, Cell], number: int, colours: str) -> str:
    """Return a period as a card."""
    row = on.FIRST_PERIOD + number
    rate, chance = _value(cells, (row, 9)), _value(cells, (row, 18))
    rows = [
        ("目标", _number(cells, (row, 3))),
        ("目标至今", _number(cells, (row, 5))),
        ("实际至今", _number(cells, (row, 7))),
        ("差额", _signed(_value(cells, (row, 10)))),
    ]
    if number:
        rows += [("预计", _number(cells, (row, 14))), ("八成区间", _band(cells, row))]
        rows += [
            ("达成概率", percent(chance) if isinstance(chance, int | float) else "—"),
            ("余下每天", _number(cells, (row, 19))),
        ]
    told = "".join(f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in rows)
    return (
        f'<article class="card"><h2>{_text(cells, (row, 2))}</h2>'
        f'<p class="rate" style="background:{palette(rate, colours)}">{_rate(rate, 1)}</p>'
        f"<table>{told}</table></article>"
    )  # fmt: skip


def _band(cells: Mapping[Spot, Cell], row: int) -> str:
    ends = [_value(cells, (row, column)) for column in (12, 16)]
    known = [end for end in ends if isinstance(end, int | float)]
    return f"{fixed(known[0] / 10000, 1)}～{wan(known[1])}" if len(known) == len(ends) else "—"


def _signed(value: object) -> str:
    return ("+" if value > 0 else "") + fixed(value, 0) if isinstance(value, int | float) else "—"


def _today(cells: Mapping[Spot, Cell]) -> str:
    rows = "".join(
        f"<tr><th>{name}</th><td><b>{_number(cells, (on.DO_ROW + n, 3))}</b></td><td>{_number(cells, (on.DO_ROW + n, 5))}</td></tr>"
        for n, name in enumerate(("销售额", "UV", "推广费"))
    )
    head = "<tr><th></th><th>应做</th><th>原计划</th></tr>"
    return f'<h2>{_text(cells, (on.DO_HEAD, 2))}</h2><table class="do">{head}{rows}</table>'


def _closing(cells: Mapping[Spot, Cell]) -> str:
    lines = [_text(cells, (on.CLOSE_ROW + n, 2)) for n in range(on.CLOSE_ROWS)]
    first, *ways = [line for line in lines if line]
    listed = "".join(f"<li>{line.removeprefix('· ')}</li>" for line in ways)
    return f"<h2>缺口与补法</h2><p>{first}</p>" + (f"<ul>{listed}</ul>" if listed else "")


def _worst(cells: Mapping[Spot, Cell]) -> str:
    lines = [_text(cells, (on.WORST_ROW + n, 2)) for n in range(on.WORST_COUNT)]
    listed = "".join(f"<p>{line}</p>" for line in lines if line)
    return f'<div class="worst"><h2>最要紧的三件事</h2>{listed}</div>'


def _matrix(this: Shown, cells: Mapping[Spot, Cell], colours: str) -> str:
    """Return the stores by month."""
    with_past = any(isinstance(_value(cells, (on.MATRIX_ROW + n, on.YEAR_AGO)), int | float) for n in range(this.at.scopes))  # fmt: skip
    heads = [
        "店铺",
        *(f"{m}月" for m in range(1, 13)),
        "至今达成",
        "全年预计",
        *(["同比"] if with_past else []),
        "数据",
    ]
    lines = []
    for number in range(this.at.scopes):
        row = on.MATRIX_ROW + number
        columns = [*range(on.FIRST_MONTH, on.LANDING + 1)]
        shares = "".join(_share(_value(cells, (row, column)), colours) for column in columns)
        past = _value(cells, (row, on.YEAR_AGO))
        grown = (f"{past * 100:+.0f}%" if isinstance(past, int | float) else "") if with_past else None  # fmt: skip
        ago = "" if grown is None else f"<td>{grown}</td>"
        fresh = _text(cells, (row, on.FRESH))
        late = ' class="late"' if "缺" in fresh else ""
        lines.append(f"<tr><th>{_text(cells, (row, 2))}</th>{shares}{ago}<td{late}>{fresh}</td></tr>")  # fmt: skip
    head = "".join(f"<th>{name}</th>" for name in heads)
    return f'<section><h2>各店每月达成率<small>（没有实际的月份写月目标）</small></h2><div class="wide"><table class="matrix"><thead><tr>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table></div></section>\n'


def _share(value: object, colours: str) -> str:
    if isinstance(value, int | float):
        return f'<td style="background:{palette(value, colours)}">{_rate(value).replace(" ", "")}</td>'  # fmt: skip
    return f'<td class="plan">{escape(str(value))}</td>'
