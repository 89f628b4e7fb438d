"""The order in which the schema wants child elements; Excel repairs or refuses other orders."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from tests.support.package_check.context import Context

#: ECMA-376 part 1, 18.3.1.99 (CT_Worksheet).
WORKSHEET = [
    "sheetPr",
    "dimension",
    "sheetViews",
    "sheetFormatPr",
    "cols",
    "sheetData",
    "sheetCalcPr",
    "sheetProtection",
    "protectedRanges",
    "scenarios",
    "autoFilter",
    "sortState",
    "dataConsolidate",
    "customSheetViews",
    "mergeCells",
    "phoneticPr",
    "conditionalFormatting",
    "dataValidations",
    "hyperlinks",
    "printOptions",
    "pageMargins",
    "pageSetup",
    "headerFooter",
    "rowBreaks",
    "colBreaks",
    "customProperties",
    "cellWatches",
    "ignoredErrors",
    "smartTags",
    "drawing",
    "legacyDrawing",
    "legacyDrawingHF",
    "drawingHF",
    "picture",
    "oleObjects",
    "controls",
    "webPublishItems",
    "tableParts",
    "extLst",
]
#: ECMA-376 part 1, 18.2.27 (CT_Workbook).
WORKBOOK = [
    "fileVersion",
    "fileSharing",
    "workbookPr",
    "workbookProtection",
    "bookViews",
    "sheets",
    "functionGroups",
    "externalReferences",
    "definedNames",
    "calcPr",
    "oleSize",
    "customWorkbookViews",
    "pivotCaches",
    "smartTagPr",
    "smartTagTypes",
    "webPublishing",
    "fileRecoveryPr",
    "webPublishObjects",
    "extLst",
]
#: ECMA-376 part 1, 18.8.39 (CT_Stylesheet).
STYLESHEET = [
    "numFmts",
    "fonts",
    "fills",
    "borders",
    "cellStyleXfs",
    "cellXfs",
    "cellStyles",
    "dxfs",
    "tableStyles",
    "colors",
    "extLst",
]
_REPEATED = {"conditionalFormatting", "fileRecoveryPr"}


def check_order(
    context: Context, root: Element, order: list[str], what: str, sheet: str = ""
) -> None:
    """Report children that are unknown, repeated or out of order; other namespaces are free."""
    rank, last = {name: place for place, name in enumerate(order)}, -1
    for child in root:
        if "}" in child.tag:
            continue
        place = rank.get(child.tag, -1)
        if place < last or (place == last and child.tag not in _REPEATED):
            context.report("order", f"{what}里的 {child.tag} 未知、重复或位置不对", sheet)
        last = max(last, place)
