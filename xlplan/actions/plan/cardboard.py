"""指标卡 as a command: what is reached and scored, the first lines of it, lines that a file brings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlplan.actions.plan.cards import Held, card_findings, cards_for
from xlplan.actions.plan.fill import audit_read
from xlplan.actions.plan.target_list import read_list
from xlplan.actions.run.apply import apply
from xlplan.actions.run.outcome import Outcome
from xlplan.errors import Level, Problem
from xlplan.plan.cards.card import AT_MOST, LOWER, Card, Weight, card_from, card_texts
from xlplan.plan.cards.measure import measured, overall
from xlplan.sheets.base.lists import LogRow
from xlplan.sheets.base.names import CARDS
from xlplan.sheets.cards.lookup import lookup_of
from xlplan.sheets.cards.sheet import LINES, WEIGHTS
from xlplan.sheets.state.read import read_state

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.cells import Book
    from xlplan.plan.cards.measure import Measured
    from xlplan.sheets.state.book import BookState
    from xlplan.sheets.state.read import BookRead

#: The lines a book starts with: the plan's own metrics, measured by the plan.
STARTER = (
    Card("销售额", group="经营", unit="元", source="销售额"),
    Card("UV", group="流量", unit="个", source="UV"),
    Card("付费UV", group="流量", unit="个", source="付费UV"),
    Card("转化率", group="转化", unit="%", source="转化率"),
    Card("客单价", group="转化", unit="元", source="客单价"),
    Card("推广费", group="推广", unit="元", source="推广费", better=AT_MOST),
    Card("推广ROI", group="推广", unit="倍", source="推广ROI"),
    Card("退款率", group="服务", unit="%", source="退款率", better=LOWER),
    Card("复购率", group="用户", unit="%", source="复购率"),
)
#: What tells lines apart, and what a file may add to a line that is there.
_KEY = ("store", "name", "part", "category", "tier", "per")


def cards(book: Book, *, file: str | Path | None = None, dry_run: bool = False) -> Outcome:
    """Measure the cards of a book; lay the sheet out first where there is none, add what a file says.

    Args:
        book: The plan book.
        file: A list of targets; what the plan's own tables hold already is left out.
        dry_run: Only say what would change.

    Raises:
        InputError: The file has a cell that could not be read or placed.
        FileError: It cannot be read.
        StructureError: The book lost a sheet, key row or key column.
    """
    read = read_state(book)
    told: list[Problem] = []
    texts = list(read.state.own.get(LINES, ()))
    if file is not None:
        texts, told = _with_file(read, Path(file))
    elif not texts:
        texts = [card_texts(card) for card in STARTER]
    new = len(texts) - len(read.state.own.get(LINES, ()))
    state = read.state.with_own({LINES: texts})
    note = f"指标卡加 {new} 行" if new else "指标卡"
    changed = 0 if dry_run else apply(book, read, state, [LogRow(action=CARDS, note=note)])
    findings = card_findings(read, audit_read(read))
    return _outcome(state, new, [*told, *read.problems_of(CARDS), *findings], changed)


def _with_file(read: BookRead, file: Path) -> tuple[list[dict[str, Any]], list[Problem]]:
    """Return the lines with those of a file; a figure that a line has already stays."""
    state = read.state
    year, typed = state.year, state.typed
    listed = read_list(file, year.year)
    held = Held(typed.values, state.splits, list(year.stores), year.settings, year.year)
    brought, told = cards_for(listed.claims, held)
    texts = [dict(one) for one in state.own.get(LINES, ())]
    for one in brought:
        key = [one.get(name, "") for name in _KEY]
        there = next((old for old in texts if [old.get(name, "") for name in _KEY] == key), None)
        if there is None:
            texts.append(one)
            continue
        kept = {name: there[name] for name in one if name in there and there[name] != one[name]}
        there.update({name: value for name, value in one.items() if name not in there})
        if kept:
            what = "、".join(f"{_shown(value)}（文件写 {_shown(one[name])}）" for name, value in kept.items())  # fmt: skip
            problem = Problem(listed.claims[0].where, f"“{card_from(there).title}”表里已有，没有改：{what}", Level.INFO, f"要改就在“{CARDS}”里改", "targets")  # fmt: skip
            told.append(problem)
    return texts, [*listed.problems, *listed.told, *told]


def _shown(value: object) -> str:
    return f"{value:,.10g}" if isinstance(value, float) else str(value)


def _outcome(state: BookState, new: int, problems: Sequence[Problem], changed: int) -> Outcome:
    texts = state.own[LINES]
    deck = [card_from(one) for one in texts]
    weights = [Weight(**one) for one in state.own.get(WEIGHTS, ())]
    lines = measured(deck, weights, lookup_of(state.year, texts).setting)
    score = overall(lines)
    said = [f"综合得分 {score:.1f}" if score is not None else "还没有可以打分的指标"]
    said += [_line(card, line) for card, line in zip(deck, lines, strict=True)]
    if new and changed:
        said.append(f"“{CARDS}”加了 {new} 行")
    facts: dict[str, object] = {"score": score, "cards": [_fact(card, line) for card, line in zip(deck, lines, strict=True)]}  # fmt: skip
    return Outcome(f"{CARDS}：{len(deck)} 项", said, list(problems), facts, changed)


def _line(card: Card, line: Measured) -> str:
    figures = [f"{name} {_figure(value, card.unit)}" for name, value in (("全年", line.year), ("应达", line.due), ("实际", line.actual)) if value is not None]  # fmt: skip
    rate = f"，达成 {line.rate:.1%}" if line.rate is not None else ""
    return f"{card.title}：{'，'.join(figures) or card.goal or '-'}{rate}（{line.state}）"


def _figure(value: float, unit: str) -> str:
    return f"{value * 100:.4g}%" if unit == "%" else f"{value:,.2f}".rstrip("0").rstrip(".")


def _fact(card: Card, line: Measured) -> dict[str, object]:
    return {
        "name": card.title, "per": card.per, "target": card.target, "goal": card.goal, "year": line.year, "due": line.due,
        "actual": line.actual, "attainment": line.rate, "state": line.state, "score": line.score, "weight": line.share,
        "owner": card.owner,
    }  # fmt: skip
