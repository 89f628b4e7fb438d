"""Keys of shares of single months with the names beside them: rows may change places before an undo."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.plan.parts.splits import Splits


def with_names(splits: Splits, shares: Mapping[str, Any]) -> dict[str, Any]:
    """Return keys of `own_shares` with the names that stand there (``c:0:9<tab>女装``)."""
    made = {}
    for key, value in shares.items():
        kind, number, _ = key.split(":")
        made[f"{key}\t{splits.of(kind)[int(number)].name}"] = value
    return made


def in_place(splits: Splits, shares: Mapping[str, Any]) -> dict[str, Any]:
    """Return keys of `own_shares` for where the names stand now; a name that is gone keeps its row."""
    made = {}
    for named, value in shares.items():
        key, _, name = named.partition("\t")
        kind, number, month = key.split(":")
        names = [part.name for part in splits.of(kind)]
        if name in names and names[int(number)] != name:
            number = str(names.index(name))
        made[f"{kind}:{number}:{month}"] = value
    return made
