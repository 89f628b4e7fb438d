"""The budget workbook: layout, and every formula recalculated by engines that know nothing of it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.budgets import HOSTILE, TERMS, by_formualizer, disagreements, laid_out
from xlplan.books.build import build
from xlplan.cells import Cell, Seen
from xlplan.plan.budget.budget import View, make_budget
from xlplan.plan.budget.closed import Closed
from xlplan.plan.budget.settings import CostLine, StoreTerms, Terms
from xlplan.plan.parts.splits import Part, Splits
from xlplan.sheets.budget.look import sheet_titles
from xlplan.sheets.budget.statement_page import fold_for_paper
from xlplan.sheets.budget.terms_page import KINDS, LINES, read_terms, terms_page
from xlplan.sheets.state.layout import pages

WAN_NET = View("未税", "万元")
CLOSED = [
    Closed("revenue", 1, 1_234_567.89, "甲店"),
    Closed("6401.01", 1, 600_000.11, "甲店"),
    Closed("6601.03", 1, 88_888.88, "甲店"),
    Closed("revenue", 2, 999_999.99),
]
CASES = {
    "one store": {},
    "three stores on two channels, closed months": {
        "stores": ("甲店", "乙店", "丙店"),
        "terms": replace(
            TERMS,
            stores={
                "甲店": StoreTerms("天猫", "一部", 0.13),
                "乙店": StoreTerms("天猫", "", 0.01),
            },
        ),
        "closed": CLOSED,
        "view": WAN_NET,
    },
    "five stores, no costs": {"stores": tuple("甲乙丙丁戊"), "terms": Terms(), "days": 300},
    "platforms of one store": {
        "splits": Splits(platforms=[Part("天猫", 0.6), Part("抖音", 0.3333)])
    },
    "hostile names": {"stores": HOSTILE, "days": 40, "frozen": True, "view": WAN_NET},
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_formula_recalculates_to_the_engines_number_and_checks_are_zero(state_of, case):
    budget, made = laid_out(state_of, **case)
    got = by_formualizer(build(made))
    assert disagreements(made, got)[:5] == []
    assert got("验证", 2, 2) == 0
    whole = next(page for page in made if page.name == "总")
    assert got("总", 5, 4) == pytest.approx(
        budget.amounts(budget.units, case.get("view", View()))["gmv"][1]
    )
    checks = [
        row
        for (row, column), cell in whole.cells.items()
        if column == 1 and str(cell.value).startswith("验证：")
    ]
    assert {got("总", row, 4) for row in checks} <= {0, None}


@pytest.mark.libreoffice
def test_libreoffice_recalculates_to_the_engines_numbers(state_of, tmp_path):
    from xlplan.libreoffice.convert import recalculate

    _, made = laid_out(state_of, **CASES["three stores on two channels, closed months"])
    path = tmp_path / "预算.xlsx"
    path.write_bytes(build(made))
    values = recalculate(path)
    assert (
        disagreements(made, lambda sheet, row, column: values[sheet].get((row, column)))[:5] == []
    )
    assert values["验证"][2, 2] == 0


def test_twenty_stores_have_their_sheets_and_all_checks_are_zero(state_of):
    stores = tuple(f"{number}号店" for number in range(1, 21))
    _, made = laid_out(state_of, stores=stores, days=0)
    assert [page.name for page in made][1:22] == ["总", *stores]
    got = by_formualizer(build(made))
    assert got("验证", 2, 2) == 0


def test_the_unit_and_the_basis_are_cells_that_turn_the_whole_book(state_of):
    """Only two cells are changed: every other must come to what the engine says of that view."""
    case = CASES["three stores on two channels, closed months"]
    _, yuan = laid_out(state_of, **(case | {"view": View()}))
    _, wanted = laid_out(state_of, **case)
    settings = next(page for page in yuan if page.name == "参数")
    for row, value in ((3, "万元"), (4, "未税")):
        settings.cells[row, 3] = Cell(value, "", settings.cells[row, 3].style)
    assert disagreements(wanted, by_formualizer(build(yuan)))[:5] == []


def test_a_number_changed_in_the_data_is_noticed(state_of):
    _, made = laid_out(state_of, stores=("甲店", "乙店"))
    data = next(page for page in made if page.name == "数据")
    spot = next(
        spot
        for spot, cell in data.cells.items()
        if spot[1] == 15 and isinstance(cell.value, float)
    )
    data.cells[spot] = data.cells[spot]._replace(value=data.cells[spot].value + 1)
    assert by_formualizer(build(made))("验证", 2, 2) > 0


def test_the_statement_has_finances_fifty_six_columns(state_of):
    _, made = laid_out(state_of, stores=("甲店", "乙店"))
    page = next(page for page in made if page.name == "总")
    heads = [page.cells[3, column].value for column in range(1, 57)]
    assert heads[:12] == [
        "项目",
        "预算-年初",
        "占比",
        "合计-预算",
        "占比",
        "合计-实际",
        "占比",
        "达成率",
        "1月-预算",
        "占比",
        "1月",
        "占比",
    ]
    assert heads[-4:] == ["12月-预算", "占比", "12月", "占比"]
    assert max(column for _, column in page.cells) == 56
    labels = [page.cells[row, 1].value for row in range(4, 9)]
    assert labels[:3] == ["GMV数据", "支付金额", "其中：甲店"]
    shown = {cell.value for (row, column), cell in page.cells.items() if column == 1}
    assert {
        "减：售退",
        "营业额合计",
        "一、营业收入",
        "减：营业成本",
        "营业毛利",
        "减：销售费用",
        "运营利润",
        "利润总额",
        "二、净利润",
        "保证金",
    } <= shown
    assert page.cells[5, 9].style.number == '#,##0.00_);(#,##0.00);"-"_)'


def test_the_chart_of_accounts_shows_whole_accounts_also_where_finance_closed_one(state_of):
    budget, made = laid_out(
        state_of, **CASES["three stores on two channels, closed months"] | {"view": View()}
    )
    chart = next(page for page in made if page.name == "科目")
    told = {chart.cells[row, 1].value: chart.cells[row, 5].value for row in range(4, 24)}
    spent = sum(line.gross.sum() for line in budget.plan if line.account == "6601.03")
    assert spent > 0
    assert told["6601.03"] == pytest.approx(spent)
    assert told["6601.01"] == pytest.approx(300_000.01)


def test_only_functions_that_excel_2016_wps_and_libreoffice_share(state_of):
    allowed = {
        "IF",
        "COUNT",
        "SUM",
        "SUMIFS",
        "COUNTIFS",
        "SUMPRODUCT",
        "ROUND",
        "HYPERLINK",
        "OR",
        "AND",
        "N",
        "EXACT",
    }
    _, made = laid_out(state_of, **CASES["hostile names"])
    texts = [
        re.sub(r'"[^"]*"', '""', cell.formula)
        for page in made
        for cell in page.cells.values()
        if cell.formula
    ]
    assert {name for text in texts for name in re.findall(r"([A-Z][A-Z0-9.]*)\(", text)} <= allowed
    assert max(map(len, texts)) < 8192


def test_sheet_names_are_what_every_program_accepts():
    names = sheet_titles(
        ["总", "a/b:c", "'x'", "很长" * 20, "很长" * 20 + "2", "History", "  ", "ABC", "abc"],
        ["总"],
    )
    titles = list(names.values())
    assert titles[:3] == ["总_2", "a_b_c", "x"]
    assert len({title.casefold() for title in titles}) == len(titles)
    assert max(map(len, titles)) <= 31
    assert not any(set(title) & set("[]:*?/\\") for title in titles)


def seen(page):
    return {spot: Seen(cell.value, cell.formula) for spot, cell in page.cells.items()}


def test_what_finance_sets_reads_back_as_it_was_written(state_of):
    year = state_of(("甲店", "乙店"), days=0).year
    terms = Terms(
        mapping={"affiliate": "6601.04"},
        reasons={"affiliate": "财务要求"},
        stores={"甲店": StoreTerms("天猫", "一部", 0.13), "乙店": StoreTerms()},
        input_tax={"6601.03": 0.06},
        lines=(
            CostLine("6401.01", rate=0.45, why="去年 44%"),
            CostLine("6601.01", "甲店", year=300_000.0, months={1: 30_000.0}, shape="按销售额", name="客服"),
            CostLine("6601.04", rate=0.05, base="turnover"),
        ),
        total=5e6,
    )  # fmt: skip
    read, problems = read_terms(seen(terms_page(terms, year)), year)
    assert problems == []
    assert read == terms
    assert read_terms(seen(terms_page(Terms(), year)), year)[0].lines == ()


def test_what_cannot_be_read_is_told_with_its_cell_and_never_half_taken(state_of):
    year = state_of(("甲店",), days=0).year
    page = terms_page(Terms(lines=(CostLine("6601.01", year=1.0),) * 5), year)
    first = next(row for (row, column), cell in page.cells.items() if cell.value == "l:1")
    typed = {
        (first, 1): "瞎写", (first + 1, 2): "火星店", (first + 2, 3): "占空气",
        (first + 3, 4): "很多", (first + 4, 3): KINDS[1], (first + 4, 4): 45,
    }  # fmt: skip
    for spot, value in typed.items():
        page.cells[spot] = Cell(value)
    terms, problems = read_terms(seen(page), year)
    assert terms.lines == ()
    assert [problem.where.cell for problem in problems] == [
        f"{'ABCDD'[n]}{first + n}" for n in range(5)
    ]
    assert LINES >= 40


def test_a_new_book_has_the_sheet_and_its_hidden_record(state_of):
    made = {page.name: page for page in pages(state_of(("甲店",), days=0))}
    assert not made["预算"].hidden
    assert made["_预算"].hidden


def test_stores_that_differ_by_case_only_are_told_apart(state_of):
    state = state_of(("ab", "AB"), days=0)
    budget = make_budget(state.year, state.splits, TERMS)
    assert [unit.name for unit in budget.units] == ["ab", "AB"]
    _, made = laid_out(state_of, stores=("ab", "AB"), days=0)
    page = next(page for page in made if page.name == "AB_2")
    assert any("EXACT(" in cell.formula for cell in page.cells.values())


def test_paper_leaves_out_the_months_shares_and_months_without_actuals(state_of):
    _, made = laid_out(state_of, days=100)
    whole = next(page for page in made if page.name == "总")
    assert not any(span.hidden for span in whole.columns.values())
    fold_for_paper(whole)
    shown = [
        str(whole.cells[3, number].value)
        for number, span in sorted(whole.columns.items())
        if not span.hidden and number > 8
    ]
    plan = [f"{month}月-预算" for month in range(1, 13)]
    assert sorted(shown) == sorted([*plan, "1月", "2月", "3月", "4月"])
    kept = {number for number, span in whole.columns.items() if not span.hidden}
    assert kept >= set(range(1, 9))
