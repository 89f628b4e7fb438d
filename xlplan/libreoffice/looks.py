"""How a range looks: number format, colours, font, alignment, sizes, merging."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from xlwings import base_classes

from xlplan.libreoffice.native import native

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from xlplan.libreoffice.addresses import CellArea

_POINT = 2540 / 72  # 1/100 mm
_PIXEL = 2540 / 96
_TWIP = 2540 / 1440  # what LibreOffice stores row heights in
#: Default font: a column of n characters is 7n + 5 pixels wide (ECMA-376 part 1, 18.3.1.13).
_DIGIT, _MARGIN = 7, 5

_HORIZONTAL = {
    "STANDARD": "general",
    "LEFT": "left",
    "CENTER": "center",
    "RIGHT": "right",
    "BLOCK": "justify",
    "REPEAT": "fill",
}
_VERTICAL = {0: "bottom", 1: "top", 2: "center", 3: "bottom", 4: "justify"}


def _strip(axis: str, name: str, get: Callable[[Any], Any], put: Callable[[Any], Any]) -> Any:
    """A property of the rows or columns of a range; None when they differ."""

    def read(self: Looks) -> Any:
        value = self.ask("get_strip", axis, name)
        return None if value is None else get(value)

    def write(self: Looks, value: Any) -> None:
        self.sheet.changed("行高、列宽或隐藏")
        self.ask("set_strip", axis, name, put(value))

    return property(read, write)


def _place(index: int) -> Any:
    """A position or size in points, on whole pixels as Excel has it."""

    def read(self: Looks) -> float:
        return float(round(self.ask("place")[index] / _PIXEL) * 72 / 96)

    return property(read)


def _not(value: object) -> bool:
    return not value


class Looks(base_classes.Range):
    """The part of a range that is about its look."""

    area: CellArea
    sheet: Any
    ask: Callable[..., Any]
    part: Callable[[Sequence[Any]], Any]

    row_height = _strip(
        "r", "Height", lambda v: round(v / _TWIP) / 20, lambda v: round(v * _POINT)
    )
    column_width = _strip(
        "c",
        "Width",
        lambda v: round((v / _PIXEL - _MARGIN) / _DIGIT, 2),
        lambda v: round((v * _DIGIT + _MARGIN) * _PIXEL),
    )
    row_hidden = _strip("r", "IsVisible", _not, _not)
    column_hidden = _strip("c", "IsVisible", _not, _not)
    left, top, width, height = _place(0), _place(1), _place(2), _place(3)

    def _set(self, what: str, names: list[str], value: Any) -> None:
        self.sheet.changed(what)
        self.ask("set_property", names, value)

    @property
    def number_format(self) -> str | None:
        """Its code; None when mixed."""
        found: str | None = self.ask("number_format")
        return found

    @number_format.setter
    def number_format(self, value: str) -> None:
        self.sheet.changed("数字格式")
        self.ask("set_number_format", value)

    @property
    def color(self) -> tuple[int, int, int] | None:
        """Fill colour; None when there is none or they differ."""
        value = self.ask("get_property", "CellBackColor")
        return None if value in (None, -1) else rgb(value)

    @color.setter
    def color(self, value: Any) -> None:
        self._set("填充颜色", ["CellBackColor"], -1 if value is None else packed(value))

    def set_colors(self, colors: Sequence[Sequence[Any]]) -> None:
        """Fill colours cell by cell."""
        self.sheet.changed("填充颜色")
        made = [[_or_leave(color) for color in row] for row in colors]
        self.sheet.call("set_colors", *self.area[:2], made)

    @property
    def font(self) -> Font:
        """Its font."""
        return Font(self)

    @property
    def wrap_text(self) -> bool | None:
        """Whether lines break; None when mixed."""
        found: bool | None = self.ask("get_property", "IsTextWrapped")
        return found

    @wrap_text.setter
    def wrap_text(self, value: bool) -> None:
        self._set("自动换行", ["IsTextWrapped"], bool(value))

    @property
    def horizontal_alignment(self) -> str | None:
        """One of xlwings' words; None when mixed."""
        value = self.ask("get_property", "HoriJustify")
        return None if value is None else _HORIZONTAL[value]

    @horizontal_alignment.setter
    def horizontal_alignment(self, value: str) -> None:
        kind = _word(_HORIZONTAL, value)
        self._set("对齐", ["HoriJustify"], ["enum", "com.sun.star.table.CellHoriJustify", kind])

    @property
    def vertical_alignment(self) -> str | None:
        """One of xlwings' words; None when mixed."""
        value = self.ask("get_property", "VertJustify")
        return None if value is None else _VERTICAL[value]

    @vertical_alignment.setter
    def vertical_alignment(self, value: str) -> None:
        words = {number: word for number, word in _VERTICAL.items() if number}
        self._set("对齐", ["VertJustify"], _word(words, value))

    def autofit(self, axis: str | None = None) -> None:
        """Fit rows, columns or both."""
        self.sheet.changed("行高、列宽或隐藏")
        self.ask("autofit", axis[0] if axis else None)

    def merge(self, across: bool = False) -> None:  # noqa: FBT001, FBT002  # xlwings' signature
        """Merge; row by row when across."""
        row, column, rows, columns = self.area
        lines = [(row + i, column, 1, columns) for i in range(rows)] if across else [self.area]
        self.sheet.changed("合并单元格")
        for line in lines:
            self.part(line).ask("merge_cells", True)

    def unmerge(self) -> None:
        """Take merged cells apart."""
        self.sheet.changed("合并单元格")
        self.ask("merge_cells", False)

    @property
    def merge_cells(self) -> bool:
        """Whether it is merged."""
        return bool(self.ask("merged")[0])

    @property
    def merge_area(self) -> Self:
        """The merged area its first cell belongs to."""
        found: Self = self.part(self.ask("merged")[1])
        return found

    def group(self, by: str | None = None) -> None:
        """Put its rows or columns under an outline."""
        self.sheet.changed("分组")
        self.ask("group", "c" if (by or "rows")[0] == "c" else "r", True)

    def ungroup(self, by: str | None = None) -> None:
        """Take its rows or columns out of the outline."""
        self.sheet.changed("分组")
        self.ask("group", "c" if (by or "rows")[0] == "c" else "r", False)


def _or_leave(color: Any) -> int | None:
    """Xlwings says None for no colour and ... for leaving it; the worker -1 and None."""
    if color is ...:
        return None
    return -1 if color is None else packed(color)


def _word(words: dict[Any, str], wanted: str) -> Any:
    for value, word in words.items():
        if word == wanted:
            return value
    raise NotImplementedError(f"alignment {wanted!r}")


def rgb(value: int) -> tuple[int, int, int]:
    """LibreOffice's colour number as red, green, blue."""
    return value >> 16 & 255, value >> 8 & 255, value & 255


def packed(value: Any) -> int:
    """A colour as xlwings takes it (tuple, "#RRGGBB", Excel's number) -> LibreOffice's number."""
    if isinstance(value, str):
        return int(value.removeprefix("#"), 16)
    if isinstance(value, int):  # Excel's has red last
        value = rgb(value)[::-1]
    red, green, blue = map(int, value)
    return (red << 16) + (green << 8) + blue


def _font(
    what: str, names: list[str], get: Callable[[Any], Any], put: Callable[[Any], Any]
) -> Any:
    def read(self: Font) -> Any:
        value = self.cells.ask("get_property", names[0])
        return None if value is None else get(value)

    def write(self: Font, value: Any) -> None:
        self.cells.sheet.changed(what)
        self.cells.ask("set_property", names, put(value))

    return property(read, write)


def _slant(value: object) -> list[str]:
    return ["enum", "com.sun.star.awt.FontSlant", "ITALIC" if value else "NONE"]


def _char_color(value: int) -> tuple[int, int, int]:
    return rgb(max(value, 0))  # -1 is automatic: black


class Font(base_classes.Font):
    """The font of a range; Chinese and Latin text alike."""

    def __init__(self, cells: Looks) -> None:
        self.cells = cells

    api = property(lambda _: native("Font"))
    bold = _font(
        "字体",
        ["CharWeight", "CharWeightAsian"],
        lambda v: v >= 150,
        lambda v: 150.0 if v else 100.0,
    )
    italic = _font("字体", ["CharPosture", "CharPostureAsian"], lambda v: v == "ITALIC", _slant)
    size = _font("字体", ["CharHeight", "CharHeightAsian"], float, float)
    name = _font("字体", ["CharFontName", "CharFontNameAsian"], str, str)
    color = _font("字体颜色", ["CharColor"], _char_color, packed)
