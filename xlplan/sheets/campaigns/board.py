"""活动目标: a row a campaign for the store chosen, summed up from _活动."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from xlplan.cells import Cell, Style, letters
from xlplan.plan.year import TOTAL
from xlplan.record import bundle
from xlplan.sheets.base import look
from xlplan.sheets.base.tables import STORE
from xlplan.sheets.campaigns.layout import HEADS
from xlplan.sheets.campaigns.pairs import SLOTS, column_range, listed

if TYPE_CHECKING:
    from xlplan.cells import Spot
    from xlplan.plan.days.events import Event
    from xlplan.plan.year import Year
    from xlplan.sheets.campaigns.layout import BoardAt
    from xlplan.sheets.campaigns.pairs import PairRows


#: Columns of _活动 that speak of the edition before.
FORMER = "last_"
_SMALL = look.DERIVED.but(size=9)
_CENTRED = look.DERIVED.but(align="center", size=9)
_MIDDLE = ("start", "end", "days", "state")
#: The look of each column, of empty rows too: a new campaign finds its row ready.
_STYLES = {
    key: (_CENTRED if key in _MIDDLE else _SMALL).but(number=number or "General")
    for key, (_, _, number) in HEADS.items()
}
_EMPTY = {key: Cell("", "", style) for key, style in _STYLES.items()}


@bundle
class Board:
    """The derived cells of the table of 活动目标 for a store.

    Attributes:
        pairs: The rows of _活动.
        at: Where the rows and columns are.
        scope: The store chosen.
        today: What the countdown counts from until the sheet is recalculated.
    """

    pairs: PairRows
    at: BoardAt
    scope: str
    today: date

    @property
    def year(self) -> Year:
        """The year."""
        return self.pairs.year

    def cells(self) -> dict[Spot, Cell]:
        """Return the cells."""
        made: dict[Spot, Cell] = {}
        events = listed(self.year)
        for slot in range(SLOTS):
            row = self.at.rows.get(f"c:{slot}")
            if row is not None:
                event = events[slot] if slot < len(events) else None
                line = self._campaign(row, event) if event else _EMPTY
                made |= {(row, self.at.columns[key]): cell for key, cell in line.items()}
        return made

    def sum_of(self, key: str, event: Event, scope: str) -> float:
        """Return what a column of _活动 adds up to; NaN when nothing is known.

        An edition before is known only where all stores that take part know theirs.
        """
        values = [
            values[key]
            for pair, values in zip(self.pairs.rows, self.pairs.values, strict=True)
            if pair.event is event and scope in (TOTAL, pair.store)
        ]
        known = [value for value in values if not np.isnan(value)]
        whole = len(known) == len(values) or not key.startswith(FORMER)
        return float(sum(known)) if known and whole else float("nan")

    def sum_text(self, key: str, name: str, scope: str) -> str:
        """Return the formula body of that sum; `name` and `scope` are cells."""
        return f"SUMIFS({self._range(key)},{self.where_text(name, scope)})"

    def known_text(self, key: str, name: str, scope: str) -> str:
        """Return the formula body that counts the stores of which a column is known."""
        return f'COUNTIFS({self.where_text(name, scope)},{self._range(key)},">-9E+99")'

    def net_of(self, event: Event, scope: str) -> float:
        """Return the actual sales of a campaign, exclusions taken off."""
        out = self.sum_of("out", event, scope)
        return self.sum_of("gross", event, scope) - (0.0 if np.isnan(out) else out)

    def usual(self, event: Event, scope: str) -> float:
        """Return a day's sales before a campaign; NaN when there was nothing to compare with."""
        usual = quotient(self.sum_of("before", event, scope), self.sum_of("before_days", event, scope))  # fmt: skip
        return usual if usual > 0 else float("nan")

    def net_text(self, refs: tuple[str, str]) -> str:
        """Return the formula body of that."""
        return f"({self.sum_text('gross', *refs)}-{self.sum_text('out', *refs)})"

    def where_text(self, name: str, scope: str) -> str:
        """Return the criteria for a campaign and a store (or all that take part)."""
        store = f'IF({scope}="{TOTAL}","*",{scope})'
        return f"{self._range('name')},{name},{self._range('store')},{store}"

    def _range(self, key: str) -> str:
        return column_range(key, len(self.year.stores))

    def shown(
        self, key: str, event: Event, scope: str, refs: tuple[str, str], style: Style
    ) -> Cell:
        """Return a cell with what a column of _活动 adds up to; empty when nothing is known."""
        formula = f'=IF({self.lacks_text(key, refs)},"",{self.sum_text(key, *refs)})'
        return number_cell(self.sum_of(key, event, scope), formula, style)

    def lacks_text(self, key: str, refs: tuple[str, str]) -> str:
        """Return the test whether a column is not known well enough to be added up."""
        known = self.known_text(key, *refs)
        if not key.startswith(FORMER):
            return f"{known}=0"
        return f"OR({known}=0,{known}<COUNTIFS({self.where_text(*refs)}))"

    def ref(self, row: int, key: str) -> str:
        """Return the cell of a row under a heading of the table."""
        return f"${letters(self.at.columns[key])}{row}"

    @cached_property
    def scope_ref(self) -> str:
        """The cell of the store chosen."""
        row, column = self.at.scope
        return f"${letters(column)}${row}"

    def _campaign(self, row: int, event: Event) -> dict[str, Cell]:
        refs = (self.ref(row, "name"), self.scope_ref)
        made = {
            "name": Cell(event.name, "", look.ITEM),
            "start": Cell(event.start, "", _STYLES["start"]),
            "end": Cell(event.end, "", _STYLES["end"]),
            "days": Cell(float((event.end - event.start).days + 1), f"={self.ref(row, 'end')}-{self.ref(row, 'start')}+1", _STYLES["days"]),
            "state": self._state(row, event),
            "next": self._next(event),
        }  # fmt: skip
        for key in ("gmv_t", "uv_t", "spend_t", "spend"):
            made[key] = self.shown(key, event, self.scope, refs, _STYLES[key])
        made["last"] = self.shown("last_gmv", event, self.scope, refs, _STYLES["last"])
        made |= self._ratios(row, event, refs)
        return made

    def _takes_part(self, event: Event) -> bool:
        return any(p.event is event and self.scope in (TOTAL, p.store) for p in self.pairs.rows)

    def _ratios(self, row: int, event: Event, refs: tuple[str, str]) -> dict[str, Cell]:
        def total(key: str) -> float:
            return self.sum_of(key, event, self.scope)

        year = sum(self._year_spend(store) for store in self.year.stores if self.scope in (TOTAL, store))  # fmt: skip
        spend_t, spend = self.ref(row, "spend_t"), self.ref(row, "spend")
        sold = self.net_text(refs)
        due = self.sum_text("due", *refs)
        net = self.net_of(event, self.scope)
        gmv = self.ref(row, "gmv")
        return {
            "share_t": number_cell(quotient(total("spend_t"), year), f'=IF(N({spend_t})=0,"",{spend_t}/{self._year_ref()})', _STYLES["share_t"]),
            "roi_t": number_cell(quotient(total("paid_t"), total("spend_t")), f'=IF(OR(N({spend_t})=0,{self.known_text("paid_t", *refs)}=0),"",{self.sum_text("paid_t", *refs)}/{spend_t})', _STYLES["roi_t"]),
            "gmv": number_cell(net, f'=IF({self.known_text("gross", *refs)}=0,"",{sold})', _STYLES["gmv"]),
            "attained": number_cell(quotient(net, total("due")), f'=IF(OR({gmv}="",{due}=0),"",{gmv}/{due})', _STYLES["attained"]),
            "roi": number_cell(quotient(total("paid"), total("spend")), f'=IF(OR(N({spend})=0,{self.known_text("paid", *refs)}=0),"",{self.sum_text("paid", *refs)}/{spend})', _STYLES["roi"]),
            "growth": number_cell(quotient(total("like"), total("past")) - 1, f'=IF({self.sum_text("past", *refs)}=0,"",{self.sum_text("like", *refs)}/{self.sum_text("past", *refs)}-1)', _STYLES["growth"]),
            "lift": self.lift(event, self.scope, refs, _STYLES["lift"]),
        }  # fmt: skip

    def days_of(self, event: Event) -> float:
        """Return the days of a campaign, of all stores that take part."""
        mine = [p for p in self.pairs.rows if p.event is event and self.scope in (TOTAL, p.store)]
        return float(sum(p.last - p.first + 1 for p in mine))

    def days_text(self, name: str, scope: str) -> str:
        """Return the formula body of the days of the campaign, of all stores that take part."""
        count = f"COUNTIFS({self.where_text(name, scope)})"
        return (
            f"({self.sum_text('end', name, scope)}-{self.sum_text('start', name, scope)}+{count})"
        )

    def lift(self, event: Event, scope: str, refs: tuple[str, str], style: Style) -> Cell:
        """Return how many times the days before a campaign its days sell, store days with actuals."""
        during = quotient(self.net_of(event, scope), self.sum_of("known", event, scope))
        usual = self.usual(event, scope)
        known, days, before = (self.sum_text(k, *refs) for k in ("known", "before_days", "before"))
        sold = self.net_text(refs)
        formula = f'=IF(OR({known}=0,{days}=0,{before}<=0),"",{sold}/{known}/({before}/{days}))'
        return number_cell(quotient(during, usual), formula, style)

    def _year_spend(self, store: str) -> float:
        names = [f"spend_{channel.key}" for channel in self.year.metrics.channels]
        plan = self.year.planned.of_scope(store)
        return float(sum(np.nansum(plan[name]) for name in names))

    def _year_ref(self) -> str:
        """Return the formula body of the year's planned spend of the store chosen."""
        plan = self.pairs.tables.plan
        names = [f"spend_{channel.key}" for channel in self.year.metrics.channels]
        where = f"{plan.range(STORE)},{self.scope_ref}"
        return f"({'+'.join(f'SUMIFS({plan.range(name)},{where})' for name in names)})"

    def _state(self, row: int, event: Event) -> Cell:
        start, end, name = (self.ref(row, key) for key in ("start", "end", "name"))
        none = f"COUNTIFS({self.where_text(name, self.scope_ref)})=0"
        formula = (
            f'=IF({none},"不参加",IF(xlplan_today<{start},"还有 "&({start}-xlplan_today)&" 天",'
            f'IF(xlplan_today>{end},"已结束","第 "&(xlplan_today-{start}+1)&" 天")))'
        )
        if not self._takes_part(event):
            return Cell("不参加", formula, _STYLES["state"])
        ahead = (event.start - self.today).days
        text = f"还有 {ahead} 天" if ahead > 0 else "已结束" if self.today > event.end else f"第 {1 - ahead} 天"  # fmt: skip
        return Cell(text, formula, _STYLES["state"])

    def _next(self, event: Event) -> Cell:
        """Return the next task: each date is a test in the formula, so that it moves on by itself."""
        leads = sorted(event.lead_times, key=lambda lead: -lead.days_before)
        text, body = "", '""'
        for lead in reversed(leads):
            due = event.start - timedelta(days=lead.days_before)
            what = f"{due.month}-{due.day} {lead.task}".replace('"', '""')
            body = f'IF(xlplan_today<=DATE({due.year},{due.month},{due.day}),"{what}",{body})'
            if self.today <= due:
                text = f"{due.month}-{due.day} {lead.task}"
        return Cell(text, f"={body}", _SMALL.but(wrap=True)) if leads else Cell("", "", _SMALL)


def quotient(above: float, below: float) -> float:
    """Return a quotient, NaN where there is none."""
    return above / below if below and not np.isnan(below) else float("nan")


def number_cell(value: float, formula: str, style: Style) -> Cell:
    """Return a cell whose value may be missing."""
    return Cell("" if np.isnan(value) else float(value), formula, style)
