"""_撤销 and _版本 as sheets of the book."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from xlplan.sheets.base.names import UNDO, VERSIONS
from xlplan.sheets.base.sheet import Piece, Sheet
from xlplan.sheets.base.sheet import Undo as Kept

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from xlplan.cells import Cell, Page, Spot
    from xlplan.sheets.base.sheet import Reading, View
    from xlplan.sheets.history.page import Entry, Version
    from xlplan.sheets.state.book import BookState


def _undo_page(view: View) -> Page:
    from xlplan.sheets.history.page import undo_page

    return undo_page(view.state.journal)


def _versions_page(view: View) -> Page:
    from xlplan.sheets.history.page import versions_page

    return versions_page(view.state.versions)


def _entries(reading: Reading) -> Sequence[Entry]:
    from xlplan.sheets.history.page import read_entries

    return read_entries(reading.cells[UNDO])


def _versions(reading: Reading) -> Sequence[Version]:
    from xlplan.sheets.history.page import read_versions

    return read_versions(reading.cells[VERSIONS])


def _last(reading: Reading) -> pd.DataFrame | None:
    from xlplan.sheets.history.kept import last_of

    return last_of(reading.part("versions"), reading.number, reading.stores)


def _version_cells(view: View) -> Mapping[Spot, Cell]:
    from xlplan.sheets.history.page import version_cells

    return version_cells(view.state.versions, view.there[VERSIONS])


def _put_versions(state: BookState, rows: Any) -> BookState:
    from xlplan.sheets.history.kept import with_versions
    from xlplan.sheets.history.page import Version

    return with_versions(state, [Version(**row) for row in rows])


JOURNAL = Sheet(UNDO, _undo_page, read={"journal": _entries})
KEPT_VERSIONS = Sheet(
    VERSIONS,
    _versions_page,
    read={"versions": _versions, "last": _last},
    cells=(Piece(("versions",), _version_cells),),
    undo=(
        Kept(
            "versions", "versions", lambda state: [asdict(one) for one in state.versions],
            _put_versions, is_list=True, key="name",
        ),
    ),
)  # fmt: skip
