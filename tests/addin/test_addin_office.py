"""The built add-in's VBA run for real, in LibreOffice: clicks, guards, Python, undo, errors."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook.defined_name import DefinedName

from xlplan.addin import build_addin

pytestmark = [
    pytest.mark.libreoffice,
    pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed"),
]
HERE = Path(__file__).parent / "office"
START = (
    "--headless --invisible --nologo --nodefault --norestore --nolockcheck --nofirststartwizard"
)
SCRIPT = "vnd.sun.star.script:office_script.py$main?language=Python&location=user"
PLAN = {"xlplan_version": "1", "xlplan_has_actuals": "FALSE", "xlplan_has_plan": "TRUE"}
#: The same as cells of the book, as a real plan book has them: live.
CELLS = {
    "xlplan_version": "Sheet!$D$1",
    "xlplan_has_actuals": "Sheet!$D$3",
    "xlplan_has_plan": "Sheet!$D$4",
}
BOOKS = {
    "plan": ("计划 2026 & 店.xlsx", PLAN, ()),
    "twin": ("另一本.xlsx", PLAN, ()),
    "read_only": ("只读.xlsx", PLAN, ()),
    "other": ("other.xlsx", {}, ()),
    "cells": ("cells.xlsx", CELLS, ()),
    "equals": ("a=b.xlsx", PLAN, ()),
    "conf": ("conf.xlsx", PLAN, ("xlplan.conf",)),
    "code": ("code.xlsx", PLAN, ("evil.py",)),
}
EVIL = "from xlplan import ribbon; ribbon.run('evil')"
STEPS = {
    "enter plan": ["activate", "plan"],
    "early ctrl z": ["macro", "XlplanRun.UndoLast"],
    "status plan": ["click", "GetStatus", "x y"],
    "enabled fill": ["click", "GetEnabled", "fill plan_book"],
    "enabled replan": ["click", "GetEnabled", "replan has_plan"],
    "enabled review": ["click", "GetEnabled", "review has_actuals"],
    "enabled unknown": ["click", "GetEnabled", "x never_heard_of"],
    "python": ["macro", "XlplanRun.PythonCode", "fill"],
    "python bad": ["macro", "XlplanRun.PythonCode", "fill');import os"],
    "store": [
        "macro",
        "XlplanRun.Kind",
        "Python was not found; run without arguments to install from the Microsoft Store",
    ],
    "review": ["click", "OnAction", "review has_actuals"],
    "fill": ["click", "OnAction", "fill plan_book"],
    "fill cell": ["cell", "plan", "B1"],
    "check": ["click", "OnAction", "check plan_book"],
    "undo": ["macro", "XlplanRun.UndoLast"],
    "undo cell": ["cell", "plan", "B1"],
    "fill again": ["click", "OnAction", "fill plan_book"],
    "enter twin": ["activate", "twin"],
    "twin fill": ["click", "OnAction", "fill plan_book"],
    "twin filled": ["cell", "twin", "B1"],
    "leave twin": ["activate", "plan"],
    "ctrl z across": ["macro", "XlplanRun.UndoLast"],
    "twin undone": ["cell", "twin", "B1"],
    "plan kept": ["cell", "plan", "B1"],
    "twin moves on": ["mark", "twin", "99"],
    "ctrl z too late": ["macro", "XlplanRun.UndoLast"],
    "twin back": ["mark", "twin", "4"],
    "close twin": ["close", "twin"],
    "back in plan": ["activate", "plan"],
    "ctrl z of a closed book": ["macro", "XlplanRun.UndoLast"],
    "still kept": ["cell", "plan", "B1"],
    "cell": ["formula", f'=RUNPYTHON("{EVIL}")'],
    "no cell": ["macro", "{bridge}.RunPython", EVIL],
    "look": ["click", "OnAction", "paths plan_book"],
    "paths": ["cell", "plan", "B1"],
    "broken": ["click", "OnAction", "broken plan_book"],
    "no_package": ["click", "OnAction", "no_package plan_book"],
    "lose python": ["conf", "INTERPRETER_WIN", "/nowhere/python.exe"],
    "no_python": ["click", "OnAction", "fill plan_book"],
    "find python": ["conf", "INTERPRETER_WIN", sys.executable],
    "enter read_only": ["activate", "read_only"],
    "status read_only": ["click", "GetStatus", "x y"],
    "read_only": ["click", "OnAction", "fill plan_book"],
    "read_only trace": ["click", "OnAction", "trace plan_view"],
    "enter cells": ["activate", "cells"],
    "status cells": ["click", "GetStatus", "x y"],
    "cells replan": ["click", "GetEnabled", "replan has_plan"],
    "cells review": ["click", "GetEnabled", "review has_actuals"],
    "enter other": ["activate", "other"],
    "status other": ["click", "GetStatus", "x y"],
    "enabled other": ["click", "GetEnabled", "fill plan_book"],
    "enabled always": ["click", "GetEnabled", "new always"],
    "other": ["click", "OnAction", "fill plan_book"],
    "enter equals": ["activate", "equals"],
    "equals": ["click", "OnAction", "fill plan_book"],
    "enter conf": ["activate", "conf"],
    "conf": ["click", "OnAction", "new always"],
    "enter code": ["activate", "code"],
    "code": ["click", "OnAction", "fill plan_book"],
    "leave": ["activate", ""],
    "status none": ["click", "GetStatus", "x y"],
    "none": ["click", "OnAction", "fill plan_book"],
    "none new": ["click", "OnAction", "new always"],
}


def make_book(folder, name, names, sheets):
    book = openpyxl.Workbook()
    book.active["A1"] = "start"
    book.active["D1"], book.active["D3"], book.active["D4"] = "1", "=1>2", "=2>1"
    for sheet in sheets:
        book.create_sheet(sheet)
    for key, text in names.items():
        book.defined_names[key] = DefinedName(key, attr_text=text, hidden=True)
    book.save(folder / name)
    return str(folder / name)


def run_office(folder, job):
    """Start a private LibreOffice, wait, and make sure that nothing of it is left."""
    scripts = folder / "profile" / "user" / "Scripts" / "python"
    scripts.mkdir(parents=True)
    shutil.copy(HERE / "office_script.py", scripts)
    (folder / "job.json").write_text(json.dumps(job), "utf-8")
    env = {key: text for key, text in os.environ.items() if not key.startswith("PYTHON")}
    env |= {
        "XLPLAN_TEST_JOB": str(folder / "job.json"),
        "XLPLAN_TEST_PATH": str(HERE / "fake"),
        "XLPLAN_TEST_TEMP": str(folder),
        "HOME": str(folder),
        "LOCALAPPDATA": "",
    }
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", *START.split(), profile, SCRIPT]
    quiet = {
        "stdin": subprocess.DEVNULL,
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
    }
    office = subprocess.Popen(command, env=env, cwd=folder, start_new_session=True, **quiet)
    try:
        office.wait(120)
    finally:
        if office.poll() is None:
            os.killpg(office.pid, signal.SIGKILL)
            office.wait()


@pytest.fixture(scope="module", params=["full", "light"])
def played(request, tmp_path_factory):
    """Step name → what it returned, said, started; and the add-in's log."""
    folder = tmp_path_factory.mktemp(request.param)
    addin = build_addin(folder / "xlplan.xlam", interpreter=sys.executable, bridge=request.param)
    books = {key: make_book(folder, *rest) for key, rest in BOOKS.items()}
    out = folder / "out.json"
    stub = (HERE / "XlplanOffice.bas").read_text("ascii")
    bridge = {"full": "xlwings", "light": "XlplanBridge"}[request.param]
    steps = [[str(word).format(bridge=bridge) for word in step] for step in STEPS.values()]
    job = {"addin": str(addin), "books": books, "out": str(out), "steps": steps, "stub": stub}
    run_office(folder, job)
    result = json.loads(out.read_text("utf-8"))
    assert "error" not in result, result["error"]
    steps = dict(zip(STEPS, result["steps"], strict=True))
    logs = [path.read_text("utf-8") for path in folder.rglob("addin.log")]
    return steps | {"bridge": request.param, "log": "".join(logs)}


def said(played, step):
    return [message for message, _ in played[step]["said"]]


def test_a_click_reaches_python_and_changes_the_book(played):
    assert played["fill cell"]["result"] == "fill: start"
    assert played["fill"]["said"] == []


def test_the_command_line_names_the_interpreter_the_action_and_the_book(played):
    (line,) = played["fill"]["commands"]
    assert f'"{sys.executable}"' in line
    assert "from xlplan import ribbon; ribbon.run('fill')" in line
    assert "计划 2026 & 店.xlsx" in line
    assert "--from_xl=1" in line


def test_the_workbook_s_folder_stays_off_the_path_of_python(played):
    (line,) = played["fill"]["commands"]
    assert "prepare_sys_path" not in line, "xlwings would add the folder Python starts in"
    assert ("find_spec('xlplan')" in line) == (played["bridge"] == "light")
    assert played["paths"]["result"] == "paths: start", "see fake/xlplan/ribbon.py"


def test_ctrl_z_is_offered_after_a_step_that_wrote(played):
    assert played["fill"]["undo"] == [["撤销“分解”", "'xlplan.xlam'!XlplanRun.UndoLast"]]


def test_ctrl_z_is_not_offered_after_a_step_that_wrote_nothing(played):
    assert played["check"]["commands"]
    assert played["check"]["undo"] == []


def test_ctrl_z_runs_the_undo_action(played):
    assert played["undo cell"]["result"] == "undo: start"


def test_a_click_changes_the_book_in_front_and_no_other(played):
    assert played["twin filled"]["result"] == "fill: start"
    assert "另一本.xlsx" in played["twin fill"]["commands"][0]
    assert played["plan kept"]["result"] == "fill: start"


def test_ctrl_z_takes_back_the_step_of_the_book_that_offered_it_whichever_is_in_front(played):
    (line,) = played["ctrl z across"]["commands"]
    assert "另一本.xlsx" in line
    assert played["twin undone"]["result"] == "undo: start"
    assert played["plan kept"]["result"] == "fill: start"


@pytest.mark.parametrize("step", ["early ctrl z", "ctrl z too late", "ctrl z of a closed book"])
def test_ctrl_z_whose_step_is_no_longer_there_takes_back_nothing_and_says_so(played, step):
    (message,) = said(played, step)
    assert "点“撤销”按钮" in message
    assert played[step]["commands"] == []
    assert played["still kept"]["result"] == "fill: start"


def test_a_formula_in_a_cell_starts_no_python(played):
    assert played["cell"]["commands"] == []
    assert played["cell"]["said"] == []
    assert played["no cell"]["commands"], "the same call from VBA does"


@pytest.mark.parametrize("step", ["fill", "broken", "no_python"])
def test_esc_stops_nothing_half_way_and_works_again_afterwards(played, step):
    assert played[step]["keys"] == ["xlDisabled", "xlInterrupt"]


def test_python_imports_nothing_from_the_folder_it_starts_in(played):
    (line,) = played["fill"]["commands"]
    assert " -P " in line.partition("-c ")[0]


def test_the_shortcut_to_the_microsoft_store_is_no_python(played):
    assert played["store"]["result"] == "store_python"


def test_only_a_plain_word_gets_into_the_python_command(played):
    assert played["python"]["result"] == "from xlplan import ribbon; ribbon.run('fill')"
    assert not played["python bad"]["result"]


@pytest.mark.parametrize(
    ("step", "text"),
    [
        ("enabled fill", "True"),
        ("enabled replan", "True"),
        ("enabled review", "False"),
        ("enabled unknown", "True"),
        ("enabled other", "False"),
        ("enabled always", "True"),
        ("status plan", "当前：计划工作簿"),
        ("status cells", "当前：计划工作簿"),
        ("cells replan", "True"),
        ("cells review", "False"),
        ("status read_only", "当前：计划工作簿（只读）"),
        ("status other", "当前：不是计划工作簿"),
        ("status none", "当前：没有打开工作簿"),
    ],
)
def test_buttons_and_status_follow_the_book(played, step, text):
    assert played[step]["result"] == text


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("review", "还没有实际数据"),
        ("read_only", "只读"),
        ("other", "不是经营计划工作簿"),
        ("equals", "等号"),
        ("conf", "为安全起见没有运行"),
        ("code", "为安全起见没有运行"),
        ("none", "还没有打开工作簿"),
    ],
)
def test_a_guard_says_why_and_what_to_do_and_starts_no_python(played, step, words):
    (message,) = said(played, step)
    assert words in message
    assert played[step]["commands"] == []


def test_looking_is_allowed_in_a_read_only_book(played):
    assert played["read_only trace"]["commands"]
    assert played["read_only trace"]["said"] == []


def test_a_new_plan_can_start_without_any_open_workbook(played):
    assert "ribbon.run('new')" in played["none new"]["commands"][0]
    assert played["none new"]["said"] == []


@pytest.mark.parametrize(
    ("step", "words"),
    [("broken", "意外停止"), ("no_package", "没有 xlplan")],
)
def test_a_failing_python_ends_in_one_friendly_message(played, step, words):
    (message,) = said(played, step)
    assert words in message
    assert "Traceback" not in message
    assert "addin.log" in message
    assert played[step]["undo"] == []


def test_a_missing_interpreter_is_named_before_anything_starts(played):
    (message,) = said(played, "no_python")
    if played["bridge"] == "full":
        assert "没有找到 Python" in message
        assert played["no_python"]["commands"] == []
    else:  # Windows itself refuses to start a missing program; here a shell ends with 127
        assert "exit code 127" in played["log"]


def test_what_python_said_is_in_the_log(played):
    assert "No module named 'xlplan'" in played["log"]
    if played["bridge"] == "full":
        assert "RuntimeError" in played["log"]
