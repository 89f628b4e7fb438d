"""A one-store year: building it, and filling an existing book, against the usual libraries.

* build: targets → plan → laid-out book, mathematics included, against plain XlsxWriter
  writing the very same cells with the same formats and cached values.
* fill: 分解 on an existing book whose targets changed, against openpyxl loading and saving it.

Processor time, peers interleaved in one run, median of the rounds.
"""

from __future__ import annotations

import gc
import statistics
import tempfile
import time
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import xlsxwriter

from xlplan.actions.plan.fill import fill
from xlplan.actions.plan.new import NewBook, make_state, new
from xlplan.books.build import build
from xlplan.books.file import FileBook
from xlplan.books.looks import properties
from xlplan.plan.targets.claims import Claim, Span
from xlplan.sheets.state.layout import pages

if TYPE_CHECKING:
    from collections.abc import Callable

    from xlplan.cells import Page, Style

ROUNDS = 5
LIMITS = {"build / plain XlsxWriter": 0.4, "fill / openpyxl load+save": 0.25}


def wanted(gmv: float) -> NewBook:
    figures = {
        "gmv": gmv,
        "cvr": 0.055,
        "aov": 100.0,
        "spend_ratio": 0.12,
        "roi": 3.2,
        "refund_rate": 0.06,
    }
    claims = [
        Claim(name, value, label=name, period=Span.YEAR, text=str(value))
        for name, value in figures.items()
    ]
    return NewBook(2026, ["示例店"], claims)


def ours() -> list[Page]:
    state, _ = make_state(wanted(9_060_000.0))
    laid_out = pages(state)
    build(laid_out)
    return laid_out


def plain(laid_out: list[Page]) -> None:
    """Write the same cells, formats and cached values through XlsxWriter's own calls."""
    book = xlsxwriter.Workbook(BytesIO(), {"in_memory": True})
    made: dict[Style | None, object] = {None: None}
    for page in laid_out:
        sheet = book.add_worksheet(page.name)
        for (row, column), cell in page.cells.items():
            if cell.style not in made:
                made[cell.style] = book.add_format(properties(cell.style))
            look = made[cell.style]
            if cell.formula:
                value = "" if cell.value is None else cell.value
                sheet.write_formula(row - 1, column - 1, cell.formula, look, value)
            elif cell.value is None:
                sheet.write_blank(row - 1, column - 1, None, look)
            elif isinstance(cell.value, str):
                sheet.write_string(row - 1, column - 1, cell.value, look)
            elif isinstance(cell.value, bool | int | float):
                sheet.write_number(row - 1, column - 1, cell.value, look)
            else:
                sheet.write_datetime(row - 1, column - 1, cell.value, look)
    book.close()


def seconds(work: Callable[[], object]) -> float:
    gc.collect()  # nobody pays for what another left behind
    start = time.process_time()
    work()
    return time.process_time() - start


def run() -> dict[str, float]:
    """Return name → ratio."""
    laid_out = ours()
    build_pairs = [(seconds(ours), seconds(lambda: plain(laid_out))) for _ in range(ROUNDS)]
    with tempfile.TemporaryDirectory() as folder:
        fill_pairs = [_fill_pair(Path(folder) / f"{i}.xlsx") for i in range(ROUNDS)]
    return {
        name: statistics.median(a for a, _ in pairs) / statistics.median(b for _, b in pairs)
        for name, pairs in zip(LIMITS, (build_pairs, fill_pairs), strict=True)
    }


def _fill_pair(path: Path) -> tuple[float, float]:
    new(path, wanted(9_060_000.0))
    book = FileBook(path)
    sheet = book.read("年度目标")
    spot = next(spot for spot, seen in sheet.items() if seen.value == 9_060_000.0)
    from xlplan.cells import Cell

    book.write({"年度目标": {spot: Cell(9_900_000.0)}})
    book.save()
    mine = seconds(lambda: fill(FileBook(path)))
    return mine, seconds(lambda: _openpyxl(path))


def _openpyxl(path: Path) -> None:
    openpyxl.load_workbook(path).save(path.with_suffix(".copy.xlsx"))


def main() -> None:
    for name, ratio in run().items():
        print(f"{name}: {ratio:.3f} (limit {LIMITS[name]})")


if __name__ == "__main__":
    main()
