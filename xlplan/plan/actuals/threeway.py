"""Three-way merge of typed values: what was handed out, what stands here, what came back.

The rule is that of version control (diff3): an edit is a value that differs from the base
it started from; edits that do not touch each other merge, the same edit on both sides is
one edit, and different values for one key are a conflict that no side wins silently
(RELIABILITY F13).
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

K = TypeVar("K", bound=Hashable)
#: A typed value: a number, a text, or None for an empty cell.
Value = float | int | str | None


class Side(NamedTuple, Generic[K]):
    """One returned copy.

    Attributes:
        base: What the copy said when it was handed out; absent keys were empty.
        values: What it says now; absent keys are empty.
    """

    base: Mapping[K, Value]
    values: Mapping[K, Value]


class Candidate(NamedTuple):
    """One value proposed for a key, and the numbers of the sides that propose it."""

    value: Value
    sides: tuple[int, ...]


@record
class Conflict(Generic[K]):
    """Values for one key that exclude each other.

    Attributes:
        key: Which value.
        base: What was handed out (of the first side that edits it).
        ours: What stands here.
        theirs: What came back; several when the copies differ among themselves.
    """

    key: K
    base: Value
    ours: Value
    theirs: tuple[Candidate, ...]


@record
class Merged(Generic[K]):
    """The result.

    Attributes:
        taken: Values to take over (None clears), with who proposes them.
        conflicts: What no side wins.
        edits: The keys each side edited, whatever became of them.
    """

    taken: dict[K, Candidate]
    conflicts: tuple[Conflict[K], ...]
    edits: tuple[Sequence[K], ...] = ()

    def applied(self, ours: Mapping[K, Value]) -> dict[K, Value]:
        """Return `ours` with the taken values; conflicts stay as they are."""
        values = {key: value for key, value in ours.items() if canon(value) is not None}
        for key, (value, _) in self.taken.items():
            if canon(value) is None:
                values.pop(key, None)
            else:
                values[key] = value
        return values


def merge(ours: Mapping[K, Value], sides: Sequence[Side[K]]) -> Merged[K]:
    """Merge any number of returned copies into what stands here.

    The order of `sides` decides nothing but the order in which candidates are listed.

    Args:
        ours: What stands here now; absent keys are empty.
        sides: The copies, each with the base it was handed out with.

    Returns:
        Values to take over and conflicts; keys where nothing changes are in neither.
    """
    edits = tuple(edited(side) for side in sides)
    by_key: dict[K, list[int]] = {}
    for number, keys in enumerate(edits):
        for key in keys:
            by_key.setdefault(key, []).append(number)
    taken: dict[K, Candidate] = {}
    conflicts: list[Conflict[K]] = []
    for key, numbers in by_key.items():
        here = ours.get(key)
        candidates = _candidates(key, here, sides, numbers)
        untouched = any(same(sides[n].base.get(key), here) for c in candidates for n in c.sides)
        if len(candidates) == 1 and untouched:
            taken[key] = candidates[0]
        elif candidates and not _settled(candidates, here):
            conflicts.append(Conflict(key, sides[numbers[0]].base.get(key), here, candidates))
    return Merged(taken, tuple(conflicts), edits)


def edited(side: Side[K]) -> list[K]:
    """Return the keys whose value differs from the base, those of the base first."""
    base, values = side
    keys = dict.fromkeys([*base, *values])
    return [key for key in keys if not same(base.get(key), values.get(key))]


def _candidates(
    key: K, here: Value, sides: Sequence[Side[K]], numbers: Sequence[int]
) -> tuple[Candidate, ...]:
    """Return the distinct proposals, without those that later copies already started from."""
    if len(numbers) == 1:  # most keys
        return (Candidate(sides[numbers[0]].values.get(key), (numbers[0],)),)
    found: dict[Value, tuple[Value, list[int]]] = {}
    for number in numbers:
        value = sides[number].values.get(key)
        found.setdefault(canon(value), (value, []))[1].append(number)
    listed = [Candidate(value, tuple(who)) for value, who in found.values()]
    started_here = any(same(sides[n].base.get(key), here) for n in numbers)
    return tuple(c for c in listed if not (started_here and same(c.value, here)))


def _settled(candidates: Sequence[Candidate], here: Value) -> bool:
    return len(candidates) == 1 and same(candidates[0].value, here)


def same(a: Value, b: Value) -> bool:
    """Return whether two typed values say the same."""
    return a == b or canon(a) == canon(b)


def canon(value: Value) -> Value:
    """Return the form in which values are compared: 12 digits, outer blanks and "" ignored.

    Programs store 0.1 + 0.2 with 15 or 17 digits (RELIABILITY V18); staff cannot tell.
    """
    if isinstance(value, str):
        return value.strip() or None
    if value is None:
        return None
    return float(f"{value:.12g}")
