"""An xlwings engine backed by LibreOffice: unchanged xlwings code runs without Excel.

`install()` makes it the active engine::

    import xlwings as xw
    import xlplan.libreoffice

    xlplan.libreoffice.install()
    with xw.App(visible=False) as app:
        print(app.books.open("计划.xlsx").sheets[0]["A1"].value)

`xlplan.libreoffice.convert` recalculates and prints files without xlwings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from xlplan.libreoffice.profile import available

if TYPE_CHECKING:
    from typing import Literal

__all__ = ["available", "install"]


def install(
    *,
    activate: bool = True,
    macros: bool = False,
    save: Literal["patch", "native"] = "patch",
    timeout: float = 300.0,
) -> Any:
    """Register the engine as ``xw.engines["libreoffice"]``.

    Args:
        activate: Make it the engine that ``xw.App()`` and ``xw.Book()`` use.
        macros: Let VBA stored in opened books run.
        save: ``patch`` saves a book that came from a file by changing its cells in the original
            package and refuses what that cannot keep; ``native`` lets LibreOffice write it,
            which damages macros, fonts, table styles and views.
        timeout: Seconds one operation may take before LibreOffice is ended.

    Returns:
        The xlwings engine.
    """
    import xlwings

    from xlplan.libreoffice.engine import Engine

    known = xlwings.engines.engines_by_name
    if "libreoffice" not in known:
        xlwings.engines.add(xlwings.Engine(impl=Engine()))
    engine = known["libreoffice"]
    settings = engine.impl.settings
    settings.macros, settings.save, settings.timeout = macros, save, timeout
    if activate:
        engine.activate()
    return engine
