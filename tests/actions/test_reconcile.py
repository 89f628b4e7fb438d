from __future__ import annotations

import pytest

from xlplan.actions.plan.newbook import Typed, new_from
from xlplan.actions.plan.reconcile import reconcile
from xlplan.books.file import FileBook
from xlplan.errors import InfeasibleError
from xlplan.sheets.state.read import read_state

#: 003: 300万UV × 4% × 200元 is 2400万, not 500万.
SEED = {"gmv": "500万", "uv": "300万", "cvr": "4%", "aov": "200"}


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "计划.xlsx"
    new_from(path, Typed(2026, None, ["旗舰店"], SEED))
    return path


def mark(path, metric, column, value):
    from xlplan.cells import Cell

    read = read_state(FileBook(path))
    at = read.at.targets
    book = FileBook(path)
    book.write({"年度目标": {(at.rows[f"t:旗舰店|{metric}"], at.columns[column]): Cell(value)}})
    book.save()


def test_a_suggestion_writes_nothing(book):
    before = book.read_bytes()
    outcome = reconcile(FileBook(book))
    assert len(outcome.facts["changes"]) == 4
    assert book.read_bytes() == before


def test_written_targets_agree_and_are_spread(book):
    mark(book, "gmv", "locked", "√")
    reconcile(FileBook(book), write=True)
    read = read_state(FileBook(book))
    told = read.state.year.targets.of("旗舰店")
    assert told["gmv"] == 5_000_000
    assert told["uv"] * told["cvr"] * told["aov"] == pytest.approx(5_000_000, rel=1e-9)
    assert read.state.year.plan["gmv"].sum() == pytest.approx(5_000_000, abs=0.001)
    assert reconcile(FileBook(book)).facts["changes"] == []


def test_surer_targets_move_less(book):
    mark(book, "aov", "confidence", 5)
    mark(book, "uv", "confidence", 1)
    moved = {
        c["metric"]: abs(c["new"] / c["old"] - 1)
        for c in reconcile(FileBook(book)).facts["changes"]
    }
    assert moved["aov"] < moved["cvr"] < moved["uv"]


def test_locked_contradictions_are_refused_by_name(book):
    for metric in SEED:
        mark(book, metric, "locked", "√")
    before = book.read_bytes()
    with pytest.raises(InfeasibleError, match="转化率"):
        reconcile(FileBook(book), write=True)
    assert book.read_bytes() == before
