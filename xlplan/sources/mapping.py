"""A declaration written by the user, as a small TOML file, for exports xlplan does not know.

name = "我的广告后台"
date = "c_date"            # header of the day
order = "dmy"              # only for dates such as 1/02/2021
rows = "sum"               # several rows a day are parts of it; "one" when a row is the day
store = "店铺"             # optional
drop = { "状态" = ["已删除"] }
scenes = { "店铺直达" = "smart" }
[columns]
mark_spent = "spend_other"
"成交额" = { metric = "gmv", scale = 10000 }
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlplan.errors import InputError, Where
from xlplan.metrics import METRICS
from xlplan.sources.declare import Column, Combine, Source

if TYPE_CHECKING:
    import os

_KNOWN = {
    "name",
    "platform",
    "date",
    "order",
    "rows",
    "store",
    "drop",
    "scenes",
    "columns",
    "scene",
    "basis",
}
_REMEDY = '最少要有 date = "日期列" 和 [columns] 下的 "列名" = "指标"'


def load_mapping(path: str | os.PathLike[str]) -> Source:
    """Read a mapping file; raise InputError naming the entry that is wrong."""
    import tomllib  # only who has such a file pays for it

    file = Path(path)
    try:
        said = tomllib.loads(file.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError("映射文件读不出来", remedy=str(error), where=Where(file.name)) from error
    try:
        return parse_mapping(said)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = error.args[0] if error.args else error
        raise InputError(
            f"映射文件不对：{what}", remedy=_REMEDY, where=Where(file.name)
        ) from error


def parse_mapping(said: dict[str, Any]) -> Source:
    """Return the declaration that a mapping's content means; ValueError when it means none."""
    if unknown := set(said) - _KNOWN:
        raise ValueError(f"不认识的项 {'、'.join(sorted(unknown))}")
    found = tuple(_column(name, value) for name, value in said["columns"].items())
    order, rows = said.get("order", "ymd"), said.get("rows", "one")
    if order not in ("ymd", "mdy", "dmy"):
        raise ValueError(f"order 只能是 ymd、mdy、dmy，不能是 {order}")
    return Source(
        key="mapping",
        name=str(said.get("name", "自定义映射")),
        platform=str(said.get("platform", "")),
        needs=(str(said["date"]), *(column.headers[0] for column in found)),
        date=str(said["date"]),
        store=str(said.get("store", "")),
        order=order,
        combine=Combine(rows),
        scene=str(said.get("scene", "")),
        scenes={str(name): str(key) for name, key in said.get("scenes", {}).items()},
        columns=found,
        drop={name: frozenset(map(str, texts)) for name, texts in said.get("drop", {}).items()},
        basis=str(said.get("basis", "自定义")),
    )


def _column(name: str, value: str | dict[str, Any]) -> Column:
    metric, scale = (
        (value, 1.0) if isinstance(value, str) else (value["metric"], value.get("scale", 1))
    )
    known = METRICS.metrics.get(metric)
    if "*" not in metric and (known is None or known.formula is not None):
        near = METRICS.suggest(metric)
        raise ValueError(f"列「{name}」的指标 {metric} {'不存在' if known is None else '是算出来的，不能导入'}"
                         + (f"，是不是 {near}" if near else ""))  # fmt: skip
    return Column(metric, (name,), scale=float(scale))
