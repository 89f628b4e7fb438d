"""导入映射: what the columns of an export nobody knows mean, a row a column, written by the user.

It says what a mapping file says (`sources.mapping`), and for all files: which channel a
name in a report means, and which beginnings of a remark mark an order as 补单.
"""

from __future__ import annotations

import re
from dataclasses import field
from typing import TYPE_CHECKING, Any

from xlplan.cells import Area, Page, Span, Validation, address
from xlplan.errors import Level, Problem, Where
from xlplan.record import draft, record
from xlplan.sheets.base import look
from xlplan.sources.mapping import BY_CHANNEL, channel_key, importable_metric, parse_mapping

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from xlplan.cells import Seen, Spot
    from xlplan.sources.declare import Source

SHEET = "导入映射"
HEAD_ROW, FIRST_ROW, SPARE = 7, 8, 200
_PRINTED = 30
#: Head → width.
HEADS = {"来源": 22, "列名": 26, "是什么": 22, "补充": 26, "备注": 46}
DATE, STORE, SCENE, SCENE_NAME, DROP, SUM, PREFIX = "日期", "店铺", "渠道", "渠道名", "不计的行", "多行相加", "补单前缀"  # fmt: skip
_ORDERS = {"": "ymd", "年月日": "ymd", "日月年": "dmy", "月日年": "mdy"}
_UNITS = {"": 1.0, "元": 1.0, "个": 1.0, "分": 0.01, "千元": 1000.0, "万元": 10_000.0, "万": 10_000.0, "亿元": 1e8}  # fmt: skip
_OFFERED = (
    *(DATE, STORE, SCENE, SCENE_NAME, DROP, SUM, PREFIX, *BY_CHANNEL),
    *("销售额", "访客数", "订单数", "买家数", "支付件数", "退款金额", "退款件数", "询单人数", "其他推广"),
)  # fmt: skip
_HINTS = (
    "平台的常见导出不用写，自动认得。这里只写程序不认得的表：一行一列，“来源”相同的几行说的是同一种文件；列名照抄，次序随便。",
    "“是什么”：每个来源要有一行“日期”和至少一个指标（月表里的行名，如 销售额、访客数、直通车、直通车UV）；可有“店铺”，以及“多行相加”（一天几行，列名留空）；写 指标卡:名称（如 指标卡:库存周转天数）就记进指标卡那一行的各月。",
    "“补充”：日期写 日月年 或 月日年（默认年月日）；金额写单位 万元、分（默认元）；“不计的行”写要跳过的字，如 已删除、草稿。",
    "“渠道”是写着推广渠道的列，配“渠道花费”“渠道UV”“渠道成交”；“渠道名”一行把列里的字（写在列名）归到渠道（写在补充），来源留空就对所有报表有效。",
    "“补单前缀”（来源、列名留空）：商家备注以这些字开头的订单只作扣除，如 G-、V-；写 无 表示没有补单。同样的内容也可写成文件，用 xlplan import --mapping 给出。",
)


@draft
class Mappings:
    """What the sheet says.

    Attributes:
        sources: Declarations of exports, to be tried before the known ones.
        scenes: Name in a report → channel key, for all reports.
        prefixes: Beginnings of remarks that mark 补单; None when the sheet does not say.
        problems: Rows that mean nothing, with their cells.
    """

    sources: tuple[Source, ...] = ()
    scenes: dict[str, str] = field(default_factory=dict)
    prefixes: tuple[str, ...] | None = None
    problems: list[Problem] = field(default_factory=list)


@record
class _Line:
    """A row as typed."""

    row: int
    source: str
    column: str
    what: str
    more: str


def mapping_page() -> Page:
    """Return the sheet of a new book: how it is filled, and empty rows."""
    page = Page(SHEET, tab="#00838F", sortable=True)
    page.put(1, 1, SHEET, look.TITLE)
    for row, hint in enumerate(_HINTS, start=2):
        page.put(row, 1, hint, look.HINT)
    last = FIRST_ROW + SPARE - 1
    for column, (head, width) in enumerate(HEADS.items(), start=1):
        page.put(HEAD_ROW, column, head, look.HEAD)
        page.columns[column] = Span(width)
        for row in range(FIRST_ROW, last + 1):
            page.put(row, column, None, look.TEXT_INPUT)
    text = "从单子里选，或直接写月表里的行名（如 直通车、直通车UV、钻展）"
    page.validations.append(Validation(Area(FIRST_ROW, 3, last, 3), "list", list(_OFFERED), "是什么", text, strict=False))  # fmt: skip
    page.rows |= {1: Span(28), HEAD_ROW: Span(22)}
    page.freeze = (FIRST_ROW, 1)
    page.pages_tall, page.repeat_rows = 0, (HEAD_ROW, HEAD_ROW)
    page.print_area = Area(1, 1, FIRST_ROW + _PRINTED, len(HEADS))
    return page


def read_mappings(cells: Mapping[Spot, Seen], file: str = "") -> Mappings:
    """Read the sheet; columns are found by their heads, wherever they were moved to."""
    made = Mappings()
    reader = _Reader(made, file)
    by_source: dict[str, list[_Line]] = {}
    for line in reader.lines(cells):
        if line.what == PREFIX:
            made.prefixes = () if line.more == "无" else _listed(line.more)
        elif line.what == SCENE_NAME and not line.source:
            reader.name_scene(line, made.scenes)
        else:
            by_source.setdefault(line.source, []).append(line)
    found = [reader.source(name, lines) for name, lines in by_source.items()]
    made.sources = tuple(source for source in found if source)
    return made


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part for part in re.split(r"[、，,；;\s]+", text) if part)


class _Reader:
    """Turns rows into declarations; what is wrong goes to the problems, with its cell."""

    def __init__(self, made: Mappings, file: str) -> None:
        self.made, self.file = made, file
        self.columns: dict[str, int] = {}

    def lines(self, cells: Mapping[Spot, Seen]) -> Iterable[_Line]:
        """Yield the rows under the heads; an empty 来源 is that of the row above."""
        heads: dict[int, dict[str, int]] = {}
        for spot, seen in cells.items():
            if seen.value in HEADS:
                heads.setdefault(spot[0], {})[str(seen.value)] = spot[1]
        head = next(
            (row for row in sorted(heads) if {"列名", "是什么"} <= heads[row].keys()), None
        )
        if head is None:
            return
        self.columns, above = heads[head], ""
        for row in sorted({row for row, _ in cells if row > head}):
            source, column, what, more = (self._text(cells, row, name) for name in ("来源", "列名", "是什么", "补充"))  # fmt: skip
            if not what:
                continue
            shared = what in (PREFIX, SCENE_NAME) and not source
            above = source or above
            yield _Line(row, "" if shared else above, column, what, more)

    def _text(self, cells: Mapping[Spot, Seen], row: int, head: str) -> str:
        seen = cells.get((row, self.columns.get(head, 0)))
        return "" if seen is None or seen.value is None else str(seen.value).strip()

    def report(self, line: _Line, head: str, what: str) -> None:
        """Name what a row says and does not mean."""
        where = Where(self.file, SHEET, address(line.row, self.columns.get(head, 1)))
        remedy = "改好后重新导入；写法见本表顶部的说明"
        self.made.problems.append(Problem(where, what, Level.WARNING, remedy, "映射"))

    def name_scene(self, line: _Line, scenes: dict[str, str]) -> None:
        """Take a row that gives a name in reports its channel."""
        try:
            scenes[line.column] = channel_key(line.more)
        except ValueError as error:
            self.report(line, "补充", str(error))

    def source(self, name: str, lines: Sequence[_Line]) -> Source | None:
        """Return the declaration of one 来源; None, and why, when it is none."""
        before = len(self.made.problems)
        said: dict[str, Any] = {
            "name": name or "自定义映射",
            "columns": {},
            "scenes": {},
            "drop": {},
        }
        for line in lines:
            self._say(said, line)
        if len(self.made.problems) == before:
            try:
                return parse_mapping(said)
            except KeyError:
                self.report(lines[0], "来源", f"来源「{name}」没有一行写明哪一列是日期")
            except ValueError as error:
                self.report(lines[0], "来源", f"来源「{name}」：{error}")
        return None

    def _say(self, said: dict[str, Any], line: _Line) -> None:
        if line.what == SUM:
            said["rows"] = "sum"
        elif not line.column:
            self.report(line, "列名", f"“{line.what}”没有写是哪一列")
        elif line.what == DATE:
            self._day(said, line)
        elif line.what == STORE:
            said["store"] = line.column
        elif line.what == SCENE:
            said["scene"] = line.column
        elif line.what == SCENE_NAME:
            self.name_scene(line, said["scenes"])
        elif line.what == DROP:
            said["drop"][line.column] = list(_listed(line.more))
        else:
            self._metric(said, line)

    def _day(self, said: dict[str, Any], line: _Line) -> None:
        if line.more not in _ORDERS:
            self.report(
                line, "补充", f"日期的写法只能是 年月日、日月年、月日年，不能是「{line.more}」"
            )
        said["date"], said["order"] = line.column, _ORDERS.get(line.more, "ymd")

    def _metric(self, said: dict[str, Any], line: _Line) -> None:
        try:
            metric = importable_metric(line.what)
        except ValueError as error:
            self.report(line, "是什么", str(error))
            return
        if line.more not in _UNITS:
            known = "、".join(filter(None, _UNITS))
            self.report(line, "补充", f"单位只能是 {known}，不能是「{line.more}」")
        said["columns"][line.column] = {"metric": metric, "scale": _UNITS.get(line.more, 1.0)}
