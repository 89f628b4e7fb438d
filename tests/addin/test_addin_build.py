"""The built add-in as a whole."""

from __future__ import annotations

import io
import re
import zipfile

import openpyxl
import pytest
from oletools.olevba import VBA_Parser

from xlplan.addin import build_addin, check_addin, macros_text, make, read
from xlplan.addin import macros as sources
from xlplan.commands import ACTIONS
from xlplan.errors import InputError

PYTHON = r"C:\Users\张三\xlplan & co\python.exe"


@pytest.fixture(scope="module", params=["full", "light"])
def built(request):
    return request.param, make(interpreter=PYTHON, bridge=request.param)


def flat(text):
    return text.replace("\r\n", "\n").rstrip("\n")


def test_two_builds_are_byte_identical(built):
    bridge, data = built
    assert make(interpreter=PYTHON, bridge=bridge) == data


def test_every_module_reads_back_equal_through_oletools(built, tmp_path):
    bridge, data = built
    path = tmp_path / "xlplan.xlam"
    path.write_bytes(data)
    parser = VBA_Parser(str(path))
    found = {name.rpartition(".")[0]: text for _, _, name, text in parser.extract_macros()}
    parser.close()
    expected = {module.name: module.source for module in sources.modules(bridge)}
    assert found.keys() == expected.keys() | {"Sheet1", "Sheet2"}
    for name, source in expected.items():
        assert flat(found[name]) == flat(source), name


def test_our_own_code_is_stored_as_it_is_in_macros(built):
    vba = read.vba(read.parts(built[1])["xl/vbaProject.bin"])
    for path in sources.sources_folder().glob("*.bas"):
        assert flat(vba.source(path.stem)) == flat(path.read_text("ascii"))


def test_the_checker_finds_nothing(built):
    assert check_addin(built[1]) == []


def test_it_is_a_workbook_to_other_readers(built):
    # openpyxl opens no .xlam: as .xlsx the same parts must load
    parts = read.parts(built[1])
    types = parts["[Content_Types].xml"].replace(
        b"application/vnd.ms-excel.addin.macroEnabled.main+xml",
        b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name, raw in (parts | {"[Content_Types].xml": types}).items():
            target.writestr(name, raw)
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["xlplan.conf", "xlplan.text"]
    assert book["xlplan.conf"]["B1"].value == PYTHON
    assert book["xlplan.text"]["B1"].value == "经营计划"


def test_the_interpreter_and_every_label_are_in_its_sheets(built):
    sheets = {name: rows for name, (_, rows) in read.sheets(read.parts(built[1])).items()}
    assert sheets["xlplan.conf"]["INTERPRETER_WIN"] == PYTHON
    assert sheets["xlplan.conf"]["BRIDGE"] == built[0]
    assert sheets["xlplan.text"]["label.fill"] == "分解"


def test_no_setting_of_xlwings_is_left_for_a_file_beside_the_workbook(built):
    module = (sources.xlwings_folder() / "xlwings_custom_addin.bas").read_text("utf-8")
    run = module[module.index("Public Function RunPython") : module.index("Function XLPyCommand")]
    asked = set(re.findall(r'GetConfig\("([^"]+)"', run)) - {
        "INTERPRETER",
        "UDF MODULES",
        "DEBUG UDFS",
    }
    conf = read.rows_of_sheet(built[1], "xlplan.conf")
    assert asked <= conf.keys()


def test_nothing_runs_by_itself_and_the_light_one_needs_no_dll(built):
    bridge, data = built
    vba = read.vba(read.parts(data)["xl/vbaProject.bin"])
    text = "".join(vba.source(name) for name, _, _ in vba.modules)
    assert not re.search(r"Workbook_Open|Auto_Open|Workbook_BeforeClose", text)
    assert ("xlwings64" in text) == (bridge == "full")
    assert "BSD 3-clause" in text or bridge == "light"


def test_a_newer_xlwings_that_no_longer_fits_is_refused_with_a_way_out():
    with pytest.raises(InputError, match="不匹配") as caught:
        sources.patch("nothing to find here", "xlwings_custom_addin.bas")
    assert "--bridge light" in caught.value.remedy


@pytest.mark.parametrize("path", ["", "  ", 'C:\\a"b\\python.exe', "C:\\100%\\python.exe", "a\nb"])
def test_an_interpreter_the_command_line_cannot_carry_is_refused(path):
    with pytest.raises(InputError, match="Python 路径不能用"):
        make(interpreter=path)


def test_only_an_xlam_is_written(tmp_path):
    with pytest.raises(InputError, match="xlam"):
        build_addin(tmp_path / "x.xlsm", interpreter=PYTHON)
    assert list(tmp_path.iterdir()) == []


def test_redo_looks_like_redo_and_locking_like_a_lock():
    icons = {action.name: action.icon for action in ACTIONS}
    assert (icons["undo"], icons["redo"], icons["hold"]) == ("Undo", "Redo", "Lock")


def test_the_generated_ribbon_is_the_one_in_macros():
    for name, text in macros_text(ACTIONS).items():
        assert (sources.sources_folder() / name).read_text("utf-8") == text
