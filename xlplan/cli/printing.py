"""How outcomes look in a terminal."""

from __future__ import annotations

import os
import tempfile
import traceback
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from xlplan.errors import Level

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.actions.run.outcome import Outcome
    from xlplan.errors import PlanError, Problem

_COLORS = {Level.ERROR: "red", Level.WARNING: "yellow", Level.INFO: "cyan"}
_SHOWN = 40


def show(outcome: Outcome) -> None:
    """Print title, lines and findings."""
    console = Console()
    console.print(Text(outcome.headline, style="bold green" if not outcome.errors else "bold red"))
    for line in outcome.lines:
        console.print(Text(f"  {line}"))
    if outcome.table:
        console.print(_columns(outcome.table))
    if outcome.changed:
        console.print(Text("  已写入"))
    if outcome.problems:
        console.print(problem_table(list(outcome.problems)))


def _columns(rows: Sequence[Sequence[str]]) -> Table:
    """Return rows in columns; the second is the figure."""
    table = Table(box=None, pad_edge=True)
    for place, head in enumerate(rows[0]):
        table.add_column(head, justify="right" if place == 1 else "left", overflow="fold")
    for row in rows[1:]:
        table.add_row(*map(Text, row))
    return table


def problem_table(problems: list[Problem]) -> Table:
    """Return the findings as a table, the serious ones first."""
    order = list(Level)
    ranked = sorted(problems, key=lambda problem: order.index(problem.level))
    title = f"发现 {len(problems)} 项" + (
        f"（显示前 {_SHOWN} 项）" if len(problems) > _SHOWN else ""
    )
    files = {problem.where.file for problem in problems} - {""}
    one = len(files) == 1  # named once above, so that the texts have room
    title += f" · {files.pop()}" if one else ""
    table = Table(title=title, show_lines=False, expand=False, title_justify="left")
    for head in ("级别", "位置", "内容", "建议"):
        table.add_column(head, overflow="fold")
    for problem in ranked[:_SHOWN]:
        level = Text(str(problem.level), style=_COLORS[problem.level])
        where = replace(problem.where, file="") if one else problem.where
        table.add_row(level, Text(str(where)), Text(problem.what), Text(problem.remedy))
    return table


def refuse(error: PlanError) -> None:
    """Print why nothing was done, and what to do."""
    console = Console(stderr=True)
    console.print(Text("没有执行", style="bold red"))
    console.print(Text(str(error)))


def tell(text: str) -> None:
    """Print a line of progress."""
    Console(stderr=True).print(Text(f"… {text}", style="dim"))


def crash(error: Exception) -> None:
    """Say that the program itself failed, and where the details were kept for its makers."""
    try:  # a name nobody can know before, readable by this person only: the folder is everybody's
        handle, log = tempfile.mkstemp(prefix="xlplan-error-", suffix=".log")
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write("".join(traceback.format_exception(error)))
        kept = f"详情已存到 {log}"
    except OSError:
        kept = f"{type(error).__name__}: {error}"
    console = Console(stderr=True)
    console.print(Text("程序内部出错，没有完成；文件没有被改坏", style="bold red"))
    console.print(Text(f"{kept}，请连同操作步骤反馈给维护者"))
