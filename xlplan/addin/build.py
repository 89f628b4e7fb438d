"""Make the add-in: text sources in, a checked ``.xlam`` out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from xlplan.addin import macros, package, project
from xlplan.addin.check import check_addin
from xlplan.errors import InputError, PlanError, Where

if TYPE_CHECKING:
    from pathlib import Path

    from xlplan.addin.macros import Bridge

CONF, TEXT = "xlplan.conf", "xlplan.text"
#: No module and no workbook's project has this name.
VBA_PROJECT = "xlplanAddin"
#: Every other setting xlwings would look up. A row decides, even an empty one, so no file
#: beside a workbook can say what a click runs.
FIXED_SETTINGS = {
    "ADD_WORKBOOK_TO_PYTHONPATH": "False",
    "PYTHONPATH": "",
    "USE UDF SERVER": "False",
    "SHOW CONSOLE": "False",
    "SHOW_ERROR_POPUPS": "True",
    "TEMP DIR": "%TEMP%",
    "CONDA PATH": "",
    "CONDA ENV": "",
    "LICENSE_KEY": "",
    "ONEDRIVE_CONSUMER_WIN": "",
    "ONEDRIVE_CONSUMER_MAC": "",
    "ONEDRIVE_COMMERCIAL_WIN": "",
    "ONEDRIVE_COMMERCIAL_MAC": "",
    "SHAREPOINT_WIN": "",
    "SHAREPOINT_MAC": "",
}


def conf(interpreter: str, bridge: Bridge) -> dict[str, str]:
    """Return the rows of the add-in's own settings sheet.

    Raises:
        InputError: A path the command line cannot carry.
    """
    if not interpreter.strip() or re.search(r'["%\r\n\t]', interpreter):
        raise InputError(
            f"Python 路径不能用：{interpreter!r}", "路径不能为空，也不能含有引号、百分号或换行。"
        )
    return {
        "INTERPRETER_WIN": interpreter,
        "INTERPRETER_MAC": interpreter,
        **FIXED_SETTINGS,
        "BRIDGE": bridge,
        "XLWINGS": macros.xlwings_version(),
    }


def make(*, interpreter: str, bridge: Bridge = "full") -> bytes:
    """Return the add-in's bytes; the same input always gives the same bytes.

    Args:
        interpreter: Full path of the python.exe that has xlplan.
        bridge: ``full`` takes RunPython from the installed xlwings; ``light`` uses our own
            (Windows only, far less for a virus scanner to dislike).

    Raises:
        InputError: A source or the path cannot be used.
        PlanError: The result does not pass `check_addin`.
    """
    sheets = {CONF: conf(interpreter, bridge), TEXT: macros.texts()}
    book, *rest = macros.modules(bridge)
    tables = [
        project.module(f'Attribute VB_Name = "Sheet{i}"\n', name, "sheet")
        for i, name in enumerate(sheets, 1)
    ]
    vba = project.write_project(VBA_PROJECT, [book, *tables, *rest])
    rows = {name: list(table.items()) for name, table in sheets.items()}
    version = f"xlplan add-in, bridge {bridge}, xlwings {macros.xlwings_version()}"
    data = package.write_package(
        rows, vba, macros.ribbon_text(), title="经营计划 xlplan", version=version
    )
    problems = check_addin(data)
    if problems:
        raise PlanError("生成的插件没有通过自检，没有写出。", problems=problems)
    return data


def build_addin(path: Path, *, interpreter: str, bridge: Bridge = "full") -> Path:
    """Write the add-in to `path` (see `make`) and return the path.

    Raises:
        InputError: `path` does not end in .xlam.
    """
    if path.suffix.lower() != ".xlam":
        raise InputError("插件的文件名要以 .xlam 结尾。", where=Where(str(path)))
    data = make(interpreter=interpreter, bridge=bridge)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path
