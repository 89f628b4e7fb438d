"""Rows of a located sheet → facts: one value of one metric for one store and day."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from xlplan.metrics import METRICS, Unit
from xlplan.metrics.money import HALF_CENT
from xlplan.regex import regex
from xlplan.sources.channels import channel_of
from xlplan.sources.clock import shift_of
from xlplan.sources.dates import DateHints, Span, parse_span
from xlplan.sources.declare import has_unit
from xlplan.sources.filenames import span_in_name, store_in_name, year_in_name
from xlplan.sources.shape.around import month_around
from xlplan.sources.shape.words import MONEY_UNITS
from xlplan.sources.text import Unread, clean, header, is_error, is_missing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xlplan.errors import Where
    from xlplan.sources.clock import Shift
    from xlplan.sources.declare import Column
    from xlplan.sources.records import Record, Sheet

_TOTALS = regex(
    r"(?:总|合|共|总合)计|全部|汇总|总和|(?:grand)?total|sum|(?:全?月|全?年|店铺)?(?:合|总|累)计",
    re.IGNORECASE,
)
_ASIDES = regex(
    r"(?:同行|全店|平均|均值|日均|小计|本?周合计|本?月合计|环比|同比|较上|上月|上周).{0,4}|#.*"
)


_UNIT_COLUMN = "单位 | 计量单位 | unit"


class Fact(NamedTuple):
    """A value as found; text values are counted by how many different ones there are."""

    store: str
    day: dt.date
    metric: str
    value: float | str
    row: int
    column: int | None = None


class Bound(NamedTuple):
    """A declared column found in this sheet.

    `by_row` is set for money whose unit stands in a column of units.
    """

    metric: str
    column: int
    scale: float
    by_row: bool = False


def _is_near(span: Span, other: Span) -> bool:
    """Return True when at most half a year lies between the two."""
    return (other.start - span.end).days < 183 and (span.start - other.end).days < 183


class Reader:
    """Reads the rows of one sheet by its declaration."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet, self.source, self.findings = sheet, sheet.source, sheet.findings
        sheet.report_flaws()
        self.units = self._unit_column()
        self._scaled: list[str] = []
        self.bound = [bound for column in self.source.columns if (bound := self._bind(column))]
        self._report_unit()
        self.store = self._store()
        date = sheet.find(self.source.date)
        self.date_column = 0 if date is None else date[0]
        self.fixed = self._span_of_file() if date is None else None
        self.hints = DateHints(
            sheet.options.year, order=self.source.order, date1904=sheet.table.date1904
        )
        self.shift = self._shift()
        self.totals: list[Record] = []
        self._seen: set[str] = set()

    def _bind(self, column: Column) -> Bound | None:
        found = self.sheet.find(column.headers)
        if found is None and (found := self.sheet.find(column.stand_ins)):
            title = clean(self.sheet.table.rows[self.sheet.header_row][found[0]])
            label = METRICS[column.metric].label if column.metric in METRICS else column.metric
            label = {"uv_*": "渠道UV", "spend_*": "渠道花费"}.get(column.metric, label)
            self.findings.info(
                self.sheet.table.where(self.sheet.header_row, found[0]),
                f"没有更准的列，「{label}」用「{title}」代替",
                "stand_in",
            )
        if found is None:
            return None
        head = self.sheet.table.rows[self.sheet.header_row][found[0]]
        if has_unit(head) or column.scale != 1.0 or not self._is_money(column.metric):
            return Bound(column.metric, found[0], found[1] if found[1] != 1.0 else column.scale)
        unit = self.sheet.money
        if unit is not None and unit.worth != 1 and self.units is None:
            self._scaled.append(clean(head))
        return Bound(column.metric, found[0], unit.worth if unit else 1.0, self.units is not None)

    def _unit_column(self) -> int | None:
        """Return the column of units, when there is one."""
        found = self.sheet.find(_UNIT_COLUMN)
        if found is None or has_unit(self.sheet.table.rows[self.sheet.header_row][found[0]]):
            return None
        return found[0]

    def _is_money(self, metric: str) -> bool:
        known = METRICS.metrics.get(metric)
        return known.unit is Unit.MONEY if known else metric.startswith(("spend_", "gmv_"))

    def _report_unit(self) -> None:
        unit = self.sheet.money
        if unit is not None and self._scaled:
            what = f"按“{unit.name}”读：{'、'.join(self._scaled[:6])} 乘 {unit.worth:,.10g}"
            self.findings.info(unit.where, what, "stated_unit")

    def _shift(self) -> Shift | None:
        """Return what a constant time of day beside the dates means, and say so."""
        if self.fixed:
            return None
        cells = (record.at(self.date_column) for record in self.sheet)
        found = shift_of(cells, rows_are_days=not self.source.unpaid)
        if found is None:
            return None
        where = self.sheet.table.where(self.sheet.header_row, self.date_column)
        if found.days is None:
            what = (
                f"每个日期后面都是同一个时刻 {found.time}，看不出是不是时区错位的前一天，没有写入"
            )
            remedy = "请核对日期，把这一列改成只有日期后重新导入"
            self.findings.error(where, what, "constant_time", remedy=remedy)
        elif found.days:
            what = f"每个日期后面都是 {found.time}：是北京时间零点写成了别的时区，按后一天读"
            self.findings.warn(where, what, "shifted_time", remedy="请核对第一天和最后一天")
        return found

    @cached_property
    def _dated(self) -> Span | None:
        """The range of the days in the date column that are written with their year."""
        read = [parse_span(record.at(self.date_column), self.hints) for record in self.sheet]
        spans = [span for span in read if isinstance(span, Span)]
        if not spans:
            return None
        return Span(min(span.start for span in spans), max(span.end for span in spans))

    def _in_context(self, cell: object) -> Span | Unread | None:
        """Read a date without a year: as its neighbours have it, else as the file name says."""
        near = self._dated
        said, month = month_around(self.sheet.table, self.sheet.options)
        year = near.start.year if near and near.start.year == near.end.year else None
        year = year or (None if near else said or year_in_name(self.sheet.table.file))
        read = parse_span(cell, replace(self.hints, year=year, month=month))
        if isinstance(read, Span) and near and not _is_near(read, near):
            return Unread("no_year", f"「{clean(cell)}」没有写年份，离表里其他日期又太远")
        return read

    def _store(self) -> str:
        """Return the store above the table, else of its sheet, else as told, else in the file name."""
        for text in self.sheet.preamble():
            if found := re.fullmatch(r"店铺(?:名称|名)?[:：]\s*(\S+)", text):
                return found[1]
        table = self.sheet.table
        return table.store or self.sheet.options.store or store_in_name(table.file)

    def _span_of_file(self) -> Span | None:
        """Return the day or range that stands above the table, else in the file name."""
        for text in self.sheet.preamble():
            if found := re.fullmatch(r"(?:统计|数据)?(?:时间|日期|周期)[:：]\s*(.+)", text):
                span = parse_span(found[1])
                if isinstance(span, Span):
                    return span
        return span_in_name(self.sheet.table.file)

    def facts(self) -> Iterator[Fact]:
        """Yield the facts of every row; what is no fact is reported or knowingly dropped."""
        if self.shift and self.shift.days is None:
            return
        if self.source.from_file and self.fixed and len(self.fixed) > 1:
            self._report_period(self.sheet.table.where(self.sheet.header_row), self.fixed, "")
            return
        for record in self.sheet:
            if self._is_dropped(record):
                continue
            span = self._span(record)
            if span is None:
                continue
            if len(span) > 1:
                where = record.where(self.date_column)
                self._report_period(where, span, self._summary(record))
            elif not self._is_repeated(record):
                yield from self._row_facts(record, span.start)

    def _is_dropped(self, record: Record) -> bool:
        if self._marks(record, _TOTALS):
            self.totals.append(record)
            return True
        if self._marks(record, _ASIDES):
            return True
        return any(clean(record.cell(name)) in texts for name, texts in self.source.drop.items())

    def _marks(self, record: Record, words: re.Pattern[str]) -> bool:
        """Return whether a row says by such a word that it is no day of its own.

        A row with a date says so as its date, store or channel; only without one as any cell:
        a plan may be called 上周新品.
        """
        date = record.at(self.date_column)
        if self.fixed:
            return False
        if not is_missing(date):
            names = (record.text(self.source.store), record.text(self.source.scene))
            return any(map(words.fullmatch, (clean(date), *names)))
        return any(words.fullmatch(clean(cell)) for cell in record.cells if not is_error(cell))

    def _span(self, record: Record) -> Span | None:
        if self.fixed:
            return self.fixed
        cell = record.at(self.date_column)
        read = parse_span(cell, self.hints)
        if self._is_day_number(cell):
            read = self._in_context(f"{int(cell)}日")  # type: ignore[call-overload]
        elif isinstance(read, Unread) and read.code == "no_year":
            read = self._in_context(cell)
        if isinstance(read, Span):
            moved = dt.timedelta(self.shift.days or 0) if self.shift else dt.timedelta()
            return Span(read.start + moved, read.end + moved)
        if (read is None and self.source.unpaid) or not self._has_figures(record):
            return None
        what = read.what if isinstance(read, Unread) else "这一行有数但没有日期"
        rule = read.code if isinstance(read, Unread) else "no_date"
        remedy = "补上完整日期（如 2026-09-01）后重新导入；这一行没有写入"
        self.findings.error(
            record.where(self.date_column), what, rule, remedy=remedy, group="日期"
        )
        return None

    def _is_day_number(self, cell: object) -> bool:
        """Return whether a bare 1 … 31 is a day of the month that the sheet is named after."""
        if isinstance(cell, str) and cell.strip().isascii() and cell.strip().isdigit():
            cell = int(cell) if len(cell.strip()) < 3 else 0
        if isinstance(cell, bool) or not isinstance(cell, int | float):
            return False
        return (
            cell in range(1, 32)
            and month_around(self.sheet.table, self.sheet.options)[1] is not None
        )

    def _has_figures(self, record: Record) -> bool:
        others = (i for i in range(len(record.cells)) if i != self.date_column)
        return any(not is_missing(record.at(column)) for column in others)

    def _is_repeated(self, record: Record) -> bool:
        key = record.identity(self.source.key_of) if self.source.key_of else ""
        if not key:
            return False
        if key in self._seen:
            what = f"编号 {key} 重复出现，只算一次"
            self.findings.warn(record.where(), what, "repeated_row", group="编号")
            return True
        self._seen.add(key)
        return False

    def _row_facts(self, record: Record, day: dt.date) -> Iterator[Fact]:
        store = record.text(self.source.store) or self.store
        if self.source.row:
            for metric, value in self.source.row(record).items():
                yield Fact(store, day, metric, value, record.row)
        channel = self._channel(record) if self.source.scene or self._wants_channel() else ""
        for bound in self.bound:
            scale = self._row_scale(record, bound) if bound.by_row else bound.scale
            figure = record.number_at(bound.column, scale)
            if figure is not None and (channel or "*" not in bound.metric):
                metric = bound.metric.replace("*", channel)
                yield Fact(store, day, metric, figure, record.row, bound.column)

    def _row_scale(self, record: Record, bound: Bound) -> float:
        """Return what the row's own unit of money is worth in yuan."""
        return MONEY_UNITS.get(header(record.text(_UNIT_COLUMN)), bound.scale)

    def _wants_channel(self) -> bool:
        return any("*" in bound.metric for bound in self.bound)

    def _channel(self, record: Record) -> str:
        if not self.source.scene:
            return self._channel_of_table
        options = self.sheet.options
        scene = record.text(self.source.scene)
        found = options.scenes.get(scene) or self.source.scenes.get(scene) or channel_of(scene)
        if not found:
            self.findings.warn(
                record.where(),
                f"场景「{scene}」没有对应的渠道，记入其他推广",
                "unknown_scene",
                group=scene,
            )
        return found or "other"

    @cached_property
    def _channel_of_table(self) -> str:
        options, table = self.sheet.options, self.sheet.table
        found = options.channel or channel_of(table.sheet) or channel_of(table.file)
        if not found:
            remedy = "把渠道名写进文件名，如 直通车_9月.xls、钻展_9月.xls"
            self.findings.error(table.where(), "看不出是哪个推广渠道的报表，花费没有写入", "no_channel", remedy=remedy)  # fmt: skip
        return found

    def _summary(self, record: Record) -> str:
        shown = []
        for bound in self.bound[:4]:
            value = record.number_at(bound.column, bound.scale)
            if value is not None and bound.metric in METRICS:
                shown.append(f"{METRICS[bound.metric].label} {value:,.10g}")
        return "，".join(shown)

    def _report_period(self, where: Where, span: Span, summary: str) -> None:
        said = f"：{summary}" if summary else ""
        self.findings.warn(
            where,
            f"{span.start} 至 {span.end} 是 {len(span)} 天的汇总，不按日写入{said}",
            "period",
            remedy="请导出按日的数据",
            group="周期",
        )

    def check_totals(self, sums: dict[str, float]) -> None:
        """Report money that the file's own total row has and its rows have not."""
        if len(self.totals) != 1:
            return
        for bound in self.bound:
            metric = METRICS.metrics.get(bound.metric)
            if metric is None or metric.unit is not Unit.MONEY or bound.metric not in sums:
                continue
            total = self.totals[0].quiet_number(bound.column, bound.scale)
            if total is not None and abs(gap := total - sums[bound.metric]) > HALF_CENT:
                self.findings.warn(
                    self.totals[0].where(bound.column),
                    f"总计行的{metric.label}为 {total:,.2f}，各行合计 {sums[bound.metric]:,.2f}，差 {gap:,.2f} 没有写入",
                    "total_gap",
                    remedy="差额通常是没有明细的托管计划，请在推广后台核对",
                )
