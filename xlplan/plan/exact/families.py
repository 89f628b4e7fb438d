"""Sorting fixed totals into at most two families, each nested in itself."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import InputError
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from xlplan.plan.exact.units import Bools, Ints


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
