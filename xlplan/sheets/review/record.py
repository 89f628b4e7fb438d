"""What a book keeps of its last review: the period, and the figures no formula can give."""

from __future__ import annotations

import json
from dataclasses import asdict, field
from datetime import date
from typing import TYPE_CHECKING, Any

from xlplan.plan.explain.basis import Segment
from xlplan.record import record, replace
from xlplan.sheets.hidden.meta import REVIEW

if TYPE_CHECKING:
    from xlplan.sheets.state.book import BookState


@record
class Ahead:
    """One line of the forecast that stood when the review was made; None is not known."""

    label: str
    low: float
    middle: float
    high: float
    target: float | None = None
    chance: float | None = None
    note: str = ""


@record
class ChannelVisits:
    """Visits by channel: planned and actual, and what the difference is worth in sales."""

    name: str
    before: float
    now: float
    worth: float


@record
class ChannelEffects:
    """One line of the bridge by channel against last year."""

    name: str
    amount: float


@record
class Review:
    """A review as it was made.

    Attributes:
        kind: 月度 or 每周.
        scope: A store, or 合计.
        label: The period's name.
        first: Its first day.
        last: Its last day.
        as_of: Last day looked at.
        review_day: The month's review day.
        ahead: What was foreseen.
        lack: What was lacking for a forecast.
        last_year: Segments against last year's comparable days.
        shift: Last year's comparable days minus its same dates.
        visits: By channel, plan and actual.
        by_channel: Lines of the bridge by channel against last year.
        proposed: Row of the 补差计划 → what was proposed, so that what people wrote is told apart.
    """

    kind: str
    scope: str
    label: str
    first: date
    last: date
    as_of: date
    review_day: date
    ahead: tuple[Ahead, ...] = ()
    lack: str = ""
    last_year: tuple[Segment, ...] = ()
    shift: float = 0.0
    visits: tuple[ChannelVisits, ...] = ()
    by_channel: tuple[ChannelEffects, ...] = ()
    channel_note: str = ""
    proposed: dict[str, list[str]] = field(default_factory=dict)


_DAYS = ("first", "last", "as_of", "review_day")
_LISTS = {"ahead": Ahead, "last_year": Segment, "visits": ChannelVisits, "by_channel": ChannelEffects}  # fmt: skip


def as_text(review: Review) -> str:
    """Return a review as text."""
    made: dict[str, Any] = {
        name: getattr(review, name) for name in review.__dataclass_fields__ if name not in _LISTS
    }
    made |= {name: str(made[name]) for name in _DAYS}
    made |= {
        name: [list(asdict(one).values()) for one in getattr(review, name)] for name in _LISTS
    }
    return json.dumps(made, ensure_ascii=False, separators=(",", ":"))


def review_of(state: BookState) -> Review | None:
    """Return the review that a book keeps; None when there is none, or nobody here wrote it."""
    text = state.meta.get(REVIEW, "")
    if not text:
        return None
    try:
        said = json.loads(text)
        said |= {name: date.fromisoformat(said[name]) for name in _DAYS}
        for name, kind in _LISTS.items():
            said[name] = tuple(
                kind(*(tuple(v) if isinstance(v, list) else v for v in row)) for row in said[name]
            )
        return Review(**said)
    except (ValueError, TypeError, KeyError):
        return None


def with_review(state: BookState, review: Review) -> BookState:
    """Return the book with a review in place of the one before."""
    return replace(state, meta={**state.meta, REVIEW: as_text(review)})
