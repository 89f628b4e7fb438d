"""The main sheets of a small book, cell by cell, against tests/golden.

A change of layout or formula shows here as a readable difference; when it is meant,
``pytest tests/sheets/test_golden.py --update-golden`` writes the files anew.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from xlplan.cells import Area, address
from xlplan.sheets.state.layout import pages

GOLDEN = Path(__file__).parent.parent / "golden"
#: Sheet → last row that is compared (long sheets repeat themselves).
SHEETS = {"首页": 99, "年度目标": 99, "日历": 50, "活动": 30, "年度规划": 99, "2月": 99, "日报": 8, "体检": 30}  # fmt: skip


@pytest.fixture(scope="module")
def small(state_of):
    """One store with actuals to 9 February, seen the day after."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("xlplan.sheets.home.figures.clock", lambda: date(2026, 2, 10))
        return {page.name: page for page in pages(state_of(days=40))}


def dump(page, last):
    """One line a cell: address, value, formula, state and number format; structure after."""
    lines = [
        "\t".join((address(*spot), shown(cell.value), cell.formula, look(cell.style)))
        for spot, cell in sorted(page.cells.items())
        if spot[0] <= last
    ]
    rows = {row: span for row, span in page.rows.items() if row <= last}
    lines += [f"column {n}\t{text(span)}" for n, span in sorted(page.columns.items())]
    lines += [f"row {n}\t{text(span)}" for n, span in sorted(rows.items())]
    lines += [f"merge {area}" for area in page.merges]
    lines += [f"check {rule.area} {rule.kind} {rule.title}" for rule in page.validations]
    lines += [f"highlight {rule.area} {getattr(rule, 'formula', 'icons')}" for rule in page.highlights]  # fmt: skip
    lines.append(f"freeze {page.freeze} print {page.print_area} hidden {page.hidden}")
    return "\n".join(lines) + "\n"


def shown(value):
    if isinstance(value, float):
        return f"{value:.10g}"
    return "" if value is None else str(value)


def look(style):
    if style is None:
        return ""
    state = style.state.value.removeprefix("xlplan_")
    return f"{state or '·'} {style.number if style.number != 'General' else ''}".strip()


def text(span):
    marks = ("hidden" * span.hidden, f"level {span.level}" * bool(span.level))
    return " ".join(filter(None, (shown(span.size), *marks)))


@pytest.mark.parametrize("sheet", SHEETS)
def test_the_sheet_is_as_the_golden_file_says(small, sheet, request):
    path, made = GOLDEN / f"{sheet}.txt", dump(small[sheet], SHEETS[sheet])
    if request.config.getoption("--update-golden"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(made, encoding="utf-8")
    wanted = path.read_text(encoding="utf-8").splitlines()
    differing = [
        f"- {old}\n+ {new}"
        for old, new in zip(wanted, made.splitlines(), strict=False)
        if old != new
    ]
    assert differing[:5] == []
    assert len(wanted) == made.count("\n")


def test_no_cell_of_the_sheets_shows_an_error_value(small):
    for page in small.values():
        for spot, cell in page.cells.items():
            assert not str(cell.value).startswith("#"), f"{page.name}!{address(*spot)}"


def test_no_two_merges_of_a_sheet_overlap(small):
    for page in small.values():
        spots = [spot for area in page.merges for spot in cells_of(area)]
        assert len(spots) == len(set(spots)), page.name


def cells_of(area: Area):
    return [(r, c) for r in range(area.top, area.bottom + 1) for c in range(area.left, area.right + 1)]  # fmt: skip
