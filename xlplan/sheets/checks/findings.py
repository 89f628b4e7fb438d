"""体检 as a page: what actions found, worst first; beside it what every level adds up to."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from xlplan.cells import Area, Cell, Highlight, Span, Style, address, letters
from xlplan.errors import Level, Problem, Where
from xlplan.record import record, replace
from xlplan.sheets.base.lists import (
    FIRST_ROW,
    HEAD_ROW,
    TEXT,
    ListAt,
    list_found,
    list_page,
    list_texts,
)
from xlplan.sheets.base.names import CHECKUP
from xlplan.sheets.base.rule_names import rule_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from xlplan.cells import Page, Seen, Spot

FOUND_HEADS = MappingProxyType({"序号": 6, "级别": 8, "规则": 10, "文件": 30, "表": 12, "单元格": 9, "内容": 76, "建议": 54})  # fmt: skip
CHECK_HEADS = MappingProxyType({"检查": 34, "范围": 22, "左边": 18, "右边": 18, "差额": 12, "结果": 8})  # fmt: skip
COUNT_LABEL = "核对不一致的项数（应为 0）"
#: The name of the cell that counts the checks which do not show 0.
COUNT_NAME = "xlplan_faults"
#: Rows of findings that the summary counts.
_COUNTED = 2000
_CENTRED = (1, 2, 3, 6)


@record
class Check:
    """Two formulas that must agree, and the engine's value of the left one."""

    what: str
    where: str
    left: str
    right: str
    value: float


@record
class CheckupAt:
    """Where 体检 stands: its findings, its checks, and the cell that counts the faulty ones."""

    findings: ListAt
    checks: ListAt
    count: Spot

    @property
    def summary(self) -> Spot:
        """Where the whole is said in a line; the first fault is told below it."""
        return self.findings.first - 3, self.findings.columns[6]


def checkup_as_built() -> CheckupAt:
    """Return where an empty 体检 stands as built: the checks a column behind the findings."""
    found = tuple(range(1, len(FOUND_HEADS) + 1))
    checked = tuple(range(found[-1] + 2, found[-1] + 2 + len(CHECK_HEADS)))
    one, other = (ListAt(FIRST_ROW, FIRST_ROW, columns) for columns in (found, checked))
    return CheckupAt(one, other, (HEAD_ROW - 1, checked[2]))


def checkup_found(cells: Mapping[Spot, Seen]) -> CheckupAt:
    """Return where 体检 stands; StructureError when a head is gone."""
    found, checked = (list_found(CHECKUP, cells, heads) for heads in (FOUND_HEADS, CHECK_HEADS))
    labels = (row for (row, _), seen in cells.items() if seen.value == COUNT_LABEL)
    return CheckupAt(found, checked, (next(labels, checked.first - 2), checked.columns[2]))


def checkup_page(problems: Sequence[Problem], listed: Sequence[Check | None]) -> Page:
    """Return the whole page."""
    from xlplan.sheets.base import look

    at = checkup_as_built()
    page = list_page(CHECKUP, "体检", "每次分解、导入、体检后更新；按“建议”改好后重新运行即可消除。右边是逐级核对的公式。", FOUND_HEADS)  # fmt: skip
    page.tab = "#6A1B9A"
    for column in _CENTRED:
        page.columns[column] = replace(page.columns[column], style=_style(column))
    for column, (head, width) in zip(at.checks.columns, CHECK_HEADS.items(), strict=True):
        page.put(HEAD_ROW, column, head, look.HEAD)
        page.columns[column] = Span(width)
    page.columns[at.checks.columns[0] - 1] = Span(3)
    page.put(at.count[0], at.checks.columns[0], COUNT_LABEL, look.LABEL.but(align="left"))
    page.cells |= finding_cells(problems, at) | check_cells(listed, at)
    _look(page, at, FIRST_ROW + len(listed) - 1)
    return page


def _look(page: Page, at: CheckupAt, last_check: int) -> None:
    from xlplan.sheets.base import look

    last = FIRST_ROW + 500
    # two lines each: not every program fits the height of rows added to a closed file
    page.rows |= {row: Span(26) for row in range(FIRST_ROW, last + 1)}
    found, gap = Area(FIRST_ROW, 1, last, len(FOUND_HEADS)), letters(at.checks.columns[4])
    checked = Area(FIRST_ROW, at.checks.columns[0], last_check, at.checks.columns[-1])
    page.highlights = [
        Highlight(found, f'=$B{FIRST_ROW}="错误"', fill=look.BAD),
        Highlight(found, f'=$B{FIRST_ROW}="警告"', fill=look.MIDDLE),
        Highlight(checked, f"=N(${gap}{FIRST_ROW})<>0", fill=look.BAD, bold=True),
    ]
    page.names = {COUNT_NAME: f"='{CHECKUP}'!{Area(*at.count, *at.count).fixed}"}


def finding_cells(problems: Sequence[Problem], at: CheckupAt) -> dict[Spot, Cell]:
    """Return the cells of the findings and what they come to; older rows below are cleared."""
    there = at.findings
    cells: dict[Spot, Cell] = dict(_summary(problems, at))
    for i in range(max(len(problems), there.free - there.first)):
        texts: Iterable[str | int | None] = [None] * len(FOUND_HEADS)
        if i < len(problems):
            d = problems[i].as_dict()
            told = (d["level"], rule_name(d["rule"]), d["file"], d["sheet"], d["cell"], d["what"], d["remedy"])  # fmt: skip
            texts = (i + 1, *told)
        for number, (column, text) in enumerate(zip(there.columns, texts, strict=True), start=1):
            cells[there.first + i, column] = Cell(text or None, "", _style(number))
    return cells


def _summary(problems: Sequence[Problem], at: CheckupAt) -> dict[Spot, Cell]:
    """Return the line that says how many faults there are, and the first check that fails."""
    from xlplan.sheets.base import look

    first, column = at.findings.first, letters(at.findings.columns[1])
    levels = f"${column}${first}:${column}${first + _COUNTED}"
    errors, warnings = (
        sum(problem.level is level for problem in problems)
        for level in (Level.ERROR, Level.WARNING)
    )
    count, text = address(*at.count), "{} 个错误，{} 个警告，{}"
    parts = [f'COUNTIF({levels},"{level}")&" 个{level}，"' for level in ("错误", "警告")]
    told = f'={"&".join(parts)}&IF(N({count})=0,"核对一致",{count}&" 处核对不一致")'
    what, where, result = (
        f"${letters(c)}${at.checks.first}:${letters(c)}${at.checks.first + _COUNTED}"
        for c in (at.checks.columns[0], at.checks.columns[1], at.checks.columns[-1])
    )
    place = f'MATCH("✗",{result},0)'
    fault = (
        f'=IF(N({count})=0,"","第一处不一致："&INDEX({what},{place})&" "&INDEX({where},{place}))'
    )
    row, spot = at.summary
    style = look.DERIVED.but(bold=True, align="left")
    return {
        (row, spot): Cell(text.format(errors, warnings, "核对一致"), told, style),
        (row + 1, spot): Cell("", fault, look.DERIVED.but(align="left")),
    }


def check_cells(
    listed: Sequence[Check | None], at: CheckupAt, *, counted: bool = True
) -> dict[Spot, Cell]:
    """Return the cells of every check; None stays as it is.

    Args:
        listed: The checks.
        at: Where they stand.
        counted: With the cell that counts those which do not show 0.
    """
    from xlplan.metrics.money import MONEY_DIGITS, MONEY_FORMAT
    from xlplan.sheets.base import look

    money, first = Style(look.DERIVED.state, number=MONEY_FORMAT), at.checks.first
    what, where, left, right, gap, result = at.checks.columns
    cells: dict[Spot, Cell] = {}
    if counted:
        area = f"${letters(result)}${first}:${letters(result)}${first + len(listed) - 1}"
        style = look.DERIVED.but(bold=True, size=14)
        cells[at.count] = Cell(0, f'=COUNTIF({area},"✗")', style)
    one, other, difference = (letters(column) for column in (left, right, gap))
    for row, check in enumerate(listed, start=first):
        if check is None:
            continue
        cells[row, what] = Cell(check.what, "", Style())
        cells[row, where] = Cell(check.where, "", Style())
        cells[row, left] = Cell(check.value, f"={check.left}", money)
        cells[row, right] = Cell(check.value, f"={check.right}", money)
        cells[row, gap] = Cell(0, f"=ROUND({one}{row}-{other}{row},{MONEY_DIGITS})", money)
        cells[row, result] = Cell("√", f'=IF({difference}{row}=0,"√","✗")', Style(align="center"))
    return cells


def _style(column: int) -> Style:
    return TEXT.but(align="center" if column in _CENTRED else "")


def read_problems(cells: Mapping[Spot, Seen]) -> list[Problem]:
    """Return the findings as they stand, so that actions which find nothing new leave them alone."""
    return [
        Problem(Where(file, sheet, cell), what, Level(level), remedy, rule)
        for _, level, rule, file, sheet, cell, what, remedy in list_texts(cells, FOUND_HEADS)
        if level in set(Level)
    ]
