"""活动目标 below the table: the whole story of one campaign, its result, and its stores."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from xlplan.cells import Cell, Style, letters
from xlplan.plan.days.events import ABOUT_TEXTS
from xlplan.plan.exact.units import excel_round
from xlplan.record import bundle
from xlplan.sheets.base import look
from xlplan.sheets.base.names import EVENTS
from xlplan.sheets.campaigns.board import number_cell, quotient
from xlplan.sheets.campaigns.layout import RESULT, STORE_HEADS, STORY, STORY_HEADS
from xlplan.sheets.campaigns.pairs import listed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Spot, Value
    from xlplan.plan.days.events import Event
    from xlplan.sheets.campaigns.board import Board


@bundle
class Story:
    """The derived cells below the table, for a campaign.

    Attributes:
        board: The table above.
        card: The campaign chosen.
        typed: Where the columns of 活动 are.
    """

    board: Board
    card: str
    typed: Mapping[str, int]

    def cells(self) -> dict[Spot, Cell]:
        """Return the cells."""
        return self._story() | self._result() | self._stores()

    @cached_property
    def _event(self) -> Event | None:
        return next((event for event in listed(self.board.year) if event.name == self.card), None)

    @cached_property
    def _refs(self) -> tuple[str, str]:
        row, column = self.board.at.card
        return f"${letters(column)}${row}", self.board.scope_ref

    def _spot(self, key: str, head: str) -> Spot:
        return self.board.at.rows[key], self.board.at.columns[head]

    def _total(self, key: str) -> float:
        return (
            self.board.sum_of(key, self._event, self.board.scope) if self._event else float("nan")
        )

    def _net(self) -> float:
        return self.board.net_of(self._event, self.board.scope) if self._event else float("nan")

    def _story(self) -> dict[Spot, Cell]:
        made: dict[Spot, Cell] = {}
        for key in STORY:
            cells = self._story_row(key)
            for head, (_, column) in STORY_HEADS.items():
                made[self._spot(f"s:{key}", column)] = cells[head]
        return made

    def _story_row(self, key: str) -> dict[str, Cell]:
        number = {"cvr": "0.00%", "aov": "#,##0.00", "roi": "0.00", "presale": "0.0%", "member": "0.0%"}.get(key, "#,##0")  # fmt: skip
        style = look.DERIVED.but(number=number)
        made = {
            head: self._story_cell(key, head, style) for head in ("target", "actual", "former")
        }
        refs = {head: "$" + letters(self.board.at.columns[STORY_HEADS[head][1]]) + str(self.board.at.rows[f"s:{key}"]) for head in made}  # fmt: skip
        target, actual = made["target"].value, made["actual"].value
        whole = f"{self.board.sum_text('known', *self._refs)}>={self.board.days_text(*self._refs)}"
        done = bool(self._event) and self._total("known") >= self.board.days_of(self._event)  # type: ignore[arg-type]
        share = quotient(_float(actual), _float(target))
        rate = f"{refs['actual']}/{refs['target']}"
        if key in _FLOWS:  # a part of the days is no measure of all of them
            rate = f'IF({whole},{rate},"")'
        else:
            done = True
        formula = f'=IF(OR(N({refs["target"]})=0,{refs["actual"]}=""),"",{rate})'
        if key == "gmv":  # like with like while it runs: what was due on the days that are known
            due = self.board.sum_text("due", *self._refs)
            share, done = quotient(_float(actual), self._total("due")), True
            formula = f'=IF(OR({refs["actual"]}="",{due}=0),"",{refs["actual"]}/{due})'
        made["reached"] = number_cell(share if done else float("nan"), formula, look.DERIVED.but(number="0.0%"))  # fmt: skip
        return made

    def _story_cell(self, key: str, head: str, style: Style) -> Cell:
        kind = {"target": "_t", "actual": "", "former": "last_"}[head]
        if key in ("presale", "member") or (key == "new" and head == "target"):
            return self._typed(f"{key}_target" if head == "target" else key, style, head)
        if key in _PARTS:
            top, low = _PARTS[key]
            return self._quotient(top, low, kind, style)
        return self._flow(key, kind, style)

    def _flow(self, key: str, kind: str, style: Style) -> Cell:
        plus, minus = _columns(key, kind)
        if plus not in _KNOWN_COLUMNS:
            return Cell("", "", style)
        value = self._total(plus) - (np.nan_to_num(self._total(minus)) if minus else 0.0)
        body = self.board.sum_text(plus, *self._refs) + (
            f"-{self.board.sum_text(minus, *self._refs)}" if minus else ""
        )
        return number_cell(
            value, f'=IF({self.board.lacks_text(plus, self._refs)},"",{body})', style
        )

    def _quotient(self, top: str, low: str, kind: str, style: Style) -> Cell:
        above, below = (self._flow(each, kind, style) for each in (top, low))
        if not (above.formula and below.formula):
            return Cell("", "", style)
        tops, lows = (cell.formula[1:] for cell in (above, below))
        value = quotient(_float(above.value), _float(below.value))
        return number_cell(value, f'=IF(OR({tops}="",N({lows})=0),"",{tops}/{lows})', style)

    def _typed(self, key: str, style: Style, head: str) -> Cell:
        """Return what is typed of the campaign on 活动; nothing is known of the edition before."""
        if head == "former":
            return Cell("", "", style)
        found = self._event.about.get(key, "") if self._event else ""
        place = f"MATCH({self._refs[0]},{self._on_events('name')},0)"
        inside = f"INDEX({self._on_events(key)},{place})"
        formula = f'=IF(ISNUMBER({place}),IF({inside}="","",{inside}),"")'
        return Cell(found, formula, style)

    def _on_events(self, key: str) -> str:
        letter = letters(self.typed[key])
        return f"{EVENTS}!${letter}$1:${letter}$400"

    def _result(self) -> dict[Spot, Cell]:
        made: dict[Spot, Cell] = {}
        money, times = look.DERIVED.but(number="#,##0"), look.DERIVED.but(number="0.00")
        value = self._daily()
        refs = {key: f"${letters(self.board.at.columns['start'])}{self.board.at.rows[f'r:{key}']}" for key in RESULT}  # fmt: skip
        for key, top, low in (
            ("usual", "before", "before_days"),
            ("later", "after", "after_days"),
        ):
            days, sold = (self.board.sum_text(each, *self._refs) for each in (low, top))
            made[self._spot(f"r:{key}", "start")] = number_cell(value[key], f'=IF(OR({days}=0,{sold}<=0),"",{sold}/{days})', money)  # fmt: skip
        known = self.board.sum_text("known", *self._refs)
        sold = self.board.net_text(self._refs)
        made[self._spot("r:during", "start")] = number_cell(value["during"], f'=IF({known}=0,"",{sold}/{known})', money)  # fmt: skip
        usual, during = refs["usual"], refs["during"]
        made[self._spot("r:times", "start")] = number_cell(value["times"], f'=IF(OR({during}="",N({usual})<=0),"",{during}/{usual})', times)  # fmt: skip
        made[self._spot("r:more", "start")] = number_cell(value["more"], f'=IF(OR({during}="",{usual}=""),"",({during}-{usual})*{known})', money)  # fmt: skip
        for key in ABOUT_TEXTS:
            made[self._spot(f"r:{key}", "start")] = self._typed(
                key, look.DERIVED.but(wrap=True), ""
            )
        made[self._spot("row:card", "state")] = self._told(value)
        return made

    def _daily(self) -> dict[str, float]:
        net = self._net()
        found = {
            "usual": self.board.usual(self._event, self.board.scope)
            if self._event
            else float("nan"),
            "later": _positive(quotient(self._total("after"), self._total("after_days"))),
            "during": quotient(net, self._total("known")),
        }
        found["times"] = quotient(found["during"], found["usual"])
        found["more"] = (found["during"] - found["usual"]) * self._total("known")
        return found

    def _told(self, value: Mapping[str, float]) -> Cell:
        """Return the result in one sentence that follows its cells."""
        actual, share = (
            f"${letters(self.board.at.columns[STORY_HEADS[head][1]])}{self.board.at.rows['s:gmv']}"
            for head in ("actual", "reached")
        )
        times, more = (f"${letters(self.board.at.columns['start'])}{self.board.at.rows[f'r:{k}']}" for k in ("times", "more"))  # fmt: skip
        formula = (
            f'=IF({actual}="",{self._refs[0]}&" 还没有实际",{self._refs[0]}&" 做了 "&TEXT({actual},"#,##0")'
            f'&IF({share}="","","，达成 "&TEXT({share},"0.0%"))'
            f'&IF({times}="","","；日均是之前的 "&TEXT({times},"0.00")&" 倍，比之前的水平"&IF({more}<0,"少卖 ","多卖 ")&TEXT(ABS({more}),"#,##0")))'
        )
        net = self._net()
        if np.isnan(net):
            return Cell(f"{self.card} 还没有实际", formula, look.ITEM)
        text = f"{self.card} 做了 {_text(net)}"
        reached = quotient(net, self._total("due"))
        text += "" if np.isnan(reached) else f"，达成 {_text(reached, 1)}"
        if not np.isnan(value["times"]):
            text += f"；日均是之前的 {_text(value['times'], 2)} 倍，比之前的水平{'少卖' if value['more'] < 0 else '多卖'} {_text(abs(value['more']))}"
        return Cell(text, formula, look.ITEM)

    def _stores(self) -> dict[Spot, Cell]:
        """Return the campaign store by store, beside its story."""
        made: dict[Spot, Cell] = {}
        if len(self.board.year.stores) < _SEVERAL or self._event is None:
            return made
        for number, store in enumerate(self.board.year.stores):
            row = self.board.at.rows["row:heads"] + 1 + number
            cells = self._store(row, store)
            made |= {(row, self.board.at.columns[key]): cells[key] for key in STORE_HEADS}
        return made

    def _store(self, row: int, store: str) -> dict[str, Cell]:
        event, board = self._event, self.board
        assert event is not None  # noqa: S101 - asked for before
        refs, actual = (self._refs[0], board.ref(row, "next")), board.ref(row, "uv_t")
        money, share = (look.DERIVED.but(number=number) for number in ("#,##0", "0.0%"))
        net = board.net_of(event, store)
        due, some = board.sum_text("due", *refs), board.known_text("gross", *refs)
        return {
            "next": Cell(store, "", look.ITEM),
            "gmv_t": board.shown("gmv_t", event, store, refs, money),
            "uv_t": number_cell(net, f'=IF({some}=0,"",{board.net_text(refs)})', money),
            "spend_t": board.shown("spend_t", event, store, refs, money),
            "share_t": number_cell(quotient(net, board.sum_of("due", event, store)), f'=IF(OR({actual}="",{due}=0),"",{actual}/{due})', share),
            "roi_t": board.lift(event, store, refs, look.DERIVED.but(number="0.00")),
            "gmv": board.shown("spend", event, store, refs, money),
        }  # fmt: skip


_SEVERAL = 2
#: Flows that are measured once every day of the campaign is known.
_FLOWS = ("uv", "orders", "spend", "new")
#: Ratios of the story: the flow above and the flow below.
_PARTS = {"cvr": ("orders", "uv"), "aov": ("gmv", "orders"), "roi": ("paid", "spend")}
_KNOWN_COLUMNS = frozenset(
    "gmv_t uv_t orders_t spend_t paid_t gross uv orders spend paid new last_gmv last_uv last_orders last_spend".split()
)
#: Actual flows: their column of _活动, and the one that is taken off.
_NET = {"gmv": ("gross", "out"), "orders": ("orders", "orders_out")}


def _columns(key: str, kind: str) -> tuple[str, str]:
    if kind == "_t":
        return f"{key}_t", ""
    if kind == "last_":
        return f"last_{key}", ""
    return _NET.get(key, (key, ""))


def _positive(value: float) -> float:
    return value if value > 0 else float("nan")


def _float(value: Value) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")


def _text(value: float, digits: int = -1) -> str:
    """Return a number as the sheet's TEXT shows it: whole, as a percentage (1), or with decimals (2)."""
    if digits == 1:
        return f"{excel_round(value * 100, 1):.1f}%"
    return f"{excel_round(value, 2):.2f}" if digits == 2 else f"{excel_round(value):,.0f}"
