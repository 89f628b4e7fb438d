"""What is drawn over the cells: charts, pictures and shapes, as far as this office takes them.

Charts have a source, a type and a title; axes, series and styles are Excel's business.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import xlwings
from xlwings import base_classes

from xlplan.libreoffice.native import native

if TYPE_CHECKING:
    from collections.abc import Iterator

    from xlplan.libreoffice.hosts import SheetHost

_POINT = 2540 / 72  # 1/100 mm


def _boxed(*places: float | None) -> list[int | None]:
    """Points as 1/100 mm; None and -1 (xlwings' "as it is") as None."""
    return [None if p is None or p < 0 else round(p * _POINT) for p in places]


def _side(index: int) -> Any:
    """One of left, top, width and height, in points."""

    def read(self: Drawing) -> float:
        return float(round(self.ask("drawing_box")[index] / _POINT, 2))

    def write(self: Drawing, value: float) -> None:
        box = self.ask("drawing_box")
        kept = self.lock_aspect_ratio and index > 1
        other = {2: 3, 3: 2}.get(index)
        if kept and other is not None:
            box[other] = round(box[other] * value * _POINT / box[index])
        box[index] = round(value * _POINT)
        self.change("drawing_move", box)

    return property(read, write)


class Drawing:
    """One drawing, by its name."""

    what = "图形"
    lock_aspect_ratio = False

    def __init__(self, sheet: SheetHost, name: str) -> None:
        self.sheet = sheet
        self._name = name

    api = property(lambda self: native(type(self).__name__))
    parent = property(lambda self: self.sheet)
    left, top, width, height = _side(0), _side(1), _side(2), _side(3)

    def ask(self, operation: str, *args: Any) -> Any:
        """Ask the worker about this drawing."""
        return self.sheet.call(operation, self._name, *args)

    def change(self, operation: str, *args: Any) -> None:
        """Change it."""
        self.sheet.changed(self.what)
        self.ask(operation, *args)

    @property
    def name(self) -> str:
        """Its name."""
        return self._name

    @name.setter
    def name(self, value: str) -> None:
        self.change("drawing_rename", value)
        self._name = value

    def delete(self) -> None:
        """Remove it."""
        self.change("drawing_delete")


class EngineShape(Drawing, base_classes.Shape):
    """A shape; charts and pictures are shapes, too."""

    @property
    def type(self) -> str:
        """chart, picture, or auto_shape for anything else."""
        kinds = {name: kind for kind, name in self.sheet.call("drawings")}
        kind: str = kinds[self._name]
        return "auto_shape" if kind == "shape" else kind


class Picture(Drawing, base_classes.Picture):
    """A picture."""

    what = "图片"

    def __init__(self, sheet: SheetHost, name: str) -> None:
        super().__init__(sheet, name)
        self.lock_aspect_ratio = False


class Chart(Drawing, base_classes.Chart):
    """A chart."""

    what = "图表"

    def set_source_data(self, rng: Any, plot_by: str | None = None) -> None:
        """Show a range: the longer side runs along the axis unless told otherwise."""
        rows, columns = rng.shape
        cells = rng.raw_value if rows * columns > 1 else [[rng.raw_value]]
        heads = any(isinstance(cell, str) and cell for cell in cells[0][1:] or cells[0])
        labels = columns > 1 and all(not isinstance(row[0], float) for row in cells[heads:])
        by_rows = columns - labels > rows - heads if plot_by is None else plot_by == "rows"
        self.change("chart_source", rng.sheet.number, rng.area, [heads, labels, by_rows])

    @property
    def chart_type(self) -> str:
        """One of xlwings' types."""
        found: str | None = self.ask("chart_kind")
        if found is None:
            raise NotImplementedError("a chart of a type that this engine does not tell")
        return found

    @chart_type.setter
    def chart_type(self, value: str) -> None:
        self.change("chart_type", value)

    @property
    def title(self) -> str | None:
        """The text over it; None without."""
        found: str | None = self.ask("chart_title", None, False)
        return found

    @title.setter
    def title(self, value: str | None) -> None:
        self.change("chart_title", value, True)


class _Drawings:
    """The drawings of a sheet that are of one kind, from back to front."""

    kind = ""
    one: type[Any] = EngineShape

    def __init__(self, sheet: SheetHost) -> None:
        self.sheet = sheet

    api = property(lambda self: native(type(self).__name__))
    parent = property(lambda self: self.sheet)

    def _names(self) -> list[str]:
        return [n for kind, n in self.sheet.call("drawings") if self.kind in ("", kind)]

    def __len__(self) -> int:
        return len(self._names())

    def __iter__(self) -> Iterator[Any]:
        return iter([self.one(self.sheet, name) for name in self._names()])

    def __contains__(self, key: object) -> bool:
        return key in self._names()

    def __call__(self, key: int | str) -> Any:
        """Look one up by position (from 1) or name."""
        names = self._names()
        if not isinstance(key, str):
            return self.one(self.sheet, names[int(key) - 1])
        for name in names:
            if name.lower() == key.lower():
                return self.one(self.sheet, name)
        raise KeyError(key)


class Shapes(_Drawings, base_classes.Collection):
    """Everything that is drawn, but notes."""


class Pictures(_Drawings, base_classes.Pictures):
    """The pictures."""

    kind = "picture"
    one = Picture

    def add(  # noqa: PLR0913, PLR0917  # xlwings' signature
        self,
        filename: str,
        link_to_file: object,
        save_with_document: object,
        left: float | None,
        top: float | None,
        width: float | None,
        height: float | None,
        anchor: xlwings.Range | None = None,
    ) -> Picture:
        """Put a picture file on the sheet; it is kept in the book, never linked."""
        if link_to_file or not save_with_document:
            raise NotImplementedError("linked pictures")
        if anchor is not None:
            left, top = anchor.impl.left, anchor.impl.top
        self.sheet.changed("图片")
        box = _boxed(left, top, width, height)
        return Picture(self.sheet, self.sheet.call("picture_add", str(filename), box))


class Charts(_Drawings, base_classes.Charts):
    """The charts."""

    kind = "chart"
    one = Chart

    def add(  # noqa: PLR0913, PLR0917  # xlwings' signature
        self,
        left: float,
        top: float,
        width: float,
        height: float,
        chart_type: str | None = None,
        source: Any = None,
        plot_by: str | None = None,
        name: str | None = None,
        anchor: xlwings.Range | None = None,
        style: object = None,
    ) -> Chart:
        """Put a chart on the sheet. Its style is this office's own."""
        del style
        if anchor is not None:
            left, top = anchor.impl.left, anchor.impl.top
        self.sheet.changed("图表")
        made = Chart(self.sheet, self.sheet.call("chart_add", _boxed(left, top, width, height)))
        if source is not None:
            made.set_source_data(source, plot_by)
        if chart_type is not None:
            made.chart_type = chart_type
        if name is not None:
            made.name = name
        return made
