"""补差计划 on 复盘: what is to be made up, by whom and when; people own these rows."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from xlplan.cells import Cell, State, Style
from xlplan.record import record, replace
from xlplan.sheets.base import look
from xlplan.sheets.review.layout import GAP_ROWS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.cells import Seen, Spot, Value
    from xlplan.sheets.base.making import Keyed

#: Field → column. What people write stands in inputs; the rest says where a row comes from.
COLUMNS = {"metric": 1, "target": 2, "actual": 3, "band": 4, "action": 5, "owner": 10, "due": 11, "done": 12, "period": 13, "scope": 15}  # fmt: skip
HEADS = {"metric": "指标", "target": "目标", "actual": "实际", "band": "状态", "action": "补差计划", "owner": "负责人", "due": "日期", "done": "完成", "period": "期间", "scope": "店铺"}  # fmt: skip
TYPED = ("action", "owner", "due", "done")
#: Columns over which a field reaches.
SPREAD_OVER = {"action": 9, "period": 14, "scope": 16}
_EPOCH = date(1899, 12, 30)


@record
class Gap:
    """One row of the 补差计划; texts, empty where nothing is written."""

    metric: str = ""
    target: str = ""
    actual: str = ""
    band: str = ""
    action: str = ""
    owner: str = ""
    due: str = ""
    done: str = ""
    period: str = ""
    scope: str = ""

    @property
    def key(self) -> str:
        """What a row is about."""
        return f"{self.period}|{self.scope}|{self.metric}"

    @property
    def proposal(self) -> list[str]:
        """What of it a review proposes and people may change."""
        return [self.action, self.owner, self.due]

    @property
    def blank(self) -> bool:
        """Whether nothing stands in it."""
        return not any(getattr(self, name) for name in COLUMNS)


def merged_gaps(
    there: Sequence[Gap], proposed: Mapping[str, list[str]], now: Sequence[Gap]
) -> tuple[list[Gap], int]:
    """Return the rows after a review, and how many found no room.

    A row people touched is theirs: plan, owner, date and 完成 stay. One that still says what was
    proposed is proposed anew, and goes when another period is reviewed.

    Args:
        there: Rows as they stand.
        proposed: What the last review proposed, by row.
        now: What this one proposes.
    """
    wanted = {gap.key: gap for gap in now}
    kept: list[Gap] = []
    for gap in there:
        mine = gap.key not in proposed or gap.proposal != proposed[gap.key] or bool(gap.done)
        new = wanted.pop(gap.key, None)
        if new is None and mine and not gap.blank:
            kept.append(gap)
        elif new is not None:
            texts = _kept(gap, new, proposed.get(gap.key))
            kept.append(replace(new, **dict(zip(TYPED, texts, strict=True))))
    first = {gap.key for gap in now}
    rows = [*wanted.values(), *kept]
    rows.sort(key=lambda gap: gap.key not in first)
    full = max(len(rows) - GAP_ROWS, 0)
    for _ in range(full):  # the oldest that are done go first
        at = next((i for i in range(len(rows) - 1, -1, -1) if rows[i].done), len(rows) - 1)
        rows.pop(at)
    return rows, full


def _kept(gap: Gap, new: Gap, proposed: list[str] | None) -> list[str]:
    """Return plan, owner, date and 完成: each as people left it, or as it is proposed now."""
    said = proposed or ["", "", ""]
    pairs = zip(gap.proposal, new.proposal, said, strict=True)
    return [*(mine if mine != was else fresh for mine, fresh, was in pairs), gap.done]


def read_gaps(cells: Mapping[Spot, Seen], at: Keyed) -> list[dict[str, str]]:
    """Return the rows that say something, from the top, as a part of the state."""
    rows = sorted(row for key, row in at.rows.items() if key.startswith("gap:"))
    made = []
    for row in rows:
        gap = {name: _text(cells.get((row, at.columns[f"c:{column}"])), name) for name, column in COLUMNS.items()}  # fmt: skip
        if any(gap.values()):
            made.append(gap)
    return made


def _text(seen: Seen | None, name: str) -> str:
    value = None if seen is None else seen.value
    if value is None or value == "":
        return ""
    if name == "due":
        if isinstance(value, datetime):
            return str(value.date())
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(_EPOCH + timedelta(days=int(value)))
    return str(value).strip()


def gap_cells(rows: Sequence[Mapping[str, Any]], at: Keyed) -> dict[Spot, Cell]:
    """Return the cells of the block: the rows, and empty ones below."""
    places = sorted((row for key, row in at.rows.items() if key.startswith("gap:")))
    cells: dict[Spot, Cell] = {}
    for number, row in enumerate(places):
        gap = rows[number] if number < len(rows) else {}
        for name, column in COLUMNS.items():
            cells[row, at.columns[f"c:{column}"]] = Cell(_value(name, gap.get(name, "")), "", gap_style(name))  # fmt: skip
    return cells


def _value(name: str, text: str) -> Value:
    if name == "due":
        try:
            return date.fromisoformat(text)
        except ValueError:
            return text or None
    return text or None


def gap_style(name: str) -> Style:
    """Return how a field looks."""
    if name == "due":
        return look.INPUT.but(number="yyyy-mm-dd", align="center")
    if name == "action":
        return look.TEXT_INPUT
    if name in TYPED:
        return look.INPUT.but(align="center")
    return Style(State.DERIVED, align="right" if name in ("target", "actual") else "", wrap=True, size=9)  # fmt: skip
