"""The command line: every action of `commands`, in Chinese, with ``--json`` on everything.

Options are made from the parameters of the action; here stands only what a terminal does
differently: questions where nothing was given, a watched folder, a list that is not a book.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import typer

from xlplan import commands
from xlplan.cli import addin as addin_cli
from xlplan.cli import sql as sql_cli
from xlplan.cli.options import with_options
from xlplan.cli.running import DoneInPart, guarded, on_book, teller
from xlplan.cli.usage import Commands
from xlplan.errors import FileError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

app = Commands(
    name="xlplan",
    help="电商年度经营计划：年度目标 → 月、周、日运营表 → 实际 → 达成与差额。",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


def main() -> None:
    """Run the command line; problems become messages and exit codes, never tracebacks."""
    try:
        app()
    except Exception as error:  # noqa: BLE001 - the last resort: nobody reads a traceback
        from xlplan.cli.printing import crash

        crash(error)
        raise SystemExit(70) from None


def _new(path: Path | None, *, as_json: bool, **answers: Any) -> None:
    """Make a new plan book; what was left open is asked for."""
    from xlplan.actions.plan.newbook import Typed, new_from, split_stores
    from xlplan.actions.plan.template import write_template
    from xlplan.cli.asking import ask_template, with_answers, with_unit

    year, template = answers["year"], answers["template"]
    stores = [name for text in answers["store"] for name in split_stores(text)]
    if path is None or template is not None:
        guarded(
            lambda: write_template(template or ask_template(year), year, stores),
            as_json=as_json,
        )
        return
    figures = ("gmv", "uv", "cvr", "aov", "spend", "roi", "refund_rate")
    typed = Typed(
        answers["year"] or 0,
        answers["targets"],
        stores,
        {name: answers[name] for name in figures},
        answers["history"],
        days30=answers["days30"],
        channels=answers["channel"],
        campaigns=not answers["no_campaigns"],
        holidays=answers["holidays"],
        unit=answers["unit"],
    )
    typed = typed if path.exists() else with_answers(typed, targets_too=not as_json)
    tell = teller(as_json=as_json)
    guarded(lambda: new_from(path, with_unit(typed, asking=not as_json), tell), as_json=as_json)


def _check(book: Path, *, year: int | None, as_json: bool) -> None:
    """Examine a plan book or a target list; exit code 1 when there are errors."""
    from xlplan.actions.plan.newbook import check_path

    guarded(lambda: check_path(book, year), as_json=as_json, failing=True)


def _import(
    book: Path, *, paths: list[Path], watch: bool, sql: list[Path], as_json: bool, **answers: Any
) -> None:
    """Take actuals in, once or as files come into a folder."""
    if not watch:
        on_book("import", book, as_json=as_json, paths=paths, sql=sql, **answers)
        return
    if len(paths) != 1 or not paths[0].is_dir() or sql:
        raise typer.BadParameter("--watch 要给一个文件夹，不能和 --sql 一起用")
    _watch(
        paths[0], lambda new: on_book("import", book, as_json=as_json, paths=new, **answers), book
    )


def _watch(folder: Path, take: Callable[[list[Path]], None], book: Path) -> None:
    """Import what comes into a folder; a book that is open elsewhere is waited for."""
    from xlplan.actions.imports.watch import watch

    def act(new: list[Path]) -> bool:
        try:
            take(new)
        except DoneInPart:
            return True
        except typer.Exit as stop:
            if stop.exit_code != FileError.exit_code:
                raise
            return False
        return True

    with suppress(KeyboardInterrupt):
        watch(folder, act, own=book.name)


def _forecast(book: Path | None, *, as_json: bool, **answers: Any) -> None:
    """Foresee a plan book, or score the method on a file of daily sales."""
    if book is not None and answers["backtest"] is None:
        on_book("forecast", book, as_json=as_json, **answers)
        return
    run = commands.action("forecast").function()
    guarded(lambda: run(None, **answers), as_json=as_json)


def _demo(*, folder: Path | None, as_json: bool) -> None:
    """Make the example where the command was typed, or in another folder."""
    run = commands.action("demo").function()
    guarded(lambda: run(folder or ".", teller(as_json=as_json)), as_json=as_json)


def _doctor(*, as_json: bool) -> None:
    """Report on this machine."""
    examine = addin_cli.with_addin(commands.action("doctor").function())
    guarded(examine, as_json=as_json, failing=True)


def _on_book(action: commands.Action) -> Callable[..., None]:
    """Return the command of an action that needs nothing but its book, if any, and its answers."""

    def run(book: Path, *, as_json: bool, **answers: Any) -> None:
        on_book(action.name, book, as_json=as_json, **answers)

    def alone(*, as_json: bool, **answers: Any) -> None:
        guarded(lambda: action.function()(**answers), as_json=as_json)

    return run if action.book else alone


#: Commands that a terminal runs in its own way.
_OWN: dict[str, Callable[..., None]] = {
    "new": _new,
    "check": _check,
    "import": _import,
    "forecast": _forecast,
    "demo": _demo,
    "doctor": _doctor,
}

for _action in commands.ACTIONS:
    if _action.command:
        _run = with_options(_OWN.get(_action.name) or _on_book(_action), _action)
        app.command(_action.name, help=_action.help)(_run)
addin_cli.add_to(app)
sql_cli.add_to(app)
