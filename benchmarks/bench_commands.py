"""Whole commands on the example book, from starting Python to the last line, against ``import pandas``.

Every measurement is a process of its own with compiled modules; each round times them all and pandas
beside them, so that a busy machine slows all alike. Processor time of the process and its children.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from shutil import copyfile
from statistics import median

ROUNDS = 5
EXAMPLE = Path(__file__).parent.parent / "workbooks" / "示例_2026年经营计划.xlsx"
COMMANDS = {
    "log": ["log"],
    "trace": ["trace", "--metric", "销售额", "--period", "9月9日"],
    "spread --dry-run": ["spread", "--metric", "销售额", "--period", "10月", "--to", "+5%", "--dry-run"],
    "check": ["check"],
}  # fmt: skip
LIMITS = {
    "log / import pandas": 0.8,
    "trace / import pandas": 2.0,
    "spread --dry-run / import pandas": 2.0,
    "check / import pandas": 2.0,
}


def cpu(command: list[str], env: dict[str, str]) -> float:
    """Return the processor seconds of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, env=env, capture_output=True, check=False)
    if done.returncode not in (0, 1, 2):
        raise RuntimeError(done.stderr.decode(errors="replace")[-2000:])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def run() -> dict[str, float]:
    """Measure every command; the median of the rounds."""
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "计划.xlsx"
        copyfile(EXAMPLE, book)
        env = {key: text for key, text in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        env |= {"PYTHONPYCACHEPREFIX": str(Path(folder) / "cache"), "LOCALAPPDATA": folder}
        for turn in range(ROUNDS + 1):
            peer = cpu([sys.executable, "-c", "import pandas"], env)
            for name, (word, *rest) in COMMANDS.items():
                spent = cpu([sys.executable, "-m", "xlplan", word, str(book), *rest], env)
                if turn:  # the first round compiles
                    taken[name].append(spent / peer)
    ratios = {name: median(found) for name, found in taken.items()}
    for name, ratio in ratios.items():
        print(f"{name:18} {ratio:.2f} of import pandas")
    return {f"{name} / import pandas": ratio for name, ratio in ratios.items()}
