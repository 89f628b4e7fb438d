"""The sheets of one store's workbook: 日报 with targets beside, month views, tasks; no one else's."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, cast

from xlplan.cells import Cell, Span, State
from xlplan.record import record
from xlplan.sheets.base import look
from xlplan.sheets.base.names import ACTUAL
from xlplan.sheets.base.tables import Tables, table_at, table_page
from xlplan.sheets.daily.page import SOURCE, column_keys, daily_as_built, daily_page, label_of
from xlplan.sheets.month.derived import SCOPE_SPOT
from xlplan.sheets.month.doubt_row import DOUBT
from xlplan.sheets.month.page import month_page
from xlplan.sheets.stores.brief import remembered_promises, remembered_tasks
from xlplan.sheets.stores.guide import guide_page
from xlplan.sheets.stores.handout import Days, Handout
from xlplan.sheets.stores.year import part_of, store_tables, with_typed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from xlplan.cells import Page, Value
    from xlplan.plan.actuals.threeway import Value as Typed
    from xlplan.plan.tasks.item import Item
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


@record
class Brief:
    """A store's tasks of a month (as it has them), and what it promised by month."""

    month: str
    items: Sequence[Item]
    promises: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of(
        cls, month: str, items: Sequence[Item], promises: Mapping[str, Any], store: str
    ) -> Brief:
        """Return the brief of one store of a book that holds these promises of all."""
        return cls(month, items, remembered_promises(promises, store))


def store_pages(  # noqa: PLR0913, PLR0917  # what a workbook is made of
    year: Year,
    store: str,
    typed: Mapping[tuple[str, date], Mapping[str, Value]],
    handout: Handout,
    months: Iterable[int] = range(1, 13),
    brief: Brief | None = None,
) -> list[Page]:
    """Return the sheets of a store's workbook, in order.

    Args:
        year: The year of all stores; only this store's part is used.
        store: Whose workbook.
        typed: What stands on 日报, by (store, date).
        handout: What the copy remembers, from `make_handout`.
        months: Months that get a view.
        brief: Its tasks and promises; a copy goes without them otherwise.
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
        *(_brief_pages(mine, brief, tables, handed[1]) if brief else ()),
        table_page(tables.plan, part.planned, part.year),
        table_page(table_at(ACTUAL, part.actual), part.actual, part.year),
        handout.page(),
    ]


def _brief_pages(year: Year, brief: Brief, tables: Tables, today: date) -> list[Page]:
    """Return 工作计划 and 承诺 of a store."""
    from xlplan.sheets.tasks.board_cells import Board
    from xlplan.sheets.tasks.board_page import without_counts
    from xlplan.sheets.tasks.promises import Promises, promises_as_built, promises_page

    store, month = year.stores[0], int(brief.month[5:])
    board = Board(month, brief.items, (), year.calendar, year.stores, today, rest=False)
    said = {f"{store}|{key}": each for key, each in brief.promises.items()}
    promises = Promises(said, year, tables.plan, promises_as_built(year.stores))
    titles = f"工作计划 · {store} · {year.year}年{month}月", f"承诺 · {store} · {year.year}年"
    return [without_counts(board, titles[0]), promises_page(promises, titles[1])]


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
    brief: Brief | None = None,
) -> Handout:
    """Return what a store's copy remembers of this distribution."""
    base: Days = {}
    for (name, day), values in typed.items():
        if name == store:
            kept = {key: value for key, value in values.items() if _is_short(value)}
            base[day] = cast("dict[str, Typed]", kept)
    headers = {key: label_of(year, key) for key in column_keys(year)}
    tasks = remembered_tasks(brief.items, store) if brief else {}
    promises = brief.promises if brief else {}
    return Handout(
        origin.book, store, year.year, origin.version, origin.time, headers, base,
        brief.month if brief else "", tasks, promises,
    )  # fmt: skip


def _is_short(value: Value) -> bool:
    return not isinstance(value, str) or len(value) <= _LONG
