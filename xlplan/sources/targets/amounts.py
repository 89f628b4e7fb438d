"""The amount in a cell: its unit, its number format, and what no amount can be."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from xlplan.metrics import METRICS, Unit
from xlplan.plan.targets.claims import Kind
from xlplan.plan.targets.measures import adds, label_of
from xlplan.record import record
from xlplan.regex import regex
from xlplan.sources.numbers import Notation as Written
from xlplan.sources.targets.rows import Line, Rows
from xlplan.sources.targets.units import Scale, shown_by
from xlplan.sources.targets.words import Amount, parse_amount, plain
from xlplan.sources.text import NOT_CALCULATED, Unread, clean

if TYPE_CHECKING:
    from xlplan.sources.targets.labels import Said
    from xlplan.sources.targets.roles import Column

_GROWTH = regex(
    r"(?:(?:较|比)?(?:同比|去年|上年|同期)*(?:增长|增加|提升|上涨|涨|增)?)?([+-]?\d+(?:\.\d+)?%)"
)
_WRITE = "写成 500万、4%、200元、1:2、满200减20 这样"
#: Beyond this a growth without % is taken for percent points typed without the sign.
_MOST_GROWTH = 5
#: A bare number below this under a head in % is taken for a fraction typed by mistake.
_LEAST_PERCENT = 0.002
_PERCENT = 0.01


@record
class Spot:
    """A cell about to be read: its place, its metric, and what its labels say."""

    row: int
    at: int
    metric: str
    told: Said


class Amounts(Rows):
    """Reads the amounts of a table."""

    def amount(self, value: object, scale: float, spot: Spot) -> Amount | None:
        """Read a figure as written; None when nothing stands there or it cannot be read."""
        code = self.grid.table.codes.get((spot.row, spot.at), "")
        text = plain(value) if isinstance(value, str) else ""
        if isinstance(value, float):
            value = round(value, 9)
        growth = _GROWTH.fullmatch(text)
        if (
            growth
            and adds(spot.metric)
            and (spot.told.kind is Kind.GROWTH or growth[1] != text or text[0] in "+-")
        ):
            read = parse_amount(growth[1], year=self.around.year)
            return replace(read, kind=Kind.GROWTH) if isinstance(read, Amount) else None
        read = parse_amount(value, scale=scale, year=self.around.year)
        if read is None:
            return None
        if isinstance(read, Unread):
            self.unread(value, read, spot)
            return None
        percent = read.number.kind is Written.PERCENT or "%" in code
        return self.sensible(
            read, spot, percent=percent, told_percent=scale == _PERCENT and not percent
        )

    def unread(self, value: object, read: Unread, spot: Spot) -> None:
        """Say that a cell could not be read; words in rows nobody knows are no figures."""
        if not spot.metric and isinstance(value, str) and value != NOT_CALCULATED:
            return
        self.problem(spot.row, spot.at, read.what, _WRITE)

    def sensible(
        self, read: Amount, spot: Spot, *, percent: bool, told_percent: bool
    ) -> Amount | None:
        """Refuse a percentage where an amount belongs, and growth that cannot be one."""
        flow = adds(spot.metric) and read.kind is None
        if spot.told.kind is Kind.GROWTH:
            if not percent and abs(read.number.value) >= _MOST_GROWTH:
                self.problem(
                    spot.row,
                    spot.at,
                    f"增长率 {read.number.value:g} 即 {read.number.value:.0%}",
                    "写成带 % 的数，如 25%",
                )
                return None
            return read
        if flow and percent and spot.told.kind not in (Kind.SHARE, Kind.ATTAINMENT):
            self.problem(spot.row, spot.at, f"{label_of(spot.metric)}写成 {clean(self.grid.cells[spot.row][spot.at])}，看不出是增长还是占比",
                "写成金额，或在列名写“同比增长”",
            )  # fmt: skip
            return None
        ratio = spot.metric in METRICS and METRICS[spot.metric].unit is Unit.PERCENT
        if ratio and told_percent and 0 < read.number.value < _LEAST_PERCENT:
            shown = read.number.value * 100
            what = f"{label_of(spot.metric)}的单位是 %，却写着 {shown:g}：是 {shown:.0%} 还是 {shown:g}%？"
            self.problem(spot.row, spot.at, what, "写成带 % 的数，如 4%")
            return None
        if read.date and spot.metric:
            self.problem(
                spot.row, spot.at, f"{label_of(spot.metric)}的位置是日期 {read.date}", _WRITE
            )
            return None
        return read

    def scale(
        self, line: Line, column: Column, metric: str, row: int, kind: Kind
    ) -> tuple[float, str, str]:
        """Return the factor of a bare number, where its unit was found, and what is wrong with it."""
        code = self.grid.table.codes.get((row, column.at), "")
        shown, written = shown_by(code) if code else (1.0, None)
        if isinstance(self.grid.cells[row][column.at], str):
            shown, written = 1.0, None
        if kind in (Kind.GROWTH, Kind.SHARE, Kind.ATTAINMENT):
            unit = written or (
                column.said.unit if column.said.unit and column.said.unit.percent else None
            )
            return (shown * unit.factor if unit else 1.0), "", ""
        if written:
            return _exact(shown * written.factor), "数字格式", ""
        unit, source = self.declared(line, column, metric)
        factor = unit.factor if unit else 1.0
        if shown == 1.0:
            return factor, source, ""
        if unit is None or unit.factor == 1.0 or abs(shown * factor - 1) < 1e-9:
            return 1.0, source or "数字格式", ""
        return (
            1.0,
            source,
            f"单位写的是{unit.text}，数字格式却缩小了 {1 / shown:g} 倍，看不出实际是多少",
        )

    def declared(self, line: Line, column: Column, metric: str) -> tuple[Scale | None, str]:
        """Return the unit closest to a figure that fits its metric."""
        return (
            self.beside_it(line, column, metric)
            or self.around_it(metric)
            or self.neighbour(column, metric)
            or (None, "")
        )

    def beside_it(self, line: Line, column: Column, metric: str) -> tuple[Scale, str] | None:
        """Return the unit of a figure's row or column; the answer given outdoes a head's."""
        if line.unit:
            return line.unit, "单位列"
        if line.label_unit and (line.label_unit.fits(metric) or line.metric):
            return line.label_unit, "行名"
        head = column.said.unit
        named = column.said.metric and not column.said.soft
        answered = self.around.asked is not None and _is_money(metric)
        if head and (head.fits(metric) or named) and not answered:
            return head, f"列名“{column.title}”"
        return None

    def around_it(self, metric: str) -> tuple[Scale, str] | None:
        """Return the unit that was answered, or that a title, the corner or a name states."""
        around = self.around
        if around.asked and _is_money(metric):
            return around.asked, "--unit"
        for unit, source in (
            (self.banner.unit, "小标题"),
            (self.corner, "表头"),
            (around.unit, around.unit_from),
        ):
            if unit and unit.fits(metric):
                return unit, source
        return None

    def neighbour(self, column: Column, metric: str) -> tuple[Scale, str] | None:
        """Return the unit of the other columns of this metric: 全年(万元) beside 1月 … 12月."""
        heads = [
            c for c in self.figures
            if c.said.unit and c.said.unit.fits(metric) and not c.said.aside and c.said.metric in ("", metric)
        ]  # fmt: skip
        factors = {c.said.unit.factor for c in heads if c.said.unit}
        bare = not column.said.metric or column.said.soft or column.said.metric == metric
        if len(factors) == 1 and bare and heads[0].said.unit:
            return heads[0].said.unit, f"旁边的列名“{heads[0].title}”"
        return None


def _is_money(metric: str) -> bool:
    """Whether a metric is an amount of money that adds up."""
    return adds(metric) and (metric not in METRICS or METRICS[metric].unit is Unit.MONEY)


def _exact(factor: float) -> float:
    return round(factor, 9)
