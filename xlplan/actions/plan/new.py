"""新建: a plan book from targets, with weights learned from a history when one is given."""

from __future__ import annotations

import json
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from xlplan import __version__
from xlplan.actions.plan.cards import Held, cards_for
from xlplan.actions.plan.lastyear import with_last_year
from xlplan.actions.plan.split_targets import splits_of
from xlplan.actions.plan.targets import findings_of, stores_of, values_of
from xlplan.actions.run.outcome import Outcome
from xlplan.actions.run.planning import BASIS, plan_facts, plan_lines, plan_of
from xlplan.books.build import build
from xlplan.errors import InputError, Level, worst_first
from xlplan.metrics.platforms import platforms_of
from xlplan.ooxml.files.durable import create_new
from xlplan.ooxml.files.room import require_readable
from xlplan.ooxml.limits import PLAN_BOOK
from xlplan.plan.audit.planned import planned_problems
from xlplan.plan.audit.rules import audit
from xlplan.plan.change.adjustments import PLAN_MARK, mark_of
from xlplan.plan.days.event_table import default_events
from xlplan.plan.days.weights import Shape
from xlplan.plan.targets.targets import to_targets
from xlplan.plan.year import TOTAL, Settings, Year
from xlplan.record import record, replace
from xlplan.regex import regex
from xlplan.sheets.cards.sheet import LINES
from xlplan.sheets.days.page import NOTHING_TYPED, Members, make_calendar
from xlplan.sheets.hidden.meta import HOLIDAYS
from xlplan.sheets.state.book import BookState, empty_actuals, empty_plan
from xlplan.sheets.state.layout import pages
from xlplan.sheets.targets.page import TypedTargets, targets_as_built

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from xlplan.errors import Problem
    from xlplan.plan.days.events import Event
    from xlplan.plan.days.learning import Learned
    from xlplan.plan.targets.claims import Claim
    from xlplan.plan.targets.targets import Targets

#: The store of a book whose targets name none.
ALONE = "本店"
#: With 60 stores a book has 8 MB and recalculates in LibreOffice in some 20 s.
MOST_STORES = 60
#: The bar ends a row key; the others mean something else in the formulas that look a store up.
_NO_NAME = regex(r'[|"*?~]|^[=<>]')


@record
class NewBook:
    """What a new book is made from.

    Attributes:
        year: The plan year.
        stores: Store names; those named in the claims when empty.
        claims: Targets.
        settings: Conventions and channels.
        history: Daily sales to learn weights from, by date, or None.
        past: The same by (store, date), a column a metric, of the book's stores: last year's are kept, and
            stores whose days differ learn weights of their own.
        campaigns: Whether the default campaigns move weights; False lists them switched off.
        title: Title on 首页.
        problems: Findings made while reading the targets.
        holidays: The year's official list of holidays (`official_list`), "" for what is known.
    """

    year: int
    stores: Sequence[str] = ()
    claims: Sequence[Claim] = ()
    settings: Settings = field(default_factory=Settings)
    history: pd.Series | None = None
    past: pd.DataFrame | None = None
    campaigns: bool = True
    title: str = ""
    problems: Sequence[Problem] = ()
    holidays: str = ""


def new(path: str | Path, wanted: NewBook) -> Outcome:
    """Write a new plan book; targets that allow it are spread at once.

    Raises:
        FileError: The file exists already, or cannot be written.
        InputError: No or too many stores, or a name that cannot be a store's.
    """
    state, learned, recalled = made_state(wanted)
    data = build(pages(state), title=state.meta["title"])
    require_readable(data, PLAN_BOOK)
    create_new(Path(path), data)
    lines = [f"已新建 {Path(path).name}", *plan_lines(state.year)]
    if learned is not None and learned.report is not None:
        lines.append(
            f"权重由 {len(wanted.history) if wanted.history is not None else 0} 天历史学得"
        )
    lines += [*_own_lines(state.year), *recalled]
    problems = state.problems
    if any(problem.level is Level.ERROR for problem in problems):
        lines.append("目标有错误，尚未分解：改好“年度目标”后运行 xlplan fill")
    return Outcome("新建完成", lines, problems, {"file": str(path), **plan_facts(state.year)})


def _own_lines(year: Year) -> list[str]:
    """Say which stores have weights of their own."""
    lifted = [event for event in year.calendar.events if event.store_lift]
    lines = []
    if year.calendar.shapes:
        lines.append(
            f"和各店合计不同、用自己星期和月份指数的店：{'、'.join(year.calendar.shapes)}"
        )
    if lifted:
        told = [f"{e.name}（{'、'.join(e.store_lift)}）" for e in lifted[:8]]
        lines.append(f"活动倍数和合计不同的店另写在“活动”：{'、'.join(told)}")
    return lines


def make_state(wanted: NewBook) -> tuple[BookState, Learned | None]:
    """Return the state of a new book, planned when its targets have no errors."""
    state, learned, _ = made_state(wanted)
    return state, learned


def made_state(wanted: NewBook) -> tuple[BookState, Learned | None, Sequence[str]]:
    """Return the state of a new book, what its history taught, and what it knows of last year."""
    stores = _stores(wanted)
    learned = None if wanted.history is None else _learned(wanted.history)
    events: list[Event] = list(default_events(wanted.year))
    if learned:
        events = [learned.taught(event) for event in events]
    shape, shapes = learned.shape if learned else Shape(), dict[str, Shape]()
    if wanted.past is not None and len(stores) > 1:
        from xlplan.plan.days.storeways import own_ways

        sold = wanted.past["gmv"].dropna()
        known = [store for store in stores if store in sold.index.unique("store")]
        mine = {store: sold.xs(store, level="store") for store in known}
        shapes, events = own_ways(mine, events, shape)
    events = [replace(event, enabled=wanted.campaigns) for event in events]
    settings = replace(wanted.settings, campaign_money=True)
    members = Members(stores, platforms_of(stores, settings.platforms), shapes)
    calendar = make_calendar(wanted.year, events, shape, NOTHING_TYPED, wanted.holidays, members)
    shape_of_months = calendar.days.groupby("month")["weight"].sum().tolist()
    targets = to_targets(
        wanted.claims, wanted.year, shape=shape_of_months, day_convention=settings.day_convention
    )
    splits, lost = splits_of(wanted.claims, wanted.year)
    values = values_of(wanted.claims, targets, stores, settings, wanted.year)
    cards, told = cards_for(wanted.claims, Held(values, splits, stores, settings, wanted.year))
    findings = audit(
        wanted.claims,
        year=wanted.year,
        calendar=calendar.days,
        day_convention=settings.day_convention,
    )
    problems = [*wanted.problems, *findings, *lost, *told, *calendar.problems, *(learned.problems if learned else ())]  # fmt: skip
    typed = TypedTargets(stores, settings, values)
    typed = replace(typed, findings=findings_of(findings, targets_as_built(typed).rows))
    year = Year(
        _renamed(targets, stores),
        calendar,
        settings,
        tuple(stores),
        empty_plan(stores, wanted.year, settings),
        empty_actuals(stores, wanted.year, settings),
    )
    state = BookState(
        year, typed, shape, meta=_meta(wanted, stores), problems=worst_first(problems), splits=splits,
        own={LINES: cards} if cards else {},
    )  # fmt: skip
    if not any(problem.level is Level.ERROR for problem in problems):
        state = _planned(state)
        odd = planned_problems(state.year)
        state = replace(state, problems=worst_first([*problems, *odd])) if odd else state
    if wanted.past is None:
        return state, learned, ()
    recalled = with_last_year(state, wanted.past, "来自 --history")
    problems = worst_first([*state.problems, *recalled.problems])
    return replace(recalled.state, problems=problems), learned, recalled.lines


def _planned(state: BookState) -> BookState:
    plan = plan_of(state)
    marks = {BASIS: mark_of(plan), PLAN_MARK: mark_of(plan)}
    return replace(state, year=replace(state.year, plan=plan), meta={**state.meta, **marks})


def _learned(history: pd.Series) -> Learned:
    from xlplan.plan.days.learning import learn_weights

    return learn_weights(history)


def _stores(wanted: NewBook) -> list[str]:
    stores = [name.strip() for name in wanted.stores] or stores_of(wanted.claims, ALONE)
    if len(stores) > MOST_STORES:
        raise InputError(f"一份计划最多 {MOST_STORES} 家店，这里有 {len(stores)} 家", "请拆成几份")
    for name in stores:
        if not name or name in (TOTAL, "各店") or len(name) > 30 or _NO_NAME.search(name):
            raise InputError(
                f"“{name}”不能作为店铺名",
                '请用 1–30 个字，不含 | " * ? ~，不以 = < > 开头，不用“合计”“各店”',
            )
    if len(set(stores)) < len(stores):
        raise InputError("店铺名有重复", "每家店的名字必须不同")
    return stores


def _renamed(targets: Targets, stores: list[str]) -> Targets:
    """A list that names no store speaks of the only store of the book."""
    annual, monthly = targets.annual, targets.monthly
    known = list(annual.index.unique("store"))
    if len(stores) == 1 and known and known != stores:
        rename = {known[0]: stores[0]}
        annual, monthly = (
            annual.rename(index=rename, level="store"),
            monthly.rename(index=rename, level="store"),
        )
        return replace(targets, annual=annual, monthly=monthly)
    return targets


def _meta(wanted: NewBook, stores: list[str]) -> dict[str, str]:
    return {
        "id": uuid4().hex[:16],
        "program": f"xlplan {__version__}",
        "year": str(wanted.year),
        "stores": json.dumps(stores, ensure_ascii=False),
        "channels": json.dumps(list(wanted.settings.channels)),
        "title": wanted.title or f"{wanted.year} 年电商经营计划",
        **({HOLIDAYS: wanted.holidays} if wanted.holidays else {}),
    }
