"""What a book keeps of the last look at 推广: what was asked, and what no formula can give."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from xlplan.record import record, replace
from xlplan.sheets.hidden.meta import ADS

if TYPE_CHECKING:
    from xlplan.sheets.state.book import BookState


@record
class ChannelAnswer:
    """What the gate says of a channel.

    Attributes:
        key: Channel key.
        marginal: Sales of the last yuan at today's weekly spend; None without a curve.
        weekly: Mean weekly spend; None without a curve.
        proposed: Weekly spend proposed; None without a proposal.
        floor: Least weekly spend that was asked for.
        cap: Most weekly spend that was asked for.
        held: Whether it is not to be moved.
        gate: The answer in Chinese: weeks and range of b, or why there is no curve.
        remedy: What would make it answerable; "" with a curve.
    """

    key: str
    marginal: float | None = None
    weekly: float | None = None
    proposed: float | None = None
    floor: float | None = None
    cap: float | None = None
    held: bool = False
    gate: str = ""
    remedy: str = ""


@record
class AdsAsked:
    """A look at 推广 as it was asked for.

    Attributes:
        scope: A store, or 合计.
        as_of: Last day looked at.
        least: Least ROI; None without one.
        least_is: Whether that is the 边际 or the 平均 ROI.
        told: Sentences about the allocation.
        answers: By channel.
    """

    scope: str
    as_of: date
    least: float | None = None
    least_is: str = "边际"
    told: tuple[str, ...] = ()
    answers: tuple[ChannelAnswer, ...] = ()


def ads_text(asked: AdsAsked) -> str:
    """Return it as text."""
    made: dict[str, Any] = {"scope": asked.scope, "as_of": str(asked.as_of), "least": asked.least, "least_is": asked.least_is, "told": list(asked.told)}  # fmt: skip
    made["answers"] = [list(asdict(one).values()) for one in asked.answers]
    return json.dumps(made, ensure_ascii=False, separators=(",", ":"))


def ads_of(state: BookState) -> AdsAsked | None:
    """Return what a book keeps; None when there is none, or nobody here wrote it."""
    text = state.meta.get(ADS, "")
    if not text:
        return None
    try:
        said = json.loads(text)
        said["as_of"] = date.fromisoformat(said["as_of"])
        said["told"] = tuple(said["told"])
        said["answers"] = tuple(ChannelAnswer(*row) for row in said["answers"])
        return AdsAsked(**said)
    except (ValueError, TypeError, KeyError):
        return None


def with_ads(state: BookState, asked: AdsAsked) -> BookState:
    """Return the book with a look in place of the one before."""
    return replace(state, meta={**state.meta, ADS: ads_text(asked)})
