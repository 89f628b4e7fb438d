"""回测: how well month ends would have been foreseen on a file of daily sales."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.actions.outlook.dailyfile import sales_history, unexpected_problem
from xlplan.actions.run.outcome import Outcome
from xlplan.plan.outlook.backtest import METHOD_NAMES, SEEN_FROM, Backtest, backtest

if TYPE_CHECKING:
    from pathlib import Path


def backtested(path: Path, events: Path | None = None, closed: Path | None = None) -> Outcome:
    """Foresee every whole month of a file from its 7th, 14th, 21st and 25th, and score it.

    Args:
        path: 日期, 销售额.
        events: 活动, 锚点日, 偏移, 倍数.
        closed: 日期.

    Raises:
        InputError: A file cannot be read whole, or there is no whole month to foresee.
    """
    history, told = sales_history(path, events, closed)
    made = backtest(history)
    months = made.months
    lines = [
        *told,
        f"回测 {len(months)} 个月（{months[0]:%Y-%m} 至 {months[-1]:%Y-%m}），月末销售额的平均绝对误差，%：",
        f"80% 区间含住 {made.coverage:.0%}（{len(made.forecasts)} 次预测）",
        *([f"没有回测：{'、'.join(made.skipped)}"] if made.skipped else []),
    ]
    return Outcome(
        f"回测：第 25 天误差 {made.error('xlplan', 25):.1%}，按天数外推 {made.error('linear', 25):.1%}",
        lines,
        unexpected_problem(made.unexpected),
        {"backtest": facts(made)},
        table=table(made),
    )


def table(made: Backtest) -> list[list[str]]:
    """Return the errors as a table: a row a method, a column a day."""
    heads = ["方法", *(f"第 {day} 天" for day in SEEN_FROM)]
    rows = [
        [label, *(f"{100 * made.error(name, day):.1f}" for day in SEEN_FROM)]
        for name, label in METHOD_NAMES.items()
    ]
    return [heads, *rows]


def facts(made: Backtest) -> dict[str, object]:
    """Return the errors in percent by method and day, the band, and each month."""
    methods = {
        name: {str(day): round(100 * made.error(name, day), 1) for day in SEEN_FROM}
        for name in METHOD_NAMES
    }
    months = [
        {
            "month": f"{each.month:%Y-%m}",
            "day": each.seen_from,
            "actual": round(each.actual, 2),
            "middle": round(each.estimates["xlplan"], 2),
            "low": round(each.low, 2),
            "high": round(each.high, 2),
            "error": round(100 * each.error("xlplan"), 1),
        }
        for each in made.forecasts
    ]
    band = {"coverage": round(made.coverage, 3), "n": len(made.forecasts)}
    return {"methods": methods, "band": band, "months": months}
