"""问题 and 变更记录: plain lists that only grow downwards."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from xlplan.cells import Area, Cell, Highlight, Page, Span, Style
from xlplan.errors import Level, Problem, Where
from xlplan.record import record
from xlplan.sheets import look

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from xlplan.cells import Seen, Spot

PROBLEMS, LOG = "问题", "变更记录"
HEAD_ROW, FIRST_ROW = 3, 4
_PROBLEM_HEADS = {
    "序号": 6,
    "级别": 8,
    "规则": 10,
    "文件": 22,
    "表": 12,
    "单元格": 12,
    "内容": 70,
    "建议": 50,
}
_LOG_HEADS = {"时间": 18, "操作编号": 16, "操作": 10, "谁": 12, "表": 12, "位置": 18, "店铺": 14, "日期": 12, "指标": 14, "旧值": 16, "新值": 16, "说明": 60}  # fmt: skip
#: Also the look of whole columns, so that rows added to a closed file have it.
_TEXT = Style(wrap=True, size=9, border=False)


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
    page = _list_page(
        PROBLEMS,
        "问题",
        "每次分解、导入、体检后更新；按“建议”改好后重新运行即可消除。",
        _PROBLEM_HEADS,
    )
    page.cells.update(problem_cells(problems))
    last = FIRST_ROW + 500
    page.highlights = [
        Highlight(Area(FIRST_ROW, 1, last, 8), f'=$B{FIRST_ROW}="错误"', fill=look.BAD),
        Highlight(Area(FIRST_ROW, 1, last, 8), f'=$B{FIRST_ROW}="警告"', fill=look.MIDDLE),
    ]
    return page


def problem_cells(problems: Sequence[Problem], old_rows: int = 0) -> dict[Spot, Cell]:
    """Return the list's cells; rows of an older, longer list are cleared."""
    cells: dict[Spot, Cell] = {}
    for i in range(max(len(problems), old_rows)):
        problem = problems[i] if i < len(problems) else None
        texts: Iterable[object] = [None] * 8
        if problem:
            d = problem.as_dict()
            texts = (
                i + 1,
                d["level"],
                d["rule"],
                d["file"],
                d["sheet"],
                d["cell"],
                d["what"],
                d["remedy"],
            )
        for column, text in enumerate(texts, start=1):
            cells[FIRST_ROW + i, column] = Cell(text or None, "", _TEXT)  # type: ignore[arg-type]
    return cells


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
    page.cells.update(log_cells(rows, FIRST_ROW))
    return page


def log_cells(rows: Sequence[LogRow], first: int) -> dict[Spot, Cell]:
    """Return the cells of log rows placed from row `first` on."""
    return {
        (first + i, column): Cell(text or None, "", _TEXT)
        for i, row in enumerate(rows)
        for column, text in enumerate(row.texts(), start=1)
    }


def read_log(cells: Mapping[Spot, Seen]) -> list[LogRow]:
    """Return the rows of 变更记录 from the top, whatever it was sorted by."""
    return [LogRow(*texts) for texts in _texts(cells, _LOG_HEADS)]


def _texts(cells: Mapping[Spot, Seen], known: Mapping[str, int]) -> list[list[str]]:
    """Return the rows below the heads that say anything; none when a head is gone."""
    heads = {str(seen.value): spot for spot, seen in cells.items() if seen.value in known}
    if len(heads) < len(known):
        return []
    first = max(row for row, _ in heads.values()) + 1
    rows = sorted({row for row, _ in cells if row >= first})
    made = ([_text(cells.get((row, heads[head][1]))) for head in known] for row in rows)
    return [texts for texts in made if any(texts)]


def _text(seen: Seen | None) -> str:
    return "" if seen is None or seen.value is None else str(seen.value)


def _list_page(name: str, title: str, hint: str, heads: dict[str, int]) -> Page:
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
