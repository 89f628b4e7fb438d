"""Texts in columns of figures that the engine does not read itself: each different one once, by the grammar."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from xlplan.sources.numbers import Number, parse_amount
from xlplan.sources.sql.amounts import HALF, MONEY_PARTS, PIECES, PLAIN_AMOUNT
from xlplan.sources.sql.lines import row_name, within
from xlplan.sources.text import Unread, clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.sources.findings import Findings
    from xlplan.sources.sql.lines import Lines, Span

#: Different odd texts of one column that are looked at.
_MOST = 500


def odd_texts(lines: Lines, role: str, span: Span | None) -> Any:
    """Return the texts of a column the engine does not read itself: how many, and one line's id."""
    table = lines.table.filter(within(lines, span))
    named = table.select(text=table[f"{role}_text"], row=row_name(lines, table))
    odd = (named["text"] != "") & ~named["text"].re_search(PLAIN_AMOUNT)
    named = named.filter(odd.fill_null(False))
    found = named.group_by("text").agg(lines=named.count(), row=named["row"].min())
    return found.order_by([found["lines"].desc(), "text"]).limit(_MOST + 1)


def read_texts(
    lines: Lines, role: str, span: Span | None, findings: Findings
) -> Mapping[str, int]:
    """Return what the odd texts of a column mean in its smallest unit; tell of those that mean none."""
    found = odd_texts(lines, role, span).to_pyarrow().to_pylist()
    parts = PIECES if role == "units" else MONEY_PARTS
    unit = "个" if role == "units" else "元"
    read = {}
    for one in found[:_MOST]:
        value = parse_amount(clean(one["text"]), unit=unit, scale=lines.factor(role) / parts)
        if isinstance(value, Number):
            size = math.floor(abs(value.value) * parts + HALF)
            read[one["text"]] = -size if value.value < 0 else size
        elif isinstance(value, Unread):
            _refuse(lines, role, one, value.what, findings)
    if len(found) > _MOST:
        what = f"「{lines.found[role]}」里不是数的写法超过 {_MOST} 种，其余的没有计入"
        findings.error(lines.source.where, what, "not_a_number", remedy="请核对声明的是不是金额列")
    return read


def _refuse(
    lines: Lines, role: str, one: Mapping[str, Any], what: str, findings: Findings
) -> None:
    row = f"，{lines.row_title} {one['row']}" if one["row"] else ""
    more = f"（这样的共 {one['lines']} 行）" if one["lines"] > 1 else ""
    findings.error(
        lines.source.where,
        f"「{lines.found[role]}」列{what}{row}{more}，没有计入",
        "not_a_number",
        remedy="请在库里改正，或用 where 排除；缺数不当作 0",
        group=role,
    )
