"""计划书 as a sheet: chapter, heading, what to write, and people's own words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.cells import Area, Cell, Page, Span, Style
from xlplan.sheets.base import look
from xlplan.sheets.base.find import KEY_MARK, find_keys
from xlplan.sheets.paper.slots import WORD_SLOTS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Seen, Spot
    from xlplan.sheets.base.find import Keys

SHEET = "计划书"
KEY_ROW, HEAD_ROW, FIRST_ROW = 3, 4, 5
COLUMNS = {"chapter": 8, "head": 20, "hint": 34, "text": 92}
_HEADS = ("章节", "小标题", "写什么", "你写的内容（换行为另起一段）")
_AT = {key: number for number, key in enumerate(COLUMNS, start=1)}
_KEYS = len(COLUMNS) + 1


def words_page(words: Mapping[str, str], year: int) -> Page:
    """Return the sheet with what people wrote."""
    page = Page(SHEET, tab="#37474F", pages_tall=0)
    page.put(1, 1, f"计划书 · {year}年", look.TITLE)
    page.put(2, 1, "数字、表和图由“写计划书”（xlplan document）按计划现算；这里只写人话，重新生成时原样带入；没写的小标题不出现。", look.HINT)  # fmt: skip
    page.put(KEY_ROW, _KEYS, KEY_MARK, look.HIDDEN)
    for key, column in _AT.items():
        page.put(KEY_ROW, column, key, look.HIDDEN)
        page.put(HEAD_ROW, column, _HEADS[column - 1], look.HEAD)
        page.columns[column] = Span(COLUMNS[key])
    page.columns[_KEYS] = Span(2, hidden=True)
    for row, slot in enumerate(WORD_SLOTS, start=FIRST_ROW):
        page.put(row, _AT["chapter"], slot.chapter or "封面", look.GROUP)
        page.put(row, _AT["head"], slot.head, look.ITEM)
        page.put(row, _AT["hint"], slot.hint, Style(color="#757575", size=9, wrap=True))
        page.put(row, _KEYS, slot.key, look.HIDDEN)
        page.rows[row] = Span(20 if not slot.chapter else 44)
    page.cells |= word_cells(words, {slot.key: row for row, slot in enumerate(WORD_SLOTS, start=FIRST_ROW)}, _AT["text"])  # fmt: skip
    page.rows |= {1: Span(28), KEY_ROW: Span(hidden=True), HEAD_ROW: Span(22)}
    page.freeze, page.repeat_rows = (FIRST_ROW, 3), (HEAD_ROW, HEAD_ROW)
    page.print_area = Area(1, 1, FIRST_ROW + len(WORD_SLOTS) - 1, len(COLUMNS))
    return page


def word_cells(words: Mapping[str, str], rows: Mapping[str, int], column: int) -> dict[Spot, Cell]:
    """Return the cells of people's words at their places."""
    return {
        (rows[slot.key], column): Cell(words.get(slot.key) or None, "", look.TEXT_INPUT)
        for slot in WORD_SLOTS
        if slot.key in rows
    }


def words_found(cells: Mapping[Spot, Seen]) -> Keys:
    """Return where 计划书 stands; StructureError when a key row or column is gone."""
    keys = find_keys(SHEET, cells)
    keys.need_columns({"text": _HEADS[-1]})
    keys.need_rows({slot.key: slot.head for slot in WORD_SLOTS})
    return keys


def read_words(cells: Mapping[Spot, Seen], keys: Keys) -> dict[str, str]:
    """Return what people wrote, slot → text; empty slots have "" so that the sheet is known to be there."""
    made = {}
    for slot in WORD_SLOTS:
        seen = cells.get((keys.rows[slot.key], keys.columns["text"]))
        made[slot.key] = "" if seen is None or seen.value is None else str(seen.value).strip()
    return made
