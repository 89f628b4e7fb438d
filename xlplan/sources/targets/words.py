"""How operators write targets: names of metrics, times, parts, kinds, and values with words."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from dataclasses import replace

from xlplan.plan.targets.claims import WHOLE, Kind, Scope, Span
from xlplan.plan.targets.measures import metric_name
from xlplan.record import record
from xlplan.regex import regex
from xlplan.sources.dates import DateHints, parse_date
from xlplan.sources.numbers import Number, parse_number
from xlplan.sources.text import Unread, clean

_DIGITS = {"一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9,
           "十": 10, "十一": 11, "十二": 12}  # fmt: skip
_SPANS = {
    Span.YEAR: "年 全年 年度 年度总 每年 合计 全年合计 年度合计 全年总计 年合计 整年 fullyear annual fy year",
    Span.QUARTER: "季 季度 每季 每季度",
    Span.MONTH: "月 月度 每月 月均",
    Span.WEEK: "周 每周 周均",
    Span.DAY: "日 天 每日 每天 日均 平均每日 当日",
    Span.SESSION: "场 每场 单场 单场直播",
}
_WORDS = {word: span for span, words in _SPANS.items() for word in words.split()}
_LONGEST = sorted(_WORDS, key=len, reverse=True)
_EVENTS = {"双11": 1111, "双十一": 1111, "1111": 1111, "双12": 1212, "双十二": 1212, "1212": 1212,
           "618": 618, "38": 38, "99": 99, "88": 88, "920": 920, "520": 520, "51": 51}  # fmt: skip
_EVENT_FIRST = regex(f"({'|'.join(sorted(_EVENTS, key=len, reverse=True))})(?:期间|大促)?")
_NAMED_EVENT = regex(r"[\u4e00-\u9fff]{1,6}节")
_ORDINAL = "(十[一二]?|[一二三四五六七八九]|1[0-2]|0?[1-9])"
_QUARTER = regex(r"[qQ]([1-4])|第?([1-4一二三四])季度?|([1-4])[qQ]")
_MONTH = regex(rf"{_ORDINAL}月份?(?:的?(每日|每天|日均|日))?")
_ENGLISH = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_LONG_ENGLISH = {
    "january": 1, "february": 2, "march": 3, "april": 4, "june": 6, "july": 7, "august": 8,
    "sept": 9, "september": 9, "october": 10, "november": 11, "december": 12,
} | {name: at + 1 for at, name in enumerate(_ENGLISH)}  # fmt: skip
_ENGLISH_MONTH = regex(
    rf"({'|'.join(sorted(_LONG_ENGLISH, key=len, reverse=True))})\.?(?:[-'/,]?((?:20)?\d\d))?"
)
_DATED_MONTH = regex(
    r"((?:20)?\d\d)(?:年|[-/.])(1[0-2]|0?[1-9])月?份?|(20\d\d)(1[0-2]|0[1-9])|(1[0-2]|0?[1-9])[-/](20\d\d)"
)
_HALVES = {
    "上半年": (1, 6),
    "下半年": (7, 12),
    "h1": (1, 6),
    "h2": (7, 12),
    "1h": (1, 6),
    "2h": (7, 12),
}
_RANGE = regex(rf"{_ORDINAL}月?[-~至到—–]{_ORDINAL}月份?")
_FISCAL = regex(r"fy(?:20)?(\d\d)|(\d\d)年度?")
_KINDS = {
    Kind.TARGET: "目标 计划 年度目标",
    Kind.ACTUAL: "实际 完成 实绩 上年实际 去年实际 上年 去年",
    Kind.FLOOR: "下限 底线 最低 不低于",
    Kind.CAP: "上限 最高 封顶 不超过",
    Kind.SHARE: "占比 份额 比例",
    Kind.GROWTH: "增长率 增长 同比 同比增长 增幅",
    Kind.ATTAINMENT: "达成率 完成率",
    Kind.PROMO: "满减 优惠",
    Kind.DATE: "日期 日程",
}
_KIND_WORDS = {word: kind for kind, words in _KINDS.items() for word in words.split()}
_LAST_YEAR = ("上年", "去年", "上年实际", "去年实际")
_TAILS = sorted(set(_KIND_WORDS) - {"完成", "增长", "计划", "优惠"}, key=len, reverse=True)
_FLOORS = ("不低于", "低于", "至少", "≥", ">=", ">")
_CAPS = ("不超过", "不高于", "至多", "高于", "≤", "<=", "<")
_PROMO = regex(r"满(\d+(?:\.\d+)?)元?减(\d+(?:\.\d+)?)元?")
_MONTH_DAY = regex(r"(?:每月)?(\d{1,2})[日号]")
_PER = regex(r"(.+?)[/每](日|天|周|月|季度|年|场)")
_THRESHOLD = regex(r"[(（][^()（）]*?(\d[\d,.]*[万千]?)元?[^()（）]*[)）]")
_ALL = ("", "全店", "全部", "合计", "总计", "总", "全公司", "公司", "所有店铺")
_YEAR = regex(r"(20\d\d)(?:年度?|(?=[^\d]|$))-?")


@record
class Time:
    """A period as written: which span, which one, of which year, counted how.

    A stretch that is no quarter (上半年, 1-9月) has `months`, first and last, and no span.
    """

    span: Span
    index: int = 0
    year: int = 0
    basis: str = ""
    event: str = ""
    months: tuple[int, int] | None = None


@record
class Label:
    """A metric's name as written, taken apart."""

    metric: str
    time: Time = Time(Span.NONE)
    kind: Kind | None = None
    scope: Scope = WHOLE


@record
class Amount:
    """A value as written, with what it says besides its number."""

    number: Number
    kind: Kind | None = None
    span: Span = Span.NONE
    threshold: float | None = None
    date: dt.date | None = None


def plain(cell: object) -> str:
    """Return the text of a cell, NFKC, without blanks."""
    return "".join(unicodedata.normalize("NFKC", clean(cell)).split())


def parse_time(cell: object) -> Time | None:
    """Read 年, 2026年, Q1, 一季度, 3月, 3月每日, 每日, 场, 618, 双11期间日均; None if unreadable."""
    if isinstance(cell, dt.date):
        return Time(Span.MONTH, cell.month, cell.year)
    text = plain(cell).lower()
    if read := _dated_month(text):
        return read
    year, rest = 0, text
    if (found := _YEAR.match(text)) or (found := _FISCAL.match(text)):
        digits = next(filter(None, found.groups()))
        year, rest = int(digits) % 100 + 2000, text[found.end() :]
    if not rest:
        return Time(Span.YEAR if year else Span.NONE, year=year)
    read = _span(rest) or _event(rest)
    return replace(read, year=year) if read else None


def _dated_month(text: str) -> Time | None:
    """Read 2027-01, 202701, 27年1月, 01/2027, Jan-27, and a day that stands for its month."""
    if found := _DATED_MONTH.fullmatch(text):
        year, month = (
            (found[1] or found[3], found[2] or found[4])
            if found[6] is None
            else (found[6], found[5])
        )
        return Time(Span.MONTH, int(month), int(year) % 100 + 2000)
    if found := _ENGLISH_MONTH.fullmatch(text):
        return Time(
            Span.MONTH, _LONG_ENGLISH[found[1]], int(found[2]) % 100 + 2000 if found[2] else 0
        )
    if found := re.fullmatch(r"(20\d\d)[-/.](1[0-2]|0?[1-9])[-/.]0?1(?:00:00:00)?", text):
        return Time(Span.MONTH, int(found[2]), int(found[1]))
    return None


def _stretch(text: str) -> Time | None:
    if text in _HALVES:
        return Time(Span.NONE, months=_HALVES[text])
    if not (found := _RANGE.fullmatch(text)):
        return None
    first, last = _ordinal(found[1]), _ordinal(found[2])
    if (first, last) == (1, 12):
        return Time(Span.YEAR)
    if last - first == 2 and last % 3 == 0:
        return Time(Span.QUARTER, last // 3)
    return Time(Span.NONE, months=(first, last)) if first < last else None


def _span(text: str) -> Time | None:
    if text in _WORDS:
        return Time(_WORDS[text])
    if stretch := _stretch(text):
        return stretch
    if found := re.fullmatch(r"m(1[0-2]|0?[1-9])", text):
        return Time(Span.MONTH, int(found[1]))
    if found := _QUARTER.fullmatch(text):
        return Time(Span.QUARTER, _ordinal(found[1] or found[2] or found[3]))
    if found := _MONTH.fullmatch(text):
        return Time(Span.DAY if found[2] else Span.MONTH, _ordinal(found[1]))
    return None


def _ordinal(text: str) -> int:
    return _DIGITS.get(text) or int(text)


def _event(text: str) -> Time | None:
    name, basis = text, ""
    for word in ("每日", "每天", "日均", "当日", "合计"):
        if name.endswith(word):
            name, basis = name.removesuffix(word), word
    name = name.removesuffix("期间").removesuffix("大促")
    if name in _EVENTS:
        return Time(Span.EVENT, _EVENTS[name], basis=basis)
    if _NAMED_EVENT.fullmatch(name):
        return Time(Span.EVENT, basis=basis, event=name)
    return None


def parse_kind(cell: object) -> tuple[Kind | None, str, int]:
    """Read 类型/口径: (kind, basis, year offset); what is no kind is a basis (支付金额, 每日 …)."""
    text = plain(cell)
    if not text:
        return None, "", 0
    kind = _KIND_WORDS.get(text)
    return kind, "" if kind else text, -1 if text in _LAST_YEAR else 0


def parse_scope(cell: object) -> tuple[Scope, float | None]:
    """Read 渠道:短视频/自播 or 客群:高价值(>5000元/年): the part and its threshold."""
    text = plain(cell)
    found = _THRESHOLD.search(text)
    threshold = parse_number(found[1]) if found else None
    bare = _THRESHOLD.sub("", text)
    kind, mark, name = bare.partition(":")
    scope = Scope(kind, name) if mark else Scope("部分", bare)
    limit = threshold.value if isinstance(threshold, Number) else None
    return WHOLE if bare in _ALL else scope, limit


def parse_store(cell: object) -> str:
    """Read a store's name; 合计 and 全部 are the company, ""."""
    text = clean(cell)
    return "" if text in _ALL else text


def parse_label(cell: object) -> Label:
    """Take a metric's name apart: 日目标UV, 单场直播GMV, 高价值会员占比, 销售额同比增长."""
    text = plain(cell)
    time, rest = _leading_time(text)
    if metric := _metric(rest) or metric_name(text):
        return Label(metric, time)
    for tail in _TAILS:
        if rest.endswith(tail):
            base = rest.removesuffix(tail)
            found = _share(base) if tail == "占比" else Label(_metric(base), time)
            if found.metric:
                return replace(found, kind=_KIND_WORDS[tail], time=time)
    if _PROMO.search(text):
        return Label("discount", kind=Kind.PROMO)
    return Label("", time)


def _leading_time(text: str) -> tuple[Time, str]:
    """Split 双11销售额, Q1销售额, 3月目标, 日目标UV into the time and the metric's name."""
    if found := _EVENT_FIRST.match(text):
        return Time(Span.EVENT, _EVENTS[found[1]]), text[found.end() :]
    for pattern in (_MONTH, _QUARTER):
        if (found := pattern.match(text)) and _metric(rest := text[found.end() :]):
            return _span(found[0]) or Time(Span.NONE), rest
    for word in _LONGEST:
        rest = text.removeprefix(word)
        if rest != text and (_metric(rest) or metric_name(text)):
            return Time(_WORDS[word]), rest
    return Time(Span.NONE), text


def _metric(text: str) -> str:
    """Return the metric of a name; 目标 alone is the sales target."""
    bare = text.removeprefix("直播").removeprefix("总")
    return metric_name(text) or metric_name(bare) or _target(bare)


def _target(text: str) -> str:
    bare = text.removeprefix("目标").removesuffix("目标")
    return "gmv" if text and not bare else metric_name(bare) if bare != text else ""


def _share(text: str) -> Label:
    """Read 高价值会员 (users of 客群:高价值) or 小程序GMV (gmv of 渠道:小程序)."""
    for start in range(len(text)):
        if metric := metric_name(text[start:]):
            kind = "客群" if metric in ("users", "buyers") else "渠道"
            return Label(metric, scope=Scope(kind, text[:start]) if start else WHOLE)
    return Label("")


def parse_amount(cell: object, *, scale: float = 1, year: int) -> Amount | Unread | None:
    """Read a value: a number, or 低于1:2, 满200减20, 8万/日, 每月25日, 9月20日(周日)."""
    number = parse_number(cell, scale=scale)
    if not isinstance(number, Unread):
        return Amount(number) if number else None
    text = plain(cell)
    read = _offer(text) or _limit(text, scale) or _per(text, scale) or _date(cell, text, year)
    return read or number


def _offer(text: str) -> Amount | None:
    if found := _PROMO.fullmatch(text):
        return Amount(Number(float(found[2])), Kind.PROMO, threshold=float(found[1]))
    return None


def _limit(text: str, scale: float) -> Amount | None:
    for kind, words in ((Kind.FLOOR, _FLOORS), (Kind.CAP, _CAPS)):
        for word in words:
            if text.startswith(word):
                number = parse_number(text.removeprefix(word), scale=scale)
                return Amount(number, kind) if isinstance(number, Number) else None
    return None


def _per(text: str, scale: float) -> Amount | None:
    if found := _PER.fullmatch(text):
        number = parse_number(found[1], scale=scale)
        return Amount(number, span=_WORDS[found[2]]) if isinstance(number, Number) else None
    return None


def _date(cell: object, text: str, year: int) -> Amount | None:
    if found := _MONTH_DAY.fullmatch(text):
        day = int(found[1])
        return Amount(Number(day), Kind.DATE, Span.MONTH) if 1 <= day <= 31 else None
    day_read = parse_date(cell, DateHints(year=year))
    if isinstance(day_read, Unread) and day_read.code == "weekday":
        bare = re.sub(r"[(（]?(?:周|星期|礼拜)[一二三四五六日天][)）]?", "", text)
        day_read = parse_date(bare, DateHints(year=year))
    if isinstance(day_read, Unread) or day_read is None:
        return None
    return Amount(Number(day_read.day), Kind.DATE, date=day_read)
