"""Dated copies of a workbook, kept in a folder beside it."""

from __future__ import annotations

import datetime as dt
import re
from contextlib import suppress
from typing import TYPE_CHECKING

from xlplan.ooxml.files.atomic import fitting, write_new

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

#: Days of which the last copy is kept.
DAYS = 30
FOLDER = "备份"
_MARK = ".备份-"


def keep_backup(target: Path, old: bytes) -> Path:
    """Write a copy of the old content, named by this moment, and return its path."""
    folder = target.parent / FOLDER
    folder.mkdir(exist_ok=True)
    moment = f"{dt.datetime.now().astimezone():%Y%m%d-%H%M%S}"
    dated = (_moment(target, file.name) for file in folder.iterdir())
    number = max((found[1] for found in dated if found and found[0] == moment), default=0) + 1
    mark = f"-{number}" if number > 1 else ""
    copy = folder / f"{_begin(target)}{moment}{mark}{target.suffix}"
    write_new(copy, old)
    return copy


def backups_of(target: Path) -> list[Path]:
    """Return the copies kept of a workbook, oldest first; files named otherwise are not ours."""
    folder = target.parent / FOLDER
    if not folder.is_dir():
        return []
    dated = [(moment, f) for f in folder.iterdir() if (moment := _moment(target, f.name))]
    return [file for _, file in sorted(dated)]


def prune_backups(target: Path, keep: int | None = None) -> None:
    """Remove the copies that are not kept; a copy that cannot be removed stays.

    Args:
        target: The workbook.
        keep: How many to keep, the newest; None keeps all of the newest copy's day, then one a
            day for `DAYS` days, then one a month (the last one each).
    """
    copies = backups_of(target)
    kept = set(copies[-keep:] if keep else ()) if keep is not None else _thinned(target, copies)
    for copy in copies:
        if copy not in kept:
            with suppress(OSError):
                copy.unlink()


def _thinned(target: Path, copies: Sequence[Path]) -> set[Path]:
    moments = [(found[0], copy) for copy in copies if (found := _moment(target, copy.name))]
    if not moments:
        return set()
    today = dt.datetime.strptime(moments[-1][0][:8], "%Y%m%d").date()  # noqa: DTZ007 - a name
    near = f"{today - dt.timedelta(days=DAYS):%Y%m%d}"
    newest = {(moment[:8] if moment[:8] >= near else moment[:6]): copy for moment, copy in moments}
    return {
        *newest.values(),
        *(copy for moment, copy in moments if moment[:8] == f"{today:%Y%m%d}"),
    }


def _begin(target: Path) -> str:
    """Return what the names of a workbook's copies begin with."""
    dated = "yyyymmdd-hhmmss-nnnnn"
    return fitting(target.stem, len(f"{_MARK}{dated}{target.suffix}".encode())) + _MARK


def _moment(target: Path, name: str) -> tuple[str, int] | None:
    """Return when a copy was made (and its number within the second), from its name."""
    pattern = rf"{re.escape(_begin(target))}(\d{{8}}-\d{{6}})(?:-(\d+))?"
    found = re.fullmatch(pattern + re.escape(target.suffix), name)
    return (found[1], int(found[2] or 1)) if found else None
