"""Rules of the workbook part: tabs, names, kind of file, macros, ribbon, calculation chain."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from tests.support.package_check.context import Sheet, number, utf16
from tests.support.package_check.formulas import formula_faults, name_fault
from tests.support.package_check.order import WORKBOOK, check_order
from xlplan.ooxml.safexml import relation_id
from xlplan.ooxml.serial import parse_cell
from xlplan.ooxml.sniff import OLE_MAGIC

if TYPE_CHECKING:
    from collections.abc import Iterable
    from xml.etree.ElementTree import Element

    from tests.support.package_check.context import Context

_KIND_OF = {
    ".xlsx": "sheet.main+xml",
    ".xlsm": "sheet.macroEnabled.main+xml",
    ".xltx": "template.main+xml",
    ".xltm": "template.macroEnabled.main+xml",
    ".xlam": "addin.macroEnabled.main+xml",
}
_LONGEST_TAB = 31
_NOT_IN_TAB = re.compile(r"[\[\]:*?/\\]")
_MOMENT = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?)?)?")
_VBA_TYPE = "application/vnd.ms-office.vbaProject"


def check(context: Context) -> bool:
    """Check the workbook; whether its sheets can be examined further."""
    part = context.package.workbook_part()
    tree = context.tree(part)
    context.workbook_part = part
    if tree is None or tree.tag != "workbook":
        context.report("workbook", "工作簿部件不是工作簿")
        return False
    check_order(context, tree, WORKBOOK, "工作簿")
    _check_kind(context, part)
    _check_macros(context, part)
    _check_ribbon(context)
    _check_properties(context)
    tabs = tree.findall("sheets/sheet")
    _check_tabs(context, tabs)
    _check_views(context, tree, tabs)
    _check_names(context, tree.findall("definedNames/definedName"), len(tabs))
    _collect_sheets(context, tabs)
    return True


def _check_kind(context: Context, part: str) -> None:
    ending = posixpath.splitext(context.name)[1].lower()
    found = context.content_types.get(part, "")
    wanted = _KIND_OF.get(ending, "main+xml")
    if not found.endswith(wanted):
        context.report(
            "kind", f"工作簿的内容类型 {found} 与扩展名 {ending} 不符，Excel 会拒绝打开"
        )


def _check_macros(context: Context, part: str) -> None:
    for vba in context.related(part, "vbaProject"):
        if context.name.lower().endswith((".xlsx", ".xltx")):
            context.report("macros", "不带宏的扩展名里有宏部件")
        if context.content_types.get(vba) != _VBA_TYPE:
            context.report("macros", f"{vba} 的内容类型不对")
        if not context.package.read(vba).startswith(OLE_MAGIC):
            context.report("macros", f"{vba} 不是 VBA 工程")


def _check_ribbon(context: Context) -> None:
    linked = {relation.part for relation in context.relations.get("", {}).values()}
    for part, tree in context.trees.items():
        if "customui" not in part.lower() or part.endswith(".rels"):
            continue
        if part not in linked:
            context.report("ribbon", f"{part} 没有关系指向它，功能区不会显示")
        _report_twice(context, "ribbon", "功能区控件编号", (e.get("id") for e in tree.iter()))


def _check_properties(context: Context) -> None:
    kinds = context.content_types.items()
    cores = [part for part, kind in kinds if kind.endswith("core-properties+xml")]
    if len(cores) > 1:
        context.report("properties", "有多个文档属性部件")
    for part in cores:
        for element in context.trees.get(part, ()):
            is_moment = element.tag.endswith(("}created", "}modified"))
            if is_moment and not _MOMENT.fullmatch(element.text or ""):
                context.report("properties", f"文档属性的时间 {element.text} 不对")


def _report_twice(context: Context, rule: str, what: str, names: Iterable[str | None]) -> None:
    seen: set[str] = set()
    for name in names:
        if name and name.lower() in seen:
            context.report(rule, f"{what} {name} 重复")
        seen.add((name or "").lower())


def _check_tabs(context: Context, tabs: list[Element]) -> None:
    names = [tab.get("name", "") for tab in tabs]
    if not tabs:
        context.report("tabs", "没有工作表")
    elif all(tab.get("state", "visible") != "visible" for tab in tabs):
        context.report("tabs", "所有工作表都隐藏了")
    for name in names:
        _check_tab_name(context, name)
    _report_twice(context, "tabs", "工作表名", names)
    _report_twice(context, "tabs", "工作表编号", (tab.get("sheetId") for tab in tabs))
    _report_twice(context, "tabs", "工作表关系", (relation_id(tab.attrib) for tab in tabs))


def _check_tab_name(context: Context, name: str) -> None:
    if not 0 < utf16(name) <= _LONGEST_TAB:
        context.report("tabs", f"工作表名为空或超过 {_LONGEST_TAB} 个字符", name)
    if _NOT_IN_TAB.search(name) or name.startswith("'") or name.endswith("'"):
        context.report("tabs", "工作表名含有不允许的字符", name)
    if name.lower() == "history":
        context.report("tabs", "History 是 Excel 保留的名字", name)


def _check_views(context: Context, tree: Element, tabs: list[Element]) -> None:
    for view in tree.findall("bookViews/workbookView"):
        for mark in ("activeTab", "firstSheet"):
            if not 0 <= number(view.get(mark)) < max(1, len(tabs)):
                context.report("views", f"{mark}={view.get(mark)} 超出工作表数")


def _check_names(context: Context, names: list[Element], tabs: int) -> None:
    seen: set[tuple[str, str | None]] = set()
    for element in names:
        name, local = element.get("name", ""), element.get("localSheetId")
        faults = [name_fault(name), *formula_faults(element.text or "")]
        if (name.lower(), local) in seen:
            faults.append("重复")
        if local is not None and not 0 <= number(local) < tabs:
            faults.append("所属工作表不存在")
        seen.add((name.lower(), local))
        context.defined_names.add(name.lower())
        for fault in filter(None, faults):
            context.report("names", f"名称 {name}：{fault}")


def _collect_sheets(context: Context, tabs: list[Element]) -> None:
    known = context.relations.get(context.workbook_part, {})
    for index, tab in enumerate(tabs):
        relation = known.get(relation_id(tab.attrib) or "")
        if relation is None or not relation.part or relation.part not in context.package:
            context.report("tabs", "工作表没有内容", tab.get("name", ""))
            continue
        part = context.package.name(relation.part)
        root = context.tree(part)
        if root is not None and root.tag == "worksheet":
            name = tab.get("name", "")
            context.sheets.append(Sheet(name, part, index, tab.get("sheetId", ""), root))


def check_calc_chain(context: Context) -> None:
    """Check that the calculation chain names cells with formulas only (Excel repairs else)."""
    sheets = {sheet.sheet_id: sheet for sheet in context.sheets}
    for part in context.related(context.workbook_part, "calcChain"):
        tree, current = context.tree(part), ""
        for entry in tree if tree is not None else ():
            current = entry.get("i", current)
            if not _is_computed(sheets.get(current), entry.get("r", "")):
                where = sheets[current].name if current in sheets else current
                context.report(
                    "calc-chain", "计算链指向没有公式的单元格", where, entry.get("r", "")
                )


def _is_computed(sheet: Sheet | None, name: str) -> bool:
    try:
        key = parse_cell(name)
    except ValueError:
        return False
    if sheet is None:
        return False
    return key in sheet.formulas or any(block.holds(*key) for block in sheet.arrays)
