"""Charts, pictures and shapes: counted in files, added by unchanged xlwings code."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib

import pytest
import xlsxwriter

pytestmark = pytest.mark.libreoffice

TYPES = (
    "column_clustered", "column_stacked", "column_stacked_100", "bar_clustered", "bar_stacked", "bar_stacked_100",
    "line", "line_markers", "area", "area_stacked", "pie", "doughnut",
)  # fmt: skip


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    """A file of 40 × 30 red pixels."""
    path = tmp_path_factory.mktemp("pictures") / "店.png"

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", 40, 30, 8, 2, 0, 0, 0)
    body = zlib.compress((b"\0" + b"\xff\0\0" * 40) * 30)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )
    return path


@pytest.fixture
def filled(sheet):
    sheet["A1:C4"].value = [["月", "目标", "实际"], ["1月", 3, 4], ["2月", 5, 6], ["3月", 2, 9]]
    return sheet


def written(book, path, wanted="charts/chart"):
    """Save and return the texts of the package's parts."""
    book.save(path)
    with zipfile.ZipFile(path) as package:
        return [
            package.read(n).decode("utf-8", "replace") for n in package.namelist() if wanted in n
        ]


def references(chart):
    return sorted(set(re.findall(r"<c:f>([^<]*)", chart)))


def test_what_a_file_draws_is_counted_by_kind(app, picture, tmp_path):
    path = tmp_path / "计划.xlsx"
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet("A")
        sheet.write_column(0, 0, [1, 2, 3])
        sheet.write_comment("A1", "注")
        chart = made.add_chart({"type": "line"})
        chart.add_series({"values": "=A!$A$1:$A$3"})
        chart.set_title({"name": "走势"})
        sheet.insert_chart("D2", chart)
        sheet.insert_textbox("D20", "说明")
        sheet.insert_image("H1", str(picture))
        made.add_worksheet("B")
    book = app.books.open(path)
    try:
        drawn, empty = book.sheets
        assert [len(kind) for kind in (drawn.charts, drawn.pictures, drawn.shapes)] == [1, 1, 3]
        assert [len(kind) for kind in (empty.charts, empty.pictures, empty.shapes)] == [0, 0, 0]
        assert sorted(shape.type for shape in drawn.shapes) == ["auto_shape", "chart", "picture"]
        (line,) = drawn.charts
        assert (line.title, line.chart_type.partition("_")[0]) == ("走势", "line")
        assert line.name in drawn.charts
        assert drawn.shapes[line.name].type == "chart"
        assert abs(line.left - drawn["D2"].left) < 1
        assert drawn["A1"].note.text == "注"
        assert book.impl.journal.beyond_cells == [], "looking changes nothing"
    finally:
        book.close()


@pytest.mark.parametrize("kind", TYPES)
def test_a_chart_of_each_type_shows_its_range_and_tells_its_type(filled, kind):
    chart = filled.charts.add(source=filled["A1:C4"], chart_type=kind, anchor=filled["E2"])
    assert chart.chart_type == kind
    assert abs(chart.left - filled["E2"].left) < 1
    assert (round(chart.width), round(chart.height)) == (355, 211)


def test_a_chart_is_written_with_series_labels_and_title(filled, tmp_path):
    chart = filled.charts.add(chart_type="line")
    chart.title = "目标与实际"
    chart.set_source_data(filled["A1:C4"])
    chart.name = "走势"
    assert (chart.title, chart.chart_type, len(filled.charts)) == ("目标与实际", "line", 1)
    assert filled.charts["走势"].title == "目标与实际"
    (text,) = written(filled.book, tmp_path / "x.xlsx")
    assert "<c:lineChart>" in text
    assert "目标与实际" in text
    sheet = filled.name
    places = ("A$2:$A$4", "B$1", "B$2:$B$4", "C$1", "C$2:$C$4")
    assert references(text) == [f"{sheet}!${place}" for place in places]


def test_series_run_along_the_longer_side_unless_told_otherwise(filled, tmp_path):
    filled.charts.add(source=filled["A1:C2"])
    filled.charts.add(source=filled["A1:C4"], plot_by="rows")
    short, rows = written(filled.book, tmp_path / "x.xlsx")
    assert f"{filled.name}!$B$2:$C$2" in references(short)
    assert f"{filled.name}!$B$4:$C$4" in references(rows)


def test_numbers_without_heads_are_all_series(filled, tmp_path):
    filled.charts.add(source=filled["B2:C4"])
    (text,) = written(filled.book, tmp_path / "x.xlsx")
    assert {f"{filled.name}!$B$2:$B$4", f"{filled.name}!$C$2:$C$4"} <= set(references(text))


def test_charts_are_named_moved_and_removed(filled):
    one, two = (filled.charts.add(source=filled["A1:C4"]) for _ in "12")
    assert [chart.name for chart in filled.charts] == ["Chart 1", "Chart 2"]
    two.left, two.width = 100, 300
    assert (round(two.left), round(two.width), round(two.height)) == (100, 300, 211)
    one.delete()
    assert [chart.name for chart in filled.charts] == ["Chart 2"]
    with pytest.raises(NotImplementedError, match="radar"):
        two.chart_type = "radar"
    with pytest.raises(NotImplementedError):
        two.legend  # noqa: B018


def test_a_picture_is_added_in_its_own_size_or_scaled(sheet, picture, tmp_path):
    own = sheet.pictures.add(picture, anchor=sheet["C5"])
    assert (round(own.width), round(own.height)) == (30, 23)
    assert abs(own.top - sheet["C5"].top) < 1
    wide = sheet.pictures.add(picture, width=100, name="店招")
    assert (round(wide.width), round(wide.height)) == (100, 75)
    assert [picture.name for picture in sheet.pictures] == ["Picture 1", "店招"]
    assert len(written(sheet.book, tmp_path / "x.xlsx", "xl/media/")) == 1, "the same file once"
    own.delete()
    assert [shape.name for shape in sheet.shapes] == ["店招"]
    with pytest.raises(NotImplementedError, match="linked"):
        sheet.pictures.add(picture, link_to_file=True)


def test_drawing_on_a_file_is_named_when_saving_cannot_keep_it(app, picture, tmp_path):
    path = tmp_path / "计划.xlsx"
    with xlsxwriter.Workbook(path) as made:
        made.add_worksheet("A")
    book = app.books.open(path)
    try:
        book.sheets[0].pictures.add(picture)
        assert book.impl.journal.beyond_cells == ["图片"]
    finally:
        book.close()
