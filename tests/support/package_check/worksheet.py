"""Rules of a sheet around its cells: merges, validations, conditional formats, links."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.package_check import cells
from tests.support.package_check.context import measure, number, utf16
from tests.support.package_check.formulas import formula_faults
from tests.support.package_check.order import WORKSHEET, check_order
from xlplan.ooxml.serial import MAX_COL, MAX_ROW, CellRange, column_index, parse_range

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from tests.support.package_check.context import Context, Sheet

_MOST_LINKS, _MOST_TEXT = 65_530, 255
_TITLE, _WIDEST = 32, 255


def check(context: Context) -> None:
    """Check every worksheet."""
    strings = cells.shared_strings(context)
    for sheet in context.sheets:
        check_order(context, sheet.root, WORKSHEET, "工作表", sheet.name)
        cells.check(context, sheet, strings)
        _check_merges(context, sheet)
        _check_columns(context, sheet)
        for rule in sheet.root.findall("dataValidations/dataValidation"):
            _check_validation(context, sheet, rule)
        for group in sheet.root.findall("conditionalFormatting"):
            _check_conditional(context, sheet, group)
        _check_links(context, sheet)


def block(name: str) -> CellRange | None:
    """Return a range, whole columns and whole rows included; None for what is none."""
    first, _, last = name.replace("$", "").partition(":")
    try:
        if first.isdigit() and last.isdigit():
            return CellRange(int(first), 1, int(last), MAX_COL)
        if first.isalpha() and last.isalpha():
            return CellRange(1, column_index(first), MAX_ROW, column_index(last))
        return parse_range(name)
    except ValueError:
        return None


def _check_merges(context: Context, sheet: Sheet) -> None:
    for element in sheet.root.findall("mergeCells/mergeCell"):
        name = element.get("ref", "")
        found = block(name)
        if found is None or found[:2] == found[2:]:
            context.report("merges", f"合并区域 {name} 不合法", sheet.name)
            continue
        sheet.merges.append(found)
    open_blocks: list[CellRange] = []
    for found in sorted(sheet.merges):
        open_blocks = [other for other in open_blocks if other.bottom >= found.top]
        if any(found.overlaps(other) for other in open_blocks):
            context.report("merges", f"合并区域 {found} 与别的合并区域重叠", sheet.name)
        open_blocks.append(found)


def _check_columns(context: Context, sheet: Sheet) -> None:
    last = 0
    for column in sheet.root.findall("cols/col"):
        first, end = number(column.get("min")), number(column.get("max"))
        if not last < first <= end <= MAX_COL:
            context.report("columns", f"列定义 {first}–{end} 重叠或越界", sheet.name)
        last = max(last, end)
        if not 0 <= number(column.get("style")) < max(1, context.formats):
            context.report("columns", f"列 {first} 的样式不存在", sheet.name)
        if measure(column.get("width")) > _WIDEST:
            context.report("columns", f"列 {first} 宽过 {_WIDEST}", sheet.name)


def _check_places(context: Context, sheet: Sheet, rule: str, places: str) -> None:
    for place in places.split() or [""]:
        if block(place) is None:
            context.report(rule, f"区域“{place}”不合法", sheet.name)


def _check_validation(context: Context, sheet: Sheet, rule: Element) -> None:
    places = rule.get("sqref", "")
    _check_places(context, sheet, "validation", places)
    limits = {"promptTitle": _TITLE, "errorTitle": _TITLE, "prompt": 255, "error": 255}
    faults = [
        f"{k} 超过 {most} 个字符" for k, most in limits.items() if utf16(rule.get(k, "")) > most
    ]
    texts = [rule.findtext(name) for name in ("formula1", "formula2")]
    for text in filter(None, texts):
        faults += formula_faults(text)
        if text.startswith('"') and utf16(text.strip('"')) > _MOST_TEXT:
            faults.append(f"下拉列表超过 {_MOST_TEXT} 个字符")
    if rule.get("type") == "list" and not texts[0]:
        faults.append("下拉列表没有来源")
    for fault in faults:
        context.report("validation", f"数据验证：{fault}", sheet.name, places)


def _check_conditional(context: Context, sheet: Sheet, group: Element) -> None:
    places = group.get("sqref", "")
    _check_places(context, sheet, "conditional", places)
    for rule in group.findall("cfRule"):
        form = rule.get("dxfId")
        if form is not None and not 0 <= number(form) < context.differential_formats:
            context.report("conditional", f"条件格式的样式 {form} 不存在", sheet.name, places)
        if rule.get("type") == "expression" and rule.find("formula") is None:
            context.report("conditional", "条件格式没有公式", sheet.name, places)
        for formula in rule.findall("formula"):
            for fault in formula_faults(formula.text or ""):
                context.report("conditional", f"条件格式：{fault}", sheet.name, places)


def _check_links(context: Context, sheet: Sheet) -> None:
    links = sheet.root.findall("hyperlinks/hyperlink")
    if len(links) > _MOST_LINKS:
        context.report("links", f"超链接超过 {_MOST_LINKS:,} 个", sheet.name)
    for link in links:
        _check_places(context, sheet, "links", link.get("ref", ""))
    found = sheet.root.find("autoFilter")
    if found is not None:
        _check_places(context, sheet, "filter", found.get("ref", ""))
