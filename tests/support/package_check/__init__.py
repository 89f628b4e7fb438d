"""Would Excel open this package without offering to repair it? What we generate is held to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.package_check import parts, styles, tables, workbook, worksheet
from tests.support.package_check.context import Context
from xlplan.errors import FileError, Problem, Where
from xlplan.ooxml.package import Package

if TYPE_CHECKING:
    from xlplan.ooxml.limits import ReadLimits

__all__ = ["check_package"]


def check_package(
    data: bytes, *, name: str = "", limits: ReadLimits | None = None
) -> list[Problem]:
    """Return what is wrong with a workbook or add-in, worst first; an empty list is good news.

    The rules are those of ECMA-376 and Excel's own limits that a generated or patched
    book can break: package, relationships, element order, indexes, cells, formulas,
    names, tables, comments, styles, macros, ribbon.

    Args:
        data: The bytes of an .xlsx, .xlsm, .xltx, .xltm or .xlam file.
        name: Its file name; with it, the extension is held against the content.
        limits: Caps on size and time.
    """
    try:
        context = Context(Package(data, limits), name)
        parts.check(context)
        if workbook.check(context):
            styles.check(context)
            worksheet.check(context)
            tables.check(context)
            workbook.check_calc_chain(context)
    except FileError as error:
        where = Where(name)
        return [Problem(where, error.message, remedy=error.remedy, rule=error.code)]
    return sorted(context.problems, key=lambda problem: problem.level != "错误")
