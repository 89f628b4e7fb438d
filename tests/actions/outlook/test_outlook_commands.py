"""forecast, replan, review, why, alerts and ads on a plan book: what they say, write and refuse."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import numpy as np
import pytest

from tests.actions.openbook import OpenBook
from xlplan.actions.change.versions import version
from xlplan.actions.outlook.advertising import ads
from xlplan.actions.outlook.alerting import alert
from xlplan.actions.outlook.forecast_log import issued_of
from xlplan.actions.outlook.forecasting import forecast
from xlplan.actions.outlook.replanning import replan_book
from xlplan.actions.outlook.reviewing import review
from xlplan.actions.outlook.standing import standings
from xlplan.actions.outlook.whying import MOST_BYTES, why
from xlplan.actions.plan.new import NewBook, make_state
from xlplan.actions.undo.undoing import undo
from xlplan.books.build import build
from xlplan.errors import InfeasibleError, InputError
from xlplan.plan.change.holds import Hold, HoldKind
from xlplan.plan.outlook.scoring import scores
from xlplan.plan.targets.claims import Claim
from xlplan.sheets.history.kept import in_shape, kept_plan
from xlplan.sheets.state.layout import pages
from xlplan.sheets.state.read import read_state

STORES = ("甲店", "乙店")
FIGURES = {"cvr": 0.05, "aov": 100.0, "spend_ratio": 0.1, "roi": 3.0, "refund_rate": 0.06}
DAYS = 255  # up to 12 September 2026


@cache
def planned():
    """Return the state of a planned year of two stores without actuals."""
    claims = [Claim("gmv", 4e6 * (i + 1), store=name) for i, name in enumerate(STORES)]
    claims += [Claim(metric, value, store=s) for s in STORES for metric, value in FIGURES.items()]
    return make_state(NewBook(2026, list(STORES), claims))[0]


def with_actuals(state, days=DAYS, factor=None, first=0, noise=0.1):
    """Give each store its plan times its factors of some days as actuals."""
    random = np.random.default_rng(1)
    frame = state.year.actuals.copy()
    for store in STORES:
        plan = state.year.plan.loc[store]
        times = {"gmv": 1.0, "uv": 1.0, "orders": 1.0} | (factor or {}).get(store, {})
        wobble = np.exp(random.normal(0, noise, len(plan))) if noise else 1.0
        for name in set(plan.columns) & set(frame.columns):
            values = np.round(plan[name].to_numpy() * times.get(name, 1.0) * wobble, 2)
            values[:first] = values[days:] = np.nan
            frame.loc[store, name] = values
    return replace(state, year=replace(state.year, actuals=frame))


@cache
def usual():
    """Return the bytes of a book in which 甲店 has a fifth fewer visits than planned."""
    return build(pages(slow(planned())))


def slow(state, **more):
    return with_actuals(state, factor={"甲店": {"gmv": 0.8, "uv": 0.8, "orders": 0.8}}, **more)


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    """That book, for tests that write nothing."""
    path = tmp_path_factory.mktemp("outlook") / "计划.xlsx"
    path.write_bytes(usual())
    return OpenBook(path)


@pytest.fixture(scope="module")
def places(shown):
    return read_state(shown)


@pytest.fixture
def asked(places, monkeypatch):
    """Return a function: an action that only reads, asked of a state, without a workbook."""

    def ask(action, state, **options):
        module = sys.modules[action.__module__]
        monkeypatch.setattr(module, "read_state", lambda _book: replace(places, state=state))
        return action(places, **options)  # any book: it is not read

    return ask


@pytest.fixture
def book_of(tmp_path):
    """Return a function: a state → a book that says it."""

    def make(state):
        path = tmp_path / "计划.xlsx"
        path.write_bytes(build(pages(state)))
        return OpenBook(path)

    return make


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "计划.xlsx"
    path.write_bytes(usual())
    return OpenBook(path)


def total(state, store, first, last):
    return round(float(state.year.plan.loc[store]["gmv"][str(first) : str(last)].sum()), 2)


def test_a_forecast_says_where_month_quarter_and_year_will_land_and_is_kept(book):
    told = forecast(book)
    found = told.facts["forecast"]["合计"]
    month = found["month_end"]
    assert month["low"] < month["middle"] < month["high"]
    assert month["target"] == round(sum(total(planned(), s, "2026-09-01", "2026-09-30") for s in STORES), 2)  # fmt: skip
    assert month["middle"] == pytest.approx(month["target"] * 2.8 / 3, rel=0.08)
    assert month["chance"] < 0.5
    assert found["quarter_end"]["middle"] > month["middle"]
    assert found["year_end"]["basis"] == "plan"
    kept = issued_of(read_state(book).state)
    assert [(row.store, row.month, row.as_of) for row in kept] == [("合计", 9, date(2026, 9, 12)), ("甲店", 9, date(2026, 9, 12)), ("乙店", 9, date(2026, 9, 12))]  # fmt: skip
    assert forecast(book).changed == 0
    undo(book)
    assert issued_of(read_state(book).state) == []


def test_a_forecast_is_scored_once_its_month_is_over(book):
    forecast(book, as_of=date(2026, 7, 20))
    told = forecast(book)
    july = {score["store"]: score for score in told.facts["scores"]}
    assert july["甲店"]["n"] == 1
    assert july["甲店"]["error"] < 0.1
    assert "以往 1 次预测" in "\n".join(told.lines)
    rows = [row for row in issued_of(read_state(book).state) if row.month == 7]
    assert scores(rows, {}) == []


def test_needed_visits_come_in_both_variants(shown):
    uv = forecast(shown, dry_run=True).facts["forecast"]["甲店"]["uv"]
    target = total(planned(), "甲店", "2026-09-01", "2026-09-30")
    assert uv["uv_needed"] == pytest.approx(target / 5, rel=0.01)
    assert 0 < uv["uv_gap"] < uv["uv_needed"]
    assert uv["uv_needed_rest"] > uv["uv_gap"] * 0.9
    assert uv["uv_short_rest"] > 0


def test_without_actuals_or_with_few_it_says_what_is_lacking(asked):
    with pytest.raises(InputError, match="还没有实际"):
        asked(forecast, planned())
    told = asked(forecast, with_actuals(planned(), days=9), dry_run=True)
    assert "还差 12 天" in told.title
    assert told.problems[0].rule == "history-short"
    assert told.changed == 0


def test_one_day_alone_still_has_a_pace_and_an_answer(asked):
    one = with_actuals(planned(), days=1)
    assert asked(forecast, one, dry_run=True).facts["forecast"]["合计"]["pace"]["days_known"] == 1
    assert asked(why, one).facts["days"]["known"] == 1
    assert "没有预警" in asked(alert, one).title


def test_a_day_of_another_year_or_before_all_actuals_is_refused(shown):
    with pytest.raises(InputError, match="不在 2026 年"):
        forecast(shown, as_of=date(2025, 3, 1))


def test_a_store_that_opened_in_may_and_one_that_closed_in_june_are_foreseen_by_their_plans():
    state = with_actuals(planned())
    plan, frame = state.year.plan.copy(), state.year.actuals.copy()
    opened = plan.index.get_level_values("date") < "2026-05-01"
    closed = plan.index.get_level_values("date") > "2026-06-30"
    at = {store: plan.index.get_level_values("store") == store for store in STORES}
    for mask in (at["甲店"] & opened, at["乙店"] & closed):
        plan.loc[mask, "gmv"] = 0.0
        frame.loc[mask] = np.nan
    both = replace(state, year=replace(state.year, plan=plan, actuals=frame))
    whole, new, old = standings(both)
    assert (new.weights.values[:120] == 0).all()
    assert (old.weights.values[181:] == 0).all()
    from xlplan.actions.outlook.forecasting import foreseen

    assert foreseen(both, old).landings["month"][1].middle == 0
    assert foreseen(both, new).landings["month"][1].middle > 0
    assert foreseen(both, whole).landings["month"][1].middle == pytest.approx(foreseen(both, new).landings["month"][1].middle, rel=0.05)  # fmt: skip


def test_negative_days_and_missing_days_are_counted_not_hidden(asked):
    state = with_actuals(planned())
    frame = state.year.actuals.copy()
    frame.loc[("甲店", "2026-09-03"), "gmv"] = -500.0
    frame.loc[("甲店", "2026-09-04"), "gmv"] = np.nan
    made = replace(state, year=replace(state.year, actuals=frame))
    found = asked(forecast, made, dry_run=True).facts["forecast"]["甲店"]
    assert found["pace"]["days_missing"] == 1
    assert np.isfinite(found["month_end"]["middle"])
    assert asked(why, made, store="甲店").facts["days"]["missing"] == {"甲店": 1}


def test_the_ways_of_going_on_stand_side_by_side_and_nothing_is_written(shown):
    before = read_state(shown).state
    told = replan_book(shown)
    assert told.changed == 0
    ways = told.facts["ways"]
    assert ways["追赶"]["gap"] == 0
    assert ways["按计划"]["gap"] > 0
    assert ways["按趋势"]["gap"] > ways["按计划"]["gap"]
    assert ways["追赶"]["per_day"] > ways["按计划"]["per_day"] > ways["按趋势"]["per_day"]
    assert "refused" in ways["追赶封顶"] or ways["追赶封顶"]["gap"] == 0
    assert read_state(shown).state.year.plan.equals(before.year.plan)


@pytest.mark.parametrize("mode", ["追赶", "追赶平均", "按趋势", "按计划"])
def test_the_chosen_way_is_a_forecast_version_exact_and_nothing_else_moves(book, mode):
    before = read_state(book).state
    told = replan_book(book, mode=mode, name="九月")
    after = read_state(book).state
    assert after.year.plan.equals(before.year.plan)
    assert after.year.actuals.equals(before.year.actuals)
    kept = next(v for v in after.versions if v.name == "九月")
    assert kept.kind == "预测"
    plan = in_shape(kept_plan(kept), before.year.plan)
    past = plan.index.get_level_values("date") <= "2026-09-12"
    assert plan[past].equals(before.year.plan[past])
    later = plan.index.get_level_values("date") > "2026-09-30"
    assert plan[later].equals(before.year.plan[later])
    asked = told.facts["ways"][mode]
    for store in STORES:
        rest = round(float(plan.loc[store]["gmv"]["2026-09-13":"2026-09-30"].sum()), 2)
        known = float(before.year.actuals.loc[store]["gmv"]["2026-09-01":"2026-09-12"].sum())
        assert round(known + rest, 2) == asked["stores"][store]
        if mode.startswith("追赶"):
            assert asked["stores"][store] == total(before, store, "2026-09-01", "2026-09-30")
    undo(book)
    assert read_state(book).state.versions == []


def test_visits_and_money_follow_the_replanned_sales(book):
    before = read_state(book).state.year.plan.loc["甲店"]["2026-09-13":"2026-09-30"]
    replan_book(book, mode="追赶")
    kept = kept_plan(read_state(book).state.versions[0])
    after = in_shape(kept, read_state(book).state.year.plan).loc["甲店"]["2026-09-13":"2026-09-30"]
    times = after["gmv"].sum() / before["gmv"].sum()
    assert times > 1.05
    for name in ("uv", "orders", "spend_keyword"):
        assert after[name].sum() / before[name].sum() == pytest.approx(times, rel=0.01)


def test_restored_the_forecast_becomes_the_plan_and_the_budget_stays(book):
    version(book, do="snapshot", name="预算稿", kind="预算")
    budget = read_state(book).state.versions[0]
    replan_book(book, mode="追赶")
    version(book, do="restore", name="预测")
    after = read_state(book).state
    assert after.versions[0] == budget
    assert total(after, "甲店", "2026-09-13", "2026-09-30") > total(planned(), "甲店", "2026-09-13", "2026-09-30")  # fmt: skip


def test_locked_days_stay_and_the_others_make_up_for_them(book_of):
    first, last = date(2026, 9, 20), date(2026, 9, 26)
    locked = Hold("L1", HoldKind.AREA, "gmv", "甲店", first, last)
    state = slow(planned())
    made = book_of(replace(state, holds=[locked]))
    told = replan_book(made, mode="追赶")
    plan = in_shape(kept_plan(read_state(made).state.versions[0]), state.year.plan)
    assert round(plan.loc["甲店"]["gmv"][str(first) : str(last)].sum(), 2) == total(state, "甲店", first, last)  # fmt: skip
    assert told.facts["ways"]["追赶"]["gap"] == 0
    assert any("锁定的 7 个店·日不动" in line for line in told.lines)


def test_when_everything_left_is_locked_catching_up_is_refused_and_nothing_written(asked):
    locked = Hold("L1", HoldKind.AREA, "gmv", "甲店", date(2026, 9, 13), date(2026, 9, 30))
    state = slow(planned())
    with pytest.raises(InfeasibleError, match="没有可以动的日子"):
        asked(replan_book, replace(state, holds=[locked]), mode="追赶")


def test_the_gap_may_go_to_the_quarter_or_to_another_store(shown):
    month, year = (replan_book(shown, within=w).facts["ways"]["追赶"] for w in ("本月", "全年"))
    assert year["per_day"] > 0
    assert year["gap"] == month["gap"] == 0
    told = replan_book(shown, store="乙店").facts["ways"]["追赶"]
    alone = replan_book(shown).facts["ways"]["按计划"]["stores"]
    assert told["stores"]["甲店"] == alone["甲店"]
    assert told["stores"]["乙店"] > total(planned(), "乙店", "2026-09-01", "2026-09-30")
    assert told["gap"] == 0


def test_an_unknown_way_period_or_store_is_refused(shown):
    for wrong in ({"mode": "努力"}, {"within": "明年"}, {"store": "丙店"}):
        with pytest.raises(InputError):
            replan_book(shown, **wrong)


def test_a_month_without_a_target_cannot_be_replanned_or_explained(asked):
    state = with_actuals(planned())
    plan = state.year.plan.copy()
    plan["gmv"] = np.nan
    made = replace(state, year=replace(state.year, plan=plan))
    with pytest.raises(InputError, match="没有目标"):
        asked(replan_book, made)
    with pytest.raises(InputError, match="没有目标"):
        asked(why, made)
    assert "没有月目标" in asked(forecast, made, dry_run=True).title


def test_why_gives_parts_that_add_up_to_the_gap_with_cells_within_four_kilobytes(shown):
    told = why(shown, question="9月为什么没达标")
    facts = told.facts
    assert (facts["period"], facts["store"]) == ("9月", "合计")
    assert round(sum(part["amount"] for part in facts["parts"]), 2) == facts["gap"] < 0
    assert facts["main"] == "UV"
    assert round(sum(part["amount"] for part in facts["stores"]), 2) == facts["gap"]
    assert round(sum(part["amount"] for part in facts["campaigns"]), 2) == pytest.approx(facts["gap"], abs=0.02)  # fmt: skip
    assert all(part["cell"].startswith("年度规划!") for part in facts["parts"])
    assert len(json.dumps(facts, ensure_ascii=False).encode()) <= MOST_BYTES
    assert told.as_dict() == why(shown, period="9月").as_dict()


def test_why_finds_store_and_period_in_the_question_as_people_ask_it(shown):
    for question, period, store in (
        ("乙店Q2怎么样", "Q2", "乙店"),
        ("上个月甲店为什么差", "8月", "甲店"),
        ("为什么", "9月", "合计"),
        ("今年为什么落后", "全年", "合计"),
        ("99划算节为什么没卖好", "99划算节", "合计"),
    ):
        facts = why(shown, question=question).facts
        assert (facts["period"], facts["store"]) == (period, store)


def test_why_of_a_future_period_is_refused(shown):
    with pytest.raises(InputError, match="还没有实际"):
        why(shown, period="11月")


def test_a_store_without_visits_is_told_apart_and_not_spread_over_factors(asked):
    state = with_actuals(planned(), factor={"甲店": {"gmv": 0.8}})
    frame = state.year.actuals.copy()
    frame.loc["甲店", "uv"] = np.nan
    facts = asked(why, replace(state, year=replace(state.year, actuals=frame))).facts
    parts = {part["name"]: part for part in facts["parts"]}
    assert "缺 UV 或笔数" in parts["未拆分"]["note"]
    assert round(sum(part["amount"] for part in facts["parts"]), 2) == facts["gap"]


def test_a_review_compares_like_with_like_and_lists_what_to_make_up(shown):
    told = review(shown, dry_run=True)
    facts = told.facts
    assert facts["review_day"] == "2026-09-24"  # the 25th is 中秋
    assert facts["bridge"]["start"] == pytest.approx(sum(total(planned(), s, "2026-09-01", "2026-09-12") for s in STORES))  # fmt: skip
    bands = {row["label"]: row["band"] for row in facts["metrics"]}
    assert bands["销售额"] == "进行中"
    rows = {row["metric"]: row for row in facts["actions"]}
    assert "每天多" in rows["UV"]["action"]
    assert rows["UV"]["owner"]
    assert rows["UV"]["due"] == "2026-09-30"
    assert facts["forecast"]["month_end"]["middle"] > 0
    assert any("没有去年的数" in line for line in told.lines)


def test_a_weekly_review_is_of_the_last_full_week(shown):
    facts = review(shown, kind="每周", dry_run=True).facts
    assert (facts["first"], facts["last"]) == ("2026-08-31", "2026-09-06")
    with pytest.raises(InputError):
        review(shown, kind="每年")


def test_alerts_name_store_metric_and_days(asked):
    state = with_actuals(planned(), noise=0)
    assert asked(alert, state).facts["alerts"] == []
    frame = state.year.actuals.copy()
    bad = [("甲店", f"2026-09-{day:02d}") for day in (10, 11, 12)]
    frame.loc[bad, "gmv"] *= 0.5
    found = asked(alert, replace(state, year=replace(state.year, actuals=frame))).facts["alerts"]
    gmv = next(each for each in found if each["metric"] == "gmv")
    assert (gmv["store"], gmv["days"], gmv["severe"]) == ("甲店", 3, True)
    assert {each["store"] for each in found} == {"甲店"}


def promoted(weeks=36):
    """Return a state with weekly promotion spend that tells its curve, for one channel."""
    state = with_actuals(planned(), noise=0)
    random = np.random.default_rng(5)
    frame = state.year.actuals.copy()
    days = frame.loc["甲店"].index
    week = (np.arange(len(days)) + date(2026, 1, 1).weekday()) // 7
    spend = 1000 * np.exp(random.normal(0, 0.6, week.max() + 1))
    load = state.year.calendar.days["weight"].groupby(week).transform("mean").to_numpy()
    sales = 40 * spend**0.6 * np.exp(random.normal(0, 0.05, len(spend)))
    for name, values in (("spend_keyword", spend[week] / 7), ("gmv_keyword", sales[week] / 7 * load)):  # fmt: skip
        column = np.round(values, 2)
        column[week >= weeks] = np.nan
        frame.loc["甲店", name] = column
    return replace(state, year=replace(state.year, actuals=frame))


def test_ads_give_a_marginal_roi_only_where_the_weeks_can_tell(asked):
    told = asked(ads, promoted(), store="甲店", margin="40%", min_roi="1:2", dry_run=True)
    channels = {each["channel"]: each for each in told.facts["channels"]}
    assert channels["直通车"]["b"] == pytest.approx(0.6, abs=0.06)
    assert channels["直通车"]["roi"] > channels["直通车"]["marginal_roi"]
    assert channels["直通车"]["label"] == "平台归因"
    assert "没有导入平台归因成交" in channels["钻展"]["refused"]["what"]
    assert told.facts["break_even_roi"] == pytest.approx(1 / (0.4 * 0.94), rel=0.05)
    assert told.facts["allocation"]["weekly"].keys() == {"直通车"}


def test_ads_of_too_few_weeks_are_refused_with_the_weeks_still_needed(asked):
    told = asked(ads, promoted(8), store="甲店", dry_run=True)
    refused = next(e for e in told.facts["channels"] if e["channel"] == "直通车")["refused"]
    assert refused["weeks"] < 12
    assert "至少要 12 周" in refused["what"]
    assert told.facts["allocation"] is None
    with pytest.raises(InputError, match="预算"):
        asked(ads, promoted(8), budget="很多")


def test_last_years_actuals_serve_year_end_and_review(asked):
    state = with_actuals(planned(), noise=0)
    from xlplan.actions.change.keeping import with_version

    past = state.year.actuals.iloc[0:0]
    index = [(s, d - timedelta(days=365)) for s, d in state.year.plan.index]
    past = state.year.plan.set_axis(
        type(state.year.plan.index).from_tuples(index, names=["store", "date"])
    )
    kept = with_version(state, "去年", "去年", "", past * 0.5, 2025)
    told = asked(forecast, kept, dry_run=True)
    assert told.facts["forecast"]["合计"]["year_end"]["basis"] == "last_year"
    assert told.facts["forecast"]["合计"]["year_end"]["growth"] == pytest.approx(2, rel=0.1)
    found = asked(review, kept, dry_run=True).facts["last_year"]
    assert found["growth"] == pytest.approx(1, rel=0.2)
