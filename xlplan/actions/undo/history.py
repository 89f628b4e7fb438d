"""记录: what was done, filtered; and whether the records still lead to the present book."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from datetime import date
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from xlplan.actions.run.outcome import Outcome
from xlplan.errors import InputError, Level, Problem, Where
from xlplan.sheets.base.lists import LogRow, read_log
from xlplan.sheets.base.names import LOG, UNDO
from xlplan.sheets.state.read import read_state
from xlplan.sources.dates import DateHints, parse_date

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.cells import Book
    from xlplan.sheets.history.page import Entry
    from xlplan.sheets.state.book import BookState


def log(  # noqa: PLR0913  # the filters of one command
    book: Book,
    *,
    action: str = "",
    store: str = "",
    metric: str = "",
    who: str = "",
    id: str = "",  # noqa: A002  # the word users know
    since: str = "",
    until: str = "",
    limit: int = 30,
    cells: bool = False,
    verify: bool = False,
) -> Outcome:
    """Show 变更记录, newest first; with `verify`, replay it and compare with the book.

    One line an operation; the cells on request, or where one operation or store is asked for.

    Args:
        book: The plan book.
        action: Only this kind of action.
        store: Only rows of this store.
        metric: Only rows of this metric.
        who: Only rows of this person.
        id: Only this action, with all its rows.
        since: From this day on (``2027-03-01``).
        until: Up to this day.
        limit: At most so many rows.
        cells: Show the cells, too.
        verify: Take everything back and do it again in memory.
    """
    read = read_state(book)
    first, last = (_day(text, read.reading.number) for text in (since, until))
    if limit < 1:
        raise InputError(f"行数 {limit} 不行", "至少 1 行")
    known = read_log(read.cells[LOG])
    wanted = {"action": action, "store": store, "metric": metric, "who": who, "action_id": id}
    rows = _chosen(known, wanted, first, last)
    more = Counter(row.action_id for row in rows)
    if not (cells or store or metric or id):
        rows = list({row.action_id or row.time: row for row in reversed(rows)}.values())[::-1]
    shown = list(reversed(rows))[:limit]
    lines = _lines(shown, more) or _what_there_is(known)
    facts: dict[str, object] = {"rows": [asdict(row) for row in shown], "found": len(rows)}
    problems = list(_verified(read.state)) if verify else []
    if verify and not problems:
        lines.append(f"重放核对：{_done(read.state)} 个操作逐格重放，与现在的计划一致")
    part = f"（显示最近 {len(shown)} 行）" if len(shown) < len(rows) else ""
    return Outcome(f"变更记录 {len(rows)} 行{part}", lines, problems, facts)


def _chosen(
    known: Sequence[LogRow], wanted: Mapping[str, str], first: str, last: str
) -> list[LogRow]:
    """Return the rows in which each field has its text, in order of time."""
    return [
        row
        for row in sorted(known, key=lambda row: row.time)
        if all(_has(getattr(row, name), text) for name, text in wanted.items())
        and (not first or row.time[:10] >= first)
        and (not last or row.time[:10] <= last)
    ]


def _lines(shown: Sequence[LogRow], more: Counter[str]) -> list[str]:
    told = Counter(row.action_id for row in shown)
    return [_line(row) + _rest(more[row.action_id] - told[row.action_id]) for row in shown]


def _done(state: BookState) -> int:
    from xlplan.sheets.history.page import DONE

    return sum(entry.state == DONE for entry in state.journal)


def _what_there_is(known: list[LogRow]) -> list[str]:
    """Say which actions a log has, for who found nothing."""
    done = "、".join(dict.fromkeys(row.action for row in known))
    return [f"没有符合的记录；一共 {len(known)} 行，操作有：{done}"] if known else []


def _has(said: str, text: str) -> bool:
    """Return whether a cell of the log says what is looked for; * stands for anything."""
    return fnmatchcase(said, text) if "*" in text else text in said


def _day(text: str, year: int) -> str:
    """Return a day as the log writes it.

    Raises:
        InputError: It is none.
    """
    if not text.strip():
        return ""
    found = parse_date(text, DateHints(year=year))
    if not isinstance(found, date):
        raise InputError(f"“{text}”不是日期", "写成 2027-03-01")
    return str(found)


def _line(row: LogRow) -> str:
    parts = [row.time, row.action_id, row.action, row.who, row.sheet, row.cell, row.store, row.date, row.metric]  # fmt: skip
    moved = f"{row.old or '空'} → {row.new or '空'}" if row.old or row.new else ""
    return " ".join(part for part in (*parts, moved, row.note) if part)


def _rest(count: int) -> str:
    return f"（另有 {count} 行，用 --cells 看）" if count > 0 else ""


def base_of(state: BookState) -> BookState:
    """Return the state before the oldest action that is still kept."""
    from xlplan.sheets.state.deltas import decode, replay

    for entry in reversed(_kept(state)):
        state = replay(state, decode(entry.payload), back=True)
    return state


def replayed(base: BookState, state: BookState) -> BookState:
    """Return a base after all kept actions of a state are done again."""
    from xlplan.sheets.state.deltas import decode, replay

    for entry in _kept(state):
        base = replay(base, decode(entry.payload), back=False)
    return base


def _kept(state: BookState) -> list[Entry]:
    from xlplan.sheets.history.page import DONE

    return [entry for entry in state.journal if entry.state == DONE and entry.payload]


def _verified(state: BookState) -> list[Problem]:
    """Return where the records and the book part: a hidden table that was changed by hand."""
    from xlplan.sheets.state.deltas import decode, differing, replay

    now = state
    for entry in reversed(_kept(state)):
        change = decode(entry.payload)
        odd = differing(now.year, change, back=True)
        if odd:
            what = f"{entry.id} {entry.action}（{entry.time}）改过的 {odd} 格与记录不符：之后有人直接改了隐藏表"
            return [
                Problem(
                    Where("", UNDO), what, Level.ERROR, "从“备份”文件夹恢复，或重新“分解”", "记录"
                )
            ]
        now = replay(now, change, back=True)
    return []
