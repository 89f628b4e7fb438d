"""Order lines → daily facts as expressions of ibis: one text for every engine.

Money is summed as whole fen, so that engines agree to the last bit; different
orders and buyers are counted two-phase over a few days at a time, never in one
big DISTINCT (PERFORMANCE F).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from xlplan.sources.sql.lines import newest_lines, paid_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xlplan.sources.sql.lines import Lines, Span


def unread(lines: Lines, span: Span | None) -> Any:
    """Return how many paid lines of each day tell no amount."""
    rows = paid_lines(newest_lines(lines, span), span)
    rows = rows.filter(rows["gross"].isnull())
    return rows.group_by("day").agg(lines=rows.count())


def days(lines: Lines, span: Span | None) -> Any:
    """Return how many lines with an amount each day has, repeated ones too."""
    rows = paid_lines(lines, span)
    rows = rows.filter(rows["gross"].notnull())
    return rows.group_by("day").agg(lines=rows.count())


def stores(lines: Lines) -> Any:
    """Return the different values of the store column."""
    return lines.table.select(store=lines.column("store").cast("string")).distinct()


def name_stores(lines: Lines, values: Iterable[Any]) -> Lines:
    """Return `lines` with the values of its store column known: trimmed, renamed, blank told."""
    said = {None if value is None or value != value else str(value): "" for value in values}  # noqa: PLR0124
    for value in said:
        text = (value or "").strip()
        said[value] = lines.source.stores.get(text, text) or lines.source.store
    return replace(lines, stores={value: name for value, name in said.items() if value != name})


def sums(lines: Lines, rows: Any) -> Any:
    """Return a row per store, day and channel: lines, fen, thousandths of pieces.

    ``named`` counts lines that name an order, ``excluded`` those only ever subtracted
    and ``excluded_named`` both.
    """
    facts = {"lines": rows.count(), "gmv": rows["gross"].sum()}
    for role in ("refund", "units"):
        if lines.has(role):
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
