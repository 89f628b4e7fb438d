"""首页: one landscape page that is read in ten seconds; figures it stands on are below it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlplan.cells import (
    PLAIN,
    Area,
    Cell,
    Chart,
    Highlight,
    Page,
    Series,
    Span,
    Sparkline,
    Validation,
)
from xlplan.sheets.base import look, names
from xlplan.sheets.base.find import KEY_MARK
from xlplan.sheets.base.selector import put_selector, store_width
from xlplan.sheets.home import layout as on
from xlplan.sheets.home.base import cell_at, derived, fixed_at
from xlplan.sheets.home.board import PERIOD_COLUMNS, PERIOD_HEADS, board_cells
from xlplan.sheets.home.data import data_cells
from xlplan.sheets.home.layout import across
from xlplan.sheets.home.steps import step_link
from xlplan.sheets.home.told import told_cells
from xlplan.sheets.home.verdict import closing, verdict
from xlplan.sheets.home.words import link_formula, put_row_legend

if TYPE_CHECKING:
    from xlplan.cells import Spot
    from xlplan.sheets.home.base import Shown
    from xlplan.sheets.home.layout import HomeAt

SHEET = names.HOME
#: How what is better and worse is coloured; the first is told apart by all eyes and in print.
COLOURS = ("蓝好橙差", "红涨绿跌", "绿涨红跌")
#: Of each: much better, better, worse, much worse (texts stay dark on all of them).
FILLS = {
    COLOURS[0]: ("#9DC6E8", "#D6E8F6", "#FDE0BE", "#F5AE6A"),
    COLOURS[1]: ("#F3A9A2", "#FBDDDB", "#DDF0DF", "#9ED3A5"),
    COLOURS[2]: ("#9ED3A5", "#DDF0DF", "#FBDDDB", "#F3A9A2"),
}
_COLOUR = "xlplan_colours"
_BANDS = ("{0}>=1.1", "AND({0}>=1,{0}<1.1)", "AND({0}>=0.8,{0}<0.9)", "{0}<0.8")
_ACTUAL, _AHEAD, _PLAN = "#404040", "#7F7F7F", "#1F3A5F"
_SECTION = PLAIN.but(bold=True, color=look.INK, size=11)
_MATRIX_HEADS = (
    "店铺",
    *(f"{m}月" for m in range(1, 13)),
    "至今达成",
    "全年预计",
    "同比",
    "各月走势",
    "数据",
)
_LINKS = (names.TARGETS, names.DAYS, names.EVENTS, names.YEAR, names.DAILY, names.BUDGET, names.FINDINGS, names.LOG)  # fmt: skip


def colour_spot(at: HomeAt) -> Spot:
    """Return where the colours are chosen."""
    return at.legend, 10


def home_page(this: Shown, title: str = "") -> Page:
    """Return the whole page."""
    page = Page(SHEET, cells={}, tab=look.INK)
    _frame(page, this, title)
    page.cells.update(home_cells(this))
    page.cells.update(told_cells(this.told, this.year.scopes, this.at))
    _merge(page)
    _shape(page, this)
    _highlights(page, this)
    _charts(page, this)
    return page


def home_cells(this: Shown) -> dict[Spot, Cell]:
    """Return the derived cells: those of the page and the figures below it."""
    sheet, text = step_link(this)
    step = link_formula(sheet.formula, f'"下一步："&{text.formula}')
    said = verdict(this)
    cells = {
        **board_cells(this),
        **data_cells(this),
        (on.VERDICT_ROW, 2): derived(
            said.value, f"={said.formula}", bold=True, size=13, color=look.INK, border=False
        ),
        (on.NEXT_ROW, 2): derived(
            f"下一步：{text.value}", step, size=11, color="#0B3D91", border=False
        ),
    }
    for number, line in enumerate(closing(this)):
        looks: dict[str, Any] = {"border": False, "size": 9 if number else 10, "bold": not number}
        cells[on.CLOSE_ROW + number, 2] = derived(line.value, f"={line.formula}", **looks)
    return cells


def _frame(page: Page, this: Shown, title: str) -> None:
    """Put the words that never change, the selector and the setting."""
    at, year = this.at, this.year
    page.put(*on.MARK_SPOT, KEY_MARK, PLAIN.but(number=";;;", size=8))
    page.put(on.TITLE_ROW, 2, title or f"{year.year} 年电商经营计划", look.TITLE.but(size=18))
    page.put(on.STATUS_ROW, 2, "金额为净销售额（元）；达成率 = 实际 ÷ 同样这些天的目标，缺的日子不算 0；▲ 达标 ▼ 不到九成", look.HINT)  # fmt: skip
    put_selector(page, on.SCOPE_SPOT, this.scope, year.scopes, columns=3)
    label = look.LABEL.but(size=9)
    for spot, text in (
        (on.TODAY_SPOT, "今天"),
        (on.AS_OF_SPOT, "截止"),
        (on.CHECK_SPOT, "核对"),
        (on.PROBLEM_SPOT, "问题"),
    ):
        page.put(spot[0], spot[1] - 1, text, label)  # fmt: skip
    for (first, _), head in zip(PERIOD_COLUMNS, PERIOD_HEADS, strict=True):
        page.put(on.PERIOD_HEAD, first, head, look.HEAD)
    for column, text in ((2, ""), (3, "应做"), (5, "原计划")):
        page.put(on.DO_HEAD + 1, column, text, look.SUBHEAD)
    for number, text in enumerate(("销售额", "UV", "推广费")):
        page.put(on.DO_ROW + number, 2, text, look.ITEM)
    page.put(on.CLOSE_HEAD, 2, "缺口与补法", _SECTION)
    page.put(on.WORST_HEAD, 2, "最要紧的三件事（所有店，点开即到）", _SECTION)
    page.put(on.MATRIX_HEAD - 1, 2, "各店每月达成率（没有实际的月份写月目标）", _SECTION)
    for column, head in enumerate(_MATRIX_HEADS, start=2):
        page.put(on.MATRIX_HEAD, column, head, look.HEAD.but(size=9))
    page.put(at.legend, 2, "图例", look.LABEL.but(align="left", size=9))
    put_row_legend(page, at.legend, 3)
    row, column = colour_spot(at)
    page.put(row, column - 1, "颜色", look.LABEL.but(size=9))
    page.put(row, column, COLOURS[0], look.INPUT.but(align="center", size=9))
    page.validations.append(Validation(Area(row, column, row, column), "list", list(COLOURS), "颜色", "达成的颜色：蓝好橙差（色盲、黑白打印都分得清）、红涨绿跌或绿涨红跌"))  # fmt: skip
    page.put(at.bottom, 2, "去哪里", look.LABEL.but(align="left", size=9))
    for number, sheet in enumerate(_LINKS):
        spot = at.bottom, 3 + number
        page.put(*spot, sheet, look.LINK.but(size=9, align="center"))
        page.links[spot] = sheet
    first, last = on.MATRIX_ROW, at.last_scope
    page.names = {
        "xlplan_today": f"='{SHEET}'!{fixed_at(on.TODAY_SPOT)}",
        "xlplan_asof": f"='{SHEET}'!{fixed_at(on.AS_OF_SPOT)}",
        "xlplan_stores": f"='{SHEET}'!{Area(first, 2, last, 2).fixed}",
        _COLOUR: f"='{SHEET}'!{fixed_at(colour_spot(at))}",
    }


def _merge(page: Page) -> None:
    """Merge cells that belong together, each in the look of its first."""
    spans = [(row, first, last) for row in range(on.PERIOD_HEAD, on.FIRST_PERIOD + len(on.PERIODS)) for first, last in PERIOD_COLUMNS]  # fmt: skip
    spans += [(row, first, first + 1) for row in range(on.DO_HEAD + 1, on.DO_ROW + 3) for first in (3, 5)]  # fmt: skip
    spans += [(on.VERDICT_ROW, 2, 19), (on.NEXT_ROW, 2, 19), (on.DO_HEAD, 2, 6)]
    spans += [(on.CLOSE_ROW + n, 2, 6) for n in range(on.CLOSE_ROWS)]
    spans += [(on.WORST_ROW + n, 2, 19) for n in range(on.WORST_COUNT)]
    for row, first, last in spans:
        if first == last:
            continue
        style = page.cells[row, first].style
        for column in range(first + 1, last + 1):
            page.cells[row, column] = Cell(None, "", style)
        page.merges.append(across(row, first, last))
    for row, fill in ((on.VERDICT_ROW, look.PALE), (on.NEXT_ROW, "#F7F9FC")):
        for column in range(2, 20):
            cell = page.cells[row, column]
            page.cells[row, column] = cell._replace(style=(cell.style or PLAIN).but(fill=fill))


def _shape(page: Page, this: Shown) -> None:
    at = this.at
    widths = {on.REACHED: 9, on.LANDING: 9, on.YEAR_AGO: 8.2, on.SHAPE: 11, on.FRESH: 17}
    page.columns |= {1: Span(1.5), 2: Span(store_width(this.year.scopes, 13))}
    page.columns |= {column: Span(8.2) for column in range(on.FIRST_MONTH, on.FIRST_MONTH + 12)}
    page.columns |= {column: Span(width) for column, width in widths.items()}
    tall = {on.TITLE_ROW: 30, on.STATUS_ROW: 18, on.VERDICT_ROW: 28, on.NEXT_ROW: 22, on.PERIOD_HEAD: 20, 5: 6, 11: 6, 24: 6, 29: 6}  # fmt: skip
    page.rows |= {row: Span(size) for row, size in tall.items()}
    page.rows |= {row: Span(21) for row in range(on.FIRST_PERIOD, on.FIRST_PERIOD + 4)}
    page.rows |= {row: Span(22) for row in range(on.DO_HEAD, on.PANEL_BOTTOM + 1)}
    page.rows |= {row: Span(18) for row in range(on.WORST_HEAD, at.bottom + 1) if row != 29}
    page.rows[at.legend - 1] = Span(6)
    page.print_area = Area(1, 1, at.bottom, on.FRESH)
    page.sparklines = [
        Sparkline((on.MATRIX_ROW + n, on.SHAPE), across(at.shapes + 1 + n, on.FIRST_MONTH, on.FIRST_MONTH + 11), column=True)
        for n in range(at.scopes)
    ]  # fmt: skip


def _highlights(page: Page, this: Shown) -> None:
    """Colour what is better and worse, as chosen; texts (targets of months to come) are grey."""
    months = Area(on.MATRIX_ROW, on.FIRST_MONTH, this.at.last_scope, on.LANDING)
    rates = Area(on.FIRST_PERIOD, 9, on.FIRST_PERIOD + 3, 9)
    for area in (rates, months):
        first = cell_at(area.top, area.left)
        for name, fills in FILLS.items():
            for test, fill in zip(_BANDS, fills, strict=True):
                formula = f'=IF(ISNUMBER({first}),AND({_COLOUR}="{name}",{test.format(first)}),FALSE)'  # fmt: skip
                page.highlights.append(Highlight(area, formula, fill=fill))
    first = cell_at(months.top, months.left)
    page.highlights.append(Highlight(months, f"=ISTEXT({first})", color="#8A8A8A"))
    label = cell_at(on.MATRIX_ROW, on.NAME)
    row = Area(on.MATRIX_ROW, on.NAME, this.at.last_scope, on.NAME)
    chosen = f"={'$' + label}={fixed_at(on.SCOPE_SPOT)}"
    page.highlights.append(Highlight(row, chosen, fill=look.PALE, bold=True))
    fresh = Area(on.MATRIX_ROW, on.FRESH, this.at.last_scope, on.FRESH)
    late = f'=ISNUMBER(FIND("缺",{cell_at(on.MATRIX_ROW, on.FRESH)}))'
    page.highlights.append(Highlight(fresh, late, fill="#FDE0BE", bold=True))


def _charts(page: Page, this: Shown) -> None:
    """Put the months of the year, and where month, quarter and year will land (IBCS reading)."""
    at = this.at
    first, last = at.month(1), at.month(12)
    names_of = Area(first, on.MONTH_NAME, last, on.MONTH_NAME)

    def column(number: int) -> Area:
        return Area(first, number, last, number)

    months = (
        Series("实际 + 预测", column(on.MONTH_AHEAD), names_of, color=_AHEAD, hatched=True),
        Series("实际", column(on.MONTH_ACTUAL), names_of, color=_ACTUAL),
        Series("目标", column(on.MONTH_TARGET), names_of, color=_PLAN, outline=True),
    )
    left = Area(on.PANEL_TOP - 1, 7, on.PANEL_BOTTOM, 13)
    right = Area(on.PANEL_TOP - 1, 14, on.PANEL_BOTTOM, 19)
    page.charts.append(Chart("column", left, "每月（万元）：目标（框）· 实际（实）· 预测（斜纹）", months, overlap=100))  # fmt: skip
    top, bottom = at.span(1), at.span(3)
    labels = Area(top, on.SPAN_NAME, bottom, on.SPAN_NAME)
    parts = (("已有实际", on.DONE, _ACTUAL, False), ("预测至少（九成把握）", on.SURE, _AHEAD, True), ("预测区间", on.OPEN, "#BFCDE0", False), ("离目标", on.SHORT, _PLAN, None))  # fmt: skip
    landing = tuple(
        Series(
            name,
            Area(top, number, bottom, number),
            labels,
            color=color,
            hatched=bool(hatched),
            outline=hatched is None,
        )
        for name, number, color, hatched in parts
    )
    page.charts.append(Chart("bar", right, "落点：占目标的比例（100% = 目标）", landing, stacked=True, number="0%", step=0.5))  # fmt: skip
