"""The numbers of a written plan, straight from the book: tables and charts, nothing kept."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from xlplan.books.paper import Grid
from xlplan.books.paperchart import Drawing, Line
from xlplan.plan import rollup
from xlplan.plan.parts.year import PartYear
from xlplan.sheets.state.layout import built_tables
from xlplan.sheets.year.derived import ATTAINED, ORDER, YearView
from xlplan.sheets.year.page import year_as_built

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from xlplan.plan.days.events import Event
    from xlplan.sheets.state.book import BookState

    Floats = NDArray[np.float64]

TARGET, ACTUAL, RATIO = "A9B8C9", "1F3A5F", "C77700"
_SHADES = ("1F3A5F", "4A90A4", "C77700", "8D6E63", "6A1B9A", "7CB342", "90A4AE", "D9A441")
_MONTHS = [f"{month}月" for month in range(1, 13)]
_KINDS = {"c": "品类", "p": "平台"}
NONE = "—"


def wan(value: float) -> str:
    """Return yuan in 万, a dash for what is not known."""
    return NONE if np.isnan(value) else f"{value / 10_000:,.1f}"


def count(value: float) -> str:
    """Return a whole number."""
    return NONE if np.isnan(value) else f"{value:,.0f}"


def percent(value: float, digits: int = 1) -> str:
    """Return a share."""
    return NONE if np.isnan(value) else f"{value:.{digits}%}"


def times(value: float) -> str:
    """Return a multiple or a price."""
    return NONE if np.isnan(value) else f"{value:,.2f}"


class Figures:
    """The numbers of a book's plan and actuals.

    Args:
        state: What the book says.
    """

    def __init__(self, state: BookState) -> None:
        self.state, self.year = state, state.year
        self._views: dict[str, YearView] = {}

    @property
    def scope(self) -> str:
        """All stores together, or the only one."""
        return self.year.scopes[0]

    def values(self, scope: str = "") -> dict[str, Floats]:
        """Return row of 年度规划 → (12 months, 4 quarters, year) of a scope."""
        scope = scope or self.scope
        if scope not in self._views:
            self._views[scope] = YearView(self.year, scope, year_as_built(self.year), built_tables(self.year))  # fmt: skip
        return self._views[scope].values

    def of_year(self, name: str, scope: str = "") -> float:
        """Return a figure of the whole year; NaN when it is not known."""
        found = self.values(scope).get(name)
        return float("nan") if found is None else float(found[-1])

    def window(self, name: str, first: int, last: int, *, store: str = "") -> float:
        """Return planned sums of days (positions in the year) of a scope."""
        cube = self.year.planned.of_scope(store or self.scope)
        values = cube[name][max(first, 0) : last + 1]
        return float("nan") if np.isnan(values).all() else float(np.nansum(values))

    def goals(self) -> Grid:
        """Return the year's targets of every scope."""
        rows = []
        for scope in self.year.scopes:
            get = partial(self.of_year, scope=scope)
            rows.append([
                scope, wan(get("gmv_target")), count(get("uv_target")), percent(get("cvr_target"), 2),
                times(get("aov_target")), wan(get("spend_target")), times(get("roi_target")), percent(get("refund_rate_target")),
            ])  # fmt: skip
        heads = (
            "店铺",
            "销售额(万元)",
            "UV",
            "转化率",
            "客单价(元)",
            "推广费(万元)",
            "ROI",
            "退款率",
        )
        return Grid(heads, rows, (1.7, 1.4, 1.3, 1.0, 1.2, 1.4, 0.8, 1.0))

    def periods(self) -> Grid:
        """Return quarters and months of the targets."""
        values = self.values()
        rows = []
        names = {f"q:{n}": f"{'一二三四'[n - 1]}季度" for n in range(1, 5)} | {"y": "全年"}
        order = [
            key
            for q in range(1, 5)
            for key in (*(f"m:{m}" for m in range(3 * q - 2, 3 * q + 1)), f"q:{q}")
        ]
        for key in [*order, "y"]:
            at = ORDER.index(key)
            share = values["gmv_target"][at] / values["gmv_target"][-1] if values["gmv_target"][-1] else float("nan")  # fmt: skip
            uv = values.get("uv_target", np.full(17, np.nan))[at]
            rows.append([
                names.get(key, f"{key[2:]}月"), wan(values["gmv_target"][at]), percent(share), count(uv),
                percent(values["cvr_target"][at], 2), times(values["aov_target"][at]), wan(values["spend_target"][at]),
            ])  # fmt: skip
        heads = ("期间", "销售额(万元)", "占全年", "UV", "转化率", "客单价(元)", "推广费(万元)")
        return Grid(heads, rows, total=True, strong=(3, 7, 11, 15))

    def months_chart(self) -> Drawing:
        """Return the months' targets, and what was reached."""
        values = self.values()
        series = [Line("目标", _list(values["gmv_target"][:12] / 10_000), TARGET)]
        if not np.isnan(values["gmv_net"][:12]).all():
            series.append(Line("实际", _list(values["gmv_net"][:12] / 10_000), ACTUAL))
        return Drawing("各月销售额（万元）", _MONTHS, series)

    def reached(self) -> Grid | None:
        """Return target, actual and like-for-like attainment by scope; None before the first actuals."""
        if self.year.as_of is None:
            return None
        rows = []
        for scope in self.year.scopes:
            target, actual = self.of_year("gmv_target", scope), self.of_year("gmv_net", scope)
            rate = self.of_year(ATTAINED, scope)
            due = actual / rate if rate else float("nan")
            rows.append([
                scope, wan(target), wan(due), wan(actual), percent(rate), percent(self.of_year("cvr", scope), 2),
                times(self.of_year("aov", scope)), times(self.of_year("roi", scope)), percent(self.of_year("refund_rate", scope)),
            ])  # fmt: skip
        heads = ("店铺", "全年目标(万元)", "同期目标(万元)", "实际(万元)", "达成率", "转化率", "客单价(元)", "ROI", "退款率")  # fmt: skip
        return Grid(heads, rows, (1.6, 1.3, 1.3, 1.2, 1.0, 1.0, 1.1, 0.8, 1.0))

    def parts(self, kind: str) -> Grid | None:
        """Return categories (``c``) or platforms (``p``) by quarter; None without any."""
        parts = PartYear(self.year, self.state.splits, kind)
        amounts = np.array(parts.amounts, dtype=np.float64)
        for month in parts.agreed:
            agreed = parts.grid(month).stores().sum(axis=1) / 100.0
            known = ~np.isnan(amounts[:, month])
            amounts[known, month] = agreed[known]
        rows = []
        total = float(np.nansum(amounts))
        for name, months in zip(parts.names, amounts, strict=True):
            if name and not np.isnan(months).all():
                quarters = [float(np.nansum(months[3 * q : 3 * q + 3])) for q in range(4)]
                share = sum(quarters) / total if total else float("nan")
                rows.append([name, *map(wan, quarters), wan(sum(quarters)), percent(share)])
        heads = (_KINDS[kind], "一季度", "二季度", "三季度", "四季度", "全年(万元)", "占比")
        return Grid(heads, rows) if rows else None

    def channels(self) -> tuple[Grid, Drawing] | None:
        """Return promotion money by channel and quarter, and its months drawn; None without any."""
        groups = self.year.calendar.days["month"].to_numpy() - 1
        cube = self.year.planned.of_scope(self.scope)
        rows, series, sums, total = [], [], [], np.zeros(12)
        for number, channel in enumerate(self.year.metrics.channels):
            values = cube.get(f"spend_{channel.key}")
            if values is None or not np.nansum(values) > 0:
                continue
            months = np.nan_to_num(rollup.sums(values, groups, 12))
            total += months
            quarters = [float(months[3 * q : 3 * q + 3].sum()) for q in range(4)]
            rows.append([channel.label, *map(wan, quarters), wan(float(months.sum()))])
            sums.append(float(months.sum()))
            series.append(Line(channel.label, _list(months / 10_000), _SHADES[number % len(_SHADES)]))  # fmt: skip
        if not rows:
            return None
        for row, spent in zip(rows, sums, strict=True):
            row.append(percent(spent / float(total.sum())))
        quarters = [float(total[3 * q : 3 * q + 3].sum()) for q in range(4)]
        rows.append(["合计", *map(wan, quarters), wan(float(total.sum())), "100.0%"])
        heads = ("渠道", "一季度", "二季度", "三季度", "四季度", "全年(万元)", "占比")
        drawing = Drawing("各月推广费（万元）", _MONTHS, series, "#,##0.0", stacked=True)
        return Grid(heads, rows, total=True), drawing

    def campaigns(self) -> Grid | None:
        """Return the campaigns of the year: days, planned sales, share of the promotion money."""
        rows = []
        for event in self._events():
            first, last = (self._place(day) for day in (event.start, event.end))
            phases = "、".join(phase.name for phase in event.phases if phase.end >= (event.start - event.anchor).days)  # fmt: skip
            rows.append([
                event.name + ("（预估）" if event.provisional else ""), f"{event.start:%m-%d} 至 {event.end:%m-%d}",
                event.platform, wan(self.window("gmv", first, last)), percent(event.budget_share, 0) if event.budget_share else NONE, phases,
            ])  # fmt: skip
        heads = ("活动", "日期", "平台", "计划销售额(万元)", "推广费占比", "阶段")
        return Grid(heads, rows, (1.5, 1.7, 0.9, 1.3, 1.0, 2.6), 3, wordy=(5,)) if rows else None

    def _events(self) -> Sequence[Event]:
        mine = (e for e in self.year.calendar.events if e.enabled and e.edition == self.year.year)
        return sorted(mine, key=lambda event: event.start)

    def _place(self, day: object) -> int:
        days = self.year.calendar.days.index
        return int((np.datetime64(str(day)) - np.datetime64(days[0])).astype("timedelta64[D]").astype(int))  # fmt: skip


def _list(values: Floats) -> list[float | None]:
    return [None if np.isnan(value) else round(float(value), 4) for value in values]
