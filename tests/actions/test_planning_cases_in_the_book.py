"""The worked examples of planning (A spread, B rounding, C holds), in a closed and an open book."""

from __future__ import annotations

import json
import os
import shutil
from datetime import date
from pathlib import Path

import pytest

from tests.actions.openbook import CellsBook, empty_sheets
from xlplan.actions.change.changing import carried_out, spread
from xlplan.actions.change.holding import hold
from xlplan.actions.plan.newbook import Typed, new_from
from xlplan.books.file import FileBook
from xlplan.books.live import LiveBook
from xlplan.cells import Cell, Seen
from xlplan.errors import InfeasibleError, InputError
from xlplan.libreoffice import available
from xlplan.plan.change.grid import Grid, Region
from xlplan.plan.change.request import Edit, Wish
from xlplan.plan.days.periods import parse_period
from xlplan.sheets.state.read import read_state

CASES = {
    case["id"]: case
    for case in json.loads(
        (Path(__file__).parents[1] / "plan/planning_cases.json").read_text("utf-8")
    )
}
ONLY = "甲"


class Held(CellsBook):
    """A plan book, read once; at the end of a case what it wrote is written to the real books."""

    def __init__(self, *real):
        self.real = real
        book = real[0]()
        super().__init__({sheet: book.read(sheet) for sheet in book.sheets()})
        self.stood = {sheet: dict(cells) for sheet, cells in self.cells.items()}
        self.first, self.pending, self.writes = {}, {}, 0

    def write(self, changes):
        self.writes += 1
        for sheet, cells in changes.items():
            self.pending.setdefault(sheet, {}).update(cells)
            for spot, cell in cells.items():
                self.first.setdefault((sheet, spot), self.cells[sheet].get(spot))
                self.cells[sheet][spot] = Seen(cell.value, cell.formula)

    def grow(self, growths):
        """Take new sheets in, and give them to the real books at once; they stay, emptied."""
        super().grow(growths)
        for name in (one.page.name for one in growths):
            self.stood[name], blank = dict(self.cells[name]), empty_sheets().get(name, {})
            for spot, seen in self.cells[name].items():
                if blank.get(spot) != seen:
                    self.first.setdefault((name, spot), blank.get(spot))
        for real in self.real:
            book = real()
            book.grow(growths)
            book.save()

    def save(self):
        pass

    def stands(self, *sheets):
        """Write for real, and see that each book says it, its formulas worked out anew."""
        for real in self.real:
            book = real()
            book.write(self._new() if getattr(book, "recalculates", False) else self.pending)
            book.save()
            for sheet in sheets:
                self._says(sheet, real().read(sheet))
        self.pending = {}
        self.stood = {sheet: dict(cells) for sheet, cells in self.cells.items()}

    def _new(self):
        """What an open book does not work out itself: all but formulas that stand there."""
        new = {
            sheet: {
                spot: cell
                for spot, cell in cells.items()
                if not cell.formula or self.stood[sheet].get(spot, Seen()).formula != cell.formula
            }
            for sheet, cells in self.pending.items()
        }
        return {sheet: cells for sheet, cells in new.items() if cells}

    def _says(self, sheet, there):
        for spot, seen in self.cells[sheet].items():
            value, formula = there.get(spot, (None, ""))
            number = isinstance(value, float) and isinstance(seen.value, int | float)
            same = abs(value - seen.value) < 1e-6 if number else (value or None) == (seen.value or None)  # fmt: skip
            assert formula == seen.formula and same, (sheet, spot, seen, value)  # noqa: PT018

    def reset(self):
        back = {}
        for (sheet, spot), seen in self.first.items():
            back.setdefault(sheet, {})[spot] = Cell(seen.value, seen.formula) if seen else Cell(None)  # fmt: skip
        if back:
            self.write(back)
        self.first = {}


@pytest.fixture(scope="module")
def held(request, tmp_path_factory):
    """Return a function: one or three stores → an empty plan book, closed and open in LibreOffice."""
    folder, made, opened = tmp_path_factory.mktemp("cases"), {}, []

    def hold_book(count):
        if count not in made:
            path = folder / f"{count}.xlsx"
            new_from(path, Typed(2026, None, list("甲乙丙"[:count])))
            real = [lambda: FileBook(path)]
            if available() or os.environ.get("CI"):
                copy = shutil.copyfile(path, folder / f"{count}_open.xlsx")
                opened.append(request.getfixturevalue("office_app").books.open(str(copy)))
                live = LiveBook(opened[-1])
                real.append(lambda: live)
            made[count] = Held(*real)
        return made[count]

    yield hold_book
    for book in opened:
        book.close()


@pytest.fixture
def book(held):
    """One store's empty plan book; afterwards what it says must stand in the real one."""
    yield from _for_one_case(held(1))


@pytest.fixture
def three(held):
    yield from _for_one_case(held(3))


def _for_one_case(made):
    yield made
    made.stands("_计划", "年度规划")
    made.reset()


def lay(book, values, metric="gmv", store=ONLY):
    """Put figures on periods, all at once."""
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


def see(book, *periods, metric="gmv", stores=()):
    year = read_state(book).state.year
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
        three,
        store="甲",
        period="3月1日-3月3日",
        to=f"={given['total']} like 乙",
        gives="都不动",
    )
    assert see(three, *days(3), stores=("甲",)) == CASES[case]["expect"]


def test_a3_a_quarter_is_raised_and_the_year_follows(book):
    case = CASES["A3"]
    lay(book, dict(zip(months(3), case["given"]["months"], strict=True)) | {"12月": 750})
    spread(book, period="Q1", to=f"={case['given']['q1_new']}")
    assert see(book, *months(3)) == case["expect"]["months"]
    assert see(book, "全年") == [case["expect"]["year"]]


def test_a7_equal_on_empty_children(book):
    spread(book, period="Q1", to=f"={CASES['A7']['given']['total']}", by="月")
    assert see(book, *months(3)) == CASES["A7"]["expect"]


def test_a10_a_straight_line_over_twelve_months(book):
    case = CASES["A10"]
    lay(book, {"全年": case["given"]["total"]}, metric="uv")
    spread(
        book,
        metric="UV",
        period="全年",
        method="直线",
        to=str(1 + case["given"]["growth"]),
        by="月",
    )
    assert see(book, *months(12), metric="uv") == case["expect"]


def test_a13_weekday_and_event_weights_to_the_yuan(book):
    case = CASES["A13"]
    week, events = case["given"]["weekday_mon_sun"], case["given"]["events"]
    weights = {}
    for day in range(1, 31):
        at = date(2026, 11, day)
        weights[f"11月{day}日"] = round(
            week[at.weekday()] * events.get(at.strftime("%m-%d"), 1) * 1000
        )
    lay(book, weights, metric="orders")
    lay(book, weights, metric="uv")
    spread(book, metric="UV", period="11月", to=f"={case['given']['total']}")
    days_told, weeks = case["expect"]["days"], case["expect"]["by_iso_week"]
    named = ["11月{}日".format(int(name.split("-")[1])) for name in days_told]
    assert see(book, *named, metric="uv") == list(days_told.values())
    spans = ["11月{}日-11月{}日".format(*_week(int(number))) for number in weeks]
    assert see(book, *spans, metric="uv") == list(weeks.values())


def _week(number):
    inside = [d for d in range(1, 31) if date(2026, 11, d).isocalendar().week == number]
    return inside[0], inside[-1]


def test_b1_six_parts_of_a_hundred_yuan_lose_no_fen(book):
    case = CASES["B1"]
    spread(book, period="3月1日-3月6日", to=f"={case['given']['total_fen'] / 100} 平均")
    assert [round(v * 100) for v in see(book, *days(6))] == case["expect"]["lr"]


def test_b3_pieces_are_whole_and_keep_their_proportions(book):
    case = CASES["B3"]
    lay(book, dict(zip(days(3), case["given"]["weights"], strict=True)), metric="units")
    spread(book, metric="支付件数", period="3月1日-3月3日", to=f"={case['given']['total']}")
    assert see(book, *days(3), metric="units") == case["expect"]


def test_b6_stores_and_days_are_exact_at_once(three):
    read = read_state(three)
    year = read.state.year

    def edit(period, *stores):
        where = Region("units", stores or year.stores, parse_period(period, year.calendar))
        return Edit(where, "proportional", 10.0)

    wish = Wish((*(edit("3月1日-3月3日", s) for s in year.stores), *(edit(d) for d in days(3))))
    carried_out(three, read, wish, "分摊", "三店三天", dry_run=False)
    after = read_state(three).state.year.plan["units"].unstack("store")
    cells = after.loc["2026-03-01":"2026-03-03"].to_numpy()
    assert cells.sum(axis=0).tolist() == cells.sum(axis=1).tolist() == [10, 10, 10]
    assert set(cells.ravel()) <= {3, 4}


@pytest.mark.parametrize(("case", "kind"), [("C1", "只读"), ("C1", "合计"), ("C3", "只读")])
def test_held_children_stay_when_the_parent_is_edited(book, case, kind):
    given = CASES[case]["given"]
    lay(book, dict(zip(months(3), given["children"], strict=True)))
    for child in given["held"]:
        hold(book, period=f"{child + 1}月", kind=kind)
    spread(book, period="Q1", to=f"={given['total']}")
    assert see(book, *months(3)) == CASES[case]["expect"]


def test_c2_siblings_absorb_when_the_parent_is_held(book):
    given = CASES["C2"]["given"]
    lay(book, dict(zip(months(3), given["children"], strict=True)))
    hold(book, period="Q1", kind="合计")
    spread(book, period="1月", to="=20")
    assert see(book, *months(3)) == CASES["C2"]["expect"]


def test_c2_again_with_the_total_kept_for_this_change_only(book):
    lay(book, dict(zip(months(3), CASES["C2"]["given"]["children"], strict=True)))
    spread(book, period="1月", to="=20", keep="季")
    assert see(book, *months(3)) == CASES["C2"]["expect"]


def test_c6_a_held_quarter_inside_an_edited_year(book):
    given = CASES["C6"]["given"]
    lay(book, dict(zip(months(12), given["months"], strict=True)))
    hold(book, period="Q1", kind="合计")
    spread(book, period="全年", to=f"={given['year']}")
    assert see(book, *months(12)) == CASES["C6"]["expect"]


def test_c9_children_that_cancel_out_are_refused_and_both_ways_out_are_offered(book):
    given, expect = CASES["C9"]["given"], CASES["C9"]["expect"]
    at = read_state(book).at.book.tables.plan
    first = 2 + date(2026, 3, 1).timetuple().tm_yday - 1
    children = {(first + i, at.columns["gmv"]): Cell(float(v)) for i, v in enumerate(given["children"])}  # fmt: skip
    for method, offered in (("平均增减", "additive_equal"), ("按绝对值增减", "by_absolute")):
        book.write({"_计划": children})
        before = book.writes
        with pytest.raises(InputError, match="各格不为 0 但合计为 0") as caught:
            spread(book, period="3月1日-3月3日", to=f"={given['total']}")
        assert method in caught.value.remedy
        assert book.writes == before
        spread(book, period="3月1日-3月3日", to=f"{given['total']}", method=method)
        assert see(book, *days(3)) == expect["offered"][offered]


def test_a_negative_total_is_refused_and_nothing_is_written(book):
    before = book.writes
    with pytest.raises(InputError, match="负数"):
        spread(book, period="1月", to="=-1178")
    assert book.writes == before


def test_c10_one_locked_month_and_eleven_empty_ones(book):
    lay(book, {"1月": 100})
    hold(book, period="1月", kind="只读")
    spread(book, period="全年", to=f"={CASES['C10']['given']['total']}", method="", by="月")
    assert see(book, *months(12)) == [100] * 12


@pytest.mark.parametrize("kind", ["只读", "合计"])
def test_c11_all_children_locked_names_both_locks_and_the_reachable_total(book, kind):
    given = CASES["C11"]["given"]
    lay(book, dict(zip(days(2), given["children"], strict=True)))
    for day in days(2):
        hold(book, period=day, kind=kind)
    before = book.writes
    with pytest.raises(InfeasibleError) as caught:
        spread(book, period="3月1日-3月2日", to=f"={given['total']}")
    assert book.writes == before
    assert caught.value.reachable[0] == 80
    assert len(caught.value.locks) == 2
    assert all(text in str(caught.value) for text in ("3月1日", "3月2日", "80"))
