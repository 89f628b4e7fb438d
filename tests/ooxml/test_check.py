from __future__ import annotations

import io

import pytest
import xlsxwriter

from tests.support.package_check import check_package
from tests.support.package_check.formulas import formula_faults, name_fault
from xlplan.errors import Level
from xlplan.ooxml.patching.patch import Write, patch_package

SHEET, BOOK, STYLES = "xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"
TABLE, TYPES, RELS = "xl/tables/table1.xml", "[Content_Types].xml", "xl/_rels/workbook.xml.rels"
CORE, COMMENTS = "docProps/core.xml", "xl/comments1.xml"


@pytest.fixture(scope="module")
def full():
    """A book with everything the rules look at, as XlsxWriter makes it."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        look = book.add_format({"num_format": '0.0"万"', "bold": True})
        sheet = book.add_worksheet("计划")
        sheet.set_column("A:B", 12, look)
        sheet.set_row(0, 30)
        sheet.write_row("A1", ["店", 1.5, True, "=B1*2"], look)
        sheet.write_row("A2", ["乙", 2.5, False, '=IF(B2>0,"是","否")'])
        sheet.write_formula("E1", "=1/0", None, "#DIV/0!")
        sheet.merge_range("G1:H2", "题")
        sheet.merge_range("G3:H4", "题")
        sheet.data_validation(
            "A2", {"validate": "list", "source": ["甲", "乙"], "input_title": "店"}
        )
        sheet.conditional_format(
            "B1:B9",
            {"type": "formula", "criteria": "=B1>1", "format": book.add_format({"bold": 1})},
        )
        sheet.write_url("A5", "https://example.org/")
        sheet.write_comment("B2", "批注")
        sheet.write_comment("B3", "批注")
        sheet.add_table("J1:K4", {"name": "销售", "columns": [{"header": "店"}, {"header": "额"}]})
        sheet.autofilter("A1:B2")
        book.add_worksheet("预算")
        book.define_name("目标", "=计划!$B$1")
    return out.getvalue()


def rules(data, name="计划.xlsx"):
    return {
        problem.rule for problem in check_package(data, name=name) if problem.level is Level.ERROR
    }


def seeded(make, data, part, old, new):
    parts = make.members(data)
    assert old.encode() in parts[part], f"{old} is not in {parts[part].decode()[:3000]}"
    parts[part] = parts[part].replace(old.encode(), new.encode(), 1)
    return make.rezipped(parts)


def test_a_sound_book_has_no_problems(full, openpyxl_book):
    assert check_package(full, name="计划.xlsx") == []
    assert check_package(openpyxl_book, name="计划.xlsx") == []


def test_a_patched_book_has_no_problems(full, rich_book):
    changes = {
        (9, 2): Write("新"),
        (1, 4): Write(5),
        (2, 2): Write(3, "B1*2"),
        (300, 30): Write(1),
    }
    assert check_package(patch_package(full, {"计划": changes}), name="计划.xlsx") == []
    old = check_package(rich_book)
    assert check_package(patch_package(rich_book, {"计划": {(9, 2): Write("新")}})) == old


SEEDS = {
    "row order": (SHEET, '<row r="2"', '<row r="1"', "rows"),
    "row height": (SHEET, 'ht="30"', 'ht="500"', "rows"),
    "cell order": (SHEET, 'r="B1"', 'r="A1"', "cells"),
    "cell in another row": (SHEET, 'r="B1"', 'r="B7"', "cells"),
    "cell outside": (SHEET, 'r="B1"', 'r="XFE1"', "cells"),
    "shared string": (SHEET, 't="s"><v>0<', 't="s"><v>99<', "cells"),
    "number": (SHEET, "<v>1.5<", "<v>1,5<", "cells"),
    "error value": (SHEET, "#DIV/0!<", "#OOPS!<", "cells"),
    "boolean": (SHEET, 't="b"><v>1', 't="b"><v>2', "cells"),
    "cell type": (SHEET, 't="b"', 't="x"', "cells"),
    "column style": (SHEET, 'style="1"', 'style="77"', "columns"),
    "row style": (SHEET, '<row r="2"', '<row r="2" s="77"', "rows"),
    "cell style index": (SHEET, 'r="B1" s="1"', 'r="B1" s="77"', "cells"),
    "formula with =": (SHEET, "<f>B1*2", "<f>=B1*2", "cells"),
    "formula quotes": (SHEET, '"是"', '"是', "cells"),
    "merge overlap": (SHEET, 'ref="G3:H4"', 'ref="H2:I3"', "merges"),
    "merge of one cell": (SHEET, 'ref="G3:H4"', 'ref="G3"', "merges"),
    "element order": (SHEET, "<sheetData>", "<mergeCells/><sheetData>", "order"),
    "unknown element": (SHEET, "<sheetData>", "<sheetDate/><sheetData>", "order"),
    "column overlap": (SHEET, 'max="2"', 'max="0"', "columns"),
    "column width": (SHEET, 'width="12', 'width="912', "columns"),
    "long list": (SHEET, '"甲,乙"', '"' + "甲" * 256 + '"', "validation"),
    "long title": (SHEET, 'promptTitle="店"', f'promptTitle="{"店" * 33}"', "validation"),
    "validation place": (SHEET, 'sqref="A2"', 'sqref="A2:?"', "validation"),
    "validation without source": (SHEET, '<formula1>"甲,乙"</formula1>', "", "validation"),
    "conditional format": (SHEET, 'dxfId="0"', 'dxfId="9"', "conditional"),
    "conditional place": (SHEET, 'sqref="B1:B9"', 'sqref=""', "conditional"),
    "conditional formula": (
        SHEET,
        "<formula>B1&gt;1</formula>",
        "<formula>=B1</formula>",
        "conditional",
    ),
    "link": (SHEET, '<hyperlink ref="A5"', '<hyperlink ref="5A"', "links"),
    "relationship id": (
        SHEET,
        '<legacyDrawing r:id="rId2"',
        '<legacyDrawing r:id="rId99"',
        "relations",
    ),
    "filter": (SHEET, '<autoFilter ref="A1:B2"', '<autoFilter ref="A1:0"', "filter"),
    "sheet name": (BOOK, 'name="预算"', f'name="{"预" * 32}"', "tabs"),
    "sheet name characters": (BOOK, 'name="预算"', 'name="预/算"', "tabs"),
    "sheet name twice": (BOOK, 'name="预算"', 'name="计划"', "tabs"),
    "sheet id twice": (BOOK, 'sheetId="2"', 'sheetId="1"', "tabs"),
    "reserved name": (BOOK, 'name="预算"', 'name="History"', "tabs"),
    "active tab": (BOOK, "<workbookView ", '<workbookView activeTab="7" ', "views"),
    "defined name like a cell": (BOOK, 'name="目标"', 'name="AB12"', "names"),
    "defined name with a space": (BOOK, 'name="目标"', 'name="目 标"', "names"),
    "defined name without text": (BOOK, ">计划!$B$1<", "><", "names"),
    "workbook order": (BOOK, "<sheets>", "<calcPr/><sheets>", "order"),
    "local sheet": (BOOK, 'name="目标"', 'name="目标" localSheetId="9"', "names"),
    "font": (STYLES, 'fontId="1"', 'fontId="99"', "styles"),
    "number format": (STYLES, '<numFmt numFmtId="164"', '<numFmt numFmtId="170"', "styles"),
    "number format text": (STYLES, "0.0&quot;万&quot;", "0;0;0;0;0", "styles"),
    "count": (STYLES, '<cellXfs count="', '<cellXfs count="9', "styles"),
    "style order": (STYLES, "<fonts", "<dxfs/><fonts", "order"),
    "named style": (
        STYLES,
        '<cellStyle name="Normal" xfId="0"',
        '<cellStyle name="Normal" xfId="9"',
        "styles",
    ),
    "table header": (TABLE, 'name="额"', 'name="金额"', "tables"),
    "table column twice": (TABLE, 'name="额"', 'name="店"', "tables"),
    "table width": (TABLE, 'ref="J1:K4"', 'ref="J1:L4"', "tables"),
    "table without rows": (TABLE, 'ref="J1:K4"', 'ref="J1:K1"', "tables"),
    "table under a merge": (TABLE, 'ref="J1:K4"', 'ref="G1:H4"', "tables"),
    "table name used": (TABLE, 'displayName="销售"', 'displayName="目标"', "tables"),
    "table name": (TABLE, 'displayName="销售"', 'displayName="销 售"', "tables"),
    "comment author": (COMMENTS, 'authorId="0"', 'authorId="5"', "comments"),
    "comment twice": (COMMENTS, 'ref="B3"', 'ref="B2"', "comments"),
    "sheet content type": (
        TYPES,
        "spreadsheetml.worksheet+xml",
        "spreadsheetml.sheet+xml",
        "content-types",
    ),
    "workbook content type": (TYPES, "sheet.main+xml", "template.main+xml", "kind"),
    "missing part": (RELS, "sharedStrings.xml", "sharedString.xml", "relations"),
    "relationship twice": (RELS, 'Id="rId2"', 'Id="rId1"', "relations"),
    "time": (CORE, "Z</dcterms:created>", " Uhr</dcterms:created>", "properties"),
    "not well-formed": (SHEET, "</sheetData>", "</sheetDate>", "damaged"),
}


@pytest.mark.parametrize("seed", SEEDS.values(), ids=SEEDS)
def test_every_seeded_defect_is_found_by_its_rule(full, make, seed):
    part, old, new, rule = seed
    assert rule in rules(seeded(make, full, part, old, new))


def test_a_part_without_content_type_is_found(full, make):
    parts = make.members(full) | {"xl/strange.bin": b"x"}
    assert rules(make.rezipped(parts)) == {"content-types"}


def test_hidden_tabs_macros_and_ribbon_are_held_to_their_rules(full, make):
    hidden = make.members(full)
    hidden[BOOK] = hidden[BOOK].replace(b"<sheet ", b'<sheet state="hidden" ')
    assert rules(make.rezipped(hidden)) == {"tabs"}
    ribbon = make.members(full)
    ribbon["customUI/customUI14.xml"] = b'<customUI><b id="x"/><b id="X"/></customUI>'
    found = [p.what for p in check_package(make.rezipped(ribbon)) if p.rule == "ribbon"]
    assert len(found) == 2
    macros = make.members(full)
    macros["xl/vbaProject.bin"] = b"not ole"
    macros[RELS] = macros[RELS].replace(
        b"</Relationships>",
        b'<Relationship Id="v" Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject"'
        b' Target="vbaProject.bin"/></Relationships>',
    )
    what = [
        p.what for p in check_package(make.rezipped(macros), name="a.xlsx") if p.rule == "macros"
    ]
    assert len(what) == 3


def test_the_extension_must_fit_the_content(full):
    assert rules(full, "计划.xlsm") == {"kind"}
    assert rules(full, "计划.xlam") == {"kind"}
    assert rules(full, "") == set()


def test_a_calculation_chain_must_name_formulas(full, make):
    parts = make.members(full)
    parts["xl/calcChain.xml"] = (
        b'<calcChain xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b'<c r="D1" i="1"/><c r="E1"/><c r="A1"/></calcChain>'
    )
    parts[TYPES] = parts[TYPES].replace(
        b"</Types>",
        b'<Override PartName="/xl/calcChain.xml" ContentType="application/vnd.openxmlformats-'
        b'officedocument.spreadsheetml.calcChain+xml"/></Types>',
    )
    parts[RELS] = parts[RELS].replace(
        b"</Relationships>",
        b'<Relationship Id="c" Type="http://x/calcChain" Target="calcChain.xml"/></Relationships>',
    )
    book = make.rezipped(parts)
    assert [p.where.cell for p in check_package(book) if p.rule == "calc-chain"] == ["A1"]
    whole = parts | {"xl/calcChain.xml": parts["xl/calcChain.xml"].replace(b'<c r="A1"/>', b"")}
    patched = patch_package(make.rezipped(whole), {"计划": {(1, 4): Write(1)}})
    assert check_package(patched) == []


def test_files_that_are_no_package_are_one_problem():
    for data, rule in ((b"x", "not_excel"), (b"PK\x03\x04", "damaged")):
        assert [problem.rule for problem in check_package(data)] == [rule]


@pytest.mark.parametrize(
    "text",
    [
        "=A1",
        "",
        "A" * 8_193,
        f'"{"x" * 256}"',
        '"abc',
        "SUM(A1",
        "A1)+(B1",
        "(" * 65 + "1" + ")" * 65,
        "XLOOKUP(A1,B:B,C:C)",
        "ifs(A1,1)",
        "SUM(A1，B1)",
    ],
)
def test_formulas_excel_would_not_take_are_found(text):
    assert formula_faults(text)


@pytest.mark.parametrize(
    "text",
    [
        "SUM(A1:B2)*1.5",
        '"（全角）" & "a""b" & \'一 (月)\'!A1',
        "_xlfn.XLOOKUP(A1,B:B,C:C)",
        "_xlfn._xlws.FILTER(A1:A9,B1:B9)",
        "SUM(表[[#This Row],[额（元）]])",
        "(" * 64 + "1" + ")" * 64,
        "IFERROR(COUNTIFS(A:A,1),0)",
    ],
)
def test_sound_formulas_are_left_alone(text):
    assert formula_faults(text) == []


@pytest.mark.parametrize(
    "name", ["A1", "R1C1", "r", "C", "1a", "a b", "", "XFD1048576", "x" * 256]
)
def test_names_excel_would_not_take_are_found(name):
    assert name_fault(name)


@pytest.mark.parametrize(
    "name", ["目标", "_xlnm.Print_Area", "XFE1", "a.b", "_1", "Rate", "销售2026"]
)
def test_sound_names_are_left_alone(name):
    assert name_fault(name) == ""
