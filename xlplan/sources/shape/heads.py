"""One head row out of two or three: group heads over names, names over 本期 and 上期, units below."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from xlplan.record import draft
from xlplan.sources.dates import Span, parse_span
from xlplan.sources.exports.generic import base_metric
from xlplan.sources.numbers import Number, parse_number
from xlplan.sources.shape.cut import with_rows
from xlplan.sources.shape.words import GroupKind, group_kind, is_unit, years_in
from xlplan.sources.text import clean, header, is_missing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from xlplan.sources.readers.raw import Table

#: Group heads stand at most so far above the names.
_LEVELS = 2
#: Figures that a shop and its parts both have.
_OF_SHOP = frozenset({"gmv", "orders", "uv", "buyers", "units"})


class Title(NamedTuple):
    """The head of one column: its name, and the group heads over it."""

    name: str
    groups: tuple[str, ...] = ()


@draft
class TableHead:
    """The head of a table.

    Attributes:
        row: The row of the names, the last of the head.
        top: The row of the date title, the same or the one above.
        date: The column of the date.
        titles: By column.
        unfit: Columns that are not to be read → the group they belong to.
        unclear: Names that stand under several groups, none of which is clearly the shop → groups.
        stores: Column → store, where the groups are stores.
    """

    row: int
    top: int
    date: int
    titles: list[Title]
    unfit: dict[int, str]
    unclear: dict[str, list[str]]
    stores: dict[int, str]


def read_head(table: Table, row: int, date: int, is_store: Callable[[str], bool]) -> TableHead:
    """Return the head whose date title stands in `row`, with what is written above and below."""
    titles = [Title(clean(cell) if isinstance(cell, str) else "") for cell in table.rows[row]]
    last = row
    deep = max((m.bottom for m in table.merges if (m.top, m.left) == (row, date)), default=row)
    if row + 1 < deep < len(table.rows):
        last = deep
        titles = [Title(clean(c) if isinstance(c, str) else "") for c in _filled_to(table, deep)]
        titles[date] = Title(clean(table.rows[row][date]))
        for level in range(deep - 1, row - 1, -1):
            titles = _under(table.rows[level], _spread(table, level, date), titles, date)
    elif _has_names_below(table, row, date):
        last = row + 1
        titles = _joined(_spread(table, row, date), table.rows[last], date)
    above = row
    while above and row - above < _LEVELS and _is_group_row(table, above - 1, date):
        above -= 1
        titles = _under(table.rows[above], _spread(table, above, date), titles, date)
    head = TableHead(last, row, date, titles, {}, {}, {})
    _choose(head, is_store)
    return head


def _filled_to(table: Table, row: int) -> list[object]:
    """Return the cells of a row, blank ones up to the widest of the rows around it."""
    width = max(len(cells) for cells in table.rows[max(row - 2, 0) : row + 2])
    return [table.at(row, column) for column in range(width)]


def _spread(table: Table, row: int, date: int) -> list[str]:
    """Return a row's texts, each over all the columns it stands over."""
    cells = [clean(cell) if isinstance(cell, str) else "" for cell in table.rows[row]]
    width = max(len(table.rows[r]) for r in range(row, min(row + 4, len(table.rows))))
    cells += [""] * (width - len(cells))
    merged = [m for m in table.merges if m.top <= row <= m.bottom]
    for block in merged:
        text = clean(table.at(block.top, block.left) or "")
        for column in range(block.left, min(block.right + 1, width)):
            cells[column] = cells[column] or text
    if any(block.right > block.left for block in merged):
        return cells
    if sum(bool(text) for column, text in enumerate(cells) if column != date) < 2:
        return cells  # a lone text says something about its own column at most
    text = ""
    for column in range(width):
        text = "" if column == date else cells[column] or text
        cells[column] = cells[column] or text
    return cells


def _has_names_below(table: Table, row: int, date: int) -> bool:
    """Return whether the row below belongs to the head: 日期 reaches down, others go on below."""
    if row + 1 >= len(table.rows):
        return False
    below = table.rows[row + 1]
    if not is_missing(table.at(row + 1, date)) or not are_words(below):
        return False
    words = [cell for cell in below if not is_missing(cell)]
    if not words or all(is_unit(cell) for cell in words):
        return False
    known = sum(bool(base_metric(clean(cell))) for cell in words)
    here = sum(bool(base_metric(clean(cell))) for cell in table.rows[row] if isinstance(cell, str))
    blanks = any(
        is_missing(table.at(row, column)) and not is_missing(cell)
        for column, cell in enumerate(below)
    )
    merged = any(m.top == row and m.left == date and m.bottom > row for m in table.merges)
    kinds = {group_kind(clean(cell)) for cell in words}
    return (
        known > here
        or ((blanks or merged) and bool(kinds - {GroupKind.PLAIN}) and here > 0)
        or (merged and blanks)
    )


def are_words(cells: Sequence[object]) -> bool:
    """Return whether a row has texts (a few words each) and no figures or dates."""
    found = [cell for cell in cells if not is_missing(cell)]
    return bool(found) and all(
        isinstance(cell, str)
        and len(cell) < 40
        and not isinstance(parse_number(cell), Number)
        and not isinstance(parse_span(cell), Span)
        for cell in found
    )


def _joined(upper: Sequence[str], lower: Sequence[object], date: int) -> list[Title]:
    titles = []
    for column in range(max(len(upper), len(lower))):
        over = upper[column] if column < len(upper) else ""
        under = (
            clean(lower[column]) if column < len(lower) and isinstance(lower[column], str) else ""
        )
        titles.append(_pair(over, under) if column != date else Title(over))
    return titles


def _pair(over: str, under: str) -> Title:
    """Return the head of a column with two texts: the name is the one that names a metric."""
    if not under or not over or under == over:
        return Title(under or over)
    if not base_metric(under) and base_metric(over) and group_kind(under) is not GroupKind.PLAIN:
        return Title(over, (under,))
    return Title(under, (over,))


def _is_group_row(table: Table, row: int, date: int) -> bool:
    """Return whether a row above the names heads groups of columns, and is no title or note."""
    cells = table.rows[row]
    if not are_words(cells) or any(":" in header(cell) for cell in cells if isinstance(cell, str)):
        return False
    columns = [column for column, cell in enumerate(cells) if not is_missing(cell)]
    over_date = [m for m in table.merges if m.top <= row <= m.bottom and m.left <= date <= m.right]
    if any(m.right > m.left and m.right > date for m in over_date):
        return False
    beside = [column for column in columns if column != date]
    if all(is_unit(cells[column]) for column in beside):
        return False
    wide = any(m.top == row and m.right > m.left and m.left in beside for m in table.merges)
    telling = any(_tells(clean(cells[column])) for column in beside)
    return len(beside) >= 2 or (len(beside) == 1 and (wide or telling))


def _tells(text: str) -> bool:
    """Return whether a lone text is a group head by itself: 去年, 2025年; no note like 目标100万."""
    plain = not any(char.isdigit() for char in text) and group_kind(text) is not GroupKind.PLAIN
    return plain or (len(text) < 6 and years_in(text) is not None)


def _under(
    cells: Sequence[object], groups: Sequence[str], titles: Sequence[Title], date: int
) -> list[Title]:
    """Return the heads with the group over each; a text right above no name is the name."""
    found = []
    for column, title in enumerate(titles):
        group = groups[column] if column < len(groups) else ""
        own = column < len(cells) and not is_missing(cells[column])
        if column == date or not group or group == title.name:
            found.append(title)
        elif not title.name:
            found.append(Title(group if own else ""))
        else:
            pair = _pair(group, title.name)
            found.append(Title(pair.name, (*pair.groups, *title.groups)))
    return found


def _choose(head: TableHead, is_store: Callable[[str], bool]) -> None:
    """Find the columns that are of other periods, plans or parts, and names that stay unclear."""
    stores = {c: g for c, t in enumerate(head.titles) for g in t.groups if is_store(g)}
    if len(set(stores.values())) > 1:
        head.stores = stores
        return
    years = {y for t in head.titles for g in t.groups if (y := years_in(g))}
    by_name: dict[str, list[int]] = {}
    for column, title in enumerate(head.titles):
        if title.name and column != head.date:
            metric = base_metric(title.name)
            by_name.setdefault(metric or header(title.name), []).append(column)
            kinds = {group_kind(group) for group in title.groups}
            old = any((y := years_in(group)) and y < max(years) for group in title.groups)
            if GroupKind.OTHER in kinds or old:
                head.unfit[column] = "·".join(title.groups)
    for metric, columns in by_name.items():
        fit = [column for column in columns if column not in head.unfit]
        _settle(head, fit, of_shop=metric in _OF_SHOP or len(fit) > 1)


def _settle(head: TableHead, columns: list[int], *, of_shop: bool) -> None:
    """Choose among the columns of one name; a part is never the whole, nor one of several.

    A figure that is of a part anyway (the spend of a channel) may stand under the head of one.
    """
    grouped = [c for c in columns if head.titles[c].groups]
    if not grouped:
        return
    plain = [c for c in columns if c not in grouped]
    parts = [c for c in grouped if of_shop and _kind(head, c) is GroupKind.PART]
    whole = [c for c in grouped if _kind(head, c) is GroupKind.WHOLE]
    others = [c for c in grouped if c not in parts and c not in whole]
    actual = [c for c in others if _kind(head, c) is GroupKind.ACTUAL]
    best = next((found for found in (whole, plain, actual, others) if found), [])
    names = {header(head.titles[c].name) for c in best}
    if len(best) > len(names) or (parts and not best):
        unclear = best if len(best) > len(names) else parts
        label = head.titles[unclear[0]].name
        head.unclear[label] = ["·".join(head.titles[c].groups) for c in unclear]
        best = []
    for column in grouped:
        if column not in best:
            head.unfit[column] = "·".join(head.titles[column].groups)


def _kind(head: TableHead, column: int) -> GroupKind:
    kinds = {group_kind(group) for group in head.titles[column].groups}
    order = (GroupKind.PART, GroupKind.WHOLE, GroupKind.ACTUAL)
    return next((kind for kind in order if kind in kinds), GroupKind.PLAIN)


def with_head(table: Table, head: TableHead) -> Table:
    """Return the table with the names of its columns in one row; unfit ones are called by their group."""
    row = [
        f"{head.unfit[column]}·{title.name}" if column in head.unfit else title.name
        for column, title in enumerate(head.titles)
    ]
    changed: dict[int, Sequence[object]] = {head.row: row}
    changed |= dict.fromkeys(range(head.top, head.row), ())  # their texts are in the names now
    units = head.row + 1
    if units < len(table.rows) and _is_unit_row(table, units, head.date):
        changed[head.row] = _with_units(table, row, units, head.date)
        changed[units] = ()
    elif head.row and _is_unit_row(table, head.row - 1, head.date):
        changed[head.row] = _with_units(table, row, head.row - 1, head.date)
    same = list(table.rows[head.row]) == changed[head.row] and len(changed) == 1
    return table if same else with_rows(table, changed)


def _is_unit_row(table: Table, row: int, date: int) -> bool:
    cells = [cell for column, cell in enumerate(table.rows[row]) if column != date]
    said = [cell for cell in cells if not is_missing(cell)]
    first = table.at(row, date)
    label = is_missing(first) or header(first) in ("单位", "unit", "计量单位")
    return label and bool(said) and all(isinstance(cell, str) and is_unit(cell) for cell in said)


def _with_units(table: Table, row: Sequence[str], units: int, date: int) -> list[str]:
    """Return the names with the units that stand in a row of their own."""
    return [
        name if column == date else _with_unit(name, table.at(units, column))
        for column, name in enumerate(row)
    ]


def _with_unit(name: str, unit: object) -> str:
    text = header(unit).strip("()[]【】") if isinstance(unit, str) else ""
    if not name or not text or is_missing(text) or name.rstrip().endswith((")", "）")):
        return name
    return f"{name}({text})"


def one_store(table: Table, head: TableHead, store: str) -> Table:
    """Return the table with the columns of one store and those under no group at all."""
    titles = [
        title if head.stores.get(column, "" if title.groups else store) == store else Title("")
        for column, title in enumerate(head.titles)
    ]
    alone = TableHead(head.row, head.top, head.date, titles, {}, {}, {})
    _choose(alone, lambda _: False)
    return replace(with_head(table, alone), store=store)
