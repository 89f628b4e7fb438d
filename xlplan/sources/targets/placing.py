"""From a table to its figures: each one with its store, metric, time, kind and unit, or named."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from xlplan.errors import Level, Problem
from xlplan.metrics import METRICS, Unit
from xlplan.plan.targets.claims import WHOLE, Claim, Kind, Scope, Span
from xlplan.plan.targets.measures import adds, label_of
from xlplan.record import draft
from xlplan.regex import regex
from xlplan.sources.numbers import Kind as Written
from xlplan.sources.numbers import Number
from xlplan.sources.targets.facts import Drawn, Reading
from xlplan.sources.targets.labels import Said, merged, said
from xlplan.sources.targets.layout import is_note
from xlplan.sources.targets.roles import Column, columns_of, joined, time_cell
from xlplan.sources.targets.units import Scale, parse_unit, shown_by
from xlplan.sources.targets.words import (
    Amount,
    Time,
    parse_amount,
    parse_kind,
    parse_label,
    parse_scope,
    parse_store,
    plain,
)
from xlplan.sources.text import NOT_CALCULATED, Unread, clean, is_missing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from xlplan.sources.targets.facts import Around
    from xlplan.sources.targets.layout import Block

_YES = ("是", "√", "✓", "✔", "锁", "锁定", "1", "y", "yes", "true")
_GROWTH = regex(
    r"(?:(?:较|比)?(?:同比|去年|上年|同期)*(?:增长|增加|提升|上涨|涨|增)?)?([+-]?\d+(?:\.\d+)?%)"
)
_WRITE = "写成 500万、4%、200元、1:2、满200减20 这样"
#: Beyond this a growth without % is taken for percent points typed without the sign.
_MOST_GROWTH = 5


@draft
class Line:
    """One row of a table, its labels read."""

    at: int
    store: str | None = None
    company: bool = False
    group: str = ""
    metric: str = ""
    soft: bool = False
    label: str = ""
    unknown: bool = False
    said: Said = Said()  # noqa: RUF009  # frozen
    base: Claim | None = None
    unit: Scale | None = None
    label_unit: Scale | None = None
    bad: bool = False


class Placing:
    """Reads one table."""

    def __init__(self, block: Block, around: Around) -> None:
        self.block = block
        self.grid = block.grid
        self.around = around
        self.out = Reading()
        self.columns = columns_of(block)
        self.roles: dict[str, Column] = {}
        for column in self.columns.values():
            if column.role and column.role not in ("note", "aside"):
                self.roles.setdefault(column.role, column)
        self.figures = [column for column in self.columns.values() if not column.role]
        self.banner = Said()
        self.banner_store = ""
        self.last_store = ""
        self.seen: set[tuple[object, ...]] = set()
        self.used: set[int] = set()
        first = min((column.at for column in self.figures), default=block.right)
        self.beside = [
            c
            for c in self.columns.values()
            if c.at < first and c.role in ("note", "part", "aside")
        ]
        units = (said(head).unit for c in self.columns.values() if c.role for head in c.heads)
        self.corner = next((unit for unit in units if unit), None)

    def read(self) -> Reading:
        """Return its figures and what could not be placed."""
        self.names_over_columns()
        for row in sorted({*self.block.body, *self.block.banners}):
            if row in self.block.banners:
                self.take_banner(row)
            else:
                self.row(row)
        return self.out

    # -- columns -------------------------------------------------------------------------

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
            shop = _is_shop(column.said.name)
            if stores_down or (
                "metric" not in self.roles and metrics_too and not shop and not column.said.metric
            ):
                column.said = replace(column.said, aside="不认识的列")
            elif column.said.metric and not shop and not any(_is_shop(c.said.name) for c in named):
                pass

    def has_times_across(self) -> bool:
        """Whether months or quarters stand over the figures."""
        return any(c.said.time and (c.said.time.index or c.said.time.months) for c in self.figures)

    def has_stores_across(self) -> bool:
        """Whether stores stand over the figures."""
        return any(c.said.name and not c.said.aside for c in self.figures)

    # -- rows ----------------------------------------------------------------------------

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
            self.tell(row, self.metric_column(), f"“{line.label}”一行是文字，没有保留")
            return
        for column in filled:
            self.cell(line, column)
        if line.unknown and any(
            item.claim.kind is not Kind.DATE for item in self.out.drawn[before:]
        ):
            near = METRICS.suggest(line.label)
            what = f"不认识指标“{line.label}”，没有保留"
            self.problem(
                row,
                self.metric_column(),
                what,
                f"是“{near}”吗？" if near else "不认识的指标不参加体检",
                Level.INFO,
            )

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

    def metric_column(self) -> int:
        """Return where the label of a row's metric stands."""
        column = self.roles.get("metric") or self.roles.get("store")
        return column.at if column else self.block.left

    def problem(
        self, row: int, column: int, what: str, remedy: str = "", level: Level = Level.ERROR
    ) -> None:
        """Report a cell."""
        self.out.problems.append(
            Problem(self.grid.where(row, column), what, level, remedy, "targets")
        )

    def tell(self, row: int, column: int, what: str, level: Level = Level.INFO) -> None:
        """Say what was chosen or left aside."""
        self.out.told.append(Problem(self.grid.where(row, column), what, level, "", "targets"))

    def label_cell(self, row: int, role: str) -> object:
        """Return the label of a role in a row."""
        column = self.roles.get(role)
        return None if column is None else self.grid.cells[row][column.at]

    def line(self, row: int) -> Line:
        """Read the labels of a row."""
        line = Line(row)
        self.row_time(line)
        self.row_metric(line)
        self.row_store(line)
        self.row_kind(line)
        self.row_rest(line)
        return line

    def row_time(self, line: Line) -> None:
        column = self.roles.get("time")
        cell = self.label_cell(line.at, "time")
        if column is None or is_missing(cell):
            return
        numbers = True
        told = time_cell(cell, numbers=numbers)
        if told.time is None and not told.total and not (told.known and (told.kind or told.aside)):
            what = f"周期“{clean(cell)}”看不懂"
            self.problem(line.at, column.at, what, "写 年、一季度、3月、每日、每场、618 之一")
            line.bad = True
            return
        if told.total and told.time is None:
            told = replace(told, time=Time(Span.YEAR))
        line.said = told

    def row_metric(self, line: Line) -> None:
        column = self.roles.get("metric")
        cell = self.label_cell(line.at, "metric")
        if column is None or is_missing(cell):
            return
        line.label = clean(cell)
        told = said(cell)
        line.label_unit = told.unit
        label = parse_label(cell)
        if told.metric:
            line.metric, line.soft = told.metric, False
            if told.name and _is_shop(told.name) and "store" not in self.roles:
                line.store = told.name
        elif label.metric:
            told = replace(told, metric=label.metric, scope=label.scope)
            line.metric = label.metric
        elif told.total or (told.known and (told.aside or told.kind or told.time)):
            pass
        elif (
            column.role == "metric"
            and told.name
            and _is_shop(told.name)
            and "store" not in self.roles
        ):
            line.store = told.name
        else:
            line.unknown = True
            told = replace(told, name="", time=None, kind=None, aside="")
            if label.kind:
                told = replace(told, kind=label.kind)
        line.said, clash = joined(line.said, replace(told, name="", unit=None))
        if clash:
            self.problem(line.at, column.at, clash)
            line.bad = True

    def row_store(self, line: Line) -> None:
        column = self.roles.get("store")
        cell = self.label_cell(line.at, "store")
        for other in self.beside:
            told = said(self.grid.cells[line.at][other.at])
            if told.total and (line.at, other.at) not in self.grid.merged:
                line.company, line.group = not told.name, told.name
                return
        if column is None:
            if line.store is None:
                line.store = self.banner_store or None
            return
        if is_missing(cell):
            return
        told = said(cell)
        if told.total:
            line.company, line.group = not told.name, told.name
            line.said, _ = joined(line.said, replace(told, name="", metric="", unit=None))
            return
        if told.metric and (not told.name or _is_shop(told.name)) and not column.named:
            line.metric, line.label = told.metric, clean(cell)
            line.store = told.name or None
            line.label_unit = told.unit
            line.said, _ = joined(line.said, replace(told, name="", unit=None))
            return
        store = _without_unit(clean(cell), told)
        if not column.named and told.name and (told.kind or told.time or told.back is not None):
            store = told.name
            line.said, _ = joined(line.said, replace(told, name="", unit=None))
        line.store = parse_store(store)
        line.company = not line.store
        line.label_unit = line.label_unit or told.unit

    def row_kind(self, line: Line) -> None:
        cell = self.label_cell(line.at, "kind")
        if is_missing(cell):
            return
        kind, basis, back = parse_kind(cell)
        told = said(cell)
        if kind or (told.known and not told.metric):
            told = replace(told, kind=kind or told.kind, back=-back if back else told.back)
            line.said, _ = joined(line.said, replace(told, text="", unit=None))
        elif basis:
            line.said = replace(line.said, text=line.said.text)

    def row_rest(self, line: Line) -> None:
        """Read the columns that only long lists have."""
        cell = self.label_cell
        scope, limit = parse_scope(cell(line.at, "scope"))
        part = self.roles.get("part")
        if part is not None and not is_missing(text := cell(line.at, "part")):
            told = said(text)
            if told.total:
                line.company = "store" not in self.roles
            else:
                scope = Scope(plain(part.heads[-1])[:6] if part.heads else "品类", plain(text))
        if scope == WHOLE:
            scope = line.said.scope
        time = line.said.time
        if scope == WHOLE and time and time.event:
            scope = Scope("活动", time.event)
        kind_text = parse_kind(cell(line.at, "kind"))
        basis = plain(cell(line.at, "basis")) or kind_text[1] or (time.basis if time else "")
        line.base = Claim(
            "", float("nan"), line.label, scope=scope, basis=basis,
            frequency=plain(cell(line.at, "frequency")), threshold=limit or self.threshold(line.at),
            locked=plain(cell(line.at, "locked")).lower() in _YES, confidence=self.confidence(line.at),
        )  # fmt: skip
        unit = cell(line.at, "unit")
        if not is_missing(unit):
            line.unit = parse_unit(plain(unit))
            if line.unit is None and re.search("[万亿千百]", plain(unit)):
                self.problem(
                    line.at,
                    self.roles["unit"].at,
                    f"单位“{clean(unit)}”看不懂",
                    "写 元、万元、% 之一",
                )
                line.bad = True
        year = plain(cell(line.at, "year")).removesuffix(".0").rstrip("年度")
        if re.fullmatch(r"20\d\d", year):
            timed = merged(line.said.time, Time(Span.NONE, year=int(year)))
            line.said = replace(line.said, time=timed or line.said.time)
        self.fill_down(line)

    def fill_down(self, line: Line) -> None:
        """An empty store cell below a store goes on with it, unless its figure stands there already."""
        if "store" not in self.roles or self.block.grid.merged and False:
            return
        key = (
            line.metric or line.label,
            line.said.time,
            line.said.kind,
            line.said.back,
            line.base.scope if line.base else WHOLE,
        )
        if line.store:
            if line.store != self.last_store:
                self.seen = set()
            self.last_store = line.store
        elif line.store is None and not line.company and not line.group and self.last_store:
            scoped = line.base is not None and line.base.scope != WHOLE
            if key not in self.seen and not scoped and (line.metric or line.said.time):
                line.store = self.last_store
                where = self.roles["store"].at
                self.tell(line.at, where, f"店铺空着，按上面的“{self.last_store}”读")
        self.seen.add(key)

    def threshold(self, row: int) -> float | None:
        text = re.search(r"\d[\d,.]*[万千]?", plain(self.label_cell(row, "threshold")))
        read = parse_amount(text[0], year=self.around.year) if text else None
        return read.number.value if isinstance(read, Amount) else None

    def confidence(self, row: int) -> int:
        column = self.roles.get("confidence")
        text = plain(self.label_cell(row, "confidence"))
        if re.fullmatch(r"[1-5](\.0)?", text):
            return int(text[0])
        if text and column is not None:
            what = f"可信度“{text}”应为 1 到 5"
            self.problem(row, column.at, what, "5 最可信，空着按 3", Level.WARNING)
        return 3

    # -- cells ---------------------------------------------------------------------------

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
        if not self.headed(column) and grid.is_amount(row, at):
            if self.is_extra(column):
                self.problem(
                    row, at, f"“{clean(value)}”上面没有列名，不知道是什么", "补上列名，或删去"
                )
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
        rows = [r for r in self.block.body if row < r <= block[2]]
        heads = [c for c in self.figures if at < c.at <= block[3] and c.heads]
        coarse = told.time is not None and told.time.span in (Span.QUARTER, Span.YEAR)
        return bool(heads) or (bool(rows) and not coarse)

    def headed(self, column: Column) -> bool:
        return bool(column.heads) or not self.block.head

    def is_extra(self, column: Column) -> bool:
        """Whether a column without a head stands beside others that are read."""
        return len(self.figures) > 1 and not column.heads

    def with_banner(self, told: Said) -> Said:
        if self.banner == Said():
            return told
        return joined(replace(self.banner, name=""), told)[0]

    def aside(self, column: Column, why: str, row: int) -> None:
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
                store = ""
            else:
                told = replace(told, aside="合计由别的数得出")
            total = True
        if not store and not total and not line.company:
            store = self.around.store
        return store, total, told

    def place(self, line: Line, column: Column, found: tuple[str, bool, Said]) -> None:
        store, total, told = found
        row, at = line.at, column.at
        if told.aside:
            self.aside(column, told.aside, row)
            return
        metric = told.metric if not (told.soft and line.metric) else line.metric
        metric = "" if line.unknown else metric or self.default_metric(line)
        value = self.grid.cells[row][at]
        kind = self.kind_of(told)
        scale, source, trouble = self.scale(line, column, metric, row, kind)
        if trouble:
            self.problem(row, at, trouble, "在单元格里写出单位，如 500万")
            return
        time = merged(told.time, self.around.time) or told.time or Time(Span.NONE)
        read = self.amount(value, scale, metric, row, at, told)
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
        self.out.drawn.append(
            Drawn(
                claim,
                told.rank,
                told.kind is Kind.TARGET,
                total,
                source,
                column.title,
                time.months,
                line.group or (column.said.name if column.said.total else ""),
                (row, at),
                bool(
                    told.metric
                    or told.time
                    or told.kind
                    or told.back is not None
                    or claim.kind is Kind.DATE
                ),
                column.said.kind is not None,
            )  # fmt: skip
        )

    def default_metric(self, line: Line) -> str:
        """Return the metric of figures whose labels name none: that of the title, else sales."""
        if "metric" in self.roles and not line.label and not line.company and not line.group:
            return self.around.metric or "gmv"
        return self.around.metric or "gmv"

    def kind_of(self, told: Said) -> Kind:
        return told.kind or Kind.TARGET

    def year_of(self, told: Said, time: Time, kind: Kind) -> tuple[int, Kind]:
        """Return the year of a figure, and its kind: what an earlier year has is its actual."""
        plan = self.around.year
        year = time.year or plan
        if told.back is not None and kind is not Kind.GROWTH:
            year = plan - max(told.back, 0)
            if told.back == 0 and kind is Kind.ACTUAL:
                year = plan - 1
        if year < plan and told.kind is None and kind is Kind.TARGET:
            kind = Kind.ACTUAL
        return year, kind

    def amount(
        self, value: object, scale: float, metric: str, row: int, at: int, told: Said
    ) -> Amount | None:
        """Read a figure as written; None when nothing stands there or it cannot be read."""
        code = self.grid.table.formats.get((row, at), "")
        text = plain(value) if isinstance(value, str) else ""
        if isinstance(value, float):
            value = round(value, 9)
        growth = _GROWTH.fullmatch(text)
        if (
            growth
            and adds(metric)
            and (told.kind is Kind.GROWTH or growth[1] != text or text[0] in "+-")
        ):
            read = parse_amount(growth[1], year=self.around.year)
            return replace(read, kind=Kind.GROWTH) if isinstance(read, Amount) else None
        read = parse_amount(value, scale=scale, year=self.around.year)
        if read is None:
            return None
        if isinstance(read, Unread):
            self.unread(value, read, metric, row, at)
            return None
        percent = read.number.kind is Written.PERCENT or "%" in code
        return self.sensible(read, metric, row, at, told, percent=percent)

    def unread(self, value: object, read: Unread, metric: str, row: int, at: int) -> None:
        """Say that a cell could not be read; words in rows nobody knows are no figures."""
        if not metric and isinstance(value, str) and value != NOT_CALCULATED:
            return
        self.problem(row, at, read.what, _WRITE)

    def sensible(
        self, read: Amount, metric: str, row: int, at: int, told: Said, *, percent: bool
    ) -> Amount | None:
        """Refuse a percentage where an amount belongs, and growth that cannot be one."""
        flow = adds(metric) and read.kind is None
        if told.kind is Kind.GROWTH:
            if not percent and abs(read.number.value) >= _MOST_GROWTH:
                self.problem(
                    row,
                    at,
                    f"增长率 {read.number.value:g} 即 {read.number.value:.0%}",
                    "写成带 % 的数，如 25%",
                )
                return None
            return read
        if flow and percent and told.kind not in (Kind.SHARE, Kind.ATTAINMENT):
            self.problem(
                row, at, f"{label_of(metric)}写成 {clean(self.grid.cells[row][at])}，看不出是增长还是占比",
                "写成金额，或在列名写“同比增长”",
            )  # fmt: skip
            return None
        if read.date and metric:
            self.problem(row, at, f"{label_of(metric)}的位置是日期 {read.date}", _WRITE)
            return None
        return read

    def scale(
        self, line: Line, column: Column, metric: str, row: int, kind: Kind
    ) -> tuple[float, str, str]:
        """Return the factor of a bare number, where its unit was found, and what is wrong with it."""
        code = self.grid.table.formats.get((row, column.at), "")
        shown, written = shown_by(code) if code else (1.0, None)
        if isinstance(self.grid.cells[row][column.at], str):
            shown, written = 1.0, None
        if kind in (Kind.GROWTH, Kind.SHARE, Kind.ATTAINMENT):
            unit = written or (
                column.said.unit if column.said.unit and column.said.unit.percent else None
            )
            return (shown * unit.factor if unit else 1.0), "", ""
        if written:
            return _exact(shown * written.factor), "数字格式", ""
        unit, source = self.declared(line, column, metric)
        factor = unit.factor if unit else 1.0
        if shown == 1.0:
            return factor, source, ""
        if unit is None or unit.factor == 1.0 or abs(shown * factor - 1) < 1e-9:
            return 1.0, source or "数字格式", ""
        return (
            1.0,
            source,
            f"单位写的是{unit.text}，数字格式却缩小了 {1 / shown:g} 倍，看不出实际是多少",
        )

    def declared(self, line: Line, column: Column, metric: str) -> tuple[Scale | None, str]:
        """Return the unit closest to a figure that fits its metric."""
        if line.unit:
            return line.unit, "单位列"
        if line.label_unit and (line.label_unit.fits(metric) or line.metric):
            return line.label_unit, "行名"
        money = metric not in METRICS or METRICS[metric].unit is Unit.MONEY
        head = column.said.unit
        around = self.around
        if head and (head.fits(metric) or (column.said.metric and not column.said.soft)):
            if around.asked is None or not money or not adds(metric):
                return head, f"列名“{column.title}”"
        if around.asked and money and adds(metric):
            return around.asked, "--unit"
        if self.banner.unit and self.banner.unit.fits(metric):
            return self.banner.unit, "小标题"
        if self.corner and self.corner.fits(metric):
            return self.corner, "表头"
        if around.unit and around.unit.fits(metric):
            return around.unit, around.unit_from
        return self.neighbour(column, metric)

    def neighbour(self, column: Column, metric: str) -> tuple[Scale | None, str]:
        """Return the unit of the other columns of this metric: 全年(万元) beside 1月 … 12月."""
        heads = [
            c for c in self.figures
            if c.said.unit and c.said.unit.fits(metric) and not c.said.aside and c.said.metric in ("", metric)
        ]  # fmt: skip
        factors = {c.said.unit.factor for c in heads if c.said.unit}
        bare = not column.said.metric or column.said.soft or column.said.metric == metric
        if len(factors) == 1 and bare and heads[0].said.unit:
            return heads[0].said.unit, f"旁边的列名“{heads[0].title}”"
        return None, ""


def _is_dated(cell: object) -> bool:
    """Whether a cell names a day, as in a list of dates."""
    read = parse_amount(cell, year=2000)
    return isinstance(read, Amount) and read.date is not None


def _exact(factor: float) -> float:
    return round(factor, 9)


def _is_shop(name: str) -> bool:
    from xlplan.sources.targets.labels import STORELIKE

    return bool(STORELIKE.search(name.lower()))


def _without_unit(text: str, told: Said) -> str:
    if told.unit is None:
        return text
    bare = re.sub(r"[(（\[【][^()（）]*[)）\]】]\s*$", "", text).strip()
    return bare or text


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
