"""The .xlam package around the VBA project and the ribbon.

Written part by part (no library knows how to put a ribbon and a VBA project into an
add-in); fixed dates and order make two builds byte-identical.
"""

from __future__ import annotations

import io
import zipfile
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Rows = Sequence[tuple[str, str]]

XML_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
VBA_REL = "http://schemas.microsoft.com/office/2006/relationships/vbaProject"
RIBBON_REL = "http://schemas.microsoft.com/office/2007/relationships/ui/extensibility"
XLAM = "application/vnd.ms-excel.addin.macroEnabled.main+xml"
VBA_TYPE = "application/vnd.ms-office.vbaProject"
SHEET_ML = "application/vnd.openxmlformats-officedocument.spreadsheetml"
RIBBON_PART = "customUI/customUI14.xml"
VBA_PART = "xl/vbaProject.bin"
#: An add-in has no window, also where it is opened like a workbook; nor can people show it.
HIDDEN_WINDOW = '<bookViews><workbookView visibility="veryHidden"/></bookViews>'
ZIP_DATE = (1980, 1, 1, 0, 0, 0)

STYLES = (
    f'{XML_HEAD}<styleSheet xmlns="{MAIN}">'
    '<fonts count="1"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
)


def attribute(text: str) -> str:
    """Return a quoted XML attribute value; line breaks survive."""
    return '"' + escape(text).replace("\n", "&#10;") + '"'


def _types(count: int) -> str:
    parts = [
        ("xl/workbook.xml", XLAM),
        *(
            (f"xl/worksheets/sheet{i}.xml", f"{SHEET_ML}.worksheet+xml")
            for i in range(1, count + 1)
        ),
        ("xl/styles.xml", f"{SHEET_ML}.styles+xml"),
        ("docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml"),
    ]
    overrides = "".join(
        f'<Override PartName="/{name}" ContentType="{kind}"/>' for name, kind in parts
    )
    return (
        f'{XML_HEAD}<Types xmlns="{PACKAGE}/content-types">'
        f'<Default Extension="bin" ContentType="{VBA_TYPE}"/>'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    items = "".join(
        f'<Relationship Id="rId{i}" Type="{kind}" Target="{target}"/>'
        for i, (kind, target) in enumerate(targets, 1)
    )
    return f'{XML_HEAD}<Relationships xmlns="{PACKAGE}/relationships">{items}</Relationships>'


def _workbook(names: Sequence[str]) -> str:
    sheets = "".join(
        f'<sheet name={attribute(name)} sheetId="{i}" r:id="rId{i}"/>'
        for i, name in enumerate(names, 1)
    )
    return (
        f'{XML_HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">'
        f'<workbookPr codeName="ThisWorkbook"/>{HIDDEN_WINDOW}<sheets>{sheets}</sheets></workbook>'
    )


def _cell(reference: str, text: str) -> str:
    return (
        f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'
    )


def _sheet(code_name: str, rows: Rows) -> str:
    body = "".join(
        f'<row r="{i}">{_cell(f"A{i}", key)}{_cell(f"B{i}", value)}</row>'
        for i, (key, value) in enumerate(rows, 1)
    )
    return (
        f'{XML_HEAD}<worksheet xmlns="{MAIN}"><sheetPr codeName="{code_name}"/>'
        f"<sheetData>{body}</sheetData></worksheet>"
    )


def _core(title: str, version: str) -> str:
    return (
        f'{XML_HEAD}<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(title)}</dc:title><dc:creator>xlplan</dc:creator>"
        f"<dc:description>{escape(version)}</dc:description>"
        '<dcterms:created xsi:type="dcterms:W3CDTF">2020-01-01T00:00:00Z</dcterms:created>'
        "</cp:coreProperties>"
    )


def write_package(
    sheets: Mapping[str, Rows], vba: bytes, ribbon: str, *, title: str, version: str
) -> bytes:
    """Return the add-in's bytes.

    Args:
        sheets: Sheet name → rows of two texts; code names are Sheet1, Sheet2, … in order.
        vba: The VBA project.
        ribbon: The ribbon's XML.
        title: What Excel's add-in list shows.
        version: Goes into the document's description.
    """
    count = len(sheets)
    numbered = [(f"{OFFICE}/worksheet", f"worksheets/sheet{i}.xml") for i in range(1, count + 1)]
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": _types(count),
        "_rels/.rels": _relations(
            [
                (f"{OFFICE}/officeDocument", "xl/workbook.xml"),
                (f"{PACKAGE}/relationships/metadata/core-properties", "docProps/core.xml"),
                (RIBBON_REL, RIBBON_PART),
            ]
        ),
        "docProps/core.xml": _core(title, version),
        RIBBON_PART: ribbon,
        "xl/workbook.xml": _workbook(list(sheets)),
        "xl/_rels/workbook.xml.rels": _relations(
            [*numbered, (f"{OFFICE}/styles", "styles.xml"), (VBA_REL, "vbaProject.bin")]
        ),
        "xl/styles.xml": STYLES,
        VBA_PART: vba,
    }
    for i, rows in enumerate(sheets.values(), 1):
        parts[f"xl/worksheets/sheet{i}.xml"] = _sheet(f"Sheet{i}", rows)
    return packed_parts(parts)


def packed_parts(parts: Mapping[str, str | bytes]) -> bytes:
    """Return a zip of `parts` in the given order with fixed dates."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in parts.items():
            info = zipfile.ZipInfo(name, ZIP_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 0  # the same bytes on every platform
            target.writestr(info, data)
    return out.getvalue()
