"""Tiny writers of .xls streams, .xlsb and .ods, for shapes that no library writes here."""

from __future__ import annotations

import io
import struct
import zipfile

# .xls: BIFF8 without the compound file around it


def _biff(code, body=b""):
    return struct.pack("<HH", code, len(body)) + body


def _unicode(text):
    return struct.pack("<HB", len(text), 1) + text.encode("utf-16-le")


def formula(row, column, value, tokens, flags=0):
    """Return a FORMULA record; `value` is a number or "" for an empty text."""
    result = struct.pack("<d", value) if value != "" else b"\x03\0\0\0\0\0\xff\xff"
    return _biff(
        0x06,
        struct.pack("<3H", row, column, 0)
        + result
        + struct.pack("<HIH", flags, 0, len(tokens))
        + tokens,
    )


def ref(row, column):
    return b"\x44" + struct.pack("<HH", row, column | 0xC000)


ADD, SUBTRACT = b"\x03", b"\x04"


def xls(cells, formulas=(), name="日报"):
    """Return an .xls of one sheet: {(row, column): text or number} and FORMULA records."""
    bof = lambda kind: _biff(0x809, struct.pack("<HHHHII", 0x600, kind, 0, 0, 0, 0))  # noqa: E731
    title = struct.pack("<BB", len(name), 1) + name.encode("utf-16-le")
    head = bof(5) + _biff(0x42, struct.pack("<H", 1200))
    size = len(head) + 4 + 6 + len(title) + 4
    book = head + _biff(0x85, struct.pack("<IH", size, 0) + title) + _biff(0x0A)
    body = bof(0x10)
    for (row, column), value in sorted(cells.items()):
        place = struct.pack("<3H", row, column, 0)
        if isinstance(value, str):
            body += _biff(0x204, place + _unicode(value))
        else:
            body += _biff(0x203, place + struct.pack("<d", value))
    return book + body + b"".join(formulas) + _biff(0x0A)


# .xlsb


def _record(kind, body=b""):
    code = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, count = b"", len(body)
    while True:
        size += bytes([count & 0x7F | (0x80 if count > 0x7F else 0)])
        count >>= 7
        if not count:
            return code + size + body


def _wide(text):
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


class Error(str):
    """An error cell of .xlsb, by its code."""

    __slots__ = ()


def _cell(column, value, style):
    place = struct.pack("<II", column, style)
    if isinstance(value, Error):
        return _record(3, place + bytes([int(value)]))
    if isinstance(value, str):
        return _record(6, place + _wide(value))
    if isinstance(value, int):
        return _record(2, place + struct.pack("<I", (value << 2 & 0xFFFFFFFF) | 2))
    return _record(5, place + struct.pack("<d", value))


TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def xlsb(*sheets, names=("日报",), charts=(), hidden=(), styles=((14, ""),)):
    """Return an .xlsb; sheets are rows of values, or (value, style) with style 1 for dates."""
    parts, rels, tabs = {}, [], b""
    for number, rows in enumerate([*sheets, *charts], 1):
        chart = number > len(sheets)
        kind, folder = ("chartsheet", "chartsheets") if chart else ("worksheet", "worksheets")
        name = names[number - 1] if number <= len(names) else f"表{number}"
        size = struct.pack("<4I", 0, max(len(rows) - 1, 0), 0, 9)
        body = _record(129) + _record(148, size) + _record(145)
        for r, row in enumerate(rows):
            body += _record(0, struct.pack("<I", r) + bytes(17))
            for c, cell in enumerate(row):
                value, style = cell if isinstance(cell, tuple) else (cell, 0)
                body += _cell(c, value, style) if value is not None else b""
        parts[f"xl/{folder}/sheet{number}.bin"] = body + _record(146) + _record(130)
        rels.append(
            f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{folder}/sheet{number}.bin"/>'
        )
        tabs += _record(
            156,
            struct.pack("<II", int(name in hidden), number) + _wide(f"rId{number}") + _wide(name),
        )
    formats = b"".join(
        _record(44, struct.pack("<H", n) + _wide(code)) for n, code in styles if code
    )
    formats = _record(615, struct.pack("<I", 1)) + formats + _record(616) if formats else b""
    xfs = b"".join(
        _record(47, struct.pack("<HH", 0, n) + bytes(12)) for n in (0, *(n for n, _ in styles))
    )
    parts["xl/styles.bin"] = (
        _record(278)
        + formats
        + _record(617, struct.pack("<I", 1 + len(styles)))
        + xfs
        + _record(618)
        + _record(279)
    )
    rels.append(f'<Relationship Id="rIdS" Type="{OFFICE}/styles" Target="styles.bin"/>')
    parts["xl/workbook.bin"] = _record(131) + _record(143) + tabs + _record(144) + _record(132)
    parts["xl/_rels/workbook.bin.rels"] = (
        f'<Relationships xmlns="{RELS}">{"".join(rels)}</Relationships>'.encode()
    )
    parts["_rels/.rels"] = (
        f'<Relationships xmlns="{RELS}"><Relationship Id="r" Type="{OFFICE}/officeDocument" Target="xl/workbook.bin"/></Relationships>'.encode()
    )
    parts["[Content_Types].xml"] = (
        f'<Types xmlns="{TYPES}"><Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/></Types>'.encode()
    )
    return zipped(parts)


def zipped(parts):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return data.getvalue()


# .ods


def ods(*tables, styles="", mimetype=True, manifest="<manifest/>"):
    """Return an .ods of tables given as XML."""
    names = "".join(
        f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for short, name in (("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"), ("number", "datastyle"), ("draw", "drawing"))
    )  # fmt: skip
    names += (
        ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    )
    content = (
        f"<office:document-content{names}><office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{''.join(tables)}</office:spreadsheet></office:body></office:document-content>"
    )
    parts = {"mimetype": "application/vnd.oasis.opendocument.spreadsheet"} if mimetype else {}
    return zipped({**parts, "content.xml": content, "META-INF/manifest.xml": manifest})


def ods_table(*rows, name="日报", style=""):
    return f'<table:table table:name="{name}" table:style-name="{style}">{"".join(f"<table:table-row>{r}</table:table-row>" for r in rows)}</table:table>'


def ods_cell(value, more="", inside=""):
    if isinstance(value, str) and value.startswith("20"):
        return f'<table:table-cell office:value-type="date" office:date-value="{value}" {more}><text:p>{value}</text:p>{inside}</table:table-cell>'
    if isinstance(value, str):
        return f'<table:table-cell office:value-type="string" {more}><text:p>{value}</text:p>{inside}</table:table-cell>'
    return f'<table:table-cell office:value-type="float" office:value="{value}" {more}><text:p>{value}</text:p>{inside}</table:table-cell>'
