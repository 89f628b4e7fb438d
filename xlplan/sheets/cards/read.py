"""Reading 指标卡 back: every line as it is typed; what cannot be read is told with its cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlplan.cells import address
from xlplan.errors import Level, Problem, Where
from xlplan.plan.cards.card import (
    ADDING,
    KINDS,
    PATHS,
    WAYS,
    Card,
    Weight,
    card_texts,
    weight_texts,
)
from xlplan.record import draft
from xlplan.sheets.base.names import CARDS
from xlplan.sheets.cards.columns import AIMS, DONE, FIGURES, TEXTS, cards_found
from xlplan.sources.numbers import Number, parse_number
from xlplan.sources.text import Unread

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Seen, Spot
    from xlplan.sheets.cards.columns import CardsAt

_CHOICES = {"better": WAYS, "adds": ADDING, "path": PATHS}
#: Percent above this is asked about: 15 for 15%.
_MOST = 10.0


@draft
class CardsRead:
    """What 指标卡 says.

    Attributes:
        at: Where.
        cards: The lines, as the state keeps them.
        weights: The weights.
        problems: What could not be read.
    """

    at: CardsAt
    cards: list[dict[str, Any]]
    weights: list[dict[str, Any]]
    problems: list[Problem]


def read_cards(cells: Mapping[Spot, Seen], file: str = "") -> CardsRead:
    """Read the sheet.

    Raises:
        StructureError: Its key row, key column or a column is gone.
    """
    return _Reader(cells, file).read()


class _Reader:
    def __init__(self, cells: Mapping[Spot, Seen], file: str) -> None:
        self.cells, self.file = cells, file
        self.made = CardsRead(cards_found(cells), [], [], [])

    def read(self) -> CardsRead:
        at = self.made.at
        self.made.cards = [card_texts(self.card(row)) for row in at.lines]
        self.made.weights = [weight_texts(self.weight(row)) for row in at.weights]
        return self.made

    def spot(self, key: str, row: int) -> Spot:
        return row, self.made.at.columns[key]

    def text(self, key: str, row: int) -> str:
        seen = self.cells.get(self.spot(key, row))
        if seen is None or seen.value is None:
            return ""
        value = seen.value
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # 618 as a period
        return str(value).strip()

    def odd(
        self, key: str, row: int, what: str, remedy: str, level: Level = Level.WARNING
    ) -> None:
        where = Where(self.file, CARDS, address(*self.spot(key, row)))
        self.made.problems.append(Problem(where, what, level, remedy, "指标卡"))

    def number(self, key: str, row: int) -> float | None:
        seen = self.cells.get(self.spot(key, row))
        read = parse_number(None if seen is None or seen.formula else seen.value)
        if isinstance(read, Unread):
            if key != "target":
                self.odd(
                    key, row, f"“{self.text(key, row)}”读不成数，没有算", "写成 5000、500万 或 5%"
                )
            return None
        return read.value if isinstance(read, Number) else None

    def card(self, row: int) -> Card:
        texts = {key: self.text(key, row) for key in TEXTS}
        for key, allowed in _CHOICES.items():
            if texts[key] and texts[key] not in allowed:
                self.odd(
                    key,
                    row,
                    f"“{texts[key]}”不在可选的里面",
                    f"可选：{'、'.join(allowed)}；空着按惯例",
                )
        figures = {key: self.number(key, row) for key in FIGURES}
        goal = self.text("target", row) if figures["target"] is None else ""
        months, done = (tuple(self.number(key, row) for key in keys) for keys in (AIMS, DONE))
        card = Card(**texts, **figures, goal=goal, months=months, done=done)  # type: ignore[arg-type]
        self.sensible(card, row)
        return card

    def sensible(self, card: Card, row: int) -> None:
        """Say what a line lacks, and figures that are probably a hundred times too large."""
        if not card.name:
            self.odd("name", row, "这一行没有指标名，不参加计算", "填上指标名")
        if card.goal:
            what = f"{card.title} 的目标“{card.goal}”不是数，按文字目标看，不算达成率"
            self.odd("target", row, what, "是数就写成 5000、500万、5% 这样", Level.INFO)
        if card.unit == "%":
            for key in ("before", "last", "last_target", "industry", "target", "actual"):
                value = getattr(card, key)
                if value is not None and abs(value) > _MOST:
                    self.odd(key, row, f"{card.title}：{value:g} 即 {value:.0%}", f"想写 {value:g}% 就带上百分号", Level.WARNING)  # fmt: skip

    def weight(self, row: int) -> Weight:
        kind, name, value = self.text("w:kind", row), self.text("w:name", row), self.number("w:value", row)  # fmt: skip
        if kind not in KINDS or not name:
            self.odd("w:kind", row, "权重要写维度（渠道、品类、客群）和名称", "补上，或清空这一行")
        if value is not None and value < 0:
            self.odd("w:value", row, f"权重 {value:g} 小于 0", "写 0 或正数")
        return Weight(kind, name, value)
