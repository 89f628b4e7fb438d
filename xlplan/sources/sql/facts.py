"""Order lines → daily facts as expressions of ibis: one text for every engine.

Money is summed as whole fen, so that engines agree to the last bit; different
orders and buyers are counted two-phase over a few days at a time, never in one
big DISTINCT (PERFORMANCE F).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from xlplan.metrics import normal
from xlplan.sources.sql.lines import newest_lines, paid_lines, within

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from xlplan.sources.sql.lines import Lines, Span


def unread(lines: Lines, span: Span | None) -> Any:
    """Return how many paid lines of each day tell no amount, and what one of them is called."""
    rows = paid_lines(newest_lines(lines, span), span)
    rows = rows.filter(rows["gross"].isnull())
    named = {
        role: rows[role].cast("string").min() for role in ("line", "order") if lines.has(role)
    }
    return rows.group_by("day").agg(lines=rows.count(), **named)


def days(lines: Lines, span: Span | None) -> Any:
    """Return how many lines with an amount each day has, repeated ones too."""
    rows = paid_lines(replace(lines, source=replace(lines.source, per_order=())), span)
    rows = rows.filter(rows["gross"].notnull())
    return rows.group_by("day").agg(lines=rows.count())


def refunds(lines: Lines, span: Span | None) -> Any:
    """Return what was refunded per store and day, by the day the refund was completed."""
    clock, table = lines.refund_clock or lines.clock, lines.table
    columns = {"paid_at": table["refunded_at"], "payment": table["paid_at"]}
    by_refund = replace(lines, clock=clock, table=table.mutate(**columns))
    newest = newest_lines(by_refund, span)
    paid = replace(newest, table=newest.table.filter(newest.table["payment"].notnull()))
    rows = paid_lines(paid, span)
    rows = rows.filter(rows["refund"] != 0)
    return rows.group_by(lines.keys).agg(
        lines=rows.count().cast("int64"), refund=rows["refund"].sum().cast("int64")
    )


def stores(lines: Lines, span: Span | None = None) -> Any:
    """Return the different values of the store column and how many paid lines each has.

    With lines that come in several versions, those of every day: a line may have moved.
    """
    kept = [within(lines, None if lines.has("line") else span)]
    rows = lines.table.filter(kept)
    rows = rows.select("store")
    return rows.group_by("store").agg(lines=rows.count())


def name_stores(lines: Lines, values: Iterable[Any], book: Sequence[str] = ()) -> Lines:
    """Return `lines` with the values of its store column known: trimmed, renamed, blank told.

    With the stores of a `book`, only lines of these are asked for from here on, and a name that
    differs from a store's in width, case or blanks alone is the store's.
    """
    said = {None if value is None or value != value else str(value): "" for value in values}  # noqa: PLR0124
    known = {normal(store): store for store in book}
    for value in said:
        text = (value or "").strip()
        name = lines.source.stores.get(text, text) or lines.source.store
        said[value] = known.get(normal(name), name)
    renamed = {value: name for value, name in said.items() if value != name}
    only = tuple(value for value, name in said.items() if name in book or not name)
    return replace(lines, stores=renamed, only=only if book else None)


def sums(lines: Lines, rows: Any) -> Any:
    """Return a row per store, day and channel: lines, fen, thousandths of pieces.

    ``named`` counts lines that name an order, ``excluded`` those only ever subtracted
    and ``excluded_named`` both.
    """
    facts = {"lines": rows.count(), "gmv": rows["gross"].sum()}
    for role in ("refund", "units"):
        if lines.has(role) and (role == "units" or lines.refund_clock is None):
            facts[role] = rows[role].sum()
    if lines.has("order"):
        facts["named"] = rows["order"].count()
    if "excluded" in rows.columns:
        facts["gmv_excluded"] = rows["excluded"].ifelse(rows["gross"], 0).sum()
        facts["excluded"] = _how_many(rows["excluded"])
        if lines.has("order"):
            facts["excluded_named"] = _how_many(rows["excluded"] & rows["order"].notnull())
    keys = [*lines.keys, "channel"] if lines.has("channel") else lines.keys
    return rows.group_by(keys).agg(**{name: fact.cast("int64") for name, fact in facts.items()})


def _how_many(condition: Any) -> Any:
    return condition.ifelse(1, 0).sum()


def orders(lines: Lines, rows: Any) -> Any:
    """Return how many different orders each store and day has, and how many are excluded.

    ``spread`` counts orders of which lines came from more than one file.
    """
    rows = rows.filter(rows["order"].notnull())
    first = {}
    if "excluded" in rows.columns:
        first["excluded"] = rows["excluded"].ifelse(1, 0).max()
    if "seq" in rows.columns and not lines.has("line"):
        first["spread"] = (rows["seq"].min() != rows["seq"].max()).ifelse(1, 0)
    keys = [*lines.keys, "order"]
    once = rows.group_by(keys).agg(**first) if first else rows.select(*keys).distinct()
    facts = {"orders": once.count()} | {name: once[name].sum() for name in first}
    return once.group_by(lines.keys).agg(
        **{name: fact.cast("int64") for name, fact in facts.items()}
    )


def buyers(lines: Lines, rows: Any) -> Any:
    """Return how many different buyers each store and day has."""
    rows = rows.filter(rows["buyer"].notnull())
    once = rows.select(*lines.keys, "buyer").distinct()
    return once.group_by(lines.keys).agg(buyers=once.count().cast("int64"))
