"""Rules of rows and cells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.support.package_check.context import measure, number, utf16
from tests.support.package_check.formulas import formula_faults
from xlplan.ooxml.cells import unescape_excel
from xlplan.ooxml.serial import MAX_ROW, parse_cell, parse_range

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from tests.support.package_check.context import Context, Sheet

_LONGEST, _TALLEST = 32_767, 409.5
_NUMBER = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_ERRORS = frozenset(
    [
        "#DIV/0!",
        "#N/A",
        "#NAME?",
        "#NULL!",
        "#NUM!",
        "#REF!",
        "#VALUE!",
        "#GETTING_DATA",
        "#SPILL!",
        "#CALC!",
        "#FIELD!",
        "#BLOCKED!",
        "#CONNECT!",
        "#UNKNOWN!",
        "#BUSY!",
        "#PYTHON!",
        "#EXTERNAL!",
    ]
)


def shared_strings(context: Context) -> list[str]:
    """Return the shared strings, and report those that are too long."""
    strings = []
    for part in context.related(context.workbook_part, "sharedStrings"):
        tree = context.tree(part)
        for item in tree.findall("si") if tree is not None else ():
            strings.append(_flat(item))
            if utf16(strings[-1]) > _LONGEST:
                context.report("strings", f"第 {len(strings) - 1} 条共享字符串过长")
    return strings


def _flat(item: Element) -> str:
    texts = [item.findtext("t") or "", *(run.findtext("t") or "" for run in item.findall("r"))]
    return unescape_excel("".join(texts))


def check(context: Context, sheet: Sheet, strings: list[str]) -> None:
    """Check all rows and cells, and note texts, formulas and array blocks."""
    last = 0
    for row in sheet.root.findall("sheetData/row"):
        found = number(row.get("r"), last + 1)
        if not last < found <= MAX_ROW:
            context.report("rows", f"行 {row.get('r')} 的顺序不对或越界", sheet.name)
        if measure(row.get("ht")) > _TALLEST:
            context.report("rows", f"行 {found} 高过 {_TALLEST}", sheet.name)
        if not 0 <= number(row.get("s")) < max(1, context.formats):
            context.report("rows", f"行 {found} 的样式不存在", sheet.name)
        last = found
        _check_row(context, sheet, row, found, strings)


def _check_row(context: Context, sheet: Sheet, row: Element, at: int, strings: list[str]) -> None:
    last = 0
    for cell in row.findall("c"):
        name = cell.get("r")
        try:
            key = (at, last + 1) if name is None else parse_cell(name)
        except ValueError:
            key = (0, 0)
        if key[0] != at or key[1] <= last:
            context.report("cells", "单元格地址不对、重复或顺序不对", sheet.name, name or "")
        last = key[1]
        faults = [*_value_faults(sheet, cell, key, strings), *_formula_faults(sheet, cell, key)]
        if not 0 <= number(cell.get("s")) < max(1, context.formats):
            faults.append(f"样式序号 {cell.get('s')} 不存在")
        for fault in faults:
            context.report("cells", fault, sheet.name, name or "")


def _value_faults(
    sheet: Sheet, cell: Element, key: tuple[int, int], strings: list[str]
) -> list[str]:
    kind, text = cell.get("t", "n"), cell.findtext("v")
    if kind == "s":
        index = number(text, -1)
        if not 0 <= index < len(strings):
            return [f"共享字符串序号 {text} 不存在"]
        sheet.texts[key] = strings[index]
    elif kind in ("inlineStr", "str"):
        inline = cell.find("is")
        sheet.texts[key] = _flat(inline) if inline is not None else unescape_excel(text or "")
        if utf16(sheet.texts[key]) > _LONGEST:
            return [f"文字超过 {_LONGEST:,} 个字符"]
    elif not _is_plain(kind, text):
        return [f"类型 {kind} 的值“{(text or '')[:20]}”不合法"]
    return []


def _is_plain(kind: str, text: str | None) -> bool:
    if not text:
        return kind in ("n", "b", "e", "d")
    if kind == "n":
        return bool(_NUMBER.fullmatch(text)) and abs(float(text)) < float("inf")
    return {"b": text in ("0", "1"), "e": text in _ERRORS, "d": True}.get(kind, False)


def _formula_faults(sheet: Sheet, cell: Element, key: tuple[int, int]) -> list[str]:
    formula = cell.find("f")
    if formula is None:
        return []
    sheet.formulas.add(key)
    if formula.get("t") in ("array", "dataTable"):
        try:
            sheet.arrays.append(parse_range(formula.get("ref", "")))
        except ValueError:
            return ["数组公式的区域不合法"]
    if not formula.text and formula.get("t", "normal") != "normal":
        return []
    return formula_faults(formula.text or "")
