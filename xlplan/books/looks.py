"""How the states and styles of `cells` look: colours, fonts, and the named cell styles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlplan.cells import State, Style

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format

FONT = "微软雅黑"
BORDER = "#D0D7DE"

#: State → properties of its named style. Never told by colour alone: inputs are unlocked and
#: blue, holds are bold with a heavy left edge, provisional values are italic.
LOOK: dict[State, dict[str, Any]] = {
    State.NONE: {},
    State.INPUT: {"bg_color": "#FFF8E1", "font_color": "#0B5394", "locked": False},
    State.DERIVED: {"font_color": "#333333"},
    State.HELD: {"bg_color": "#E8E0D5", "font_color": "#5D4037", "bold": True, "left": 5},
    State.ACTUAL: {"bg_color": "#EEF7EC", "font_color": "#1B5E20"},
    State.PROVISIONAL: {"font_color": "#757575", "italic": True},
}
#: Their place in cellStyleXfs; 0 is Normal.
STYLE_ID = {state: number for number, state in enumerate(State)}


def properties(style: Style) -> dict[str, Any]:
    """Return the XlsxWriter properties of a style (state first, then what it adds)."""
    made: dict[str, Any] = {
        "font_name": FONT,
        "font_size": style.size,
        "valign": "vcenter",
        "num_format": style.number,
        **({"border": 1, "border_color": BORDER} if style.border else {}),
        **LOOK[style.state],
    }
    extra = {
        "bold": style.bold,
        "italic": style.italic,
        "align": style.align,
        "bg_color": style.fill,
        "font_color": style.color,
        "text_wrap": style.wrap,
        "rotation": 270 if style.rotate else 0,
        "indent": style.indent,
        "underline": 1 if style.underline else 0,
    }
    made |= {key: value for key, value in extra.items() if value}
    if not style.locked:
        made["locked"] = False
    return made


class Formats:
    """Styles interned as the formats of one XlsxWriter workbook."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._made: dict[Style, Format] = {}
        self._index: dict[Style, int] = {}

    def __getitem__(self, style: Style) -> Format:
        found = self._made.get(style)
        if found is None:
            found = self._workbook.add_format(properties(style))
            found.xf_id = STYLE_ID[style.state]
            found._get_xf_index()  # noqa: SLF001 - fixes the index before rows are written
            self._made[style] = found
        return found

    def index(self, style: Style) -> int:
        """Return the ``s`` attribute of cells in this style."""
        if style not in self._index:
            self._index[style] = int(self[style]._get_xf_index())  # noqa: SLF001
        return self._index[style]

    def template(self, state: State) -> Format:
        """Return the format that defines a state's named style."""
        return self[Style(state=state)]
