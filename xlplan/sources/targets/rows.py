"""The labels of a row: its store, metric, time, kind and the columns only long lists have."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from xlplan.errors import Level, Problem
from xlplan.plan.targets.claims import WHOLE, Claim, Scope, Span
from xlplan.record import draft
from xlplan.regex import regex
from xlplan.sources.numbers import Number, parse_number
from xlplan.sources.targets.facts import Reading
from xlplan.sources.targets.labels import Said, is_shop, merged, said
from xlplan.sources.targets.roles import Column, columns_of, joined, time_cell
from xlplan.sources.targets.units import Scale, parse_unit
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
from xlplan.sources.text import clean, is_missing

if TYPE_CHECKING:
    from xlplan.sources.targets.facts import Around
    from xlplan.sources.targets.layout import Block

#: What a shop's name ends with, or is as a whole.
_SHOP = regex(
    r"(?:店|商城|旗舰|专营|专卖|自营|store|shop)$|^(?:天猫|淘宝|京东|抖音|快手|拼多多|小红书|视频号|唯品会|得物|微店|有赞|亚马逊"
    r"|tmall|taobao|jd|douyin|kuaishou|pdd|pinduoduo|amazon|shopee|lazada|独立站|shopify|小程序|1688|苏宁)[^\u4e00-\u9fff]*$"
)
_OWNERS = ("负责人", "责任人", "owner", "运营", "店长")
_YES = ("是", "√", "✓", "✔", "锁", "锁定", "1", "y", "yes", "true")


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
    said: Said = Said()  # frozen
    base: Claim | None = None
    unit: Scale | None = None
    label_unit: Scale | None = None
    bad: bool = False


class Rows:
    """Reads the labels of a table's rows."""

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
        self.banner: Said = Said()
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
        """Read the time of a row."""
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
        """Read the metric of a row."""
        column = self.roles.get("metric")
        cell = self.label_cell(line.at, "metric")
        if column is None or is_missing(cell):
            return
        line.label = clean(cell)
        told = said(cell)
        line.label_unit = told.unit
        label = parse_label(cell)
        if told.metric and self.is_stranger(line.at, told):
            line.unknown = True  # 企业微信添加转化率 is no 转化率 of the shop
            told = Said(told.text, kind=told.kind, unit=told.unit)
        elif told.metric:
            line.metric, line.soft = told.metric, False
            if self.names_a_shop(line.at, told.name):
                line.store = told.name
        elif label.metric:
            told = replace(told, metric=label.metric, scope=label.scope)
            line.metric = label.metric
        elif told.total or (told.known and (told.aside or told.kind or told.time)):
            pass
        elif (
            column.role == "metric"
            and self.names_a_shop(line.at, told.name)
            and not self.counts_things(line.at)
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

    def names_a_shop(self, row: int, name: str) -> bool:
        """Whether a name among the metrics is a shop's: no part of one, which 范围 would say."""
        if not name or "store" in self.roles or not is_missing(self.label_cell(row, "scope")):
            return False
        return is_shop(name) and bool(_SHOP.search(name.lower()))

    def is_stranger(self, row: int, told: Said) -> bool:
        """Whether words before a metric's name make it another one that nobody knows."""
        if not told.name or "store" in self.roles or not is_missing(self.label_cell(row, "scope")):
            return False
        return not self.names_a_shop(row, told.name)

    def counts_things(self, row: int) -> bool:
        """Whether a figure of a row counts pieces, people or days: no shop's sales."""
        cells = [self.grid.cells[row][column.at] for column in self.figures]
        read = [parse_number(cell) for cell in cells if isinstance(cell, str)]
        units = {one.unit for one in read if isinstance(one, Number)}
        return bool(units - {"", "元", "块", "人民币", "RMB", "CNY"})

    def row_store(self, line: Line) -> None:
        """Read the store of a row, or that it is a total."""
        column = self.roles.get("store")
        cell = self.label_cell(line.at, "store")
        if self.total_beside(line):
            return
        if column is None:
            line.store = self.banner_store or None if line.store is None else line.store
            return
        if is_missing(cell):
            return
        told = said(cell)
        if told.total:
            line.company, line.group = not told.name, told.name
            line.said, _ = joined(line.said, replace(told, name="", metric="", unit=None))
        elif plain(cell).startswith("其中"):
            what = f"“{clean(cell)}”是上面一行的一部分，不知道该不该相加"
            self.problem(line.at, column.at, what, "只留各店，或只留合计")
            line.bad = True
        elif told.known and not told.soft and (told.metric or not told.unit):
            self.all_stores(line, cell, told)
        else:
            self.one_store(line, cell, told, named=column.named)

    def total_beside(self, line: Line) -> bool:
        """Whether a label beside the store says that the row is a total: 天猫小计 under 平台."""
        for other in self.beside:
            told = said(self.grid.cells[line.at][other.at])
            if told.total and (line.at, other.at) not in self.grid.merged:
                line.company, line.group = not told.name, told.name
                return True
        return False

    @staticmethod
    def all_stores(line: Line, cell: object, told: Said) -> None:
        """去年同期, 同比 or 推广费 where the stores stand speaks of all of them."""
        line.company = True
        if told.metric:
            line.metric, line.label = told.metric, clean(cell)
        line.label_unit = told.unit
        line.said, _ = joined(line.said, replace(told, unit=None))

    @staticmethod
    def one_store(line: Line, cell: object, told: Said, *, named: bool) -> None:
        """Read a store's label; in a column without a head it may say more than the store."""
        store = _without_unit(clean(cell), told)
        if (
            not named
            and told.name
            and (told.metric or told.kind or told.time or told.back is not None)
        ):
            store = told.name
            if told.metric:
                line.metric, line.label = told.metric, clean(cell)
            line.said, _ = joined(line.said, replace(told, name="", unit=None))
        line.store = parse_store(store)
        line.company = not line.store
        line.label_unit = line.label_unit or told.unit

    def row_kind(self, line: Line) -> None:
        """Read what the figures of a row are."""
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
            industry=self.industry(line.at), owner=self.remarks(line.at, owner=True), note=self.remarks(line.at, owner=False),
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

    def industry(self, row: int) -> float | None:
        """Return what others reach, None when nothing is said."""
        cell = self.label_cell(row, "industry")
        read = None if is_missing(cell) else parse_amount(cell, year=self.around.year)
        if isinstance(read, Amount):
            return read.number.value
        if not is_missing(cell):
            self.problem(
                row,
                self.roles["industry"].at,
                f"行业水平“{clean(cell)}”读不成数，没有采用",
                "写成 3%、1.2万 这样",
                Level.WARNING,
            )
        return None

    def remarks(self, row: int, *, owner: bool) -> str:
        """Return what a row says beside its figures: who answers for it, or its notes."""
        texts = [
            clean(self.grid.cells[row][column.at])
            for column in self.columns.values()
            if column.role == "note"
            and column.named
            and any(plain(head).lower() in _OWNERS for head in column.heads) is owner
            and not is_missing(self.grid.cells[row][column.at])
        ]
        return "；".join(texts)

    def fill_down(self, line: Line) -> None:
        """An empty store cell below a store goes on with it, unless its figure stands there already."""
        if "store" not in self.roles:
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
        """Return the amount in 门槛."""
        text = re.search(r"\d[\d,.]*[万千]?", plain(self.label_cell(row, "threshold")))
        read = parse_amount(text[0], year=self.around.year) if text else None
        return read.number.value if isinstance(read, Amount) else None

    def confidence(self, row: int) -> int:
        """Return 可信度, 3 when it is empty."""
        column = self.roles.get("confidence")
        text = plain(self.label_cell(row, "confidence"))
        if re.fullmatch(r"[1-5](\.0)?", text):
            return int(text[0])
        if text and column is not None:
            what = f"可信度“{text}”应为 1 到 5"
            self.problem(row, column.at, what, "5 最可信，空着按 3", Level.WARNING)
        return 3


def _without_unit(text: str, told: Said) -> str:
    if told.unit is None:
        return text
    bare = re.sub(r"[(（\[【][^()（）]*[)）\]】]\s*$", "", text).strip()
    return bare or text
