"""分摊 of a category or platform in single stores, weeks and days: agreements, exact at every level."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.actions.openbook import STORES, OpenBook, planned_book
from xlplan.actions.change.changing import spread
from xlplan.actions.change.holding import hold
from xlplan.actions.change.parts import Chosen, moved_part
from xlplan.actions.change.versions import version
from xlplan.actions.imports.importing import import_daily
from xlplan.actions.plan.check import check
from xlplan.actions.plan.fill import fill
from xlplan.actions.trace.tracing import trace
from xlplan.actions.undo.history import base_of, log, replayed
from xlplan.actions.undo.undoing import redo, undo
from xlplan.cells import Cell, Seen
from xlplan.errors import InfeasibleError, InputError, PlanError
from xlplan.plan.change.change import change
from xlplan.plan.change.grid import Region
from xlplan.plan.change.methods import METHODS
from xlplan.plan.change.request import Edit, Wish
from xlplan.plan.days.periods import parse_period
from xlplan.plan.parts.agreements import Agreement
from xlplan.plan.parts.region import PartRegion
from xlplan.plan.parts.year import PartYear
from xlplan.sheets.parts.agreed_page import SHEET
from xlplan.sheets.parts.page import SHEET as SPLIT
from xlplan.sheets.state.read import read_state

ONE, TWO = STORES


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "计划.xlsx"
    path.write_bytes(planned_book())
    return OpenBook(path)


def there(state, name, period, *stores):
    """The cells of a part, as the program knows them."""
    kind = "p" if name in ("天猫", "京东") else "c"
    parts = PartYear(state.year, state.splits, kind)
    region = Region("gmv", stores or state.year.stores, parse_period(period, state.year.calendar))
    return PartRegion(parts, parts.names.index(name), region)


def said(book):
    return book.said().state


def amount(book, name, period, *stores):
    found = there(said(book), name, period, *stores)
    return found.cells[found.mask].sum() / 100


def agreed(book):
    return {one.place: one.amount for one in said(book).splits.agreements}


def test_a_week_of_a_category_moves_and_nobody_else_does(book):
    others = [amount(book, n, p) for n in ("男装", "童装") for p in ("9月", "第37周", "9月9日")]
    month, plan = amount(book, "女装", "9月"), said(book).year.plan["gmv"].sum()
    before = amount(book, "女装", "第37周")
    seen = spread(book, category="女装", period="2026-W37", to="12万", dry_run=True)
    assert seen.title == "预览：没有写入"
    spread(book, category="女装", period="2026-W37", to="12万")
    book.reopen()
    assert amount(book, "女装", "第37周") == 120_000
    assert amount(book, "女装", "9月") == pytest.approx(month + 120_000 - before, abs=1e-6)
    after = [amount(book, n, p) for n in ("男装", "童装") for p in ("9月", "第37周", "9月9日")]
    assert after == pytest.approx(others, abs=0.03)
    assert after[::3] == others[::3]
    moved = said(book).year.plan["gmv"].sum() - plan
    assert moved == pytest.approx(120_000 - before, abs=1e-6)
    assert agreed(book) == {"女装 合计 9月7日–9月13日": 120_000.0}
    assert [line for line in seen.lines if "9月7日" in line] == [
        "品类约定：记下 女装 合计 9月7日–9月13日 = 120,000.00"
    ]


def test_one_store_is_seen_on_the_sheet_when_it_is_chosen(book):
    spread(book, category="女装", period="9月", store=ONE, to="40万")
    spread(book, platform="京东", period="9月9日", store=TWO, to="*2")
    at = book.said().at.split
    for store in STORES:
        book.write({SPLIT: {at.scope: Cell(store)}})
        fill_free(book)
        cells, column = book.said().cells[SPLIT], at.columns["m:9"]
        for name, key in (("女装", "c:0"), ("男装", "c:1"), ("京东", "p:1")):
            assert cells[at.rows[key], column].value == amount(book, name, "9月", store)
        shown = [cells[at.rows[f"c:{n}"], column].value for n in range(3)]
        assert sum(shown) == pytest.approx(cells[at.rows["target"], column].value, abs=1e-6)
    assert amount(book, "女装", "9月", ONE) == 400_000
    seen = spread(book, category="女装", period="9月7日-9月9日", store=ONE, to="*1.3")
    shown = f"{amount(book, '女装', '9月', ONE):,.2f}".rstrip("0").rstrip(".")
    assert any(f"女装 {ONE} 9月 销售额：400,000 → {shown}（" in line for line in seen.lines)


def fill_free(book):
    """Write the derived cells anew without planning anew."""
    from xlplan.actions.run.apply import apply
    from xlplan.sheets.base.lists import LogRow

    read = read_state(book)
    apply(book, read, read.state, [LogRow(action="重写", note="")], put_back=True)


def test_with_kept_totals_the_others_give_and_the_plan_stands(book):
    plan = said(book).year.plan
    whole = {n: amount(book, n, "9月9日", ONE) for n in ("女装", "男装", "童装")}
    spread(book, category="男装", period="9月9日", store=ONE, to="+3000", keep="月")
    assert said(book).year.plan.equals(plan)
    after = {n: amount(book, n, "9月9日", ONE) for n in ("女装", "男装", "童装")}
    assert after["男装"] == pytest.approx(whole["男装"] + 3000, abs=1e-6)
    assert sum(after.values()) == pytest.approx(sum(whole.values()), abs=1e-6)
    given = [whole[n] - after[n] for n in ("女装", "童装")]
    assert given[0] / given[1] == pytest.approx(5 / 2, rel=1e-3)
    rest = round(after["男装"] + after["童装"], 2)
    with pytest.raises(InfeasibleError, match="让不出") as refused:
        spread(book, category="女装", period="9月9日", store=ONE, to="10万", keep="月")
    most = round(sum(whole.values()) - after["男装"], 2)  # 男装 has agreed, it gives nothing
    assert refused.value.reachable == (0.0, pytest.approx(most, abs=0.011))
    assert rest > 0


def test_days_weeks_and_stores_made_equal_are_agreed_one_by_one(book):
    spread(book, category="女装", period="第37周", to="7万 平均")
    assert [amount(book, "女装", f"9月{d}日") for d in range(7, 14)] == [10_000.0] * 7
    spread(book, category="童装", period="10月", method="平均", to="30万", by="店")
    assert [amount(book, "童装", "10月", store) for store in STORES] == [150_000.0] * 2
    spread(book, platform="天猫", period="9月7日-9月20日", method="直线", to="3", by="周")
    first, second = (amount(book, "天猫", week) for week in ("第37周", "第38周"))
    assert second / first == pytest.approx(3, rel=1e-6)
    assert len(agreed(book)) == 7 + 2 + 2


def test_every_method_works_on_a_week(book):
    state = said(book)
    for method in set(METHODS) - {"unassigned"}:
        given = {"repeat": 9000.0, "like_percent": -0.5, "percent": 0.1, "times": 1.1, "growth": 0.1, "straight_line": 2.0}  # fmt: skip
        reference = "权重" if method.startswith("like") else ""
        edit = Edit(there(state, "女装", "第37周").region, method, given.get(method, 170_000.0), reference, "")  # fmt: skip
        if method == "like_percent":
            edit = replace(edit, reference=ONE)
        after, _ = moved(state, "女装", edit)
        found = there(after, "女装", "第37周")
        total = found.cells[found.mask].sum() / 100
        assert total > 0
        if method in ("proportional", "equal", "equal_nonzero", "like"):
            assert total == 170_000
    with pytest.raises(InfeasibleError, match="没有空格可分"):
        spread(book, category="女装", period="第37周", method="只分未分配", to="17万")


def test_a_month_takes_the_agreements_inside_along(book):
    spread(book, category="女装", period="第37周", to="12万")
    spread(book, category="女装", period="9月9日", store=ONE, to="2万")
    week, month = amount(book, "女装", "第37周"), amount(book, "女装", "9月")
    seen = spread(book, category="女装", period="9月", to="+10%")
    assert amount(book, "女装", "9月") == round(month * 1.1, 2)
    assert amount(book, "女装", "第37周") == pytest.approx(week * 1.1, abs=0.05)
    assert amount(book, "女装", "9月9日", ONE) == pytest.approx(22_000, abs=0.05)
    assert any("随之变动 女装 天猫一店 9月9日：20,000 → 22,000" in line for line in seen.lines)


def test_a_new_agreement_across_an_older_one_cuts_it(book):
    spread(book, category="女装", period="9月7日-9月13日", to="7万")
    spread(book, category="女装", period="9月10日-9月16日", to="14万")
    assert amount(book, "女装", "9月10日-9月16日") == 140_000
    listed = agreed(book)
    assert listed["女装 合计 9月10日–9月16日"] == 140_000
    assert "女装 合计 9月7日–9月13日" not in listed
    assert listed["女装 合计 9月7日–9月9日"] + 0 == amount(book, "女装", "9月7日-9月9日")
    spread(book, category="女装", period="9月", store=ONE, to="50万")
    assert amount(book, "女装", "9月", ONE) == 500_000
    assert all(place.split()[1] != "合计" for place in agreed(book) if "9月16日" in place)


def test_a_cut_where_an_older_one_stands_makes_no_second_one(book):
    spread(book, category="女装", period="第37周", store=ONE, to="9万")
    spread(book, category="女装", period="9月8日-9月10日", store=ONE, to="4万")
    spread(book, category="女装", period="9月9日", store=ONE, to="2万", why="直播")
    spread(book, category="女装", period="9月9日", to="5万")
    places = [one.place for one in said(book).splits.agreements]
    assert len(places) == len(set(places)) == 6
    (live,) = [one for one in said(book).splits.agreements if one.why == "直播"]
    assert live.place == f"女装 {ONE} 9月9日"
    state = said(book)
    assert replayed(base_of(state), state).splits.agreements == state.splits.agreements


def test_locked_days_stay_and_the_open_ones_make_up_for_them(book):
    import_daily(book, as_of=date(2026, 9, 9))
    held = amount(book, "女装", "9月1日-9月3日", ONE)
    total = amount(book, "女装", "第36周", ONE)
    spread(book, category="女装", period="第36周", store=ONE, to=f"{total + 5000:.2f}")
    assert amount(book, "女装", "9月1日-9月3日", ONE) == pytest.approx(held, abs=0.05)
    assert amount(book, "女装", "第36周", ONE) == pytest.approx(total + 5000, abs=0.05)
    hold(book, metric="销售额", period="9月20日", kind="只读")
    before = book.values()
    for period in ("9月1日-9月3日", "9月20日"):
        with pytest.raises(InfeasibleError, match="全部锁定或已有实际"):
            spread(book, category="女装", store=ONE, period=period, to="1万")
    assert book.values() == before


def test_a_locked_total_around_makes_the_others_give(book):
    hold(book, metric="销售额", period="9月", store=ONE)
    month = amount(book, "女装", "9月")
    total = said(book).year.plan["gmv"].sum()
    before = amount(book, "女装", "9月9日", ONE)
    spread(book, category="女装", period="9月9日", store=ONE, to="2万")
    assert said(book).year.plan["gmv"].sum() == pytest.approx(total, abs=1e-6)
    assert amount(book, "女装", "9月9日", ONE) == 20_000
    assert amount(book, "女装", "9月") == pytest.approx(month + 20_000 - before, abs=1e-6)


def test_undo_redo_log_versions_and_restoring_take_agreements_along(book):
    first = book.values()
    version(book, do="snapshot", name="一稿")
    plain = book.values()
    spread(book, category="女装", period="第37周", to="12万", why="换季")
    spread(book, platform="京东", period="9月9日", store=TWO, to="*1.5")
    both, journal = book.values(), said(book).journal
    assert {one.why for one in said(book).splits.agreements} == {"换季", ""}
    undo(book)
    undo(book)
    book.reopen()
    assert book.values() == plain
    redo(book)
    redo(book)
    assert book.values() == both
    version(book, do="snapshot", name="二稿")
    version(book, do="restore", name="一稿")
    restored = {k: v for k, v in book.values().items() if k[0] != "_版本"}
    assert restored == {k: v for k, v in first.items() if k[0] != "_版本"}
    version(book, do="restore", name="二稿")
    assert {k: v for k, v in book.values().items() if k[0] != "_版本"} == {k: v for k, v in both.items() if k[0] != "_版本"}  # fmt: skip
    assert log(book, verify=True).problems == []
    with pytest.raises(InputError, match="后来又"):
        undo(book, id=journal[-2].id)
    told = log(book, metric="女装").lines
    assert any("120,000" in line for line in told)


def typed(book, **values):
    """Type a row at the foot of 品类约定."""
    at = book.said().at.split.agreed
    row = max([at.first - 1, *at.rows, *at.unread]) + 1
    whole = {"kind": "品类", "part": "女装", "store": "合计", "first": date(2026, 9, 7), "last": date(2026, 9, 13), "amount": 150_000.0} | values  # fmt: skip
    book.write({SHEET: {(row, at.columns[key]): Cell(value) for key, value in whole.items()}})
    return row


def test_a_row_typed_counts_and_a_row_taken_away_does_not(book):
    month, plan = amount(book, "女装", "9月"), said(book).year.plan
    row = typed(book)
    typed(book, store=ONE, first="2026-09-09", last="9月9日", amount="3万")
    assert amount(book, "女装", "第37周") == 150_000
    assert amount(book, "女装", "9月9日", ONE) == 30_000
    assert amount(book, "女装", "9月") == month
    fill(book)
    assert said(book).year.plan.equals(plan)
    at = book.said().at.split.agreed
    assert book.cells[SHEET][row, at.columns["share"]].formula.startswith("=IF(")
    book.write({SHEET: {(row, column): Cell(None) for column in at.columns.values()}})
    assert list(agreed(book)) == ["女装 天猫一店 9月9日"]
    spread(book, category="男装", period="9月9日", to="*1.1")
    assert len(agreed(book)) == 2


BAD_ROWS = [
    ({"kind": "品种"}, "A", "不是品类或平台"),
    ({"part": "鞋"}, "B", "没有“鞋”"),
    ({"store": "三店"}, "C", "没有“三店”"),
    ({"first": date(2025, 9, 7)}, "D", "不在 2026 年之内"),
    ({"last": date(2026, 10, 2)}, "E", "跨月"),
    ({"first": date(2026, 9, 1), "last": date(2026, 9, 30)}, "E", "整月"),
    ({"last": "月底"}, "E", "不是日期"),
    ({"amount": "很多"}, "F", "不是 0 以上的数"),
    ({"amount": None}, "F", "不是 0 以上的数"),
    ({}, "D", "重复或交叉"),
]


def test_rows_that_make_no_sense_are_told_with_their_cell_and_stay(book):
    typed(book)
    rows = {typed(book, **values): (column, said) for values, column, said in BAD_ROWS}
    found = [p for p in book.said().problems if p.rule == SHEET]
    assert [p.where.cell for p in found] == [f"{column}{row}" for row, (column, _) in rows.items()]
    for problem, (_, said) in zip(found, rows.values(), strict=True):
        assert said in problem.what
    assert list(agreed(book)) == ["女装 合计 9月7日–9月13日"]
    kept = {spot: seen for spot, seen in book.cells[SHEET].items() if spot[0] in rows}
    spread(book, category="男装", period="第37周", to="*1.1")
    assert {s: c for s, c in book.cells[SHEET].items() if s[0] in rows} == kept
    assert len(agreed(book)) == 2


def test_agreements_that_do_not_fit_are_told_and_left_out(book):
    row = typed(book, first=date(2026, 9, 9), last=date(2026, 9, 9), amount=9e6)
    problems = [p for p in check(book).problems if p.rule == SHEET]
    assert [(p.where.cell, "放不下" in p.what) for p in problems] == [(f"F{row}", True)]
    with pytest.raises(InputError, match="放不下"):
        spread(book, category="男装", period="第37周", to="*1.1")
    assert fill(book).title in ("分解完成", "没有变化")


def test_the_chain_of_a_part_names_its_share_and_its_agreements(book):
    spread(book, category="女装", period="第37周", to="12万")
    spread(book, category="女装", period="9月9日", store=ONE, to="*1.5")
    for period, store, cells in (
        ("9月", "", ["品类平台!N5", "品类平台!N69", ""]),
        ("Q3", "", ["品类平台!L6", "品类平台!M6", "品类平台!N6"]),
        ("第37周", "", ["品类约定!F5", "品类约定!F6"]),
        ("9月", TWO, ["品类平台!N6", "品类约定!F5"]),
        ("9月9日", ONE, ["品类约定!F6"]),
    ):
        told = trace(book, category="女装", period=period, store=store)
        assert told.facts["comes_to"] == pytest.approx(told.facts["value"], abs=1e-6)
        assert [step["cell"] for step in told.facts["steps"]] == cells
        found = amount(book, "女装", period, *([store] if store else []))
        assert told.facts["value"] == pytest.approx(found, abs=1e-6)
    assert "女装 合计 9月7日–9月13日" in "".join(trace(book, category="女装", period="9月").lines)
    with pytest.raises(InputError, match="只分销售额"):
        trace(book, category="女装", metric="UV")


def moved(state, name, edit, *, keep=False):
    """Change a part of a state without a book."""
    kind = "p" if name in ("天猫", "京东") else "c"
    number = [part.name for part in state.splits.of(kind)].index(name)
    move = moved_part(
        state, Chosen(kind, number, name), Wish((edit,), "", ("month",) if keep else ())
    )
    made = change(state.year, move.wish, state.holds, move.references(state))
    after = replace(state, year=replace(state.year, plan=made.plan))
    return replace(after, splits=move.splits(after)), move


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    path = tmp_path_factory.mktemp("planned") / "计划.xlsx"
    path.write_bytes(planned_book())
    return read_state(OpenBook(path)).state


WISHES = st.tuples(
    st.sampled_from(["女装", "男装", "天猫", "京东"]),
    st.sampled_from(["第37周", "9月9日", "9月", "9月5日-9月20日", "8月25日-9月10日"]),
    st.sampled_from([(), (ONE,), (TWO,)]),
    st.sampled_from([("percent", 0.2), ("times", 0.7), ("add", 4000.0), ("equal", 90_000.0)]),
    st.booleans(),
)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(WISHES, min_size=2, max_size=4))
def test_any_changes_of_parts_one_after_another_stay_exact(planned, wishes):
    state = planned
    for name, period, stores, (method, figure), keep in wishes:
        region = there(state, name, period, *stores).region
        before = PartYear(state.year, state.splits, "p" if name in ("天猫", "京东") else "c")
        try:
            after, _ = moved(state, name, Edit(region, method, figure, "", ""), keep=keep)
        except PlanError:
            continue
        now = PartYear(after.year, after.splits, before.kind)
        asked = (there(state, name, period, *stores), there(after, name, period, *stores))
        was, is_now = (float(each.cells[each.mask].sum()) / 100 for each in asked)
        wanted = {"percent": was * 1.2, "times": was * 0.7, "add": was + 4000, "equal": figure}
        plain = name not in {one.part for one in state.splits.agreements}
        close = 0.011 if not (plain and period == "9月" and not stores) else 0.06
        assert is_now == pytest.approx(wanted[method], abs=close)
        assert (after.year.plan["gmv"] >= 0).all()
        if keep:
            assert after.year.plan.equals(state.year.plan)
        else:
            rest = [row for row, part in enumerate(now.names) if part and part != name]
            np.testing.assert_array_equal(now.amounts[rest], before.amounts[rest])
        stands(now)
        state = after


def stands(parts):
    """Every agreement is in the grid to the fen."""
    for month, listed in parts.agreed.items():
        cells = parts.grid(month).cells()
        np.testing.assert_array_equal(cells.sum(axis=0), parts.totals[:, parts.days(month)])
        for one in listed:
            there = cells[parts.names.index(one.said.part)][one.mask].sum()
            assert there == round(one.said.amount * 100)


@pytest.mark.libreoffice
def test_an_open_book_says_what_the_closed_one_says(book, office_app, tmp_path):
    from xlplan.books.live import LiveBook

    path = tmp_path / "打开.xlsx"
    path.write_bytes(planned_book())
    opened = office_app.books.open(str(path))
    try:
        live = LiveBook(opened)
        for each in (book, live):
            spread(each, category="女装", period="第37周", store=ONE, to="6万")
        for sheet in (SHEET, "_品类", SPLIT):
            there = live.read(sheet)
            for spot, seen in book.cells[sheet].items():
                now = there.get(spot, Seen())
                if sheet == SHEET and spot[1] == 9 and spot[0] > 4:
                    continue  # when it was made
                if isinstance(seen.value, float | int):
                    assert now.value == pytest.approx(seen.value, abs=1e-6), (sheet, spot)
                elif seen.value not in (None, ""):
                    assert str(now.value)[:10] == str(seen.value)[:10], (sheet, spot)
        assert live.read("体检")[2, 12].value == 0
    finally:
        opened.close()


def test_a_kept_agreement_is_equal_to_itself_read_again(book):
    spread(book, category="女装", period="第37周", to="12万", why="换季")
    one = said(book).splits.agreements[0]
    book.reopen()
    assert said(book).splits.agreements == (one,)
    assert one == Agreement("c", "女装", "合计", date(2026, 9, 7), date(2026, 9, 13), 120_000.0, one.who, one.when, "换季")  # fmt: skip
