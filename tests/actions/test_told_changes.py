"""What a change says before and after it is written: agreements it breaks, rounding, shapes, limits."""

from __future__ import annotations

import re

import pytest

from tests.actions.openbook import STORES, OpenBook, planned_book
from xlplan.actions.change.changing import spread
from xlplan.actions.change.holding import hold
from xlplan.actions.change.scenario import scenario
from xlplan.actions.change.selecting import spot_of
from xlplan.actions.change.typed_edits import edits
from xlplan.actions.change.versions import version
from xlplan.actions.plan.check import check
from xlplan.actions.plan.fill import fill
from xlplan.actions.trace.tracing import trace
from xlplan.actions.undo.history import log
from xlplan.actions.undo.undoing import undo
from xlplan.cells import Cell
from xlplan.errors import InfeasibleError, InputError
from xlplan.plan.change.grid import Grid, Region
from xlplan.plan.days.periods import parse_period
from xlplan.plan.parts.year import PartYear
from xlplan.sheets.base.lists import LOG, read_log
from xlplan.sheets.parts.agreed_page import SHEET
from xlplan.sheets.state.read import read_state

ONE, TWO = STORES


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    path = tmp_path_factory.mktemp("told") / "计划.xlsx"
    path.write_bytes(planned_book())
    return OpenBook(path)


@pytest.fixture
def book(planned):
    return planned.copied()


def total(book, period, *stores, metric="gmv"):
    year = read_state(book).state.year
    return Grid(year).total(
        Region(metric, stores or year.stores, parse_period(period, year.calendar))
    )


def write(book, sheet, **cells):
    book.write({sheet: {spot_of(a): Cell(v) for a, v in cells.items()}})


def lost(outcome):
    return [p for p in outcome.problems if p.rule == SHEET]


def test_every_action_that_breaks_an_agreement_says_which_and_by_how_much(book):
    version(book, do="snapshot", name="原来")
    spread(book, category="女装", period="9月9日", store=ONE, to="9万")
    before = total(book, "9月9日", ONE)
    assert lost(spread(book, period="9月9日", store=ONE, to=f"{before:.2f}")) == []
    for said in (
        spread(book, period="9月9日", store=ONE, to="3万", dry_run=True),
        spread(book, period="9月", to="-90%", dry_run=True),
        scenario(book, name="悲观", lifts="销售额 9月 -90%"),
        version(book, do="restore", name="悲观", dry_run=True),
    ):
        (problem,) = lost(said)
        assert f"女装 {ONE} 9月9日 = 90,000.00" in problem.what
        assert "现在是" in problem.what
        assert "约定" in problem.remedy
    (seen,) = lost(spread(book, period="9月9日", store=ONE, to="3万"))
    assert seen.where.cell == "F5"
    assert "一共只有 30,000.00" in seen.what
    comes = float(re.search(r"现在是 ([\d,.]+)（(-[\d,.]+)）", seen.what)[1].replace(",", ""))
    state = read_state(book).state
    share = PartYear(state.year, state.splits, "c").amounts[0, 8] / total(book, "9月")
    assert comes == pytest.approx(30_000 * share, abs=0.01)
    assert [p.what for p in lost(check(book))] == [seen.what]
    assert lost(spread(book, period="10月", to="+1%")) == []
    assert lost(undo(book, metric="销售额", period="9月9日", store=ONE, dry_run=True)) == []
    assert [p.what for p in lost(fill(book))] == [p.what for p in lost(check(book))] != []


def test_an_agreement_that_its_month_cannot_pay_is_told(book):
    """The part's month gives less than was agreed: the agreement shrinks, and that is said."""
    spread(book, category="女装", period="9月9日", to="20万")
    assert lost(spread(book, period="9月10日-9月30日", to="100")) == []
    said = spread(book, period="9月1日-9月8日", to="100")
    assert any("9月一共只有" in p.what for p in lost(said))
    assert [p.what for p in lost(check(book))] == [p.what for p in lost(said)]


def test_the_rounding_of_a_part_is_told_of_the_part(book):
    said = spread(
        book, category="女装", period="9月", store=TWO, to="100.01 平均", by="周", dry_run=True
    )
    rounding = [line for line in said.lines if line.startswith("取整：")]
    assert len(rounding) == 1
    assert f"女装 {TWO} 9月" in rounding[0]
    months = spread(book, category="女装", period="Q3", to="1000 平均", dry_run=True)
    assert any("女装 合计 Q3 有 3 个月不是精确份额" in line for line in months.lines)
    kept = spread(book, platform="京东", period="Q4", to="+8%", keep="月", dry_run=True)
    assert sum(line.startswith("取整：京东") for line in kept.lines) == 1


def test_like_shapes_a_part_as_the_part_itself_is_there(book):
    spread(book, category="女装", period="8月", to="10万")
    spread(book, category="女装", period="9月", to="30万")
    version(book, do="snapshot", name="前低后高")
    spread(book, category="女装", period="8月-9月", to="20万 平均", by="月")
    said = spread(book, category="女装", period="8月-9月", to="=80万 like 前低后高")
    assert any("用女装自己" in line for line in said.lines)
    state = read_state(book).state
    amounts = PartYear(state.year, state.splits, "c").amounts[0]
    assert amounts[[7, 8]].tolist() == [200_000, 600_000]
    other = spread(
        book, category="女装", period="9月", to="=80万 like 权重", by="日", dry_run=True
    )
    assert any("用日历权重" in line for line in other.lines)


def test_what_was_asked_for_is_shown_first(book):
    was = total(book, "9月9日", ONE)
    said = spread(book, period="9月9日", store=ONE, to="5万", keep="月", dry_run=True)
    assert said.lines[1].startswith(f"{ONE} 9月9日 销售额：{was:,.2f}".rstrip("0").rstrip("."))
    assert "→ 50,000（" in said.lines[1]
    line = spread(book, period="9月", method="直线", to="8%", dry_run=True).lines[1]
    assert line.endswith("（不变）")


@pytest.mark.parametrize(
    ("asked", "what"),
    [
        ({"to": "10%"}, "它是数量，不是比率"),
        ({"to": "10％", "method": "平均"}, "它是数量，不是比率"),
        ({"to": "3.5:1"}, "它是数量，不是比率"),
        ({"metric": "转化率", "to": "4.5"}, "改不成 450%"),
        ({"method": "参照", "like": "权重"}, "没有说要改成多少"),
        ({"method": "参照", "to": "5万"}, "没有说参照什么"),
        ({"method": "等比", "to": "1.02"}, "等比写的是增长率"),
        ({"to": "-5亿"}, "会变成负数"),
        ({"to": "减200%"}, "会变成负数"),
        ({"to": "like 去年"}, "没有可以参照的“去年”"),
        ({"metric": "在售商品数", "to": "5"}, "只记实际，没有计划"),
        ({"period": "2025年9月", "to": "5"}, "不在 2026 年之内"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused_in_words_that_help(book, asked, what):
    with pytest.raises(InputError, match=what):
        spread(book, **{"period": "9月", **asked})


def test_the_rest_goes_to_empty_cells_only_and_says_when_there_are_none(book):
    with pytest.raises(InfeasibleError, match="没有空格可分"):
        spread(book, period="10月", to="剩余 5000万")


def test_limits_elsewhere_do_not_let_sales_fall_below_zero(book):
    hold(book, period="10月", lower="10", upper="500万")
    hold(book, period="9月9日", store=ONE)
    with pytest.raises(InfeasibleError, match="锁定的已超过它"):
        spread(book, period="9月9日", to="1")
    spread(book, period="9月9日", store=TWO, to="0")
    assert read_state(book).state.year.plan["gmv"].min() == 0


def test_a_locked_total_is_named_with_what_can_be_reached(book):
    hold(book, period="Q4", kind="合计")
    locked = total(book, "Q4")
    with pytest.raises(InfeasibleError) as refused:
        spread(book, period="Q4", to="+5%")
    assert "锁定了 合计 Q4" in refused.value.message
    assert "先解锁 L1" in refused.value.remedy
    assert refused.value.reachable == (locked, locked)
    with pytest.raises(InfeasibleError, match=r"11月 销售额 改不成 90,000,000") as refused:
        spread(book, period="11月", to="9000万")
    assert refused.value.reachable == (0, locked)
    spread(book, period="11月", to="+1%")
    assert total(book, "Q4") == locked


def test_a_preview_of_a_version_says_what_a_lock_would_refuse(book):
    version(book, do="snapshot", name="原来")
    spread(book, period="10月", to="+10%")
    hold(book, period="10月", kind="合计")
    with pytest.raises(InfeasibleError, match="会改动锁定的内容"):
        version(book, do="restore", name="原来", dry_run=True)


def test_visitors_and_a_rate_typed_on_one_day_hold_together(book):
    write(book, "9月", C37="+10%", C39="4%")
    visitors = total(book, "9月1日", metric="uv")
    edits(book, accept=True)
    assert total(book, "9月1日", metric="uv") == round(visitors * 1.1)
    assert total(book, "9月1日", metric="cvr") == pytest.approx(0.04, rel=0.01)
    write(book, "9月", C9=150_000, C29=300, C37=2000, C39="4%")
    (problem,) = [p for p in edits(book).problems if "不能采纳" in p.what]
    assert "互相矛盾" in problem.what


def test_cells_that_cannot_be_taken_are_listed_with_the_others(book):
    write(book, "9月", C9=-5, D9=None, E9=80_000)
    said = edits(book)
    assert [p.where.cell for p in said.problems[:2]] == ["C9", "D9"]
    assert {p.where.sheet for p in said.problems[2:]} == {"年度目标"}  # the plan would leave it
    assert "9月!E9" in "".join(said.lines)
    assert "清空" in said.problems[1].what
    with pytest.raises(InputError, match="不能是负数"):
        edits(book, accept=True)
    edits(book, put_back=True)
    assert edits(book).title == "没有发现手工改动"
    assert edits(book).problems == []


def test_a_figure_typed_over_another_formula_is_kept_in_the_log(book):
    write(book, "10月", C13=99_999)
    told = []
    book.tell = told.append
    spread(book, period="10月", to="+1%")
    assert any("10月!C13（99999" in text for text in told)
    rows = [row for row in read_log(book.cells[LOG]) if (row.sheet, row.cell) == ("10月", "C13")]
    assert [row.old for row in rows] == ["99999"]
    assert book.cells["10月"][13, 3].formula


def test_a_trace_names_the_locks_and_who_said_an_actual(book):
    hold(book, period="9月9日", store=ONE, why="约定好的")
    assert "约定好的" in "".join(trace(book, period="9月9日", store=ONE).lines)
    assert "L1" in "".join(trace(book, period="Q3").lines)
    assert "L1" not in "".join(trace(book, period="9月8日").lines)


def test_the_log_reads_days_and_says_when_nothing_fits(book):
    spread(book, period="12月", to="+1%")
    with pytest.raises(InputError, match="不是日期"):
        log(book, since="昨天")
    assert "操作有：" in log(book, action="没有").lines[0]
    assert log(book, action="分摊", since="1月1日", store="天猫*").facts["found"] > 0


def test_sales_on_a_closed_day_are_told(book):
    read = read_state(book)
    at = read.at.calendar
    book.write({"日历": {(at.rows["d:2026-10-05"], at.columns["shut"]): Cell("√")}})
    fill(book)
    assert total(book, "10月5日") == 0
    for wish in ({"to": "300万 平均"}, {"to": "!3000"}):
        problem, *others = spread(book, period="10月", **wish, dry_run=True).problems
        assert "10月5日 停业" in problem.what
        assert {p.where.sheet for p in others} == {"年度目标"}
    problems = spread(book, period="10月", to="300万", dry_run=True).problems
    assert {p.where.sheet for p in problems} == {"年度目标"}
    assert total(book, "10月5日") == 0


def test_a_part_goes_by_the_selection_when_neither_store_nor_period_is_written(book):
    spread(book, category="女装", at="9月!C9", to="+10%")
    (agreed,) = read_state(book).state.splits.agreements
    assert agreed.place == "女装 合计 9月1日"
    with pytest.raises(InputError, match="只能改一片"):
        spread(book, category="女装", at="9月!C9,F9", to="+10%")
    with pytest.raises(InputError, match="不是计划"):
        spread(book, category="女装", at="首页!A1", to="+10%")


@pytest.mark.parametrize("period", ["9月", "第37周"])
def test_parts_are_refused_in_the_same_words_as_whole_stores(book, period):
    with pytest.raises(InputError, match=f"女装 合计 {period} 现在是 .*会变成负数"):
        spread(book, category="女装", period=period, to="-5亿")
    with pytest.raises(InfeasibleError, match="没有空格可分"):
        spread(book, category="女装", period=period, to="剩余 5亿")


def test_a_percentage_of_nothing_says_that_it_is_nothing(book):
    spread(book, period="10月5日", store=ONE, to="0")
    said = spread(book, period="10月5日", store=ONE, to="+8%")
    assert any("现在是 0" in line for line in said.lines)
    assert said.title == "没有变化"


def test_limits_that_the_plan_is_outside_of_are_told_and_named(book):
    (problem,) = hold(book, period="10月", store=ONE, lower="100万").problems
    assert "31 格不在这个范围里" in problem.what
    assert hold(book, period="12月", store=ONE, upper="1亿").problems == []
    with pytest.raises(InfeasibleError, match="上下限 10月") as refused:
        spread(book, period="10月5日", store=ONE, to="5万")
    assert "不能少于 1,000,000" in refused.value.remedy
    assert "12月" not in refused.value.message
    with pytest.raises(InputError, match="不能是负数"):
        hold(book, period="10月", lower="-5")


def test_locks_bind_where_their_cells_stay_and_others_of_the_part_asked_for_move(book):
    hold(book, period="10月", kind="合计")
    hold(book, period="5月", kind="合计")
    hold(book, period="9月25日", store=ONE)
    whole = spread(book, period="Q4", to="+8%", dry_run=True)
    assert [text.split()[1] for text in whole.facts["binding"]] == ["10月"]
    assert any(line.startswith("锁定起作用：合计 10月") for line in whole.lines)
    assert spread(book, period="11月", to="+8%", dry_run=True).facts["binding"] == []
    day = {"period": "9月9日", "store": ONE, "to": "=9万", "dry_run": True}
    assert spread(book, **day).facts["binding"] == []
    (kept,) = spread(book, **day, keep="月").facts["binding"]
    assert "9月25日" in kept
