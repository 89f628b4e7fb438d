"""Reading 品类约定: agreements row by row, and a Problem for each row that cannot stand."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from xlplan.cells import Seen, address
from xlplan.errors import Level, Problem, Where
from xlplan.metrics.money import MONEY_DIGITS
from xlplan.plan.parts.agreements import KINDS, Agreement, crossing
from xlplan.plan.parts.lapsed import Lapsed, lapsed
from xlplan.record import record
from xlplan.sheets.base.find import KEY_MARK, find_keys
from xlplan.sheets.parts.agreed_page import (
    HEAD_ROW,
    HEADS,
    KEY_ROW,
    SHEET,
    STORES,
    TYPED,
    AgreedAt,
)
from xlplan.sources.dates import DateHints, parse_date
from xlplan.sources.numbers import Number, parse_amount

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlplan.cells import Spot, Value
    from xlplan.plan.parts.splits import Splits
    from xlplan.plan.year import Year

_SAID = ("who", "when", "why")


@record
class AgreedRead:
    """What 品类约定 says, where, and what of it makes no sense."""

    agreements: tuple[Agreement, ...]
    at: AgreedAt | None
    problems: Sequence[Problem] = ()


def read_agreed(sheets: Mapping[str, Mapping[Spot, Seen]], year: Year, splits: Splits, file: str = "") -> AgreedRead:  # fmt: skip
    """Return the agreements in sheet order; books made earlier have no such sheet.

    Raises:
        StructureError: The key row or a key column is gone.
    """
    cells = sheets.get(SHEET)
    if cells is None or STORES not in sheets:
        return AgreedRead((), None)
    keys = find_keys(SHEET, cells)
    keys.need_columns({key: head for key, (head, _) in HEADS.items()})
    first = next(spot[0] for spot, seen in cells.items() if seen.value == KEY_MARK) + HEAD_ROW - KEY_ROW + 1  # fmt: skip
    mine = set(keys.columns.values())
    used = [s for s, seen in cells.items() if s[0] >= first and s[1] in mine and _filled(seen)]
    found: dict[int, Agreement] = {}
    unread, problems = list[int](), list[Problem]()
    for row in sorted({row for row, _ in used}):
        values = {key: cells.get((row, keys.columns[key]), Seen()).value for key in HEADS}
        if all(values[key] in (None, "") for key in TYPED):
            continue
        one, key, why = _agreement(values, year, splits)
        if one and not why:
            key, why = "first", _across(one, list(found.values()), year)
        if one and not why:
            found[row] = one
            continue
        where = Where(file, SHEET, address(row, keys.columns[key]))
        unread.append(row)
        problems.append(Problem(where, f"这一行没有采用：{why}", Level.WARNING, "改好或清空这一行", SHEET))  # fmt: skip
    stored = sum(spot[1] == 1 and spot[0] > 1 and _filled(seen) for spot, seen in sheets[STORES].items())  # fmt: skip
    known = tuple(spot for spot in used if spot[0] not in unread)
    at = AgreedAt(keys.columns, first, tuple(found), known, tuple(unread), stored)
    return AgreedRead(tuple(found.values()), at, problems)


def _filled(seen: Seen) -> bool:
    return seen.value not in (None, "") or bool(seen.formula)


def _agreement(
    values: Mapping[str, Value], year: Year, splits: Splits
) -> tuple[Agreement | None, str, str]:
    """Return the agreement of a row, or None with the column at fault and the reason."""
    text = {key: str(values[key] or "").strip() for key in ("kind", "part", "store", *_SAID)}
    kind = next((key for key, word in KINDS.items() if word == text["kind"]), "")
    first, last = (parse_date(values[key], DateHints(year=year.year)) for key in ("first", "last"))
    number = parse_amount(values["amount"], unit="元")
    amount = number.value if isinstance(number, Number) else -1.0
    found = {
        "kind": "" if kind else f"种类“{text['kind']}”不是品类或平台",
        "part": _unknown("品类平台", text["part"], [p.name for p in splits.of(kind) if p.name]),
        "store": _unknown("店铺", text["store"], year.scopes),
        "first": _outside(first, year.year),
        "last": _outside(last, year.year),
        "amount": "" if amount >= 0 else "销售额不是 0 以上的数",
    }
    for key, why in found.items():
        if why:
            return None, key, why
    assert isinstance(first, date) and isinstance(last, date)  # noqa: S101, PT018 - looked at above
    who = (text[key] for key in _SAID)
    made = Agreement(
        kind, text["part"], text["store"], first, last, round(amount, MONEY_DIGITS), *who
    )
    return made, *_odd_days(made, year)


def _unknown(what: str, name: str, known: Sequence[str]) -> str:
    return "" if name in known else f"{what}里没有“{name}”，有：{'、'.join(known[:8])}"


def _outside(day: object, year: int) -> str:
    if not isinstance(day, date):
        return "不是日期"
    return "" if day.year == year else f"{day} 不在 {year} 年之内"


def _odd_days(one: Agreement, year: Year) -> tuple[str, str]:
    """Return the column at fault and the reason why days cannot be agreed on, or ("", "")."""
    if one.last < one.first:
        return "last", "“到”早于“从”"
    if one.first.month != one.last.month:
        return "last", "约定不能跨月，请分成两行"
    if one.mask(year.stores, _length(one, year)).all():
        return "last", "各店整月的数由占比决定，请用“分摊”改这个月，或在品类平台填当月占比"
    return "", ""


def _length(one: Agreement, year: Year) -> int:
    return int((year.calendar.days["month"].to_numpy() == one.first.month).sum())


def _across(one: Agreement, before: Sequence[Agreement], year: Year) -> str:
    """Return why an agreement cannot stand beside those before it, or ""."""
    length = _length(one, year)
    mask = one.mask(year.stores, length)
    for other in before:
        if (other.kind, other.part, other.first.month) == (one.kind, one.part, one.first.month):
            there = other.mask(year.stores, length)
            if (there == mask).all() or crossing(there, mask):
                return f"与“{other.about()}”重复或交叉"
    return ""


def misfits(year: Year, splits: Splits, at: AgreedAt | None, file: str = "") -> list[Problem]:
    """Return a Problem for each agreement that the plan does not keep."""
    rows = dict(zip(splits.agreements, at.rows, strict=False)) if at else {}
    return [_misfit(one, rows.get(one.said), at, file) for one in lapsed(year, splits)]


def _misfit(one: Lapsed, row: int | None, at: AgreedAt | None, file: str) -> Problem:
    cell = address(row, at.columns["amount"]) if row and at else ""
    shares = "" if one.fits else f"；{one.said.first.month}月先只按占比分"
    what = f"{KINDS[one.said.kind]}约定放不下：{one.about()}：{one.why}{shares}"
    remedy = "把约定的销售额改成放得下的数，或清空这一行；要保住它，就把那几天或那个月的合计改回去"
    return Problem(Where(file, SHEET, cell), what, Level.WARNING, remedy, SHEET)
