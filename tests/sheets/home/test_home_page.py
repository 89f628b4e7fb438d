"""首页: what it says in every state of a book, by the engine and by its formulas alike."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from tests.test_agreement import agrees, by_formualizer
from xlplan.actions.outlook.telling import with_outlook
from xlplan.books.build import build
from xlplan.cells import Cell
from xlplan.errors import Level, Problem, StructureError, Where
from xlplan.plan import rollup
from xlplan.record import replace
from xlplan.sheets.base.names import FINDINGS, HOME
from xlplan.sheets.home import layout as on
from xlplan.sheets.home.base import Shown
from xlplan.sheets.home.figures import moment, sales
from xlplan.sheets.home.page import COLOURS, home_cells, home_page
from xlplan.sheets.home.steps import next_step, step_link
from xlplan.sheets.home.verdict import closing, verdict
from xlplan.sheets.state.layout import built_tables, pages
from xlplan.sheets.state.read import read_state

STORES = ("甲店", "乙店")
MONTH = on.FIRST_PERIOD + 1


def told(state):
    return with_outlook(state, state, always=True)


@pytest.fixture(scope="module")
def two(state_of):
    """Two stores with actuals to 19 July, foreseen."""
    return told(state_of(stores=STORES, days=200))


def shown(state, today, scope=None):
    year = state.year
    return Shown(year, built_tables(year), scope or year.scopes[0], state.own.get("outlook", {}), state.problems, today)  # fmt: skip


def whole(state, days, *, missing=()):
    """A state whose actuals are its plan, of so many days, without some (store, day of year)."""
    frame = state.year.actuals.copy()
    for store in state.year.stores:
        planned = state.year.plan.loc[store]
        for name in ("gmv", "uv", "orders"):
            values = planned[name].to_numpy(float).copy()
            values[days:] = np.nan
            values[[day for at, day in missing if at == store]] = np.nan
            frame.loc[store, name] = values
    return told(replace(state, year=replace(state.year, actuals=frame)))


@pytest.mark.parametrize("scope", ["合计", "乙店"])
@pytest.mark.parametrize("today", [date(2026, 7, 20), date(2026, 8, 3), date(2027, 1, 5)])
def test_formulas_say_what_the_engine_says_on_any_day_and_of_any_store(two, today, scope):
    """The sheet alone is recalculated, with the day and the store put in."""
    this = shown(two, today, scope)
    laid_out = {page.name: page for page in pages(two)}
    page = home_page(this)
    page.cells[on.TODAY_SPOT] = Cell(today)
    kept = [laid_out[name] for name in ("_计划", "_实际")]
    checks = replace_names(page)
    got = by_formualizer(build([page, *kept]))
    wrong = [
        (spot, cell.value, got(HOME, *spot), cell.formula)
        for spot, cell in page.cells.items()
        if cell.formula and spot != checks and not agrees(cell.value, got(HOME, *spot))
    ]
    assert wrong[:3] == []


def replace_names(page):
    """核对 is another sheet: its cell is left out; it is not what is looked at."""
    page.cells[on.CHECK_SPOT] = Cell("全部一致")
    return on.CHECK_SPOT


def test_the_month_is_measured_by_its_days_with_actuals(two):
    this, july = shown(two, date(2026, 7, 20), "甲店"), slice(181, 212)
    cells, mine = home_cells(this), sales(two.year, "甲店")
    known = ~np.isnan(mine.net[july])
    assert cells[MONTH, 2].value == "7月"
    assert cells[MONTH, 3].value == pytest.approx(np.nansum(mine.plan[july]))
    assert cells[MONTH, 5].value == pytest.approx(mine.plan[july][known].sum())
    assert cells[MONTH, 7].value == pytest.approx(np.nansum(mine.net[july]))
    rate = np.nansum(mine.net[july]) / mine.plan[july][known].sum()
    assert cells[MONTH, 9].value == pytest.approx(rate)


def test_each_day_left_must_bring_its_plan_and_what_is_short_of_days_with_actuals(two):
    cells, mine = home_cells(shown(two, date(2026, 7, 20), "甲店")), sales(two.year, "甲店")
    for row, days in ((MONTH, slice(181, 212)), (MONTH + 1, slice(181, 273)), (MONTH + 2, slice(0, 365))):  # fmt: skip
        rest = mine.plan[200 : days.stop].sum()
        short = np.nansum(mine.due[days]) - np.nansum(mine.net[days])
        assert cells[row, 19].value == pytest.approx((rest + short) / (days.stop - 200))


def test_the_verdict_says_how_many_days_the_forecast_leaves_out(state_of):
    state = whole(state_of(stores=STORES, days=0), 200, missing=[("乙店", 190), ("乙店", 191)])
    this = shown(state, date(2026, 7, 20))
    assert "（缺 2 天没算进）" in verdict(this).value
    assert "没算进" not in verdict(shown(state, date(2026, 7, 20), "甲店")).value


def test_what_the_month_is_short_of_is_shared_over_the_days_left_by_their_plan(two):
    this = shown(two, date(2026, 7, 20), "甲店")
    cells, mine = home_cells(this), sales(two.year, "甲店")
    july, left = slice(181, 212), slice(200, 212)
    short = np.nansum(mine.due[july]) - np.nansum(mine.net[july])
    wanted = mine.plan[200] * (1 + short / mine.plan[left].sum())
    assert cells[on.DO_ROW, 3].value == pytest.approx(wanted)
    plan = two.year.planned.of_scope("甲店")
    times = wanted / mine.plan[200]
    assert cells[on.DO_ROW + 1, 3].value == pytest.approx(plan["uv"][200] * times)
    spend = sum(plan[f"spend_{c.key}"][200] for c in two.year.metrics.channels if f"spend_{c.key}" in plan)  # fmt: skip
    assert cells[on.DO_ROW + 2, 3].value == pytest.approx(spend * times)


def test_doing_every_day_what_it_says_reaches_the_month(two):
    year, start = two.year, 200
    mine = sales(year, "甲店")
    did = shown(two, date(2026, 7, 20), "甲店")
    from xlplan.sheets.home.figures import factor

    times = factor(mine, did.moment)
    known = ~np.isnan(mine.net[181:212])
    total = np.nansum(mine.net[181:212]) + times * mine.plan[start:212].sum()
    assert total == pytest.approx(mine.plan[181:212][known].sum() + mine.plan[start:212].sum())


def test_nothing_is_to_be_done_on_a_day_of_a_year_that_is_over(two):
    cells = home_cells(shown(two, date(2027, 1, 5)))
    assert cells[on.DO_HEAD, 2].value == "今日应做 · 全年已过"
    assert [cells[on.DO_ROW + n, 3].value for n in range(3)] == [""] * 3


def test_the_day_to_act_on_is_never_one_that_has_actuals(state_of):
    year = state_of(days=200).year
    assert moment(year, date(2026, 7, 10)).day == date(2026, 7, 20)
    assert moment(year, date(2026, 7, 25)).day == date(2026, 7, 25)
    assert moment(year, date(2026, 7, 25)).ahead == date(2026, 7, 20)


@pytest.mark.parametrize(
    ("case", "today", "word", "sheet"),
    [
        ("no plan", (2026, 7, 20), "填全年目标", "年度目标"),
        ("error", (2026, 7, 20), "1 处错误", FINDINGS),
        ("before the year", (2025, 12, 1), "2026年1月1日起", "日历"),
        ("nothing yet", (2026, 3, 1), "还没有实际", "日报"),
        ("late", (2026, 7, 23), "晚了 3 天", "日报"),
        ("missing", (2026, 7, 20), "缺的 2 天", "日报"),
        ("over", (2027, 1, 3), "新建明年", "年度规划"),
        ("unlikely", (2026, 7, 20), "达成概率只有", "7月"),
        ("on course", (2026, 7, 20), "今日应做", "日报"),
        ("early", (2026, 1, 6), "再积累几天", "日报"),
    ],
)
def test_the_next_step_follows_the_state_of_the_book(state_of, case, today, word, sheet):
    state = state_of(stores=STORES, days=0)
    if case == "no plan":
        state = replace(state, year=replace(state.year, plan=state.year.plan * np.nan))
    if case == "error":
        state = replace(state, problems=[Problem(Where(sheet="日报", cell="C5"), "读不懂", Level.ERROR)])  # fmt: skip
    days = {"over": 365, "early": 5, "before the year": 0, "nothing yet": 0, "no plan": 0}
    gaps = [("甲店", 150), ("甲店", 151)] if case == "missing" else []
    if days.get(case, 200):
        state = whole(state, days.get(case, 200), missing=gaps)
    if case in ("unlikely", "on course"):
        scopes = state.own["outlook"]["scopes"]
        scopes["合计"]["month_chance"] = 0.2 if case == "unlikely" else 0.7
    this = shown(state, date(*today))
    link, text = step_link(this)
    assert word in text.value
    assert link.value == sheet
    assert next_step(this)[1].startswith("=IF(")
    assert text.value in home_cells(this)[on.NEXT_ROW, 2].value


def test_the_verdict_is_one_sentence_of_month_and_year(two):
    said = verdict(shown(two, date(2026, 7, 20))).value
    assert said.startswith("合计：7月至今达成 ")
    for word in ("预计", "目标", "达成概率", "全年预计"):
        assert word in said
    assert "\n" not in said
    assert len(said) < 90


def test_the_ways_to_close_the_gap_close_it(two):
    """Each way, worked out on its own, brings the month to its target."""
    this = shown(two, date(2026, 7, 20), next(s for s in STORES if short_of(two, s) > 0))
    month = this.sales.of(this.period("month"))
    gap = month.target - this.number("month_middle")
    lines = [line.value for line in closing(this)]
    assert "预计差" in lines[0]
    uv = float(lines[1].split("多 ")[1].split(" UV")[0].replace(",", ""))
    closed = uv * this.number("days_left") * this.number("cvr") * this.number("aov")
    assert closed == pytest.approx(gap, rel=0.02)
    before, after = (float(part.rstrip("%")) / 100 for part in lines[2].removeprefix("· 转化率 ").split(" → "))  # fmt: skip
    rest = this.number("month_middle") - month.sold
    assert rest * after / before == pytest.approx(rest + gap, rel=0.01)


def short_of(state, store):
    this = shown(state, date(2026, 7, 20), store)
    return this.sales.of(this.period("month")).target - this.number("month_middle")


def test_nothing_is_foreseen_where_the_forecast_is_of_another_day(two):
    old = replace(two, own={"outlook": {**two.own["outlook"], "scopes": {s: {**f, "as_of": "2026-07-01"} for s, f in two.own["outlook"]["scopes"].items()}}})  # fmt: skip
    cells = home_cells(shown(old, date(2026, 7, 20)))
    assert [cells[MONTH, column].value for column in (12, 14, 16, 18)] == [""] * 4
    assert "预计" not in cells[on.VERDICT_ROW, 2].value


def test_every_store_says_until_when_its_data_go_and_what_is_missing(state_of):
    state = whole(state_of(stores=STORES, days=0), 200, missing=[("乙店", 198), ("乙店", 199)])
    cells = home_cells(shown(state, date(2026, 7, 20)))
    said = [cells[on.MATRIX_ROW + n, on.FRESH].value for n in range(3)]
    assert said == ["到 07-19，缺 2 天", "到 07-19", "到 07-17，缺 2 天"]


def test_months_without_actuals_show_their_target_and_the_others_their_attainment(two):
    cells = home_cells(shown(two, date(2026, 7, 20)))
    row = on.MATRIX_ROW + 1
    march, august = cells[row, on.FIRST_MONTH + 2], cells[row, on.FIRST_MONTH + 7]
    mine = sales(two.year, "甲店")
    assert march.value == pytest.approx(np.nansum(mine.net[59:90]) / np.nansum(mine.due[59:90]))
    assert august.value == f"{rollup.total(mine.plan[212:243]) / 1e4:,.1f}万"


def test_what_was_foreseen_is_read_back_as_it_was_written(two, page_book):
    read = read_state(page_book(pages(two)))
    assert read.state.own["outlook"] == two.own["outlook"]
    assert len(two.own["outlook"]["worst"]) == 3


def test_rows_put_into_the_home_page_are_noticed_before_anything_is_written(two, page_book):
    laid_out = pages(two)
    home = next(page for page in laid_out if page.name == HOME)
    home.cells = {(row + (row > 20), column): cell for (row, column), cell in home.cells.items()}
    with pytest.raises(StructureError, match="插入或删除过行列"):
        read_state(page_book(laid_out)).state.own["outlook"]


def test_a_book_without_forecasts_keeps_none(state_of, page_book):
    assert read_state(page_book(pages(state_of(days=0)))).state.own["outlook"] == {}


def test_the_worst_come_first_errors_before_money(state_of):
    problem = Problem(Where(sheet="日报", cell="C5"), "读不懂", Level.ERROR, rule="x")
    state = state_of(stores=STORES, days=200, problems=[problem])
    worst = told(state).own["outlook"]["worst"]
    assert worst[0][1] == FINDINGS
    assert "读不懂" in worst[0][0]
    assert "家店共缺" in worst[1][0]
    cells = home_cells(shown(told(state), date(2026, 7, 20)))
    assert cells[on.WORST_ROW, 2].formula.startswith("=IF(")
    assert "HYPERLINK" in cells[on.WORST_ROW, 2].formula


def test_colours_are_a_setting_and_never_the_only_sign(two):
    page = home_page(shown(two, date(2026, 7, 20)))
    rules = [rule.formula for rule in page.highlights if "xlplan_colours" in rule.formula]
    assert all(sum(f'"{name}"' in rule for rule in rules) == 8 for name in COLOURS)
    rate = page.cells[MONTH, 9].style.number
    assert "▲" in rate
    assert "▼" in rate


def test_it_prints_on_one_landscape_page_and_its_charts_stand_on_its_own_cells(two):
    page = home_page(shown(two, date(2026, 7, 20)))
    assert (page.landscape, page.pages_wide, page.pages_tall) == (True, 1, 1)
    for chart in page.charts:
        assert chart.area.bottom < on.WORST_HEAD
        for series in chart.series:
            for row in range(series.values.top, series.values.bottom + 1):
                assert (row, series.values.left) in page.cells
                assert page.cells[row, series.labels.left].value
