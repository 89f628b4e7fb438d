"""指标卡 as a new book has it: heads, cards, empty lines, the weights beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.cells import Area, Cell, Highlight, Page, Span, State, Style, Validation
from xlplan.plan.cards.card import ADDING, KINDS, PATHS, PERIODS, WAYS, Weight, card_from
from xlplan.plan.cards.measure import BEHIND, BROKEN, CAP, GOING, REACHED
from xlplan.sheets.base import look
from xlplan.sheets.base.find import KEY_MARK
from xlplan.sheets.base.names import CARDS
from xlplan.sheets.cards.columns import (
    AIMS,
    DONE,
    END,
    FIGURES,
    HEAD_ROW,
    HEADS,
    HELPERS,
    KEY_ROW,
    MONTHLY,
    TEXTS,
    WEIGHT_HEADS,
    cards_as_built,
)
from xlplan.sheets.cards.derived import STRIP_ROW, Lines, number_format

if TYPE_CHECKING:
    from xlplan.cells import Spot
    from xlplan.plan.cards.card import Card
    from xlplan.sheets.cards.columns import CardsAt
    from xlplan.sheets.state.book import BookState

_HINTS = (
    "一行一个指标：黄格可填。实际三选一：按月填（右边的月列）、填一个数、或在“实际来源”写计划表里的指标名（自动取数）；比率可写分子、分母两行的指标名。"
    f"达成率只比有实际的月份；越低越好 = 2 − 实际÷应达；得分 = 达成率×100，封顶 {CAP * 100:g}。"
)
_CENTRED = ("unit", "better", "adds", "per", "path", "cadence", "owner")
_RATES = ("weight",)
_TEXT = look.TEXT_INPUT


def cards_page(state: BookState) -> Page:
    """Return the sheet."""
    at = cards_as_built(state)
    page = Page(CARDS, tab="#C2185B", freeze=(HEAD_ROW + 1, at.columns["name"] + 1))
    page.cells |= input_cells(state, at)
    page.cells |= Lines(state, at).cells()
    page.put(1, 1, f"{state.year.year} 年指标卡", look.TITLE)
    page.put(2, 1, _HINTS, look.HINT)
    _strip(page, at)
    _heads(page, at)
    cards = [card_from(one) for one in state.own.get("cards", ())]
    _columns(page, at, cards)
    _choices(page, at)
    _bands(page, at)
    heights = {row: Span(_height(card)) for row, card in zip(at.lines, cards, strict=True)}
    page.rows |= {1: Span(28), 3: Span(24), KEY_ROW: Span(hidden=True), HEAD_ROW: Span(42), **heights}  # fmt: skip
    page.large_paper, page.pages_tall = True, 0
    page.repeat_rows = (HEAD_ROW, HEAD_ROW)
    last = max(at.lines, default=at.first) + 3
    page.print_area = Area(1, 1, last, at.columns["note"])
    return page


def _height(card: Card) -> int:
    wide = {key: sum(1 + (char > "\u2e80") for char in getattr(card, key)) / HEADS[key][1] for key in ("name", "part", "note", "tier")}  # fmt: skip
    return 18 if max(wide.values()) <= 1.05 else 27 if max(wide.values()) <= 2.1 else 40


def _strip(page: Page, at: CardsAt) -> None:
    for key, text in (("group", "综合得分"), ("last", "截止日")):
        page.put(STRIP_ROW, at.columns[key], text, look.LABEL)


def _heads(page: Page, at: CardsAt) -> None:
    page.put(KEY_ROW, at.mark, KEY_MARK, look.HIDDEN)
    page.put(at.last, at.mark, END, look.HIDDEN)
    page.columns[at.mark] = Span(2, hidden=True)
    for key, (head, _, _) in (HEADS | MONTHLY | WEIGHT_HEADS | HELPERS).items():
        page.put(KEY_ROW, at.columns[key], key, look.HIDDEN)
        page.put(HEAD_ROW, at.columns[key], head, look.HEAD)


def _columns(page: Page, at: CardsAt, cards: list[Card]) -> None:
    """Give columns their widths; what no card uses, and months, are folded away."""
    used = {key for key in HEADS for card in cards if getattr(card, key, None) not in (None, "")}
    quiet = {"category", "tier", "store", "top", "bottom", "source", "industry", "count", "path", "adds"}  # fmt: skip
    before = {"before", "last_target", "cadence", "owner"} - used
    for key, (_, width, level) in HEADS.items():
        folded = (key in quiet and key not in used) or key in before
        page.columns[at.columns[key]] = Span(width, hidden=folded, level=1 if folded or level else 0)  # fmt: skip
    for key, (_, width, level) in MONTHLY.items():
        page.columns[at.columns[key]] = Span(width, hidden=True, level=level)
    for key, (_, width, _) in WEIGHT_HEADS.items():
        page.columns[at.columns[key]] = Span(width)
    for key, (_, width, _) in HELPERS.items():
        page.columns[at.columns[key]] = Span(width, hidden=True, level=1)
    page.columns[at.columns[AIMS[0]] - 1] = Span(HEADS["note"][1])
    page.columns[at.columns["w:kind"] - 1] = Span(3, collapsed=True)


def input_cells(state: BookState, at: CardsAt) -> dict[Spot, Cell]:
    """Return what is typed, and the empty cells of the other lines."""
    cards = [card_from(one) for one in state.own.get("cards", ())]
    weights = [Weight(**one) for one in state.own.get("card_weights", ())]
    made: dict[Spot, Cell] = {}
    rows = dict(zip(at.lines, cards, strict=True))
    for row in range(at.first, at.last + 1):
        made |= card_cells(rows.get(row), row, at)
    weighing = dict(zip(at.weights, weights, strict=True))
    for row in range(at.first, at.last + 1):
        made |= weight_cells(weighing.get(row), row, at)
    return made


def card_cells(card: Card | None, row: int, at: CardsAt) -> dict[Spot, Cell]:
    """Return the input cells of a line."""
    number = Style(State.INPUT, number=number_format(card.unit) if card else "General")
    made: dict[Spot, Cell] = {}
    for key in TEXTS:
        style = _TEXT.but(align="center") if key in _CENTRED else _TEXT
        style = style.but(bold=True, size=10) if key == "name" else style
        made[row, at.columns[key]] = Cell(
            (getattr(card, key) or None) if card else None, "", style
        )
    for key in FIGURES:
        plain = key in ("weight", "count")
        value = getattr(card, key) if card else None
        if key == "target" and card and value is None:
            value = card.goal or None
        style = Style(State.INPUT, number="General") if plain else number
        made[row, at.columns[key]] = Cell(value, "", style.but(bold=key == "target"))
    for keys, name in ((AIMS, "months"), (DONE, "done")):
        for month, key in enumerate(keys):
            made[row, at.columns[key]] = Cell(getattr(card, name)[month] if card else None, "", number)  # fmt: skip
    return made


def weight_cells(weight: Weight | None, row: int, at: CardsAt) -> dict[Spot, Cell]:
    """Return the input cells of a weight."""
    said = (weight.kind, weight.name, weight.value) if weight else (None, None, None)
    styles = (_TEXT.but(align="center"), _TEXT, Style(State.INPUT, number="0.##"))
    return {
        (row, at.columns[key]): Cell(value, "", style)
        for key, value, style in zip(("w:kind", "w:name", "w:value"), said, styles, strict=True)
    }


def _choices(page: Page, at: CardsAt) -> None:
    def area(key: str) -> Area:
        return Area(at.first, at.columns[key], at.last, at.columns[key])

    offers = (
        ("better", WAYS, "方向", "不低于、不超过是底线：守住得 100，没守住得 0", True),
        ("adds", ADDING, "累计方式", "和：各月相加；末值：只看最近一个月；比率：分子行 ÷ 分母行。空着：%、倍、天 等按末值，其余按和", True),
        ("per", PERIODS, "期间", "这个目标是全年的，还是每月、每季、每周、每日、每场的；也可写活动名，如 618", False),
        ("path", PATHS, "走法", "没填各月目标时怎么到全年：按天、按计划（随计划销售额）、平均、从去年起（末值、比率用）", True),
        ("w:kind", tuple(KINDS), "维度", "渠道、品类、客群；名称与左边卡片里写的一致，权重相乘", True),
    )  # fmt: skip
    for key, allowed, title, told, strict in offers:
        page.validations.append(Validation(area(key), "list", list(allowed), title, told, strict=strict))  # fmt: skip
    notes = {
        "target": "数字；% 请带百分号；也可写文字目标，如 前5、每月25日（不算达成率）",
        "source": "计划表里的指标名，如 销售额、UV、复购率、推广ROI；填了就自动取数，不用填实际",
        "top": "另一行的指标名；有渠道、品类、客群、店铺的，用“·”接在后面",
        "part": "渠道名；别的范围写成 种类:名称，如 预算项:KOL合作",
    }
    for key, told in notes.items():
        page.validations.append(Validation(area(key), "any", None, HEADS[key][0].partition("\n")[0], told))  # fmt: skip


def _bands(page: Page, at: CardsAt) -> None:
    area = Area(at.first, at.columns["state"], at.last, at.columns["state"])
    first = at.cell("state", at.first)
    for words, fill in (((REACHED,), look.GOOD), ((GOING,), look.MIDDLE), ((BEHIND, BROKEN), look.BAD)):  # fmt: skip
        test = ",".join(f'{first}="{word}"' for word in words)
        page.highlights.append(Highlight(area, f"=OR({test})", fill=fill, bold=True))
