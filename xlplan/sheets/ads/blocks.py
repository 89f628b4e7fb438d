"""The blocks of 推广 as cells: channels to date, by month, by campaign phase; all live."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from xlplan.cells import Cell
from xlplan.plan.ads.curves import break_even_roi
from xlplan.plan.days.periods import months
from xlplan.record import bundle
from xlplan.sheets.ads.layout import ADS_SAID, ALL, BY_MONTH, STRETCHES
from xlplan.sheets.ads.record import ads_of
from xlplan.sheets.base.making import Made
from xlplan.sheets.base.words import MONEY, SIGNED, Words
from xlplan.sheets.review.working import DayRows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from xlplan.cells import Spot
    from xlplan.plan.days.periods import Period
    from xlplan.plan.exact.units import Floats
    from xlplan.plan.year import Year
    from xlplan.sheets.ads.record import AdsAsked, ChannelAnswer
    from xlplan.sheets.base.making import Keyed
    from xlplan.sheets.base.sheet import View

#: Part of the state: what people type on 推广.
AD_TERMS = "ad_terms"
#: Columns that a block fills.
WIDE = {"say": 1, "term": 3, "channel": 18, "month": 15, "event": 20}


def ads_cells(view: View, at: Keyed) -> dict[Spot, Cell]:
    """Return what follows from the last look and the tables; empty cells without one."""
    made = Made(at, dict.fromkeys(_places(at), Cell(None)))
    asked = ads_of(view.state)
    if asked is None:
        made.put("title", 1, "推广")
        made.put("about", 1, "还没有看过：运行“推广”（xlplan ads）")
        return made.cells
    year = view.year
    made.put("title", 1, f"推广 · {year.year}年 · {asked.scope}")
    made.put("about", 1, f"截止 {asked.as_of}。成交与平均 ROI 是平台归因的：含本来就会来的顾客，不等于广告带来的。")  # fmt: skip
    look = _Look(made, view, asked)
    look.terms()
    look.channels()
    look.by_month()
    look.by_phase()
    look.say()
    return made.cells


def _places(at: Keyed) -> Iterable[Spot]:
    """Yield the cells that a look fills."""
    for key in at.rows:
        block = key.partition(":")[0]
        first = {"term": 2, "month": 3}.get(block, 1)
        if key == "term:margin":
            continue
        for column in range(first, WIDE.get(block, 0) + 1):
            yield at.spot(key, column)


@bundle
class _Look:
    """One look at the channels of a scope, being put into cells."""

    made: Made
    view: View
    asked: AdsAsked

    @property
    def year(self) -> Year:
        return self.view.year

    @property
    def start(self) -> date:
        return date(self.year.year, 1, 1)

    @property
    def keys(self) -> list[str]:
        return [channel.key for channel in self.year.metrics.channels]

    def rows(self, first: date, last: date) -> DayRows:
        """Return the rows of the hidden tables of a stretch of days."""
        return DayRows.of(self.year, self.view.at.tables, self.asked.scope, first, last)

    def days(self, name: str, first: date, last: date, *, plan: bool = False) -> Floats:
        """Return the values of a stretch of days."""
        cube = self.year.planned if plan else self.year.actual
        inside = slice((first - self.start).days, (last - self.start).days + 1)
        return np.asarray(cube.of_scope(self.asked.scope)[name][inside], np.float64)

    def terms(self) -> None:
        """口径: margin (typed), refund rate of settled days, break-even ROI, least ROI."""
        made, asked = self.made, self.asked
        margin = _number(self.view.state.own.get(AD_TERMS, {}).get("margin"))
        made.put("term:margin", 3, "填了才算保本 ROI；可写 40%")
        ripe = asked.as_of - timedelta(days=self.year.settings.maturity_days)
        rate = float("nan")
        if ripe >= self.start:
            days = self.rows(self.start, ripe)
            back, gmv = days.real("refund_amount"), days.real("gmv")
            sold = f"({days.summed(gmv, gmv, back)}-{days.summed(days.real('gmv_excluded'), gmv, back)})"  # fmt: skip
            returned, sales = (self.days(n, self.start, ripe) for n in ("refund_amount", "gmv"))
            net = sales - np.nan_to_num(self.days("gmv_excluded", self.start, ripe))
            known = ~np.isnan(returned) & ~np.isnan(sales)
            total = float(net[known].sum())
            rate = float(returned[known].sum()) / total if total > 0 else float("nan")
            made.put("term:refund", 2, rate, f'=IF({sold}<=0,"",{days.summed(back, gmv, back)}/{sold})')  # fmt: skip
        made.put("term:refund", 3, "按支付金额；最近几天还会增加，不算进来")
        m, r = made.ref("term:margin", 2), made.ref("term:refund", 2)
        taken = 0.0 if np.isnan(rate) else min(max(rate, 0.0), 0.99)
        even = break_even_roi(margin, taken) if margin and 0 < margin <= 1 else ""
        made.put("term:even", 2, even, f'=IF(COUNT({m})=0,"",IF(OR({m}<=0,{m}>1),"",1/({m}*(1-MIN(MAX(N({r}),0),0.99)))))')  # fmt: skip
        made.put("term:even", 3, "1 ÷（毛利率 ×（1 − 退款率））：低于它，卖得越多亏得越多")
        if asked.least is not None:
            made.put("term:least", 2, asked.least)
            made.put("term:least", 3, f"指{asked.least_is} ROI（{'最后一元' if asked.least_is == '边际' else '全部花费'}带来的）")  # fmt: skip

    def channels(self) -> None:
        """Each channel to date: spent, planned for the same days, credited sales, ROI, the gate."""
        answers = {one.key: one for one in self.asked.answers}
        names = {channel.key: channel.label for channel in self.year.metrics.channels}
        days = self.rows(self.start, self.asked.as_of)
        for key in self.keys:
            row = f"channel:{key}"
            self.made.put(row, 1, names[key])
            self._spent(row, key, days)
            self._answer(row, answers.get(key))
        first, last = f"channel:{self.keys[0]}", f"channel:{self.keys[-1]}"
        row = f"channel:{ALL}"
        self.made.put(row, 1, "合计")
        for column in (2, 3, 6, 8, 11, 12):
            values = [self.made.number(f"channel:{key}", column) for key in self.keys]
            known = [v for v in values if not np.isnan(v)]
            cells = self.made.at.down(first, last, column)
            self.made.put(row, column, sum(known) if known else "", f'=IF(COUNT({cells})=0,"",SUM({cells}))')  # fmt: skip
        for one in (*(f"channel:{key}" for key in self.keys), row):
            self._ratios(one)

    def _spent(self, row: str, key: str, days: DayRows) -> None:
        """Columns 2, 3, 6 and 8: money, plan of the same days, credited sales and their money."""
        made, end = self.made, self.asked.as_of
        spend, brought = self.days(f"spend_{key}", self.start, end), self.days(f"gmv_{key}", self.start, end)  # fmt: skip
        planned = np.nan_to_num(self.days(f"spend_{key}", self.start, end, plan=True))
        s, g, p = days.real(f"spend_{key}"), days.real(f"gmv_{key}"), days.plan(f"spend_{key}")
        known, both = ~np.isnan(spend), ~np.isnan(spend) & ~np.isnan(brought)
        made.put(row, 2, float(spend[known].sum()) if known.any() else "", f'=IF(COUNT({s})=0,"",SUM({s}))')  # fmt: skip
        made.put(row, 3, float(planned[known].sum()) if known.any() else "", f'=IF(COUNT({s})=0,"",{days.summed(p, s)})')  # fmt: skip
        count = f'COUNTIFS({s},"<>",{g},"<>")=0'
        for column, values, cells in ((6, brought, g), (8, spend, s)):
            made.put(row, column, float(values[both].sum()) if both.any() else "", f'=IF({count},"",{days.summed(cells, s, g)})')  # fmt: skip

    def _ratios(self, row: str) -> None:
        """Columns 4, 5, 7 and 9: difference, share of all, average ROI, and against break-even."""
        made = self.made
        spent, planned, brought, paid, roi = (made.ref(row, n) for n in (2, 3, 6, 8, 7))
        s, p, b, c = (made.number(row, n) for n in (2, 3, 6, 8))
        made.less(row, 4, spent, planned, s - p)
        whole, total = made.ref(f"channel:{ALL}", 2), made.number(f"channel:{ALL}", 2)
        share = s / total if total > 0 else float("nan")
        made.put(row, 5, share, f'=IF(COUNT({spent},{whole})<2,"",IF({whole}<=0,"",{spent}/{whole}))')  # fmt: skip
        value = b / c if c > 0 else float("nan")
        made.put(row, 7, value, f'=IF(COUNT({brought},{paid})<2,"",IF({paid}<=0,"",{brought}/{paid}))')  # fmt: skip
        even, least = made.ref("term:even", 2), made.number("term:even", 2)
        told = "" if np.isnan([value, least]).any() else "够保本" if value >= least else "低于保本"
        made.put(row, 9, told, f'=IF(COUNT({roi},{even})<2,"",IF({roi}>={even},"够保本","低于保本"))')  # fmt: skip

    def _answer(self, row: str, answer: ChannelAnswer | None) -> None:
        """Columns 10 to 14 and 18: what the gate answers; the engine's, no formula can say it."""
        if answer is None:
            return
        bounds = [
            *([f"不低于 {answer.floor:,.0f}"] if answer.floor is not None and not answer.held else []),
            *([f"不高于 {answer.cap:,.0f}"] if answer.cap is not None and not answer.held else []),
            *(["锁住"] if answer.held else []),
        ]  # fmt: skip
        values = (answer.marginal, answer.weekly, answer.proposed, "；".join(bounds), answer.gate, answer.remedy)  # fmt: skip
        for column, value in zip((10, 11, 12, 13, 14, 18), values, strict=True):
            self.made.put(row, column, value)

    def by_month(self) -> None:
        """Each channel by month: plan, money spent, credited sales, average ROI."""
        for column, month in enumerate(range(1, 13), start=3):
            self._month(column, months(self.year.year, month, month))
        for key in (*self.keys, ALL):
            for name in BY_MONTH:
                row = f"month:{key}:{name}"
                if name == "roi":
                    for column in range(3, 16):
                        self._roi(key, column)
                    continue
                cells = f"{self.made.ref(row, 3)}:{self.made.ref(row, 14)}"
                values = [self.made.number(row, n) for n in range(3, 15)]
                known = [v for v in values if not np.isnan(v)]
                self.made.put(row, 15, sum(known) if known else "", f'=IF(COUNT({cells})=0,"",SUM({cells}))')  # fmt: skip
        for key in (*self.keys, ALL):
            self._roi(key, 15)

    def _month(self, column: int, period: Period) -> None:
        end = min(period.last, self.asked.as_of)
        whole = self.rows(period.first, period.last)
        past = self.rows(period.first, end) if end >= period.first else None
        for key in self.keys:
            plan = self.days(f"spend_{key}", period.first, period.last, plan=True)
            self._sum(f"month:{key}:plan", column, whole.plan(f"spend_{key}"), plan)
            if past is None:
                continue
            spend, brought = (self.days(f"{n}_{key}", period.first, end) for n in ("spend", "gmv"))
            s, g = past.real(f"spend_{key}"), past.real(f"gmv_{key}")
            self._sum(f"month:{key}:real", column, s, spend)
            both = ~np.isnan(spend) & ~np.isnan(brought)
            count = f'COUNTIFS({s},"<>",{g},"<>")=0'
            for name, values, cells in (("brought", brought, g), ("paid", spend, s)):
                value = float(values[both].sum()) if both.any() else ""
                self.made.put(f"month:{key}:{name}", column, value, f'=IF({count},"",{past.summed(cells, s, g)})')  # fmt: skip
        for name in ("plan", "real", "brought", "paid"):
            each = [self.made.ref(f"month:{key}:{name}", column) for key in self.keys]
            sums = [self.made.number(f"month:{key}:{name}", column) for key in self.keys]
            known = [v for v in sums if not np.isnan(v)]
            joined = ",".join(each)
            self.made.put(f"month:{ALL}:{name}", column, sum(known) if known else "", f'=IF(COUNT({joined})=0,"",SUM({joined}))')  # fmt: skip

    def _sum(self, row: str, column: int, cells: str, values: Floats) -> None:
        known = not np.isnan(values).all()
        self.made.put(row, column, float(np.nansum(values)) if known else "", f'=IF(COUNT({cells})=0,"",SUM({cells}))')  # fmt: skip

    def _roi(self, key: str, column: int) -> None:
        brought, spent = f"month:{key}:brought", f"month:{key}:paid"
        b, s = self.made.ref(brought, column), self.made.ref(spent, column)
        above, below = self.made.number(brought, column), self.made.number(spent, column)
        value = above / below if below > 0 else float("nan")
        self.made.put(f"month:{key}:roi", column, value, f'=IF(COUNT({b},{s})<2,"",IF({s}<=0,"",{b}/{s}))')  # fmt: skip

    def by_phase(self) -> None:
        """Each stretch of a campaign: plan and actual of every channel, sales, and money's share."""
        found = stretches(self.year)
        for number, (name, phase, first, last) in enumerate(found[:STRETCHES], start=1):
            end = min(last, self.asked.as_of)
            for side, until in (("plan", last), ("real", end)):
                row = f"event:{number}:{side}"
                if until < first:
                    continue
                told = f"{first.month}.{first.day}–{last.month}.{last.day}"
                for column, text in enumerate((name, phase, told, "计划" if side == "plan" else "实际"), start=1):  # fmt: skip
                    self.made.put(row, column, text)
                self._stretch(row, first, until, plan=side == "plan")

    def _stretch(self, row: str, first: date, last: date, *, plan: bool) -> None:
        rows = self.rows(first, last)
        of = rows.plan if plan else rows.real
        self._sum(row, 5, of("gmv"), self.days("gmv", first, last, plan=plan))
        for column, key in enumerate(self.keys[:13], start=8):
            name = f"spend_{key}"
            self._sum(row, column, of(name), self.days(name, first, last, plan=plan))
        end = 7 + len(self.keys[:13])
        cells = f"{self.made.ref(row, 8)}:{self.made.ref(row, end)}"
        values = [self.made.number(row, n) for n in range(8, end + 1)]
        known = [v for v in values if not np.isnan(v)]
        self.made.put(
            row, 6, sum(known) if known else "", f'=IF(COUNT({cells})=0,"",SUM({cells}))'
        )
        money, sales = self.made.ref(row, 6), self.made.ref(row, 5)
        share = self.made.number(row, 6) / sold if (sold := self.made.number(row, 5)) > 0 else float("nan")  # fmt: skip
        self.made.put(row, 7, share, f'=IF(COUNT({money},{sales})<2,"",IF({sales}<=0,"",{money}/{sales}))')  # fmt: skip

    def say(self) -> None:
        """Say what the cells below come to."""
        made, row = self.made, f"channel:{ALL}"
        words = Words().say("各渠道已花 ").number(made.ref(row, 2), made.value(row, 2), MONEY)
        words.say("，同样这些天的计划 ").number(made.ref(row, 3), made.value(row, 3), MONEY)
        words.say("（").number(made.ref(row, 4), made.value(row, 4), SIGNED).say(
            "）；平台归因成交 "
        )
        words.number(made.ref(row, 6), made.value(row, 6), MONEY).say("，平均 ROI ")
        words.number(made.ref(row, 7), made.value(row, 7), "#,##0.00").say("。")
        first, last = f"channel:{self.keys[0]}", f"channel:{self.keys[-1]}"
        bands, marginal = made.at.down(first, last, 9), made.at.down(first, last, 10)
        under = sum(made.value(f"channel:{key}", 9) == "低于保本" for key in self.keys)
        even = made.value("term:even", 2)
        known = Words().say("保本 ROI ").number(made.ref("term:even", 2), even, "#,##0.00")
        known.say("；平均 ROI 低于保本的渠道 ").number(f'COUNTIF({bands},"低于保本")', under, "0").say(" 个。")  # fmt: skip
        none = Words().say("没有填毛利率，不算保本 ROI。")
        second = Words().either(f"COUNT({made.ref('term:even', 2)})>0", even != "", known, none)
        count = sum(not np.isnan(made.number(f"channel:{key}", 10)) for key in self.keys)
        third = Words().say("能算边际 ROI 的渠道 ").number(f"COUNT({marginal})", count, "0")
        third.say(" 个；其余的数据分不清多花一元带来多少，见“闸门”一列。")
        for number, each in enumerate((words, second, third), start=1):
            cell = each.put()
            made.put(f"say:{number}", 1, cell.value, cell.formula)
        for number, text in enumerate(self.asked.told[: ADS_SAID - 3], start=4):
            made.put(f"say:{number}", 1, text)


def stretches(year: Year) -> list[tuple[str, str, date, date]]:
    """Return (campaign, phase, first day, last day) of every stretch of campaign days, in order."""
    days = year.calendar.days
    found: list[tuple[str, str, date, date]] = []
    for stamp, name, phase in zip(days.index, days["event"], days["event_phase"], strict=True):
        day = stamp.date()
        if not name:
            continue
        if found and found[-1][:2] == (name, phase) and found[-1][3] == day - timedelta(days=1):
            found[-1] = (name, phase, found[-1][2], day)
        else:
            found.append((str(name), str(phase), day, day))
    return found


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def term_cells(own: Mapping[str, Any], at: Keyed) -> dict[Spot, Cell]:
    """Return what people type on the sheet."""
    return {at.spot("term:margin", 2): Cell(own.get("margin"))}
