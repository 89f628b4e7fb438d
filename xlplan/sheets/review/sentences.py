"""结论 of 复盘: sentences whose numbers are the cells below, so that they follow them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from xlplan.plan.explain.basis import MARKS, STEPS
from xlplan.plan.explain.reasons import ENOUGH, TRIFLE
from xlplan.sheets.base.words import GROWTH, SHARE, SIGNED, WHOLE_SHARE, Words
from xlplan.sheets.review.working import DayRows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.plan.explain.basis import Basis
    from xlplan.plan.year import Year
    from xlplan.sheets.base.making import Made
    from xlplan.sheets.base.tables import Tables
    from xlplan.sheets.review.record import Review


def sentence_cells(
    made: Made, review: Review, bases: Sequence[Basis], year: Year, tables: Tables
) -> None:
    """Put the sentences."""
    told = [
        _whole(made, review, year, tables),
        _cause(made),
        _store(made, bases),
        _lacking(made),
        _refunds(made, review, year, tables),
        _ahead(made, review),
        _last_year(made, review),
        _unmet(made),
        _channels(made, review),
    ]
    for number, words in enumerate(told, start=1):
        cell = words.put()
        made.put(f"say:{number}", 1, cell.value, cell.formula)


def _say(text: str) -> Words:
    return Words().say(text)


def _whole(made: Made, review: Review, year: Year, tables: Tables) -> Words:
    days = DayRows.of(year, tables, review.scope, review.first, min(review.last, review.as_of))
    start = (review.first - year.calendar.days.index[0].date()).days
    length = days.bottom - days.top + 1
    known = int((~np.isnan(year.actual.of_scope(review.scope)["gmv"][start : start + length])).sum())  # fmt: skip
    words = _say("有实际的 ").number(f"COUNT({days.real('gmv')})", known, "0")
    key = "mark:gmv"
    words.say(" 天：目标 ").number(made.ref(key, 2), made.value(key, 2))
    words.say("，实际 ").number(made.ref(key, 3), made.value(key, 3))
    words.say("，相差 ").number(made.ref(key, 4), made.value(key, 4), SIGNED)
    return words.say("，达成 ").number(made.ref(key, 5), made.value(key, 5), SHARE).say("。")


def _cause(made: Made) -> Words:
    """Name the driver that explains enough of the gap, or the two largest when none does."""
    shares = made.at.down(f"plan:{STEPS[0]}", f"plan:{STEPS[-1]}", 3)
    names = made.at.down(f"plan:{STEPS[0]}", f"plan:{STEPS[-1]}", 1)
    amounts = made.at.down(f"plan:{STEPS[0]}", f"plan:{STEPS[-1]}", 2)
    start, end = made.ref("plan:start", 2), made.ref("plan:end", 2)
    first, gap = made.number("plan:start", 2), made.number("plan:end", 2) - made.number("plan:start", 2)  # fmt: skip
    values = [made.number(f"plan:{name}", 3) for name in STEPS]
    order = sorted(range(len(STEPS)), key=lambda i: -np.nan_to_num(values[i], nan=-9e9))
    small = abs(gap) < max(TRIFLE * abs(first), 0.01)

    def named(rank: int, *, share: bool) -> Words:
        place = f"MATCH(LARGE({shares},{rank}),{shares},0)"
        best = order[rank - 1]
        at = values.index(values[best])  # as MATCH finds it
        name, amount = STEPS[at], made.number(f"plan:{STEPS[at]}", 2)
        words = Words().cell(f"INDEX({names},{place})", name)
        words.say("（").number(f"INDEX({amounts},{place})", amount, SIGNED)
        if share:
            words.say("，占差额 ").number(f"LARGE({shares},{rank})", values[best], WHOLE_SHARE)
        return words.say("）")

    main = _say("主要因为").cell(named(1, share=True).formula, named(1, share=True).text).say("。")
    both = _say(f"没有单独一项超过 {ENOUGH:.0%}，最大的两项：")
    both.cell(named(1, share=True).formula, named(1, share=True).text).say("、")
    both.cell(named(2, share=True).formula, named(2, share=True).text).say("。")
    trifle = _say(f"与目标相差不到 {TRIFLE:.0%}，没有需要解释的差额。")
    reason = Words().either(f"MAX({shares})>={ENOUGH:g}", bool(np.nanmax([*values, -9e9]) >= ENOUGH), main, both)  # fmt: skip
    test = f"ABS({end}-{start})<MAX({TRIFLE:g}*ABS({start}),0.01)"
    return _say("为什么：").either(test, small, trifle, reason)


def _store(made: Made, bases: Sequence[Basis]) -> Words:
    if len(bases) < 2:
        return Words()
    first, last = f"base:{bases[0].name}", f"base:{bases[-1].name}"
    gaps, names = made.at.down(first, last, 23), made.at.down(first, last, 1)
    values = [made.number(f"base:{one.name}", 23) for one in bases]
    short, over = min(values), max(values)
    words = _say("各店：差得最多的是").cell(f"INDEX({names},MATCH(MIN({gaps}),{gaps},0))", bases[values.index(short)].name)  # fmt: skip
    words.say("（").number(f"MIN({gaps})", short, SIGNED).say("），最好的是")
    words.cell(f"INDEX({names},MATCH(MAX({gaps}),{gaps},0))", bases[values.index(over)].name)
    return words.say("（").number(f"MAX({gaps})", over, SIGNED).say("）；各店在底稿。")


def _lacking(made: Made) -> Words:
    cell, value = made.ref("base:total", 3), made.number("base:total", 3)
    some = (
        _say("缺实际 ")
        .number(cell, value, "0")
        .say(" 店天，没有当作 0；哪家店缺见底稿“缺数天数”。")
    )
    return Words().either(f"{cell}>0", value > 0, some, _say("这段时间没有缺数的日子。"))


def _refunds(made: Made, review: Review, year: Year, tables: Tables) -> Words:
    words = _say("退款另计 ").number(
        made.ref("plan:refund", 2), made.value("plan:refund", 2), SIGNED
    )
    words.say("，扣退款后相差 ").number(made.ref("plan:net", 2), made.value("plan:net", 2), SIGNED)
    end = min(review.last, review.as_of)
    first = max(review.first, review.as_of - timedelta(days=year.settings.maturity_days - 1))
    young = DayRows.of(year, tables, review.scope, first, end)
    if not young:
        return words.say("；退款都已成熟。")
    start = (first - year.calendar.days.index[0].date()).days
    days = year.actual.of_scope(review.scope)["gmv"][start : start + young.bottom - young.top + 1]
    count = int((~np.isnan(days)).sum())
    return words.say("；其中最近 ").number(f"COUNT({young.real('gmv')})", count, "0").say(" 天未成熟，退款还会增加。")  # fmt: skip


def _ahead(made: Made, review: Review) -> Words:
    if not review.ahead:
        return _say(f"预测：{review.lack}。" if review.lack else "")
    key = "ahead:month"
    words = _say(f"{review.ahead[0].label}末预计 ").number(made.ref(key, 2), made.value(key, 2))
    words.say(" ～ ").number(made.ref(key, 3), made.value(key, 3))
    words.say(" ～ ").number(made.ref(key, 4), made.value(key, 4)).say("（八成把握的区间）")
    if review.ahead[0].target is None:
        return words.say("，没有月目标。")
    words.say("，月目标 ").number(made.ref(key, 5), made.value(key, 5))
    return (
        words.say("，达成概率 ")
        .number(made.ref(key, 6), made.value(key, 6), WHOLE_SHARE)
        .say("。")
    )


def _last_year(made: Made, review: Review) -> Words:
    if not review.last_year:
        return _say("没有去年的数，不与去年比。")
    start, end = made.ref("year:start", 2), made.ref("year:end", 2)
    before, now = made.number("year:start", 2), made.number("year:end", 2)
    words = _say("与去年比：可比日期 ").number(start, before).say(" → ").number(end, now).say("（")
    grown = now / before - 1 if before > 0 else ""
    words.number(f'IF({start}<=0,"",{end}/{start}-1)', grown, GROWTH).say("）；日历错位 ")
    return words.number(made.ref("year:日历错位", 2), made.value("year:日历错位", 2), SIGNED).say(
        "。"
    )


def _unmet(made: Made) -> Words:
    words = _say("未达标：")
    open_ = 0
    for name, (label, _, percent) in MARKS.items():
        key = f"mark:{name}"
        band, value = made.ref(key, 6), made.value(key, 6)
        missed = value not in ("", "达成")
        open_ += missed
        part = Words().say(f"{label} ").number(made.ref(key, 5), made.value(key, 5), SHARE)
        part.say("（").cell(band, value).say("）；")
        words.either(f'AND({band}<>"",{band}<>"达成")', missed, part, Words())
        del percent
    tests = "+".join(f'(({made.ref(f"mark:{n}", 6)}<>"")*({made.ref(f"mark:{n}", 6)}<>"达成"))' for n in MARKS)  # fmt: skip
    return Words().either(
        f"({tests})>0", open_ > 0, words.say("补差计划在下面。"), _say("指标都达成。")
    )


def _channels(made: Made, review: Review) -> Words:
    if not review.visits:
        return _say(review.channel_note)
    rows = [key for key in made.at.rows if key.startswith("channel:")][: len(review.visits)]
    gaps, names = made.at.down(rows[0], rows[-1], 4), made.at.down(rows[0], rows[-1], 1)
    values = [one.now - one.before for one in review.visits]
    worst = min(values)
    words = _say("UV 按渠道：差得最多的是").cell(f"INDEX({names},MATCH(MIN({gaps}),{gaps},0))", review.visits[values.index(worst)].name)  # fmt: skip
    return words.say("（").number(f"MIN({gaps})", worst, SIGNED).say("）。" + review.channel_note)
