"""Names of this machine and its processes, for lock and temporary files."""

from __future__ import annotations

import hashlib
import os
import platform

_STILL_ACTIVE = 259
_QUERY_LIMITED_INFORMATION = 0x1000


def host_name() -> str:
    """Return the name of this machine."""
    return platform.node() or "localhost"


def host_mark() -> str:
    """Return a short mark of this machine that can stand in any file name."""
    return hashlib.sha256(host_name().encode()).hexdigest()[:8]


def is_running(pid: int) -> bool:
    """Whether a process of this machine exists."""
    if pid <= 0:
        return False
    if os.name == "nt":
        return _is_running_on_windows(pid)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OverflowError:
        return False
    except PermissionError:
        return True
    return True


def _is_running_on_windows(pid: int) -> bool:
    import ctypes  # os.kill(pid, 0) would end the process there

    kernel = getattr(ctypes, "windll").kernel32  # noqa: B009  # exists on Windows only
    handle = kernel.OpenProcess(_QUERY_LIMITED_INFORMATION, 0, pid)
    if not handle:
        return False
    code = ctypes.c_ulong()
    alive = kernel.GetExitCodeProcess(handle, ctypes.byref(code))
    kernel.CloseHandle(handle)
    return bool(alive) and code.value == _STILL_ACTIVE
