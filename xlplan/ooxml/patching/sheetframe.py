"""What stands around a sheet's cells and depends on them: dimension, column styles, row spans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.ooxml.patching.spans import read_attributes
from xlplan.ooxml.serial import Range, parse_range
from xlplan.record import record
from xlplan.regex import regex

if TYPE_CHECKING:
    from collections.abc import Iterable

_DIMENSION = regex(rb'(<(?:\w+:)?dimension\s[^<>]*?ref=")([A-Z0-9:$]+)(")')
_COLUMN = regex(rb"<(?:\w+:)?col(\s[^<>]*?)/?>")
_SPANS = regex(rb'(\sspans=")([0-9]+):([0-9]+)(")')


@record
class ColumnStyles:
    """Styles of whole columns: a new cell takes its column's look, as in Excel."""

    runs: tuple[tuple[int, int, str], ...]

    @classmethod
    def read(cls, head: bytes) -> ColumnStyles:
        """Read the `<cols>` of a sheet from the XML before its cells."""
        marks = [read_attributes(found[1]) for found in _COLUMN.finditer(head)]
        return cls(
            tuple(
                (int(mark["min"]), int(mark["max"]), mark["style"])
                for mark in marks
                if {"min", "max", "style"} <= mark.keys()
            )
        )

    def style(self, col: int) -> str:
        """Return the style index of a column as text, ``""`` if it has none."""
        return next((style for first, last, style in self.runs if first <= col <= last), "")


def row_style(tag: bytes) -> str:
    """Return the style index of a formatted row as text, ``""`` if it has none."""
    attributes = read_attributes(tag)
    return attributes.get("s", "") if attributes.get("customFormat") in ("1", "true") else ""


def with_dimension(data: bytes, written: Iterable[tuple[int, int]], head: int) -> bytes:
    """Return the sheet with its used range extended to the cells written."""
    found = _DIMENSION.search(data, 0, head)
    if found is None:
        return data
    try:
        block = parse_range(found[2].decode())
    except ValueError:
        return data
    wider = _including(block, written)
    if wider == block:
        return data
    return data[: found.start(2)] + str(wider).encode() + data[found.end(2) :]


def _including(block: Range, cells: Iterable[tuple[int, int]]) -> Range:
    rows, cols = zip((block.top, block.left), (block.bottom, block.right), *cells, strict=True)
    return Range(min(rows), min(cols), max(rows), max(cols))


def with_spans(tag: bytes, cols: Iterable[int]) -> bytes:
    """Return a row's tag with its ``spans`` hint widened to the columns written."""
    found = _SPANS.search(tag)
    if found is None:
        return tag
    first, last = min((int(found[2]), *cols)), max((int(found[3]), *cols))
    hint = b"%b%d:%d%b" % (found[1], first, last, found[4])
    return tag[: found.start()] + hint + tag[found.end() :]
