"""What a label of a targets table says: store, metric, time, kind, unit, or that it is aside."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from functools import lru_cache

from xlplan.plan.targets.claims import WHOLE, Kind, Scope, Span
from xlplan.plan.targets.measures import metric_name
from xlplan.record import record
from xlplan.regex import regex
from xlplan.sources.targets.units import Scale, parse_unit, split_unit
from xlplan.sources.targets.words import Label, Time, parse_label, parse_time, plain
from xlplan.sources.text import clean

_ENGLISH_METRICS = {
    "adspend": "spend", "marketingspend": "spend", "adcost": "spend", "advertising": "spend",
    "marketing": "spend", "conversionrate": "cvr", "conversion": "cvr", "averageordervalue": "aov",
    "refundrate": "refund_rate", "returnrate": "refund_rate", "traffic": "uv", "roas": "roi",
    "uniquevisitors": "uv", "turnover": "gmv", "grosssales": "gmv", "salesamount": "gmv", "order": "orders",
    "销售": "gmv", "业绩": "gmv", "营收": "gmv", "销额": "gmv", "成交": "gmv", "总销售额": "gmv", "销售业绩": "gmv",
    "推广费率": "spend_ratio", "费率": "spend_ratio", "推广费比": "spend_ratio", "营销费用": "spend", "市场费用": "spend",
}  # fmt: skip
#: Words for what a figure is, longest first when looked for. The value: (kind, rank).
_KINDS: dict[str, tuple[Kind, int]] = {
    **dict.fromkeys("目标 目标值 目标额 目标金额 目标数 任务额 任务目标 计划额 计划数 预算额 预算数 计划 预算 规划 任务 指标值 kpi target budget plan planned goal".split(), (Kind.TARGET, 0)),
    **dict.fromkeys("调整后 修订 修订后 最新 终版 定稿 调整版 revised adjusted final latest".split(), (Kind.TARGET, 1)),
    **dict.fromkeys("年初 原 初版 初稿 original initial".split(), (Kind.TARGET, -1)),
    **dict.fromkeys("冲刺 挑战 拔高 stretch".split(), (Kind.TARGET, -9)),
    **dict.fromkeys("保底 底线 下限 最低 不低于 floor".split(), (Kind.FLOOR, 0)),
    **dict.fromkeys("上限 封顶 最高 不超过".split(), (Kind.CAP, 0)),
    **dict.fromkeys("实际数 实际额 完成数 实际 实绩 完成 完成额 达成 达成额 决算 已完成 实际完成 实际值 完成值 actual actuals".split(), (Kind.ACTUAL, 0)),
    **dict.fromkeys("同比增长率 同比增长 同比增幅 同比 增长率 增幅 增长 增速 yoy yoygrowth growth growthrate 增长目标".split(), (Kind.GROWTH, 0)),
    **dict.fromkeys("达成率 完成率 完成进度 进度 attainment achievement".split(), (Kind.ATTAINMENT, 0)),
    **dict.fromkeys("占比 比重 份额 权重 贡献 share mix".split(), (Kind.SHARE, 0)),
}  # fmt: skip
#: Heads of figures that are no targets and follow from others, with why.
_ASIDE = {
    **dict.fromkeys("环比 mom 环比增长 环比增长率".split(), "环比由别的数得出"),
    **dict.fromkeys("差额 差异 差 缺口 增减 增减额 增量 增长额 变动 variance diff gap".split(), "差额由别的数得出"),
    **dict.fromkeys("序号 no no. 编号 排名 # rank id 编码 店铺id 店铺编码".split(), "编号"),
    **dict.fromkeys("平均 均值 平均值 average avg mean".split(), "平均由别的数得出"),
    **dict.fromkeys("累计 累计完成 累计目标 ytd mtd cumulative".split(), "累计由各月得出"),
    **dict.fromkeys("预测 预估 预计 forecast 预计完成".split(), "预测不是目标"),
}  # fmt: skip
_BACK = "上年同期 去年同期 上年 去年 上一年 lastyear prioryear previousyear 同期 ly py 基期 往年".split()
_NOW = "今年 本年 本年度 当年 thisyear ty".split()
#: Words that say nothing about a figure.
_NEUTRAL = "其中 当月 本月 单月 各月 分月 月度 当季 单季 本期 数额 数值".split()
_NEXT = "明年 下一年 下年 来年 nextyear ny".split()
_TOTALS = frozenset(
    "合计 总计 小计 总 汇总 共计 累计合计 total subtotal sum grandtotal 总合计 总额 全部 全店 全公司 公司 公司合计 店铺合计 "
    "全店合计 各店合计 合计数 总数 所有店铺 total(all) overall company all 集团 整体".split()
)
_SUBTOTAL = regex(r"(.{1,16}?)[-_ ]?(?:合计|小计|总计|汇总|subtotal|total)")
_YEAR_TOTAL = regex(
    r"(?:全年|年度|年|20\d\d年?)(?:合计|总计|汇总|总|total)|合计\(?全年\)?|fullyeartotal"
)
_LEXICON = sorted({*_KINDS, *_ASIDE, *_BACK, *_NOW, *_NEXT, *_NEUTRAL}, key=len, reverse=True)
_TIME = regex(
    r"(?:20\d\d|\d\d)年(?:度)?(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月份?|20\d\d[-/.](?:1[0-2]|0?[1-9])(?!\d)"
    r"|20\d\d(?:1[0-2]|0[1-9])(?!\d)"
    r"|20\d\d(?:财年|年度|年)?|fy(?:20)?\d\d|(?<!\d)\d\d年度?"
    r"|(?:十[一二]|[一二三四五六七八九十]|1[0-2]|0?[1-9])月份?(?!\d)|第?[1-4一二三四]季度?|q[1-4]|上半年|下半年|h[12](?![a-z0-9])"
    r"|全年|年度|整年|fullyear|annual"
    r"|(?:january|february|march|april|june|july|august|september|october|november|december"
    r"|jan|feb|mar|apr|may|jun|jul|aug|sept|sep|oct|nov|dec)(?![a-z])"
)
_GLUE = " -_/·:：.、|()（）[]【】的、+&,，\n"
_ONLY_SUFFIX = regex(r"(?:官方)?(?:旗舰|专营|专卖|自营|企业|直营)?店|小店|商城|旗舰|store|shop")
#: Words of places that are shops.
STORELIKE = regex(
    r"店|天猫|淘宝|京东|抖音|快手|拼多多|小红书|视频号|唯品会|得物|微店|有赞|亚马逊|自营|pop|tmall|taobao|jd|douyin|kuaishou"
    r"|pdd|pinduoduo|amazon|shopee|lazada|store|shop|旗舰|专营|专卖|独立站|shopify|微信|小程序|1688|苏宁"
)


@record
class Said:
    """What a label says; what it does not say is empty.

    Attributes:
        text: As written.
        name: What is left of it that is no known word: a store, a part, or a stranger.
        metric: Canonical metric.
        soft: The metric is only 目标 and gives way to any other.
        time: Its time.
        back: Years back: 1 for 去年, -1 for 明年, 0 for 今年, None when not said.
        kind: What the figures are.
        rank: Which of several target columns counts (修订 above 年初 above 冲刺).
        unit: Its unit.
        aside: Why figures under it are no targets.
        total: It is a total of what stands beside it.
        scope: The part of the shop it is about.
    """

    text: str = ""
    name: str = ""
    metric: str = ""
    soft: bool = False
    time: Time | None = None
    back: int | None = None
    kind: Kind | None = None
    rank: int = 0
    unit: Scale | None = None
    aside: str = ""
    total: bool = False
    scope: Scope = WHOLE

    @property
    def known(self) -> bool:
        """Whether any of it is understood, with nothing left over."""
        return not self.name and self != Said(self.text)


def said(cell: object) -> Said:
    """Take a label apart."""
    if isinstance(cell, dt.date):
        return Said(cell.strftime("%Y-%m"), time=parse_time(cell))
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    found = _said(plain(cell))
    if found.name and isinstance(cell, str) and any(char.isspace() for char in cell.strip()):
        spaced = r"\s*".join(map(re.escape, found.name))
        if here := re.search(spaced, clean(cell), re.IGNORECASE):
            return replace(found, name=here[0])
    return found


@lru_cache(maxsize=8192)
def _said(text: str) -> Said:
    low = text.lower()
    if (unit := parse_unit(low)) and low not in _TOTALS and not known_metric(low):
        return Said(text, unit=unit)
    bare, unit = split_unit(low)
    found = _whole(text, bare) or _tokens(text, bare)
    return replace(found, unit=unit)


def _whole(text: str, bare: str) -> Said | None:
    """Read a label that is one known thing."""
    if _YEAR_TOTAL.fullmatch(bare):
        year = int(bare[:4]) if bare[:2] == "20" else 0
        return Said(text, time=Time(Span.YEAR, year=year), total=True)
    if bare in _TOTALS:
        return Said(text, total=True)
    if word := _one_word(text, bare):
        return word
    if metric := known_metric(bare):
        label = parse_label(bare)
        timed = label.metric == metric and label.time != Time(Span.NONE)
        return Said(text, metric=metric, time=label.time if timed else None)
    time = parse_time(bare)
    return Said(text, time=time) if time and time != Time(Span.NONE) else None


def _one_word(text: str, bare: str) -> Said | None:
    if bare in _ASIDE:
        return Said(text, aside=_ASIDE[bare])
    if bare in _BACK or bare in _NOW or bare in _NEXT:
        return Said(text, back=1 if bare in _BACK else 0 if bare in _NOW else -1)
    if bare in _KINDS:
        return Said(text, kind=_KINDS[bare][0], rank=_KINDS[bare][1])
    return None


def is_shop(name: str) -> bool:
    """Whether a name sounds like a shop's."""
    return bool(STORELIKE.search(name.lower()))


def known_metric(text: str) -> str:
    """Return the metric of a name, in the words of exports, plans and English sheets."""
    return _ENGLISH_METRICS.get(text, "") or metric_name(text)


@record
class _Piece:
    """What the words found in a label say together."""

    time: Time | None = None
    back: int | None = None
    kinds: tuple[str, ...] = ()
    aside: str = ""


def _tokens(text: str, bare: str) -> Said:
    """Read a label of several words: 1月-预算, 2026年实际, 天猫旗舰店 目标, 销售额目标."""
    name, piece = _taken_apart(bare)
    if _ONLY_SUFFIX.fullmatch(name):  # 目标旗舰店 is a name, not a target of 旗舰店
        whole = _TIME.sub("", bare).strip(_GLUE) or bare
        return Said(text, name=_name_as_typed(text, whole), time=piece.time)
    if name in _TOTALS:
        return replace(_made(text, "", "", piece), total=True)
    return _measured(text, bare, name, piece) or _named(text, name, piece)


def _taken_apart(bare: str) -> tuple[str, _Piece]:
    """Return what no known word is, and what the known words say."""
    at, rest, piece = 0, "", _Piece()
    while at < len(bare):
        if found := _TIME.match(bare, at):
            piece, at = _with_time(piece, found[0]), found.end()
        elif word := next((word for word in _LEXICON if bare.startswith(word, at)), ""):
            piece, at = _with_word(piece, word), at + len(word)
        else:
            rest, at = rest + bare[at], at + 1
    return rest.strip(_GLUE), piece


def _measured(text: str, bare: str, name: str, piece: _Piece) -> Said | None:
    """Read the metric of a label, None when what is left over is a name."""
    metric = known_metric(name) if name else ""
    label = parse_label(bare)
    if not name and label.metric == "budget":  # 1月预算: what it is, not what it is of
        label = Label("")
    if label.metric and (not metric or (metric == label.metric and label.time != Time(Span.NONE))):
        soft = name in ("", "月", "日", "季", "周", "季度", "月度")
        return _labelled(text, label, piece, soft=soft)
    return _made(text, "", metric, piece) if metric or not name else None


def _named(text: str, name: str, piece: _Piece) -> Said:
    """Read a label that names something: a store, a group of stores, a store and a metric."""
    if found := _SUBTOTAL.fullmatch(name):
        return replace(_made(text, _name_as_typed(text, found[1]), "", piece), total=True)
    shop, metric = _shop_and_metric(name)
    return _made(text, _name_as_typed(text, shop if metric else name), metric, piece)


def _shop_and_metric(name: str) -> tuple[str, str]:
    """Split 天猫旗舰店销售额 into a shop and a metric; ("", "") when it is not both."""
    for cut in range(1, len(name)):
        shop = name[:cut].rstrip(_GLUE)
        metric = known_metric(name[cut:].lstrip(_GLUE))
        if metric and shop and STORELIKE.search(shop):
            return shop, metric
    return "", ""


def _name_as_typed(text: str, name: str) -> str:
    start = text.lower().find(name)
    return text[start : start + len(name)] if start >= 0 else name


def _labelled(text: str, label: Label, piece: _Piece, *, soft: bool) -> Said:
    base = _made(text, "", label.metric, piece)
    told = None if label.time == Time(Span.NONE) else label.time
    if base.time and base.time.year and told:
        told = replace(told, year=base.time.year)
    return replace(
        base, time=told or base.time, kind=label.kind or base.kind, soft=soft, scope=label.scope
    )


def _made(text: str, name: str, metric: str, piece: _Piece) -> Said:
    kinds = [_KINDS[word] for word in piece.kinds]
    firm = [pair for pair in kinds if pair[0] is not Kind.TARGET] or kinds
    return Said(
        text, name, metric, time=piece.time, back=piece.back,
        kind=firm[0][0] if firm else None,
        rank=min((rank for _, rank in kinds), default=0) or max((rank for _, rank in kinds), default=0),
        aside=piece.aside,
    )  # fmt: skip


def _with_time(piece: _Piece, text: str) -> _Piece:
    read = parse_time(text)
    if read is None:
        return piece
    return replace(piece, time=merged(piece.time, read) or read)


def _with_word(piece: _Piece, word: str) -> _Piece:
    if word in _BACK or word in _NOW or word in _NEXT:
        return replace(piece, back=1 if word in _BACK else 0 if word in _NOW else -1)
    if word in _NEUTRAL:
        return piece
    if word in _ASIDE:
        return replace(piece, aside=_ASIDE[word])
    return replace(piece, kinds=(*piece.kinds, word))


def merged(one: Time | None, two: Time | None) -> Time | None:
    """Join two times said of one figure (一季度 over 1月, 2027年 over 11月); None if they clash."""
    if one is None or two is None:
        return one or two
    if one.year and two.year and one.year != two.year:
        return None
    year = one.year or two.year
    fine, coarse = (one, two) if _fineness(one) >= _fineness(two) else (two, one)
    if fine.span is Span.DAY and coarse.span is Span.MONTH:
        same = fine.index in (0, coarse.index)
        return replace(fine, index=coarse.index, year=year) if same else None
    if fine.span is coarse.span and fine.months is None and coarse.months is None:
        same = not fine.index or not coarse.index or fine.index == coarse.index
        return replace(fine, index=fine.index or coarse.index, year=year) if same else None
    return replace(fine, year=year) if _inside(fine, coarse) else None


_FINENESS = {Span.YEAR: 1, Span.QUARTER: 3, Span.MONTH: 4, Span.WEEK: 5, Span.DAY: 6, Span.SESSION: 7, Span.EVENT: 7}  # fmt: skip


def _fineness(time: Time) -> int:
    return 2 if time.months else _FINENESS.get(time.span, 0)


def _inside(fine: Time, coarse: Time) -> bool:
    if coarse.span is Span.QUARTER and coarse.index and fine.span is Span.MONTH and fine.index:
        return (fine.index + 2) // 3 == coarse.index
    if coarse.months and fine.index:
        first, last = coarse.months
        if fine.span is Span.MONTH:
            return first <= fine.index <= last
        if fine.span is Span.QUARTER:
            return first <= fine.index * 3 - 2 and fine.index * 3 <= last
    return True
