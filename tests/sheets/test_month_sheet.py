"""The month sheet is the 店铺每周运营计划表: its rows, its weeks, its totals."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import replace
from datetime import date

import pytest

from xlplan.cells import letters
from xlplan.metrics import Add
from xlplan.plan.year import Settings
from xlplan.sheets.base.find import find_keys
from xlplan.sheets.month.derived import month_as_built, month_columns
from xlplan.sheets.month.rows import month_rows

#: The rows of the table this sheet was made from, in its order, under its group names.
SEED = {
    "店铺运营": (
        "目标销售额 全店动销率 日销售额 平均增长比 活动销售额 推广销售额 人气销售额(补单) 实际销售额 "
        "日销笔数 人气笔数(补单) 实际笔数 上月同期日销笔数 客单价 当日UV 转化率 本月所需UV 本月UV缺口"
    ),
    "推广费用明细": "钻展 直通车 聚划算 淘宝客 老客户推广 合计 费用占比",
    "付费流量统计": "直通车UV 钻展UV 淘宝客UV UV缺额",
    "核心指标": "询单率 询单转化率 ROI 退款件数 退款率",
}
#: The row of words under the table.
DOUBTS = "row:doubt"
EXCLUDED = {"人气销售额(补单)", "人气笔数(补单)"}


@pytest.fixture(scope="module")
def september(one_pages):
    return one_pages["9月"]


@pytest.fixture(scope="module")
def at(one):
    return month_as_built(one.year, 9)


def row_values(page, at, key, *, kind="d:"):
    columns = [number for name, number in at.columns.items() if name.startswith(kind)]
    return [page.cells[at.rows[key], number].value for number in columns]


def known(values):
    return [value for value in values if value != ""]


def labels_seen(page, at):
    """Row labels that a reader sees, top to bottom (hidden and companion rows left out)."""
    spans = {row: page.rows[row] for key, row in at.rows.items() if key != DOUBTS}
    return [
        page.cells[row, 2].value
        for row in sorted(spans)
        if not (spans[row].hidden or spans[row].level)
    ]


def test_the_rows_are_the_seeds_in_its_order(september, at):
    wanted = [label for text in SEED.values() for label in text.split() if label not in EXCLUDED]
    assert labels_seen(september, at) == wanted


def test_with_the_setting_the_excluded_orders_are_shown_in_their_place(one, month_of):
    year = replace(one.year, settings=replace(one.year.settings, show_excluded=True))
    page = month_of(replace(one, year=year), 9)
    wanted = [label for text in SEED.values() for label in text.split()]
    assert labels_seen(page, month_as_built(year, 9)) == wanted


def test_group_names_stand_once_in_merged_cells_down_column_a(september, at):
    merged = {area.top: area for area in september.merges if area.left == area.right == 1}
    names = {september.cells[top, 1].value: area for top, area in merged.items()}
    assert list(names) == list(SEED)
    covered = [row for area in names.values() for row in range(area.top, area.bottom + 1)]
    assert covered == sorted(row for key, row in at.rows.items() if key != DOUBTS)
    rows = {row.key: row.group for row in month_rows(Settings())}
    for name, area in names.items():
        keys = [key for key, row in at.rows.items() if area.top <= row <= area.bottom]
        assert {rows[key] for key in keys} == {name}


def test_companions_fold_away_under_the_row_they_belong_to(september, at):
    order = sorted(at.rows, key=at.rows.get)
    for companion, owner in (
        ("uv_target", "uv"),
        ("cvr_target", "cvr"),
        ("attainment", "gmv_net"),
    ):
        span = september.rows[at.rows[companion]]
        assert (span.hidden, span.level) == (True, 1)
        above = order[: order.index(companion)]
        shown = [key for key in above if not september.rows[at.rows[key]].level]
        assert shown[-1] == owner


@pytest.mark.parametrize("month", range(1, 13))
def test_a_week_closes_on_sunday_and_at_the_months_end(one, month):
    days = monthrange(2026, month)[1]
    wanted: list[str | int] = []
    for day in range(1, days + 1):
        wanted.append(day)
        if date(2026, month, day).weekday() == 6 or day == days:
            wanted.append("周合计")
    wanted.append("月合计")
    made = [int(c.key[-2:]) if c.is_day else c.label for c in month_columns(one.year.year, month)]
    assert made == wanted


def test_the_heads_show_real_dates_weekdays_and_campaigns(september, at):
    column = at.columns["d:2026-09-09"]
    assert september.cells[6, column].value == date(2026, 9, 9)
    assert september.cells[7, column].value == "三"
    assert "99划算节" in september.cells[8, column].value
    makeup = september.cells[8, at.columns["d:2026-09-20"]].value
    assert makeup.startswith("班")


def test_week_totals_of_flows_are_sums_of_their_days(one, september, at):
    weeks = [c for c in month_columns(one.year.year, 9) if c.key.startswith("w:")]
    days = row_values(september, at, "gmv_target")
    for week in weeks:
        cell = september.cells[at.rows["gmv_target"], at.columns[week.key]]
        assert cell.value == pytest.approx(sum(days[i] for i in week.days), abs=1e-6)
        first = letters(at.columns[f"d:2026-09-{int(week.days[0]) + 1:02}"])
        assert f"SUM({first}{at.rows['gmv_target']}:" in cell.formula


def test_the_month_adds_its_weeks_so_that_no_day_counts_twice(september, at):
    cell = september.cells[at.rows["gmv_target"], at.columns["m:9"]]
    weeks = row_values(september, at, "gmv_target", kind="w:")
    assert cell.value == pytest.approx(sum(weeks), abs=1e-6)
    assert cell.formula.count(",") >= len(weeks) - 1
    assert ":" not in cell.formula


@pytest.mark.parametrize(
    ("ratio", "above", "below"),
    [
        ("aov", "gmv_net", "orders_net"),
        ("cvr", "orders_net", "uv"),
        ("spend_ratio", "spend", "gmv_net"),
        ("roi", "gmv_paid", "spend"),
        ("inquiry_rate", "inquiries", "uv"),
        ("refund_rate", "refund_units", "units"),
    ],
)
def test_ratio_totals_are_recomputed_from_totals_not_averaged(september, at, ratio, above, below):
    for kind in ("w:", "m:"):
        parts = [row_values(september, at, key, kind=kind) for key in (ratio, above, below)]
        for found, top, bottom in zip(*parts, strict=True):
            if found != "":
                assert found == pytest.approx(top / bottom, rel=1e-12)
    days = known(row_values(september, at, ratio))
    month = row_values(september, at, ratio, kind="m:")[0]
    assert month != pytest.approx(sum(days) / len(days), rel=1e-9)


def test_a_stock_shows_its_last_known_value_not_a_sum(september, at):
    days = known(row_values(september, at, "listed_skus"))
    assert row_values(september, at, "listed_skus", kind="m:") == [days[-1]]


def test_needed_visitors_belong_to_the_month_and_their_gap_runs_down(september, at):
    needed = row_values(september, at, "uv_needed")
    assert len({round(value, 6) for value in needed}) == 1
    gap = row_values(september, at, "uv_gap")
    uv = row_values(september, at, "uv")
    first = next(i for i, value in enumerate(uv) if value != "")
    assert gap[first] == pytest.approx(needed[first] - uv[first])
    assert row_values(september, at, "uv_gap", kind="m:") == [known(gap)[-1]]


def test_a_day_without_actuals_is_blank_never_zero(september, at):
    for key in ("gmv", "gmv_net", "aov", "cvr", "spend", "uv_short"):
        assert row_values(september, at, key)[20] == ""
    assert row_values(september, at, "gmv_target")[20] > 0


def test_every_number_of_the_table_is_a_formula_with_its_value(september, at):
    for key, row in at.rows.items():
        for column in at.columns.values():
            assert september.cells[row, column].formula, key


def test_keys_stand_where_they_are_found_again(september, at, seen):
    keys = find_keys("9月", seen(september))
    assert {key: keys.rows[key] for key in at.rows} == at.rows
    assert keys.columns == at.columns
    assert september.columns[max(at.columns.values()) + 1].hidden
    assert september.rows[3].hidden


def test_a_store_is_chosen_only_where_there_are_several(one_pages, two_pages, two):
    assert not [rule for rule in one_pages["9月"].validations if rule.kind == "list"]
    (rule,) = [rule for rule in two_pages["9月"].validations if rule.kind == "list"]
    home = two_pages["首页"]
    first, last = re.findall(r"\$B\$(\d+)", home.names[rule.allowed.removeprefix("=")])
    listed = [home.cells[row, 2].value for row in range(int(first), int(last) + 1)]
    assert listed == ["合计", "甲店", "乙店"]
    spot = month_as_built(two.year, 9).scope
    assert (rule.area.top, rule.area.left) == spot
    assert two_pages["9月"].cells[spot].value == "合计"


def test_the_table_stays_in_sight_and_prints_on_landscape_pages(september, at):
    assert september.freeze == (min(at.rows.values()), 3)
    assert (september.landscape, september.pages_wide, september.pages_tall) == (True, 3, 1)
    area = september.print_area
    assert (area.bottom, area.right) == (max(at.rows.values()), at.columns["m:9"])


@pytest.mark.parametrize("sales", [9_060_000.0, 9_060_000_000.0])
def test_columns_are_wide_enough_for_their_largest_number(state_of, month_of, sales):
    state = state_of(days=200, figures={"gmv": sales, "cvr": 0.05, "aov": 100.0})
    at = month_as_built(state.year, 6)
    page = month_of(state, 6)
    metrics = state.year.metrics
    flows = [row for row in month_rows(state.year.settings) if metrics[row.metric].add is Add.FLOW]
    for number in at.columns.values():
        values = [page.cells[at.rows[row.key], number].value for row in flows if not row.companion]
        longest = max(len(f"{value:,.0f}") for value in known(values))
        assert page.columns[number].size > longest


def test_a_month_without_actuals_shows_its_plan(one_pages, one):
    page = one_pages["12月"]
    rows = month_as_built(one.year, 12).rows
    shown = {key for key, row in rows.items() if not page.rows[row].hidden}
    assert {"uv_target", "cvr_target", "aov_target", "orders_target"} <= shown
    numbers = [key for key in shown & rows.keys() if any(isinstance(page.cells[rows[key], c].value, float) for c in month_as_built(one.year, 12).columns.values() if (rows[key], c) in page.cells)]  # fmt: skip
    assert len(numbers) >= 8


def test_a_month_prints_on_pages_that_can_be_read_and_leads_to_today(september):
    assert september.pages_wide == 3
    assert september.repeat_columns == (1, 2)
    assert "xlplan_today" in september.cells[2, 1].formula
