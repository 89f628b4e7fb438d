"""Several edited totals, locks and cells as one simultaneous set of constraints.

A paste over months, quarters, weeks and stores is not a sequence of breakbacks whose
result depends on their order: all fixed totals hold at once. Totals nested in each other
are taken apart exactly (what a fixed total leaves after its fixed parts goes to its other
leaves in proportion); two families that cross (weeks × months, stores × months) are fitted
by IPF and rounded with both exact. Three crossing families may have no whole-unit answer
and are refused (PLANNING b).
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from xlplan.errors import InfeasibleError, InputError
from xlplan.metrics.money import CENT
from xlplan.plan.exact.crossing import seed_of, whole_table
from xlplan.plan.exact.solver import SpreadRules, solve, unit_of_holds
from xlplan.plan.exact.topdown import share_down
from xlplan.plan.exact.units import from_units, numbers, ratio, to_units
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from numpy.typing import ArrayLike

    from xlplan.plan.exact.units import Bools, Floats, Ints

    Group: TypeAlias = tuple[str, Hashable]
    from collections.abc import Hashable


@record
class Family:
    """Totals nested in each other, seen as a partition of the leaves.

    Attributes:
        names: (level, label) of each group, smallest group first.
        total: Its fixed total in units.
        children: The fixed groups directly inside it.
        own: (n,) the smallest group each leaf belongs to, −1 for none.
        own_total: What a group's total leaves to its own leaves.
    """

    names: list[tuple[str, Hashable]]
    total: list[int]
    children: list[list[tuple[str, Hashable]]]
    own: Ints
    own_total: Ints

    def child_totals(self, number: int) -> dict[tuple[str, Hashable], int]:
        """Return the totals of the groups directly inside one."""
        by_name = dict(zip(self.names, self.total, strict=True))
        return {name: by_name[name] for name in self.children[number]}


def families(
    totals: Mapping[tuple[str, Hashable], int], members: Mapping[tuple[str, Hashable], Bools]
) -> list[Family]:
    """Split groups into one family, or two if some overlap without one holding the other.

    Raises:
        InputError: Three families would be needed.
    """
    names = list(totals)
    masks = np.array([members[name] for name in names])
    common = masks.astype(np.float32) @ masks.T.astype(np.float32)
    size = common.diagonal()
    crossing = (common > 0) & (common < np.minimum(size[:, None], size))
    side = _two_sides(crossing)
    by_size = np.argsort(size, kind="stable")
    found = []
    for here in range(side.max() + 1):
        chosen = by_size[side[by_size] == here]
        inside = common[np.ix_(chosen, chosen)] == size[chosen][:, None]
        found.append(_family([names[i] for i in chosen], totals, masks[chosen], inside))
    return found


def _two_sides(crossing: Bools) -> Ints:
    """Colour the groups with 0 and 1 so that crossing ones differ."""
    side = np.full(len(crossing), -1)
    for start in range(len(crossing)):
        if side[start] >= 0:
            continue
        side[start] = 0
        queue = deque([start])
        while queue:
            here = queue.popleft()
            others = np.flatnonzero(crossing[here])
            if (side[others] == side[here]).any():
                raise InputError(
                    "三个方向的合计互相交叉，不一定有整数解",
                    "最多同时固定两个方向（如月份和店铺）",
                )
            fresh = others[side[others] < 0]
            side[fresh] = 1 - side[here]
            queue.extend(int(other) for other in fresh)
    return side


def _family(
    names: list[tuple[str, Hashable]],
    totals: Mapping[tuple[str, Hashable], int],
    masks: Bools,
    inside: Bools,
) -> Family:
    """Build a family from groups ordered by size; ``inside[i, j]`` says i lies within j."""
    own = np.where(masks.any(axis=0), masks.argmax(axis=0), -1)
    own_total = np.array([totals[name] for name in names], dtype=np.int64)
    children: list[list[tuple[str, Hashable]]] = [[] for _ in names]
    for number, name in enumerate(names):
        holders = np.flatnonzero(inside[number, number + 1 :])
        if holders.size:
            holder = number + 1 + int(holders[0])
            children[holder].append(name)
            own_total[holder] -= totals[name]
    return Family(names, [totals[name] for name in names], children, own, own_total)


#: A bound this near to a whole unit is that unit (its double is not exact).
CLOSE_TO_WHOLE = 1e-6


def solve_edits(  # noqa: PLR0913  # all but two are named options
    leaves: ArrayLike,
    totals: Mapping[Group, float],
    *,
    levels: Mapping[str, Sequence[Hashable]],
    edits: Mapping[int, float] | None = None,
    held: ArrayLike | None = None,
    unit: float = CENT,
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
    return solve_totals(after, totals, _members(totals, levels, before.size), fixed, unit=unit)


def solve_totals(  # noqa: PLR0913  # all but four are named options
    leaves: Floats,
    totals: Mapping[Group, float],
    members: Mapping[Group, Bools],
    fixed: Bools,
    *,
    bounds: tuple[Floats, Floats] | None = None,
    tree: Sequence[Ints] = (),
    unit: float = CENT,
) -> Floats:
    """Meet fixed totals of any sets of leaves; see `solve_edits`.

    Args:
        leaves: (n,) values, those that are fixed already at what they must be.
        totals: Fixed total of each set.
        members: (n,) the leaves of each set.
        fixed: (n,) leaves that keep their value.
        bounds: (n,) least and greatest values of leaves; sets must then be nested.
        tree: (n,) groups of the leaves, widest level first, to round through (`topdown`).
        unit: The smallest step.

    Raises:
        InfeasibleError: As `solve_edits`; ``locks`` names sets and positions.
        InputError: As `solve_edits`.
    """
    fine = unit_of_holds(leaves[fixed], unit)
    limits = None if bounds is None else _limits(bounds, fine)
    kept = to_units(np.where(fixed, leaves, 0), fine)
    work = _Work(leaves, fixed, kept, fine, limits, tree)
    scaled = {group: _exact(total, unit, fine) for group, total in totals.items()}
    found = families(scaled, members)
    touched = ~fixed & np.any([family.own >= 0 for family in found], axis=0)
    units = _cross(work, *found) if len(found) > 1 else _nest(work, found[0])
    return np.where(touched, from_units(units, fine), leaves)


def _limits(bounds: tuple[Floats, Floats], unit: float) -> tuple[Floats, Floats]:
    """Return bounds in units: whole units inside them."""
    step, per = ratio(unit)
    low, high = (np.asarray(bound) * per / step for bound in bounds)
    return np.ceil(low - CLOSE_TO_WHOLE), np.floor(high + CLOSE_TO_WHOLE)


def _exact(total: float, unit: float, fine: float) -> int:
    return int(to_units(total, unit)) * round(unit / fine)


@record
class _Work:
    """The leaves while they are being solved: values, locks, locks in units."""

    base: Floats
    fixed: Bools
    kept: Ints
    unit: float
    limits: tuple[Floats, Floats] | None = None
    tree: Sequence[Ints] = ()

    def shared(self, total: int, here: Ints) -> Ints:
        """Share a total over some free leaves, in units."""
        base = self.base[here]
        if self.limits is None and total >= 0 and base.min() >= 0:
            return share_down(total, base, [level[here] for level in self.tree])
        return solve(total, base, self.rules(here)).astype(np.int64)

    def rules(self, here: Ints) -> SpreadRules:
        """Return the rules of some free leaves, in units."""
        if self.limits is None:
            return SpreadRules(unit=1, keep_sign=True)
        low, high = self.limits
        return SpreadRules(lower=low[here], upper=high[here], unit=1)

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
            f"{_named(family.names[number])}的合计 {self._amount(family.total[number]):,.15g} 达不到："
            f"其中已固定 {least:,.15g}{'，没有可调整的格' if shut else ''}",
            f"把合计改为{'' if shut else '不少于'} {least:,.15g}，"
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
        number = int(family.own[here[0]])
        try:
            units[here] = work.shared(int(rest[number]), here)
        except InfeasibleError as refusal:
            raise _out_of_bounds(work, family, number, refusal) from None
    return units


def _out_of_bounds(
    work: _Work, family: Family, number: int, refusal: InfeasibleError
) -> InfeasibleError:
    """Say which total the bounds of its leaves do not allow."""
    low, high = refusal.reachable or (-np.inf, np.inf)
    inside = family.total[number] - int(family.own_total[number])
    inside += int(work.kept[(family.own == number) & work.fixed].sum())
    reach = tuple(float(from_units(np.array(end + inside), work.unit)) for end in (low, high))
    total = float(from_units(np.array(family.total[number]), work.unit))
    return InfeasibleError(
        f"{_named(family.names[number])}的合计 {total:,.15g} 超出上下限允许的 "
        f"{reach[0]:,.15g} 到 {reach[1]:,.15g}",
        "改这个合计，或放宽其中各格的上下限",
        locks=[family.names[number]],
        reachable=(reach[0], reach[1]),
    )


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
    base = seed_of(work.base, taken, rows, columns)
    seed = np.zeros((len(right) + 1, len(below) + 1))
    np.add.at(seed, (rows[taken], columns[taken]), base[taken])
    try:
        table = whole_table(seed, right, below)
    except InfeasibleError as refusal:
        raise _renamed(refusal, across, down) from None
    units = work.kept.copy()
    for here in _split(rows * seed.shape[1] + columns, taken):
        total = table[rows[here[0]], columns[here[0]]]
        units[here] = solve(total, base[here], SpreadRules(unit=1)).astype(np.int64)
    return units


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
        return f"{name[0]} {name[1]}".strip()
    return f"第 {int(str(name)) + 1} 格"
