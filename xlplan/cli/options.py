"""Command-line options made from an action's parameters, so that both faces ask the same."""

from __future__ import annotations

from datetime import datetime
from inspect import Parameter, Signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xlplan.cli.running import BookPath, Json, MaybeBook

if TYPE_CHECKING:
    from collections.abc import Callable

    from xlplan.commands import Action, Param

#: What an answer is on the command line, by kind; text where nothing is said.
_TYPES: dict[str, Any] = {
    "bool": bool,
    "integer": int,
    "date": datetime,
    **dict.fromkeys(("file", "files", "folder", "save"), Path),
}


def with_options(run: Callable[..., None], action: Action) -> Callable[..., None]:
    """Return a function with the signature that typer reads, made from the parameters.

    Args:
        run: Called with `as_json` and the answers by name; with `book` first where the action
            has one. Lists are lists even when nothing was given, days are dates.
        action: Whose parameters they are.
    """
    asked = [param for param in action.params if param.option]
    many = {param.name for param in asked if _is_many(param)}

    def command(**given: Any) -> None:
        run(**{name: _answer(value, many=name in many) for name, value in given.items()})

    books = [
        Parameter("book", Parameter.KEYWORD_ONLY, default=None, annotation=MaybeBook)
        if action.instead
        else Parameter("book", Parameter.KEYWORD_ONLY, annotation=BookPath)
    ]
    json = Parameter("as_json", Parameter.KEYWORD_ONLY, default=False, annotation=Json)
    fixed = [*(books if action.book else []), *map(_parameter, asked), json]
    command.__signature__ = Signature(fixed)  # type: ignore[attr-defined]
    command.__annotations__ = {part.name: part.annotation for part in fixed}
    command.__doc__ = action.help
    return command


def _answer(value: Any, *, many: bool) -> Any:
    if isinstance(value, datetime):
        return value.date()
    return list(value or ()) if many else value


def _is_many(param: Param) -> bool:
    return param.many or param.kind == "files"


def _parameter(param: Param) -> Parameter:
    """Return a parameter as an argument or an option; what must be answered has no default."""
    kind = _TYPES.get(param.kind, str)
    if _is_many(param):
        hinted: Any = list[kind] | None  # type: ignore[valid-type]  # made at run time
    else:
        hinted = kind if kind in (bool, str) else kind | None
    more: dict[str, Any] = {"formats": ["%Y-%m-%d"]} if param.kind == "date" else {}
    if param.least is not None:
        more["min"] = param.least
    if param.argument:
        shown: Any = typer.Argument(metavar=param.argument, help=_text(param), **more)
    else:
        flags = param.flag.split() or [f"--{param.name.replace('_', '-')}"]
        shown = typer.Option(*flags, help=_text(param), **more)
    return Parameter(
        param.name,
        Parameter.KEYWORD_ONLY,
        default=_default(param, hinted),
        annotation=Annotated[hinted, shown],
    )


def _text(param: Param) -> str:
    # spaces: where help may wrap
    choices = " / ".join(value for value, _ in param.choices if value)
    return " ".join(filter(None, (param.label, choices and f"（{choices}）", param.help)))


def _default(param: Param, hinted: Any) -> Any:
    """Return what stands when nothing is typed; words such as ``next_year`` are the ribbon's."""
    if param.argument and param.needed and not param.open:
        return Parameter.empty
    if hinted is bool:
        return bool(param.default)
    if hinted is str:
        return Parameter.empty if param.needed and not param.default else param.default or ""
    return None if isinstance(param.default, str) else param.default
