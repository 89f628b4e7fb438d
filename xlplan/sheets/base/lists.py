"""变更记录, and what it shares with 体检: plain lists under heads, found by the heads wherever they are."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from xlplan.cells import Cell, Page, Span, Style
from xlplan.errors import StructureError, Where
from xlplan.record import record
from xlplan.sheets.base.names import LOG

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.cells import Seen, Spot

HEAD_ROW, FIRST_ROW = 3, 4
_LOG_HEADS = {"时间": 18, "操作编号": 16, "操作": 10, "谁": 12, "表": 12, "位置": 18, "店铺": 14, "日期": 12, "指标": 14, "旧值": 16, "新值": 16, "说明": 60}  # fmt: skip
#: Also the look of whole columns, so that rows added to a closed file have it.
TEXT = Style(wrap=True, size=9, border=False)


@record
class ListAt:
    """Where a list stands: its first row, the first free one, its columns in the order of the heads."""

    first: int
    free: int
    columns: tuple[int, ...]


@record
class LogRow:
    """One line of 变更记录; fields are in the order of its columns."""

    time: str = ""
    action_id: str = ""
    action: str = ""
    who: str = ""
    sheet: str = ""
    cell: str = ""
    store: str = ""
    date: str = ""
    metric: str = ""
    old: str = ""
    new: str = ""
    note: str = ""

    def texts(self) -> list[str]:
        """Return the columns in order."""
        return [str(getattr(self, field.name)) for field in fields(self)]


def log_page(rows: Sequence[LogRow]) -> Page:
    """Return the 变更记录 sheet."""
    page = list_page(LOG, "变更记录", "只增不改：谁、何时、改了什么、为什么。", _LOG_HEADS)
    page.cells.update(log_cells(rows, list_as_built(_LOG_HEADS)))
    return page


def log_cells(rows: Sequence[LogRow], at: ListAt) -> dict[Spot, Cell]:
    """Return the cells of log rows below what stands there."""
    return {
        (at.free + i, column): Cell(text or None, "", TEXT)
        for i, row in enumerate(rows)
        for column, text in zip(at.columns, row.texts(), strict=True)
    }


def read_log(cells: Mapping[Spot, Seen]) -> list[LogRow]:
    """Return the rows of 变更记录 from the top, whatever it was sorted by."""
    return [LogRow(*texts) for texts in list_texts(cells, _LOG_HEADS)]


def list_texts(cells: Mapping[Spot, Seen], known: Mapping[str, int]) -> list[list[str]]:
    """Return the rows below the heads that say anything; none when a head is gone."""
    row, heads = _head_row(cells, known)
    if len(heads) < len(known):
        return []
    rows = sorted({below for below, _ in cells if below > row})
    made = ([_text(cells.get((below, heads[head]))) for head in known] for below in rows)
    return [texts for texts in made if any(texts)]


def list_as_built(heads: Mapping[str, int]) -> ListAt:
    """Return where an empty list stands as built."""
    return ListAt(FIRST_ROW, FIRST_ROW, tuple(range(1, len(heads) + 1)))


def log_at(cells: Mapping[Spot, Seen]) -> ListAt:
    """Return where 变更记录 stands; StructureError when a head is gone."""
    return list_found(LOG, cells, _LOG_HEADS)


def list_found(sheet: str, cells: Mapping[Spot, Seen], known: Mapping[str, int]) -> ListAt:
    """Return where a list with these heads stands; StructureError when one of them is gone."""
    row, heads = _head_row(cells, known)
    gone = [head for head in known if head not in heads]
    if gone:
        raise StructureError(
            f"“{sheet}”表的表头少了：{'、'.join(gone)}",
            "请把表头改回来，或从“备份”文件夹恢复；可以插入、移动列，但不要删除、改名",
            Where(sheet=sheet),
        )
    columns = tuple(heads[head] for head in known)
    last = max(there for there, column in cells if column in columns)
    return ListAt(row + 1, last + 1, columns)


def _head_row(cells: Mapping[Spot, Seen], known: Mapping[str, int]) -> tuple[int, dict[str, int]]:
    """Return the row that holds most heads (rows below may say the same words), and its heads."""
    rows: dict[int, dict[str, int]] = {}
    for (row, column), seen in cells.items():
        if isinstance(seen.value, str) and seen.value in known:
            rows.setdefault(row, {}).setdefault(seen.value, column)
    row = max(rows, key=lambda row: (len(rows[row]), -row), default=HEAD_ROW)
    return row, rows.get(row, {})


def _text(seen: Seen | None) -> str:
    return "" if seen is None or seen.value is None else str(seen.value)


def list_page(name: str, title: str, hint: str, heads: Mapping[str, int]) -> Page:
    """Return the sheet of a list without its rows; `heads` give the widths of the columns."""
    from xlplan.sheets.base import look

    page = Page(name, tab="#9E9E9E")
    page.put(1, 1, title, look.TITLE)
    page.put(2, 1, hint, look.HINT)
    for column, (head, width) in enumerate(heads.items(), start=1):
        page.put(HEAD_ROW, column, head, look.HEAD)
        page.columns[column] = Span(width, style=TEXT)
    page.rows |= {1: Span(28), HEAD_ROW: Span(22)}
    page.freeze = (FIRST_ROW, 1)
    page.pages_tall, page.repeat_rows = 0, (HEAD_ROW, HEAD_ROW)
    return page
