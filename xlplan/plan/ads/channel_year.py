"""One promotion channel of the year so far: money, credited sales and what a curve knows of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.record import bundle

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.plan.allocate import Curve, NotEnoughData


@bundle
class ChannelYear:
    """One channel of the year so far.

    Attributes:
        key: Channel key.
        label: Its name.
        spent: Money spent.
        planned: Money planned for the same days.
        brought: Sales the platform credits it with; NaN when nobody imported them.
        credited: Money spent on the days whose credited sales are known.
        months: Month → (spent, planned) of the whole month.
        curve: Weekly response; None where the data is not enough.
        refusal: Why there is no curve.
        recent: Money of the last four weeks.
        aliases: Its other names.
    """

    key: str
    label: str
    spent: float
    planned: float
    brought: float
    credited: float
    months: Mapping[int, tuple[float, float]]
    curve: Curve | None
    refusal: NotEnoughData | None
    recent: float = 0.0
    aliases: tuple[str, ...] = ()

    @property
    def roi(self) -> float:
        """Average: credited sales ÷ money of the same days."""
        return self.brought / self.credited if self.credited > 0 else float("nan")

    @property
    def weekly(self) -> float:
        """Mean spend of a week with spend, as the curve saw it."""
        return self.curve.past if self.curve else float("nan")
