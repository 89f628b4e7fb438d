"""A table of order lines as expressions of ibis: columns by role, fen, ids and flags.

Values are literals of the expression tree, columns those the table has (RELIABILITY X15).
"""

from __future__ import annotations

from dataclasses import field, replace
from functools import reduce
from operator import and_, or_
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from xlplan.errors import InputError
from xlplan.record import record
from xlplan.sources.declare import names, split_unit
from xlplan.sources.sql.amounts import MONEY_PARTS, PIECES, bare, whole
from xlplan.sources.sql.clock import Clock, clock_of
from xlplan.sources.sql.config import FIGURES, ROLES, is_net

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from xlplan.sources.sql.config import SqlSource

    Span = tuple[dt.date, dt.date]

_YES = ("1", "true", "t", "yes", "y", "是")
#: What rows are called by when something is wrong with them, the best first.
NAMING = ("line", "order")
#: Columns that hold a time.
TIMES = ("paid_at", "refunded_at")


@record
class Lines:
    """A table of order lines with its columns found and read.

    Attributes:
        source: The declaration.
        raw: The ibis table as it is stored.
        table: The same, a column a role, texts and figures read: see `_prepared`.
        found: Role → column name in the stored table.
        scales: Role → unit that the header itself names (万元 → 10000).
        clock: How the paid time tells the day.
        stores: Values of the store column that are not a name of the book (None: null) → the name.
        only: Values of the store column that are asked for; None: all.
        texts: Role → texts that only the grammar reads → what they mean in the smallest unit.
        refund_clock: How the time of a refund tells the day; None when refunds go by payment.
    """

    source: SqlSource
    raw: Any
    table: Any
    found: Mapping[str, str]
    scales: Mapping[str, float]
    clock: Clock
    stores: Mapping[str | None, str] = field(default_factory=lambda: MappingProxyType({}))
    only: tuple[str | None, ...] | None = None
    texts: Mapping[str, Mapping[str, int]] = field(default_factory=lambda: MappingProxyType({}))
    refund_clock: Clock | None = None

    def has(self, role: str) -> bool:
        """Return True when the table has a column for `role`."""
        return role in self.found

    @property
    def levelled(self) -> bool:
        """Whether a figure is the order's and stands on each of its lines."""
        return bool(self.source.per_order) and self.has("order")

    @property
    def keys(self) -> list[str]:
        """What facts are grouped by."""
        return ["store", "day"] if self.has("store") else ["day"]

    def column(self, role: str) -> Any:
        """Return the column of a role as it was read."""
        return self.table[role]

    def stored(self, role: str) -> Any:
        """Return the column of a role as it is stored."""
        return self.raw[self.found[role]]

    def factor(self, role: str) -> int:
        """Return how many of its smallest units one unit of a figure's column is."""
        if role == "units":
            return PIECES
        if role in self.source.units:
            return self.source.units[role]
        scale = self.scales[role]
        return round(scale * MONEY_PARTS) if scale != 1 else self.source.fen

    @property
    def row_title(self) -> str:
        """What the column is called that names a row; "" when there is none."""
        return next((self.found[role] for role in NAMING if self.has(role)), "")


def find_lines(source: SqlSource, table: Any, backend: Any = None) -> Lines:
    """Return the table's columns by role; InputError when paid time or amount is missing."""
    titles = {split_unit(name)[0]: name for name in reversed(table.columns)}
    found = {role: name for role in ROLES if (name := _find(source, role, titles))}
    if "paid_at" not in found or not {"amount", "total"} & set(found):
        seen = "、".join(table.columns[:40])
        what = f"找不到付款时间或金额列。看到的列：{seen}"
        remedy = '请在 [columns] 里写 paid_at = "列名" 和 amount = "列名"'
        raise InputError(what, remedy=remedy, where=source.where)
    _require_figures(source, table, found)
    scales = {role: split_unit(name)[1] for role, name in found.items()}
    if "seq" in table.columns:
        found["seq"] = "seq"
    clocks = {role: _clock(source, table[found[role]], backend) for role in _times(source, found)}
    lines = Lines(
        source,
        table,
        table,
        found,
        scales,
        clocks["paid_at"],
        refund_clock=clocks.get("refunded_at"),
    )
    return replace(lines, table=_prepared(lines))


def with_texts(lines: Lines, texts: Mapping[str, Mapping[str, int]]) -> Lines:
    """Return `lines` with what odd texts of figures mean known."""
    told = replace(lines, texts=texts)
    return replace(told, table=_prepared(told))


def _prepared(lines: Lines) -> Any:
    """Return the table as everything else asks it: a column a role.

    Times as `Clock.staged` has them, figures in their smallest unit (of texts ``<role>_text``
    too), ids without blanks or null, other texts without blanks around, states in small letters.
    """
    table, made = lines.raw, dict[str, str]()
    for role, clock in (("paid_at", lines.clock), ("refunded_at", lines.refund_clock)):
        if clock is not None:
            made[role] = f"xlplan_{role}"
            table = clock.staged(table, lines.found[role], made[role])
    columns = {role: table[made.get(role, name)] for role, name in lines.found.items()}
    for role, column in columns.items():
        if role in FIGURES:
            columns[role] = whole(column, lines.factor(role), lines.texts.get(role))
        elif role in ("line", "order", "buyer"):
            columns[role] = identity(column)
        elif role in ("status", "exclude"):
            columns[role] = bare(column).lower()
        elif role in ("stages", "remark"):
            columns[role] = bare(column)
        elif role in ("store", "channel"):
            columns[role] = column.cast("string")
    texts = {
        f"{role}_text": bare(table[lines.found[role]])
        for role in FIGURES
        if lines.has(role) and lines.stored(role).type().is_string()
    }
    return table.select(**columns, **texts)


def _times(source: SqlSource, found: Mapping[str, str]) -> list[str]:
    """Return the roles of times that are needed."""
    if source.refund_by == "paid":
        return ["paid_at"]
    if not {"refund", "refunded_at"} <= set(found):
        what = 'refund_by = "completed" 要有退款金额和退款完结时间两列'
        remedy = '请在 [columns] 里写 refund = "列名" 和 refunded_at = "列名"'
        raise InputError(what, remedy=remedy, where=source.where)
    return ["paid_at", "refunded_at"]


def _clock(source: SqlSource, column: Any, backend: Any) -> Clock:
    offset = source.offset
    if offset is not None and _is_instant(column, backend):
        offset = None
    return clock_of(
        column,
        source.time_format,
        source.where,
        offset=offset,
        convert=backend is not None and backend.name == "clickhouse",
    )


def _is_instant(column: Any, backend: Any) -> bool:
    """Return True for Spark's TIMESTAMP, which knows its zone though its type does not say so."""
    if backend is None or backend.name != "pyspark" or not column.type().is_timestamp():
        return False
    query = backend.compile(column.as_table().limit(0))
    kind: str = backend._session.sql(query).schema[0].dataType.typeName()  # noqa: SLF001  # ibis forgets it
    return kind == "timestamp"


def _require_figures(source: SqlSource, table: Any, found: Mapping[str, str]) -> None:
    for role in FIGURES:
        kind = table[found[role]].type() if role in found else None
        if kind is not None and not (kind.is_numeric() or kind.is_string()):
            what = f"「{found[role]}」（{role}）一列的类型是 {kind}，不是数"
            raise InputError(
                what, remedy="请在 [columns] 里写真正的金额、件数列", where=source.where
            )


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
    every version of the ids that `span` touches is looked at, wherever in time it lies. Where a
    figure is the order's, so are the other lines of the orders it touches.
    """
    if lines.levelled and span is not None:
        lines, span = _whole_orders(lines, span), None
    if not lines.has("line"):
        return lines
    known, alone = identified(lines, span)
    ranked = ranked_versions(known)
    newest = ranked.filter(ranked["version_rank"] == 0).drop("version_rank")
    return replace(lines, table=newest.union(alone))


def _whole_orders(lines: Lines, span: Span) -> Lines:
    table = lines.table
    named, alone = table.filter(table["order"].notnull()), table.filter(table["order"].isnull())
    touched = named.filter(_near(replace(lines, table=named), span))
    named = named.semi_join(touched.select("order").distinct(), "order")
    return replace(lines, table=named.union(alone))


def identified(lines: Lines, span: Span | None) -> tuple[Lines, Any]:
    """Return every version of the lines whose ids `span` touches, and the lines without an id."""
    table = lines.table
    known, alone = table.filter(table["line"].notnull()), table.filter(table["line"].isnull())
    if span is not None:
        touched = known.filter(_near(replace(lines, table=known), span))
        known = known.semi_join(touched.select("line").distinct(), "line")
    return replace(lines, table=known), alone


def within(lines: Lines, span: Span | None) -> Any:
    """Return the condition of lines with a paid time in a range of days, or at what is no day."""
    paid = lines.clock.known(lines.column("paid_at"))
    return paid if span is None else paid & _near(lines, span)


def paid_lines(lines: Lines, span: Span | None) -> Any:
    """Return the lines of a range of days; texts that are no day come with every range.

    They are for the user to see: `Clock.days` tells them apart. Figures of whole orders are given
    to one line before the days are chosen: an order may have lines on two of them.
    """
    late = span if lines.levelled else None
    kept = [*counted_states(lines), within(lines, None if late else span)]
    rows = replace(lines, table=lines.table.filter([*kept, *_asked_stores(lines)]))
    if late is None:
        return rows.table.select(**_columns(rows))
    made = rows.table.select(**_columns(rows), near=_near(rows, late))
    return made.filter(made["near"]).drop("near")


def _near(lines: Lines, span: Span) -> Any:
    """Return the condition of lines paid in a range of days, or at what is no day at all."""
    paid, clock = lines.column("paid_at"), lines.clock
    near = clock.within(paid, *span)
    if (odd := clock.is_odd(paid)) is not None:
        near |= odd
    return reduce(and_, [near, *_asked_stores(lines)])


def _asked_stores(lines: Lines) -> list[Any]:
    """Return the condition of lines of the stores asked for; null is of no store and stays."""
    if lines.only is None or not lines.has("store"):
        return []
    column = lines.column("store")
    asked = column.isin([value for value in lines.only if value is not None])
    return [asked | column.isnull() if None in lines.only else asked.fill_null(False)]


def counted_states(lines: Lines) -> list[Any]:
    """Return the conditions of lines that count: no dropped state, no half-paid presale."""
    kept = []
    if lines.has("status") and lines.source.drop_status:
        kept.append(~dropped(lines))
    if lines.has("stages"):
        stages = lines.column("stages")
        half = stages.contains("已付款") & (stages.contains("未付款") | stages.contains("等待"))
        kept.append(~half.fill_null(False))
    return kept


def dropped(lines: Lines) -> Any:
    """Return the flag of lines in a state that never counts, whatever its case and spaces."""
    states = [state.strip().lower() for state in lines.source.drop_status]
    return lines.column("status").isin(states).fill_null(False)


def _columns(lines: Lines) -> dict[str, Any]:
    gross, refund = _money(lines)
    made = {"day": lines.clock.key(lines.column("paid_at")), "gross": gross}
    if lines.has("store"):
        made["store"] = _store(lines)
    if lines.has("refund"):
        made["refund"] = refund
    if lines.has("units"):
        made["units"] = _figure(lines, "units")
    if (excluded := _excluded(lines)) is not None:
        made["excluded"] = excluded
    for role in ("channel", "order", "line", "buyer", "seq"):
        if lines.has(role):
            made[role] = lines.column(role)
    return made


def _money(lines: Lines) -> tuple[Any, Any]:
    """Return paid fen before refunds, and refunded fen (0 where none is told)."""
    import ibis

    fen = {role: _figure(lines, role) for role in ("amount", "refund", "total") if lines.has(role)}
    refund = fen["refund"].fill_null(0) if "refund" in fen else ibis.literal(0, type="int64")
    gross = fen.get("amount", fen.get("total"))
    if "amount" in fen and is_net(lines.source, lines.found["amount"]):
        gross = gross + refund
    if "amount" in fen and "total" in fen:
        gross = ibis.coalesce(gross, fen["total"])
    return gross, refund


def _figure(lines: Lines, role: str) -> Any:
    """Return a figure of each line; one of the whole order stands on its first line alone."""
    import ibis

    figure = lines.column(role)
    if not lines.levelled or role not in (lines.source.per_order or ()):
        return figure
    order = lines.column("order")
    told = [lines.column(each) for each in ("paid_at", "line", "channel") if lines.has(each)]
    first = ibis.row_number().over(group_by=order, order_by=told) == 0
    once = ibis.ifelse(first, figure.max().over(group_by=order), ibis.literal(0, "int64"))
    return ibis.ifelse(order.isnull(), figure, once)


def identity(column: Any) -> Any:
    """Return an id without spaces around it; blank text is no id."""
    return bare(column).nullif("") if column.type().is_string() else column


def row_name(lines: Lines, table: Any) -> Any:
    """Return what names the rows of a table for people: the id of the line, else of the order."""
    import ibis

    role = next((role for role in NAMING if lines.has(role)), "")
    return table[role].cast("string") if role else ibis.null("string")


def _store(lines: Lines) -> Any:
    """Return the store column with the values in `Lines.stores` replaced by the book's names.

    Two values that mean one store are thus counted as one; nothing is done to the others.
    """
    import ibis

    said = lines.column("store")
    named = {value: name for value, name in lines.stores.items() if value is not None}
    if named:
        said = ibis.cases(*((said == value, name) for value, name in named.items()), else_=said)
    return said.fill_null(lines.stores[None]) if None in lines.stores else said


def _excluded(lines: Lines) -> Any | None:
    """Return the flag of lines that are only ever subtracted (补单); None when nothing says so."""
    marks = []
    if lines.has("exclude"):
        marks.append(lines.column("exclude").isin(_YES))
    if lines.has("remark") and lines.source.exclude_prefixes:
        remark = lines.column("remark")
        marks += [remark.startswith(prefix) for prefix in lines.source.exclude_prefixes]
    if not marks:
        return None
    return reduce(or_, [mark.fill_null(False) for mark in marks])


def ranked_versions(lines: Lines) -> Any:
    """Return the versions of each line with ``version_rank``, 0 the newest.

    Where two are equally new a dropped state is the later one (what was cancelled is not paid
    again), then the later payment, then the larger figures: any fixed order gives every engine
    the same line.
    """
    import ibis

    latest = [lines.column(role) for role in ("updated", "seq") if lines.has(role)]
    if lines.has("status") and lines.source.drop_status:
        latest.append(dropped(lines).ifelse(1, 0))
    told = ("paid_at", "amount", "total", "refund", "order")
    latest += [lines.column(role) for role in told if lines.has(role)]
    order = [ibis.desc(column, nulls_first=False) for column in latest]
    rank = ibis.row_number().over(group_by="line", order_by=order)
    return lines.table.mutate(version_rank=rank)
