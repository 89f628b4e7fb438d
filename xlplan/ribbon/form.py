"""A small form made from what an action asks for. Needs tkinter and a screen."""

from __future__ import annotations

import sys
import tkinter as tk
from contextlib import suppress
from tkinter import filedialog, ttk
from typing import TYPE_CHECKING

from xlplan.errors import InputError
from xlplan.ribbon import answers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from xlplan.commands import Param

_WIDTH, _PAD = 44, 8
_PICKED = ("file", "files", "folder", "save")


class NoScreen(Exception):  # noqa: N818 - it says what is missing
    """There is a tkinter, but nothing to draw on."""


class Form:
    """Labels, fields with their starting answers, 确定 and 取消.

    Once closed it is freed with its last reference, in its own thread: in a cycle it would wait for
    the garbage collector, and Tcl aborts a process that frees an interpreter in another thread.

    Args:
        title: The action's label.
        params: What is asked.
        shown: Starting answers by name.

    Raises:
        NoScreen: No display.
    """

    def __init__(
        self, title: str, params: Sequence[Param], shown: Mapping[str, str | bool]
    ) -> None:
        _draw_sharply()
        try:
            self.root = tk.Tk()
        except tk.TclError as error:
            raise NoScreen(str(error)) from error
        self.params = list(params)
        self.fields: dict[str, tk.StringVar | tk.BooleanVar] = {}
        self.result: dict[str, object] | None = None
        self.trouble = tk.StringVar(self.root)
        self._build(title, shown)

    def answers(self) -> dict[str, object] | None:
        """Show the form and wait; None when it was closed or 取消 was pressed."""
        self.root.mainloop()
        return self.result

    def accept(self, *_: object) -> None:
        """Take the answers, or say what is wrong with them and stay."""
        typed = {name: field.get() for name, field in self.fields.items()}
        try:
            self.result = answers.read_answers(self.params, typed)
        except InputError as error:
            self.trouble.set(str(error))
        else:
            self.root.destroy()

    def cancel(self, *_: object) -> None:
        """Close without answers."""
        self.root.destroy()

    def _build(self, title: str, shown: Mapping[str, str | bool]) -> None:
        self.root.title(f"经营计划 · {title}")
        self.root.resizable(False, False)
        self.root.attributes("-topmost", True)
        body = ttk.Frame(self.root, padding=2 * _PAD)
        body.grid()
        row = 0
        for param in self.params:
            row = self._field(body, row, param, shown[param.name])
        self._foot(body, row)
        self.root.bind("<Return>", self.accept)
        self.root.bind("<Escape>", self.cancel)
        self.root.eval("tk::PlaceWindow . center")
        self.root.focus_force()

    def _field(self, body: ttk.Frame, row: int, param: Param, start: str | bool) -> int:  # noqa: FBT001
        mark = " *" if param.needed else ""
        if isinstance(start, bool):
            field: tk.StringVar | tk.BooleanVar = tk.BooleanVar(self.root, start)
            ttk.Checkbutton(body, text=param.label, variable=field).grid(
                row=row, column=1, sticky="w", pady=2
            )
        else:
            text = field = tk.StringVar(self.root, start)
            ttk.Label(body, text=param.label + mark).grid(
                row=row, column=0, sticky="e", padx=(0, _PAD), pady=2
            )
            self._entry(body, row, param, text)
        self.fields[param.name] = field
        if not param.help:
            return row + 1
        hint = ttk.Label(body, text=param.help, foreground="#757575")
        hint.grid(row=row + 1, column=1, sticky="w", pady=(0, 4))
        return row + 2

    def _entry(self, body: ttk.Frame, row: int, param: Param, field: tk.StringVar) -> None:
        if param.kind == "choice":
            texts = [text for _, text in param.choices]
            if not param.needed and "" not in dict(param.choices):
                texts.insert(0, "")
            box: ttk.Entry = ttk.Combobox(
                body, textvariable=field, values=texts, state="readonly", width=_WIDTH - 2
            )
        else:
            box = ttk.Entry(body, textvariable=field, width=_WIDTH)
        box.grid(row=row, column=1, sticky="we", pady=2)
        if not self.fields:
            box.focus_set()
        if param.kind in _PICKED:
            pick = ttk.Button(body, text="选择…", command=self._picker(param, field))
            pick.grid(row=row, column=2, padx=(_PAD, 0))

    def _picker(self, param: Param, field: tk.StringVar) -> Callable[[], None]:
        def pick() -> None:
            chosen = self.pick(param)
            if chosen:
                field.set(chosen)

        return pick

    def pick(self, param: Param) -> str:
        """Ask for files with the system's own dialog; "" when none was chosen."""
        kinds = [(param.label, " ".join(f"*{suffix}" for suffix in param.suffixes) or "*")]
        root, title = self.root, param.label
        if param.kind == "folder":
            return filedialog.askdirectory(parent=root, title=title)
        if param.kind == "save":
            ending = param.suffixes[0] if param.suffixes else ""
            return filedialog.asksaveasfilename(
                parent=root, title=title, filetypes=kinds, defaultextension=ending
            )
        if param.kind == "files":
            chosen = filedialog.askopenfilenames(parent=root, title=title, filetypes=kinds)
            return answers.SEPARATOR.join(chosen)
        return filedialog.askopenfilename(parent=root, title=title, filetypes=kinds)

    def _foot(self, body: ttk.Frame, row: int) -> None:
        said = ttk.Label(
            body, textvariable=self.trouble, foreground="#B3261E", wraplength=420, justify="left"
        )
        said.grid(row=row, column=0, columnspan=3, sticky="w", pady=(4, 0))
        buttons = ttk.Frame(body)
        buttons.grid(row=row + 1, column=0, columnspan=3, sticky="e", pady=(_PAD, 0))
        ttk.Button(buttons, text="确定", command=self.accept, default="active").grid(
            row=0, column=0, padx=_PAD
        )
        ttk.Button(buttons, text="取消", command=self.cancel).grid(row=0, column=1)


def _draw_sharply() -> None:
    """Let dialogs be drawn at the screen's own resolution."""
    if sys.platform == "win32":
        import ctypes

        with suppress(Exception):
            ctypes.windll.shcore.SetProcessDpiAwareness(1)
