"""Runs inside LibreOffice: loads the add-in and books, mends what Basic lacks, plays the steps.

LibreOffice Basic knows neither Windows' libraries nor the ribbon's types nor conditional
compilation, so at run time only (nothing is saved) ``#If`` is resolved, ``Declare`` lines go,
ribbon types become Variant, and the message box, OnUndo and WScript.Run land here. All other
VBA runs as it is in the built add-in. RunPython's command line is started for real; while the
child runs, it asks this script for cells through its standard input and output.
"""

# ruff: noqa: N802, N816  # UNO decides these names
from __future__ import annotations

import json
import os
import re
import subprocess
import traceback
from pathlib import Path

import uno
import unohelper
from com.sun.star.beans import PropertyValue
from com.sun.star.script import ModuleInfo, XInvocation
from com.sun.star.table import CellAddress

XLAM_FILTER = "Calc MS Excel 2007 VBA XML"
MENDS = (
    (r"(?m)^\s*(Private |Public )?Declare .*$", ""),
    (r"As\s+IRibbon(Control|UI)\b", "As Variant"),
    (r"\bWScript\.Run\(", "XlplanOffice.RunCommand("),
    (r'CreateObject\("WScript\.Shell"\)\.Run\(', "XlplanOffice.RunCommand("),
    (
        r"WScript\.ExpandEnvironmentStrings\(s\)",
        'Replace(s, "%TEMP%", Environ("XLPLAN_TEST_TEMP"))',
    ),
    (r'"\\xlwings-"', '"/xlwings-"'),
    (r"Application\.OnUndo", "XlplanOffice.OnUndo"),
    # Basic's seed has 16 bits: seconds since midnight overflow it after nine in the morning
    (r"Randomize Timer\(\) \+ Application\.Hwnd", "Randomize"),
    (r"Application\.Hwnd", "0"),
    (r"Application\.Path\b", '"/office"'),
    (r"Application\.Name\b", '"Microsoft Excel"'),
    (r'CreateObject\("Scripting\.Dictionary"\)', "XlplanOffice.Dictionary()"),
    (r"In Range\(sht\.", "In sht.Range(sht."),
    (r'InStrRev\(Folder, "\\"\)', 'InStrRev(Folder, "/")'),
    (r"\bActiveWorkbook\b", "XlplanOffice.Active()"),
    (r"Application\.EnableCancelKey = (\w+)", r'XlplanOffice.CancelKey "\1"'),
    # Basic leaves Application.Caller empty, whoever calls
    (r"TypeName\(Application\.Caller\)", "XlplanOffice.CallerKind()"),
    (r"\bwb\.Activate\b", "XlplanOffice.Enter wb.Name"),
    (r"\b(wb|XlplanOffice\.Active\(\))\.ReadOnly\b", r"XlplanOffice.Sealed(\1.Name)"),
)
STATE = {
    "said": [],
    "undo": [],
    "keys": [],
    "commands": [],
    "active": "",
    "caller": "Error",
    "desktop": None,
    "docs": {},
}


def conditional(source):
    """Resolve #If with every constant false (the branch for neither Mac nor VBA7)."""
    kept, stack = [], []
    for line in source.split("\n"):
        word = line.strip()
        if word.startswith("#If"):
            truth = bool(re.search(r"\bNot\b|App = ", word))
            stack.append([truth, truth])
        elif word.startswith("#ElseIf"):
            stack[-1][0] = False
        elif word.startswith("#Else"):
            stack[-1][0] = not stack[-1][1]
        elif word.startswith("#End If"):
            stack.pop()
        elif word.startswith("#Const"):
            continue
        elif all(on for on, _ in stack):
            kept.append(line)
    return "\n".join(kept)


def defaults(source):
    """Fill omitted optional texts by hand: Basic leaves them missing."""
    out = []
    for line in source.split("\n"):
        found = re.findall(r'Optional (\w+) As String = ("[^"]*")', line)
        out.append(re.sub(r'(Optional \w+) As String = "[^"]*"', r"\1 As Variant", line))
        out += [f"If IsMissing({name}) Then {name} = {text}" for name, text in found]
    return "\n".join(out)


def mended(name, source):
    if name == "XlplanBox":
        return "Option VBASupport 1\nPublic Sub Say(ByVal m As String, ByVal s As Long)\nXlplanOffice.Say m, s\nEnd Sub\n"
    if name == "XlplanUi":
        return "Option VBASupport 1\nPublic Sub Refresh()\nEnd Sub\n"
    source = defaults(conditional(source))
    for pattern, new in MENDS:
        source = re.sub(pattern, new, source)
    return source


def mend(doc, stub):
    libraries = doc.BasicLibraries
    STATE["library"] = next(name for name in libraries.ElementNames if name != "Standard")
    libraries.loadLibrary(STATE["library"])
    library = libraries.getByName(STATE["library"])
    for name in library.ElementNames:
        if name in {"XlplanEvents", "Dictionary"}:
            library.removeByName(name)
        else:
            library.replaceByName(name, mended(name, library.getByName(name)))
    info = ModuleInfo()
    info.ModuleType = 1
    library.insertModuleInfo("XlplanOffice", info)
    library.insertByName("XlplanOffice", stub)
    return {name: library.getByName(name) for name in library.ElementNames}


def option(name, value):
    item = PropertyValue()
    item.Name, item.Value = name, value
    return item


def load(path, **more):
    options = [option(key, value) for key, value in more.items()]
    options += [option("MacroExecutionMode", 4), option("Hidden", False)]
    return STATE["desktop"].loadComponentFromURL(
        uno.systemPathToFileUrl(path), "_blank", 0, tuple(options)
    )


def macro(doc, name, *args):
    path = f"{STATE['library']}.{name}"
    url = f"vnd.sun.star.script:{path}?language=Basic&location=document"
    return doc.getScriptProvider().getScript(url).invoke(tuple(args), (), ())[0]


def say(message, style):
    STATE["said"].append([message, style])


class Dictionary(unohelper.Base, XInvocation):
    """What xlwings asks of Scripting.Dictionary, called by name from Basic."""

    def __init__(self):
        self.items = {}

    def getIntrospection(self):
        return None

    def invoke(self, name, arguments, *_):
        method = {
            "add": self.items.__setitem__,
            "exists": self.items.__contains__,
            "item": self.items.get,
        }[name.lower()]
        return method(*arguments), (), ()

    def hasMethod(self, name):
        return name.lower() in {"add", "exists", "item"}

    def hasProperty(self, _name):
        return False


def dictionary():
    return Dictionary()


def active():
    """Title of the workbook the user is in; one that VBA itself just added counts."""
    return STATE["active"] or next((title(doc) for doc in added()), "")


def title(doc):
    """The workbook's name as Excel knows it (a window title says more)."""
    return Path(uno.fileUrlToSystemPath(doc.URL)).name if doc.URL else doc.Title


def added():
    """Workbooks that VBA opened and nobody saved."""
    sheets = "com.sun.star.sheet.SpreadsheetDocument"
    return [
        doc for doc in STATE["desktop"].Components if doc.supportsService(sheets) and not doc.URL
    ]


def document(name):
    everything = [*STATE["docs"].values(), *added()]
    return next(doc for doc in everything if title(doc) == name)


def sealed(name):
    return document(name).isReadonly()


def on_undo(label, name):
    STATE["undo"].append([label, name])


def name_in(doc, name, refers):
    """Give a hidden name its new content, as xlplan does after a written step."""
    if doc.NamedRanges.hasByName(name):
        doc.NamedRanges.removeByName(name)
    doc.NamedRanges.addNewByName(name, refers, CellAddress(), 0)


def enter(name):
    """Bring a workbook to the front, as Excel does when VBA activates it."""
    STATE["active"] = name


def formula(text):
    """Put a formula into a cell of the add-in and compute it; return what it shows."""
    target = STATE["addin"].Sheets.getByName("xlplan.text").getCellRangeByName("H1")
    STATE["caller"] = "Range"
    target.setFormula(text)
    STATE["addin"].calculateAll()
    STATE["caller"] = "Error"
    return f"{target.getError()} {target.String}"


def cancel_key(word):
    STATE["keys"].append(word)


def caller():
    return STATE["caller"]


def close(book):
    STATE["docs"].pop(book).close(True)


def cell(book, address):
    return STATE["docs"][book].Sheets.getByIndex(0).getCellRangeByName(address)


def set_conf(key, value):
    """Change a row of the add-in's own settings sheet; return the old text."""
    sheet = STATE["addin"].Sheets.getByName("xlplan.conf")
    row = next(r for r in range(50) if sheet.getCellByPosition(0, r).String == key)
    target = sheet.getCellByPosition(1, row)
    old, target.String = target.String, value
    return old


def answer(request):
    doc = document(request["book"])
    if "name" in request:
        name_in(doc, request["name"], request["refers"])
        return {"text": ""}
    target = doc.Sheets.getByIndex(0).getCellRangeByName(request["cell"])
    if "value" in request:
        target.String = request["value"]
    return {"text": target.String}


def run_command(line):
    """Start the command line VBA made; serve the child's requests; return its exit code."""
    STATE["commands"].append(line)
    shell = line.removeprefix("cmd.exe /C ")
    child = subprocess.Popen(  # noqa: S602  # the shell line is what is tested
        shell,
        shell=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": os.environ["XLPLAN_TEST_PATH"]},
    )
    for text in child.stdout:
        child.stdin.write(json.dumps(answer(json.loads(text))) + "\n")
        child.stdin.flush()
    return child.wait()


def activate(book):
    STATE["active"] = title(STATE["docs"][book]) if book else ""
    return STATE["active"]


PLAYS = {
    "activate": activate,
    "click": lambda *rest: macro(STATE["addin"], "XlplanOffice.Click", *rest),
    "macro": lambda *rest: macro(STATE["addin"], *rest),
    "cell": lambda *rest: cell(*rest).String,
    "formula": formula,
    "close": close,
    "mark": lambda book, refers: name_in(STATE["docs"][book], "xlplan_undo", refers),
    "conf": set_conf,
}


def play(step):
    kind, *rest = step
    return PLAYS[kind](*rest)


def observe(step):
    before = {key: len(STATE[key]) for key in ("said", "undo", "commands", "keys")}
    try:
        result = play(step)
    except Exception as error:  # noqa: BLE001
        result = f"EXCEPTION {getattr(error, 'Message', error)}"
    new = {key: STATE[key][count:] for key, count in before.items()}
    return {"step": step, "result": result, **new}


def main(*_):
    job = json.loads(Path(os.environ["XLPLAN_TEST_JOB"]).read_text("utf-8"))
    out = {}
    try:
        context = uno.getComponentContext()
        STATE["desktop"] = context.ServiceManager.createInstanceWithContext(
            "com.sun.star.frame.Desktop", context
        )
        STATE["addin"] = load(job["addin"], FilterName=XLAM_FILTER)
        out["modules"] = mend(STATE["addin"], job["stub"])
        for name, path in job["books"].items():
            STATE["docs"][name] = load(path, ReadOnly="read_only" in name)
        out["steps"] = [observe(step) for step in job["steps"]]
    except Exception:  # noqa: BLE001
        out["error"] = traceback.format_exc()
    Path(job["out"]).write_text(json.dumps(out), "utf-8")
    for doc in [*STATE["docs"].values(), STATE.get("addin")]:
        if doc is not None:
            doc.close(True)
    STATE["desktop"].terminate()


g_exportedScripts = (
    main,
    say,
    dictionary,
    on_undo,
    active,
    caller,
    cancel_key,
    enter,
    sealed,
    run_command,
)
