"""Weights learned from history: a known truth is recovered, real data is beaten, gaps are told."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlplan.errors import InputError
from xlplan.plan.calendar import calendar, for_store
from xlplan.plan.days.events import Event
from xlplan.plan.days.history import daily
from xlplan.plan.days.learning import learn_weights
from xlplan.plan.days.weights import Shape

WEEKDAY = np.array([1.15, 1.1, 1.0, 0.95, 0.9, 0.8, 1.1])
MONTH = (0.9, 0.85, 1, 1, 1.05, 1, 0.95, 0.95, 1, 1.1, 1.15, 1.05)
RETAIL = Path(__file__).parents[2] / "data" / "online_retail_daily.csv"


def truth(years, *, response=1.0, noise=0.1, growth=0.0, seed=0):
    """Daily sales of a shop whose true weekday, month and event effects are known."""
    shape = Shape(weekday=tuple(WEEKDAY), month=MONTH)
    days = pd.concat([calendar(year, shape=shape).days for year in years])
    expected = days["month_factor"] * days["weekday_factor"] * days["event_factor"] ** response
    random = np.random.default_rng(seed).normal(0, noise, len(days))
    return 10_000 * expected * np.exp(random + growth * np.arange(len(days)) / 365)


def retail(column):
    return daily(pd.read_csv(RETAIL)[["date", column]].rename(columns={column: "value"}))


def lift(found, day):
    return found.days.loc[day, "event_factor"]


@pytest.mark.parametrize("response", [0.3, 1.0])
def test_the_weekday_profile_is_recovered_from_under_the_events(response):
    learned = learn_weights(truth([2025], response=response))
    np.testing.assert_allclose(learned.shape.weekday, WEEKDAY / WEEKDAY.mean(), atol=0.035)


def test_averaging_weekdays_without_leaving_events_out_would_be_worse():
    sales = truth([2025], noise=0.02)
    naive = sales.groupby(sales.index.day_of_week).mean().to_numpy()
    target = WEEKDAY / WEEKDAY.mean()
    learned = np.array(learn_weights(sales).shape.weekday)
    assert abs(learned - target).max() < 0.4 * abs(naive / naive.mean() - target).max()


def test_growth_is_told_apart_from_season_once_there_are_two_years():
    shape = np.array(learn_weights(truth([2023, 2024, 2025], growth=0.4, noise=0.05)).shape.month)
    target = np.array(MONTH) / np.mean(MONTH)
    assert np.corrcoef(shape, target)[0, 1] > 0.8
    assert abs(shape / target - 1).max() < 0.13


@pytest.mark.parametrize("day", ["2026-11-11", "2026-06-18", "2026-05-13", "2026-03-08"])
def test_a_shop_that_hardly_joins_campaigns_gets_small_lifts(day):
    default, weak = calendar(2026), calendar(2026, history=truth([2024, 2025], response=0.2))
    assert lift(weak, day) == pytest.approx(lift(default, day) ** 0.2, rel=0.25)
    assert lift(weak, day) < 0.6 * lift(default, day)


def test_lifts_follow_a_wave_that_moved():
    learned = calendar(2026, history=truth([2025], noise=0.03))
    assert lift(learned, "2026-05-13") > 2
    assert lift(learned, "2026-05-16") < 1.7


def test_an_own_event_is_learned_from_last_years_edition():
    anchor = dt.date(2025, 8, 25)
    sales = truth([2024, 2025], response=0.0)
    sales[pd.Timestamp(anchor)] *= 6
    own = [
        Event(
            "店庆", dt.date(year, 8, 25), dt.date(year, 8, 25), dt.date(year, 8, 25), lift={0: 2.0}
        )
        for year in (2025, 2026)
    ]
    own[1] = Event(
        "店庆", dt.date(2026, 8, 20), dt.date(2026, 8, 20), dt.date(2026, 8, 20), lift={0: 2.0}
    )
    found = calendar(2026, events=own, history=sales[sales.index >= "2025-01-01"])
    assert 4 < lift(found, "2026-08-20") < 6.5
    assert lift(found, "2026-08-25") == 1


def test_what_was_learned_is_reported_with_how_often_it_was_seen():
    report = learn_weights(truth([2024, 2025])).report.set_index(["kind", "name"])
    assert report.loc[("星期指数", "周一"), "value"] == pytest.approx(1.15, abs=0.04)
    assert report.loc[("活动峰值倍数", "双11"), "n"] == 2
    assert report.loc[("活动峰值倍数", "双11"), "value"] == pytest.approx(8, rel=0.3)
    assert report["value"].xs("月份日均占比").sum() == pytest.approx(1)
    assert report.loc[("节假日指数", "清明"), "value"] == pytest.approx(1, abs=0.15)


def test_a_holiday_outside_campaigns_gets_its_own_index():
    sales = truth([2024, 2025], response=0)
    for first, last in (("2024-04-04", "2024-04-06"), ("2025-04-04", "2025-04-06")):
        sales[first:last] *= 0.5
    learned = learn_weights(sales, events=())
    assert learned.shape.holiday["清明"] == pytest.approx(0.5, abs=0.12)
    found = calendar(2026, events=(), history=learned).days
    assert (found.loc["2026-04-04":"2026-04-06", "holiday_factor"] < 0.65).all()


def test_a_shop_closed_every_saturday_weighs_nothing_on_saturdays():
    found = calendar(2026, history=retail("revenue"))
    saturdays = found.days["weekday"] == 6
    assert (found.days.loc[saturdays, "weight"] == 0).all()
    assert found.days.loc[saturdays, "closed"].all()
    assert not found.days.loc[~saturdays, "closed"].any()
    assert any("周六" in problem.what for problem in found.problems)


def test_a_stores_profile_laid_on_the_shared_calendar_is_the_stores_own_calendar():
    learned = learn_weights(retail("revenue"))
    typed = {dt.date(2026, 7, 7): 3.0}
    shared = calendar(2026, multipliers=typed)
    own = calendar(2026, history=learned, multipliers=typed)
    found = for_store(shared, learned)
    pd.testing.assert_frame_equal(found.days, own.days)
    assert found.problems == own.problems
    assert not shared.days["closed"].any()


def test_the_christmas_gap_is_a_closure_and_not_a_slow_week():
    learned = learn_weights(retail("orders"), events=())
    assert (dt.date(2010, 12, 24), dt.date(2011, 1, 3)) in learned.closures
    assert any("2010-12-24 至 2011-01-03" in problem.what for problem in learned.problems)
    filled = retail("orders")
    filled["2010-12-24":"2011-01-03"] = np.nan
    without = learn_weights(filled, events=()).shape
    np.testing.assert_allclose(learned.shape.weekday, without.weekday, rtol=1e-9)


@pytest.mark.parametrize(("column", "gain"), [("orders", 0.55), ("revenue", 0.75)])
def test_learned_weights_beat_flat_ones_on_real_days_never_seen(column, gain):
    sales = retail(column)
    train, held = sales[:"2011-08-31"], sales["2011-09-01":"2011-11-30"]
    weight = calendar(2011, events=(), history=train).days["weight"].reindex(held.index)
    month = held.index.month

    def miss(shape):
        planned = (
            shape / shape.groupby(month).transform("sum") * held.groupby(month).transform("sum")
        )
        return (planned - held).abs().sum() / held.sum()

    assert miss(weight) < gain * miss(weight * 0 + 1)


def test_events_are_measured_against_the_mean_of_skewed_days_not_their_median():
    random = np.random.default_rng(8)
    index = pd.date_range("2024-01-01", "2025-12-31")
    sales = pd.Series(random.exponential(1000, len(index)), index=index)
    ratio = pd.Series(learn_weights(sales, events=()).evidence.ratio)
    assert ratio.mean() == pytest.approx(1, abs=0.08)


def test_missing_days_and_outliers_do_little_harm():
    sales = truth([2025], noise=0.05)
    clean = learn_weights(sales).shape.weekday
    random = np.random.default_rng(1)
    broken = sales.copy()
    broken.iloc[random.choice(365, 8, replace=False)] *= 30
    broken = broken.drop(broken.index[random.choice(365, 60, replace=False)])
    np.testing.assert_allclose(learn_weights(broken).shape.weekday, clean, atol=0.06)


def test_a_missing_day_is_not_a_day_without_sales():
    sales = truth([2025], noise=0.02, response=0)
    holes = sales[~((sales.index.day_of_week == 2) & (sales.index.day % 2 == 0))]
    learned = learn_weights(holes)
    assert learned.shape.weekday[2] == pytest.approx(WEEKDAY[2] / WEEKDAY.mean(), abs=0.03)


def test_zeros_of_a_slow_shop_count_as_sales_of_nothing():
    random = np.random.default_rng(3)
    index = pd.date_range("2024-01-01", "2025-12-31")
    mean = np.where(index.day_of_week >= 5, 0.8, 1.6)
    learned = learn_weights(pd.Series(random.poisson(mean).astype(float), index=index), events=())
    assert learned.closures == ()
    assert learned.shape.closed_weekdays == frozenset()
    assert learned.shape.weekday[5] / learned.shape.weekday[1] == pytest.approx(0.5, abs=0.2)


def test_peaks_that_no_event_explains_are_named():
    sales = truth([2025], noise=0.05)
    sales["2025-07-16"] *= 6
    found = [p for p in learn_weights(sales).problems if p.rule == "unexplained-peak"]
    assert "2025-07-16" in found[0].what
    assert "活动表" in found[0].remedy


def test_a_short_history_teaches_nothing_and_says_so():
    learned = learn_weights(truth([2025]).iloc[:20])
    assert learned.shape == Shape()
    assert learned.problems[0].rule == "history-short"
    pd.testing.assert_series_equal(
        calendar(2026, history=learned).days["weight"], calendar(2026).days["weight"]
    )


def test_months_never_seen_take_the_default_shape_and_are_named():
    learned = learn_weights(truth([2025])["2025-01-01":"2025-08-31"])
    note = next(p for p in learned.problems if p.rule == "month-unseen")
    assert "9月、10月、11月、12月" in note.what
    assert min(learned.shape.month) > 0.7


def test_order_and_duplicates_of_rows_do_not_matter():
    sales = truth([2025])
    half = pd.concat([sales / 2, sales / 2]).sample(frac=1, random_state=5)
    frame = half.rename("value").rename_axis("date").reset_index()
    assert learn_weights(frame).shape.weekday == pytest.approx(learn_weights(sales).shape.weekday)


@pytest.mark.parametrize(
    "history",
    [
        pd.Series([1.0], index=["昨天"]),
        pd.Series(["多"], index=["2026-01-01"]),
        pd.DataFrame({"date": ["2026-01-01"], "a": [1], "b": [2]}),
    ],
)
def test_a_history_that_is_not_dates_and_numbers_is_refused(history):
    with pytest.raises(InputError):
        learn_weights(history)


@settings(max_examples=25, deadline=None)
@given(
    values=st.lists(
        st.one_of(st.just(0.0), st.just(np.nan), st.floats(-1e9, 1e12)), min_size=1, max_size=120
    ),
    start=st.dates(dt.date(2010, 1, 1), dt.date(2030, 1, 1)),
)
def test_any_numbers_at_all_give_weights_that_average_one(values, start):
    history = pd.Series(values, index=pd.date_range(start, periods=len(values)))
    weight = calendar(2026, history=history).days["weight"]
    assert weight.mean() == pytest.approx(1)
    assert np.isfinite(weight).all()
    assert (weight >= 0).all()
