"""收集报告: who returned, who is missing, what changed, and conflicts to decide."""

from __future__ import annotations

from dataclasses import field, fields
from typing import TYPE_CHECKING

from xlplan.cells import PLAIN, Area, Cell, Highlight, Page, Span, Style, Validation
from xlplan.record import draft, record
from xlplan.sheets.base import look
from xlplan.sheets.base.find import KEY_MARK, find_keys

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from xlplan.cells import Seen, Spot, Value

SHEET = "收集报告"
KEY_ROW, SAID_ROW, HEAD_ROW = 3, 2, 5
FIRST_ROW = HEAD_ROW + 1
MISSING, BLANK, RETURNED, CONFLICT, TROUBLE = "未交回", "未填写", "已交回", "有冲突", "有问题"
#: Results of details; the first waits for a choice.
ADOPT, KEEP = "采用交回", "保留总表"
OPEN, ADOPTED, KEPT = "冲突", "已采用交回", "已保留总表"
CORRECTED, CLEARED, REFUSED, WARNED, NOTED = "更正", "清空", "没有收", "注意", "提示"
EMPTY = "（空）"
#: More details than this are counted, not listed; conflicts come first.
MOST_DETAILS = 2000
_STORE_HEADS = ("店铺", "状态", "文件", "分发版本", "文件保存时间", "已填到", "新填", "修改", "清空", "冲突", "问题", "说明")  # fmt: skip
_DETAIL_HEADS = ("店铺", "结果", "文件", "日期", "指标", "分发时", "总表", "交回", "选择", "交回表位置", "规则", "说明")  # fmt: skip
_WIDTHS = (16, 11, 30, 12, 19, 12, 12, 12, 12, 12, 10, 60)
_METRIC, _MARK = len(_WIDTHS) + 1, len(_WIDTHS) + 2
_NOTHING = "还没有收集过。先运行 xlplan distribute 分发门店表，收回后运行 xlplan collect。"
#: Without lines, so that empty rows are not printed.
_TEXT = Style(size=9, border=False)
_WRAPPED, _CENTRED = (3, 12), (2, 4, 5, 6, 9, 10, 11)
#: As many details have room for two lines: not every program fits rows added to a closed file.
_ROOMY = 300


@draft
class StoreLine:
    """How one store stands; fields are in the order of the columns."""

    store: str
    state: str = MISSING
    files: str = ""
    version: Value = None
    saved: str = ""
    until: str = ""
    filled: Value = None
    changed: Value = None
    cleared: Value = None
    conflicts: Value = None
    problems: Value = None
    note: str = ""


@draft
class Detail:
    """One conflict, correction or finding; fields are in the order of the columns."""

    store: str = ""
    result: str = ""
    file: str = ""
    day: str = ""
    label: str = ""
    base: Value = None
    ours: Value = None
    theirs: Value = None
    choice: str = ""
    cell: str = ""
    rule: str = ""
    note: str = ""
    metric: str = ""


@draft
class Report:
    """The whole report: one line a store, and the details."""

    lines: dict[str, StoreLine] = field(default_factory=dict)
    details: list[Detail] = field(default_factory=list)

    def settle(self) -> None:
        """Count the open conflicts of every store again and say how it stands."""
        for store, line in self.lines.items():
            line.conflicts = sum(d.result == OPEN for d in self.of(store)) if line.files else None
            if line.state == CONFLICT and not line.conflicts:
                line.state = TROUBLE if line.problems else RETURNED
            elif line.conflicts:
                line.state = CONFLICT

    def of(self, store: str) -> list[Detail]:
        """Return the details of one store."""
        return [detail for detail in self.details if detail.store == store]


@record
class ReportAt:
    """Where the report stands in a book: rows of its parts, and how many details it lists."""

    said: Spot
    stores: int
    details: int
    listed: int


def collect_page(stores: Sequence[str]) -> Page:
    """Return the sheet of a new book: every store still to return its copy."""
    page = Page(SHEET, tab="#00838F", protect=False)
    page.put(1, 1, "收集报告", look.TITLE)
    page.put(SAID_ROW, 1, _NOTHING, look.HINT)
    first = FIRST_ROW + len(stores) + 2
    at = ReportAt((SAID_ROW, 1), HEAD_ROW, first, 0)
    for row, heads, title in ((HEAD_ROW, _STORE_HEADS, "各店"), (first, _DETAIL_HEADS, "明细")):
        page.put(row - 1, 1, title, PLAIN.but(bold=True, color=look.INK, size=12))
        for column, head in enumerate(heads, start=1):
            page.put(row, column, head, look.HEAD)
    report = Report({store: StoreLine(store) for store in stores})
    for spot, cell in report_cells(report, at).items():
        page.cells[spot] = cell._replace(style=_style(spot[1]))
    _keys(page, at)
    _choices(page, first)
    page.columns |= {
        column: Span(width, style=_style(column)) for column, width in enumerate(_WIDTHS, start=1)
    }
    page.rows |= {1: Span(28), KEY_ROW: Span(hidden=True), HEAD_ROW: Span(22), first: Span(22)}
    page.rows |= {row: Span(26) for row in range(first + 1, first + 1 + _ROOMY)}
    page.freeze = (FIRST_ROW, 2)
    page.pages_tall = 0
    return page


def _style(column: int) -> Style:
    """Return the look of a column: of the whole of it, so that rows added later have it."""
    if column > len(_WIDTHS):
        return look.HIDDEN
    return _TEXT.but(wrap=column in _WRAPPED, align="center" if column in _CENTRED else "")


def _keys(page: Page, at: ReportAt) -> None:
    for row, key in ((KEY_ROW, KEY_MARK), (SAID_ROW, "row:said"), (at.stores, "row:stores"), (at.details, "row:details")):  # fmt: skip
        page.put(row, _MARK, key, look.HIDDEN)
    page.columns |= {_METRIC: Span(2, hidden=True), _MARK: Span(2, hidden=True)}


def _choices(page: Page, first: int) -> None:
    """Let conflicts be decided in their row, and make states stand out."""
    choice = Area(first + 1, 9, first + MOST_DETAILS, 9)
    text = f"冲突行：选“{ADOPT}”或“{KEEP}”，再运行 xlplan collect 生效"
    page.validations.append(Validation(choice, "list", [ADOPT, KEEP], "选择", text))
    open_row = f'=$B{choice.top}="{OPEN}"'
    page.highlights.append(Highlight(choice, open_row, fill=look.MIDDLE, bold=True))
    stores = Area(FIRST_ROW, 2, first - 3, 2)
    rest = Area(first + 1, 2, first + MOST_DETAILS, 2)
    for area, word, fill in (
        (stores, RETURNED, look.GOOD),
        (stores, CONFLICT, look.BAD),
        (stores, TROUBLE, look.MIDDLE),
        (stores, BLANK, look.MIDDLE),
        (rest, OPEN, look.BAD),
        (rest, REFUSED, look.MIDDLE),
    ):
        page.highlights.append(Highlight(area, f'=$B{area.top}="{word}"', fill=fill, bold=True))


def report_cells(report: Report, at: ReportAt, *, said: str = "") -> dict[Spot, Cell]:
    """Return the report's cells at the places of a book; older, longer lists are cleared."""
    cells: dict[Spot, Cell] = {}
    if said:
        cells[at.said] = Cell(said)
    for row, line in enumerate(report.lines.values(), start=at.stores + 1):
        cells |= _row(row, line)
    shown = _listed(report.details)
    for row, detail in enumerate(shown, start=at.details + 1):
        cells |= _row(row, detail)
    for row in range(at.details + 1 + len(shown), at.details + 1 + at.listed):
        cells |= {(row, column): Cell(None) for column in range(1, _METRIC + 1)}
    return cells


def _listed(details: Sequence[Detail]) -> list[Detail]:
    """Return what is listed: conflicts first, then what was refused, then the rest."""
    rank = {OPEN: 0, REFUSED: 1, WARNED: 2}
    ordered = sorted(details, key=lambda d: (rank.get(d.result, 3), d.store, d.day, d.file))
    if len(ordered) <= MOST_DETAILS:
        return ordered
    rest = len(ordered) - MOST_DETAILS + 1
    return [*ordered[: MOST_DETAILS - 1], Detail(result=NOTED, note=f"还有 {rest} 条没有列出")]


def _row(row: int, record: StoreLine | Detail) -> dict[Spot, Cell]:
    values = (getattr(record, part.name) for part in fields(record))
    return {
        (row, column): Cell(None if value == "" else value)
        for column, value in enumerate(values, start=1)
    }


def read_report(cells: Mapping[Spot, Seen], stores: Iterable[str]) -> tuple[Report, ReportAt]:
    """Read the report back, with the choices made in it.

    Raises:
        StructureError: Its hidden keys are gone.
    """
    keys = find_keys(SHEET, cells)
    names = dict.fromkeys(("row:said", "row:stores", "row:details"), "表头")
    keys.need_rows(names)
    said, top, first = (keys.rows[name] for name in names)
    rows = sorted({row for row, column in cells if column <= _METRIC})
    lines = {store: StoreLine(store) for store in stores}
    for row in (row for row in rows if top < row < first - 1):
        values = _values(cells, row, {4, 7, 8, 9, 10, 11})
        if str(values[0]) in lines:
            lines[str(values[0])] = StoreLine(*values[:-1])  # type: ignore[arg-type]
    details = [Detail(*_values(cells, row, {6, 7, 8})) for row in rows if row > first]  # type: ignore[arg-type]
    listed = max((row for row in rows if row > first), default=first) - first
    return Report(lines, details), ReportAt((said, 1), top, first, listed)


def report_anchors(cells: Mapping[Spot, Seen]) -> dict[str, int]:
    """Return the rows of what its cells stand under: the headings, and each store by name."""
    rows = find_keys(SHEET, cells).rows
    top, first = rows["row:stores"], rows["row:details"]
    named = {f"店铺 {seen.value}": row for (row, column), seen in cells.items() if column == 1 and top < row < first - 1 and seen.value}  # fmt: skip
    return {"表头": rows["row:said"], "各店": top, "明细": first, **named}


def _values(cells: Mapping[Spot, Seen], row: int, figures: Collection[int]) -> list[Value]:
    """Return a row's values in field order; empty texts are "", empty `figures` None."""
    found: list[Value] = []
    for column in range(1, _METRIC + 1):
        seen = cells.get((row, column))
        value = seen.value if seen else None
        found.append("" if value is None and column not in figures else value)
    return found
