"""底稿 of 复盘: each store's sums from the hidden tables, and what it adds to the bridge.

Columns: 1 store · 2 days with actuals · 3 days lacking · 4 days known in full · 5–7 sales, visits,
orders before · 8–10 the same now · 11 other days · 12, 13 their sales before and now · 14 how it is
taken apart · 15 logarithmic mean · 16–22 the lines of the bridge · 23 gap · 24–27 promotion money and
sales, planned and actual · 28–31 what 退款率 is made of · 32, 33 refund money.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from xlplan.cells import Cell, Style, letters, quoted
from xlplan.plan.exact.units import excel_round
from xlplan.plan.explain.basis import LUMP, SPLIT, STEPS, Basis, basis, effects
from xlplan.plan.explain.basis import refund_parts as parts_of
from xlplan.plan.variance import ADDED, MIX, STOPPED, log_mean
from xlplan.plan.year import TOTAL
from xlplan.record import bundle
from xlplan.sheets.base import look
from xlplan.sheets.review.layout import OTHERS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from xlplan.cells import Spot
    from xlplan.plan.explain.basis import Segment
    from xlplan.plan.year import Year
    from xlplan.sheets.base.making import Keyed
    from xlplan.sheets.base.tables import TableAt, Tables
    from xlplan.sheets.review.record import Review

HEADS = (
    "店铺", "有实际天数", "缺数天数", "三项齐天数", "目标销售额", "目标UV", "目标笔数", "实际销售额", "实际UV", "实际笔数",
    "其余天数", "其余目标", "其余实际", "方式", "对数均值 L", *STEPS, "差额",
    "推广费目标", "同日目标销售额", "推广费实际", "同日销售额", "退款目标", "退款率分母目标", "退款实际", "退款率分母实际", "退款金额目标", "退款金额实际",
)  # fmt: skip
LAST_HEADS = tuple(
    name.replace("目标", "去年").replace("实际", "今年") if n < 23 else ""
    for n, name in enumerate(HEADS)
)
_NUMBER = Style(look.DERIVED.state, number="#,##0.00", size=9)
_COUNT = Style(look.DERIVED.state, number="#,##0", size=9)
_COUNTED = frozenset({2, 3, 4, 6, 7, 9, 10, 11})


@bundle
class DayRows:
    """Rows of the hidden tables that hold a scope's days of a period, for formulas."""

    tables: Tables
    top: int
    bottom: int

    @classmethod
    def of(cls, year: Year, tables: Tables, scope: str, first: date, last: date) -> DayRows:
        """Return a scope's days from `first` to `last`; none when `last` is before."""
        days = len(year.calendar.days)
        start = year.calendar.days.index[0].date()
        offset = year.scopes.index(scope) * days + 2
        return cls(tables, offset + (first - start).days, offset + (last - start).days)

    def __bool__(self) -> bool:
        return self.bottom >= self.top

    def real(self, name: str) -> str:
        """Return the actuals of a metric."""
        return self._of(self.tables.actual, name)

    def plan(self, name: str) -> str:
        """Return the plan of a metric."""
        return self._of(self.tables.plan, name)

    def _of(self, table: TableAt, name: str) -> str:
        column = letters(table.columns[name])
        return f"{quoted(table.sheet)}${column}${self.top}:${column}${self.bottom}"

    def summed(self, values: str, *known: str) -> str:
        """Return the sum of a range over the days on which all the others are known."""
        tests = "".join(f',{one},"<>"' for one in known)
        return f"SUMIFS({values}{tests})"


def figure_style(column: int) -> Style:
    """Return how a figure behind looks."""
    if column in (1, 14):
        return Style(look.DERIVED.state, size=9)
    return _COUNT if column in _COUNTED else _NUMBER


def looked_at(review: Review, year: Year) -> list[str]:
    """Return the stores of a review."""
    return [s for s in year.stores if review.scope in (s, TOTAL)]


def bases_of(review: Review, year: Year) -> list[Basis]:
    """Return the sums of a review's stores."""
    return [basis(year, store, review.first, review.last, review.as_of) for store in looked_at(review, year)]  # fmt: skip


def base_cells(review: Review, year: Year, tables: Tables, at: Keyed) -> dict[Spot, Cell]:
    """Return plan and actuals of each store, with live formulas."""
    found = bases_of(review, year)
    cells: dict[Spot, Cell] = {}
    end, young = min(review.last, review.as_of), year.settings.maturity_days
    ripe = min(end, review.as_of - timedelta(days=young))
    for one in found:
        days = DayRows.of(year, tables, one.name, review.first, end)
        settled = DayRows.of(year, tables, one.name, review.first, ripe)
        _sums(cells, f"base:{one.name}", one, days, at)
        _costs(cells, f"base:{one.name}", one, (days, settled), year, at)
    _apart(cells, "base", found, at, live=True)
    _totals(cells, "base", found, at, year.stores)
    return cells


def last_cells(review: Review, year: Year, at: Keyed) -> dict[Spot, Cell]:
    """Return last year's comparable days and the actuals of each store; the effects are live."""
    found = review.last_year
    cells: dict[Spot, Cell] = {}
    for one in found:
        values = (*one.start, *one.end, one.rest_days, *one.rest)
        for column, value in zip(range(5, 14), values, strict=True):
            cells[at.spot(f"last:{one.name}", column)] = Cell(value, "", figure_style(column))
        cells[at.spot(f"last:{one.name}", 1)] = Cell(one.name, "", figure_style(1))
        cells[at.spot(f"last:{one.name}", 4)] = Cell(one.days, "", figure_style(4))
    _apart(cells, "last", found, at, live=False)
    _totals(cells, "last", found, at, [*year.stores, OTHERS])
    return cells


def _sums(cells: dict[Spot, Cell], key: str, one: Basis, days: DayRows, at: Keyed) -> None:
    """Columns 1 to 13: what was planned and what came, over the same days."""
    gmv, uv, orders = (days.real(name) for name in ("gmv", "uv", "orders"))
    full = (gmv, uv, orders)
    less_x = f"{days.summed(gmv, gmv)}-{days.summed(days.real('gmv_excluded'), gmv)}"
    put = _putter(cells, key, at)
    put(1, one.name, "")
    put(2, one.known, f"=COUNT({gmv})")
    put(3, one.lacking, f'=COUNTIFS({days.plan("gmv")},">0",{gmv},"")')
    put(4, one.days, f'=COUNTIFS({gmv},"<>",{uv},"<>",{orders},"<>")')
    for column, name, value in zip((5, 6, 7), ("gmv", "uv", "orders"), one.start, strict=True):
        put(column, value, f"={days.summed(days.plan(name), *full)}")
    put(8, one.end[0], f"={days.summed(gmv, *full)}-{days.summed(days.real('gmv_excluded'), *full)}")  # fmt: skip
    put(9, one.end[1], f"={days.summed(uv, *full)}")
    put(10, one.end[2], f"={days.summed(orders, *full)}-{days.summed(days.real('orders_excluded'), *full)}")  # fmt: skip
    put(11, one.rest_days, f"={at.ref(key, 2)}-{at.ref(key, 4)}")
    put(
        12,
        excel_round(one.rest[0], 4),
        f"=ROUND({days.summed(days.plan('gmv'), gmv)}-{at.ref(key, 5)},4)",
    )
    put(13, excel_round(one.rest[1], 4), f"=ROUND({less_x}-{at.ref(key, 8)},4)")


def _costs(  # noqa: PLR0913, PLR0917  # two stretches of days of one row
    cells: dict[Spot, Cell],
    key: str,
    one: Basis,
    blocks: tuple[DayRows, DayRows],
    year: Year,
    at: Keyed,
) -> None:
    """Columns 24 to 33: promotion money, refunds."""
    days, settled = blocks
    put = _putter(cells, key, at)
    names = [f"spend_{channel.key}" for channel in year.metrics.channels]
    gmv = days.real("gmv")
    told = "+".join(f'({days.real(name)}<>"")' for name in names)
    mask = f'(({told})>0)*({gmv}<>"")'
    formulas = (
        f"SUMPRODUCT({mask}*({'+'.join(map(days.plan, names))}))",
        f"SUMPRODUCT({mask}*{days.plan('gmv')})",
        f"SUMPRODUCT({mask}*({'+'.join(map(days.real, names))}))",
        f"SUMPRODUCT({mask}*{gmv})-SUMPRODUCT({mask}*{days.real('gmv_excluded')})",
    )
    for column, value, formula in zip(range(24, 28), one.spend, formulas, strict=True):
        put(column, value, f"={formula}")
    if settled:
        above, below = parts_of(year)
        known = (settled.real(above), settled.real(below))
        ranges = (settled.plan(above), settled.plan(below), *known)
        for column, value, values in zip(range(28, 32), one.refunds, ranges, strict=True):
            put(column, value, f"={settled.summed(values, *known)}")
    back = days.real("refund_amount")
    put(32, one.refund[0], f"={days.summed(days.plan('refund_amount'), gmv, back)}")
    put(33, one.refund[1], f"={days.summed(back, gmv, back)}")


def _putter(cells: dict[Spot, Cell], key: str, at: Keyed) -> Callable[[int, object, str], None]:
    def put(column: int, value: object, formula: str) -> None:
        cells[at.spot(key, column)] = Cell(value, formula, figure_style(column))  # type: ignore[arg-type]

    return put


def _apart(
    cells: dict[Spot, Cell], block: str, found: Sequence[Segment], at: Keyed, *, live: bool
) -> None:
    """Columns 14 to 23: how a store is taken apart, and what it adds."""
    for one, made in zip(found, effects(found), strict=True):
        key = f"{block}:{one.name}"
        put = _putter(cells, key, at)
        g0, u0, o0, g1, u1, o1, rest, r0, r1, how, mean = (at.ref(key, n) for n in range(5, 16))
        six = ",".join(f"{cell}>0" for cell in (g0, u0, o0, g1, u1, o1))
        kind = f'=IF({at.ref(key, 4)}=0,"",IF(AND({six}),"{SPLIT}",IF({g0}>0,"{LUMP}","{ADDED}")))'
        put(14, one.how, kind if live else "")
        split = f'{how}="{SPLIT}"'
        level = f"IF(ABS(LN({g1}/{g0}))<0.000000001,({g1}+{g0})/2,({g1}-{g0})/LN({g1}/{g0}))"
        put(15, log_mean(one.end[0], one.start[0]) if one.how == SPLIT else "", f'=IF({split},{level},"")')  # fmt: skip
        before, now = at.ref(f"{block}:split", 6), at.ref(f"{block}:split", 9)
        ratios = {
            "UV": f"{now}/{before}",
            "转化率": f"({o1}/{u1})/({o0}/{u0})",
            "客单价": f"({g1}/{o1})/({g0}/{o0})",
            MIX: f"({u1}/{now})/({u0}/{before})",
        }
        plain = {
            ADDED: f'IF({how}="{ADDED}",{g1}-{g0},0)+IF(AND({rest}>0,{r0}<=0),{r1}-{r0},0)',
            STOPPED: f'IF({how}="{STOPPED}",-{g0},0)',
            "未拆分": f'IF({how}="{LUMP}",{g1}-{g0},0)+IF(AND({rest}>0,{r0}>0),{r1}-{r0},0)',
        }
        for column, name in enumerate(STEPS, start=16):
            text = plain.get(name) or f"IF({split},{mean}*LN({ratios[name]}),0)"
            put(column, excel_round(made[name], 6), f"=ROUND({text},6)")
        put(23, excel_round(one.now - one.before, 6), f"=ROUND({g1}+{r1}-{g0}-{r0},6)")


def _totals(
    cells: dict[Spot, Cell],
    block: str,
    found: Sequence[Segment],
    at: Keyed,
    names: Sequence[str],
) -> None:
    """The rows under the stores: all together, and those that are taken apart."""
    first, last = f"{block}:{names[0]}", f"{block}:{names[-1]}"
    total, split = _putter(cells, f"{block}:total", at), _putter(cells, f"{block}:split", at)
    columns = (*range(2, 14), *range(16, 34)) if block == "base" else (*range(4, 14), *range(16, 24))  # fmt: skip
    total(1, "合计", "")
    split(1, f"其中{SPLIT}的", "")
    for column in columns:
        values = [cells[at.spot(f"{block}:{s.name}", column)].value for s in found if at.spot(f"{block}:{s.name}", column) in cells]  # fmt: skip
        told = sum(float(v) for v in values if isinstance(v, int | float))
        total(column, told, f"=SUM({at.down(first, last, column)})")
    how = at.down(first, last, 14)
    for column, which in ((6, "start"), (9, "end")):
        value = sum(getattr(one, which)[1] for one in found if one.how == SPLIT)
        split(column, value, f'=SUMIFS({at.down(first, last, column)},{how},"{SPLIT}")')
