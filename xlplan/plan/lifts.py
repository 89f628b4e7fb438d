"""What past editions of an event teach about its next one: lifts by part of the event.

A phase's general lift is learned from all of its days, a single day's departure
from it from that day alone; both are shrunk toward the event's own profile by
the shop's noise and the number of editions seen (two-level empirical Bayes).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from xlplan.plan.events import Event, corresponding_day

#: Beliefs in log units: how far a phase may lie from its default lift, a day from its phase,
#: and how much one edition differs from the next.
_PHASE_SPREAD, _DAY_SPREAD, _YEAR_TO_YEAR = 0.6, 0.3, 0.3
#: A day without sales counts as this lift, so that logarithms exist.
_LEAST_LIFT = 0.02


@dataclass(frozen=True, eq=False)
class Evidence:
    """Past days measured against what was to be expected of them.

    Attributes:
        ratio: Date → actual ÷ (weekday × local level); NaN where unknown.
        expected: Date → product of all events' lifts as they were believed beforehand.
        noise: Standard deviation of log ratios on ordinary days.
        events: The editions of events in and around the history.
    """

    ratio: pd.Series
    expected: pd.Series
    noise: float
    events: tuple[Event, ...]


def _log(values: np.ndarray) -> np.ndarray:
    return np.asarray(np.log(np.maximum(values, _LEAST_LIFT)))


def _seen(target: Event, source: Event, evidence: Evidence) -> np.ndarray:
    """Return log lifts of `source` for each day of `target`, other events divided out."""
    parts = [corresponding_day(day, target, source) for day in target.days()]
    own = _log(np.array([source.lift.get(source.offset(day), 1.0) for day in parts]))
    index = pd.DatetimeIndex(parts)
    ratio, expected = (
        column.reindex(index).to_numpy(dtype=float)
        for column in (evidence.ratio, evidence.expected)
    )
    return np.where(np.isnan(ratio), np.nan, _log(ratio) - _log(expected) + own)


def _observed(target: Event, evidence: Evidence) -> np.ndarray:
    """Return editions × days of log lifts, of the editions with at least one day seen."""
    past = [e for e in evidence.events if e.name == target.name and e.edition != target.edition]
    rows = [_seen(target, source, evidence) for source in past]
    return np.array([row for row in rows if np.isfinite(row).any()])


def _judged(frame: pd.DataFrame, noise: float, editions: int) -> pd.Series:
    """Return posterior log lifts for days with columns phase, prior, mean, n."""
    surprise = frame["mean"] - frame["prior"]
    by_phase = surprise.groupby(frame["phase"])
    spread = (noise**2 / by_phase.transform("count").clip(lower=1) + _YEAR_TO_YEAR**2) / editions
    shift = by_phase.transform("mean") * _PHASE_SPREAD**2 / (_PHASE_SPREAD**2 + spread)
    belief = frame["n"] / (frame["n"] + (noise**2 + _YEAR_TO_YEAR**2) / _DAY_SPREAD**2)
    own = (surprise - shift).fillna(0.0) * belief
    return frame["prior"] + shift.fillna(0.0) + own


def learned_lift(target: Event, evidence: Evidence) -> dict[int, float] | None:
    """Return the event's lifts after what past editions showed; None where none was seen."""
    seen = _observed(target, evidence)
    if not len(seen):
        return None
    days = target.days()
    offsets = [target.offset(day) for day in days]
    known = np.isfinite(seen)
    count = known.sum(axis=0)
    frame = pd.DataFrame(
        {
            "phase": [phase.name if (phase := target.phase(day)) else "" for day in days],
            "prior": _log(np.array([target.lift.get(offset, 1.0) for offset in offsets])),
            "mean": np.where(known, seen, 0).sum(axis=0) / np.where(count, count, np.nan),
            "n": count,
        }
    )
    judged = np.exp(_judged(frame, evidence.noise, len(seen)))
    return dict(zip(offsets, judged.tolist(), strict=True))
