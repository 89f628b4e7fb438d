"""One xlplan run at a time on a workbook, across processes and machines.

The lock is a file beside the workbook, created only if there is none, that says who
holds it.
A lock whose process is gone, or that is hours old, was left by a crash and is broken.
"""

from __future__ import annotations

import json
import os
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from xlplan.errors import FileError, Where
from xlplan.ooxml.files.atomic import fitting, write_new
from xlplan.ooxml.files.oserrors import said_clearly
from xlplan.ooxml.files.processes import host_name, is_running

if TYPE_CHECKING:
    from collections.abc import Iterator

_STALE_SECONDS = 6 * 3600
_UNREADABLE_SECONDS = 30
_POLL_SECONDS = 0.05
_held: dict[Path, tuple[tuple[int, int], int]] = {}
_guard = threading.Lock()


@contextmanager
def book_lock(path: str | Path, *, wait: float = 10.0) -> Iterator[None]:
    """Hold the lock of a workbook while reading, computing and writing it.

    The thread that holds it may enter again (`durable_replace` does).

    Args:
        path: The workbook; it need not exist yet.
        wait: Seconds to wait for another run to finish.

    Raises:
        FileError: ``in_use`` with the holder's machine and process if it is still held.
    """
    target = Path(os.path.realpath(path))
    if not _enter_again(target):
        with said_clearly(target):
            _acquire(target, time.monotonic() + wait)
        with _guard:
            _held[target] = (_me(), 1)
    try:
        yield
    finally:
        _leave(target)


def lock_file(path: Path) -> Path:
    """Return the lock file of a workbook."""
    return path.with_name(f".xlplan-{fitting(path.name, len('.xlplan-.lock'))}.lock")


def sweep_locks(folder: Path) -> None:
    """Remove locks in a folder whose runs were killed."""
    for lock in [*folder.glob(".xlplan-*.lock"), *folder.glob(".xlplan-*.lock.break")]:
        with suppress(OSError):
            if _is_stale(lock):
                lock.unlink()


def _me() -> tuple[int, int]:
    return os.getpid(), threading.get_ident()


def _enter_again(target: Path) -> bool:
    with _guard:
        holder, depth = _held.get(target, ((0, 0), 0))
        if holder != _me():
            return False
        _held[target] = (holder, depth + 1)
        return True


def _leave(target: Path) -> None:
    with _guard:
        holder, depth = _held[target]
        if depth > 1:
            _held[target] = (holder, depth - 1)
            return
        del _held[target]
    with suppress(OSError):
        lock_file(target).unlink()


def _acquire(target: Path, deadline: float) -> None:
    lock = lock_file(target)
    while not _create(lock):
        if _is_stale(lock):
            _break(lock)
        elif time.monotonic() > deadline:
            raise _in_use(target, _holder(lock))
        else:
            time.sleep(_POLL_SECONDS)


def _create(lock: Path) -> bool:
    """Create the lock file, whole or not at all; False if there is one."""
    if lock.exists():
        return False
    facts = {"pid": os.getpid(), "host": host_name(), "time": time.time()}
    try:
        write_new(lock, json.dumps(facts).encode())
    except FileExistsError:
        return False
    return True


def _holder(lock: Path) -> dict[str, object]:
    try:
        facts = json.loads(lock.read_bytes())
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _is_stale(lock: Path) -> bool:
    try:
        age = time.time() - lock.stat().st_mtime
    except FileNotFoundError:
        return False
    facts = _holder(lock)
    pid = facts.get("pid")
    if not isinstance(pid, int):
        return age > _UNREADABLE_SECONDS
    if facts.get("host") == host_name() and not is_running(pid):
        return True
    return age > _STALE_SECONDS


def _break(lock: Path) -> None:
    """Remove a stale lock; a second file makes sure that only one process does."""
    breaker = lock.with_name(f"{lock.name}.break")
    if not _create(breaker):
        if _is_stale(breaker):
            breaker.unlink(missing_ok=True)
        else:
            time.sleep(_POLL_SECONDS)
        return
    try:
        if _is_stale(lock):
            lock.unlink(missing_ok=True)
    finally:
        breaker.unlink(missing_ok=True)


def _in_use(target: Path, facts: dict[str, object]) -> FileError:
    who = f"{facts.get('host', '另一台电脑')}，进程 {facts.get('pid', '未知')}"
    return FileError(
        f"另一个 xlplan 正在处理这个工作簿（{who}）",
        remedy=f"请等它结束；若确定没有，请删除 {lock_file(target).name} 后再试",
        where=Where(target.name),
        code="in_use",
    )
