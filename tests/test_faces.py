"""The closed file and the open book: every action gives the same cells through both."""

from __future__ import annotations

import builtins
import itertools
import json
import shutil
import subprocess
import sys
from collections import defaultdict
from contextlib import contextmanager
from datetime import date, datetime
from functools import cached_property
from types import SimpleNamespace

import pytest
import xlsxwriter.core
import xlwings

from benchmarks import bench_ribbon
from xlplan import commands
from xlplan.actions.run.apply import Stamp
from xlplan.books.file import FileBook
from xlplan.books.live import LiveBook
from xlplan.cells import Cell, Seen
from xlplan.ribbon.click import click
from xlplan.sheets.daily.page import SHEET as DAILY
from xlplan.sheets.hidden import meta
from xlplan.sheets.state.read import read_state
from xlplan.sheets.targets import page as targets_page

YEAR = 2026
STEPS = itertools.count(1)
TYPED = date(2026, 3, 30)


class Noon(datetime):
    """A clock that stands still."""

    @classmethod
    def now(cls, tz=None):
        return cls(2026, 9, 12, 12, tzinfo=tz)


def clicked(name, book, answer=None):
    """Click a button of the ribbon with a book in front; return what was told."""
    told = []
    person = SimpleNamespace(ask=lambda *_: answer, tell=told.append)
    book.set_mock_caller()
    try:
        message = click(name, person)
    finally:
        del xlwings.Book._mock_caller
    assert told == [message]
    return message


@pytest.fixture(scope="module")
def both(tmp_path_factory, office_app):
    """A new plan book as a closed file, and as the click that made it opened it in LibreOffice."""
    folder = tmp_path_factory.mktemp("faces")
    opened, path = folder / "open" / "计划.xlsx", folder / "计划.xlsx"
    opened.parent.mkdir()
    figures = {"gmv": "906万", "uv": "200万", "cvr": "4.5%", "aov": "100.67", "spend": "80万"}
    answer = {"path": opened, "year": YEAR, "store": "甲店", **figures}
    before = office_app.books.add()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOCALAPPDATA", str(folder))
        message = clicked("new", before, answer)
    assert message.headline == "新建完成"
    book = office_app.books.active
    assert book.fullname == str(opened)
    before.close()
    shutil.copyfile(opened, path)
    yield path, book
    book.close()


@contextmanager
def noticing(imported):
    """Add the modules of xlplan that are imported by name meanwhile, loaded before or not."""
    plain = builtins.__import__

    def notice(name, globals=None, locals=None, fromlist=(), level=0):  # noqa: A002
        found = plain(name, globals, locals, fromlist, level)
        known = [name, *(f"{name}.{part}" for part in fromlist or ())]
        imported.update(one for one in known if one in sys.modules and one.startswith("xlplan."))
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(builtins, "__import__", notice)
        yield


class Faces:
    """Runs actions through both faces, as the same step of the same person at the same time."""

    def __init__(self, both, folder):
        self.both, self.folder = both, folder
        self.done = set()
        self.imported = defaultdict(set)

    def faces(self):
        path, book = self.both
        return FileBook(path), LiveBook(book)

    def run(self, name, again=lambda: None, /, **options):
        """Run an action twice and return what it says, which must be the same.

        `again` is called between the two, for actions that leave something outside the book.
        """
        function = commands.action(name).function()
        step = next(STEPS)
        mark = Stamp(f"2026-09-12 08:00:{step:02d}", f"a{step:07d}", "店员")
        closed, opened = self.faces()
        with pytest.MonkeyPatch.context() as patch:
            for module in [m for n, m in sys.modules.items() if n.startswith("xlplan.actions.")]:
                if hasattr(module, "stamp"):
                    patch.setattr(module, "stamp", lambda: mark)
                if getattr(module, "datetime", None) is datetime:
                    patch.setattr(module, "datetime", Noon)
            patch.setattr(
                xlsxwriter.core, "datetime", Noon
            )  # files handed out are known by their bytes
            said = function(closed, **options)
            again()
            with noticing(self.imported[name]):
                assert function(opened, **options).as_dict() == said.as_dict(), name
        self.done.add(name)
        return said

    def types(self, sheet, spot, value):
        for face in self.faces():
            face.write({sheet: {spot: Cell(value)}})
            face.save()

    def shows(self, *sheets):
        """Give the closed book the results that a program shows as soon as somebody types."""
        results = {}
        for (sheet, spot), ((_, formula), now) in differences(self.both, sheets).items():
            assert formula == now.formula != ""
            results.setdefault(sheet, {})[spot] = Cell(now.value, formula)
        closed, _ = self.faces()
        closed.write(results)
        closed.save()

    @cached_property
    def at(self):
        """Where things stand: no action here moves a row."""
        return read_state(self.faces()[0]).at

    def target(self, metric, value):
        at = self.at.targets
        row = next(row for key, row in at.rows.items() if key.endswith(metric))
        self.types(targets_page.SHEET, (row, at.columns["value"]), value)

    def agree(self):
        assert differences(self.both) == {}


def differences(both, sheets=()):
    """Return the cells that differ on some sheets, by default on all, with both contents."""
    path, book = both
    closed, opened = FileBook(path), LiveBook(book)
    assert closed.sheets() == opened.sheets()
    found = {}
    for sheet in sheets or closed.sheets():
        one, other = closed.read(sheet), opened.read(sheet)
        for spot in one.keys() | other.keys():
            pair = one.get(spot, Seen()), other.get(spot, Seen())
            if not agree(*pair):
                found[sheet, spot] = pair
    return found


def agree(one, other):
    (value, formula), (shown, text) = one, other
    if formula != text:
        return False
    if "TODAY()" in formula:
        return isinstance(shown, date)
    if isinstance(value, float) and isinstance(shown, float):
        return abs(value - shown) <= 1e-9 * max(1.0, abs(value))
    return (value or None) == (shown or None) and isinstance(value, bool) == isinstance(
        shown, bool
    )


pytestmark = pytest.mark.libreoffice


def test_the_book_a_click_makes_is_the_book_it_opens(both):
    assert differences(both) == {}


def test_a_click_that_spreads_again_changes_nothing(both, tmp_path, monkeypatch):
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    assert clicked("fill", both[1], {}).headline == "没有变化"
    assert both[1].app.status_bar is False
    assert both[1].app.calculation == "automatic"


def test_every_action_gives_the_same_cells_on_the_closed_file_and_on_the_open_book(both, tmp_path):
    faces = Faces(both, tmp_path)
    spread_targets(faces)
    take_in_actuals(faces, tmp_path)
    change_the_plan(faces)
    keep_versions(faces)
    assert faces.run("cards").changed > 100
    give_finance_the_budget(faces, tmp_path)
    hand_out_and_collect(faces, tmp_path)
    reading_writes_nothing(faces, tmp_path)
    reports_appear(faces)
    tasks_and_words(faces, tmp_path)
    assert faces.done == {action.name for action in commands.ACTIONS if action.book}
    tells_the_add_in(both[1])
    the_bench_counts_what_they_import(faces.imported)


def the_bench_counts_what_they_import(imported):
    work = {name: bench_ribbon.click_of(name) for name in imported}
    code = (
        "import json, sys, pandas, xlwings; found = {}\n"
        f"for name, work in {work!r}.items():\n"
        "    for one in [one for one in sys.modules if one.startswith('xlplan')]: del sys.modules[one]\n"
        "    exec(work); found[name] = [one for one in sys.modules if one.startswith('xlplan')]\n"
        "print(json.dumps(found))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    counted = json.loads(done.stdout)
    # the engine is not Excel; a sheet comes into a book once
    apart = ("xlplan.libreoffice", "xlplan.books.")
    missed = {
        name: sorted(one for one in found - set(counted[name]) if not one.startswith(apart))
        for name, found in imported.items()
    }
    assert {name: modules for name, modules in missed.items() if modules} == {}


def spread_targets(faces):
    faces.target("gmv", 9_500_000.0)  # is no longer 流量 × 转化率 × 客单价
    assert faces.run("reconcile", write=True).changed > 1000
    faces.target("spend", 900_000.0)
    assert faces.run("fill").changed > 300


def take_in_actuals(faces, folder):
    export = folder / "日报.csv"
    days = [f"2026-03-{day:02d},{day * 1000 + 0.5},{day * 100},{day * 7}" for day in range(1, 29)]
    export.write_text("日期,支付金额,访客数,支付订单数\n" + "\n".join(days), "utf-8-sig")
    daily = faces.at.daily
    faces.types(DAILY, (daily.rows["甲店", TYPED], daily.columns["gmv"]), 4321.5)
    faces.shows(DAILY)
    assert faces.run("import", paths=[export], as_of=date(2026, 4, 1)).changed > 28 * 3
    actuals = read_state(faces.faces()[0]).state.year.actuals["gmv"]
    assert actuals["甲店", str(TYPED)] == 4321.5


def change_the_plan(faces):
    faces.run("hold", metric="销售额", period="8月10日")
    assert faces.run("spread", metric="销售额", period="8月", to="120万").changed > 100
    faces.run("undo")
    faces.run("redo")
    faces.run("release", id="全部")
    at, shown = faces.at.book.months[9], ("9月", "年度规划", "体检", "首页")
    spot = at.rows["gmv_target"], at.columns["d:2026-09-09"]
    faces.types(at.sheet, spot, "+8%")
    faces.shows(*shown)
    assert faces.run("edits", accept=True).changed > 10
    faces.types(at.sheet, spot, 12345.67)
    faces.shows(*shown)
    faces.run("edits", put_back=True)
    faces.agree()


def keep_versions(faces):
    faces.run("version", do="snapshot", name="预算", kind="预算")
    faces.run("scenario", name="乐观", lifts="销售额 11月 +10%")
    faces.run("version", do="compare", name="乐观")
    assert faces.run("version", do="restore", name="乐观").changed > 10
    faces.run("version", do="delete", name="乐观")


def give_finance_the_budget(faces, folder):
    out, one = folder / "预算.xlsx", folder / "预算一.xlsx"
    assert (
        faces.run("budget", lambda: out.rename(one), out=out, freeze=True, unit="万元").changed > 0
    )
    assert out.read_bytes() == one.read_bytes()


def hand_out_and_collect(faces, folder):
    out = folder / "门店"
    out.mkdir()

    def again():
        out.rename(folder / "门店一")
        out.mkdir()

    faces.run("distribute", again, out=out, months=[4])
    (one,), (other,) = ([*place.rglob("*.xlsx")] for place in (out, folder / "门店一"))
    sheets = FileBook(one).sheets()
    assert sheets == FileBook(other).sheets()
    assert all(FileBook(one).read(sheet) == FileBook(other).read(sheet) for sheet in sheets)
    assert one.read_bytes() == other.read_bytes()
    for name, stands in (("undo", False), ("redo", True)):
        there = shutil.copytree(out, folder / name)
        said = faces.run(name, lambda there=there: shutil.move(out, folder / f"{there.name} 之后") and shutil.copytree(there, out))  # fmt: skip
        assert "门店表" in said.lines[0]
        assert one.exists() is stands
    returned = FileBook(one)
    column = next(c for (_, c), seen in returned.read(DAILY).items() if seen.value == "gmv")
    row = faces.at.daily.rows["甲店", date(2026, 3, 31)]
    returned.write({DAILY: {(row, column): Cell(8765.5)}})
    returned.save()
    assert faces.run("collect", folder=one.parent, as_of=date(2026, 4, 1)).changed > 0


def reading_writes_nothing(faces, folder):
    path, _ = faces.both
    before = path.read_bytes()
    faces.run("check")
    faces.run("trace", metric="销售额", period="9月9日")
    faces.run("log", verify=True)
    for name in ("why", "alerts", "replan"):
        faces.run(name)
    for name in ("forecast", "review", "ads"):
        faces.run(name, dry_run=True)
    faces.run("report", out=folder / "看板.html")
    assert path.read_bytes() == before
    faces.agree()


def reports_appear(faces):
    faces.run("review")
    faces.run("ads", margin="40%")
    faces.agree()


def tasks_and_words(faces, folder):
    faces.run("tasks", month=9)
    out = folder / "计划书.docx"
    faces.run("document", out.unlink, out=out)
    faces.run("show", sheet="导入映射")
    faces.agree()


def tells_the_add_in(book):
    def value(name):
        return book.names[name].refers_to_range.value

    assert value("xlplan_has_actuals") is True
    assert value("xlplan_has_plan") is True
    assert value("xlplan_version") == meta.SCHEMA
    assert value("xlplan_undo")
