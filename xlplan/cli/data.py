"""``xlplan import``, ``distribute`` and ``collect``: what brings actuals into a plan book."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from pathlib import Path  # noqa: TC003  # typer reads it from the signatures
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xlplan.cli.running import BookPath, Json, on_book
from xlplan.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

Dry = Annotated[bool, typer.Option("--dry-run", help="只看会改什么，不写入")]
AsOf = Annotated[
    datetime | None,
    typer.Option("--as-of", formats=["%Y-%m-%d"], help="可以有实际数的最后一天（默认今天）"),
]


def import_command(
    book: BookPath,
    files: Annotated[
        list[Path] | None,
        typer.Argument(metavar="文件", help="导出文件或文件夹；不给则导入日报里填的行"),
    ] = None,
    store: Annotated[
        str | None, typer.Option("--store", "-s", help="文件里没有店铺列时，归到哪家店")
    ] = None,
    mapping: Annotated[
        list[Path] | None,
        typer.Option(
            "--mapping",
            "-m",
            help="不认识的表各列是什么，TOML （可多次给出；也可写在“导入映射”表里）",
        ),
    ] = None,
    sql: Annotated[
        list[Path] | None,
        typer.Option(
            "--sql", help="数据库或订单文件夹的声明，TOML （可多次给出；只有每天的数回来）"
        ),
    ] = None,
    dry_run: Dry = False,
    as_of: AsOf = None,
    confirmed: Annotated[
        bool, typer.Option("--confirmed", help="财务确认数，优先于其他来源")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="盯住文件夹，有新文件就导入；按 Ctrl+C 结束")
    ] = False,
    as_json: Json = False,
) -> None:
    """Take actuals in."""
    told: dict[str, Any] = {
        "store": store,
        "mappings": mapping or [],
        "dry_run": dry_run,
        "as_of": _day(as_of),
        "confirmed": confirmed,
    }
    if not watch:
        on_book("import", book, as_json=as_json, paths=files or [], sql=sql or [], **told)
        return
    if not files or len(files) > 1 or not files[0].is_dir() or sql:
        raise typer.BadParameter("--watch 要给一个文件夹，不能和 --sql 一起用")
    _watch(files[0], lambda new: on_book("import", book, as_json=as_json, paths=new, **told), book)


def distribute_command(
    book: BookPath,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="放到哪个文件夹（默认在计划表旁边）")
    ] = None,
    store: Annotated[
        list[str] | None, typer.Option("--store", "-s", help="只给这些店，可多次给出")
    ] = None,
    month: Annotated[
        list[int] | None, typer.Option("--month", help="只带这些月的月表，可多次给出")
    ] = None,
    as_json: Json = False,
) -> None:
    """Hand out store workbooks."""
    on_book("distribute", book, as_json=as_json, out=out, stores=store or [], months=month or [])


def collect_command(
    book: BookPath,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="文件", help="门店交回的文件夹或文件 （不给则只执行收集报告里的选择）"
        ),
    ] = None,
    prefer: Annotated[
        str, typer.Option(help="冲突一律以谁为准：theirs 交回，ours 总表；不给则列出来逐条选")
    ] = "",
    recalled: Annotated[
        bool, typer.Option("--recalled", help="也收已撤回的分发的文件（平时认出来就不收）")
    ] = False,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", min=1, help="几个进程读文件（默认按文件多少）"),
    ] = None,
    dry_run: Dry = False,
    as_of: AsOf = None,
    as_json: Json = False,
) -> None:
    """Take store workbooks back in."""
    told: dict[str, Any] = {
        "prefer": prefer,
        "recalled": recalled,
        "jobs": jobs,
        "dry_run": dry_run,
    }
    on_book("collect", book, as_json=as_json, paths=paths or [], as_of=_day(as_of), **told)


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _watch(folder: Path, take: Callable[[list[Path]], None], book: Path) -> None:
    """Import what comes into a folder; a book that is open elsewhere is waited for."""
    from xlplan.actions.imports.watch import watch

    def act(new: list[Path]) -> bool:
        try:
            take(new)
        except typer.Exit as stop:
            if stop.exit_code != FileError.exit_code:
                raise
            return False
        return True

    with suppress(KeyboardInterrupt):
        watch(folder, act, own=book.name)
