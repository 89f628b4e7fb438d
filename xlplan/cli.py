"""The command line: a thin face over `commands`, in Chinese, with ``--json`` on everything."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xlplan import addin_cli, commands, data_cli
from xlplan.errors import PlanError
from xlplan.options import with_options

if TYPE_CHECKING:
    from collections.abc import Callable

    from xlplan.actions.outcome import Outcome

app = typer.Typer(
    name="xlplan",
    help="电商年度经营计划：年度目标 → 月、周、日运营表 → 实际 → 达成与差额。",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)

Json = Annotated[bool, typer.Option("--json", help="以 JSON 输出结果")]
BookPath = Annotated[Path, typer.Argument(help="计划表文件（.xlsx）")]


def main() -> None:
    """Run the command line; problems become messages and exit codes, never tracebacks."""
    try:
        app()
    except Exception as error:  # noqa: BLE001 - the last resort: nobody reads a traceback
        from xlplan.printing import crash

        crash(error)
        raise SystemExit(70) from None


def report(outcome: Outcome, *, as_json: bool, failing: bool = False) -> None:
    """Print an outcome; exit with 1 when `failing` and it has errors."""
    if as_json:
        typer.echo(json.dumps(outcome.as_dict(), ensure_ascii=False, indent=2, default=str))
    else:
        from xlplan.printing import show

        show(outcome)
    if failing and outcome.errors:
        raise typer.Exit(1)


def guarded(work: Callable[[], Outcome], *, as_json: bool, failing: bool = False) -> None:
    """Run an action; a refusal is shown with its remedy and gives its own exit code."""
    try:
        outcome = work()
    except PlanError as error:
        if as_json:
            facts = {"error": error.message, "remedy": error.remedy, "where": str(error.where)}
            problems = [problem.as_dict() for problem in error.problems]
            typer.echo(json.dumps({**facts, "problems": problems}, ensure_ascii=False, indent=2))
        else:
            from xlplan.printing import refuse

            refuse(error)
        raise typer.Exit(error.exit_code) from None
    report(outcome, as_json=as_json, failing=failing)


def _teller(as_json: bool) -> Callable[[str], None] | None:
    if as_json:
        return None
    from xlplan.printing import tell

    return tell


def _help(name: str) -> str:
    return commands.action(name).help


def _on_book(name: str, path: Path, as_json: bool, /, **options: Any) -> None:
    def work() -> Outcome:
        from xlplan.books.file import FileBook

        outcome: Outcome = commands.action(name).function()(
            FileBook(path, _teller(as_json)), **options
        )
        return outcome

    guarded(work, as_json=as_json)


@app.command("new", help=_help("new"))
def new_command(
    path: Annotated[Path, typer.Argument(help="要生成的文件，如 2027计划.xlsx")],
    year: Annotated[int, typer.Option("--year", "-y", help="计划年份", prompt="计划年份")],
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
        typer.Option("--channel", help="推广渠道名，可多次给出；默认用运营表的五个"),
    ] = None,
    no_campaigns: Annotated[
        bool, typer.Option("--no-campaigns", help="不启用默认的大促（618、双11……），如海外店铺")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make a new plan book."""
    from xlplan.actions.newbook import Typed, new_from

    figures = {
        "gmv": gmv,
        "uv": uv,
        "cvr": cvr,
        "aov": aov,
        "spend": spend,
        "roi": roi,
        "refund_rate": refund_rate,
    }
    if targets is None and not any(figures.values()) and not as_json:
        from xlplan.actions.newbook import QUESTIONS

        figures = {
            name: typer.prompt(text, "", show_default=False) for name, text in QUESTIONS.items()
        }
    typed = Typed(
        year,
        targets,
        store or [],
        figures,
        history,
        days30=days30,
        channels=channel or [],
        campaigns=not no_campaigns,
    )
    guarded(lambda: new_from(path, typed), as_json=as_json)


@app.command("fill", help=_help("fill"))
def fill_command(book: BookPath, as_json: Json = False) -> None:
    """Spread the targets."""
    _on_book("fill", book, as_json)


@app.command("check", help=_help("check"))
def check_command(
    path: Annotated[Path, typer.Argument(help="计划表，或年度目标文件（CSV/xlsx）")],
    year: Annotated[
        int | None, typer.Option("--year", "-y", help="目标文件的年份（默认今年）")
    ] = None,
    as_json: Json = False,
) -> None:
    """Examine a plan book or a target list; exit code 1 when there are errors."""
    from xlplan.actions.newbook import check_path

    guarded(lambda: check_path(path, year), as_json=as_json, failing=True)


@app.command("reconcile", help=_help("reconcile"))
def reconcile_command(
    book: BookPath,
    write: Annotated[bool, typer.Option("--write", help="写入年度目标并重新分解")] = False,
    as_json: Json = False,
) -> None:
    """Make contradicting targets agree."""
    _on_book("reconcile", book, as_json, write=write)


data_cli.add_to(app, _on_book)


@app.command("demo", help=_help("demo"))
def demo_command(
    out: Annotated[Path, typer.Option("--out", "-o", help="写到哪个文件夹")] = Path(),
    as_json: Json = False,
) -> None:
    """Make the example."""
    run = commands.action("demo").function()
    guarded(lambda: run(out, _teller(as_json)), as_json=as_json)


@app.command("doctor", help=_help("doctor"))
def doctor_command(as_json: Json = False) -> None:
    """Report on this machine."""
    examine = addin_cli.with_addin(commands.action("doctor").function())
    guarded(examine, as_json=as_json, failing=True)


def _made(found: commands.Action) -> Callable[..., None]:
    """Return a command made from an action's parameters."""

    def command(*, book: Path, as_json: bool = False, **answers: Any) -> None:
        _on_book(found.name, book, as_json, **answers)

    return with_options(command, found, BookPath, Json)


#: Commands that are just their parameters.
for _name in ("spread", "hold", "release", "edits", "undo", "redo", "version", "scenario", "trace", "log"):  # fmt: skip
    app.command(_name, help=_help(_name))(_made(commands.action(_name)))

addin_cli.add_to(app, guarded)
