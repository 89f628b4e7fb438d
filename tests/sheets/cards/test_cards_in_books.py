"""指标卡 in books: it comes with its first card, is filled by files, undone, and keeps what people typed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from shutil import copyfile

import pytest

from tests.actions.openbook import planned_book
from xlplan.actions.imports.importing import import_all
from xlplan.actions.plan.cardboard import cards
from xlplan.actions.plan.check import check
from xlplan.actions.plan.fill import fill
from xlplan.actions.undo.undoing import redo, undo
from xlplan.books.file import FileBook
from xlplan.cells import Cell
from xlplan.sheets.base.names import CARD_MONTHS, CARDS
from xlplan.sheets.state.read import read_state

OLD = Path(__file__).parents[2] / "data" / "book_0_1_0.xlsx"
TARGETS = """指标,数值,上年,负责人,备注
库存周转天数,28天,45天,小王,每周看
短视频条数,120条,,小李,
"""
MAPPING = """name = "周报"
date = "统计日"
store = "店铺"
[columns]
"周转" = "指标卡:库存周转天数"
"条数" = "指标卡:短视频条数"
"""
WEEK = "店铺,统计日,周转,条数\n天猫一店,2026-03-01,40,2\n天猫一店,2026-03-08,38,3\n"


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A book of two stores that got its first cards from a file."""
    folder = tmp_path_factory.mktemp("cards")
    path, targets = folder / "计划.xlsx", folder / "指标.csv"
    path.write_bytes(planned_book())
    targets.write_text(TARGETS, "utf-8-sig")
    assert CARDS not in FileBook(path).sheets()
    outcome = cards(FileBook(path), file=targets)
    assert outcome.changed
    return path


@pytest.fixture
def path(filled, tmp_path):
    return Path(copyfile(filled, tmp_path / "计划.xlsx"))


def own(path):
    return list(read_state(FileBook(path)).state.own["cards"])


def by_name(path):
    return {one["name"]: one for one in own(path)}


def typed(path, key, name, value):
    book = FileBook(path)
    read = read_state(book)
    at = read.at[CARDS]
    row = dict(zip([one["name"] for one in read.state.own["cards"]], at.lines, strict=True))[name]
    book.write({CARDS: {(row, at.columns[key]): Cell(value)}})
    book.save()


def test_the_sheet_comes_with_the_first_card_and_is_as_a_new_book_has_it(path):
    book = FileBook(path)
    assert {CARDS, CARD_MONTHS} <= set(book.sheets())
    assert by_name(path)["库存周转天数"]["owner"] == "小王"
    assert by_name(path)["库存周转天数"]["better"] == "越低越好"
    assert not [p for p in check(book).problems if "应是" in p.what]
    before = path.read_bytes()
    assert fill(FileBook(path)).changed == 0
    assert path.read_bytes() == before


def test_the_first_cards_can_be_undone_and_done_again(path):
    first = own(path)
    undo(FileBook(path))
    assert own(path) == []
    redo(FileBook(path))
    assert own(path) == first
    assert not [p for p in check(FileBook(path)).problems if "应是" in p.what]


def test_a_file_said_twice_adds_nothing_and_what_a_person_changed_stays(path, tmp_path):
    typed(path, "target", "库存周转天数", 30.0)
    targets = tmp_path / "指标.csv"
    targets.write_text(TARGETS, "utf-8-sig")
    outcome = cards(FileBook(path), file=targets)
    assert by_name(path)["库存周转天数"]["target"] == 30.0
    assert len(own(path)) == 2
    assert any("30" in p.what and "28" in p.what for p in outcome.problems)


def test_actuals_come_by_the_mapping_and_go_with_undo(path, tmp_path):
    export, mapping = tmp_path / "周报.csv", tmp_path / "周报.toml"
    export.write_text(WEEK, "utf-8-sig")
    mapping.write_text(MAPPING, "utf-8")
    before = own(path)

    def run():
        return import_all(FileBook(path), [export], mappings=[mapping], as_of=date(2026, 4, 1))

    run()
    said = by_name(path)
    assert said["库存周转天数"]["done"][2] == 38.0
    assert said["短视频条数"]["done"][2] == 5.0
    read = read_state(FileBook(path))
    at, row = read.at[CARDS], read.at[CARDS].lines[1]
    assert read.cells[CARDS][row, at.columns["reached"]].value == 5.0
    assert run().changed == 0
    undo(FileBook(path))
    assert own(path) == before


def test_a_number_typed_as_text_counts_and_is_written_as_a_number(path):
    typed(path, "target", "短视频条数", "1.2万")
    assert by_name(path)["短视频条数"]["target"] == 12_000.0
    fill(FileBook(path))
    read = read_state(FileBook(path))
    assert read.cells[CARDS][read.at[CARDS].lines[1], read.at[CARDS].columns["target"]].value == 12_000.0  # fmt: skip


def test_words_where_a_number_belongs_are_told_and_kept(path):
    typed(path, "last", "短视频条数", "很多")
    typed(path, "adds", "短视频条数", "平均")
    found = [p.what for p in check(FileBook(path)).problems if p.where.sheet == CARDS]
    assert any("很多" in what for what in found)
    assert any("平均" in what for what in found)
    fill(FileBook(path))
    read = read_state(FileBook(path))
    assert read.cells[CARDS][read.at[CARDS].lines[1], read.at[CARDS].columns["last"]].value == "很多"  # fmt: skip


def test_a_source_or_store_that_is_not_there_is_named(path):
    typed(path, "source", "短视频条数", "复购")
    typed(path, "store", "短视频条数", "没有的店")
    found = [p.what for p in check(FileBook(path)).problems if p.where.sheet == CARDS]
    assert any("没有店铺“没有的店”" in what for what in found)


def test_more_cards_than_there_are_lines_get_lines(path, tmp_path):
    targets = tmp_path / "更多目标.csv"
    targets.write_text("指标,数值\n" + "".join(f"指标{n},{n}个\n" for n in range(1, 61)), "utf-8-sig")  # fmt: skip
    cards(FileBook(path), file=targets)
    assert len(own(path)) == 62
    assert not [p for p in check(FileBook(path)).problems if "应是" in p.what]
    assert fill(FileBook(path)).changed == 0


def test_a_book_without_cards_starts_with_the_plans_own_metrics(tmp_path):
    path = tmp_path / "计划.xlsx"
    path.write_bytes(planned_book())
    outcome = cards(FileBook(path), dry_run=True)
    assert outcome.changed == 0
    assert CARDS not in FileBook(path).sheets()
    outcome = cards(FileBook(path))
    assert by_name(path)["销售额"]["source"] == "销售额"
    sales = next(line for line in outcome.facts["cards"] if line["name"] == "销售额")
    assert sales["year"] == pytest.approx(18_120_000.0)
    assert cards(FileBook(path)).changed == 0


def test_a_book_of_0_1_0_gets_it_too(tmp_path):
    path = Path(copyfile(OLD, tmp_path / "计划.xlsx"))
    cards(FileBook(path))
    assert {CARDS, CARD_MONTHS} <= set(FileBook(path).sheets())
    assert not [p for p in check(FileBook(path)).problems if "应是" in p.what]
