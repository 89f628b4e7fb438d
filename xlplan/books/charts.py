"""The charts of a page, by XlsxWriter; they carry their numbers, as cells do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlplan.books.looks import FONT
from xlplan.cells import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xlplan.cells import Area, Chart, Page, Series, Value

#: Pixels of a column of the default width and of a row of the default height.
_WIDE, _HIGH = 64, 20
_FONT = {"name": FONT, "size": 9, "color": "#444444"}
_GRID = {"visible": True, "line": {"color": "#E5E8EC", "width": 0.75}}


def put_charts(book: Any, sheet: Any, page: Page) -> None:
    """Build the charts of a page onto its sheet."""
    for row, span in page.rows.items():  # rows are not written by the library: it places by these
        if span.size is not None:
            sheet.row_sizes[row - 1] = [round(span.size * 4 / 3), span.hidden]
    for chart in page.charts:
        made = _drawn(book, page, chart, [one for one in chart.series if not one.line])
        lines = [one for one in chart.series if one.line]
        if lines:
            made.combine(_drawn(book, page, chart, lines, kind="line"))
        made.set_title({"name": chart.title, "name_font": _FONT | {"size": 12, "bold": True}, "overlay": False})  # fmt: skip
        unseen = [number for number, one in enumerate(chart.series) if one.blank]
        made.set_legend({"position": "bottom", "font": _FONT, "delete_series": unseen})
        if chart.kind != "pie":
            _axes(made, chart)
        made.set_size(_size(page, chart.area))
        spot = chart.area.top - 1, chart.area.left - 1
        sheet.insert_chart(*spot, made, {"object_position": 1, "description": chart.title})


def _axes(made: Any, chart: Chart) -> None:
    values: dict[str, Any] = {
        "num_format": chart.number,
        "num_font": _FONT,
        "major_gridlines": _GRID,
    }
    names: dict[str, Any] = {"num_font": _FONT, "major_gridlines": {"visible": False}}
    if chart.step:
        values |= {"major_unit": chart.step, "min": 0}
    if chart.kind == "bar":  # lies down: names stand at the left, the first of them on top
        made.set_x_axis(values)
        made.set_y_axis(names | {"reverse": True})
    else:
        made.set_x_axis(names)
        made.set_y_axis(values)


def _drawn(book: Any, page: Page, chart: Chart, series: list[Series], kind: str = "") -> Any:
    """Return a chart of XlsxWriter with some of the series."""
    how = {"type": kind or chart.kind} | (
        {"subtype": "stacked"} if chart.stacked and not kind else {}
    )
    made = book.add_chart(how)
    for one in series:
        line = (kind or chart.kind) == "line"
        look = {"color": one.color} if one.color else {}
        said: dict[str, Any] = {
            "name": one.name,
            "values": _range(page, one.values),
            "categories": _range(page, one.labels),
            "values_data": list(_data(page, one.values)),
            "categories_data": list(_data(page, one.labels)),
            "y2_axis": one.second,
        }
        if line:
            said["line"] = {"width": 2, **look} | ({"dash_type": "dash"} if one.dashed else {})
        elif one.blank:
            said |= {"fill": {"none": True}, "border": {"none": True}}
        else:
            said |= _filled(one, look, chart.overlap)
        if one.told:
            said["data_labels"] = {"value": True, "num_format": one.told, "font": _FONT}
        made.add_series(said)
        if one.second:
            made.set_y2_axis({"num_format": chart.second, "num_font": _FONT})
    return made


def _filled(one: Series, look: dict[str, str], overlap: int) -> dict[str, Any]:
    """Return how a column is filled: solid, hatched, or its edge only."""
    said: dict[str, Any] = {"overlap": overlap, "gap": 60} if overlap else {}
    if one.outline:
        return said | {"fill": {"none": True}, "border": {"width": 1.25, **look}}
    if one.hatched:
        pattern = {"pattern": "wide_upward_diagonal", "fg_color": one.color, "bg_color": "#FFFFFF"}
        return said | {"pattern": pattern, "border": {"width": 0.75, **look}}
    return said | ({"fill": look} if look else {})


def _range(page: Page, area: Area) -> str:
    return f"={quoted(page.name)}{area.fixed}"


def _data(page: Page, area: Area) -> Iterator[Value]:
    for row in range(area.top, area.bottom + 1):
        for column in range(area.left, area.right + 1):
            cell = page.cells.get((row, column))
            yield "" if cell is None or cell.value is None else cell.value


def _size(page: Page, area: Area) -> dict[str, int]:
    """Return the pixels that cover an area (columns in characters, rows in points)."""
    columns = (page.columns.get(n) for n in range(area.left, area.right + 1))
    rows = (page.rows.get(n) for n in range(area.top, area.bottom + 1))
    width = sum(_WIDE if one is None or one.size is None else 0 if one.hidden else round(one.size * 7 + 5) for one in columns)  # fmt: skip
    height = sum(_HIGH if one is None or one.size is None else 0 if one.hidden else round(one.size * 4 / 3) for one in rows)  # fmt: skip
    return {"width": width, "height": height}
