"""A written document: blocks as data, and the .docx that Word, WPS and LibreOffice open.

Charts are drawn by the reading program from numbers kept in the document (DrawingML charts with
their own data), so they can be restyled there and stay sharp in print.
"""

from __future__ import annotations

import io
from dataclasses import field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from xlplan.books.paperchart import Drawing, add_chart
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from docx.document import Document
    from docx.table import _Cell

#: In the properties of every document made here: only such a file is replaced.
MADE_HERE = "xlplan 计划书"
INK, PALE, LINE = "1F3A5F", "EAF0F7", "D0D7DE"
_FONT, _EAST = "Calibri", "Microsoft YaHei"
_WIDTH_CM = 16.6
_SHORT = 12


@record
class Heading:
    """A heading; level 1 begins a chapter."""

    text: str
    level: int = 1


@record
class Prose:
    """A paragraph; `said` is a person's own, `quiet` a remark under a table, `item` in a list."""

    text: str
    said: bool = False
    quiet: bool = False
    item: bool = False


@record
class Grid:
    """A table: heads, rows of texts, relative widths; numbers stand to the right.

    Attributes:
        heads: The head row.
        rows: The rows.
        widths: Relative widths of the columns.
        left: How many columns from the left hold words.
        total: The last row is a sum.
        wordy: Columns (from 0) besides that hold words.
        strong: Rows (from 0) that stand out: subtotals.
    """

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[float] = ()
    left: int = 1
    total: bool = False
    wordy: tuple[int, ...] = ()
    strong: tuple[int, ...] = ()


@record
class Written:
    """A document: title, a line under it, its blocks.

    Attributes:
        title: The title.
        below: What stands under it.
        blocks: Headings, paragraphs, tables, charts in order.
        footer: What stands at the foot of every page, before its number.
        when: When it was made.
    """

    title: str
    below: Sequence[str]
    blocks: Sequence[Heading | Prose | Grid | Drawing]
    footer: str = ""
    when: datetime = field(default_factory=lambda: datetime.now(UTC))


def paper_bytes(made: Written) -> bytes:
    """Return the document as .docx."""
    import docx

    document = docx.Document()
    _set_up(document, made)
    paragraph = document.add_paragraph(made.title, style="Title")
    paragraph.paragraph_format.space_before = _points(6)
    for text in made.below:
        _quiet(document, text)
    for number, block in enumerate(made.blocks, start=1):
        _add(document, block, number)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _add(document: Document, block: Heading | Prose | Grid | Drawing, number: int) -> None:
    if isinstance(block, Heading):
        document.add_heading(block.text, block.level)
    elif isinstance(block, Grid):
        _grid(document, block)
    elif isinstance(block, Drawing):
        add_chart(document, block, number, _WIDTH_CM)
    elif block.quiet:
        _quiet(document, block.text)
    else:
        for text in block.text.splitlines() or [""]:
            style = "List Bullet" if block.item else "Normal"
            document.add_paragraph(text.strip(), style=style)


def _points(size: float) -> Any:
    from docx.shared import Pt

    return Pt(size)


def _set_up(document: Document, made: Written) -> None:
    from docx.shared import Cm

    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.2)
    section.top_margin, section.bottom_margin = Cm(2.2), Cm(2.0)
    for name, size, color, bold in (
        ("Normal", 10.5, "262626", False),
        ("List Bullet", 10.5, "262626", False),
        ("Title", 24, INK, True),
        ("Heading 1", 16, INK, True),
        ("Heading 2", 12.5, INK, True),
    ):
        _style(document.styles[name], size, color, bold=bold)
    document.styles["Normal"].paragraph_format.space_after = _points(6)
    document.styles["Normal"].paragraph_format.line_spacing = 1.25
    document.styles["Heading 1"].paragraph_format.space_before = _points(18)
    document.styles["Heading 2"].paragraph_format.space_before = _points(10)
    for name in ("Heading 1", "Heading 2"):
        document.styles[name].paragraph_format.keep_with_next = True
        document.styles[name].paragraph_format.space_after = _points(6)
    about = document.core_properties
    about.title, about.category, about.author = made.title, MADE_HERE, "xlplan"
    about.created = about.modified = made.when
    about.comments = ""
    _footer(section, made.footer)


def _style(style: Any, size: float, color: str, *, bold: bool) -> None:
    from docx.oxml.ns import qn
    from docx.shared import RGBColor

    font = style.font
    font.name, font.size, font.bold = _FONT, _points(size), bold
    font.color.rgb = RGBColor.from_string(color)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), _EAST)
    fonts.set(qn("w:ascii"), _FONT)
    fonts.set(qn("w:hAnsi"), _FONT)


def _footer(section: Any, text: str) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    paragraph = section.footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(paragraph, f"{text} · 第 " if text else "第 ", size=8, color="757575")
    _field(paragraph, "PAGE")
    _run(paragraph, " 页", size=8, color="757575")


def _field(paragraph: Any, code: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for kind, text in (("begin", ""), ("", code), ("end", "")):
        run = _run(paragraph, "", size=8, color="757575")
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._r.append(element)  # noqa: SLF001 - the library has no fields of its own


def _run(paragraph: Any, text: str, *, size: float, color: str, bold: bool = False) -> Any:
    from docx.shared import RGBColor

    run = paragraph.add_run(text)
    run.font.size, run.font.bold = _points(size), bold
    run.font.color.rgb = RGBColor.from_string(color)
    return run


def _quiet(document: Document, text: str) -> None:
    paragraph = document.add_paragraph()
    _run(paragraph, text, size=9, color="757575")


def _grid(document: Document, block: Grid) -> None:
    from docx.shared import Cm

    table = document.add_table(rows=1 + len(block.rows), cols=len(block.heads))
    table.style = "Table Grid"
    table.autofit = False
    widths = block.widths or [1.0] * len(block.heads)
    shares = [Cm(_WIDTH_CM * width / sum(widths)) for width in widths]
    cells = [list(row.cells) for row in table.rows]
    _edges(table)
    for column, share in zip(table.columns, shares, strict=True):
        column.width = share
    for place, (line, texts) in enumerate(zip(cells, [block.heads, *block.rows], strict=True)):
        head = place == 0
        last = (block.total and place == len(block.rows)) or place - 1 in block.strong
        for column, (cell, text) in enumerate(zip(line, texts, strict=True)):
            cell.width = shares[column]
            right = not head and column >= block.left and column not in block.wordy
            _fill(cell, text, head=head, bold=last, right=right)
    _repeat_head(table)
    if len(block.rows) <= _SHORT:  # a short table is not torn apart
        for line in cells[:-1]:
            for cell in line:
                cell.paragraphs[0].paragraph_format.keep_with_next = True
    document.add_paragraph().paragraph_format.space_after = _points(2)


def _fill(cell: _Cell, text: str, *, head: bool, bold: bool, right: bool) -> None:
    from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    paragraph = cell.paragraphs[0]
    _run(paragraph, text, size=9, color="FFFFFF" if head else "262626", bold=head or bold)
    paragraph.paragraph_format.space_after = _points(1)
    paragraph.paragraph_format.space_before = _points(1)
    paragraph.paragraph_format.line_spacing = 1.0
    if right or head:
        align = WD_ALIGN_PARAGRAPH
        paragraph.alignment = align.RIGHT if right else align.CENTER
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    if head or bold:
        _shade(cell, INK if head else PALE)


def _shade(cell: Any, color: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", color)):
        shade.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shade)  # noqa: SLF001 - the library shades no cells


def _edges(table: Any) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        edge = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", LINE)):
            edge.set(qn(f"w:{name}"), value)
        borders.append(edge)
    table._tbl.tblPr.append(borders)  # noqa: SLF001 - nor has it borders of a colour


def _repeat_head(table: Any) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for place, row in enumerate(table.rows):
        about = row._tr.get_or_add_trPr()  # noqa: SLF001 - nor repeated heads
        whole = OxmlElement("w:cantSplit")
        about.append(whole)
        if place == 0:
            head = OxmlElement("w:tblHeader")
            head.set(qn("w:val"), "true")
            about.append(head)
