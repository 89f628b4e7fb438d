"""Share rules of an allocation: some channels together get at least a part of the money."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from xlplan.errors import InputError
from xlplan.plan.allocate import Allocation, allocate
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.plan.ads.curves import Curve


@record
class ShareRule:
    """A rule such as 60 % to the channels of A goods.

    Attributes:
        name: What it is called.
        channels: The channels favoured.
        share: The part they get together, 0 to 1.
    """

    name: str
    channels: tuple[str, ...]
    share: float


def allocate_shared(  # noqa: PLR0913  # the options of allocate, and the rule
    curves: Mapping[str, Curve],
    budget: float,
    rule: ShareRule,
    *,
    floor: Mapping[str, float] | None = None,
    cap: Mapping[str, float] | None = None,
    min_marginal_roi: float | None = None,
    min_average_roi: float | None = None,
) -> Allocation:
    """Return the best spend under a share rule.

    Where the best spend without the rule breaks it, the rule binds: the favoured get exactly their
    part, and each side is allocated by itself, which is the optimum of a concave sum. What the
    favoured cannot take (caps, least ROI) lowers the others with it.

    Args:
        curves: Channel → curve.
        budget: Money there is.
        rule: The rule; channels without a curve are left out by the caller.
        floor: Least spend by channel.
        cap: Most spend by channel.
        min_marginal_roi: See `allocate`.
        min_average_roi: See `allocate`.

    Raises:
        InputError: The rule names nobody, or everybody, of the channels.
        InfeasibleError: Floors need more than the rule leaves.
    """
    chosen = [name for name in curves if name in rule.channels]
    if not chosen or len(chosen) == len(curves):
        raise InputError(f"“{rule.name}”要分出一部分渠道，不能没有，也不能是全部", f"够格的渠道：{'、'.join(curves)}")  # fmt: skip

    def best(names: Sequence[str], money: float) -> Allocation:
        low, high = (None if bound is None else {n: v for n, v in bound.items() if n in names} for bound in (floor, cap))  # fmt: skip
        mine = {name: curves[name] for name in names}
        return allocate(mine, money, floor=low, cap=high, min_marginal_roi=min_marginal_roi, min_average_roi=min_average_roi)  # fmt: skip

    free = best(list(curves), budget)
    if sum(free[name] for name in chosen) >= rule.share * free.spent - 0.01:
        return free
    favoured = best(chosen, min(budget, math.ceil(rule.share * budget * 100 - 1e-6) / 100))
    whole = budget if favoured.unspent < 0.01 else favoured.spent / rule.share
    rest = min(budget, whole) - favoured.spent
    others = best([name for name in curves if name not in chosen], max(rest, 0.0))
    made = Allocation({name: {**favoured, **others}[name] for name in curves}, curves, others.marginal_roi)  # fmt: skip
    made.unspent = round(budget - made.spent, 2)
    if made.unspent >= 0.01:
        why = favoured.why_unspent or others.why_unspent
        made.why_unspent = f"余 {made.unspent:,.2f} 没有分：要守住“{rule.name}”{rule.share:.0%}" + (f"；{why}" if why else "")  # fmt: skip
    return made
