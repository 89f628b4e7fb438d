"""The one number grammar: what a cell of an export or a staff sheet says.

Whole-string grammar, no guessing: what is not in it is refused with a reason.
Percent comes from a ``%`` sign or a declared column scale, never from magnitude.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from numbers import Real
from typing import NamedTuple

from xlplan.regex import regex
from xlplan.sources.text import Unread, clean, error_cell, has_strange_digits, is_error, is_missing

#: A number of more digits than Excel keeps is an id, not a figure.
_YUAN = "元"
_MAX_DIGITS = 15
_MAGNITUDES = {
    "%": "0.01",
    "‰": "0.001",
    "千": "1000",
    "万": "10000",
    "萬": "10000",
    "百万": "1000000",
    "千万": "10000000",
    "亿": "100000000",
    "億": "100000000",
    "k": "1000",
    "w": "10000",
}
_LATIN = frozenset("kw")
_PARTS = frozenset("%‰")
_UNITS = "元|块|人民币|RMB|CNY|单|件|人|次|个|笔|款|条|场|篇|家|位|名|天|小时|分钟|秒|分|倍|UV|PV"
#: What a place of each unit holds, and the measure words that say it is something else.
_HOLDS = {"元": "金额", "个": "数量", "": "数量或金额"}
_NEITHER = frozenset("天 小时 分钟 秒 分 倍".split())
_MONEY_WORDS = frozenset("元 块 人民币 RMB CNY".split())
_FOREIGN = {
    "元": frozenset(_UNITS.split("|")) - _MONEY_WORDS,
    "个": _NEITHER | _MONEY_WORDS,
    "": _NEITHER,
}
_DIGITS = (
    r"(?:[1-9]\d{0,2}(?P<comma>[, ])\d{3}(?:(?P=comma)\d{3})*"  # 1,234,567
    r"|[1-9]\d{0,2}(?P<comma4>[, ])\d{4}(?:(?P=comma4)\d{4})*"  # 1,2345; 1200,1300 is two figures
    r"|0|[1-9]\d*|(?=\.\d))(?:\.\d+)?"
)
_MONEY = r"(?:¥|RMB|CNY|人民币)"
_FIGURE = regex(
    rf"(?P<open>\()?(?P<sign>[-+])?\s*(?:{_MONEY}\s*(?P<inner>[-+])?)?(?P<digits>{_DIGITS})\s*"
    rf"(?P<scale>%|‰|百万|千万|[千万萬亿億kw])?\s*(?P<unit>{_UNITS})?"
    rf"(?P<minus>-)?(?P<close>\))?",
    re.IGNORECASE,
)
_RATIO = regex(r"(\d+(?:\.\d+)?)\s*[:比]\s*(\d+(?:\.\d+)?)")


class Notation(StrEnum):
    """How the figure was written."""

    PLAIN = "plain"
    PERCENT = "percent"
    RATIO = "ratio"


class Number(NamedTuple):
    """A figure as read.

    Attributes:
        value: In base units: yuan, pieces, people; percent as a fraction (12% = 0.12);
            a ratio as its larger meaning GMV ÷ spend, whichever way round it was typed.
        kind: PLAIN, PERCENT (``%`` or ``‰`` was written) or RATIO (``1:4.6``).
        precision: Half the last digit shown, in the unit of `value` (3.5万 → 500).
        unit: Measure word as typed (元, 单 …), empty when none.
        scaled: The text carried its own magnitude (万, 亿, %, 元), so no column scale applied.
        orientation: ``1:x`` or ``x:1`` for a RATIO.
    """

    value: float
    kind: Notation = Notation.PLAIN
    precision: float = 0.0
    unit: str = ""
    scaled: bool = False
    orientation: str = ""


def parse_number(
    cell: object, *, scale: float = 1, latin_units: bool = False
) -> Number | Unread | None:
    """Read one cell.

    Args:
        cell: Text, number, None, or whatever a reader delivers.
        scale: Declared unit of the column (万元 → 10000, ``(%)`` → 0.01); used only when the
            text carries no magnitude of its own.
        latin_units: Accept ``3k`` and ``2w`` (off: they are refused).

    Returns:
        The figure, None when there is none (missing is not 0), or the reason it was refused.
    """
    if is_missing(cell):
        return None
    if isinstance(cell, str):
        return _from_text(clean(cell), scale, latin_units)
    if isinstance(cell, bool):
        return Unread("boolean", f"「{str(cell).upper()}」是逻辑值，不是数")
    return _from_cell(cell, scale) if isinstance(cell, Real | Decimal) else _refuse(cell)


def parse_amount(
    cell: object, *, unit: str = "", scale: float = 1, latin_units: bool = False
) -> Number | Unread | None:
    """Read one cell as what its place holds: the one gate for figures on their way into a plan.

    ``12%``, ``3.5:1`` and ``1:30`` are no money and no count, ``100分`` is neither, ``100单`` is
    no money and ``100元`` no count. What holds ratios takes them all.

    Args:
        cell: See `parse_number`.
        unit: 元 or 个 (`metrics.Unit`); ``""`` when it is one of these, others are ratios.
        scale: See `parse_number`.
        latin_units: See `parse_number`.
    """
    read = parse_number(cell, scale=scale, latin_units=latin_units)
    if not isinstance(read, Number) or unit not in _HOLDS or (scale == 0.01 and not unit):
        return read
    if read.kind is not Notation.PLAIN:
        return Unread("wrong_kind", f"「{clean(cell)}」是比率，这里应是{_HOLDS[unit]}")
    if read.unit and read.unit.upper() in _FOREIGN[unit]:
        return Unread(
            "wrong_unit", f"「{clean(cell)}」的单位是“{read.unit}”，这里应是{_HOLDS[unit]}"
        )
    return read


def _refuse(cell: object) -> Unread:
    if isinstance(cell, dt.date | dt.time):
        return Unread("date", f"「{cell}」是日期，不是数")
    if is_error(cell):
        return error_cell(str(cell))
    return Unread("not_a_number", f"「{cell}」不是可识别的数")


def _from_cell(cell: Real | Decimal, scale: float) -> Number | Unread:
    value = float(cell)
    if not math.isfinite(value):
        return Unread("not_finite", "数值无穷大")
    if abs(value) >= 10**_MAX_DIGITS:
        return Unread("too_long", f"数值 {value:.0f} 超过 {_MAX_DIGITS} 位，像编号")
    return _scaled(Decimal(repr(value)).normalize(), Decimal(repr(scale)))


def _scaled(shown: Decimal, scale: Decimal) -> Number:
    """Return `shown` × `scale`, exact in decimal, with half the last digit shown."""
    places = min(int(shown.as_tuple().exponent), 0)
    half = Decimal(5).scaleb(places - 1) * scale
    return Number(float(shown * scale), precision=float(half))


@lru_cache(maxsize=8192)
def _from_text(text: str, scale: float, latin_units: bool) -> Number | Unread:  # noqa: FBT001  # cached by position
    if is_error(text):
        return error_cell(text)
    if has_strange_digits(text):
        return Unread("strange_digit", f"「{text}」含特殊数字字符")
    plain = unicodedata.normalize("NFKC", text).replace("−", "-")
    if ratio := _RATIO.fullmatch(plain):
        return _ratio(ratio, text)
    figure = _FIGURE.fullmatch(plain)
    if not figure or not _signs_agree(figure) or (figure["scale"] in _PARTS and figure["unit"]):
        return Unread("not_a_number", f"「{text}」不是可识别的数")
    if (figure["scale"] or "").lower() in _LATIN and not latin_units:
        return Unread("latin_unit", f"「{text}」的 k/w 不明确，请写成 千/万")
    return _from_figure(figure, Decimal(repr(scale)))


def _signs_agree(figure: re.Match[str]) -> bool:
    signs = [figure["open"], figure["sign"], figure["inner"], figure["minus"]]
    return bool(figure["open"]) == bool(figure["close"]) and sum(map(bool, signs)) <= 1


def _from_figure(figure: re.Match[str], scale: Decimal) -> Number | Unread:
    digits = figure["digits"].replace(",", "").replace(" ", "")
    if len(digits.partition(".")[0]) > _MAX_DIGITS:
        return Unread("too_long", f"「{digits}」超过 {_MAX_DIGITS} 位，像编号")
    negative = figure["open"] or figure["minus"] or "-" in (figure["sign"], figure["inner"])
    own = (figure["scale"] or "").lower()
    said = bool(own) or figure["unit"] == _YUAN  # 1000元 is a thousand yuan under 万元, too
    factor = Decimal(_MAGNITUDES[own]) if own else Decimal(1) if said else scale
    read = _scaled(Decimal(f"{'-' if negative else ''}{digits}"), factor)
    kind = Notation.PERCENT if own in _PARTS else Notation.PLAIN
    return read._replace(kind=kind, unit=figure["unit"] or "", scaled=said)


def _ratio(match: re.Match[str], text: str) -> Number | Unread:
    """Read ``1:4.6`` and ``3.5:1`` alike; the side that is 1 is what was spent."""
    left, right = Decimal(match[1]), Decimal(match[2])
    if left != 1 and right != 1:
        return Unread("ratio", f"「{text}」两边都不是 1，看不出投产比")
    shown, orientation = (right, "1:x") if left == 1 else (left, "x:1")
    return _scaled(shown, Decimal(1))._replace(kind=Notation.RATIO, orientation=orientation)
