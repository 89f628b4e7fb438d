"""The month's tasks fall on days people work, checked by hand against the published calendars."""

from __future__ import annotations

from datetime import date

import pytest

from xlplan.plan.calendar import calendar
from xlplan.plan.days.events import Event
from xlplan.plan.tasks.board import due_on, made_board, overdue, slot_items
from xlplan.plan.tasks.due import works
from xlplan.plan.tasks.duties import Quota
from xlplan.plan.tasks.item import Item
from xlplan.plan.tasks.month import campaign_tasks, month_tasks, quota_parts
from xlplan.record import replace

STORES = ("甲店", "乙店")


@pytest.fixture(scope="module")
def y2026():
    return calendar(2026)


@pytest.fixture(scope="module")
def y2027():
    return calendar(2027)


def days_of(tasks, what):
    return [f"{task.day:%m-%d}" for task in tasks if what in task.what]


def test_september_2026_moves_around_mid_autumn_and_works_on_920(y2026):
    """中秋 is 9/25 (Friday) to 9/27; Sunday 9/20 is worked for it."""
    tasks = month_tasks(y2026, 9)
    assert days_of(tasks, "月度复盘会") == ["09-24"]
    assert days_of(tasks, "跨部门复盘会") == ["09-28"]
    assert days_of(tasks, "答疑日") == ["09-02", "09-09", "09-16", "09-23", "09-30"]
    assert days_of(tasks, "秒杀") == ["09-04", "09-11", "09-18", "09-24"]
    assert days_of(tasks, "周会") == ["09-07", "09-14", "09-21", "09-28"]
    assert days_of(tasks, "渠道效率") == ["09-20"]
    assert days_of(tasks, "定本月打法") == ["09-01"]
    assert days_of(tasks, "月度总结") == ["09-30"]
    assert "09-20" in days_of(tasks, "关键词")
    leads = {task.when: f"{task.day:%m-%d}" for task in tasks if task.kind == "活动"}
    assert leads["920会员节 T-7"] == "09-10"
    assert leads["920会员节 T-3"] == "09-14"
    assert leads["双11 T-25"] == "09-20"
    assert leads["双11 T-14"] == "09-30"  # 10/1 is off
    review = next(task for task in tasks if "月度复盘会" in task.what)
    assert review.why == "09-25 休"


def test_february_2027_moves_around_spring_festival(y2027):
    """春节 is 2027-02-06; by statute 2/5 to 2/10 are off, make-up days are not announced."""
    tasks = month_tasks(y2027, 2)
    assert days_of(tasks, "周会") == ["02-01", "02-11", "02-15", "02-22"]
    assert days_of(tasks, "答疑日") == ["02-03", "02-11", "02-17", "02-24"]
    assert days_of(tasks, "秒杀") == ["02-04", "02-12", "02-19", "02-26"]
    assert days_of(tasks, "ROI，") == ["02-04"]  # the 10th is off, and so are the five days before
    assert days_of(tasks, "月度复盘会") == ["02-25"]
    assert days_of(tasks, "月度总结") == ["02-26"]  # the 28th is a Sunday
    leads = {task.when: f"{task.day:%m-%d}" for task in tasks if task.kind == "活动"}
    assert leads["情人节 T-3"] == "02-04"  # sale begins 2/10, T-3 is Sunday 2/7
    assert leads["38焕新 T-7"] == "02-22"
    off = {date(2027, 2, day) for day in (5, 6, 8, 9, 10, 13, 20, 27)}
    assert not off & {task.day for task in tasks}


def test_a_weekday_task_of_a_week_that_is_off_falls_away(y2026):
    """1 to 7 October 2026 are off: Thursday's and Friday's task of that week have no day in October."""
    tasks = month_tasks(y2026, 10)
    assert days_of(tasks, "竞品跟踪") == ["10-08", "10-15", "10-22", "10-29"]
    assert days_of(tasks, "周会") == ["10-08", "10-12", "10-19", "10-26"]
    assert days_of(tasks, "月度复盘会") == ["10-23"]  # the 25th is a Sunday


@pytest.mark.parametrize("month", range(1, 13))
def test_nothing_is_asked_for_on_a_day_off_but_weekend_duty_and_openings(y2026, month):
    working = works(y2026.days)
    odd = [task for task in month_tasks(y2026, month) if not working(task.day)]
    assert {task.when for task in odd} <= {"周末"} | {f"{e.name} 开售" for e in y2026.events}
    assert {task.day.month for task in month_tasks(y2026, month)} == {month}


def test_keys_are_the_same_whenever_a_month_is_made_and_never_double(y2026):
    keys = [task.key for month in range(1, 13) for task in month_tasks(y2026, month)]
    assert len(keys) == len(set(keys))
    assert [t.key for t in month_tasks(y2026, 5)] == [t.key for t in month_tasks(y2026, 5)]


def test_counts_add_up_over_weeks_and_months(y2026):
    working = works(y2026.days)
    words = Quota("k", "更新关键词", 1000, "月", "周")
    parts = [quota_parts(words, 2026, month, working) for month in range(1, 13)]
    assert [sum(count for _, count in part) for part in parts] == [1000] * 12
    assert [count for _, count in parts[8]] == [
        182,
        227,
        273,
        182,
        136,
    ]  # 4, 5, 6, 4, 3 of 22 days
    pages = Quota("p", "重审详情页", 50, "季")
    assert [quota_parts(pages, 2026, m, working)[0][1] for m in (7, 8, 9)] == [
        17,
        16,
        17,
    ]  # 23, 21, 22 days
    videos = quota_parts(Quota("v", "发布短视频", 3, "月", "半月"), 2026, 9, working)
    assert [(f"{due.day:%m-%d}", count) for due, count in videos] == [("09-15", 2), ("09-30", 1)]


def test_only_a_big_campaign_gets_more_than_its_own_lead_times(y2026):
    working = works(y2026.days)
    small = Event("上新", date(2026, 4, 10), date(2026, 4, 10), date(2026, 4, 12))
    assert campaign_tasks(small, working) == []
    big = campaign_tasks(replace(small, budget_share=0.1), working)
    assert [f"{t.day:%m-%d}" for t in big] == ["03-16", "04-10", "04-14"]


def test_a_new_shop_gets_its_list_around_the_opening_day(y2026):
    tasks = [t for m in (3, 4) for t in month_tasks(y2026, m, (), date(2026, 3, 20))]
    listed = {task.key: task for task in tasks if task.kind == "新店"}
    assert listed["o:open"].day == date(2026, 3, 20)
    assert listed["o:stock"].day == date(2026, 3, 10)
    assert listed["o:trial"].day == date(2026, 3, 17)
    assert listed["o:ads"].day == date(2026, 3, 18)
    assert listed["o:first"].day == date(2026, 3, 23)  # the day after is a Saturday
    assert listed["o:next"].day == date(2026, 4, 17)
    assert len(listed) == 19


def test_what_people_said_stays_when_the_month_is_made_again(y2026):
    board = made_board([], y2026, 9)
    at = {item.key: place for place, item in enumerate(board)}
    review, words, pages = "m:review:2026-09", "n:keywords:2026-09:1", "n:pages:2026-09:1"
    changed = list(board)
    changed[at[review]] = replace(
        board[at[review]],
        owner="小王",
        what="复盘会（线上）",
        note="订会议室",
        day=date(2026, 9, 23),
    )
    changed[at[words]] = replace(board[at[words]], done={"甲店": 150.0}, quota=150.0)
    changed[at["d:2026-09:1"]] = replace(board[at["d:2026-09:1"]], ticks={1: "√", 20: "√"})
    changed.append(Item("x:2026-09:1", "2026-09", date(2026, 9, 18), "自定", what="换主图"))
    again = {
        item.key: item
        for item in made_board(
            changed, y2026, 9, [Quota("keywords", "更新关键词", 500, "月", "周")]
        )
    }
    assert again[review].day == date(2026, 9, 23)
    assert (again[review].owner, again[review].what) == ("小王", "复盘会（线上）")
    assert again[words].quota == 150.0
    assert again[words].done == {"甲店": 150.0}
    assert again["n:keywords:2026-09:2"].quota == 114  # the others follow the new count
    assert again["d:2026-09:1"].ticks == {1: "√", 20: "√"}
    assert again["x:2026-09:1"].what == "换主图"
    assert pages not in again  # nobody said anything of it


def test_a_campaign_that_is_off_takes_its_tasks_along_unless_somebody_worked_on_them(y2026):
    board = made_board([], y2026, 9)
    gone = [item for item in board if item.key.startswith("e:920")]
    assert len(gone) == 2
    done = [replace(i, done={"甲店": "√"}) if i is gone[0] else i for i in board]
    off = replace(
        y2026, events=tuple(replace(e, enabled=e.name != "920会员节") for e in y2026.events)
    )
    left = [item.key for item in made_board(done, off, 9) if item.key.startswith("e:920")]
    assert left == [gone[0].key]


def test_other_months_are_left_alone(y2026):
    board = made_board(made_board([], y2026, 9), y2026, 10)
    assert {item.month for item in board} == {"2026-09", "2026-10"}


def test_a_task_is_done_when_every_store_did_it():
    item = Item("m:x", "2026-09", date(2026, 9, 24), "每月", what="复盘")
    said = [
        ({}, "逾期"),
        ({"甲店": "√"}, "逾期"),
        ({"甲店": "√", "乙店": "不做"}, "完成"),
        ({"甲店": 3.0, "乙店": "√"}, "逾期"),
    ]
    for done, state in said:
        assert replace(item, done=done).state(STORES, date(2026, 9, 30)) == state
    counted = replace(item, quota=20.0, done={"甲店": 20.0, "乙店": 19.0})
    assert counted.state(STORES, date(2026, 9, 24)) == "今天"
    assert (
        replace(counted, done={"甲店": 20.0, "乙店": 21.0}).state(STORES, date(2026, 9, 1))
        == "完成"
    )
    assert counted.state(STORES, date(2026, 9, 1)) == "待办"


def test_what_is_overdue_and_due_today_can_be_asked_for(y2026):
    board = made_board([], y2026, 9)
    late = overdue(board, STORES, date(2026, 9, 3))
    assert {f"{item.day:%m-%d}" for item in late} == {"09-01", "09-02"}
    assert all(item.day == date(2026, 9, 3) for item in due_on(board, STORES, date(2026, 9, 3)))


def test_slots_count_the_days_that_are_worked(y2026):
    slots = slot_items(y2026, 9)
    assert len(slots) == 10
    assert {slot.quota for slot in slots} == {22, 0}  # the midday break is nobody's task


def test_items_come_back_from_their_texts(y2026):
    board = made_board([], y2026, 9)
    board[3] = replace(board[3], ticks={2: "√"}, note="改", done={"甲店": 2.0})
    assert [Item.of(item.key, item.texts()) for item in board] == board
