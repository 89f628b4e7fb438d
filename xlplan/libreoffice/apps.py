"""Running offices as xlwings apps."""

from __future__ import annotations

import contextlib
import logging
import re
from typing import TYPE_CHECKING, Any

import xlwings
from xlwings import base_classes

from xlplan.libreoffice.books import Books
from xlplan.libreoffice.native import Native, native
from xlplan.libreoffice.office import Office, OfficeError
from xlplan.libreoffice.profile import available

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from xlplan.libreoffice.books import EngineBook
    from xlplan.libreoffice.ranges import Range

_LOG = logging.getLogger(__name__)
_CALLER = "_mock_caller"
_MACRO = re.compile(r"'(.*)'!(.*)")
_ANSWERS = {"ok": "ok", "ok_cancel": "ok", "yes_no": "yes", "yes_no_cancel": "yes"}
_FLAGS = {
    "display_alerts": True,
    "enable_events": True,
    "interactive": True,
    "screen_updating": True,
    "status_bar": False,
    "cut_copy_mode": None,
    "visible": True,
}


class Apps(base_classes.Apps):
    """Running offices, the active one first."""

    def __init__(self, engine: Any) -> None:
        self.engine = engine
        self.running: list[App] = []

    def keys(self) -> list[int]:
        """Process ids."""
        return [app.pid for app in self.running]

    def add(
        self,
        spec: object = None,
        add_book: object = None,
        xl: object = None,
        visible: object = None,
    ) -> App:
        """Start an office; it becomes the active one."""
        del spec, xl, visible
        app = App(self)
        self.running.insert(0, app)
        if add_book:
            app.books.add()
        return app

    @staticmethod
    def cleanup() -> None:
        """Offices end with their app or with this process; there is nothing else to clean."""

    def __iter__(self) -> Iterator[App]:
        return iter(list(self.running))

    def __len__(self) -> int:
        return len(self.running)

    def __getitem__(self, pid: int) -> App:
        for app in self.running:
            if app.pid == pid:
                return app
        raise KeyError(pid)


class App(base_classes.App):
    """One LibreOffice process. If it dies, its books are lost and the next book starts a new one."""

    def __init__(self, apps: Apps) -> None:
        self.apps = apps
        self.flags: dict[str, Any] = dict(_FLAGS)
        self.clipboard: Range | None = None
        self.last_error: Exception | None = None
        self._calling: EngineBook | None = None
        self._calculation = "automatic"
        self._books = Books(self)
        self._office = self._start()

    def _start(self) -> Office:
        settings = self.apps.engine.settings
        office = Office(macros=settings.macros, timeout=settings.timeout)
        office.run_python = self._run_python
        return office

    def office(self) -> Office:
        """The running office; a new one if the last one is gone."""
        with contextlib.suppress(OfficeError):
            self._office.call("ping")
        if not self._office.alive:
            self.lost()
            self._office = self._start()
        return self._office

    def lost(self) -> None:
        """The office is gone: forget its books."""
        self._books.opened.clear()

    engine = property(lambda self: self.apps.engine)
    api = xl = property(lambda _: native("App"))
    pid = hwnd = property(lambda self: self._office.pid)
    version = property(lambda _: "16.0")
    path = startup_path = property(lambda _: available())
    books = property(lambda self: self._books)

    @property
    def selection(self) -> Range | None:
        """The selected range of the active book."""
        book = self._books.active
        return book.selection if book else None

    def activate(self, _steal_focus: object = None) -> None:
        """Make this the active app."""
        self.apps.running.remove(self)
        self.apps.running.insert(0, self)

    def quit(self) -> None:
        """End the office; unsaved books are dropped, as xlwings does with alerts off."""
        self._forget()
        self._office.quit()

    def kill(self) -> None:
        """End the office at once."""
        self._forget()
        self._office.kill()

    def _forget(self) -> None:
        self.lost()
        if self in self.apps.running:
            self.apps.running.remove(self)

    def calculate(self) -> None:
        """Recalculate what is dirty in every open book."""
        for book in self._books.opened:
            book.call("calculate", [book.number], False)

    @property
    def calculation(self) -> str:
        """automatic, manual or semiautomatic."""
        return self._calculation

    @calculation.setter
    def calculation(self, mode: str) -> None:
        if mode not in ("automatic", "manual", "semiautomatic"):
            raise ValueError(mode)
        self._calculation = mode
        for book in self._books.opened:
            book.call("automatic", book.number, mode != "manual")

    @property
    def screen_updating(self) -> bool:
        """Whether books are repainted; off saves row-height work during many writes."""
        return bool(self.flags["screen_updating"])

    @screen_updating.setter
    def screen_updating(self, flag: bool) -> None:
        self.flags["screen_updating"] = flag
        for book in self._books.opened:
            book.call("lock", book.number, not flag)

    def run(self, macro: str, args: Sequence[Any]) -> Any:
        """Run a VBA procedure of a book, ``'Book'!Module.Procedure``."""
        named = _MACRO.fullmatch(macro)
        book = self._books(named[1]) if named else self._books.active
        if book is None:
            raise OfficeError("没有打开的工作簿，无法运行宏")
        if not self.apps.engine.settings.macros:
            raise OfficeError(
                "没有允许运行宏", "请用 install(macros=True)，并且只打开可信的文件。"
            )
        if any(isinstance(arg, Native) for arg in args):
            raise NotImplementedError("macros take values here, not ranges or other objects")
        book.journal.everything("运行了宏")
        before, self._calling = self._calling, book
        try:
            return book.call("macro_run", book.number, named[2] if named else macro, list(args))
        finally:
            self._calling = before

    def _run_python(self, command: str) -> int:
        """RunPython of a macro: run the command here, with `Book.caller()` the macro's book."""
        before = getattr(xlwings.Book, _CALLER, None)
        xlwings.Book(impl=self._calling).set_mock_caller()
        try:
            exec(command, {"__name__": "__xlwings__"})  # noqa: S102  # that is what RunPython is
        except Exception as error:  # noqa: BLE001  # a macro gets a number, not an exception
            _LOG.warning("RunPython %r: %r", command, error)
            self.last_error = error
            return -1
        finally:
            if before is None:
                delattr(xlwings.Book, _CALLER)
            else:
                setattr(xlwings.Book, _CALLER, before)
        return 0

    def alert(self, prompt: str, title: str = "", buttons: str | None = "ok", *_: object) -> str:
        """Nobody can answer a dialog here: it is logged, and the agreeing button returned."""
        _LOG.warning("%s %s", title, prompt)
        return _ANSWERS[buttons or "ok"]


def _flag(name: str) -> Any:
    def get(app: App) -> Any:
        return app.flags[name]

    def put(app: App, value: Any) -> None:
        app.flags[name] = value

    return property(get, put)


for _name in _FLAGS:
    if _name != "screen_updating":
        setattr(App, _name, _flag(_name))
