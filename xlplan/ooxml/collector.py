"""Turns the raw parts of ``<c>`` elements into cells, for both ways of scanning a sheet."""

from __future__ import annotations

import datetime as dt
import math
from itertools import compress, repeat
from typing import TYPE_CHECKING, Any

from xlplan.ooxml.cells import ErrorValue, SheetCells, StoredCell, StoredValue, unescape_excel
from xlplan.ooxml.patching.references import shift_formula
from xlplan.ooxml.serial import (
    MAX_ROW,
    CellRange,
    cell_name,
    parse_range,
    serial_to_date,
    to_serial,
)
from xlplan.ooxml.sniff import damaged_package
from xlplan.ooxml.strings import check_text
from xlplan.record import record
from xlplan.regex import regex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from xlplan.ooxml.cells import StoredValue
    from xlplan.ooxml.limits import ReadTally


_NUMBER = regex(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_CLOCK = regex(r"T?[0-9]{2}:")
_NEVER = "TABLE()"


@record
class SheetContext:
    """What a sheet's cells refer to.

    Attributes:
        strings: The shared strings.
        strings_by_index: The same, by the text of their index.
        date_styles: Style indexes whose number format shows a day.
        date1904: The book's epoch.
        budget: Where cells are counted.
    """

    strings: list[str]
    strings_by_index: dict[str, str]
    date_styles: frozenset[int]
    date1904: bool
    budget: ReadTally


@record
class Look:
    """What the attributes of a cell say about it.

    Attributes:
        style: Index of its format.
        is_date: Whether the format shows a day.
        kind: Its type as written.
        convert: Makes the value of the text; it may take what is no number for one.
        empty: The value without any text.
    """

    style: int
    is_date: bool
    kind: str | None
    convert: Callable[[str], StoredValue]
    empty: StoredValue


class Collector:
    """Collects one sheet's cells; every fault becomes FileError ``damaged`` with its place."""

    def __init__(
        self, name: str, context: SheetContext, decode: Callable[[str], str] = unescape_excel
    ) -> None:
        self.name = name
        self.context = context
        self.decode = decode
        self.cells: dict[tuple[int, int], StoredCell] = {}
        self.blanks: dict[tuple[int, int], int] = {}
        self.merges: list[CellRange] = []
        self.arrays: list[CellRange] = []
        self._masters: dict[str, tuple[int, int, str]] = {}
        self._orphans: list[tuple[tuple[int, int], str]] = []

    def value(self, kind: str | None, text: str | None) -> StoredValue:
        """Return the value of a cell type and its ``<v>`` (or inline) text; ValueError if bad."""
        convert = self.converter(kind)
        return convert(text) if text else self.empty(kind)

    def converter(self, kind: str | None) -> Callable[[str], StoredValue]:
        """Return what makes the value of a text of this cell type."""
        match kind:
            case None | "n":
                return self._number
            case "str" | "inlineStr":
                return self._text
            case "s":
                return self._shared_string
            case "b":
                return self._boolean
            case "e":
                return self._error
            case "d":
                return self._iso_date
        raise ValueError(f"未知的单元格类型 {kind}")

    @staticmethod
    def empty(kind: str | None) -> StoredValue:
        """Return the value of a cell of this type without a text."""
        return "" if kind in ("str", "inlineStr") else None

    def add(
        self,
        key: tuple[int, int],
        style: int,
        kind: str | None,
        value: StoredValue,
        formula: str | None,
    ) -> None:
        """Store one cell."""
        look = Look(style, style in self.context.date_styles, kind, str, None)
        self.store([key], [value], [formula], [look])

    def store(
        self,
        keys: list[tuple[int, int]],
        values: list[StoredValue],
        formulas: list[str | None],
        looks: list[Look],
    ) -> None:
        """Store many cells at once."""
        if None in values:
            used = [
                value is not None or formula is not None
                for value, formula in zip(values, formulas, strict=True)
            ]
            parts = zip(keys, looks, used, strict=True)
            self.blanks.update((key, look.style) for key, look, use in parts if not use)
            keys, values = list(compress(keys, used)), list(compress(values, used))
            formulas, looks = list(compress(formulas, used)), list(compress(looks, used))
        self.cells.update(zip(keys, self.records(values, formulas, looks), strict=True))

    def records(
        self, values: Sequence[StoredValue], formulas: Sequence[str | None], looks: Sequence[Look]
    ) -> Iterable[StoredCell]:
        """Return cells; made without a step of Python for each."""
        styles = [look.style for look in looks]
        dated = dates_of(values, looks)
        return map(
            tuple.__new__, repeat(StoredCell), zip(values, formulas, styles, dated, strict=True)
        )

    def merge(self, block: str) -> None:
        """Note a merged block."""
        try:
            self.merges.append(parse_range(block))
        except ValueError:
            raise damaged_package(f"工作表“{self.name}”的合并区域“{block[:40]}”不存在") from None

    def guard(self, row: int, col: int, step: Callable[[], None]) -> None:
        """Run a step for one cell; its ValueError becomes FileError with the cell's name."""
        try:
            step()
        except ValueError as error:
            raise damaged_package(f"{self.name}!{cell_name(row, col)}：{error}") from error

    def formula(self, key: tuple[int, int], attributes: dict[str, str], text: str) -> str:
        """Return the formula text of a cell, resolving shared formulas and noting arrays."""
        kind, text = attributes.get("t", "normal"), self.decode(text)
        if kind == "shared":
            return self._shared_formula(key, attributes.get("si", ""), text)
        if kind in ("array", "dataTable"):
            self.arrays.append(parse_range(attributes.get("ref", "")))
        return text or (_NEVER if kind == "dataTable" else "")

    def _shared_formula(self, key: tuple[int, int], index: str, text: str) -> str:
        if text:
            self._masters[index] = (*key, text)
            return text
        if index not in self._masters:
            self._orphans.append((key, index))
            return ""
        return self._shifted(key, index)

    def _shifted(self, key: tuple[int, int], index: str) -> str:
        row, col, text = self._masters[index]
        return shift_formula(text, key[0] - row, key[1] - col)

    def finish(self, seen: int) -> SheetCells:
        """Check what can only be checked at the end, and return the sheet of `seen` cells."""
        self.context.budget.cells(seen)
        twice = not self.cells.keys().isdisjoint(self.blanks)
        if twice or len(self.cells) + len(self.blanks) != seen:
            raise damaged_package(f"工作表“{self.name}”里有重复的单元格")
        for key, index in self._orphans:
            if index not in self._masters:
                raise damaged_package(f"工作表“{self.name}”的共享公式 {index[:9]} 没有主公式")
            self.adopt(key, self._shifted(key, index))
        self._check_grid()
        return SheetCells(
            self.name,
            self.cells,
            self.blanks,
            tuple(self.merges),
            tuple(self.arrays),
            self.context.date1904,
        )

    def adopt(self, key: tuple[int, int], formula: str) -> None:
        """Give a cell its own text of a shared formula."""
        self.cells[key] = self.cells[key]._replace(formula=formula)

    def _check_grid(self) -> None:
        for keys in (self.cells, self.blanks):
            if keys and max(keys)[0] > MAX_ROW:
                raise damaged_package(f"工作表“{self.name}”的行号超出 {MAX_ROW:,}")

    def _number(self, text: str) -> float:
        text = text.strip()
        if not _NUMBER.fullmatch(text):
            raise ValueError(f"“{text[:20]}”不是数字")
        value = float(text)
        if not math.isfinite(value):
            raise ValueError(f"数字 {text[:20]} 过大")
        return value

    def _shared_string(self, text: str) -> str:
        index = int(text) if text.isascii() and text.isdigit() else -1
        if not 0 <= index < len(self.context.strings):
            raise ValueError(f"共享字符串序号 {text[:20]} 不存在")
        return self.context.strings[index]

    def _boolean(self, text: str) -> bool:
        if text.strip() not in ("0", "1", "true", "false"):
            raise ValueError(f"“{text[:20]}”不是逻辑值")
        return text.strip() in ("1", "true")

    def _text(self, text: str) -> str:
        if len(text) > self.context.budget.limits.text:
            check_text(text, f"工作表“{self.name}”", self.context.budget.limits)
        return self.decode(text)

    def _error(self, text: str) -> ErrorValue:
        return ErrorValue(self.decode(text))

    def _iso_date(self, text: str) -> float:
        text = text.strip().removesuffix("Z")
        if _CLOCK.match(text):
            clock = dt.time.fromisoformat(text.removeprefix("T"))
            return (clock.hour * 3600 + clock.minute * 60 + clock.second) / 86_400
        moment = dt.datetime.fromisoformat(text)
        return to_serial(moment, date1904=self.context.date1904)


def dates_of(values: Sequence[StoredValue], looks: Sequence[Look]) -> list[bool]:
    """Return which values are dates."""
    return [
        look.is_date and type(value) is float for look, value in zip(looks, values, strict=True)
    ]


class ShownCollector(Collector):
    """Collects cells as records of another room, so that no cell is made twice.

    Args:
        name: The sheet's name.
        context: What its cells refer to.
        record: A NamedTuple of (value, formula); the formula is ``""`` for a plain value.
        decode: See `Collector`.
    """

    def __init__(
        self,
        name: str,
        context: SheetContext,
        record: type[tuple[Any, ...]],
        decode: Callable[[str], str] = unescape_excel,
    ) -> None:
        super().__init__(name, context, decode)
        self.record = record

    def records(
        self, values: Sequence[StoredValue], formulas: Sequence[str | None], looks: Sequence[Look]
    ) -> Iterable[Any]:
        """Return cells."""
        shown: list[Any] = list(values)
        odd = [at for at, look in enumerate(looks) if look.is_date or look.kind == "e"]
        for at in odd:
            value = shown[at]
            if type(value) is ErrorValue:
                shown[at] = str(value)
            elif type(value) is float and looks[at].is_date:
                shown[at] = serial_to_date(value, date1904=self.context.date1904)
        texts = ["" if formula is None else f"={formula}" for formula in formulas]
        return map(tuple.__new__, repeat(self.record), zip(shown, texts, strict=True))

    def adopt(self, key: tuple[int, int], formula: str) -> None:
        """Give a cell its own text of a shared formula."""
        self.cells[key] = self.cells[key]._replace(formula=f"={formula}")
