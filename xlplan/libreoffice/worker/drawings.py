"""What is drawn over the cells of a sheet: charts, pictures, shapes."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Tuple
from uuid import uuid4

import uno

from .desk import CellArea, Desk, operation

_CHART = "12dcae26-281f-416f-a234-c3086127382e"
_NAMED = {"chart": "Chart %d", "picture": "Picture %d", "shape": "Shape %d"}
#: Excel's types as (diagram, is horizontal, stacked, percent, has symbols).
_TYPES: Dict[str, Tuple[str, bool, bool, bool, bool]] = {
    "column_clustered": ("BarDiagram", False, False, False, False),
    "column_stacked": ("BarDiagram", False, True, False, False),
    "column_stacked_100": ("BarDiagram", False, True, True, False),
    "bar_clustered": ("BarDiagram", True, False, False, False),
    "bar_stacked": ("BarDiagram", True, True, False, False),
    "bar_stacked_100": ("BarDiagram", True, True, True, False),
    "line": ("LineDiagram", False, False, False, False),
    "line_markers": ("LineDiagram", False, False, False, True),
    "area": ("AreaDiagram", False, False, False, False),
    "area_stacked": ("AreaDiagram", False, True, False, False),
    "pie": ("PieDiagram", False, False, False, False),
    "doughnut": ("DonutDiagram", False, False, False, False),
}


def _kind(shape: Any) -> Optional[str]:
    """What xlwings calls it; None for the box of a note."""
    kind = shape.ShapeType.rsplit(".", 1)[-1]
    if kind == "CaptionShape":
        return None
    if kind == "OLE2Shape" and shape.CLSID.lower() == _CHART:
        return "chart"
    return "picture" if kind == "GraphicObjectShape" else "shape"


def _all(desk: Desk, sheet: int) -> List[Tuple[str, Any]]:
    """Kind and shape of each, from back to front; one without a name gets Excel's."""
    page = desk.sheet(sheet).DrawPage
    shapes = [(_kind(shape), shape) for shape in map(page.getByIndex, range(page.Count))]
    found = [(kind, shape) for kind, shape in shapes if kind]
    taken = {shape.Name for _, shape in found}
    for kind, shape in found:
        number = 1
        while not shape.Name:
            name = _NAMED[kind] % number
            if name not in taken:
                shape.Name = name
                taken.add(name)
            number += 1
    return found


def _shape(desk: Desk, sheet: int, name: str) -> Any:
    for _, shape in _all(desk, sheet):
        if shape.Name == name:
            return shape
    raise KeyError(name)


@operation
def drawings(desk: Desk, sheet: int) -> List[List[str]]:
    """Kind and name of each drawing, from back to front."""
    return [[kind, shape.Name] for kind, shape in _all(desk, sheet)]


@operation
def drawing_box(desk: Desk, sheet: int, name: str) -> List[int]:
    """Left, top, width and height in 1/100 mm."""
    shape = _shape(desk, sheet, name)
    return [shape.Position.X, shape.Position.Y, shape.Size.Width, shape.Size.Height]


@operation
def drawing_move(desk: Desk, sheet: int, name: str, box: List[int]) -> None:
    """Set left, top, width and height in 1/100 mm."""
    shape = _shape(desk, sheet, name)
    shape.setPosition(_point(box))
    shape.setSize(_size(box))


def _point(box: List[int]) -> Any:
    made = uno.createUnoStruct("com.sun.star.awt.Point")
    made.X, made.Y = box[:2]
    return made


def _size(box: List[int]) -> Any:
    made = uno.createUnoStruct("com.sun.star.awt.Size")
    made.Width, made.Height = box[2:]
    return made


@operation
def drawing_rename(desk: Desk, sheet: int, name: str, new: str) -> None:
    """Give a drawing another name."""
    _shape(desk, sheet, name).Name = new


@operation
def drawing_delete(desk: Desk, sheet: int, name: str) -> None:
    """Remove a drawing."""
    shape = _shape(desk, sheet, name)
    if _kind(shape) == "chart":
        desk.sheet(sheet).Charts.removeByName(shape.PersistName)
    else:
        desk.sheet(sheet).DrawPage.remove(shape)


@operation
def picture_add(desk: Desk, sheet: int, path: str, box: List[Optional[int]]) -> str:
    """Put a picture file on a sheet, in its own size where none is given; its name."""
    from .desk import property_values

    provider = desk.service("com.sun.star.graphic.GraphicProvider")
    graphic = provider.queryGraphic(property_values(URL=uno.systemPathToFileUrl(path)))
    if graphic is None:
        raise OSError(path)
    shape = desk.document_of(sheet).createInstance("com.sun.star.drawing.GraphicObjectShape")
    desk.sheet(sheet).DrawPage.add(shape)
    shape.Graphic = graphic
    own = graphic.Size100thMM
    if not (own.Width and own.Height):  # a file without a resolution: 96 pixels an inch
        own.Width, own.Height = (round(side * 2540 / 96) for side in (graphic.SizePixel.Width, graphic.SizePixel.Height))
    wide, high = box[2] or own.Width, box[3] or own.Height
    shape.setSize(_size([0, 0, wide, high]))
    shape.setPosition(_point([box[0] or 0, box[1] or 0]))
    _all(desk, sheet)
    return str(shape.Name)


@operation
def chart_add(desk: Desk, sheet: int, box: List[int]) -> str:
    """Put an empty column chart on a sheet; its name."""
    before = {shape.Name for _, shape in _all(desk, sheet)}
    number = 1
    while "Chart %d" % number in before:
        number += 1
    name = "Chart %d" % number
    _put_chart(desk, sheet, name, box, (), [False, False])
    chart_type(desk, sheet, name, "column_clustered")
    return name


def _put_chart(desk: Desk, sheet: int, name: str, box: List[int], ranges: Any, heads: List[bool]) -> None:
    place = uno.createUnoStruct("com.sun.star.awt.Rectangle")
    place.X, place.Y, place.Width, place.Height = box
    before = {shape.Name for _, shape in _all(desk, sheet)}
    # what the document keeps it under must be new among all its sheets' charts
    desk.sheet(sheet).Charts.addNewByName(uuid4().hex, place, ranges, heads[0], heads[1])
    (new,) = (shape for kind, shape in _all(desk, sheet) if kind == "chart" and shape.Name not in before)
    new.Name = name


def _chart(desk: Desk, sheet: int, name: str) -> Any:
    return desk.sheet(sheet).Charts.getByName(_shape(desk, sheet, name).PersistName)


@operation
def chart_source(desk: Desk, sheet: int, name: str, source: int, area: CellArea, heads: List[bool]) -> None:
    """Let a chart show an area; heads: first row, first column are labels, rows are series.

    The chart is made anew: one that was made without an area never shows any.
    """
    kind, title = chart_kind(desk, sheet, name), chart_title(desk, sheet, name, None, False)
    if kind is None:
        raise NotImplementedError("another source for a chart of this type")
    box = drawing_box(desk, sheet, name)
    drawing_delete(desk, sheet, name)
    _put_chart(desk, sheet, name, box, (desk.cells(source, area).RangeAddress,), heads)
    rows = uno.Enum("com.sun.star.chart.ChartDataRowSource", "ROWS" if heads[2] else "COLUMNS")
    chart_type(desk, sheet, name, kind)
    _chart(desk, sheet, name).EmbeddedObject.getDiagram().DataRowSource = rows
    if title is not None:
        chart_title(desk, sheet, name, title, True)


@operation
def chart_type(desk: Desk, sheet: int, name: str, kind: str) -> None:
    """Make it a chart of one of Excel's types."""
    if kind not in _TYPES:
        raise NotImplementedError("chart type %s" % kind)
    what, horizontal, stacked, percent, symbols = _TYPES[kind]
    document = _chart(desk, sheet, name).EmbeddedObject
    diagram = document.createInstance("com.sun.star.chart." + what)
    document.setDiagram(diagram)
    if what == "BarDiagram":
        diagram.Vertical = horizontal  # the office means the bars, turned
    if what in ("BarDiagram", "AreaDiagram"):
        diagram.Stacked, diagram.Percent = stacked and not percent, percent
    if what == "LineDiagram":
        diagram.SymbolType = -1 if symbols else -3  # automatic, none


@operation
def chart_kind(desk: Desk, sheet: int, name: str) -> Optional[str]:
    """Which of the types above a chart is; None for another one."""
    diagram = _chart(desk, sheet, name).EmbeddedObject.getDiagram()
    what = diagram.getDiagramType().rsplit(".", 1)[-1]
    bars, stacks = what == "BarDiagram", what in ("BarDiagram", "AreaDiagram")
    horizontal = bars and bool(diagram.Vertical)
    percent = stacks and bool(diagram.Percent)
    stacked = stacks and (percent or bool(diagram.Stacked))
    symbols = what == "LineDiagram" and diagram.SymbolType != -3
    wanted = (what, horizontal, stacked, percent, symbols)
    return next((kind for kind, made in _TYPES.items() if made == wanted), None)


@operation
def chart_title(desk: Desk, sheet: int, name: str, title: Optional[str], change: bool) -> Optional[str]:
    """The title over a chart, set first if so wished; None = none."""
    document = _chart(desk, sheet, name).EmbeddedObject
    if change:
        document.HasMainTitle = title is not None
        if title is not None:
            document.Title.String = title
    return document.Title.String if document.HasMainTitle else None
