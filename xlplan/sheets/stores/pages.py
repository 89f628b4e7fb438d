"""The sheets of one store's workbook: 日报 with targets beside, month views, tasks; no one else's."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, cast

from xlplan.cells import Cell, Span, State
from xlplan.record import record
from xlplan.sheets.base import look
from xlplan.sheets.base.names import ACTUAL
from xlplan.sheets.base.tables import Tables, table_at, table_page
from xlplan.sheets.daily.page import SOURCE, column_keys, daily_as_built, daily_page, label_of
from xlplan.sheets.month.derived import SCOPE_SPOT
from xlplan.sheets.month.doubt_row import DOUBT
from xlplan.sheets.month.page import month_page
from xlplan.sheets.stores.guide import guide_page
from xlplan.sheets.stores.handout import Days, Handout
from xlplan.sheets.stores.tasks import tasks_page
from xlplan.sheets.stores.year import part_of, store_tables, with_typed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from xlplan.cells import Page, Value
    from xlplan.plan.actuals.threeway import Value as Typed
    from xlplan.plan.year import Year
    from xlplan.sheets.daily.page import DailyAt

#: Longer notes are not kept in the hand-out's memory (a cell holds 32,767 characters).
_LONG = 1000
HINT = "每天填一行：只填黄底格，没有的数据留空（不要填 0）；今天那一行是浅蓝底。填好保存，把整个文件发回即可。"


@record
class Origin:
    """Where copies come from: plan book id, number of the distribution, local time (ISO)."""

    book: str
    version: int
    time: str


def store_pages(
    year: Year,
    store: str,
    typed: Mapping[tuple[str, date], Mapping[str, Value]],
    handout: Handout,
    months: Iterable[int] = range(1, 13),
) -> list[Page]:
    """Return the sheets of a store's workbook, in order.

    Args:
        year: The year of all stores; only this store's part is used.
        store: Whose workbook.
        typed: What stands on 日报, by (store, date).
        handout: What the copy remembers, from `make_handout`.
        months: Months that get a view.
    """
    own = {day: values for (name, day), values in typed.items() if name == store}
    part = part_of(year, store)
    mine = with_typed(part, own)
    at = daily_as_built(mine)
    tables = store_tables(mine, at)
    stamp = f"第 {handout.version} 次分发 · {handout.time}"
    handed = stamp, date.fromisoformat(handout.time[:10])
    daily = daily_page(mine, tables, {(store, day): values for day, values in own.items()}, {})
    _make_fixed(daily, at)
    daily.put(1, 1, f"{store} 日报 · {mine.year}年", look.TITLE)
    return [
        guide_page(mine, own, at, table_at(ACTUAL, part.actual), handed),
        daily,
        *(_month_view(mine, month, tables) for month in months),
        tasks_page(mine.year),
        table_page(tables.plan, part.planned, part.year),
        table_page(table_at(ACTUAL, part.actual), part.actual, part.year),
        handout.page(),
    ]


def _make_fixed(daily: Page, at: DailyAt) -> None:
    """Lock everything but the inputs: one store's rows need no sorting, and no formula is lost."""
    daily.validations = [rule for rule in daily.validations if rule.kind != "custom"]
    daily.put(1, 6, HINT, look.HINT)
    for key in (SOURCE, DOUBT):
        daily.columns[at.columns[key]] = Span(hidden=True)
    for spot, (value, formula, style) in list(daily.cells.items()):
        if style and not style.locked and style.state is not State.INPUT:
            daily.cells[spot] = Cell(value, formula, style.but(locked=True))


def _month_view(year: Year, month: int, tables: Tables) -> Page:
    """Return a month of the only store; there is nothing to choose."""
    page = month_page(year, month, tables)
    row, first = SCOPE_SPOT
    for spanned in (area for area in page.merges if (area.top, area.left) == SCOPE_SPOT):
        for column in range(first + 1, spanned.right + 1):
            page.cells[row, column] = Cell(None, "", look.DERIVED)
    page.put(row, first, year.stores[0], look.DERIVED.but(bold=True, align="center"))
    return page


def make_handout(
    year: Year,
    store: str,
    typed: Mapping[tuple[str, date], Mapping[str, Value]],
    origin: Origin,
) -> Handout:
    """Return what a store's copy remembers of this distribution."""
    base: Days = {}
    for (name, day), values in typed.items():
        if name == store:
            kept = {key: value for key, value in values.items() if _is_short(value)}
            base[day] = cast("dict[str, Typed]", kept)
    headers = {key: label_of(year, key) for key in column_keys(year)}
    return Handout(origin.book, store, year.year, origin.version, origin.time, headers, base)


def _is_short(value: Value) -> bool:
    return not isinstance(value, str) or len(value) <= _LONG
