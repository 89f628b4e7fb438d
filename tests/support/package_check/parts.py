"""Rules of the package: names, content types, relationships."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from xlplan.errors import Level
from xlplan.ooxml.safexml import RELATION_NAMESPACES

if TYPE_CHECKING:
    from tests.support.package_check.context import Context

_TYPES = "[Content_Types].xml"
_XML = (".xml", ".rels")
#: Last word of a relationship type → what the content type of its target must match.
_CONTENT_OF = {
    "worksheet": r"spreadsheetml\.worksheet\+xml",
    "chartsheet": r"chartsheet\+xml",
    "sharedStrings": r"sharedStrings\+xml",
    "styles": r"styles\+xml",
    "theme": r"theme\+xml",
    "table": r"\.table\+xml",
    "comments": r"comments\+xml",
    "drawing": r"drawing\+xml",
    "chart": r"drawingml\.chart\+xml",
    "vmlDrawing": r"vmlDrawing",
    "image": r"^image/",
    "calcChain": r"calcChain\+xml",
    "vbaProject": r"vbaProject",
    "core-properties": r"core-properties\+xml",
    "extended-properties": r"extended-properties\+xml",
}


def check(context: Context) -> None:
    """Check names, content types and relationships of all parts."""
    _check_names(context)
    for info in context.package.infos:
        if info.filename.lower().endswith(_XML):
            context.tree(info.filename)
        elif not info.is_dir():
            context.package.read(info.filename)
    _check_content_types(context)
    for info in context.package.infos:
        if info.filename.endswith(".rels"):
            _check_relations(context, info.filename)
    for part in [name for name in context.trees if not name.endswith(".rels")]:
        _check_references(context, part)


def _check_names(context: Context) -> None:
    for info in context.package.infos:
        name = info.orig_filename
        if "\\" in name or name.startswith("/") or ".." in name.split("/"):
            context.report("part-name", f"部件名 {name} 不合法")


def _check_content_types(context: Context) -> None:
    tree = context.tree(_TYPES) if _TYPES in context.package else None
    if tree is None:
        context.report("content-types", "缺少 [Content_Types].xml")
        return
    defaults: dict[str, str] = {}
    overrides: dict[str, str] = {}
    for element in tree:
        into, key = overrides, element.get("PartName", "").lower()
        if element.tag == "Default":
            into, key = defaults, element.get("Extension", "").lower()
        if key in into:
            context.report("content-types", f"内容类型重复声明：{key}")
        into[key] = element.get("ContentType", "")
    _check_overrides(context, overrides)
    for info in context.package.infos:
        part = info.filename
        ending = part.rpartition(".")[2].lower()
        found = overrides.get(f"/{part.lower()}") or defaults.get(ending)
        if found:
            context.content_types[part] = found
        elif part != _TYPES and not info.is_dir():
            context.report("content-types", f"部件 {part} 没有内容类型")


def _check_overrides(context: Context, overrides: dict[str, str]) -> None:
    for part in overrides:
        if part.lstrip("/") not in context.package:
            what = f"内容类型指向不存在的部件 {part}"
            context.report("content-types", what, level=Level.WARNING)


def _check_relations(context: Context, rels: str) -> None:
    folder, base = posixpath.split(rels)
    source = posixpath.join(posixpath.dirname(folder), base.removesuffix(".rels"))
    tree = context.tree(rels)
    ids = [element.get("Id", "") for element in tree] if tree is not None else []
    for twice in sorted({name for name in ids if ids.count(name) > 1}):
        context.report("relations", f"{rels} 的关系编号 {twice} 重复")
    context.relations[source] = context.package.relations(source)
    for name, relation in context.relations[source].items():
        if relation.part is None:
            continue
        if relation.part not in context.package:
            context.report("relations", f"{rels} 的 {name} 指向不存在的部件 {relation.part}")
            continue
        wanted = _CONTENT_OF.get(relation.kind)
        found = context.content_types.get(context.package.name(relation.part), "")
        if wanted and not re.search(wanted, found):
            context.report("content-types", f"{relation.part} 的内容类型 {found} 与用途不符")


def _check_references(context: Context, part: str) -> None:
    """Check that every ``r:id`` of a part has its relationship."""
    known = context.relations.get(part, {})
    marks = tuple(f"{space}}}" for space in RELATION_NAMESPACES)
    for element in context.trees[part].iter():
        for name, value in element.attrib.items():
            if name.startswith(marks) and value and value not in known:
                context.report("relations", f"{part} 引用了不存在的关系 {value}")
