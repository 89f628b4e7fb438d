"""Patching and reading against the libraries one would use otherwise, in one run.

Ratios of CPU time, medians of several rounds: `python -m benchmarks.bench_patch`.
"""

from __future__ import annotations

import datetime as dt
import io
import random
import statistics
import time

import openpyxl
import python_calamine
import xlsxwriter

from xlplan.ooxml.patching.patch import Write, patch_package
from xlplan.ooxml.reader import open_workbook

SHEETS, ROWS, COLUMNS, CHANGES = 15, 480, 36, 30_000
#: Ratios that must not be exceeded.
LIMITS = {
    "patch 30,000 cells in 15 sheets / openpyxl load+save": 0.25,
    "patch 500 cells in 1 of 15 sheets / openpyxl load+save": 0.01,
    "read a 17,280-cell book / calamine": 6.0,
    "read a 15-sheet book / calamine": 6.0,
}


def book(sheets: int) -> bytes:
    """A plan-like book: a sheet is 17,280 cells, a third of them formulas."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as target:
        day = target.add_format({"num_format": "yyyy-mm-dd"})
        money = target.add_format({"num_format": "#,##0.00", "bold": True})
        for number in range(sheets):
            sheet = target.add_worksheet(f"{number + 1}月")
            for row in range(ROWS):
                sheet.write_string(row, 0, f"指标{row % 50}")
                sheet.write_datetime(row, 1, dt.date(2026, 1, 1) + dt.timedelta(row), day)
                for col in range(2, COLUMNS):
                    if col % 3 == 0:
                        formula = f"=SUM($C{row + 1}:$D{row + 1})*2"
                        sheet.write_formula(row, col, formula, money, row * 1.5)
                    else:
                        sheet.write_number(row, col, row * col / 7, money)
    return out.getvalue()


def changes() -> dict[str, dict[tuple[int, int], Write]]:
    """A fill: a block of whole rows in every sheet, half values, half formulas."""
    rng, found = random.Random(1), {}
    for number in range(SHEETS):
        cells = {}
        for at in range(CHANGES // SHEETS):
            row, col = 20 + at // 31, 3 + at % 31
            formula = f"C{row}*2" if at % 2 else None
            cells[row, col] = Write(rng.random() * 1000, formula)
        found[f"{number + 1}月"] = cells
    return found


def by_openpyxl(data: bytes, edits: dict[str, dict[tuple[int, int], Write]]) -> None:
    target = openpyxl.load_workbook(io.BytesIO(data))
    for name, cells in edits.items():
        for (row, col), write in cells.items():
            target[name].cell(row, col).value = (
                write.formula and f"={write.formula}"
            ) or write.value
    target.save(io.BytesIO())


def read_calamine(data: bytes) -> int:
    target = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    return sum(len(target.get_sheet_by_name(name).to_python()) for name in target.sheet_names)


def read_ours(data: bytes) -> int:
    return sum(len(sheet.cells) for sheet in open_workbook(data))


def cpu(action, *args, rounds: int) -> float:
    """Median CPU seconds of an action."""
    spent = []
    for _ in range(rounds):
        start = time.process_time()
        action(*args)
        spent.append(time.process_time() - start)
    return statistics.median(spent)


def run() -> dict[str, float]:
    """Return name → ratio of processor time to the peer's."""
    large, small, edits = book(SHEETS), book(1), changes()
    few = {"1月": dict(list(edits["1月"].items())[:500])}
    rewrite = cpu(by_openpyxl, large, edits, rounds=1)
    ratios = (
        cpu(patch_package, large, edits, rounds=3) / rewrite,
        cpu(patch_package, large, few, rounds=5) / rewrite,
        cpu(read_ours, small, rounds=7) / cpu(read_calamine, small, rounds=7),
        cpu(read_ours, large, rounds=3) / cpu(read_calamine, large, rounds=3),
    )
    return dict(zip(LIMITS, ratios, strict=True))


if __name__ == "__main__":
    for name, ratio in run().items():
        print(f"{name}: {ratio:.4f} (limit {LIMITS[name]:g})")
