"""Put the add-in where Excel opens it by itself, take it away, and say how it stands."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from xlplan.addin import macros, read
from xlplan.addin.build import CONF, make
from xlplan.addin.check import check_addin
from xlplan.addin.host import Host, host, is_store_python
from xlplan.errors import FileError, Where

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.addin.macros import Bridge
    from xlplan.errors import Problem

FILE_NAME = "xlplan.xlam"
INSTEAD_OF_STORE = (
    "请从 python.org 安装 Python，用它 pip install xlplan，再运行 xlplan addin install"
)
#: What a click imports; see `compile_packages`.
COMPILE_SECONDS = 300.0
IMPORTED = ("xlplan", "xlwings", "numpy", "pandas", "dateutil")
_COMPILE = """\
import compileall, importlib.util, re, sys
for name in sys.argv[1:]:
    spec = importlib.util.find_spec(name)
    for folder in spec and spec.submodule_search_locations or ():
        compileall.compile_dir(folder, quiet=2, rx=re.compile(r"[\\\\/]tests[\\\\/]"))
"""
IN_USE = "请先关闭所有 Excel 窗口，再运行一次。"


@dataclass(frozen=True)
class Status:
    """How the add-in stands on this computer.

    Attributes:
        path: Where it is or would be; None without Excel.
        installed: The file is there.
        current: It is byte for byte what would be built now.
        bridge: ``full`` or ``light``; "" when not installed.
        interpreter: The Python it starts.
        interpreter_found: That file exists.
        xlwings: Version of xlwings it was built from; `xlwings_now` is the installed one.
        xlwings_now: See `xlwings`.
        host: The spreadsheet program.
        problems: What `check_addin` finds in the installed file.
        log: Where the add-in notes that Python did not start.
    """

    path: Path | None
    installed: bool
    current: bool
    bridge: str
    interpreter: str
    interpreter_found: bool
    xlwings: str
    xlwings_now: str
    host: Host
    problems: Sequence[Problem]
    log: Path

    def advice(self) -> list[str]:
        """Return what to do, one sentence each; empty when all is well."""
        hints = [self.host.advice()]
        if is_store_python(self.interpreter):
            hints.append(
                f"插件里的 Python 是 Microsoft Store 版，Excel 用不了它。{INSTEAD_OF_STORE}"
            )
        if self.path and not self.installed:
            hints.append("插件还没有安装。请运行：xlplan addin install")
        elif self.installed and not self.interpreter_found:
            hints.append(
                f"插件里的 Python 已不存在：{self.interpreter}。请运行：xlplan addin install"
            )
        elif self.installed and not self.current:
            hints.append("插件不是这个版本生成的。请关闭 Excel 后运行：xlplan addin install")
        return [hint for hint in hints if hint]


def log_path() -> Path:
    """Return the add-in's own log (the one VBA writes)."""
    return Path(os.environ.get("LOCALAPPDATA") or Path.home(), "xlplan", "addin.log")


def _target(folder: Path | None) -> Path | None:
    place = folder or host().startup
    return place / FILE_NAME if place else None


def _replace(target: Path, data: bytes) -> None:
    """Swap the file in one step. The temporary one lies outside: Excel opens all of XLSTART."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".xlplan-", dir=target.parent.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except PermissionError as error:
        raise FileError(
            "插件正在被 Excel 使用，没有改动。", IN_USE, Where(str(target)), code="in_use"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)


def install_addin(
    *, interpreter: str = sys.executable, bridge: Bridge = "full", folder: Path | None = None
) -> Path:
    """Build the add-in into Excel's start folder (or `folder`) and return its path.

    Raises:
        FileError: No Excel here, or Excel holds the old file open.
        InputError: The interpreter's path cannot be used.
    """
    target = _target(folder)
    if target is None:
        found = host()
        raise FileError(
            "没有安装插件。",
            found.advice() or "找不到 Excel 的启动文件夹，请用 --folder 指定。",
            code="no_excel",
        )
    if not Path(interpreter).is_file():
        raise FileError(
            "找不到这个 Python。",
            "请给出 python.exe 的完整路径。",
            Where(interpreter),
            code="missing",
        )
    if is_store_python(interpreter):
        raise FileError(
            "这是 Microsoft Store 版的 Python：它写进 AppData 的文件 Excel 看不到，插件装不上",
            INSTEAD_OF_STORE,
            Where(interpreter),
            code="store_python",
        )
    _replace(target, make(interpreter=interpreter, bridge=bridge))
    compile_packages(interpreter)
    return target


def compile_packages(interpreter: str, packages: Sequence[str] = IMPORTED) -> None:
    """Let an interpreter compile packages ahead of the first click.

    A click runs Python with ``-B``, which keeps no bytes; where an installer left none, every
    click would compile anew. Best effort: a folder that cannot be written stays as it is.
    """
    with suppress(OSError, subprocess.SubprocessError):
        subprocess.run(  # noqa: S603 - the interpreter that the person chose
            [interpreter, "-P", "-c", _COMPILE, *packages],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=COMPILE_SECONDS,
        )


def remove_addin(*, folder: Path | None = None) -> bool:
    """Delete the add-in; return False when it was not there.

    Raises:
        FileError: Excel holds it open.
    """
    target = _target(folder)
    if target is None or not target.exists():
        return False
    try:
        target.unlink()
    except PermissionError as error:
        raise FileError(
            "插件正在被 Excel 使用，没有删除。", IN_USE, Where(str(target)), code="in_use"
        ) from error
    return True


def _rebuilt(conf: dict[str, str]) -> bytes:
    bridge: Bridge = "light" if conf.get("BRIDGE") == "light" else "full"
    return make(interpreter=conf["INTERPRETER_WIN"], bridge=bridge)


def status(*, folder: Path | None = None) -> Status:
    """Return how the add-in stands (nothing is changed; Excel is not started)."""
    target, now = _target(folder), macros.xlwings_version()
    data = target.read_bytes() if target and target.is_file() else b""
    problems = check_addin(data, str(target)) if data else []
    conf = read.rows_of_sheet(data, CONF) if data and not problems else {}
    python = conf.get("INTERPRETER_WIN", "")
    return Status(
        path=target,
        installed=bool(data),
        current=bool(conf) and data == _rebuilt(conf),
        bridge=conf.get("BRIDGE", ""),
        interpreter=python,
        interpreter_found=bool(python) and Path(python).is_file(),
        xlwings=conf.get("XLWINGS", ""),
        xlwings_now=now,
        host=host(),
        problems=problems,
        log=log_path(),
    )
