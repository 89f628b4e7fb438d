"""Undo, redo, restore, log, versions, scenarios and trace: across save, reopen, sort and mail."""

from __future__ import annotations

import math
import random
from collections import Counter
from datetime import date, timedelta

import numpy as np
import openpyxl
import pytest

from tests.actions.openbook import STORES, OpenBook, first_book
from xlplan.actions.change.changing import spread
from xlplan.actions.change.holding import hold, release
from xlplan.actions.change.scenario import scenario
from xlplan.actions.change.typed_edits import edits
from xlplan.actions.change.versions import version
from xlplan.actions.imports.importing import import_daily
from xlplan.actions.plan.check import check
from xlplan.actions.plan.fill import fill
from xlplan.actions.plan.newbook import Typed, new_from
from xlplan.actions.trace.tracing import Tracer, trace
from xlplan.actions.undo.history import base_of, log, replayed
from xlplan.actions.undo.undoing import redo, undo
from xlplan.books.file import FileBook
from xlplan.cells import Cell
from xlplan.errors import InfeasibleError, InputError, StructureError
from xlplan.plan.change.grid import Grid, Region
from xlplan.plan.change.trace import fold
from xlplan.plan.days.periods import day, parse_period
from xlplan.sheets.hidden import meta
from xlplan.sheets.state.read import read_state

STORE = "旗舰店"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    path = tmp_path_factory.mktemp("history") / "计划.xlsx"
    figures = {"gmv": "906万", "cvr": "5.5%", "aov": "100", "roi": "3.2", "spend": "100万"}
    new_from(path, Typed(2026, None, [STORE], figures))
    return path.read_bytes()


@pytest.fixture(scope="module")
def opened(fresh, tmp_path_factory):
    path = tmp_path_factory.mktemp("opened") / "计划.xlsx"
    path.write_bytes(fresh)
    return OpenBook(path)


@pytest.fixture
def book(opened):
    """The new book in memory."""
    return opened.copied()


@pytest.fixture
def path(fresh, tmp_path):
    made = tmp_path / "计划.xlsx"
    made.write_bytes(fresh)
    return made


def plan(book):
    return book.said().state.year.plan


def put(book, sheet, spot, value):
    book.write({sheet: {spot: Cell(value)}})


def spot_of(book, sheet, row_key, column_key):
    cells = book.read(sheet)
    row = next(spot[0] for spot, seen in cells.items() if seen.value == row_key)
    column = next(spot[1] for spot, seen in cells.items() if seen.value == column_key)
    return row, column


def test_undoing_everything_gives_the_first_values_and_redo_the_last(path):
    book = OpenBook(path)
    first = book.values()
    spread(book, period="Q3", to="+8%")
    hold(book, period="9月", kind="合计", why="双节")
    spread(book, period="9月9日", to="=50000")
    last = book.values()
    book.reopen()
    for _ in range(3):
        undo(book)
    book.reopen()
    assert book.values() == first
    with pytest.raises(InputError, match="没有可以撤销"):
        undo(book)
    for _ in range(3):
        redo(book)
    book.reopen()
    assert book.values() == last
    with pytest.raises(InputError, match="没有可以重做"):
        redo(book)
    assert log(book, verify=True).problems == []
    state = book.said().state
    assert replayed(base_of(state), state).year.plan.equals(state.year.plan)


def test_undo_puts_back_even_the_last_bit_of_a_cached_result(book):
    first = book.values()
    spread(book, period="9月", to="+8%")
    at = book.said().at.book.year
    spot = at.rows["aov_target"], at.columns["m:3"]
    seen = book.cells["年度规划"][spot]
    book.cells["年度规划"][spot] = seen._replace(value=math.nextafter(seen.value, 1e9))
    undo(book)
    assert book.values() == first


def test_a_new_action_after_undo_ends_redo(book):
    spread(book, period="9月", to="+8%")
    undo(book)
    spread(book, period="8月", to="+8%")
    with pytest.raises(InputError, match="重做"):
        redo(book)


def test_filling_afresh_over_changes_says_so_and_can_be_undone(book):
    spread(book, period="9月", to="+8%")
    changed = plan(book)
    outcome = fill(book, fresh=True)
    assert any("手工调整过的 30 个店·日" in line for line in outcome.lines)
    undo(book)
    assert plan(book).equals(changed)


def test_filling_keeps_what_people_adjusted(book):
    spread(book, period="9月", to="+8%")
    changed = plan(book)
    outcome = fill(book)
    assert outcome.changed == 0
    assert plan(book).equals(changed)
    assert any("保留手工调整过的 30 个店·日" in line for line in outcome.lines)


def test_new_targets_are_spread_around_what_people_adjusted(book):
    spread(book, period="9月", to="+8%")
    tuned = plan(book).loc[(STORE, slice("2026-09-01", "2026-09-30")), "gmv"]
    put(book, "年度目标", spot_of(book, "年度目标", f"t:{STORE}|gmv", "value"), 10_000_000)
    put(book, "年度目标", spot_of(book, "年度目标", f"t:{STORE}|aov", "value"), None)
    shown = fill(book, dry_run=True)
    assert "没有写入" in shown.title
    assert any("10,000,000.00" in line for line in shown.lines)
    outcome = fill(book)
    after = plan(book)["gmv"]
    assert after.loc[(STORE, slice("2026-09-01", "2026-09-30"))].equals(tuned)
    assert round(after.sum(), 2) == 10_000_000
    assert any("保留手工调整 1 处" in line for line in outcome.lines)
    assert fill(book).changed == 0
    undo(book)
    undo(book)
    assert "adjusted" not in {k for k, text in book.said().state.meta.items() if text}


def test_adjustments_that_leave_no_room_give_way_and_are_named(book):
    spread(book, period="全年", to="+10%")
    put(book, "年度目标", spot_of(book, "年度目标", f"t:{STORE}|gmv", "value"), 10_000_000)
    put(book, "年度目标", spot_of(book, "年度目标", f"t:{STORE}|aov", "value"), None)
    outcome = fill(book)
    assert round(plan(book)["gmv"].sum(), 2) == 10_000_000
    assert any("已让位的手工调整" in line and "全年 销售额" in line for line in outcome.lines)


def test_a_lock_against_a_changed_target_is_told_in_its_own_terms(book):
    hold(book, period="9月", kind="合计")
    months = plan(book)["gmv"].groupby(plan(book).index.get_level_values("date").month).sum()
    for month, total in months.round(2).items():
        given = total - 38_400 if month == 9 else total + 38_400 if month == 10 else total
        put(
            book,
            "年度目标",
            spot_of(book, "年度目标", f"t:{STORE}|gmv", f"m:{month}"),
            round(given, 2),
        )
    with pytest.raises(InfeasibleError) as refusal:
        fill(book)
    assert "L1" in refusal.value.message
    assert "比 旗舰店 销售额 9月目标" in refusal.value.message
    assert "多 38,400" in refusal.value.message
    assert "把 旗舰店 销售额 9月目标 改为" in refusal.value.remedy
    assert "先解锁 L1" in refusal.value.remedy
    assert "8月" not in str(refusal.value)
    assert refusal.value.reachable == (round(months[9], 2), round(months[9], 2))


def test_fill_respects_locks_and_stays_exact(book):
    hold(book, period="9月9日")
    spread(book, period="9月", to="=100万", keep="年")
    hold(book, period="9月", kind="合计")
    before = plan(book)["gmv"]
    year_total = round(before.sum(), 2)
    target = spot_of(book, "年度目标", f"t:{STORE}|gmv", "value")
    put(book, "年度目标", target, 10_000_000)
    put(book, "年度目标", spot_of(book, "年度目标", f"t:{STORE}|aov", "value"), None)
    fill(book)
    after = plan(book)["gmv"]
    september = after.loc[(STORE, slice("2026-09-01", "2026-09-30"))]
    assert year_total == 9_060_000
    assert round(after.sum(), 2) == 10_000_000
    assert round(september.sum(), 2) == 1_000_000
    assert after.loc[STORE, "2026-09-09"] == before.loc[STORE, "2026-09-09"]
    assert fill(book).changed == 0


def test_a_locked_month_above_the_target_is_refused_by_fill(book):
    hold(book, period="全年", kind="合计")
    put(book, "年度目标", spot_of(book, "年度目标", f"t:{STORE}|gmv", "value"), 5_000_000)
    put(book, "年度目标", spot_of(book, "年度目标", f"t:{STORE}|aov", "value"), None)
    before = book.values()
    with pytest.raises(InfeasibleError):
        fill(book)
    assert book.values() == before


def test_one_action_or_one_cell_can_be_restored_later(book):
    first = plan(book)
    spread(book, period="3月", to="+10%")
    number = book.said().state.journal[-1].id
    spread(book, period="9月", to="+8%")
    undo(book, id=number)
    now = plan(book)
    assert now.loc[(STORE, slice("2026-03-01", "2026-03-31")), :].equals(first.loc[(STORE, slice("2026-03-01", "2026-03-31")), :])  # fmt: skip
    assert not now.equals(first)
    undo(book, metric="销售额", period="9月9日")
    assert plan(book).loc[(STORE, "2026-09-09"), "gmv"] == first.loc[(STORE, "2026-09-09"), "gmv"]
    assert plan(book).loc[(STORE, "2026-09-10"), "gmv"] != first.loc[(STORE, "2026-09-10"), "gmv"]


def test_an_action_whose_cells_changed_since_cannot_be_restored_alone(book):
    spread(book, period="9月", to="+10%")
    number = book.said().state.journal[-1].id
    spread(book, period="9月9日", to="=50000")
    with pytest.raises(InputError, match="后来又改过"):
        undo(book, id=number)


def test_a_hidden_table_changed_by_hand_is_noticed(book):
    spread(book, period="9月", to="+10%")
    read = book.said()
    at = read.at.book.tables.plan
    put(book, "_计划", (250, at.columns["gmv"]), 1.0)
    assert [p.rule for p in log(book, verify=True).problems] == ["记录"]
    with pytest.raises(InputError, match="手工改过"):
        undo(book)


def test_figures_typed_into_the_plan_are_previewed_accepted_or_put_back(book):
    before = plan(book)
    put(book, "9月", spot_of(book, "9月", "gmv_target", "d:2026-09-09"), 50_000)
    put(book, "年度规划", spot_of(book, "年度规划", "gmv_target", "q:4"), "+8%")
    seen = edits(book)
    assert seen.title.startswith("预览")
    assert len(seen.facts["typed"]) == 2
    assert plan(book).equals(before)
    done = edits(book, accept=True)
    after = plan(book)["gmv"]
    assert done.changed
    assert after.loc[STORE, "2026-09-09"] == 50_000
    fourth = (STORE, slice("2026-10-01", "2026-12-31"))
    assert round(after.loc[fourth].sum(), 2) == round(before["gmv"].loc[fourth].sum() * 1.08, 2)
    assert book.read("9月")[spot_of(book, "9月", "gmv_target", "d:2026-09-09")].formula
    assert edits(book).facts["typed"] == []


@pytest.mark.parametrize(
    ("typed", "becomes"),
    [
        (Cell("=500万"), 5_000_000.0),
        (Cell("加8%"), 1.08),
        (Cell("*1.2"), 1.2),
        (Cell(None, "=120000*1.08"), 129_600.0),
        (Cell("=30万 like 权重"), 300_000.0),
        (Cell(0.08), "会变成 0.08"),
        (Cell(-3000.0), "负数"),
        (Cell("约五万"), "看不懂"),
    ],
)
def test_what_is_typed_into_a_plan_cell_is_taken_as_meant_or_refused(book, typed, becomes):
    at = book.said().at.book.months[9]
    where = Region("gmv", (STORE,), parse_period("9月", book.said().state.year.calendar))
    was = Grid(book.said().state.year).total(where)
    book.write({"9月": {(at.rows["gmv_target"], at.columns["m:9"]): typed}})
    if isinstance(becomes, str):
        there = book.values()
        with pytest.raises(InputError, match=becomes):
            edits(book, accept=True)
        assert book.values() == there
        return
    assert edits(book).title.startswith("预览")
    edits(book, accept=True)
    now = Grid(book.said().state.year).total(where)
    assert now == pytest.approx(becomes if becomes > 2 else was * becomes, abs=0.02)
    assert edits(book).facts["typed"] == []


def test_a_figure_equal_to_the_plan_is_taken_off_the_cell(book):
    at = book.said().at.book.months[9]
    spot = at.rows["gmv_target"], at.columns["d:2026-09-09"]
    there = book.cells["9月"][spot]
    book.write({"9月": {spot: Cell(there.value)}})
    edits(book, accept=True)
    assert book.cells["9月"][spot] == there


def test_typed_figures_can_be_put_back_and_other_actions_leave_them_alone(book):
    spot = spot_of(book, "9月", "uv_target", "m:9")
    first = book.read("9月")[spot]
    put(book, "9月", spot, "看不懂的字")
    outcome = spread(book, metric="销售额", period="9月9日", to="+1%", keep="月")
    assert "9月" in outcome.problems[0].what
    assert book.read("9月")[spot].value == "看不懂的字"
    with pytest.raises(InputError, match="看不懂"):
        edits(book, accept=True)
    edits(book, put_back=True)
    assert book.read("9月")[spot] == first


def test_typing_over_a_locked_cell_names_the_lock(book):
    hold(book, period="9月9日", why="预售")
    put(book, "9月", spot_of(book, "9月", "gmv_target", "d:2026-09-09"), 1)
    with pytest.raises(InfeasibleError, match="只读 9月9日"):
        edits(book, accept=True)


def test_a_selection_half_outside_the_plan_is_refused(book):
    row, column = spot_of(book, "9月", "gmv_target", "d:2026-09-01")
    assert column == 3
    with pytest.raises(InputError, match="不是计划"):
        spread(book, at=f"9月!B{row}:D{row}", to="+8%")
    seen = spread(book, at=f"9月!C{row}:F{row}", to="=10万", dry_run=True)
    assert seen.facts["cells"]["gmv"] == 4


@pytest.mark.filterwarnings("ignore:.*extension is not supported")
def test_locks_and_records_survive_renaming_sorting_filtering_and_inserted_rows_and_columns(
    path, tmp_path
):
    book = OpenBook(path)
    hold(book, period="9月9日")
    hold(book, metric="UV", period="Q4", kind="合计")
    spread(book, period="8月", to="+3%")
    book.reopen()
    moved = tmp_path / "寄出去的副本.xlsx"
    path.rename(moved)
    workbook = openpyxl.load_workbook(moved)
    page = workbook["锁定"]
    rows = [[cell.value for cell in row] for row in page.iter_rows(min_row=5, max_row=6)]
    for number, row in enumerate(reversed(rows), start=5):
        for column, value in enumerate(row, start=1):
            page.cell(number, column).value = value
    page.insert_rows(2)
    page.insert_cols(2)
    page.auto_filter.ref = "A5:P40"
    page.row_dimensions[6].hidden = True  # what the filter leaves out still holds
    workbook.save(moved)
    book = OpenBook(moved)
    holds = read_state(book).state.holds
    assert sorted(there.id for there in holds) == ["L1", "L2"]
    with pytest.raises(InfeasibleError, match="只读"):
        spread(book, period="9月9日", to="+1%")
    release(book, id="L1")
    assert [there.id for there in read_state(book).state.holds] == ["L2"]
    undo(book)
    undo(book)
    assert log(book, verify=True).problems == []


def test_a_lock_row_that_makes_no_sense_stops_every_change(book):
    hold(book, period="9月9日")
    cells = book.read("锁定")
    spot = next(spot for spot, seen in cells.items() if seen.value == "2026-09-09")
    put(book, "锁定", spot, "九月九")
    with pytest.raises(InputError, match="锁定"):
        spread(book, period="3月", to="+1%")


def test_versions_freeze_compare_cell_by_cell_and_restore_exactly(book):
    first = plan(book)
    version(book, do="snapshot", name="年初", kind="预算")
    spread(book, period="9月", to="+8%", gives="都不动")
    with pytest.raises(InputError, match="冻结"):
        version(book, do="snapshot", name="年初", kind="预算")
    with pytest.raises(InputError, match="冻结"):
        version(book, do="delete", name="年初")
    seen = version(book, do="compare", name="年初")
    assert seen.facts["cells"] == {"gmv": 30}
    told = [seen.value for spot, seen in book.read("版本对比").items() if spot[1] == 1]
    assert told.count("日") == 30
    version(book, do="restore", name="年初")
    assert plan(book).equals(first)
    assert version(book, do="compare", name="年初").facts["cells"] == {}


def test_restoring_a_version_does_not_move_what_is_locked(book):
    version(book, do="snapshot", name="一稿")
    spread(book, period="9月9日", to="=50000")
    hold(book, period="9月9日")
    with pytest.raises(InfeasibleError, match="9月9日"):
        version(book, do="restore", name="一稿")


def test_a_scenario_is_kept_beside_the_plan(book):
    before = plan(book)
    scenario(book, name="乐观", lifts="销售额 11月 +10%; 直通车 双11 +20%")
    assert plan(book).equals(before)
    version(book, do="restore", name="乐观")
    november = (STORE, slice("2026-11-01", "2026-11-30"))
    assert round(plan(book)["gmv"].loc[november].sum(), 2) == round(before["gmv"].loc[november].sum() * 1.1, 2)  # fmt: skip


def test_last_years_actuals_give_the_shape_by_comparable_day(book, tmp_path):
    past = tmp_path / "去年.xlsx"
    new_from(past, Typed(2025, None, [STORE], {"gmv": "500万"}))
    last = FileBook(past)
    state = read_state(last)
    column = state.at.book.tables.actual.columns["gmv"]
    spike = date(2025, 11, 11)
    last.write({"_实际": {(2 + n, column): Cell(9000.0 if date(2025, 1, 1) + timedelta(n) == spike else 100.0) for n in range(365)}})  # fmt: skip
    last.save()
    version(book, do="import", file=past)
    spread(book, period="11月", to="=100万 like 去年")
    gmv = plan(book)["gmv"].loc[(STORE, slice("2026-11-01", "2026-11-30"))]
    assert round(gmv.sum(), 2) == 1_000_000
    assert gmv.idxmax()[1].date() == date(2026, 11, 11)
    assert gmv.max() == pytest.approx(1e6 * 9000 / (9000 + 29 * 100), abs=0.01)


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory):
    """Two stores with given months, locks, changes, actual days, and targets spread again."""
    path = tmp_path_factory.mktemp("lived") / "计划.xlsx"
    path.write_bytes(first_book())
    book = OpenBook(path)
    hold(book, period="9月9日", store=STORES[0])
    import_daily(book, as_of=date(2026, 9, 9))
    at = book.said().at.targets
    row = at.rows[f"t:{STORES[0]}|gmv"]
    book.write({"年度目标": {(row, at.columns["value"]): Cell(9_500_000.0), (at.rows[f"t:{STORES[0]}|aov"], at.columns["value"]): Cell(None)}})  # fmt: skip
    fill(book)
    spread(book, period="Q3", to="+8%")
    spread(book, metric="UV", store=STORES[1], period="11月", to="=40万", keep="年")
    spread(book, period="9月", to="=300万")
    undo(book)
    return Tracer(read_state(book))


def test_the_chain_of_a_thousand_cells_comes_to_the_cell(lived_in):
    grid, rng = lived_in.grid, random.Random(5)
    names = [name for name in grid.columns if not np.isnan(grid.columns[name]).any()]
    seen = Counter()
    for _ in range(1000):
        metric, store, number = rng.choice(names), rng.choice(STORES), rng.randrange(365)
        where = Region(metric, (store,), day(date(2026, 1, 1) + timedelta(number)))
        steps = lived_in.steps(where)
        assert fold(steps) == pytest.approx(grid.total(where), abs=1e-6)
        rounding = [abs(step.number) for step in steps if step.what.startswith("取整")]
        assert max(rounding) <= grid.unit(metric)
        seen["given"] += "已填" in steps[0].what
        seen["bent"] += any("锁定" in step.what and step.number for step in steps)
        later = [step for step in steps if step.place[:1] == ("action",) and step.number]
        seen["later"] += bool(later)
        assert not later or where.period.first.month in (7, 8, 9) or store == STORES[1]
    assert min(seen[kind] for kind in ("given", "bent", "later")) >= 5


@pytest.mark.parametrize(
    ("metric", "period"),
    [
        ("销售额", "全年"),
        ("UV", "Q3"),
        ("转化率", "9月"),
        ("推广费", "9月9日"),
        ("笔数", "第30周"),
    ],
)
def test_totals_and_ratios_are_traced_to_their_parts(book, metric, period):
    told = trace(book, metric=metric, period=period).facts
    assert told["comes_to"] == pytest.approx(told["value"])


def test_an_older_book_is_named_not_guessed_at(book):
    cells = book.read(meta.SHEET)
    row = next(spot[0] for spot, seen in cells.items() if seen.value == "schema")
    put(book, meta.SHEET, (row, 2), "1")
    with pytest.raises(StructureError, match="版本 1"):
        spread(book, period="9月", to="+1%")


def test_check_tells_manual_changes_from_targets_that_were_not_spread(book):
    spread(book, period="9月", to="+8%")
    told = [p for p in check(book).problems if p.rule == "分解"]
    assert [p.level.value for p in told] == ["提示"]
