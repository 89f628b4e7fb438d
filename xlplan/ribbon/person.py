"""The person in front of Excel: small native dialogs, or Excel's own where Python has none."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from xlplan.errors import InputError, PlanError
from xlplan.ribbon import answers
from xlplan.ribbon.words import BOX_TITLE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.books.live import LiveBook
    from xlplan.commands import Param
    from xlplan.ribbon.words import Message

_YES, _NO = "是", "否"


class AtExcel:
    """Asks with a form, tells with a message box over Excel's window."""

    def __init__(self, book: LiveBook) -> None:
        self.book = book

    def ask(
        self, title: str, params: Sequence[Param], shown: Mapping[str, str | bool]
    ) -> dict[str, object] | None:
        """Return the answers by name; None when they changed their mind."""
        try:
            from xlplan.ribbon.form import Form, NoScreen
        except ImportError:  # a Python without tkinter
            return one_by_one(self.book.app, title, params, shown)
        try:
            return Form(title, params, shown).answers()
        except NoScreen:
            return one_by_one(self.book.app, title, params, shown)

    def tell(self, message: Message) -> None:
        """Show the result until it is read."""
        app = self.book.app
        with suppress(Exception):
            app.activate(steal_focus=True)
        app.alert(message.text, BOX_TITLE, mode="critical" if message.bad else "info")


def one_by_one(
    app: Any, title: str, params: Sequence[Param], shown: Mapping[str, str | bool]
) -> dict[str, object] | None:
    """Ask through Excel's own boxes, one question after the other.

    Raises:
        PlanError: The program has no boxes either.
    """
    typed: dict[str, str | bool] = {}
    for param in params:
        answer = _box(app, title, param, shown[param.name])
        if answer is None:
            return None
        typed[param.name] = answer
    return answers.read_answers(params, typed)


def _box(app: Any, title: str, param: Param, shown: str | bool) -> str | bool | None:  # noqa: FBT001
    """Ask one question until the answer can be read; None when they cancel."""
    prompt = "\n".join(filter(None, (param.label, _hint(param))))
    while True:
        answer = _raw(app, title, prompt, param, shown)
        if answer is None or isinstance(answer, bool):
            return answer
        try:
            answers.read_answers([param], {param.name: answer})
        except InputError as error:
            prompt, shown = f"{error}\n\n{param.label}", answer
        else:
            return answer


def _hint(param: Param) -> str:
    if param.kind == "choice":
        return "可选：" + "、".join(text for _, text in param.choices)
    return f"{_YES} / {_NO}" if param.kind == "bool" else param.help


def _raw(app: Any, title: str, prompt: str, param: Param, shown: str | bool) -> str | bool | None:  # noqa: FBT001
    try:
        if param.kind in ("file", "files", "save") and not shown:
            return _chosen(app, param)
        start = (_YES if shown else _NO) if isinstance(shown, bool) else shown
        answer = app.api.InputBox(prompt, title, start)
    except (NotImplementedError, AttributeError) as error:
        raise PlanError(
            "这台电脑上没有可用的对话框", "请改用命令行，例如：xlplan fill 计划.xlsx"
        ) from error
    if answer is False:
        return None
    return str(answer).strip() == _YES if param.kind == "bool" else str(answer)


def _chosen(app: Any, param: Param) -> str | None:
    """Return the file chosen in Excel's own dialog; "" when none is needed and none was chosen."""
    pattern = ";".join(f"*{suffix}" for suffix in param.suffixes) or "*.*"
    if param.kind == "save":
        answer = app.api.GetSaveAsFilename("", f"{param.label} ({pattern}),{pattern}")
    else:
        several = param.kind == "files"
        answer = app.api.GetOpenFilename(
            f"{param.label} ({pattern}),{pattern}", 1, param.label, "", several
        )
    if answer is False:
        return None if param.needed else ""
    return answer if isinstance(answer, str) else answers.SEPARATOR.join(answer)
