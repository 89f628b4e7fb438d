"""What staff do to a store workbook: read by key, or the cell is named; nothing is guessed."""

from __future__ import annotations

import shutil
from datetime import date

import pytest

from xlplan.actions.stores.returned import find_files, read_file, read_files
from xlplan.actions.stores.screening import Expected, screen
from xlplan.cells import Cell
from xlplan.errors import FileError, Level
from xlplan.metrics import Unit
from xlplan.plan.year import Settings
from xlplan.sheets.daily.page import KEY_ROW, input_metrics

METRICS = Settings().registry
INPUTS = {name: METRICS[name].unit is Unit.COUNT for name in input_metrics(METRICS)}
D1, D2, D3 = date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 3)


@pytest.fixture
def copy(handed_out, tmp_path):
    path = tmp_path / "甲店.xlsx"
    shutil.copyfile(next((handed_out / "门店").rglob("甲店*.xlsx")), path)
    return path


def read(path):
    return read_file(path, INPUTS)


def rules(file, level=None):
    return [p.rule for p in file.problems if level is None or p.level is level]


def test_an_untouched_copy_says_what_was_handed_out(copy):
    file = read(copy)
    assert file.problems == []
    assert file.said.days == file.handout.base
    assert file.said.days[D2] == {"gmv": 2001.0, "uv": 100.0}
    assert (file.handout.store, file.handout.year, file.handout.version) == ("甲店", 2026, 1)


def test_numbers_typed_as_text_are_read_by_the_one_grammar(copy, staff):
    staff.types(
        copy,
        {(D3, "gmv"): "1,234.5元", (D3, "uv"): "１２３", (D3, "orders"): "-", (D3, "buyers"): 0},
    )
    assert read(copy).said.days[D3] == {"gmv": 1234.5, "uv": 123.0, "buyers": 0.0}


@pytest.mark.parametrize("text", ["1,2 34", "很多", "#DIV/0!", "2026-01-03", "1_000"])
def test_text_that_is_no_number_is_named_with_its_cell_and_keeps_the_old_value(copy, staff, text):
    staff.types(copy, {(D1, "gmv"): text})
    file = read(copy)
    assert rules(file) == ["数值"]
    assert file.problems[0].where.cell == "F5"
    assert "日销售额" in file.problems[0].what
    assert (D1, "gmv") in file.said.unread


def test_a_negative_count_is_refused_and_a_negative_amount_is_not(copy, staff):
    staff.types(copy, {(D3, "orders"): -2, (D3, "gmv"): -20.5})
    file = read(copy)
    assert rules(file) == ["数值"]
    assert file.said.days[D3] == {"gmv": -20.5}


def test_formulas_give_their_value_only_and_are_told(copy, staff):
    staff.types(copy, {(D3, "gmv"): Cell(30.0, "=10+20"), (D3, "uv"): Cell(7.0, "=[1]Sheet1!A1")})
    file = read(copy)
    assert file.said.days[D3] == {"gmv": 30.0, "uv": 7.0}
    assert rules(file, Level.WARNING) == ["公式"]
    assert "外部" in file.problems[0].what
    assert "2 个" in file.problems[0].what


def test_a_formula_that_was_never_calculated_is_no_number(copy, staff):
    staff.types(copy, {(D1, "gmv"): Cell(None, "=10+20")})
    assert (D1, "gmv") in read(copy).said.unread


def test_a_renamed_header_is_recognised_and_its_column_not_taken(copy, staff):
    staff.types(copy, {(D3, "uv"): 5.0, (D3, "gmv"): 6.0})
    staff.writes(copy, {staff.header(copy, "uv"): Cell("访客人次")})
    file = read(copy)
    assert rules(file) == ["表头"]
    assert "访客人次" in file.problems[0].what
    assert file.said.days[D3] == {"gmv": 6.0}
    assert (D1, "uv") in file.said.unread


def test_blanks_and_line_breaks_in_a_header_do_no_harm(copy, staff):
    staff.writes(copy, {staff.header(copy, "uv"): Cell(" 当日\nUV ")})
    assert read(copy).problems == []


def test_swapped_headers_are_recognised(copy, staff):
    one, other = staff.header(copy, "uv"), staff.header(copy, "orders")
    staff.writes(copy, {one: Cell("日销笔数"), other: Cell("当日UV")})
    assert rules(read(copy)) == ["表头", "表头"]


def test_a_lost_hidden_key_is_named(copy, staff):
    columns = staff.columns(copy)
    staff.writes(copy, {(KEY_ROW, columns["uv"]): Cell(None)})
    file = read(copy)
    assert rules(file) == ["表头"]
    assert "当日UV" in file.problems[0].what


def test_without_its_key_row_a_file_is_refused(copy, staff):
    columns = staff.columns(copy)
    staff.writes(copy, {(KEY_ROW, columns["xlplan:key"]): Cell(None)})
    file = read(copy)
    assert file.said is None
    assert "键" in file.problems[0].what


def test_moved_columns_and_rows_are_found_by_key(copy, staff):
    staff.types(copy, {(D3, "gmv"): 9.0})
    columns = staff.columns(copy)
    a, b = columns["gmv"], columns["uv"]
    from xlplan.books.file import FileBook

    cells = FileBook(copy).read("日报")
    swap = {a: b, b: a}
    moved = {}
    for row in range(KEY_ROW, 10):
        for old, new in swap.items():
            seen = cells.get((row, old))
            moved[row, new] = Cell(seen.value if seen else None)
    staff.writes(copy, moved)
    file = read(copy)
    assert file.problems == []
    assert file.said.days[D2] == {"gmv": 2001.0, "uv": 100.0}
    assert file.said.days[D3] == {"gmv": 9.0}


def test_dates_sorted_alone_are_recognised(copy, staff):
    column = staff.columns(copy)["date"]
    staff.writes(copy, {(5 + i, column): Cell(date(2026, 1, 20 - i)) for i in range(20)})
    file = read(copy)
    assert file.said is None
    assert "排过序" in file.problems[0].what


def test_whole_rows_sorted_backwards_read_the_same(copy, staff):
    from xlplan.books.file import FileBook

    cells = FileBook(copy).read("日报")
    keep = {staff.columns(copy)[k] for k in ("date", "weekday", "store", "gmv", "uv")}
    moved = {}
    for row in range(5, 25):
        for column in keep:
            seen = cells.get((29 - row, column))
            moved[row, column] = Cell(seen.value if seen else None)
    staff.writes(copy, moved)
    file = read(copy)
    assert file.problems == []
    assert file.said.days == file.handout.base


def test_a_deleted_row_is_told_and_clears_nothing(copy, staff):
    staff.writes(copy, {(5, column): Cell(None) for column in range(1, 30)})
    file = read(copy)
    assert rules(file) == ["缺行"]
    assert (D1, "gmv") in file.said.unread


def test_a_copied_row_and_figures_without_a_date_are_named(copy, staff):
    columns = staff.columns(copy)
    staff.writes(
        copy,
        {
            (371, columns["date"]): Cell(D1),
            (371, columns["gmv"]): Cell(1.0),
            (373, columns["gmv"]): Cell(2.0),
        },
    )
    file = read(copy)
    assert sorted(rules(file)) == sorted(["重复", "行"])
    assert file.said.days[D1]["gmv"] == 1000.5


def test_a_changed_store_name_in_a_row_is_refused(copy, staff):
    staff.types(copy, {(D1, "store"): "乙店", (D1, "gmv"): 77.0})
    file = read(copy)
    assert rules(file, Level.ERROR) == ["行"]
    assert (D1, "gmv") in file.said.unread


def test_a_tampered_memory_is_recognised(copy, staff):
    from xlplan.books.file import FileBook

    cells = FileBook(copy).read("_元数据")
    row = next(spot[0] for spot, seen in cells.items() if seen.value == "day:2026-01-01")
    staff.writes(copy, {(row, 2): Cell('{"gmv":1}')}, sheet="_元数据")
    file = read(copy)
    assert file.handout is None
    assert "校验" in file.problems[0].what


def test_macros_and_links_are_flagged_and_never_opened(copy, staff):
    staff.parts(
        copy, {"xl/vbaProject.bin": b"\xd0\xcf", "xl/externalLinks/externalLink1.xml": b"<a/>"}
    )
    file = read(copy)
    assert file.said is not None
    assert rules(file) == ["含宏"]
    assert "宏、外部链接" in file.problems[0].what


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "not_excel"), (b"\0" * 4096, "not_excel"), (b"PK\x03\x04rest", "damaged"), (b"<html>", "not_excel"), ("half", "damaged")],
)  # fmt: skip
def test_damaged_files_are_reported_with_a_reason(copy, content, code):
    copy.write_bytes(copy.read_bytes()[:40_000] if content == "half" else content)
    file = read(copy)
    assert (file.said, rules(file)) == (None, [code])
    assert file.problems[0].where.file == "甲店.xlsx"


def test_folders_are_searched_and_lock_files_and_backups_passed_over(copy, tmp_path):
    (tmp_path / "一区" / "备份").mkdir(parents=True)
    for name in (
        "~$甲店.xlsx",
        ".~lock.甲店.xlsx#",
        "一区/乙店.xlsx",
        "一区/备份/乙店.xlsx",
        "说明.docx",
        "旧.xls",
    ):
        (tmp_path / name).write_bytes(b"x")
    files, problems = find_files([tmp_path], tmp_path / "计划.xlsx")
    assert files == [tmp_path / "一区" / "乙店.xlsx", copy]
    assert [p.where.file for p in problems] == ["旧.xls"]
    with pytest.raises(FileError, match="找不到"):
        find_files([tmp_path / "没有"], None)


def test_copies_are_recognised_by_content(copy, staff, tmp_path):
    twin, resaved, other = (
        tmp_path / name for name in ("甲店 (1).xlsx", "甲店-电脑.xlsx", "甲店 (2).xlsx")
    )
    for path in (twin, resaved, other):
        shutil.copyfile(copy, path)
    staff.stamps(resaved, "2026-02-01T08:00:00")
    staff.types(other, {(D3, "gmv"): 5.0})
    files, _ = find_files([tmp_path], None)
    made = screen(read_files(files, INPUTS), expected())
    assert [file.name for file in made.files["甲店"]] == ["甲店.xlsx", "甲店 (2).xlsx"]
    told = {p.where.file: p.rule for p in made.problems}
    assert told == {
        "甲店 (1).xlsx": "重复文件",
        "甲店-电脑.xlsx": "重复文件",
        "甲店 (2).xlsx": "多份",
    }


def expected(**changes):
    wanted = {
        "book": "0123456789abcdef",
        "year": 2026,
        "versions": {"甲店": 1, "乙店": 1, "丙店": 1},
    }
    return Expected(**(wanted | changes))


@pytest.mark.parametrize(
    ("changes", "rule", "kept"),
    [({"year": 2027}, "年份", 0), ({"book": "other"}, "总表不符", 0), ({"versions": {"乙店": 1}}, "店铺", 0),
     ({"versions": {"甲店": 2}}, "版本", 1), ({"versions": {"甲店": 0}}, "版本", 1)],
)  # fmt: skip
def test_files_of_another_book_year_store_or_version_are_named(copy, changes, rule, kept):
    made = screen([read(copy)], expected(**changes))
    assert [p.rule for p in made.problems] == [rule]
    assert len(made.files) == kept


def test_a_plan_book_among_the_files_is_named(handed_out):
    file = read(handed_out / "计划.xlsx")
    assert "计划总表" in file.problems[0].what


def test_worker_processes_read_the_same(copy, staff, tmp_path):
    for number in range(3):
        path = tmp_path / f"甲店{number}.xlsx"
        shutil.copyfile(copy, path)
        staff.types(path, {(D3, "gmv"): float(number)})
    paths = sorted(tmp_path.glob("*.xlsx"))
    alone, together = read_files(paths, INPUTS, 1), read_files(paths, INPUTS, 2)
    assert [f.said.days for f in alone] == [f.said.days for f in together]
    assert [f.digest for f in alone] == [f.digest for f in together]


def test_the_worker_imports_nothing_heavy():
    import subprocess
    import sys

    code = "import sys, xlplan.actions.stores.returned; print([m for m in ('numpy','pandas','openpyxl','xlsxwriter') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
