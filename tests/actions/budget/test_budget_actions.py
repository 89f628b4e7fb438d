"""The command 预算: files written, what the plan book keeps, lists, what finance closed."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import defaultdict
from decimal import Decimal

import pandas as pd
import pytest

from tests.budgets import by_formualizer
from xlplan.actions.budget.exporting import budget
from xlplan.actions.budget.listing import load_profile, safe_text
from xlplan.actions.imports.importing import import_all
from xlplan.actions.plan.check import check
from xlplan.actions.undo.undoing import undo
from xlplan.books.build import build
from xlplan.books.file import FileBook
from xlplan.cells import Cell
from xlplan.errors import FileError, InputError
from xlplan.ooxml.reader import open_workbook
from xlplan.sheets.base.find import find_keys
from xlplan.sheets.state.layout import pages

STORES = ("+甲店", "@乙店")
TYPED = {
    ("l:1", "a"): "商品成本", ("l:1", "c"): "占营业收入", ("l:1", "value"): "45%", ("l:1", "why"): "=HYPERLINK(1)",
    ("l:2", "a"): "人工成本", ("l:2", "value"): "30万", ("l:2", "name"): "-客服",
    ("s:+甲店", "value"): 0.13, ("s:+甲店", "b"): "=cmd()", ("s:+甲店", "c"): "@一部", ("s:@乙店", "value"): "1%",
}  # fmt: skip


def typed(path, cells):
    """Type on 预算, as finance does."""
    book = FileBook(path)
    keys = find_keys("预算", book.read("预算"))
    book.write(
        {
            "预算": {
                (keys.rows[row], keys.columns[column]): Cell(value)
                for (row, column), value in cells.items()
            }
        }
    )
    book.save()


@pytest.fixture(scope="module")
def plain(state_of):
    return build(pages(state_of(STORES, days=60)))


@pytest.fixture
def book(plain, tmp_path):
    path = tmp_path / "计划.xlsx"
    path.write_bytes(plain)
    typed(path, TYPED)
    return path


def total_of(path):
    """What 总 shows for 支付金额 and 净利润, recalculated."""
    got = by_formualizer(path.read_bytes())
    rows = {got("总", row, 1): row for row in range(4, 70)}
    assert got("验证", 2, 2) == 0
    return got("总", rows["支付金额"], 4), got("总", rows["二、净利润"], 4)


def test_the_workbook_stands_beside_the_plan_and_is_told(book):
    done = budget(FileBook(book))
    path = book.with_name("2026年预算.xlsx")
    assert done.facts["file"] == str(path)
    assert open_workbook(path).sheets[0].name == "预算说明"
    sales, profit = total_of(path)
    planned = FileBook(book).read("_计划")
    column = next(
        spot[1] for spot, seen in planned.items() if spot[0] == 1 and seen.value == "gmv"
    )
    stores = {row for (row, n), seen in planned.items() if n == 2 and seen.value in STORES}
    assert sales == pytest.approx(sum(planned[row, column].value for row in stores), abs=0.004)
    in_net = budget(FileBook(book), out=book.with_name("万.xlsx"), unit="万元", tax="未税")
    assert in_net.facts["unit"] == "万元"
    assert total_of(book.with_name("万.xlsx")) == pytest.approx((sales / 1e4, profit / 1e4))


def test_exporting_again_keeps_nothing_new_and_a_change_is_told_exactly(book):
    assert budget(FileBook(book)).changed > 0
    before = book.read_bytes()
    again = budget(FileBook(book))
    assert again.changed == 0
    assert again.facts["changed_lines"] == []
    assert book.read_bytes() == before
    typed(book, {("l:2", "value"): "31万"})
    (changed,) = budget(FileBook(book)).facts["changed_lines"]
    assert (changed["name"], changed["before"], changed["now"]) == ("-客服", 300_000, 310_000)


def test_the_budget_of_the_years_start_is_frozen_once_and_never_moves(book):
    budget(FileBook(book), freeze=True)
    typed(book, {("l:2", "value"): "60万"})
    budget(FileBook(book))
    got = by_formualizer(book.with_name("2026年预算.xlsx").read_bytes())
    row = next(row for row in range(4, 70) if got("总", row, 1) == "人工成本")
    assert (got("总", row, 2), got("总", row, 4)) == pytest.approx((300_000, 600_000))
    with pytest.raises(InputError, match="已在"):
        budget(FileBook(book), freeze=True)


def test_what_the_book_keeps_of_an_export_can_be_taken_back(book):
    before = FileBook(book).read("_预算")
    budget(FileBook(book), freeze=True)
    assert FileBook(book).read("_预算") != before
    undo(FileBook(book))
    assert {s: c for s, c in FileBook(book).read("_预算").items() if c.value is not None} == {
        s: c for s, c in before.items() if c.value is not None
    }


@pytest.mark.libreoffice
def test_every_sheet_is_one_page_wide_in_the_pdf(book):
    budget(FileBook(book), out=book.with_name("预算.pdf"))
    data = book.with_name("预算.pdf").read_bytes()
    sheets = budget(FileBook(book), dry_run=True).facts["sheets"]
    pages = len(re.findall(rb"/Type\s*/Page\b", data))
    assert len(sheets) <= pages <= len(sheets) + 4  # long lists go on below, never beside


def test_another_file_is_never_overwritten(book, tmp_path):
    other = tmp_path / "别的.xlsx"
    other.write_bytes(book.read_bytes())
    for out in (other, tmp_path / "别的.csv"):
        if out.suffix == ".csv":
            out.write_text("重要", "utf-8")
        was = out.read_bytes()
        with pytest.raises(FileError, match="没有覆盖"):
            budget(FileBook(book), out=out)
        assert out.read_bytes() == was


def test_of_stores_that_finance_may_not_see_nothing_is_in_the_file(book):
    budget(FileBook(book), freeze=True)
    for out in ("一店.xlsx", "一店.csv"):
        path = book.with_name(out)
        budget(FileBook(book), out=path, store="+甲店")
        inside = [path.read_bytes()]
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as archive:
                inside = [name.encode() + archive.read(name) for name in archive.namelist()]
        text = b"".join(inside).decode("utf-8", "replace")
        assert "甲店" in text
        assert "乙店" not in text
    with pytest.raises(InputError, match="丙店"):
        budget(FileBook(book), store="丙店")


def test_texts_stay_texts_in_the_workbook_and_the_list(book):
    budget(FileBook(book))
    path = book.with_name("2026年预算.xlsx")
    opened = open_workbook(path)
    texts = {
        cell.value for sheet in opened for cell in sheet.cells.values() if cell.formula is None
    }
    assert {"+甲店", "=cmd()", "@一部", "-客服", "=HYPERLINK(1)"} <= texts
    formulas = {cell.formula for sheet in opened for cell in sheet.cells.values() if cell.formula}
    assert not any("cmd()" in text.replace("'=cmd()'!", "") for text in formulas)
    budget(FileBook(book), out=book.with_name("明细.csv"))
    rows = list(csv.reader(io.StringIO(book.with_name("明细.csv").read_text("utf-8-sig"))))
    for row in rows[1:]:
        assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in (*row[:7], row[8]))
    assert "'+甲店" in {row[5] for row in rows}
    assert [safe_text(text) for text in ("=1", "\t1", "1=")] == ["'=1", "'\t1", "1="]


def test_the_list_reads_back_to_the_same_amounts(book):
    path = book.with_name("明细.csv")
    budget(FileBook(book), out=path)
    frame = pd.read_csv(path, dtype={"科目编码": str})
    budget(FileBook(book))
    sales, _ = total_of(book.with_name("2026年预算.xlsx"))
    assert frame.loc[frame["科目"] == "支付金额", "金额"].sum() == pytest.approx(sales, abs=0.004)
    assert set(frame["期间"]) == {f"2026-{month:02d}" for month in range(1, 13)}
    again = path.read_bytes()
    budget(FileBook(book), out=path)
    assert path.read_bytes() == again


def test_a_profile_says_what_a_system_wants(book, tmp_path):
    profile = tmp_path / "账套.toml"
    profile.write_text(
        'name = "账套"\nencoding = "gb18030"\ndelimiter = ";"\nperiod = "{year}{month:02d}"\nunit = "万元"\ntax = "未税"\n'
        'version = "V1"\n[columns]\n"期间" = "period"\n"编码" = "account"\n"本币" = "amount"\n"币种" = "=CNY"\n"版本" = "version"\n',
        "utf-8",
    )
    path = tmp_path / "凭证.csv"
    budget(FileBook(book), out=path, profile=profile)
    rows = list(csv.reader(io.StringIO(path.read_bytes().decode("gb18030")), delimiter=";"))
    assert rows[0] == ["期间", "编码", "本币", "币种", "版本"]
    assert rows[1][0] == "202601"
    assert rows[1][3:] == ["CNY", "V1"]
    sums = defaultdict(Decimal)
    for row in rows[1:]:
        sums[row[1]] += Decimal(row[2])
    budget(FileBook(book), out=tmp_path / "清单.xlsx", profile=profile)
    sheet = open_workbook(tmp_path / "清单.xlsx").sheet("预算明细")
    listed = [
        sheet.value(row, 3) for row in range(2, len(rows) + 1) if sheet.value(row, 2) == "6001"
    ]
    assert sum(Decimal(str(value)) for value in listed) == sums["6001"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[columns]\n'期间' = 'period'", "amount"),
        ("[columns]\n'额' = 'amont'", "amont"),
        ("quote = 1\n[columns]\n'额' = 'amount'", "quote"),
        ("encoding = 'utf-99'\n[columns]\n'额' = 'amount'", "encoding"),
        ("period = '{day}'\n[columns]\n'额' = 'amount'", "period"),
        ("not toml", "读不出来"),
    ],
)
def test_a_wrong_profile_is_refused_with_its_entry(tmp_path, text, said):
    path = tmp_path / "p.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError, match=said):
        load_profile(path)


ACTUALS = """财务实际（单位：万元，未税）
科目编码,科目,1月,2月,合计
6001,营业收入,100.000001,90,190.000001
6401.01,商品成本,45,40,85
6601.03,平台推广费,8.8888,,8.8888
9999,外太空费,1,1,2
"""


def test_finances_closed_months_stand_beside_the_budget(book, tmp_path):
    path = tmp_path / "财务实际.csv"
    path.write_text(ACTUALS, "utf-8")
    done = import_all(FileBook(book), [path], confirmed=True)
    assert done.facts["closed"] == 5
    assert any("9999 外太空费" in problem.what for problem in done.problems)
    assert any("商品成本：预算" in line and "实际 850,000.00" in line for line in done.lines)
    assert import_all(FileBook(book), [path], confirmed=True).changed == 0
    budget(FileBook(book), tax="未税")
    got = by_formualizer(book.with_name("2026年预算.xlsx").read_bytes())
    rows = {got("差异", row, 1): row for row in range(5, 80)}
    january = rows["一、营业收入"]
    assert got("差异", january, 8) == 1_000_000.01
    assert got("差异", january, 9) == pytest.approx(
        got("差异", january, 8) - got("差异", january, 7)
    )
    assert got("差异", rows["1月"], 7) == pytest.approx(1_000_000.01)
    assert got("差异", rows["1月"], 8) == 0
    path.write_text(ACTUALS.replace("45,40", "46,40"), "utf-8")
    assert import_all(FileBook(book), [path], confirmed=True).facts["new"] == 1


def test_what_is_typed_on_the_sheet_takes_part_in_the_check(book):
    before = {problem.rule for problem in check(FileBook(book)).problems}
    assert "R5" not in before
    typed(
        book,
        {
            ("total", "value"): "2000万",
            ("l:3", "a"): "平台推广费",
            ("l:3", "value"): "900万",
            ("l:4", "a"): "瞎写",
            ("l:4", "value"): 1,
        },
    )
    found = check(FileBook(book)).problems
    assert {"R4", "R5"} <= {problem.rule for problem in found}
    assert any("瞎写" in problem.what and problem.where.sheet == "预算" for problem in found)


def test_a_file_of_finance_is_read_cell_by_cell_or_told(book, tmp_path):
    path = tmp_path / "实际.csv"
    path.write_text(
        "单位：万元\n科目,一月,2月,三月,4月估算\n支付金额,10,1.5万,2000元,40\n人工成本,12%,待定,(1.5),-\n",
        "utf-8-sig",
    )
    said = import_all(FileBook(book), [path], confirmed=True, dry_run=True)
    assert any("4 个数（万元" in line and "1月、2月、3月" in line for line in said.lines)
    assert any("支付金额" in line and "实际 117,000.00" in line for line in said.lines)
    assert any("人工成本" in line and "实际 -15,000.00" in line for line in said.lines)
    told = "\n".join(problem.what for problem in said.problems)
    for text in ("B4", "12%", "C4", "待定", "4月估算"):
        assert text in told
