"""协调: make contradicting targets agree with the least relative change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.actions.plan.fill import worked_out
from xlplan.actions.run.apply import apply
from xlplan.actions.run.outcome import Outcome
from xlplan.actions.run.overlay import read_with
from xlplan.cells import Cell
from xlplan.errors import InfeasibleError, PlanError
from xlplan.metrics import METRICS, products
from xlplan.plan.change.holds import label
from xlplan.plan.drivers import reconcile as least_change
from xlplan.record import replace
from xlplan.sheets.base.lists import LogRow
from xlplan.sheets.state.read import read_state
from xlplan.sheets.targets import page as targets_page
from xlplan.sheets.targets.apart import apart
from xlplan.sheets.targets.rows import YES, target_rows

if TYPE_CHECKING:
    from xlplan.cells import Book, Spot
    from xlplan.sheets.state.read import BookRead
    from xlplan.sheets.targets.apart import Apart

#: Annual targets that must agree.
AGREE = ("gmv", "uv", "cvr", "aov", "spend", "spend_ratio")
#: What they must satisfy; an identity counts where the targets typed determine it.
IDENTITIES = tuple(
    f"{flow} = {' * '.join(factors)}"
    for flow, factors in products()
    if {flow, *factors} <= {*AGREE}
)
MIDDLE = 3


def reconcile(book: Book, *, write: bool = False, to_plan: bool = False) -> Outcome:
    """Suggest targets that agree; with `write`, put them on 年度目标 and spread again.

    With `to_plan` the targets are what the plan comes to, where the two differ: the plan stays.

    Locked targets (锁定 √) stay; the surer a target (可信度 1–5), the less it moves.

    Raises:
        InfeasibleError: Locked targets contradict an identity; nothing is written.
    """
    read = read_state(book)
    if to_plan:
        return _by_plan(book, read, write=write)
    moved: dict[tuple[str, str], tuple[float, float]] = {}
    for store in read.state.year.stores:
        moved |= _store(read, store)
    lines = [
        f"{store} {label(metric, METRICS)}：{old:,.6g} → {new:,.6g}（{new / old - 1:+.1%}）"
        for (store, metric), (old, new) in moved.items()
    ]
    facts: dict[str, object] = {
        "changes": [
            {"store": s, "metric": m, "old": old, "new": new}
            for (s, m), (old, new) in moved.items()
        ]
    }
    if not moved:
        return Outcome("目标已经一致，不用协调", [], (), facts)
    if not write:
        return Outcome("协调建议（尚未写入，加 --write 写入并重新分解）", lines, (), facts)
    made = worked_out(read_with(read, book.name, _agreed(read, moved)))
    rows = [*_rows(lines, moved), *made.rows[1:]]
    changed = apply(book, read, made.state, rows, put_back=True)
    done = [*lines, *made.lines]
    return Outcome("已协调并重新分解", done, made.state.problems, facts, changed)


def _by_plan(book: Book, read: BookRead, *, write: bool) -> Outcome:
    """Put the plan's totals on 年度目标 where what was typed differs; the plan stays as it is."""
    state = read.state
    found = apart(state.typed, state.year)
    lines = [f"{each.row.store}·{each.row.label} {each.text}" for each in found]
    facts: dict[str, object] = {
        "changes": [{"store": e.row.store, "metric": e.row.metric, "column": e.column, "old": e.target, "new": e.plan} for e in found]
    }  # fmt: skip
    if not found:
        return Outcome("目标与计划一致，不用协调", [], (), facts)
    if locked := [e for e in found if state.typed.values.get((e.row.key, "locked")) == YES]:
        named = "、".join(dict.fromkeys(f"{e.row.store}·{e.row.label}" for e in locked))
        raise InfeasibleError(f"{named} 的目标锁定了，没有写入", "去掉“锁定”的 √，或用“分解”放弃手工调整")  # fmt: skip
    if not write:
        return Outcome("协调建议（尚未写入，加 --write 写回年度目标）", lines, (), facts)
    values = {**state.typed.values, **{(e.row.key, e.column): _kept(e) for e in found}}
    after = replace(state, typed=replace(state.typed, values=values))
    rows = [
        LogRow(action="协调", note=f"以计划为准，改写 {len(found)} 个目标"),
        *(LogRow(sheet=targets_page.SHEET, store=e.row.store, metric=e.row.label, old=f"{e.target:.15g}", new=f"{_kept(e):.15g}", note=e.column) for e in found),
    ]  # fmt: skip
    changed = apply(book, read, after, rows)
    return Outcome("已按计划改写目标", lines, state.problems, facts, changed)


def _kept(each: Apart) -> float:
    """Return what the plan comes to as a target: money to the fen, ratios to six places."""
    return round(each.plan, 2 if each.row.is_flow else 6)


def _store(read: BookRead, store: str) -> dict[tuple[str, str], tuple[float, float]]:
    """Return what moves in one store: (store, metric) → (typed, agreed)."""
    values, locked, weights = _typed(read, store)
    used = [text for text in IDENTITIES if _determined(text, values)]
    if not used:
        return {}
    names = {name for text in used for name in text.replace("=", "*").replace(" ", "").split("*")}
    known = {name: value for name, value in values.items() if name in names}
    try:
        agreed = least_change(
            known,
            used,
            locked=locked & names,
            weight={n: w for n, w in weights.items() if n in names},
        )
    except InfeasibleError as error:
        named = "、".join(label(str(lock), METRICS) for lock in error.locks)
        raise InfeasibleError(
            f"{store} 锁定的目标互相矛盾：{named}", "至少解开其中一个的“锁定”", locks=error.locks
        ) from None
    except PlanError as error:
        raise type(error)(f"{store}：{error.message}", error.remedy) from None
    return {
        (store, name): (value, agreed[name])
        for name, value in known.items()
        if abs(agreed[name] / value - 1) > 1e-9
    }


def _determined(identity: str, values: dict[str, float]) -> bool:
    """An identity binds when all its targets are typed (fewer leave it open)."""
    return all(name in values for name in identity.replace("=", "*").replace(" ", "").split("*"))


def _typed(read: BookRead, store: str) -> tuple[dict[str, float], set[str], dict[str, float]]:
    typed = read.state.typed
    values, locked, weights = {}, set(), {}
    for row in target_rows(typed.stores, typed.settings):
        value = typed.values.get((row.key, "value"))
        if row.store == store and row.metric in AGREE and isinstance(value, int | float) and value:
            values[row.metric] = float(value)
            confidence = typed.values.get((row.key, "confidence"))
            weights[row.metric] = (
                float(confidence if isinstance(confidence, int) else MIDDLE) / MIDDLE
            )
            if typed.values.get((row.key, "locked")) == YES:
                locked.add(row.metric)
    return values, locked, weights


def _agreed(
    read: BookRead, moved: dict[tuple[str, str], tuple[float, float]]
) -> dict[str, dict[Spot, Cell]]:
    """Return the agreed targets as cells of 年度目标."""
    at = read.at.targets
    cells = {
        (at.rows[f"t:{store}|{metric}"], at.columns["value"]): Cell(new)
        for (store, metric), (_, new) in moved.items()
    }
    return {targets_page.SHEET: cells}


def _rows(lines: list[str], moved: dict[tuple[str, str], tuple[float, float]]) -> list[LogRow]:
    told = [
        LogRow(sheet=targets_page.SHEET, store=store, metric=label(metric, METRICS), old=f"{old:.15g}", new=f"{new:.15g}")
        for (store, metric), (old, new) in moved.items()
    ]  # fmt: skip
    return [LogRow(action="协调", note=f"协调 {len(lines)} 个目标"), *told]
