"""推广 as a sheet of the book: there from the first look on; the margin on it is typed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from xlplan.sheets.base.names import ADS
from xlplan.sheets.base.sheet import Piece, Sheet, own_undo
from xlplan.sheets.hidden import meta

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Cell, Page, Spot
    from xlplan.sheets.base.making import Keyed
    from xlplan.sheets.base.sheet import Reading, View
    from xlplan.sheets.state.book import BookState

#: Part of the state: what people type here (`xlplan.sheets.ads.blocks.AD_TERMS`).
_TERMS = "ad_terms"


def _page(view: View) -> Page:
    from xlplan.sheets.ads.blocks import term_cells
    from xlplan.sheets.ads.page import ads_page

    page = ads_page(view)
    for spot, cell in term_cells(view.state.own.get(_TERMS, {}), view.at[ADS]).items():
        page.cells[spot] = cell._replace(style=page.cells[spot].style)
    return page


def _find(reading: Reading) -> Keyed:
    from xlplan.plan.year import Settings
    from xlplan.sheets.ads.layout import ads_as_built
    from xlplan.sheets.base.making import found_report

    metrics = Settings(channels=tuple(json.loads(reading.about["channels"]))).registry
    return found_report(ADS, reading.cells[ADS], ads_as_built(metrics))


def _built(state: BookState) -> Keyed:
    from xlplan.sheets.ads.layout import ads_as_built

    return ads_as_built(state.year.metrics)


def _terms(reading: Reading) -> dict[str, Any]:
    """Return the margin as typed."""
    if ADS not in reading.cells:
        return {}
    seen = reading.cells[ADS].get(reading.at[ADS].spot("term:margin", 2))
    value = seen.value if seen else None
    return {} if value in (None, "") or isinstance(value, bool) else {"margin": value}


def _cells(view: View) -> Mapping[Spot, Cell]:
    from xlplan.sheets.ads.blocks import ads_cells

    return {
        spot: cell._replace(style=None) for spot, cell in ads_cells(view, view.at[ADS]).items()
    }


def _typed(view: View) -> Mapping[Spot, Cell]:
    """Return the margin, when an action sets it; otherwise it stays as typed."""
    from xlplan.sheets.ads.blocks import term_cells

    before = view.before.own.get(_TERMS, {}) if view.before else {}
    now = view.state.own.get(_TERMS, {})
    return {} if dict(before) == dict(now) else term_cells(now, view.at[ADS])


ADS_SHEET = Sheet(
    ADS,
    _page,
    since="0.3.0",
    find=_find,
    built=_built,
    read={_TERMS: _terms},
    cells=(
        Piece(("meta", "plan", "actuals", "settings", "calendar", _TERMS), _cells),
        Piece((_TERMS,), _typed),
    ),
    undo=(own_undo(_TERMS),),
    needed=False,
    shown=lambda state: bool(state.meta.get(meta.ADS)),
)
