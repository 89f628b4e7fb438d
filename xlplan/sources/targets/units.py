"""The unit of a figure: in the cell, its number format, a label, a head, a title or a name."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from xlplan.metrics import METRICS, Unit
from xlplan.plan.targets.measures import adds
from xlplan.record import record
from xlplan.regex import regex

_SIZES = {
    "": 1.0, "十": 10.0, "百": 100.0, "千": 1e3, "万": 1e4, "萬": 1e4, "十万": 1e5, "百万": 1e6,
    "千万": 1e7, "亿": 1e8, "億": 1e8, "k": 1e3, "w": 1e4, "'000": 1e3, "000": 1e3, "1000": 1e3,
    "10k": 1e4, "10000": 1e4, "10,000": 1e4, "thousand": 1e3, "m": 1e6, "mn": 1e6, "mm": 1e6,
    "million": 1e6, "tenthousand": 1e4,
}  # fmt: skip
_SIZE = "|".join(re.escape(text) for text in sorted(_SIZES, key=len, reverse=True) if text)
_MONEY = "人民币|元|圆|块|rmb|cny|yuan|¥"
_COUNTS = "人次|人|个|件|单|笔|次|条|场|款|位|名|家|天|日|倍|uv|pv|visitors|orders|people|元/单|元/笔|元/人|元/件"
_UNIT = regex(
    rf"(?:(?P<pct>%|％|百分比|percent)|(?P<front>{_MONEY})?[ ]?(?P<size>{_SIZE})?[ ]?"
    rf"(?:(?P<money>{_MONEY})|(?P<count>{_COUNTS}))?)"
)
_BRACKET = regex(r"[(\[【{]([^()\[\]【】{}]*)[)\]】}]")
_SAID = "(?:金额)?(?:计量)?单位(?:均)?[:：是为]?|unit[s]?[:：]?|inunitsof|in(?=1|t|r)"
_STATED = regex(rf"(?:{_SAID})\(?(?P<text>(?:{_MONEY})?(?:{_SIZE})?(?:{_MONEY})?)\)?")
#: A unit that stands by itself in a title or a name: 目标_万元, 2027目标 万元; not 3000万元.
_LOOSE = regex(r"(?<![\d.亿])((?:百|千)?万元|亿元|千元)")
_TAIL = regex(r"(?<![\d.])[/,，]?((?:百|千)?万元|亿元|千元)$")


@record
class Scale:
    """A unit as written.

    Attributes:
        factor: What a bare number is multiplied by.
        text: As written.
        money: It names money, so it says nothing about counts.
        percent: It is %.
    """

    factor: float
    text: str
    money: bool = False
    percent: bool = False

    def fits(self, metric: str) -> bool:
        """Whether a unit said of a whole table or column speaks of this metric.

        Nobody writes 客单价 in 万元, or a count in 元.
        """
        unit = METRICS[metric].unit if metric in METRICS else Unit.MONEY
        if self.percent:
            return unit is Unit.PERCENT
        if not adds(metric):
            return False
        return unit is Unit.MONEY or not self.money


@lru_cache(maxsize=2048)
def parse_unit(text: str) -> Scale | None:
    """Read 万元, 元, %, 万, k RMB, '000, RMB 10k; None when it is no unit."""
    plain = "".join(unicodedata.normalize("NFKC", text).lower().split())
    found = _UNIT.fullmatch(plain)
    if not plain or not found:
        return None
    if found["pct"]:
        return Scale(0.01, text, percent=True)
    money = bool(found["money"] or found["front"])
    return Scale(_SIZES[found["size"] or ""], text, money=money)


def split_unit(text: str) -> tuple[str, Scale | None]:
    """Take the unit off a label: 销售额（万元） is 销售额 in 万元."""
    for found in _BRACKET.finditer(text):
        inner = found[1].removeprefix("单位:").removeprefix("单位")
        if unit := parse_unit(inner):
            return text[: found.start()] + text[found.end() :], unit
    tail = _TAIL.search(text)
    if tail and tail.start():
        return text[: tail.start()], parse_unit(tail[1])
    return text, None


def stated_unit(text: str, *, loose: bool = False) -> Scale | None:
    """Return the unit a title or note states: 单位：万元, （万元）, in 10k RMB.

    Args:
        text: NFKC, lower case, without blanks.
        loose: Accept a unit that merely stands there, as in a title or a file's name.
    """
    for found in _STATED.finditer(text):
        if found["text"] and (unit := parse_unit(found["text"])):
            return unit
    if (unit := parse_unit(text)) and unit.money:
        return unit
    rest, unit = split_unit(text)
    if unit and (loose or not rest):
        return unit
    if loose and (alone := _LOOSE.search(text)):
        return parse_unit(alone[1])
    if loose and (re.search(r"(?:^|[_\-(\[（【·])万(?=$|[_\-)\]）】.])", text)):
        return parse_unit("万元")
    return None


@lru_cache(maxsize=512)
def shown_by(code: str) -> tuple[float, Scale | None]:
    """Return what a number format does to a figure: (shown ÷ stored, the unit it writes).

    ``0.0"万"`` writes 万 behind the figure as it is. ``0!.0,"万"`` divides by 1,000 and puts a
    point before the last digit: it shows 万 and the cell holds 元. Source: ECMA-376 18.8.31.
    """
    first = code.split(";", maxsplit=1)[0]
    literals = "".join(re.findall(r'"([^"]*)"', first)) + "".join(re.findall(r"\\(.)", first))
    literals += "".join(
        re.findall(r"(?<!\\)[万亿千元%](?![^\"]*\"(?:[^\"]*\"[^\"]*\")*[^\"]*$)", first)
    )
    bare = re.sub(r'"[^"]*"|\[[^\]]*\]|_.|\*.', "", first)
    points = re.search(r"[!\\]\.([0#?]+)", bare)
    scale = 10.0 ** -len(points[1]) if points else 1.0
    digits = re.sub(r"\\.|!.", "", bare)
    commas = re.search(r"[0#?](,+)(?![0#?,])", digits)
    scale *= 1000.0 ** -len(commas[1]) if commas else 1.0
    if "%" in digits:
        return scale * 100, Scale(0.01, "%", percent=True)
    text = re.sub(r"[^\w%']", "", literals)
    return scale, parse_unit(text) if text else None
