"""What heads, titles and notes around a table say: units, groups, whose figures they are."""

from __future__ import annotations

import re
from enum import StrEnum

from xlplan.regex import regex
from xlplan.sources.text import clean, header

#: Units of money → what a plain number in them is worth in yuan.
MONEY_UNITS = {
    "元": 1.0, "人民币": 1.0, "rmb": 1.0, "cny": 1.0, "¥": 1.0, "千元": 1e3, "千": 1e3,
    "万元": 1e4, "万": 1e4, "百万元": 1e6, "百万": 1e6, "千万元": 1e7, "千万": 1e7,
    "亿元": 1e8, "亿": 1e8, "分": 0.01, "角": 0.1,
}  # fmt: skip
#: Other units that may stand in a row of units.
_OTHER_UNITS = frozenset(
    "人 人次 件 笔 单 次 个 位 名 天 日 款 条 % ‰ 百分比 比率 比例 倍 uv pv 万人 万件 万单 万次 - -- /".split()
)
_LONG = r"(?:百万元|千万元|[万亿千]元)"
_SHORT = r"(?:百万|千万|[万亿千元角分])(?![一-鿿])"
_UNIT = rf"(?:人民币)?({_LONG}|{_SHORT})"
_STATED = regex(
    rf"单位(?!名称)[^。；;\d]{{0,8}}?{_UNIT}|金额[:：(]?{_UNIT}|({_LONG})(?:为单位|计[)，。]?$)"
)
_ENGLISH = regex(
    r"(?:unit|in|rmb|cny|¥)s?[:\s(']*(?:of\s*|rmb\s*|cny\s*)*(thousands?|'?000s?|k|10k|wan|10,?000|millions?|m)(?![a-z0-9])",
    re.IGNORECASE,
)
_ENGLISH_WORTH = {"t": 1e3, "0": 1e3, "k": 1e3, "1": 1e4, "w": 1e4, "m": 1e6}
_IN_BRACKETS = regex(r"[(\[{【]\s*(?:人民币)?([百千]?[万千亿]元|[万千]元|亿元|[万亿])\s*[)\]}】]")
_IN_NAME = regex(
    r"(?:^|[_\-—\s(（【\[])(?:单位)?[:：]?([百千]?万元|千元|亿元|万元)(?:$|[_\-—\s)）】\].])"
)


def stated_unit(text: str) -> tuple[str, float] | None:
    """Return the unit of money that a title or note states, and its worth in yuan."""
    plain = "".join(clean(text).replace("（", "(").replace("）", ")").split())
    for form in (_STATED, _IN_BRACKETS):
        if found := form.search(plain):
            unit = next(filter(None, found.groups()))
            return unit, _worth(unit)
    if found := _ENGLISH.search(clean(text)):
        return found[1], _ENGLISH_WORTH[found[1].lower().lstrip("'")[0]]
    return None


def unit_in_name(name: str) -> tuple[str, float] | None:
    """Return the unit of money in the name of a sheet or file (``日报_万元``)."""
    found = _IN_NAME.search(re.sub(r"\.[A-Za-z]{2,5}$", "", name))
    return (found[1], _worth(found[1])) if found else stated_unit(name)


def _worth(unit: str) -> float:
    return MONEY_UNITS[unit.removeprefix("人民币") or "元"]


def is_unit(cell: object) -> bool:
    """Return whether a cell is nothing but a unit (元, 万元, 人, %)."""
    text = header(cell).strip("()[]【】")
    return text in MONEY_UNITS or text in _OTHER_UNITS


class GroupKind(StrEnum):
    """What a group head says about the columns under it."""

    ACTUAL = "actual"  # what happened, in the period at hand
    OTHER = "other"  # a target, another period, a comparison
    WHOLE = "whole"  # all of the shop
    PART = "part"  # one terminal, one kind of traffic
    PLAIN = "plain"  # a heading like any other


_OTHER = regex(
    r"目标|(?<!推广)计划|预算|预估|预测|预计|kpi|去年|上年|前年|同期|上期|上月|上周|昨[日天]|前[日天]|环比|同比"
    r"|差[异额值]|率$|占比|增长|增幅|变化|较|竞品|同行|行业|大盘|竞[店争]|对比|累计|mtd|ytd|wtd|均值|平均|\blast|\bprev|\btarget|\bplan\b|\bbudget|^vs"
)
_ACTUAL = regex(
    r"实际|实绩|实销|本期|今年|本年|当期|本月|当[日天]|今[日天]|完成|达成|\bactual|\bthis"
)
_WHOLE = regex(
    r"^(?:全部|所有|全)(?:终端|渠道|店|端|平台|流量)?$|合计|总计|汇总|整体|总体|总和|^(?:总|店铺)$|^all\b|\btotal"
)
_PART = regex(
    r"无线|移动|手机|^m端|^pc|pc端|电脑|\bapp\b|小程序|^h5|wap|淘内|淘外|自然|付费|免费|搜索|推荐|直播|短视频|图文"
    r"|新客|老客|新用户|老用户|会员|自营|达人|商品卡|站内|站外|线下|私域|端$"
)


def group_kind(text: str) -> GroupKind:
    """Return what a group head such as 无线端, 去年同期 or 目标 says of its columns."""
    plain = header(text)
    for kind, form in (
        (GroupKind.OTHER, _OTHER), (GroupKind.ACTUAL, _ACTUAL),
        (GroupKind.WHOLE, _WHOLE), (GroupKind.PART, _PART),
    ):  # fmt: skip
        if form.search(plain):
            return kind
    return GroupKind.PLAIN


def years_in(text: str) -> int | None:
    """Return the year a group head names (2025年, 2025), if any."""
    found = re.search(r"(?<!\d)(20\d{2})(?:年|年度|$|(?=\D))", header(text))
    return int(found[1]) if found else None


_TOTALS = regex(
    r"(?:总|合|共|总合)计|全部|汇总|总和|(?:grand)?total|sum|.{0,4}(?:合计|小计|汇总|累计)",
    re.IGNORECASE,
)


def is_total(text: str) -> bool:
    """Return whether a row or column is called a total."""
    return bool(_TOTALS.fullmatch(text))
