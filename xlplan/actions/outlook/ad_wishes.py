"""What people ask of an allocation: floors, caps, holds and share rules, as they write them."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING

from xlplan.errors import InputError
from xlplan.plan.ads.sharing import ShareRule
from xlplan.record import record
from xlplan.regex import regex
from xlplan.sources.numbers import parse_number
from xlplan.sources.text import Unread

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.plan.ads.channel_year import ChannelYear

_CUT = regex(r"[;；\n、，,]+")
_PAIR = regex(r"^(.*?)[\s:：=]*([¥￥]?\d[\d.,]*\s*[万千kKwW元]*)$")
_RULE = regex(r"^\s*(.*?)\s*(\d+(?:\.\d+)?)\s*[%％]\s*[:：给投]*\s*(.*)$")


@record
class Wishes:
    """Bounds by channel, weekly money, and a share rule."""

    floor: Mapping[str, float] = field(default_factory=dict)
    cap: Mapping[str, float] = field(default_factory=dict)
    held: tuple[str, ...] = ()
    rule: ShareRule | None = None


def wishes(channels: Sequence[ChannelYear], floor: str, cap: str, hold: str, share: str) -> Wishes:
    """Return what was asked for.

    Raises:
        InputError: A channel, figure or rule that cannot be understood, or bounds that contradict.
    """
    low, high = _bounds(channels, floor, "下限"), _bounds(channels, cap, "上限")
    held = _bounds(channels, hold, "锁定", bare=True)
    for name, value in held.items():
        if name in low or name in high:
            raise InputError(f"{name} 锁定了，又写了上下限", "留一个")
        money = value if value is not None else _now(channels, name)
        if money == money:  # noqa: PLR0124 - NaN: a channel without a curve is not moved anyway
            low[name] = high[name] = money
    for name in low.keys() & high.keys():
        if float(low[name] or 0) > float(high[name] or 0):
            raise InputError(
                f"{name} 的下限 {low[name]:,.0f} 高于上限 {high[name]:,.0f}", "改其中一个"
            )
    return Wishes(
        {name: float(value or 0) for name, value in low.items()},
        {name: float(value or 0) for name, value in high.items()},
        tuple(held), _rule(channels, share),
    )  # fmt: skip


def _now(channels: Sequence[ChannelYear], name: str) -> float:
    return next(float(each.weekly) for each in channels if each.label == name)


def _bounds(
    channels: Sequence[ChannelYear], text: str, what: str, *, bare: bool = False
) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for piece in filter(None, (each.strip() for each in _CUT.split(text))):
        match = _PAIR.match(piece)
        if not match and bare:
            found[_channel(channels, piece, what)] = None
            continue
        if not match:
            raise InputError(f"{what}“{piece}”看不懂", "写成 直通车 5000; 钻展 1万（每周）")
        figure = parse_number(match[2])
        if figure is None or isinstance(figure, Unread):
            raise InputError(f"{what}“{piece}”里的数看不懂", "如 5000、1万")
        found[_channel(channels, match[1].strip(), what)] = float(figure.value)
    return found


def _channel(channels: Sequence[ChannelYear], name: str, what: str) -> str:
    for each in channels:
        if name in (each.label, each.key, *each.aliases):
            return each.label
    raise InputError(
        f"{what}里没有渠道“{name}”", f"现有：{'、'.join(each.label for each in channels)}"
    )


def _rule(channels: Sequence[ChannelYear], text: str) -> ShareRule | None:
    if not text.strip():
        return None
    match = _RULE.match(text)
    if not match or not 0 < float(match[2]) <= 100:
        raise InputError(f"占比规则“{text}”看不懂", "写成 A类商品 60%: 直通车、全站推广")
    label = match[1].strip(" 至少最低=≥>") or "占比"
    names = [each.strip() for each in _CUT.split(match[3]) if each.strip()]
    if not names:
        names = [each.label for each in channels if each.label in label]
    if not names:
        raise InputError(
            f"计划表里的花费只分渠道，没有分商品，不知道哪些钱投“{label}”",
            f"写明渠道，如 {label} {match[2]}%: {channels[0].label}；现有：{'、'.join(each.label for each in channels)}",
        )
    chosen = tuple(dict.fromkeys(_channel(channels, name, "占比规则") for name in names))
    return ShareRule(label, chosen, float(match[2]) / 100)
