"""A distribution taken back: unread files go to the backups, filled ones stay and are named."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from xlplan.actions.stores.distribute import distribute
from xlplan.actions.undo.undoing import redo, undo
from xlplan.books.file import FileBook
from xlplan.errors import FileError
from xlplan.sheets.state.read import read_state

D3 = date(2026, 1, 3)


def rules(outcome):
    return [(problem.where.file.partition("_")[0], problem.rule, str(problem.level)) for problem in outcome.problems]  # fmt: skip


def backups(desk):
    return desk.folder.parent / "备份" / desk.folder.name


def handed(desk):
    return [line[:4:3] for line in desk.sheet("收集报告") if line[0] in desk.files][:3]


def test_files_nobody_touched_go_to_the_backups_and_come_back_byte_for_byte(desk):
    given = {path: path.read_bytes() for path in desk.files.values()}
    before = {sheet: dict(cells) for sheet, cells in desk.book.cells.items()}
    seen = undo(desk.book, dry_run=True)
    assert "收回 3 份门店表" in seen.lines[0]
    assert [path.exists() for path in given] == [True] * 3
    done = undo(desk.book)
    assert done.problems == []
    assert not desk.folder.exists()
    assert sorted(path.name for path in backups(desk).iterdir()) == sorted(path.name for path in given)  # fmt: skip
    assert handed(desk) == [["甲店", None], ["乙店", None], ["丙店", None]]
    assert "收回 3 份" in desk.sheet("变更记录")[-1][11]
    redo(desk.book)
    assert {path: path.read_bytes() for path in given} == given
    assert not backups(desk).exists()
    reports = [{s: v for s, v in cells["收集报告"].items() if v.value} for cells in (before, desk.book.cells)]  # fmt: skip
    assert reports[0] == reports[1]


def test_a_filled_or_open_file_stays_and_what_comes_back_of_it_is_refused_unless_asked_for(
    desk, staff
):
    staff.types(desk.files["甲店"], {(D3, "gmv"): 300.0})
    kept = desk.files["甲店"].read_bytes()
    desk.files["乙店"].with_name(f"~${desk.files['乙店'].name}").write_bytes(b"\x03abc")
    desk.files["丙店"].rename(desk.folder.parent / "发走了.xlsx")
    done = undo(desk.book)
    assert rules(done) == [("甲店", "已撤回", "警告"), ("乙店", "已撤回", "警告"), ("丙店", "已撤回", "提示")]  # fmt: skip
    assert str(desk.folder) in done.problems[0].what
    assert desk.files["甲店"].read_bytes() == kept
    refused = desk.run(desk.files["甲店"], dry_run=True)
    assert rules(refused) == [("甲店", "已撤回", "错误")]
    assert "这份已撤回：第 1 次分发" in refused.problems[0].what
    taken = desk.run(desk.files["甲店"], recalled=True, dry_run=True)
    assert rules(taken) == [("甲店", "已撤回", "警告")]
    assert taken.facts["filled"] == 1
    redo(desk.book)
    assert desk.files["甲店"].read_bytes() == kept
    assert desk.files["丙店"].exists()
    assert desk.run(dry_run=True).facts["returned"] == ["甲店"]


def test_the_number_of_a_recalled_distribution_is_not_given_again(desk):
    undo(desk.book)
    shutil.copytree(backups(desk), desk.folder)  # somebody has a copy
    second = distribute(desk.book, out=desk.folder.parent, months=[1])
    assert second.facts["version"] == 2
    assert {rule for _, rule, _ in rules(desk.run(dry_run=True))} == {"已撤回"}
    undo(desk.book)
    assert read_state(desk.book).state.meta["distribution"] == ""
    third = distribute(desk.book, out=desk.folder.parent, months=[1])
    assert third.facts["version"] == 3


def test_files_that_left_the_backups_are_written_anew_and_can_be_taken_back(desk):
    path = desk.files["甲店"]
    first = {sheet: FileBook(path).read(sheet) for sheet in FileBook(path).sheets()}
    undo(desk.book)
    shutil.rmtree(backups(desk).parent)
    redo(desk.book)
    assert {sheet: FileBook(path).read(sheet) for sheet in FileBook(path).sheets()} == first
    assert undo(desk.book).problems == []
    assert not desk.folder.exists()


def test_a_folder_in_the_way_or_a_full_disk_leaves_book_and_files_as_they_are(desk, monkeypatch):
    undo(desk.book)
    desk.folder.write_text("一个文件")
    (desk.folder.parent / "门店表_2026_第2次").mkdir()
    (desk.folder.parent / "门店表_2026_第2次" / "甲店_2026日报.xlsx").write_bytes(b"x")
    there = {sheet: dict(cells) for sheet, cells in desk.book.cells.items()}
    with pytest.raises(FileError, match="重做"):
        redo(desk.book)
    with pytest.raises(FileError, match="已经存在"):
        distribute(desk.book, out=desk.folder.parent, months=[1])
    assert desk.book.cells == there
    assert len(list(backups(desk).iterdir())) == 3
    desk.folder.unlink()

    def full():
        raise FileError("磁盘满了", "请清理", code="disk_full")

    monkeypatch.setattr(desk.book, "save", full)
    with pytest.raises(FileError, match="磁盘满了"):
        redo(desk.book)
    assert not desk.folder.exists()
    assert len(list(backups(desk).iterdir())) == 3


def test_a_plan_book_without_a_folder_hands_out_and_takes_back_where_it_is_told(desk, tmp_path):
    desk.book.path = None  # never saved, or in a cloud without a local copy
    before = {sheet: dict(cells) for sheet, cells in desk.book.cells.items()}
    with pytest.raises(FileError, match="没有文件夹"):
        distribute(desk.book, months=[1])
    assert desk.book.cells == before
    given = [*map(Path, distribute(desk.book, out=tmp_path / "别处", months=[1]).facts["files"])]
    assert all(path.parent.parent == tmp_path / "别处" for path in given)
    undo(desk.book)
    assert not any(path.exists() for path in given)
    redo(desk.book)
    assert all(path.exists() for path in given)
