"""The real form, on a screen that nobody sees."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import date

import pytest

from xlplan.commands import ACTIONS, Param
from xlplan.ribbon import answers
from xlplan.ribbon.person import AtExcel

tkinter = pytest.importorskip("tkinter")


@pytest.fixture(scope="module")
def screen():
    """A display: the one there is, or a virtual one."""
    if os.environ.get("DISPLAY") or os.name == "nt":
        yield
        return
    if not shutil.which("Xvfb"):
        pytest.skip("no display, and no Xvfb to make one")
    read, write = os.pipe()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen(["Xvfb", "-displayfd", str(write)], pass_fds=[write], **quiet)
    os.environ["DISPLAY"] = ":" + os.read(read, 16).decode().strip()
    yield
    del os.environ["DISPLAY"]
    server.terminate()
    server.wait(10)
    os.close(read)
    os.close(write)


@pytest.fixture
def form(screen):  # noqa: ARG001  # it is there while the form is
    from xlplan.ribbon.form import Form

    made = []

    def make(*params):
        shown = {param.name: answers.starting(param, date(2026, 9, 12)) for param in params}
        made.append(Form("试试", params, shown))
        return made[-1]

    yield make
    for one in made:
        if one.root.children:
            one.cancel()


def test_every_action_s_questions_fit_a_form(form):
    for action in ACTIONS:
        params = [param for param in action.params if param.ask]
        if not action.ribbon or not params:
            continue
        made = form(*params)
        made.root.update()
        assert made.root.winfo_reqheight() < 700, action.name
        assert list(made.fields) == [param.name for param in params]
        made.cancel()


def test_the_answers_are_taken_when_they_can_be_read(form):
    made = form(Param("year", "年份", "integer", "next_year"), Param("dry", "只看", "bool"))
    made.fields["year"].set("二千")
    made.accept()
    assert "要填整数" in made.trouble.get()
    assert made.result is None
    made.fields["year"].set("2028")
    made.fields["dry"].set(True)
    made.root.after(10, made.accept)
    assert made.answers() == {"year": 2028, "dry": True}


def test_closing_the_form_gives_no_answers(form):
    made = form(Param("a", "甲"))
    made.root.after(10, made.cancel)
    assert made.answers() is None


def test_files_are_picked_with_the_system_s_dialog(form, monkeypatch, tmp_path):
    from xlplan.ribbon import form as module

    made = form(Param("paths", "文件", "files", suffixes=(".csv", ".xlsx")))
    one, two = tmp_path / "a.csv", tmp_path / "b.csv"
    one.touch()
    two.touch()
    asked = {}

    def ask(**options):
        asked.update(options)
        return (str(one), str(two))

    monkeypatch.setattr(module.filedialog, "askopenfilenames", ask)
    made.fields["paths"].set(made.pick(made.params[0]))
    made.accept()
    assert made.result == {"paths": [one, two]}
    assert asked["filetypes"] == [("文件", "*.csv *.xlsx")]


def test_without_a_screen_excel_is_asked_instead(monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    if os.name == "nt":
        pytest.skip("Windows always has a screen")

    class App:
        @property
        def api(self):
            return self

        def InputBox(self, *_):  # noqa: N802
            return "答"

    book = type("Book", (), {"app": App()})()
    assert AtExcel(book).ask("标题", [Param("a", "甲")], {"a": ""}) == {"a": "答"}
