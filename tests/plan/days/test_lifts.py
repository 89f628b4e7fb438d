"""Event lifts from evidence: believed by editions and noise, phase by phase."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from xlplan.plan.days.events import Event, Phase
from xlplan.plan.days.learning import Evidence, learned_lift

LIFT = {-2: 1.5, -1: 2.0, 0: 4.0, 1: 0.5}
PHASES = (Phase("开场", -2, -1), Phase("当日", 0, 0), Phase("回落", 1, 1))


def edition(year, lift=LIFT):
    anchor = dt.date(year, 8, 18)
    return Event("店庆", anchor, anchor - dt.timedelta(2), anchor, PHASES, lift)


def evidence(years, seen, noise=0.1, expected=None):
    """Past editions in which each offset sold `seen[offset]` times the usual."""
    events = [edition(year) for year in years]
    days = {event.day(offset): (offset, event) for event in events for offset in LIFT}
    ratio = {day: seen[offset] for day, (offset, _) in days.items() if offset in seen}
    believed = {day: (expected or LIFT)[offset] for day, (offset, _) in days.items()}
    return Evidence(ratio, believed, noise, tuple(events))


def judged(*args, **kwargs):
    return learned_lift(edition(2026), evidence(*args, **kwargs))


def test_what_confirms_the_profile_leaves_it_as_it_is():
    assert judged([2025], LIFT) == pytest.approx(LIFT)


def test_more_editions_and_less_noise_move_a_lift_further_from_the_default():
    seen = {offset: value**2 for offset, value in LIFT.items()}
    one, three = judged([2025], seen)[0], judged([2023, 2024, 2025], seen)[0]
    noisy = judged([2025], seen, noise=0.8)[0]
    assert 4 < noisy < one < three < 16
    assert one > 9


def test_all_days_of_a_shop_that_does_not_join_fall_toward_no_lift():
    found = judged([2024, 2025], dict.fromkeys(LIFT, 1.0))
    assert all(abs(np.log(found[k])) < 0.3 * abs(np.log(LIFT[k])) for k in LIFT)


def test_days_never_seen_follow_the_response_of_the_days_that_were():
    found = judged([2025], {-2: 1.0, -1: 1.0, 1: 1.0})
    assert 1 < found[0] < 2.5


def test_a_single_days_surprise_stays_mostly_on_its_day():
    found = judged([2025], LIFT | {-2: 3.0})
    assert found[-2] > 1.9
    assert abs(np.log(found[-1] / 2)) < 0.5 * np.log(found[-2] / 1.5)
    assert abs(np.log(found[0] / 4)) < 0.4


def test_a_day_shared_with_another_event_is_divided_between_them():
    shared = {offset: value * 3 for offset, value in LIFT.items()}
    assert judged([2025], shared, expected=shared) == pytest.approx(LIFT)


def test_days_without_sales_give_a_small_lift_and_no_crash():
    found = judged([2023, 2024, 2025], dict.fromkeys(LIFT, 0.0))
    assert all(0 < value < 0.2 for value in found.values())


def test_the_edition_itself_and_other_events_teach_nothing():
    assert learned_lift(edition(2026), evidence([2026], LIFT)) is None
    other = Evidence({}, {}, 0.1, (edition(2025),))
    assert learned_lift(edition(2026), other) is None


def test_a_flat_profile_learns_a_lift_by_phase():
    flat = dict.fromkeys(LIFT, 1.0)
    events = (edition(2024, flat), edition(2025, flat))
    ratio = {event.day(offset): 3.0 for event in events for offset in LIFT}
    found = learned_lift(
        edition(2026, flat), Evidence(ratio, dict.fromkeys(ratio, 1.0), 0.05, events)
    )
    assert all(1.8 < value < 3 for value in found.values())


def test_one_edition_moves_the_belief_three_quarters_of_the_way():
    seen = {offset: value**2 for offset, value in LIFT.items()}
    moved = np.log(judged([2025], seen)[0] / LIFT[0]) / np.log(seen[0] / LIFT[0])
    assert 1 / 1.35 <= moved < 1
