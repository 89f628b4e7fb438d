"""The command line: a thin face over `commands`, in Chinese, with ``--json`` on everything."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xlplan import commands
from xlplan.cli import addin as addin_cli
from xlplan.cli import data as data_cli
from xlplan.cli.options import with_options
from xlplan.cli.running import BookPath, Json, guarded, on_book, teller
from xlplan.cli.usage import Commands

if TYPE_CHECKING:
    from collections.abc import Callable

app = Commands(
    name="xlplan",
    help="电商年度经营计划：年度目标 → 月、周、日运营表 → 实际 → 达成与差额。",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


Holidays = Annotated[
    Path | None,
    typer.Option(
        "--holidays",
        help="国务院公布的当年放假安排（holiday-cn 格式的 JSON），存进计划表，代替预估",
    ),
]


def main() -> None:
    """Run the command line; problems become messages and exit codes, never tracebacks."""
    try:
        app()
    except Exception as error:  # noqa: BLE001 - the last resort: nobody reads a traceback
        from xlplan.cli.printing import crash

        crash(error)
        raise SystemExit(70) from None


def _help(name: str) -> str:
    return commands.action(name).help


@app.command("new", help=_help("new"))
def new_command(
    path: Annotated[Path, typer.Argument(metavar="文件", help="要生成的文件，如 2027计划.xlsx")],
    year: Annotated[int | None, typer.Option("--year", "-y", help="计划年份 （不写会问）")] = None,
    targets: Annotated[
        Path | None, typer.Option("--targets", "-t", help="年度目标文件（CSV 或 xlsx）")
    ] = None,
    store: Annotated[
        list[str] | None, typer.Option("--store", "-s", help="店铺名，可多次给出")
    ] = None,
    gmv: Annotated[str, typer.Option(help="全年销售额，如 500万")] = "",
    uv: Annotated[str, typer.Option(help="全年 UV")] = "",
    cvr: Annotated[str, typer.Option(help="转化率，如 4%")] = "",
    aov: Annotated[str, typer.Option(help="客单价")] = "",
    spend: Annotated[str, typer.Option(help="全年推广费")] = "",
    roi: Annotated[str, typer.Option(help="推广 ROI，如 3.5:1")] = "",
    refund_rate: Annotated[str, typer.Option(help="退款率，如 6%")] = "",
    history: Annotated[
        Path | None, typer.Option(help="往年每日销售（CSV/xlsx），用来学权重")
    ] = None,
    days30: Annotated[bool, typer.Option("--30days", help="日目标按每月 30 天计")] = False,
    channel: Annotated[
        list[str] | None,
        typer.Option("--channel", help="推广渠道名，可多次给出 （默认五个）"),
    ] = None,
    no_campaigns: Annotated[
        bool, typer.Option("--no-campaigns", help="不启用默认的大促，如海外店铺")
    ] = False,
    holidays: Holidays = None,
    as_json: Json = False,
) -> None:
    """Make a new plan book."""
    from xlplan.actions.plan.newbook import Typed, new_from
    from xlplan.cli.asking import with_answers

    figures = {"gmv": gmv, "uv": uv, "cvr": cvr, "aov": aov, "spend": spend, "roi": roi, "refund_rate": refund_rate}  # fmt: skip
    typed = Typed(
        year or 0,
        targets,
        store or [],
        figures,
        history,
        days30=days30,
        channels=channel or [],
        campaigns=not no_campaigns,
        holidays=holidays,
    )
    typed = typed if path.exists() else with_answers(typed, targets_too=not as_json)
    guarded(lambda: new_from(path, typed), as_json=as_json)


@app.command("fill", help=_help("fill"))
def fill_command(book: BookPath, holidays: Holidays = None, as_json: Json = False) -> None:
    """Spread the targets."""
    on_book("fill", book, as_json=as_json, holidays=holidays)


@app.command("check", help=_help("check"))
def check_command(
    path: Annotated[
        Path, typer.Argument(metavar="文件", help="计划表，或年度目标文件（CSV/xlsx）")
    ],
    year: Annotated[
        int | None, typer.Option("--year", "-y", help="目标文件的年份（默认今年）")
    ] = None,
    as_json: Json = False,
) -> None:
    """Examine a plan book or a target list; exit code 1 when there are errors."""
    from xlplan.actions.plan.newbook import check_path

    guarded(lambda: check_path(path, year), as_json=as_json, failing=True)


@app.command("reconcile", help=_help("reconcile"))
def reconcile_command(
    book: BookPath,
    write: Annotated[bool, typer.Option("--write", help="写入年度目标并重新分解")] = False,
    as_json: Json = False,
) -> None:
    """Make contradicting targets agree."""
    on_book("reconcile", book, as_json=as_json, write=write)


for _name in ("import", "distribute", "collect"):
    app.command(_name, help=_help(_name))(getattr(data_cli, f"{_name}_command"))


@app.command("demo", help=_help("demo"))
def demo_command(
    out: Annotated[Path, typer.Option("--out", "-o", help="写到哪个文件夹")] = Path(),
    as_json: Json = False,
) -> None:
    """Make the example."""
    run = commands.action("demo").function()
    guarded(lambda: run(out, teller(as_json=as_json)), as_json=as_json)


@app.command("doctor", help=_help("doctor"))
def doctor_command(as_json: Json = False) -> None:
    """Report on this machine."""
    examine = addin_cli.with_addin(commands.action("doctor").function())
    guarded(examine, as_json=as_json, failing=True)


def _made(found: commands.Action) -> Callable[..., None]:
    """Return a command made from an action's parameters."""

    def command(*, book: Path, as_json: bool = False, **answers: Any) -> None:
        on_book(found.name, book, as_json=as_json, **answers)

    return with_options(command, found, BookPath, Json)


#: Commands that are just their parameters.
for _name in ("spread", "hold", "release", "edits", "undo", "redo", "version", "scenario", "trace", "log"):  # fmt: skip
    app.command(_name, help=_help(_name))(_made(commands.action(_name)))

addin_cli.add_to(app)
