"""``xlplan sql check``: what a declaration finds in its database, beside what the plan book holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from xlplan.actions.run.outcome import Outcome
from xlplan.errors import InputError
from xlplan.metrics import METRICS, normal
from xlplan.sources.sql.checking import check_source
from xlplan.sources.sql.config import load_sql

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import pandas as pd

    from xlplan.sources.sql.checking import Checked
    from xlplan.sources.sql.config import SqlSource

_SHOWN = 10
#: Metrics that are set beside the book's, the first that both have.
_COMPARED = ("gmv", "orders", "refund_amount")
ROLE_NAMES = {
    "paid_at": "付款时间", "amount": "实付金额", "refund": "退款金额", "total": "总金额", "order": "订单号",
    "line": "订单行号", "buyer": "买家", "store": "店铺", "channel": "推广渠道", "units": "件数",
    "status": "订单状态", "stages": "预售阶段", "remark": "商家备注", "exclude": "是否补单",
    "updated": "更新时间", "refunded_at": "退款完结时间",
}  # fmt: skip


def check_sql(paths: Iterable[str | Path], tell: Callable[[str], None] | None = None) -> Outcome:
    """Look at declarations (``.toml``) and at those on 数据连接 of a plan book; nothing is written.

    Raises:
        InputError: Neither a declaration nor a book with a connection was given.
        FileError: An engine refused.
    """
    given = [Path(path) for path in paths]
    books = [path for path in given if path.suffix.lower() in (".xlsx", ".xlsm")]
    if len(books) > 1:
        raise InputError("一次只能对照一份计划表", remedy="给一份计划表和几个声明")
    stores, year, actuals, sources = _of_book(books[0]) if books else ((), None, None, [])
    sources = [load_sql(path) for path in given if path not in books] or sources
    if not sources:
        raise InputError(
            "没有要检查的数据库声明",
            remedy="给出声明文件：xlplan sql check 订单.toml 计划.xlsx，或在“数据连接”表里填好",
        )
    outcome = Outcome("")
    for source in sources:
        if tell:
            tell(f"正在连接 {source.name}…")
        _add(outcome, source, check_source(source, stores, year), actuals)
    errors = sum(problem.level == "错误" for problem in outcome.problems)
    outcome.title = f"有 {errors} 处要处理" if errors else "可以导入"
    return outcome


def _of_book(path: Path) -> tuple[Sequence[str], int, pd.DataFrame, list[SqlSource]]:
    from xlplan.books.file import FileBook
    from xlplan.sheets.links.page import declared_links
    from xlplan.sheets.state.read import read_state

    read = read_state(FileBook(path))
    links = declared_links(read, path.parent / path.name)
    return read.state.year.stores, read.state.year.year, read.state.year.actuals, links.sources


def _add(
    outcome: Outcome, source: SqlSource, found: Checked, actuals: pd.DataFrame | None
) -> None:
    roles = "，".join(
        f"{ROLE_NAMES.get(role, _label(role))} = {name}" for role, name in found.roles.items()
    )
    outcome.lines += [
        f"{source.name}（{source.file.name}）",
        f"连上了：{found.engine} {found.version}，用了 {found.seconds:.1f} 秒",
        f"表：{source.table or '、'.join(source.paths)}，{len(found.columns)} 列",
        f"认到的列：{roles}",
        f"时间：{found.time}",
    ]
    for role, level in found.levels.items():
        outcome.lines.append(_level(source, found.roles[role], role, level))
    days, lines = beside(found.days, actuals)
    outcome.lines += lines
    if found.scan:
        outcome.lines.append(f"预计要扫：{found.scan}")
    if found.sql:
        outcome.lines += ["给数据库管理员看的 SQL：", *found.sql.splitlines()]
    outcome.problems = [*outcome.problems, *found.problems]
    outcome.facts.setdefault("connections", []).append(_facts(source, found, days))  # type: ignore[attr-defined]


def _label(name: str) -> str:
    return METRICS[name].label if name in METRICS else name


def _level(source: SqlSource, name: str, role: str, level: object) -> str:
    told = source.per_order is not None
    said = "整单的数，每单算一次" if role in (source.per_order or ()) else "每行自己的数"
    orders, of_order = getattr(level, "orders", 0), getattr(level, "of_order", False)
    looks = (
        "像是整单的数"
        if of_order
        else "各行不同，是每行自己的数"
        if orders
        else "没有多行的订单，看不出"
    )
    return f"{name}：{looks}（看了 {orders} 个多行订单）" + (f"；声明说是{said}" if told else "")


def beside(
    found: pd.DataFrame, actuals: pd.DataFrame | None
) -> tuple[list[dict[str, object]], list[str]]:
    """Return the last ten days as facts and lines, each beside what the book says."""
    metric = next((name for name in _COMPARED if name in found), None)
    if metric is None or found.empty:
        return [], ["没有取到一天的数"]
    label = METRICS[metric].label
    told = found[metric].groupby(level=["store", "date"]).sum(min_count=1).dropna()
    last = told.index.get_level_values("date").unique().sort_values()[-_SHOWN:]
    told = told[told.index.get_level_values("date").isin(last)].sort_index(level="date")
    names = (
        {normal(store): store for store in actuals.index.unique("store")}
        if actuals is not None
        else {}
    )
    facts: list[dict[str, object]] = []
    lines = [
        f"最近 {len(last)} 天的{label}"
        + ("（库里 / 计划表里）：" if actuals is not None else "：")
    ]
    for store, day, value in told.rename("value").reset_index().itertuples(index=False):
        key = names.get(normal(str(store)), str(store)), day
        held = np.nan
        if actuals is not None and metric in actuals and key in actuals.index:
            held = float(actuals.loc[key, metric])
        fact = {
            "store": key[0],
            "date": f"{day:%Y-%m-%d}",
            metric: float(value),
            "book": None if np.isnan(held) else held,
        }
        facts.append(fact)
        lines.append(_day_line(fact, float(value), held, with_book=actuals is not None))
    return facts, lines


def _day_line(fact: dict[str, object], value: float, held: float, *, with_book: bool) -> str:
    line = f"  {fact['date']} {fact['store'] or '（没有店铺名）'}：{value:,.2f}"
    if not with_book:
        return line
    if np.isnan(held):
        return f"{line} / 还没有"
    return f"{line} / {held:,.2f}" + (
        "" if abs(held - value) < 0.005 else f"，差 {value - held:+,.2f}"
    )


def _facts(source: SqlSource, found: Checked, days: list[dict[str, object]]) -> dict[str, object]:
    return {
        "name": source.name,
        "file": source.file.name,
        "engine": found.engine,
        "version": found.version,
        "table": source.table,
        "columns": dict(found.columns),
        "roles": dict(found.roles),
        "time": found.time,
        "order_level": {
            role: {"orders": level.orders, "equal": level.equal, "of_order": level.of_order}
            for role, level in found.levels.items()
        },
        "days": days,
        "sql": found.sql,
        "scan": found.scan,
    }
