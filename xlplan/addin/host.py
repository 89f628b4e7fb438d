"""Which spreadsheet program this computer has, and where it starts add-ins from."""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Program = Literal["excel", "wps", "none"]
MAC_STARTUP = (
    "Library/Group Containers/UBF8T346G9.Office/User Content.localized/Startup.localized/Excel"
)
MAC_EXCEL = "/Applications/Microsoft Excel.app"


@dataclass(frozen=True)
class Host:
    """The spreadsheet program.

    Attributes:
        program: What ``Excel.Application`` starts: ``wps`` when WPS took the name over.
        wps: WPS is installed (beside Excel, perhaps).
        server: The program's command as the registry has it; "" elsewhere.
        startup: The folder whose add-ins Excel opens by itself; None without Excel.
    """

    program: Program
    wps: bool
    server: str
    startup: Path | None

    def advice(self) -> str:
        """Return what to tell the user, "" when all is well."""
        if self.program == "wps":
            return (
                "这台电脑上打开表格的是 WPS。WPS 不支持 xlwings，功能区用不了；"
                "请先关闭文件，用命令行操作（例如 xlplan fill 计划.xlsx），结果与功能区相同。"
            )
        if self.program == "none":
            return "这台电脑上没有 Microsoft Excel。请用命令行操作（例如 xlplan fill 计划.xlsx）。"
        return ""


def _registry(key: str) -> str:
    """Return the default value under HKEY_CLASSES_ROOT, "" when there is none."""
    if sys.platform == "win32":
        import winreg

        with suppress(OSError):
            return str(winreg.QueryValue(winreg.HKEY_CLASSES_ROOT, key))
    return ""


def _server(prog_id: str, read: Callable[[str], str]) -> str:
    """Return the program behind a ProgID."""
    class_id = read(f"{prog_id}\\CLSID")
    return read(f"CLSID\\{class_id}\\LocalServer32") if class_id else ""


def is_wps(server: str) -> bool:
    """Tell whether a registered program is WPS (et.exe, wps.exe or its folder)."""
    return bool(re.search(r"kingsoft|wps office|\\(et|wps|ket)\.exe", server, re.IGNORECASE))


def is_store_python(interpreter: str) -> bool:
    """Tell whether a Python is the Microsoft Store's, or an environment made from it.

    Such a Python writes what it puts into AppData to a private copy, where Excel does not look,
    and the bare ``python.exe`` of that folder may be no more than a link to the Store.
    """
    made_from = Path(interpreter).parent.parent / "pyvenv.cfg"
    said = interpreter
    with suppress(OSError):
        said += made_from.read_text("utf-8", "replace")
    return bool(re.search(r"[\\/]WindowsApps[\\/]", said, re.IGNORECASE))


def _windows(read: Callable[[str], str], env: Mapping[str, str]) -> Host:
    server = _server("Excel.Application", read)
    wps = is_wps(server) or any(
        _server(name, read) for name in ("Ket.Application", "ET.Application")
    )
    program: Program = "none" if not server else "wps" if is_wps(server) else "excel"
    base = env.get("APPDATA", "")
    startup = Path(base, "Microsoft", "Excel", "XLSTART") if program == "excel" and base else None
    return Host(program, wps, server, startup)


def _mac(home: Path, application: Path) -> Host:
    wps = Path("/Applications/wpsoffice.app").exists()
    if application.exists():
        return Host("excel", wps, "", home / MAC_STARTUP)
    return Host("wps" if wps else "none", wps, "", None)


def host(
    platform: str = sys.platform,
    read: Callable[[str], str] = _registry,
    env: Mapping[str, str] = os.environ,
) -> Host:
    """Return this computer's spreadsheet program (arguments are for tests)."""
    if platform == "win32":
        return _windows(read, env)
    if platform == "darwin":
        return _mac(Path.home(), Path(MAC_EXCEL))
    return Host("none", wps=False, server="", startup=None)
