"""A sheet's cells as its reader sees them: dates as days, errors as text, formulas with ``=``."""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, Any

from xlplan.ooxml.cells import CellError, unescape_excel
from xlplan.ooxml.collector import Collector
from xlplan.ooxml.serial import to_date

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from xlplan.ooxml.cells import Value
    from xlplan.ooxml.collector import Look, SheetContext


class ShownCollector(Collector):
    """Collects cells as records of another room, so that no cell is made twice.

    Args:
        name: The sheet's name.
        context: What its cells refer to.
        record: A NamedTuple of (value, formula); the formula is ``""`` for a plain value.
        decode: See `Collector`.
    """

    def __init__(
        self,
        name: str,
        context: SheetContext,
        record: type[tuple[Any, ...]],
        decode: Callable[[str], str] = unescape_excel,
    ) -> None:
        super().__init__(name, context, decode)
        self.record = record

    def records(
        self, values: Sequence[Value], formulas: Sequence[str | None], looks: Sequence[Look]
    ) -> Iterable[Any]:
        """Return cells."""
        shown: list[Any] = list(values)
        odd = [at for at, look in enumerate(looks) if look.is_date or look.kind == "e"]
        for at in odd:
            value = shown[at]
            if type(value) is CellError:
                shown[at] = str(value)
            elif type(value) is float and looks[at].is_date:
                shown[at] = to_date(value, date1904=self.context.date1904)
        texts = ["" if formula is None else f"={formula}" for formula in formulas]
        return map(tuple.__new__, repeat(self.record), zip(shown, texts, strict=True))

    def adopt(self, key: tuple[int, int], formula: str) -> None:
        """Give a cell its own text of a shared formula."""
        self.cells[key] = self.cells[key]._replace(formula=f"={formula}")
