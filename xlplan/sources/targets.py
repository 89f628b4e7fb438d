"""Reading a targets file (CSV, xlsx): one claim a row, or metrics × months.

A long table needs 指标 and 数值; 店铺, 周期, 范围, 类型, 口径, 频次, 门槛, 单位, 年份, 上年,
锁定, 可信度 and 备注 may stand beside them in any order. A wide table has 1月 … 12月, quarters
or 全年 as columns instead of 数值.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from xlplan.errors import InputError, Level, Problem, Where
from xlplan.metrics import METRICS, Unit
from xlplan.plan.targets.claims import WHOLE, Claim, Kind, Scope, Span
from xlplan.plan.targets.measures import adds
from xlplan.record import draft, record
from xlplan.sources.readers.unpack import tables
from xlplan.sources.target_head import HEAD_REMEDY, NO_HEAD, SCALES, Head, find_head
from xlplan.sources.target_words import (
    Amount,
    Label,
    Time,
    parse_amount,
    parse_kind,
    parse_label,
    parse_scope,
    parse_store,
    parse_time,
    plain,
)
from xlplan.sources.text import Unread, clean, is_missing

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from xlplan.sources.readers.raw import Table

_YES = ("是", "√", "✓", "✔", "锁", "锁定", "1", "y", "yes", "true")


@record
class TargetList:
    """What a targets file says: its claims, and the cells that could not be read."""

    claims: tuple[Claim, ...]
    problems: tuple[Problem, ...]


@draft
class _Row:
    """One row being read."""

    table: Table
    at: int
    head: Head
    year: int
    problems: list[Problem] = field(default_factory=list)

    def cell(self, role: str) -> object:
        column = self.head.roles.get(role)
        return None if column is None else self.at_column(column)

    def at_column(self, column: int) -> object:
        cells = self.table.rows[self.at]
        return cells[column] if column < len(cells) else None

    def where(self, column: int) -> Where:
        return self.table.where(self.at, column)

    def trouble(self, role: str, what: str, remedy: str, level: Level = Level.ERROR) -> None:
        where = self.where(self.head.roles.get(role, 0))
        self.problems.append(Problem(where, what, level, remedy, "targets"))


def read_targets(path: str | os.PathLike[str], *, year: int) -> TargetList:
    """Read a targets file; every sheet with a header of targets counts.

    Args:
        path: CSV, xlsx or any table file.
        year: The year planned; a row of an earlier year is that year's actual.

    Raises:
        FileError: The file cannot be read.
        InputError: No table in it has 指标 and 数值 (or months).
    """
    found = [table for table in tables(path) if find_head(table.rows)]
    if not found:
        raise InputError(NO_HEAD, HEAD_REMEDY, Where(Path(path).name))
    lists = [claims_of(table, year=year) for table in found]
    return TargetList(
        tuple(claim for item in lists for claim in item.claims),
        tuple(problem for item in lists for problem in item.problems),
    )


def claims_of(table: Table, *, year: int) -> TargetList:
    """Read one table of targets.

    Raises:
        InputError: It has no header row with 指标 and 数值 (or months).
    """
    head = find_head(table.rows)
    if head is None:
        raise InputError(NO_HEAD, HEAD_REMEDY, table.where())
    claims: list[Claim] = []
    problems: list[Problem] = []
    for at in range(head.row + 1, len(table.rows)):
        row = _Row(table, at, head, year)
        if not is_missing(row.cell("metric")):
            claims += _claims(row)
            problems += row.problems
    return TargetList(tuple(claims), tuple(problems))


def _claims(row: _Row) -> list[Claim]:
    base = _base(row)
    if any(
        problem.level is Level.ERROR for problem in row.problems
    ):  # a figure whose time is unknown contradicts everything
        return []
    found = []
    for column, time in _columns(row, base):
        claim = _valued(row, _timed(base, time), row.at_column(column), column)
        if claim:
            found.append(claim)
    if before := _before(row, base):
        found.append(before)
    if not found and not row.problems:
        row.trouble("metric", f"“{base.label}”没有数值", "填上数值，或删去这一行", Level.WARNING)
    if not base.metric and any(claim.kind is not Kind.DATE for claim in found):
        _unknown(row, base.label)
    return found


def _base(row: _Row) -> Claim:
    """Return the claim of a row without its number."""
    label = parse_label(row.cell("metric"))
    scope, limit = parse_scope(row.cell("scope"))
    kind, basis, back = _kind(row, label)
    time = _time(row, label)
    threshold = limit or _threshold(row)
    year = time.year or _year(row) or row.year
    claim = Claim(
        label.metric, float("nan"), clean(row.cell("metric")), time.span, time.index, year + back,
        parse_store(row.cell("store")), _scope(scope, label, time), kind or Kind.TARGET,
        frequency=plain(row.cell("frequency")), threshold=threshold, basis=basis or time.basis,
        locked=plain(row.cell("locked")).lower() in _YES, confidence=_confidence(row),
    )  # fmt: skip
    past = kind is None and claim.year < row.year
    return replace(claim, kind=Kind.ACTUAL) if past else claim


def _scope(scope: Scope, label: Label, time: Time) -> Scope:
    if scope == WHOLE and time.event:
        return Scope("活动", time.event)
    return label.scope if scope == WHOLE else scope


def _unknown(row: _Row, text: str) -> None:
    near = METRICS.suggest(text)
    remedy = f"是“{near}”吗？" if near else "不认识的指标不参加体检"
    row.trouble("metric", f"不认识指标“{text}”", remedy, Level.INFO)


def _kind(row: _Row, label: Label) -> tuple[Kind | None, str, int]:
    kind, text, back = parse_kind(row.cell("kind"))
    basis = plain(row.cell("basis"))
    return kind or label.kind, basis or text, back


def _time(row: _Row, label: Label) -> Time:
    cell = row.cell("time")
    if is_missing(cell):
        return label.time
    if isinstance(cell, int | float):
        cell = f"{cell:.0f}"
    time = parse_time(cell)
    if time is None:
        row.trouble(
            "time", f"周期“{clean(cell)}”看不懂", "写 年、一季度、3月、每日、每场、618 之一"
        )
        return label.time
    return _joined(label.time, time)


def _joined(said: Time, time: Time) -> Time:
    """Join the time in a metric's name with its 周期: 单场GMV of 2026年, 日目标 of 3月."""
    if said.span is Span.NONE or time.span in (Span.DAY, Span.SESSION, Span.EVENT):
        return time
    if said.span is Span.DAY and time.span is Span.MONTH:
        return replace(time, span=Span.DAY)
    coarse = time.span in (Span.NONE, Span.YEAR)
    return replace(said, year=time.year) if coarse else time


def _year(row: _Row) -> int:
    digits = plain(row.cell("year")).removesuffix(".0").rstrip("年度")
    return int(digits) if re.fullmatch(r"20\d\d", digits) else 0


def _threshold(row: _Row) -> float | None:
    text = re.search(r"\d[\d,.]*[万千]?", plain(row.cell("threshold")))
    read = parse_amount(text[0], year=row.year) if text else None
    return read.number.value if isinstance(read, Amount) else None


def _confidence(row: _Row) -> int:
    text = plain(row.cell("confidence"))
    if re.fullmatch(r"[1-5](\.0)?", text):
        return int(text[0])
    if text:
        row.trouble(
            "confidence", f"可信度“{text}”应为 1 到 5", "5 最可信，空着按 3", Level.WARNING
        )
    return 3


def _columns(row: _Row, base: Claim) -> Iterator[tuple[int, Time]]:
    if row.head.times:
        for column, time in row.head.times.items():
            if not is_missing(row.at_column(column)):
                yield column, time
    elif base.label:
        yield row.head.roles["value"], Time(Span.NONE)


def _timed(base: Claim, time: Time) -> Claim:
    """Put a column's time on a row; a row of days keeps its days (日目标 × 3月)."""
    if time.span is Span.NONE:
        return base
    year = time.year or base.year
    if base.period is Span.DAY:
        return replace(base, index=time.index if time.span is Span.MONTH else 0, year=year)
    return replace(base, period=time.span, index=time.index, year=year)


def _scale(row: _Row, claim: Claim) -> float:
    """Return the factor of an unscaled number: the row's 单位, else what the header's fits.

    A header's 万元 is for money that adds up: nobody writes 客单价 or UV in 万元.
    """
    typed = plain(row.cell("unit"))
    if typed in SCALES:
        return SCALES[typed]
    unit = METRICS[claim.metric].unit if claim.metric in METRICS else Unit.MONEY
    head = row.head.unit
    fits = {"%": unit is Unit.PERCENT, "万": adds(claim.metric), "亿": adds(claim.metric)}
    money = adds(claim.metric) and unit is Unit.MONEY
    return SCALES.get(head, 1) if fits.get(head, money) else 1


def _valued(row: _Row, base: Claim, cell: object, column: int) -> Claim | None:
    read = parse_amount(cell, scale=_scale(row, base), year=base.year or row.year)
    if read is None:
        return None
    if isinstance(read, Unread):
        where = row.where(column)
        remedy = "写成 500万、4%、200元、1:2、满200减20 这样"
        row.problems.append(Problem(where, read.what, Level.ERROR, remedy, "targets"))
        return None
    return replace(
        base,
        value=read.number.value,
        half=read.number.precision,
        unit=read.number.unit or plain(row.cell("unit")),
        kind=read.kind or base.kind,
        period=read.span if base.period is Span.NONE else base.period,
        threshold=read.threshold or base.threshold,
        date=read.date,
        text=_shown(cell, plain(row.cell("unit"))),
        where=row.where(column),
    )


def _shown(cell: object, unit: str) -> str:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, dt.datetime):
        cell = cell.date()
    return f"{clean(cell)}{unit if isinstance(cell, int | float) else ''}"


def _before(row: _Row, base: Claim) -> Claim | None:
    """Return last year's figure typed beside the target."""
    column = row.head.roles.get("before")
    if column is None or is_missing(row.cell("before")):
        return None
    kind = Kind.ACTUAL if base.kind is Kind.TARGET else base.kind
    return _valued(row, replace(base, kind=kind, year=base.year - 1), row.cell("before"), column)
