"""What a ribbon click reaches in the add-in's LibreOffice test: a stand-in for xlplan.ribbon."""

from __future__ import annotations

import json
import sys
from pathlib import Path


def caller():
    """The open workbook's name, found the way xlwings' Book.caller() finds it."""
    flags = dict(arg.split("=", 1) for arg in sys.argv if arg.startswith("--"))
    assert flags["--from_xl"] == "1", sys.argv
    return flags["--wb"].strip()


def ask(**request):
    sys.stdout.write(json.dumps({"book": caller(), **request}) + "\n")
    sys.stdout.flush()
    return json.loads(sys.stdin.readline())["text"]


def run(action):
    if action == "no_package":
        sys.stderr.write("ModuleNotFoundError: No module named 'xlplan'\n")
        sys.exit(9)
    if action == "paths":
        assert not {"", str(Path.cwd())} & set(sys.path), sys.path
    if action == "broken":
        raise RuntimeError("数据坏了")
    ask(cell="B1", value=f"{action}: {ask(cell='A1')}")
    if action != "check":  # a step that wrote something leaves its mark for Ctrl+Z
        ask(name="xlplan_undo", refers=str(len(action)))
