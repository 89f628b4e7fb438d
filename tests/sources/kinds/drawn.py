"""Small files in the shapes that people and programs give them; every figure is made up."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import openpyxl
import pandas as pd

from xlplan.errors import FileError, Level
from xlplan.sources import read
from xlplan.sources.declare import Options

if TYPE_CHECKING:
    from pathlib import Path

HEAD = ["日期", "访客数", "支付金额"]


def day(number: int, month: int = 9) -> dt.date:
    return dt.date(2026, month, number)


class Maker:
    """Writes files into a folder of the test and reads them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def book(self, *sheets, name="表.xlsx", merges=(), formats=None, titles=(), hidden=()):
        """Write rows as sheets of an .xlsx; `merges` and `formats` go to the first of them."""
        made = openpyxl.Workbook()
        made.remove(made.active)
        for number, rows in enumerate(sheets):
            sheet = made.create_sheet(
                titles[number] if number < len(titles) else f"Sheet{number + 1}"
            )
            for row in rows:
                sheet.append(row)
            if sheet.title in hidden:
                sheet.sheet_state = "hidden"
        first = made.worksheets[0]
        for block in merges:
            first.merge_cells(block)
        for cell, code in (formats or {}).items():
            first[cell].number_format = code
        file = self.folder / name
        made.save(file)
        return file

    def text(self, text, name="表.csv", encoding="utf-8"):
        file = self.folder / name
        file.write_bytes(text.encode(encoding))
        return file

    def html(self, rows, name="表.xls", head=""):
        return self.text(
            f"<html><head><meta charset=utf-8>{head}</head><body><table>{rows}</table></body></html>",
            name,
        )


def days_of(file, **known) -> dict[str, dict[str, float]]:
    """Return {day (or "store day"): {metric: figure}} of what is read."""
    frame = read(file, options=Options(**known)).frame
    return {
        f"{store} {date:%Y-%m-%d}".strip(): {
            str(name): float(value) for name, value in row.items() if not pd.isna(value)
        }
        for (store, date), row in frame.iterrows()
    }


def rules_of(file, level=None, **known) -> set[str]:
    """Return the rules of what is said, of one level or of all."""
    problems = read(file, options=Options(**known)).problems
    return {p.rule for p in problems if level in (None, p.level)}


def is_refused(file, rule, **known) -> bool:
    """Return whether nothing is read and an error says why."""
    try:
        extract = read(file, options=Options(**known))
    except FileError as error:
        return error.code == rule
    errors = {p.rule for p in extract.problems if p.level is Level.ERROR}
    return extract.frame.empty and rule in errors
