"""Stores differ: channels belong to platforms, and a campaign moves those who take part."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from xlplan.actions.plan.new import NewBook, make_state
from xlplan.actions.run.planning import asked_plan, plan_of
from xlplan.errors import InfeasibleError
from xlplan.metrics.platforms import (
    not_said,
    platform_in,
    platforms_of,
    sells_here,
    starting_channels,
)
from xlplan.plan.audit.planned import planned_problems
from xlplan.plan.change.holds import Hold, HoldKind
from xlplan.plan.days.events import Event
from xlplan.plan.days.taking_part import doubts, joined_by
from xlplan.plan.fill.make import ChannelMix, make_plan
from xlplan.plan.targets.claims import Claim, Span
from xlplan.plan.year import Settings
from xlplan.record import replace
from xlplan.sheets.days.page import Members, make_calendar

STORES = ("天猫旗舰店", "京东自营店", "老店")
ALL = ("display", "keyword", "juhuasuan", "affiliate", "crm", "jzt")


@pytest.fixture(scope="module")
def state():
    claims = [
        Claim(name, value, label=name, store=store, period=Span.YEAR)
        for store in STORES
        for name, value in {"gmv": 1e6, "cvr": 0.04, "aov": 100.0, "spend": 1e5 + 0.07}.items()
    ]
    return make_state(NewBook(2026, STORES, claims, Settings(channels=ALL)))[0]


def with_events(state, *events):
    """The state with these campaigns besides those it has, planned anew."""
    year = state.year
    mine = {event.name: event for event in (*year.calendar.events, *events)}
    members = Members(year.stores, year.platforms)
    made = make_calendar(year.year, tuple(mine.values()), state.shape, state.days, members=members)
    made = replace(state, year=replace(year, calendar=made))
    return replace(made, year=replace(made.year, plan=asked_plan(made)))


def of(state, store, metric="gmv"):
    return state.year.plan.xs(store, level="store")[metric].to_numpy()


SALE = Event("店庆", date(2026, 4, 18), date(2026, 4, 16), date(2026, 4, 20), lift=dict.fromkeys(range(-2, 3), 6.0))  # fmt: skip


class TestPlatforms:
    def test_a_stores_name_says_where_it_sells_unless_it_names_two(self):
        assert platform_in("天猫旗舰店") == "天猫"
        assert platform_in("JD 自营") == "京东"
        assert platform_in("ajdb 店") == platform_in("天猫京东店") == platform_in("老店") == ""

    def test_what_is_typed_goes_before_the_name(self):
        found = platforms_of(STORES, "老店＝抖店，京东自营店: 天猫")
        assert found == {"天猫旗舰店": "天猫", "京东自营店": "天猫", "老店": "抖音"}
        assert not_said(STORES, "老店=抖店、新店=京东、天猫") == ["新店=京东", "天猫"]

    def test_a_new_book_starts_with_the_channels_of_its_stores(self):
        assert starting_channels({"甲": ""}) == Settings().channels
        assert starting_channels({"甲": "京东"}) == ("crm", "jzt")
        assert "jzt" in starting_channels({"甲": "天猫", "乙": "京东"})
        assert sells_here("keyword", "淘宝")
        assert not sells_here("keyword", "京东")


class TestChannels:
    def test_a_store_spends_on_the_channels_of_its_platform_only(self, state):
        for key in ("display", "keyword", "juhuasuan", "affiliate"):
            assert of(state, "京东自营店", f"spend_{key}").sum() == 0
            assert of(state, "京东自营店", f"uv_{key}").sum() == 0
            assert of(state, "天猫旗舰店", f"spend_{key}").sum() > 0
        assert of(state, "天猫旗舰店", "spend_jzt").sum() == 0
        assert of(state, "老店", "spend_jzt").sum() > 0  # nobody knows where it sells

    def test_the_years_money_is_exact_whatever_the_platform(self, state):
        spend = [name for name in state.year.plan if name.startswith("spend_")]
        for store in STORES:
            total = sum(of(state, store, name).sum() for name in spend)
            assert round(total * 100) == 10_000_007

    def test_what_was_typed_for_other_platforms_goes_to_its_own(self, state):
        shares = dict(zip(ALL, (0.2, 0.4, 0.1, 0.1, 0.1, 0.1), strict=True))
        mix = ChannelMix({key: np.full(12, share) for key, share in shares.items()})
        year = state.year
        plan = make_plan(year.targets, year.calendar, year.settings, year.stores, mix)
        money = plan.filter(like="spend_").groupby("store").sum() / 1e5
        assert money.loc["京东自营店", "spend_jzt"] == pytest.approx(0.9, abs=1e-5)
        assert money.loc["京东自营店", "spend_crm"] == pytest.approx(0.1, abs=1e-5)
        assert money.loc["天猫旗舰店", "spend_keyword"] == pytest.approx(0.4 * 9 / 8, abs=1e-5)
        assert money.loc["老店", "spend_keyword"] == pytest.approx(0.4, abs=1e-5)

    def test_money_without_a_channel_of_its_platform_in_the_book_is_other_money(self, state):
        year = state.year
        few = replace(year.settings, channels=("keyword", "crm"))
        mix = ChannelMix({"keyword": np.full(12, 0.8), "crm": np.full(12, 0.2)})
        plan = make_plan(year.targets, year.calendar, few, year.stores, mix)
        money = plan.filter(like="spend_").groupby("store").sum() / 1e5
        assert money.loc["京东自营店", "spend_keyword"] == 0
        assert money.loc["京东自营店", "spend_other"] == pytest.approx(0.8, abs=1e-5)
        assert money.loc["老店", "spend_other"] == 0


class TestCampaigns:
    def test_a_campaign_of_one_platform_moves_no_day_of_another(self, state):
        after = with_events(state, replace(SALE, platform="天猫", stores=()))
        for metric in ("gmv", "uv", "orders", "spend_crm"):
            assert np.array_equal(of(after, "京东自营店", metric), of(state, "京东自营店", metric))
        was, now = of(state, "天猫旗舰店"), of(after, "天猫旗舰店")
        assert now[107] > 4 * was[107]
        assert round(now.sum() * 100) == round(was.sum() * 100) == 10**8

    def test_a_campaign_of_named_stores_moves_these_whatever_the_platform(self, state):
        after = with_events(state, replace(SALE, platform="天猫", stores=("老店",)))
        for store in STORES:
            same = np.array_equal(of(after, store), of(state, store))
            assert same == (store != "老店")

    def test_a_lift_of_one_store_holds_there_only(self, state):
        own = {"老店": dict.fromkeys(range(-2, 3), 1.0)}
        after, all_alike = (with_events(state, e) for e in (replace(SALE, store_lift=own), SALE))
        assert np.array_equal(of(after, "老店"), of(state, "老店"))
        assert np.array_equal(of(after, "天猫旗舰店"), of(all_alike, "天猫旗舰店"))

    def test_everywhere_and_nothing_said_are_the_same_as_ever(self, state):
        said = [
            with_events(state, replace(SALE, platform=word)) for word in ("全平台", "", "所有")
        ]
        assert all(each.year.calendar.own == {} for each in said)
        assert all(each.year.plan.equals(said[0].year.plan) for each in said)

    def test_what_is_not_clear_about_who_takes_part_is_told(self):
        platforms = platforms_of(STORES)

        def told(**fields):
            return [p.what for p in doubts([replace(SALE, **fields)], STORES, platforms)]

        assert told(platform="天猫")[0].endswith("不知道 老店 在哪个平台，按参加计")
        assert "不认识的平台“站内”" in told(platform="站内")[0]
        assert "没有叫“新店”的店" in told(stores=("新店",))[0]
        assert "没有预期倍数" in told(lift={})[0]
        assert told(lift={}, enabled=False) == told() == []
        known = {"甲": "天猫"}
        assert "不影响任何一天" in doubts([replace(SALE, platform="京东")], ["甲"], known)[0].what
        assert joined_by([replace(SALE, platform="京东")], "甲", known) == ()

    def test_an_event_nobody_takes_part_in_moves_no_day(self, state):
        year = replace(state.year, stores=STORES[:1])
        members = Members(year.stores, platforms_of(year.stores))
        without, with_it = (
            make_calendar(2026, events, state.shape, state.days, members=members)
            for events in ((), (replace(SALE, platform="京东"),))
        )
        assert np.array_equal(without.weights(), with_it.weights())
        assert [event.name for event in with_it.events] == ["店庆"]


class TestFindings:
    def test_more_paid_visitors_than_visitors_are_told_with_what_would_do(self, state):
        year = state.year
        cheap = ChannelMix(cpc={"jzt": np.full(12, 0.1)})
        plan = make_plan(year.targets, year.calendar, year.settings, year.stores, cheap)
        problem, _ = planned_problems(replace(year, plan=plan), {"京东自营店": "D12"})
        assert problem.where.cell == "D12"
        assert problem.what.startswith("京东自营店 计划的付费UV超过当月UV：1月")
        assert problem.what.endswith("等 12 个月")
        assert planned_problems(year) == []

    def test_money_left_on_another_platforms_channel_is_told(self, state):
        there = replace(state.year.settings, platforms="老店=拼多多")
        (problem,) = planned_problems(replace(state.year, settings=there))
        assert "老店 在拼多多" in problem.what
        assert "直通车" in problem.what
        assert "老客户推广" not in problem.what


def spent(state, store):
    """Fen of promotion money by day."""
    names = [name for name in state.year.plan if name.startswith("spend_")]
    rows = state.year.plan.xs(store, level="store")[names].to_numpy()
    return np.rint(np.nansum(rows, axis=1) * 100).astype(int)


class TestMoney:
    def test_a_share_of_the_year_is_met_to_the_fen_and_the_year_stays(self, state):
        after = with_events(state, replace(SALE, platform="天猫", budget_share=0.6))
        spend = spent(after, "天猫旗舰店")
        assert spend[105:110].sum() == round(0.6 * 10_000_007)
        assert spend.sum() == 10_000_007
        # the other days keep their proportions, and other platforms every fen
        before = spent(with_events(state, replace(SALE, platform="天猫")), "天猫旗舰店")
        rest = np.r_[0:105, 110:365]
        assert spend[rest] / spend[rest].sum() == pytest.approx(before[rest] / before[rest].sum(), abs=1e-5)  # fmt: skip
        assert np.array_equal(spent(after, "京东自营店"), spent(state, "京东自营店"))
        assert np.array_equal(of(after, "天猫旗舰店"), of(with_events(state, SALE), "天猫旗舰店"))

    def test_channels_keep_their_shares_and_paid_visitors_follow(self, state):
        after = with_events(state, replace(SALE, budget_share=0.6))
        plan = after.year.plan.xs("天猫旗舰店", level="store")
        for key in ("display", "keyword", "crm"):
            assert plan[f"spend_{key}"].sum() == pytest.approx(1e5 / 5, abs=1)
            visits = plan[f"uv_{key}"].to_numpy()
            assert visits[105:110].sum() / visits.sum() == pytest.approx(0.6, abs=0.01)

    def test_overlapping_and_nested_campaigns_all_get_their_share(self, state):
        more = [
            replace(SALE, budget_share=0.3),
            Event("内", date(2026, 4, 18), date(2026, 4, 18), date(2026, 4, 18), budget_share=0.1),
            Event("跨", date(2026, 4, 30), date(2026, 4, 19), date(2026, 5, 6), budget_share=0.25),
        ]
        spend = spent(with_events(state, *more), "老店")
        parts = [spend[105:110].sum(), spend[107:108].sum(), spend[108:126].sum()]
        assert parts == [round(share * 10_000_007) for share in (0.3, 0.1, 0.25)]
        assert spend.sum() == 10_000_007

    def test_shares_that_cannot_be_are_refused_by_name(self, state):
        two = replace(SALE, budget_share=0.6), replace(SALE, name="又一个", start=date(2026, 8, 1), anchor=date(2026, 8, 2), end=date(2026, 8, 3), budget_share=0.5)  # fmt: skip
        with pytest.raises(InfeasibleError) as refused:
            with_events(state, *two)
        assert "店庆 60.00%、又一个 50.00%，合计 110.00%" in refused.value.message

    def test_months_that_were_given_stay(self, state):
        monthly = state.year.targets.monthly
        row = pd.DataFrame([[np.nan] * 3 + [30_000.0] + [np.nan] * 8], columns=range(1, 13))
        row.index = pd.MultiIndex.from_tuples([("老店", "spend")], names=["store", "metric"])
        targets = replace(state.year.targets, monthly=pd.concat([monthly, row]))
        given = replace(state, year=replace(state.year, targets=targets))
        spend = spent(with_events(given, replace(SALE, budget_share=0.2)), "老店")
        assert (spend[105:110].sum(), spend[90:120].sum()) == (2_000_001, 3_000_000)
        with pytest.raises(InfeasibleError, match="4月推广费"):
            with_events(given, replace(SALE, budget_share=0.6))

    def test_a_book_in_which_it_is_only_a_hint_plans_as_before(self, state):
        hint = replace(state.year.settings, campaign_money=False)
        state = replace(state, year=replace(state.year, settings=hint))
        was, now = (with_events(state, each) for each in (SALE, replace(SALE, budget_share=0.6)))
        assert now.year.plan.equals(was.year.plan)
        assert planned_problems(now.year) == planned_problems(was.year)
        assert replace(Settings()).campaign_money is False

    def test_locks_stay_and_the_share_is_met_by_the_other_days(self, state):
        after = with_events(state, replace(SALE, budget_share=0.6))
        store, first, last = "老店", date(2026, 4, 17), date(2026, 4, 17)
        locked = Hold("L1", HoldKind.AREA, "spend", store, first, last)
        before = with_events(state, SALE)
        held = replace(after, year=replace(before.year, calendar=after.year.calendar), holds=[locked])  # fmt: skip
        spend = spent(replace(held, year=replace(held.year, plan=plan_of(held))), store)
        assert spend[106] == spent(before, store)[106]
        assert spend[105:110].sum() == spent(after, store)[105:110].sum()
        assert spend.sum() == 10_000_007

    def test_what_locks_make_of_a_share_is_told(self, state):
        after = with_events(state, replace(SALE, budget_share=0.6))
        plan = with_events(state, SALE).year.plan
        told = "“店庆”的预算占比写 60.00%，计划里它的推广费占"
        problems = planned_problems(replace(after.year, plan=plan))
        assert len([p for p in problems if told in p.what]) == 3
        assert not [p for p in planned_problems(after.year) if "预算占比" in p.what]
