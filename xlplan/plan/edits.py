"""Several edited totals, locks and cells as one simultaneous set of constraints.

A paste over months, quarters, weeks and stores is not a sequence of breakbacks whose
result depends on their order: all fixed totals hold at once. Totals nested in each other
are taken apart exactly (what a fixed total leaves after its fixed parts goes to its other
leaves in proportion); two families that cross (weeks × months, stores × months) are fitted
by IPF and rounded with both exact. Three crossing families may have no whole-unit answer
and are refused (PLANNING b).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from xlplan.errors import InfeasibleError, InputError
from xlplan.plan.families import Family, families
from xlplan.plan.margins import CLOSE, fit_margins, round_units, scale
from xlplan.plan.paths import settle
from xlplan.plan.rounding import largest_remainder
from xlplan.plan.solver import Rules, solve, unit_of_holds
from xlplan.plan.units import from_units, numbers, to_units

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from numpy.typing import ArrayLike

    from xlplan.plan.units import Bools, Floats, Ints

    Group: TypeAlias = tuple[str, Hashable]


def solve_edits(  # noqa: PLR0913  # all but two are named options
    leaves: ArrayLike,
    totals: Mapping[Group, float],
    *,
    levels: Mapping[str, Sequence[Hashable]],
    edits: Mapping[int, float] | None = None,
    held: ArrayLike | None = None,
    unit: float = 0.01,
) -> Floats:
    """Meet fixed totals at several levels at once; leaves outside all of them stay.

    Args:
        leaves: (n,) present values, for example days × stores in one vector.
        totals: Fixed total of each (level name, label), edited or locked.
        levels: Label of each leaf, (n,), by level name: month, quarter, week, store, …
        edits: New values of single leaves; they count as held.
        held: (n,) bool.
        unit: The smallest step.

    Returns:
        (n,) leaves; every fixed total is met exactly and held leaves are untouched.

    Raises:
        InfeasibleError: The totals and locks contradict; ``locks`` names the groups as
            (level, label) and the leaves as positions.
        InputError: An unknown level or label, three crossing families, negative leaves
            under crossing totals.
    """
    before = numbers(leaves)
    after, fixed = before.copy(), np.zeros(before.shape, dtype=bool)
    if held is not None:
        fixed |= np.asarray(held, dtype=bool)
    for place, value in (edits or {}).items():
        after[place], fixed[place] = value, True
    unit_inside = unit_of_holds(after[fixed], unit)
    work = _Work(after, fixed, to_units(np.where(fixed, after, 0), unit_inside), unit_inside)
    scaled = {group: _exact(total, unit, unit_inside) for group, total in totals.items()}
    found = families(scaled, _members(totals, levels, before.size))
    touched = ~fixed & np.any([family.own >= 0 for family in found], axis=0)
    units = _cross(work, *found) if len(found) > 1 else _nest(work, found[0])
    return np.where(touched, from_units(units, unit_inside), after)


def _exact(total: float, unit: float, fine: float) -> int:
    return int(to_units(total, unit)) * round(unit / fine)


@dataclass(frozen=True, slots=True)
class _Work:
    """The leaves while they are being solved: values, locks, locks in units."""

    base: Floats
    fixed: Bools
    kept: Ints
    unit: float

    def rest(self, family: Family) -> Ints:
        """Return what each own set of a family leaves to its free leaves, in units."""
        mine = family.own >= 0

        def count(values: Floats | Ints | Bools) -> Floats:
            sums = np.bincount(family.own[mine], values[mine], len(family.names))
            return sums.astype(np.float64)

        rest = family.own_total - count(self.kept).astype(np.int64)
        open_leaves = count(~self.fixed)
        one_signed = count(~self.fixed & (self.base < 0)) == 0
        over = (rest < 0) & (np.array(family.total) >= 0) & one_signed
        for number in np.flatnonzero(((rest != 0) & (open_leaves == 0)) | over):
            self._refuse(family, int(number), int(rest[number]), shut=not open_leaves[number])
        return rest

    def _refuse(self, family: Family, number: int, rest: int, *, shut: bool) -> None:
        least = self._amount(family.total[number] - rest)
        held = np.flatnonzero((family.own == number) & self.fixed)
        raise InfeasibleError(
            f"{_named(family.names[number])}的合计 {self._amount(family.total[number]):g} 达不到："
            f"其中已固定 {least:g}{'，没有可调整的格' if shut else ''}",
            f"把合计改为{'' if shut else '不少于'} {least:g}，"
            f"或放开{self._release(family, number, -rest)}",
            locks=[*family.children[number], *map(int, held)],
            reachable=(least, least if shut else np.inf),
        )

    def _amount(self, units: int) -> float:
        return float(from_units(np.array(units), self.unit))

    def _release(self, family: Family, number: int, excess: int) -> str:
        """Name the fewest locks whose release makes room: the largest first."""
        sizes: list[tuple[int, object]] = [
            (total, name) for name, total in family.child_totals(number).items()
        ]
        places = np.flatnonzero((family.own == number) & self.fixed)
        sizes += [(int(self.kept[place]), int(place)) for place in places]
        chosen: list[object] = []
        for size, name in sorted(sizes, key=lambda item: -item[0]):
            chosen.append(name)
            excess -= size
            if excess <= 0:
                break
        return "、".join(_named(name) for name in chosen) or "其他合计"


def _members(
    totals: Mapping[Group, float], levels: Mapping[str, Sequence[Hashable]], size: int
) -> dict[Group, Bools]:
    if not totals:
        raise InputError("没有要固定的合计", "给出至少一个合计")
    members = {group: np.zeros(size, dtype=bool) for group in totals}
    for level in dict.fromkeys(level for level, _ in totals):
        if level not in levels or len(levels[level]) != size:
            raise InputError(f"没有层级“{level}”或它的标签数不等于 {size}", "检查层级名和标签")
        for place, label in enumerate(levels[level]):
            if (level, label) in members:
                members[level, label][place] = True
    for (level, label), mine in members.items():
        if not mine.any():
            raise InputError(f"层级“{level}”里没有“{label}”", "检查标签")
    return members


def _nest(work: _Work, family: Family) -> Ints:
    """Solve one family of nested totals: every own set on its own."""
    units, rest = work.kept.copy(), work.rest(family)
    for here in _split(family.own, (family.own >= 0) & ~work.fixed):
        rules = Rules(unit=1, keep_sign=True)
        units[here] = solve(rest[family.own[here[0]]], work.base[here], rules).astype(np.int64)
    return units


def _split(keys: Ints, chosen: Bools) -> list[Ints]:
    """Return the chosen positions, those with the same key together."""
    places = np.flatnonzero(chosen)
    places = places[np.argsort(keys[places], kind="stable")]
    starts = np.flatnonzero(np.diff(keys[places]))
    return np.split(places, starts + 1) if places.size else []


def _cross(work: _Work, across: Family, down: Family) -> Ints:
    """Solve two families whose totals cross: fit a table of their own sets, then its leaves."""
    right, below = work.rest(across), work.rest(down)
    rows = np.where(across.own < 0, len(right), across.own)
    columns = np.where(down.own < 0, len(below), down.own)
    taken = ~work.fixed & ((across.own >= 0) | (down.own >= 0))
    base = _seed(work.base, taken, rows, columns)
    seed = np.zeros((len(right) + 1, len(below) + 1))
    np.add.at(seed, (rows[taken], columns[taken]), base[taken])
    try:
        table = _whole_table(seed, right, below)
    except InfeasibleError as refusal:
        raise _renamed(refusal, across, down) from None
    units = work.kept.copy()
    for here in _split(rows * seed.shape[1] + columns, taken):
        total = table[rows[here[0]], columns[here[0]]]
        units[here] = solve(total, base[here], Rules(unit=1)).astype(np.int64)
    return units


def _seed(base: Floats, taken: Bools, rows: Ints, columns: Ints) -> Floats:
    """Return the free leaves' values; own sets that are all zero count as equal."""
    if base[taken].min(initial=0) < 0:
        raise InputError("交叉的合计下不能有负数", "退款等按正数填")
    seed = base.copy()
    for sets in (rows, columns):
        sums = np.bincount(sets, weights=np.where(taken, seed, 0.0))
        seed[taken & (sums[sets] == 0)] = 1.0
    return seed


def _whole_table(seed: Floats, right: Ints, below: Ints) -> Floats:
    """Fit and round a table whose last row and last column may be anything."""
    grand = float(max(right.sum(), below.sum(), 1))
    loose = scale(seed, np.append(right, np.nan), np.append(below, np.nan), CLOSE * grand)
    spare = _spare(loose, int(right.sum()), int(below.sum()), corner=bool(seed[:, -1].any()))
    rows, columns = np.append(right, spare), np.append(below, spare + right.sum() - below.sum())
    fitted = fit_margins(loose, rows, columns)
    try:
        return round_units(fitted, rows, columns)
    except InfeasibleError:  # the fit is off by more than a cell's distance to its floor
        table = largest_remainder(fitted, rows)
        limits = np.zeros(seed.shape), np.where(seed > 0, np.inf, 0.0)
        settle(table, columns.astype(np.float64), limits, fitted)
        return table


def _spare(table: Floats, right: int, below: int, *, corner: bool) -> int:
    """Return the whole-unit total of the last row: what the columns need beyond the rows."""
    if not corner and below < right:
        raise InfeasibleError("合计互相矛盾")
    if not corner:
        return below - right
    return max(round(float(table[-1].sum())), below - right, 0)


def _renamed(refusal: InfeasibleError, across: Family, down: Family) -> InfeasibleError:
    """Say a table's rows and columns by the names of their groups."""
    names: list[object] = []
    for lock in refusal.locks:
        kind, number = lock if isinstance(lock, tuple) else ("", 0)
        family = across if kind == "row" else down
        names += [family.names[number]] if number < len(family.names) else []
    names = names or [*across.names, *down.names]
    return InfeasibleError(
        f"这些合计不能同时满足：{'、'.join(_named(name) for name in names)}",
        "改动或放开其中一个合计，或放开它们下面锁定的格",
        locks=names,
    )


def _named(name: object) -> str:
    if isinstance(name, tuple):
        return f"{name[0]} {name[1]}"
    return f"第 {int(str(name)) + 1} 格"
