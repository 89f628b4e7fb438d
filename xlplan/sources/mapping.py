"""A declaration written by the user for exports xlplan does not know: a small TOML file.

name = "我的广告后台"
date = "c_date"            # header of the day
order = "dmy"              # only for dates such as 1/02/2021
rows = "sum"               # several rows a day are parts of it; "one" when a row is the day
store = "店铺"             # optional
scene = "场景"             # column that names the channel of a row, for 渠道花费 and its like
drop = { "状态" = ["已删除"] }
scenes = { "店铺直达" = "智能场景" }
[columns]
mark_spent = "其他推广"
"成交额" = { metric = "销售额", scale = 10000 }

The sheet 导入映射 of a plan book says the same in rows (`sheets.mapping_page`).
"""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlplan.errors import InputError, Where
from xlplan.metrics import CHANNELS, METRICS, Add
from xlplan.plan.cards.card import PREFIX
from xlplan.plan.cards.imported import WORD
from xlplan.sources.channels import channel_of
from xlplan.sources.declare import Column, Combine, Source

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

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
#: What a column holds for the channel that its row names.
BY_CHANNEL = {"渠道花费": "spend_*", "渠道成交": "gmv_*", "渠道UV": "uv_*"}
_REMEDY = '最少要有 date = "日期列" 和 [columns] 下的 "列名" = "指标"，写法见 docs/import.zh.md'


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
        what = f"缺少 {error.args[0]}" if isinstance(error, KeyError) else error
        raise InputError(
            f"映射文件不对：{what}", remedy=_REMEDY, where=Where(file.name)
        ) from error


def parse_mapping(said: Mapping[str, Any]) -> Source:
    """Return the declaration that a mapping's content means; ValueError when it means none."""
    if unknown := set(said) - _KNOWN:
        raise ValueError(f"不认识的项 {'、'.join(sorted(unknown))}")
    found = tuple(_column(name, value) for name, value in said["columns"].items())
    if not found:
        raise ValueError("没有一列写明是什么指标")
    order, rows = said.get("order", "ymd"), said.get("rows", "one")
    if order not in ("ymd", "mdy", "dmy"):
        raise ValueError(f"order 只能是 ymd、mdy、dmy，不能是 {order}")
    if rows not in ("one", "sum"):
        raise ValueError(f"rows 只能是 one、sum，不能是 {rows}")
    name = str(said.get("name", "自定义映射"))
    return Source(
        key=f"mapping:{name}",
        name=name,
        platform=str(said.get("platform", "")),
        needs=(str(said["date"]), *dict.fromkeys(column.headers[0] for column in found)),
        date=str(said["date"]),
        store=str(said.get("store", "")),
        order=order,
        combine=Combine(rows),
        scene=str(said.get("scene", "")),
        scenes={str(text): channel_key(str(to)) for text, to in said.get("scenes", {}).items()},
        columns=found,
        drop={column: _texts(texts) for column, texts in said.get("drop", {}).items()},
        basis=str(said.get("basis", "自定义")),
    )


def channel_key(name: str) -> str:
    """Return the key of a channel given by key or name; ValueError when there is none such."""
    keys = {channel.key for channel in CHANNELS}
    found = name if name in keys else channel_of(name)
    if not found:
        known = "、".join(channel.label for channel in CHANNELS)
        raise ValueError(f"没有渠道「{name}」，可用 {known}")
    return found


def importable_metric(text: str) -> str:
    """Return the metric that `text` (name, label or alias) may bring in; ValueError when none.

    ``指标卡:库存周转天数`` brings in the actuals of that card.
    """
    plain = unicodedata.normalize("NFKC", text)
    if plain.startswith(WORD) and plain != WORD:
        return PREFIX + text[len(WORD) :].strip()
    if text in BY_CHANNEL or text in BY_CHANNEL.values():
        return BY_CHANNEL.get(text, text)
    known = METRICS.find(text)
    if known is None:
        near = METRICS.suggest(text)
        raise ValueError(f"指标「{text}」不存在" + (f"，是不是「{near}」" if near else ""))
    if known.formula is not None:
        raise ValueError(f"指标「{text}」是算出来的，不能导入")
    if known.add is Add.DISTINCT:
        raise ValueError(f"指标「{text}」是去重的数，不能按日导入")
    return known.name


def _texts(said: object) -> frozenset[str]:
    if isinstance(said, list):
        return frozenset(map(str, said))
    return frozenset((str(said),))


def _column(name: str, value: object) -> Column:
    entry = value if isinstance(value, dict) else {"metric": value}
    scale = entry.get("scale", 1)
    if isinstance(scale, bool) or not isinstance(scale, int | float) or scale <= 0:
        raise ValueError(f"列「{name}」的 scale 应是大于 0 的数，不能是 {scale}")
    try:
        return Column(importable_metric(str(entry["metric"])), (name,), scale=float(scale))
    except ValueError as error:
        raise ValueError(f"列「{name}」：{error}") from None
