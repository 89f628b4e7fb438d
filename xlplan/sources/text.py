"""The text of a cell before it is read as anything: cleaning, missing marks, ids."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from xlplan.record import record
from xlplan.regex import regex

#: What people and platforms write when there is no figure. Missing is never 0.
MISSING_MARKS = frozenset(
    [
        *("", "-", "--", "---", "\N{EM DASH}", "\N{EM DASH}" * 2, "\N{EN DASH}", "\N{MINUS SIGN}"),
        *(
            "/",
            "\\",
            "无",
            "暂无",
            "暂无数据",
            "无数据",
            "未统计",
            "未更新",
            "未出数",
            "缺",
            "缺数",
        ),
        *("n/a", "na", "null"),
    ]
)
#: Error values of Excel, WPS and LibreOffice, as cells or as text.
_ERROR = regex(r"#[A-Z][A-Z0-9_/]*[!?]?|#+|Err:\d+", re.IGNORECASE)
_ASCII_BLANKS = " \t\r\n\v\f\0\x1c\x1d\x1e\x1f"
#: Stands for a formula saved without a value, so that it is listed and not taken for blank.
NOT_CALCULATED = "#NOT_CALCULATED!"
#: Stands for a figure in merged cells that cover several days or columns.
MERGED_FIGURE = "#MERGED!"
_WRAPPED = regex(r'="(.*)"', re.DOTALL)


@record
class Unread:
    """Why a cell could not be read; `what` is Chinese for users, `code` is for tests."""

    code: str
    what: str


def clean(cell: object) -> str:
    """Return the text of `cell` without wrapping (``="…"``, leading ``'``) and outer blanks.

    Inner text is kept as it is; characters without width (BOM, ZWSP) go at both ends.
    """
    text = "" if cell is None else str(cell)
    if text.isalnum():  # most cells: nothing to clean
        return text
    text = _strip(text)
    if wrapped := _WRAPPED.fullmatch(text):
        text = _strip(wrapped[1])
    return _strip(text[1:]) if text.startswith("'") else text


def _strip(text: str) -> str:
    if text.isascii():
        return text.strip(_ASCII_BLANKS)
    start, end = 0, len(text)
    while start < end and _is_blank(text[start]):
        start += 1
    while end > start and _is_blank(text[end - 1]):
        end -= 1
    return text[start:end]


def _is_blank(char: str) -> bool:
    return char.isspace() or char == "\0" or unicodedata.category(char) == "Cf"


def is_missing(cell: object) -> bool:
    """Return True for blank cells, NaN and the marks people write for 'no figure'."""
    if cell is None:
        return True
    if isinstance(cell, str):
        return len(cell) < 40 and _is_mark(cell)
    return bool(cell != cell)  # noqa: PLR0124  # NaN and NaT differ from themselves


@lru_cache(maxsize=4096)
def _is_mark(text: str) -> bool:
    return unicodedata.normalize("NFKC", clean(text)).lower() in MISSING_MARKS


def is_error(cell: object) -> bool:
    """Return True for ``#DIV/0!`` and its kin, whether error cell or typed text."""
    return not isinstance(cell, int | float) and bool(_ERROR.fullmatch(clean(cell)))


def error_cell(text: str) -> Unread:
    """Return why an error cell is no value."""
    if text == NOT_CALCULATED:
        return Unread("error_cell", "公式还没有算出值，请用 Excel 打开并保存一次")
    if text == MERGED_FIGURE:
        return Unread("merged_figure", "合并单元格里的数跨了几天或几列，看不出各是多少")
    return Unread("error_cell", f"单元格是错误值 {text}")


def has_strange_digits(text: str) -> bool:
    """Return True for ``²``, ``①``, ``½`` …: normalised they would join the digits beside them."""
    return not text.isascii() and any(_turns_into_digits(char) for char in text)


def _turns_into_digits(char: str) -> bool:
    if char.isascii() or "０" <= char <= "９":
        return False
    return any(other.isdigit() for other in unicodedata.normalize("NFKC", char))


def header(cell: object) -> str:
    """Return a column name for comparison: NFKC, no blanks at all, ``()`` ASCII, lower case."""
    return "".join(unicodedata.normalize("NFKC", clean(cell)).split()).lower()


def identifier(cell: object) -> str | Unread | None:
    """Return an id (order, product, plan) as text; None when missing.

    A number of more than 15 digits has already lost digits in Excel and is
    refused; so is text in scientific notation. ``10160070484512.0`` loses its ``.0``.
    """
    if is_missing(cell):
        return None
    if isinstance(cell, bool):
        return Unread("boolean", f"「{cell}」是逻辑值，不是编号")
    text = clean(cell)
    if isinstance(cell, float) and cell.is_integer():
        text = str(int(cell))
    if isinstance(cell, int | float) and len(text.lstrip("-")) > 15:
        return Unread("lost_digits", f"编号 {text} 是超过 15 位的数字，尾数已丢失，请以文本导出")
    if re.fullmatch(r"\d\.?\d*[eE]\+?\d+", text):
        return Unread("lost_digits", f"编号「{text}」是科学计数，尾数已丢失，请以文本导出")
    return re.sub(r"(?<=^\d)(\d*)\.0$", r"\1", text)
