"""One click: what to ask, what to run, what to say. Excel is reached through xlwings only."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from xlplan import commands
from xlplan.errors import FileError, InputError, PlanError
from xlplan.ribbon import answers, words
from xlplan.ribbon.words import Message

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from xlplan.actions.run.outcome import Outcome
    from xlplan.books.live import LiveBook
    from xlplan.commands import Action, Param


class Person(Protocol):
    """Who clicked: asked before, told after."""

    def ask(
        self, title: str, params: Sequence[Param], shown: Mapping[str, str | bool]
    ) -> dict[str, object] | None:
        """Return the answers by name; None when they changed their mind."""

    def tell(self, message: Message) -> None:
        """Show the result until it is read."""


def click(name: str, person: Person | None = None) -> Message:
    """Run an action on the workbook whose button was clicked, and say how it went.

    Args:
        name: The action's name.
        person: Who answers and reads; by default the one in front of Excel.
    """
    from xlplan.books.live import LiveBook

    book = LiveBook.caller()
    if person is None:
        from xlplan.ribbon.person import AtExcel

        person = AtExcel(book)
    try:
        with only_one():
            message = _done(name, book, person)
    except BaseException as error:  # noqa: BLE001 - it becomes a message
        message = words.of_error(error, wrote=book.wrote)
    book.tell(message.headline)
    if message.text:
        person.tell(message)
    book.hush()
    return message


def _done(name: str, book: LiveBook, person: Person) -> Message:
    action = _action(name)
    asked = given(action, book)
    found: dict[str, object] = {}
    if asked:
        answered = person.ask(action.label, asked, _starting(asked, book))
        if answered is None:
            return Message("")
        found = answered
    book.tell(f"正在{action.label}…")
    run = action.function()
    outcome: Outcome = run(book, **found) if action.book else run(**found)
    if not action.book:
        _open_made(book, outcome)
    return words.of_outcome(outcome)


def _starting(asked: Sequence[Param], book: LiveBook) -> dict[str, str | bool]:
    today = datetime.now().astimezone().date()
    chosen = selection(book) if any(param.kind == "cells" for param in asked) else ""
    file = book.path
    folder = file.parent if file is not None and file.is_file() else None
    return {param.name: answers.starting(param, today, chosen, folder) for param in asked}


def _action(name: str) -> Action:
    try:
        return commands.action(name)
    except StopIteration:
        raise InputError(
            f"这个版本的 xlplan 没有“{name}”", "请关闭 Excel 后运行：xlplan addin install"
        ) from None


def given(action: Action, book: LiveBook) -> list[Param]:
    """Return what to ask, with the choices this book offers; a choice of one is no question."""
    asked = [_with_choices(param, book) for param in action.params if param.ask]
    return [param for param in asked if not (param.source and len(param.choices) < 2)]


def _with_choices(param: Param, book: LiveBook) -> Param:
    if param.source != "stores":
        return param
    import json

    from xlplan.sheets.hidden import meta

    about = meta.read_meta(book.read(meta.SHEET), book.name)
    return replace(param, choices=tuple((name, name) for name in json.loads(about["stores"])))


def selection(book: LiveBook) -> str:
    """Return the selected cells like ``9月!C5:F5``; "" when something else is selected."""
    with suppress(Exception):
        chosen = book.app.selection
        return f"{chosen.sheet.name}!{chosen.get_address(False, False)}"
    return ""


def _open_made(book: LiveBook, outcome: Outcome) -> None:
    made = outcome.facts.get("file")
    if isinstance(made, str):
        _open(book.app, made)


def _open(app: Any, path: str) -> None:
    with suppress(Exception):  # it is made; opening it is a courtesy
        app.books.open(path).activate()


@contextmanager
def only_one() -> Iterator[None]:
    """Hold the one place for a running click; a program that ended gave it up.

    Raises:
        FileError: ``running``: another click is still at work.
    """
    from xlplan.ooxml.files.runlock import book_lock

    words.log_folder().mkdir(parents=True, exist_ok=True)
    held = book_lock(words.log_folder() / "ribbon", wait=0.0)
    try:
        held.__enter__()
    except PlanError as error:
        raise FileError("上一次点击还没有做完", "请等它结束，再点一次", code="running") from error
    try:
        yield
    finally:
        held.__exit__(None, None, None)
