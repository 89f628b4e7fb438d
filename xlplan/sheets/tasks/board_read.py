"""Reading 工作计划 back: by key, with what could not be understood and where."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

from xlplan.cells import address
from xlplan.errors import Level, Problem, StructureError, Where
from xlplan.plan.tasks.duties import Quota
from xlplan.plan.tasks.item import DAILY, DOING, KINDS, OWN, SKIPPED, TICK, Item
from xlplan.sheets.base.find import find_keys
from xlplan.sheets.tasks.places import BEFORE, BEHIND, DAYS, SHEET, BoardAt
from xlplan.sources.dates import parse_date
from xlplan.sources.numbers import Number, parse_number

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from xlplan.cells import Seen, Spot

#: Other ways to tick.
_TICKS = {"√", "✓", "✔", "☑", "v", "V", "是", "完成", "已完成", "对"}


def board_found(cells: Mapping[Spot, Seen]) -> BoardAt:
    """Return where 工作计划 stands in a book.

    Raises:
        StructureError: The key row or column is gone, or a column people know.
    """
    keys = find_keys(SHEET, cells)
    keys.need_columns({name: name for name in (*BEFORE, *BEHIND, "id", "made", "day:1", "day:31")})
    keys.need_rows({"month": "本月任务"})
    return BoardAt(keys.rows, keys.columns)


class BoardReader:
    """Reads a sheet 工作计划, and says what it could not place.

    Args:
        cells: The sheet.
        stores: The stores of the book, or the one a copy was handed to.
        file: For messages.
    """

    def __init__(self, cells: Mapping[Spot, Seen], stores: Sequence[str], file: str = "") -> None:
        self.cells, self.stores, self.file = cells, stores, file
        self.at = board_found(cells)
        self.problems: list[Problem] = []

    def text(self, row: int, column: str) -> str:
        """Return a text, "" for an empty cell."""
        seen = self.cells.get((row, self.at.columns[column]))
        return "" if seen is None or seen.value is None else str(seen.value).strip()

    @property
    def month(self) -> str:
        """The month shown, as items name it.

        Raises:
            StructureError: The cell says no month.
        """
        said = self.text(self.at.rows["month"], "date")
        if len(said) == 7 and said[4] == "-" and said.replace("-", "").isdigit():
            return said
        cell = address(self.at.rows["month"], self.at.columns["date"])
        raise StructureError(
            f"“{SHEET}”的月份被改成了“{said}”",
            "改回原来的样子，如 2026-09；要换月份请运行“任务”",
            Where(self.file, SHEET, cell),
        )

    def items(self) -> list[Item]:
        """Return the items of the month that is shown."""
        return [*self._slots(), *self._tasks()]

    def _slots(self) -> Iterator[Item]:
        for row in self.at.block("d"):
            key = self.text(row, "id")
            if key:
                ticks = {day: TICK for day in DAYS if self._is_tick(row, f"day:{day}")}
                fields = self._fields(row)
                done = {} if len(self.stores) == 1 else self._done(row)
                yield Item(key, self.month, None, DAILY, self.text(row, "date"), **fields, done=done, ticks=ticks)  # fmt: skip

    def _is_tick(self, row: int, column: str) -> bool:
        said = self.text(row, column)
        if said and said not in _TICKS:
            self._odd(row, column, f"“{said}”不是 {TICK}，没有算完成", f"做完填 {TICK}，没做留空")
        return said in _TICKS

    def _tasks(self) -> Iterator[Item]:
        own = 0
        for row in self.at.block("t"):
            key, what = self.text(row, "id"), self.text(row, "what")
            own = max(own, int(key.rpartition(":")[2])) if key.startswith("x:") else own
            if not what:
                if key and (self._done(row) or self.text(row, "note")):
                    self._odd(
                        row, "what", "这一行填了完成情况，没有工作内容", "补上工作内容，或清空整行"
                    )
                if not key or not (self._done(row) or self.text(row, "note")):
                    continue
            kind, when, why = self._rhythm(row)
            if not key:
                own += 1
                key, kind = f"x:{self.month}:{own}", OWN
            yield Item(
                key, self.month, self._day(row), kind, when, **self._fields(row),
                unit=self._unit(key), why=why, made=self.text(row, "made"), done=self._done(row),
            )  # fmt: skip

    def _unit(self, key: str) -> str:
        name = key.split(":")[1] if key.startswith("n:") else ""
        return next((quota.unit for quota in self.quotas() if quota.key == name), "")

    def _rhythm(self, row: int) -> tuple[str, str, str]:
        said = self.text(row, "when")
        kind, _, when = said.partition(" ")
        if kind not in KINDS:
            return OWN, said, ""
        when, _, why = when.partition("（")
        return kind, when, why.removesuffix("）")

    def _fields(self, row: int) -> dict[str, Any]:
        names = ("what", "owner", "note")
        return {name: self.text(row, name) for name in names} | {"quota": self._number(row, "quota") or 0.0}  # fmt: skip

    def _day(self, row: int) -> date | None:
        seen = self.cells.get((row, self.at.columns["date"]))
        found = parse_date(None if seen is None else seen.value)
        if found is None or isinstance(found, date):
            return found
        self._odd(
            row,
            "date",
            f"日期“{self.text(row, 'date')}”读不懂，这条任务没有到期日",
            "写成 2026-09-25",
        )
        return None

    def _number(self, row: int, column: str) -> float | None:
        seen = self.cells.get((row, self.at.columns[column]))
        found = parse_number(None if seen is None else seen.value)
        if isinstance(found, Number) and found.value >= 0:
            return float(found.value)
        if found is not None:
            self._odd(row, column, f"“{self.text(row, column)}”不是数量", "填 0 以上的数，如 1000")
        return None

    def _done(self, row: int) -> dict[str, str | float]:
        said: dict[str, str | float] = {}
        for store in self.stores:
            column = f"s:{store}"
            text = self.text(row, column) if column in self.at.columns else ""
            if text:
                said[store] = self._said(row, column, text)
        return said

    def _said(self, row: int, column: str, text: str) -> str | float:
        if text in _TICKS:
            return TICK
        found = parse_number(text)
        if isinstance(found, Number) and found.value >= 0:
            return float(found.value)
        if text not in (SKIPPED, DOING):
            self._odd(row, column, f"“{text}”不是 {TICK}、{SKIPPED} 或数，算没做完", f"做完填 {TICK}，定量任务填做了几个", Level.INFO)  # fmt: skip
        return text

    def quotas(self) -> list[Quota]:
        """Return the counts that are owed."""
        made = []
        for row in self.at.block("n"):
            what, count = self.text(row, "what"), self._number(row, "quota")
            if not what or count is None:
                continue
            key = self.text(row, "id").removeprefix("n:") or f"own{row}"
            per, parts = self.text(row, "date") or "月", self.text(row, "when") or "月"
            if per not in ("月", "季") or parts not in ("周", "半月", "月"):
                self._odd(
                    row,
                    "date",
                    f"周期“{per}”、分到“{parts}”看不懂，这项没有排进任务",
                    "周期选 月 或 季，分到选 周、半月 或 月",
                )
                continue
            made.append(Quota(key, what, int(count), per, parts, self.text(row, "note"), self.text(row, "owner")))  # fmt: skip
        return made

    def _odd(
        self, row: int, column: str, what: str, remedy: str, level: Level = Level.WARNING
    ) -> None:
        where = Where(self.file, SHEET, address(row, self.at.columns[column]))
        problem = Problem(where, what, level, remedy, "任务")
        if problem not in self.problems:
            self.problems.append(problem)


def rest_items(cells: Mapping[Spot, Seen]) -> list[Item]:
    """Return the items of the hidden sheet: those of the months that are not shown."""
    made = []
    for row in sorted({row for row, _ in cells if row > 1}):
        key, said = cells.get((row, 1)), cells.get((row, 5))
        if key and key.value and said and said.value:
            try:
                made.append(Item.of(str(key.value), json.loads(str(said.value))))
            except (ValueError, TypeError) as error:
                raise StructureError(
                    "隐藏表“_工作计划”被手工改过，读不出来", "请从“备份”文件夹恢复这个文件",
                    Where(sheet="_工作计划", cell=address(row, 5)),
                ) from error  # fmt: skip
    return made
