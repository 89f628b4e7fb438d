"""Checks of the VBA project: its streams, names, text, and what it asks for."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from xlplan.addin import ovba
from xlplan.addin.findings import Finding
from xlplan.addin.macros import GUARD, HOOK
from xlplan.addin.project import MAX_LINE, MODULE_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from xlplan.addin.read import Vba

#: Names that run by themselves; the add-in has none, and scanners look for them.
AUTORUN = re.compile(
    r"^\s*(?:Public |Private )?Sub (Workbook_\w+|Auto_?Open|Auto_?Close|Auto_?Exec)\b",
    re.IGNORECASE | re.MULTILINE,
)
OPENS = re.compile(
    r"(?:(?:Public|Private|Friend) )?(?:Static )?(Sub|Function|Property)\b", re.IGNORECASE
)
CLOSES = re.compile(r"End (Sub|Function|Property)\b", re.IGNORECASE)
BLOCK_WORDS = (("If", re.compile(r"(?:If\b.*\bThen|#If\b.*)$"), re.compile(r"(?:End If|#End If)$")),
          ("For", re.compile(r"For\b"), re.compile(r"Next\b")),
          ("Do", re.compile(r"Do\b"), re.compile(r"Loop\b")),
          ("With", re.compile(r"With\b"), re.compile(r"End With$")))  # fmt: skip
#: VBA asks for texts as T("key"), F("key", …), Blocked = "key", Kind = "key", Status = "key".
TEXT_KEYS = re.compile(r'(?:\b[TF]\(|\b(?:Blocked|Unsafe|Kind|Status) = )"([a-z_.]+)"(?! &)')

#: Modules that start Python, and the head of every function in them that starts a program.
BRIDGES = frozenset({"xlwings", "XlplanBridge"})
STARTS = re.compile(r"(?:Public )?Function (?:RunPython|RunFrozenPython|ExecuteWindows|XLPy)\(")

#: Actions that VBA starts by itself (Ctrl+Z); each needs its label.
RUNS = re.compile(r'^    Run "([a-z_]+)"', re.MULTILINE)


def _names(vba: Vba) -> Iterator[Finding]:
    names = [name for name, _, _ in vba.modules]
    lower = [name.lower() for name in names]
    for name in names:
        if not MODULE_NAME.fullmatch(name):
            yield Finding("vba.name", name, "模块名要用英文字母、数字、下划线，最多 31 个字符")
        if lower.count(name.lower()) > 1 or name.lower() == vba.project.lower():
            yield Finding("vba.name", name, "模块名和别的模块或工程重名")
    listed = set(re.findall(r"^(?:Document|Class|Module)=(\w+)", vba.text, re.MULTILINE))
    for name in listed ^ set(names):
        yield Finding("vba.project", name, "PROJECT 与 dir 里的模块不一致")
    wide = b"".join(name.encode() + b"\0" + name.encode("utf-16-le") + b"\0\0" for name in names)
    if vba.streams["PROJECTwm"] != wide + b"\0\0":
        yield Finding("vba.project", "PROJECTwm", "PROJECTwm 与模块不一致")


def _streams(vba: Vba) -> Iterator[Finding]:
    if vba.streams["VBA/_VBA_PROJECT"] != ovba.NO_CACHE:
        yield Finding("vba.cache", "_VBA_PROJECT", "带有编译缓存，Excel 可能拒绝")
    for name, plain, offset in vba.modules:
        if offset:
            yield Finding("vba.cache", name, "模块前面带有编译缓存")
        kind = "Module" if plain else "(?:Document|Class)"
        if not re.search(rf"^{kind}={re.escape(name)}\b", vba.text, re.MULTILINE):
            yield Finding("vba.kind", name, "模块种类与 PROJECT 不一致")


def _text(name: str, source: str) -> Iterator[Finding]:
    if not source.startswith(f'Attribute VB_Name = "{name}"\r\n'):
        yield Finding("vba.attribute", name, "第一行不是自己的 Attribute VB_Name")
    if not source.isascii() or re.search(r"[^\t\r\n -~]", source):
        yield Finding("vba.ascii", name, "源码里有 ASCII 以外的字符")
    if any(len(line) > MAX_LINE for line in source.split("\r\n")):
        yield Finding("vba.line", name, f"有一行超过 {MAX_LINE} 个字符")
    found = AUTORUN.search(source)
    if found:
        yield Finding("vba.autorun", name, f"有自动运行的过程 {found.group(1)}")


def statements(source: str) -> Iterator[str]:
    """Yield logical lines without strings, comments and line continuations."""
    bare = re.sub(r'"(?:[^"\r\n]|"")*"', '""', source.replace("\r\n", "\n"))
    bare = re.sub(r" _\n", " ", re.sub(r"'[^\n]*", "", bare))
    yield from (line.strip() for line in bare.split("\n"))


def _structure(name: str, source: str) -> Iterator[Finding]:
    """Procedures and blocks that open and close in pairs (only in our own modules)."""
    depth = dict.fromkeys(("procedure", *(word for word, _, _ in BLOCK_WORDS)), 0)
    for line in statements(source):
        depth["procedure"] += bool(OPENS.match(line)) - bool(CLOSES.match(line))
        for word, opening, closing in BLOCK_WORDS:
            depth[word] += bool(opening.match(line)) - bool(closing.match(line))
        if CLOSES.match(line) and any(depth.values()):
            break
    for word, open_count in depth.items():
        if open_count:
            yield Finding("vba.block", name, f"{word} 没有成对（差 {open_count}）")
    if "\r\nOption Explicit\r\n" not in source:
        yield Finding("vba.explicit", name, "缺少 Option Explicit")


def _calls(name: str, source: str, sources: Mapping[str, str]) -> Iterator[Finding]:
    """Every Xlplan….Member that is called exists and is public."""
    for module, member in re.findall(r"\b(Xlplan\w+)\.(\w+)", source):
        public = rf"^Public (?:Sub|Function) {member}\b"
        if not re.search(public, sources.get(module, ""), re.MULTILINE):
            yield Finding("vba.call", name, f"找不到 {module}.{member}")


def _bridge(sources: Mapping[str, str]) -> Iterator[Finding]:
    having = [name for name, text in sources.items() if "Public Function RunPython(" in text]
    if len(having) != 1:
        yield Finding("vba.bridge", "RunPython", f"RunPython 要正好有一个，现在 {len(having)} 个")
    for name in having:
        if name == "xlwings" and (HOOK not in sources[name] or '"myaddin"' in sources[name]):
            yield Finding("vba.bridge", name, "xlwings 模块没有接上我们的错误提示")


def _cells(sources: Mapping[str, str]) -> Iterator[Finding]:
    """No formula in a cell may start a program, and no folder beside a book is imported from."""
    for name, source in sources.items():
        lines = [*statements(source)]
        for line, following in pairwise(lines):
            if STARTS.match(line) and following != GUARD:
                yield Finding("vba.cell", name, f"单元格公式能直接调用：{line[:60]}")
        if name in BRIDGES and "Option Private Module" not in lines:
            yield Finding("vba.cell", name, "模块对别的工作簿公开")
        if name in BRIDGES and not re.search(r'" (?:-B )?-P .*-c ', source):
            yield Finding("vba.path", name, "启动 Python 时没有用 -P，会从当前文件夹导入")


def _texts(sources: Mapping[str, str], texts: Mapping[str, str]) -> Iterator[Finding]:
    for name, source in sources.items():
        keys = [
            *TEXT_KEYS.findall(source),
            *(f"label.{action}" for action in RUNS.findall(source)),
        ]
        for key in keys if name.startswith("Xlplan") else ():
            if not texts.get(key, "").strip():
                yield Finding("text.missing", name, f"文字表里没有 {key}")


def check_vba(vba: Vba, texts: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what is wrong with the project and the texts its modules ask for."""
    yield from _names(vba)
    yield from _streams(vba)
    sources = readable(vba)
    for name, _, _ in vba.modules:
        if name not in sources:
            yield Finding("vba.stream", name, "模块的内容读不出来")
    for name, source in sources.items():
        yield from _text(name, source)
        if name.startswith("Xlplan"):
            yield from _structure(name, source)
            yield from _calls(name, source, sources)
    yield from _bridge(sources)
    yield from _cells(sources)
    yield from _texts(sources, texts)


def readable(vba: Vba) -> dict[str, str]:
    """Return module → source of every module whose stream can be read."""
    found = {}
    for name, _, _ in vba.modules:
        try:
            found[name] = vba.source(name)
        except (ValueError, KeyError):
            continue
    return found
