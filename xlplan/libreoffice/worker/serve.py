"""The worker's loop: connect back, show the token, answer one frame after another."""

from __future__ import annotations

import json
import os
import socket
import struct
import traceback
from typing import Any, List, Optional

import uno

from . import books, cells, drawings, formats, formulas, links, macros, names, navigate, notes, pages, sheets, tables
from .desk import OPERATIONS, Desk

#: Modules register their operations when they are imported.
OPERATION_MODULES = (books, cells, drawings, formats, formulas, links, macros, names, navigate, notes, pages, sheets, tables)
_HEAD = struct.Struct("<Q")


class Connection:
    """The frames of one connection."""

    def __init__(self, desk: Desk, connection: socket.socket) -> None:
        self.desk = desk
        self.stream = connection.makefile("rwb", buffering=1 << 20)

    def send(self, message: List[Any]) -> None:
        """Write one frame."""
        text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
        body = text.encode("utf-8", "surrogatepass")
        self.stream.write(_HEAD.pack(len(body)) + body)
        self.stream.flush()

    def receive(self) -> Optional[List[Any]]:
        """Read one frame; None when the other side is gone."""
        head = self.stream.read(_HEAD.size)
        if len(head) < _HEAD.size:
            return None
        body = self.stream.read(_HEAD.unpack(head)[0])
        message: List[Any] = json.loads(body.decode("utf-8", "surrogatepass"))
        return message

    def serve(self) -> Any:
        """Answer until told to stop, or until a macro's Python call is answered (name "")."""
        while True:
            message = self.receive()
            if message is None:
                return None
            name, arguments = message
            if not name:
                return arguments[0]
            self.send(self.answer(name, arguments))
            if name == "quit":
                return None

    def answer(self, name: str, arguments: List[Any]) -> List[Any]:
        """Run an operation; its result or what went wrong."""
        try:
            sheets.require_open(self.desk, name, arguments)
            return ["ok", OPERATIONS[name](self.desk, *arguments)]
        except Exception as error:  # every UNO exception, whatever its kind
            kind = type(error).__name__.rsplit(".", 1)[-1]
            if kind in ("KeyError", "NoSuchElementException"):
                return ["err", "KeyError", str(error.args[0]) if error.args else name]
            if isinstance(error, OSError):
                return ["err", "OSError", str(error)]
            if isinstance(error, sheets.ProtectedSheet):
                return ["err", kind, str(error)]
            text = getattr(error, "Message", "") or str(error)
            where = traceback.extract_tb(error.__traceback__)[-1].name
            return ["err", kind, f"{kind} {text} ({where})"]


_LINE: List[Connection] = []


def main(*_: Any) -> None:
    """The macro soffice is started with; a headless office ends when it returns."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(os.environ["XLPLAN_LINE"])
        connection.sendall(os.environ.pop("XLPLAN_TOKEN").encode())
        desk = Desk(uno.getComponentContext())
        _LINE.append(Connection(desk, connection))
        try:
            _LINE[0].serve()
        finally:  # when the other side was killed: with a book open the office would live on
            OPERATIONS["quit"](desk)


def run_python(command: str) -> Any:
    """Called by a macro's RunPython: the other side runs the command; its calls come back here."""
    _LINE[0].send(["run", command])
    return _LINE[0].serve()
