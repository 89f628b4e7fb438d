"""Files that must end in a named refusal, never in a hang, a crash or a wrong value."""

from __future__ import annotations

import gc
import io
import os
import random
import struct
import time
import zipfile
import zlib

import pytest
import xlsxwriter

from xlplan.cells import Seen
from xlplan.errors import FileError, PlanError
from xlplan.ooxml.limits import ReadLimits, ReadTally
from xlplan.ooxml.patching.patch import Write, patch_package
from xlplan.ooxml.reader import open_workbook

BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9))
    + "]>"
)
ROW = '<row r="1">{}</row>'


def code_of(data, limits=None):
    with pytest.raises(FileError) as caught:
        list(open_workbook(data, limits=limits or ReadLimits()))
    assert caught.value.message
    assert caught.value.remedy
    return caught.value.code


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="A1" t="s"><v>9</v></c>',
        '<c r="A1" t="s"><v>-1</v></c>',
        '<c r="A1"><v>abc</v></c>',
        '<c r="A1"><v>1_000</v></c>',
        '<c r="A1"><v>１２</v></c>',
        '<c r="A1"><v>nan</v></c>',
        '<c r="A1"><v>1e999</v></c>',
        '<c r="A1"><v>1.2.3</v></c>',
        '<c r="A1" t="b"><v>ja</v></c>',
        '<c r="A1" t="zzz"><v>1</v></c>',
        '<c r="A1" t="d"><v>gestern</v></c>',
        '<c r="A1" t="str"><v>&nbsp;</v></c>',
        '<c r="A1" s="x"><v>1</v></c>',
        '<c r="A1"><f t="shared" si="4"/><v>1</v></c>',
        '<c r="A1"><f t="array" ref="?">1</f><v>1</v></c>',
        '<c r="A1"><v>1</v></c><c r="A1"><v>2</v></c>',
        '<c r="XFE1"><v>1</v></c>',
        '<c r="A1048577"><v>1</v></c>',
        '<c r="A99999999999"><v>1</v></c>',
        '<c r="1A"><v>1</v></c>',
        '<c r="A1"><v>1</c></v>',
        '<c r="A1" t="str"><v>\x01</v></c>',
        f'<c r="A1" t="str"><v>{"长" * 70_000}</v></c>',
    ],
)
def test_a_cell_that_contradicts_itself_is_damage_never_a_value(make, cell):
    assert code_of(make.sheet_book(ROW.format(cell), sst="<si><t>a</t></si>")) == "damaged"


@pytest.mark.parametrize("number", ["0", "1048577", "4294967295", "-1", "x", "9" * 30])
def test_rows_outside_the_grid_are_damage(make, number):
    cells = f'<row r="{number}"><c><v>1</v></c></row>'
    assert code_of(make.sheet_book(cells)) == "damaged"


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "docProps/app.xml"]
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_is_unsafe_in_any_part(make, part, encoding):
    parts = make.members(make.sheet_book(""))
    xml = parts.get(part, b"<x/>").decode()
    parts[part] = f"{BOMB}{xml}".encode(encoding)
    assert code_of(make.rezipped(parts)) == "unsafe_xml"


def test_a_document_type_behind_a_long_comment_is_unsafe_too(make):
    parts = make.members(make.sheet_book(""))
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    parts["xl/worksheets/sheet1.xml"] = f"<!--{'x' * 9000}-->{BOMB}{sheet}".encode()
    assert code_of(make.rezipped(parts)) == "unsafe_xml"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not_excel"),
        (b"\0" * 4096, "not_excel"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "not_excel"),
        (b"\xef\xbb\xbf<table></table>", "not_excel"),
        ("日期,销售额\n2026-09-01,5".encode("gb18030"), "not_excel"),
        ("日期\t销售额".encode("utf-16"), "not_excel"),
        (
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>',
            "not_excel",
        ),
        (b"%PDF-1.7\0\0", "not_excel"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096), "old_xls"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
            + bytes(64)
            + "EncryptedPackage".encode("utf-16-le"),
            "password",
        ),
        (b"PK\x03\x04" + bytes(100), "damaged"),
    ],
)
def test_what_is_no_workbook_is_named_for_what_it_is(content, code):
    assert code_of(content) == code


def test_a_zip_without_a_workbook_is_no_excel_file(make):
    assert code_of(make.rezipped({"a.txt": b"x"})) == "not_excel"
    assert code_of(make.rezipped({})) == "not_excel"
    assert code_of(make.rezipped({"xl/workbook.bin": b"x"})) == "not_excel"
    parts = make.members(make.sheet_book(""))
    parts["xl/workbook.xml"] = b"<document/>"
    assert code_of(make.rezipped(parts)) == "not_excel"


def test_a_file_cut_short_is_damaged(rich_book):
    for size in (100, len(rich_book) // 2, len(rich_book) - 30):
        assert code_of(rich_book[:size]) == "damaged"


def test_a_missing_part_is_damage(make):
    parts = make.members(make.sheet_book(""))
    del parts["xl/worksheets/sheet1.xml"]
    assert code_of(make.rezipped(parts)) == "damaged"
    parts = make.members(make.sheet_book("", sst=""))
    del parts["xl/sharedStrings.xml"]
    assert code_of(make.rezipped(parts)) == "damaged"


def test_members_of_one_name_are_damage():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", b"<a/>")
        archive.writestr("XL/Workbook.xml", b"<b/>")
    assert code_of(out.getvalue()) == "damaged"


def test_overlapping_members_are_damage(make):
    data = bytearray(make.sheet_book(""))
    first = data.find(b"PK\x01\x02")
    second = data.find(b"PK\x01\x02", first + 4)
    data[second + 42 : second + 46] = data[first + 42 : first + 46]
    assert code_of(bytes(data)) == "damaged"


def test_zip_encryption_is_a_password(make):
    data = bytearray(make.sheet_book(""))
    at = data.find(b"PK\x01\x02")
    data[at + 8] |= 1
    assert code_of(bytes(data)) == "password"


def test_a_wrong_checksum_is_damage(make):
    data = bytearray(make.sheet_book('<row r="1"><c r="A1"><v>1</v></c></row>'))
    at = data.rfind(b"PK\x01\x02")
    data[at + 16] ^= 1
    assert code_of(bytes(data)) == "damaged"


def test_an_inflated_size_is_counted_not_believed(make):
    data = make.sheet_book("", head="<x/>" * 200_000)
    lying = bytearray(data)
    at = data.rfind(b"PK\x01\x02")
    lying[at + 24 : at + 28] = struct.pack("<I", 10)
    for book in (data, bytes(lying)):
        assert code_of(book, ReadLimits(part_bytes=500_000)) == "too_big"
        assert code_of(book, ReadLimits(total_bytes=500_000)) == "too_big"


@pytest.mark.parametrize(
    "limits",
    [
        ReadLimits(file_bytes=500),
        ReadLimits(members=3),
        ReadLimits(cells=2),
        ReadLimits(strings=1),
        ReadLimits(seconds=0.0),
    ],
    ids=["file", "members", "cells", "strings", "seconds"],
)
def test_every_limit_refuses(make, limits):
    cells = "".join(f'<row r="{r}"><c r="A{r}"><v>1</v></c></row>' for r in range(1, 9))
    book = make.sheet_book(cells, sst="<si><t>a</t></si><si><t>b</t></si>")
    assert code_of(book, limits) == "too_big"


def test_a_busy_machine_makes_no_file_too_big():
    budget = ReadTally(ReadLimits(seconds=0.05))
    time.sleep(0.1)  # others have the processor
    budget.time()
    until = time.process_time() + 0.06
    while time.process_time() < until:
        pass
    with pytest.raises(FileError, match="读取超过"):
        budget.time()


def test_xml_nested_without_end_is_damage(make):
    assert code_of(make.sheet_book("", head="<a>" * 100_000 + "</a>" * 100_000)) == "damaged"


def test_relations_that_lead_out_of_the_package_are_damage(make):
    for target in (b"../../../../etc/passwd", b"file:///etc/passwd", b"C:\\x.xml"):
        book = make.sheet_book("")
        parts = make.members(book)
        rels = parts["xl/_rels/workbook.xml.rels"]
        parts["xl/_rels/workbook.xml.rels"] = rels.replace(b"worksheets/sheet1.xml", target)
        assert code_of(make.rezipped(parts)) == "damaged"
    external = rels.replace(b'Target="worksheets', b'TargetMode="External" Target="worksheets')
    parts["xl/_rels/workbook.xml.rels"] = external
    assert code_of(make.rezipped(parts)) == "damaged"


def test_member_names_that_climb_are_never_written_anywhere(make, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    parts = make.members(make.sheet_book("")) | {"../../evil.txt": b"x", "/abs.txt": b"y"}
    book = make.rezipped(parts)
    open_workbook(book).sheet("表")
    patch_package(book, {"表": {(1, 1): Write(1)}})
    assert list(tmp_path.rglob("*")) == []


def test_a_far_cell_costs_nothing(make):
    book = make.sheet_book('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    assert len(open_workbook(book).sheet("表").cells) == 1


def test_merges_without_end_are_read_or_refused(make):
    merges = "".join(f'<mergeCell ref="A{r}:B{r}"/>' for r in range(1, 20_000))
    book = make.sheet_book("", tail=f"<mergeCells>{merges}</mergeCells>")
    assert len(open_workbook(book).sheet("表").merges) == 19_999
    bad = make.sheet_book("", tail='<mergeCells><mergeCell ref="A1:?"/></mergeCells>')
    assert code_of(bad) == "damaged"


def test_unfinished_tags_take_no_quadratic_time(make):
    for cells in ('<c r="A1"><is>' * 50_000, '<row r="1">' * 50_000, "<c " * 50_000):
        assert code_of(make.sheet_book(cells), ReadLimits(seconds=5)) == "damaged"


@pytest.mark.parametrize("name", ["~$计划.xlsx", ".~lock.计划.xlsx#", ".~计划.xlsx"])
def test_an_owner_file_is_no_workbook(tmp_path, name):
    file = tmp_path / name
    file.write_bytes(bytes(165))
    assert code_of(file) == "not_excel"


def test_paths_that_cannot_be_read_say_so(tmp_path):
    assert code_of(tmp_path / "没有.xlsx") == "missing"
    assert code_of(tmp_path) == "not_excel"
    file = tmp_path / "大.xlsx"
    file.write_bytes(bytes(2000))
    assert code_of(file, ReadLimits(file_bytes=1000)) == "too_big"


def test_a_refusal_names_the_file(tmp_path):
    file = tmp_path / "计划.xlsx"
    file.write_bytes(b"x")
    with pytest.raises(FileError, match=r"计划\.xlsx") as caught:
        open_workbook(file)
    assert caught.value.where.file == "计划.xlsx"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs another user")
def test_a_file_of_others_is_refused(tmp_path, monkeypatch):
    file = tmp_path / "计划.xlsx"
    file.write_bytes(b"x")

    def refuse(*_args, **_kwargs):
        raise PermissionError(13, "denied")

    monkeypatch.setattr(type(file), "open", refuse)
    assert code_of(file) == "in_use"


def test_flipped_bytes_give_the_same_cells_or_a_refusal(rich_book):
    wanted = {sheet.name: sheet.cells for sheet in open_workbook(rich_book)}
    rng = random.Random(7)
    for _ in range(300):
        data = bytearray(rich_book)
        for _ in range(rng.choice((1, 1, 3, 20))):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        try:
            book = open_workbook(bytes(data))
            got = {sheet.name: sheet.cells for sheet in book}
        except PlanError:
            continue
        assert got == wanted


def test_flipped_xml_is_read_alike_by_both_ways(make, monkeypatch):
    from xlplan.ooxml import reader

    def outcome(book):
        try:
            return open_workbook(book).sheet("表")
        except FileError as error:
            return error.code

    text = '<row r="1" spans="1:3"><c r="A1" s="1" t="str"><f>B1&amp;1</f><v>x &lt;</v></c>'
    text += '<c r="B1"><v>12.5</v></c></row><row r="3"><c r="A3" t="b"><v>1</v></c></row>'
    rng = random.Random(3)
    for _ in range(300):
        data = list(text)
        data[rng.randrange(len(data))] = rng.choice('<>/"&; =1ACrv_\x07\ufffe é')
        book = make.sheet_book("".join(data))
        quick = outcome(book)
        with monkeypatch.context() as patched:
            patched.setattr(reader, "scan", lambda *_: None)
            assert outcome(book) == quick, "".join(data)


def test_zlib_streams_that_never_end_are_damage(make):
    data = make.sheet_book('<row r="1"><c r="A1"><v>1</v></c></row>')
    name = b"xl/worksheets/sheet1.xml"
    at = data.find(name) + len(name)
    broken = data[:at] + bytes(255 - b for b in data[at : at + 20]) + data[at + 20 :]
    assert zlib.crc32(broken) != zlib.crc32(data)
    assert code_of(broken) == "damaged"


def test_a_value_and_an_empty_cell_in_one_place_are_damage(make, monkeypatch):
    from xlplan.ooxml import reader

    twice = make.sheet_book(ROW.format('<c r="A1"><v>1</v></c><c r="A1" s="0"/>'))
    assert code_of(twice) == "damaged"
    monkeypatch.setattr(reader, "scan", lambda *_: None)
    assert code_of(twice) == "damaged"


def test_rows_are_read_alike_in_blocks_of_any_size(rich_book, monkeypatch):
    from xlplan.ooxml import sheetfast

    wanted = {sheet.name: sheet for sheet in open_workbook(rich_book)}
    monkeypatch.setattr(sheetfast, "_BLOCK", 1)
    assert {sheet.name: sheet for sheet in open_workbook(rich_book)} == wanted


def test_a_sheet_that_was_read_leaves_nothing_to_the_collector(make):
    cells = "".join(f'<row r="{r}"><c r="A{r}"><v>{r}</v></c></row>' for r in range(1, 3000))
    book = open_workbook(make.sheet_book(cells))
    gc.collect()
    gc.disable()
    try:
        assert len(book.shown("表", Seen)) == 2999
        assert gc.collect() < 1000
    finally:
        gc.enable()


@pytest.mark.parametrize(
    "rows",
    ["<row/>" * 50, "<row></row>" * 50, '<row r="1"/>' * 50, f"<!-- odd -->{'<row/>' * 50}"],
)
def test_rows_are_bounded_like_cells_whichever_way_they_are_written(make, rows):
    book = make.sheet_book(rows)
    assert list(open_workbook(book, limits=ReadLimits(rows=50)))
    assert code_of(book, ReadLimits(rows=49)) == "too_big"


def test_rows_are_counted_over_all_sheets_of_a_book(tmp_path):
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as made:
        for name in ("一", "二"):
            made.add_worksheet(name).write_column(0, 0, range(30))
    book = (tmp_path / "a.xlsx").read_bytes()
    assert len(list(open_workbook(book, limits=ReadLimits(rows=60)))) == 2
    assert code_of(book, ReadLimits(rows=59)) == "too_big"
