"""An add-in read back: parts, sheets, VBA modules. Used by the checker and by `status`."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from xlplan.addin import cfb, ovba, package
from xlplan.errors import FileError

MAIN_PREFIX = f"{{{package.MAIN}}}"
#: An add-in unpacks to about 150 KB; anything far larger is not one.
MOST_ADDIN_BYTES = 20_000_000


@dataclass(frozen=True)
class Vba:
    """A VBA project as stored: streams, and what ``dir`` and ``PROJECT`` say of it."""

    streams: dict[str, bytes]
    project: str
    modules: list[tuple[str, bool, int]]
    text: str

    def source(self, name: str) -> str:
        """Return a module's stored source (ASCII expected; other bytes show as U+FFFD).

        Raises:
            ValueError: The stream is damaged; KeyError: there is none.
        """
        offset = next(at for module, _, at in self.modules if module == name)
        return ovba.decompress(self.streams[f"VBA/{name}"][offset:]).decode("ascii", "replace")

    def document_modules(self) -> set[str]:
        """Return the modules PROJECT calls documents (workbook and sheets)."""
        return set(re.findall(r"^Document=(\w+)/", self.text, re.MULTILINE))


def parts(data: bytes) -> dict[str, bytes]:
    """Return part name → bytes.

    Raises:
        ValueError: No zip, a damaged member, a name twice, or absurdly large.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as source:
            names = [info.filename.lower() for info in source.infolist()]
            if len(set(names)) != len(names):
                raise ValueError("the same part twice")
            if sum(info.file_size for info in source.infolist()) > MOST_ADDIN_BYTES:
                raise ValueError("too large for an add-in")
            return {name: source.read(name) for name in source.namelist()}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError) as error:
        raise ValueError(str(error)) from error


def xml(raw: bytes) -> ET.Element:
    """Parse one part; a document type declaration is refused.

    Raises:
        ValueError: Not well-formed, or with a DTD.
    """
    if b"<!DOCTYPE" in raw:
        raise ValueError("document type declaration")
    try:
        return ET.fromstring(raw)  # noqa: S314  # no DTD can get here
    except ET.ParseError as error:
        raise ValueError(str(error)) from error


def sheets(found: dict[str, bytes]) -> dict[str, tuple[str, dict[str, str]]]:
    """Return sheet name → (code name, first column → second column)."""
    listed = [
        element.get("name", "")
        for element in xml(found["xl/workbook.xml"]).iter(f"{MAIN_PREFIX}sheet")
    ]
    return {
        name: _sheet(xml(found[f"xl/worksheets/sheet{number}.xml"]))
        for number, name in enumerate(listed, 1)
    }


def _sheet(root: ET.Element) -> tuple[str, dict[str, str]]:
    properties = root.find(f"{MAIN_PREFIX}sheetPr")
    code = "" if properties is None else properties.get("codeName", "")
    rows = {}
    for row in root.iter(f"{MAIN_PREFIX}row"):
        texts = ["".join(cell.itertext()) for cell in row]
        if len(texts) >= 2:
            rows[texts[0]] = texts[1]
    return code, rows


def rows_of_sheet(data: bytes, name: str) -> dict[str, str]:
    """Return one of the add-in's sheets as key → text.

    Raises:
        FileError: The file is no add-in of ours.
    """
    try:
        return sheets(parts(data))[name][1]
    except (ValueError, KeyError) as error:
        raise FileError(
            "插件文件损坏。", "请运行：xlplan addin install", code="damaged"
        ) from error


def vba(blob: bytes) -> Vba:
    """Return the VBA project.

    Raises:
        ValueError: The container or its ``dir`` stream is damaged.
    """
    streams = cfb.read_streams(blob)
    missing = {"PROJECT", "PROJECTwm", "VBA/dir", "VBA/_VBA_PROJECT"} - set(streams)
    if missing:
        raise ValueError(f"missing streams: {', '.join(sorted(missing))}")
    project, modules = ovba.read_dir(ovba.decompress(streams["VBA/dir"]))
    return Vba(streams, project, modules, streams["PROJECT"].decode("ascii", "replace"))
