"""``xlplan sql …``: looking at a database before its days are imported."""
# ruff: noqa: FBT002  # typer reads options from signatures

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xlplan.cli.running import Json, guarded, teller
from xlplan.cli.usage import Commands

if TYPE_CHECKING:
    from xlplan.actions.run.outcome import Outcome

_PATHS = "声明文件（.toml），或带“数据连接”的计划表；两样都给就逐日对照"
Paths = Annotated[list[Path], typer.Argument(metavar="声明或计划表", help=_PATHS)]


def add_to(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = Commands(help="数据库：导入之前先看看连得上没有、认到了什么", no_args_is_help=True)
    app.add_typer(group, name="sql")

    @group.callback()
    def main() -> None:
        """Keep ``check`` a command of its own, though it is the only one."""

    @group.command(
        "check", help="检查数据库声明：连接、列、时区、最近十天、整单金额、SQL、要扫多少"
    )
    def check(paths: Paths, as_json: Json = False) -> None:
        def work() -> Outcome:
            from xlplan.actions.imports.sqlcheck import check_sql

            return check_sql(paths, teller(as_json=as_json))

        guarded(work, as_json=as_json, failing=True)
