"""What a declaration finds in its database, looked at before anything is imported."""

from __future__ import annotations

import datetime as dt
import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from xlplan.record import bundle
from xlplan.sources.extract import empty_frame
from xlplan.sources.findings import Findings
from xlplan.sources.sql.connect import connect
from xlplan.sources.sql.count import count
from xlplan.sources.sql.daily import daily_metrics, read_daily
from xlplan.sources.sql.facts import days, sums
from xlplan.sources.sql.frame import facts_frame
from xlplan.sources.sql.lines import find_lines, select_lines
from xlplan.sources.sql.oddities import Level, fetch_rows, order_level
from xlplan.sources.sql.orders import open_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from xlplan.errors import Problem
    from xlplan.sources.sql.clock import Clock
    from xlplan.sources.sql.config import SqlSource
    from xlplan.sources.sql.lines import Lines, Span

_SAMPLE_DAYS = 10
_ZONES = {
    "date": "只有日期，没有钟点",
    "timestamp": "不带时区，当作北京时间",
    "instant": "带时区，换成北京时间",
    "iso": "文字；写明时区（Z、+08:00）的换成北京时间，没写的当作北京时间",
    "yyyymmdd": "年月日的数或文字，当作北京的日子",
    "epoch": "1970 年起的秒数，换成北京时间",
    "epoch_ms": "1970 年起的毫秒数，换成北京时间",
}


@bundle
class Checked:
    """What was found.

    Attributes:
        engine: ``duckdb``, ``postgres``, ``mysql``, ``clickhouse`` or ``pyspark``.
        version: Of the server.
        seconds: How long it took to connect.
        columns: Column → its type.
        roles: Role (or metric) → column.
        time: What the time column is, and which zone it is taken for.
        levels: Figure → whether it seems to be the order's.
        days: The last days, as an import would have them.
        sql: The statement that sums them.
        scan: What the engine expects to read for it; "" when it does not say.
        problems: What is odd in these days.
    """

    engine: str
    version: str
    seconds: float
    columns: Mapping[str, str]
    roles: Mapping[str, str]
    time: str
    levels: Mapping[str, Level]
    days: pd.DataFrame
    sql: str
    scan: str
    problems: Sequence[Problem]


def check_source(
    source: SqlSource, stores: Sequence[str] = (), year: int | None = None
) -> Checked:
    """Look at a declaration's table and its last ten days.

    Raises:
        InputError: The declaration does not fit the table.
        FileError: The engine refused.
    """
    findings, before = Findings(), time.perf_counter()
    with connect(source) as backend:
        seconds = time.perf_counter() - before
        source, table = open_table(source, backend, findings)
        columns = {name: str(kind).lstrip("!") for name, kind in table.schema().items()}
        about = {"engine": backend.name, "version": _version(backend), "seconds": seconds}
        if source.grain == "days":
            return _days_checked(source, table, year, findings, columns, about)
        lines = find_lines(source, table, backend)
        span = last_days(lines, year)
        frame, levels, sql, scan = empty_frame(), dict[str, Level](), "", ""
        if span is not None:
            counted = count(lines, span, findings, stores)
            frame = facts_frame(counted, findings)
            figures = [role for role in ("amount", "refund") if lines.has(role)]
            if lines.has("order"):
                levels = {role: order_level(counted.lines, span, role) for role in figures}
            sql = _statement(backend, sums(counted.lines, select_lines(counted.lines, span)))
            scan = estimated(backend, sql)
        roles = {role: name for role, name in lines.found.items() if role != "seq"}
        told = time_told(lines.clock, lines.found["paid_at"], columns, source.offset)
        return Checked(
            **about, columns=columns, roles=roles, time=told, levels=levels, days=frame, sql=sql,
            scan=scan, problems=findings.problems(),
        )  # fmt: skip


def _days_checked(  # noqa: PLR0913, PLR0917  # what is known by now
    source: SqlSource, table: Any, year: int | None, findings: Findings,
    columns: Mapping[str, str], about: Mapping[str, Any],
) -> Checked:  # fmt: skip
    span = (dt.date(year, 1, 1), dt.date(year, 12, 31)) if year else None
    frame = read_daily(source, table, span, findings)
    known = frame.index.get_level_values("date").unique().sort_values()[-_SAMPLE_DAYS:]
    frame = frame[frame.index.get_level_values("date").isin(known)]
    return Checked(
        **about, columns=columns, roles=daily_metrics(source, table), time="一天一行", levels={},
        days=frame, sql="", scan="", problems=findings.problems(),
    )  # fmt: skip


def last_days(lines: Lines, year: int | None) -> Span | None:
    """Return the last ten days that have lines, of a year or up to today; None when none has."""
    today = dt.datetime.now(dt.timezone(dt.timedelta(hours=8))).date()
    window = (dt.date(year or 2000, 1, 1), dt.date(year, 12, 31) if year else today)
    rows = fetch_rows(days(lines, window))
    if not rows:
        return None
    import pandas as pd

    found = lines.clock.days(pd.Series([row["day"] for row in rows])).dropna()
    known = sorted({day.date() for day in found if window[0] <= day.date() <= window[1]})
    return (known[-_SAMPLE_DAYS:][0], known[-1]) if known else None


def time_told(clock: Clock, name: str, columns: Mapping[str, str], offset: int | None) -> str:
    """Return what the time column is and how it is taken, in words."""
    how = _ZONES[clock.kind]
    if clock.ahead and offset is not None:
        sign = "+" if offset >= 0 else "-"
        zone = f"UTC{sign}{abs(offset) // 3600:02d}:{abs(offset) % 3600 // 60:02d}"
        how = how.replace("当作北京时间", f"按 timezone 当作 {zone}，换成北京时间")
    return f"{name}：{columns.get(name, '')}，{how}"


def _version(backend: Any) -> str:
    with suppress(Exception):
        return str(backend.version)
    return ""


def _statement(backend: Any, expression: Any) -> str:
    import ibis

    dialect = {"pyspark": "pyspark"}.get(backend.name, backend.name)
    return str(ibis.to_sql(expression, dialect=dialect, pretty=True))


def estimated(backend: Any, sql: str) -> str:
    """Return what an engine expects to read for a statement, in words; "" when it does not say."""
    asking = {"postgres": _postgres, "mysql": _mysql, "clickhouse": _clickhouse}.get(backend.name)
    if asking is None or not sql:
        return ""
    with suppress(Exception):  # only a hint: the figures themselves have been read
        return asking(backend, sql)
    return ""


def _postgres(backend: Any, sql: str) -> str:
    with backend.con.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
        told = cursor.fetchone()[0]
    plan = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
    scans = list(_scans(plan))
    rows = sum(int(one.get("Plan Rows", 0)) for one in scans)
    names = "、".join(
        dict.fromkeys(
            f"{one['Relation Name']}（{_SCAN.get(one['Node Type'], '用索引')}）" for one in scans
        )
    )
    return f"约 {rows:,} 行；{names}"


_SCAN = {"Seq Scan": "全表扫描"}


def _scans(plan: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    found = [plan] if "Relation Name" in plan else []
    for part in plan.get("Plans", ()):
        found += _scans(part)
    return found


def _mysql(backend: Any, sql: str) -> str:
    with backend.con.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}")
        names = [one[0] for one in cursor.description]
        plan = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    scans = [
        one for one in plan if one.get("rows") and not str(one.get("table") or "").startswith("<")
    ]
    rows = sum(int(one["rows"]) for one in scans)
    whole = any(one.get("type") == "ALL" for one in scans)
    return f"约 {rows:,} 行；{'全表扫描' if whole else '用索引'}"


def _clickhouse(backend: Any, sql: str) -> str:
    rows = backend.con.query(f"EXPLAIN ESTIMATE {sql}").result_rows
    return f"约 {sum(int(row[3]) for row in rows):,} 行，{sum(int(row[2]) for row in rows)} 个分块"
