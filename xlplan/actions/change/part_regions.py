"""分摊 of a category or platform over single stores, weeks and days: agreements make it stand.

By default the part's cells move and take the store days' totals with them, so that every other
part keeps its own; with 保持合计 the totals stay and the other parts give in proportion, where
they have agreed nothing. What is locked or has actuals does not move. Afterwards agreements say
what was asked, month by month; whole months of all stores need none, their shares say it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from xlplan.actions.change.references import WEIGHTS, references
from xlplan.actions.change.versions import made_current
from xlplan.actions.run.apply import stamp
from xlplan.errors import InfeasibleError, InputError
from xlplan.metrics.money import CENT, CENTS_PER_YUAN, MONEY_DIGITS
from xlplan.plan.change.constraints import FINER
from xlplan.plan.change.preview import number
from xlplan.plan.change.request import Edit, Wish, all_taken
from xlplan.plan.change.spreading import spread_nodes
from xlplan.plan.exact.rounding import round_to_sum
from xlplan.plan.exact.units import from_cents, to_cents
from xlplan.plan.parts.agreements import (
    Agreed,
    Agreement,
    placed,
    rectangles,
    with_amounts,
    with_new,
)
from xlplan.plan.parts.region import PartRegion
from xlplan.plan.parts.year import PartYear
from xlplan.record import bundle

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from xlplan.plan.exact.units import Bools, Floats, Ints
    from xlplan.plan.year import Year
    from xlplan.sheets.state.book import BookState


def part_shape(state: BookState, there: PartRegion, name: str) -> tuple[Floats, str]:
    """Return the shape of a reference for a part, and a line that says whose shape it is.

    Its own sales of a version of this year or of another store; last year's figures and actuals
    are known for whole stores only.

    Returns:
        (stores, days) in yuan or weights, 0 where the part has nothing; the line.

    Raises:
        InputError: There is no such reference, or the part has nothing there.
    """
    year, part = state.year, there.parts.names[there.number]
    if name in year.stores:
        own = there.cells[year.stores.index(name)]
        return _some(np.broadcast_to(own, there.cells.shape), name, part)
    if any(v.name == name and int(v.year) == year.year for v in state.versions):
        kept = made_current(state, name)
        parts = PartYear(kept.year, kept.splits, there.parts.kind)
        return _some(PartRegion(parts, there.number, there.region).cells, name, part)
    rows = [("gmv", store) for store in year.stores]
    whose = "日历权重" if name in WEIGHTS else f"各店合计的数（“{name}”里没有分{there.word}的数）"
    return references(state)(name, rows), f"参照“{name}”：用{whose}"


def _some(cells: Floats, name: str, part: str) -> tuple[Floats, str]:
    if not cells.any():
        raise InputError(f"参照“{name}”里没有{part}的数", "换一个参照")
    return from_cents(cells), f"参照“{name}”：用{part}自己在那里的数"


#: Name of the reference that holds the new totals of store days.
TOTALS = "（品类、平台改后的各店各日合计）"
#: Agreements that one change may make.
MOST_NEW = 300


@bundle
class RegionMove:
    """What a part's cells become.

    Attributes:
        there: The part's cells as they are.
        nodes: Node of each cell (`PartRegion.nodes`).
        cells: Its fen by store and day afterwards; 0 outside the months touched.
        given: What the other parts give where totals stay, (k, months touched); zeros otherwise.
        keep: The totals of store days stay.
        fresh: New agreements by month.
        agreements: All agreements of the book afterwards.
        exact: What the part's cells in the region would be unrounded, in fen.
        shaped: A line on the reference taken, "" without one.
    """

    there: PartRegion
    nodes: Ints
    cells: Floats
    given: Floats
    keep: bool
    fresh: dict[int, list[Agreed]]
    agreements: tuple[Agreement, ...]
    exact: Floats
    shaped: str = ""

    @property
    def change(self) -> Floats:
        """Fen by which the part's cells move."""
        return self.cells - self.there.cells

    def wish(self, gives: str) -> Wish:
        """Return the change of the store days' totals; no edits when they stay."""
        there, year = self.there, self.there.parts.year
        if self.keep or not self.change.any():
            return Wish(())
        total = float(from_cents((there.parts.totals + self.change)[there.mask].sum()))
        planned = year.plan["gmv"].notna().to_numpy().reshape(there.mask.shape)
        open_stores = (planned & there.mask).any(axis=1)
        stores = tuple(np.array(year.stores)[open_stores].tolist())
        return Wish((Edit(replace(there.region, stores=stores), "like", total, TOTALS),), gives)

    def references(self, state: BookState) -> Callable[[str, Sequence[tuple[str, str]]], Floats]:
        """Return the references of the book, and the new totals by their name."""
        usual = references(state)
        totals = from_cents(self.there.parts.totals + self.change)

        def find(name: str, rows: Sequence[tuple[str, str]]) -> Floats:
            return totals if name == TOTALS else usual(name, rows)

        return find

    def amounts(self, year: Year) -> Floats:
        """Return the fen of all parts by month, (k, 12), under the changed plan of a year.

        Where locks made other store days give, the other parts have less there.
        """
        there, parts = self.there, self.there.parts
        made = to_cents(parts.amounts)
        planned = to_cents(year.plan["gmv"])
        moved = 0.0 if self.keep else self.change
        bent = planned.reshape(parts.totals.shape) - parts.totals - moved
        for place, month in enumerate(there.months):
            days = parts.days(month)
            made[there.number, month] += self.change[:, days].sum()
            made[:, month] -= self.given[:, place]
            if bent[:, days].any():
                made[:, month] += _bent(there, month, bent[:, days])
        return made


def _bent(there: PartRegion, month: int, bent: Floats) -> Floats:
    """Return what each part's month gains where its store days gain, the asked part apart."""
    table = there.tables[month].copy()
    table[there.number] = 0
    whole = table.sum(axis=0)
    gains = (table * np.divide(bent, whole, out=np.zeros(bent.shape), where=whole > 0)).sum((1, 2))
    return np.asarray(round_to_sum(gains, float(bent.sum()))[:-1])


def moved_region(state: BookState, there: PartRegion, edit: Edit, why: str, *, keep: bool) -> RegionMove:  # fmt: skip
    """Work out what a part's cells become, and which agreements say so.

    Raises:
        InputError: Shares or agreements do not fit, a total below zero, too many agreements.
        InfeasibleError: Everything is locked, or the other parts cannot give so much.
    """
    nodes = there.nodes(edit.method, edit.by)
    shape, shaped = part_shape(state, there, edit.reference) if edit.reference else (None, "")
    cells, exact = there.cells.copy(), there.cells.copy()
    cells[there.mask] = to_cents(_spread(there, edit, nodes, shape, CENT, keep=keep))
    exact[there.mask] = (
        _spread(there, edit, nodes, shape, CENT / FINER, keep=keep) * CENTS_PER_YUAN
    )
    if (cells < 0).any():
        raise InputError("品类、平台的销售额不能是负数", "少减一些")
    fresh = _fresh(there, nodes, why)
    agreements = _agreements(there, fresh, cells)
    given = _given(there, cells - there.cells) if keep else np.zeros((len(there.parts.names), len(there.months)))  # fmt: skip
    return RegionMove(there, nodes, cells, given, keep, fresh, agreements, exact, shaped)


def _spread(  # noqa: PLR0913  # one spread, twice
    there: PartRegion, edit: Edit, nodes: Ints, shape: Floats | None, unit: float, *, keep: bool
) -> Floats:
    """Return the part's new yuan in the region's cells, in steps of `unit`."""
    mask, held = there.mask, there.held[there.mask]
    if held.all():
        raise InfeasibleError("这些日子全部锁定或已有实际，不能再改", "换没有锁定的日子，或先解锁")
    values = from_cents(there.cells[mask])
    bounds = None
    if keep:
        room = from_cents(there.room[mask])
        bounds = np.where(room > 0, 0.0, values), values + room
    reference = None if shape is None else shape[mask]
    try:
        return spread_nodes(
            edit.method, values, edit.amount, nodes[mask], reference=reference,
            shape=there.others[mask], held=held, bounds=bounds, tree=[], unit=unit,
        )  # fmt: skip
    except InfeasibleError as refusal:
        raise all_taken(there.name, edit, values, held) or _refused(
            there, values, held, bounds, refusal
        ) from None


def _refused(
    there: PartRegion,
    values: Floats,
    held: Bools,
    bounds: tuple[Floats, Floats] | None,
    refusal: InfeasibleError,
) -> InfeasibleError:
    """Say how much the region can come to."""
    kept = float(values[held].sum())
    if bounds is None:
        if not held.any():
            return InfeasibleError(f"{there.name}：{refusal.message}", refusal.remedy)
        what = f"{there.name} 里锁定或已有实际的就有 {number(kept)}：{refusal.message}"
        return InfeasibleError(what, "改大一些，或先解锁", reachable=(kept, np.inf))
    low, high = (round(kept + float(bound[~held].sum()), MONEY_DIGITS) for bound in bounds)
    what = (
        f"其他{there.word}让不出这么多：{there.name} 只能在 {number(low)} 到 {number(high)} 之间"
    )
    return InfeasibleError(what, "改在这个范围里，或不保持合计", reachable=(low, high))


def _fresh(there: PartRegion, nodes: Ints, why: str) -> dict[int, list[Agreed]]:
    """Return the agreements that say what was asked: each node in each month, where it is open."""
    parts, mark = there.parts, stamp()
    made: dict[int, list[Agreed]] = {}
    for month in there.months:
        days = parts.days(month)
        first = there.region.period.first.replace(month=month + 1, day=1)
        like = Agreement(parts.kind, parts.names[there.number], "", first, first, 0.0, mark.who, mark.time, why)  # fmt: skip
        inside = nodes[:, days]
        for node in np.unique(inside[inside >= 0]):
            cells = inside == node
            for piece in () if cells.all() else rectangles(cells & ~there.held[:, days]):
                made.setdefault(month, []).append(
                    placed(piece, like, parts.year.stores, month + 1)
                )
    count = sum(map(len, made.values()))
    if count > MOST_NEW:
        raise InputError(
            f"这样要记 {count} 条约定，一次最多 {MOST_NEW} 条", "期间选短一些，或分到周、月"
        )
    return made


def _agreements(
    there: PartRegion, fresh: dict[int, list[Agreed]], cells: Floats
) -> tuple[Agreement, ...]:
    """Return all agreements afterwards: those of the part follow its cells, others stay."""
    parts, name = there.parts, there.parts.names[there.number]
    touched = [
        m for m in there.months
        if m in fresh or not np.array_equal(cells[:, parts.days(m)], there.cells[:, parts.days(m)])
    ]  # fmt: skip
    made = [
        one for one in parts.splits.agreements
        if (one.kind, one.part) != (parts.kind, name) or one.first.month - 1 not in touched
    ]  # fmt: skip
    for month in touched:
        older = [one for one in parts.agreed.get(month, ()) if one.said.part == name]
        agreed = with_new(older, fresh.get(month, []), parts.year.stores)
        made += with_amounts(agreed, cells[:, parts.days(month)])
    order = {
        (kind, part.name): place
        for kind in "cp"
        for place, part in enumerate(parts.splits.of(kind))
    }
    return tuple(sorted(made, key=lambda one: (one.kind, order.get((one.kind, one.part), 0), one.first, -one.last.day)))  # fmt: skip


def _given(there: PartRegion, change: Floats) -> Floats:
    """Return what each other part gives by month, in proportion to what it may give, in fen."""
    made = []
    for month in there.months:
        giving, asked = there.giving(month), change[:, there.parts.days(month)]
        whole = giving.sum(axis=0)
        share = np.divide(asked, whole, out=np.zeros(asked.shape), where=whole > 0)
        gives = (giving * share).sum(axis=(1, 2))
        made.append(round_to_sum(gives, float(asked.sum())) if gives.any() else gives)
    return np.array(made).T
