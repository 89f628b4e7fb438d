"""The xlwings engine: what xlwings asks of an engine itself."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from xlplan.libreoffice import values
from xlplan.libreoffice.apps import Apps

if TYPE_CHECKING:
    from collections.abc import Sequence

_PLAIN = frozenset({float, int, str, bool})
_DATES = (dt.date, dt.time, dt.timedelta)


class EngineSettings:
    """How new apps behave.

    Attributes:
        macros: Whether VBA in opened books may run.
        save: ``patch`` (a book from a file is saved by changing its cells in the original
            package) or ``native`` (LibreOffice writes it, with the losses that brings).
        timeout: Seconds one operation may take.
    """

    macros = False
    save = "patch"
    timeout = 300.0


class Engine:
    """The engine as xlwings registers it."""

    name = "libreoffice"
    type = "desktop"

    def __init__(self) -> None:
        self.settings = EngineSettings()
        self.apps = Apps(self)

    @staticmethod
    def prepare_xl_data_element(value: Any, _options: object = None) -> Any:
        """One Python value as one a cell can hold (called per cell: the common ones first)."""
        if type(value) in _PLAIN:
            return None if value != value else value  # noqa: PLR0124  # NaN
        return _prepared(value)

    @staticmethod
    def clean_value_data(
        data: Sequence[Sequence[Any]],
        datetime_builder: Any,
        empty_as: Any,
        number_builder: Any,
        err_to_str: bool,  # noqa: FBT001  # xlwings passes it by position
    ) -> list[list[Any]]:
        """Raw values as xlwings' options want them."""
        return values.cleaned(
            data, datetime_builder, empty_as, number_builder, errors_as_text=err_to_str
        )


def _prepared(value: Any) -> Any:
    if value is None or _is_missing(value):
        return None
    if hasattr(value, "dtype"):  # a NumPy scalar
        if value.dtype.kind == "M":
            return value.astype("datetime64[us]").item()
        value = value.item()
    if isinstance(value, (bool, str, *_DATES)):
        return value
    try:
        return float(value)
    except (TypeError, ValueError):
        return str(value)


def _is_missing(value: Any) -> bool:
    """NaN, NaT and pandas.NA: none of them equals itself, and NA will not even say so."""
    try:
        return bool(value != value)  # noqa: PLR0124
    except (TypeError, ValueError):
        return True
