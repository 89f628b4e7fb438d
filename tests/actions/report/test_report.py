"""看板: 首页 as one file, the same numbers as the book, needing nothing from the network."""

from __future__ import annotations

import json
import re
import shutil
import struct
import subprocess
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from shutil import copyfile

import pytest

from xlplan.actions.outlook.telling import outlook_of
from xlplan.actions.report.drawn import nice_step
from xlplan.actions.report.reporting import report
from xlplan.actions.report.style import palette
from xlplan.books.build import build
from xlplan.books.file import FileBook
from xlplan.cells import Cell
from xlplan.errors import FileError, InputError
from xlplan.libreoffice.convert import available
from xlplan.record import replace
from xlplan.sheets.home.layout import HomeAt
from xlplan.sheets.home.page import COLOURS, FILLS, colour_spot
from xlplan.sheets.state.layout import pages

NAMES = ("甲店", "乙店 <b>&", "丙店")
TODAY = date(2026, 7, 20)
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)  # fmt: skip
chromium = pytest.mark.skipif(not CHROMIUM, reason="没有 chromium，看不了网页")
office = pytest.mark.skipif(not available(), reason="没有 LibreOffice，写不了 PDF 和 PNG")


@pytest.fixture(scope="module")
def made(state_of, tmp_path_factory):
    """A book of three stores with actuals to 19 July."""
    path = tmp_path_factory.mktemp("report") / "计划.xlsx"
    state = state_of(stores=NAMES, days=200)
    path.write_bytes(build(pages(replace(state, own={"outlook": outlook_of(state)}))))
    return path


@pytest.fixture(scope="module")
def page(made):
    """The web page of it."""
    out = made.with_name("看板.html")
    report(FileBook(made), out=out, today=TODAY)
    return out


class _Page(HTMLParser):
    """Every attribute that may lead somewhere, every tag, and the words."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.leads, self.words, self.open = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag != "meta":
            self.open.append(tag)
        self.leads += [value for name, value in attrs if name in ("src", "href", "action", "data", "poster", "srcset")]  # fmt: skip

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def test_the_page_is_one_file_that_asks_for_nothing(page):
    text = page.read_text("utf-8")
    read = _Page(text)
    assert read.leads == []
    assert not {"script", "link", "img", "iframe", "object"} & set(read.tags)
    assert not re.search(r"https?:|@import|url\((?!#)", text)
    assert read.open == []
    assert "default-src 'none'" in text
    assert read.tags.count("svg") == 2


def test_the_page_says_what_the_book_says(page, made):
    words = "".join(_Page(page.read_text("utf-8")).words)
    cells = FileBook(made).read("首页")
    for spot in ((3, 2), (8, 2), (32, 2), (33, 19)):
        assert str(cells[spot].value) in words
    assert f"{cells[8, 3].value:,.0f}" in words
    assert f"{cells[8, 14].value:,.0f}" in words


def test_names_are_escaped(page):
    text = page.read_text("utf-8")
    assert "乙店 &lt;b&gt;&amp;" in text
    assert "<b>&" not in text


def test_a_store_a_section_and_an_unknown_one_is_refused(made, tmp_path):
    out = tmp_path / "两家.html"
    told = report(FileBook(made), out=out, store=["甲店", "丙店"], today=TODAY)
    assert out.read_text("utf-8").count("<section><p") == 2
    assert told.facts["stores"] == ["甲店", "丙店"]
    ids = re.findall(r'<pattern id="([^"]+)"', out.read_text("utf-8"))
    assert len(ids) == len(set(ids)) == 4
    with pytest.raises(InputError, match="没有这家店：丁店"):
        report(FileBook(made), out=out, store="丁店")


def test_the_book_is_only_read_and_only_reports_are_replaced(made, tmp_path):
    path = Path(copyfile(made, tmp_path / "计划.xlsx"))
    before = path.read_bytes()
    report(FileBook(path))
    report(FileBook(path))
    assert (tmp_path / "计划_看板.html").exists()
    assert path.read_bytes() == before
    other = tmp_path / "别的.html"
    other.write_text("<html>我的</html>", "utf-8")
    with pytest.raises(FileError, match="不是看板"):
        report(FileBook(path), out=other)
    assert other.read_text("utf-8") == "<html>我的</html>"


@pytest.mark.parametrize(("out", "store", "words"), [("a.docx", (), "不会写"), ("a.png", ("甲店", "丙店"), "一张图")])  # fmt: skip
def test_what_cannot_be_written_is_refused(made, tmp_path, out, store, words):
    with pytest.raises(InputError, match=words):
        report(FileBook(made), out=tmp_path / out, store=store)
    assert not (tmp_path / out).exists()


def test_without_libreoffice_pdf_and_png_are_refused_with_a_way_out(made, tmp_path, monkeypatch):
    monkeypatch.setattr("xlplan.libreoffice.convert.available", lambda: False)
    for kind in ("pdf", "png"):
        with pytest.raises(FileError, match="LibreOffice") as refused:
            report(FileBook(made), out=tmp_path / f"a.{kind}")
        assert ".html" in refused.value.remedy


@office
@pytest.mark.libreoffice
def test_pdf_has_a_landscape_page_a_store_and_png_is_one_picture(made, tmp_path):
    out = tmp_path / "看板.pdf"
    report(FileBook(made), out=out, store=["合计", "甲店"], today=TODAY)
    data = out.read_bytes()
    assert data.startswith(b"%PDF")
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\]", data)
    assert len(boxes) == 2
    assert all(float(wide) > float(high) for wide, high in boxes)
    picture = tmp_path / "看板.png"
    report(FileBook(made), out=picture, today=TODAY)
    wide, high = struct.unpack(">II", picture.read_bytes()[16:24])
    assert wide > 1500
    assert wide > high > 1000


def test_the_colours_chosen_on_the_home_page_are_taken(made, tmp_path):
    path = Path(copyfile(made, tmp_path / "计划.xlsx"))
    book = FileBook(path)
    book.write({"首页": {colour_spot(HomeAt(len(NAMES) + 1)): Cell(COLOURS[1])}})
    book.save()
    report(FileBook(path), out=tmp_path / "a.html", today=TODAY)
    text = (tmp_path / "a.html").read_text("utf-8")
    assert FILLS[COLOURS[1]][1] in text
    assert FILLS[COLOURS[0]][1] not in text


def test_colours_and_axes():
    great, good, low, bad = FILLS[COLOURS[0]]
    assert [palette(v, COLOURS[0]) for v in (1.2, 1.0, 0.95, 0.85, 0.5)] == [great, good, "transparent", low, bad]  # fmt: skip
    assert [nice_step(v) for v in (0, 4, 9, 203, 12000)] == [1.0, 1, 5, 100, 5000]


@pytest.mark.parametrize("days", [0, 365])
def test_a_book_of_any_state_makes_a_page(state_of, tmp_path, days):
    path = tmp_path / "计划.xlsx"
    path.write_bytes(build(pages(state_of(days=days))))
    report(FileBook(path), out=tmp_path / "a.html", today=TODAY)
    text = (tmp_path / "a.html").read_text("utf-8")
    assert "nan" not in text
    assert "None" not in text


def browsed(page, folder, width, *more):
    """What a headless browser prints and logs of a page: its output, and whose requests it made."""
    net = folder / "net.json"
    quiet = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", f"--user-data-dir={folder / 'profile'}"]  # fmt: skip
    watch = ["--enable-logging=stderr", f"--log-net-log={net}", f"--window-size={width},2400", *more]  # fmt: skip
    done = subprocess.run([CHROMIUM, *quiet, *watch, page.as_uri()], capture_output=True, text=True, timeout=120, check=True)  # fmt: skip
    asked = [event.get("params", {}) for event in json.loads(net.read_text())["events"]]
    # the browser's own requests (updates, its clock) have no page that began them
    own = [each["url"] for each in asked if each.get("initiator", "not an origin") != "not an origin"]  # fmt: skip
    return done, own


@chromium
@pytest.mark.parametrize("width", [1280, 390])
def test_a_browser_shows_it_with_no_request_and_no_complaint(page, tmp_path, width):
    """Opened from the disk: nothing is asked of a network."""
    picture = tmp_path / "a.png"
    done, asked = browsed(page, tmp_path, width, f"--screenshot={picture}")
    assert "CONSOLE" not in done.stderr
    assert asked == []
    assert struct.unpack(">II", picture.read_bytes()[16:24]) == (width, 2400)


@chromium
def test_a_phone_need_not_scroll_sideways_and_a_request_would_be_noticed(page, tmp_path):
    """The same page with a picture and a script put in: both are seen by what the test looks at."""
    text = re.sub(r"<meta http-equiv[^>]*>", "", page.read_text("utf-8"))
    probe = '<img src="http://127.0.0.1:9/x.png" width="1"><script>const d = document.documentElement; d.dataset.wide = d.scrollWidth; d.dataset.seen = innerWidth; console.error("seen")</script></body>'
    spied = tmp_path / "spied.html"
    spied.write_text(text.replace("</body>", probe), "utf-8")
    done, asked = browsed(spied, tmp_path, 390, "--dump-dom")
    assert asked == ["http://127.0.0.1:9/x.png"]
    assert "CONSOLE" in done.stderr
    wide, seen = (int(re.search(rf'data-{name}="(\d+)"', done.stdout)[1]) for name in ("wide", "seen"))  # fmt: skip
    assert wide <= seen <= 500
