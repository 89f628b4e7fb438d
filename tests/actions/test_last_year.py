"""Last year's history is last year: 去年实际, 同比 and like 去年 by 可比日期, or a refusal at once."""

from __future__ import annotations

from datetime import date, timedelta
from shutil import copyfile

import numpy as np
import pandas as pd
import pytest

from tests.test_agreement import agrees
from xlplan.actions.change.changing import spread
from xlplan.actions.change.versions import version
from xlplan.actions.imports.importing import import_files
from xlplan.actions.plan.check import check
from xlplan.actions.plan.newbook import Typed, new_from
from xlplan.actions.undo.undoing import redo, undo
from xlplan.books.file import FileBook
from xlplan.cells import Cell
from xlplan.errors import InputError
from xlplan.libreoffice.convert import recalculate
from xlplan.plan.days.lastyear import against
from xlplan.plan.year import day_grid
from xlplan.sheets.base.names import TARGETS
from xlplan.sheets.state.read import read_state
from xlplan.sheets.state.write import derived_cells

STORES = ["甲店", "乙店"]
DAYS = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]


def sales(store, day):
    """Every day of every store sold something else."""
    return 1000.0 * (STORES.index(store) + 1) + day.timetuple().tm_yday


def rows(stores=STORES, days=DAYS):
    return [f"{d},{s},{sales(s, d)},{200},{10}" for d in days for s in stores]


def written(folder, lines, name="去年.csv"):
    path = folder / name
    path.write_text("\n".join(["日期,店铺,支付金额,访客数,支付订单数", *lines]), "utf-8-sig")
    return path


def made(folder, **more):
    path = folder / "计划.xlsx"
    outcome = new_from(path, Typed(2027, None, STORES, {"gmv": "150万"}, **more))
    return path, outcome


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    """A book made with last year's history, and this January's actuals but for two days of 甲店."""
    folder = tmp_path_factory.mktemp("known")
    path, _ = made(folder, history=written(folder, rows()))
    days = [date(2027, 1, d) for d in range(1, 21)]
    lines = [f"{d},{s},{3000},300,20" for d in days for s in STORES if s != "甲店" or d.day > 2]
    import_files(FileBook(path), [written(folder, lines, "今年.csv")], as_of=date(2027, 1, 20))
    return path


@pytest.fixture
def empty(tmp_path, bare):
    return copyfile(bare, tmp_path / "计划.xlsx")


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """The same book without a history."""
    folder = tmp_path_factory.mktemp("bare")
    path = folder / "计划.xlsx"
    claims = {"gmv": "150万"}
    targets = folder / "目标.csv"
    targets.write_text("店铺,销售额\n甲店,500000\n乙店,1000000\n", "utf-8-sig")
    new_from(path, Typed(2027, targets, STORES, dict.fromkeys(claims, "")))
    return path


def shown(book, sheet, key, column):
    """A cell of a sheet as read, by its keys."""
    read = read_state(FileBook(book))
    at = read.at.year if sheet == "年度规划" else read.at.months[int(sheet.removesuffix("月"))]
    return read.cells[sheet][at.rows[key], at.columns[column]].value


def last_of_targets(book):
    values = read_state(FileBook(book)).state.typed.values
    return {key: value for (key, column), value in values.items() if column == "last"}


def test_a_history_fills_last_years_actuals_of_every_store(known):
    last = last_of_targets(known)
    for store in STORES:
        total = sum(sales(store, day) for day in DAYS)
        assert last[f"t:{store}|gmv"] == total
        assert last[f"t:{store}|uv"] == 200 * 365
        assert last[f"t:{store}|cvr"] == pytest.approx(0.05)
        assert last[f"t:{store}|aov"] == pytest.approx(total / 3650, abs=0.005)


def test_a_month_compares_the_comparable_days_that_both_years_know(known):
    state = read_state(FileBook(known)).state
    comparable = state.year.calendar.days["comparable"]
    pairs = [(s, d) for s in STORES for d in range(1, 21) if s != "甲店" or d > 2]
    past = sum(sales(s, comparable[f"2027-01-{d:02d}"].date()) for s, d in pairs)
    wanted = 3000 * len(pairs) / past - 1
    assert shown(known, "1月", "yoy", "m:1") == pytest.approx(wanted)
    assert shown(known, "年度规划", "yoy", "m:1") == pytest.approx(wanted)
    assert shown(known, "年度规划", "yoy", "y") == pytest.approx(wanted)
    day = comparable["2027-01-11"].date()
    assert shown(known, "1月", "gmv_comparable", "d:2027-01-11") == sales("甲店", day) + sales("乙店", day)  # fmt: skip


def test_the_year_compares_targets_with_last_years_months(known):
    march = sum(sales(s, d) for d in DAYS for s in STORES if d.month == 3)
    assert shown(known, "年度规划", "gmv_last_year", "m:3") == march
    target = shown(known, "年度规划", "gmv_target", "m:3")
    assert shown(known, "年度规划", "target_growth", "m:3") == pytest.approx(target / march - 1)


def test_the_books_check_passes_and_nothing_is_asked(known):
    assert [p for p in check(FileBook(known)).problems if p.rule == "核对"] == []


@pytest.mark.libreoffice
def test_libreoffice_recalculates_every_comparison_to_the_engines_number(known):
    read, values = read_state(FileBook(known)), recalculate(known)
    cells = {
        (sheet, spot): cell
        for sheet, made in derived_cells(read, read.state).items()
        if sheet in ("1月", "2月", "年度规划")
        for spot, cell in made.items()
        if cell.formula and "TODAY()" not in cell.formula
    }
    wrong = [(at, c.value) for at, c in cells.items() if not agrees(c.value, values[at[0]].get(at[1]))]  # fmt: skip
    assert cells
    assert wrong == []


def test_a_later_import_of_last_year_says_the_same_and_can_be_undone(empty, known, tmp_path):
    file = written(tmp_path, rows())
    outcome = import_files(FileBook(empty), [file], as_of=date(2027, 1, 20))
    assert any("甲店 2026 年实际 365 天" in line for line in outcome.lines)
    assert last_of_targets(empty) == last_of_targets(known)
    assert shown(empty, "年度规划", "gmv_last_year", "y") == shown(known, "年度规划", "gmv_last_year", "y")  # fmt: skip
    assert import_files(FileBook(empty), [file], as_of=date(2027, 1, 20)).changed == 0
    undo(FileBook(empty))
    assert last_of_targets(empty) == {}
    assert shown(empty, "年度规划", "gmv_last_year", "y") in (None, "")
    redo(FileBook(empty))
    assert last_of_targets(empty) == last_of_targets(known)


def test_like_last_year_takes_the_comparable_days(empty, tmp_path):
    import_files(FileBook(empty), [written(tmp_path, rows())], as_of=date(2027, 1, 20))
    spread(FileBook(empty), store="甲店", period="9月", to="=10万 like 去年")
    year = read_state(FileBook(empty)).state.year
    plan = year.plan["gmv"].xs("甲店").loc["2027-09"].to_numpy()
    like = [sales("甲店", d.date()) for d in year.calendar.days["comparable"].loc["2027-09"]]
    assert plan.sum() == pytest.approx(100_000)
    assert plan == pytest.approx(np.array(like) / sum(like) * 100_000, abs=0.011)


def test_part_of_a_year_is_compared_but_is_no_last_years_total(empty, tmp_path):
    half = written(tmp_path, rows(days=[d for d in DAYS if d.month < 7]))
    outcome = import_files(FileBook(empty), [half], as_of=date(2027, 1, 20))
    assert last_of_targets(empty) == {}
    assert "不足一年" in str([p.what for p in outcome.problems])
    half_target = shown(empty, "年度规划", "gmv_target_like", "y")
    assert half_target == pytest.approx(sum(shown(empty, "年度规划", "gmv_target", f"q:{q}") for q in (1, 2)))  # fmt: skip


def test_what_a_person_typed_stays_and_the_difference_is_told(empty, tmp_path):
    book = FileBook(empty)
    at = read_state(book).at.targets
    spot = at.rows["t:甲店|gmv"], at.columns["last"]
    book.write({TARGETS: {spot: Cell(999_999)}})
    book.save()
    outcome = import_files(FileBook(empty), [written(tmp_path, rows())], as_of=date(2027, 1, 20))
    assert last_of_targets(empty)["t:甲店|gmv"] == 999_999
    total = f"{sum(sales('甲店', d) for d in DAYS):,.10g}"
    assert any("999,999" in p.what and total in p.what for p in outcome.problems)


def test_a_history_of_other_stores_is_refused_at_once(tmp_path):
    strange = written(tmp_path, [f"{d},丙店,100,10,1" for d in DAYS])
    with pytest.raises(InputError, match="丙店”都不在本计划里"):
        made(tmp_path, history=strange)
    assert not (tmp_path / "计划.xlsx").exists()


def test_last_years_book_of_other_stores_is_refused_at_once(empty, tmp_path):
    past = tmp_path / "去年.xlsx"
    new_from(past, Typed(2026, None, ["丙店"], {"gmv": "100万"}))
    before = empty.read_bytes()
    with pytest.raises(InputError, match="丙店”都不在本计划里"):
        version(FileBook(empty), do="import", file=past)
    assert empty.read_bytes() == before


@pytest.mark.parametrize(("year", "feb_28"), [(2028, 28.0), (2029, 57.0)])
def test_a_leap_day_counts_with_the_28th_and_has_none_before_it(year, feb_28):
    grid, before = day_grid(["甲店"], year), day_grid(["甲店"], year - 1)
    blank = pd.DataFrame({"gmv": np.nan}, index=grid)
    numbers = [float(day.day) for day in before.get_level_values("date")]
    last = pd.DataFrame({"gmv": numbers}, index=before)
    days = pd.DatetimeIndex(grid.get_level_values("date"))
    found = pd.Series(against(blank, blank, last, days - pd.DateOffset(years=1))["gmv_last_year"], index=days)  # fmt: skip
    assert found[f"{year}-02-28"] == feb_28
    assert found.sum() == sum(numbers)
    assert found.isna().sum() == (year == 2028)
