"""Faults put into a built add-in, each of which the checker must find."""

from __future__ import annotations

import io
import zipfile

import pytest

from xlplan.addin import check_addin, make, package, project, read

RIBBON, VBA = package.RIBBON_PART, package.VBA_PART
WORKBOOK = "xl/workbook.xml"
CONF, TEXT = "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"
PYTHON = r"C:\py\python.exe"
TYPES, RELS = "[Content_Types].xml", "_rels/.rels"


@pytest.fixture(scope="module")
def good():
    return make(interpreter=PYTHON, bridge="light")


def swap(part, old, new):
    """A fault: replace a text in one part (which must be there)."""

    def apply(parts):
        text = parts[part].decode()
        assert old in text, f"{old!r} is not in {part}"
        return parts | {part: text.replace(old, new, 1).encode()}

    return apply


def drop(part):
    return lambda parts: {name: raw for name, raw in parts.items() if name != part}


def modules(parts):
    """The modules of an add-in as they were given to the writer."""
    vba = read.vba(parts[VBA])
    kinds = {name: "code" if plain else "sheet" for name, plain, _ in vba.modules}
    kinds |= {"ThisWorkbook": "book", "XlplanEvents": "class", "Dictionary": "class"}
    return [project.Module(name, kinds[name], vba.source(name)) for name, _, _ in vba.modules]


def code(name, old, new):
    """A fault in the VBA text of one module."""

    def apply(parts):
        made = []
        for module in modules(parts):
            source = module.source
            if module.name == name:
                assert old in source, f"{old!r} is not in {name}"
                source = source.replace(old, new, 1)
            made.append(project.Module(module.name, module.kind, source))
        return parts | {VBA: project.write_project("xlplanAddin", made)}

    return apply


def without(name):
    def apply(parts):
        made = [module for module in modules(parts) if module.name != name]
        return parts | {VBA: project.write_project("xlplanAddin", made)}

    return apply


def in_bin(old, new):
    """A fault in the bytes of the VBA project."""

    def apply(parts):
        assert parts[VBA].count(old)
        return parts | {VBA: parts[VBA].replace(old, new)}

    return apply


FAULTS = {
    "no vba": (drop(VBA), "package.type"),
    "no ribbon": (drop(RIBBON), "package.type"),
    "a workbook, not an add-in": (swap(TYPES, "addin.macroEnabled", "sheet.macroEnabled"), "package.type"),
    "ribbon not linked": (swap(RELS, "ui/extensibility", "ui/other"), "package.relation"),
    "link to nothing": (swap(RELS, "docProps/core.xml", "docProps/gone.xml"), "package.relation"),
    "broken ribbon xml": (swap(RIBBON, "</customUI>", ""), "ribbon.xml"),
    "a document type": (swap(RIBBON, "<customUI", "<!DOCTYPE x><customUI"), "ribbon.xml"),
    "old ribbon namespace": (swap(RIBBON, "2009/07", "2006/01"), "ribbon.xml"),
    "unknown attribute": (swap(RIBBON, "screentip=", "screenTip="), "ribbon.attribute"),
    "unknown element": (swap(RIBBON, "<labelControl", "<label"), "ribbon.element"),
    "id twice": (swap(RIBBON, 'id="xlplan_new"', 'id="xlplan_fill"'), "ribbon.id"),
    "keytip twice": (swap(RIBBON, 'keytip="XJ"', 'keytip="FJ"'), "ribbon.keytip"),
    "keytip begins another": (swap(RIBBON, 'keytip="XJ"', 'keytip="F"'), "ribbon.keytip"),
    "invented icon": (swap(RIBBON, '"FileNew"', '"FileNewPlan"'), "ribbon.icon"),
    "no supertip": (swap(RIBBON, "supertip=", "description="), "ribbon.missing"),
    "label too long": (swap(RIBBON, 'label="分解"', 'label="把年度目标分解到天"'), "ribbon.label"),
    "unknown action": (swap(RIBBON, 'tag="fill ', 'tag="fil '), "text.missing"),
    "tag without condition": (swap(RIBBON, 'tag="fill plan_book"', 'tag="fill"'), "ribbon.tag"),
    "callback misspelt": (swap(RIBBON, "XlplanRibbon.OnAction", "XlplanRibbon.OnActon"), "ribbon.callback"),
    "callback in a missing module": (without("XlplanUi"), "ribbon.callback"),
    "callback private": (code("XlplanRibbon", "Public Sub OnAction", "Private Sub OnAction"), "ribbon.callback"),
    "callback with wrong parameters": (
        code("XlplanRibbon", "(control As IRibbonControl, ByRef returnedVal)", "(control As IRibbonControl)"),
        "ribbon.callback",
    ),
    "code name differs": (swap(CONF, 'codeName="Sheet1"', 'codeName="Sheet9"'), "vba.code_name"),
    "book's code name differs": (swap(WORKBOOK, "ThisWorkbook", "ThisBook"), "vba.code_name"),
    "compiled cache": (in_bin(bytes.fromhex("CC61FFFF000100"), bytes.fromhex("CC61B500000100")), "vba.cache"),
    "PROJECT disagrees": (in_bin(b"Module=XlplanLog", b"Module=XlplanLag"), "vba.project"),
    "PROJECTwm disagrees": (in_bin(b"XlplanLog\0X\0", b"XlplanLag\0X\0"), "vba.project"),
    "container damaged": (in_bin(bytes.fromhex("D0CF11E0"), bytes.fromhex("D0CF11E1")), "vba.container"),
    "runs by itself": (
        code("ThisWorkbook", "Option Explicit", "Option Explicit\r\nPrivate Sub Workbook_Open()\r\nEnd Sub"),
        "vba.autorun",
    ),
    "End If missing": (code("XlplanRun", "        Exit Sub\r\n    End If", "        Exit Sub"), "vba.block"),
    "End Sub missing": (code("XlplanRun", "End Sub\r\n", "\r\n"), "vba.block"),
    "Option Explicit missing": (code("XlplanRun", "Option Explicit\r\n", ""), "vba.explicit"),
    "calls what is not there": (code("XlplanRun", "XlplanUi.Refresh", "XlplanUi.Redraw"), "vba.call"),
    "asks for a text that is not there": (code("XlplanState", '"no_book"', '"no_workbook"'), "text.missing"),
    "text lost": (swap(TEXT, ">no_book<", ">no_bok<"), "text.missing"),
    "no undo action for Ctrl+Z": (swap(TEXT, ">label.undo<", ">label.und<"), "text.missing"),
    "text empty": (swap(TEXT, ">经营计划<", "><"), "text.empty"),
    "line too long": (code("XlplanRun", "Option Explicit", f"' {'x' * 1100}\r\nOption Explicit"), "vba.line"),
    "wrong name inside": (code("XlplanLog", '"XlplanLog"', '"XlplanLag"'), "vba.attribute"),
    "a cell can start Python": (code("XlplanBridge", "If XlplanState.FromCell() Then Exit Function", ""), "vba.cell"),
    "another book's formulas see the bridge": (code("XlplanBridge", "Option Private Module", "' public"), "vba.cell"),
    "imports from the folder it starts in": (code("XlplanBridge", '" -P -X', '" -X'), "vba.path"),
    "a window to show": (swap(WORKBOOK, "veryHidden", "hidden"), "package.window"),
    "no bridge": (without("XlplanBridge"), "vba.bridge"),
    "no interpreter": (swap(CONF, r">C:\py\python.exe<", "><"), "conf.interpreter"),
    "workbook folder on the path": (swap(CONF, ">False<", ">True<"), "conf.safety"),
    "setting missing": (swap(CONF, ">USE UDF SERVER<", ">USE_UDF_SERVER<"), "conf.safety"),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_the_checker_finds_the_fault(good, name):
    fault, rule = FAULTS[name]
    bad = package.packed_parts(fault(read.parts(good)))
    found = check_addin(bad)
    assert rule in {problem.rule for problem in found}
    assert all(problem.what and problem.remedy for problem in found)


def test_an_xlwings_module_that_shows_its_own_error_box_is_found():
    fault = code("xlwings", "If XlplanRun.HandleError(FileName, Message) Then Exit Sub", "")
    bad = package.packed_parts(fault(read.parts(make(interpreter=PYTHON, bridge="full"))))
    assert [problem.rule for problem in check_addin(bad)] == ["vba.bridge"]


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("(PythonCommand As String)\r\n    If XlplanState.FromCell() Then Exit Function", "(PythonCommand As String)", "vba.cell"),
        ("Args As String)\r\n    If XlplanState.FromCell() Then Exit Function", "Args As String)", "vba.cell"),
        ("As Integer\r\n    If XlplanState.FromCell() Then Exit Function", "As Integer", "vba.cell"),
        ("XLPy()\r\n    If XlplanState.FromCell() Then Exit Function", "XLPy()", "vba.cell"),
        ("Option Private Module", "'", "vba.cell"),
        (" -B -P -c ", " -B -c ", "vba.path"),
    ],
    ids=["RunPython", "RunFrozenPython", "ExecuteWindows", "XLPy", "private", "path"],
)  # fmt: skip
def test_every_door_of_xlwings_module_is_watched(old, new, rule):
    bad = package.packed_parts(
        code("xlwings", old, new)(read.parts(make(interpreter=PYTHON, bridge="full")))
    )
    assert [problem.rule for problem in check_addin(bad)] == [rule]


def test_unicode_in_the_vba_is_found(good):
    parts = read.parts(good)
    vba = read.vba(parts[VBA])
    source = vba.source("XlplanLog").replace("MAX_BYTES", "MAX_BYT\x01S")
    made = [
        m if m.name != "XlplanLog" else project.Module(m.name, m.kind, source)
        for m in modules(parts)
    ]
    bad = package.packed_parts(parts | {VBA: project.write_project("xlplanAddin", made)})
    assert "vba.ascii" in {problem.rule for problem in check_addin(bad)}


def test_a_part_twice_is_found(good):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name, raw in read.parts(good).items():
            target.writestr(name, raw)
        target.writestr("XL/workbook.xml", b"<x/>")
    assert [problem.rule for problem in check_addin(out.getvalue())] == ["package.damaged"]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"not a zip at all" * 100])
def test_what_is_no_add_in_is_said_in_one_sentence(data):
    (problem,) = check_addin(data)
    assert problem.rule == "package.damaged"
    assert "插件文件损坏" in problem.what


def test_a_cut_file_never_raises(good):
    for cut in range(0, len(good), 997):
        assert check_addin(good[:cut])


def test_a_flipped_byte_in_the_vba_never_raises(good):
    parts = read.parts(good)
    blob = parts[VBA]
    for at in range(0, len(blob), 1499):
        flipped = blob[:at] + bytes([blob[at] ^ 0x41]) + blob[at + 1 :]
        check_addin(package.packed_parts(parts | {VBA: flipped}))
