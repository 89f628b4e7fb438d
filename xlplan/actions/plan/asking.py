"""显示表: sheets that come when they first hold something, for who wants to fill them in now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.actions.run.apply import apply
from xlplan.actions.run.outcome import Outcome
from xlplan.errors import InputError
from xlplan.record import replace
from xlplan.sheets import SHEETS
from xlplan.sheets.base.lists import LogRow
from xlplan.sheets.hidden.meta import SHEETS_HERE, sheets_here
from xlplan.sheets.state.read import read_state

if TYPE_CHECKING:
    from xlplan.cells import Book


def show_sheet(book: Book, *, sheet: str = "") -> Outcome:
    """Put an empty sheet into a plan book that has none of it yet.

    Args:
        book: The plan book.
        sheet: Its name; "" lists them.

    Raises:
        InputError: No sheet of that name can be asked for.
    """
    read = read_state(book)
    names = [one.name for one in SHEETS if one.blank]
    there = book.sheets()
    if not sheet:
        lines = [f"{name}：{'已经有' if name in there else '还没有'}" for name in names]
        return Outcome("这些表在第一次有内容时出现，也可以现在要", lines, facts={"sheets": names})
    if sheet not in names:
        raise InputError(f"没有可以显示的表“{sheet}”", f"写其中一个：{'、'.join(names)}")
    if sheet in there:
        return Outcome(f"已经有“{sheet}”表", facts={"sheet": sheet})
    meta = read.state.meta
    named = "、".join([*sheets_here(meta), sheet])
    after = replace(read.state, meta={**meta, SHEETS_HERE: named})
    changed = apply(
        book, read, after, [LogRow(action="显示表", sheet=sheet, note=f"显示“{sheet}”")]
    )
    return Outcome(f"已显示“{sheet}”表", facts={"sheet": sheet}, changed=changed)
