"""Runs alone in a child process: reads one .xls and prints its cells as JSON.

The reader of this format can hang or eat memory on hostile files (RELIABILITY §0.3, §3), so
nothing but this process is allowed to die. Started by path, with ``-P``: it imports nothing
of xlplan.
"""

from __future__ import annotations

import io
import json
import math
import re
import struct
import sys
from typing import Any

#: Formats that write a unit or scale; others need not be told.
_FORMATS = re.compile(r"[万萬亿億千KkM]|[0#?],+(?![0#?])|[\\!]\.|\"\.\"")
_FORMULA, _BOF, _EOF = 0x0006, 0x0809, 0x000A
_CALC_ON_LOAD = 0x0002
_MOST_CELLS = 5_000


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
    book = _opened(data)
    sheets, formulas = [], []
    for sheet in book.sheets():
        cells -= sum(sheet.row_len(row) for row in range(sheet.nrows))
        if cells < 0:
            raise TooBigError
        rows = [
            [_xls_cell(cell, book.datemode) for cell in sheet.row(r)] for r in range(sheet.nrows)
        ]
        merges = [[t, left, b - 1, r - 1] for t, b, left, r in sheet.merged_cells]
        sheets.append({
            "name": sheet.name, "rows": rows, "merges": merges, "hidden": sheet.visibility != 0,
            "formats": _formats(book, sheet),
        })  # fmt: skip
        formulas.append(_formulas(book, sheet))
    waiting = _waiting(book, formulas)
    for made, cells_of in zip(sheets, waiting, strict=True):
        made["waiting"] = cells_of
    return {"date1904": bool(book.datemode), "sheets": sheets}


def _opened(data: bytes) -> Any:
    """Open with formats and merged cells; files whose styles are damaged are read without."""
    import xlrd

    common = {"file_contents": data, "logfile": io.StringIO(), "ragged_rows": True, "on_demand": True}  # fmt: skip
    try:
        book = xlrd.open_workbook(formatting_info=True, **common)
        book.sheets()
    except (xlrd.XLRDError, AssertionError, LookupError, ValueError, TypeError, struct.error):
        book = xlrd.open_workbook(**common)
        book.sheets()
    return book


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


def _formats(book: Any, sheet: Any) -> list[list[Any]]:
    """Return [row, column, format] of the numbers whose format says more than digits."""
    codes = {}
    for index, form in enumerate(book.xf_list):
        known = book.format_map.get(form.format_key)
        if known is not None and _FORMATS.search(known.format_str or ""):
            codes[index] = known.format_str
    if not codes:
        return []
    return [
        [row, column, codes[cell.xf_index]]
        for row in range(sheet.nrows)
        for column, cell in enumerate(sheet.row(row))
        if cell.ctype == 2 and cell.xf_index in codes
    ]


XlsFormula = tuple[int, int, object, int, bytes]


def _formulas(book: Any, sheet: Any) -> list[XlsFormula]:
    """Return (row, column, value, flags, tokens) of a sheet's formula cells."""
    number = next(i for i, one in enumerate(book.sheets()) if one is sheet)
    if book.biff_version != 80 or number >= len(book._sh_abs_posn):  # noqa: SLF001  # no other way
        return []
    memory, at, found, depth = book.mem, book._sh_abs_posn[number], [], 0  # noqa: SLF001
    while at + 4 <= len(memory):
        code, length = struct.unpack_from("<HH", memory, at)
        at += 4
        if code == _BOF:
            depth += 1
        elif code == _EOF:
            depth -= 1
            if depth <= 0:
                break
        elif code == _FORMULA and length >= 22 and depth == 1:
            row, column, _, result, flags, _, size = struct.unpack_from("<3H8sHIH", memory, at)
            tokens = memory[at + 22 : at + 22 + size]
            found.append((row, column, _result(result), flags, bytes(tokens)))
        at += length
    return found


def _result(stored: bytes) -> object:
    """Return a number, "" for an empty text, None for any other text, truth value or error."""
    if stored[6:] != b"\xff\xff":
        return struct.unpack("<d", stored)[0]
    return "" if stored[0] == 3 else None


def _waiting(book: Any, formulas: list[list[XlsFormula]]) -> list[list[list[int]]]:
    """Return for each sheet the formula cells that hold a placeholder instead of a value."""
    empty = [[f for f in found if f[2] in (0, "")] for found in formulas]
    every = sum(map(len, formulas))
    held = sum(map(len, empty))
    proved = any(
        abs(value) > 1e-9
        for sheet, found in zip(book.sheets(), empty, strict=True)
        for one in found
        if (value := _worked_out(one[4], sheet)) is not None
    )
    asks = held == every and any(f[3] & _CALC_ON_LOAD for found in empty for f in found)
    known = any(
        _worked_out(one[4], sheet) is not None
        for sheet, found in zip(book.sheets(), empty, strict=True)
        for one in found
    )
    if not proved and (known or not asks):
        # a text result that is empty is as good as none, whoever wrote it
        return [[] for _ in formulas]
    return [[[row, column] for row, column, *_ in found] for found in empty]


#: Tokens that push a value → its form: integer, number, cell, block.
_OPERANDS = {
    0x1E: "<H", 0x1F: "<d", 0x24: "<HH", 0x44: "<HH", 0x25: "<4H", 0x45: "<4H",
}  # fmt: skip
_OPERATORS = {3: "+", 4: "-", 5: "*", 6: "/"}


def _worked_out(tokens: bytes, sheet: Any) -> float | None:
    """Return the value of a formula of + − × ÷, SUM and cells of its own sheet, None for others."""
    try:
        return _reduced(tokens, sheet)
    except (struct.error, LookupError, TypeError, ValueError, ArithmeticError):
        return None


def _reduced(tokens: bytes, sheet: Any) -> float | None:
    stack: list[Any] = []
    at = 0
    while at < len(tokens):
        kind = tokens[at]
        at += 1
        if kind in _OPERATORS:
            right, left = _single(stack.pop()), _single(stack.pop())
            stack.append(_calculated(_OPERATORS[kind], left, right))
        elif kind == 0x13:  # minus before one value
            stack.append(-_single(stack.pop()))
        elif kind in _OPERANDS:
            form = _OPERANDS[kind]
            stack.append(_operand(sheet, struct.unpack_from(form, tokens, at)))
            at += struct.calcsize(form)
        elif kind == 0x19 and tokens[at] & 0x10:  # SUM of one argument
            stack.append(_total([stack.pop()]))
            at += 3
        elif kind in (0x22, 0x42) and struct.unpack_from("<H", tokens, at + 1)[0] == 4:  # SUM
            count = tokens[at]
            stack[len(stack) - count :] = [_total(stack[len(stack) - count :])]
            at += 3
        elif kind != 0x15:  # brackets say nothing
            return None
    value = _single(stack.pop())
    return value if not stack and math.isfinite(value) else None


def _operand(sheet: Any, found: tuple[Any, ...]) -> Any:
    """Return a number, or the values of a reference to one cell (2 figures) or a block (4)."""
    if len(found) == 1:
        return float(found[0])
    if len(found) == 2:
        return [_value(sheet, found[0], found[1] & 0xFF)]
    return _area(sheet, *found)


def _value(sheet: Any, row: int, column: int) -> object:
    if row >= sheet.nrows or column >= sheet.row_len(row):
        return None
    cell = sheet.cell(row, column)
    if cell.ctype in (0, 6):
        return None
    return cell.value if cell.ctype in (2, 3) else ""


def _area(sheet: Any, top: int, bottom: int, left: int, right: int) -> list[object]:
    left, right = left & 0xFF, right & 0xFF
    if (bottom - top + 1) * (right - left + 1) > _MOST_CELLS:
        raise ValueError
    rows, columns = range(top, bottom + 1), range(left, right + 1)
    return [_value(sheet, row, column) for row in rows for column in columns]


def _single(value: Any) -> float:
    """Return a value; of a reference to one cell that cell's, a blank one as 0."""
    if isinstance(value, list):
        (value,) = value
        value = 0.0 if value is None else value
    if not isinstance(value, int | float):
        raise TypeError(value)
    return float(value)


def _total(values: list[Any]) -> float:
    flat = [v for one in values for v in (one if isinstance(one, list) else [one])]
    return math.fsum(v for v in flat if isinstance(v, int | float))


def _calculated(sign: str, left: float, right: float) -> float:
    match sign:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    return left / right


def main(seconds: str, memory: str, cells: str) -> int:
    """Read standard input, print JSON; the exit code tells what went wrong."""
    data = sys.stdin.buffer.read()
    limit(int(seconds), int(memory))
    try:
        found = read_xls(data, int(cells))
        sys.stdout.write(json.dumps(found, allow_nan=False))
    except (TooBigError, MemoryError):
        return 3
    except BaseException as error:  # noqa: BLE001  # nothing may be let out of here
        said = f"{type(error).__name__}: {error}".lower()
        return 4 if "encrypt" in said or "password" in said else 5
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
