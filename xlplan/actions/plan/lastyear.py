"""Last year's actuals in a book: kept once as the version 去年, and 去年实际 filled from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from xlplan.errors import InputError, Level, Problem, Where
from xlplan.metrics import Unit
from xlplan.plan.days.lastyear import MOST_MISSING, missing_days, net_sales
from xlplan.plan.year import actual_columns, day_grid
from xlplan.record import record, replace
from xlplan.sheets.base import names
from xlplan.sheets.history.kept import LAST_YEAR
from xlplan.sheets.targets.rows import target_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from xlplan.metrics import Registry
    from xlplan.plan.year import Settings
    from xlplan.sheets.state.book import BookState
    from xlplan.sheets.targets.page import TypedTargets

#: Relative difference between a 去年实际 that was typed and the days' sum that is told.
_APART = 0.005


@record
class Recalled:
    """What a book says once it knows last year.

    Attributes:
        state: The book.
        lines: What was taken and filled, for people.
        problems: What could not be filled, and what differs from what was typed.
    """

    state: BookState
    lines: Sequence[str]
    problems: Sequence[Problem]


def of_stores(
    frame: pd.DataFrame, stores: Sequence[str], file: str = ""
) -> tuple[pd.DataFrame, list[Problem]]:
    """Return the rows of a history that belong to stores of a book, and what is left out.

    Args:
        frame: Index (store, date); "" is a store that the file does not name.
        stores: The book's stores.
        file: Where it comes from, for messages.

    Raises:
        InputError: It names stores, and none of them is the book's.
    """
    named = [str(store) for store in frame.index.unique("store")]
    if named == [""]:
        if len(stores) == 1:
            return frame.rename(index={"": stores[0]}, level="store"), []
        what = f"历史没有写店铺，分不到 {len(stores)} 家店：只用来学权重，没有填去年实际和同比"
        remedy = "给历史加一列“店铺”，再导入一次"
        return frame.iloc[:0], [Problem(Where(file), what, Level.WARNING, remedy, "history_store")]
    strange = [store for store in named if store not in stores]
    if len(strange) == len(named):
        raise InputError(
            f"{file or '历史'}里的店铺“{'、'.join(strange[:8])}”都不在本计划里，没有写入任何内容",
            f"店铺名要与计划一致：{'、'.join(stores)}",
        )
    problems = []
    if strange:
        what = f"历史里的店铺“{'、'.join(strange[:8])}”不在本计划里，没有算进去年"
        remedy = f"店铺是：{'、'.join(stores)}"
        problems = [Problem(Where(file), what, Level.WARNING, remedy, "history_store")]
    return frame[frame.index.get_level_values("store").isin(stores)], problems


def with_last_year(state: BookState, frame: pd.DataFrame, note: str) -> Recalled:
    """Return a book that knows these actuals of the year before.

    They are laid over what it knew of that year, cell by cell; 去年实际 is filled where nobody
    typed it, for stores that know (nearly) the whole year.

    Args:
        state: The book.
        frame: Index (store, date), a column a metric; other years and stores are left out.
        note: Where they come from.
    """
    from xlplan.actions.change.keeping import with_version

    number = state.year.year - 1
    fresh = _whole_year(frame, state, number)
    if fresh["gmv"].isna().all():
        return Recalled(state, (), ())
    old = state.year.last
    both = fresh if old is None else fresh.combine_first(old.reindex(fresh.index))
    kept = both[[name for name in both.columns if both[name].notna().any()]]
    if old is not None and kept.equals(old.reindex(index=kept.index, columns=kept.columns)):
        return Recalled(state, (), ())
    name = next((v.name for v in state.versions if v.kind == LAST_YEAR and int(v.year) == number), LAST_YEAR)  # fmt: skip
    made = with_version(state, name, LAST_YEAR, note, kept, number)
    typed, problems = _filled(made, old)
    return Recalled(replace(made, typed=typed), _told(made, fresh), problems)


def _whole_year(frame: pd.DataFrame, state: BookState, number: int) -> pd.DataFrame:
    """Return the base metrics of a history over the whole of last year, all stores."""
    names_of = [n for n in actual_columns(state.year.metrics) if not n.endswith("_last_month")]
    columns = ["gmv", *(name for name in names_of if name in frame and name != "gmv")]
    return frame.reindex(index=day_grid(state.year.stores, number), columns=columns).astype(float)


def _told(state: BookState, fresh: pd.DataFrame) -> list[str]:
    last, lines = state.year.last, []
    assert last is not None  # noqa: S101 - it was just kept
    for store in state.year.stores:
        if fresh.xs(store, level="store")["gmv"].notna().any():
            sales = pd.Series(net_sales(last), index=last.index).xs(store, level="store")
            known, gone = int(sales.notna().sum()), int(sales.isna().sum())
            lack = f"，缺 {gone} 天（缺数不是 0）" if gone else ""
            lines.append(
                f"{store} {state.year.year - 1} 年实际 {known} 天{lack}，合计 {sales.sum():,.2f}"
            )
    return [*lines, "去年的数用在：去年实际、同比、分摊时的 like 去年（按日历的可比日期）"]


def _filled(state: BookState, before: pd.DataFrame | None) -> tuple[TypedTargets, list[Problem]]:
    """Return 年度目标 with 去年实际, and where it could not be filled."""
    typed, last = state.typed, state.year.last
    assert last is not None  # noqa: S101 - the caller just put it there
    values, problems = dict(typed.values), list[Problem]()
    for row in target_rows(typed.stores, typed.settings):
        now = _figures(last, row.store, typed.settings)
        was = _figures(before, row.store, typed.settings)
        if row.metric == "gmv" and not now and missing_days(last, row.store):
            problems.append(_part_of_a_year(last, row.store, state.year.year - 1))
        if row.metric not in now:
            continue
        there, found = values.get((row.key, "last")), now[row.metric]
        if there is None or _close(there, was.get(row.metric), 1e-9):
            values[row.key, "last"] = found
        elif not _close(there, found, _APART):
            what = f"{row.store}·{row.label} 的去年实际写着 {float(str(there)):,.10g}，每日的数合计是 {found:,.10g}：保留了写着的"
            remedy = "以每日为准就清空这一格再导入一次"
            problems.append(Problem(Where(sheet=names.TARGETS), what, Level.WARNING, remedy, "last_year"))  # fmt: skip
    return replace(typed, values=values), problems


def _part_of_a_year(last: pd.DataFrame, store: str, year: int) -> Problem:
    what = f"{store} 的 {year} 年缺 {missing_days(last, store)} 天，不足一年，没有填去年实际"
    return Problem(Where(sheet=names.TARGETS), what, Level.WARNING, "补导缺的日子，或自己填写", "last_year")  # fmt: skip


def _close(one: object, other: object, apart: float) -> bool:
    if not isinstance(one, int | float) or not isinstance(other, int | float):
        return False
    return abs(one - other) <= apart * max(abs(one), abs(other), 1e-9)


def _figures(last: pd.DataFrame | None, store: str, settings: Settings) -> Mapping[str, float]:
    """Return what a store came to in a (nearly) whole last year, by metric of 年度目标."""
    if last is None:
        return {}
    gone = missing_days(last, store)
    if gone is None or gone > MOST_MISSING:
        return {}
    mine, metrics = last.xs(store, level="store"), settings.registry
    sums = {str(n): np.array([v]) for n, v in _sums(pd.DataFrame(mine)) if n in metrics}
    return dict(_ratios(sums, metrics, settings))


def _sums(mine: pd.DataFrame) -> Iterator[tuple[object, float]]:
    """Yield the year's sum of each metric that is known whenever sales are, but for a few days."""
    sold = mine["gmv"].notna()
    for name in mine.columns:
        lacking = int((mine[name].isna() & sold).sum())
        exclusion = str(name).endswith("_excluded")
        whole = exclusion or str(name).startswith("spend_") or lacking <= MOST_MISSING
        if mine[name].notna().any():
            yield name, round(float(mine[name].sum()), 2) if whole else float("nan")


def _ratios(
    sums: Mapping[str, np.ndarray], metrics: Registry, settings: Settings
) -> Iterator[tuple[str, float]]:
    wanted = [row.metric for row in target_rows([""], settings) if row.metric in metrics]
    done = dict(sums)
    for name in metrics.order(wanted):
        formula = metrics[name].formula
        if formula is not None:
            parts = {part: done.get(part, np.array([np.nan])) for part in formula.names}
            done[name] = formula.evaluate(parts)
    for name in wanted:
        value = float(done.get(name, np.array([np.nan]))[0])
        if value == value:  # noqa: PLR0124 - NaN test
            yield name, round(value, 2 if metrics[name].unit in (Unit.MONEY, Unit.COUNT) else 6)
