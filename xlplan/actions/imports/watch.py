"""Watching a folder: new and changed files are handed over once they stopped growing."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from xlplan.actions.imports.gather import expand

if TYPE_CHECKING:
    from collections.abc import Callable

    #: Size and time of the last change.
    Stamp = tuple[int, int]


def watch(  # noqa: PLR0913  # one switch each, all named
    folder: str | Path,
    act: Callable[[list[Path]], bool],
    *,
    own: str = "",
    interval: float = 2.0,
    retry: float = 30.0,
    sleep: Callable[[float], None] = time.sleep,
    go_on: Callable[[], bool] = lambda: True,
) -> None:
    """Call `act` with the files of a folder that are new or changed, until stopped.

    A file is handed over when two looks in a row find it the same, so that a download in
    progress is left alone; a file that comes back unchanged is not handed over again.

    Args:
        folder: Looked through with its folders; lock files, backups and `own` are passed over.
        act: Gets the files of one look and says whether it took them; what it did not take
            comes again. What it raises ends the watch.
        own: File name of the plan book, when it lies in the folder.
        interval: Seconds between two looks.
        retry: Seconds to wait when nothing was taken.
        sleep: Waits so many seconds.
        go_on: Asked before every look.
    """
    seen: dict[Path, Stamp] = {}
    done: dict[Path, Stamp] = {}
    while go_on():
        now = stamps(Path(folder), own)
        ready = [path for path, at in now.items() if seen.get(path) == at != done.get(path)]
        taken = not ready or act(ready)
        if taken:
            done |= {path: now[path] for path in ready}
        seen = now
        sleep(interval if taken else retry)


def stamps(folder: Path, own: str) -> dict[Path, Stamp]:
    """Return what the files of a folder look like now; one that just vanished is left out."""
    found: dict[Path, Stamp] = {}
    for path in expand([folder], own)[0]:
        try:
            info = path.stat()
        except OSError:
            continue
        found[path] = (info.st_size, info.st_mtime_ns)
    return found
