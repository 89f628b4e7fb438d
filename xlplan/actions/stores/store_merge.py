"""One store's returned copies merged into what stands on 日报; pure, no files, no cells."""

from __future__ import annotations

from dataclasses import field
from datetime import date
from typing import TYPE_CHECKING

from xlplan.plan.actuals.threeway import Side, canon, merge
from xlplan.record import draft, record
from xlplan.sheets.collect import page as words
from xlplan.sheets.collect.collected import Copies, Copy
from xlplan.sheets.collect.page import Detail, StoreLine

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from xlplan.actions.stores.returned import File
    from xlplan.plan.actuals.threeway import Candidate, Conflict, Value
    from xlplan.sheets.stores.handout import Days, Handout
    from xlplan.sheets.stores.returned import Returned

#: (day, column key).
Key = tuple[date, str]
Flat = dict[Key, "Value"]
THEIRS, OURS = "theirs", "ours"
BY_CHOICE = "按选择"


@record
class Rules:
    """How conflicts are decided.

    Attributes:
        prefer: ``theirs``, ``ours`` or "" (nothing is decided by rule).
        choices: (store, day, column key, returned value) → what was chosen on 收集报告.
        label: Column key → header text.
    """

    prefer: str
    choices: Mapping[tuple[str, str, str, Value], str]
    label: Callable[[str], str]


@record
class Edition:
    """A returned file ready to merge: what it started from, what it says, and its memory."""

    file: File
    handout: Handout
    said: Returned
    base: Flat
    values: Flat
    known: bool
    stale: bool


@draft
class StoreMerge:
    """What one store's copies bring.

    Attributes:
        store: The store.
        taken: New values (None clears), with the file they come from.
        details: Conflicts, corrections and findings for 收集报告.
        line: Its line on 收集报告.
        fresh: Whether any file is new since the last collection.
        files: The files.
    """

    store: str
    taken: dict[Key, tuple[Value, Edition]] = field(default_factory=dict)
    details: list[Detail] = field(default_factory=list)
    line: StoreLine = field(default_factory=lambda: StoreLine(""))
    fresh: bool = False
    files: Sequence[File] = ()


def merge_store(
    store: str, files: Sequence[File], ours: Mapping[Key, Value], copies: Copies, rules: Rules
) -> StoreMerge:
    """Merge the copies of one store and remember what they said.

    Args:
        store: The store.
        files: Its files, read and screened.
        ours: What stands on 日报 for this store, unreadable cells as their text.
        copies: What was collected before; updated for the files given.
        rules: How conflicts are decided.
    """
    editions = [_edition(store, file, copies) for file in files]
    merged = merge(ours, [Side(edition.base, edition.values) for edition in editions])
    fresh = any(not edition.known for edition in editions)
    made = StoreMerge(store, fresh=fresh, files=files)
    for key, candidate in merged.taken.items():
        _take(made, key, candidate, editions, ours.get(key))
    pending: set[Key] = set()
    for conflict in merged.conflicts:
        if not _decide(made, conflict, editions, rules):
            pending.add(conflict.key)
    made.line = _line(editions, merged.edits, len(pending), store)
    for edition in editions:
        if not edition.stale:
            _remember(edition, pending, copies, store)
    for detail in made.details:
        detail.label = rules.label(detail.metric)
    return made


def _edition(store: str, file: File, copies: Copies) -> Edition:
    """Find what the copy started from: the hand-out, or what it said when last collected."""
    if file.handout is None or file.said is None:
        raise ValueError(file.name)  # screened files have both
    handed = file.handout.base
    before = copies.get((store, file.name))
    if before is None or before.version != file.handout.version:
        before = Copy()
    known = before.digest == file.digest
    later = bool(before.saved) and file.saved > before.saved
    base = flat(before.base(handed) if known or later else handed)
    values = flat(file.said.days)
    for key in file.said.unread:
        values[key] = base.get(key)
    stale = bool(before.digest) and not known and not later
    return Edition(file, file.handout, file.said, base, values, known, stale)


def flat(days: Days) -> Flat:
    """Return (day, key) → value of values by day."""
    return {(day, key): value for day, values in days.items() for key, value in values.items()}


def _take(
    made: StoreMerge, key: Key, candidate: Candidate, editions: Sequence[Edition], here: Value
) -> None:
    """Take a value; replacing or clearing one is a correction that is shown."""
    edition = editions[candidate.sides[0]]
    made.taken[key] = candidate.value, edition
    if canon(here) is not None:
        result = words.CLEARED if canon(candidate.value) is None else words.CORRECTED
        base = edition.base.get(key)
        made.details.append(
            _detail(made.store, result, edition, key, (base, here, candidate.value))
        )


def _detail(
    store: str, result: str, edition: Edition, key: Key, values: tuple[Value, Value, Value]
) -> Detail:
    base, ours, theirs = values
    day, metric = key
    cell = edition.said.cell(day, metric)
    return Detail(
        store, result, edition.file.name, str(day), "", base, ours, _shown(theirs), "", cell,
        "合并", metric=metric,
    )  # fmt: skip


def _shown(value: Value) -> Value:
    return words.EMPTY if canon(value) is None else value


def _decide(
    made: StoreMerge, conflict: Conflict[Key], editions: Sequence[Edition], rules: Rules
) -> bool:
    """Settle a conflict by choice or rule; list it either way; False when it stays open."""
    chosen = [_chosen(made.store, conflict.key, c.value, rules) for c in conflict.theirs]
    adopted = [
        c for c, choice in zip(conflict.theirs, chosen, strict=True) if choice == words.ADOPT
    ]
    kept = words.KEEP in chosen or rules.prefer == OURS
    if not adopted and not kept and rules.prefer == THEIRS and len(conflict.theirs) == 1:
        adopted = list(conflict.theirs)
    one = adopted[0] if len(adopted) == 1 else None
    if one:
        made.taken[conflict.key] = one.value, editions[one.sides[0]]
    for candidate, choice in zip(conflict.theirs, chosen, strict=True):
        result = words.OPEN
        if one or kept:
            result = words.ADOPTED if candidate is one else words.KEPT
        for side in candidate.sides:
            values = (conflict.base, conflict.ours, candidate.value)
            detail = _detail(made.store, result, editions[side], conflict.key, values)
            detail.choice = choice
            detail.note = _explained(len(adopted), rules.prefer, result, choice)
            made.details.append(detail)
    return bool(one or kept)


def _explained(adopted: int, prefer: str, result: str, choice: str) -> str:
    if adopted > 1:
        return "同一格选了两个不同的值，请只留一个"
    if result == words.OPEN:
        return (
            f"总表与交回的不同：在“选择”里选“{words.ADOPT}”或“{words.KEEP}”，再运行 xlplan collect"
        )
    return BY_CHOICE if choice else f"按规则 --prefer {prefer}" if prefer else "按另一行的选择"


def _chosen(store: str, key: Key, value: Value, rules: Rules) -> str:
    return rules.choices.get((store, str(key[0]), key[1], canon(_shown(value))), "")


def _line(
    editions: Sequence[Edition], edits: Sequence[Sequence[Key]], pending: int, store: str
) -> StoreLine:
    """Count what the store did since its base, and say how it stands."""
    filled, changed, cleared = set[Key](), set[Key](), set[Key]()
    for edition, keys in zip(editions, edits, strict=True):
        for key in keys:
            was, now = edition.base.get(key), edition.values.get(key)
            (cleared if now is None else filled if was is None else changed).add(key)
    findings = [p for e in editions for p in e.file.problems if p.level != "提示"]
    until = max((day for e in editions for day in e.said.days), default=None)
    newest = max(editions, key=lambda edition: edition.file.saved)
    state = words.RETURNED if filled or changed or cleared else words.BLANK
    state = words.CONFLICT if pending else words.TROUBLE if findings else state
    return StoreLine(
        store, state, "、".join(e.file.name for e in editions), newest.handout.version,
        newest.file.saved.replace("T", " "), str(until or ""), len(filled), len(changed),
        len(cleared), pending, len(findings), _said(editions),
    )  # fmt: skip


def _said(editions: Sequence[Edition]) -> str:
    stale = [edition.file.name for edition in editions if edition.stale]
    return f"{'、'.join(stale)} 比上次收到的旧，按分发时的底稿合并" if stale else ""


def _remember(edition: Edition, pending: set[Key], copies: Copies, store: str) -> None:
    """Keep what the copy said, except where it is not settled: there it is still an edit."""
    said: Days = {}
    for (day, key), value in edition.values.items():
        settled = edition.base.get((day, key)) if (day, key) in pending else value
        if settled is not None:
            said.setdefault(day, {})[key] = settled
    for day, key in pending - edition.values.keys():
        was = edition.base.get((day, key))
        if was is not None:
            said.setdefault(day, {})[key] = was
    copy = Copy(edition.handout.version, edition.file.digest, edition.file.saved)
    copy.remember(edition.handout.base, said)
    copies[store, edition.file.name] = copy
