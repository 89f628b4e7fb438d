"""The add-in's own checker: what can be proved of a .xlam without Excel."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from xlplan.addin import package, read
from xlplan.addin.check_ribbon import check_ribbon
from xlplan.addin.check_vba import check_vba, readable
from xlplan.addin.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from xlplan.errors import Problem

TYPES = f"{{{package.PACKAGE}/content-types}}"
NEEDED_PARTS = {
    "xl/workbook.xml": package.XLAM,
    package.VBA_PART: package.VBA_TYPE,
    package.RIBBON_PART: "application/xml",
}
RELATIONS = (
    ("_rels/.rels", package.RIBBON_REL, package.RIBBON_PART),
    ("xl/_rels/workbook.xml.rels", package.VBA_REL, package.VBA_PART),
)
#: Settings that decide which code a click runs.
FORCED = {"ADD_WORKBOOK_TO_PYTHONPATH": "False", "USE UDF SERVER": "False", "PYTHONPATH": ""}
MOST_TEXTS = 200  # XlplanText.T looks no further


def _types(parts: Mapping[str, bytes]) -> dict[str, str]:
    """Return part → content type, "" where none is declared."""
    root = read.xml(parts["[Content_Types].xml"])
    defaults = {
        e.get("Extension", ""): e.get("ContentType", "") for e in root.iter(f"{TYPES}Default")
    }
    named = {
        e.get("PartName", ""): e.get("ContentType", "") for e in root.iter(f"{TYPES}Override")
    }
    return {
        name: named.get(f"/{name}") or defaults.get(name.rpartition(".")[2], "")
        for name in parts
        if name != "[Content_Types].xml"
    }


def _relations(parts: Mapping[str, bytes], name: str) -> set[tuple[str, str]]:
    """Return (type, full target) of one relationships part."""
    base = posixpath.dirname(posixpath.dirname(name))
    return {
        (e.get("Type", ""), posixpath.normpath(posixpath.join(base, e.get("Target", ""))))
        for e in read.xml(parts[name])
    }


def _package(parts: Mapping[str, bytes]) -> Iterator[Finding]:
    types = _types(parts)
    for name, kind in types.items():
        if not kind:
            yield Finding("package.type", name, "没有声明内容类型")
    for name, kind in NEEDED_PARTS.items():
        if types.get(name) != kind:
            yield Finding("package.type", name, f"缺少这个部件，或类型不是 {kind}")
    for name in (part for part in parts if part.endswith(".rels")):
        for _, target in _relations(parts, name):
            if target not in parts:
                yield Finding("package.relation", name, f"指向不存在的部件 {target}")
    for name, kind, target in RELATIONS:
        if name not in parts or (kind, target) not in _relations(parts, name):
            yield Finding("package.relation", name, f"没有指向 {target} 的关系")


def _code_names(parts: Mapping[str, bytes], documents: set[str]) -> Iterator[Finding]:
    found = re.search(rb'<workbookPr[^>]*codeName="(\w+)"', parts["xl/workbook.xml"])
    names = {code for code, _ in read.sheets(dict(parts)).values()}
    names |= {found.group(1).decode()} if found else set()
    for name in names ^ documents:
        yield Finding("vba.code_name", name, "工作簿或工作表的代码名与 VBA 模块对不上")


def _window(parts: Mapping[str, bytes]) -> Iterator[Finding]:
    views = [
        view.get("visibility")
        for view in read.xml(parts["xl/workbook.xml"]).iter(f"{read.MAIN_PREFIX}workbookView")
    ]
    if views != ["veryHidden"]:
        yield Finding("package.window", "xl/workbook.xml", "插件的窗口没有藏起来")


def _conf(conf: Mapping[str, str]) -> Iterator[Finding]:
    for key in ("INTERPRETER_WIN", "INTERPRETER_MAC"):
        if not conf.get(key, "").strip():
            yield Finding("conf.interpreter", "xlplan.conf", f"{key} 没有填 Python 路径")
    for key, value in FORCED.items():
        if conf.get(key) != value:
            yield Finding("conf.safety", "xlplan.conf", f"{key} 必须是 {value!r}")
    if "" in conf:
        yield Finding("conf.blank", "xlplan.conf", "设置表中间有空行，后面的设置读不到")


def _texts(texts: Mapping[str, str]) -> Iterator[Finding]:
    for key, text in texts.items():
        if not key or not text.strip():
            yield Finding("text.empty", "xlplan.text", f"{key!r} 没有文字")
    if len(texts) > MOST_TEXTS:
        yield Finding("text.rows", "xlplan.text", f"文字超过 {MOST_TEXTS} 行")


def _content(parts: dict[str, bytes]) -> Iterator[Finding]:
    tables = {name: rows for name, (_, rows) in read.sheets(parts).items()}
    texts = tables.get("xlplan.text", {})
    yield from _window(parts)
    yield from _conf(tables.get("xlplan.conf", {}))
    yield from _texts(texts)
    try:
        vba = read.vba(parts[package.VBA_PART])
    except ValueError as error:
        yield Finding("vba.container", package.VBA_PART, f"VBA 工程读不出来：{error}")
        return
    yield from check_vba(vba, texts)
    yield from _code_names(parts, vba.document_modules())
    yield from check_ribbon(parts[package.RIBBON_PART], readable(vba), texts)


def _findings(data: bytes) -> Iterator[Finding]:
    try:
        parts = read.parts(data)
        broken = list(_package(parts))
        yield from broken
        if not broken:
            yield from _content(parts)
    except (ValueError, KeyError) as error:
        yield Finding("package.damaged", "", f"插件文件损坏：{error}")


def check_addin(data: bytes, file: str = "xlplan.xlam") -> list[Problem]:
    """Return what is wrong with an add-in; empty when Excel should take it.

    Covers the package, the VBA project as stored, code names, callbacks and their
    signatures, key tips, icons, texts and settings. Compiling the VBA is Excel's part.
    """
    return [finding.problem(file) for finding in _findings(data)]
