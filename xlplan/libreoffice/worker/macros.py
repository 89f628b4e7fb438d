"""VBA: making xlwings' macros runnable in LibreOffice Basic, and running them. Never saved."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Sequence

from .desk import Desk, operation

_PROJECT = "VBAProject"
#: `Declare` and COM make xlwings' own VBA uncompilable here; one such module silences them all.
_RUN_PYTHON = """\
Option VBASupport 1
Public Function RunPython(PythonCommand As String)
  Dim provider As Object, script As Object
  Set provider = CreateUnoService("com.sun.star.script.provider.MasterScriptProviderFactory").createScriptProvider("")
  Set script = provider.getScript("vnd.sun.star.script:xlplan_entry.py$run_python?language=Python&location=user")
  RunPython = script.invoke(Array(PythonCommand), Array(), Array())
End Function
"""
_DEFINES_RUN_PYTHON = re.compile(r"(?im)^\s*public\s+function\s+runpython\b")
_RIBBON_TYPE = re.compile(r"(?i)\bAs\s+IRibbon(Control|UI)\b")


def _project(desk: Desk, document: int) -> Any:
    """The library of a document's own macros, made if there is none."""
    libraries = desk.documents[document].BasicLibraries
    name = _PROJECT if libraries.hasByName(_PROJECT) else "Standard"
    if not libraries.hasByName(name):
        return libraries.createLibrary(name)
    libraries.loadLibrary(name)
    return libraries.getByName(name)


@operation
def macro_sources(desk: Desk, document: int) -> Dict[str, str]:
    """The text of each module."""
    if not desk.documents[document].BasicLibraries.ElementNames:
        return {}
    project = _project(desk, document)
    return {name: project.getByName(name) for name in project.ElementNames}


@operation
def macro_source(desk: Desk, document: int, name: str, text: str) -> None:
    """Replace or add a module, in memory only."""
    project = _project(desk, document)
    if project.hasByName(name):
        project.replaceByName(name, text)
    else:
        project.insertByName(name, text)


@operation
def macro_prepare(desk: Desk, document: int) -> List[str]:
    """Make the modules compile: RunPython calls back, ribbon types become Variant."""
    changed = []
    for name, text in macro_sources(desk, document).items():
        if name == "Dictionary":
            _project(desk, document).removeByName(name)
        elif _DEFINES_RUN_PYTHON.search(text):
            macro_source(desk, document, name, _RUN_PYTHON)
        elif _RIBBON_TYPE.search(text):
            macro_source(desk, document, name, _RIBBON_TYPE.sub("As Variant", text))
        else:
            continue
        changed.append(name)
    return changed


@operation
def macro_run(desk: Desk, document: int, name: str, arguments: Sequence[Any]) -> Any:
    """Run ``Module.Procedure`` or ``Procedure`` of a document's own macros."""
    scripts = desk.documents[document].getScriptProvider()
    for library, place in _places(desk, document, name):
        url = "vnd.sun.star.script:%s.%s?language=Basic&location=document" % (library, place)
        try:
            script = scripts.getScript(url)
        except Exception:  # not there: the next library
            continue
        return script.invoke(tuple(arguments), (), ())[0]
    raise KeyError("macro %s" % name)


def _places(desk: Desk, document: int, name: str) -> List[Any]:
    libraries = desk.documents[document].BasicLibraries
    places = []
    for library in sorted(libraries.ElementNames, key=lambda each: each != _PROJECT):
        libraries.loadLibrary(library)
        modules = libraries.getByName(library)
        if "." in name:
            places.append((library, name))
            continue
        wanted = re.compile(r"(?im)^\s*(public\s+)?(sub|function)\s+%s\b" % re.escape(name))
        places += [
            (library, "%s.%s" % (module, name))
            for module in modules.ElementNames
            if wanted.search(modules.getByName(module))
        ]
    return places
