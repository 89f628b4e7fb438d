"""Rules of formula text and defined names."""

from __future__ import annotations

import re

from tests.support.package_check.context import utf16
from xlplan.ooxml.serial import parse_cell

_LONGEST, _LONGEST_TEXT, _DEEPEST = 8_192, 255, 64
_TEXT = re.compile(r'"((?:[^"]|"")*)"')
_SHEET_NAME = re.compile(r"'(?:[^']|'')*'")
_BRACKETS = re.compile(r"\[(?:'.|[^\[\]']|\[(?:'.|[^\[\]'])*\])*\]")
_PREFIXED = re.compile(r"_xlfn\.(?:_xlws\.)?[A-Z0-9.]+", re.IGNORECASE)
#: Functions later than Excel 2007; written without their prefix they show #NAME?.
_LATER = [
    "ACOT",
    "BYCOL",
    "BYROW",
    "CHOOSECOLS",
    "CHOOSEROWS",
    "CONCAT",
    "DAYS",
    "DROP",
    "EXPAND",
    "FILTER",
    "FORMULATEXT",
    "HSTACK",
    "IFNA",
    "IFS",
    "ISFORMULA",
    "ISOWEEKNUM",
    "LAMBDA",
    "LET",
    "MAKEARRAY",
    "MAP",
    "MAXIFS",
    "MINIFS",
    "NUMBERVALUE",
    "RANDARRAY",
    "REDUCE",
    "SCAN",
    "SEQUENCE",
    "SHEET",
    "SHEETS",
    "SORT",
    "SORTBY",
    "SWITCH",
    "TAKE",
    "TEXTAFTER",
    "TEXTBEFORE",
    "TEXTJOIN",
    "TEXTSPLIT",
    "TOCOL",
    "TOROW",
    "UNICHAR",
    "UNICODE",
    "UNIQUE",
    "VALUETOTEXT",
    "VSTACK",
    "WRAPCOLS",
    "WRAPROWS",
    "XLOOKUP",
    "XMATCH",
    "XOR",
    "STDEV.S",
    "STDEV.P",
    "VAR.S",
    "VAR.P",
    "PERCENTILE.INC",
    "PERCENTILE.EXC",
    "RANK.EQ",
    "RANK.AVG",
    "QUARTILE.INC",
    "MODE.SNGL",
    "FORECAST.LINEAR",
    "NORM.DIST",
    "NORM.S.DIST",
]
_LATER_CALL = re.compile(rf"(?<![\w.])({'|'.join(map(re.escape, _LATER))})\s*\(", re.IGNORECASE)
_FULL_WIDTH = re.compile("[；，（）：“”]")
_NAME = re.compile(r"[A-Za-z_\\\u0080-\uffff][\w.\\?\u0080-\uffff]*")
_R1C1 = re.compile(r"[Rr]\d*[Cc]\d*|[RrCc]")


def formula_faults(text: str) -> list[str]:
    """Return what is wrong with a formula's text (without ``=``), in Chinese."""
    faults = []
    if text.startswith("=") or not text.strip():
        faults.append("公式以 = 开头或为空")
    if utf16(text) > _LONGEST:
        faults.append(f"公式超过 {_LONGEST:,} 个字符")
    if any(len(found.replace('""', '"')) > _LONGEST_TEXT for found in _TEXT.findall(text)):
        faults.append(f"公式里的文字超过 {_LONGEST_TEXT} 个字符")
    bare = _BRACKETS.sub("", _SHEET_NAME.sub("", _TEXT.sub("", text)))
    return faults + _bare_faults(bare)


def _bare_faults(bare: str) -> list[str]:
    faults = []
    if '"' in bare:
        faults.append("公式的引号不成对")
    depth = _depth(bare)
    if depth < 0:
        faults.append("公式的括号不成对")
    if depth > _DEEPEST:
        faults.append(f"公式嵌套超过 {_DEEPEST} 层")
    later = _LATER_CALL.search(_PREFIXED.sub("", bare))
    if later:
        faults.append(f"函数 {later[1]} 缺少 _xlfn. 前缀，会显示 #NAME?")
    if _FULL_WIDTH.search(bare):
        faults.append("公式里有全角标点")
    return faults


def _depth(bare: str) -> int:
    """Return how deep parentheses nest, −1 if they do not match."""
    depth = deepest = 0
    for mark in bare:
        depth += (mark == "(") - (mark == ")")
        deepest = max(deepest, depth)
        if depth < 0:
            return -1
    return deepest if depth == 0 else -1


def name_fault(name: str) -> str:
    """Return what is wrong with a defined name or table name, ``""`` if nothing."""
    if name.startswith("_xlnm."):
        return ""
    if utf16(name) > _LONGEST_TEXT:
        return f"超过 {_LONGEST_TEXT} 个字符"
    if not _NAME.fullmatch(name):
        return "含有不允许的字符"
    if _R1C1.fullmatch(name) or _is_cell(name):
        return "像单元格地址"
    return ""


def _is_cell(name: str) -> bool:
    try:
        parse_cell(name)
    except ValueError:
        return False
    return True
