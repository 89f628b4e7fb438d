"""Where things stand on 活动目标: the table of campaigns, the story of one, and its stores."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from xlplan.plan.days.events import ABOUT_NUMBERS, ABOUT_TEXTS
from xlplan.record import record
from xlplan.sheets.base.find import find_keys
from xlplan.sheets.base.names import CAMPAIGNS, EVENTS
from xlplan.sheets.campaigns.pairs import AFTER, BEFORE, SLOTS, listed
from xlplan.sheets.events.page import columns as event_columns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Seen, Spot
    from xlplan.plan.year import Year

#: Column key → (heading, width, number format).
HEADS = {
    "name": ("活动", 13, ""),
    "start": ("开始", 10.5, "yyyy-mm-dd"),
    "end": ("结束", 10.5, "yyyy-mm-dd"),
    "days": ("天数", 6, "0"),
    "state": ("状态", 13, ""),
    "next": ("下一件提前事项", 24, ""),
    "gmv_t": ("目标销售额", 13, "#,##0"),
    "uv_t": ("目标UV", 10, "#,##0"),
    "spend_t": ("目标推广费", 11, "#,##0"),
    "share_t": ("占全年推广费", 9, "0.0%"),
    "roi_t": ("目标ROI", 8, "0.00"),
    "gmv": ("实际销售额", 13, "#,##0"),
    "attained": ("达成率", 8, "0.0%"),
    "spend": ("实际推广费", 11, "#,##0"),
    "roi": ("实际ROI", 8, "0.00"),
    "last": ("上届销售额", 13, "#,##0"),
    "growth": ("同比", 8, "+0.0%;-0.0%;0.0%"),
    "lift": ("是之前的几倍", 8, "0.00"),
}
KEY_ROW, HEAD_ROW, FIRST_ROW = 3, 4, 5
SCOPE_ROW = 2
#: The story of one campaign: row key → label.
STORY = {
    "gmv": "销售额",
    "uv": "UV",
    "orders": "笔数",
    "cvr": "转化率",
    "aov": "客单价",
    "spend": "推广费",
    "roi": "ROI",
    "new": "新客",
    "presale": "预售占比",
    "member": "会员占比",
}
#: Its columns: key → (heading, the column of the table above under which it stands).
STORY_HEADS = {
    "target": ("目标", "start"),
    "actual": ("实际", "end"),
    "reached": ("达成率", "days"),
    "former": ("上届", "state"),
}
RESULT = {
    "usual": f"之前{BEFORE}天日均",
    "during": "活动日均",
    "later": f"之后{AFTER}天日均",
    "times": "活动是之前的几倍",
    "more": "比之前的水平多卖",
}
#: The campaign store by store: column of the table above under which it stands → heading.
STORE_HEADS = {
    "next": "店铺",
    "gmv_t": "目标销售额",
    "uv_t": "实际销售额",
    "spend_t": "目标推广费",
    "share_t": "达成率",
    "roi_t": "是之前的几倍",
    "gmv": "实际推广费",
}


@record
class BoardAt:
    """Where the rows and columns of 活动目标 are."""

    rows: Mapping[str, int]
    columns: Mapping[str, int]
    scope: Spot
    card: Spot


def board_as_built() -> BoardAt:
    """Return the positions of a freshly built 活动目标."""
    columns = {key: number for number, key in enumerate(HEADS, start=1)}
    rows = {"row:scope": SCOPE_ROW} | {f"c:{n}": FIRST_ROW + n for n in range(SLOTS)}
    row = FIRST_ROW + SLOTS + 1
    rows["row:card"] = row
    rows["row:heads"] = row + 1
    rows |= {f"s:{key}": row + 2 + n for n, key in enumerate(STORY)}
    row += 2 + len(STORY)
    rows |= {f"r:{key}": row + n for n, key in enumerate((*RESULT, *ABOUT_TEXTS))}
    return _at(rows, columns)


def _at(rows: Mapping[str, int], columns: Mapping[str, int]) -> BoardAt:
    first = columns["start"]
    return BoardAt(rows, columns, (rows["row:scope"], first), (rows["row:card"], first))


def board_found(cells: Mapping[Spot, Seen]) -> BoardAt:
    """Return the positions of 活动目标 as it stands in a book.

    Raises:
        StructureError: A row or column was deleted.
    """
    keys = find_keys(CAMPAIGNS, cells)
    keys.need_columns({key: head for key, (head, *_) in HEADS.items()})
    keys.need_rows({"row:scope": "店铺", "row:card": "活动", "row:heads": "指标"})
    keys.need_rows({f"s:{key}": label for key, label in STORY.items()})
    keys.need_rows({f"r:{key}": label for key, label in (RESULT | ABOUT_TEXTS).items()})
    return _at(keys.rows, keys.columns)


def chosen(year: Year, at: BoardAt, there: Mapping[Spot, Seen]) -> str:
    """Return the campaign whose story stands below: the one chosen, else the next to end."""
    names = [event.name for event in listed(year)]
    seen = there.get(at.card)
    text = str(seen.value).strip() if seen and seen.value is not None else ""
    if text in names or not names:
        return text
    ahead = [event.name for event in listed(year) if event.end >= date.today()]
    return ahead[0] if ahead else names[-1]


def typed_columns(there: Mapping[Spot, Seen] | None) -> dict[str, int]:
    """Return where the columns of 活动 are: as found in a book, or as built."""
    wanted = ("name", *ABOUT_TEXTS, *ABOUT_NUMBERS)
    found = find_keys(EVENTS, there).columns if there else event_columns()
    return {key: found[key] for key in wanted}
