"""The 电商规划表 this program was made for, through a real book, to the printed digit."""

from __future__ import annotations

import pytest

from xlplan.actions.plan.fill import fill
from xlplan.actions.plan.newbook import Typed, check_path, new_from
from xlplan.books.file import FileBook
from xlplan.sheets.state.read import read_state
from xlplan.sheets.year.derived import YearView

MONTHS = (10, 12, 14, 20, 40, 60, 75, 85, 110, 130, 200, 150)
DAILY = (3333, 4000, 4667, 6667, 13333, 20000, 25000, 28333, 36667, 43333, 66667, 50000)
DAILY_UV = (1200, 1200, 1900, 2500, 4000, 5000, 5500, 5800, 6000, 6200, 8600, 6500)
AOV = (79.4, 95.2, 70.2, 66.7, 69.4, 80.0, 87.4, 88.8, 101.9, 116.5, 119.3, 118.3)
CVR = (3.5, 3.5, 3.5, 4.0, 4.8, 5.0, 5.2, 5.5, 6.0, 6.0, 6.5, 6.5)


@pytest.fixture
def book(tmp_path):
    """A plan book from the seed's month targets, daily UV × 30 and 转化率; nothing else."""
    rows = [
        "指标," + ",".join(f"{m}月" for m in range(1, 13)),
        "销售额," + ",".join(f"{value}万" for value in MONTHS),
        "UV," + ",".join(str(uv * 30) for uv in DAILY_UV),
        "转化率," + ",".join(f"{value}%" for value in CVR),
    ]
    targets = tmp_path / "电商规划表.csv"
    targets.write_text("\n".join(rows), encoding="utf-8")
    path = tmp_path / "计划.xlsx"
    new_from(path, Typed(2026, targets, ["旗舰店"], days30=True))
    return path


def year_view(path):
    read = read_state(FileBook(path))
    return YearView(read.state.year, "旗舰店", read.at.book.year, read.at.book.tables)


def test_every_printed_daily_target_comes_out(book):
    view = year_view(book)
    assert [round(v) for v in view.values["gmv_target@day"][:12]] == list(DAILY)


def test_every_printed_order_value_comes_out(book):
    view = year_view(book)
    assert [f"{v:.1f}" for v in view.values["aov_target"][:12]] == [f"{v:.1f}" for v in AOV]


def test_months_conversion_and_daily_visitors_are_as_typed(book):
    view = year_view(book)
    assert view.values["gmv_target"][:12].round(6).tolist() == [value * 10_000 for value in MONTHS]
    assert [round(v) for v in view.values["uv_target@day"][:12]] == list(DAILY_UV)
    assert [f"{v:.1%}" for v in view.values["cvr_target"][:12]] == [f"{v}%" for v in CVR]


def test_the_year_is_906_wan_in_quarters_of_36_120_270_480(book):
    view = year_view(book)
    assert view.values["gmv_target"][12:].round(6).tolist() == [
        360_000,
        1_200_000,
        2_700_000,
        4_800_000,
        9_060_000,
    ]
    assert f"{view.values['cvr_target'][-1]:.3%}" == "5.535%"
    assert f"{view.values['aov_target'][-1]:.2f}" == "100.30"


def test_with_real_days_the_difference_is_reported(tmp_path):
    seed = tmp_path / "目标.csv"
    rows = ["指标,周期,数值"]
    rows += [f"销售额,{m}月,{value}万" for m, value in enumerate(MONTHS, start=1)]
    rows += [f"销售额,{m}月每日,{value}" for m, value in enumerate(DAILY, start=1)]
    seed.write_text("\n".join(rows), encoding="utf-8")
    found = [p for p in check_path(seed, 2026).problems if p.rule == "R15"]
    assert any("922" in problem.what for problem in found)


def test_filling_again_changes_nothing(book):
    before = book.read_bytes()
    assert fill(FileBook(book)).changed == 0
    assert book.read_bytes() == before
