"""What past editions of an event teach about its next one.

Log lifts are learned at three levels, each shrunk toward the one above by the
shop's noise and the number of editions seen (empirical Bayes): how strongly the
shop responds to the event at all (a slope on its default profile), how each
phase differs from that, how each day differs from its phase.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.plan.days.events import Event, corresponding_day
from xlplan.record import bundle

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

#: Beliefs (standard deviations): of the slope about 1, of a phase about the slope's lift and
#: of a day about its phase (log units), and of one edition about the next (log units).
_SLOPE_SPREAD, _PHASE_SPREAD, _DAY_SPREAD, _YEAR_TO_YEAR = 0.6, 0.3, 0.3, 0.25
#: What is believed of a campaign's day counts as this part of an edition seen: the second edition
#: of a real peak was 17 % off where one edition moved the belief halfway, 10 % with this.
EXPECTED_COUNTS = 0.35
#: A day without sales counts as this lift, so that logarithms exist.
_LEAST_LIFT = 0.02


@bundle
class Evidence:
    """Past days measured against what was to be expected of them.

    Attributes:
        ratio: Date → actual ÷ (weekday × local level), known days only.
        expected: Date → product of all events' lifts as they were believed beforehand.
        noise: Standard deviation of log ratios on ordinary days.
        events: The editions of events in and around the history.
    """

    ratio: Mapping[date, float]
    expected: Mapping[date, float]
    noise: float
    events: tuple[Event, ...]

    def lift(self, event: Event, day: date) -> float:
        """Return the log lift of one event on a day, other events divided out; NaN if unknown."""
        if day not in self.ratio:
            return float("nan")
        own = _log(event.lift.get(event.offset(day), 1.0))
        return _log(self.ratio[day]) - _log(self.expected[day]) + own


def _log(value: float) -> float:
    return float(np.log(max(value, _LEAST_LIFT)))


def _observed(target: Event, evidence: Evidence) -> np.ndarray:
    """Return editions × days of log lifts, of the editions with at least one day seen."""
    past = [e for e in evidence.events if e.name == target.name and e.edition != target.edition]
    rows = [
        [evidence.lift(source, corresponding_day(day, target, source)) for day in target.days()]
        for source in past
    ]
    return np.array([row for row in rows if np.isfinite(row).any()])


def _slope(prior: np.ndarray, seen: np.ndarray, variance: float) -> float:
    """Return how strongly the shop responds, 1 as the profile says: a ridge regression toward 1."""
    ridge = variance / _SLOPE_SPREAD**2
    return float((prior @ seen + ridge) / (prior @ prior + ridge))


def _phase_shifts(
    rest: np.ndarray, phase: np.ndarray, variance: float, between: float
) -> np.ndarray:
    """Return for each day the believed mean departure of its phase."""
    count = np.bincount(phase)
    mean = np.bincount(phase, rest) / np.maximum(count, 1)
    spread = variance / np.maximum(count, 1) + between
    return np.asarray((mean * _PHASE_SPREAD**2 / (_PHASE_SPREAD**2 + spread))[phase])


def _judged(prior: np.ndarray, seen: np.ndarray, phases: list[object], noise: float) -> np.ndarray:
    """Return the believed log lifts of all days, given editions × days of observed ones."""
    editions = np.isfinite(seen).sum(axis=0)
    known = editions > 0
    mean = np.where(known, np.nansum(seen, axis=0), 0.0)[known] / editions[known]
    between = _YEAR_TO_YEAR**2 / len(seen)
    variance = noise**2 / len(seen) + between
    believed = prior * _slope(prior[known], mean, variance)
    phase = np.unique([str(name) for name in phases], return_inverse=True)[1][known]
    rest = mean - believed[known]
    shift = _phase_shifts(rest, phase, noise**2 / len(seen), between)
    belief = _DAY_SPREAD**2 / (_DAY_SPREAD**2 + variance)
    believed[known] += shift + belief * (rest - shift)
    # what was believed counts as a part of an edition against what was seen of the day itself
    count = editions[known]
    believed[known] = (EXPECTED_COUNTS * believed[known] + count * mean) / (
        EXPECTED_COUNTS + count
    )
    return believed


def learned_lift(target: Event, evidence: Evidence) -> dict[int, float] | None:
    """Return the event's lifts after what past editions showed; None where none was seen."""
    seen = _observed(target, evidence)
    if not len(seen):
        return None
    days = target.days()
    offsets = [target.offset(day) for day in days]
    prior = np.array([_log(target.lift.get(offset, 1.0)) for offset in offsets])
    judged = np.exp(_judged(prior, seen, [target.phase(day) for day in days], evidence.noise))
    return dict(zip(offsets, judged.tolist(), strict=True))
