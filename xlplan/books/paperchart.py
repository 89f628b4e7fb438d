"""Charts in a written document: DrawingML with the numbers inside, no workbook behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from docx.document import Document


@record
class Line:
    """One series of a drawing: name, a number or None per label, colour."""

    name: str
    values: Sequence[float | None]
    color: str
    line: bool = False


@record
class Drawing:
    """A chart: columns (stacked or beside each other), lines over them."""

    title: str
    labels: Sequence[str]
    series: Sequence[Line]
    number: str = "#,##0"
    stacked: bool = False
    height_cm: float = 6.4


_CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_MAIN = "http://schemas.openxmlformats.org/drawingml/2006/main"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/chart"
_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_CATEGORIES, _VALUES = 111, 222
_EMU = 360_000


def add_chart(document: Document, chart: Drawing, number: int, width_cm: float) -> None:
    """Put a chart into the document, as wide as its text."""
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part
    from docx.oxml import parse_xml

    name = PackURI(f"/word/charts/chart{number}.xml")
    part = Part(name, _TYPE, chart_xml(chart).encode(), document.part.package)
    link = document.part.relate_to(part, _RELATION)
    wide, tall = (round(length * _EMU) for length in (width_cm, chart.height_cm))
    run = document.add_paragraph().add_run()
    run._r.append(parse_xml(_inline(link, number, chart.title, wide, tall)))  # noqa: SLF001 - the library draws no charts


def _inline(link: str, number: int, title: str, wide: int, tall: int) -> str:
    return (
        '<w:drawing xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
        'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
        f'xmlns:a="{_MAIN}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        f'<wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent cx="{wide}" cy="{tall}"/>'
        f'<wp:docPr id="{1000 + number}" name="图{number}" descr="{escape(title)}"/><wp:cNvGraphicFramePr/>'
        f'<a:graphic><a:graphicData uri="{_CHART}"><c:chart xmlns:c="{_CHART}" r:id="{link}"/>'
        "</a:graphicData></a:graphic></wp:inline></w:drawing>"
    )


def chart_xml(chart: Drawing) -> str:
    """Return the chart part: columns, and lines over them, on one pair of axes."""
    columns = [each for each in chart.series if not each.line]
    lines = [each for each in chart.series if each.line]
    plots = []
    order = 0
    if columns:
        plots.append(_columns(chart, columns, order))
        order += len(columns)
    if lines:
        plots.append(_lines(chart, lines, order))
    return (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><c:chartSpace xmlns:c="{_CHART}" xmlns:a="{_MAIN}">'
        f'<c:roundedCorners val="0"/><c:chart>{_title(chart.title)}<c:autoTitleDeleted val="0"/><c:plotArea><c:layout/>'
        f'{"".join(plots)}{_axes(chart)}</c:plotArea>{_legend(chart)}<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart>'
        f"{_text(800)}</c:chartSpace>"
    )


def _text(size: int, *, bold: bool = False) -> str:
    return (
        f'<c:txPr><a:bodyPr/><a:lstStyle/><a:p><a:pPr><a:defRPr sz="{size}" b="{int(bold)}">'
        '<a:solidFill><a:srgbClr val="404040"/></a:solidFill></a:defRPr></a:pPr><a:endParaRPr lang="zh-CN"/></a:p></c:txPr>'
    )


def _title(text: str) -> str:
    return (
        '<c:title><c:tx><c:rich><a:bodyPr/><a:lstStyle/><a:p><a:pPr><a:defRPr sz="1000" b="1"/></a:pPr><a:r>'
        f'<a:rPr lang="zh-CN" sz="1000" b="1"><a:solidFill><a:srgbClr val="1F3A5F"/></a:solidFill></a:rPr><a:t>{escape(text)}</a:t></a:r></a:p></c:rich></c:tx>'
        '<c:overlay val="0"/></c:title>'
    )


def _legend(chart: Drawing) -> str:
    if len(chart.series) < 2:
        return ""
    return '<c:legend><c:legendPos val="b"/><c:overlay val="0"/></c:legend>'


def _columns(chart: Drawing, series: Sequence[Line], first: int) -> str:
    grouping = "stacked" if chart.stacked else "clustered"
    overlap = '<c:overlap val="100"/>' if chart.stacked else '<c:overlap val="-5"/>'
    said = "".join(_series(chart, each, first + n) for n, each in enumerate(series))
    return (
        f'<c:barChart><c:barDir val="col"/><c:grouping val="{grouping}"/><c:varyColors val="0"/>{said}'
        f'<c:gapWidth val="60"/>{overlap}<c:axId val="{_CATEGORIES}"/><c:axId val="{_VALUES}"/></c:barChart>'
    )


def _lines(chart: Drawing, series: Sequence[Line], first: int) -> str:
    said = "".join(_series(chart, each, first + n) for n, each in enumerate(series))
    return (
        f'<c:lineChart><c:grouping val="standard"/><c:varyColors val="0"/>{said}<c:marker val="1"/>'
        f'<c:axId val="{_CATEGORIES}"/><c:axId val="{_VALUES}"/></c:lineChart>'
    )


def _series(chart: Drawing, each: Line, order: int) -> str:
    fill = f'<a:solidFill><a:srgbClr val="{each.color}"/></a:solidFill>'
    look = f'<a:ln w="22225">{fill}</a:ln>' if each.line else fill
    marker = (
        f'<c:marker><c:symbol val="circle"/><c:size val="5"/><c:spPr>{fill}</c:spPr></c:marker>'
    )
    invert = "" if each.line else '<c:invertIfNegative val="0"/>'
    labels, values = len(chart.labels), "".join(_points(each.values))
    smooth = '<c:smooth val="0"/>' if each.line else ""
    named = "".join(
        f'<c:pt idx="{n}"><c:v>{escape(label)}</c:v></c:pt>'
        for n, label in enumerate(chart.labels)
    )
    return (
        f'<c:ser><c:idx val="{order}"/><c:order val="{order}"/>'
        f'<c:tx><c:strRef><c:f>"{escape(each.name)}"</c:f><c:strCache><c:ptCount val="1"/><c:pt idx="0"><c:v>{escape(each.name)}</c:v></c:pt></c:strCache></c:strRef></c:tx>'
        f"<c:spPr>{look}</c:spPr>{marker if each.line else invert}"
        f'<c:cat><c:strLit><c:ptCount val="{labels}"/>{named}</c:strLit></c:cat>'
        f'<c:val><c:numLit><c:formatCode>{escape(chart.number)}</c:formatCode><c:ptCount val="{labels}"/>{values}</c:numLit></c:val>'
        f"{smooth}</c:ser>"
    )


def _points(values: Sequence[float | None]) -> Iterator[str]:
    for place, value in enumerate(values):
        if value is not None:
            yield f'<c:pt idx="{place}"><c:v>{value!r}</c:v></c:pt>'


def _axes(chart: Drawing) -> str:
    grid = '<c:majorGridlines><c:spPr><a:ln w="6350"><a:solidFill><a:srgbClr val="E3E7EC"/></a:solidFill></a:ln></c:spPr></c:majorGridlines>'
    none = "<c:spPr><a:ln><a:noFill/></a:ln></c:spPr>"
    return (
        f'<c:catAx><c:axId val="{_CATEGORIES}"/><c:scaling><c:orientation val="minMax"/></c:scaling><c:delete val="0"/>'
        f'<c:axPos val="b"/><c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="low"/>{_text(800)}<c:crossAx val="{_VALUES}"/></c:catAx>'
        f'<c:valAx><c:axId val="{_VALUES}"/><c:scaling><c:orientation val="minMax"/></c:scaling><c:delete val="0"/><c:axPos val="l"/>{grid}'
        f'<c:numFmt formatCode="{escape(chart.number)}" sourceLinked="0"/><c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="nextTo"/>{none}{_text(800)}'
        f'<c:crossAx val="{_CATEGORIES}"/></c:valAx>'
    )
