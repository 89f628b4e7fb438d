"""What a file name says: store, collection time, year. Never the business date of a row."""

from __future__ import annotations

import datetime as dt
import re

from xlplan.regex import regex
from xlplan.sources.dates import Span, parse_span

_STORE = regex(r"[^\s_\-—【】()（）\[\]]*(?:旗舰店|专营店|专卖店|企业店|自营店|小店|商城|店)")
_NOT_A_STORE = frozenset(
    (
        "店",
        "全店",
        "本店",
        "分店",
        "门店",
        "网店",
        "开店",
        "新店",
        "多店",
        "进店",
        "到店",
        "离店",
        "关店",
        "各店",
        "单店",
    )
)
_DATE = regex(r"(?<!\d)(20\d{2})-?([01]\d)-?([0-3]\d)")
_CLOCK = regex(r"[_ T-]?([0-2]\d)[:.]?([0-5]\d)(?:[:.]?[0-5]\d)?(?!\d)")


def store_in_name(file: str) -> str:
    """Return the store a file is named after, or ""."""
    for part in words_in_name(file):
        if _STORE.fullmatch(part) and part not in _NOT_A_STORE:
            return part
    return ""


#: Platforms by themselves: the name of a store only beside others of the kind.
_PLATFORMS = regex(
    r"(?:天猫|淘宝|京东|拼多多|抖音|抖店|快手|小红书|唯品会|得物|1688|视频号|有赞|微店|苏宁|微信小店)\S{0,4}"
)


def looks_like_store(text: str) -> bool:
    """Return whether a text is a store's name by its looks: it ends like one, or begins with a platform."""
    plain = text.strip()
    if plain in _NOT_A_STORE or plain in ("商城", "小店"):
        return False
    return bool(_STORE.fullmatch(plain) or _PLATFORMS.fullmatch(plain))


def words_in_name(file: str) -> list[str]:
    """Return the words a file name is made of, its ending left out."""
    return re.split(r"[_\-—\s【】()（）]+", _stem(file))


def collected_in_name(file: str) -> tuple[dt.datetime, bool] | None:
    """Return the one moment in a file name, and whether it has a time of day.

    Two dates in a name are the range of the data, not the collection day.
    """
    stem = _stem(file)
    found = list(_DATE.finditer(stem))
    if len(found) != 1:
        return None
    clock = _CLOCK.match(stem, found[0].end())
    hour, minute = (int(clock[1]), int(clock[2])) if clock else (0, 0)
    year, month, day = map(int, found[0].groups())
    try:
        moment = dt.datetime(year, month, day, hour, minute)  # Beijing
    except ValueError:
        return None
    return moment, clock is not None


def span_in_name(file: str) -> Span | None:
    """Return the range ``D1_D2`` or ``D1-D2`` of a file name, if there is one."""
    found = re.search(r"(20\d{2}-?\d{2}-?\d{2})[_~至-](20\d{2}-?\d{2}-?\d{2})", _stem(file))
    span = parse_span(f"{found[1]}~{found[2]}") if found else None
    return span if isinstance(span, Span) else None


def year_in_name(file: str) -> int | None:
    """Return the year that all dates of a file name share, if any."""
    years = {int(found[0]) for found in _DATE.findall(_stem(file))}
    years |= {int(year) for year in re.findall(r"(?<!\d)(20\d{2})年", file)}
    return years.pop() if len(years) == 1 else None


def _stem(file: str) -> str:
    return re.sub(r"\.[A-Za-z]{2,5}$", "", file.rsplit("/", 1)[-1])
