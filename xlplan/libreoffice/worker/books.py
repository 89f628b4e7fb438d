"""Documents: open, new, save, close, calculate."""

from __future__ import annotations

import os
from typing import Any, List, Optional

import uno

from .desk import Desk, operation, property_values

CSV = "44,34,76,1,,0,false,true,false"  # comma, quote, UTF-8, from line 1
FILTERS = {
    ".xlsx": "Calc MS Excel 2007 XML",
    ".xlsm": "Calc MS Excel 2007 VBA XML",
    ".xltx": "Calc MS Excel 2007 XML Template",
    ".xls": "MS Excel 97",
    ".ods": "calc8",
    ".csv": "Text - txt - csv (StarCalc)",
    ".html": "HTML (StarCalc)",
}
_NEVER, _ALWAYS = 0, 4  # com.sun.star.document.MacroExecMode


@operation
def ping(_: Desk) -> int:
    """The process id of the office."""
    return os.getpid()


@operation
def book_new(desk: Desk) -> int:
    """A new document; not hidden, because hidden ones have no view (freeze, active sheet)."""
    made = desk.desktop.loadComponentFromURL("private:factory/scalc", "_blank", 0, ())
    made.Sheets.getByIndex(0).Name = "Sheet1"
    return desk.adopt(made)


@operation
def book_open(
    desk: Desk, path: str, read_only: bool, password: Optional[str], macros: bool
) -> int:
    """Open a file; links are never updated."""
    wish = {"MacroExecutionMode": _ALWAYS if macros else _NEVER, "UpdateDocMode": 0}
    options = property_values(**wish, **_reading(path, read_only, password))
    url = uno.systemPathToFileUrl(path)
    try:
        document = desk.desktop.loadComponentFromURL(url, "_blank", 0, options)
    except Exception as error:  # one kind or another for a damaged or locked file
        raise OSError(os.path.basename(path)) from error
    if document is None or not hasattr(document, "Sheets"):
        raise OSError(os.path.basename(path))
    return desk.adopt(document)


def _reading(path: str, read_only: bool, password: Optional[str]) -> Any:
    ending = os.path.splitext(path)[1].lower()
    wish: Any = {"ReadOnly": True} if read_only else {}
    if password:
        wish["Password"] = password
    if ending == ".csv":
        wish.update(FilterName=FILTERS[ending], FilterOptions=CSV)
    if ending in (".xlam", ".xltm"):
        wish["FilterName"] = FILTERS[".xlsm"]
    return wish


@operation
def book_close(desk: Desk, document: int) -> None:
    """Close without saving."""
    desk.forget(document).close(True)


@operation
def book_save(desk: Desk, document: int, path: str) -> None:
    """Write the document with LibreOffice's own writer to a path of the engine's choosing."""
    ending = os.path.splitext(path)[1].lower()
    if ending not in FILTERS:
        raise NotImplementedError("LibreOffice cannot write %s" % ending)
    wish = {"FilterName": FILTERS[ending], "Overwrite": True}
    if ending == ".csv":
        wish["FilterOptions"] = CSV
    desk.documents[document].storeToURL(uno.systemPathToFileUrl(path), property_values(**wish))


@operation
def book_pdf(desk: Desk, document: int, path: str) -> None:
    """Print every visible sheet to a PDF."""
    book = desk.documents[document]
    url, changed = uno.systemPathToFileUrl(path), book.isModified()
    hidden = [sheet for sheet in map(book.Sheets.getByIndex, range(book.Sheets.Count)) if not sheet.IsVisible]
    # LibreOffice prints a hidden sheet that has print areas
    areas = [(sheet, sheet.getPrintAreas()) for sheet in hidden if sheet.getPrintAreas()]
    try:
        for sheet, _ in areas:
            sheet.setPrintAreas(())
        book.storeToURL(url, property_values(FilterName="calc_pdf_Export"))
    finally:
        for sheet, there in areas:
            sheet.setPrintAreas(there)
        book.setModified(changed)


@operation
def pdf_picture(desk: Desk, source: str, target: str) -> bool:
    """Draw the first page of a PDF as a PNG; False when this office cannot read PDFs."""
    provider = desk.service("com.sun.star.graphic.GraphicProvider")
    graphic = provider.queryGraphic(property_values(URL=uno.systemPathToFileUrl(source)))
    if graphic is None or not graphic.SizePixel.Width:
        return False
    there = property_values(URL=uno.systemPathToFileUrl(target), MimeType="image/png")
    provider.storeGraphic(graphic, there)
    return os.path.exists(target)


@operation
def book_sheets(desk: Desk, document: int) -> List[Any]:
    """Number and name of each sheet, in order."""
    names = desk.documents[document].Sheets.ElementNames
    return list(zip(desk.sheets_of(document, len(names)), names))


@operation
def calculate(desk: Desk, documents: List[int], hard: bool) -> None:
    """Recalculate what is dirty, or (hard) everything."""
    for number in documents:
        document = desk.documents[number]
        document.calculateAll() if hard else document.calculate()


@operation
def automatic(desk: Desk, document: int, flag: bool) -> None:
    """Switch automatic calculation of a document."""
    desk.documents[document].enableAutomaticCalculation(flag)


@operation
def lock(desk: Desk, document: int, flag: bool) -> None:
    """Stop or resume repainting and row-height work."""
    document_ = desk.documents[document]
    if flag and not document_.hasControllersLocked():
        document_.lockControllers()
        document_.addActionLock()
    while not flag and document_.isActionLocked():
        document_.removeActionLock()
    while not flag and document_.hasControllersLocked():
        document_.unlockControllers()


@operation
def quit(desk: Desk) -> None:  # noqa: A001  # the word for it
    """Close every document; the office ends when the worker's loop does."""
    for number in list(desk.documents):
        book_close(desk, number)
