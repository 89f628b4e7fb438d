"""重排: the ways of going on from an as-of day, side by side; the chosen one is kept as 预测."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from xlplan.actions.change.keeping import with_version
from xlplan.actions.change.references import references
from xlplan.actions.change.selecting import find_stores
from xlplan.actions.change.versions import FORECAST
from xlplan.actions.outlook.forecasting import clean, pace_lines, recent
from xlplan.actions.outlook.standing import Standing, from_tomorrow, month_at, standings
from xlplan.actions.run.apply import apply
from xlplan.actions.run.outcome import Outcome
from xlplan.errors import InputError, PlanError
from xlplan.plan.change.change import change
from xlplan.plan.change.grid import Grid, Region, limits_of
from xlplan.plan.change.request import Edit, Wish
from xlplan.plan.days.periods import Period, months, quarter
from xlplan.plan.outlook.dayweights import OPEN
from xlplan.plan.reforecast import pace, replan
from xlplan.plan.year import TOTAL
from xlplan.record import bundle, record, replace
from xlplan.sheets.base.lists import LogRow
from xlplan.sheets.state.read import read_state

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from xlplan.cells import Book
    from xlplan.plan.exact.units import Bools, Floats
    from xlplan.sheets.state.book import BookState

#: Where the gap may go.
WITHIN = ("本月", "本季", "全年")
#: Reached sales of a day of weight 1 that a capped day may not exceed: this quantile of the past.
_REACHED = 0.95
_SHAPE = "重排"


@record
class Way:
    """One way of going on: mode and, of catching up, how the gap is shared."""

    name: str
    mode: str
    share: str = "weights"


WAYS = (
    Way("追赶", "catch_up"),
    Way("追赶平均", "catch_up", "equal"),
    Way("追赶封顶", "catch_up", "capped"),
    Way("按计划", "as_planned"),
    Way("按趋势", "trend"),
)


@bundle
class Rest:
    """One store's days to come in the period that is re-planned.

    Attributes:
        standing: The store.
        period: The period.
        start: Position of the first day to come, in the year.
        stop: Position behind the period's last day.
        held: (period days,) days to come that are locked.
        target: What the period is to come to.
    """

    standing: Standing
    period: Period
    start: int
    stop: int
    held: Bools
    target: float

    def worked_out(self, way: Way) -> Floats:
        """Return (period days,) actuals and what each day to come is asked for."""
        inside = self.standing.inside(self.period)
        weights = self.standing.weights.values[inside]
        return replan(
            self.standing.plan[inside],
            self.standing.sales[inside],
            weights,
            mode=way.mode,
            share=way.share,
            cap=weights * self.reached if way.share == "capped" else None,
            held=self.held,
            target=self.target,
        )

    @property
    def reached(self) -> float:
        """Sales of a day of weight 1 that the past has reached."""
        weight = self.standing.weights.values[: self.standing.count]
        used = ~np.isnan(self.standing.past) & (weight > OPEN)
        if not used.any():
            return 0.0
        return float(np.quantile(self.standing.past[used] / weight[used], _REACHED))


def replan_book(  # noqa: PLR0913  # the options of one dialog
    book: Book,
    *,
    mode: str = "",
    within: str = "本月",
    store: str = "",
    as_of: date | None = None,
    name: str = FORECAST,
    note: str = "",
    dry_run: bool = False,
) -> Outcome:
    """Show the ways of going on, or keep one of them as a version of kind 预测.

    Days with actuals and everything locked stay; the present plan and the budget stay as well. The
    version becomes the plan by 版本 恢复.

    Args:
        book: The plan book.
        mode: One of `WAYS` by name; empty only compares.
        within: Where the gap may go: 本月, 本季 or 全年.
        store: Stores that take the gap of all; empty: each its own.
        as_of: Last day to look at; the last one with actuals by default.
        name: Name of the version; an earlier one of the kind is replaced.
        note: What it is for.
        dry_run: Only compare.

    Raises:
        InputError: No actuals, no target, or an unknown way, store or period.
        InfeasibleError: Locks or caps leave no room for the gap.
    """
    read = read_state(book)
    way = _way(mode)
    made = standings(read.state, as_of)
    rests = rests_of(read.state, made, within, store)
    compared = {each.name: _asks(each, rests) for each in WAYS}
    lines = [*_lines(made[0], rests), *_refusals(compared)]
    facts = _facts(compared, rests, made[0].as_of)
    warned = from_tomorrow(made[0].as_of)
    if way is None or dry_run:
        hint = "用 --mode 选一种，存为预测版本" if way is None else "预览，没有写入"
        return Outcome(f"{rests[0].period.label}的几种走法（{hint}）", lines, warned, facts, table=_table(compared))  # fmt: skip
    state, notes = _replanned(read.state, rests, way, name, note)
    said = f"{rests[0].period.label}{way.name}，截止 {made[0].as_of}，存为{FORECAST}“{name}”"
    changed = apply(book, read, state, [LogRow(action="重排", note=said + (f"；{note}" if note else ""))])  # fmt: skip
    facts["version"] = name
    back = f"当前计划没有动；用 xlplan version --do restore --name {name} 让它成为当前计划"
    return Outcome(said, [*lines, *notes, back], warned, facts, changed, _table(compared))


def _way(mode: str) -> Way | None:
    plain = mode.strip()
    if not plain:
        return None
    found = next((way for way in WAYS if plain in (way.name, way.mode)), None)
    if found is None:
        raise InputError(f"没有“{mode}”这种走法", f"可以是：{'、'.join(way.name for way in WAYS)}")
    return found


def rests_of(state: BookState, made: Sequence[Standing], within: str, store: str) -> list[Rest]:
    """Return the days to come of every store.

    Raises:
        InputError: The period or a store is unknown, or nothing of it is planned or left.
    """
    if within not in WITHIN:
        raise InputError(f"没有“{within}”", f"可以是：{'、'.join(WITHIN)}")
    year = state.year
    takers = find_stores(store, year) if store.strip() else ()
    stores = [each for each in made if each.scope != TOTAL]
    month = month_at(made[0])
    spans: dict[str, Callable[[], Period]] = {
        "本月": lambda: month,
        "本季": lambda: quarter(year.year, (month.first.month + 2) // 3),
        "全年": lambda: months(year.year, 1, 12, "全年"),
    }
    grid = Grid(year, state.holds)
    held = limits_of(grid, ["gmv"]).held
    period = spans[within]()
    tried = (_rest(each, period, held[list(year.stores).index(each.scope)]) for each in stores)
    rests = [rest for rest in tried if rest is not None]
    if not rests:
        raise InputError(f"{period.label}没有目标，重排不了", "先在“年度目标”写上目标，再分解")
    if all(rest.start >= rest.stop for rest in rests):
        raise InputError(f"{period.label}没有剩下的日子", "选更大的期间，如全年")
    return _gap_to(rests, takers) if takers else rests


def _rest(standing: Standing, period: Period, held: Bools) -> Rest | None:
    inside, target = standing.inside(period), standing.target(period)
    if not target > 0:
        return None
    known = np.flatnonzero(~np.isnan(standing.sales[inside]))
    start = inside.start + (int(known[-1]) + 1 if known.size else 0)
    start = max(start, min(standing.count, inside.stop)) if not known.size else start
    locked = held[inside] & (np.arange(inside.start, inside.stop) >= start)
    return Rest(standing, period, start, inside.stop, locked, target)


def _gap_to(rests: list[Rest], takers: Sequence[str]) -> list[Rest]:
    """Return the rests with everybody's gap asked of some stores, by what they have planned."""
    planned = WAYS[3]
    gaps = {rest.standing.scope: rest.target - float(rest.worked_out(planned).sum()) for rest in rests}  # fmt: skip
    others = sum(gap for name, gap in gaps.items() if name not in takers)
    ahead = {
        rest.standing.scope: float(np.nansum(rest.standing.plan[rest.start : rest.stop]))
        for rest in rests
        if rest.standing.scope in takers
    }
    total = sum(ahead.values())
    if total <= 0:
        raise InputError(f"{'、'.join(takers)} 余下没有计划，接不了差额", "选别的店铺，或留空")
    cents, made = 0.0, []
    for rest in rests:
        name = rest.standing.scope
        if name in ahead:
            share = round(others * ahead[name] / total, 2)
            share = round(others - cents, 2) if name == list(ahead)[-1] else share
            cents += share
            made.append(replace(rest, target=round(rest.target + share, 2)))
        else:
            made.append(replace(rest, target=round(rest.target - gaps[name], 2)))
    return made


def _asks(way: Way, rests: Sequence[Rest]) -> dict[str, object]:
    """Return what a way asks of the days to come, all stores together; or why it cannot be gone."""
    try:
        rows = [rest.worked_out(way) for rest in rests]
    except PlanError as refusal:
        return {"refused": refusal.message, "remedy": refusal.remedy}
    totals = _numbers(rests, rows)
    return {**clean(totals), "campaigns": _campaigns(rests, rows), "stores": {rest.standing.scope: round(float(row.sum()), 2) for rest, row in zip(rests, rows, strict=True)}}  # fmt: skip


def _numbers(rests: Sequence[Rest], rows: Sequence[Floats]) -> dict[str, float]:
    landing = ask = uv = spend = load = target = 0.0
    days = 0
    for rest, row in zip(rests, rows, strict=True):
        inside = rest.standing.inside(rest.period)
        mine = row[rest.start - inside.start :]
        weights = rest.standing.unit_weights(rest.period)[rest.start - inside.start :]
        now = recent(rest.standing)
        landing, ask, load = landing + row.sum(), ask + mine.sum(), load + weights.sum()
        value = now["cvr"] * now["aov"]
        uv += mine.sum() / value if value > 0 else float("nan")
        spend += mine.sum() * now["spend_ratio"]
        target += rest.standing.target(rest.period)
        days = max(days, int((weights > OPEN).sum()))
    per = days or float("nan")
    return {
        "landing": landing, "target": target, "gap": target - landing, "rest": ask, "days_left": days,
        "per_day": ask / per, "unit_required": ask / load if load > 0 else float("nan"),
        "uv_rest": uv, "uv_per_day": uv / per, "spend_rest": spend, "spend_per_day": spend / per,
    }  # fmt: skip


def _campaigns(rests: Sequence[Rest], rows: Sequence[Floats]) -> dict[str, float]:
    """Return what is asked of the days of each campaign to come."""
    found: dict[str, float] = {}
    for rest, row in zip(rests, rows, strict=True):
        inside = rest.standing.inside(rest.period)
        for doubt in rest.standing.weights.doubts:
            days = [
                place - inside.start for place in doubt.places if rest.start <= place < rest.stop
            ]
            if days:
                found[doubt.name] = round(found.get(doubt.name, 0.0) + float(row[days].sum()), 2)
    return found


def _replanned(
    state: BookState, rests: Sequence[Rest], way: Way, name: str, note: str
) -> tuple[BookState, list[str]]:
    """Return the book with the version, and what to tell about it."""
    year = state.year
    shapes: dict[str, Floats] = {}
    edits: list[Edit] = []
    first = date(year.year, 1, 1)
    for rest in rests:
        if rest.start >= rest.stop or way.mode == "as_planned":
            continue
        row = rest.worked_out(way)
        inside = rest.standing.inside(rest.period)
        shape = np.zeros(len(rest.standing.plan))
        shape[inside] = row
        shapes[rest.standing.scope] = shape
        span = Period(
            first + timedelta(days=rest.start), rest.period.last, f"{rest.period.label}余下"
        )
        total = round(float(row[rest.start - inside.start :].sum()), 2)
        edits.append(Edit(Region("gmv", (rest.standing.scope,), span), "like", total, _SHAPE))
    plan, notes = year.plan, list[str]()
    if edits:
        made = change(year, Wish(tuple(edits)), state.holds, _shaped(state, shapes))
        plan, notes = made.plan, made.notes
    return with_version(state, name, FORECAST, note or way.name, plan), notes


def _shaped(
    state: BookState, shapes: Mapping[str, Floats]
) -> Callable[[str, Sequence[tuple[str, str]]], Floats]:
    others = references(state)

    def find(name: str, rows: Sequence[tuple[str, str]]) -> Floats:
        if name != _SHAPE:
            return others(name, rows)
        blank = np.zeros(len(state.year.calendar.days))
        return np.vstack([shapes.get(store, blank) for _, store in rows])

    return find


def _lines(whole: Standing, rests: Sequence[Rest]) -> list[str]:
    period = rests[0].period
    inside = whole.inside(period)
    progress = pace(whole.target(period), whole.sales[inside], whole.unit_weights(period), plan=whole.plan[inside])  # fmt: skip
    held = sum(int(rest.held.sum()) for rest in rests)
    return [
        f"截止 {whole.as_of}，{period.label}目标 {progress.target:,.0f}",
        *pace_lines(progress, period),
        *([f"余下锁定的 {held} 个店·日不动"] if held else []),
    ]


def _facts(
    compared: Mapping[str, Mapping[str, object]], rests: Sequence[Rest], as_of: date
) -> dict[str, object]:
    period = rests[0].period
    return {"as_of": str(as_of), "period": {"label": period.label, "first": str(period.first), "last": str(period.last)}, "ways": {name: dict(asks) for name, asks in compared.items()}}  # fmt: skip


def _refusals(compared: Mapping[str, Mapping[str, object]]) -> list[str]:
    return [
        f"{name}做不到：{asks['refused']}（{asks['remedy']}）"
        for name, asks in compared.items()
        if "refused" in asks
    ]


def _table(compared: Mapping[str, Mapping[str, object]]) -> list[list[str]]:
    heads = ["走法", "到期合计", "与目标差", "余下", "每天", "余下UV", "余下推广费", "最大的活动"]
    rows = [heads]
    for name, asks in compared.items():
        if "refused" in asks:
            rows.append([name, "做不到", *["—"] * 6])
            continue
        told = [_shown(asks[key]) for key in ("landing", "gap", "rest", "per_day", "uv_rest", "spend_rest")]  # fmt: skip
        campaigns: Mapping[str, float] = asks["campaigns"]  # type: ignore[assignment]
        largest = max(campaigns, key=lambda event: campaigns[event], default="")
        rows.append([name, *told, f"{largest} {campaigns[largest]:,.0f}" if largest else ""])
    return rows


def _shown(value: object) -> str:
    return f"{round(value) + 0:,}" if isinstance(value, int | float) else "—"
