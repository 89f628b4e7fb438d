"""Reading 工作计划 and 承诺 of a returned copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlplan.sheets.tasks.board_read import BoardReader
from xlplan.sheets.tasks.promises import promises_found, read_promises

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.cells import Seen, Spot
    from xlplan.errors import Problem
    from xlplan.plan.tasks.item import Item
    from xlplan.sheets.stores.handout import Handout


def tasks_back(
    cells: Mapping[Spot, Seen], handout: Handout, file: str
) -> tuple[Sequence[Item], list[Problem]]:
    """Return the tasks of a copy as they came back.

    Raises:
        StructureError: The key row or column is gone, or the month was typed over.
    """
    reader = BoardReader(cells, (handout.store,), file)
    return reader.items(), reader.problems


def promised_back(
    cells: Mapping[Spot, Seen], handout: Handout, file: str
) -> tuple[dict[str, dict[str, Any]], list[Problem]]:
    """Return month → what was promised and why.

    Raises:
        StructureError: A key row or column is gone.
    """
    stores = (handout.store,)
    said, problems = read_promises(cells, promises_found(cells, stores), stores, file)
    return {key.rpartition("|")[2]: each for key, each in said.items()}, problems
