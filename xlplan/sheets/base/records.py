"""Lists of records on a sheet: a header row, a row a record, long texts in pieces to the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.cells import Cell, Page, Span
from xlplan.errors import StructureError, Where
from xlplan.sheets.base.packing import chunks, joined

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.cells import Seen, Spot, Style

    Record = Mapping[str, str]

#: The field that may be longer than a cell; it comes last.
LONG = "payload"


def record_page(sheet: str, fields: Sequence[str], records: Sequence[Record]) -> Page:
    """Return a hidden page of records."""
    page = Page(sheet, hidden=True)
    page.cells.update(record_cells(fields, records, {}))
    for column, name in enumerate(fields, start=1):
        page.put(1, column, name)
        page.columns[column] = Span(14)
    page.freeze = (2, 1)
    return page


def record_cells(
    fields: Sequence[str],
    records: Sequence[Record],
    there: Mapping[Spot, Seen],
    first: int = 2,
    style: Style | None = None,
) -> dict[Spot, Cell]:
    """Return the cells of all records, and empty ones where the sheet holds more.

    Args:
        fields: Names in column order.
        records: The rows.
        there: What the sheet holds now.
        first: Row of the first record.
        style: Look of the cells.
    """
    cells: dict[Spot, Cell] = {
        spot: Cell(None)
        for spot, seen in there.items()
        if spot[0] >= first and seen.value is not None
    }
    for row, record in enumerate(records, start=first):
        for column, name in enumerate(fields, start=1):
            pieces = chunks(record.get(name, "")) if name == LONG else [record.get(name, "")]
            for number, piece in enumerate(pieces):
                cells[row, column + number] = Cell(piece or None, "", style)
    return cells


def read_records(
    sheet: str, fields: Sequence[str], cells: Mapping[Spot, Seen]
) -> list[dict[str, str]]:
    """Return the records of a hidden page; rows without a first field are left out.

    Raises:
        StructureError: The header row was changed.
    """
    heads = {column: str(seen.value) for (row, column), seen in cells.items() if row == 1}
    if any(heads.get(column) != name for column, name in enumerate(fields, start=1)):
        raise StructureError(
            f"隐藏表 {sheet} 的标题行被改动",
            "请从“备份”文件夹恢复这个文件",
            Where(sheet=sheet, cell="A1"),
        )
    rows: dict[int, dict[int, object]] = {}
    for (row, column), seen in cells.items():
        if row > 1 and seen.value is not None:
            rows.setdefault(row, {})[column] = seen.value
    return [_record(fields, rows[row]) for row in sorted(rows) if 1 in rows[row]]


def _record(fields: Sequence[str], row: Mapping[int, object]) -> dict[str, str]:
    made = {}
    for column, name in enumerate(fields, start=1):
        if name == LONG:
            made[name] = joined([row[at] for at in sorted(row) if at >= column])
        else:
            made[name] = str(row.get(column, ""))
    return made
