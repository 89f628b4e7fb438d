"""The forecast: its bars on a real shop, its bands, peaks, closed days, thin and odd series."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from xlplan.errors import InputError
from xlplan.plan.outlook.backtest import SEEN_FROM, backtest, whole_months
from xlplan.plan.outlook.dayweights import believed_lift, learned_weights
from xlplan.plan.outlook.landing import land, levels, window_errors
from xlplan.plan.outlook.saleshistory import EventDay, SalesHistory, lacking

DATA = Path(__file__).parents[2] / "data" / "online_retail_daily.csv"


@cache
def retail():
    with DATA.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    values = np.array([float(row["revenue"]) for row in rows])
    days = [date.fromisoformat(row["date"]) for row in rows]
    closed = frozenset(day for day, value in zip(days, values, strict=True) if value == 0)
    return SalesHistory(days[0], values, closed)


def shop(days=500, seed=1, noise=0.3, first=date(2023, 1, 2), level=1000.0):
    random = np.random.default_rng(seed)
    weekday = np.array([0.9, 0.95, 1.0, 1.0, 1.1, 1.3, 0.75])
    values = level * weekday[np.arange(days) % 7] * np.exp(random.normal(0, noise, days))
    return SalesHistory(first, np.round(values, 2))


def test_the_bars_on_a_real_shop_are_met_and_beat_the_run_rate():
    found = backtest(retail())
    assert len(found.months) == 10
    for day, bar in zip(SEEN_FROM, (9.5, 7.2, 4.2, 3.0), strict=True):
        assert 100 * found.error("xlplan", day) <= bar
        assert found.error("xlplan", day) < found.error("linear", day)
    assert 100 * found.error("linear", 7) == pytest.approx(10.7, abs=0.05)
    assert 0.75 <= found.coverage <= 0.9


def test_bands_hold_eight_of_ten_over_many_months_of_different_shops():
    noises = (0.15, 0.3, 0.6)
    made = [backtest(shop(700, seed, noise)) for seed, noise in enumerate(noises)]
    inside = [each.inside for found in made for each in found.forecasts]
    assert len(inside) >= 150
    assert 0.75 <= np.mean(inside) <= 0.92


def test_a_forecast_knows_nothing_of_the_days_after_it():
    before = shop(120)
    last = before.values.copy()
    last[-10:] *= 50
    day = before.first + timedelta(days=109)
    spoiled = SalesHistory(before.first, last).until(day)
    one, other = (
        land(h.values, learned_weights(h, 120), 90, 119) for h in (before.until(day), spoiled)
    )
    assert one.middle == other.middle
    assert np.array_equal(one.draws, other.draws)


def peaks(lift=6.0, expected=4.0):
    calm = shop(1000, 5, 0.2)
    days = [date(year, 11, 11) for year in (2023, 2024, 2025)]
    values = calm.values.copy()
    for day in days:
        if day <= calm.last:
            values[calm.place(day)] *= lift
    events = tuple(EventDay("双11", day, 0, expected) for day in days)
    return SalesHistory(calm.first, values, events=events)


def test_a_second_peak_is_foreseen_from_the_first_and_a_first_from_what_was_typed():
    found = {(e.month, e.seen_from): abs(e.error("xlplan")) for e in backtest(peaks()).forecasts}
    for day in (7,):
        assert found[date(2023, 11, 1), day] <= 0.2
        assert found[date(2024, 11, 1), day] <= 0.13


def test_what_was_expected_counts_as_a_third_of_an_edition():
    assert believed_lift(4.0, []) == 4.0
    assert believed_lift(float("nan"), []) == 1.0
    assert believed_lift(float("nan"), [np.log(6.0)]) == pytest.approx(6.0)
    between = (0.35 * np.log(4.0) + np.log(6.0)) / 1.35
    assert believed_lift(4.0, [np.log(6.0)]) == pytest.approx(np.exp(between))


def test_an_event_nobody_expects_anything_of_is_named_and_not_guessed():
    calm = shop(150)
    event = EventDay("店庆", calm.last + timedelta(days=3), 0)
    weights = learned_weights(SalesHistory(calm.first, calm.values, events=(event,)), 160)
    assert weights.unexpected == ["店庆"]
    plain = learned_weights(calm, 160)
    assert weights.values[152] == plain.values[152]


def test_an_unseen_event_widens_the_band_and_a_seen_one_less():
    history = peaks()
    at, later = (history.until(date(year, 11, 7)) for year in (2023, 2024))
    plain = SalesHistory(at.first, at.values)

    def width(known):
        begin = known.place(known.last.replace(day=1))
        weights = learned_weights(known, begin + 30)
        landing = land(known.values, weights, begin, begin + 29)
        return (landing.high - landing.low) / landing.middle

    assert width(at) > 1.3 * width(plain)
    assert width(later) < width(at)


def test_a_closed_weekday_and_a_closed_day_to_come_bring_nothing():
    found = learned_weights(retail(), len(retail().values))
    assert found.weekday[5] == 0
    calm = shop(100)
    day = calm.last + timedelta(days=2)
    weights = learned_weights(SalesHistory(calm.first, calm.values, frozenset([day])), 110)
    assert weights.values[101] == 0


def test_absent_days_are_neither_zeros_nor_sales_to_come():
    whole = shop(400)
    holes = whole.values.copy()
    gone = np.random.default_rng(2).choice(400, 25, replace=False)
    holes[gone] = np.nan
    full, thin = backtest(whole), backtest(SalesHistory(whole.first, holes))
    assert abs(thin.error("xlplan", 14) - full.error("xlplan", 14)) < 0.03
    real = {(e.month, e.seen_from): e.actual for e in thin.forecasts}
    begin = whole.place(date(2023, 6, 1))
    assert real[date(2023, 6, 1), 7] == pytest.approx(np.nansum(holes[begin : begin + 30]))


def test_a_month_that_is_mostly_absent_is_left_out_and_named():
    whole = shop(300)
    values = whole.values.copy()
    begin = whole.place(date(2023, 6, 1))
    values[begin : begin + 15] = np.nan
    found = backtest(SalesHistory(whole.first, values))
    assert date(2023, 6, 1) not in found.months
    assert found.skipped == ["2023-06（缺 15 天）"]


@pytest.mark.parametrize("days", [1, 30, 56, 80])
def test_a_short_series_is_refused_with_what_it_takes(days):
    with pytest.raises(InputError, match="没有一个完整的月"):
        backtest(shop(days))


def test_months_start_after_eight_weeks_and_are_whole():
    assert whole_months(shop(150)) == [
        (date(2023, 3, 1), date(2023, 3, 31)),
        (date(2023, 4, 1), date(2023, 4, 30)),
        (date(2023, 5, 1), date(2023, 5, 31)),
    ]


@pytest.mark.parametrize("kind", ["zeros", "negative", "sparse", "outlier"])
def test_odd_series_give_finite_answers(kind):
    values = shop(200).values.copy()
    if kind == "zeros":
        values[60:100] = 0
    elif kind == "negative":
        values[70] = -5000.0
    elif kind == "sparse":
        values[np.arange(200) % 4 > 0] = 0
    else:
        values[70] *= 100
    found = backtest(SalesHistory(date(2023, 1, 2), values))
    for each in found.forecasts:
        assert np.isfinite([each.low, each.high, *each.estimates.values()]).all()
        assert each.low <= each.estimates["xlplan"] <= each.high


def test_nothing_but_zeros_is_refused():
    with pytest.raises(InputError, match="不大于 0"):
        backtest(SalesHistory(date(2023, 1, 2), np.zeros(200)))


def test_three_weeks_are_enough_and_two_say_what_they_lack():
    assert lacking(shop(21)) == ""
    assert "还差 7 天" in lacking(shop(14))
    assert "全是 0" in lacking(SalesHistory(date(2023, 1, 2), np.zeros(30)))
    three = shop(21)
    landing = land(three.values, learned_weights(three, 31), 0, 30)
    assert 0.7 * 31000 < landing.middle < 1.3 * 31000
    assert landing.low < landing.middle < landing.high


def test_the_level_fades_and_an_outlier_is_cut():
    values = np.full(60, 100.0)
    values[-1] = 100_000
    assert levels(values, np.ones(60))[-1] < 130
    values = np.r_[np.full(40, 100.0), np.full(10, 200.0)]
    assert levels(values, np.ones(50))[-1] == pytest.approx(150, abs=5)


def test_errors_of_past_windows_are_shrunk_when_they_are_few():
    few, none = (window_errors(np.full(n, 100.0), np.ones(n), np.full(n, 100.0), 14) for n in (60, 20))  # fmt: skip
    assert none.windows == 0
    assert 0 < few.spread < none.spread
    assert few.bias == 0
