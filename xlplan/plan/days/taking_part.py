"""Who takes part in a campaign: the stores of its platform, or those that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xlplan.errors import Level, Problem, Where
from xlplan.metrics.platforms import PLATFORMS, listed_platforms, platform_named

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from xlplan.plan.days.events import Event

_KNOWN = "、".join(platform.name for platform in PLATFORMS)


def is_limited(event: Event) -> bool:
    """Return whether an event says who takes part, or lifts stores differently."""
    return bool(event.stores or event.store_lift or listed_platforms(event.platform))


def takes_part(event: Event, store: str, platforms: Mapping[str, str]) -> bool:
    """Return whether a store takes part.

    A store of which nobody knows the platform takes part in what a platform does, and that is
    told (`doubts`); so is a platform that nobody knows, which counts as everywhere.

    Args:
        event: The campaign.
        store: The store.
        platforms: Store → platform, "" where it is not known.
    """
    if event.stores and store not in event.stores:
        return False
    words = listed_platforms(event.platform)
    if event.stores or not words or any(not _means(word, platforms) for word in words):
        return True
    mine = platforms.get(store, "")
    return not mine or mine in {_means(word, platforms) for word in words}


def _means(word: str, platforms: Mapping[str, str]) -> str:
    """Return the platform of a word: one of the table, or one that a store is said to be on."""
    return platform_named(word) or (word if word in platforms.values() else "")


def joined_by(
    events: Iterable[Event], store: str, platforms: Mapping[str, str]
) -> tuple[Event, ...]:
    """Return the events that a store takes part in, with the lifts that hold for it."""
    return tuple(event.of_store(store) for event in events if takes_part(event, store, platforms))


def doubts(
    events: Iterable[Event],
    stores: Sequence[str],
    platforms: Mapping[str, str],
    cells: Mapping[str, str] | None = None,
    file: str = "",
) -> list[Problem]:
    """Return what is not clear about who takes part in the events that are switched on.

    Args:
        events: The campaigns.
        stores: The book's stores.
        platforms: Store → platform.
        cells: Campaign → the cell of its name on 活动.
        file: Name for messages.
    """
    found = []
    for event in events:
        where = Where(file, "活动", (cells or {}).get(event.name, ""))
        if event.enabled and not event.lift and not event.store_lift:
            what = f"活动“{event.name}”没有预期倍数，按平日计"
            remedy = "在“活动”右边的倍数表写上它各天是平日的几倍"
            found.append(Problem(where, what, Level.WARNING, remedy, "lift-missing"))
        for what, level, remedy in _doubts(event, stores, platforms) if event.enabled else ():
            found.append(Problem(where, f"活动“{event.name}”：{what}", level, remedy, "活动"))
    return found


def _doubts(
    event: Event, stores: Sequence[str], platforms: Mapping[str, str]
) -> list[tuple[str, Level, str]]:
    strange = [name for name in {**dict.fromkeys(event.stores), **event.store_lift} if name not in stores]  # fmt: skip
    found = [
        (f"没有叫“{name}”的店", Level.ERROR, f"店铺写 {'、'.join(stores)} 里的，用顿号隔开；留空为平台的各店")
        for name in strange
    ]  # fmt: skip
    if event.stores:
        return found
    words = listed_platforms(event.platform)
    odd = [word for word in words if not _means(word, platforms)]
    if odd:
        what = f"不认识的平台“{'、'.join(odd)}”，按全平台计"
        return [*found, (what, Level.WARNING, f"平台写 {_KNOWN}，或在“店铺”列写店名")]
    unknown = [store for store in stores if words and not platforms.get(store)]
    if unknown:
        named = "、".join(unknown[:5]) + ("…" if len(unknown) > 5 else "")
        what = f"不知道 {named} 在哪个平台，按参加计"
        return [*found, (what, Level.WARNING, "在“年度目标”的“店铺平台”里写明，如 甲店=天猫")]
    if words and not any(takes_part(event, store, platforms) for store in stores):
        what = f"没有店在{event.platform}，它不影响任何一天"
        return [*found, (what, Level.WARNING, "改平台，或清空“启用”")]
    return found
