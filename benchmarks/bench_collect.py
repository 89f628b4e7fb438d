"""Collecting 200 returned store workbooks, each with 200 days filled, against python-calamine.

* one process: reading by the bounded reader, screening and merging all 200 three-way, against
  python-calamine alone reading the same two sheets of the same files (no merge, no checks).
  Processor time, peers interleaved, median of the rounds.
* two workers: the time that passes while two processes read the files, against one; the best
  of the rounds, since anything else running can only slow them down.
"""

from __future__ import annotations

import io
import statistics
import tempfile
import time
import zipfile
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import python_calamine

from xlplan.actions.plan.new import NewBook, make_state
from xlplan.actions.stores.returned import read_files
from xlplan.actions.stores.screening import Expected, screen
from xlplan.actions.stores.store_merge import Rules, flat, merge_store
from xlplan.books.build import build
from xlplan.books.file import FileBook
from xlplan.metrics import Unit
from xlplan.plan.targets.claims import Claim, Span
from xlplan.sheets.daily.page import input_metrics
from xlplan.sheets.stores.pages import Origin, make_handout, store_pages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.plan.year import Year

FILES, DAYS, OLD_DAYS, ROUNDS = 200, 200, 100, 3
NAMES = "gmv orders uv buyers units gmv_paid inquiries inquiry_orders refund_units refund_amount spend_keyword uv_keyword".split()  # fmt: skip
MODEL = "门店000"
LIMITS = {"collect 200 / calamine reading 200": 6.0, "two workers / one": 0.6}


def make_files(folder: Path) -> tuple[list[Path], Year]:
    """Write 200 copies: handed out with 100 days, returned with 200."""
    figures = {"gmv": 9_060_000.0, "cvr": 0.055, "aov": 100.0}
    claims = [Claim(n, v, label=n, store=MODEL, period=Span.YEAR) for n, v in figures.items()]
    state, _ = make_state(NewBook(2026, [MODEL], claims))
    rng = np.random.default_rng(3)
    typed = {
        (MODEL, date(2026, 1, 1) + timedelta(days=i)): {
            name: float(rng.integers(1, 9_000_00)) / 100 for name in NAMES
        }
        for i in range(DAYS)
    }
    known = dict(list(typed.items())[:OLD_DAYS])
    handout = make_handout(state.year, MODEL, known, Origin("bench", 1, "2026-07-20 09:00"))
    model = build(store_pages(state.year, MODEL, typed, handout))
    paths = []
    for number in range(FILES):
        path = folder / f"门店{number:03d}.xlsx"
        path.write_bytes(_renamed(model, path.stem))
        book = FileBook(path)
        book.write({"_元数据": replace(handout, store=path.stem).page().cells})
        book.save()
        paths.append(path)
    return paths, state.year


def _renamed(model: bytes, store: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(model)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:  # fmt: skip
        for info in old.infolist():
            data = old.read(info)
            if info.filename == "xl/worksheets/sheet2.xml":
                data = data.replace(MODEL.encode(), store.encode())
            new.writestr(info.filename, data)
    return made.getvalue()


def inputs(year: Year) -> dict[str, bool]:
    return {name: year.metrics[name].unit is Unit.COUNT for name in input_metrics(year.metrics)}


def ours(paths: Sequence[Path], year: Year) -> int:
    """Read, screen and merge; return how many values arrive."""
    files = read_files(paths, inputs(year), 1)
    made = screen(files, Expected("bench", 2026, {path.stem: 1 for path in paths}))
    assert made.problems == []
    rules = Rules("", {}, str)
    copies: dict[tuple[str, str], object] = {}
    count = 0
    for store, listed in made.files.items():
        here = flat(listed[0].handout.base)
        count += len(merge_store(store, listed, here, copies, rules).taken)
    return count


def theirs(paths: Sequence[Path]) -> None:
    for path in paths:
        book = python_calamine.CalamineWorkbook.from_path(str(path))
        for sheet in ("_元数据", "日报"):
            book.get_sheet_by_name(sheet).to_python()


def run() -> dict[str, float]:
    """Return name → ratio."""
    with tempfile.TemporaryDirectory() as name:
        paths, year = make_files(Path(name))
        mine, peers, one, two = [], [], [], []
        for _ in range(ROUNDS):
            start = time.process_time()
            assert ours(paths, year) == FILES * (DAYS - OLD_DAYS) * len(NAMES)
            mine.append(time.process_time() - start)
            start = time.process_time()
            theirs(paths)
            peers.append(time.process_time() - start)
            for jobs, times in ((1, one), (2, two)):
                start = time.perf_counter()
                assert len(read_files(paths, inputs(year), jobs)) == FILES
                times.append(time.perf_counter() - start)
    print(f"collect {statistics.median(mine):.2f} s, calamine {statistics.median(peers):.2f} s, one {min(one):.2f} s, two {min(two):.2f} s")  # fmt: skip
    ratios = statistics.median(mine) / statistics.median(peers), min(two) / min(one)
    return dict(zip(LIMITS, ratios, strict=True))


if __name__ == "__main__":
    for what, ratio in run().items():
        print(f"{what}: {ratio:.3f} (limit {LIMITS[what]})")
