"""From what was typed on the command line to a new book, or to a check."""

from __future__ import annotations

import re
from dataclasses import field
from datetime import datetime
from typing import TYPE_CHECKING

from xlplan.actions.plan.announcing import official_list
from xlplan.actions.plan.lastyear import of_stores
from xlplan.actions.plan.new import ALONE, NewBook, new
from xlplan.actions.plan.target_list import (
    echo,
    grown,
    over_stores,
    read_list,
    require_sums,
    require_unit,
    require_whole,
    unit_doubt,
)
from xlplan.actions.plan.targets import stores_of
from xlplan.errors import FileError, InputError, StructureError, Where
from xlplan.metrics import CHANNELS, METRICS, normal
from xlplan.metrics.platforms import platforms_of, starting_channels
from xlplan.ooxml.files.durable import exists
from xlplan.plan.targets.claims import Claim, Span
from xlplan.plan.year import Settings
from xlplan.record import record
from xlplan.sheets.hidden import meta
from xlplan.sheets.targets.rows import LABELS
from xlplan.sources.numbers import parse_amount
from xlplan.sources.text import Unread

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from xlplan.actions.run.outcome import Outcome
    from xlplan.errors import Problem
    from xlplan.sources.targets import TargetList


#: What is asked for when no target is given, metric → question.
QUESTIONS = {
    "gmv": "全年销售额（如 500万）",
    "uv": "全年 UV（可空）",
    "cvr": "转化率（如 4%，可空）",
    "aov": "客单价（可空）",
    "spend": "全年推广费（可空）",
    "roi": "ROI（如 3.5:1，可空）",
    "refund_rate": "退款率（如 6%，可空）",
}


@record
class Typed:
    """Options of ``xlplan new`` as typed.

    Attributes:
        year: The plan year.
        targets: A targets file.
        stores: Store names.
        figures: Metric → text, such as gmv → 500万; empty texts are open.
        history: A file of daily sales.
        days30: Whether 日目标 counts 30 days to the month.
        channels: Channel names or keys.
        campaigns: Whether the default campaigns are switched on.
        claims: Targets already read, such as the answers to questions.
        holidays: A file with the year's official list of holidays (holiday-cn JSON).
        unit: 万元 or 元 for amounts of the targets file that carry no unit themselves.
    """

    year: int
    targets: Path | None = None
    stores: Sequence[str] = ()
    figures: Mapping[str, str] = field(default_factory=dict)
    history: Path | None = None
    days30: bool = False
    channels: Sequence[str] = ()
    campaigns: bool = True
    claims: Sequence[Claim] = ()
    holidays: Path | None = None
    unit: str = ""


def create(
    path: Path, year: int, store: str = "", targets: Path | None = None, **figures: str
) -> Outcome:
    """Make a new book from the answers of the ribbon's dialog (`commands.ACTIONS`).

    Args:
        path: The file to make.
        year: Plan year.
        store: Store names, separated by commas or 顿号.
        targets: A targets file.
        figures: Metric → text, such as gmv → 500万.

    Raises:
        InputError: A figure or store cannot be understood.
        FileError: A file cannot be read, or the new one exists.
    """
    return new_from(path, Typed(year, targets, split_stores(store), figures))


def split_stores(text: str) -> list[str]:
    """Return the store names in a text, separated by commas, semicolons or 顿号."""
    return [name.strip() for name in re.split("[,，、;；]", text) if name.strip()]


def new_from(path: Path, typed: Typed, tell: Callable[[str], None] | None = None) -> Outcome:
    """Make a new book from typed options.

    Args:
        path: The file to make.
        typed: What was typed.
        tell: Where what was read of a targets file goes before anything is written; without
            it the outcome holds it.

    Raises:
        InputError: A figure, store or channel cannot be understood, or the targets file has
            a cell that could not be read, or its unit is in doubt.
        FileError: A file cannot be read, or the new one exists.
    """
    if path.suffix.lower() != ".xlsx":
        raise InputError(f"“{path.name}”不是 .xlsx 文件名", "请写成 名字.xlsx")
    if path.exists():
        raise exists(path)
    wanted, lines = _wanted(typed)
    for line in lines if tell else ():
        tell(line)  # type: ignore[misc]  # mypy forgets that it is there
    outcome = new(path, wanted)
    outcome.facts["read"] = lines
    if not tell:
        outcome.lines += lines
    return outcome


def _wanted(typed: Typed) -> tuple[NewBook, list[str]]:
    """Return what the book is to be made from, and what was read of a targets file."""
    told = _history(typed.history) if typed.history else None
    sales = None if told is None else told["gmv"].dropna()
    last = _last_year(sales, typed.year)
    claims = _claims(typed)
    if told is not None and typed.history and typed.stores:
        of_stores(told, typed.stores, typed.history.name)  # refused before it splits anything
    problems: list[Problem] = []
    lines: list[str] = []
    if typed.targets:
        claims, problems, lines = _from_file(typed, last)
    elif typed.stores:
        claims, problems = over_stores(claims, typed.stores, last, typed.year)
    past, strange = _past(typed, claims, told)
    wanted = NewBook(
        typed.year,
        typed.stores,
        claims,
        Settings(
            day_convention="30" if typed.days30 else "calendar",
            channels=_channels(typed.channels, typed.stores or stores_of(claims, "本店")),
        ),
        None if sales is None else sales.groupby(level="date").sum(),
        past=past,
        campaigns=typed.campaigns,
        problems=[*problems, *strange],
        holidays=official_list(typed.holidays, typed.year) if typed.holidays else "",
    )
    return wanted, lines


def _past(
    typed: Typed, claims: Sequence[Claim], told: pd.DataFrame | None
) -> tuple[pd.DataFrame | None, list[Problem]]:
    """Return the days of a history that belong to the new book's stores."""
    if told is None or typed.history is None:
        return None, []
    stores = list(typed.stores) or stores_of(claims, ALONE)
    named = list(told.index.unique("store"))
    if stores == [ALONE] and len(named) == 1:
        return told.rename(index={named[0]: ALONE}, level="store"), []
    return of_stores(told, stores, typed.history.name)


def _from_file(
    typed: Typed, last: Mapping[str, float]
) -> tuple[list[Claim], list[Problem], list[str]]:
    """Return the claims of a targets file and those typed, findings, and what was read."""
    assert typed.targets is not None  # noqa: S101
    listed = read_list(typed.targets, typed.year, typed.unit)
    if not typed.unit:
        require_unit(listed, typed.year, last)
    claims, grew = grown([*listed.claims, *_claims(typed)], last, typed.year)
    require_whole(claims, typed.year)
    require_sums(claims, typed.year)
    strange = {claim.store for claim in claims} - {"", *typed.stores}
    if strange and len(typed.stores) > 0:
        names = "、".join(sorted(strange))
        raise InputError(
            f"目标文件里的店铺“{names}”不在 --store 里", "店铺名要与文件一致，或不写 --store"
        )
    claims, split = over_stores(claims, typed.stores, last, typed.year)
    return (
        claims,
        [*listed.problems, *listed.told, *grew, *split],
        echo(listed, claims, typed.year),
    )


def _last_year(sales: pd.Series | None, year: int) -> dict[str, float]:
    """Return store → last year's sales."""
    if sales is None:
        return {}
    years = sales.index.get_level_values("date").map(lambda day: day.year)
    past = sales[years == year - 1]
    return {str(store): float(value) for store, value in past.groupby(level="store").sum().items()}


def doubt_about(typed: Typed) -> str:
    """Return the question whether the amounts of a targets file are 万元 or 元, "" for none.

    Raises:
        InputError: The file cannot be used.
        FileError: A file cannot be read.
    """
    if not typed.targets or typed.unit:
        return ""
    sales = _history(typed.history)["gmv"].dropna() if typed.history else None
    listed = read_list(typed.targets, typed.year)
    return unit_doubt(listed, typed.year, _last_year(sales, typed.year))


def target_claim(metric: str, text: str, store: str = "") -> Claim | None:
    """Return a year's target as typed; None when nothing was typed.

    Raises:
        InputError: It is not a number.
    """
    if not text.strip():
        return None
    label, number = LABELS[metric], parse_amount(text, unit=METRICS[metric].unit)
    if isinstance(number, Unread) or number is None:
        why = number.what if isinstance(number, Unread) else f"“{text}”没有数"
        raise InputError(f"{label}：{why}", "写法：500万、4%、3.5:1、1234.5")
    return Claim(metric, number.value, label=label, period=Span.YEAR, store=store, half=number.precision, text=text)  # fmt: skip


def _claims(typed: Typed) -> list[Claim]:
    store = typed.stores[0] if len(typed.stores) == 1 else ""
    found = (target_claim(metric, text, store) for metric, text in typed.figures.items())
    return [*typed.claims, *(claim for claim in found if claim)]


def _channels(names: Sequence[str], stores: Sequence[str]) -> tuple[str, ...]:
    """Return channel keys for names people use; without names, those of the stores' platforms."""
    known = {
        normal(name): channel.key for channel in CHANNELS for name in (*channel.names, channel.key)
    }
    unknown = [name for name in names if normal(name) not in known]
    if unknown:
        listed = "、".join(channel.label for channel in CHANNELS)
        raise InputError(f"不认识的推广渠道：{'、'.join(unknown)}", f"可选：{listed}")
    chosen = tuple(dict.fromkeys(known[normal(name)] for name in names))
    return chosen or starting_channels(platforms_of(stores))


def _listed(path: Path, year: int | None) -> TargetList:
    """Read a targets file; without a year, as of this year or the one it speaks of."""
    from xlplan.sources.targets import OtherYearError, read_targets

    try:
        return read_targets(path, year=year or datetime.now().astimezone().year)
    except OtherYearError as error:
        if year:
            raise
        return read_targets(path, year=max(error.years))


def _history(path: Path) -> pd.DataFrame:
    """Return the days of a file by store and date, a column a metric.

    Raises:
        InputError: The file holds no daily sales.
    """
    from xlplan.sources import read

    extract = read(path)
    if "gmv" not in extract.frame or extract.frame["gmv"].dropna().empty:
        raise InputError(
            f"{path.name} 里没有读到每日销售额",
            "需要“日期”和“销售额”（或 支付金额、revenue）两列",
            problems=extract.problems,
        )
    return extract.frame


def check_path(path: Path, year: int | None) -> Outcome:
    """Examine a plan book, or else a target list."""
    from xlplan.actions.plan.check import check, check_targets
    from xlplan.books.file import FileBook

    try:
        book = FileBook(path)
    except FileError:
        if not path.is_file():
            raise
    else:
        if meta.SHEET in book.sheets():
            return check(book)
    try:
        listed = _listed(path, year)
    except InputError as error:
        raise StructureError(
            f"{path.name} 既不是计划表，也不是年度目标文件：{error.message}",
            error.remedy,
            Where(path.name),
        ) from None
    problems = [*listed.problems, *listed.told]
    return check_targets(listed.claims, problems, year or _year_of(listed.claims))


def _year_of(claims: Sequence[Claim]) -> int:
    years = [claim.year for claim in claims if claim.year]
    return max(years, default=datetime.now().astimezone().year)
