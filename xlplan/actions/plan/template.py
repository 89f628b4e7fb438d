"""A targets file to fill in: stores × metrics × months, as `xlplan new --targets` reads it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from xlplan.actions.run.outcome import Outcome
from xlplan.errors import InputError
from xlplan.ooxml.files.durable import create_new

if TYPE_CHECKING:
    from collections.abc import Sequence


def write_template(path: Path, year: int | None = None, stores: Sequence[str] = ()) -> Outcome:
    """Write an empty targets file.

    Args:
        path: The file to make.
        year: Plan year; next year when not given.
        stores: Store names; two to be renamed when none are given.

    Raises:
        InputError: The name is not one of an .xlsx file.
        FileError: The file exists already, or cannot be written.
    """
    if path.suffix.lower() != ".xlsx":
        raise InputError(f"“{path.name}”不是 .xlsx 文件名", "请写成 名字.xlsx")
    from xlplan.books.target_template import target_template

    plan_year = year or datetime.now().astimezone().year + 1
    create_new(Path(path), target_template(plan_year, list(stores) or ["店铺一", "店铺二"]))
    lines = [
        f"已写好 {path.name}：填上数，然后 xlplan new {plan_year}计划.xlsx --year {plan_year} --targets {path.name}"
    ]
    return Outcome("目标模板", lines, facts={"file": str(path), "year": plan_year})
