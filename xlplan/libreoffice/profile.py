"""The private profile a LibreOffice process runs in, and where LibreOffice is."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

#: Environment variable naming the soffice program to use.
SOFFICE = "XLPLAN_SOFFICE"
PREFIX = "xlplan-office-"
ENTRY_FILE = "xlplan_entry.py"
#: What soffice is asked to run: the worker's `main`, inside the office's own interpreter.
MACRO = f"vnd.sun.star.script:{ENTRY_FILE}$main?language=Python&location=user"
WORKER = Path(__file__).parent / "worker"

_PLACES = (
    "/Applications/LibreOffice.app/Contents/MacOS/soffice",
    "/usr/lib/libreoffice/program/soffice",
    "/usr/lib64/libreoffice/program/soffice",
)
_ENTRY_TEXT = """\
from xlplan_worker.serve import main, run_python
g_exportedScripts = (main, run_python)
"""
_NAMESPACES = (
    'xmlns:oor="http://openoffice.org/2001/registry" '
    'xmlns:xs="http://www.w3.org/2001/XMLSchema" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)
#: Path, property, value. OOXMLRecalcMode 0 = always recalculate on load; zh-CN so that
#: TEXT(), DATEVALUE() and friends answer as a Chinese Excel does.
_SETTINGS = (
    ("org.openoffice.Office.Common/Misc", "FirstRun", "false"),
    ("org.openoffice.Office.Common/Misc", "UseLocking", "false"),
    ("org.openoffice.Office.Common/Misc", "UseDocumentOOoLockFile", "false"),
    ("org.openoffice.Office.Common/Save/Document", "CreateBackup", "false"),
    ("org.openoffice.Office.Common/Save/Document", "AutoSave", "false"),
    ("org.openoffice.Office.Calc/Formula/Load", "OOXMLRecalcMode", "0"),
    ("org.openoffice.Office.Calc/Formula/Load", "ODFRecalcMode", "0"),
    ("org.openoffice.Office.Common/Security/Scripting", "MacroSecurityLevel", "{level}"),
    ("org.openoffice.Setup/Office", "ooSetupInstCompleted", "true"),
    ("org.openoffice.Setup/L10N", "ooSetupSystemLocale", "zh-CN"),
    ("org.openoffice.Setup/L10N", "ooLocale", "en-US"),
)


def available() -> str | None:
    """Path of soffice on this machine, or None.

    `XLPLAN_SOFFICE` names it explicitly; otherwise the PATH and the usual places are searched.
    """
    named = os.environ.get(SOFFICE)
    if named:
        return named if Path(named).is_file() else None
    found = shutil.which("soffice") or shutil.which("libreoffice")
    return found or next((place for place in _places() if Path(place).is_file()), None)


def _places() -> list[str]:
    newest_first = sorted(
        map(str, Path("/opt").glob("libreoffice*/program/soffice")), reverse=True
    )
    return [*_PLACES, *newest_first]


def registry_text(*, macros: bool) -> str:
    """The profile's settings as LibreOffice's registrymodifications.xcu."""
    values = {"level": "0" if macros else "2"}
    items = (
        f'<item oor:path="/{path}"><prop oor:name="{name}" oor:op="fuse">'
        f"<value>{value.format(**values)}</value></prop></item>"
        for path, name, value in _SETTINGS
    )
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<oor:items {_NAMESPACES}>\n'
    return head + "\n".join(items) + "\n</oor:items>\n"


def create_profile(*, macros: bool) -> Path:
    """Make a scratch folder (mode 0700) holding a fresh profile with the worker in it."""
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    scripts = folder / "profile" / "user" / "Scripts" / "python"
    skip = shutil.ignore_patterns("__pycache__")
    shutil.copytree(WORKER, scripts / "pythonpath" / "xlplan_worker", ignore=skip)
    (scripts / ENTRY_FILE).write_text(_ENTRY_TEXT, "utf-8")
    settings = folder / "profile" / "user" / "registrymodifications.xcu"
    settings.write_text(registry_text(macros=macros), "utf-8")
    return folder


def sweep() -> None:
    """Remove scratch folders of this user whose process is gone."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        owner = folder.name.removeprefix(PREFIX).split("-")[0]
        if owner.isdigit() and not _alive(int(owner)):
            remove_folder(folder)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def remove_folder(folder: Path) -> None:
    """Remove a scratch folder; a file the office still holds is left for the next sweep."""
    with contextlib.suppress(OSError):
        shutil.rmtree(folder, ignore_errors=True)
