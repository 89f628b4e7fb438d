"""A click starts a fresh Python: what xlplan itself imports for it, against ``import pandas``.

Every measurement is a process of its own with compiled modules, as an installed package has
them; processor time, the fewest of the rounds. xlwings (which imports pandas) is there before.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

ROUNDS = 7
PANDAS = "import pandas"
#: What `ribbon.run` does around a click.
OPEN = "from xlplan import ribbon; ribbon._unhurried_cleaning().__enter__(); import xlplan.ribbon.click, xlplan.books.live"
CLICKS = {
    "opening a click": OPEN,
    "fill": f"{OPEN}, xlplan.actions.fill",
    "check": f"{OPEN}, xlplan.actions.check",
    "import": f"{OPEN}, xlplan.actions.importing",
}
#: More than half of what an action takes goes into making about a hundred dataclasses.
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
