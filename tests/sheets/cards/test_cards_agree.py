"""指标卡: the sheet's live formulas give the engine's numbers; what is typed comes back as typed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.test_agreement import by_formualizer, disagreements
from xlplan.books.build import build
from xlplan.plan.cards.card import (
    AT_LEAST,
    AT_MOST,
    BY_PLAN,
    DAILY,
    EACH,
    EVENLY,
    FROM_LAST,
    LOWER,
    MONTHLY,
    PER_DAY,
    RATIO,
    WEEKLY,
    Card,
    Weight,
    card_texts,
    weight_texts,
)
from xlplan.sheets.base.names import ACTUAL, CARD_MONTHS, CARDS, CHECKUP, HOME, PLAN
from xlplan.sheets.cards.lookup import lookup_of
from xlplan.sheets.state.layout import pages
from xlplan.sheets.state.read import read_state


def months(**given):
    """Twelve months of which some are given, as m3=…"""
    return tuple(given.get(f"m{month}") for month in range(1, 13))


DECK = (
    Card("销售额", source="销售额", target=9_000_000.0, unit="元", weight=3.0),
    Card("店里的UV", "甲店", source="UV", target=900_000.0, unit="个", path=BY_PLAN),
    Card("复购率", source="复购率", target=0.4, last=0.3, unit="%", path=FROM_LAST, before=0.25),
    Card("推广费", source="推广费", target=500_000.0, better=AT_MOST, unit="元"),
    Card("推广ROI", source="推广ROI", target=2.0, per=MONTHLY, better=AT_LEAST, unit="倍"),
    Card("不存在的来源", source="没有这个指标", target=5.0),
    Card("每日UV", source="UV", target=8_000.0, per=DAILY),
    Card("关键词", target=1000.0, per=MONTHLY, done=months(m1=900.0, m2=1100.0, m5=0.0)),
    Card("短视频", part="短视频", target=2.0, per=WEEKLY, path=EVENLY, actual=40.0, unit="条"),
    Card("周转天数", last=45.0, target=28.0, unit="天", adds="末值", better=LOWER, path=FROM_LAST, done=months(m2=44.0, m4=38.0)),
    Card("投诉率", target=0.005, unit="%", better=AT_MOST, actual=0.006),
    Card("单场", part="短视频", target=80_000.0, per=EACH, count=156.0, unit="元", actual=5_000_000.0),
    Card("单场没写场次", target=80_000.0, per=EACH, unit="元", actual=70_000.0),
    Card("各月", months=months(m1=5.0, m2=6.0, m3=7.0), done=months(m1=4.0, m3=9.0)),
    Card("部分月", target=120.0, months=months(m6=40.0, m11=30.0), done=months(m1=8.0, m6=41.0)),
    Card("日均UV", adds="末值", per=PER_DAY, months=months(m3=1900.0, m4=2500.0), done=months(m3=2000.0)),
    Card("自播额", part="短视频", category="面膜", tier="高价值(>5000元)", done=months(m1=50.0, m2=60.0), target=700.0, unit="元"),
    Card("视频额", part="短视频", done=months(m1=90.0, m2=110.0), target=1300.0, unit="元"),
    Card("自播占比", adds=RATIO, top="自播额·短视频·面膜·高价值(>5000元)", bottom="视频额·短视频", target=0.55, unit="%"),
    Card("断了的比率", adds=RATIO, top="没有这行", bottom="视频额·短视频", target=0.5, unit="%"),
    Card("零分母", adds=RATIO, top="关键词", bottom="空行", target=0.5, unit="%"),
    Card("空行", target=10.0, done=months(m1=0.0)),
    Card("核心词", goal="前5", owner="小王", cadence="每周", note="每周看一次"),
    Card("没有目标", actual=3.0, group="流量", industry=2.5, last_target=4.0),
    Card("没有实际", target=3.0),
    Card("销售额按计划", source="销售额", last=5e6, unit="元"),
    Card("乙店UV按计划", "乙店", source="UV", last_target=1e6, unit="个"),
    Card("推广费按计划", source="推广费", unit="元"),
    Card("客单价按计划", source="客单价", unit="元"),
    Card("询单人数没有计划", source="询单人数"),
    Card("零目标", target=0.0, actual=3.0),
)  # fmt: skip
MATRIX = (Weight("渠道", "短视频", 2.0), Weight("品类", "面膜", 0.5), Weight("客群", "高价值(>5000元)", 3.0), Weight("渠道", "主站", 1.0), Weight("品类", "空", None))  # fmt: skip
OWN = {"cards": [card_texts(one) for one in DECK], "card_weights": [weight_texts(one) for one in MATRIX]}  # fmt: skip
CASES = {
    "two stores, part of the year": {"stores": ("甲店", "乙店"), "days": 130},
    "no actuals": {"days": 0, "stores": ("甲店",)},
}


@pytest.fixture(scope="module", params=CASES)
def book(request, state_of):
    state = replace(state_of(**CASES[request.param]), own=OWN)
    laid_out = pages(state)
    needed = [page for page in laid_out if page.name in (*MINE, HOME, PLAN, ACTUAL, CHECKUP)]
    return state, laid_out, build(needed)


MINE = (CARDS, CARD_MONTHS)


def of_cards(laid_out):
    return [page for page in laid_out if page.name in MINE]


def test_every_formula_gives_the_engines_number(book):
    _, laid_out, data = book
    found = disagreements(of_cards(laid_out), by_formualizer(data))
    assert found[:10] == []


@pytest.mark.libreoffice
@pytest.mark.parametrize("book", ["two stores, part of the year"], indirect=True)
def test_libreoffice_gives_the_engines_numbers(book, tmp_path):
    from xlplan.libreoffice.convert import recalculate

    _, laid_out, data = book
    path = tmp_path / "计划.xlsx"
    path.write_bytes(data)
    values = recalculate(path)
    found = disagreements(of_cards(laid_out), lambda s, row, column: values[s].get((row, column)))
    assert found[:10] == []


def test_what_is_typed_comes_back_equal(book, page_book):
    state, laid_out, _ = book
    read = read_state(page_book(laid_out))
    assert list(read.state.own["cards"]) == list(state.own["cards"])
    assert list(read.state.own["card_weights"]) == list(state.own["card_weights"])


def test_a_rate_is_due_as_the_plan_has_it_on_the_days_that_are_known(state_of):
    """The year's rate is no yardstick for a spring: campaigns are still to come."""
    year = state_of(days=100).year
    lookup = lookup_of(year, [{"name": "转化率", "source": "转化率"}])
    (taken,) = lookup.setting.taken.values()
    scope, formula = year.scopes[0], year.metrics["cvr_target"].formula
    due = {
        name: np.array(np.nansum(lookup.months(scope, name)[:12] * lookup.known(scope, name)))
        for name in formula.names
    }
    assert taken.due == pytest.approx(float(formula.evaluate(due)))
    assert taken.due != pytest.approx(taken.year, rel=1e-3)
