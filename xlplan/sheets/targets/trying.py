"""试算 beside 年度目标: type a driver, see 销售额, UV, 推广费 and the gap at once; never a target.

What is typed here is read only to keep the formulas' values; spreading, 体检 and 协调 do not see it.
The formulas look rows up by store and metric, so rows may be sorted and inserted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.cells import Area, Cell, Span, State, Style, Validation, letters
from xlplan.plan.exact.units import excel_round
from xlplan.plan.targets.what_if import CLASH, TRIED, clashes, what_if
from xlplan.sheets.base import look
from xlplan.sheets.targets.rows import LABELS, TRY_HEADS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Page, Spot
    from xlplan.plan.year import Year
    from xlplan.sheets.base.tables import TableAt
    from xlplan.sheets.targets.page import TargetsAt, TypedTargets

_WHOLE = "全年"
_WIDTHS = {"if": 14, "plan": 14, "taken": 13, "then": 14, "off": 15}
#: The setting row beside which the period is chosen, and the one whose cells tell its months.
SPAN_ROW, MONTHS_ROW = "set:day_convention", "set:aov_base"
_MONEY = {"gmv": "#,##0", "uv": "#,##0", "cvr": "0.00%", "aov": "#,##0.00", "spend": "#,##0", "spend_ratio": "0.00%"}  # fmt: skip
_HINT = "在“如果”里填一项或几项，右边马上算出；没填的按计划；不会当作目标，删掉就还原"


def put_trying(page: Page, typed: TypedTargets, at: TargetsAt, year: Year, table: TableAt) -> None:
    """Put the block onto the page of a new book."""
    span, months = at.rows[SPAN_ROW], at.rows[MONTHS_ROW]
    first = at.columns["if"]
    page.put(span - 1, first, "试算（如果……）", look.LABEL.but(align="", color=look.INK))
    page.put(span, first, "试算哪一段", look.ITEM)
    page.put(span, at.columns["plan"], typed.span or _WHOLE, look.INPUT.but(align="center"))
    page.put(months, first, "第几月到第几月", look.COMPANION)
    page.put(months + 1, first, _HINT, look.HINT)
    choices = [_WHOLE, *(f"{month}月" for month in range(1, 13))]
    spot = Area(span, at.columns["plan"], span, at.columns["plan"])
    page.validations.append(Validation(spot, "list", choices, "试算哪一段", "全年或某个月"))
    page.cells |= trying_cells(typed, at, year, table)
    rows = [at.rows[f"t:{store}|{name}"] for store in typed.stores for name in TRIED]
    for store in typed.stores:
        for name in TRIED:
            row = at.rows[f"t:{store}|{name}"]
            page.put(row, first, typed.tried.get(f"t:{store}|{name}"), look.INPUT.but(number=_MONEY[name]))  # fmt: skip
    area = Area(min(rows), first, max(rows), first)
    page.validations.append(Validation(area, "decimal", (0, 1e13), "如果", _HINT))
    page.columns |= {at.columns[key]: Span(width) for key, width in _WIDTHS.items()}


def trying_cells(
    typed: TypedTargets, at: TargetsAt, year: Year, table: TableAt
) -> dict[Spot, Cell]:
    """Return the derived cells of the block; none where people deleted its columns."""
    if not set(TRY_HEADS) <= at.columns.keys() or SPAN_ROW not in at.rows:
        return {}
    made = _Trying(typed, at, year, table)
    cells = made.months()
    for place, store in enumerate(typed.stores):
        if all(f"t:{store}|{name}" in at.rows for name in TRIED):
            cells |= made.store(store, place)
    return cells


class _Trying:
    """The cells of the block, store by store."""

    def __init__(self, typed: TypedTargets, at: TargetsAt, year: Year, table: TableAt) -> None:
        self.typed, self.at, self.year, self.table = typed, at, year, table
        rows = [row for key, row in at.rows.items() if key.startswith("t:")]
        self.top, self.bottom = min(rows), max(rows)
        heads = [at.columns[f"m:{month}"] for month in range(1, 13)]
        head = self.top - 1
        self.heads = f"${letters(min(heads))}${head}:${letters(max(heads))}${head}"
        row = at.rows[MONTHS_ROW]
        self.first, self.last = (f"${letters(at.columns[key])}${row}" for key in ("plan", "taken"))
        chosen = typed.span
        one = int(chosen[:-1]) if chosen in {f"{m}月" for m in range(1, 13)} else 0
        self.span = (one, one) if one else (1, 12)

    def months(self) -> dict[Spot, Cell]:
        """Return the first and last month tried, as numbers."""
        row = self.at.rows[MONTHS_ROW]
        chosen = f"${letters(self.at.columns['plan'])}${self.at.rows[SPAN_ROW]}"
        known = f"COUNTIF({self.heads},{chosen})=0"
        style = Style(State.DERIVED, size=9, align="center")
        return {
            (row, self.at.columns["plan"]): Cell(self.span[0], f"=IF({known},1,MATCH({chosen},{self.heads},0))", style),
            (row, self.at.columns["taken"]): Cell(self.span[1], f"=IF({known},12,MATCH({chosen},{self.heads},0))", style),
        }  # fmt: skip

    def store(self, store: str, place: int) -> dict[Spot, Cell]:
        """Return the cells of a store's rows."""
        typed = {name: self.typed.tried[key] for name in TRIED if (key := f"t:{store}|{name}") in self.typed.tried}  # fmt: skip
        base, texts = self._base(store, place)
        made, clash = what_if(typed, base), clashes(typed)
        cells: dict[Spot, Cell] = {}
        for name in TRIED:
            row = self.at.rows[f"t:{store}|{name}"]
            then, plan = made[name], base[name]
            planned = "" if np.isnan(plan) else plan
            digits = 8 if name in ("cvr", "spend_ratio") else 6
            off = "" if then is None or planned == "" else excel_round(then - plan, digits)
            taken = typed.get(name, planned)
            here = {key: f"{letters(self.at.columns[key])}{row}" for key in TRY_HEADS}
            bad = f'IF({self._clash(name, row)},"{CLASH}",' if name in ("gmv", "spend") else "("
            values = {
                "plan": (planned, texts[name]),
                "taken": (taken, f'=IF(COUNTIF({here["if"]},">=0")>0,{here["if"]},{here["plan"]})'),
                "then": ("" if then is None else then, self._then(name, row)),
                "off": (CLASH if name in clash else off, f'={bad}IF(COUNT({here["then"]},{here["plan"]})<2,"",ROUND({here["then"]}-{here["plan"]},{digits})))'),
            }  # fmt: skip
            for key, (value, formula) in values.items():
                cells[row, self.at.columns[key]] = Cell(value, formula, _style(name, key))
        return cells

    def _base(self, store: str, place: int) -> tuple[dict[str, float], dict[str, str]]:
        """Return the plan of a store and period, and the formulas that give it."""
        days = len(self.year.calendar.days)
        offset = place + (len(self.year.scopes) - len(self.year.stores))
        rows = f"{offset * days + 2}", f"{(offset + 1) * days + 1}"

        def block(name: str) -> str:
            column = letters(self.table.columns[name])
            return f"{self.table.sheet}!${column}${rows[0]}:${column}${rows[1]}"

        inside = f'{block("month")},">="&{self.first},{block("month")},"<="&{self.last}'
        plan = self.year.planned.of_scope(store)
        month = self.year.calendar.days["month"].to_numpy()
        here = (month >= self.span[0]) & (month <= self.span[1])
        spends = [f"spend_{channel.key}" for channel in self.year.metrics.channels]
        names = {"gmv": ["gmv"], "uv": ["uv"], "orders": ["orders"], "spend": spends}
        sums = {key: sum(float(np.nansum(plan[name][here])) for name in each) for key, each in names.items()}  # fmt: skip
        text = {key: "+".join(f"SUMIFS({block(name)},{inside})" for name in each) for key, each in names.items()}  # fmt: skip
        ratios = {"cvr": ("orders", "uv"), "aov": ("gmv", "orders"), "spend_ratio": ("spend", "gmv")}  # fmt: skip
        base = {key: value if value > 0 else float("nan") for key, value in sums.items()}
        formulas = {key: f'=IF({text[key]}<=0,"",{text[key]})' for key in sums}
        for key, (above, below) in ratios.items():
            known = sums[below] > 0 and sums[above] > 0
            base[key] = sums[above] / sums[below] if known else float("nan")
            formulas[key] = f'=IF(OR({text[below]}<=0,({text[above]})<=0),"",({text[above]})/({text[below]}))'  # fmt: skip
        return base, formulas

    def _sum(self, key: str, name: str, row: int) -> str:
        """Return a formula for another row of the same store: by its names, wherever it stands."""
        return f"SUMIFS({self._down(key)},{self._of(name, row)})"

    def _count(self, key: str, name: str, row: int) -> str:
        return f'COUNTIFS({self._of(name, row)},{self._down(key)},">=0")'

    def _of(self, name: str, row: int) -> str:
        store = f"${letters(self.at.columns['store'])}{row}"
        return f'{self._down("store")},{store},{self._down("label")},"{LABELS[name]}"'

    def _down(self, key: str) -> str:
        column = letters(self.at.columns[key])
        return f"${column}${self.top}:${column}${self.bottom}"

    def _clash(self, name: str, row: int) -> str:
        """Return whether a total and all its drivers are typed and do not agree."""
        drivers = ("uv", "cvr", "aov") if name == "gmv" else ("gmv", "spend_ratio")
        typed = ",".join(f"{self._count('if', one, row)}>0" for one in (name, *drivers))
        product = "*".join(self._sum("if", one, row) for one in drivers)
        total = self._sum("if", name, row)
        return f"AND({typed},ABS({product}-{total})>0.0005*{total})"

    def _then(self, name: str, row: int) -> str:
        def taken(one: str) -> str:
            return self._sum("taken", one, row)

        def typed(*ones: str) -> str:
            return ",".join(f"{self._count('if', one, row)}>0" for one in ones)

        def over(above: str, *below: str) -> str:
            tests = ",".join(f"{one}<=0" for one in below)
            return f'IF(OR({tests}),"",{"/".join((above, *below))})'

        known = "*".join(self._count("taken", one, row) for one in ("uv", "cvr", "aov"))
        product = f'IF({known}=0,"",{taken("uv")}*{taken("cvr")}*{taken("aov")})'
        gmv = f"IF({typed('gmv')},{taken('gmv')},{product})"
        mine = f"${letters(self.at.columns['taken'])}{row}"
        if name == "gmv":
            return f"={gmv}"
        if name == "spend":
            ratio = f"{self._count('taken', 'spend_ratio', row)}=0"
            money = (
                f'IF({known}+{self._count("if", "gmv", row)}=0,"",{gmv}*{taken("spend_ratio")})'
            )
            return f'=IF({typed("spend")},{taken("spend")},IF({ratio},"",{money}))'
        if name == "spend_ratio":
            sold = f"IF({typed('gmv')},{taken('gmv')},{taken('uv')}*{taken('cvr')}*{taken('aov')})"
            return f"=IF(AND({typed('spend')},{self._count('if', 'spend_ratio', row)}=0),{over(taken('spend'), sold)},{mine})"  # fmt: skip
        others = [one for one in ("uv", "cvr", "aov") if one != name]
        before = {"uv": (), "cvr": ("uv",), "aov": ("uv", "cvr")}[name]
        test = f"{typed('gmv', *before)},{self._count('if', name, row)}=0"
        return f"=IF(AND({test}),{over(taken('gmv'), *map(taken, others))},{mine})"


def _style(name: str, key: str) -> Style:
    number = _MONEY[name]
    if key == "off":
        number = f"+{number};-{number};{number}"
    quiet = key in ("plan", "taken")
    return Style(State.DERIVED, number=number, size=9 if quiet else 10, color="#757575" if quiet else "", bold=key == "then")  # fmt: skip


def read_trying(
    values: Mapping[tuple[str, str], object], chosen: object
) -> tuple[dict[str, float], str]:
    """Return the figures tried by row key, and the period; what is no number is left to the sheet."""
    tried = {
        row: float(value)
        for (row, _), value in values.items()
        if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
    }
    return tried, str(chosen).strip() if chosen is not None else ""
