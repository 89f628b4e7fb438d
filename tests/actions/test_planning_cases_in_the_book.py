"""The worked examples of planning (A spread, B rounding, C holds), typed into a closed book."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from xlplan.actions.changing import carried_out, spread
from xlplan.actions.holding import hold
from xlplan.actions.newbook import Typed, new_from
from xlplan.books.file import FileBook
from xlplan.errors import InfeasibleError, InputError
from xlplan.plan.change import Edit, Wish
from xlplan.plan.grid import Grid, Region
from xlplan.plan.periods import parse_period
from xlplan.sheets.state_read import read_state

CASES = {
    case["id"]: case
    for case in json.loads(
        (Path(__file__).parents[1] / "plan/planning_cases.json").read_text("utf-8")
    )
}
ONLY = "甲"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cases")
    made = {}
    for count in (1, 3):
        path = folder / f"{count}.xlsx"
        new_from(path, Typed(2026, None, list("甲乙丙"[:count])))
        made[count] = path.read_bytes()
    return made


@pytest.fixture
def path(fresh, tmp_path):
    made = tmp_path / "计划.xlsx"
    made.write_bytes(fresh[1])
    return made


@pytest.fixture
def three(fresh, tmp_path):
    made = tmp_path / "三店.xlsx"
    made.write_bytes(fresh[3])
    return made


def lay(path, values, metric="gmv", store=ONLY):
    """Put figures on periods, all at once."""
    book = FileBook(path)
    read = read_state(book)
    year = read.state.year
    edits = [
        Edit(
            Region(metric, (store,), parse_period(period, year.calendar)),
            "proportional",
            float(value),
        )
        for period, value in values.items()
    ]
    carried_out(book, read, Wish(tuple(edits), "none"), "准备", "准备", dry_run=False)


def see(path, *periods, metric="gmv", stores=()):
    year = read_state(FileBook(path)).state.year
    grid = Grid(year)
    return [
        grid.total(Region(metric, stores or year.stores, parse_period(p, year.calendar)))
        for p in periods
    ]


def months(count):
    return [f"{m}月" for m in range(1, count + 1)]


def days(count):
    return [f"3月{d}日" for d in range(1, count + 1)]


@pytest.mark.parametrize("case", ["A1", "A2"])
def test_like_another_store(three, case):
    given = CASES[case]["given"]
    lay(three, dict(zip(days(3), given["reference"], strict=True)), store="乙")
    spread(
        FileBook(three),
        store="甲",
        period="3月1日-3月3日",
        to=f"={given['total']} like 乙",
        gives="都不动",
    )
    assert see(three, *days(3), stores=("甲",)) == CASES[case]["expect"]


def test_a3_a_quarter_is_raised_and_the_year_follows(path):
    case = CASES["A3"]
    lay(path, dict(zip(months(3), case["given"]["months"], strict=True)) | {"12月": 750})
    spread(FileBook(path), period="Q1", to=f"={case['given']['q1_new']}")
    assert see(path, *months(3)) == case["expect"]["months"]
    assert see(path, "全年") == [case["expect"]["year"]]


def test_a7_equal_on_empty_children(path):
    spread(FileBook(path), period="Q1", to=f"={CASES['A7']['given']['total']}", by="月")
    assert see(path, *months(3)) == CASES["A7"]["expect"]


def test_a10_a_straight_line_over_twelve_months(path):
    case = CASES["A10"]
    lay(path, {"全年": case["given"]["total"]}, metric="uv")
    spread(
        FileBook(path),
        metric="UV",
        period="全年",
        method="直线",
        to=str(1 + case["given"]["growth"]),
        by="月",
    )
    assert see(path, *months(12), metric="uv") == case["expect"]


def test_a13_weekday_and_event_weights_to_the_yuan(path):
    case = CASES["A13"]
    week, events = case["given"]["weekday_mon_sun"], case["given"]["events"]
    weights = {}
    for day in range(1, 31):
        at = date(2026, 11, day)
        weights[f"11月{day}日"] = round(
            week[at.weekday()] * events.get(at.strftime("%m-%d"), 1) * 1000
        )
    lay(path, weights, metric="orders")
    lay(path, weights, metric="uv")
    spread(FileBook(path), metric="UV", period="11月", to=f"={case['given']['total']}")
    days_told, weeks = case["expect"]["days"], case["expect"]["by_iso_week"]
    named = ["11月{}日".format(int(name.split("-")[1])) for name in days_told]
    assert see(path, *named, metric="uv") == list(days_told.values())
    spans = ["11月{}日-11月{}日".format(*_week(int(number))) for number in weeks]
    assert see(path, *spans, metric="uv") == list(weeks.values())


def _week(number):
    inside = [d for d in range(1, 31) if date(2026, 11, d).isocalendar().week == number]
    return inside[0], inside[-1]


def test_b1_six_parts_of_a_hundred_yuan_lose_no_fen(path):
    case = CASES["B1"]
    spread(FileBook(path), period="3月1日-3月6日", to=f"={case['given']['total_fen'] / 100} 平均")
    assert [round(v * 100) for v in see(path, *days(6))] == case["expect"]["lr"]


def test_b3_pieces_are_whole_and_keep_their_proportions(path):
    case = CASES["B3"]
    lay(path, dict(zip(days(3), case["given"]["weights"], strict=True)), metric="units")
    spread(
        FileBook(path), metric="支付件数", period="3月1日-3月3日", to=f"={case['given']['total']}"
    )
    assert see(path, *days(3), metric="units") == case["expect"]


def test_b6_stores_and_days_are_exact_at_once(three):
    book = FileBook(three)
    read = read_state(book)
    year = read.state.year

    def edit(period, *stores):
        where = Region("units", stores or year.stores, parse_period(period, year.calendar))
        return Edit(where, "proportional", 10.0)

    wish = Wish((*(edit("3月1日-3月3日", s) for s in year.stores), *(edit(d) for d in days(3))))
    carried_out(book, read, wish, "分摊", "三店三天", dry_run=False)
    after = read_state(FileBook(three)).state.year.plan["units"].unstack("store")
    cells = after.loc["2026-03-01":"2026-03-03"].to_numpy()
    assert cells.sum(axis=0).tolist() == cells.sum(axis=1).tolist() == [10, 10, 10]
    assert set(cells.ravel()) <= {3, 4}


@pytest.mark.parametrize(("case", "kind"), [("C1", "只读"), ("C1", "合计"), ("C3", "只读")])
def test_held_children_stay_when_the_parent_is_edited(path, case, kind):
    given = CASES[case]["given"]
    lay(path, dict(zip(months(3), given["children"], strict=True)))
    for child in given["held"]:
        hold(FileBook(path), period=f"{child + 1}月", kind=kind)
    spread(FileBook(path), period="Q1", to=f"={given['total']}")
    assert see(path, *months(3)) == CASES[case]["expect"]


def test_c2_siblings_absorb_when_the_parent_is_held(path):
    given = CASES["C2"]["given"]
    lay(path, dict(zip(months(3), given["children"], strict=True)))
    hold(FileBook(path), period="Q1", kind="合计")
    spread(FileBook(path), period="1月", to="=20")
    assert see(path, *months(3)) == CASES["C2"]["expect"]


def test_c2_again_with_the_total_kept_for_this_change_only(path):
    lay(path, dict(zip(months(3), CASES["C2"]["given"]["children"], strict=True)))
    spread(FileBook(path), period="1月", to="=20", keep="季")
    assert see(path, *months(3)) == CASES["C2"]["expect"]


def test_c6_a_held_quarter_inside_an_edited_year(path):
    given = CASES["C6"]["given"]
    lay(path, dict(zip(months(12), given["months"], strict=True)))
    hold(FileBook(path), period="Q1", kind="合计")
    spread(FileBook(path), period="全年", to=f"={given['year']}")
    assert see(path, *months(12)) == CASES["C6"]["expect"]


def test_c9_negative_totals_are_refused_and_nothing_is_written(path):
    before = path.read_bytes()
    with pytest.raises(InputError, match="负数"):
        spread(FileBook(path), period="1月", to=f"={CASES['C9']['given']['children'][0]}")
    assert path.read_bytes() == before


def test_c10_one_locked_month_and_eleven_empty_ones(path):
    lay(path, {"1月": 100})
    hold(FileBook(path), period="1月", kind="只读")
    spread(
        FileBook(path), period="全年", to=f"={CASES['C10']['given']['total']}", method="", by="月"
    )
    assert see(path, *months(12)) == [100] * 12


@pytest.mark.parametrize("kind", ["只读", "合计"])
def test_c11_all_children_locked_names_both_locks_and_the_reachable_total(path, kind):
    given = CASES["C11"]["given"]
    lay(path, dict(zip(days(2), given["children"], strict=True)))
    for day in days(2):
        hold(FileBook(path), period=day, kind=kind)
    before = path.read_bytes()
    with pytest.raises(InfeasibleError) as caught:
        spread(FileBook(path), period="3月1日-3月2日", to=f"={given['total']}")
    assert path.read_bytes() == before
    assert caught.value.reachable[0] == 80
    assert len(caught.value.locks) == 2
    assert all(text in str(caught.value) for text in ("3月1日", "3月2日", "80"))
