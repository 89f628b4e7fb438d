"""The live formulas of 指标卡, each with the engine's number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.cells import Cell, State, Style
from xlplan.plan.cards.card import (
    AT_LEAST,
    AT_MOST,
    BY_PLAN,
    DAILY,
    EACH,
    EVENLY,
    FROM_LAST,
    LAST,
    LOWER,
    MONTHLY,
    QUARTERLY,
    RATIO,
    SUM,
    UNADDED,
    WEEKLY,
    Weight,
    card_from,
)
from xlplan.plan.cards.measure import (
    BEHIND,
    BROKEN,
    CAP,
    DONE,
    GOING,
    IN_WORDS,
    NO_ACTUAL,
    NO_TARGET,
    PAST,
    REACHED,
    TIMES,
    UNDER_WAY,
    measured,
    overall,
    scores_by,
)
from xlplan.record import bundle
from xlplan.sheets.cards.columns import AIMS
from xlplan.sheets.cards.columns import DONE as DONE_KEYS
from xlplan.sheets.cards.lookup import (
    DAY_ROW,
    MONTH_ROW,
    ONE_ROW,
    PASSED_ROW,
    PLAN_ROW,
    lookup_of,
    month_range,
    total_cell,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.cells import Spot, Value
    from xlplan.plan.cards.card import Card
    from xlplan.plan.cards.measure import Measured
    from xlplan.sheets.cards.columns import CardsAt
    from xlplan.sheets.cards.lookup import Lookup
    from xlplan.sheets.state.book import BookState

#: The line above the heads: the score of everything, how many lines are where, the day.
STRIP_ROW = 3
STRIP = ("name", "part", "target")
_RATE = Style(State.DERIVED, number="0.0%")
_NUMBER = Style(State.DERIVED, number="0.0")
_WORD = Style(State.DERIVED, align="center")
_SMALL = Style(State.DERIVED, size=9)
_HEAD_SCORE = Style(State.DERIVED, number="0.0", bold=True, size=14, align="center")
_HEAD_TEXT = Style(State.DERIVED, bold=True, border=False)
_HEAD_DAY = Style(State.DERIVED, number="yyyy-mm-dd", bold=True, align="center")


def number_format(unit: str) -> str:
    """Return how a figure of a unit is shown."""
    return {"%": "0.0##%", "倍": "0.00", "元": "[>=1000]#,##0;0.00"}.get(
        unit, "[>=1000]#,##0;General"
    )


@bundle
class Lines:
    """The lines of 指标卡 at given places."""

    state: BookState
    at: CardsAt

    def cells(self) -> dict[Spot, Cell]:
        """Return every derived cell: those of cards, of empty lines, of weights, and the score."""
        cards = [card_from(one) for one in self.state.own.get("cards", ())]
        weights = [Weight(**one) for one in self.state.own.get("card_weights", ())]
        lookup = lookup_of(self.state.year, self.state.own.get("cards", ()))
        lines = measured(cards, weights, lookup.setting)
        of_row = dict(zip(self.at.lines, range(len(cards)), strict=False))
        made: dict[Spot, Cell] = {}
        for row in range(self.at.first, self.at.last + 1):
            number = of_row.get(row)
            card = None if number is None else cards[number]
            line = None if number is None else lines[number]
            made |= self._line(row, card, line, lookup)
        made |= self._scores(cards, lines, weights)
        return made | self._strip(lines)

    def _line(
        self, row: int, card: Card | None, line: Measured | None, lookup: Lookup
    ) -> dict[Spot, Cell]:
        source, plan = (lookup.line(card), lookup.plan_cells(card)) if card else (None, None)
        formulas = Formulas(self.at, row, source, plan)
        values = _values(card, line)
        number = number_format(card.unit if card else "")
        figure = Style(State.DERIVED, number=number)
        styles = {"year": figure, "due": figure, "reached": figure, "rate": _RATE, "state": _WORD, "share": _NUMBER.but(number="General"), "score": _NUMBER, "own": _SMALL.but(number=number)}  # fmt: skip
        return {
            (row, self.at.columns[key]): Cell(values[key], formula, styles.get(key, _SMALL))
            for key, formula in formulas.all().items()
        }

    def _scores(
        self, cards: Sequence[Card], lines: Sequence[Measured], weights: Sequence[Weight]
    ) -> dict[Spot, Cell]:
        at, made = self.at, {}
        of_row = dict(zip(at.weights, weights, strict=False))
        share, score = at.area("share"), at.area("score")
        for row in range(at.first, at.last + 1):
            weight = of_row.get(row)
            kind, name = at.cell("w:kind", row), at.cell("w:name", row)
            mine = f'--(CHOOSE(IF({kind}="品类",2,IF({kind}="客群",3,1)),{at.area("part")},{at.area("category")},{at.area("tier")})={name})'
            whole = f"SUMPRODUCT({mine},{share})"
            formula = f'=IF(OR({name}="",{kind}=""),"",IF({whole}=0,"",SUMPRODUCT({mine},{share},{score})/{whole}))'
            value = None if weight is None else scores_by(cards, lines, weight)
            made[row, at.columns["w:score"]] = Cell("" if value is None else value, formula, _NUMBER)  # fmt: skip
        return made

    def _strip(self, lines: Sequence[Measured]) -> dict[Spot, Cell]:
        """Return the score of everything, how many lines are where, and the day they are measured by."""
        at, whole = self.at, overall(lines)
        share, state = at.area("share"), at.area("state")
        scored = f'=IF(SUM({share})=0,"",SUMPRODUCT({share},{at.area("score")})/SUM({share}))'
        counts, texts = [], []
        for word, states in ((REACHED, (REACHED,)), (GOING, (GOING,)), (BEHIND, (BEHIND, BROKEN))):
            found = "+".join(f'COUNTIF({state},"{one}")' for one in states)
            counts.append(f'"{word} "&({found})')
            texts.append(f"{word} {sum(line.state in states for line in lines)}")
        joined = '&" · "&'.join(counts)
        spots = [(STRIP_ROW, at.columns[key]) for key in STRIP]
        return {
            spots[0]: Cell("" if whole is None else whole, scored, _HEAD_SCORE),
            spots[1]: Cell(" · ".join(texts), f"={joined}", _HEAD_TEXT),
            spots[2]: Cell(self.state.year.as_of or "暂无实际", "=xlplan_asof", _HEAD_DAY),
        }


def _values(card: Card | None, line: Measured | None) -> dict[str, Value]:
    if card is None or line is None:
        return dict.fromkeys(("title", "how", "upto", "own", "year", "due", "reached", "rate", "state", "share", "score"), "")  # fmt: skip
    figures = {"own": line.own, "year": line.year, "due": line.due, "reached": line.actual, "rate": line.rate, "share": line.share, "score": line.score}  # fmt: skip
    texts: dict[str, Value] = {"title": card.title, "how": card.how, "upto": line.upto, "state": line.state}  # fmt: skip
    return texts | {key: "" if value is None else value for key, value in figures.items()}


@bundle
class Formulas:
    """The formulas of one line.

    Attributes:
        at: Where the columns are.
        row: The line.
        source: The line of _指标 with its metric; None where actuals are typed.
        plan: The cells with the plan's year and what of it is due by now; None where nothing is planned.
    """

    at: CardsAt
    row: int
    source: int | None
    plan: tuple[str, str] | None = None

    def all(self) -> dict[str, str]:
        """Return column key → formula."""
        inner = {
            "title": self.title(),
            "how": self.how(),
            "upto": self.upto(),
            "own": self.own(),
            "year": self.year(),
            "due": self.due(),
            "reached": self.reached(),
            "rate": self.rate(),
            "state": self.state(),
            "score": self.score(),
            "share": self.share(),
        }
        name = self.c("name")
        return {key: f'=IF({name}="","",{formula})' for key, formula in inner.items()}

    def c(self, key: str) -> str:
        """Return the reference of a cell of the line."""
        return self.at.cell(key, self.row)

    def months(self, keys: tuple[str, ...]) -> str:
        """Return twelve months of the line."""
        return self.at.months(keys, self.row)

    def title(self) -> str:
        """Name and what tells it apart."""
        parts = "".join(f'&IF({self.c(key)}="","","·"&{self.c(key)})' for key in ("part", "category", "tier", "store"))  # fmt: skip
        return self.c("name") + parts

    def how(self) -> str:
        """How its months add up."""
        unit, adds = self.c("unit"), self.c("adds")
        levels = ",".join(f'{unit}="{one}"' for one in UNADDED)
        return f'IF({adds}<>"",{adds},IF(OR({levels}),"{LAST}","{SUM}"))'

    def known(self) -> str:
        """Return what share of each month has actuals, where the line says so by month or not."""
        if self.source is not None:
            return month_range(self.source + 1)
        return f'--({self.months(DONE_KEYS)}<>"")'

    def upto(self) -> str:
        """The last month with actuals."""
        last = f"SUMPRODUCT(MAX(({{}}>0)*{month_range(MONTH_ROW)}))"
        if self.source is not None:
            return last.format(month_range(self.source + 1))
        typed = self.months(DONE_KEYS)
        by_month = f'SUMPRODUCT(MAX(({typed}<>"")*{month_range(MONTH_ROW)}))'
        return f"IF(COUNT({typed})>0,{by_month},{last.format(month_range(PASSED_ROW))})"

    def own(self) -> str:
        """What is reached without dividing lines."""
        if self.source is not None:
            return f'IF(COUNT({total_cell(self.source)})=0,"",{total_cell(self.source)})'
        typed, one = self.months(DONE_KEYS), self.c("actual")
        last = f"INDEX({typed},1,MAX(1,N({self.c('upto')})))"
        by_month = f'IF({self.c("how")}="{SUM}",SUM({typed}),{last})'
        return f'IF(COUNT({typed})>0,{by_month},IF(COUNT({one})=0,"",{one}))'

    def of_line(self, key: str, named: str) -> str:
        """Return a column of the line that is named."""
        return f"INDEX({self.at.area(key)},MATCH({self.c(named)},{self.at.area('title')},0))"

    def is_ratio(self) -> str:
        """Whether it divides two lines."""
        return f'AND({self.c("how")}="{RATIO}",{self.c("top")}<>"",{self.c("bottom")}<>"")'

    def is_there(self, named: str) -> str:
        """Whether a line of that name is there."""
        return f"ISNUMBER(MATCH({self.c(named)},{self.at.area('title')},0))"

    def reached(self) -> str:
        """What is reached by now."""
        top, bottom = self.of_line("own", "top"), self.of_line("own", "bottom")
        quotient = f'IF(COUNT({top},{bottom})<2,"",IF({bottom}=0,"",{top}/{bottom}))'
        there = f'IF(AND({self.is_there("top")},{self.is_there("bottom")}),{quotient},"")'
        return f"IF({self.is_ratio()},{there},{self.c('own')})"

    def year(self) -> str:
        """The year's target."""
        target, per, count = self.c("target"), self.c("per"), self.c("count")
        aims = self.months(AIMS)
        times = f'IF({per}="{DAILY}",SUM({month_range(DAY_ROW)}),1)'
        for name, number in reversed(TIMES.items()):
            times = f'IF({per}="{name}",{number:g},{times})'
        each = f'IF(N({count})=0,"",{target}*{count})'
        added = f'IF({per}="{EACH}",{each},{target}*{times})'
        alone = self._planned(0) if self.plan else '""'
        alone = f'IF(AND({self.c("how")}="{SUM}",COUNT({aims})>0),SUM({aims}),{alone})'
        return f'IF(COUNT({target})=0,{alone},IF({self.c("how")}="{SUM}",{added},{target}))'

    def due(self) -> str:
        """What should be reached by now."""
        found = f'IF({self.c("how")}="{SUM}",{self._added()},{self._stands()})'
        if self.plan is None:
            return found
        typed = f"COUNT({self.c('target')},{self.months(AIMS)})"
        return f"IF({typed}=0,{self._planned(1)},{found})"

    def _planned(self, which: int) -> str:
        """Return the plan's year (0), or what of it is due by now (1)."""
        cell = self.plan[which] if self.plan else ""
        return f'IF(COUNT({cell})=0,"",{cell})'

    def _added(self) -> str:
        aims, year = self.months(AIMS), self.c("year")
        path, per = self.c("path"), self.c("per")
        even = f'OR({path}="{EVENLY}",AND({path}="",OR({per}="{MONTHLY}",{per}="{QUARTERLY}")))'
        shape = f'CHOOSE(IF({path}="{BY_PLAN}",2,IF({even},3,1)),{month_range(DAY_ROW)},{month_range(PLAN_ROW)},{month_range(ONE_ROW)})'
        free = f'SUMPRODUCT(--({aims}=""),{shape})'
        open_ = f'--({aims}=""),{shape}'

        def due(known: str) -> str:
            rest = f"({year}-SUM({aims}))/{free}*SUMPRODUCT({known},{open_})"
            return f"SUMPRODUCT({known},{aims})+IF({free}=0,0,{rest})"

        if self.source is not None:
            found = due(self.known())
        else:
            typed = self.months(DONE_KEYS)
            found = f"IF(COUNT({typed})>0,{due(self.known())},{due(month_range(PASSED_ROW))})"
        return f'IF(COUNT({year})=0,"",{found})'

    def _stands(self) -> str:
        aims, target, last = self.months(AIMS), self.c("target"), self.c("last")

        def by(upto: str) -> str:
            month = f"INDEX({aims},1,MAX(1,N({upto})))"
            path = f'AND({self.c("path")}="{FROM_LAST}",COUNT({last})>0,N({upto})>0)'
            flat = f'IF(COUNT({target})=0,"",IF({path},{last}+({target}-{last})*N({upto})/12,{target}))'
            return f"IF(AND(N({upto})>0,COUNT({month})>0),{month},{flat})"

        above = f"IF({self.is_there('top')},{by(self.of_line('upto', 'top'))},{by('0')})"
        return f"IF({self.is_ratio()},{above},{by(self.c('upto'))})"

    def rate(self) -> str:
        """Attainment."""
        actual, due, better = self.c("reached"), self.c("due"), self.c("better")
        falling = f'OR({better}="{LOWER}",{better}="{AT_MOST}")'
        rate = f"IF({falling},MAX(0,2-{actual}/{due}),{actual}/{due})"
        return f'IF(COUNT({actual},{due})<2,"",IF({due}<=0,"",{rate}))'

    def _by_limit(self, kept: str, broken: str, other: str) -> str:
        actual, due, better = self.c("reached"), self.c("due"), self.c("better")
        least = f'IF({better}="{AT_LEAST}",IF({actual}>={due},{kept},{broken}),{other})'
        return f'IF({better}="{AT_MOST}",IF({actual}<={due},{kept},{broken}),{least})'

    def state(self) -> str:
        """In a word."""
        actual, due, rate, target = (self.c(key) for key in ("reached", "due", "rate", "target"))
        bands = f'IF({rate}>={DONE:g},"{REACHED}",IF({rate}>={UNDER_WAY:g},"{GOING}","{BEHIND}"))'
        rated = f'IF(COUNT({rate})=0,"{NO_TARGET}",{bands})'
        found = self._by_limit(f'"{REACHED}"', f'"{BROKEN}"', rated)
        past = f'IF(COUNT({self.c("before")},{self.c("last_target")},{self.c("last")})>0,"{PAST}","{NO_TARGET}")'
        words = f'IF(AND({target}<>"",COUNT({target})=0),"{IN_WORDS}",{past})'
        return f'IF(COUNT({due})=0,{words},IF(COUNT({actual})=0,"{NO_ACTUAL}",{found}))'

    def score(self) -> str:
        """100 at its target."""
        actual, due, rate = (self.c(key) for key in ("reached", "due", "rate"))
        capped = f'IF(COUNT({rate})=0,"",100*MAX(0,MIN({CAP:g},{rate})))'
        return f'IF(COUNT({actual},{due})<2,"",{self._by_limit("100", "0", capped)})'

    def share(self) -> str:
        """Its weight × those of its channel, category and tier."""
        at = self.at
        factors = [f'IF({self.c("weight")}="",1,{self.c("weight")})']
        for kind, key in (("渠道", "part"), ("品类", "category"), ("客群", "tier")):
            tests = f'{at.area("w:kind")},"{kind}",{at.area("w:name")},{self.c(key)},{at.area("w:value")},"<>"'
            found = f"SUMIFS({at.area('w:value')},{tests})"
            factors.append(f'IF({self.c(key)}="",1,IF(COUNTIFS({tests})=0,1,{found}))')
        return f'IF(COUNT({self.c("score")})=0,"",{"*".join(factors)})'


__all__ = ["WEEKLY", "Lines", "number_format"]
