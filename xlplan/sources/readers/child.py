"""Runs alone in a child process: reads one .xls, .xlsb or .ods and prints its cells as JSON.

The readers of these formats can hang, eat memory or abort on hostile files
(RELIABILITY §0.3, §3), so nothing but this process is allowed to die. Started
by path, with ``-P``: it imports nothing of xlplan.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import sys
from typing import Any


def limit(seconds: int, memory: int) -> None:
    """Cap processor time and memory of this process where the system can."""
    try:
        import resource
    except ImportError:  # Windows: the parent's time limit is the only one
        return
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class TooBigError(Exception):
    """The file has more cells than allowed."""


def read_xls(data: bytes, cells: int) -> dict[str, Any]:
    """Read BIFF with xlrd, which keeps error cells."""
    import xlrd

    book = xlrd.open_workbook(file_contents=data, logfile=io.StringIO(), ragged_rows=True)
    sheets = []
    for sheet in book.sheets():
        cells -= sum(sheet.row_len(row) for row in range(sheet.nrows))
        if cells < 0:
            raise TooBigError
        rows = [
            [_xls_cell(cell, book.datemode) for cell in sheet.row(r)] for r in range(sheet.nrows)
        ]
        sheets.append({"name": sheet.name, "rows": rows})
    return {"date1904": bool(book.datemode), "sheets": sheets}


def _xls_cell(cell: Any, datemode: int) -> object:
    import xlrd

    if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
        return None
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(cell.value, "#ERR!")
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return bool(cell.value)
    if cell.ctype == xlrd.XL_CELL_DATE and cell.value >= 1:
        try:
            return xlrd.xldate.xldate_as_datetime(cell.value, datemode).isoformat(" ")
        except (ValueError, OverflowError):
            return cell.value
    return cell.value


def read_other(data: bytes, cells: int) -> dict[str, Any]:
    """Read .xlsb or .ods with calamine (it delivers error cells as blank text)."""
    from python_calamine import CalamineWorkbook

    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    sheets = []
    for name in book.sheet_names:
        sheet = book.get_sheet_by_name(name)
        cells -= sheet.height * sheet.width
        if cells < 0:
            raise TooBigError
        rows = [
            [_other_cell(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)
        ]
        sheets.append({"name": name, "rows": rows})
    return {"date1904": False, "sheets": sheets}


def _other_cell(cell: object) -> object:
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ")
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    if isinstance(cell, dt.timedelta):
        return str(cell)
    return cell if cell != "" else None


def main(kind: str, seconds: str, memory: str, cells: str) -> int:
    """Read standard input, print JSON; the exit code tells what went wrong."""
    data = sys.stdin.buffer.read()
    limit(int(seconds), int(memory))
    reader = read_xls if kind == "xls" else read_other
    try:
        found = reader(data, int(cells))
        sys.stdout.write(json.dumps(found, allow_nan=False))
    except (TooBigError, MemoryError):
        return 3
    except BaseException as error:  # noqa: BLE001  # calamine panics are BaseExceptions
        said = f"{type(error).__name__}: {error}".lower()
        return 4 if "encrypt" in said or "password" in said else 5
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:5]))
