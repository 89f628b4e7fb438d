"""The styles that layouts share; what they look like is decided in `books.looks`."""

from __future__ import annotations

from functools import cache

from xlplan.cells import PLAIN, State, Style
from xlplan.metrics import Metric, Unit

INK, PALE, LINE = "#1F3A5F", "#EAF0F7", "#D0D7DE"
TITLE = PLAIN.but(bold=True, size=16, color=INK)
HINT = PLAIN.but(color="#757575", size=9)
LABEL = PLAIN.but(bold=True, align="right")
HEAD = Style(bold=True, align="center", fill=INK, color="#FFFFFF", wrap=True)
SUBHEAD = Style(align="center", fill=PALE, color=INK, size=9)
GROUP = Style(bold=True, align="center", fill=PALE, color=INK, wrap=True)
ITEM = Style(bold=True, indent=0)
COMPANION = Style(color="#757575", size=9, indent=1)
TOTAL_FILL = "#F3F5F8"
HIDDEN = PLAIN.but(color="#9E9E9E", size=8)
INPUT = Style(State.INPUT)
DERIVED = Style(State.DERIVED)
LINK = PLAIN.but(color="#0563C1", underline=True)
TEXT_INPUT = Style(State.INPUT, wrap=True, size=9)

#: Source of store selectors: a name of 首页 (a list in the rule itself ends at 255 characters,
#: and a comma in a store's name would split it).
STORES = "=xlplan_stores"
#: Bands of 达成率: done from 100 %, in progress from 80 % (DOMAIN §2, habits).
DONE, UNDER_WAY = 1.0, 0.8
GOOD, MIDDLE, BAD = "#DCF1DF", "#FFF3CD", "#FBDCDC"
TODAY_FILL = "#D6E9FF"
#: Text of figures that will still change (未成熟).
YOUNG = "#9E9E9E"


@cache
def of_row(state: State, number: str, size: int) -> tuple[Style, Style]:
    """Return how the plain and the total cells of a row look."""
    style = Style(state, number=number, size=size)
    return style, style.but(fill=TOTAL_FILL, bold=True)


def shown(metric: Metric) -> str:
    """Return the number format of a metric on a wide table: whole yuan for large sums."""
    if metric.unit is Unit.MONEY and not metric.name.startswith(("aov", "uv_value")):
        return "#,##0"
    return metric.unit.number_format
