"""The zip package of a workbook: members, relationships, bounded inflation."""

from __future__ import annotations

import hashlib
import io
import posixpath
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING

from xlplan.errors import FileError
from xlplan.ooxml.limits import ReadLimits, ReadTally, file_too_big
from xlplan.ooxml.safexml import has_doctype, parse_xml, unsafe
from xlplan.ooxml.sniff import damaged_package, not_excel, require_zip
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xlplan.ooxml.safexml import Attributes

_CHUNK = 1 << 20
_HEAD = 4096
#: Bytes of parts kept for who reads them again (a plan book's sheets take a sixth).
_KEPT = 64 << 20
_LOCAL_HEADER = 30
_ENCRYPTED_FLAG = 1
_XML_ENDINGS = (".xml", ".rels", ".vml")
_ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    NotImplementedError,
    ValueError,
    OSError,
    EOFError,
    IndexError,
)


@record
class Relation:
    """One relationship: the last word of its type, and the part it leads to.

    `part` is None for an external target.
    """

    kind: str
    part: str | None


class Package:
    """An opened package; every read is counted against the limits.

    Args:
        data: The bytes of the file.
        limits: Caps for everything read through this object.
    """

    def __init__(self, data: bytes, limits: ReadLimits | None = None) -> None:
        self.limits = limits or ReadLimits()
        self.budget = ReadTally(self.limits)
        if len(data) > self.limits.file_bytes:
            raise file_too_big(f"文件超过 {self.limits.file_bytes >> 20} MB")
        require_zip(data)
        self.data = data
        self._kept: dict[str, bytes] = {}
        self._room = _KEPT
        self.infos = self._directory()
        self._lower = {info.filename.lower(): info for info in self.infos}
        self._check_directory()
        self._check_doctypes()

    @property
    def sha256(self) -> str:
        """Hex digest of the file's bytes."""
        return hashlib.sha256(self.data).hexdigest()

    def _directory(self) -> list[zipfile.ZipInfo]:
        try:
            with zipfile.ZipFile(io.BytesIO(self.data)) as archive:
                found = archive.infolist()
        except _ZIP_ERRORS as error:
            raise damaged_package("压缩包目录无法读取，可能没有下载或保存完整") from error
        for info in found:  # some programs of Windows write xl\workbook.xml
            info.filename = info.filename.replace("\\", "/")
        return found

    def _check_directory(self) -> None:
        if len(self.infos) > self.limits.members:
            raise file_too_big(f"部件超过 {self.limits.members:,} 个")
        if len(self._lower) != len(self.infos):
            raise damaged_package("压缩包里有重名的部件")
        reached = 0
        for info in sorted(self.infos, key=lambda info: info.header_offset):
            self._check_member(info)
            if info.header_offset < reached:
                raise damaged_package(f"部件 {info.filename} 与别的部件重叠")
            reached = self._payload_start(info) + info.compress_size

    def _check_member(self, info: zipfile.ZipInfo) -> None:
        if info.flag_bits & _ENCRYPTED_FLAG:
            raise FileError("文件有打开密码，无法读取", remedy="请去掉密码后另存", code="password")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise damaged_package(f"部件 {info.filename} 的压缩方式不受支持")

    def _payload_start(self, info: zipfile.ZipInfo) -> int:
        head = self.data[info.header_offset : info.header_offset + _LOCAL_HEADER]
        if len(head) < _LOCAL_HEADER or head[:4] != b"PK\x03\x04":
            raise damaged_package(f"部件 {info.filename} 的位置不对")
        name, extra = struct.unpack("<HH", head[26:30])
        return int(info.header_offset + _LOCAL_HEADER + name + extra)

    def _check_doctypes(self) -> None:
        for info in self.infos:
            if info.filename.lower().endswith(_XML_ENDINGS):
                head = b"".join(self._inflate(info, most=_HEAD))
                if has_doctype(head):
                    raise unsafe(info.filename)

    def raw(self, info: zipfile.ZipInfo) -> memoryview:
        """Return a member's bytes as they lie in the file (compressed)."""
        start = self._payload_start(info)
        payload = memoryview(self.data)[start : start + info.compress_size]
        if len(payload) != info.compress_size:
            raise damaged_package(f"部件 {info.filename} 不完整")
        return payload

    def __contains__(self, part: object) -> bool:
        return isinstance(part, str) and part.lower() in self._lower

    def name(self, part: str) -> str:
        """Return the member name of a part as it is spelled in the zip."""
        return self.info(part).filename

    def info(self, part: str) -> zipfile.ZipInfo:
        """Return the directory entry of a part; FileError ``damaged`` if it is missing."""
        info = self._lower.get(part.lower())
        if info is None:
            raise damaged_package(f"缺少部件 {part}")
        return info

    def read(self, part: str) -> bytes:
        """Return a whole part, inflated and checked against its CRC; small ones are kept."""
        if part in self._kept:
            return self._kept[part]
        found = b"".join(self.chunks(part))
        if len(found) <= self._room:
            self._kept[part] = found
            self._room -= len(found)
        return found

    def chunks(self, part: str) -> Iterator[bytes]:
        """Yield a part piece by piece; the CRC is checked after the last piece."""
        info = self.info(part)
        size = crc = 0
        for chunk in self._inflate(info):
            size += len(chunk)
            crc = zlib.crc32(chunk, crc)
            self.budget.inflated(len(chunk))
            if size > self.limits.part_bytes:
                raise file_too_big(f"部件 {part} 解压后过大")
            yield chunk
        if crc != info.CRC:
            raise damaged_package(f"部件 {part} 的校验和不符")

    def _inflate(self, info: zipfile.ZipInfo, most: int = 0) -> Iterator[bytes]:
        """Yield inflated pieces; with `most`, one piece of at most that many bytes."""
        raw: memoryview | bytes = self.raw(info)
        if info.compress_type == zipfile.ZIP_STORED:
            yield bytes(raw[: most or None])
            return
        if most:
            raw = raw[: 2 * most]
        inflater = zlib.decompressobj(-zlib.MAX_WBITS)
        size = most or max(_CHUNK, min(info.file_size + 1, 1 << 24))
        try:
            while raw and not inflater.eof:
                yield inflater.decompress(raw, size)
                if most:
                    return
                raw = inflater.unconsumed_tail
                self.budget.time()
            yield inflater.flush()
        except zlib.error as error:
            raise damaged_package(f"部件 {info.filename} 无法解压") from error

    def relations(self, part: str = "") -> dict[str, Relation]:
        """Return the relationships of a part by id; the package's own for ``""``."""
        folder, base = posixpath.split(part)
        rels = posixpath.join(folder, "_rels", f"{base}.rels")
        found: dict[str, Relation] = {}

        def start(name: str, attributes: Attributes) -> None:
            if name == "Relationship":
                found[attributes.get("Id", "")] = _relation(folder, attributes)

        if rels in self:
            parse_xml(self.chunks(rels), rels, start=start)
        return found

    def workbook_part(self) -> str:
        """Return the name of the workbook part; FileError ``not_excel`` if there is none."""
        parts = [r.part for r in self.relations().values() if r.kind == "officeDocument"]
        part = parts[0] if len(parts) == 1 and parts[0] else "xl/workbook.xml"
        if part.lower().endswith(".bin") or "xl/workbook.bin" in self:
            raise not_excel("这是 .xlsb（二进制）工作簿，不能直接读取")
        if part not in self:
            raise not_excel("压缩包里没有 Excel 工作簿")
        return self.name(part)


def _relation(folder: str, attributes: Attributes) -> Relation:
    kind = attributes.get("Type", "").rsplit("/", 1)[-1]
    if attributes.get("TargetMode") == "External":
        return Relation(kind, None)
    target = attributes.get("Target", "").replace("\\", "/")
    if target.startswith("/"):
        return Relation(kind, target.lstrip("/"))
    return Relation(kind, posixpath.normpath(posixpath.join(folder, target)))
