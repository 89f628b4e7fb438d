"""写计划书: chapters in order, numbers of the book as it is now, words of people as they wrote them."""

from __future__ import annotations

import io
import shutil
import zipfile
from datetime import date
from xml.etree import ElementTree as ET

import docx
import pytest

from xlplan.actions.document.chapters import written
from xlplan.actions.document.writing import document
from xlplan.actions.undo.undoing import undo
from xlplan.books.build import build
from xlplan.books.file import FileBook
from xlplan.books.paper import Grid, Heading, Prose, Written, paper_bytes
from xlplan.books.paperchart import Drawing, Line
from xlplan.cells import Cell
from xlplan.errors import FileError, InputError
from xlplan.plan.parts.splits import Part, Splits
from xlplan.record import replace
from xlplan.sheets.paper.page import SHEET
from xlplan.sheets.state.layout import pages
from xlplan.sheets.state.read import read_state

C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"


@pytest.fixture(scope="module")
def state(state_of):
    made = state_of(stores=("甲店", "乙店"), days=60)
    splits = Splits([Part("面膜", 0.6), Part("防晒", 0.4)], [])
    notes = {"text:hero|m:9": "面膜", "text:gift|m:9": "买二送一"}
    return replace(made, splits=splits, year=replace(made.year, notes=notes))


@pytest.fixture(scope="module")
def first(state, tmp_path_factory):
    """A book that had its first document written, and the document."""
    path = tmp_path_factory.mktemp("document") / "计划.xlsx"
    path.write_bytes(build(pages(state)))
    assert SHEET not in FileBook(path).sheets()
    outcome = document(FileBook(path))
    assert outcome.facts["file"] == str(path.with_name("2026年计划书.docx"))
    assert len(outcome.facts["empty"]) == 20
    return path


@pytest.fixture
def path(first, tmp_path):
    for file in (first, first.with_name("2026年计划书.docx")):
        shutil.copy(file, tmp_path)
    return tmp_path / first.name


def texts(data):
    """Every text of a document, tables row by row."""
    made = docx.Document(data)
    said = [p.text for p in made.paragraphs if p.text]
    rows = [[cell.text for cell in row.cells] for table in made.tables for row in table.rows]
    return said, rows


def told(state, **words):
    return texts(io.BytesIO(paper_bytes(written(state, words, date(2026, 3, 2), "计划.xlsx"))))


def write_words(path, **words):
    book = FileBook(path)
    at = read_state(book).at[SHEET]
    book.write(
        {SHEET: {(at.rows[key], at.columns["text"]): Cell(text) for key, text in words.items()}}
    )
    book.save()


def test_it_has_its_chapters_and_the_books_numbers(state):
    said, rows = told(state)
    chapters = ["一、总结", "二、目标", "三、策略", "四、资源", "五、风险", "六、监控"]
    assert [text for text in said if text in chapters] == chapters
    year = state.year
    total = year.plan["gmv"].sum() / 10_000
    assert next(row for row in rows if row[0] == "全年")[1] == f"{total:,.1f}"
    assert next(row for row in rows if row[0] == "面膜")[5] == f"{total * 0.6:,.1f}"
    assert ["9月", "面膜", "买二送一"] in rows
    spend = sum(year.plan[f"spend_{c.key}"].sum() for c in year.metrics.channels) / 10_000
    assert next(r for r in rows if r[0] == "合计" and r[-1] == "100.0%")[5] == f"{spend:,.1f}"
    # 1/25 is a Sunday, 4/25 a Saturday
    assert any("01-23、02-25、03-25、04-24" in text for text in said)


def test_charts_carry_the_numbers_of_the_plan(state):
    blocks = written(state, {}, date(2026, 3, 2), "计划.xlsx").blocks
    months, spend = [block for block in blocks if isinstance(block, Drawing)]
    plan = state.year.plan["gmv"]
    wanted = plan.groupby(plan.index.get_level_values("date").month).sum() / 10_000
    assert list(months.series[0].values) == pytest.approx(list(wanted), abs=1e-4)
    assert list(months.series[1].values[3:]) == [None] * 9  # the last day known is 1 March
    assert spend.stacked
    planned = [
        c.label for c in state.year.metrics.channels if state.year.plan[f"spend_{c.key}"].sum() > 0
    ]
    assert [line.name for line in spend.series] == planned


def test_numbers_are_those_of_the_book_as_it_is_now(state):
    halved = replace(state, year=replace(state.year, plan=state.year.plan * 0.5))
    _, rows = told(halved)
    total = f"{state.year.plan['gmv'].sum() / 20_000:,.1f}"
    assert next(row for row in rows if row[0] == "全年")[1] == total


def test_words_of_people_stand_in_their_chapters_and_headings_without_words_do_not(state):
    said, _ = told(
        state, title="美妆组年度计划", wins="直播翻倍\n退款率降一半", goods="主推两款面膜"
    )
    assert said[0] == "美妆组年度计划"
    places = [
        said.index(text)
        for text in (
            "做成了什么",
            "直播翻倍",
            "退款率降一半",
            "二、目标",
            "商品与定价",
            "主推两款面膜",
            "四、资源",
        )
    ]
    assert places == sorted(places)
    assert "没做好什么、为什么" not in said


def test_written_again_it_keeps_the_words_and_the_document_before(path):
    write_words(path, title="美妆组年度计划", gaps="备货晚了两周")
    outcome = document(FileBook(path))
    said, _ = texts(outcome.facts["file"])
    assert said[0] == "美妆组年度计划"
    assert "备货晚了两周" in said
    assert outcome.changed == 0
    assert texts(outcome.facts["backup"])[0][0] == "2026 年电商运营计划书"
    undo(FileBook(path))
    assert read_state(FileBook(path)).state.own["words"]["gaps"] == "备货晚了两周"


def test_a_file_that_is_not_ours_is_left_alone(path):
    mine = path.with_name("我的.docx")
    docx.Document().save(str(mine))
    before = mine.read_bytes()
    with pytest.raises(FileError, match="没有覆盖"):
        document(FileBook(path), out=mine)
    assert mine.read_bytes() == before
    with pytest.raises(InputError, match="docx"):
        document(FileBook(path), out=path.with_name("书.pdf"))


def test_a_document_of_blocks_opens_with_what_was_put_in():
    blocks = [
        Heading("一、头"), Prose("一句 & <话>"), Prose("甲\n乙", item=True), Prose("小字", quiet=True),
        Grid(("项", "数"), [("a<b", "1"), ("合计", "2")], total=True),
        Drawing("图 & 表", ["1月", "2月"], [Line("销<售>", [1.5, None], "1F3A5F"), Line("率", [0.1, 0.2], "C77700", line=True)]),
    ]  # fmt: skip
    data = paper_bytes(Written("题", ["下"], blocks, "脚"))
    made = docx.Document(io.BytesIO(data))
    assert [p.text for p in made.paragraphs if p.text] == [
        "题",
        "下",
        "一、头",
        "一句 & <话>",
        "甲",
        "乙",
        "小字",
    ]
    assert [[c.text for c in row.cells] for row in made.tables[0].rows] == [
        ["项", "数"],
        ["a<b", "1"],
        ["合计", "2"],
    ]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        chart = next(name for name in archive.namelist() if "charts/chart" in name)
        root = ET.fromstring(archive.read(chart))  # noqa: S314 - our own
    assert [v.text for v in root.iterfind(f".//{C}tx//{C}v")] == ["销<售>", "率"]
    assert [len(s.findall(f"{C}val//{C}pt")) for s in root.iter(f"{C}ser")] == [1, 2]
