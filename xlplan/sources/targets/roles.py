"""What each column of a table is: labels of a role, or figures under a head."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import TYPE_CHECKING

from xlplan.plan.targets.claims import Kind, Span
from xlplan.record import draft
from xlplan.sources.targets.labels import STORELIKE, Said, merged, said
from xlplan.sources.targets.layout import ROLES, role_of
from xlplan.sources.targets.words import Time, parse_time, plain
from xlplan.sources.text import is_missing

if TYPE_CHECKING:
    from xlplan.sources.targets.layout import Block

#: Roles whose cells are words; a column of figures under such a head has another meaning.
_WORDY = ("time", "year", "unit", "note", "kind", "scope", "basis", "part", "metric", "store")


#: What a figure is whatever the head beside it says of plans and results.
_RATE_KINDS = (Kind.SHARE, Kind.GROWTH, Kind.ATTAINMENT)
_LABELS = ("value", "metric", "store", "time", "note")


@draft
class Column:
    """One column of a table.

    Attributes:
        at: Its place on the sheet.
        role: What its labels are; "" for figures.
        said: What its head says about figures.
        heads: The head as typed, top first.
        clash: Two heads that contradict one another.
        named: Its role is written in its head.
    """

    at: int
    role: str = ""
    said: Said = Said()  # frozen
    heads: tuple[object, ...] = ()
    clash: str = ""
    named: bool = False

    @property
    def title(self) -> str:
        """The head as people read it."""
        return "·".join(_shown(head) for head in self.heads)


def _shown(head: object) -> str:
    if isinstance(head, dt.date):
        return f"{head:%Y-%m}"
    if isinstance(head, float) and head.is_integer():
        return str(int(head))
    return plain(head)


def columns_of(block: Block) -> dict[int, Column]:
    """Return the columns that hold anything, by place."""
    found = {}
    for at in block.columns:
        cells = [block.grid.cells[row][at] for row in block.body]
        heads = tuple(block.head_texts(at))
        if heads or not all(map(is_missing, cells)):
            found[at] = _column(block, at, heads)
    _settle_names(block, found)
    return found


def _column(block: Block, at: int, heads: tuple[object, ...]) -> Column:
    column = Column(at, heads=heads)
    role = next(filter(None, map(role_of, reversed(heads))), "")
    figures = _share(block, at, figures=True)
    if (
        role in _WORDY
        and figures > 0.5
        and not _times_in(block, at, numbers=role in ("time", "year"))
    ):
        role = "note" if role == "note" else ""
        if not role and len(heads) == 1 and said(heads[0]).name:  # 店铺 over numbers: codes
            role = "store" if role_of(heads[0]) == "store" else ""
    column.role, column.named = "" if role == "value" else role, bool(role)
    _say(column)
    if role == "value":
        return column
    if not column.role and figures < 0.5 and not _is_figures_head(column):
        column.role = _role_by_content(block, at)
    elif not column.role and _is_number_axis(block, at, column):
        column.role = "time"
    return column


def _is_figures_head(column: Column) -> bool:
    """Whether a head says that figures belong below, though few stand there yet."""
    told = column.said
    return bool(told.time or told.kind or told.back is not None or told.total or told.aside)


def _share(block: Block, at: int, *, figures: bool) -> float:
    filled = [row for row in block.body if not is_missing(block.grid.cells[row][at])]
    hits = sum(block.grid.is_amount(row, at) is figures for row in filled)
    return hits / len(filled) if filled else 0.0


def _times_in(block: Block, at: int, *, numbers: bool) -> bool:
    """Whether most cells of a column are times; with `numbers`, 1 … 12 and years are."""
    cells = [block.grid.cells[row][at] for row in block.body]
    cells = [cell for cell in cells if not is_missing(cell)]
    hits = sum(bool(_time_of(cell, numbers=numbers)) for cell in cells)
    return bool(cells) and hits * 2 > len(cells)


def _time_of(cell: object, *, numbers: bool) -> bool:
    if isinstance(cell, int | float) or (isinstance(cell, str) and plain(cell).isdigit()):
        value = float(cell)
        return numbers and (1 <= value <= 12 or 2000 <= value <= 2060 or 200001 <= value <= 206012)
    time = said(cell).time
    return time is not None


def _is_number_axis(block: Block, at: int, column: Column) -> bool:
    """Whether an unnamed first column counts the months 1 … 12."""
    if at != block.left or column.said.known:
        return False
    values = [block.grid.number(row, at) for row in block.body if block.grid.is_amount(row, at)]
    return (
        len(values) >= 3
        and values == [float(n) for n in range(1, len(values) + 1)]
        and len(values) <= 12
    )


def _say(column: Column) -> None:
    """Join what the heads say, the lower closer to the figures."""
    told = Said()
    for head in column.heads:
        label = plain(head).lower() in ROLES and role_of(head) in _LABELS
        if label and (column.role or not said(head).time):
            continue
        told, clash = joined(told, said(head))
        column.clash = column.clash or clash
    column.said = told


def joined(upper: Said, lower: Said) -> tuple[Said, str]:
    """Return what two labels say together, and what contradicts."""
    time = merged(upper.time, lower.time)
    clash = ""
    if upper.time and lower.time and time is None:
        clash = f"“{upper.text}”与“{lower.text}”时间不一致"
        time = lower.time
    if (
        upper.metric
        and lower.metric
        and upper.metric != lower.metric
        and not (upper.soft or lower.soft)
    ):
        clash = clash or f"“{upper.text}”与“{lower.text}”是两个指标"
    hard = next((one for one in (lower, upper) if one.metric and not one.soft), None)
    soft = hard or next((one for one in (lower, upper) if one.metric), Said())
    rate = upper.kind in _RATE_KINDS and lower.kind in (Kind.TARGET, Kind.ACTUAL)
    kind = lower if lower.kind and not rate else upper  # the target of a share is a share
    return replace(
        lower,
        text=f"{upper.text} {lower.text}".strip(),
        name=lower.name or upper.name,
        metric=soft.metric, soft=soft.soft, scope=soft.scope,
        time=time,
        back=lower.back if lower.back is not None else upper.back,
        kind=kind.kind, rank=kind.rank or upper.rank or lower.rank,
        unit=lower.unit or upper.unit,
        aside=lower.aside or upper.aside,
        total=lower.total or (upper.total and not lower.known),
    ), clash  # fmt: skip


def _role_by_content(block: Block, at: int) -> str:
    """Return what the labels of a column are, by most of them."""
    cells = [block.grid.cells[row][at] for row in block.body]
    told = [said(cell) for cell in cells if not is_missing(cell)]
    if not told:
        return ""
    if _times_in(block, at, numbers=False):
        return "time"
    shares = (
        ("kind", [one.known and not one.metric and _is_kind(one) for one in told], 0.5),
        ("unit", [bool(one.unit) and one.known and not one.metric for one in told], 0.5),
        ("metric", [bool(one.metric) for one in told], 0.39),
        ("store", [one.total for one in told], 0.99),
    )
    return next((role for role, hits, most in shares if sum(hits) > most * len(told)), "name")


def _is_kind(one: Said) -> bool:
    return bool(one.kind or one.aside or one.back is not None)


def _settle_names(block: Block, found: dict[int, Column]) -> None:
    """Decide which columns of names are stores, metrics nobody knows, or remarks."""
    figures = [column.at for column in found.values() if not column.role]
    first = min(figures, default=block.right)
    _one_store_column(block, found)
    names = [column for column in found.values() if column.role == "name"]
    has = {column.role for column in found.values()}
    for column in names:
        if column.at > first:
            column.role = "note"
    names = [column for column in names if column.role == "name"]
    if not names:
        return
    best = "store" not in has and _store_column(block, names)
    for column in names:
        column.role = "store" if column is best else "note"
    if not best and "metric" not in has and len(names) == 1:
        names[0].role = "metric"


def _one_store_column(block: Block, found: dict[int, Column]) -> None:
    """Of 平台 and 店铺 side by side the shops are the stores."""
    stores = [column for column in found.values() if column.role == "store"]
    if len(stores) < 2:
        return

    def rank(column: Column) -> tuple[bool, int, int]:
        cells = {block.grid.text(row, column.at) for row in block.body} - {""}
        shop = any(word in column.title.lower() for word in ("店", "shop", "store"))
        return (shop, len(cells), column.at)

    best = max(stores, key=rank)
    for column in stores:
        column.role = "store" if column is best else "note"


def _store_column(block: Block, names: list[Column]) -> Column | None:
    """Return the column of store names among columns of names: the one with most shop-like ones."""

    def shops(column: Column) -> int:
        texts = [block.grid.text(row, column.at) for row in block.body]
        return sum(bool(STORELIKE.search(text.lower())) for text in texts)

    best = max(names, key=lambda column: (shops(column), -column.at))
    return best if len(names) == 1 or shops(best) else None


def time_cell(cell: object, *, numbers: bool) -> Said:
    """Read a label of a time column; 3 is March and 202703 too."""
    if numbers and (isinstance(cell, int | float) or plain(cell).isdigit()):
        value = float(plain(cell)) if isinstance(cell, str) else float(cell)  # type: ignore[arg-type]
        text = f"{value:.0f}月" if 1 <= value <= 12 else f"{value:.0f}"
        return replace(said(text), text=f"{value:.0f}", time=parse_time(text))
    time = parse_time(cell)
    return Said(plain(cell), time=time) if time and time != Time(Span.NONE) else said(cell)
