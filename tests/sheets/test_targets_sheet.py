"""年度目标: what is typed is read back as typed, with what is wrong named by its cell."""

from __future__ import annotations

import pytest

from xlplan.cells import Seen
from xlplan.errors import Level
from xlplan.plan.calendar import calendar
from xlplan.plan.targets.claims import Kind
from xlplan.plan.targets.targets import to_targets
from xlplan.plan.year import Settings, Year
from xlplan.sheets.state.book import empty_actuals, empty_plan
from xlplan.sheets.targets.page import INPUT_COLUMNS, TypedTargets, targets_as_built, targets_page
from xlplan.sheets.targets.read import read_targets
from xlplan.sheets.targets.rows import SETTING_ROWS, YES, target_rows

STORES = ["甲店", "乙店"]
GMV, CVR = "t:甲店|gmv", "t:甲店|cvr"


def typed_of(values=(), settings=None, findings=()):
    return TypedTargets(STORES, settings or Settings(), dict(values), dict(findings))


def laid_out(**changes):
    typed = typed_of(**changes)
    return targets_page(typed, nothing_planned(typed)), targets_as_built(typed)


def nothing_planned(typed):
    settings = typed.settings
    plan, actuals = empty_plan(STORES, 2026, settings), empty_actuals(STORES, 2026, settings)
    return Year(to_targets([], 2026), calendar(2026), settings, tuple(STORES), plan, actuals)


def read(cells, settings=None):
    return read_targets(cells, STORES, (settings or Settings()).channels, 2026, "计划.xlsx")


def typing(seen, texts):
    """Read a blank sheet into which texts were typed at (row key, column key)."""
    page, at = laid_out()
    cells = seen(page)
    cells |= {(at.rows[row], at.columns[column]): Seen(v) for (row, column), v in texts.items()}
    return read(cells)


def test_every_store_has_its_rows_and_channels_stand_once(seen):
    page, at = laid_out()
    stores = [page.cells[at.rows[row.key], 1].value for row in target_rows(STORES, Settings())]
    assert stores.count("甲店") == stores.count("乙店") == 11
    assert stores.count("各店") == 2 * len(Settings().channels)
    assert read(seen(page)).problems == []


def test_a_blank_sheet_claims_nothing(seen):
    page, _ = laid_out()
    found = read(seen(page))
    assert found.claims == []
    assert found.typed.values == {}


def test_months_add_up_beside_the_year():
    values = {(GMV, "m:1"): 100_000.0, (GMV, "m:2"): 120_000.5}
    page, at = laid_out(values=values)
    cell = page.cells[at.rows[GMV], at.columns["months"]]
    assert cell.value == 220_000.5
    assert cell.formula.startswith("=IF(COUNT(")
    assert page.cells[at.rows[CVR], at.columns["months"]].formula == ""


@pytest.mark.parametrize(
    ("row", "text", "value"),
    [
        (GMV, "500万", 5e6),
        (GMV, "1.2亿", 1.2e8),
        (GMV, "5,000,000元", 5e6),
        (CVR, "4%", 0.04),
        (CVR, 0.04, 0.04),
        ("t:乙店|roi", "3.5:1", 3.5),
        ("t:乙店|roi", "1:2", 2.0),
    ],
)
def test_people_write_figures_in_many_ways(seen, row, text, value):
    found = typing(seen, {(row, "value"): text})
    assert found.problems == []
    (claim,) = found.claims
    assert claim.value == pytest.approx(value)
    assert claim.store == row[2:4]


@pytest.mark.parametrize(("text", "why"), [("五百万", "数"), ("#N/A", "错误值"), (-1, "负")])
def test_what_is_no_figure_is_named_with_its_cell(seen, text, why):
    found = typing(seen, {(GMV, "m:3"): text})
    _, at = laid_out()
    assert found.claims == []
    assert why in found.problems[0].what
    assert found.problems[0].level is Level.ERROR
    assert found.problems[0].where.cell.endswith(str(at.rows[GMV]))


def test_lock_and_confidence_go_with_the_target(seen):
    texts = {(GMV, "value"): 5e6, (GMV, "locked"): YES, (GMV, "confidence"): 5}
    (claim,) = typing(seen, texts).claims
    assert claim.locked
    assert claim.confidence == 5


def test_last_years_actual_is_not_a_target(seen):
    (claim,) = typing(seen, {(GMV, "last"): 4e6}).claims
    assert claim.year == 2025
    assert claim.kind is Kind.ACTUAL


def test_every_setting_reads_back_as_chosen(seen):
    settings = Settings("30", "buyers", "amount", show_excluded=True, maturity_days=14)
    page, _ = laid_out(settings=settings)
    assert read(seen(page), settings).typed.settings == settings


def test_an_unknown_choice_is_named_and_the_usual_one_used(seen):
    page, at = laid_out()
    cells = seen(page) | {(at.rows["set:refund_base"], 2): Seen("瓶数")}
    found = read(cells)
    assert "瓶数" in found.problems[0].what
    assert found.typed.settings.refund_base == "units"


def test_findings_stand_beside_the_target_they_are_about():
    page, at = laid_out(findings={GMV: "[错误] 与 UV × 转化率 × 客单价 差 4.8 倍"})
    assert "4.8 倍" in page.cells[at.rows[GMV], at.columns["finding"]].value


def test_all_inputs_and_settings_have_a_chinese_message():
    page, at = laid_out()
    covered = {
        column
        for rule in page.validations
        for column in range(rule.area.left, rule.area.right + 1)
        if rule.area.top <= at.rows[GMV] <= rule.area.bottom
    }
    assert {at.columns[key] for key in INPUT_COLUMNS} <= covered
    rows = {rule.area.top for rule in page.validations}
    assert {at.rows[f"set:{row.name}"] for row in SETTING_ROWS} <= rows
