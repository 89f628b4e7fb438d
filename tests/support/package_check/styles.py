"""Rules of the cell formats."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.support.package_check.context import number
from tests.support.package_check.order import STYLESHEET, check_order

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from tests.support.package_check.context import Context

_MOST_FORMATS, _LONGEST_CODE, _MOST_SECTIONS, _FIRST_CUSTOM = 65_490, 255, 4, 164
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')


def check(context: Context) -> None:
    """Check the stylesheet and note how many formats there are."""
    for part in context.related(context.workbook_part, "styles"):
        tree = context.tree(part)
        if tree is not None:
            context.formats = len(tree.findall("cellXfs/xf"))
            context.differential_formats = len(tree.findall("dxfs/dxf"))
            check_order(context, tree, STYLESHEET, "样式")
            _check_counts(context, tree)
            _check_formats(context, tree, _check_number_formats(context, tree))
            _check_named(context, tree)


def _check_counts(context: Context, tree: Element) -> None:
    if context.formats > _MOST_FORMATS:
        context.report("styles", f"单元格格式超过 {_MOST_FORMATS:,} 种")
    for group in tree:
        count = group.get("count")
        if count is not None and "}" not in group.tag and number(count) != len(group):
            context.report("styles", f"样式 {group.tag} 的数目 {count} 与实际 {len(group)} 不符")


def _check_number_formats(context: Context, tree: Element) -> set[int]:
    known: set[int] = set()
    for element in tree.findall("numFmts/numFmt"):
        code, key = element.get("formatCode", ""), number(element.get("numFmtId"), -1)
        bare = _QUOTED.sub("", code)
        if len(code) > _LONGEST_CODE or bare.count(";") >= _MOST_SECTIONS or '"' in bare:
            context.report("styles", f"数字格式 {code[:40]} 不合法")
        if key in known:
            context.report("styles", f"数字格式编号 {key} 重复")
        known.add(key)
    return known


def _check_formats(context: Context, tree: Element, codes: set[int]) -> None:
    sizes = {
        "fontId": len(tree.findall("fonts/font")),
        "fillId": len(tree.findall("fills/fill")),
        "borderId": len(tree.findall("borders/border")),
        "xfId": max(1, len(tree.findall("cellStyleXfs/xf"))),
    }
    for group in ("cellXfs", "cellStyleXfs"):
        for index, form in enumerate(tree.findall(f"{group}/xf")):
            bad = [mark for mark, size in sizes.items() if not 0 <= number(form.get(mark)) < size]
            code = number(form.get("numFmtId"))
            if code < 0 or (code >= _FIRST_CUSTOM and code not in codes):
                bad.append("numFmtId")
            for mark in bad:
                context.report("styles", f"{group} 第 {index} 个格式的 {mark} 不存在")


def _check_named(context: Context, tree: Element) -> None:
    seen: set[str] = set()
    count = max(1, len(tree.findall("cellStyleXfs/xf")))
    for style in tree.findall("cellStyles/cellStyle"):
        name = style.get("name", "")
        if name.lower() in seen or not 0 <= number(style.get("xfId")) < count:
            context.report("styles", f"单元格样式 {name} 重复或指向不存在的格式")
        seen.add(name.lower())
