"""公司, 店铺, 数据 and 核对: what the company's workbook shows, all of it live over 数据."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xlplan.cells import (  # fmt: skip
    Area,
    Cell,
    Chart,
    Highlight,
    Page,
    Series,
    Span,
    State,
    Style,
    Validation,
    letters,
)
from xlplan.plan.company import FIGURES, MONEY
from xlplan.record import bundle
from xlplan.sheets.base import look
from xlplan.sheets.budget.quotients import attained, attained_text, quotient, quotient_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.plan.company import StoreYear

COMPANY, STORES, DATA, CHECKS = "公司", "店铺", "数据", "核对"
EVERYTHING = "全公司"
KINDS = {"region": "地区", "platform": "平台", "book": "计划表", "store": "店铺"}
#: Where the heads and the first store of 店铺 stand.
STORE_HEAD, FIRST_STORE = 3, 4
STORE_HEADS = {
    "store": ("店铺", 22), "book": ("计划表", 26), "platform": ("平台", 10), "region": ("地区", 12),
    "target": ("全年目标", 16), "due": ("同期目标", 16), "actual": ("至今实际", 16), "attained": ("达成率", 9),
    "gap": ("差额", 15), "as_of": ("实际到", 12), "missing": ("缺天数", 8),
}  # fmt: skip
STORE_COLUMNS = {key: number for number, key in enumerate(STORE_HEADS, start=1)}
_DATA_HEADS = ("号", "店铺", "计划表", "平台", "地区", "月", "选中")
_FIRST_DATA = 3
FIGURE_COLUMNS = {name: len(_DATA_HEADS) + n for n, name in enumerate(FIGURES, start=1)}
FIGURE_NAMES = {
    "target": "目标销售额", "due": "同期目标", "actual": "实际销售额", "target_uv": "目标UV", "uv": "UV",
    "target_orders": "目标笔数", "orders": "笔数", "target_spend": "目标推广费", "spend": "推广费",
    "due_spend": "同期目标推广费", "refund": "退款金额",
}  # fmt: skip
_SELECTOR = (2, 2)
_HEAD_ROW, _FIRST_ROW = 4, 5
_MONEY, _COUNT, _SHARE, _TIMES = "#,##0.00", "#,##0", "0.0%", "0.00"


@bundle
class Line:
    """A row of 公司: a figure, or a quotient of two figures."""

    label: str
    number: str
    above: str
    below: str = ""
    attains: bool = False


LINES = (
    Line("目标销售额", _MONEY, "target"),
    Line("实际销售额", _MONEY, "actual"),
    Line("同期目标", _MONEY, "due"),
    Line("达成率", _SHARE, "actual", "due", attains=True),
    Line("目标UV", _COUNT, "target_uv"),
    Line("UV", _COUNT, "uv"),
    Line("目标笔数", _COUNT, "target_orders"),
    Line("笔数", _COUNT, "orders"),
    Line("转化率", "0.00%", "orders", "uv"),
    Line("客单价", _MONEY, "actual", "orders"),
    Line("目标推广费", _MONEY, "target_spend"),
    Line("推广费", _MONEY, "spend"),
    Line("ROI", _TIMES, "actual", "spend"),
    Line("退款金额", _MONEY, "refund"),
    Line("退款率", "0.00%", "refund", "actual"),
)


@bundle
class Company:
    """All stores of the books that could be read.

    Attributes:
        year: The plan year.
        stores: Store years in the order of the books.
        books: Book → (target, actual) of the year, as added up from the book itself.
        left_out: Names of books that could not be read.
    """

    year: int
    stores: Sequence[StoreYear]
    books: Mapping[str, tuple[float, float]]
    left_out: Sequence[str] = ()

    def scopes(self) -> list[str]:
        """Return what the selector offers: all, regions, platforms, books, stores."""
        made = [EVERYTHING]
        for field, kind in KINDS.items():
            names = dict.fromkeys(getattr(one, field) for one in self.stores)
            made += [f"{kind}：{name}" for name in names if name]
        return made


def company_pages(company: Company) -> list[Page]:
    """Return the sheets, in order."""
    return [_company(company), _stores(company), _checks(company), _data(company)]


def _block(company: Company, column: int) -> str:
    letter, last = letters(column), _FIRST_DATA + 12 * len(company.stores) - 1
    return f"{DATA}!${letter}${_FIRST_DATA}:${letter}${last}"


def _company(company: Company) -> Page:
    page = Page(COMPANY, tab=look.INK, freeze=(_FIRST_ROW, 3))
    page.put(1, 1, f"{company.year} 年公司汇总", look.TITLE)
    page.put(*_SELECTOR, EVERYTHING, look.INPUT.but(bold=True, align="center"))
    page.put(2, 1, "范围", look.LABEL)
    page.put(2, 3, _told(company), look.HINT.but(color="#B3261E" if company.left_out else "#757575"))  # fmt: skip
    for number, name in enumerate(("项目", "全年", *(f"{m}月" for m in range(1, 13))), start=1):
        page.put(_HEAD_ROW, number, name, look.HEAD)
    sums = {name: np.stack([one.months[name] for one in company.stores]) for name in FIGURES}
    rows = {(line.above, line.below): _FIRST_ROW + n for n, line in enumerate(LINES)}
    for line in LINES:
        row = rows[line.above, line.below]
        page.put(row, 1, line.label, look.ITEM)
        for column in range(2, 15):
            value, text = _figure(company, line, column, sums, rows)
            style = Style(State.DERIVED, number=line.number, bold=column == 2)
            page.cells[row, column] = Cell(value, text, style)
    last = _FIRST_ROW + len(LINES) - 1
    _attainment_colours(page, rows["actual", "due"])
    allowed = f"={DATA}!${letters(_scope_column())}${_FIRST_DATA}:${letters(_scope_column())}${_FIRST_DATA + len(company.scopes()) - 1}"  # fmt: skip
    spot = Area(*_SELECTOR, *_SELECTOR)
    page.validations.append(Validation(spot, "list", allowed, "范围", "选全公司、地区、平台、计划表或一家店"))  # fmt: skip
    labels = Area(_HEAD_ROW, 3, _HEAD_ROW, 14)
    series = tuple(
        Series(name, Area(rows[key, ""], 3, rows[key, ""], 14), labels, color, outline=key == "target")
        for name, key, color in (("目标", "target", "#1F3A5F"), ("实际", "actual", "#404040"))
    )  # fmt: skip
    page.charts.append(Chart("column", Area(last + 2, 1, last + 18, 8), "每月目标与实际", series))
    _groups(page, company, last + 2)
    page.columns |= {1: Span(14), 2: Span(20)} | dict.fromkeys(range(3, 15), Span(15))
    page.rows |= {1: Span(28)}
    return page


def _told(company: Company) -> str:
    said = f"{len(company.books)} 本计划表，{len(company.stores)} 家店"
    return f"{said}；没有读到：{'、'.join(company.left_out)}" if company.left_out else said


def _attainment_colours(page: Page, row: int) -> None:
    area, first = Area(row, 2, row, 14), f"B{row}"
    page.highlights += [
        Highlight(area, f"=IF(ISNUMBER({first}),{first}>={look.DONE},FALSE)", fill=look.GOOD),
        Highlight(area, f"=IF(ISNUMBER({first}),{first}<{look.UNDER_WAY},FALSE)", fill=look.BAD),
    ]


def _figure(
    company: Company,
    line: Line,
    column: int,
    sums: Mapping[str, Any],
    rows: Mapping[tuple[str, str], int],
) -> tuple[float | str, str]:
    """Return value and formula of a cell of 公司: of the year in its first column of figures."""
    month, letter = column - 2, letters(column)
    if line.below:
        above, below = (f"{letter}{rows[name, '']}" for name in (line.above, line.below))
        text = attained_text(above, below) if line.attains else quotient_text(above, below)
        top, under = (_sum(sums[name], month) for name in (line.above, line.below))
        return (attained if line.attains else quotient)(top, under), text
    if not month:
        months = f"C{rows[line.above, '']}:N{rows[line.above, '']}"
        text = f'=IF(COUNT({months})=0,"",ROUND(SUM({months}),2))'
        return _sum(sums[line.above], 0), text
    chosen = f"{_block(company, _DATA_HEADS.index('选中') + 1)},1,{_block(company, _DATA_HEADS.index('月') + 1)},{month}"  # fmt: skip
    block = _block(company, FIGURE_COLUMNS[line.above])
    text = f'=IF(COUNTIFS({chosen},{block},"<>")=0,"",ROUND(SUMIFS({block},{chosen}),2))'
    return _sum(sums[line.above], month), text


def _sum(table: Any, month: int) -> float | str:
    part = table if not month else table[:, month - 1]
    known = ~np.isnan(part)
    return float(np.round(part[known].sum(), 2)) if known.any() else ""


def _groups(page: Page, company: Company, top: int) -> None:
    """Regions and platforms beside each other, over 店铺."""
    heads = ("分组", "全年目标", "同期目标", "至今实际", "达成率")
    for number, name in enumerate(heads, start=10):
        page.put(top, number, name, look.HEAD)
    row = top
    for field in ("region", "platform", "book"):
        names = dict.fromkeys(getattr(one, field) for one in company.stores)
        if len(names) < 2:
            continue
        for name in names:
            row += 1
            mine = [one for one in company.stores if getattr(one, field) == name]
            page.put(row, 10, f"{KINDS[field]}：{name or '未填'}", look.ITEM)
            for number, figure in enumerate(("target", "due", "actual"), start=11):
                value = round(sum(one.total(figure) for one in mine), 2)
                text = _of_group(company, field, name, figure)
                page.cells[row, number] = Cell(value, text, Style(State.DERIVED, number=_COUNT))
            done, due = (page.cells[row, number].value for number in (13, 12))
            text = attained_text(f"M{row}", f"L{row}")
            page.cells[row, 14] = Cell(attained(done, due), text, Style(State.DERIVED, number=_SHARE))  # fmt: skip


def _of_group(company: Company, field: str, name: str, figure: str) -> str:
    first, last = FIRST_STORE, FIRST_STORE + len(company.stores) - 1
    who, what = (letters(STORE_COLUMNS[key]) for key in (field, figure))
    block = f"{STORES}!${who}${first}:${who}${last}"
    names = {getattr(one, field) for one in company.stores}
    twins = len({one.casefold() for one in names}) < len(names)  # = does not tell case apart
    asked = f"EXACT({block},{_quote(name)})" if twins else f"({block}={_quote(name)})"
    return f"=ROUND(SUMPRODUCT({asked}*{STORES}!${what}${first}:${what}${last}),2)"


def _quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _stores(company: Company) -> Page:
    page = Page(STORES, tab="#2E7D32", freeze=(FIRST_STORE, 2), pages_tall=0)
    page.put(1, 1, "店铺：地区在这里填，再运行一次会保留", look.TITLE)
    for key, (name, width) in STORE_HEADS.items():
        page.put(STORE_HEAD, STORE_COLUMNS[key], name, look.HEAD)
        page.columns[STORE_COLUMNS[key]] = Span(width)
    for number, one in enumerate(company.stores):
        row = FIRST_STORE + number
        for key in ("store", "book", "platform"):
            page.put(row, STORE_COLUMNS[key], getattr(one, key) or None, look.ITEM)
        page.put(row, STORE_COLUMNS["region"], one.region or None, look.TEXT_INPUT)
        for figure in ("target", "due", "actual"):
            page.cells[row, STORE_COLUMNS[figure]] = _of_store(company, number, figure)
        due, done = (f"{letters(STORE_COLUMNS[key])}{row}" for key in ("due", "actual"))
        rate = attained(one.total("actual"), one.total("due"))
        page.cells[row, STORE_COLUMNS["attained"]] = Cell(rate, attained_text(done, due), Style(State.DERIVED, number=_SHARE))  # fmt: skip
        gap = round(one.total("actual") - one.total("due"), 2)
        page.cells[row, STORE_COLUMNS["gap"]] = Cell(gap, f"=ROUND({done}-{due},2)", Style(State.DERIVED, number="#,##0.00;[Red]-#,##0.00"))  # fmt: skip
        page.put(row, STORE_COLUMNS["as_of"], one.as_of or "没有实际", Style(number="yyyy-mm-dd", align="center"))  # fmt: skip
        page.put(row, STORE_COLUMNS["missing"], one.missing or None, Style(number="0", align="center"))  # fmt: skip
    page.repeat_rows = (STORE_HEAD, STORE_HEAD)
    return page


def _of_store(company: Company, number: int, figure: str) -> Cell:
    column = FIGURE_COLUMNS[figure]
    first = _FIRST_DATA + 12 * number
    cells = f"{DATA}!{letters(column)}{first}:{letters(column)}{first + 11}"
    value = company.stores[number].total(figure)
    return Cell(value, f"=ROUND(SUM({cells}),2)", Style(State.DERIVED, number=_MONEY))


def _scope_column() -> int:
    return max(FIGURE_COLUMNS.values()) + 2


def _data(company: Company) -> Page:
    """The table of store months; its region and whether it is chosen are live."""
    page = Page(DATA, tab="#757575", freeze=(_FIRST_DATA, 3), pages_tall=0, large_paper=True)
    page.put(1, 1, "数据：每家店每个月，由计划表读出；不要改", look.TITLE)
    heads = (*_DATA_HEADS, *(FIGURE_NAMES[name] for name in FIGURES))
    for column, head in enumerate(heads, start=1):
        page.put(_FIRST_DATA - 1, column, head, look.HEAD)
        page.columns[column] = Span(12)
    region = letters(STORE_COLUMNS["region"])
    for number, one in enumerate(company.stores):
        for month in range(1, 13):
            row = _FIRST_DATA + 12 * number + month - 1
            texts = (number + 1, one.store, one.book, one.platform or None)
            for column, value in enumerate(texts, start=1):
                page.put(row, column, value)
            at = f"{STORES}!${region}${FIRST_STORE + number}"
            page.cells[row, 5] = Cell(one.region, f'=IF({at}="","",{at})', look.DERIVED)
            page.put(row, 6, month)
            page.cells[row, 7] = Cell(1, _is_chosen(row), look.DERIVED)
            for name, column in FIGURE_COLUMNS.items():
                value = one.months[name][month - 1]
                style = Style(number=_MONEY if name in MONEY else _COUNT)
                page.put(row, column, None if np.isnan(value) else float(value), style)
    page.put(_FIRST_DATA - 1, _scope_column(), "范围", look.HEAD)
    for number, scope in enumerate(company.scopes()):
        page.put(_FIRST_DATA + number, _scope_column(), scope)
    return page


def _is_chosen(row: int) -> str:
    chosen = f"{COMPANY}!$B$2"
    tests = (("region", "E"), ("platform", "D"), ("book", "C"), ("store", "B"))
    each = ",".join(f'EXACT({chosen},"{KINDS[field]}："&{letter}{row})' for field, letter in tests)
    return f'=IF(OR({chosen}="{EVERYTHING}",{each}),1,0)'


def _checks(company: Company) -> Page:
    """Every book's own sums against the stores taken from it."""
    page = Page(CHECKS, tab="#2E7D32", pages_tall=0)
    page.put(1, 1, "核对：差都应为 0", look.TITLE)
    heads = ("计划表", "项目", "计划表自己的合计", "这里的合计", "差")
    for number, name in enumerate(heads, start=1):
        page.put(3, number, name, look.HEAD)
    row = 4
    for book, sums in company.books.items():
        for (figure, label), own in zip((("target", "全年目标"), ("actual", "至今实际")), sums, strict=True):  # fmt: skip
            mine = round(sum(s.total(figure) for s in company.stores if s.book == book), 2)
            page.put(row, 1, book, look.ITEM)
            page.put(row, 2, label)
            page.put(row, 3, own, Style(number=_MONEY))
            page.cells[row, 4] = Cell(mine, _of_group(company, "book", book, figure), Style(State.DERIVED, number=_MONEY))  # fmt: skip
            page.cells[row, 5] = Cell(round(own - mine, 2), f"=ROUND(C{row}-D{row},2)", Style(State.DERIVED, number=_MONEY))  # fmt: skip
            row += 1
    page.highlights.append(Highlight(Area(4, 1, row, 5), "=N($E4)<>0", fill=look.BAD, bold=True))
    page.columns |= {1: Span(30), 2: Span(12), 3: Span(18), 4: Span(18), 5: Span(12)}
    return page
