"""Reading a targets file: every sheet, every table on it, whatever way it was drawn.

Stores × months, months × stores, metrics × months, a long list of 指标 and 数值, a sheet per
store, a plain list of labels and figures: a table is taken apart into heads and labels, each
of which says something (store, metric, time, kind, unit), and a figure is what the labels
beside it and the heads above it say together. A figure that they do not place is named.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from xlplan.errors import InputError, Level, Problem, Where
from xlplan.plan.targets.claims import Claim, Kind
from xlplan.record import draft, record
from xlplan.sources.filenames import store_in_name
from xlplan.sources.numbers import parse_number
from xlplan.sources.readers.unpack import tables
from xlplan.sources.targets.facts import Around, Reading
from xlplan.sources.targets.grid import grid_of
from xlplan.sources.targets.labels import STORELIKE, known_metric, said
from xlplan.sources.targets.layout import find_blocks
from xlplan.sources.targets.placing import read_block
from xlplan.sources.targets.settling import settle
from xlplan.sources.targets.units import Scale, parse_unit, split_unit, stated_unit
from xlplan.sources.targets.words import parse_time, plain
from xlplan.sources.text import Unread

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from xlplan.sources.readers.raw import Table
    from xlplan.sources.targets.grid import Grid
    from xlplan.sources.targets.layout import Block

NO_HEAD = "找不到目标：需要“指标”和“数值”两列，或店铺、指标与 1月…12月 的表"
HEAD_REMEDY = "第一行写列名：店铺、指标、单位、全年、1月…12月；或用 xlplan new --template 目标模板.xlsx 要一份模板"
#: Names of sheets that say nothing about what is on them.
_PLAIN_SHEET = re.compile(
    r"(?:sheet|工作表|表)\d*|.*(?:目标|计划|规划|预算|分解|汇总|总表|合计|说明|填报|模板|target|plan|budget|summary|total).*",
    re.IGNORECASE,
)
_TARGETS = re.compile("目标|计划|预算|规划|任务|kpi|target|plan|budget|goal", re.IGNORECASE)
_TITLE_METRICS = (
    "销售额",
    "销售",
    "gmv",
    "uv",
    "访客",
    "推广费",
    "投放",
    "转化率",
    "客单价",
    "退款率",
    "订单",
    "roi",
    "业绩",
    "营业额",
    "revenue",
    "sales",
    "traffic",
    "visitors",
    "spend",
)


@draft
class OtherYearError(InputError):
    """A file's targets are all of other years than the one planned: `years`."""

    years: Sequence[int] = ()


@record
class TargetList:
    """What a targets file says.

    Attributes:
        claims: Its statements.
        problems: Cells that could not be read or placed.
        told: What was chosen, checked, left aside or taken from around, and why.
        unitless: Cells of money amounts for which no unit was found anywhere.
        years: Years of figures that were left out because another year is planned.
    """

    claims: tuple[Claim, ...]
    problems: tuple[Problem, ...]
    told: tuple[Problem, ...] = ()
    unitless: tuple[Where, ...] = ()
    years: tuple[int, ...] = ()


def read_targets(path: str | os.PathLike[str], *, year: int, unit: str = "") -> TargetList:
    """Read a targets file; every sheet with a table of targets counts.

    Args:
        path: CSV, xlsx or any table file.
        year: The year planned; a figure of an earlier year is that year's actual.
        unit: The unit of amounts that carry none themselves (万元, 元), as answered.

    Raises:
        FileError: The file cannot be read.
        InputError: No table in it holds targets.
    """
    found = _visible(tables(path))
    listed = _joined(found[0], found[1], Path(path).name, year, unit)
    _require_year(listed, year, Path(path).name)
    return listed


def claims_of(table: Table, *, year: int, unit: str = "") -> TargetList:
    """Read one table of targets.

    Raises:
        InputError: It holds no targets.
    """
    return _joined([table], [], table.file, year, unit)


def list_of(found: Sequence[Table], *, year: int, unit: str = "") -> TargetList:
    """Read the tables of one file.

    Raises:
        InputError: None of them holds targets.
    """
    return _joined(found, [], found[0].file, year, unit)


def _visible(found: list[Table]) -> tuple[list[Table], list[Problem]]:
    shown = [table for table in found if not table.hidden]
    told = [
        Problem(
            table.where(),
            f"隐藏的工作表“{table.sheet}”没有读",
            Level.WARNING,
            "要读就取消隐藏",
            "targets",
        )
        for table in found
        if table.hidden and any(any(cell is not None for cell in row) for row in table.rows)
    ]
    return (shown, told) if shown else (found, [])


def _joined(
    found: Sequence[Table], told: list[Problem], file: str, year: int, unit: str
) -> TargetList:
    asked = parse_unit(unit) if unit else None
    sheets = [_Sheet(table, year, asked, several=len(found) > 1) for table in found]
    read = [(sheet, sheet.reading()) for sheet in sheets]
    if not any(reading.drawn or reading.problems for _, reading in read):
        raise _nothing(found, file)
    whole = Reading()
    whole.told += told
    for sheet, reading in read:
        if len(found) > 1 and not reading.drawn and not reading.problems and sheet.filled():
            what = f"工作表“{sheet.table.sheet}”不是目标表，没有读"
            whole.told.append(Problem(sheet.table.where(), what, Level.WARNING, "", "targets"))
        whole.drawn += reading.drawn
        whole.problems += reading.problems
        whole.told += reading.told
    settled = settle(whole, year)
    return TargetList(
        tuple(item.claim for item in settled),
        tuple(whole.problems),
        tuple(dict.fromkeys(whole.told)),
        tuple(item.claim.where for item in settled if not item.unit and _is_money(item.claim)),
        tuple(sorted({item.claim.year for item in whole.drawn})),
    )


def _nothing(found: Sequence[Table], file: str) -> InputError:
    """Return the refusal of a file without targets; a figure written oddly is named."""
    for table in found:
        for row, cells in enumerate(table.rows):
            for column, cell in enumerate(cells):
                odd = (
                    isinstance(cell, str) and re.match(r"\d", plain(cell)) and not said(cell).known
                )
                read = parse_number(cell) if odd else None
                if isinstance(read, Unread):
                    what = f"找不到目标；{read.what}"
                    return InputError(what, "写成 500万、4%、200元 这样", table.where(row, column))
    return InputError(NO_HEAD, HEAD_REMEDY, Where(file))


def _is_money(claim: Claim) -> bool:
    return (
        claim.kind in (Kind.TARGET, Kind.ACTUAL)
        and claim.metric in ("gmv", "spend", "budget")
        and not re.search("[万千亿元%]", claim.text)
    )


def _require_year(listed: TargetList, year: int, file: str) -> None:
    """Refuse a file whose figures are all of other years."""
    found = {*listed.years, *(claim.year or year for claim in listed.claims)}
    if listed.problems or year in found or not found:
        return
    later = sorted(found - {year - 1})
    if not later:
        raise InputError(
            f"文件里没有 {year} 年的目标，只有 {year - 1} 年的数", HEAD_REMEDY, Where(file)
        )
    raise OtherYearError(
        f"文件里是 {'、'.join(map(str, later))} 年的目标，计划年份是 {year}",
        f"用 --year {later[-1]}，或换文件",
        Where(file),
        years=later,
    )


class _Sheet:
    """One sheet of a targets file."""

    def __init__(self, table: Table, year: int, asked: Scale | None, *, several: bool) -> None:
        self.table = table
        self.year = year
        self.asked = asked
        self.several = several
        self.grid: Grid = grid_of(table)

    def filled(self) -> bool:
        """Whether anything stands on it."""
        return bool(self.grid.cells)

    def reading(self) -> Reading:
        """Read every table on it."""
        out = Reading()
        out.problems += self.grid.problems
        blocks = find_blocks(self.grid)
        notes = [text for block in blocks for _, text in block.free]
        for block in blocks:
            if not block.body:
                continue
            around = self.around(block, notes, out)
            if around is None:
                continue
            part = read_block(block, around)
            if self.is_list(block, part):
                out.drawn += part.drawn
                out.problems += part.problems
                out.told += part.told
        return out

    def is_list(self, block: Block, part: Reading) -> bool:
        """Whether a table is one of targets: some figure of it has a metric or a time said."""
        known = any(item.sure for item in part.drawn)
        texts = [self.table.sheet, self.table.file, *(text for _, text in block.free)]
        said_so = any(_TARGETS.search(text) for text in texts)
        daily = any("日期" in plain(cell) for row in block.head for cell in self.grid.cells[row])
        return (known or (said_so and bool(part.drawn or part.problems))) and not daily

    def around(self, block: Block, notes: list[str], out: Reading) -> Around | None:
        """Return what titles, notes, the sheet's and the file's name say."""
        titles = [text for row, text in block.free if row < min(block.head or block.body)]
        unit, source = self.unit(titles, notes, out)
        self.check_year(titles, block, out)
        sheet = plain(self.table.sheet)
        bare, _ = split_unit(sheet)
        if _PLAIN_SHEET.fullmatch(sheet) and not re.search("店$|[Ss]tore$|[Ss]hop$", bare):
            sheet = ""
        time = parse_time(sheet) if sheet else None
        if time is not None and not (time.index or time.months):
            time = None
        return Around(
            self.year, self.store(titles, "" if time else sheet), self.metric([*titles, self.table.sheet, self.table.file]),
            time, unit, source, self.asked,
            next(filter(None, (self.past(text) for text in (*reversed(titles), sheet))), 0),
        )  # fmt: skip

    def unit(self, titles: list[str], notes: list[str], out: Reading) -> tuple[Scale | None, str]:
        """Return the unit stated closest around a table, and where."""
        near = [
            (text, stated_unit(plain(line).lower(), loose=True))
            for text in titles
            for line in text.split("\n")
        ]
        far = [
            (text, stated_unit(plain(line).lower())) for text in notes for line in text.split("\n")
        ]
        stated = {unit.factor: text for text, unit in (*near, *far) if unit}
        if len(stated) > 1:
            what = "两处写的单位不同：" + "；".join(f"“{text[:30]}”" for text in stated.values())
            out.problems.append(
                Problem(self.table.where(), what, Level.ERROR, "只留一个单位", "targets")
            )
        for text, unit in (*near, *far):
            if unit:
                return unit, f"“{text.splitlines()[0][:30]}”"
        for name, where in (
            (self.table.sheet, "工作表名"),
            (Path(self.table.file).stem, "文件名"),
        ):
            if unit := stated_unit(plain(name).lower(), loose=True):
                return unit, f"{where}“{name}”"
        return None, ""

    def store(self, titles: list[str], sheet: str) -> str:
        """Return the store that a title, the sheet or the file is named after."""
        for text in reversed(titles):
            bare, _ = split_unit(text)
            if name := store_in_name(bare) or _shop_in(bare):
                return name
        if sheet and (STORELIKE.search(sheet.lower()) or (self.several and said(sheet).name)):
            bare = re.sub(
                r"[_\-(（\[【·\s]*(?:单位[:：]?)?(?:百|千)?[万亿千]元?[)）\]】]*$",
                "",
                self.table.sheet,
            )
            return bare.strip() or self.table.sheet.strip()
        return store_in_name(self.table.file)

    def metric(self, texts: list[str]) -> str:
        """Return the metric a title or name speaks of, "" when none or several."""
        for text in texts:
            low = plain(text).lower()
            found = {known_metric(word) for word in _TITLE_METRICS if word in low} - {""}
            if len(found) == 1:
                return found.pop()
            if "gmv" in found:
                return "gmv"
        return ""

    def past(self, text: str) -> int:
        """Return the year whose actuals a title or name announces: 2026年实际, 去年完成情况."""
        told = said(split_unit(text)[0])
        mixed = _TARGETS.search(text) or "预" in text  # 预决算: targets stand there too
        if mixed or (told.kind is not Kind.ACTUAL and told.back != 1):
            return 0
        years = re.findall(r"(?<!\d)(20\d\d)(?!\d)", text)
        return int(years[0]) if years else self.year - 1

    def check_year(self, titles: list[str], block: Block, out: Reading) -> None:
        """Say when a title speaks of another year than the one planned."""
        titles = [*titles, self.table.sheet, Path(self.table.file).stem]
        years = {
            int(found)
            for text in titles
            for found in re.findall(r"(?<!\d)(20\d\d)(?=年|财|\D|$)", text)
        }
        if years and self.year not in years and not any(map(self.past, titles)):
            where = self.grid.where((block.free or [(0, "")])[0][0], 0)
            listed = "、".join(map(str, sorted(years)))
            what = f"标题或文件名写的是 {listed} 年，按计划年份 {self.year} 年读"
            out.told.append(
                Problem(where, what, Level.WARNING, f"不对就用 --year {max(years)}", "targets")
            )


def _shop_in(title: str) -> str:
    """Return the shop a title begins with: 抖音小店2027年目标."""
    told = said(
        re.sub(
            r"(?:销售|业绩|年度|经营|运营|gmv|GMV)?(?:目标|计划|规划|预算|分解)*(?:表|一览|明细)?$",
            "",
            title,
        )
    )
    name = told.name
    return name if name and STORELIKE.search(name.lower()) and len(name) <= 20 else ""
