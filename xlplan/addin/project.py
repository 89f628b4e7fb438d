"""VBA modules from text and the project (``vbaProject.bin``) made of them.

Source of the rules: [MS-OVBA] 2.3.1 (PROJECT), 2.3.3 (PROJECTwm), 2.4.3 (encryption).
"""

from __future__ import annotations

import re
import struct
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from xlplan.addin import cfb, ovba
from xlplan.errors import InputError, Where

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ModuleKind = Literal["book", "sheet", "class", "code"]
MODULE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,30}")
MAX_LINE = 1000
#: Only to derive a stable project id from the project's name.
ID_NAMESPACE = uuid.UUID("0d3c2f8e-5b7a-5c11-9e57-2f6e1c7ab901")
BASE = {
    "book": "0{00020819-0000-0000-C000-000000000046}",
    "sheet": "0{00020820-0000-0000-C000-000000000046}",
    "class": "0{FCFB3D2A-A0FA-1068-A738-08002B3371B5}",
}
PROJECT_KEY = {
    "book": "Document={}/&H00000000",
    "sheet": "Document={}/&H00000000",
    "class": "Class={}",
    "code": "Module={}",
}
HOST = "&H00000001={3832D640-CF90-11CF-8E43-00A0C911005A};VBE;&H00000000"


@dataclass(frozen=True)
class Module:
    """One VBA module as it is stored: attributes first, CRLF line ends."""

    name: str
    kind: ModuleKind
    source: str


def _no_unicode(text: str, where: Where) -> None:
    bad = sorted({sign for sign in text if not (" " <= sign <= "~" or sign in "\r\n\t")})
    if bad:
        raise InputError(
            f"VBA 源码只能用 ASCII，发现了 {''.join(bad[:5])!r}",
            "把给人看的文字放进 macros/texts.json。",
            where,
        )


def _attributes(lines: list[str]) -> tuple[dict[str, str], list[str]]:
    """Split the leading ``Attribute`` lines from the code."""
    head: dict[str, str] = {}
    at = 0
    while at < len(lines) and lines[at].startswith("Attribute VB_"):
        key, _, value = lines[at].removeprefix("Attribute ").partition(" = ")
        head[key], at = value, at + 1
    return head, lines[at:]


def _stored_attributes(name: str, kind: ModuleKind, head: dict[str, str]) -> Iterator[str]:
    """Attributes as Excel stores them; an exported file holds fewer."""
    yield f'VB_Name = "{name}"'
    if kind == "code":
        return
    yield f'VB_Base = "{BASE[kind]}"'
    document = kind != "class"
    fixed = {
        "VB_GlobalNameSpace": False,
        "VB_Creatable": False,
        "VB_PredeclaredId": document,
        "VB_Exposed": document,
        "VB_TemplateDerived": False,
        "VB_Customizable": document,
    }
    for key, value in fixed.items():
        yield f"{key} = {value if document else head.get(key, value)}"


def module(text: str, where: str, kind: ModuleKind | None = None) -> Module:
    """Return the stored form of an exported ``.bas`` or ``.cls`` text.

    Args:
        text: The file's text.
        where: Its name, for messages.
        kind: Given for document modules; else taken from the text.

    Raises:
        InputError: Not ASCII, no ``Attribute VB_Name``, or a line VBA cannot take.
    """
    place = Where(where)
    _no_unicode(text, place)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")
    is_class = lines[0].startswith("VERSION ")
    if is_class:  # VERSION, BEGIN … END exist only in the exported form
        lines = lines[lines.index("END") + 1 :]
    head, body = _attributes(lines)
    name = head.get("VB_Name", "").strip('"')
    if not MODULE_NAME.fullmatch(name):
        raise InputError(
            '第一行必须是 Attribute VB_Name = "英文名"（最多 31 个字符）', where=place
        )
    if any(len(line) > MAX_LINE for line in body):
        raise InputError(f"有一行超过 {MAX_LINE} 个字符，VBA 编辑器放不下", where=place)
    kind = kind or ("class" if is_class else "code")
    attributes = [f"Attribute {line}" for line in _stored_attributes(name, kind, head)]
    return Module(name, kind, "".join(f"{line}\r\n" for line in [*attributes, *body]))


def _encrypt(project_id: str, data: bytes, seed: int) -> str:
    """[MS-OVBA] 2.4.3.2 with a fixed seed and zeros as the ignored bytes."""
    key = sum(project_id.encode("ascii")) & 0xFF
    out = [seed, seed ^ 2, seed ^ key]
    plain, one, two = key, out[2], out[1]
    for byte in bytes((seed & 6) // 2) + struct.pack("<I", len(data)) + data:
        code = byte ^ ((two + plain) & 0xFF)
        out.append(code)
        plain, one, two = byte, code, one
    return bytes(out).hex().upper()


def _project_text(project: str, modules: Sequence[Module]) -> bytes:
    project_id = "{" + str(uuid.uuid5(ID_NAMESPACE, project)).upper() + "}"
    lines = [
        f'ID="{project_id}"',
        *(PROJECT_KEY[module.kind].format(module.name) for module in modules),
        f'Name="{project}"',
        'HelpContextID="0"',
        'VersionCompatible32="393222000"',
        f'CMG="{_encrypt(project_id, bytes(4), 0x5D)}"',  # not protected
        f'DPB="{_encrypt(project_id, bytes(1), 0xA3)}"',  # no password
        f'GC="{_encrypt(project_id, bytes([255]), 0x9B)}"',  # visible
        *("", "[Host Extender Info]", HOST),
        *("", "[Workspace]", *(f"{module.name}=0, 0, 0, 0, C" for module in modules), ""),
    ]
    return "\r\n".join(lines).encode("ascii")


def _name_map(modules: Sequence[Module]) -> bytes:
    """PROJECTwm: every module name in the code page and in UTF-16."""
    pairs = (
        module.name.encode("ascii") + b"\0" + module.name.encode("utf-16-le") + b"\0\0"
        for module in modules
    )
    return b"".join(pairs) + b"\0\0"


def write_project(project: str, modules: Sequence[Module]) -> bytes:
    """Return ``vbaProject.bin``: the same modules always give the same bytes.

    Raises:
        InputError: Two modules, or a module and the project, share a name.
    """
    names = [module.name.lower() for module in modules]
    if len({*names, project.lower()}) != len(names) + 1:
        raise InputError("VBA 模块之间、模块与工程之间不能重名", where=Where("vbaProject.bin"))
    plain = [(module.name, module.kind == "code") for module in modules]
    streams = {module.name: ovba.compress(module.source.encode("ascii")) for module in modules}
    streams["_VBA_PROJECT"] = ovba.NO_CACHE
    streams["dir"] = ovba.compress(ovba.dir_stream(project, plain))
    root = {"PROJECT": _project_text(project, modules), "PROJECTwm": _name_map(modules)}
    return cfb.write_streams(root, {"VBA": streams})
