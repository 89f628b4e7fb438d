"""Writing a new state into a book: differences only, one log entry, all or nothing."""

from __future__ import annotations

import getpass
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from xlplan.sheets.lists import LOG, log_cells
from xlplan.sheets.state_write import update

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.cells import Book
    from xlplan.sheets.lists import LogRow
    from xlplan.sheets.state import BookState
    from xlplan.sheets.state_read import BookRead


def apply(book: Book, read: BookRead, state: BookState, rows: Sequence[LogRow]) -> int:
    """Make the book say `state`; return how many cells changed besides the log.

    Nothing is written, not even a log line, when the book already says it.

    Args:
        book: Where to write.
        read: The book as it was read.
        state: What it should say; its `log` is ignored.
        rows: Log rows of the action: the first names it (`action`) and says in one line what
            was done (`note`); others tell single cells with old and new value.
    """
    changes = update(read, replace(state, log=()))
    count = sum(len(cells) for cells in changes.values())
    if not count:
        return 0
    first = replace(rows[0], note=f"{rows[0].note}（{count} 个单元格）")
    book.tell(f"正在写入 {count} 个单元格…")
    logged = log_cells(stamped([first, *rows[1:]]), read.at.log_row)
    book.write({**changes, LOG: logged})
    book.save()
    return count


def stamped(rows: Sequence[LogRow]) -> list[LogRow]:
    """Give the rows of one action its time, id and author."""
    time = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M:%S")
    action_id = uuid4().hex[:8]
    return [replace(row, time=time, action_id=action_id, who=_who(), action=row.action or rows[0].action) for row in rows]  # fmt: skip


def _who() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
