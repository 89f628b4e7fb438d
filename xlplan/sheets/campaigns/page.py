"""The page of 活动目标: headings, selectors, looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.cells import Area, Cell, Highlight, Page, Span, Validation, letters
from xlplan.plan.days.events import ABOUT_TEXTS
from xlplan.sheets.base import look
from xlplan.sheets.base.find import KEY_MARK
from xlplan.sheets.base.names import CAMPAIGNS
from xlplan.sheets.base.selector import put_selector
from xlplan.sheets.campaigns.layout import (
    FIRST_ROW,
    HEAD_ROW,
    HEADS,
    KEY_ROW,
    RESULT,
    SCOPE_ROW,
    STORE_HEADS,
    STORY,
    STORY_HEADS,
    BoardAt,
    board_as_built,
)
from xlplan.sheets.campaigns.pairs import SLOTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.cells import Spot

_HINT = "日期、占比、负责人在“活动”填，目标就是这些天的计划（改它用“分摊”，期间写活动名）；都是活的公式，换店铺、换下面的活动即可看"


def board_page(
    number: int, scopes: Sequence[str], scope: str, card: str, cells: Mapping[Spot, Cell]
) -> Page:
    """Return the whole page.

    Args:
        number: The plan year.
        scopes: What the selector offers.
        scope: The store shown.
        card: The campaign whose story is shown.
        cells: The derived cells.
    """
    at = board_as_built()
    page = Page(CAMPAIGNS, cells=dict(cells), tab="#C0392B")
    page.put(1, 1, f"活动目标 · {number}年", look.TITLE)
    put_selector(page, at.scope, scope, scopes, columns=2)
    page.put(SCOPE_ROW, at.columns["state"], _HINT, look.HINT)
    _labels(page, at, several=len(scopes) > 1)
    _card(page, at, card)
    _look(page, at, len(scopes))
    return page


def board_frame(scopes: Sequence[str]) -> tuple[Page, BoardAt]:
    """Return the headings and labels as built, and where they are."""
    page, at = Page(CAMPAIGNS), board_as_built()
    _labels(page, at, several=len(scopes) > 1)
    return page, at


def _labels(page: Page, at: BoardAt, *, several: bool) -> None:
    keys = max(at.columns.values()) + 1
    page.put(KEY_ROW, keys, KEY_MARK, look.HIDDEN)
    page.columns[keys] = Span(2, hidden=True)
    for key, number in at.columns.items():
        heading, width, _ = HEADS[key]
        page.put(KEY_ROW, number, key, look.HIDDEN)
        page.put(HEAD_ROW, number, heading, look.HEAD)
        page.columns[number] = Span(width)
    for key, row in at.rows.items():
        page.put(row, keys, key, look.HIDDEN)
    heads = at.rows["row:heads"]
    page.put(heads, 1, "指标", look.SUBHEAD)
    for heading, column in STORY_HEADS.values():
        page.put(heads, at.columns[column], heading, look.SUBHEAD)
    for key, label in STORY.items():
        page.put(at.rows[f"s:{key}"], 1, label, look.ITEM)
    for key, label in (RESULT | ABOUT_TEXTS).items():
        page.put(at.rows[f"r:{key}"], 1, label, look.ITEM)
    for column, heading in STORE_HEADS.items() if several else ():
        page.put(heads, at.columns[column], heading, look.SUBHEAD)


def _card(page: Page, at: BoardAt, card: str) -> None:
    row, column = at.card
    page.put(row, 1, "看这个活动", look.LABEL)
    page.put(row, column, card or None, look.INPUT.but(bold=True, align="center"))
    page.cells[row, column + 1] = Cell(None, "", look.INPUT)
    page.merges.append(Area(row, column, row, column + 1))
    names = Area(FIRST_ROW, 1, FIRST_ROW + SLOTS - 1, 1).fixed
    page.validations.append(
        Validation(
            Area(*at.card, *at.card), "list", f"={names}", "活动", "从下拉中选上面的一个活动"
        )
    )


def _look(page: Page, at: BoardAt, scopes: int) -> None:
    page.rows |= {1: Span(28), SCOPE_ROW: Span(20), KEY_ROW: Span(hidden=True), HEAD_ROW: Span(30)}
    page.freeze = (FIRST_ROW, 2)
    last = max(*at.rows.values(), at.rows["row:heads"] + scopes)
    page.print_area = Area(1, 1, last, len(HEADS))
    for key in ABOUT_TEXTS:
        row, first = at.rows[f"r:{key}"], at.columns["start"]
        page.merges.append(Area(row, first, row, at.columns["state"]))
        for column in range(first + 1, at.columns["state"] + 1):
            page.cells[row, column] = Cell(None, "", look.DERIVED)
    body = Area(FIRST_ROW, 1, FIRST_ROW + SLOTS - 1, len(HEADS))
    state = f"${letters(at.columns['state'])}{FIRST_ROW}"
    page.highlights += [
        Highlight(body, f'=LEFT({state},1)="第"', fill=look.TODAY_FILL, bold=True),
        Highlight(body, f'={state}="不参加"', color="#9E9E9E"),
    ]
    for area in (
        Area(FIRST_ROW, at.columns["attained"], FIRST_ROW + SLOTS - 1, at.columns["attained"]),
        Area(at.rows["s:gmv"], at.columns["days"], at.rows["s:roi"], at.columns["days"]),
    ):
        cell = f"{letters(area.left)}{area.top}"
        for test, fill in ((f">={look.DONE:g}", look.GOOD), (f">={look.UNDER_WAY:g}", look.MIDDLE), (f"<{look.UNDER_WAY:g}", look.BAD)):  # fmt: skip
            rule = f"=IF(ISNUMBER({cell}),{cell}{test},FALSE)"
            page.highlights.append(Highlight(area, rule, fill=fill))
    page.pages_tall = 0
    page.repeat_rows = (HEAD_ROW, HEAD_ROW)
