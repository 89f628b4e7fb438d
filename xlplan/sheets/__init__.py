"""Every sheet of a plan book as data; `SHEETS` is the one list of them, in the order of a new book.

A new sheet is a folder that declares it (``sheet.py``, see `xlplan.sheets.base.sheet.Sheet`) and a
line here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.sheets.ads import sheet as _ads
from xlplan.sheets.budget import sheet as _budget
from xlplan.sheets.campaigns import sheet as _campaigns
from xlplan.sheets.cards import sheet as _cards
from xlplan.sheets.checks import sheet as _checks
from xlplan.sheets.collect import sheet as _collect
from xlplan.sheets.compare import sheet as _compare
from xlplan.sheets.daily import sheet as _daily
from xlplan.sheets.days import sheet as _days
from xlplan.sheets.events import sheet as _events
from xlplan.sheets.hidden import sheet as _hidden
from xlplan.sheets.history import sheet as _history
from xlplan.sheets.holds import sheet as _holds
from xlplan.sheets.home import sheet as _home
from xlplan.sheets.links import sheet as _links
from xlplan.sheets.lists import sheet as _lists
from xlplan.sheets.mapping import sheet as _mapping
from xlplan.sheets.month import sheet as _month
from xlplan.sheets.paper import sheet as _paper
from xlplan.sheets.parts import sheet as _parts
from xlplan.sheets.review import sheet as _review
from xlplan.sheets.targets import sheet as _targets
from xlplan.sheets.tasks import sheet as _tasks
from xlplan.sheets.year import sheet as _year

if TYPE_CHECKING:
    from xlplan.sheets.base.sheet import Sheet

SHEETS: tuple[Sheet, ...] = (
    _home.HOME_SHEET,
    _targets.TARGET_SHEET,
    _days.DAY_SHEET,
    _events.EVENT_SHEET,
    _campaigns.CAMPAIGN_SHEET,
    _year.YEAR_SHEET,
    _parts.SPLITS,
    _parts.AGREEMENT_LIST,
    *_month.MONTH_SHEETS,
    _daily.DAILY_SHEET,
    _ads.ADS_SHEET,
    _review.REVIEW_SHEET,
    _budget.BUDGET_TERMS,
    _cards.CARD_SHEET,
    _tasks.BOARD,
    _tasks.MARKS,
    _tasks.PROMISE_SHEET,
    _paper.WORDS_PAGE,
    _checks.CHECKUP_SHEET,
    _lists.LOG_LIST,
    _holds.HOLD_SHEET,
    _compare.COMPARE_SHEET,
    _collect.REPORT,
    _mapping.MAPPING_SHEET,
    _links.LINKS_PAGE,
    _hidden.PLAN_TABLE,
    _hidden.ACTUAL_TABLE,
    _campaigns.CAMPAIGN_PAIRS,
    _parts.BY_STORE,
    _hidden.SOURCE_TABLE,
    _cards.MONTH_LOOKUP,
    _collect.MEMORY,
    _budget.KEPT_BUDGETS,
    _tasks.REST,
    _history.JOURNAL,
    _history.KEPT_VERSIONS,
    _hidden.ABOUT,
)
