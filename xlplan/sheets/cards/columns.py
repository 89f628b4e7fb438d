"""The columns of 指标卡: what is typed, what follows, and where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.cells import letters
from xlplan.record import record
from xlplan.sheets.base.find import KEY_MARK, find_keys
from xlplan.sheets.base.names import CARDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Seen, Spot
    from xlplan.sheets.state.book import BookState

KEY_ROW, HEAD_ROW, FIRST_ROW = 4, 5, 6
#: Empty lines of a new sheet, below its cards.
SPARE = 15
#: Lines of the weights beside the cards.
WEIGHTS = 24
TEXTS = ("store", "group", "name", "part", "category", "tier", "unit", "better", "adds", "top", "bottom", "source", "per", "path", "owner", "cadence", "note")  # fmt: skip
FIGURES = ("before", "last_target", "last", "industry", "target", "count", "actual", "weight")
#: Columns of formulas.
DERIVED = ("year", "due", "reached", "rate", "state", "share", "score", "title", "how", "upto", "own")  # fmt: skip
AIMS = tuple(f"t:{month}" for month in range(1, 13))
DONE = tuple(f"a:{month}" for month in range(1, 13))
WEIGHT_KEYS = ("w:kind", "w:name", "w:value", "w:score")

#: Key → head, width, outline level.
HEADS: dict[str, tuple[str, float, int]] = {
    "group": ("分组", 9, 0),
    "name": ("指标", 21, 0),
    "part": ("渠道\n（或 种类:名称）", 15, 0),
    "category": ("品类", 9, 1),
    "tier": ("客群", 14, 1),
    "store": ("店铺\n（空=合计）", 10, 1),
    "unit": ("单位", 6, 0),
    "better": ("方向", 9, 0),
    "adds": ("累计\n方式", 7, 1),
    "top": ("分子\n（指标名）", 13, 1),
    "bottom": ("分母\n（指标名）", 13, 1),
    "source": ("实际来源\n（计划表指标）", 12, 1),
    "before": ("前年", 12, 0),
    "last_target": ("去年目标", 12, 0),
    "last": ("去年\n（基线）", 12, 0),
    "industry": ("行业", 8, 1),
    "target": ("目标", 13, 0),
    "per": ("期间", 7, 0),
    "count": ("全年次数", 8, 1),
    "path": ("走法", 8, 1),
    "year": ("全年目标", 13, 0),
    "due": ("到今应达", 12, 0),
    "actual": ("实际\n（一个数）", 11, 0),
    "reached": ("实际\n（到今）", 12, 0),
    "rate": ("达成率", 8, 0),
    "state": ("状态", 10, 0),
    "weight": ("权重", 6, 0),
    "share": ("计入\n权重", 7, 0),
    "score": ("得分", 7, 0),
    "owner": ("负责人", 9, 0),
    "cadence": ("频率", 9, 0),
    "note": ("备注", 30, 0),
}
MONTHLY = {key: (f"目标\n{key[2:]}月", 10, 1) for key in AIMS} | {
    key: (f"实际\n{key[2:]}月", 10, 1) for key in DONE
}
HELPERS = {"title": ("全名", 20, 0), "how": ("累计", 6, 0), "upto": ("到几月", 6, 0), "own": ("本行实际", 10, 0)}  # fmt: skip
WEIGHT_HEADS = {"w:kind": ("权重·维度", 10, 0), "w:name": ("名称", 16, 0), "w:value": ("权重", 8, 0), "w:score": ("得分", 8, 0)}  # fmt: skip


def built_columns() -> dict[str, int]:
    """Return column key → number as built: the cards, months, weights after a gap, helpers."""
    main = {key: i for i, key in enumerate((*HEADS, *MONTHLY), start=1)}
    first = len(main) + 2
    weights = {key: first + i for i, key in enumerate(WEIGHT_KEYS)}
    last = first + len(weights)
    return main | weights | {key: last + i for i, key in enumerate(HELPERS)}


@record
class CardsAt:
    """Where 指标卡 has its columns and lines.

    Attributes:
        columns: Column key → number.
        first: The first line.
        last: The last line that has formulas, and the end mark in the key column.
        lines: The lines that hold cards, in order.
        weights: The lines that hold weights, in order.
        mark: The key column.
    """

    columns: Mapping[str, int]
    first: int
    last: int
    lines: tuple[int, ...]
    weights: tuple[int, ...]
    mark: int

    def cell(self, key: str, row: int) -> str:
        """Return the reference of a cell, its column fixed."""
        return f"${letters(self.columns[key])}{row}"

    def area(self, key: str) -> str:
        """Return the range of a column over all lines."""
        letter = letters(self.columns[key])
        return f"${letter}${self.first}:${letter}${self.last}"

    def months(self, keys: tuple[str, ...], row: int) -> str:
        """Return the range of twelve months in a line."""
        ends = letters(self.columns[keys[0]]), letters(self.columns[keys[-1]])
        return f"${ends[0]}{row}:${ends[1]}{row}"


END = "end"


def cards_as_built(state: BookState) -> CardsAt:
    """Return where a new sheet has them."""
    cards, weights = len(state.own.get("cards", ())), len(state.own.get("card_weights", ()))
    columns = built_columns()
    last = FIRST_ROW + max(cards + SPARE, WEIGHTS, weights + 4) - 1
    lines = tuple(range(FIRST_ROW, FIRST_ROW + cards))
    return CardsAt(columns, FIRST_ROW, last, lines, tuple(range(FIRST_ROW, FIRST_ROW + weights)), max(columns.values()) + 1)  # fmt: skip


def cards_found(cells: Mapping[Spot, Seen]) -> CardsAt:
    """Return where a book has them.

    Raises:
        StructureError: The key row, the key column or a column of them is gone.
    """
    keys = find_keys(CARDS, cells)
    labels = {key: head[0].replace("\n", "") for key, head in (HEADS | MONTHLY | WEIGHT_HEADS | HELPERS).items()}  # fmt: skip
    keys.need_columns(labels)
    keys.need_rows({END: "末行"})
    mark = next(spot for spot, seen in cells.items() if seen.value == KEY_MARK)
    inputs = {keys.columns[key] for key in (*TEXTS, *FIGURES, *AIMS, *DONE)}
    weighing = {keys.columns[key] for key in ("w:kind", "w:name", "w:value")}
    first, last = mark[0] + 2, keys.rows[END]
    filled = [(row, column) for (row, column), seen in cells.items() if row >= first and seen.value not in (None, "")]  # fmt: skip
    lines = sorted({row for row, column in filled if column in inputs})
    weights = sorted({row for row, column in filled if column in weighing})
    return CardsAt(keys.columns, first, max([last, *lines, *weights]), tuple(lines), tuple(weights), mark[1])  # fmt: skip
