"""From what a person typed into a form to the arguments of an action."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from xlplan.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from xlplan.commands import Param

#: Between the paths of several files in one field.
SEPARATOR = "|"


def starting(
    param: Param, today: date, selection: str = "", folder: Path | None = None
) -> str | bool:
    """Return what a field shows before anybody types.

    Args:
        param: The field.
        today: The day it is.
        selection: The selected cells.
        folder: Where a new file goes by default.
    """
    if param.kind == "bool":
        return bool(param.default)
    if param.kind == "cells":
        return selection
    if param.kind == "save" and param.default:
        name = str(param.default).format(year=today.year, next_year=today.year + 1)
        return str((folder or Path.home()) / name)
    words = {
        "today": today.isoformat(),
        "year": str(today.year),
        "next_year": str(today.year + 1),
    }
    if param.kind == "choice" and param.default is not None:
        return dict(param.choices).get(str(param.default), str(param.default))
    text = "" if param.default is None else str(param.default)
    return words.get(text, text) if param.kind in ("date", "integer") else text


def read_answers(params: Sequence[Param], typed: Mapping[str, str | bool]) -> dict[str, object]:
    """Return the answers by name, those left empty left out.

    Raises:
        InputError: A needed answer is missing, or one cannot be read.
    """
    found: dict[str, object] = {}
    for param in params:
        raw = typed.get(param.name, "")
        value = raw if isinstance(raw, bool) else _read(param, raw.strip())
        if value is not None:
            found[param.name] = value
        elif param.needed:
            raise InputError(f"请填写“{param.label}”", param.help)
    return found


def _read(param: Param, text: str) -> object | None:
    return _READERS.get(param.kind, _text)(param, text) if text else None


def _text(_: Param, text: str) -> str:
    return text


def _integer(param: Param, text: str) -> int:
    if not text.isdecimal():
        raise InputError(f"“{param.label}”要填整数，“{text}”不是", param.help)
    return int(text)


def _date(param: Param, text: str) -> date:
    from xlplan.sources.dates import parse_date

    found = parse_date(text)
    if not isinstance(found, date):
        raise InputError(f"“{param.label}”要填一天，“{text}”看不懂", "写法：2026-09-12")
    return found


def _choice(param: Param, text: str) -> str:
    for value, label in param.choices:
        if text in (value, label):
            return value
    raise InputError(f"“{param.label}”没有“{text}”这一项", "请从列表里选")


def _file(param: Param, text: str) -> Path:
    path = _path(param, text)
    if not path.is_file():
        raise InputError(f"找不到文件：{path}", "请点“选择…”重新选")
    return path


def _files(param: Param, text: str) -> list[Path]:
    return [_file(param, part.strip()) for part in text.split(SEPARATOR) if part.strip()]


def _folder(param: Param, text: str) -> Path:
    path = _path(param, text)
    if not path.is_dir():
        raise InputError(f"找不到文件夹：{path}", "请点“选择…”重新选")
    return path


def _path(_: Param, text: str) -> Path:
    return Path(text.strip('"'))


def _save(param: Param, text: str) -> Path:
    path = _path(param, text)
    if param.suffixes and path.suffix.lower() not in param.suffixes:
        path = path.with_name(path.name + param.suffixes[0])
    return path


_READERS: dict[str, Callable[[Param, str], object]] = {
    "integer": _integer,
    "date": _date,
    "choice": _choice,
    "file": _file,
    "files": _files,
    "folder": _folder,
    "save": _save,
}
