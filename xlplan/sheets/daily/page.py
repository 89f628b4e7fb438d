"""日报: a row a day and store for staff to fill; results show at once, in any program."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from xlplan.cells import (
    Area,
    Cell,
    Highlight,
    Icons,
    Page,
    Span,
    State,
    Style,
    Validation,
    letters,
)
from xlplan.metrics import Unit, target_of
from xlplan.plan.actuals.daymarks import MISSING
from xlplan.plan.year import actual_columns
from xlplan.record import record
from xlplan.sheets.base import look
from xlplan.sheets.base.find import KEY_MARK
from xlplan.sheets.base.selector import store_width
from xlplan.sheets.daily.maturity import young
from xlplan.sheets.month.doubt_row import COLOR, DOUBT, FILL, STYLE
from xlplan.sheets.month.doubt_row import LABEL as DOUBT_LABEL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from xlplan.cells import Spot
    from xlplan.metrics import Registry
    from xlplan.plan.year import Year
    from xlplan.sheets.base.tables import Tables

SHEET = "日报"
GROUP_ROW, KEY_ROW, HEAD_ROW, FIRST_ROW = 2, 3, 4, 5
FIXED = {"date": "日期", "weekday": "星期", "store": "店铺"}
TARGETS = ("gmv", "uv")
RESULTS = (
    "gmv_net",
    "orders_net",
    "attainment",
    "aov",
    "cvr",
    "spend",
    "spend_ratio",
    "roi",
    "shop_roi",
    "refund_rate",
)
NOTE, SOURCE, PLACE = "note", "source", "place"
TO_TODAY = "→ 今天"
#: Headings of the columns behind the results.
_BEHIND = {NOTE: "备注", DOUBT: DOUBT_LABEL, SOURCE: "来源", PLACE: "行号"}
_FIRST_INPUTS = (
    "gmv orders uv buyers units gmv_campaign gmv_paid inquiries inquiry_orders "
    "refund_units refund_amount refund_orders new_buyers repeat_buyers sold_skus listed_skus"
).split()


def input_metrics(metrics: Registry) -> list[str]:
    """Return the metrics staff can type: the common ones, channels, exclusions last."""
    every = [n for n in actual_columns(metrics) if not n.endswith("_last_month")]
    channels = [n for kind in ("spend_", "uv_") for n in every if n.startswith(kind)]
    return [*_FIRST_INPUTS, *channels, *(n for n in every if metrics[n].exclusion)]


@record
class DailyAt:
    """Where the columns of 日报 are, and the row of each (store, date) key."""

    rows: Mapping[tuple[str, date], int]
    columns: Mapping[str, int]


def column_keys(year: Year) -> list[str]:
    """Return the column keys in order."""
    inputs = input_metrics(year.metrics)
    return [*FIXED, *(target_of(name) for name in TARGETS), *inputs, *RESULTS, *_BEHIND]


def label_of(year: Year, key: str) -> str:
    """Return the header text of a column."""
    return FIXED.get(key) or _BEHIND.get(key) or year.metrics[key].label


def daily_as_built(year: Year) -> DailyAt:
    """Return the positions of a freshly built 日报: by date, then store."""
    first = date(year.year, 1, 1)
    days = [first + timedelta(days=i) for i in range(len(year.calendar.days))]
    pairs = [(store, day) for day in days for store in year.stores]
    rows = {pair: FIRST_ROW + i for i, pair in enumerate(pairs)}
    return DailyAt(rows, {key: i for i, key in enumerate(column_keys(year), start=1)})


def daily_page(
    year: Year,
    tables: Tables,
    typed: Mapping[tuple[str, date], Mapping[str, object]],
    origins: Mapping[tuple[str, date], str],
    doubts: Sequence[str] = (),
) -> Page:
    """Return the whole page; `typed` holds what staff entered by (store, date)."""
    at = daily_as_built(year)
    page = Page(SHEET, cells=daily_cells(year, tables, typed, at, origins), tab="#2E7D32")
    page.cells.update(doubt_column(year, at, doubts))
    _doubtful(page, year, at)
    page.put(1, 1, f"店铺日报 · {year.year}年", look.TITLE)
    page.put(1, 6, "每天每店一行：只填黄底格，没有的数据留空（不要填 0）；可自由筛选、排序。填完运行“导入实际”进入月表。", look.HINT)  # fmt: skip
    _headings(page, year, at)
    _inputs(page, year, at, typed)
    _guards(page, at)
    _jump(page, at)
    last = max(at.rows.values())
    width = at.columns[SOURCE]
    page.filter = Area(HEAD_ROW, 1, last, width)
    page.freeze = (FIRST_ROW, len(FIXED) + 1)
    page.pages_wide, page.pages_tall, page.repeat_rows = 3, 0, (HEAD_ROW, HEAD_ROW)
    page.repeat_columns = (1, len(FIXED))
    page.print_area = Area(1, 1, last, width)
    body = Area(FIRST_ROW, 1, last, width)
    page.highlights.append(
        Highlight(body, f"=$A{FIRST_ROW}=xlplan_today", fill=look.TODAY_FILL, bold=True)
    )
    rate = at.columns["refund_rate"]
    day = f"$A{FIRST_ROW}"
    page.highlights.append(
        young(Area(FIRST_ROW, rate, last, rate), year.settings.maturity_days, day, day)
    )
    attained = at.columns["attainment"]
    page.highlights.append(
        Icons(Area(FIRST_ROW, attained, last, attained), look.UNDER_WAY, look.DONE)
    )
    return page


def doubt_column(year: Year, at: DailyAt, doubts: Sequence[str]) -> dict[Spot, Cell]:
    """Return what is doubtful about each row's day, in words (`plan.actuals.daymarks`)."""
    column = at.columns.get(DOUBT)
    if column is None:
        return {}
    start = {
        store: year.scopes.index(store) * len(year.calendar.days) - 1 for store in year.stores
    }
    words = {pair: doubts[start[pair[0]] + pair[1].timetuple().tm_yday] if doubts else "" for pair in at.rows}  # fmt: skip
    style = STYLE.but(locked=False)
    return {(row, column): Cell(words[pair] or None, "", style) for pair, row in at.rows.items()}


def _doubtful(page: Page, year: Year, at: DailyAt) -> None:
    """Mark the figures that the words of their row are about."""
    top, bottom = min(at.rows.values()), max(at.rows.values())
    names = input_metrics(year.metrics)
    first, last = at.columns[names[0]], at.columns[names[-1]]
    head, words = f"{letters(first)}${HEAD_ROW}", f"${letters(at.columns[DOUBT])}{top}"
    test = f'=ISNUMBER(SEARCH("·"&{head}&"·",{words}))'
    page.highlights.append(Highlight(Area(top, first, bottom, last), test, FILL, COLOR, bold=True))
    sold = at.columns["gmv"]
    gone = f'=LEFT({words},1)="{MISSING}"'
    page.highlights.append(Highlight(Area(top, sold, bottom, sold), gone, FILL, COLOR))


def _headings(page: Page, year: Year, at: DailyAt) -> None:
    for key, number in at.columns.items():
        page.put(KEY_ROW, number, key, look.HIDDEN)
        page.put(HEAD_ROW, number, label_of(year, key), look.HEAD)
        unseen = (
            key in year.metrics and year.metrics[key].exclusion and not year.settings.show_excluded
        )
        page.columns[number] = Span(11.5, hidden=key == PLACE or unseen)
    page.columns |= {at.columns["date"]: Span(11), at.columns["weekday"]: Span(6), at.columns["store"]: Span(store_width(year.stores, 14)), at.columns[NOTE]: Span(30), at.columns[DOUBT]: Span(24), at.columns[SOURCE]: Span(56)}  # fmt: skip
    page.rows |= {1: Span(28), KEY_ROW: Span(hidden=True), HEAD_ROW: Span(34)}
    mark = max(at.columns.values()) + 1
    page.put(KEY_ROW, mark, KEY_MARK, look.HIDDEN)
    page.columns[mark] = Span(2, hidden=True)
    inputs = input_metrics(year.metrics)
    for first, last, title in ((target_of(TARGETS[0]), target_of(TARGETS[-1]), "目标"), (inputs[0], inputs[-1], "填写"), (RESULTS[0], RESULTS[-1], "自动计算")):  # fmt: skip
        area = Area(GROUP_ROW, at.columns[first], GROUP_ROW, at.columns[last])
        page.merges.append(area)
        for column in range(area.left, area.right + 1):
            page.cells[GROUP_ROW, column] = Cell(title if column == area.left else None, "", look.SUBHEAD.but(bold=True))  # fmt: skip


def _inputs(
    page: Page, year: Year, at: DailyAt, typed: Mapping[tuple[str, date], Mapping[str, object]]
) -> None:
    names = input_metrics(year.metrics)
    styles = {name: look.INPUT.but(number=year.metrics[name].unit.number_format) for name in names}
    for pair, row in at.rows.items():
        values = typed.get(pair, {})
        for name in names:
            page.cells[row, at.columns[name]] = Cell(values.get(name), "", styles[name])  # type: ignore[arg-type]
        page.cells[row, at.columns[NOTE]] = Cell(values.get(NOTE), "", look.TEXT_INPUT)  # type: ignore[arg-type]
    top, bottom = min(at.rows.values()), max(at.rows.values())
    for name in names:
        metric = year.metrics[name]
        column = at.columns[name]
        whole = metric.unit is Unit.COUNT
        message = f"{metric.label}：{'不小于 0 的整数' if whole else '金额，元'}；没有数据请留空。{metric.help}"
        area = Area(top, column, bottom, column)
        limits = (0, 10**9) if whole else (-1e10, 1e10)
        page.validations.append(Validation(area, "integer" if whole else "decimal", limits, metric.label, message, strict=False))  # fmt: skip


def _guards(page: Page, at: DailyAt) -> None:
    """Refuse typing over what is not an input.

    Sorting a protected sheet needs every cell of the rows unlocked, so these cells are
    guarded by a validation instead of their lock.
    """
    top, bottom = min(at.rows.values()), max(at.rows.values())
    fixed, results = [*FIXED, *map(target_of, TARGETS)], [*RESULTS]
    for first, last in ((fixed[0], fixed[-1]), (results[0], results[-1]), (SOURCE, SOURCE)):
        area = Area(top, at.columns[first], bottom, at.columns[last])
        text = "这一列自动填好，不用改；可以按它排序、筛选。改错了请按撤销（Ctrl+Z）。"
        page.validations.append(Validation(area, "custom", "=FALSE", "不用填", text))


def _jump(page: Page, at: DailyAt) -> None:
    """Put a link to today's first row, wherever the rows were sorted to."""
    column, rows = at.columns["date"], at.rows.values()
    dates = Area(min(rows), column, max(rows), column).fixed
    row = f"IF(COUNTIF({dates},xlplan_today)=0,1,MATCH(xlplan_today,{dates},0))+{min(rows) - 1}"
    target = f"\"#'{SHEET}'!{letters(column)}\"&{row}"
    page.cells[GROUP_ROW, column] = Cell(TO_TODAY, f'=HYPERLINK({target},"{TO_TODAY}")', look.LINK)


def daily_cells(
    year: Year,
    tables: Tables,
    typed: Mapping[tuple[str, date], Mapping[str, object]],
    at: DailyAt,
    origins: Mapping[tuple[str, date], str],
) -> dict[Spot, Cell]:
    """Return the date, weekday, store, target, result and 来源 cells of every row."""
    writer = _Writer(year, tables, at)
    results = _results(year, typed, list(at.rows))
    cells: dict[Spot, Cell] = {}
    for pair, row in at.rows.items():
        cells.update(writer.row(pair, row))
        if SOURCE in at.columns:
            cells[row, at.columns[SOURCE]] = Cell(origins.get(pair), "", _SOURCE)
    for name in (PLACE, *(target_of(name) for name in TARGETS), *RESULTS):
        cells.update(writer.column(name, results[name].tolist()))
    return cells


def _results(
    year: Year,
    typed: Mapping[tuple[str, date], Mapping[str, object]],
    pairs: list[tuple[str, date]],
) -> dict[str, NDArray[np.float64]]:
    """Evaluate the result metrics over all rows at once."""
    columns: dict[str, NDArray[np.float64]] = {}
    index = [(year.planned.scopes.index(s), d.timetuple().tm_yday - 1) for s, d in pairs]
    scope, day = (np.array(part) for part in zip(*index, strict=True))
    columns[PLACE] = scope * float(len(year.calendar.days)) + day + 1
    for name in TARGETS:
        columns[target_of(name)] = year.planned.values[name][scope, day]
    metrics = year.metrics
    for name in metrics.order(RESULTS):
        if name in columns:
            continue
        formula = metrics[name].formula
        if formula is None:
            columns[name] = np.full(len(pairs), np.nan)
            for i, pair in enumerate(pairs):
                value = typed[pair].get(name) if pair in typed else None
                if isinstance(value, int | float):
                    columns[name][i] = value
        else:
            columns[name] = formula.evaluate({n: columns[n] for n in formula.names})
    return columns


class _Writer:
    """Makes the cells of 日报; templates have ``{r}`` for the row number."""

    def __init__(self, year: Year, tables: Tables, at: DailyAt) -> None:
        self.year, self.at = year, at
        column = {key: letters(number) for key, number in at.columns.items()}
        date_cell, store_cell = f"{column['date']}{{r}}", f"{column['store']}{{r}}"
        place = f"{column[PLACE]}{{r}}"
        self.templates = {PLACE: tables.plan.match(store_cell, date_cell)}
        for name in TARGETS:
            self.templates[target_of(name)] = tables.plan.lookup(name, place)
        for name in RESULTS:
            formula = year.metrics[name].formula
            assert formula is not None  # noqa: S101 - results are derived
            self.templates[name] = formula.to_excel(lambda part: f"{column[part]}{{r}}")
        self.styles = {
            name: Style(State.DERIVED, number=year.metrics[name].unit.number_format, locked=False)
            for name in (*RESULTS, *(target_of(n) for n in TARGETS))
        }
        self.weekdays = dict(zip(year.calendar.days.index.date, year.calendar.days["weekday_cn"], strict=True))  # type: ignore[attr-defined]  # fmt: skip

    def row(self, pair: tuple[str, date], row: int) -> dict[Spot, Cell]:
        """Return what a row stands for."""
        store, day = pair
        at = self.at.columns
        return {
            (row, at["date"]): Cell(day, "", _DATE),
            (row, at["weekday"]): Cell(self.weekdays[day], "", _WEEKDAY),
            (row, at["store"]): Cell(store, "", _STORE),
        }

    def column(self, name: str, values: list[float]) -> dict[Spot, Cell]:
        """Return a computed column, given its values in the order of the rows."""
        column, style = self.at.columns[name], self.styles.get(name)
        pieces = self.templates[name].split("{r}")
        return {
            (row, column): Cell("" if value != value else value, str(row).join(pieces), style)  # noqa: PLR0124 - NaN test
            for row, value in zip(self.at.rows.values(), values, strict=True)
        }


_DATE = Style(number="yyyy-mm-dd", align="center", locked=False)
_WEEKDAY = Style(align="center", locked=False)
_STORE = Style(locked=False)
_SOURCE = Style(size=9, color="#757575", locked=False)
