"""What a click says at its end, and the log of what it does not say."""

from __future__ import annotations

import os
import sys
import traceback
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from xlplan.errors import Level, PlanError
from xlplan.record import record

if TYPE_CHECKING:
    from xlplan.actions.run.outcome import Outcome

BOX_TITLE = "经营计划"
_MOST_LINES, _MOST_PROBLEMS = 12, 5
_LOG_BYTES = 1_000_000


@record
class Message:
    """A text for the person, and whether it is bad news."""

    text: str
    bad: bool = False

    @property
    def headline(self) -> str:
        """Its first line, for the status bar."""
        return self.text.partition("\n")[0]


def log_folder() -> Path:
    """Return where the log and the lock are: beside the add-in's own log."""
    return Path(os.environ.get("LOCALAPPDATA") or Path.home(), "xlplan")


def ribbon_log() -> Path:
    """Return the log of what went wrong in Python."""
    return log_folder() / "ribbon.log"


def of_outcome(outcome: Outcome) -> Message:
    """Return the summary: what was done, then the findings that matter most."""
    shown = [problem for problem in outcome.problems if problem.level is not Level.INFO]
    shown.sort(key=lambda problem: problem.level is not Level.ERROR)
    told = outcome.told()
    lines = [outcome.headline, *told[:_MOST_LINES]]
    if len(told) > _MOST_LINES:
        lines.append(f"…还有 {len(told) - _MOST_LINES} 行")
    if outcome.changed:
        lines.append("已写入")
    if shown:
        lines += ["", f"需要看一下的有 {len(shown)} 项：", *map(str, shown[:_MOST_PROBLEMS])]
    if len(shown) > _MOST_PROBLEMS:
        lines.append(f"…还有 {len(shown) - _MOST_PROBLEMS} 项")
    return Message("\n".join(lines), outcome.errors > 0)


def of_error(error: BaseException, *, wrote: bool = False) -> Message:
    """Return why it did not work and what to do; what nobody foresaw goes to the log.

    Args:
        error: What was raised.
        wrote: Whether cells were written before.
    """
    if isinstance(error, PlanError):
        return Message(f"没有执行\n{error}", bad=True)
    if isinstance(error, KeyboardInterrupt | SystemExit):
        return Message("已取消")
    state = "表格可能已经改了一部分，请检查，必要时点“撤销”。" if wrote else "表格没有被修改。"
    why, remedy = _sorted(error)
    lines = [f"{why}，这次没有做完。", state, remedy, f"详细信息已记入：{log_error(error)}"]
    return Message("\n".join(line for line in lines if line), bad=True)


def _sorted(error: BaseException) -> tuple[str, str]:
    if isinstance(error, ModuleNotFoundError):
        return f"Python 缺少组件 {error.name}", "请在命令行运行：pip install --upgrade xlplan"
    if isinstance(error, ImportError):
        return "Python 的组件装不起来", "请在命令行运行：pip install --force-reinstall xlplan"
    if isinstance(error, MemoryError):
        return "内存不够", "请关闭其他大文件后再点一次"
    if isinstance(error, PermissionError):
        return f"没有权限：{error.filename or ''}", "请关闭占用它的程序，或换一个文件夹"
    if isinstance(error, OSError):
        return f"读写文件失败：{error.strerror or error}", "请检查磁盘或网络盘后再试"
    return "程序出错了", "请把下面的日志发给管理员"


def log_error(error: BaseException) -> Path:
    """Add the traceback to the log and return the log's path."""
    path = ribbon_log()
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if path.is_symlink():
            path.unlink()  # nobody else says where this goes
        if path.exists() and path.stat().st_size > _LOG_BYTES:
            path.replace(path.with_suffix(".old.log"))
        text = "".join(traceback.format_exception(error))
        time = datetime.now().astimezone().isoformat(timespec="seconds")
        with open(
            path, "a", encoding="utf-8", errors="backslashreplace", opener=_privately
        ) as file:
            file.write(f"{time} {' '.join(sys.argv[1:])}\n{text}\n")
    return path


def _privately(path: str, flags: int) -> int:
    """Open a file that only this person reads, through no link that came in between."""
    handle = os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o600)
    if hasattr(os, "fchmod"):
        os.fchmod(handle, 0o600)
    return handle


def last_words(error: BaseException) -> None:
    """Say what is left to say when not even the click could be set up."""
    message = of_error(error)
    with suppress(Exception):
        if sys.platform == "win32":
            import ctypes

            ctypes.windll.user32.MessageBoxW(None, message.text, BOX_TITLE, 0x30)
        elif sys.stderr:
            sys.stderr.write(f"{message.text}\n")
