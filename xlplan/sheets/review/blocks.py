"""The blocks of 复盘 as cells: metrics, bridges, weeks, channels, forecasts and how good they were."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from xlplan.cells import Cell
from xlplan.plan.exact.units import excel_round
from xlplan.plan.explain.basis import MARKS, NEAR, STEPS, Mark
from xlplan.plan.explain.reasons import SHIFT
from xlplan.plan.outlook.scoring import month_scores, scores
from xlplan.sheets.base.making import Made
from xlplan.sheets.hidden.forecasts import issued_of, months_over
from xlplan.sheets.review.layout import AHEAD, PLAN_STEPS, SCORES, WEEK_ROWS, YEAR_STEPS
from xlplan.sheets.review.record import review_of
from xlplan.sheets.review.sentences import sentence_cells
from xlplan.sheets.review.working import DayRows, base_cells, bases_of, last_cells

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from xlplan.cells import Spot
    from xlplan.plan.year import Year
    from xlplan.sheets.base.making import Keyed
    from xlplan.sheets.base.sheet import View
    from xlplan.sheets.base.tables import Tables
    from xlplan.sheets.review.record import Review
    from xlplan.sheets.state.book import BookState

_LOWER = ("spend_ratio", "refund_rate")
_LEVEL, _BASE, _ENDS, _UP, _DOWN = range(17, 22)


def review_cells(view: View, at: Keyed) -> dict[Spot, Cell]:
    """Return what follows from the last review and the tables; empty cells without a review."""
    made = Made(at, dict.fromkeys(_places(at), Cell(None)))
    review = review_of(view.state)
    if review is None:
        made.put("title", 1, "复盘")
        made.put("about", 1, "还没有复盘：运行“复盘”（xlplan review）")
        return made.cells
    year, tables = view.year, view.at.tables
    plain = (base_cells(review, year, tables, at) | last_cells(review, year, at)).items()
    made.cells.update((spot, cell._replace(style=None)) for spot, cell in plain)
    made.put("title", 1, f"复盘 · {year.year}年{review.label}（{review.kind}） · {review.scope}")
    made.put("about", 1, _about(review))
    _marks(made)
    bases = bases_of(review, year)
    _bridge(made, "plan", "base", PLAN_STEPS, review)
    _refund(made)
    if review.last_year:
        _last_year(made, review)
    else:
        made.put("year:same", 4, "没有去年的数：用“版本”导入去年的计划表后再复盘")
    _ahead(made, review)
    _weeks(made, review, year, tables)
    sentence_cells(made, review, bases, year, tables)
    return made.cells


def _about(review: Review) -> str:
    day = f"；本月复盘日 {review.review_day}（25 日，遇休息日提前）" if review.kind == "月度" else "；每周一看上一个整周"  # fmt: skip
    return f"{review.first} 至 {review.last}，截止 {review.as_of}{day}。只比有实际的日子，缺的不当 0；退款率只看已成熟的日子。"


def _places(at: Keyed) -> Iterable[Spot]:
    """Yield the cells that a review fills."""
    wide = {"say": 1, "mark": 6, "plan": 21, "year": 21, "ahead": 7, "week": 6, "base": 33, "last": 23}  # fmt: skip
    named = {f"mark:{name}" for name in MARKS} | {f"plan:{n}" for n in (*PLAN_STEPS, "check", "refund", "net")} | {f"year:{n}" for n in (*YEAR_STEPS, "check")}  # fmt: skip
    for key in at.rows:
        block = key.partition(":")[0]
        first = 2 if key in named else 1
        for column in range(first, wide.get(block, 0) + 1):
            if block in {"plan", "year"} and 4 < column < _LEVEL:
                continue
            yield at.spot(key, column)


def _marks(made: Made) -> None:
    """指标: quotients of the sums below."""
    t, base = "base:total", made.ref
    pairs = {
        "gmv": (f"{base(t, 5)}+{base(t, 12)}", f"{base(t, 8)}+{base(t, 13)}"),
        "uv": (base(t, 6), base(t, 9)),
        "cvr": ((7, 6), (10, 9)),
        "aov": ((5, 7), (8, 10)),
        "spend_ratio": ((24, 25), (26, 27)),
        "refund_rate": ((28, 29), (30, 31)),
    }
    for name, both in pairs.items():
        key = f"mark:{name}"
        for column, said in zip((2, 3), both, strict=True):
            if isinstance(said, tuple):
                above, below = (made.ref(t, n) for n in said)
                value = _over(made.number(t, said[0]), made.number(t, said[1]))
                made.put(key, column, value, f'=IF(N({below})<=0,"",{above}/{below})')
            else:
                cells = {"gmv": ((5, 12), (8, 13)), "uv": ((6,), (9,))}[name][column - 2]
                value = sum(made.number(t, n) for n in cells)
                made.put(key, column, value, f"={said}")
        _mark(made, key, lower=name in _LOWER)


def _mark(made: Made, key: str, *, lower: bool) -> None:
    b, c, e = (made.ref(key, n) for n in (2, 3, 5))
    plan, real = made.number(key, 2), made.number(key, 3)
    known = not np.isnan([plan, real]).any()
    made.less(key, 4, c, b, real - plan)
    rate = real / plan if known and plan > 0 else float("nan")
    made.put(key, 5, rate, f'=IF(COUNT({b},{c})<2,"",IF({b}<=0,"",{c}/{b}))')
    done, near = (1 + NEAR, f"{e}<=1.2") if lower else (1 - NEAR, f"{e}>=0.8")
    test = f"{c}{'<=' if lower else '>='}{b}*{done:g}"
    told = "" if np.isnan(rate) else Mark("", "", plan, real, lower).band
    made.put(key, 6, told, f'=IF(COUNT({e})=0,"",IF({test},"达成",IF({near},"进行中","有风险")))')


def _over(above: float, below: float) -> float:
    return above / below if below > 0 else float("nan")


def _bridge(
    made: Made,
    block: str,
    base: str,
    rows: Sequence[str],
    review: Review,
) -> None:
    """The lines of a bridge, their shares of the gap, and the waterfall's figures."""
    total = f"{base}:total"
    start = made.number(total, 5) + made.number(total, 12)
    end = made.number(total, 8) + made.number(total, 13)
    made.put(f"{block}:start", 2, start, f"={made.ref(total, 5)}+{made.ref(total, 12)}")
    for column, name in enumerate(STEPS, start=16):
        made.put(f"{block}:{name}", 2, made.number(total, column), f"={made.ref(total, column)}")
    made.put(f"{block}:end", 2, end, f"={made.ref(total, 8)}+{made.ref(total, 13)}")
    first = rows[0]
    if first == "same":
        made.put(f"{block}:same", 2, start - review.shift, f"={made.ref(f'{block}:start', 2)}-{made.ref(f'{block}:{SHIFT}', 2)}")  # fmt: skip
        made.put(f"{block}:{SHIFT}", 2, review.shift)
    lines = [name for name in rows[1:-1] if name != "start"]
    top, bottom = made.ref(f"{block}:{first}", 2), made.ref(f"{block}:end", 2)
    gap = end - made.number(f"{block}:{first}", 2)
    for name in lines:
        key = f"{block}:{name}"
        share = made.number(key, 2) / gap if abs(gap) > 0.005 else float("nan")
        made.put(key, 3, share, f'=IF(ABS({bottom}-{top})<=0.005,"",{made.ref(key, 2)}/({bottom}-{top}))')  # fmt: skip
        made.put(key, 4, _NOTES.get(name, ""))
    _levels(made, block, rows)
    summed = "+".join(made.ref(f"{block}:{name}", 2) for name in (first, *lines))
    made.put(f"{block}:check", 2, 0.0, f"=ROUND({summed}-{bottom},2)")


_NOTES = {
    "UV": "访客多少", "转化率": "笔数 ÷ UV", "客单价": "销售额 ÷ 笔数", "结构": "流量在各店之间的占比变了", "新增": "没有目标（去年没有）的店",
    "停止": "去年有、今年停了的店", "未拆分": "缺 UV 或笔数的日子，不拆", SHIFT: "可比日期与去年同一日期之差",
}  # fmt: skip


def _levels(made: Made, block: str, rows: Sequence[str]) -> None:
    before, level = "", 0.0
    for name in rows:
        key = f"{block}:{name}"
        amount, value = made.ref(key, 2), made.number(key, 2)
        if name in {rows[0], "start", "end"}:
            made.put(key, _LEVEL, value, f"={amount}")
            made.put(key, _BASE, 0.0, "=0")
            made.put(key, _ENDS, value, f"={amount}")
            made.put(key, _UP, 0.0, "=0")
            made.put(key, _DOWN, 0.0, "=0")
            before, level = made.ref(key, _LEVEL), value
            continue
        now, after = made.ref(key, _LEVEL), level + value
        made.put(key, _LEVEL, after, f"={before}+{amount}")
        made.put(key, _BASE, max(0.0, min(level, after)), f"=MAX(0,MIN({before},{now}))")
        made.put(key, _ENDS, 0.0, "=0")
        step = max(0.0, after) - max(0.0, level)
        step = excel_round(step, 6)
        made.put(key, _UP, max(step, 0.0), f"=MAX(0,ROUND(MAX(0,{now})-MAX(0,{before}),6))")
        made.put(key, _DOWN, max(-step, 0.0), f"=MAX(0,ROUND(MAX(0,{before})-MAX(0,{now}),6))")
        before, level = now, after


def _refund(made: Made) -> None:
    total, key = "base:total", "plan:refund"
    plan, real = made.number(total, 32), made.number(total, 33)
    made.put(key, 2, excel_round(plan - real, 6), f"=ROUND({made.ref(total, 32)}-{made.ref(total, 33)},6)")  # fmt: skip
    made.put(key, 4, "比计划多退为负；近几天的还会增加")
    gap = f"{made.ref('plan:end', 2)}-{made.ref('plan:start', 2)}"
    net = made.number("plan:end", 2) - made.number("plan:start", 2) + plan - real
    made.put("plan:net", 2, excel_round(net, 6), f"=ROUND({gap}+{made.ref(key, 2)},6)")


def _last_year(made: Made, review: Review) -> None:
    _bridge(made, "year", "last", YEAR_STEPS, review)


def _ahead(made: Made, review: Review) -> None:
    for key, one in zip(AHEAD, review.ahead, strict=False):
        row = f"ahead:{key}"
        values = (one.label, one.low, one.middle, one.high, one.target, one.chance, one.note)
        for column, value in enumerate(values, start=1):
            made.put(row, column, value)


def _weeks(made: Made, review: Review, year: Year, tables: Tables) -> None:
    """The last weeks up to the as-of day, each against the target of its days with actuals."""
    monday = review.as_of - timedelta(days=review.as_of.weekday())
    firsts = [monday - timedelta(weeks=n) for n in range(WEEK_ROWS)]
    scope = review.scope
    real = year.actual.of_scope(scope)
    start = date(year.year, 1, 1)
    shown = [day for day in reversed(firsts) if day + timedelta(days=6) >= start]
    for number, day in enumerate(shown, start=1):
        first, last = max(day, start), min(day + timedelta(days=6), review.as_of)
        days = DayRows.of(year, tables, scope, first, last)
        inside = slice((first - start).days, (last - start).days + 1)
        gmv, due, out = (real[name][inside] for name in ("gmv", "gmv_due", "gmv_excluded"))
        known = ~np.isnan(gmv)
        aim, came = float(np.nansum(due)), float((gmv - np.nan_to_num(out))[known].sum())
        key = f"week:{number}"
        made.put(key, 1, f"{first.month}.{first.day}–{last.month}.{last.day}")
        g = days.real("gmv")
        made.put(key, 2, int(known.sum()), f"=COUNT({g})")
        some = bool(known.any())
        made.put(key, 3, aim if some else "", f'=IF(COUNT({g})=0,"",SUM({days.real("gmv_due")}))')
        made.put(key, 4, came if some else "", f'=IF(COUNT({g})=0,"",SUM({g})-{days.summed(days.real("gmv_excluded"), g)})')  # fmt: skip
        c, d = made.ref(key, 3), made.ref(key, 4)
        made.less(key, 5, d, c, came - aim if some else float("nan"))
        made.put(key, 6, came / aim if some and aim > 0 else "", f'=IF(COUNT({c},{d})<2,"",IF({c}<=0,"",{d}/{c}))')  # fmt: skip


def channel_cells(view: View, at: Keyed) -> dict[Spot, Cell]:
    """Return visits by channel and how good earlier forecasts were."""
    rows = [key for key in at.rows if key.startswith("channel:")]
    made = Made(at, {at.spot(key, column): Cell(None) for key in rows for column in (1, 2, 3, 4, 5, 7, 8)})  # fmt: skip
    review = review_of(view.state)
    for key, one in zip(rows, review.visits if review else (), strict=False):
        made.put(key, 1, one.name)
        made.put(key, 2, one.before)
        made.put(key, 3, one.now)
        made.less(key, 4, made.ref(key, 3), made.ref(key, 2), one.now - one.before)
        made.put(key, 5, one.worth)
    for key, effect in zip(rows, review.by_channel if review else (), strict=False):
        made.put(key, 7, effect.name)
        made.put(key, 8, effect.amount)
    _scores(made, view.state)
    return made.cells


def _scores(made: Made, state: BookState) -> None:
    for key in made.at.rows:
        if key.startswith("score:"):
            for column in range(3, 17):
                made.put(key, column, None)
    came, issued = months_over(state.year), issued_of(state)
    for each in scores(issued, came):
        for name in SCORES:
            key = f"score:{each.store}:{name}"
            if key in made.at.rows:
                made.put(key, 3, float(getattr(each, name)))
                made.put(key, 4, each.count)
    for (store, month), each in month_scores(issued, came).items():
        for name in SCORES:
            key = f"score:{store}:{name}"
            if key in made.at.rows:
                made.put(key, month + 4, float(getattr(each, name)))
