"""Questions of ``xlplan new`` where nothing was given: year, stores, targets, one at a time.

An answer that cannot be understood is asked for again at once, so that nothing typed is lost.
"""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer

from xlplan.actions.plan.newbook import (
    QUESTIONS,
    Typed,
    doubt_about,
    split_stores,
    target_claim,
)
from xlplan.errors import InputError, Level
from xlplan.plan.audit.rules import audit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from xlplan.plan.targets.claims import Claim

Answer = TypeVar("Answer")


def with_answers(typed: Typed, *, targets_too: bool) -> Typed:
    """Return the options with what was left open asked for.

    Args:
        typed: Options as typed; a year of 0 is open.
        targets_too: Whether to ask for stores and targets when no target was given.
    """
    year = typed.year or _ask("计划年份", _year)
    if typed.targets or any(typed.figures.values()) or not targets_too:
        return replace(typed, year=year)
    typer.echo("  也可以先要一份目标模板来填：xlplan new --template 目标模板.xlsx", err=True)
    stores = typed.stores or _ask("店铺名（几家用顿号隔开，可空）", split_stores)
    return replace(typed, year=year, stores=stores, claims=_targets(stores, year))


def with_unit(typed: Typed, *, asking: bool) -> Typed:
    """Return the options with the unit of a targets file, asked for when it is in doubt.

    Where there is nobody to ask (a script, a pipe), the doubt is left to the refusal.
    """
    if not asking or not sys.stdin.isatty() or not (doubt := doubt_about(typed)):
        return typed
    return replace(typed, unit=_ask(f"{doubt}。金额的单位是 万元 还是 元", _unit))


def _unit(text: str) -> str:
    if text.strip() not in ("万元", "万", "元"):
        raise InputError(f"“{text}”不是单位", "请写 万元 或 元")
    return "元" if text.strip() == "元" else "万元"


def ask_template(year: int | None) -> Path:
    """Ask whether to write a template to fill, and return its path; typer.Abort when not."""
    typer.echo("没有写要生成的计划文件，如 xlplan new 2027计划.xlsx --targets 目标.xlsx", err=True)
    name = f"{year or ''}年度目标模板.xlsx"
    if not typer.confirm(f"先要一份目标模板（{name}）来填吗？", default=True):
        raise typer.Abort
    return Path(name)


def _year(text: str) -> int:
    if not re.fullmatch(r"\d{4}", text.strip()):
        raise InputError(f"“{text}”不是年份", "请写四位数字，如 2027")
    return int(text)


def _targets(stores: Sequence[str], year: int) -> list[Claim]:
    """Ask for the year's targets of each store."""
    asked = []
    for store in stores or [""]:
        for metric, question in QUESTIONS.items():
            name = f"{store} · {question}" if len(stores) > 1 else question
            asked.append(_ask(name, partial(_target, metric, store=store, year=year)))
    return [claim for claim in asked if claim is not None]


def _target(metric: str, text: str, store: str, year: int) -> Claim | None:
    """Return the target; what cannot be true by itself (400 %, a negative sum) is refused."""
    claim = target_claim(metric, text, store)
    for problem in audit([claim], year=year) if claim else ():
        if problem.level is Level.ERROR:
            raise InputError(problem.what, problem.remedy)
    return claim


def _ask(question: str, read: Callable[[str], Answer]) -> Answer:
    while True:
        text = typer.prompt(question, "", show_default=False)
        try:
            return read(text)
        except InputError as error:
            typer.echo(f"  {error.message}（{error.remedy}）", err=True)
