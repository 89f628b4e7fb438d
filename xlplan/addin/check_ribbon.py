"""Checks of the ribbon: names, key tips, icons, texts, and that its callbacks exist."""

from __future__ import annotations

import re
from collections import Counter
from itertools import permutations
from typing import TYPE_CHECKING

from xlplan.addin import read
from xlplan.addin.findings import Finding
from xlplan.addin.ribbon import RIBBON_NAMESPACE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from xml.etree.ElementTree import Element

#: Built-in pictures that a published list of drawable names holds (Excel 2013 and later). A name
#: outside it may show an empty button: look it up before adding it.
ICON_NAMES = """
    AccountingFormat AccountingFormatMenu AddInManager AddressBook AdvancedFileProperties
    ApplicationOptionsDialog CalculateNow CalendarInsert ChartInsert ConditionalFormattingMenu
    Consolidate Copy CopyPicture CreateEmail CreateReport CreateTable CustomViews Cut DailyView
    DataFormExcel DataRefreshAll DataTypeCurrency DatabasePermissions DatabaseRelationships
    ErrorChecking ExportExcel FieldSettings FileCheckIn FileCheckOut FileClose
    FileCompatibilityChecker FileFind FileManageMenu FileNew FileOpen FilePrint
    FilePrintPreview FilePrintQuick FileProperties FileSave FileSaveAs FileSaveAsExcelXlsx
    FileSaveAsPdf FileSendAsAttachment FileSendMenu FileVersionHistory FillDown FillRight
    Filter FilterClearAllFilters FindDialog FlagToday Folder FormatAsTableGallery
    FormatCellsDialog Help ImportExcel Lock Redo SheetProtect TableInsertExcel
    TableRowsDistribute TableSplitTable TableStyleTotalsRow TableSummarizeWithPivot TaskSplit
    TechnicalSupport Today TotalsMenu TraceDependents TraceError TracePrecedents Tracking
    TrustCenter Tutorial Undo UndoButton UpgradeWorkbook ValidationRule VersionHistory
    ViewByMonth ViewByWeek ViewFreezePanesGallery VisualReports
"""
ICONS = frozenset(ICON_NAMES.split())
CONTROL = "control As IRibbonControl"
GET = f"{CONTROL}, ByRef returnedVal"
#: Callback attribute → parameters Excel passes ([MS-CUSTOMUI2]; VBA forms).
SIGNATURES = {"onLoad": "ui As IRibbonUI", "onAction": CONTROL, "getEnabled": GET, "getLabel": GET}
ATTRIBUTES = {
    "customUI": {"onLoad"},
    "ribbon": {"startFromScratch"},
    "tabs": set[str](),
    "tab": {"id", "label", "keytip", "insertAfterMso"},
    "group": {"id", "label"},
    "labelControl": {"id", "getLabel"},
    "button": {
        *("id", "label", "size", "imageMso", "keytip", "tag"),
        *("screentip", "supertip", "onAction", "getEnabled"),
    },
}
REQUIRED = (
    "id",
    "label",
    "size",
    "imageMso",
    "keytip",
    "tag",
    "screentip",
    "supertip",
    "onAction",
)
LARGE_LABEL, TIP = 8, 1024


def _name(element: Element) -> str:
    return element.tag.removeprefix(f"{{{RIBBON_NAMESPACE}}}")


def _shape(root: Element) -> Iterator[Finding]:
    """Only elements and attributes of the schema that we use, with the required ones."""
    for element in root.iter():
        name, place = _name(element), element.get("id", _name(element))
        if name not in ATTRIBUTES:
            yield Finding("ribbon.element", place, f"功能区里有不认识的元素 {name}")
            continue
        for key in set(element.attrib) - ATTRIBUTES[name]:
            yield Finding("ribbon.attribute", place, f"{name} 不能有属性 {key}")
        for key in REQUIRED if name == "button" else ():
            if not element.get(key, "").strip():
                yield Finding("ribbon.missing", place, f"按钮缺少 {key}")


def _ids(root: Element) -> Iterator[Finding]:
    counts = Counter(element.get("id") for element in root.iter() if element.get("id"))
    for identity, count in counts.items():
        if count > 1:
            yield Finding("ribbon.id", str(identity), f"编号重复 {count} 次")
        if not re.fullmatch(r"[A-Za-z_]\w*", str(identity), re.ASCII):
            yield Finding("ribbon.id", str(identity), "编号只能用英文字母、数字和下划线")


def _keytips(buttons: list[Element]) -> Iterator[Finding]:
    tips = [button.get("keytip", "") for button in buttons]
    for button, tip in zip(buttons, tips, strict=True):
        if not re.fullmatch(r"[A-Z0-9]{1,3}", tip):
            yield Finding(
                "ribbon.keytip",
                button.get("id", ""),
                f"按键提示 {tip!r} 要用 1–3 个大写字母或数字",
            )
    for tip, count in Counter(tips).items():
        if count > 1:
            yield Finding("ribbon.keytip", tip, f"按键提示 {tip} 用了 {count} 次")
    for short, long in permutations(sorted(set(tips)), 2):
        if short and long.startswith(short):
            yield Finding(
                "ribbon.keytip", short, f"按键提示 {short} 是 {long} 的开头，{long} 按不出来"
            )


def _looks(buttons: list[Element]) -> Iterator[Finding]:
    for button in buttons:
        place, size, label = button.get("id", ""), button.get("size"), button.get("label", "")
        if button.get("imageMso") not in ICONS:
            yield Finding(
                "ribbon.icon", place, f"图标 {button.get('imageMso')} 不在已核实的清单里"
            )
        if size not in {"large", "normal"}:
            yield Finding("ribbon.size", place, f"大小 {size!r} 要是 large 或 normal")
        if size == "large" and len(label) > LARGE_LABEL:
            yield Finding("ribbon.label", place, f"大按钮的文字“{label}”超过 {LARGE_LABEL} 个字")
        for key in ("screentip", "supertip"):
            if len(button.get(key, "")) > TIP:
                yield Finding("ribbon.tip", place, f"{key} 超过 {TIP} 个字符")


def _tags(buttons: list[Element], texts: Mapping[str, str]) -> Iterator[Finding]:
    for button in buttons:
        tag, place = button.get("tag", ""), button.get("id", "")
        if not re.fullmatch(r"[a-z_]+ [a-z_]+", tag):
            yield Finding("ribbon.tag", place, f"tag {tag!r} 要写成“动作 条件”")
        elif not texts.get(f"label.{tag.split()[0]}"):
            yield Finding("text.missing", place, f"文字表里没有 label.{tag.split()[0]}")


def _callbacks(root: Element, sources: Mapping[str, str]) -> Iterator[Finding]:
    for element in root.iter():
        for key in SIGNATURES.keys() & element.attrib.keys():
            module, _, procedure = element.attrib[key].partition(".")
            line = rf"^Public Sub {re.escape(procedure)}\({re.escape(SIGNATURES[key])}\)\s*$"
            if not re.search(line, sources.get(module, ""), re.MULTILINE | re.IGNORECASE):
                place = element.get("id", _name(element))
                want = f"{element.attrib[key]}({SIGNATURES[key]})"
                yield Finding("ribbon.callback", place, f"{key} 找不到 Public Sub {want}")


def check_ribbon(
    raw: bytes, sources: Mapping[str, str], texts: Mapping[str, str]
) -> Iterator[Finding]:
    """Yield what is wrong with the ribbon.

    Args:
        raw: The part's bytes.
        sources: VBA module → source.
        texts: Key → text of the add-in's text sheet.
    """
    try:
        root = read.xml(raw)
    except ValueError as error:
        yield Finding("ribbon.xml", "customUI", f"功能区 XML 读不出来：{error}")
        return
    if root.tag != f"{{{RIBBON_NAMESPACE}}}customUI":
        yield Finding("ribbon.xml", "customUI", "功能区 XML 的命名空间不对")
        return
    buttons = [element for element in root.iter() if _name(element) == "button"]
    yield from _shape(root)
    yield from _ids(root)
    yield from _keytips(buttons)
    yield from _looks(buttons)
    yield from _tags(buttons, texts)
    yield from _callbacks(root, sources)
