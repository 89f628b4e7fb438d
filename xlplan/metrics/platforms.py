"""Selling platforms as data: what people call them, and the channels a store there starts with."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from xlplan.metrics.channels import CHANNELS, SEED_CHANNELS
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: What 平台 on 活动 says when everybody takes part.
EVERYWHERE = ("", "全平台", "全渠道", "全部", "所有", "所有平台", "不限")
_BETWEEN = r"[、，,;；/+＋&\s]+"


@record
class Platform:
    """A place where stores sell.

    Attributes:
        name: Its name.
        aliases: Other names, also as parts of store names.
        channels: The channels that a store there starts with.
        home: The name under which its channels are bought; its own by default.
    """

    name: str
    aliases: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    home: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Every name."""
        return (self.name, *self.aliases)


#: The one table of platforms and the channels of a new store there.
PLATFORMS: tuple[Platform, ...] = (
    Platform("天猫", ("tmall",), SEED_CHANNELS),
    Platform("淘宝", ("taobao",), SEED_CHANNELS, home="天猫"),
    Platform("京东", ("jd",), ("jzt", "crm")),
    Platform("抖音", ("抖店", "douyin"), ("qianchuan", "kol")),
    Platform("拼多多", ("pdd",), ("pdd", "crm")),
    Platform("快手", ("kuaishou",), ("kol",)),
    Platform("小红书", (), ("kol",)),
    Platform("视频号", ("微信小店",), ("kol", "crm")),
    Platform("唯品会", ("唯品",), ("crm",)),
    Platform("得物", (), ("kol",)),
    Platform("私域", ("小程序", "有赞", "微商城", "企业微信", "企微"), ("crm",)),
)
_BY_NAME = {platform.name: platform for platform in PLATFORMS}
_HOMES = {channel.key: channel.platform for channel in CHANNELS}


def platform_named(text: str) -> str:
    """Return the platform that a word names; "" for none or no known one."""
    word = text.strip().lower()
    return next((each.name for each in PLATFORMS if word in each.names), "")


def platform_in(store: str) -> str:
    """Return the platform that a store's name speaks of; "" when it names none, or several."""
    text = store.lower()
    found = [each.name for each in PLATFORMS if any(_speaks(text, name) for name in each.names)]
    return found[0] if len(found) == 1 else ""


def _speaks(text: str, name: str) -> bool:
    """Return whether a name stands in a text: Latin letters only as a word of their own."""
    word = f"(?<![a-z]){name}(?![a-z])" if name.isascii() else re.escape(name)
    return re.search(word, text) is not None


def platforms_of(stores: Sequence[str], said: str = "") -> dict[str, str]:
    """Return the platform of every store: as said, else as its name says; "" where unknown.

    Args:
        stores: Store names.
        said: ``甲店=天猫、乙店=京东``; parts that do not name a store of the list are passed over
            (`not_said`).
    """
    typed = dict(_said(said))
    return {store: typed.get(store) or platform_in(store) for store in stores}


def not_said(stores: Sequence[str], said: str) -> list[str]:
    """Return the parts of ``甲店=天猫、乙店=京东`` that name no store of the list, or no platform."""
    parts = [part for part in re.split(r"[、，,;；\n]+", said) if part.strip()]
    return [part.strip() for part in parts if not _pair(part)[1] or _pair(part)[0] not in stores]


def _said(text: str) -> list[tuple[str, str]]:
    parts = [part for part in re.split(r"[、，,;；\n]+", text) if part.strip()]
    return [(store, name) for store, name in map(_pair, parts) if name]


def _pair(part: str) -> tuple[str, str]:
    """Return store and platform of ``甲店=天猫``; a platform that is not in the table is kept as typed."""
    store, _, name = re.sub(r"[＝:：]", "=", part, count=1).partition("=")
    return store.strip(), platform_named(name) or name.strip()


def listed_platforms(text: str) -> list[str]:
    """Return the words of a 平台 cell; empty for everywhere."""
    words = [word for word in re.split(_BETWEEN, text.strip()) if word]
    return [] if any(word in EVERYWHERE for word in words) else words


def sells_here(channel: str, platform: str) -> bool:
    """Return whether a store of a platform can spend on a channel; unknown platforms can on all."""
    home = _HOMES.get(channel, "")
    if not home or not platform:
        return True
    known = _BY_NAME.get(platform)
    return home == (known.home or known.name if known else platform)


def own_channel(channel: str, platform: str) -> bool:
    """Return whether a channel is bought on just this platform."""
    return bool(_HOMES.get(channel, "")) and sells_here(channel, platform)


def starting_channels(platforms: Mapping[str, str]) -> tuple[str, ...]:
    """Return the channels of a new book whose stores are on these platforms.

    Stores of which nobody knows the platform start with the seed's rows, as do books of 天猫.
    """
    wanted: list[str] = []
    for name in dict.fromkeys(platforms.values()):
        known = _BY_NAME.get(name)
        wanted += known.channels if known else SEED_CHANNELS
    order = {channel.key: place for place, channel in enumerate(CHANNELS)}
    return tuple(sorted(dict.fromkeys(wanted), key=order.__getitem__)) or SEED_CHANNELS
