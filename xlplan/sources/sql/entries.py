"""Single entries of a declaration: lists, choices, table names, joins, time zones, driver options."""

from __future__ import annotations

import datetime as dt
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from xlplan.record import record
from xlplan.regex import regex

if TYPE_CHECKING:
    from collections.abc import Mapping

_QUOTES = {'"': '"', "`": "`", "[": "]"}
_PLAIN_PART = regex(r"[^\W\d][\w$]*(-[\w$]+)*")
_OFFSET = regex(r"(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?")
_MOST_PARTS = 3


@record
class Join:
    """A table that has one row a key and gives more columns.

    Attributes:
        table: Its name parts.
        on: Column of the order lines → column of the table.
        columns: New name → column of the table.
    """

    table: tuple[str, ...]
    on: Mapping[str, str]
    columns: Mapping[str, str]


def one_of(said: Mapping[str, Any], key: str, allowed: tuple[str, ...], default: str) -> str:
    """Return an entry that has few values; ValueError naming them for any other."""
    value = str(said.get(key, default))
    if value not in allowed:
        known = "、".join(filter(None, allowed))
        raise ValueError(f"{key} 只能是 {known}，不能是 {value}")
    return value


def listed(said: Mapping[str, Any], key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return an entry that is one text or several; ValueError for an empty one."""
    value = said.get(key, default)
    found = (value,) if isinstance(value, str) else tuple(map(str, value))
    if key not in ("table", "tables") and not all(text.strip() for text in found):
        raise ValueError(f"{key} 里有空的一项")
    return found


def texts(said: Mapping[str, Any], key: str) -> Mapping[str, str]:
    """Return a table of the declaration as texts."""
    return MappingProxyType({str(name): str(value) for name, value in said.get(key, {}).items()})


def drivers_options(said: Mapping[str, Any]) -> Mapping[str, str | float | bool]:
    """Return what is handed to the driver, each value of the type it was written with."""
    found = dict(said.get("options", {}))
    if wrong := [
        name for name, value in found.items() if not isinstance(value, str | int | float)
    ]:
        raise ValueError(f"[options] 的 {wrong[0]} 只能是文字、数或 true/false")
    return MappingProxyType(found)


def table_parts(name: str) -> tuple[str, ...]:
    """Return the parts of ``catalog.schema.table``; ValueError for what is no name.

    A part in quotes (``ods."order lines"``, in back quotes or square brackets) may be anything.
    """
    parts, rest = [], name.strip()
    while True:
        part, rest = _first_part(rest, name)
        parts.append(part)
        if not rest:
            break
        if not rest.startswith("."):
            raise _no_table(name)
        rest = rest[1:]
    if len(parts) > _MOST_PARTS:
        raise _no_table(name)
    return tuple(parts)


def _first_part(rest: str, name: str) -> tuple[str, str]:
    if close := _QUOTES.get(rest[:1]):
        part, found, after = rest[1:].partition(close)
        if not found or not part.strip() or not part.isprintable():
            raise _no_table(name)
        return part, after
    part, dot, after = rest.partition(".")
    if not _PLAIN_PART.fullmatch(part):
        raise _no_table(name)
    return part, dot + after


def _no_table(name: str) -> ValueError:
    return ValueError(
        f'table「{name}」不是表名（字母、数字、下划线、连字符，可带库名；别的写法要加引号：ods."订单 明细"）'
    )


def joins(said: Mapping[str, Any]) -> tuple[Join, ...]:
    """Return the tables of ``[join.NAME]``; ValueError naming what is missing."""
    found = []
    for name, one in said.get("join", {}).items():
        if unknown := set(one) - {"table", "on", "columns"}:
            raise ValueError(f"[join.{name}] 里不认识 {'、'.join(sorted(unknown))}")
        on, columns = texts(one, "on"), texts(one, "columns")
        if "table" not in one or not on or not columns:
            raise ValueError(f"[join.{name}] 要写 table、on 和 columns")
        found.append(Join(table_parts(str(one["table"])), on, columns))
    return tuple(found)


def zone_offset(text: str) -> int:
    """Return how many seconds a zone is ahead of UTC; ValueError for one that has summer time."""
    if match := _OFFSET.fullmatch(text.strip()):
        seconds = int(match[2]) * 3600 + int(match[3] or 0) * 60
        return -seconds if match[1] == "-" else seconds
    try:
        zone = ZoneInfo(text.strip())
    except (ZoneInfoNotFoundError, ValueError, OSError):
        what = f"timezone「{text}」不是时区，写成 Asia/Shanghai、UTC 或 +08:00"
        raise ValueError(what) from None
    found = {
        zone.utcoffset(dt.datetime(year, month, 1)) for year in (2020, 2026) for month in (1, 7)
    }
    if len(found) > 1:
        what = (
            f"timezone「{text}」有夏令时，一年里和北京差的钟点不一样；请用视图在库里换成北京时间"
        )
        raise ValueError(what)
    offset = found.pop()
    return int(offset.total_seconds()) if offset is not None else 0
