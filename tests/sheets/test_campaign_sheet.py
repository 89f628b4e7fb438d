"""活动目标: what a campaign is to sell and sold, by store, from live formulas."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from tests.test_agreement import by_formualizer, disagreements
from xlplan.books.build import build
from xlplan.cells import Seen
from xlplan.plan.year import TOTAL, day_grid
from xlplan.record import replace
from xlplan.sheets import SHEETS
from xlplan.sheets.base.names import CAMPAIGN_ROWS, CAMPAIGNS
from xlplan.sheets.base.sheet import new_view
from xlplan.sheets.campaigns.layout import board_as_built
from xlplan.sheets.campaigns.pairs import AT, FIRST
from xlplan.sheets.days.page import Members, make_calendar

STORES = ("天猫店", "京东店")
ABOUT = {"owner": "小王", "hero": "防晒套装", "presale_target": 0.5, "presale": 0.4, "new_target": 900.0}  # fmt: skip


def last_year(state):
    """Last year's days: this year's plan at 80 %, on its own dates."""
    days = day_grid(STORES, 2025)
    return (state.year.plan.iloc[: len(days)] * 0.8).fillna(0.0).set_axis(days)


@pytest.fixture(scope="module")
def state(state_of):
    """Actuals to 27 June; 618 is 天猫's alone and has a story."""
    made = state_of(stores=STORES, days=178)
    year = made.year
    events = [
        replace(e, platform="天猫", about=ABOUT) if e.name == "618" else e
        for e in year.calendar.events
    ]
    members = Members(year.stores, year.platforms)
    calendar = make_calendar(2026, events, made.shape, made.days, members=members)
    return replace(made, year=replace(year, calendar=calendar, last=last_year(made)))


@pytest.fixture(scope="module")
def laid_out(state):
    """The sheets that 活动目标 hangs together with; the story is that of 618."""
    chosen = {CAMPAIGNS: {board_as_built().card: Seen("618")}}
    view = replace(new_view(state, SHEETS), there=chosen)
    wanted = {"首页", "_计划", "_实际", "活动", CAMPAIGNS, CAMPAIGN_ROWS}
    return [sheet.page(view) for sheet in SHEETS if sheet.name in wanted]


def own(found):
    """Without 首页, whose count of 核对 is not among these sheets."""
    return [text for text in found if not text.startswith("首页")][:5]


def board(laid_out):
    return next(page for page in laid_out if page.name == CAMPAIGNS)


def row_of(page, name):
    """The line of a campaign: heading → value."""
    row = next(r for (r, c), cell in page.cells.items() if c == 1 and cell.value == name)
    heads = {c: cell.value for (r, c), cell in page.cells.items() if r == 4}
    return {heads[c]: page.cells[row, c].value for c in heads}


def days(first, last):
    start = date(2026, 1, 1)
    return slice((first - start).days, (last - start).days + 1)


def test_a_campaign_counts_the_stores_that_take_part_and_no_other(state, laid_out):
    line, inside = row_of(board(laid_out), "618"), days(date(2026, 5, 10), date(2026, 6, 20))
    mine, plan = state.year.actual.of_scope("天猫店"), state.year.planned.of_scope("天猫店")
    assert line["目标销售额"] == pytest.approx(np.nansum(plan["gmv"][inside]))
    net = np.nansum(mine["gmv"][inside]) - np.nansum(mine["gmv_excluded"][inside])
    assert line["实际销售额"] == pytest.approx(net)
    assert line["达成率"] == pytest.approx(net / np.nansum(mine["gmv_due"][inside]))
    everybody = row_of(board(laid_out), "51")
    both = state.year.planned.of_scope(TOTAL)["gmv"][days(date(2026, 5, 1), date(2026, 5, 5))]
    assert everybody["目标销售额"] == pytest.approx(both.sum())


def test_it_is_measured_against_the_days_before(state, laid_out):
    line = row_of(board(laid_out), "618")
    mine = state.year.actual.of_scope("天猫店")
    net = mine["gmv"] - np.nan_to_num(mine["gmv_excluded"])
    before = net[days(date(2026, 4, 12), date(2026, 5, 9))]
    during = net[days(date(2026, 5, 10), date(2026, 6, 20))]
    assert line["是之前的几倍"] == pytest.approx(np.nanmean(during) / np.nanmean(before))
    assert row_of(board(laid_out), "双11")["实际销售额"] == ""


def story(page):
    """The story of the campaign chosen: label → value by heading."""
    at = board_as_built()
    labels = {row: str(page.cells[row, 1].value) for key, row in at.rows.items() if key[:2] in ("s:", "r:")}  # fmt: skip
    heads = {"目标": "start", "实际": "end", "达成率": "days", "上届": "state"}
    return {
        (labels[row], head): page.cells[row, at.columns[column]].value
        for row in labels
        for head, column in heads.items()
        if (row, at.columns[column]) in page.cells
    }


def test_the_story_of_one_holds_what_no_export_says_and_what_came_of_it(state, laid_out):
    page = board(laid_out)
    told, line = story(page), row_of(page, "618")
    assert (told["预售占比", "目标"], told["预售占比", "实际"]) == (0.5, 0.4)
    assert told["预售占比", "达成率"] == pytest.approx(0.8)
    assert (told["新客", "目标"], told["负责人", "目标"]) == (900.0, "小王")
    assert told["销售额", "实际"] == line["实际销售额"]
    plan = state.year.planned.of_scope("天猫店")
    inside = days(date(2026, 5, 10), date(2026, 6, 20))
    assert told["转化率", "目标"] == pytest.approx(plan["orders"][inside].sum() / plan["uv"][inside].sum())  # fmt: skip
    assert told["ROI", "目标"] == pytest.approx(line["目标ROI"])
    assert told["活动是之前的几倍", "目标"] == pytest.approx(line["是之前的几倍"])
    at = board_as_built()
    text = page.cells[at.rows["row:card"], at.columns["state"]].value
    assert text.startswith(
        f"618 做了 {line['实际销售额']:,.0f}，达成 {line['达成率']:.1%}；日均是之前的"
    )
    shown = {page.cells[at.rows["row:heads"] + n, at.columns["next"]].value for n in (1, 2)}
    assert shown == set(STORES)


def test_the_countdown_and_the_next_task_move_on_by_themselves(laid_out):
    page, at = board(laid_out), board_as_built()
    cells = {
        key: page.cells[at.rows["c:13"], at.columns[key]] for key in ("name", "state", "next")
    }
    assert cells["name"].value == "双11"
    assert "xlplan_today" in cells["state"].formula
    assert "DATE(2026,10,8)" in cells["next"].formula
    assert "规则同步客服" in cells["next"].formula


def test_last_years_edition_stands_beside_it_on_comparable_days(laid_out):
    page = next(page for page in laid_out if page.name == CAMPAIGN_ROWS)
    pairs = {
        (page.cells[row, AT["name"]].value, page.cells[row, AT["store"]].value): page.cells[row, AT["last_gmv"]].value
        for row in range(FIRST, 40)
        if (row, AT["name"]) in page.cells
    }  # fmt: skip
    assert ("618", "京东店") not in pairs
    assert pairs["38焕新", "京东店"] > 0
    assert row_of(board(laid_out), "38焕新")["上届销售额"] == pytest.approx(
        pairs["38焕新", "京东店"] + pairs["38焕新", "天猫店"]
    )


def test_its_live_formulas_give_the_engines_numbers(laid_out):
    found = disagreements(laid_out, by_formualizer(build(laid_out)))
    assert own(found) == []


@pytest.mark.libreoffice
def test_libreoffice_gives_them_too(laid_out, tmp_path):
    from xlplan.libreoffice.convert import recalculate

    path = tmp_path / "活动.xlsx"
    path.write_bytes(build(laid_out))
    values = recalculate(path)
    found = disagreements(laid_out, lambda sheet, row, column: values[sheet].get((row, column)))
    assert own(found) == []
