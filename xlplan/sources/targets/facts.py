"""What is known around a table, and what one figure in it was found to say."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from xlplan.record import draft, record

if TYPE_CHECKING:
    from xlplan.errors import Problem
    from xlplan.plan.targets.claims import Claim
    from xlplan.sources.targets.units import Scale
    from xlplan.sources.targets.words import Time


@record
class Around:
    """What file, sheet and titles say about every figure of a table.

    Attributes:
        year: The year planned.
        store: The store it is about, "" when no text around names one.
        metric: Its metric, "" when not said.
        time: Its month or quarter, from a sheet's name.
        unit: Its unit.
        unit_from: Where the unit was found, for people.
        past: Year of the actuals that a title or the sheet's name says the table holds, else 0.
        asked: The unit given on the command line; it outdoes what stands around a figure.
    """

    year: int
    store: str = ""
    metric: str = ""
    time: Time | None = None
    unit: Scale | None = None
    unit_from: str = ""
    asked: Scale | None = None
    past: int = 0


@record
class Drawn:
    """One figure as placed.

    Attributes:
        claim: What it states.
        rank: Which of several columns for one target counts.
        firm: Its head says that it is a target.
        total: It is a total of figures beside it.
        unit: The unit it was read in, "" when none was found anywhere.
        column: The head of its column, for people.
        months: The stretch of months it is a total of, when that is no quarter.
        group: The name of a subtotal.
        order: Its row and column.
        headed: Its column's head says what kind of figure it is.
        sure: A label of its own says its metric, its time or that it is a target.
    """

    claim: Claim
    rank: int = 0
    firm: bool = False
    total: bool = False
    unit: str = ""
    column: str = ""
    months: tuple[int, int] | None = None
    group: str = ""
    order: tuple[int, int] = (0, 0)
    sure: bool = True
    headed: bool = False


@draft
class Reading:
    """What came out of one table.

    Attributes:
        drawn: Its figures.
        problems: Cells that could not be read or placed, and what is odd.
        told: What was chosen, left aside or taken from around, and why.
    """

    drawn: list[Drawn] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    told: list[Problem] = field(default_factory=list)
