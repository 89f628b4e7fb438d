"""The checks of 体检: formulas that compare every level with the next and must all show 0."""

from __future__ import annotations

from itertools import repeat
from types import MappingProxyType
from typing import TYPE_CHECKING

from xlplan.cells import letters, quoted
from xlplan.metrics.money import MONEY_DIGITS
from xlplan.plan import rollup
from xlplan.plan.parts.agreements import KINDS
from xlplan.plan.year import TOTAL
from xlplan.sheets.base.names import MONTHS, month_name
from xlplan.sheets.base.tables import MONTH, STORE, TableAt
from xlplan.sheets.checks.findings import Check
from xlplan.sheets.parts.agreed_page import SHEET as AGREED
from xlplan.sheets.parts.page import SHEET as SPLIT
from xlplan.sheets.year import derived as year_cells

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from xlplan.plan.year import Year
    from xlplan.sheets.base.places import Places
    from xlplan.sheets.parts.page import SplitAt

#: Every sheet shows the first scope, as a new book does.
NO_SELECTION: Mapping[str, str] = MappingProxyType({})
#: Rows of 品类约定 that are checked.
CHECKED = 1000
FLOWS = ("gmv", "uv", "orders", "spend")


#: Stands for checks that stay as they are.
_STAYS = None


def checks(
    year: Year,
    at: Places,
    scopes: Mapping[str, str] = NO_SELECTION,
    agreements: int = 0,
    months: Collection[int] | None = None,
) -> list[Check | None]:
    """Return every comparison of the book, in order; None for those that stay as they are.

    Args:
        year: The year.
        at: Where the sheets have their cells.
        scopes: Which store a sheet shows (sheet → name).
        agreements: How many 品类约定 lists.
        months: The months whose plan or actuals change; None lists everything.
    """
    some = MONTHS if months is None else months
    of_parts = _agreements(year, at.split, float(agreements)) if months is None else ()
    return [
        *_months_against_table(year, at, scopes, some),
        *_year_against_months(year, at, scopes, some),
        *_quarters(year, at, scopes),
        *_stores(year, at, some),
        *_channels(year, at, scopes, some),
        *_engine(year, at),
        *of_parts,
    ]


def _months_against_table(
    year: Year, at: Places, scopes: Mapping[str, str], months: Collection[int]
) -> Iterator[Check | None]:
    """Σ days on the month sheet = Σ of the table, for the scope the sheet shows."""
    for month in MONTHS:
        if month not in months:
            yield from repeat(_STAYS, 4)
            continue
        where = at.months[month]
        scope = f"{quoted(where.sheet)}${letters(where.scope[1])}${where.scope[0]}"
        shown = scopes.get(where.sheet, year.scopes[0])
        total = letters(where.columns[f"m:{month}"])
        for name in ("gmv", "uv", "orders"):
            left = f"N({quoted(where.sheet)}{total}{where.rows[f'{name}_target']})"
            right = _sum(at.tables.plan, name, scope, month)
            yield Check(
                f"月表 Σ日 = 计划 · {_label(year, name)}",
                month_name(month),
                left,
                right,
                _planned(year, name, month, shown),
            )
        left = f"N({quoted(where.sheet)}{total}{where.rows['gmv']})"
        right = _sum(at.tables.actual, "gmv", scope, month)
        yield Check(
            "月表 Σ日 = 实际 · 销售额",
            month_name(month),
            left,
            right,
            _actual(year, "gmv", month, shown),
        )


def _year_against_months(
    year: Year, at: Places, scopes: Mapping[str, str], months: Collection[int]
) -> Iterator[Check | None]:
    """The year sheet's month = the month sheet's total, when both show the same scope."""
    for month in MONTHS:
        if month not in months:
            yield _STAYS
            continue
        where = at.months[month]
        sheet, letter = quoted(year_cells.SHEET), letters(at.year.columns[f"m:{month}"])
        scope_year = f"{sheet}${letters(at.year.scope[1])}${at.year.scope[0]}"
        scope_month = f"{quoted(where.sheet)}${letters(where.scope[1])}${where.scope[0]}"
        left = f"N({sheet}{letter}{at.year.rows['gmv_target']})"
        total = letters(where.columns[f"m:{month}"])
        month_cell = f"N({quoted(where.sheet)}{total}{where.rows['gmv_target']})"
        right = f"IF({scope_year}={scope_month},{month_cell},{left})"
        yield Check(
            "年度规划 = 月表 · 月目标",
            month_name(month),
            left,
            right,
            _planned(year, "gmv", month, scopes.get(year_cells.SHEET, year.scopes[0])),
        )


def _quarters(year: Year, at: Places, scopes: Mapping[str, str]) -> Iterator[Check]:
    sheet = quoted(year_cells.SHEET)
    scope = scopes.get(year_cells.SHEET, year.scopes[0])
    shown = year_cells.YearView(year, scope, at.year, at.tables).values
    for name in ("gmv_target", "gmv_net"):
        row = at.year.rows[name]
        quarters = "+".join(
            f"N({sheet}{letters(at.year.columns[f'q:{q}'])}{row})" for q in range(1, 5)
        )
        months = "+".join(
            f"N({sheet}{letters(at.year.columns[f'm:{m}'])}{row})" for m in range(1, 13)
        )
        whole = f"N({sheet}{letters(at.year.columns['y'])}{row})"
        value = _known(shown[name][-1])
        label = year.metrics[name].label
        yield Check(f"Σ季度 = 全年 · {label}", year_cells.SHEET, quarters, whole, value)
        yield Check(f"Σ月 = 全年 · {label}", year_cells.SHEET, months, whole, value)


def _stores(year: Year, at: Places, months: Collection[int]) -> Iterator[Check | None]:
    """Σ stores = 合计, each flow, each month."""
    if TOTAL not in year.scopes:
        return
    for table, kind, read in (
        (at.tables.plan, "计划", _planned),
        (at.tables.actual, "实际", _actual),
    ):
        for name in FLOWS:
            if name in table.columns:
                values, stores, column = table.range(name), table.range(STORE), table.range(MONTH)
                for month in MONTHS:
                    left = f'SUMIFS({values},{stores},"<>{TOTAL}",{column},{month})'
                    right = f'SUMIFS({values},{stores},"{TOTAL}",{column},{month})'
                    yield (
                        _STAYS
                        if month not in months
                        else Check(
                            f"Σ店铺 = 合计 · {kind}{_label(year, name)}",
                            f"{month}月",
                            left,
                            right,
                            read(year, name, month, TOTAL),
                        )
                    )


def _channels(
    year: Year, at: Places, scopes: Mapping[str, str], months: Collection[int]
) -> Iterator[Check | None]:
    """Σ channels = the spend total on the month sheet."""
    names = [f"spend_{channel.key}" for channel in year.metrics.channels]
    for month in MONTHS:
        if month not in months:
            yield _STAYS
            continue
        where = at.months[month]
        scope = f"{quoted(where.sheet)}${letters(where.scope[1])}${where.scope[0]}"
        left = "+".join(_sum(at.tables.plan, name, scope, month) for name in names)
        right = f"N({quoted(where.sheet)}{letters(where.columns[f'm:{month}'])}{where.rows['spend_target']})"
        shown = scopes.get(where.sheet, year.scopes[0])
        value = sum(_planned(year, name, month, shown) for name in names)
        yield Check("Σ渠道 = 推广费合计 · 计划", month_name(month), left, right, value)


def _engine(year: Year, at: Places) -> Iterator[Check]:
    """The engine's own totals, as numbers, against what the sheet's formulas give."""
    for scope in year.scopes:
        for table, cube, kind in (
            (at.tables.plan, year.planned, "计划"),
            (at.tables.actual, year.actual, "实际"),
        ):
            values = cube.of_scope(scope)
            for name in ("gmv", "uv", "orders"):
                value = _known(rollup.total(values[name]))
                left = f'SUMIFS({table.range(name)},{table.range(STORE)},"{scope}")'
                yield Check(
                    f"公式 = 引擎 · {kind}{_label(year, name)}",
                    scope,
                    left,
                    f"{round(value, MONEY_DIGITS):.15g}",
                    value,
                )


def _agreements(year: Year, split: SplitAt | None, count: float) -> Iterator[Check]:
    """Agreements lie in the year, name what there is, and are not more than is planned there."""
    if split is None or split.agreed is None:  # a book made earlier
        return
    at = split.agreed

    def column(key: str) -> str:
        letter = letters(at.columns[key])
        return f"{AGREED}!${letter}${at.first}:${letter}${at.first + CHECKED}"

    ends = f"DATE({year.year},1,1)", f"DATE({year.year},12,31)"
    inside = f'COUNTIFS({column("first")},">="&{ends[0]},{column("last")},"<="&{ends[1]})'
    yield Check("约定在本年之内 · 条数", AGREED, f"COUNT({column('first')})", inside, count)
    names = [
        f'COUNTIFS({column("kind")},"{word}",{column("part")},{quoted(SPLIT)}${letters(split.columns["name"])}${row})'
        for kind, word in KINDS.items()
        for key, row in split.rows.items()
        if key.startswith(f"{kind}:")
    ]
    kinds = "+".join(f'COUNTIF({column("kind")},"{word}")' for word in KINDS.values())
    yield Check("约定的品类、平台都有 · 条数", AGREED, kinds, "+".join(names), count)
    stores = "+".join(f'COUNTIF({column("store")},"{scope}")' for scope in year.scopes)
    yield Check("约定的店铺都有 · 条数", AGREED, kinds, stores, count)
    over = f'COUNTIF({column("share")},">1.0000001")'
    yield Check("约定超过当期计划 · 条数", AGREED, over, "0", 0.0)


def _sum(table: TableAt, name: str, scope: str, month: int) -> str:
    return f"SUMIFS({table.range(name)},{table.range(STORE)},{scope},{table.range(MONTH)},{month})"


def _label(year: Year, name: str) -> str:
    label = year.metrics[name].label.removeprefix("当日")
    return "销售额" if name == "gmv" else label.removeprefix("日销")


def _planned(year: Year, name: str, month: int, scope: str) -> float:
    days = year.calendar.days["month"].to_numpy() == month
    return _known(rollup.total(year.planned.of_scope(scope)[name][days]))


def _actual(year: Year, name: str, month: int, scope: str) -> float:
    days = year.calendar.days["month"].to_numpy() == month
    return _known(rollup.total(year.actual.of_scope(scope)[name][days]))


def _known(value: float) -> float:
    return 0.0 if value != value else float(value)  # noqa: PLR0124 - NaN test
