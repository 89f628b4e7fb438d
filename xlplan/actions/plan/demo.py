"""示例: an example shop's 2026 through the real commands, with simulated actuals.

Targets are those of the 电商规划表 that xlplan was made for (twelve month targets,
906万 in all, and its monthly 转化率 and 日UV); the actuals are made up and say so.
"""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from xlplan.actions.imports.importing import import_files
from xlplan.actions.plan.new import NewBook, new
from xlplan.actions.run.outcome import Outcome
from xlplan.books.file import FileBook
from xlplan.errors import FileError
from xlplan.ooxml.files.oserrors import said_clearly
from xlplan.sheets.state.read import read_state
from xlplan.sources.targets import read_targets

if TYPE_CHECKING:
    from collections.abc import Callable

    from xlplan.plan.year import Year

YEAR, STORE, LAST_DAY = 2026, "示例旗舰店", date(2026, 9, 12)
MONTH_TARGETS = (10, 12, 14, 20, 40, 60, 75, 85, 110, 130, 200, 150)
CVR = (3.5, 3.5, 3.5, 4.0, 4.8, 5.0, 5.2, 5.5, 6.0, 6.0, 6.5, 6.5)
DAILY_UV = (1200, 1200, 1900, 2500, 4000, 5000, 5500, 5800, 6000, 6200, 8600, 6500)
SEED = 20260912


def demo(folder: str | Path = ".", tell: Callable[[str], None] | None = None) -> Outcome:
    """Make the example: a target list, a plan book, simulated actuals imported into it.

    Args:
        folder: Where to write; existing files are left alone and new names are chosen.
        tell: Where progress goes.
    """
    say = tell or (lambda _text: None)
    place = Path(folder)
    with said_clearly(place):
        place.mkdir(parents=True, exist_ok=True)
    book_path = _free(place / f"示例_{YEAR}年经营计划.xlsx")
    targets_path = _free(place / "示例_年度目标.csv")
    actuals_path = _free(place / "示例_模拟实际.csv")
    say("写年度目标…")
    _write_targets(targets_path)
    say("新建并分解…")
    listed = read_targets(targets_path, year=YEAR)
    made = new(
        book_path,
        NewBook(
            YEAR,
            [STORE],
            listed.claims,
            title=f"{YEAR} 年电商经营计划（示例 · 模拟数据）",
            problems=listed.problems,
        ),
    )
    say("模拟 1 月 1 日至 9 月 12 日的实际…")
    book = FileBook(book_path, tell)
    _write_actuals(actuals_path, read_state(book).state.year)
    say("导入实际…")
    imported = import_files(book, [actuals_path], as_of=LAST_DAY)
    lines = [
        f"计划表：{book_path}",
        f"年度目标：{targets_path}（电商规划表的 12 个月目标，合计 906 万）",
        f"模拟实际：{actuals_path}（随机生成，仅供演示）",
        *made.lines[1:],
        *imported.lines,
    ]
    files = {"book": str(book_path), "targets": str(targets_path), "actuals": str(actuals_path)}
    return Outcome(
        "示例已生成", lines, imported.problems, {"files": files, **made.facts}, imported.changed
    )


def _free(path: Path) -> Path:
    """Return the path, or one with a number when it is taken."""
    if not path.exists():
        return path
    for number in range(2, 1000):
        found = path.with_name(f"{path.stem} ({number}){path.suffix}")
        if not found.exists():
            return found
    raise FileError(
        f"{path.name} 已有太多份", "请换一个文件夹：xlplan demo --out 文件夹", code="exists"
    )


def _write_targets(path: Path) -> None:
    days = [(date(YEAR + m // 12, m % 12 + 1, 1) - date(YEAR, m, 1)).days for m in range(1, 13)]
    rows: list[list[object]] = [
        ["店铺", "指标", "全年", *(f"{m}月" for m in range(1, 13))],
        [STORE, "销售额", "906万", *(f"{value}万" for value in MONTH_TARGETS)],
        [STORE, "UV", "", *(uv * count for uv, count in zip(DAILY_UV, days, strict=True))],
        [STORE, "转化率", "", *(f"{value}%" for value in CVR)],
        [STORE, "费用占比", "9%", *[""] * 12],
        [STORE, "ROI", "3.2", *[""] * 12],
        [STORE, "退款率", "6%", *[""] * 12],
    ]
    with said_clearly(path), path.open("x", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)


#: CSV heading → planned metric it wobbles around, relative noise.
_SIMULATED = (
    ("支付金额", "gmv", 0.12),
    ("访客数", "uv", 0.08),
    ("支付件数", "units", 0.12),
    ("推广销售额", "gmv_paid", 0.15),
    ("退款件数", "refund_units", 0.25),
    ("退款金额", "refund_amount", 0.25),
)


def _write_actuals(path: Path, year: Year) -> None:
    """Wobble around the plan: slow drift, day noise, a weak March and a strong June."""
    rng = np.random.default_rng(SEED)
    count = (LAST_DAY - date(YEAR, 1, 1)).days + 1
    month = year.calendar.days["month"].to_numpy()[:count]
    drift = np.cumsum(rng.normal(0, 0.006, count))
    level = (1 + drift - drift.mean()) * np.where(
        month == 3, 0.86, np.where(month == 6, 1.07, 1.0)
    )
    planned = {name: values[0][:count] for name, values in year.planned.values.items()}
    columns: dict[str, np.ndarray] = {}
    for label, name, noise in _SIMULATED:
        wobble = level * rng.lognormal(0, noise, count)
        digits = 2 if name in ("gmv", "gmv_paid", "refund_amount") else 0
        columns[label] = np.round(planned[name] * wobble, digits)
    columns["支付订单数"] = np.round(columns["访客数"] * planned["orders"] / planned["uv"] * rng.lognormal(0, 0.06, count))  # fmt: skip
    columns["活动销售额"] = np.round(columns["支付金额"] * rng.uniform(0.1, 0.35, count), 2)
    columns["询单人数"] = np.round(columns["访客数"] * rng.uniform(0.03, 0.05, count))
    columns["询单付款人数"] = np.round(columns["询单人数"] * rng.uniform(0.4, 0.6, count))
    columns["在售商品数"] = np.full(count, 48.0)
    columns["动销商品数"] = np.round(48 * rng.uniform(0.55, 0.9, count))
    for channel in year.metrics.channels:
        if channel.key != "other":
            spend = planned[f"spend_{channel.key}"] * rng.lognormal(0, 0.15, count)
            columns[f"{channel.label}花费"] = np.round(spend, 2)
            columns[f"{channel.label}UV"] = np.round(
                planned[f"uv_{channel.key}"] * rng.lognormal(0, 0.15, count)
            )
    first = date(YEAR, 1, 1).toordinal()
    with path.open("x", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["日期", "店铺", *columns])
        for i in range(count):
            figures = [
                f"{values[i]:g}" if values[i] < 1e6 else f"{values[i]:.2f}"
                for values in columns.values()
            ]
            writer.writerow([date.fromordinal(first + i), STORE, *figures])
