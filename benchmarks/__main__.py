"""Runs the benchmarks: ``python -m benchmarks [name …]``; exit code 1 when a limit is missed.

Each ``bench_*.py`` has `LIMITS` (name → figure that must not be exceeded, mostly a ratio to a
peer measured in the same run), `run()` returning figures under those names, and perhaps `NEEDS`
(programs or packages that must be installed).
"""

from __future__ import annotations

import shutil
import sys
import warnings
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Line = tuple[str, float, float]


def names() -> list[str]:
    """Return the benchmarks there are, without ``bench_``."""
    found = Path(__file__).parent.glob("bench_*.py")
    return sorted(path.stem.removeprefix("bench_") for path in found)


def measure(name: str) -> Iterator[Line]:
    """Run one benchmark; yield (what, figure, limit).

    Raises:
        ModuleNotFoundError: It needs a package or program that is not installed.
    """
    module = import_module(f"benchmarks.bench_{name}")
    needs = getattr(module, "NEEDS", ())
    missing = [need for need in needs if not (shutil.which(need) or find_spec(need))]
    if missing:
        raise ModuleNotFoundError(", ".join(missing), name=missing[0])
    for what, figure in module.run().items():
        yield f"{name}: {what}", figure, module.LIMITS[what]


def verdict(line: Line) -> str:
    """Return a line of the summary."""
    what, figure, limit = line
    return f"{'pass' if figure <= limit else 'MISS'}  {figure:10.4g}  ≤ {limit:<8.4g} {what}"


def main(wanted: Sequence[str]) -> int:
    """Run the named benchmarks (all when none is named); return the exit code."""
    unknown = set(wanted) - set(names())
    if unknown:
        print(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(names())}")
        return 2
    warnings.filterwarnings("ignore", module="openpyxl")  # it says what it drops when it saves
    lines: list[Line] = []
    skipped: list[str] = []
    for name in wanted or names():
        print(f"== {name}", flush=True)
        try:
            lines += measure(name)
        except ModuleNotFoundError as error:
            skipped.append(f"skip  {name}: {error.name} is not installed")
    print("\n".join(["", *map(verdict, lines), *skipped]))
    return int(any(figure > limit for _, figure, limit in lines))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
