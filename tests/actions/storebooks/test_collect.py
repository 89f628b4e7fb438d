"""Collecting: three-way into 日报, conflicts shown, nothing twice, nothing lost."""

from __future__ import annotations

import json
import shutil
from datetime import date

import pytest
from typer.testing import CliRunner

from xlplan.actions.stores.distribute import distribute
from xlplan.books.build import build
from xlplan.books.file import FileBook
from xlplan.cli.app import app
from xlplan.errors import InputError
from xlplan.sheets.daily.page import FIRST_ROW
from xlplan.sheets.state.layout import pages
from xlplan.sheets.state.read import read_state

D1, D2, D3, D4 = (date(2026, 1, number) for number in (1, 2, 3, 4))


def rules(outcome):
    return sorted(problem.rule for problem in outcome.problems)


def test_edits_arrive_results_follow_and_a_second_run_changes_nothing(desk, staff):
    staff.types(desk.files["甲店"], {(D3, "gmv"): 300.0, (D3, "uv"): 30.0, (D3, "note"): "补录"})
    staff.types(desk.files["乙店"], {(D1, "gmv"): 999.0, (D2, "uv"): None})
    preview = desk.run(dry_run=True)
    assert preview.title == "收集预览：没有写入"
    assert "乙店 2026-01-01 日销售额：1001.5 → 999（乙店_2026日报.xlsx）" in preview.lines
    assert "甲店 2026-01-03 备注：空 → 补录（甲店_2026日报.xlsx）" in preview.lines
    assert len(preview.facts["cells"]) == 5
    done = desk.run()
    assert done.facts["filled"] == 3
    assert done.facts["corrected"] == 2
    assert done.facts["returned"] == ["甲店", "乙店"]
    assert done.facts["blank"] == ["丙店"]
    assert desk.said("甲店", D3, "gmv") == 300.0
    assert desk.said("甲店", D3, "note") == "补录"
    assert desk.said("乙店", D1, "gmv") == 999.0
    assert desk.said("乙店", D2, "uv") is None
    assert desk.said("丙店", D1, "gmv") == 1002.5
    read = read_state(desk.book)
    cell = read.cells["日报"][read.at.daily.rows["甲店", D3], read.at.daily.columns["gmv_net"]]
    assert (cell.value, cell.formula[0]) == (300.0, "=")
    logged = [row for row in desk.sheet("变更记录") if row[2] == "收集"]
    assert [(r[6], r[7], r[8], r[9], r[10]) for r in logged[2:]] == [
        ("乙店", "2026-01-01", "日销售额", "1001.5", "999"),
        ("乙店", "2026-01-02", "当日UV", "101", "空"),
    ]
    assert "更正已导入的一天" in logged[2][11]
    assert desk.changes_nothing()


def test_a_conflict_is_shown_with_both_values_and_waits_for_a_choice(desk, staff):
    staff.types(desk.files["甲店"], {(D1, "gmv"): 1.0, (D2, "gmv"): 2.0, (D3, "gmv"): 3.0})
    desk.types("甲店", D1, "gmv", 11.0)
    desk.types("甲店", D2, "gmv", 22.0)
    done = desk.run()
    assert [(c["base"], c["ours"], c["theirs"]) for c in done.facts["conflicts"]] == [(1000.5, 11.0, 1.0), (2001.0, 22.0, 2.0)]  # fmt: skip
    assert rules(done) == ["冲突", "冲突"]
    assert "分发时 1000.5，总表 11，交回 1" in done.problems[0].what
    assert desk.said("甲店", D1, "gmv") == 11.0
    assert desk.said("甲店", D3, "gmv") == 3.0
    assert desk.changes_nothing()
    desk.choose("采用交回", 0)
    desk.choose("保留总表", 1)
    settled = desk.chosen()
    assert settled.facts["conflicts"] == []
    assert (desk.said("甲店", D1, "gmv"), desk.said("甲店", D2, "gmv")) == (1.0, 22.0)
    assert [line[1] for line in desk.sheet("收集报告") if line[0] == "甲店"][:1] == ["已交回"]
    desk.run()
    assert desk.changes_nothing()
    assert (desk.said("甲店", D1, "gmv"), desk.said("甲店", D2, "gmv")) == (1.0, 22.0)


def test_a_choice_is_not_carried_out_when_the_book_changed_since(desk, staff):
    staff.types(desk.files["甲店"], {(D1, "gmv"): 1.0})
    desk.types("甲店", D1, "gmv", 11.0)
    desk.run()
    desk.choose("采用交回")
    desk.types("甲店", D1, "gmv", 12.0)
    done = desk.chosen()
    assert "又改成了 12" in done.problems[0].what
    assert desk.said("甲店", D1, "gmv") == 12.0


@pytest.mark.parametrize(("prefer", "value"), [("theirs", 1.0), ("ours", 11.0)])
def test_a_rule_decides_conflicts_and_says_so(desk, staff, prefer, value):
    staff.types(desk.files["甲店"], {(D1, "gmv"): 1.0})
    desk.types("甲店", D1, "gmv", 11.0)
    done = desk.run(prefer=prefer)
    assert done.facts["conflicts"] == []
    assert desk.said("甲店", D1, "gmv") == value
    assert any(prefer in str(row[11]) for row in desk.sheet("收集报告"))
    assert desk.changes_nothing()


def test_an_unknown_rule_is_refused(desk):
    with pytest.raises(InputError, match="theirs"):
        desk.run(prefer="mine")


def test_two_copies_of_a_store_merge_where_they_do_not_touch(desk, staff):
    second = desk.folder / "甲店 (1).xlsx"
    shutil.copyfile(desk.files["甲店"], second)
    staff.types(desk.files["甲店"], {(D3, "gmv"): 3.0, (D4, "gmv"): 4.0, (D4, "uv"): 8.0})
    staff.types(second, {(D3, "uv"): 30.0, (D4, "gmv"): 5.0, (D4, "uv"): 8.0})
    done = desk.run()
    assert {c["theirs"] for c in done.facts["conflicts"]} == {4.0, 5.0}
    assert rules(done) == ["冲突", "冲突", "多份"]
    assert desk.said("甲店", D3, "gmv") == 3.0
    assert desk.said("甲店", D3, "uv") == 30.0
    assert desk.said("甲店", D4, "uv") == 8.0
    assert desk.said("甲店", D4, "gmv") is None
    assert desk.run(prefer="theirs").facts["conflicts"]  # no rule can choose between two copies
    desk.choose("采用交回")
    assert desk.run().facts["conflicts"] == []
    assert desk.said("甲店", D4, "gmv") in (4.0, 5.0)


def test_a_file_that_goes_on_may_correct_and_clear_what_it_brought(desk, staff):
    path = desk.files["甲店"]
    staff.types(path, {(D3, "gmv"): 3.0, (D3, "uv"): 30.0}, "2026-01-04T08:00:00")
    desk.run()
    staff.types(
        path, {(D3, "gmv"): 3.5, (D3, "uv"): None, (D4, "gmv"): 4.0}, "2026-01-11T08:00:00"
    )
    done = desk.run()
    assert done.facts["conflicts"] == []
    assert [desk.said("甲店", on, key) for on, key in ((D3, "gmv"), (D3, "uv"), (D4, "gmv"))] == [3.5, None, 4.0]  # fmt: skip
    assert ["3", "3.5"] in [row[9:11] for row in desk.sheet("变更记录")]


def test_an_older_copy_does_not_bring_old_numbers_back(desk, staff):
    path = desk.files["甲店"]
    staff.types(path, {(D3, "gmv"): 3.0}, "2026-01-04T08:00:00")
    old = path.read_bytes()
    staff.types(path, {(D3, "gmv"): 3.5}, "2026-01-11T08:00:00")
    desk.run()
    path.write_bytes(old)
    done = desk.run()
    assert desk.said("甲店", D3, "gmv") == 3.5
    assert [c["theirs"] for c in done.facts["conflicts"]] == [3.0]


def test_what_the_operator_changed_after_a_collection_stays(desk, staff):
    staff.types(desk.files["甲店"], {(D3, "gmv"): 3.0}, "2026-01-04T08:00:00")
    desk.run()
    desk.types("甲店", D3, "gmv", 33.0)
    done = desk.run()
    assert done.facts["conflicts"] == []
    assert desk.said("甲店", D3, "gmv") == 33.0


def test_a_copy_of_an_older_distribution_merges_from_its_own_base(desk, staff):
    old = desk.files["乙店"]
    desk.types("乙店", D1, "gmv", 1234.0)
    distribute(desk.book, out=desk.folder.parent, months=[1])
    staff.types(old, {(D3, "gmv"): 3.0})
    done = desk.run(old)
    assert rules(done) == ["版本"]
    assert "旧版" in done.problems[0].what
    assert (desk.said("乙店", D1, "gmv"), desk.said("乙店", D3, "gmv")) == (1234.0, 3.0)


def test_text_typed_into_the_plan_book_is_never_overwritten_silently(desk, staff):
    desk.types("甲店", D3, "gmv", "待核实")
    staff.types(desk.files["甲店"], {(D3, "gmv"): 3.0})
    done = desk.run()
    assert [c["ours"] for c in done.facts["conflicts"]] == ["待核实"]


def test_a_row_that_is_gone_from_the_plan_book_is_named(desk, staff):
    row = desk.at().rows["甲店", D3]
    for column in range(1, 4):
        desk.book.put("日报", (row, column), None)
    staff.types(desk.files["甲店"], {(D3, "gmv"): 3.0, (D4, "gmv"): 4.0})
    done = desk.run()
    assert "没有 甲店 2026-01-03" in done.problems[0].what
    assert desk.said("甲店", D4, "gmv") == 4.0
    assert row > FIRST_ROW


def test_the_report_says_who_returned_and_who_is_missing(desk, staff):
    staff.types(desk.files["甲店"], {(D3, "gmv"): 3.0})
    staff.types(desk.files["乙店"], {(D3, "gmv"): "很多"})
    done = desk.run(desk.files["甲店"], desk.files["乙店"])
    assert done.facts["missing"] == ["丙店"]
    lines = {row[0]: row for row in desk.sheet("收集报告")[4:8] if row[0]}
    assert [lines[store][1] for store in ("甲店", "乙店", "丙店")] == [
        "已交回",
        "有问题",
        "未交回",
    ]
    assert lines["甲店"][5:7] == ["2026-01-03", 1.0]
    later = desk.run(desk.files["丙店"])
    assert later.facts["missing"] == []
    lines = {row[0]: row for row in desk.sheet("收集报告")[4:8] if row[0]}
    assert [lines[store][1] for store in ("甲店", "乙店", "丙店")] == [
        "已交回",
        "有问题",
        "未填写",
    ]


def test_the_command_line_distributes_collects_and_imports(state_of, tmp_path, staff):
    book, out, run = tmp_path / "计划.xlsx", tmp_path / "新", CliRunner().invoke
    book.write_bytes(build(pages(state_of(stores=("甲店",), days=0))))
    options = ["--out", str(out), "-s", "甲店", "--month", "1", "--json"]
    made = run(app, ["distribute", str(book), *options])
    assert json.loads(made.stdout)["version"] == 1
    (path,) = out.rglob("*.xlsx")
    staff.types(path, {(D3, "gmv"): 345.0})
    done = run(app, ["collect", str(book), str(out), "--jobs", "1", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["filled"] == 1
    actuals = read_state(FileBook(book)).state.year.actuals
    assert actuals.loc[("甲店", "2026-01-03"), "gmv"] == 345.0
    before = book.read_bytes()
    again = run(app, ["collect", str(book), str(out), "--json"])
    assert json.loads(again.stdout)["title"] == "没有变化"
    assert book.read_bytes() == before
    assert run(app, ["collect", str(book), "没有这个文件夹"]).exit_code == 4
