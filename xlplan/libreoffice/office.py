"""One private LibreOffice process and the line to the worker inside it.

The worker runs in the office's own Python (a UNO call there costs microseconds instead of a
message between processes); it connects back to a socket only this user can reach, shows a
token, and then answers JSON frames: length (8 bytes) + ``[operation, [arguments]]`` ->
``["ok", result]`` or ``["err", kind, text]``.
"""

from __future__ import annotations

import atexit
import contextlib
import hmac
import json
import os
import secrets
import signal
import socket
import struct
import subprocess
import threading
import time
import weakref
from typing import TYPE_CHECKING, Any, Self

from xlplan.errors import FileError
from xlplan.libreoffice import profile
from xlplan.record import draft

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: Seconds: for the process to come up, for one operation, for a polite end.
START, CALL, QUIT = 120.0, 300.0, 15.0
_HEAD = struct.Struct("<Q")
_INSTALL = "请安装 LibreOffice 7.4 以上（Debian/Ubuntu：apt install libreoffice-calc python3-uno libreoffice-script-provider-python），或用环境变量 XLPLAN_SOFFICE 指明 soffice 的位置。"
_FLAGS = ("--headless", "--invisible", "--nologo", "--nodefault", "--norestore", "--nolockcheck")


@draft
class OfficeError(FileError):
    """LibreOffice is missing, stopped, did not answer in time, or refused an operation.

    Attributes:
        code: ``missing``, ``start``, ``gone``, ``timeout``, ``unreadable``, ``protected`` or ``refused``.
    """

    code: str = "refused"


class Office:
    """A running LibreOffice with nothing in it; ends with `quit`, `kill`, `with`, or this process.

    Args:
        macros: Whether macros stored in opened books may run.
        timeout: Seconds one operation may take before the process is ended.
    """

    def __init__(self, *, macros: bool = False, timeout: float = CALL) -> None:
        self.timeout = timeout
        self.run_python: Callable[[str], int] = lambda _command: -1
        self._lock = threading.RLock()
        self._line: socket.socket | None = None
        self._folder = profile.create_profile(macros=macros)
        self._process = self._start()
        _RUNNING.add(self)
        self.pid = int(self.call("ping"))

    def _start(self) -> subprocess.Popen[bytes]:
        soffice = profile.available()
        if soffice is None or os.name == "nt":
            profile.remove_folder(self._folder)
            what = "Windows 上请用 Excel" if os.name == "nt" else "这台机器上没有找到 LibreOffice"
            raise OfficeError(what, _INSTALL, code="missing")
        token = secrets.token_hex(32)
        with socket.socket(socket.AF_UNIX) as door:
            door.bind(str(self._folder / "line"))
            door.listen(1)
            process = _launch(soffice, self._folder, token)
            self._process = process
            self._line = self._welcome(door, token)
        return process

    def _welcome(self, door: socket.socket, token: str) -> socket.socket:
        door.settimeout(0.5)
        end = time.monotonic() + START
        while time.monotonic() < end and self._process.poll() is None:
            with contextlib.suppress(TimeoutError):
                line, _ = door.accept()
                shown = _exactly(line, len(token), time.monotonic() + 10)
                if hmac.compare_digest(shown, token.encode()):
                    return line
                line.close()
        self.kill()
        raise OfficeError("LibreOffice 没有启动成功", _INSTALL, code="start")

    @property
    def alive(self) -> bool:
        """Whether the process still runs and the line is open."""
        return self._line is not None and self._process.poll() is None

    def call(self, operation: str, *args: Any, timeout: float | None = None) -> Any:
        """Run one of the worker's operations and return its (JSON) result.

        Raises:
            OfficeError: gone, timeout (the process is ended) or refused (the office said no).
            KeyError: the sheet, name, table or macro asked for does not exist.
        """
        with self._lock:
            end = time.monotonic() + (self.timeout if timeout is None else timeout)
            reply = self._ask([operation, args], end)
            while reply[0] == "run":
                reply = self._ask(["", [self.run_python(reply[1])]], end)
        return _result(reply)

    def _ask(self, message: list[Any], end: float) -> list[Any]:
        line = self._line
        if line is None:
            raise _gone()
        try:
            return _exchange(line, message, end)
        except TimeoutError:
            self.kill()
            what = f"LibreOffice 在规定时间内没有完成操作（{message[0]}），已结束它"
            raise OfficeError(what, "请缩小文件或重试。", code="timeout") from None
        except (OSError, EOFError):
            self.kill()
            raise _gone() from None

    def quit(self) -> None:
        """Close every document unsaved and let the process end; end it if it will not."""
        if self.alive:
            with contextlib.suppress(OfficeError, subprocess.TimeoutExpired):
                self.call("quit", timeout=QUIT)
                self._process.wait(QUIT)
        self.kill()

    def kill(self) -> None:
        """End the process and everything it started; remove its folder."""
        _RUNNING.discard(self)
        if self._line is not None:
            self._line.close()
            self._line = None
        _end_group(self._process)
        profile.remove_folder(self._folder)

    def scratch(self, name: str) -> Path:
        """A path inside the private folder, removed with the process."""
        folder = self._folder / "files" / secrets.token_hex(4)
        folder.mkdir(parents=True)
        return folder / name

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.quit()


_RUNNING: weakref.WeakSet[Office] = weakref.WeakSet()


@atexit.register
def _end_all() -> None:
    for office in list(_RUNNING):
        office.kill()


def _launch(soffice: str, folder: Path, token: str) -> subprocess.Popen[bytes]:
    """Start soffice in its own process group, without this Python's environment."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    env.pop("VIRTUAL_ENV", None)
    env |= {"XLPLAN_LINE": str(folder / "line"), "XLPLAN_TOKEN": token}
    where = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    return subprocess.Popen(  # noqa: S603  # the program is the configured soffice
        [soffice, *_FLAGS, "--nofirststartwizard", where, profile.MACRO],
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End the group: politely, then not. The wrapper may be gone while its child lives on."""
    for sign, patience in ((signal.SIGTERM, 3.0), (signal.SIGKILL, 5.0)):
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            break
        except PermissionError:
            continue
        if _group_ended(process, patience):
            break
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(5)


def _group_ended(process: subprocess.Popen[bytes], patience: float) -> bool:
    end = time.monotonic() + patience
    while time.monotonic() < end:
        process.poll()
        try:
            os.killpg(process.pid, 0)
        except OSError:
            return True
        time.sleep(0.02)
    return False


def _exchange(line: socket.socket, message: list[Any], end: float) -> list[Any]:
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )
    line.settimeout(max(0.001, end - time.monotonic()))
    line.sendall(_HEAD.pack(len(body)) + body)
    (length,) = _HEAD.unpack(_exactly(line, _HEAD.size, end))
    reply: list[Any] = json.loads(_exactly(line, length, end))
    return reply


def _exactly(line: socket.socket, length: int, end: float) -> bytes:
    data = bytearray(length)
    view, got = memoryview(data), 0
    while got < length:
        line.settimeout(max(0.001, end - time.monotonic()))
        count = line.recv_into(view[got:])
        if not count:
            raise EOFError
        got += count
    return bytes(data)


def _result(reply: list[Any]) -> Any:
    if reply[0] == "ok":
        return reply[1]
    _, kind, text = reply
    if kind == "KeyError":
        raise KeyError(text)
    if kind == "NotImplementedError":
        raise NotImplementedError(text)
    if kind == "ProtectedSheet":
        remedy = "请先在“审阅”里撤消工作表保护；没有密码时 sheet.api.Protect(UserInterfaceOnly=True) 只对程序开放。"
        raise OfficeError(f"“{text}”表受保护，没有改动", remedy, code="protected")
    if kind == "OSError":
        remedy = "请检查文件是否完整、是不是表格、有没有密码。"
        raise OfficeError(f"LibreOffice 打不开“{text}”", remedy, code="unreadable")
    raise OfficeError(f"LibreOffice 拒绝了这一操作：{text}", code="refused")


def _gone() -> OfficeError:
    remedy = "请重新打开工作簿再试；磁盘上的原文件没有改动。"
    return OfficeError("LibreOffice 已意外退出，未保存的改动已丢失", remedy, code="gone")
