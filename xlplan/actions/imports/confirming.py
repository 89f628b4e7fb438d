"""Actuals that can hardly be right: asked about by every import, confirmed by a person with a reason.

A confirmation stands in _元数据 under ``confirmed:`` and the mark of what was asked; the mark
changes with the figures, so that a later slip on the same day is asked about again.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from xlplan.errors import InputError, Level, Problem, Where
from xlplan.plan.actuals.daymarks import CONFIRMED, confirmed_marks
from xlplan.plan.actuals.plausibility import implausible, questions
from xlplan.record import record
from xlplan.sources.dates import DateHints, parse_date

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from xlplan.plan.actuals.plausibility import Implausible
    from xlplan.plan.year import Year

#: Questions listed one by one.
_MOST = 60


@record
class Sure:
    """What a person says is right.

    Attributes:
        days: ``示例店 2026-09-03``, or a day alone for every store.
        why: The reason.
    """

    days: Sequence[str] = ()
    why: str = ""


def confirm(year: Year, meta: Mapping[str, str], sure: Sure) -> tuple[dict[str, str], list[str]]:
    """Return the keys that keep what is confirmed, and a line about each question it answers.

    Raises:
        InputError: A day or store is none of the year's, has no open question, or no reason is
            given.
    """
    if not sure.days:
        return {}, []
    if not sure.why.strip():
        raise InputError("确认“没错”要写原因", "例如 --why 直播间爆单")
    asked = implausible(year, confirmed_marks(meta))
    keys, lines = dict[str, str](), list[str]()
    for text in sure.days:
        store, day = _day(text, year)
        meant = [each for each in asked if each.day == day and store in ("", each.store)]
        if not meant:
            raise InputError(f"“{text}”没有要确认的数", _open(asked))
        for each in meant:
            line = f"{each.store} {each.day} 核对无误（{sure.why.strip()}）：{each.what}"
            keys[f"{CONFIRMED}{each.mark}"] = line
            lines.append(line)
    return keys, lines


def _day(text: str, year: Year) -> tuple[str, date]:
    store, _, last = text.strip().rpartition(" ")
    day = parse_date(last, DateHints(year=year.year))
    if not isinstance(day, date):
        raise InputError(f"“{text}”看不出是哪一天", "写成 2026-09-03，或 店名 2026-09-03")
    if store.strip() and store.strip() not in year.stores:
        raise InputError(f"店铺“{store.strip()}”不在本计划里", f"店铺是：{'、'.join(year.stores)}")
    return store.strip(), day


def _open(asked: Sequence[Implausible]) -> str:
    listed = dict.fromkeys(f"{each.store} {each.day}" for each in asked)
    return f"要确认的有：{'、'.join([*listed][:10])}" if listed else "现在没有要确认的数"


def doubts(
    year: Year, meta: Mapping[str, str], find: Callable[[str, date, str], Where]
) -> list[Problem]:
    """Return the open questions as findings: the first one by one, the rest as a number."""
    asked = implausible(year, confirmed_marks(meta))
    listed = questions(asked[:_MOST], find)
    if len(asked) > _MOST:
        what = f"另有 {len(asked) - _MOST} 处实际数也像是填错了，改好或确认上面的之后会列出来"
        listed.append(Problem(Where(), what, Level.WARNING, rule="odd_more"))
    return listed
