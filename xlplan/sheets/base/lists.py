"""问题 and 变更记录: plain lists under heads; their columns are found by the heads, wherever they are."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING

from xlplan.cells import Area, Cell, Highlight, Page, Span, Style
from xlplan.errors import Level, Problem, StructureError, Where
from xlplan.record import record
from xlplan.sheets.base.names import LOG, PROBLEMS
from xlplan.sheets.base.rule_names import rule_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from xlplan.cells import Seen, Spot

HEAD_ROW, FIRST_ROW = 3, 4
_PROBLEM_HEADS = {
    "序号": 6,
    "级别": 8,
    "规则": 10,
    "文件": 30,
    "表": 12,
    "单元格": 9,
    "内容": 76,
    "建议": 54,
}
_CENTRED = (1, 2, 3, 6)
_LOG_HEADS = {"时间": 18, "操作编号": 16, "操作": 10, "谁": 12, "表": 12, "位置": 18, "店铺": 14, "日期": 12, "指标": 14, "旧值": 16, "新值": 16, "说明": 60}  # fmt: skip
#: Also the look of whole columns, so that rows added to a closed file have it.
_TEXT = Style(wrap=True, size=9, border=False)


@record
class ListAt:
    """Where a list stands: its first row, the first free one, its columns in the order of the heads."""

    first: int
    free: int
    columns: tuple[int, ...]


@record
class LogRow:
    """One line of 变更记录; fields are in the order of its columns."""

    time: str = ""
    action_id: str = ""
    action: str = ""
    who: str = ""
    sheet: str = ""
    cell: str = ""
    store: str = ""
    date: str = ""
    metric: str = ""
    old: str = ""
    new: str = ""
    note: str = ""

    def texts(self) -> list[str]:
        """Return the columns in order."""
        return [str(getattr(self, field.name)) for field in fields(self)]


def problems_page(problems: Sequence[Problem]) -> Page:
    """Return the 问题 sheet."""
    from xlplan.sheets.base import look

    page = _list_page(
        PROBLEMS,
        "问题",
        "每次分解、导入、体检后更新；按“建议”改好后重新运行即可消除。",
        _PROBLEM_HEADS,
    )
    page.columns |= {
        column: replace(page.columns[column], style=_problem_style(column)) for column in _CENTRED
    }
    page.cells.update(problem_cells(problems, list_as_built(_PROBLEM_HEADS)))
    last = FIRST_ROW + 500
    # two lines each: not every program fits the height of rows added to a closed file
    page.rows |= {row: Span(26) for row in range(FIRST_ROW, last + 1)}
    page.highlights = [
        Highlight(Area(FIRST_ROW, 1, last, 8), f'=$B{FIRST_ROW}="错误"', fill=look.BAD),
        Highlight(Area(FIRST_ROW, 1, last, 8), f'=$B{FIRST_ROW}="警告"', fill=look.MIDDLE),
    ]
    return page


def problem_cells(problems: Sequence[Problem], at: ListAt) -> dict[Spot, Cell]:
    """Return the list's cells at its place; rows of an older, longer list are cleared."""
    cells: dict[Spot, Cell] = {}
    for i in range(max(len(problems), at.free - at.first)):
        problem = problems[i] if i < len(problems) else None
        texts: Iterable[object] = [None] * 8
        if problem:
            d = problem.as_dict()
            texts = (
                i + 1,
                d["level"],
                rule_name(d["rule"]),
                d["file"],
                d["sheet"],
                d["cell"],
                d["what"],
                d["remedy"],
            )
        for number, (column, text) in enumerate(zip(at.columns, texts, strict=True), start=1):
            cells[at.first + i, column] = Cell(text or None, "", _problem_style(number))  # type: ignore[arg-type]
    return cells


def _problem_style(column: int) -> Style:
    return _TEXT.but(align="center" if column in _CENTRED else "")


def read_problems(cells: Mapping[Spot, Seen]) -> list[Problem]:
    """Return the list as it stands, so that actions which find nothing new leave it alone."""
    texts = _texts(cells, _PROBLEM_HEADS)
    return [
        Problem(Where(file, sheet, cell), what, Level(level), remedy, rule)
        for _, level, rule, file, sheet, cell, what, remedy in texts
        if level in set(Level)
    ]


def log_page(rows: Sequence[LogRow]) -> Page:
    """Return the 变更记录 sheet."""
    page = _list_page(LOG, "变更记录", "只增不改：谁、何时、改了什么、为什么。", _LOG_HEADS)
    page.cells.update(log_cells(rows, list_as_built(_LOG_HEADS)))
    return page


def log_cells(rows: Sequence[LogRow], at: ListAt) -> dict[Spot, Cell]:
    """Return the cells of log rows below what stands there."""
    return {
        (at.free + i, column): Cell(text or None, "", _TEXT)
        for i, row in enumerate(rows)
        for column, text in zip(at.columns, row.texts(), strict=True)
    }


def read_log(cells: Mapping[Spot, Seen]) -> list[LogRow]:
    """Return the rows of 变更记录 from the top, whatever it was sorted by."""
    return [LogRow(*texts) for texts in _texts(cells, _LOG_HEADS)]


def _texts(cells: Mapping[Spot, Seen], known: Mapping[str, int]) -> list[list[str]]:
    """Return the rows below the heads that say anything; none when a head is gone."""
    row, heads = _head_row(cells, known)
    if len(heads) < len(known):
        return []
    rows = sorted({below for below, _ in cells if below > row})
    made = ([_text(cells.get((below, heads[head]))) for head in known] for below in rows)
    return [texts for texts in made if any(texts)]


def list_as_built(heads: Mapping[str, int]) -> ListAt:
    """Return where an empty list stands as built."""
    return ListAt(FIRST_ROW, FIRST_ROW, tuple(range(1, len(heads) + 1)))


def problems_at(cells: Mapping[Spot, Seen]) -> ListAt:
    """Return where 问题 stands; StructureError when a head is gone."""
    return _found_at(PROBLEMS, cells, _PROBLEM_HEADS)


def log_at(cells: Mapping[Spot, Seen]) -> ListAt:
    """Return where 变更记录 stands; StructureError when a head is gone."""
    return _found_at(LOG, cells, _LOG_HEADS)


def _found_at(sheet: str, cells: Mapping[Spot, Seen], known: Mapping[str, int]) -> ListAt:
    row, heads = _head_row(cells, known)
    gone = [head for head in known if head not in heads]
    if gone:
        raise StructureError(
            f"“{sheet}”表的表头少了：{'、'.join(gone)}",
            "请把表头改回来，或从“备份”文件夹恢复；可以插入、移动列，但不要删除、改名",
            Where(sheet=sheet),
        )
    last = max(there for there, _ in cells)
    return ListAt(row + 1, last + 1, tuple(heads[head] for head in known))


def _head_row(cells: Mapping[Spot, Seen], known: Mapping[str, int]) -> tuple[int, dict[str, int]]:
    """Return the row that holds most heads (rows below may say the same words), and its heads."""
    rows: dict[int, dict[str, int]] = {}
    for (row, column), seen in cells.items():
        if isinstance(seen.value, str) and seen.value in known:
            rows.setdefault(row, {}).setdefault(seen.value, column)
    row = max(rows, key=lambda row: (len(rows[row]), -row), default=HEAD_ROW)
    return row, rows.get(row, {})


def _text(seen: Seen | None) -> str:
    return "" if seen is None or seen.value is None else str(seen.value)


def _list_page(name: str, title: str, hint: str, heads: dict[str, int]) -> Page:
    from xlplan.sheets.base import look

    page = Page(name, tab="#9E9E9E")
    page.put(1, 1, title, look.TITLE)
    page.put(2, 1, hint, look.HINT)
    for column, (head, width) in enumerate(heads.items(), start=1):
        page.put(HEAD_ROW, column, head, look.HEAD)
        page.columns[column] = Span(width, style=_TEXT)
    page.rows |= {1: Span(28), HEAD_ROW: Span(22)}
    page.freeze = (FIRST_ROW, 1)
    page.pages_tall, page.repeat_rows = 0, (HEAD_ROW, HEAD_ROW)
    return page
