"""Slips and missing days are marked on the month sheets and 日报 until they are mended or confirmed."""

from __future__ import annotations

import os
from datetime import date
from shutil import copyfile

import pytest

from tests.test_agreement import agrees
from xlplan.actions.imports.importing import import_all, import_files
from xlplan.actions.plan.check import check
from xlplan.actions.plan.newbook import Typed, new_from
from xlplan.actions.undo.undoing import undo
from xlplan.books.file import FileBook
from xlplan.libreoffice.convert import recalculate
from xlplan.sheets.base.names import DAILY
from xlplan.sheets.state.read import read_state

STORES = ["甲店", "乙店", "丙店"]
AS_OF = date(2027, 3, 20)
GONE = (7, 8)
HEAD = "日期,店铺,支付金额,访客数,支付订单数,支付件数,退款件数"


def rows(slips=()):
    """Twenty days of three stores; 丙店 lacks two."""
    made = []
    for day in range(1, 21):
        for number, store in enumerate(STORES):
            if store == STORES[2] and day in GONE:
                continue
            figures = [25_000 + 100 * day + 37 * number, 2000 + 3 * day + number, 200 + day + number, 230 + day + number, 10 + day % 3]  # fmt: skip
            for column, value in dict(slips).get((store, day), {}).items():
                figures[column] = value
            made.append(f"2027-03-{day:02d},{store},{','.join(map(str, figures))}")
    return made


def export(folder, lines, name, later=0):
    path = folder / name
    path.write_text("\n".join([HEAD, *lines]), "utf-8-sig")
    os.utime(path, (1_800_000_000 + later, 1_800_000_000 + later))
    return path


@pytest.fixture(scope="module")
def clean(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clean")
    (folder / "目标.csv").write_text("店铺,销售额\n" + "".join(f"{s},9000000\n" for s in STORES), "utf-8-sig")  # fmt: skip
    new_from(folder / "计划.xlsx", Typed(2027, folder / "目标.csv", STORES))
    import_files(FileBook(folder / "计划.xlsx"), [export(folder, rows(), "好.csv")], as_of=AS_OF)
    return folder / "计划.xlsx"


@pytest.fixture
def path(clean, tmp_path):
    return copyfile(clean, tmp_path / "计划.xlsx")


def with_slips(path, slips):
    file = export(path.parent, rows(slips), "错.csv", later=60)
    return import_files(FileBook(path), [file], as_of=AS_OF)


def words(path, month="3月"):
    """Column key → what the month says of it, of the store that is chosen (合计)."""
    read = read_state(FileBook(path))
    at = read.at.months[int(month.removesuffix("月"))]
    row, cells = at.rows["row:doubt"], read.cells[month]
    return {key: str(cells[row, column].value) for key, column in at.columns.items() if (row, column) in cells and cells[row, column].value}  # fmt: skip


def on_daily(path):
    read = read_state(FileBook(path))
    at, cells = read.at.daily, read.cells[DAILY]
    found = {pair: cells.get((row, at.columns["doubt"])) for pair, row in at.rows.items()}
    return {(s, d.day): str(seen.value) for (s, d), seen in found.items() if seen and seen.value}


def test_missing_days_of_one_store_are_counted_and_never_zero(path):
    said = words(path)
    assert said["d:2027-03-07"] == said["d:2027-03-08"] == "缺：丙店"
    assert said["m:3"] == "共缺 2 天"
    assert {text for key, text in said.items() if key[0] == "w"} == {"共缺 1 天"}
    assert on_daily(path) == {("丙店", 7): "缺", ("丙店", 8): "缺"}
    sold = read_state(FileBook(path)).state.year.actual
    assert sold.of_scope("合计")["gmv_due"][65] < sold.of_scope("合计")["gmv_due"][64]


@pytest.mark.parametrize(
    ("column", "value", "label"),
    [
        (0, 2_500_000, "日销售额"),
        (0, -500, "日销售额"),
        (2, 9000, "日销笔数"),
        (2, 0.12, "日销笔数"),
        (4, 9999, "退款件数"),
    ],
)
def test_a_clerks_slip_is_marked_until_it_is_mended(path, column, value, label):
    outcome = with_slips(path, {("甲店", 10): {column: value}})
    assert any(p.rule.startswith("odd_") for p in outcome.problems)
    assert f"·{label}·" in words(path)["d:2027-03-10"]
    assert "（甲店）" in words(path)["d:2027-03-10"]
    assert words(path)["m:3"] == "共缺 2 天，待核对 1 天"
    assert f"·{label}·" in on_daily(path)["甲店", 10]
    import_files(FileBook(path), [export(path.parent, rows(), "改好.csv", later=120)], as_of=AS_OF)
    assert words(path)["m:3"] == "共缺 2 天"
    assert ("甲店", 10) not in on_daily(path)


def test_a_confirmed_day_is_marked_no_more_and_undoing_marks_it_again(path):
    with_slips(path, {("甲店", 10): {0: 250_000}})
    before = words(path)
    import_all(FileBook(path), as_of=AS_OF, sure=["甲店 2027-03-10"], why="直播间爆单")
    assert "d:2027-03-10" not in words(path)
    assert ("甲店", 10) not in on_daily(path)
    undo(FileBook(path))
    assert words(path) == before


def test_the_words_are_formulas_and_the_check_finds_nothing_odd(path):
    with_slips(path, {("甲店", 10): {0: 2_500_000}})
    assert [p for p in check(FileBook(path)).problems if p.rule == "核对"] == []


@pytest.mark.libreoffice
def test_libreoffice_says_the_same_words(path):
    with_slips(path, {("甲店", 10): {0: 2_500_000}, ("乙店", 7): {4: 9999}})
    read, values = read_state(FileBook(path)), recalculate(path)
    at = read.at.months[3]
    row = at.rows["row:doubt"]
    for column in at.columns.values():
        seen = read.cells["3月"].get((row, column))
        assert agrees(seen.value if seen else None, values["3月"].get((row, column)))
