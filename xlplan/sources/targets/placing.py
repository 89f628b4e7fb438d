"""From a table to its figures: each one with its store, metric, time, kind and unit, or named."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from xlplan.errors import Level
from xlplan.metrics import METRICS
from xlplan.plan.targets.claims import Claim, Kind, Span
from xlplan.plan.targets.measures import label_of
from xlplan.regex import regex
from xlplan.sources.targets.amounts import Amounts, Spot
from xlplan.sources.targets.facts import Drawn, Reading
from xlplan.sources.targets.labels import Said, is_shop, merged, said
from xlplan.sources.targets.layout import is_note
from xlplan.sources.targets.roles import Column, joined
from xlplan.sources.targets.words import (
    Amount,
    Time,
    parse_amount,
    plain,
)
from xlplan.sources.text import clean, is_missing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.sources.targets.facts import Around
    from xlplan.sources.targets.layout import Block
    from xlplan.sources.targets.rows import Line

_YES = ("是", "√", "✓", "✔", "锁", "锁定", "1", "y", "yes", "true")
_GROWTH = regex(
    r"(?:(?:较|比)?(?:同比|去年|上年|同期)*(?:增长|增加|提升|上涨|涨|增)?)?([+-]?\d+(?:\.\d+)?%)"
)
_WRITE = "写成 500万、4%、200元、1:2、满200减20 这样"
#: Beyond this a growth without % is taken for percent points typed without the sign.
_MOST_GROWTH = 5


class Placing(Amounts):
    """Reads one table."""

    def read(self) -> Reading:
        """Return its figures and what could not be placed."""
        self.names_over_columns()
        for row in sorted({*self.block.body, *self.block.banners}):
            if row in self.block.banners:
                self.take_banner(row)
            else:
                self.row(row)
        return self.out

    def names_over_columns(self) -> None:
        """Decide whether names over figures are stores or metrics nobody knows."""
        named = [column for column in self.figures if column.said.name]
        if not named:
            return
        stores_down = "store" in self.roles
        metrics_too = [
            c for c in self.figures if c.said.metric and not c.said.soft and not c.said.name
        ]
        for column in named:
            shop = is_shop(column.said.name)
            if stores_down or (
                "metric" not in self.roles and metrics_too and not shop and not column.said.metric
            ):
                column.said = replace(column.said, aside="不认识的列")

    def has_times_across(self) -> bool:
        """Whether months or quarters stand over the figures."""
        return any(c.said.time and (c.said.time.index or c.said.time.months) for c in self.figures)

    def has_stores_across(self) -> bool:
        """Whether stores stand over the figures."""
        return any(c.said.name and not c.said.aside for c in self.figures)

    def take_banner(self, row: int) -> None:
        """A label that stands alone speaks for the rows below it."""
        text = self.block.banners[row]
        told = said(text)
        if told.known:
            self.banner, _ = joined(
                replace(self.banner, metric="" if told.metric else self.banner.metric), told
            )
            if told.unit and not told.metric:
                return
            self.last_store = ""
        elif "store" not in self.roles and told.name and not is_note(plain(text)):
            self.banner_store = told.name
            self.banner = replace(told, name="")
        elif self.is_store_label(row):
            what = f"“{text}”没有数值"
            self.problem(
                row, self.roles["store"].at, what, "填上数值，或删去这一行", Level.WARNING
            )

    def is_store_label(self, row: int) -> bool:
        """Whether the text that stands alone stands where the stores stand."""
        return "store" in self.roles and not is_missing(self.label_cell(row, "store"))

    def row(self, row: int) -> None:
        """Read one row."""
        filled = [c for c in self.figures if not is_missing(self.grid.cells[row][c.at])]
        line = self.line(row)
        if not filled:
            self.empty_row(line)
            return
        if line.bad:
            return
        before = len(self.out.drawn)
        if line.unknown and not any(
            self.grid.is_amount(row, c.at) or _is_dated(self.grid.cells[row][c.at]) for c in filled
        ):
            self.in_words(line, filled)
            return
        for column in filled:
            self.cell(line, column)
        if line.unknown and any(
            item.claim.kind is not Kind.DATE for item in self.out.drawn[before:]
        ):
            near = METRICS.suggest(line.label)
            what = f"不认识指标“{line.label}”，新建时记在“指标卡”"
            self.problem(
                row,
                self.metric_column(),
                what,
                f"是“{near}”吗？" if near else "不认识的指标不参加体检",
                Level.INFO,
            )

    def in_words(self, line: Line, filled: Sequence[Column]) -> None:
        """Keep a row of words: a target that is no number."""
        text = "；".join(clean(self.grid.cells[line.at][column.at]) for column in filled)
        self.tell(line.at, self.metric_column(), f"“{line.label}”一行是文字，新建时记在“指标卡”")
        claim = replace(
            line.base or Claim("", float("nan")), label=line.label, year=self.around.year, store=line.store or "",
            text=text, where=self.grid.where(line.at, filled[0].at),
        )  # fmt: skip
        self.out.drawn.append(Drawn(claim, order=(line.at, filled[0].at), sure=False))

    def empty_row(self, line: Line) -> None:
        """Say that a metric has no figure."""
        column = self.roles.get("metric")
        if column is None or line.bad or is_missing(self.grid.cells[line.at][column.at]):
            return
        if not line.label or is_note(plain(line.label)):
            return
        texts = [c for c in self.columns.values() if not c.role or c.role == "note"]
        if any(not is_missing(self.grid.cells[line.at][c.at]) for c in texts):
            return
        self.problem(
            line.at, column.at, f"“{line.label}”没有数值", "填上数值，或删去这一行", Level.WARNING
        )

    def cell(self, line: Line, column: Column) -> None:
        """Place one figure."""
        grid, row, at = self.grid, line.at, column.at
        value = grid.cells[row][at]
        line = replace(line)
        across = self.coarse(line, column)
        told, clash = joined(replace(line.said, text=""), across)
        told = self.with_banner(told)
        if self.covers(row, at, told):
            what = f"合并单元格里的“{clean(value)}”盖住几行或几列，不知道属于哪一格"
            self.problem(row, at, what, "取消合并，把数写在它所属的格子里")
            return
        if (column.clash or clash) and grid.is_amount(row, at):
            self.problem(row, at, column.clash or clash, "改列名或行名，让一个数只有一个意思")
            return
        if column.said.metric and not column.said.soft and line.unknown:
            line = replace(line, unknown=False)
        if told.aside:
            self.aside(column, told.aside, row)
            return
        if not self.headed(column) and grid.is_amount(row, at) and self.is_extra(column):
            what = f"“{clean(value)}”上面没有列名，不知道是什么"
            self.problem(row, at, what, "补上列名，或删去")
            return
        self.place(line, column, self.with_store(line, column, told))

    def coarse(self, line: Line, column: Column) -> Said:
        """Return what a column says of a row: 全年目标 or 季目标 beside a month is no month's."""
        time, across = line.said.time, column.said.time
        if time is None or across is None or time.span is not Span.MONTH or not time.index:
            return column.said
        if across.span is Span.QUARTER and not across.index:
            line.said = replace(line.said, time=None)
            return replace(
                column.said, time=replace(across, index=(time.index + 2) // 3, year=time.year)
            )
        if across.span is Span.YEAR and not across.year:
            line.said = replace(line.said, time=None)
            return replace(column.said, time=replace(across, year=time.year))
        return column.said

    def covers(self, row: int, at: int, told: Said) -> bool:
        """Whether a figure stands in a merged cell that is no quarter's or year's."""
        block = next((b for b in self.grid.table.merges if b[:2] == (row, at)), None)
        if block is None or not self.grid.is_amount(row, at):
            return False
        labels = {*self.block.body, *self.block.banners}
        rows = [r for r in labels if row < r <= block[2]]
        heads = [c for c in self.figures if at < c.at <= block[3] and c.heads]
        months = "time" in self.roles  # beside months a quarter or the year may cover them
        coarse = months and told.time is not None and told.time.span in (Span.QUARTER, Span.YEAR)
        return bool(heads) or (bool(rows) and not coarse)

    def headed(self, column: Column) -> bool:
        """Whether a column has a head, in a table that has one."""
        return bool(column.heads) or not self.block.head

    def is_extra(self, column: Column) -> bool:
        """Whether a column without a head stands beside others that are read."""
        return len(self.figures) > 1 and not column.heads

    def with_banner(self, told: Said) -> Said:
        """Add what a label alone above the rows says."""
        if self.banner == Said():
            return told
        return joined(replace(self.banner, name=""), told)[0]

    def aside(self, column: Column, why: str, row: int) -> None:
        """Say once that a column was not read, and why."""
        if column.at not in self.used:
            self.used.add(column.at)
            head = self.block.head[-1] if self.block.head else row
            level = Level.WARNING if why == "不认识的列" else Level.INFO
            self.tell(head, column.at, f"“{column.title}”没有读：{why}", level)

    def with_store(self, line: Line, column: Column, told: Said) -> tuple[str, bool, Said]:
        """Return the store of a figure, whether it is a total, and what its labels say."""
        total = line.company or bool(line.group) or (told.total and told.time is not None)
        name = column.said.name
        store = line.store or ""
        if name and not column.said.aside:
            store = name
        if told.total and column.said.total and column.said.time is None:
            if self.has_times_across():
                told = replace(told, time=merged(told.time, Time(Span.YEAR)) or Time(Span.YEAR))
            elif self.has_stores_across():
                return "", True, told
            else:
                told = replace(told, aside="合计由别的数得出")
            total = True
        if not store and not line.company and not line.group:
            store = self.around.store
        return store, total, told

    def place(self, line: Line, column: Column, found: tuple[str, bool, Said]) -> None:
        """Make a figure of a cell whose store, metric and time are known."""
        store, total, told = found
        row, at = line.at, column.at
        if told.aside:
            self.aside(column, told.aside, row)
            return
        metric = told.metric if not (told.soft and line.metric) else line.metric
        metric = "" if line.unknown else metric or (self.around.metric or "gmv")
        value = self.grid.cells[row][at]
        kind = self.kind_of(told)
        scale, source, trouble = self.scale(line, column, metric, row, kind)
        if trouble:
            self.problem(row, at, trouble, "在单元格里写出单位，如 500万")
            return
        time = merged(told.time, self.around.time) or told.time or Time(Span.NONE)
        read = self.amount(value, scale, Spot(row, at, metric, told))
        if read is None:
            return
        year, kind = self.year_of(told, time, read.kind or kind)
        base = line.base or Claim("", float("nan"))
        claim = replace(
            base,
            metric=metric, value=read.number.value, half=read.number.precision,
            label=line.label or (column.title if told.metric else label_of(metric)),
            period=time.span if time.span is not Span.NONE else read.span, index=time.index, year=year,
            store=store, kind=kind,
            unit=read.number.unit or (line.unit.text if line.unit else ""),
            threshold=read.threshold or base.threshold, date=read.date,
            text=_as_typed(value, line.unit.text if line.unit else ""), where=self.grid.where(row, at),
        )  # fmt: skip
        drawn = self.drawn(line, column, told, claim)
        self.out.drawn.append(replace(drawn, total=total, unit=source))

    def drawn(self, line: Line, column: Column, told: Said, claim: Claim) -> Drawn:
        """Return a figure with what choosing and checking it needs."""
        dated = claim.kind is Kind.DATE
        time = merged(told.time, self.around.time) or told.time
        return Drawn(
            claim,
            rank=told.rank,
            firm=told.kind is Kind.TARGET,
            column=column.title,
            months=time.months if time else None,
            group=line.group or (column.said.name if column.said.total else ""),
            order=(line.at, column.at),
            sure=bool(told.metric or told.time or told.kind or told.back is not None or dated),
            headed=column.said.kind is not None and column.said.kind is claim.kind,
        )

    def kind_of(self, told: Said) -> Kind:
        """Return what a figure is; a target unless its labels say otherwise."""
        return told.kind or Kind.TARGET

    def year_of(self, told: Said, time: Time, kind: Kind) -> tuple[int, Kind]:
        """Return the year of a figure, and its kind: what an earlier year has is its actual."""
        plan = self.around.year
        if self.around.past and told.kind is None and told.back is None and not time.year:
            return self.around.past, Kind.ACTUAL
        year = time.year or plan
        if told.back is not None and kind is not Kind.GROWTH:
            year = plan - max(told.back, 0)
            if told.back == 0 and kind is Kind.ACTUAL:
                year = plan - 1
        if year < plan and told.kind is None and kind is Kind.TARGET:
            kind = Kind.ACTUAL
        return year, kind


def _is_dated(cell: object) -> bool:
    """Whether a cell names a day, as in a list of dates."""
    read = parse_amount(cell, year=2000)
    return isinstance(read, Amount) and read.date is not None


def _as_typed(cell: object, unit: str) -> str:
    if isinstance(cell, float):
        cell = round(cell, 9)
        cell = int(cell) if cell.is_integer() else cell
    if isinstance(cell, dt.datetime):
        cell = cell.date()
    return f"{clean(cell)}{unit if isinstance(cell, int | float) else ''}"


def read_block(block: Block, around: Around) -> Reading:
    """Read one table."""
    return Placing(block, around).read()
