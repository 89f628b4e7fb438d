"""Where the add-in's text sources are, and what they hold.

In a checkout they are ``macros/`` beside the package; a wheel carries them inside it as
``xlplan/addin/vba`` (pyproject: force-include).
"""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from xlplan.addin import read
from xlplan.addin.project import Module, module
from xlplan.errors import FileError, InputError, Where

Bridge = Literal["full", "light"]
RIBBON = "customUI14.xml"
TEXTS = "texts.json"
PROJECT = "xlplan"
SHOW_ERROR = 'Sub ShowError(FileName As String, Optional Message As String = "")'
#: Leads xlwings' error box to ours; also what the checker looks for.
HOOK = "If XlplanRun.HandleError(FileName, Message) Then Exit Sub"
#: First line of every procedure that starts a program: a formula in anybody's workbook may call
#: public functions of an add-in.
GUARD = "If XlplanState.FromCell() Then Exit Function"
_STARTS = (
    "Public Function RunPython(PythonCommand As String)",
    "Public Function RunFrozenPython(Executable As String, Optional Args As String)",
    "Optional PYTHONPATH As String, Optional FrozenArgs As String) As Integer",
    "Function XLPy()",
)
_PREPARED = (
    'PythonInterpreter & " -B -c ""import xlwings.utils;xlwings.utils.prepare_sys_path'
    '(\\""" & PYTHONPATH & "\\""); " & PythonCommand & '
)
#: The places of xlwings' text that are changed, each found exactly once.
PATCHES = (
    ('Attribute VB_Name = "xlwings"\n', 'Attribute VB_Name = "xlwings"\nOption Private Module\n'),
    # Python imports neither from the folder it starts in (-P) nor from any that a setting names:
    # xlwings would add one even for an empty setting, and hand the book's path to a shell
    (
        _PREPARED,
        'PythonInterpreter & " -B -P -c """ & PythonCommand & ',
    ),
    *((start, f"{start}\n    {GUARD}") for start in _STARTS),
    ('PROJECT_NAME As String = "myaddin"', f'PROJECT_NAME As String = "{PROJECT}"'),
    (SHOW_ERROR, f"{SHOW_ERROR}\n    {HOOK}"),
    (
        'MsgBox "Could not find Interpreter!", vbCritical',
        'XlplanRun.HandleError "", "Could not find Interpreter!": ExecuteWindows = -1',
    ),
)


def sources_folder() -> Path:
    """Return the folder of the VBA and ribbon sources.

    Raises:
        FileError: Neither an installed copy nor a checkout has them.
    """
    here = Path(__file__).parent
    for place in (here / "vba", here.parent.parent / "macros"):
        if (place / RIBBON).is_file():
            return place
    raise FileError(
        "安装里缺少插件源码（macros）。",
        "请重新安装：pip install --force-reinstall xlplan",
        code="missing",
    )


def ribbon_text() -> str:
    """Return the ribbon's XML."""
    return (sources_folder() / RIBBON).read_text("utf-8")


def texts() -> dict[str, str]:
    """Return key → Chinese text for the sheet ``xlplan.text``, the buttons' labels included."""
    rows: dict[str, str] = json.loads((sources_folder() / TEXTS).read_text("utf-8"))
    return rows | {f"label.{name}": label for name, label in labels(ribbon_text()).items()}


def labels(ribbon: str) -> dict[str, str]:
    """Return action → label of every button in the ribbon's XML."""
    buttons = [
        element.attrib for element in read.xml(ribbon.encode()).iter() if "tag" in element.attrib
    ]
    return {button["tag"].split()[0]: button["label"] for button in buttons}


def _own(place: Path) -> list[Module]:
    paths = sorted([*place.glob("*.bas"), *place.glob("*.cls")])
    return [
        module(path.read_text("utf-8"), path.name, "book" if path.stem == "ThisWorkbook" else None)
        for path in paths
    ]


def xlwings_folder() -> Path:
    """Return the folder of the installed xlwings, without importing it (that takes a second)."""
    spec = find_spec("xlwings")
    if spec is None or not spec.submodule_search_locations:
        raise FileError("没有安装 xlwings。", "请运行：pip install xlwings", code="missing")
    return Path(next(iter(spec.submodule_search_locations)))


def xlwings_version() -> str:
    """Return the installed xlwings' version, "" when it is missing."""
    from importlib import metadata

    try:
        return metadata.version("xlwings")
    except metadata.PackageNotFoundError:
        return ""


def patch(text: str, where: str) -> str:
    """Return xlwings' RunPython module renamed and with its error boxes led to ours.

    Raises:
        InputError: A place to change is not there exactly once (another xlwings version).
    """
    for old, new in PATCHES:
        if text.count(old) != 1:
            raise InputError(
                f"这个版本的 xlwings（{xlwings_version()}）和插件不匹配：找不到 {old[:40]!r}",
                "请安装 xlwings 0.37.8，或用 --bridge light。",
                Where(where),
            )
        text = text.replace(old, new)
    return text


def _xlwings() -> list[Module]:
    """RunPython of the installed xlwings (BSD) and its Dictionary (MIT); notices stay inside."""
    base = xlwings_folder()
    main, helper = base / "xlwings_custom_addin.bas", base / "addin" / "Dictionary.cls"
    return [
        module(patch(main.read_text("utf-8"), main.name), main.name),
        module(helper.read_text("utf-8"), helper.name),
    ]


def modules(bridge: Bridge) -> list[Module]:
    """Return all modules but the sheets': ThisWorkbook first, ours, then the bridge."""
    own = _own(sources_folder())
    own.sort(key=lambda item: (item.kind != "book", item.name))
    return own + (_xlwings() if bridge == "full" else _own(sources_folder() / "light"))
