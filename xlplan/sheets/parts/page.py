"""品类平台: month targets split over categories, and each category over platforms.

Names and shares are inputs; every amount is a live formula. Parts are differences of
rounded running shares, so that they add up to the fen (`plan.splits`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.cells import Area, Cell, Highlight, Page, Span, State, Style, Validation, letters
from xlplan.metrics.money import HALF_CENT, MONEY_DIGITS, MONEY_FORMAT
from xlplan.plan import rollup
from xlplan.plan.parts.splits import Part, Splits, split_shares
from xlplan.plan.parts.year import month_totals, store_months
from xlplan.record import record
from xlplan.sheets.base import look
from xlplan.sheets.base.find import KEY_MARK, find_keys
from xlplan.sheets.base.selector import put_selector, store_width
from xlplan.sheets.base.tables import MONTH, STORE, TableAt
from xlplan.sheets.parts.agreed_page import agreed_as_built, looked_up
from xlplan.sheets.parts.shares import read_months, share_cells, share_key, share_rule
from xlplan.sheets.year.derived import COLUMNS, ORDER
from xlplan.sheets.year.page import NAMES
from xlplan.sources.numbers import Number, parse_number

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from xlplan.cells import Seen, Spot
    from xlplan.plan.year import Year
    from xlplan.sheets.parts.agreed_page import AgreedAt

SHEET = "品类平台"
SCOPE_ROW, KEY_ROW, HEAD_ROW, FIRST_ROW = 2, 3, 4, 5
NAME, SHARE, FIRST_COLUMN = 2, 3, 4
CATEGORIES, PLATFORMS = 8, 6
COUNTS = {"c": CATEGORIES, "p": PLATFORMS}
TARGET, REST = "target", "rest"


def row_keys() -> list[str]:
    """Return the row keys: the target, categories, what is left, platforms, then the nest."""
    categories = [f"c:{i}" for i in range(CATEGORIES)]
    platforms = [f"p:{i}" for i in range(PLATFORMS)]
    nest = [f"n:{c}:{p}" for c in range(CATEGORIES) for p in range(PLATFORMS)]
    return [TARGET, *categories, REST, *platforms, *nest]


def share_keys() -> list[str]:
    """Return the keys of the rows with shares by month (books made earlier have none)."""
    return [share_key(kind, i) for kind, count in COUNTS.items() for i in range(count)]


@record
class SplitAt:
    """Where rows and columns of 品类平台 are."""

    rows: Mapping[str, int]
    columns: Mapping[str, int]
    scope: Spot
    agreed: AgreedAt | None = None


def split_as_built(splits: Splits) -> SplitAt:
    """Return the positions as built."""
    rows = {key: FIRST_ROW + i for i, key in enumerate([*row_keys(), *share_keys()])}
    columns = {
        "name": NAME,
        "share": SHARE,
        **{k: FIRST_COLUMN + i for i, k in enumerate(COLUMNS)},
    }
    return SplitAt(rows, columns, (SCOPE_ROW, SHARE), agreed_as_built(splits.agreements))


def split_found(cells: Mapping[Spot, Seen]) -> SplitAt:
    """Return the positions in a book; StructureError when a key row or column is gone."""
    keys = find_keys(SHEET, cells)
    shares = share_keys()
    by_month = shares if any(key in keys.rows for key in shares) else ()
    keys.need_rows({key: key for key in (*row_keys(), *by_month, "row:scope")})
    keys.need_columns({key: key for key in ("name", "share", *COLUMNS)})
    return SplitAt(keys.rows, keys.columns, (keys.rows["row:scope"], keys.columns["share"]))


def read_splits(cells: Mapping[Spot, Seen], at: SplitAt) -> Splits:
    """Return the names and shares typed; a row counts when it has both."""

    def part(kind: str, index: int) -> Part:
        key = f"{kind}:{index}"
        name = cells.get((at.rows[key], at.columns["name"]))
        share = cells.get((at.rows[key], at.columns["share"]))
        number = parse_number(share.value) if share else None
        known = number.value if isinstance(number, Number) else None
        text = str(name.value).strip() if name and name.value is not None else ""
        return Part(text, known, read_months(cells, at.rows, at.columns, share_key(kind, index)))

    return Splits(
        [part("c", i) for i in range(CATEGORIES)], [part("p", i) for i in range(PLATFORMS)]
    )


def split_values(year: Year, scope: str, splits: Splits) -> dict[str, NDArray[np.float64]]:
    """Return row key → amounts in the order of `ORDER` (months, quarters, year)."""
    months = month_totals(year, scope)
    categories = split_shares(months, _shares(splits.categories, CATEGORIES))
    platforms = _shares(splits.platforms, PLATFORMS)
    parts = {"c": categories, "p": split_shares(months, platforms)}
    for (kind, number, store, month), value in store_months(year, splits).items():
        if store == scope:
            parts[kind][number, month - 1] = value
    made = {TARGET: months}
    made |= {
        f"{kind}:{i}": values for kind, rows in parts.items() for i, values in enumerate(rows)
    }
    for c, amounts in enumerate(categories):
        made |= {f"n:{c}:{p}": v for p, v in enumerate(split_shares(amounts, platforms))}
    made[REST] = np.round(months - np.nan_to_num(categories).sum(axis=0), MONEY_DIGITS)
    return {key: _with_totals(values) for key, values in made.items()}


def _shares(parts: Sequence[Part], count: int) -> list[list[float]]:
    return [(parts[i] if i < len(parts) else Part("")).by_month() for i in range(count)]


def _with_totals(months: NDArray[np.float64]) -> NDArray[np.float64]:
    quarters = np.array([rollup.total(part) for part in months.reshape(4, 3)])
    return np.concatenate([months, quarters, [rollup.total(quarters)]])


def split_cells(
    year: Year, scope: str, splits: Splits, at: SplitAt, plan: TableAt
) -> dict[Spot, Cell]:
    """Return the derived cells: amounts with formulas, and the names of the nest."""
    values = split_values(year, scope, splits)
    cells: dict[Spot, Cell] = {}
    for key in row_keys():
        row = at.rows[key]
        styles = look.of_row(State.DERIVED, MONEY_FORMAT, 9 if key.startswith("n:") else 10)
        for place, column in enumerate(ORDER):
            value = values[key][place]
            shown = "" if np.isnan(value) else float(value)
            formula = _formula(key, column, at, plan)
            total = not column.startswith("m:") or key in (TARGET, REST)
            cells[row, at.columns[column]] = Cell(shown, formula, styles[total])
        if key.startswith("n:"):
            cells[row, at.columns["name"]] = _nest_name(key, splits, at)
    cells |= share_cells("c", splits.categories, CATEGORIES, at.rows, at.columns)
    return cells | share_cells("p", splits.platforms, PLATFORMS, at.rows, at.columns)


def _formula(key: str, column: str, at: SplitAt, plan: TableAt) -> str:
    letter, row = letters(at.columns[column]), at.rows[key]
    if not column.startswith("m:"):
        parts = _parts(column, at, row)
        return f'=IF(COUNT({parts})=0,"",SUM({parts}))'
    if key == TARGET:
        scope = f"${letters(at.scope[1])}${at.scope[0]}"
        where = f"{plan.range(STORE)},{scope},{plan.range(MONTH)},{column[2:]}"
        amounts = plan.range("gmv")
        return f'=IF(COUNTIFS({where},{amounts},"<>")=0,"",SUMIFS({amounts},{where}))'
    if key == REST:
        first, last = at.rows["c:0"], at.rows[f"c:{CATEGORIES - 1}"]
        target = f"{letter}{at.rows[TARGET]}"
        return f'=IF(COUNT({target})=0,"",ROUND({target}-SUM({letter}{first}:{letter}{last}),{MONEY_DIGITS}))'
    whole = at.rows[TARGET] if key[0] in "cp" else at.rows[f"c:{key.split(':')[1]}"]
    kind, number = ("p", int(key.split(":")[2])) if key[0] == "n" else (key[0], int(key[2:]))
    made = _part_formula(f"{letter}{whole}", kind, number, at, letter)
    if key[0] == "n" or at.agreed is None:
        return f"={made}"
    return "=" + looked_up(key, f"${letters(at.scope[1])}${at.scope[0]}", column[2:], made)


def _part_formula(whole: str, kind: str, number: int, at: SplitAt, letter: str) -> str:
    by_month = share_key(kind, 0) in at.rows
    share = letter if by_month else f"${letters(at.columns['share'])}"
    first, last, own = (
        at.rows[share_key(kind, i) if by_month else f"{kind}:{i}"]
        for i in (0, number - 1 if number else 0, number)
    )
    upto = f"ROUND({whole}*SUM({share}${first}:{share}${own}),{MONEY_DIGITS})"
    before = (
        f"-ROUND({whole}*SUM({share}${first}:{share}${last}),{MONEY_DIGITS})" if number else ""
    )
    difference = f"ROUND({upto}{before},{MONEY_DIGITS})" if before else upto
    return f'IF(COUNT({whole},{share}${own})<2,"",{difference})'


def _parts(column: str, at: SplitAt, row: int) -> str:
    keys = [f"q:{q}" for q in range(1, 5)] if column == "y" else [
        f"m:{m}" for m in range(3 * int(column[2:]) - 2, 3 * int(column[2:]) + 1)
    ]  # fmt: skip
    return ",".join(f"{letters(at.columns[key])}{row}" for key in keys)


def _nest_name(key: str, splits: Splits, at: SplitAt) -> Cell:
    _, c, p = key.split(":")
    name = letters(at.columns["name"])
    category, platform = f"${name}${at.rows[f'c:{c}']}", f"${name}${at.rows[f'p:{p}']}"
    formula = f'=IF(OR({category}="",{platform}=""),"",{category}&" · "&{platform})'

    def named(parts: object, number: str) -> str:
        listed = list(parts)  # type: ignore[call-overload]
        return listed[int(number)].name if int(number) < len(listed) else ""

    first, second = named(splits.categories, c), named(splits.platforms, p)
    return Cell(f"{first} · {second}" if first and second else "", formula, look.COMPANION)


def split_frame(splits: Splits) -> tuple[Page, SplitAt]:
    """Return the headings and labels as built, and where the rows and columns are."""
    page, at = Page(SHEET), split_as_built(splits)
    _headings(page, at)
    _labels(page, splits, at)
    return page, at


def split_page(year: Year, splits: Splits, plan: TableAt) -> Page:
    """Return the whole page."""
    at, scope = split_as_built(splits), year.scopes[0]
    page = Page(SHEET, cells=split_cells(year, scope, splits, at, plan), tab="#8D6E63")
    page.put(1, 1, f"品类 · 平台 · {year.year}年", look.TITLE)
    hint = "填品类、平台的名称和占比（各自合计 100%），月目标即按占比拆开，逐级精确到分；展开左侧 + 看品类 × 平台，最下面可填某月自己的占比；单独几天、几家店的在“品类约定”"
    put_selector(page, at.scope, scope, year.scopes)
    page.put(SCOPE_ROW, FIRST_COLUMN + 1, hint, look.HINT)
    _headings(page, at)
    _labels(page, splits, at)
    page.columns[SHARE] = Span(store_width(year.scopes, 12))
    page.freeze = (FIRST_ROW, FIRST_COLUMN)
    page.print_area = Area(1, 1, max(at.rows.values()), at.columns["y"])
    rest = at.rows[REST]
    area = Area(rest, FIRST_COLUMN, rest, at.columns["y"])
    first, last = at.rows["c:0"], at.rows[f"c:{CATEGORIES - 1}"]
    share = letters(at.columns["share"])
    used = f"COUNT(${share}${first}:${share}${last})>0"  # a split nobody uses is no alarm
    test = f"=AND({used},ABS(N({letters(FIRST_COLUMN)}{rest}))>{HALF_CENT})"
    page.highlights.append(Highlight(area, test, color="#B3261E", bold=True))
    return page


def _headings(page: Page, at: SplitAt) -> None:
    keys = max(at.columns.values()) + 1
    for key, number in at.columns.items():
        head = {"name": "名称", "share": "占比"}.get(key) or NAMES.get(key, f"{key[2:]}月")
        page.put(KEY_ROW, number, key, look.HIDDEN)
        page.put(HEAD_ROW, number, head, look.HEAD)
        page.columns[number] = Span(12.5 if key.startswith("m:") else 14)
    page.put(HEAD_ROW, 1, "分组", look.HEAD)
    page.put(KEY_ROW, keys, KEY_MARK, look.HIDDEN)
    page.put(SCOPE_ROW, keys, "row:scope", look.HIDDEN)
    for key, row in at.rows.items():
        page.put(row, keys, key, look.HIDDEN)
    page.columns |= {1: Span(7), NAME: Span(18), SHARE: Span(12), keys: Span(2, hidden=True)}
    page.rows |= {1: Span(28), SCOPE_ROW: Span(20), KEY_ROW: Span(hidden=True), HEAD_ROW: Span(22)}


def _labels(page: Page, splits: Splits, at: SplitAt) -> None:
    share = look.INPUT.but(number="0.0%", align="center")
    listed = {"c": list(splits.categories), "p": list(splits.platforms)}
    for key, row in at.rows.items():
        kind, number = key[0], key.split(":")[-1]
        page.cells[row, 1] = Cell(
            {"t": "目标", "c": "品类", "r": "品类", "p": "平台", "s": "占比"}.get(kind, "明细"),
            "",
            look.SUBHEAD,
        )
        if key in (TARGET, REST):
            page.put(row, NAME, "月目标" if key == TARGET else "未分配", look.ITEM)
            page.cells[row, SHARE] = Cell(None, "", Style())
        elif kind in listed:
            part = listed[kind][int(number)] if int(number) < len(listed[kind]) else Part("")
            page.cells[row, NAME] = Cell(part.name or None, "", look.INPUT)
            page.cells[row, SHARE] = Cell(part.share, "", share)
        else:
            page.cells[row, SHARE] = Cell(None, "", Style())
        page.rows[row] = Span(18, hidden=kind in "ns", level=int(kind in "ns"))
    for kind, count, title in (("c", CATEGORIES, "品类"), ("p", PLATFORMS, "平台")):
        area = Area(at.rows[f"{kind}:0"], SHARE, at.rows[f"{kind}:{count - 1}"], SHARE)
        message = f"{title}占月目标的比例，0–100%；各{title}合计应为 100%"
        page.validations.append(Validation(area, "decimal", (0, 1), f"{title}占比", message))
        page.validations.append(share_rule(kind, count, at.rows, at.columns))
