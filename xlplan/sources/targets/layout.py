"""Where the tables of a sheet are: their heads, their labels, their figures, and the text around."""

from __future__ import annotations

import unicodedata
from dataclasses import field
from itertools import pairwise
from typing import TYPE_CHECKING

from xlplan.record import draft
from xlplan.regex import regex
from xlplan.sources.targets.labels import STORELIKE, said
from xlplan.sources.targets.units import split_unit
from xlplan.sources.targets.words import plain
from xlplan.sources.text import clean, is_missing

if TYPE_CHECKING:
    from xlplan.sources.targets.grid import Grid

#: Role of a label column → the heads people give it.
_COLUMNS = {
    "store": "店铺 店 店名 店铺名称 店铺名 门店 网店 平台 渠道 平台/店铺 店铺/平台 渠道/店铺 store shop storename channel platform 分店 店铺/渠道",
    "metric": "指标 项目 目标项 指标名称 名称 kpi metric item 科目 指标/项目 kpi指标 measure",
    "time": "周期 时间 期间 时段 月份 月 月度 年月 季度 month months period time quarter 月份/季度 时间段",
    "value": "数值 值 数据 金额 目标值 value amount figure",
    "scope": "范围 部分 对象 拆分",
    "part": "品类 类目 产品线 品牌 产品 商品 系列 category brand product",
    "kind": "类型 口径/类型 类型/口径 性质 type",
    "basis": "口径 统计口径",
    "frequency": "频次 频率",
    "threshold": "门槛 条件",
    "unit": "单位 unit 计量单位 units",
    "year": "年份 年度 year",
    "locked": "锁定",
    "confidence": "可信度",
    "note": "备注 说明 负责人 运营 店长 责任人 owner note notes remark remarks comment comments 责任部门 事业部 部门 大区 区域 团队 小组 店铺类型 依据 remark(s)",
    "industry": "行业 行业平均 行业均值 行业基准 行业水平 benchmark industry",
    "aside": "序号 no no. # 编号 排名 id 店铺id 店铺编码 编码",
}  # fmt: skip
ROLES = {name: role for role, names in _COLUMNS.items() for name in names.split()}
_NOTE = regex(
    r"(?:注|备注|说明|附注|单位|金额单位|制表|编制|审核|审批|填表|更新|数据来源|口径|版本|日期|部门|负责人|制表人|编制人|note|notes|unit|units|source|prepared)\d*[:：为是]?.*"
    r"|[*※＊#].+|.*[。；;！!？?].*|.{0,12}[:：].*|单位.*|\(.*\)",
)
_EVENTS = (618, 1111, 1212, 38, 99, 88, 920, 520)
_TITLE = regex(
    r".*(?:目标表|计划表|规划表|预算表|分解表|汇总表|一览表|明细表|报表|方案|规划|目标|计划|预算|总表|plan|budget|targets?)(?:\(.*\))?"
)


@draft
class Block:
    """One table on a sheet.

    Attributes:
        grid: The sheet.
        left: Its first column.
        right: The column after its last.
        head: Rows of its head, top first.
        body: Rows below, those that hold something.
        banners: Row → text that stands alone in a row among or above its rows.
        free: Titles and notes with their row.
    """

    grid: Grid
    left: int = 0
    right: int = 0
    head: list[int] = field(default_factory=list)
    body: list[int] = field(default_factory=list)
    banners: dict[int, str] = field(default_factory=dict)
    free: list[tuple[int, str]] = field(default_factory=list)

    @property
    def columns(self) -> range:
        """Its columns."""
        return range(self.left, self.right)

    def head_texts(self, column: int) -> list[object]:
        """Return what stands above a column, top first; a group head covers the cells right of it."""
        found: list[object] = []
        for at, row in enumerate(self.head):
            cell = _as_time(self.grid.cells[row][column])
            below = any(not is_missing(self.grid.cells[r][column]) for r in self.head[at + 1 :])
            if is_missing(cell) and below and not self._merged_in(row):
                cell = self._group(row, column)
            if not is_missing(cell) and (not found or found[-1] != cell):
                found.append(cell)
        return found

    def _merged_in(self, row: int) -> bool:
        return any(at[0] == row and block[1] != block[3] for at, block in self.grid.merged.items())

    def _group(self, row: int, column: int) -> object:
        for left in range(column - 1, self.left - 1, -1):
            cell = self.grid.cells[row][left]
            if not is_missing(cell):
                return None if plain(cell).lower() in ROLES else cell
        return None


def _as_time(cell: object) -> object:
    """Return a number over a column as the month or year it stands for."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return f"{cell:.0f}月" if 1 <= cell <= 12 else f"{cell:.0f}"
    if isinstance(cell, str) and plain(cell).isdigit() and 1 <= int(plain(cell)) <= 12:
        return f"{int(plain(cell))}月"
    return cell


def is_note(text: str) -> bool:
    """Whether a text is a remark, a unit or a signature rather than a head or a label."""
    bare, _ = split_unit(text.lower())
    return bool(_NOTE.fullmatch(bare)) or not bare or len(text) > 40


def role_of(cell: object) -> str:
    """Return the role a head gives its column, "" when none."""
    text = plain(cell).lower()
    if role := ROLES.get(text):
        return role
    bare = text.partition("(")[0]
    return ROLES.get(bare, "") if bare != text else ""


def find_blocks(grid: Grid) -> list[Block]:
    """Return the tables of a sheet from top to bottom; figures without any head make one too."""
    return [part for block in _Finder(grid).run() for part in _beside(block)]


class _Finder:
    """One pass over the rows of a sheet."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.done: list[Block] = []
        self.block = Block(grid, 0, grid.width)

    def run(self) -> list[Block]:
        """Return the tables found."""
        for row in range(self.grid.height):
            if self.grid.distinct(row):
                self.row(row)
        if self.block.body or self.block.head or self.block.free:
            self.done.append(self.block)
        return self.done

    def row(self, row: int) -> None:
        """Give a row to the table it belongs to."""
        block = self.block
        if self.has_figures(row):
            block.body.append(row)
        elif block.body and self.is_remark(row):
            block.free.append((row, self.typed(row)))
        elif alone := self.alone(row):
            self.lone(row, alone)
        elif not block.body and (not block.head or self.is_below(row)):
            block.head.append(row)
        elif block.body and self.repeats(row) and max(block.banners, default=-1) < block.body[-1]:
            pass
        elif block.body and (self.repeats(row) or self.is_new_head(row)):
            self.begin()
            self.block.head.append(row)
        else:
            block.body.append(row)

    def begin(self) -> None:
        """Start another table; what was typed alone above it is its title."""
        old = self.block
        self.done.append(old)
        self.block = Block(self.grid, 0, self.grid.width)
        last = old.body[-1] if old.body else -1
        for row in [row for row in old.banners if row > last]:
            self.block.free.append((row, old.banners.pop(row)))
        moved = [item for item in old.free if item[0] > last]
        self.block.free += [item for item in moved if item not in self.block.free]

    def lone(self, row: int, text: str) -> None:
        """Take a text that stands alone: a note, a title, or a banner over rows."""
        if is_note(plain(text)) or not (self.block.body or self.block.head):
            self.block.free.append((row, text))
        else:
            self.block.banners[row] = text

    def alone(self, row: int) -> str:
        """Return the only text of a row, notes aside; "" for rows of several cells or a group head."""
        filled = self.grid.distinct(row)
        cells = [(at, plain(cell)) for at, cell in filled]
        texts = [
            (at, plain(c)) for at, c in filled if not (isinstance(c, str) and is_note(plain(c)))
        ]
        if len(cells) == 1 or not texts:
            return self.typed(row) if not self.is_group(row, cells) else ""
        if len(texts) == 1 and len(cells) > 1 and not self.block.body and not self.block.head:
            if role_of(texts[0][1]) or self.is_group(row, texts):
                return ""
            return self.typed(row)
        return ""

    def is_remark(self, row: int) -> bool:
        """Whether a row of words below figures is a signature or note: 审批： 张总."""
        first = self.grid.distinct(row)[0][1]
        return isinstance(first, str) and is_note(plain(first))

    def typed(self, row: int) -> str:
        """Return the texts of a row as typed, a line each."""
        texts = (unicodedata.normalize("NFKC", clean(cell)) for _, cell in self.grid.distinct(row))
        return "\n".join(texts)

    def is_group(self, row: int, cells: list[tuple[int, str]]) -> bool:
        """Whether a lone text stands over some columns as the head of a group."""
        at, text = cells[0]
        if self.block.body or at == 0 or is_note(text):
            return False
        told = said(self.grid.cells[row][at])
        return told.known or (bool(STORELIKE.search(text)) and not _TITLE.fullmatch(text))

    def has_figures(self, row: int) -> bool:
        """Whether figures stand in a row that are no heads."""
        grid = self.grid
        figures = [at for at, _ in grid.distinct(row) if grid.is_amount(row, at)]
        return bool(figures) and not self.is_number_head(row, figures)

    def is_number_head(self, row: int, figures: list[int]) -> bool:
        """Whether the numbers of a row are months 1 … 12, years, or 202701 … over columns."""
        values = [self.grid.number(row, at) for at in figures]
        whole = [int(value) for value in values if value is not None and value == int(value)]
        if len(whole) < len(values) or self._has_times():
            return False
        if all(1 <= value <= 12 for value in whole):
            follows = pairwise(whole)
            return len(whole) >= 3 and all(two in (one + 1, whole[0]) for one, two in follows)
        if all(value in _EVENTS for value in whole) and not self.block.body:
            texts = [cell for at, cell in self.grid.distinct(row) if at not in figures]
            return len(texts) > 1 and all(role_of(cell) or said(cell).known for cell in texts)
        if all(2000 <= value <= 2060 for value in whole):
            return not self.block.body and len(self.grid.distinct(row)) > 1
        return len(whole) >= 3 and all(
            2000 <= value // 100 <= 2060 and 1 <= value % 100 <= 12 for value in whole
        )

    def _has_times(self) -> bool:
        """Whether the head found so far has months already, so that numbers are figures."""
        if self.block.body:
            return False
        return any(
            (time := said(cell).time) is not None and bool(time.index)
            for row in self.block.head
            for _, cell in self.grid.distinct(row)
        )

    def is_below(self, row: int) -> bool:
        """Whether a row continues the head: nothing new under a column that has its role."""
        for column, cell in self.grid.distinct(row):
            for above in self.block.head:
                over = self.grid.cells[above][column]
                role = role_of(over)
                if role and role != "value" and plain(over) != plain(cell):
                    return bool(role_of(cell)) and role_of(cell) != "value"
        return True

    def is_new_head(self, row: int) -> bool:
        """Whether a row without figures begins another table."""
        cells = self.grid.distinct(row)
        if sum(bool(role_of(cell)) for _, cell in cells) >= 1 and len(cells) > 2:
            labels = [at for at, _ in cells if self._is_label(at)]
            return any(role_of(self.grid.cells[row][at]) for at in labels) or len(labels) < 1
        known = [
            at
            for at, cell in cells
            if not self._is_label(at) and (told := said(cell)).known and not told.unit
        ]
        return len(known) >= 2 and len(known) * 2 >= len(cells)

    def _is_label(self, column: int) -> bool:
        """Whether a column holds labels in the rows so far."""
        body = self.block.body
        return not any(self.grid.is_amount(row, column) for row in body)

    def repeats(self, row: int) -> bool:
        """Whether a row is the head once more, as on every printed page."""
        texts = [plain(cell) for _, cell in self.grid.distinct(row)]
        return any(
            texts == [plain(cell) for _, cell in self.grid.distinct(above)]
            for above in self.block.head
        )


def _beside(block: Block) -> list[Block]:
    """Split tables that stand side by side: the same label head again further right."""
    if not block.head:
        return [block]
    row = block.head[-1]
    heads = [(at, plain(cell).lower()) for at, cell in block.grid.distinct(row)]
    if not heads or role_of(heads[0][1]) not in ("store", "metric", "time"):
        return [block]
    starts = [at for at, text in heads if text == heads[0][1]]
    if len(starts) < 2 or len(heads) < 2 * len(starts):
        return [block]
    ends = [*starts[1:], block.right]
    return [_part(block, left, right) for left, right in zip(starts, ends, strict=True)]


def _part(block: Block, left: int, right: int) -> Block:
    grid = block.grid
    body = [
        row for row in block.body if any(not is_missing(c) for c in grid.cells[row][left:right])
    ]
    free = [
        (row, text)
        for row, text in block.free
        if any(plain(c) in plain(text) for c in grid.cells[row][left:right] if not is_missing(c))
        or row > max(block.body, default=0)
    ]
    return Block(grid, left, right, block.head, body, dict(block.banners), free)
