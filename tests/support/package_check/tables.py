"""Rules of Excel tables and comments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.package_check.context import number
from tests.support.package_check.formulas import formula_faults, name_fault
from xlplan.ooxml.book import read_table_part
from xlplan.ooxml.cells import unescape_excel
from xlplan.ooxml.serial import parse_cell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from tests.support.package_check.context import Context, Sheet
    from xlplan.ooxml.cells import TablePart


def check(context: Context) -> None:
    """Check the tables and comments of every worksheet."""
    ids: set[str] = set()
    names = set(context.defined_names)
    for sheet in context.sheets:
        seen: list[TablePart] = []
        for part in context.related(sheet.part, "table"):
            tree = context.tree(part)
            if tree is None:
                continue
            table = read_table_part(context.package, part)
            faults = list(_faults(sheet, table, seen, tree))
            if tree.get("id", "") in ids or table.name.lower() in names:
                faults.append("编号或名字与别的表格、名称重复")
            ids.add(tree.get("id", ""))
            names.add(table.name.lower())
            seen.append(table)
            for fault in faults:
                context.report("tables", f"表格 {table.name}：{fault}", sheet.name)
        for part in context.related(sheet.part, "comments"):
            _check_comments(context, sheet, part)


def _faults(
    sheet: Sheet, table: TablePart, others: list[TablePart], tree: Element
) -> Iterator[str]:
    if fault := name_fault(table.name):
        yield f"名字{fault}"
    if len(table.columns) != table.block.right - table.block.left + 1:
        yield "列数与区域不符"
    lower = [unescape_excel(name).lower() for name in table.columns]
    if len(set(lower)) != len(lower) or "" in lower:
        yield "列名重复或为空"
    rows = table.block.bottom - table.block.top + 1
    if rows - table.header_rows - table.totals_rows < 1:
        yield "没有数据行"
    if any(table.block.overlaps(other.block) for other in others):
        yield "与别的表格重叠"
    if any(table.block.overlaps(merge) for merge in sheet.merges):
        yield "区域内有合并单元格"
    if table.header_rows:
        yield from _header_faults(sheet, table)
    for formula in tree.iter("calculatedColumnFormula"):
        yield from formula_faults(formula.text or "")


def _header_faults(sheet: Sheet, table: TablePart) -> Iterator[str]:
    for index, name in enumerate(table.columns):
        shown = sheet.texts.get((table.block.top, table.block.left + index))
        wanted = unescape_excel(name)
        if shown is None or _lines(shown) != _lines(wanted):
            yield f"标题单元格“{shown}”与列名“{wanted}”不符"


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")


def _check_comments(context: Context, sheet: Sheet, part: str) -> None:
    tree = context.tree(part)
    if tree is None:
        return
    authors, seen = len(tree.findall("authors/author")), set[str]()
    for comment in tree.findall("commentList/comment"):
        name = comment.get("ref", "")
        if not 0 <= number(comment.get("authorId")) < authors:
            context.report("comments", "批注的作者不存在", sheet.name, name)
        if name in seen or not _is_cell(name):
            context.report("comments", "批注的单元格重复或不存在", sheet.name, name)
        seen.add(name)
    if sheet.root.find("legacyDrawing") is None:
        context.report("comments", "有批注却没有批注框", sheet.name)


def _is_cell(name: str) -> bool:
    try:
        parse_cell(name)
    except ValueError:
        return False
    return True
