"""复盘: what came of a period, why, what will come, and what is to be made up; every number a cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.cells import (
    PLAIN,
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
)
from xlplan.plan.explain.basis import MARKS
from xlplan.sheets.base import look
from xlplan.sheets.base.find import KEY_MARK
from xlplan.sheets.base.names import REVIEW
from xlplan.sheets.base.selector import store_width
from xlplan.sheets.review import gaps
from xlplan.sheets.review.blocks import channel_cells, review_cells
from xlplan.sheets.review.layout import (
    AHEAD,
    COLUMNS,
    GAP_ROWS,
    KEY_ROW,
    OTHERS,
    PLAN_STEPS,
    SAID,
    SCORES,
    WEEK_ROWS,
    WIDTH,
    YEAR_STEPS,
    review_as_built,
)
from xlplan.sheets.review.working import HEADS, LAST_HEADS, figure_style

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.sheets.base.making import Keyed
    from xlplan.sheets.base.sheet import View

_SECTION = Style(bold=True, fill=look.PALE, color=look.INK, border=False)
MONEY, RATE = "#,##0", "0.0%"
SIGNED = "+#,##0;-#,##0;0"
#: Columns of the waterfall's figures, beside the bridge and not printed.
LEVEL, BASE, ENDS, UP, DOWN = range(17, 22)
_STEP_HEADS = {1: "步骤", 2: "金额", 3: "占差额", 4: "说明", LEVEL: "到此为止", BASE: "底", ENDS: "起止", UP: "增", DOWN: "减"}  # fmt: skip
_HEADS = {
    "mark": {1: "指标", 2: "目标", 3: "实际", 4: "差额", 5: "达成率", 6: "状态"},
    "plan": _STEP_HEADS,
    "year": _STEP_HEADS,
    "ahead": {1: "期间", 2: "低", 3: "中", 4: "高", 5: "目标", 6: "达成概率", 7: "说明"},
    "week": {1: "周", 2: "有实际天数", 3: "目标（这些天）", 4: "实际", 5: "差额", 6: "达成率"},
    "channel": {1: "渠道", 2: "目标UV", 3: "实际UV", 4: "差额", 5: "折合销售额", 7: "去年→今年", 8: "金额"},
    "score": {1: "店铺", 2: "看什么", 3: "全部", 4: "次数", **{m + 4: f"{m}月" for m in range(1, 13)}},
    "gap": {gaps.COLUMNS[name]: head for name, head in gaps.HEADS.items()},
    "base": dict(enumerate(HEADS, start=1)),
    "last": {n: head for n, head in enumerate(LAST_HEADS, start=1) if head},
}  # fmt: skip
_PARTS = {
    "say": "结论（每个数都是下面的格子，跟着变）",
    "mark": "指标：有实际的日子对同样这些天的目标",
    "plan": "为什么：目标 → 实际（对数均值分解，各项之和正好是差额）",
    "year": "与去年比：去年同日 → 可比日期 → 实际",
    "ahead": "预测（复盘时的）",
    "week": "各周偏差（周一到周日；只比有实际的日子）",
    "channel": "UV 按渠道：目标 → 实际；右边是去年 → 今年（渠道成交为平台归因）",
    "score": "以往的预测准不准（月份过完才打分；偏差为正是高估；每次预测记在计划表里）",
    "gap": "补差计划（黄格由人改，重新复盘时保留）",
    "base": "底稿：各店同日数与分解。L =（实际 − 目标）÷ ln（实际 ÷ 目标）；UV = L·ln(ΣUV₁÷ΣUV₀)，结构 = L·ln(占比₁÷占比₀)，转化率、客单价同理",
    "last": "底稿：去年可比日期与今年同样这些天（复盘时的数）",
}
_NAMES = {"start": "目标", "end": "实际", "same": "去年同日"}


def review_page(view: View, at: Keyed | None = None) -> Page:
    """Return the sheet as a new book (or one that gets it) has it."""
    year = view.year
    at = at or review_as_built(year.stores, year.scopes, year.metrics)
    page = Page(REVIEW, tab="#2E7D6B", freeze=(KEY_ROW + 1, 2), pages_tall=0)
    keys = COLUMNS + 1
    page.put(KEY_ROW, keys, KEY_MARK, look.HIDDEN)
    for key, row in at.rows.items():
        page.put(row, keys, key, look.HIDDEN)
    for key, column in at.columns.items():
        page.put(KEY_ROW, column, key, look.HIDDEN)
        page.columns[column] = Span(13)
    page.columns |= {1: Span(store_width(year.scopes, 20)), keys: Span(2, hidden=True)}
    page.rows |= {1: Span(28), KEY_ROW: Span(hidden=True)}
    _titles(page, at)
    _labels(page, at, year.scopes)
    page.cells |= blank_cells(at)
    for spot, cell in (review_cells(view, at) | channel_cells(view, at)).items():
        there = page.cells.get(spot)
        page.cells[spot] = cell._replace(style=there.style if there else look.HINT)
    _said(page, at)
    _gaps(page, at)
    _bands(page, at)
    page.charts += [_waterfall(at, "plan", PLAN_STEPS, "目标 → 实际"), _waterfall(at, "year", YEAR_STEPS, "去年 → 实际")]  # fmt: skip
    page.print_area = Area(1, 1, max(row for key, row in at.rows.items() if key.startswith("score:")), WIDTH)  # fmt: skip
    return page


def _titles(page: Page, at: Keyed) -> None:
    for name, text in _PARTS.items():
        row = at.rows[f"part:{name}"]
        last = COLUMNS if name in ("base", "last") else WIDTH
        for column in range(1, last + 1):
            page.put(row, column, text if column == 1 else None, _SECTION)
        for column, head in _HEADS.get(name, {}).items():
            page.put(at.rows[f"head:{name}"], column, head, look.HEAD)


def _labels(page: Page, at: Keyed, scopes: Sequence[str]) -> None:
    for name, (label, _, _) in MARKS.items():
        page.put(*at.spot(f"mark:{name}", 1), label, look.ITEM)
    for block, steps in (("plan", PLAN_STEPS), ("year", YEAR_STEPS)):
        for name in steps:
            label = (
                "去年可比日期" if (block, name) == ("year", "start") else _NAMES.get(name, name)
            )
            page.put(*at.spot(f"{block}:{name}", 1), label, look.ITEM)
        page.put(*at.spot(f"{block}:check", 1), "核对（应为 0）", look.COMPANION)
    page.put(*at.spot("plan:refund", 1), "退款（另计）", look.ITEM)
    page.put(*at.spot("plan:net", 1), "扣退款后的差额", look.ITEM)
    for scope in scopes:
        for name, label in SCORES.items():
            page.put(*at.spot(f"score:{scope}:{name}", 1), scope, look.ITEM)
            page.put(*at.spot(f"score:{scope}:{name}", 2), label, look.COMPANION)


#: Block → (rows, first and last column, number format by column).
def _slots(at: Keyed) -> dict[str, tuple[list[str], Mapping[int, str]]]:
    money = {2: MONEY, 3: RATE, **dict.fromkeys(range(LEVEL, DOWN + 1), MONEY)}
    stores = [k.partition(":")[2] for k in at.rows if k.startswith("base:")]
    stores = [name for name in stores if name not in {"total", "split"}]
    return {
        "mark": ([*MARKS], {2: MONEY, 3: MONEY, 4: SIGNED, 5: RATE, 6: "General"}),
        "plan": ([*PLAN_STEPS, "check", "refund", "net"], money),
        "year": ([*YEAR_STEPS, "check"], money),
        "ahead": ([*AHEAD], {1: "General", 2: MONEY, 3: MONEY, 4: MONEY, 5: MONEY, 6: "0%", 7: "General"}),
        "week": ([str(n) for n in range(1, WEEK_ROWS + 1)], {1: "General", 2: MONEY, 3: MONEY, 4: MONEY, 5: SIGNED, 6: RATE}),
        "channel": ([k.partition(":")[2] for k in at.rows if k.startswith("channel:")], {1: "General", 2: MONEY, 3: MONEY, 4: SIGNED, 5: SIGNED, 7: "General", 8: SIGNED}),
        "score": ([k.partition(":")[2] for k in at.rows if k.startswith("score:")], {3: RATE, 4: MONEY, **dict.fromkeys(range(5, 17), RATE)}),
        "base": ([*stores, "total", "split"], {n: figure_style(n).number for n in range(1, COLUMNS + 1)}),
        "last": ([*stores, OTHERS, "total", "split"], {n: figure_style(n).number for n in range(1, 24)}),
    }  # fmt: skip


def format_of(block: str, key: str, column: int, number: str) -> str:
    """Return the number format of a cell: ratios among metrics show as such."""
    if block == "mark" and column in (2, 3, 4) and key in ("cvr", "spend_ratio", "refund_rate"):
        return "0.00%"
    if block == "mark" and key == "aov" and column in (2, 3, 4):
        return "#,##0.00"
    return number


def blank_cells(at: Keyed) -> dict[tuple[int, int], Cell]:
    """Return every cell that a review may fill, empty and with its look."""
    cells = {}
    for block, (keys, columns) in _slots(at).items():
        for key in keys:
            for column, number in columns.items():
                small = block in {"base", "last"} or column >= LEVEL
                shown = format_of(block, key, column, number)
                style = Style(State.DERIVED, number=shown, size=9 if small else 10)
                if block in {"plan", "year"} and key in {"start", "end"} and column < LEVEL:
                    style = style.but(bold=True, fill=look.TOTAL_FILL)
                cells[at.spot(f"{block}:{key}", column)] = Cell(None, "", style)
    for line in range(1, SAID + 1):
        cells[at.spot(f"say:{line}", 1)] = Cell(None, "", PLAIN.but(wrap=True))
    cells[at.spot("title", 1)] = Cell(REVIEW, "", look.TITLE)
    cells[at.spot("about", 1)] = Cell(None, "", look.HINT)
    return cells


def _said(page: Page, at: Keyed) -> None:
    for number in range(1, SAID + 1):
        row = at.rows[f"say:{number}"]
        page.merges.append(Area(row, 1, row, WIDTH))
        page.rows[row] = Span(19)
    for key in AHEAD:
        row = at.rows[f"ahead:{key}"]
        page.merges.append(Area(row, 7, row, WIDTH))


def _gaps(page: Page, at: Keyed) -> None:
    page.cells |= {spot: cell for spot, cell in gaps.gap_cells([], at).items() if spot not in page.cells or page.cells[spot].value is None}  # fmt: skip
    for number in range(GAP_ROWS + 1):
        row = at.rows[f"gap:{number}" if number else "head:gap"]
        for name, last in gaps.SPREAD_OVER.items():
            first = gaps.COLUMNS[name]
            for column in range(first + 1, last + 1):
                page.put(row, column, None, gaps.gap_style(name) if number else look.HEAD)
            page.merges.append(Area(row, first, row, last))
        if number:
            page.rows[row] = Span(22)
    rows = Area(at.rows["gap:1"], gaps.COLUMNS["done"], at.rows[f"gap:{GAP_ROWS}"], gaps.COLUMNS["done"])  # fmt: skip
    page.validations.append(Validation(rows, "list", ["√"], "完成", "做完了选 √；写过的行重新复盘时都保留"))  # fmt: skip


def _bands(page: Page, at: Keyed) -> None:
    first, last = at.spot(f"mark:{next(iter(MARKS))}", 6), at.spot(f"mark:{[*MARKS][-1]}", 6)
    area = Area(*first, *last)
    cell = at.ref(f"mark:{next(iter(MARKS))}", 6)
    for word, fill in (("达成", look.GOOD), ("进行中", look.MIDDLE), ("有风险", look.BAD)):
        page.highlights.append(Highlight(area, f'={cell}="{word}"', fill=fill))


def _waterfall(at: Keyed, block: str, steps: Sequence[str], title: str) -> Chart:
    """Return the bridge as stacked columns: ends, what adds, what takes away, and nothing below."""

    def down(column: int) -> Area:
        return Area(*at.spot(f"{block}:{steps[0]}", column), *at.spot(f"{block}:{steps[-1]}", column))  # fmt: skip

    names = down(1)
    series = (
        Series("底", down(BASE), names, blank=True),
        Series("起止", down(ENDS), names, "#A9B7C9", told="#,##0;-#,##0;;"),
        Series("增", down(UP), names, "#7FBFA5", told="+#,##0;;;"),
        Series("减", down(DOWN), names, "#E39A96", told="-#,##0;;;"),
    )
    top = at.rows["part:mark" if block == "plan" else "part:year"] + 1
    bottom = at.rows["plan:net" if block == "plan" else "year:check"]
    return Chart("column", Area(top, 8, bottom, WIDTH), title, series, stacked=True)
