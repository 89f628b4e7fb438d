"""A table of order lines as expressions of ibis: columns by role, fen, ids and flags.

Values are literals of the expression tree, columns those the table has (RELIABILITY X15).
"""

from __future__ import annotations

from dataclasses import field, replace
from functools import reduce
from operator import or_
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from xlplan.errors import InputError
from xlplan.record import record
from xlplan.sources.declare import names, split_unit
from xlplan.sources.sql.clock import Clock, clock_of
from xlplan.sources.sql.config import ROLES, is_net

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from xlplan.sources.sql.config import SqlSource

    Span = tuple[dt.date, dt.date]

#: Beyond this an amount is no amount (and NaN compares as beyond everything).
_TOO_MUCH = 1e12
#: Half a unit, and a little for 1.005 × 100 = 100.49999999999999: rounds as Excel does.
_HALF = 0.5000001
_YES = ("1", "true", "t", "yes", "y", "是")
#: Pieces are summed in thousandths: some goods are sold by weight.
PIECES = 1000


@record
class Lines:
    """A table of order lines with its columns found.

    Attributes:
        source: The declaration.
        table: The ibis table.
        found: Role → column name in the table.
        scales: Role → unit that the header itself names (万元 → 10000).
        clock: How the paid time tells the day.
        stores: Values of the store column that are not a name of the book (None: null) → the name.
    """

    source: SqlSource
    table: Any
    found: Mapping[str, str]
    scales: Mapping[str, float]
    clock: Clock
    stores: Mapping[str | None, str] = field(default_factory=lambda: MappingProxyType({}))

    def has(self, role: str) -> bool:
        """Return True when the table has a column for `role`."""
        return role in self.found

    @property
    def keys(self) -> list[str]:
        """What facts are grouped by."""
        return ["store", "day"] if self.has("store") else ["day"]

    def column(self, role: str) -> Any:
        """Return the raw column of a role."""
        return self.table[self.found[role]]


def find_lines(source: SqlSource, table: Any) -> Lines:
    """Return the table's columns by role; InputError when paid time or amount is missing."""
    titles = {split_unit(name)[0]: name for name in reversed(table.columns)}
    found = {role: name for role in ROLES if (name := _find(source, role, titles))}
    if "paid_at" not in found or not {"amount", "total"} & set(found):
        seen = "、".join(table.columns[:40])
        what = f"找不到付款时间或金额列。看到的列：{seen}"
        remedy = '请在 [columns] 里写 paid_at = "列名" 和 amount = "列名"'
        raise InputError(what, remedy=remedy, where=source.where)
    scales = {role: split_unit(name)[1] for role, name in found.items()}
    if "seq" in table.columns:
        found["seq"] = "seq"
    clock = clock_of(table[found["paid_at"]], source.time_format, source.where)
    return Lines(source, table, found, scales, clock)


def _find(source: SqlSource, role: str, titles: Mapping[str, str]) -> str | None:
    wanted = (split_unit(name)[0] for name in names(source.spec(role)))
    name = next((titles[title] for title in wanted if title in titles), None)
    if name is None and role in source.columns:
        seen = "、".join(reversed(list(titles.values())))
        what = f"没有列「{source.columns[role]}」（{role}）。看到的列：{seen}"
        raise InputError(what, remedy="请按表里的列名改 [columns]", where=source.where)
    return name


def select_lines(lines: Lines, span: Span | None) -> Any:
    """Return the lines of a range of days that have an amount: keys, fen, ids, flags."""
    chosen = paid_lines(newest_lines(lines, span), span)
    return chosen.filter(chosen["gross"].notnull())


def newest_lines(lines: Lines, span: Span | None) -> Lines:
    """Return the lines with each id once, as it was last seen in the whole table.

    What a line's state, day or amount is, only its newest version says: an older one that was
    paid must not stand in for one that was cancelled since or has moved to another day. So
    every version of the ids that `span` touches is looked at, wherever in time it lies.
    """
    if not lines.has("line"):
        return lines
    table = lines.table.mutate(line_id_read=_identity(lines.column("line")))
    known = table.filter(table["line_id_read"].notnull())
    alone = table.filter(table["line_id_read"].isnull())
    if span is not None:
        touched = known.filter(_near(replace(lines, table=known), span))
        touched = touched.select("line_id_read").distinct()
        known = known.semi_join(touched, "line_id_read")
    newest = _newest(replace(lines, table=known))
    return replace(lines, table=newest.union(alone).drop("line_id_read"))


def paid_lines(lines: Lines, span: Span | None) -> Any:
    """Return the lines of a range of days; texts that are no day come with every range.

    They are for the user to see: `Clock.days` tells them apart.
    """
    kept = [lines.column("paid_at").notnull(), *_counted(lines)]
    if span is not None:
        kept.append(_near(lines, span))
    rows = replace(lines, table=lines.table.filter(kept))
    return rows.table.select(**_columns(rows))


def _near(lines: Lines, span: Span) -> Any:
    """Return the condition of lines paid in a range of days, or at what is no day at all."""
    paid = lines.column("paid_at")
    near, odd = lines.clock.within(paid, *span), lines.clock.is_odd(paid)
    return near if odd is None else near | odd


def _counted(lines: Lines) -> list[Any]:
    """Return the conditions of lines that count: no dropped state, no half-paid presale."""
    kept = []
    if lines.has("status") and lines.source.drop_status:
        kept.append(~_dropped(lines))
    if lines.has("stages"):
        stages = _text(lines.column("stages"))
        half = stages.contains("已付款") & (stages.contains("未付款") | stages.contains("等待"))
        kept.append(~half.fill_null(False))
    return kept


def _dropped(lines: Lines) -> Any:
    """Return the flag of lines in a state that never counts, whatever its case and spaces."""
    states = [state.strip().lower() for state in lines.source.drop_status]
    return _text(lines.column("status")).lower().isin(states).fill_null(False)


def _columns(lines: Lines) -> dict[str, Any]:
    gross, refund = _money(lines)
    made = {"day": lines.clock.key(lines.column("paid_at")), "gross": gross}
    if lines.has("store"):
        made["store"] = _store(lines)
    if lines.has("refund"):
        made["refund"] = refund
    if lines.has("units"):
        made["units"] = _whole(lines.column("units"), PIECES)
    if lines.has("channel"):
        made["channel"] = lines.column("channel").cast("string")
    if (excluded := _excluded(lines)) is not None:
        made["excluded"] = excluded
    for role in ("order", "line", "buyer"):
        if lines.has(role):
            made[role] = _identity(lines.column(role))
    return made | ({"seq": lines.column("seq")} if lines.has("seq") else {})


def _money(lines: Lines) -> tuple[Any, Any]:
    """Return paid fen before refunds, and refunded fen (0 where none is told)."""
    import ibis

    fen = {
        role: _whole(lines.column(role), _fen(lines, role))
        for role in ("amount", "refund", "total")
        if lines.has(role)
    }
    refund = fen["refund"].fill_null(0) if "refund" in fen else ibis.literal(0, type="int64")
    gross = fen.get("amount", fen.get("total"))
    if "amount" in fen and is_net(lines.source, lines.found["amount"]):
        gross = gross + refund
    if "amount" in fen and "total" in fen:
        gross = ibis.coalesce(gross, fen["total"])
    return gross, refund


def _fen(lines: Lines, role: str) -> int:
    scale = lines.scales[role]
    return round(scale * 100) if scale != 1 else lines.source.fen


def _whole(column: Any, factor: int) -> Any:
    """Return an amount as a whole number of its smallest unit; null when it is none."""
    import ibis

    kind = column.type()
    if kind.is_integer():
        return column.cast("int64") * factor
    if kind.is_decimal() and kind.scale is not None and factor % 10**kind.scale == 0:
        return (column * factor).cast("int64")
    plain = column.cast("float64")
    plain = ibis.ifelse(plain.abs() < _TOO_MUCH, plain, ibis.null("float64"))
    size = (plain.abs() * float(factor) + _HALF).floor().cast("int64")
    return ibis.ifelse(plain < 0, -size, size)


def _text(column: Any) -> Any:
    return column.cast("string").strip()


def _identity(column: Any) -> Any:
    """Return an id without spaces around it; blank text is no id."""
    return column.strip().nullif("") if column.type().is_string() else column


def _store(lines: Lines) -> Any:
    """Return the store column with the values in `Lines.stores` replaced by the book's names.

    Two values that mean one store are thus counted as one; nothing is done to the others.
    """
    import ibis

    said = lines.column("store").cast("string")
    named = {value: name for value, name in lines.stores.items() if value is not None}
    if named:
        said = ibis.cases(*((said == value, name) for value, name in named.items()), else_=said)
    return said.fill_null(lines.stores[None]) if None in lines.stores else said


def _excluded(lines: Lines) -> Any | None:
    """Return the flag of lines that are only ever subtracted (补单); None when nothing says so."""
    marks = []
    if lines.has("exclude"):
        marks.append(_text(lines.column("exclude")).lower().isin(_YES))
    if lines.has("remark") and lines.source.exclude_prefixes:
        remark = _text(lines.column("remark"))
        marks += [remark.startswith(prefix) for prefix in lines.source.exclude_prefixes]
    if not marks:
        return None
    return reduce(or_, [mark.fill_null(False) for mark in marks])


def _newest(lines: Lines) -> Any:
    """Return the newest version of each line.

    Where two are equally new a dropped state is the later one (what was cancelled is not paid
    again), then the later payment, then the larger figures: any fixed order gives every engine
    the same line.
    """
    import ibis

    table = lines.table
    latest = [lines.column(role) for role in ("updated", "seq") if lines.has(role)]
    if lines.has("status") and lines.source.drop_status:
        latest.append(_dropped(lines).ifelse(1, 0))
    told = ("paid_at", "amount", "total", "refund", "order")
    latest += [lines.column(role) for role in told if lines.has(role)]
    order = [ibis.desc(column, nulls_first=False) for column in latest]
    rank = ibis.row_number().over(group_by="line_id_read", order_by=order)
    ranked = table.mutate(version_rank=rank)
    return ranked.filter(ranked["version_rank"] == 0).drop("version_rank")
