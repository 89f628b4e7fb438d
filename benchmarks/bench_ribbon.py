"""A click starts a fresh Python: what xlplan itself imports for it, against ``import pandas``.

Every action on the ribbon is measured, with the form that asks and what it imports only once it
gets to work (`LATER`; tests/test_faces.py holds that against real clicks).
Every measurement is a process of its own with compiled modules, as an installed package has
them, and times pandas in the same process, so that a busy machine slows both; processor time.
xlwings (which imports pandas) is there before.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from statistics import median

import xlplan
from xlplan.commands import ACTIONS

ROUNDS = 5
ROOT = Path(xlplan.__file__).parent
#: What `ribbon.run` does around a click.
OPEN = (
    "from xlplan import ribbon; ribbon._unhurried_cleaning().__enter__()\n"
    "import xlplan.ribbon.click, xlplan.books.live, xlplan.ooxml.files.runlock, xlplan.ribbon.person"
)
MODULES = {one.name: one.run.partition(":")[0] for one in reversed(ACTIONS) if one.ribbon}
#: Shown by an action that asks something; a Python without tkinter asks through Excel.
FORM = "xlplan.ribbon.form" if find_spec("_tkinter") else ""
ASKING = {one.run.partition(":")[0] for one in ACTIONS if any(part.ask for part in one.params)}
#: Module → what its functions import when they get to work: a click that succeeds pays for it too.
LATER = {
    "plan.fill": ["xlplan.plan.fill.refill"],
    "plan.reconcile": ["xlplan.plan.fill.refill"],
    "plan.check": [
        "xlplan.plan.fill.refill",
        "xlplan.actions.budget.exporting",
        "xlplan.sheets.budget.terms_page",
        "xlplan.actions.plan.cards",
    ],
    "report.reporting": ["xlplan.actions.report.webpage"],
    "document.writing": ["xlplan.plan.fill.refill"],
    "plan.newbook": ["xlplan.books.fastsheet", "xlplan.sources.targets"],
    "stores.distribute": ["xlplan.books.fastsheet"],
    "budget.exporting": ["xlplan.books.fastsheet", "xlplan.sheets.budget.terms_page"],
    "imports.importing": ["xlplan.sources.readers.workbook", "encodings.utf_8_sig"],
    "stores.collect": [
        "xlplan.actions.imports.gather",
        "xlplan.actions.imports.report",
        "xlplan.actions.imports.importing",
        "xlplan.sheets.stores.briefs_back",
    ],
    "change.versions": ["xlplan.actions.change.comparing"],
    "undo.undoing": ["xlplan.actions.stores.handed"],
    "undo.history": ["xlplan.plan.change.adjustments"],
    **{
        module: ["xlplan.actions.change.references"]
        for module in MODULES.values()
        if module.startswith("outlook.")
    },
}


#: Any sheet may be read and written by a click: their modules are imported when they are.
SHEETS = [
    "xlplan.plan.targets.targets",
    *(
        ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
        for path in sorted((ROOT / "sheets").glob("*/*.py"))
        if path.parent.name != "stores" and path.stem != "__init__"
    ),
    "xlplan.sheets.stores.distribution",
    "xlplan.actions.stores.steps",
    # 首页 tells what is foreseen whenever plan or actuals change
    "xlplan.actions.outlook.foreseeing",
    "xlplan.actions.outlook.telling",
    "xlplan.actions.change.references",
]


def click_of(name: str) -> str:
    """Return the code that imports what a click on an action does, from the form to the last cell."""
    module = MODULES[name]
    form = [FORM] if FORM and module in ASKING else []
    later = [f"xlplan.actions.{module}", *LATER.get(module, []), *SHEETS]
    return f"{OPEN}, {', '.join([*form, *later])}"


#: One action of each module; the others of that module import the same.
CLICKS = {"opening a click": OPEN} | {
    name: click_of(name) for name in {module: name for name, module in MODULES.items()}.values()
}
LIMITS = {f"{name} / import pandas": 0.25 for name in CLICKS}


_CODE = """
from time import process_time as now
start = now()
import pandas
peer = now() - start
import xlwings
start = now()
{work}
print(now() - start, peer)
"""


def seconds(work: str, cache: str) -> tuple[float, float]:
    """Return the processor seconds of a click's imports and of pandas, in one fresh process."""
    env = {key: text for key, text in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    env |= {"PYTHONPYCACHEPREFIX": cache}
    command = [sys.executable, "-c", _CODE.format(work=work)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    own, peer = map(float, done.stdout.split())
    return own, peer


def run() -> dict[str, float]:
    """Measure every click against pandas in the same process; the median of the rounds."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in CLICKS}
    with tempfile.TemporaryDirectory() as cache:
        for turn in range(ROUNDS + 1):
            for name, work in CLICKS.items():
                found = seconds(work, cache)
                if turn:  # the first round compiles
                    taken[name].append(found)
    ratios = {name: median(own / peer for own, peer in found) for name, found in taken.items()}
    for name, found in taken.items():
        own, peer = (min(times) * 1000 for times in zip(*found, strict=True))
        print(f"{name:16} {own:6.0f} ms   import pandas {peer:6.0f} ms   ratio {ratios[name]:.2f}")
    return {f"{name} / import pandas": ratio for name, ratio in ratios.items()}
