"""Crafted workbooks for the tests of the ooxml room."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import openpyxl
import pytest
import xlsxwriter

CUSTOM_UI = (
    b'<customUI xmlns="http://schemas.microsoft.com/office/2009/07/customui"><ribbon/></customUI>'
)
OLE_BLOB = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(range(256)) * 8


def members(data: bytes) -> dict[str, bytes]:
    """Member name → content."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rezipped(parts: dict[str, bytes]) -> bytes:
    """A zip of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def changed(data: bytes, **edits: tuple[bytes, bytes]) -> bytes:
    """The book with text replaced in parts, given by the stem of their file name."""
    parts = members(data)
    for stem, (old, new) in edits.items():
        name = next(n for n in parts if n.endswith(f"/{stem}.xml"))
        assert old in parts[name], f"{old!r} is not in {name}"
        parts[name] = parts[name].replace(old, new)
    return rezipped(parts)


def sheet_book(cells: str, *, head: str = "", tail: str = "", sst: str | None = None) -> bytes:
    """The smallest book around the given content of `<sheetData>`."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    doc = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    pack = "http://schemas.openxmlformats.org/package/2006"
    sheet = f'<worksheet xmlns="{main}">{head}<sheetData>{cells}</sheetData>{tail}</worksheet>'
    links = f'<Relationship Id="r1" Type="{doc}/worksheet" Target="worksheets/sheet1.xml"/>'
    if sst is not None:
        links += f'<Relationship Id="r2" Type="{doc}/sharedStrings" Target="sharedStrings.xml"/>'
    texts = {
        "[Content_Types].xml": f'<Types xmlns="{pack}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{pack}/relationships"><Relationship Id="r1"'
        f' Type="{doc}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{doc}"><sheets>'
        '<sheet name="表" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{pack}/relationships">'
        f"{links}</Relationships>",
        "xl/worksheets/sheet1.xml": sheet,
    }
    if sst is not None:
        texts["xl/sharedStrings.xml"] = f'<sst xmlns="{main}">{sst}</sst>'
    return rezipped({name: text.encode() for name, text in texts.items()})


def _fill(book: xlsxwriter.Workbook) -> None:
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    money = book.add_format({"num_format": "#,##0.00", "bold": True})
    plan = book.add_worksheet("计划")
    plan.set_column("H:H", 12, money)
    for row in range(1, 31):
        plan.write_datetime(row, 0, dt.date(2026, 9, row), day)
        plan.write_number(row, 1, row * 1.5, money)
        plan.write_formula(row, 2, f"=B{row + 1}*2", money, row * 3)
        plan.write_string(row, 3, "文<字>&" if row % 2 else " 空格 ")
        plan.write_blank(row, 4, None, money)
    plan.write_boolean(31, 0, True)
    plan.write_formula(31, 1, "=1/0", None, "#DIV/0!")
    plan.merge_range("J1:K2", "合并", money)
    plan.write_comment("B3", "批注")
    chart = book.add_chart({"type": "line"})
    chart.add_series({"values": "=计划!$B$2:$B$31"})
    plan.insert_chart("L5", chart)
    plan.conditional_format("B2:B31", {"type": "data_bar", "data_bar_2010": True})
    plan.add_sparkline("M1", {"range": "计划!B2:B31"})
    table = book.add_worksheet("表格")
    table.add_table("A1:C5", {"name": "销售", "columns": [{"header": h} for h in "店日额"]})
    hidden = book.add_worksheet("_元数据")
    hidden.write("A1", "版本")
    hidden.very_hidden()
    book.define_name("目标", "=计划!$B$2")


@pytest.fixture(scope="session")
def rich_book() -> bytes:
    """A macro book with chart, table, comment, sparkline, ribbon, blobs nobody knows."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        _fill(book)
    parts = members(out.getvalue())
    parts["xl/vbaProject.bin"] = OLE_BLOB
    parts["customUI/customUI14.xml"] = CUSTOM_UI
    parts["customXml/item1.xml"] = b"<x/>"
    parts["strange/part.bin"] = bytes(1000)
    parts["_rels/.rels"] = parts["_rels/.rels"].replace(
        b"</Relationships>",
        b'<Relationship Id="rIdUi" Type="http://schemas.microsoft.com/office/2007/relationships/'
        b'ui/extensibility" Target="customUI/customUI14.xml"/></Relationships>',
    )
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(
        b"</Types>", b'<Default Extension="bin" ContentType="application/octet-stream"/></Types>'
    )
    return rezipped(parts)


@pytest.fixture(scope="session")
def openpyxl_book() -> bytes:
    """A book as openpyxl writes it: inline order and attributes differ from XlsxWriter's."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "计划"
    for row in range(1, 6):
        sheet.append([row, row / 3, f"=A{row}+1", f"文字{row}", dt.date(2026, 9, row)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture(scope="session")
def make():
    """The functions above, for tests that craft their own files."""

    class Make:
        members = staticmethod(members)
        rezipped = staticmethod(rezipped)
        changed = staticmethod(changed)
        sheet_book = staticmethod(sheet_book)

    return Make
