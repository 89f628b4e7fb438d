"""Cards measured by hand: due by the months that are known, both directions, limits, weights."""

from __future__ import annotations

import pytest

from xlplan.plan.cards.card import (
    AT_LEAST,
    AT_MOST,
    BY_PLAN,
    DAILY,
    FROM_LAST,
    LOWER,
    MONTHLY,
    RATIO,
    Card,
    Weight,
    card_from,
    card_texts,
)
from xlplan.plan.cards.measure import (
    BEHIND,
    BROKEN,
    GOING,
    IN_WORDS,
    PAST,
    REACHED,
    Setting,
    Taken,
    measured,
    overall,
    scores_by,
)

DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
PLAN = (1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 1.0, 1.0, 1.0, 1.0, 3.0, 2.0)
ALL = Setting(tuple(map(float, DAYS)), PLAN)


def months(*values):
    return (*values, *[None] * (12 - len(values)))


def one(card, setting=ALL):
    return measured([card], (), setting)[0]


def test_what_is_due_is_the_target_of_the_months_that_are_known():
    line = one(Card("关键词", target=1000.0, per=MONTHLY, done=months(900.0, None, 1200.0)))
    assert line.year == 12_000
    assert line.due == pytest.approx(2000)
    assert line.actual == 2100
    assert line.rate == pytest.approx(1.05)
    assert line.state == REACHED


def test_typed_months_come_first_and_the_rest_shares_what_is_left_by_days():
    line = one(Card("短视频", target=100.0, months=months(30.0), done=months(28.0, 5.0)))
    assert line.due == pytest.approx(30 + 70 * 28 / 334)


def test_a_path_by_the_plan_follows_its_months():
    line = one(Card("新客", target=1600.0, path=BY_PLAN, done=months(*[100.0] * 6)))
    assert line.due == pytest.approx(1600 * 7 / 16)


def test_a_level_is_its_last_month_on_the_way_from_last_year():
    line = one(Card("周转", unit="天", last=45.0, target=33.0, better=LOWER, path=FROM_LAST, done=months(44.0, 43.0, 45.0)))  # fmt: skip
    assert line.due == pytest.approx(45 - 12 * 3 / 12)
    assert line.rate == pytest.approx(2 - 45 / 42)
    assert line.state == GOING


def test_a_limit_is_kept_or_broken():
    assert one(Card("ROI", unit="倍", target=2.0, better=AT_LEAST, actual=1.99)).state == BROKEN
    assert one(Card("投诉率", unit="%", target=0.005, better=AT_MOST, actual=0.005)).score == 100


def test_missing_is_not_zero_and_a_target_in_words_has_no_attainment():
    assert one(Card("没数", target=5.0)).rate is None
    assert one(Card("零", target=5.0, actual=0.0)).state == BEHIND
    assert one(Card("核心词", goal="前5", actual=3.0)).state == IN_WORDS
    assert one(Card("只有往年", last=3.0)).state == PAST


def test_a_ratio_divides_two_lines_over_all_months_and_is_never_averaged():
    deck = [
        Card("自播额", unit="元", target=1.0, done=months(10.0, 90.0)),
        Card("视频额", unit="元", target=1.0, done=months(100.0, 100.0)),
        Card("自播占比", unit="%", adds=RATIO, top="自播额", bottom="视频额", target=0.55),
        Card("没有的", unit="%", adds=RATIO, top="谁", bottom="视频额", target=0.55),
    ]
    lines = measured(deck, (), ALL)
    assert lines[2].actual == pytest.approx(0.5)
    assert lines[3].actual is None


def test_a_metric_of_the_book_is_due_for_the_days_that_are_known():
    known = (1.0, 0.5, *[0.0] * 10)
    setting = Setting(ALL.days, PLAN, taken={0: Taken(400.0, known)})
    line = one(Card("UV", source="UV", target=10.0, per=DAILY), setting)
    assert line.year == 3650
    assert line.due == pytest.approx(10 * (31 + 14))
    assert line.upto == 2


def test_a_card_without_a_target_is_measured_by_the_plan():
    setting = Setting(ALL.days, PLAN, taken={0: Taken(90.0, (1.0,) * 12, year=120.0, due=100.0)})
    line = one(Card("销售额", source="销售额"), setting)
    assert (line.year, line.due, line.rate) == (120.0, 100.0, pytest.approx(0.9))


def test_weights_of_channel_category_and_tier_multiply():
    deck = [
        Card("甲", part="短视频", category="面膜", target=100.0, actual=50.0, weight=2.0),
        Card("乙", part="主站", target=100.0, actual=150.0),
        Card("丙", target=100.0),
    ]
    weights = [
        Weight("渠道", "短视频", 0.5),
        Weight("品类", "面膜", 3.0),
        Weight("客群", "沉睡", 9.0),
    ]
    lines = measured(deck, weights, ALL)
    assert [line.share for line in lines] == [3.0, 1.0, None]
    assert [line.score for line in lines] == [50.0, 120.0, None]
    assert overall(lines) == pytest.approx((3 * 50 + 120) / 4)
    assert scores_by(deck, lines, Weight("渠道", "主站", 1.0)) == 120
    assert scores_by(deck, lines, Weight("客群", "沉睡", 9.0)) is None


def test_a_card_is_the_same_after_json():
    card = Card("甲", months=months(1.0), done=months(None, 0.0), weight=0.0, goal="", tier="高价值(>5000元)")  # fmt: skip
    assert card_from(card_texts(card)) == card
    assert "note" not in card_texts(card)
