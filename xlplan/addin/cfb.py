"""The compound file that holds a VBA project: write and read.

Source of the rules: [MS-CFB] version 3 (512-byte sectors, 64-byte mini sectors,
streams under 4,096 bytes in the mini stream). The bytes depend on the content alone.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from xlplan.errors import FileError

SECTOR, MINI, CUTOFF = 512, 64, 4096
FREE, END, FAT_SECTOR = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
MAGIC = bytes.fromhex("D0CF11E0A1B11AE1")
HEADER = "<8s16sHHHHH6xIIIIIIIII"
ENTRY_FORMAT = "<64sHBBIII16sIQQIQ"
PER_SECTOR = SECTOR // 4
HEADER_FATS = 109
UNUSED, STORAGE, STREAM, ROOT = 0, 1, 2, 5


@dataclass
class _Entry:
    """One directory entry: a storage or a stream, and its place in its parent's tree."""

    name: str
    kind: int
    data: bytes = b""
    left: int = FREE
    right: int = FREE
    child: int = FREE
    black: int = 1
    start: int = 0
    size: int = 0

    def pack(self) -> bytes:
        """Return the 128 bytes of the entry."""
        name = self.name.encode("utf-16-le") + b"\0\0" if self.name else b""
        links = (self.left, self.right, self.child)
        return struct.pack(
            ENTRY_FORMAT, name, len(name), self.kind, self.black, *links, bytes(16), 0, 0, 0, self.start, self.size
        )  # fmt: skip


@dataclass
class _Area:
    """Sectors of one size with their allocation table."""

    unit: int
    table: list[int] = field(default_factory=list)
    body: bytearray = field(default_factory=bytearray)

    def add(self, data: bytes) -> int:
        """Append `data` as one chain; return its first sector."""
        if not data:
            return END
        first, count = len(self.table), -(-len(data) // self.unit)
        self.table += [*range(first + 1, first + count), END]
        self.body += data.ljust(count * self.unit, b"\0")
        return first


def _order(entry: _Entry) -> tuple[int, str]:
    """Sort key of siblings: length first, then upper case ([MS-CFB] 2.6.4)."""
    return len(entry.name), entry.name.upper()


def _tree(entries: list[_Entry], ids: list[int], depth: int, deepest: int) -> int:
    """Link sorted `ids` as a balanced tree; a red last level makes it a red-black tree."""
    if not ids:
        return FREE
    middle = len(ids) // 2
    top = entries[ids[middle]]
    top.black = 0 if depth == deepest and depth else 1
    top.left = _tree(entries, ids[:middle], depth + 1, deepest)
    top.right = _tree(entries, ids[middle + 1 :], depth + 1, deepest)
    return ids[middle]


def _directory(root: dict[str, bytes], storages: dict[str, dict[str, bytes]]) -> list[_Entry]:
    """Return all entries, linked; the root entry first."""
    entries = [_Entry("Root Entry", ROOT)]
    top = list(range(1, 1 + len(storages) + len(root)))
    entries += [_Entry(name, STORAGE) for name in storages]
    entries += [_Entry(name, STREAM, data) for name, data in root.items()]
    families = [(0, top)]
    for number, streams in enumerate(storages.values(), 1):
        families.append((number, list(range(len(entries), len(entries) + len(streams)))))
        entries += [_Entry(name, STREAM, data) for name, data in streams.items()]
    for parent, ids in families:
        ids.sort(key=lambda i: _order(entries[i]))
        entries[parent].child = _tree(entries, ids, 0, len(ids).bit_length() - 1)
    return entries


def _words(numbers: list[int]) -> bytes:
    return struct.pack(f"<{len(numbers)}I", *numbers)


def _close(big: _Area) -> list[int]:
    """Append the allocation table itself to `big`; return the sectors it fills."""
    count = 1
    while count * PER_SECTOR < len(big.table) + count:
        count += 1
    if count > HEADER_FATS:
        raise FileError("插件的 VBA 工程超过 7 MB，无法生成。", code="too_big")
    fats = list(range(len(big.table), len(big.table) + count))
    big.table += [FAT_SECTOR] * count
    big.table += [FREE] * (count * PER_SECTOR - len(big.table))
    big.body += _words(big.table)
    return fats


def write_streams(root: dict[str, bytes], storages: dict[str, dict[str, bytes]]) -> bytes:
    """Return a compound file.

    Args:
        root: Stream name → bytes, directly under the root.
        storages: Storage name → its streams.

    Raises:
        FileError: More than about 7 MB (the header lists 109 FAT sectors, enough here).
    """
    entries = _directory(root, storages)
    big, mini = _Area(SECTOR), _Area(MINI)
    for entry in entries:
        if entry.kind == STREAM:
            entry.size = len(entry.data)
            entry.start = (mini if entry.size < CUTOFF else big).add(entry.data)
    entries[0].start, entries[0].size = big.add(bytes(mini.body)), len(mini.body)
    short = -len(mini.table) % PER_SECTOR
    minifat = _words(mini.table + [FREE] * short)
    minifat_at = big.add(minifat)
    entries += [_Entry("", UNUSED, black=0) for _ in range(-len(entries) % 4)]
    directory_at = big.add(b"".join(entry.pack() for entry in entries))
    fats = _close(big)
    head = (MAGIC, bytes(16), 0x3E, 3, 0xFFFE, 9, 6, 0, len(fats), directory_at, 0, CUTOFF)
    tail = (minifat_at, len(minifat) // SECTOR, END, 0)
    return struct.pack(HEADER, *head, *tail) + _words(fats + [FREE] * (109 - len(fats))) + big.body


def _chain(body: bytes, table: tuple[int, ...], start: int, unit: int, size: int) -> bytes:
    """Follow a chain; a loop or a sector outside the file is damage."""
    out, seen = bytearray(), 0
    while start != END:
        if start >= len(table) or seen > len(table) or (start + 1) * unit > len(body):
            raise ValueError("broken sector chain")
        out += body[start * unit : (start + 1) * unit]
        start, seen = table[start], seen + 1
    if len(out) < size:
        raise ValueError("stream shorter than its entry says")
    return bytes(out[:size]) if size else bytes(out)


def _siblings(entries: list[_Entry], top: int, seen: set[int]) -> list[int]:
    """Return the entries of one tree; each may be met once in the whole file."""
    found, waiting = list[int](), [top]
    while waiting:
        number = waiting.pop()
        if number == FREE:
            continue
        if number >= len(entries) or number in seen:
            raise ValueError("broken directory tree")
        seen.add(number)
        found.append(number)
        waiting += [entries[number].right, entries[number].left]
    return found


def _entries(raw: bytes) -> list[_Entry]:
    found = []
    for name, length, kind, black, left, right, child, *_, start, size in struct.iter_unpack(
        ENTRY_FORMAT, raw
    ):
        text = name[: max(0, length - 2)].decode("utf-16-le")
        found.append(_Entry(text, kind, b"", left, right, child, black, start, size))
    return found


@dataclass
class _Opened:
    """A compound file with its tables looked up."""

    body: bytes
    table: tuple[int, ...]
    minis: tuple[int, ...]
    ministream: bytes
    entries: list[_Entry]
    seen: set[int] = field(default_factory=set)

    def data(self, entry: _Entry) -> bytes:
        """Return a stream's bytes."""
        if not entry.size:
            return b""
        if entry.size < CUTOFF:
            return _chain(self.ministream, self.minis, entry.start, MINI, entry.size)
        return _chain(self.body, self.table, entry.start, SECTOR, entry.size)

    def streams(self, parent: _Entry, prefix: str) -> dict[str, bytes]:
        """Return path → bytes of everything under one storage."""
        out: dict[str, bytes] = {}
        for number in _siblings(self.entries, parent.child, self.seen):
            entry = self.entries[number]
            if entry.kind == STORAGE:
                out |= self.streams(entry, f"{prefix}{entry.name}/")
            else:
                out[prefix + entry.name] = self.data(entry)
        return out


def _open(blob: bytes) -> _Opened:
    words = struct.unpack_from(HEADER, blob)
    fat_count, directory_at, minifat_at = words[8], words[9], words[12]
    body = blob[SECTOR:]
    fats = struct.unpack_from("<109I", blob, struct.calcsize(HEADER))[:fat_count]
    if fat_count > HEADER_FATS or any((at + 1) * SECTOR > len(body) for at in fats):
        raise ValueError("allocation table outside the file")
    table = tuple(n for at in fats for n in struct.unpack_from("<128I", body, at * SECTOR))
    entries = _entries(_chain(body, table, directory_at, SECTOR, 0))
    minifat = _chain(body, table, minifat_at, SECTOR, 0)
    minis = struct.unpack(f"<{len(minifat) // 4}I", minifat)
    if not entries:
        raise ValueError("no directory")
    ministream = _chain(body, table, entries[0].start, SECTOR, entries[0].size)
    return _Opened(body, table, minis, ministream, entries)


def read_streams(blob: bytes) -> dict[str, bytes]:
    """Return path (``VBA/dir``) → bytes of every stream of a version 3 compound file.

    Raises:
        ValueError: Not a compound file, or chains or tree are damaged.
    """
    if len(blob) < SECTOR or blob[:8] != MAGIC or len(blob) % SECTOR:
        raise ValueError("not a compound file")
    opened = _open(blob)
    return opened.streams(opened.entries[0], "")
