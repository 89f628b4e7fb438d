"""Running an action for the command line: what it says is shown, a refusal has an exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xlplan import commands
from xlplan.errors import PlanError

if TYPE_CHECKING:
    from collections.abc import Callable

    from xlplan.actions.run.outcome import Outcome

Json = Annotated[bool, typer.Option("--json", help="以 JSON 输出结果")]
MaybeBook = Annotated[Path | None, typer.Argument(metavar="计划表", help="计划表文件（.xlsx）")]
BookPath = Annotated[Path, typer.Argument(metavar="计划表", help="计划表文件（.xlsx）")]


class DoneInPart(typer.Exit):
    """What could be done was done, something that was given was left out."""

    def __init__(self) -> None:
        super().__init__(3)


def report(outcome: Outcome, *, as_json: bool, failing: bool = False) -> None:
    """Print an outcome; exit with 1 when `failing` and it has errors, with 3 when done in part."""
    if as_json:
        typer.echo(json.dumps(outcome.as_dict(), ensure_ascii=False, indent=2, default=str))
    else:
        from xlplan.cli.printing import show

        show(outcome)
    if failing and outcome.errors:
        raise typer.Exit(1)
    if outcome.left_out:
        raise DoneInPart


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
            from xlplan.cli.printing import refuse

            refuse(error)
        raise typer.Exit(error.exit_code) from None
    report(outcome, as_json=as_json, failing=failing)


def teller(*, as_json: bool) -> Callable[[str], None] | None:
    """Return where progress goes: nowhere beside JSON."""
    if as_json:
        return None
    from xlplan.cli.printing import tell

    return tell


def on_book(name: str, path: Path, /, *, as_json: bool, **options: Any) -> None:
    """Run an action on a closed plan book and show its outcome."""

    def work() -> Outcome:
        from xlplan.books.file import FileBook

        book = FileBook(path, teller(as_json=as_json))
        outcome: Outcome = commands.action(name).function()(book, **options)
        return outcome

    guarded(work, as_json=as_json)
