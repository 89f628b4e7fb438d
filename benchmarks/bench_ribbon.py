"""A click starts a fresh Python: what xlplan itself imports for it, against ``import pandas``.

Every action on the ribbon is measured; none imports anything of xlplan later than its module.
Every measurement is a process of its own with compiled modules, as an installed package has
them; processor time, the fewest of the rounds. xlwings (which imports pandas) is there before.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

from xlplan.commands import ACTIONS

ROUNDS = 5
PANDAS = "import pandas"
#: What `ribbon.run` does around a click.
OPEN = "from xlplan import ribbon; ribbon._unhurried_cleaning().__enter__(); import xlplan.ribbon.click, xlplan.books.live"
MODULES = {one.name: one.run.partition(":")[0] for one in reversed(ACTIONS) if one.ribbon}
#: One action of each module; the others of that module import the same.
CLICKS = {"opening a click": OPEN} | {
    name: f"{OPEN}, xlplan.actions.{module}"
    for module, name in {module: name for name, module in MODULES.items()}.items()
}
LIMITS = {f"{name} / import pandas": 0.25 for name in CLICKS}


def seconds(work: str, before: str, cache: str) -> float:
    """Return the processor seconds of some imports in a fresh interpreter."""
    code = (
        f"{before}\nimport time\ns = time.process_time()\n{work}\nprint(time.process_time() - s)"
    )
    env = {key: text for key, text in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    env |= {"PYTHONPYCACHEPREFIX": cache}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    return float(done.stdout)


def run() -> dict[str, float]:
    """Measure every click against pandas, interleaved."""
    works = {"pandas": (PANDAS, "")}
    works |= {name: (work, "import xlwings") for name, work in CLICKS.items()}
    times: dict[str, list[float]] = {name: [] for name in works}
    with tempfile.TemporaryDirectory() as cache:
        for turn in range(ROUNDS + 1):
            for name, (work, before) in works.items():
                taken = seconds(work, before, cache)
                if turn:  # the first round compiles
                    times[name].append(taken)
    pandas = min(times.pop("pandas"))
    for name, taken in times.items():
        print(f"{name:16} {min(taken) * 1000:6.0f} ms   import pandas {pandas * 1000:6.0f} ms")
    return {f"{name} / import pandas": min(taken) / pandas for name, taken in times.items()}
