"""What somebody wants of the plan: edits of regions that are to hold at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from xlplan.plan.change.grid import Region
    from xlplan.plan.exact.units import Floats

    #: Name of a reference, rows of (metric, store) → its values, (rows, days).
    References: TypeAlias = Callable[[str, Sequence[tuple[str, str]]], Floats]


@record
class Edit:
    """One wish: a region gets a new total by a method (`xlplan.plan.change.methods`).

    Attributes:
        region: What is changed.
        method: How.
        amount: What the method needs.
        reference: Name of a reference for the like methods.
        by: Level the method works on: ``day``, ``week``, ``month``, ``quarter`` or ``store``;
            below it, days keep their proportions.
    """

    region: Region
    method: str
    amount: float
    reference: str = ""
    by: str = "day"


@record
class Wish:
    """Edits that are to hold at once.

    Attributes:
        edits: The edits.
        gives: Which driver gives (`xlplan.plan.change.follow.GIVES`), "" for the usual one.
        keep: Levels whose totals stay (``month``, ``quarter``, ``year``, ``company``).
    """

    edits: tuple[Edit, ...]
    gives: str = ""
    keep: tuple[str, ...] = ()
