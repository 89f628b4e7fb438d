"""承诺: what each store says it will sell, month by month, beside its target, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from xlplan.cells import Area, Cell, Highlight, Page, Span, Style, Validation, address, letters
from xlplan.errors import Level, Problem, Where
from xlplan.plan import rollup
from xlplan.record import bundle, record
from xlplan.sheets.base import look
from xlplan.sheets.base.find import KEY_MARK, find_keys
from xlplan.sheets.base.tables import MONTH, STORE
from xlplan.sources.numbers import Number, parse_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from xlplan.cells import Seen, Spot
    from xlplan.plan.year import Year
    from xlplan.sheets.base.tables import TableAt

SHEET = "承诺"
KEY_ROW, HEAD_ROW, FIRST_ROW = 3, 4, 5
LINES = {"target": "目标", "value": "承诺值", "gap": "承诺 − 目标", "why": "理由"}
MONTHS = tuple(range(1, 13))
_COLUMNS = {f"m:{month}": month + 2 for month in MONTHS} | {"y": 15}
_KEYS = 16
_MONEY = look.INPUT.but(number="#,##0", align="right", size=9)
_SHOWN = look.DERIVED.but(number="#,##0", size=9)


@record
class PromisesAt:
    """Rows (``店|target`` …) and columns (``m:1`` … ``y``) by key."""

    rows: Mapping[str, int]
    columns: Mapping[str, int]

    def spot(self, store: str, line: str, column: str) -> Spot:
        """Return a cell's place."""
        return self.rows[f"{store}|{line}"], self.columns[column]


def promises_as_built(stores: Sequence[str]) -> PromisesAt:
    """Return where everything stands on a new sheet."""
    rows = {
        f"{store}|{line}": FIRST_ROW + 4 * place + number
        for place, store in enumerate(stores)
        for number, line in enumerate(LINES)
    }
    return PromisesAt(rows, _COLUMNS)


def promises_found(cells: Mapping[Spot, Seen], stores: Sequence[str]) -> PromisesAt:
    """Return where the sheet stands in a book.

    Raises:
        StructureError: A key row or column is gone.
    """
    keys = find_keys(SHEET, cells)
    keys.need_columns({key: key for key in _COLUMNS})
    built = promises_as_built(stores)
    keys.need_rows({key: key.replace("|", " ") for key in built.rows})
    return PromisesAt({key: keys.rows[key] for key in built.rows}, {key: keys.columns[key] for key in _COLUMNS})  # fmt: skip


@bundle
class Promises:
    """The sheet of a book, or of one store's copy.

    Attributes:
        said: ``店|月`` → value and reason.
        year: The year with its plan.
        plan: The hidden table of the plan.
        at: Where the sheet has its rows and columns.
    """

    said: Mapping[str, Mapping[str, Any]]
    year: Year
    plan: TableAt
    at: PromisesAt

    def targets(self, store: str) -> NDArray[np.float64]:
        """Return (12,) the sales planned for a store's months."""
        groups = self.year.calendar.days["month"].to_numpy() - 1
        values = self.year.plan.loc[store]["gmv"].to_numpy(np.float64)
        return np.asarray(rollup.sums(values, groups, 12))

    def cells(self) -> dict[Spot, Cell]:
        """Return every cell that follows from what was said and planned."""
        cells: dict[Spot, Cell] = {}
        for store in self.year.stores:
            targets = self.targets(store)
            values = [self.said.get(f"{store}|{month}", {}) for month in MONTHS]
            for month in MONTHS:
                cells |= self._month(store, month, float(targets[month - 1]), values[month - 1])
            cells |= self._year(store, targets, [each.get("value") for each in values])
        return cells

    def _month(
        self, store: str, month: int, target: float, said: Mapping[str, Any]
    ) -> dict[Spot, Cell]:
        column, at, value = f"m:{month}", self.at, said.get("value")
        name = letters(at.columns[column])
        goal, promise = (f"{name}{at.rows[f'{store}|{line}']}" for line in ("target", "value"))
        text = store.replace('"', '""')
        where = f'{self.plan.range(STORE)},"{text}",{self.plan.range(MONTH)},{month}'
        sales = self.plan.range("gmv")
        planned = f'=IF(COUNTIFS({where},{sales},"<>")=0,"",SUMIFS({sales},{where}))'
        gap = "" if value is None or np.isnan(target) else value - target
        return {
            at.spot(store, "target", column): Cell("" if np.isnan(target) else target, planned, _SHOWN),
            at.spot(store, "value", column): Cell(value, "", _MONEY),
            at.spot(store, "gap", column): Cell(gap, f'=IF(COUNT({goal},{promise})<2,"",{promise}-{goal})', _SHOWN),
            at.spot(store, "why", column): Cell(said.get("why") or None, "", look.TEXT_INPUT),
        }  # fmt: skip

    def _year(
        self, store: str, targets: NDArray[np.float64], values: Sequence[float | None]
    ) -> dict[Spot, Cell]:
        """Return the year's column: sums, and the gap of the months that were promised."""
        at, cells = self.at, {}
        first, last = letters(at.columns["m:1"]), letters(at.columns["m:12"])
        given = [value for value in values if value is not None]
        gaps = [v - t for v, t in zip(values, targets.tolist(), strict=True) if v is not None and t == t]  # noqa: PLR0124 - NaN test  # fmt: skip
        known = targets[~np.isnan(targets)]
        sums = {"target": known.tolist(), "value": given, "gap": gaps}
        for line, parts in sums.items():
            row = at.rows[f"{store}|{line}"]
            block = f"{first}{row}:{last}{row}"
            value = float(np.sum(parts)) if parts else ""
            cells[row, at.columns["y"]] = Cell(value, f'=IF(COUNT({block})=0,"",SUM({block}))', _SHOWN.but(bold=True, fill=look.TOTAL_FILL))  # fmt: skip
        return cells


def promises_page(promises: Promises, title: str = "") -> Page:
    """Return the whole sheet."""
    page = Page(SHEET, cells=promises.cells(), tab="#00838F")
    stores = promises.year.stores
    page.put(1, 1, title or f"承诺 · {promises.year.year}年", look.TITLE)
    page.put(2, 1, "门店自己填：这个月能做多少、为什么；目标按计划自动显示，差额为承诺减目标。填好交回，总表自动收齐。", look.HINT)  # fmt: skip
    for column, head in enumerate(("店铺", "项目", *(f"{m}月" for m in MONTHS), "全年"), start=1):
        page.put(HEAD_ROW, column, head, look.HEAD)
        page.columns[column] = Span(14 if column < 3 else 11.5)
    page.put(KEY_ROW, _KEYS, KEY_MARK, look.HIDDEN)
    for key, column in _COLUMNS.items():
        page.put(KEY_ROW, column, key, look.HIDDEN)
    for place, store in enumerate(stores):
        top = FIRST_ROW + 4 * place
        for number, (line, label) in enumerate(LINES.items()):
            page.cells[top + number, 1] = Cell(None if number else store, "", look.GROUP)
            page.put(top + number, 2, label, look.ITEM)
            page.put(top + number, _KEYS, f"{store}|{line}", look.HIDDEN)
            page.rows[top + number] = Span(40 if line == "why" else 18)
        page.cells[top + 3, _COLUMNS["y"]] = Cell(None, "", Style(fill=look.TOTAL_FILL))
        page.merges.append(Area(top, 1, top + 3, 1))
        months = Area(top + 1, 3, top + 1, 14)
        page.validations.append(Validation(months, "decimal", (0, 1e12), "承诺值", "这个月能做到的销售额（元）", strict=False))  # fmt: skip
        page.highlights.append(Highlight(Area(top + 2, 3, top + 2, 15), f"=N(C{top + 2})<0", color="#B3261E", bold=True))  # fmt: skip
    page.columns[_KEYS] = Span(2, hidden=True)
    page.rows |= {1: Span(28), KEY_ROW: Span(hidden=True), HEAD_ROW: Span(22)}
    page.freeze = (FIRST_ROW, 3)
    page.pages_tall = 1 if len(stores) <= 8 else 0
    page.print_area = Area(1, 1, FIRST_ROW + 4 * len(stores) - 1, 15)
    return page


def read_promises(
    cells: Mapping[Spot, Seen], at: PromisesAt, stores: Sequence[str], file: str = ""
) -> tuple[dict[str, dict[str, Any]], list[Problem]]:
    """Return ``店|月`` → what was promised and why, and what could not be understood."""
    made: dict[str, dict[str, Any]] = {}
    problems = []
    for store in stores:
        for month in MONTHS:
            spots = {line: at.spot(store, line, f"m:{month}") for line in ("value", "why")}
            value, why = (
                None if (seen := cells.get(spot)) is None else seen.value
                for spot in spots.values()
            )
            found = parse_number(value)
            said: dict[str, Any] = {}
            if isinstance(found, Number):
                said["value"] = float(found.value)
            elif found is not None:
                what = f"{store} {month}月的承诺“{value}”读不成数，没有收"
                problems.append(Problem(Where(file, SHEET, address(*spots["value"])), what, Level.ERROR, "写成 300000 或 30万", "承诺"))  # fmt: skip
            if why not in (None, ""):
                said["why"] = str(why).strip()
            if said:
                made[f"{store}|{month}"] = said
    return made, problems
