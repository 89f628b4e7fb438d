"""Actuals of cards that files bring in: days of a column → months of a line."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from xlplan.errors import Level, Problem, Where
from xlplan.plan.actuals.contributions import FIXED, long, order
from xlplan.plan.cards.card import PREFIX, SUM
from xlplan.record import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from xlplan.plan.cards.card import Card

#: What 导入映射 says for such a column.
WORD = "指标卡:"


def apart(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return contributions of metrics, and those of cards."""
    mine = [name for name in rows.columns if str(name).startswith(PREFIX)]
    others = [name for name in rows.columns if name not in (*FIXED, *mine)]
    if not mine:
        return rows, rows.iloc[:0]
    plain = rows.drop(columns=mine)
    return plain[plain[others].notna().any(axis=1)], rows[[*FIXED, *mine]]


def taken_in(cards: Sequence[Card], rows: pd.DataFrame) -> tuple[list[Card], list[Problem]]:
    """Return the cards with the months that files bring, and what is said about it.

    Within a day the first rank stands, then the latest export. A line that adds up gets the sum
    of its days, any other the last day's figure. Months that no file speaks of stay as they are.

    Args:
        cards: The lines.
        rows: Contributions whose metrics are `PREFIX` and the name of a line.
    """
    lines = long(rows)
    if lines.empty:
        return list(cards), []
    by = ["store", "date", "metric", "rank", "time", "saved", "file"]
    lines = lines.iloc[order(lines, by, falling=("time", "saved"))]
    lines = lines[~lines.duplicated(["store", "date", "metric"])]
    done, told, found = list(cards), [], set[str]()
    for number, card in enumerate(cards):
        names = {f"{PREFIX}{card.title}", f"{PREFIX}{card.name}"}
        mine = lines[lines["metric"].isin(names)]
        found |= set(mine["metric"])
        if card.store:
            mine = mine[mine["store"] == card.store]
        if mine.empty:
            continue
        if card.how != SUM and mine["store"].nunique() > 1:
            where = Where(str(mine["file"].iloc[0]))
            what = f"“{card.title}”的数来自几家店，{card.how}不能合在一起，没有采用"
            told.append(Problem(where, what, Level.WARNING, "每家店一行，写上店铺", "指标卡"))
            continue
        done[number], changed = _with_months(card, mine)
        told += changed
    for name in sorted({*lines["metric"]} - found):
        where = Where(str(lines.loc[lines["metric"] == name, "file"].iloc[0]))
        what = f"指标卡里没有“{name.removeprefix(PREFIX)}”，导入的数还没有位置（已留在 _来源）"
        told.append(
            Problem(where, what, Level.WARNING, "在“指标卡”加这一行，再导入一次", "指标卡")
        )
    return done, told


def _with_months(card: Card, mine: pd.DataFrame) -> tuple[Card, list[Problem]]:
    row, told = list(card.done), []
    for month, days in mine.groupby(mine["date"].dt.month):
        values = days.sort_values("date", kind="stable")["value"]
        value = round(math.fsum(values), 6) if card.how == SUM else float(values.iloc[-1])
        at = int(month) - 1
        old = row[at]
        if old is not None and abs(old - value) > 1e-9 * max(1.0, abs(old)):
            where = Where(str(days["file"].iloc[-1]))
            what = f"“{card.title}”{month}月由 {old:,.10g} 改为导入的 {value:,.10g}"
            told.append(Problem(where, what, Level.INFO, "", "指标卡"))
        row[at] = value
    return replace(card, done=tuple(row)), told
