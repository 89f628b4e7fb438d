"""What a store workbook remembers of its hand-out: whose it is, which version, what it said.

Kept in its hidden sheet _元数据 as key and value rows, sealed with a checksum, so that a
returned copy can be merged three-way and a tampered one is recognised.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import field
from datetime import date
from typing import TYPE_CHECKING, Any, cast

from xlplan.cells import Page
from xlplan.errors import StructureError, Where
from xlplan.record import record
from xlplan.sheets.hidden import meta

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Seen, Spot
    from xlplan.plan.actuals.threeway import Value

SHEET = meta.SHEET
#: Layout version of store workbooks; plan books have their own.
SCHEMA = "store-1"
_DAY, _TASK, _PROMISE = "day:", "task:", "promise:"
#: Characters of a note that copies remember and that are taken over from them.
MOST_NOTE = 4_000
_KEYS = ("schema", "book", "store", "year", "version", "time", "headers", "seal")
#: What staff typed, by day and column key.
Days = dict[date, dict[str, "Value"]]


@record
class Handout:
    """One store's copy as handed out.

    Attributes:
        book: Id of the plan book it comes from.
        store: Whose it is.
        year: The plan year.
        version: Number of the distribution, from 1.
        time: When it was handed out, local time.
        headers: Column key → header text of every column of 日报.
        base: What the input cells said.
        month: The month of its tasks, ``2026-09``; "" in a copy without.
        tasks: Key of a task → what its store had said of it.
        promises: Month → what its store had promised.
    """

    book: str
    store: str
    year: int
    version: int
    time: str
    headers: Mapping[str, str]
    base: Days
    month: str = ""
    tasks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    promises: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def page(self) -> Page:
        """Return the hidden page."""
        page = Page(meta.SHEET, hidden=True)
        page.cells.update(meta.meta_cells(self._rows()))
        return page

    def _rows(self) -> dict[str, str]:
        rows = {
            "schema": SCHEMA,
            "book": self.book,
            "store": self.store,
            "year": str(self.year),
            "version": str(self.version),
            "time": self.time,
            "headers": json.dumps(dict(self.headers), ensure_ascii=False),
        }
        rows |= {f"{_DAY}{day}": pack_day(values) for day, values in sorted(self.base.items())}
        rows |= {"tasks": self.month} if self.month else {}
        for mark, said in ((_TASK, self.tasks), (_PROMISE, self.promises)):
            rows |= {f"{mark}{key}": _short(texts) for key, texts in sorted(said.items())}
        return rows | {"seal": _seal(rows)}


def pack_day(values: Mapping[str, Value]) -> str:
    """Return the values of one day as text that fits into one cell: of a note the beginning."""
    short = {
        key: value[:MOST_NOTE] if isinstance(value, str) else value
        for key, value in values.items()
    }
    return json.dumps(short, ensure_ascii=False, separators=(",", ":"))


def _short(said: Mapping[str, Any]) -> str:
    """Return what was said as text that fits into one cell: of long words the beginning."""
    return json.dumps(
        {key: value[:MOST_NOTE] if isinstance(value, str) else value for key, value in said.items()},
        ensure_ascii=False, separators=(",", ":"),
    )  # fmt: skip


def unpack_day(text: str) -> dict[str, Value]:
    """Return the values of one day from `pack`.

    Raises:
        ValueError: It is not such a text.
    """
    found = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError(text)  # noqa: TRY004 - one error for every unreadable text
    return found


def _seal(rows: Mapping[str, str]) -> str:
    """Return the checksum over every row but the seal itself."""
    said = "\n".join(f"{key}={rows[key]}" for key in sorted(rows) if key != "seal")
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def read_handout(cells: Mapping[Spot, Seen], file: str = "") -> Handout:
    """Return what a returned copy remembers.

    Raises:
        StructureError: It is no store workbook, of another layout, or was tampered with.
    """
    rows = meta.rows_of(cells)
    if rows.get("schema") != SCHEMA:
        raise _other_layout(rows, file)
    if any(key not in rows for key in _KEYS) or rows["seal"] != _seal(rows):
        raise StructureError(
            f"隐藏表“{SHEET}”被改过，校验不符",
            "请用当初分发的文件重新填写，或重新分发后请门店把内容复制过去",
            Where(file, SHEET),
        )
    return _parsed(rows)


def _parsed(rows: Mapping[str, str]) -> Handout:
    base = {
        date.fromisoformat(key.removeprefix(_DAY)): unpack_day(text)
        for key, text in rows.items()
        if key.startswith(_DAY)
    }
    said = {
        mark: {key.removeprefix(mark): unpack_day(text) for key, text in rows.items() if key.startswith(mark)}
        for mark in (_TASK, _PROMISE)
    }  # fmt: skip
    headers = cast("dict[str, str]", unpack_day(rows["headers"]))
    numbers = int(rows["year"]), int(rows["version"])
    return Handout(rows["book"], rows["store"], *numbers, rows["time"], headers, base, rows.get("tasks", ""), said[_TASK], said[_PROMISE])  # fmt: skip


def _other_layout(rows: Mapping[str, str], file: str) -> StructureError:
    where = Where(file, SHEET)
    if "stores" in rows:
        return StructureError("这是计划总表，不是门店交回的日报", "请从文件夹里移走它", where)
    version = rows.get("schema", "未知")
    return StructureError(
        f"这份门店表的版本是 {version}，本程序支持 {SCHEMA}",
        "请重新分发，或用当初分发的 xlplan 版本收集",
        where,
    )
