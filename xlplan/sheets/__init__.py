"""Every sheet of a plan book as data; `SHEETS` is the one list of them, in the order of a new book.

A new sheet is a folder that declares it (``sheet.py``, see `xlplan.sheets.base.sheet.Sheet`) and a
line here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.sheets.budget import sheet as budget
from xlplan.sheets.checks import sheet as checks
from xlplan.sheets.collect import sheet as collect
from xlplan.sheets.compare import sheet as compare
from xlplan.sheets.daily import sheet as daily
from xlplan.sheets.days import sheet as days
from xlplan.sheets.events import sheet as events
from xlplan.sheets.hidden import sheet as hidden
from xlplan.sheets.history import sheet as history
from xlplan.sheets.holds import sheet as holds
from xlplan.sheets.home import sheet as home
from xlplan.sheets.lists import sheet as lists
from xlplan.sheets.mapping import sheet as mapping
from xlplan.sheets.month import sheet as month
from xlplan.sheets.parts import sheet as parts
from xlplan.sheets.targets import sheet as targets
from xlplan.sheets.year import sheet as year

if TYPE_CHECKING:
    from xlplan.sheets.base.sheet import Sheet

SHEETS: tuple[Sheet, ...] = (
    home.SHEET,
    targets.SHEET,
    days.SHEET,
    events.SHEET,
    year.SHEET,
    parts.SPLITS,
    parts.AGREEMENT_LIST,
    *month.SHEETS,
    daily.SHEET,
    budget.TERMS,
    checks.SHEET,
    lists.FOUND,
    lists.DONE,
    holds.SHEET,
    compare.SHEET,
    collect.REPORT,
    mapping.SHEET,
    hidden.PLAN_TABLE,
    hidden.ACTUAL_TABLE,
    parts.BY_STORE,
    hidden.SOURCE_TABLE,
    collect.MEMORY,
    budget.KEPT,
    history.JOURNAL,
    history.KEPT,
    hidden.ABOUT,
)
