"""Text columns in the embedded engine → typed ones, by the grammar every cell goes through."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pandas as pd

from xlplan.record import record
from xlplan.sources.dates import DateHints, Span, parse_span
from xlplan.sources.numbers import Notation, Number, parse_number
from xlplan.sources.text import Unread, clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from xlplan.sources.findings import Findings
    from xlplan.sources.readers.raw import Table
    from xlplan.sources.sql.config import SqlSource

#: Written like this a text is its own number in every grammar.
_PLAIN = r"^-?(0|[1-9]\d{0,11})(\.\d{1,6})?$"
_NUMBERS = itertools.count()
_AMOUNTS = ("amount", "refund", "total", "units")


@record
class Staged:
    """A table of text in the engine, and the place it came from.

    Attributes:
        table: The file's table; of big files its first rows only.
        header_row: Row of the headers in it (0-based).
        texts: An ibis table, a text column per role, and ``row`` (0-based).
        roles: Role → (column in the file, unit that its header names).
    """

    table: Table
    header_row: int
    texts: Any
    roles: Mapping[str, tuple[int, float]]

    def title(self, role: str) -> str:
        """Return the header of a role's column, "" when there is none."""
        if role not in self.roles:
            return ""
        return clean(self.table.rows[self.header_row][self.roles[role][0]])


def keep(backend: Any, table: Any) -> Any:
    """Return an expression as a temporary table of the engine."""
    return backend.create_table(f"xlplan_{next(_NUMBERS)}", table, temp=True)


def typed(backend: Any, part: Staged, source: SqlSource, findings: Findings) -> Any:
    """Return the lines with amounts as yuan (units as pieces) and days as dates.

    What the grammar refuses is null in the result and a problem with its cell.
    """
    lines = part.texts
    amounts = [role for role in _AMOUNTS if role in part.roles]
    for role in amounts:
        scale = part.roles[role][1]
        if scale == 1 and role != "units":
            scale = source.fen / 100
        lines = _figures(backend, lines, _Report(part, role, findings), scale)
    lines = _days(backend, lines, _Report(part, "paid_at", findings))
    kept = [role for role in part.roles if role not in (*_AMOUNTS, "paid_at")]
    return lines.select(*kept, **{role: lines[f"{role}_read"] for role in (*amounts, "paid_at")})


def _figures(backend: Any, lines: Any, report: _Report, scale: float) -> Any:
    """Add ``<role>_read``: plain figures by the engine, each other text once by the grammar."""
    import ibis

    role = report.role
    plain = lines[role].re_search(_PLAIN).fill_null(False)
    odd = _different(lines.filter([lines[role].notnull(), ~plain]), role)
    table = _read_once(backend, odd, lambda text: _amount(text, scale), report, "float64")
    lines = lines.left_join(table, lines[role] == table["text"]).drop("text")
    figure = lines[role].try_cast("float64") * scale
    value = ibis.ifelse(lines[role].re_search(_PLAIN).fill_null(False), figure, lines["value"])
    return lines.mutate(**{f"{role}_read": value}).drop("value")


def _amount(text: str, scale: float) -> float | Unread | None:
    """Return a figure; a percent or ratio is no amount."""
    read = parse_number(text, scale=scale)
    if isinstance(read, Number) and read.kind is Notation.PLAIN:
        return read.value
    if isinstance(read, Number):
        return Unread("wrong_kind", f"「{text}」是比率，这一列应是数量或金额")
    return read


def _days(backend: Any, lines: Any, report: _Report) -> Any:
    """Add ``paid_at_read``: each different day text once; a text with a time zone as a whole."""
    import ibis

    text = lines["paid_at"]
    zoned = text.contains("+") | text.endswith("Z") | text.contains("T")
    lines = lines.mutate(day_text=ibis.ifelse(zoned, text, text.split(" ")[0]))
    odd = _different(lines.filter(lines["day_text"].notnull()), "day_text")
    table = _read_once(backend, odd, _day, report, "date")
    joined = lines.left_join(table, lines["day_text"] == table["text"]).drop("text", "day_text")
    return joined.rename(paid_at_read="value")


def _day(text: str) -> Any:
    read = parse_span(text, DateHints())
    if isinstance(read, Span):
        one = len(read) == 1
        return read.start if one else Unread("period", f"「{text}」是一段时间，不是付款日")
    return read


def _different(lines: Any, name: str) -> pd.DataFrame:
    """Return different texts of a column with how many and where first."""
    found = lines.group_by(text=lines[name]).agg(count=lines.count(), row=lines["row"].min())
    frame: pd.DataFrame = found.order_by("row").to_pandas()
    return frame


@record
class _Report:
    """Where texts that cannot be read are reported."""

    part: Staged
    role: str
    findings: Findings

    def refused(self, read: Unread, row: int, count: int) -> None:
        column = self.part.roles[self.role][0]
        more = f"（这样的共 {count} 行）" if count > 1 else ""
        self.findings.error(
            self.part.table.where(row, column),
            f"{read.what}{more}",
            read.code,
            remedy="在原表改正后重新导入；这些行没有计入",
            group=f"{self.part.table.file}{self.role}",
        )


def _read_once(
    backend: Any,
    odd: pd.DataFrame,
    read: Callable[[str], Any],
    report: _Report,
    kind: str,
) -> Any:
    """Return a table (text, value) of what the grammar made of each text."""
    import ibis

    pairs = list(_pairs(odd, read, report))
    frame = pd.DataFrame(pairs, columns=["text", "value"], dtype=object)
    table = ibis.memtable(frame, schema={"text": "string", "value": kind})
    return keep(backend, table)


def _pairs(
    odd: pd.DataFrame, read: Callable[[str], Any], report: _Report
) -> Iterator[tuple[str, Any]]:
    for text, count, row in odd.itertuples(index=False):
        value = read(clean(text))
        if isinstance(value, Unread):
            report.refused(value, int(row), int(count))
        else:
            yield text, value
