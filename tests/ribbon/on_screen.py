"""The real form on a real screen; `test_form.py` runs this in a process of its own."""

from __future__ import annotations

import gc
import weakref
from datetime import date
from functools import partial

import pytest

from xlplan.commands import ACTIONS, Param
from xlplan.ribbon import answers
from xlplan.ribbon import form as module
from xlplan.ribbon.form import Form


@pytest.fixture
def form():
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


WAYS = {
    "确定": lambda form: form.accept,
    "取消": lambda form: form.cancel,
    "the window's own cross": lambda form: partial(
        form.root.eval, form.root.protocol("WM_DELETE_WINDOW")
    ),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_closed_form_leaves_nothing_of_tk_for_another_thread_to_collect(way):
    # Tcl ends the process when an interpreter is freed outside the thread that made it
    params = [Param("a", "甲"), Param("b", "乙", "files"), Param("c", "丙", "bool")]
    shown = {"a": "", "b": "", "c": False}
    gc.collect()
    gc.disable()
    try:
        made = Form("试试", params, shown)
        left = weakref.ref(made.root)
        made.root.after(10, way(made))
        made.answers()
        del made
        assert left() is None
    finally:
        gc.enable()
