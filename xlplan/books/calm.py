"""Excel while a program writes: quiet, patient, and afterwards as it was found."""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from xlplan.errors import FileError, StructureError, Where

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_T = TypeVar("_T")

#: RPC_E_CALL_REJECTED, RPC_E_SERVERCALL_RETRYLATER, VBA_E_IGNORE: a cell is being edited, a
#: dialog is open, or another program is talking to Excel.
BUSY = frozenset({-2147418111, -2147417846, -2146777998})
#: RPC_S_SERVER_UNAVAILABLE, RPC_E_DISCONNECTED, RPC_S_CALL_FAILED, CO_E_OBJNOTCONNECTED.
GONE = frozenset({-2147023174, -2147417848, -2147023170, -2147220995})
WAIT = 15.0
#: What is switched off while cells are written. Calculation last: it computes when switched on.
QUIET = {
    "interactive": False,
    "enable_events": False,
    "screen_updating": False,
    "calculation": "manual",
}


def codes(error: BaseException) -> set[int]:
    """Return the COM result codes an error carries."""
    found = {getattr(error, "hresult", None), *(error.args[:1])}
    details = error.args[2] if len(error.args) > 2 else None
    if isinstance(details, tuple):
        found.add(details[-1])
    return {code for code in found if isinstance(code, int)}


def is_busy(error: BaseException) -> bool:
    """Tell whether Excel would answer later."""
    return type(error).__name__ == "ExcelBusyError" or bool(codes(error) & BUSY)


def patient(
    work: Callable[[], _T], wait: float = WAIT, sleep: Callable[[float], None] = time.sleep
) -> _T:
    """Do one round trip, waiting for a busy Excel.

    Raises:
        FileError: ``busy`` when Excel still refuses after `wait` seconds, ``gone`` when it ended.
    """
    end, pause = time.monotonic() + wait, 0.05
    while True:
        try:
            return work()
        except Exception as error:
            if codes(error) & GONE:
                raise _gone() from error
            if not is_busy(error):
                raise
            if time.monotonic() >= end:
                raise _busy() from error
        sleep(pause)
        pause = min(2 * pause, 0.5)


def _busy() -> FileError:
    return FileError(
        "Excel 正忙（可能正在编辑单元格，或有对话框开着），没有写入",
        "请按 Esc 退出编辑、关闭对话框，再点一次",
        code="busy",
    )


def _gone() -> FileError:
    return FileError(
        "Excel 已经关闭或停止响应，没有保存的改动已丢失",
        "请重新打开工作簿再试；磁盘上的文件没有改动",
        code="gone",
    )


def bound_attempts() -> None:
    """Let xlwings report a busy Excel at once: by itself it asks again for ever, without a pause."""
    windows = sys.modules.get("xlwings._xlwindows")
    if windows is not None:
        windows.N_COM_ATTEMPTS = 1  # type: ignore[attr-defined]


@contextmanager
def quiet(app: Any) -> Iterator[None]:
    """Switch off what slows or disturbs writing; put back everything afterwards, whatever happens.

    A setting this program does not have (macOS, LibreOffice) or refuses is left alone.
    """
    before: dict[str, object] = {}
    try:
        for name, value in QUIET.items():
            with suppress(Exception):
                found = getattr(app, name)
                setattr(app, name, value)
                before[name] = found
        yield
    finally:
        for name in reversed(before):
            _put_back(app, name, before[name])


def _put_back(app: Any, name: str, value: object) -> None:
    with suppress(Exception):
        patient(lambda: setattr(app, name, value))
        if name == "calculation" and value == "manual":
            patient(app.calculate)


#: Members of Excel's Protection object and the arguments of Protect they come from.
ALLOWED = (
    "AllowFormattingCells", "AllowFormattingColumns", "AllowFormattingRows", "AllowInsertingColumns",
    "AllowInsertingRows", "AllowInsertingHyperlinks", "AllowDeletingColumns", "AllowDeletingRows",
    "AllowSorting", "AllowFiltering", "AllowUsingPivotTables",
)  # fmt: skip


def let_programs_write(sheet: Any) -> None:
    """Open a sheet that is protected without a password to programs; people stay locked out.

    The protection never lapses: it is set again as it is, with UserInterfaceOnly, which Excel
    forgets when the book is closed.

    Raises:
        StructureError: The protection has a password.
    """
    try:
        shut = sheet.api.ProtectContents and not sheet.api.ProtectionMode
    except (NotImplementedError, AttributeError):
        return  # LibreOffice and macOS lay no lock on programs
    if not shut:
        return
    kept = {name: getattr(sheet.api.Protection, name) for name in ALLOWED}
    drawings, scenarios = sheet.api.ProtectDrawingObjects, sheet.api.ProtectScenarios
    try:
        sheet.api.Protect(
            DrawingObjects=drawings,
            Contents=True,
            Scenarios=scenarios,
            UserInterfaceOnly=True,
            **kept,
        )
        opened = sheet.api.ProtectionMode
    except Exception as error:
        if is_busy(error):
            raise
        opened = False
    if not opened:
        raise StructureError(
            f"“{sheet.name}”表加了密码保护，不能写入",
            "请在“审阅 → 撤消工作表保护”里输入密码解除（不需要密码的保护不用解除），再点一次",
            Where(sheet=sheet.name),
        )
