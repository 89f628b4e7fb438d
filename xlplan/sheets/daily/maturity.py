"""Days whose refunds still grow (未成熟): grey wherever their refund rate could be taken for final."""

from __future__ import annotations

from xlplan.cells import Area, Highlight
from xlplan.sheets.base import look


def young(area: Area, days: int, last: str, first: str = "") -> Highlight:
    """Return the look of refunds of a stretch of days that has one which is not mature.

    Args:
        area: The refund figures.
        days: Days until refunds are final.
        last: The last date of the stretch, as a formula relative to the area's first cell.
        first: Its first date, where figures of days to come could stand.
    """
    growing = f"{last}>xlplan_asof-{days}"
    growing = f"AND({growing},{first}<=xlplan_asof)" if first else growing
    test = f"=IF(ISNUMBER(xlplan_asof),{growing},FALSE)"
    return Highlight(area, test, color=look.YOUNG)
