"""The compressed streams of a VBA project: compression and the ``dir`` stream.

Source of the rules: [MS-OVBA] 2.4.1 (compression) and 2.3.4.2 (dir stream). No
performance cache is written, so Excel compiles the sources itself.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CHUNK_BYTES = 4096
CODE_PAGE, LCID = 1252, 0x0409
STDOLE = (
    r"*\G{00020430-0000-0000-C000-000000000046}#2.0#0#C:\Windows\System32\stdole2.tlb"
    "#OLE Automation"
)
OFFICE_LIBRARY = (
    r"*\G{2DF8D04C-5BFA-101B-BDE5-00AA0044DE52}#2.0#0#C:\Program Files\Common Files"
    r"\Microsoft Shared\OFFICE16\MSO.DLL#Microsoft Office 16.0 Object Library"
)
#: VBA/_VBA_PROJECT without a cache: version 0xFFFF ([MS-OVBA] 2.3.4.1).
NO_CACHE = bytes.fromhex("CC61FFFF000100")


def _offset_bits(position: int) -> int:
    """How many bits a copy token gives to the offset at this place in the chunk."""
    return max(4, (position - 1).bit_length())


def _longest(chunk: bytes, at: int, places: list[int]) -> tuple[int, int]:
    """Return length and distance of the best earlier match (0, 0 when none)."""
    limit = min((0xFFFF >> _offset_bits(at)) + 3, len(chunk) - at)
    best = (0, 0)
    for place in reversed(places):
        length = 3
        while length < limit and chunk[place + length] == chunk[at + length]:
            length += 1
        if best[0] < length <= limit:
            best = (length, at - place)
        if best[0] == limit:
            break
    return best


def _tokens(chunk: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (1, copy token) or (0, literal byte) for the whole chunk."""
    seen: dict[bytes, list[int]] = {}
    at = 0
    while at < len(chunk):
        length, distance = _longest(chunk, at, seen.get(chunk[at : at + 3], []))
        if length:
            token = ((distance - 1) << (16 - _offset_bits(at))) | (length - 3)
            yield 1, struct.pack("<H", token)
        else:
            yield 0, chunk[at : at + 1]
        for place in range(at, at + max(length, 1)):
            if place + 3 <= len(chunk):
                seen.setdefault(chunk[place : place + 3], []).append(place)
        at += max(length, 1)


def _compress_chunk(chunk: bytes) -> bytes:
    tokens = list(_tokens(chunk))
    out = bytearray()
    for first in range(0, len(tokens), 8):
        group = tokens[first : first + 8]
        out.append(sum(flag << bit for bit, (flag, _) in enumerate(group)))
        out += b"".join(token for _, token in group)
    if len(out) < CHUNK_BYTES:
        return struct.pack("<H", 0xB000 | (len(out) - 1)) + bytes(out)
    return struct.pack("<H", 0x3FFF) + chunk.ljust(CHUNK_BYTES, b"\0")


def compress(data: bytes) -> bytes:
    """Return the compressed container of `data`."""
    return b"\x01" + b"".join(
        _compress_chunk(data[at : at + CHUNK_BYTES]) for at in range(0, len(data), CHUNK_BYTES)
    )


def _copy(out: bytearray, start: int, token: int) -> None:
    bits = _offset_bits(len(out) - start)
    distance, length = (token >> (16 - bits)) + 1, (token & (0xFFFF >> bits)) + 3
    if distance > len(out) - start:
        raise ValueError("copy token points before the chunk")
    for _ in range(length):
        out.append(out[-distance])


def _expand_chunk(chunk: bytes, out: bytearray) -> None:
    start, at = len(out), 0
    while at < len(chunk):
        flags, at = chunk[at], at + 1
        for bit in range(8):
            if at >= len(chunk):
                return
            if flags >> bit & 1:
                _copy(out, start, int.from_bytes(chunk[at : at + 2], "little"))
                at += 2
            else:
                out.append(chunk[at])
                at += 1


def decompress(container: bytes) -> bytes:
    """Return the bytes of a compressed container.

    Raises:
        ValueError: The container is damaged.
    """
    if container[:1] != b"\x01":
        raise ValueError("no compressed container")
    out, at = bytearray(), 1
    while at < len(container):
        header = int.from_bytes(container[at : at + 2], "little")
        size = (header & 0x0FFF) + 3
        if (header >> 12) & 7 != 3 or at + size > len(container):
            raise ValueError("damaged chunk header")
        chunk = container[at + 2 : at + size]
        if header & 0x8000:
            _expand_chunk(chunk, out)
        else:
            out += chunk
        at += size
    return bytes(out)


def _record(number: int, data: bytes = b"") -> bytes:
    return struct.pack("<HI", number, len(data)) + data


def _both(number: int, wide: int, text: str) -> bytes:
    """One text as two records: code page and UTF-16."""
    return _record(number, text.encode("ascii")) + _record(wide, text.encode("utf-16-le"))


def _reference(name: str, library: str) -> bytes:
    raw = library.encode("ascii")
    return _both(0x16, 0x3E, name) + _record(0x0D, struct.pack("<I", len(raw)) + raw + bytes(6))


def _project_records(project: str) -> list[bytes]:
    number = struct.Struct("<I").pack
    return [
        _record(0x01, number(1)),  # SYSKIND Win32, which every current writer uses
        _record(0x02, number(LCID)),
        _record(0x14, number(LCID)),
        _record(0x03, struct.pack("<H", CODE_PAGE)),
        _record(0x04, project.encode("ascii")),
        _both(0x05, 0x40, ""),  # description
        _both(0x06, 0x3D, ""),  # help files
        _record(0x07, bytes(4)),
        _record(0x08, bytes(4)),
        struct.pack("<HIIH", 0x09, 4, 0x51200425, 6),  # version: says 4 bytes, holds 6
        _both(0x0C, 0x3C, ""),  # constants
        _reference("stdole", STDOLE),
        _reference("Office", OFFICE_LIBRARY),  # IRibbonUI, IRibbonControl
    ]


def dir_stream(project: str, modules: Sequence[tuple[str, bool]]) -> bytes:
    """Return the uncompressed ``VBA/dir`` stream.

    Args:
        project: Name of the project (ASCII).
        modules: (name, is it a plain code module) in order.
    """
    out = _project_records(project)
    out += [_record(0x0F, struct.pack("<H", len(modules))), _record(0x13, b"\xff\xff")]
    for name, plain in modules:
        out += [_both(0x19, 0x47, name), _both(0x1A, 0x32, name), _both(0x1C, 0x48, "")]
        out += [_record(0x31, bytes(4)), _record(0x1E, bytes(4)), _record(0x2C, b"\xff\xff")]
        out += [_record(0x21 if plain else 0x22), _record(0x2B)]
    return b"".join(out) + _record(0x10)


def read_dir(data: bytes) -> tuple[str, list[tuple[str, bool, int]]]:
    """Return the project's name and (module, is plain, source offset) of a ``dir`` stream."""
    project, found, at = "", list[tuple[str, bool, int]](), 0
    while at + 6 <= len(data):
        number, size = struct.unpack_from("<HI", data, at)
        size += 2 if number == 0x09 else 0
        value, at = data[at + 6 : at + 6 + size], at + 6 + size
        if number == 0x04:
            project = value.decode("ascii")
        elif number == 0x19:
            found.append((value.decode("ascii"), True, 0))
        elif number in {0x31, 0x22} and not found:
            raise ValueError("dir stream: a module's record before its name")
        elif number == 0x31:
            found[-1] = (*found[-1][:2], int.from_bytes(value, "little"))
        elif number == 0x22:
            found[-1] = (found[-1][0], False, found[-1][2])
    return project, found
