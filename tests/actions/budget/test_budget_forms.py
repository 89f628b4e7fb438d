"""Three made-up forms of finance systems: filled to the fen, and nothing else touched."""

from __future__ import annotations

import zipfile

import openpyxl
import pytest
from openpyxl.styles import Protection

from tests.budgets import by_formualizer
from xlplan.actions.budget.filling import fill_form
from xlplan.actions.budget.forms import months_of
from xlplan.errors import InputError
from xlplan.ooxml.reader import open_workbook
from xlplan.plan.budget.amount import Amounts
from xlplan.plan.budget.budget import View, make_budget
from xlplan.plan.budget.settings import CostLine, StoreTerms, Terms

OPEN = Protection(locked=False)
TERMS = Terms(
    lines=(CostLine("6401.01", rate=0.45), CostLine("6601.01", year=300_000.01)),
    stores={
        "甲店": StoreTerms("天猫", "电商一部", 0.13),
        "乙店": StoreTerms("抖音", "电商二部", 0.01),
    },
)


@pytest.fixture(scope="module")
def budget(state_of):
    state = state_of(("甲店", "乙店"), days=0)
    return make_budget(state.year, state.splits, TERMS)


def codes_down(path):
    """Codes down, months across, 万元 without tax; parents and sums computed; protected."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "预算录入"
    sheet["A1"], sheet["A2"] = "预算填报表", "单位：万元（不含税）"
    sheet.append(["科目编码", "科目名称", *[f"{m}月" for m in range(1, 13)], "合计", "上年实际"])
    listed = [("GMV", "支付金额"), ("6401", "主营业务成本"), ("6401.01", "商品成本"), ("6401.02", "赠品及样品"), ("6601.03", "平台推广费"), ("9999", "外太空费"), ("6601.04", "人工成本")]  # fmt: skip
    for row, (code, name) in enumerate(listed, start=4):
        sheet.cell(row, 1, code)
        sheet.cell(row, 2, name)
        for column in range(3, 15):
            cell = sheet.cell(row, column)
            if code == "6401":
                letter = cell.column_letter
                cell.value = f"=SUM({letter}{row + 1}:{letter}{row + 2})"
            cell.protection = OPEN
        sheet.cell(row, 15, f"=SUM(C{row}:N{row})")
        sheet.cell(row, 16).protection = OPEN
    sheet["C4"].protection = Protection(locked=True)
    sheet["D4"] = "见附注"
    sheet.protection.sheet = True
    book.create_sheet("说明")["A1"] = "不要改动"
    book.save(path)


def long_list(path):
    """A row a period, store and account; one amount column; unprotected."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "明细"
    sheet.append(["期间", "部门", "科目", "金额（元）", "备注"])
    for store in ("电商一部", "乙店", "火星店"):
        for month in range(1, 13):
            for account in ("支付金额", "直通车", "房租"):
                sheet.append([f"2026-{month:02d}", store, account, None, "=1+1"[1:]])
    sheet.append(["2025-12", "甲店", "支付金额", None])
    book.save(path)


def two_levels(path):
    """Stores over quarters, totals locked, and a cross-check."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "两级"
    sheet["A1"], sheet["A3"], sheet["L2"], sheet["L3"] = (
        "集团预算（含税）",
        "项目",
        "公司合计",
        "全年",
    )
    for first, store in ((2, "甲店"), (7, "抖音")):
        sheet.cell(2, first, store)
        sheet.merge_cells(start_row=2, start_column=first, end_row=2, end_column=first + 4)
        for quarter in range(4):
            sheet.cell(3, first + quarter, f"{'一二三四'[quarter]}季度")
        sheet.cell(3, first + 4, "全年")
    for row, name in enumerate(("支付金额", "减：售退", "分佣佣金", "平台推广费"), start=4):
        sheet.cell(row, 1, name)
        for first in (2, 7):
            for quarter in range(4):
                sheet.cell(row, first + quarter).protection = OPEN
            letters = [sheet.cell(row, first + n).column_letter for n in (0, 3)]
            sheet.cell(row, first + 4, f"=SUM({letters[0]}{row}:{letters[1]}{row})")
        sheet.cell(row, 12, f"=F{row}+K{row}")
    sheet["A9"], sheet["L9"] = "勾稽：支付金额 − 售退", "=L4-L5"
    sheet["A10"], sheet["L10"] = "验证", "=L9-(F4-F5)-(K4-K5)"
    sheet.protection.sheet = True
    book.save(path)


def parts(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def changed_cells(before, path):
    """The cells that differ, and what they say now."""
    old, new = open_workbook(before), open_workbook(path)
    made = {}
    for info in new.sheets:
        was, now = old.sheet(info.name), new.sheet(info.name)
        for spot in {*was.cells, *now.cells}:
            if was.cells.get(spot) != now.cells.get(spot):
                made[info.name, *spot] = now.value(*spot)
    return made


def filled(form, budget, tmp_path):
    """Fill a form twice; return its outcome, the cells changed and the path."""
    path = tmp_path / "表.xlsx"
    form(path)
    before, was = path.read_bytes(), parts(path)
    done = fill_form(path, budget, View())
    cells = changed_cells(before, path)
    written = {
        info.part
        for info in open_workbook(path).sheets
        if any(sheet == info.name for sheet, *_ in cells)
    }
    now = parts(path)
    assert {name for name in now if now[name] != was.get(name)} == written
    assert was.keys() == now.keys()
    assert len(cells) == done.changed
    assert all(
        not cell.formula
        for sheet in open_workbook(path)
        for spot, cell in sheet.cells.items()
        if (sheet.name, *spot) in cells
    )
    twice = path.read_bytes()
    again = fill_form(path, budget, View())
    assert again.changed == 0
    assert path.read_bytes() == twice
    return done, cells, path


def fen_of(budget, key, months, units=None, tax="含税"):
    return Amounts(budget, tax).of((key,), months, units)


def test_codes_down_and_periods_across(budget, tmp_path):
    done, cells, path = filled(codes_down, budget, tmp_path)
    assert (done.facts["unit"], done.facts["tax"]) == ("万元", "未税")
    assert {(row, column) for _, row, column in cells} == {
        *((4, column) for column in range(5, 15)),
        *((row, column) for row in (6, 8) for column in range(3, 15)),
    }
    for row, key in ((6, "6401.01"), (8, "6601.03")):
        for month in range(1, 13):
            wanted = fen_of(budget, key, [month], tax="未税")
            assert cells["预算录入", row, month + 2] == wanted / 1_000_000
    got = by_formualizer(path.read_bytes())
    assert got("预算录入", 5, 15) == pytest.approx(
        fen_of(budget, "6401.01", range(1, 13), tax="未税") / 1e6
    )
    told = " ".join([*done.facts["unmatched"], *done.facts["without_number"]])
    for text in ("9999 外太空费", "6601.04 人工成本", "见附注", "赠品及样品"):
        assert text in told
    assert any("6601.01 人工成本" in text for text in done.facts["without_place"])


def test_a_long_list_by_period_department_and_account(budget, tmp_path):
    done, cells, _ = filled(long_list, budget, tmp_path)
    assert done.facts["unit"] == "元"
    assert len(cells) == 2 * 12 * 2
    for row, units, month, key in (
        (2, ["甲店"], 1, "gmv"),
        (3, ["甲店"], 1, "6601.03/直通车"),
        (38 + 33, ["乙店"], 12, "gmv"),
    ):
        assert cells["明细", row, 4] == fen_of(budget, key, [month], units) / 100
    told = [problem.what for problem in done.problems]
    assert any("等 36 格" in what and "火星店" in what for what in told)
    assert any("2025-12" in what for what in told)
    assert any("房租 预算里没有数" in what for what in told)


def test_heads_of_two_levels_with_locked_totals_and_a_cross_check(budget, tmp_path):
    done, cells, path = filled(two_levels, budget, tmp_path)
    assert len(cells) == 4 * 8
    assert cells["两级", 4, 2] == fen_of(budget, "gmv", [1, 2, 3], ["甲店"]) / 100
    assert cells["两级", 7, 10] == fen_of(budget, "6601.03", [10, 11, 12], ["乙店"]) / 100
    got = by_formualizer(path.read_bytes())
    assert got("两级", 4, 12) == pytest.approx(fen_of(budget, "gmv", range(1, 13)) / 100)
    assert got("两级", 10, 12) == pytest.approx(0, abs=1e-6)
    assert done.facts["unmatched"] == []


def test_what_is_asked_twice_is_filled_nowhere(budget, tmp_path):
    path = tmp_path / "表.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["科目", "1月", "2月"],
        ["支付金额", None, None],
        ["售退", None, None],
        ["GMV", None, None],
    ):
        sheet.append(row)
    book.save(path)
    done = fill_form(path, budget, View())
    assert done.changed == 2
    assert open_workbook(path).sheet("Sheet").value(2, 2) is None
    assert sum("要了 2 次" in text for text in done.facts["unmatched"]) == 2


def test_a_sum_beside_its_months_and_a_parent_beside_its_accounts_stay_empty(budget, tmp_path):
    path = tmp_path / "表.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["科目", *[f"2026年{m}月" for m in range(1, 13)], "全年"])
    for name in ("营业成本", "商品成本", "支付金额"):
        sheet.append([name])
    book.save(path)
    done = fill_form(path, budget, View())
    cells = open_workbook(path).sheet("Sheet")
    assert done.changed == 24
    assert cells.value(2, 2) is None
    assert cells.value(4, 14) is None


def test_a_file_without_anything_to_fill_is_refused_and_not_touched(budget, tmp_path):
    path = tmp_path / "表.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["随便", "写写"])
    book.save(path)
    before = path.read_bytes()
    with pytest.raises(InputError, match="没有认出"):
        fill_form(path, budget, View())
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("3月", (3,)), ("2026年3月", (3,)), ("2025年3月", ()), ("2026-03", (3,)), ("202603", (3,)), ("2026/3", (3,)),
        ("03期", (3,)), ("第3期", (3,)), ("3月预算", (3,)), ("Mar", (3,)), ("Q2", (4, 5, 6)), ("二季度", (4, 5, 6)),
        ("三月", (3,)), ("十二月份", (12,)), ("March", (3,)), ("Mar-26", (3,)), ("26年3月", (3,)), ("第十一月", ()),
        ("2026年三月", (3,)), ("Mar 2025", ()), ("上半年", tuple(range(1, 7))), ("2026年", ()), ("日均", ()), ("3", ()),
        ("全年", tuple(range(1, 13))), ("13月", ()), ("备注", ()), ("", ()), (None, ()), (202603.0, (3,)),
    ],
)  # fmt: skip
def test_periods_are_read_in_the_words_of_forms(text, months):
    assert months_of(text, 2026) == months
