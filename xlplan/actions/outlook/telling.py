"""What 首页 keeps of forecasts and findings: made anew by every action that changes what it rests on."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from xlplan.errors import Level
from xlplan.plan.year import TOTAL
from xlplan.sheets.base.names import DAILY, FINDINGS, YEAR, month_name
from xlplan.sheets.home.told import OUTLOOK
from xlplan.sheets.home.words import wan
from xlplan.sheets.state.changes import differs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from xlplan.actions.outlook.foreseeing import Outlook
    from xlplan.sheets.state.book import BookState

_RESTS_ON = ("plan", "actuals", "calendar", "problems", "versions", "tasks")
#: A store whose month has less than this chance is worth a line.
_LIKELY = 0.5


def with_outlook(before: BookState, after: BookState, *, always: bool = False) -> BookState:
    """Return a state whose 首页 tells what is foreseen and what is worst.

    It stays as it was when nothing changes of what that rests on.

    Args:
        before: What the book says.
        after: What it is to say.
        always: Whatever changes.
    """
    if not always and not any(differs(before, after, part) for part in _RESTS_ON):
        return after
    return after.with_own({OUTLOOK: outlook_of(after)})


def outlook_of(state: BookState) -> dict[str, Any]:
    """Return the forecast of every scope and the three worst things (`xlplan.sheets.home.told`)."""
    seen = _foreseen(state)
    worst = sorted(_worst(state, seen), key=lambda each: -each[0])[:3]
    missing, ago = _month_missing(seen), _years_ago(state, seen)
    told = {"scopes": {each.standing.scope: _told(each) | _besides(missing[each.standing.scope], ago[each.standing.scope]) for each in seen}, "worst": [[text, sheet] for _, text, sheet in worst]}  # fmt: skip
    return told if told["scopes"] or told["worst"] else {}


def _foreseen(state: BookState) -> list[Outlook]:
    if state.year.as_of is None or np.isnan(state.year.planned.values["gmv"]).all():
        return []
    from xlplan.actions.outlook.foreseeing import foreseen
    from xlplan.actions.outlook.standing import standings

    return [foreseen(state, each) for each in standings(state)]


def _told(made: Outlook) -> dict[str, Any]:
    """Return one scope foreseen; what cannot be said is absent."""
    from xlplan.actions.outlook.foreseeing import recent

    standing = made.standing
    now = recent(standing)
    told: dict[str, Any] = {"as_of": standing.as_of.isoformat(), "lack": made.lack or None}
    for name, (period, landing) in made.landings.items():
        target = standing.target(period)
        told |= _band(name, landing, target)
        if name == "month":
            told["days_left"] = float(landing.days_left) or None
    if made.year:
        told |= _band("year", made.year, float(np.nansum(standing.plan)))
        told |= _rest_of(made)
    told |= {name: _positive(now[name], 6) for name in ("cvr", "aov", "spend_ratio")}
    return {name: value for name, value in told.items() if value is not None}


def _besides(missing: int, year_ago: float) -> dict[str, Any]:
    ago = _positive(year_ago, 2)
    return {**({"month_missing": float(missing)} if missing else {}), **({"year_ago": ago} if ago else {})}  # fmt: skip


def _month_missing(seen: list[Outlook]) -> dict[str, int]:
    """Return how many days of the month have no actuals, of each scope; 合计 adds its stores."""
    found = {each.standing.scope: int(_missing(each)[each.standing.inside(each.month)].sum()) for each in seen}  # fmt: skip
    if TOTAL in found:
        found[TOTAL] = sum(count for scope, count in found.items() if scope != TOTAL)
    return found


def _band(name: str, made: Any, target: float) -> dict[str, Any]:
    chance = made.chance(target) if target > 0 else None
    return {
        **{f"{name}_{end}": round(float(getattr(made, end)), 2) for end in ("low", "middle", "high")},
        f"{name}_chance": None if chance is None else round(float(chance), 4),
    }  # fmt: skip


def _positive(value: float, digits: int) -> float | None:
    return round(float(value), digits) if value > 0 else None


def _rest_of(made: Outlook) -> dict[str, Any]:
    """Return what is foreseen of the days left of each month.

    This month's by its landing, of later ones what is left of the year's, by the plan's shape.
    """
    standing, year = made.standing, made.year
    assert year is not None  # noqa: S101 - it was asked before
    period, landing = made.landings["month"]
    rest = {period.first.month: landing.middle - landing.known}
    plan = np.nan_to_num(standing.plan)
    month = standing.year.calendar.days["month"].to_numpy()
    left = max(year.middle - year.known - rest[period.first.month], 0.0)
    later = np.arange(len(plan)) > standing.inside(period).stop - 1
    total = float(plan[later].sum())
    for number in range(period.first.month + 1, 13):
        share = float(plan[later & (month == number)].sum()) / total if total > 0 else 0.0
        rest[number] = left * share
    return {f"rest_{number}": _positive(value, 2) for number, value in rest.items()}


def _years_ago(state: BookState, seen: list[Outlook]) -> dict[str, float]:
    """Return last year's sales of each scope; of 合计 the sum of its stores, each by its own days."""
    found = {each.standing.scope: _year_ago(state, each) for each in seen if each.standing.scope != TOTAL}  # fmt: skip
    return {TOTAL: float(sum(found.values())), **found} if found else {}


def _year_ago(state: BookState, made: Outlook) -> float:
    """Return last year's sales on the days comparable with those known."""
    from xlplan.actions.outlook.standing import last_year

    past = last_year(state, made.standing.scope)
    if past is None:
        return float("nan")
    known = ~np.isnan(made.standing.sales)
    mine = past[known]
    return float("nan") if np.isnan(mine).mean() > 0.1 else float(np.nansum(mine))


def _worst(state: BookState, seen: list[Outlook]) -> Iterator[tuple[float, str, str]]:
    """Yield what is wrong: the money at stake, in words, and where to look."""
    errors = [problem for problem in state.problems if problem.level is Level.ERROR]
    if errors:
        where = f"{errors[0].where}：" if str(errors[0].where) else ""
        more = f"（共 {len(errors)} 处）" if len(errors) > 1 else ""
        yield float("inf"), _cut(f"有错误要改{more}：{where}{errors[0].what}"), FINDINGS
    stores = [each for each in seen if each.standing.scope != TOTAL]
    yield from _stale(stores)
    for each in stores:
        yield from _short(each)
    yield from _tasks_late(state)


def _cut(text: str) -> str:
    return text if len(text) <= 90 else f"{text[:89]}…"


def _short(each: Outlook) -> Iterator[tuple[float, str, str]]:
    """Yield a month or year that will hardly reach its target."""
    scope = each.standing.scope
    if "month" in each.landings:
        period, landing = each.landings["month"]
        target = each.standing.target(period)
        if target > 0 and landing.chance(target) < _LIKELY and target > landing.middle:
            gap, chance = target - landing.middle, landing.chance(target)
            yield gap, f"{scope} {period.label}预计差 {wan(gap)}（目标 {wan(target)}，达成概率 {chance:.0%}）", month_name(period.first.month)  # fmt: skip
    target = float(np.nansum(each.standing.plan))
    if each.year and each.year.chance(target) < _LIKELY and target > each.year.middle:
        gap = target - each.year.middle
        months_left = max(1, 12 - each.standing.as_of.month)
        text = f"{scope} 全年预计差 {wan(gap)}（目标 {wan(target)}，概率 {each.year.chance(target):.0%}）"
        yield gap / months_left, text, YEAR  # a gap with months to go is less pressing


def _tasks_late(state: BookState) -> Iterator[tuple[float, str, str]]:
    """Yield tasks of 工作计划 that are overdue, where there are any."""
    from xlplan.sheets.home.figures import clock
    from xlplan.sheets.tasks.places import SHEET
    from xlplan.sheets.tasks.sheet import TASKS, board_of

    if not state.own.get(TASKS):
        return
    from xlplan.plan.tasks.board import overdue

    today = clock()
    late = overdue(board_of(state).items, state.year.stores, today)
    if late:
        first = f"，最早的是 {late[0].day:%m-%d} {late[0].what}" if late[0].day else ""
        yield 0.0, _cut(f"{today:%m-%d} 看有 {len(late)} 项任务逾期{first}"), SHEET


def _stale(stores: list[Outlook]) -> Iterator[tuple[float, str, str]]:
    """Yield days without actuals up to the as-of day, by what was planned for them: one line of all."""
    found = [(each.standing, missing) for each in stores if (missing := _missing(each)).any()]
    if not found:
        return
    planned = [float(np.nan_to_num(standing.plan[: standing.count])[missing].sum()) for standing, missing in found]  # fmt: skip
    standing, missing = found[int(np.argmax(planned))]
    last = date(standing.year.year, 1, 1) + timedelta(days=int(np.flatnonzero(missing)[-1]))
    days = sum(int(each.sum()) for _, each in found)
    text = f"{standing.scope} 缺 {int(missing.sum())} 天实际（最近缺 {last:%m-%d}）"
    if len(found) > 1:
        text = f"{len(found)} 家店共缺 {days} 天实际，最要紧是 {text}"
    yield sum(planned), f"{text}，这些天计划 {wan(sum(planned))}", DAILY


def _missing(each: Outlook) -> NDArray[np.bool_]:
    """Return (days to the as-of day,) which planned days have no actuals, from a store's first day."""
    standing = each.standing
    past, plan = np.isnan(standing.past), np.nan_to_num(standing.plan[: standing.count])
    known = np.flatnonzero(~past)
    first = int(known[0]) if known.size else len(past)
    return np.asarray(past & (plan > 0) & (np.arange(len(past)) > first))
