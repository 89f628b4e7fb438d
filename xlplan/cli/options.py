"""Command-line options made from an action's parameters, so that both faces ask the same."""

from __future__ import annotations

from inspect import Parameter, Signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Callable

    from xlplan.commands import Action, Param


def with_options(
    command: Callable[..., None], action: Action, book: Any, as_json: Any
) -> Callable[..., None]:
    """Give a function the signature that typer reads: the book, the parameters, ``--json``."""
    fixed = [
        Parameter("book", Parameter.KEYWORD_ONLY, annotation=book),
        *map(_option, action.params),
        Parameter("as_json", Parameter.KEYWORD_ONLY, default=False, annotation=as_json),
    ]
    command.__signature__ = Signature(fixed)  # type: ignore[attr-defined]
    command.__annotations__ = {part.name: part.annotation for part in fixed}
    command.__doc__ = action.help
    return command


def _option(param: Param) -> Parameter:
    """Return a parameter as an option; what must be answered has no default."""
    kinds: dict[str, Any] = {"bool": bool, "integer": int, "file": Path | None}
    empty: dict[str, Any] = {"bool": False, "integer": 0, "file": None}
    default = param.default if param.default is not None else empty.get(param.kind, "")
    choices = " / ".join(
        value for value, _ in param.choices if value
    )  # spaces: where help may wrap
    text = " ".join(filter(None, (param.label, choices and f"（{choices}）", param.help)))
    flag = f"--{param.name.replace('_', '-')}"
    hint = Annotated[kinds.get(param.kind, str), typer.Option(flag, help=text)]  # type: ignore[valid-type]
    start = Parameter.empty if param.needed and default in ("", None) else default
    return Parameter(param.name, Parameter.KEYWORD_ONLY, default=start, annotation=hint)
