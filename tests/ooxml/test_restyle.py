from __future__ import annotations

import io

import openpyxl
import pytest
from openpyxl.styles import Alignment, Font, NamedStyle, PatternFill, Protection

from tests.support.restyle import derive_styles, named_style_index
from xlplan.errors import FileError, StructureError
from xlplan.ooxml.patching.patch import Write, patch_package
from xlplan.ooxml.reader import open_workbook

LOCKED, INPUT = "xlplan_锁定", "xlplan_输入"


@pytest.fixture(scope="module")
def styled():
    book = openpyxl.Workbook()
    for name, colour, locked in ((LOCKED, "FFC0C0C0", True), (INPUT, "FFFFFF99", False)):
        look = NamedStyle(name)
        look.fill = PatternFill("solid", fgColor=colour)
        look.font = Font(bold=locked)
        look.protection = Protection(locked=locked)
        book.add_named_style(look)
    sheet = book.active
    sheet.title = "表"
    for col, code in enumerate(["0.00%", "#,##0", "yyyy-mm-dd"], start=1):
        cell = sheet.cell(1, col, 5)
        cell.style = INPUT
        cell.number_format = code
        cell.alignment = Alignment(horizontal="center")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_locked_cell_changes_its_look_and_keeps_its_number_format(styled):
    sheet = open_workbook(styled).sheet("表")
    wanted = [(sheet.style(1, col), LOCKED) for col in (1, 2, 3)]
    data, found = derive_styles(styled, wanted)
    changes = {(1, col): Write(5, style=found[wanted[col - 1]]) for col in (1, 2, 3)}
    book = openpyxl.load_workbook(io.BytesIO(patch_package(data, {"表": changes})))
    for cell, code in zip(book["表"][1], ["0.00%", "#,##0", "yyyy-mm-dd"], strict=True):
        assert cell.number_format == code
        assert cell.alignment.horizontal == "center"
        assert cell.fill.fgColor.rgb == "FFC0C0C0"
        assert cell.font.bold
        assert cell.protection.locked
        assert cell.style == LOCKED


def test_unlocking_finds_the_format_there_was(styled):
    style = open_workbook(styled).sheet("表").style(1, 1)
    data, found = derive_styles(styled, [(style, LOCKED)])
    back, again = derive_styles(data, [(found[style, LOCKED], INPUT)])
    assert again == {(found[style, LOCKED], INPUT): style}
    assert back is data


def test_what_exists_is_found_and_not_added_again(styled):
    before = open_workbook(styled)
    style = before.sheet("表").style(1, 2)
    assert named_style_index(before.styles, INPUT, style) == style
    assert named_style_index(before.styles, LOCKED, style) is None
    data, found = derive_styles(styled, [(style, LOCKED), (style, LOCKED)])
    after = open_workbook(data).styles
    assert named_style_index(after, LOCKED, style) == found[style, LOCKED]
    assert len(after.cell_formats) == len(before.styles.cell_formats) + 1
    assert derive_styles(data, [(style, LOCKED)])[0] is data


def test_only_the_style_part_changes_and_its_count_is_right(styled, make):
    style = open_workbook(styled).sheet("表").style(1, 1)
    data, _ = derive_styles(styled, [(style, LOCKED)])
    old, new = make.members(styled), make.members(data)
    assert {name for name in old if old[name] != new[name]} == {"xl/styles.xml"}
    count = len(open_workbook(data).styles.cell_formats)
    assert b'<cellXfs count="%d">' % count in new["xl/styles.xml"]


def test_a_missing_style_is_refused_by_name(styled, make):
    with pytest.raises(StructureError, match="xlplan_没有"):
        derive_styles(styled, [(0, "xlplan_没有")])
    with pytest.raises(IndexError):
        derive_styles(styled, [(999, LOCKED)])
    with pytest.raises(FileError):
        derive_styles(make.sheet_book(""), [(0, LOCKED)])
