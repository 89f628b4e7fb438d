"""Changes of lists: what was removed and added, and where it stood.

Items are found again by what they are, so that a list may be sorted between an action and its
undoing.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    #: {"gone": [[place, item]], "new": [[place, item]]}, or {"old": [...], "now": [...]}.
    Change = dict[str, Any]


def list_change(old: Sequence[Any], new: Sequence[Any]) -> Change:
    """Return what changed: items gone and new with their places, or both lists whole."""
    was, now = [_text(item) for item in old], [_text(item) for item in new]
    common = Counter(was) & Counter(now)
    gone, stayed = _apart(was, common)
    fresh, kept = _apart(now, common)
    if [was[i] for i in stayed] != [now[i] for i in kept]:
        return {"old": list(old), "now": list(new)}
    return {"gone": [[i, old[i]] for i in gone], "new": [[i, new[i]] for i in fresh]}


def changed_list(items: Sequence[Any], change: Change, *, back: bool, key: str = "") -> list[Any]:
    """Return a list after the change is done again, or taken back.

    Args:
        items: The list as it stands.
        change: What `list_change` found.
        back: Take it back.
        key: Field that names an item; "" compares items whole.
    """
    if "now" in change:
        return list(change["old"] if back else change["now"])
    out, into = (change["new"], change["gone"]) if back else (change["gone"], change["new"])
    names = [_name(item, key) for item in items]
    leaving: set[int] = set()
    for place, item in out:
        leaving |= _where(names, _name(item, key), place, leaving)
    made = [item for place, item in enumerate(items) if place not in leaving]
    for place, item in into:
        made.insert(place, item)
    return made


def _where(names: Sequence[str], name: str, place: int, taken: set[int]) -> set[int]:
    """Return where a name stands: at its old place, or else the first place; {} when it is gone."""
    found = [i for i, other in enumerate(names) if other == name and i not in taken]
    return {place} if place in found else set(found[:1])


def _name(item: Any, key: str) -> str:
    return str(item[key]) if key else _text(item)


def _apart(texts: Sequence[str], common: Counter[str]) -> tuple[list[int], list[int]]:
    """Return the places of items that are not common, and of those that are."""
    left, alone, shared = common.copy(), [], []
    for place, text in enumerate(texts):
        if left[text] > 0:
            left[text] -= 1
            shared.append(place)
        else:
            alone.append(place)
    return alone, shared


def _text(item: Any) -> str:
    return json.dumps(item, ensure_ascii=False, sort_keys=True)


def pair_text(values: Mapping[tuple[Any, Any], Any]) -> dict[str, Any]:
    """Return a mapping by pairs as one by texts, as JSON has it."""
    return {f"{one}\t{other}": value for (one, other), value in values.items()}


def text_pair(text: str) -> tuple[str, str]:
    """Return the pair of a text."""
    one, _, other = text.partition("\t")
    return one, other
