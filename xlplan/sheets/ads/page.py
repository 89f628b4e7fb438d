"""推广: channels to date, by month and by campaign phase, with the answer of the gate."""

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
from xlplan.sheets.ads.blocks import WIDE, ads_cells
from xlplan.sheets.ads.layout import (
    ADS_COLUMNS,
    ADS_KEY_ROW,
    ADS_SAID,
    ALL,
    BY_MONTH,
    TERMS,
    ads_as_built,
)
from xlplan.sheets.base import look
from xlplan.sheets.base.find import KEY_MARK
from xlplan.sheets.base.names import ADS

if TYPE_CHECKING:
    from xlplan.metrics import Registry
    from xlplan.sheets.base.making import Keyed
    from xlplan.sheets.base.sheet import View

_SECTION = Style(bold=True, fill=look.PALE, color=look.INK, border=False)
#: Columns over which the answer of the gate and its remedy reach.
_GATE = ((14, 17), (18, 20))
_MONEY, _RATE, _ROI, _SIGNED = "#,##0", "0.0%", "0.00", "+#,##0;-#,##0;0"
_CHANNEL = {
    "渠道": "General", "已花": _MONEY, "同期计划": _MONEY, "差额": _SIGNED, "占推广费": _RATE, "成交（平台归因）": _MONEY,
    "平均 ROI（归因）": _ROI, "有成交数的花费": _MONEY, "对保本": "General", "边际 ROI": _ROI, "每周现在": _MONEY, "每周建议": _MONEY,
    "上下限": "General", "闸门：数据够不够算边际 ROI": "General", "": "General", " ": "General", "  ": "General", "怎样才够": "General",
}  # fmt: skip
_PARTS = {
    "say": "结论（数是下面的格子，跟着变）",
    "term": "口径",
    "channel": "各渠道到截止日",
    "draw": "各月花费与平均 ROI",
    "month": "各渠道 × 月：计划与实际（成交与 ROI 为平台归因）",
    "event": "各渠道 × 活动阶段：计划与实际花费",
}


def ads_page(view: View) -> Page:
    """Return the sheet as the book that gets it has it."""
    metrics = view.year.metrics
    at = ads_as_built(metrics)
    page = Page(ADS, tab="#8E6BBF", freeze=(ADS_KEY_ROW + 1, 2), pages_tall=0)
    keys = ADS_COLUMNS + 1
    page.put(ADS_KEY_ROW, keys, KEY_MARK, look.HIDDEN)
    for key, row in at.rows.items():
        page.put(row, keys, key, look.HIDDEN)
    for key, column in at.columns.items():
        page.put(ADS_KEY_ROW, column, key, look.HIDDEN)
        page.columns[column] = Span(12.5)
    page.columns |= {1: Span(20), 2: Span(13), keys: Span(2, hidden=True)}
    page.rows |= {1: Span(28), ADS_KEY_ROW: Span(hidden=True)}
    _titles(page, at, metrics)
    page.cells |= _blank(at)
    for spot, cell in ads_cells(view, at).items():
        there = page.cells.get(spot)
        page.cells[spot] = cell._replace(style=there.style if there else look.HINT)
    for number in range(1, ADS_SAID + 1):
        row = at.rows[f"say:{number}"]
        page.merges.append(Area(row, 1, row, 15))
        page.rows[row] = Span(19)
    for channel in metrics.channels:
        row = at.rows[f"channel:{channel.key}"]
        page.rows[row] = Span(32)
        _across(page, row, page.cells[row, at.columns["c:14"]].style)
    _marks(page, at, metrics)
    page.charts.append(_chart(at))
    page.print_area = Area(1, 1, max(at.rows.values()), ADS_COLUMNS)
    return page


def _titles(page: Page, at: Keyed, metrics: Registry) -> None:
    for name, text in _PARTS.items():
        for column in range(1, ADS_COLUMNS + 1):
            page.put(at.rows[f"part:{name}"], column, text if column == 1 else None, _SECTION)
    heads = {
        "channel": list(_CHANNEL),
        "month": ["渠道", "看什么", *(f"{m}月" for m in range(1, 13)), "合计"],
        "event": ["活动", "阶段", "日期", "", "销售额", "推广费", "费用占比", *(c.label for c in metrics.channels[:13])],
    }  # fmt: skip
    for name, words in heads.items():
        for column, word in enumerate(words, start=1):
            page.put(at.rows[f"head:{name}"], column, word.strip() or None, look.HEAD)
        page.rows[at.rows[f"head:{name}"]] = Span(30)
    _across(page, at.rows["head:channel"], look.HEAD)
    for key, label in TERMS.items():
        page.put(*at.spot(f"term:{key}", 1), label, look.ITEM)
    names = {**{channel.key: channel.label for channel in metrics.channels}, ALL: "合计"}
    for key, label in names.items():
        for name, what in BY_MONTH.items():
            page.put(*at.spot(f"month:{key}:{name}", 1), label, look.ITEM)
            page.put(*at.spot(f"month:{key}:{name}", 2), what, look.COMPANION)


def _blank(at: Keyed) -> dict[tuple[int, int], Cell]:
    """Return every cell that a look may fill, empty and with its look."""
    cells = {}
    numbers = dict(enumerate(_CHANNEL.values(), start=1))
    for key in at.rows:
        block, _, rest = key.partition(":")
        if block not in {"channel", "month", "event"}:
            continue
        last = 13 if key == f"channel:{ALL}" else WIDE[block]
        for column in range(3 if block == "month" else 1, last + 1):
            number = numbers[column] if block == "channel" else _ROI if rest.endswith(":roi") else _MONEY  # fmt: skip
            if block == "event":
                number = "General" if column < 5 else _RATE if column == 7 else _MONEY
            wrap, plain = block == "channel" and column >= 13, block == "event"
            style = Style(State.DERIVED, number=number, wrap=wrap, size=9 if wrap else 10, border=not plain)  # fmt: skip
            if rest.startswith(ALL) or (block == "month" and column == 15):
                style = style.but(bold=True, fill=look.TOTAL_FILL)
            cells[at.spot(key, column)] = Cell(None, "", style)
    for line in range(1, ADS_SAID + 1):
        cells[at.spot(f"say:{line}", 1)] = Cell(None, "", PLAIN.but(wrap=True))
    formats = {"margin": "0.0%", "refund": "0.0%", "even": _ROI, "least": _ROI}
    for name, number in formats.items():
        state = State.INPUT if name == "margin" else State.DERIVED
        cells[at.spot(f"term:{name}", 2)] = Cell(None, "", Style(state, number=number))
    cells[at.spot("title", 1)] = Cell(ADS, "", look.TITLE)
    cells[at.spot("about", 1)] = Cell(None, "", look.HINT)
    return cells


def _marks(page: Page, at: Keyed, metrics: Registry) -> None:
    spot = at.spot("term:margin", 2)
    area = Area(*spot, *spot)
    page.validations.append(Validation(area, "decimal", (0, 1), "毛利率", "0 到 100%，如 40%；用来算保本 ROI"))  # fmt: skip
    first, last = (f"channel:{key}" for key in (metrics.channels[0].key, metrics.channels[-1].key))
    bands = Area(*at.spot(first, 9), *at.spot(last, 9))
    for word, fill in (("够保本", look.GOOD), ("低于保本", look.BAD)):
        page.highlights.append(Highlight(bands, f'={at.ref(first, 9)}="{word}"', fill=fill))


def _across(page: Page, row: int, style: Style | None) -> None:
    """Let the answer of the gate and its remedy reach over several columns."""
    for first, last in _GATE:
        for column in range(first + 1, last + 1):
            page.put(row, column, None, style)
        page.merges.append(Area(row, first, row, last))


def _chart(at: Keyed) -> Chart:
    """Return money planned and spent by month, with the average ROI on a second axis."""

    def across(key: str) -> Area:
        return Area(*at.spot(key, 3), *at.spot(key, 14))

    names = across("head:month")
    series = (
        Series("计划花费", across(f"month:{ALL}:plan"), names, "#C9D3DF"),
        Series("实际花费", across(f"month:{ALL}:real"), names, "#5B7FA6"),
        Series("平均 ROI（平台归因）", across(f"month:{ALL}:roi"), names, "#C77700", line=True, second=True),
    )  # fmt: skip
    area = Area(at.rows["draw:1"], 1, at.rows["draw:14"], 13)
    return Chart("column", area, "各月花费与平均 ROI", series, second="0.0")
