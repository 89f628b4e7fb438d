"""Sheet protection as Excel's own object tells and sets it: ``sheet.api.Protect(…)``.

Nobody sits at this office, so `UserInterfaceOnly` (locked for people, open to programs) means
that the sheet is open here; the file keeps its protection.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from xlplan.libreoffice.native import Native

if TYPE_CHECKING:
    from xlplan.libreoffice.hosts import SheetHost

_ALLOWED = (
    "FormattingCells", "FormattingColumns", "FormattingRows", "InsertingColumns", "InsertingRows",
    "InsertingHyperlinks", "DeletingColumns", "DeletingRows", "Sorting", "Filtering", "UsingPivotTables",
)  # fmt: skip


class SheetObject(Native):
    """The native sheet object, as far as protection goes; the rest says that there is none."""

    def __init__(self, sheet: SheetHost) -> None:
        super().__init__("Sheet")
        object.__setattr__(self, "_sheet", sheet)

    @property
    def ProtectContents(self) -> bool:  # noqa: N802  # Excel's name
        """Whether people cannot change locked cells."""
        return self.ProtectionMode or bool(self._sheet.call("protected"))

    @property
    def ProtectionMode(self) -> bool:  # noqa: N802
        """Whether only people are locked out."""
        return self._sheet.number in self._sheet.book.open_to_programs

    @property
    def Protection(self) -> SimpleNamespace:  # noqa: N802
        """What people may do all the same; nothing that this office knows of."""
        return SimpleNamespace(**{f"Allow{name}": False for name in _ALLOWED})

    ProtectDrawingObjects = ProtectScenarios = False

    def Protect(self, Password: str = "", UserInterfaceOnly: bool = False, **_: Any) -> None:  # noqa: FBT001, FBT002, N802, N803
        """Protect the sheet; raises when it is protected with another password."""
        self.Unprotect(Password)
        if UserInterfaceOnly:
            self._sheet.book.open_to_programs.add(self._sheet.number)
        else:
            self._sheet.call("protect", Password)

    def Unprotect(self, Password: str = "") -> None:  # noqa: N802, N803
        """Lift the protection; raises for a wrong password."""
        self._sheet.call("unprotect", Password)
        self._sheet.book.open_to_programs.discard(self._sheet.number)
