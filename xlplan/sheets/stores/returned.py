"""Reading the 日报 of a returned store workbook: by key, cell by cell, nothing guessed.

Imports nothing heavy: many copies are read in worker processes.
"""

from __future__ import annotations

import re
from dataclasses import field
from typing import TYPE_CHECKING, Protocol

from xlplan.cells import address
from xlplan.errors import Level, Problem, StructureError, Where
from xlplan.record import draft
from xlplan.regex import regex
from xlplan.sheets.base.find import KEY_MARK
from xlplan.sheets.stores.handout import MOST_NOTE
from xlplan.sources.dates import parse_date
from xlplan.sources.numbers import parse_amount
from xlplan.sources.text import Unread, is_missing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from xlplan.cells import Spot
    from xlplan.plan.actuals.threeway import Value
    from xlplan.sheets.stores.handout import Days, Handout

SHEET = "日报"
DATE, WEEKDAY, STORE, NOTE = "date", "weekday", "store", "note"
_WEEKDAYS = "一二三四五六日"
#: Formulas that reach out of the workbook or start something (RELIABILITY X11).
_REACHES_OUT = regex(r"\[|\||WEBSERVICE|HYPERLINK|\bcmd\b|\bDDE", re.IGNORECASE)
_CONTROL = regex("[\x00-\x08\x0b\x0c\x0e-\x1f]")
#: Numbers below this need no second look.
_PLAIN = 1e14
#: So many rows with a foreign weekday mean that the date column was sorted on its own.
_MOST_ODD_ROWS = 5


class Stored(Protocol):
    """A cell as a reader delivers it; `formula` is empty or None for a plain value."""

    @property
    def value(self) -> object:
        """The stored value."""

    @property
    def formula(self) -> str | None:
        """The formula's text."""


@draft
class Returned:
    """What a returned 日报 says.

    Attributes:
        days: What is typed, by day and column key; empty cells are absent.
        unread: (day, key) of cells and rows that could not be read: they keep their old value.
        rows: Day → row, for messages.
        columns: Key → column.
        problems: What is wrong, with cells.
    """

    days: Days = field(default_factory=dict)
    unread: set[tuple[date, str]] = field(default_factory=set)
    rows: dict[date, int] = field(default_factory=dict)
    columns: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def cell(self, day: date, key: str) -> str:
        """Return the address of a value, "" when its row or column is gone."""
        if day in self.rows and key in self.columns:
            return address(self.rows[day], self.columns[key])
        return ""


def read_returned(
    cells: Mapping[Spot, Stored], handout: Handout, inputs: Mapping[str, bool], file: str = ""
) -> Returned:
    """Read a returned 日报.

    Args:
        cells: The sheet.
        handout: What was handed out.
        inputs: Keys of the columns staff may fill, without the note → True when never negative.
        file: For messages.

    Raises:
        StructureError: The hidden keys or the dates are gone, or the dates were sorted alone.
    """
    reader = _Reader(cells, handout, file, inputs)
    reader.find_columns([*inputs, NOTE])
    reader.find_rows()
    reader.read_values()
    return reader.found


class _Reader:
    def __init__(
        self, cells: Mapping[Spot, Stored], handout: Handout, file: str, inputs: Mapping[str, bool]
    ) -> None:
        self.cells, self.handout, self.file, self.inputs = cells, handout, file, inputs
        self.found = Returned()
        self.wanted: list[str] = []
        self.formulas: list[tuple[str, str]] = []
        self.told: set[int] = set()

    def note(self, cell: str, what: str, remedy: str, rule: str, level: Level) -> None:
        where = Where(self.file, SHEET, cell)
        self.found.problems.append(Problem(where, what, level, remedy, rule))

    def find_columns(self, inputs: list[str]) -> None:
        """Find every column by its hidden key; the header above it must be the one handed out."""
        marked = [spot for spot, seen in self.cells.items() if seen.value == KEY_MARK]
        if len(marked) != 1:
            raise self.broken("隐藏的键行不见了（隐藏行被删除或改过）")
        self.key_row = marked[0][0]
        at: dict[str, int] = {}
        twice: set[str] = set()
        for (row, column), seen in self.cells.items():
            if row == self.key_row and isinstance(seen.value, str) and seen.value != KEY_MARK:
                twice |= {seen.value} & at.keys()
                at[seen.value] = column
        for key in (DATE, WEEKDAY, STORE):
            if key not in at or key in twice:
                raise self.broken(f"“{self.handout.headers.get(key, key)}”列的隐藏键不见了或重复")
        self.found.columns = at
        self.wanted = [key for key in inputs if self._usable(key, twice)]

    def broken(self, what: str) -> StructureError:
        remedy = "请门店用当初分发的文件重新填写，不要删除隐藏的行列"
        return StructureError(what, remedy, Where(self.file, SHEET))

    def _usable(self, key: str, twice: set[str]) -> bool:
        label = self.handout.headers.get(key)
        if label is None:
            return False  # an older hand-out without this column
        column = self.found.columns.get(key)
        if column is None or key in twice:
            what = f"“{label}”列的隐藏键{'重复了' if key in twice else '不见了'}，这一列没有收"
            self.note("", what, "请用当初分发的文件重新填写这一列", "表头", Level.ERROR)
            return False
        seen = self.cells.get((self.key_row + 1, column))
        shown = str(seen.value) if seen and seen.value is not None else ""
        if "".join(shown.split()) != "".join(label.split()):
            what = f"表头被改过：原来是“{label}”，现在是“{shown}”，这一列没有收"
            cell = address(self.key_row + 1, column)
            self.note(cell, what, "请把表头改回原文后重新交回", "表头", Level.ERROR)
            return False
        return True

    def find_rows(self) -> None:
        """Find the row of every day; weekday and store must agree with the date."""
        columns = self.found.columns
        first = self.key_row + 2
        used = {row for row, column in self.cells if column == columns[DATE] and row >= first}
        odd = 0
        for row in sorted(used):
            day = self._day(row)
            if day is None:
                continue
            if not self._is_weekday(row, day):
                odd += 1
                self.told.add(row)
                what = f"第 {row} 行的日期 {day} 与星期对不上，这一行没有收"
                self.note(address(row, columns[DATE]), what, "请改回正确的日期", "行", Level.ERROR)
            elif day in self.found.rows:
                self.told.add(row)
                what = f"{day} 有两行（第 {self.found.rows[day]}、{row} 行），后一行没有收"
                self.note(address(row, columns[DATE]), what, "请合并成一行", "重复", Level.ERROR)
            else:
                self.found.rows[day] = row
        if odd > _MOST_ODD_ROWS:
            raise self.broken(f"{odd} 行的日期与星期对不上：日期列多半单独排过序")
        if not self.found.rows:
            raise self.broken("没有一行的日期可以识别")
        self._missing_rows()

    def _day(self, row: int) -> date | None:
        cell = address(row, self.found.columns[DATE])
        day = parse_date(self.cells[row, self.found.columns[DATE]].value)
        if day is None:
            return None
        if isinstance(day, Unread):
            what = f"第 {row} 行的日期无法识别，这一行没有收"
        elif day.year != self.handout.year:
            what = f"第 {row} 行的日期 {day} 不在 {self.handout.year} 年，这一行没有收"
        elif not self._is_store(row):
            what = f"第 {row} 行的店铺不是“{self.handout.store}”，这一行没有收"
            cell = address(row, self.found.columns[STORE])
        else:
            return day
        self.told.add(row)
        self.note(cell, what, "请改回分发时的内容", "行", Level.ERROR)
        return None

    def _is_store(self, row: int) -> bool:
        seen = self.cells.get((row, self.found.columns[STORE]))
        return seen is None or str(seen.value).strip() == self.handout.store

    def _is_weekday(self, row: int, day: date) -> bool:
        seen = self.cells.get((row, self.found.columns[WEEKDAY]))
        if seen is None or seen.value is None:
            return True
        return str(seen.value).strip()[-1:] == _WEEKDAYS[day.weekday()]

    def _missing_rows(self) -> None:
        """Say which days lost their row although they held values; nothing is cleared."""
        lost = sorted(day for day in self.handout.base if day not in self.found.rows)
        if lost:
            shown = "、".join(f"{day:%m-%d}" for day in lost[:5]) + ("…" if len(lost) > 5 else "")
            what = f"{len(lost)} 天的行不见了（{shown}），总表里这些天保持不变"
            remedy = "不要删除整行；要作废某天请清空它的数字"
            self.note("", what, remedy, "缺行", Level.WARNING)
        self.found.unread |= {(day, key) for day in lost for key in self.handout.base[day]}

    def read_values(self) -> None:
        """Read what is typed; formulas give their value only."""
        found = self.found
        at_row = {row: day for day, row in found.rows.items()}
        at_column = {found.columns[key]: key for key in self.wanted}
        homeless: set[int] = set()
        for (row, column), seen in self.cells.items():
            if column in at_column and row > self.key_row + 1:
                if row in at_row:
                    day, key, value = at_row[row], at_column[column], seen.value
                    if type(value) is float and 0 <= value < _PLAIN and not seen.formula:
                        found.days.setdefault(day, {})[key] = value  # most cells
                    else:
                        self._take(day, key, seen)
                elif seen.value is not None:
                    homeless.add(row)
        for row in sorted(homeless - self.told):
            what = f"第 {row} 行填了数但没有日期，这一行没有收"
            cell = address(row, found.columns[DATE])
            self.note(
                cell, what, "请补上日期（或从分发的文件里复制这一行的日期）", "行", Level.ERROR
            )
        skipped = self.handout.headers.keys() - set(self.wanted)
        for day, values in self.handout.base.items():
            found.unread |= {(day, key) for key in skipped & values.keys()}
        self._tell_formulas()

    def _take(self, day: date, key: str, seen: Stored) -> None:
        if seen.formula:
            text = f"={seen.formula.removeprefix('=')}"
            self.formulas.append((self.found.cell(day, key), text))
        if is_missing(seen.value) and not (seen.formula and seen.value is None):
            return
        value = self._read(day, key, seen.value)
        if value is None:
            self.found.unread.add((day, key))
        else:
            self.found.days.setdefault(day, {})[key] = value

    def _read(self, day: date, key: str, value: object) -> Value:
        """Return a note or number; None, with a problem, for what is neither."""
        if key == NOTE:
            return self._note_of(day, _CONTROL.sub("", str(value)))
        number = parse_amount(value, unit="个" if self.inputs[key] else "元")
        if number is None:
            why = "公式没有算出的值，请打开文件保存一次"
        elif isinstance(number, Unread):
            why = number.what
        elif number.value < 0 and self.inputs[key]:
            why = f"不能是负数 {number.value:g}"
        else:
            return number.value
        what = f"{self.handout.headers[key]}：{why}，这一格没有收"
        self.note(self.found.cell(day, key), what, "请填数字；没有数据请留空", "数值", Level.ERROR)
        return None

    def _note_of(self, day: date, text: str) -> str:
        short = text[:MOST_NOTE]
        if short != text:
            what = f"备注有 {len(text):,} 个字，只收了前 {MOST_NOTE:,} 个字"
            remedy = "其余内容仍在门店的文件里"
            self.note(self.found.cell(day, NOTE), what, remedy, "备注", Level.WARNING)
        return short

    def _tell_formulas(self) -> None:
        if not self.formulas:
            return
        out = [pair for pair in self.formulas if _REACHES_OUT.search(pair[1])]
        shown = "、".join(f"{cell} {text[:40]}" for cell, text in (out or self.formulas)[:3])
        what = f"{len(self.formulas)} 个填写格里是公式（{shown}），只取了数值，公式没有带入"
        if out:
            what += f"；其中 {len(out)} 个指向外部"
        cell, level = (out or self.formulas)[0][0], Level.WARNING if out else Level.INFO
        self.note(cell, what, "请粘贴为数值", "公式", level)
