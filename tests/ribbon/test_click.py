"""A click from the button to the message; Excel and the person are stand-ins."""

from __future__ import annotations

import os
import stat
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from xlplan import commands, ribbon
from xlplan.actions.run.outcome import Outcome
from xlplan.books.live import LiveBook
from xlplan.cells import Seen
from xlplan.commands import Action, Param
from xlplan.errors import InputError, Level, PlanError, Problem, Where
from xlplan.ooxml.files.runlock import book_lock
from xlplan.ribbon import answers, person, words
from xlplan.ribbon.click import click
from xlplan.sheets.hidden import meta


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    return tmp_path


class Person:
    def __init__(self, answer=None):
        self.answer, self.asked, self.told = answer, [], []

    def ask(self, title, params, shown):
        self.asked.append((title, [param.name for param in params], dict(shown)))
        return self.answer

    def tell(self, message):
        self.told.append(message)


class Book:
    """A plan book open in Excel, as far as a click looks at it."""

    def __init__(self, stores='["甲店", "乙店"]'):
        self.name, self.path, self.wrote, self.log = (
            "计划.xlsx",
            Path("/nowhere/计划.xlsx"),
            False,
            [],
        )
        rows = {"schema": meta.SCHEMA, "stores": stores, "year": "2026", "channels": "[]"}
        self.meta = {}
        for row, (key, value) in enumerate(rows.items(), start=1):
            self.meta |= {(row, 1): Seen(key, ""), (row, 2): Seen(value, "")}
        opened = self.opened = []
        chosen = SimpleNamespace(sheet=SimpleNamespace(name="9月"), get_address=lambda *_: "C5:F5")
        books = SimpleNamespace(
            open=lambda path: opened.append(path) or SimpleNamespace(activate=lambda: None)
        )
        self.app = SimpleNamespace(selection=chosen, books=books)

    def read(self, sheet):
        assert sheet == "_元数据"
        return self.meta

    def tell(self, text):
        self.log.append(text)

    def hush(self):
        self.log.append(None)


@pytest.fixture(autouse=True)
def book(monkeypatch):
    book = Book()
    monkeypatch.setattr(LiveBook, "caller", classmethod(lambda _: book))
    return book


def button(monkeypatch, work, *params, **more):
    """Make the list of actions one button that does `work`."""
    action = Action("go", "试试", "组", "Info", "X", "帮助", "说明", "x:y", params=params, **more)
    monkeypatch.setattr(commands, "ACTIONS", (action,))
    monkeypatch.setattr(Action, "function", lambda _: work)


def test_the_result_is_shown_in_the_status_bar_and_as_a_message(book, monkeypatch):
    button(monkeypatch, lambda book: Outcome("分解完成", [f"{book.name}：销售额 100"], changed=7))
    reader = Person()
    click("go", reader)
    assert [m.text for m in reader.told] == ["分解完成\n计划.xlsx：销售额 100\n已写入"]
    assert book.log == ["正在试试…", "分解完成", None]


def test_errors_come_first_and_hints_stay_out_of_the_message(monkeypatch):
    problems = [Problem(Where(cell=f"B{i}"), f"警告{i}", Level.WARNING) for i in range(6)]
    problems += [Problem(Where(), "说明", Level.INFO), Problem(Where(cell="A1"), "坏了")]
    button(monkeypatch, lambda _: Outcome("体检", problems=problems))
    message = click("go", Person())
    lines = message.text.split("\n")
    assert message.bad
    assert lines[2] == "需要看一下的有 7 项："
    assert lines[3].startswith("[错误] A1")
    assert lines[-1] == "…还有 2 项"
    assert "说明" not in message.text


def test_a_refusal_is_said_with_its_place_and_remedy(monkeypatch):
    def refuse(_):
        raise PlanError("目标互相矛盾", "改 B3", Where("", "年度目标", "B3"))

    button(monkeypatch, refuse)
    message = click("go", Person())
    assert message.text == "没有执行\n年度目标!B3：目标互相矛盾\n怎么办：改 B3"
    assert not words.ribbon_log().exists()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ZeroDivisionError("x"), "程序出错了"),
        (ModuleNotFoundError("no", name="numpy"), "缺少组件 numpy"),
        (ImportError("DLL load failed"), "组件装不起来"),
        (MemoryError(), "内存不够"),
        (PermissionError(13, "denied", "a.csv"), "没有权限：a.csv"),
        (OSError(28, "No space left"), "读写文件失败：No space left"),
    ],
)
def test_what_nobody_foresaw_is_said_in_words_and_logged(monkeypatch, error, said):
    def fail(_):
        raise error

    button(monkeypatch, fail)
    message = click("go", Person())
    assert said in message.text
    assert "表格没有被修改" in message.text
    assert "Traceback" not in message.text
    assert f"{type(error).__name__}" in words.ribbon_log().read_text("utf-8")


def test_the_log_is_private_and_never_written_through_a_link(home, monkeypatch):
    log, other = words.ribbon_log(), home / "other.txt"
    log.parent.mkdir()
    other.write_text("其他人的")
    log.symlink_to(other)
    words.log_error(ZeroDivisionError("x"))
    assert other.read_text() == "其他人的"
    assert "ZeroDivisionError" in log.read_text("utf-8")
    log.chmod(0o644)
    words.log_error(ValueError("y"))
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    monkeypatch.setattr(Path, "is_symlink", lambda _: False)  # one made in between
    log.unlink()
    log.symlink_to(other)
    words.log_error(ValueError("y"))
    assert other.read_text() == "其他人的"


def test_a_new_log_and_its_folder_are_this_persons_alone():
    words.log_error(ValueError("文件 \udcff.xlsx"))
    assert "udcff" in words.ribbon_log().read_text("utf-8")
    assert stat.S_IMODE(words.log_folder().stat().st_mode) == 0o700


def test_nobody_is_told_that_nothing_changed_when_something_did(monkeypatch):
    def fail(book):
        book.wrote = True
        raise ZeroDivisionError

    button(monkeypatch, fail)
    message = click("go", Person())
    assert "表格没有被修改" not in message.text
    assert "撤销" in message.text


def test_a_second_click_while_one_runs_is_refused_politely(monkeypatch, home):
    button(monkeypatch, lambda _: Outcome("完成"))
    (home / "xlplan").mkdir()
    lock = home / "xlplan" / ".xlplan-ribbon.lock"
    lock.write_text(f'{{"pid": {os.getppid()}, "host": "{os.uname().nodename}", "time": 0}}')
    assert "上一次点击还没有做完" in click("go", Person()).text
    lock.unlink()
    assert click("go", Person()).text == "完成"


def test_a_click_that_was_killed_does_not_lock_out_the_next(monkeypatch, home):
    button(monkeypatch, lambda _: Outcome("完成"))
    (home / "xlplan").mkdir()
    lock = home / "xlplan" / ".xlplan-ribbon.lock"
    lock.write_text(f'{{"pid": 4194304, "host": "{os.uname().nodename}", "time": 0}}')
    assert click("go", Person()).text == "完成"
    with book_lock(home / "xlplan" / "ribbon", wait=0.0):
        pass


def test_a_button_this_version_does_not_know_says_how_to_update():
    assert "xlplan addin install" in click("fly", Person()).text


def test_answers_reach_the_action_as_their_types(monkeypatch):
    seen = {}
    button(
        monkeypatch,
        lambda _, **given: seen.update(given) or Outcome("完成"),
        Param("day", "哪天", "date", "today"),
        Param("area", "范围", "cells"),
        Param("store", "店铺", "choice", source="stores"),
        Param("quiet", "不问", "bool", ask=False),
    )
    reader = Person({"day": date(2026, 9, 1)})
    click("go", reader)
    (title, names, shown), *_ = reader.asked
    assert (title, names) == ("试试", ["day", "area", "store"])
    assert shown["area"] == "9月!C5:F5"
    assert date.fromisoformat(shown["day"])
    assert seen == {"day": date(2026, 9, 1)}


def test_a_choice_of_one_store_is_no_question(book, monkeypatch):
    book.meta[2, 2] = Seen('["甲店"]', "")
    param = Param("store", "店铺", "choice", source="stores")
    button(monkeypatch, lambda _: Outcome("完成"), param)
    reader = Person()
    assert click("go", reader).text == "完成"
    assert reader.asked == []


def test_changing_ones_mind_does_nothing_and_says_nothing(book, monkeypatch):
    button(monkeypatch, lambda _: pytest.fail("ran"), Param("a", "甲"))
    reader = Person(None)
    click("go", reader)
    assert reader.told == []
    assert book.log[-1] is None


def test_a_new_book_is_opened_for_the_person(book, monkeypatch):
    button(monkeypatch, lambda: Outcome("新建完成", facts={"file": "/x/计划.xlsx"}), book=False)
    click("go", Person())
    assert book.opened == ["/x/计划.xlsx"]


def test_nothing_ever_leaves_run_but_a_message(monkeypatch, capsys):
    def closed(_):
        raise PlanError("没有打开的工作簿", "请先打开计划工作簿")

    monkeypatch.setattr(LiveBook, "caller", classmethod(closed))
    ribbon.run("fill")
    said = capsys.readouterr().err
    assert "没有打开的工作簿" in said
    assert "Traceback" not in said


def test_every_button_asks_only_what_its_action_takes():
    import inspect

    for action in commands.ACTIONS:
        taken = inspect.signature(action.function()).parameters
        free = any(p.kind is p.VAR_KEYWORD for p in taken.values())
        unknown = {param.name for param in action.params if param.ask} - set(taken)
        assert not unknown or free, f"{action.name}: {unknown}"
        first = next(iter(taken), "")
        assert (first == "book") == action.book, action.name


# answers


def read(kind, text, **more):
    return answers.read_answers([Param("p", "项", kind, **more)], {"p": text}).get("p")


def test_texts_become_what_the_kind_says(tmp_path):
    made = tmp_path / "a.csv"
    made.touch()
    assert read("integer", " 2027 ") == 2027
    assert read("date", "2026年9月12日") == date(2026, 9, 12)
    assert read("number", "500万") == "500万"
    assert read("choice", "追赶", choices=(("catch_up", "追赶"),)) == "catch_up"
    assert read("file", f'"{made}"') == made
    assert read("files", f"{made}|{made}") == [made, made]
    assert read("folder", str(tmp_path)) == tmp_path
    assert read("save", "计划", suffixes=(".xlsx",)) == Path("计划.xlsx")
    assert read("save", "计划.2027", suffixes=(".xlsx",)) == Path("计划.2027.xlsx")
    assert read("text", "  ") is None


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("integer", "二千", "要填整数"),
        ("date", "明天", "要填一天"),
        ("choice", "别的", "没有“别的”"),
        ("file", "/nowhere/a.csv", "找不到文件"),
        ("folder", "/nowhere", "找不到文件夹"),
    ],
)
def test_an_answer_that_cannot_be_read_is_named(kind, text, said):
    with pytest.raises(InputError, match=said):
        read(kind, text)


def test_a_needed_answer_is_asked_for():
    with pytest.raises(InputError, match="请填写“项”"):
        read("text", "", needed=True)


def test_fields_start_with_sensible_answers(tmp_path):
    today = date(2026, 9, 12)
    made = {
        p.name: answers.starting(p, today, "", tmp_path) for p in commands.action("new").params
    }
    assert made["year"] == "2027"
    assert made["path"] == str(tmp_path / "2027年经营计划.xlsx")
    choice = Param("mode", "方式", "choice", "trend", choices=(("trend", "按趋势"),))
    assert answers.starting(choice, today) == "按趋势"
    assert answers.starting(Param("b", "是否", "bool", default=True), today) is True


# Excel's own boxes


class Boxes:
    def __init__(self, *said):
        self.said, self.prompts = list(said), []
        self.api = self

    def InputBox(self, prompt, _title, start):  # noqa: N802
        self.prompts.append((prompt, start))
        return self.said.pop(0)

    def GetOpenFilename(self, pattern, *_):  # noqa: N802
        self.prompts.append((pattern, ""))
        return self.said.pop(0)


def boxes(app, *params):
    shown = {param.name: answers.starting(param, date(2026, 9, 12)) for param in params}
    return person.one_by_one(app, "标题", params, shown)


def test_without_tkinter_excels_own_boxes_ask_until_the_answer_can_be_read():
    app = Boxes("二千", "2027", "是")
    found = boxes(app, Param("year", "年份", "integer", "year"), Param("dry", "只看", "bool"))
    assert found == {"year": 2027, "dry": True}
    assert app.prompts[0] == ("年份", "2026")
    assert "要填整数" in app.prompts[1][0]


def test_files_are_chosen_in_excels_own_dialog(tmp_path):
    made = tmp_path / "a.csv"
    made.touch()
    app = Boxes((str(made), str(made)), False)
    several = Param("paths", "文件", "files", suffixes=(".csv",))
    assert boxes(app, several) == {"paths": [made, made]}
    assert boxes(app, several) == {}


def test_cancelling_a_box_cancels_everything():
    assert boxes(Boxes(False), Param("a", "甲"), Param("b", "乙")) is None


def test_a_program_without_boxes_points_to_the_command_line():
    with pytest.raises(PlanError, match="没有可用的对话框"):
        boxes(SimpleNamespace(api=SimpleNamespace()), Param("a", "甲"))
