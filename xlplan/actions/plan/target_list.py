"""A targets file on its way into a new book: refused, asked about, split over stores, echoed."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from xlplan.errors import InputError, Level, Problem
from xlplan.plan.exact.rounding import round_to_sum
from xlplan.plan.targets.claims import WHOLE, Claim, Kind, Span
from xlplan.plan.targets.measures import adds, label_of, show
from xlplan.sheets.targets.rows import LABELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from xlplan.sources.targets import TargetList

#: Sales of a year that are further from last year's than this are asked about.
_MOST_GROWTH = 20
#: Sales of a year below this are asked about: nobody plans a year of 3,000 yuan.
_LEAST_YEAR = 10_000
_SHOWN = 5


def read_list(path: Path, year: int, unit: str = "") -> TargetList:
    """Read a targets file for a new book.

    Raises:
        FileError: It cannot be read.
        InputError: It holds no targets, or a cell that could not be read or placed.
    """
    if unit not in ("", "万元", "元"):
        raise InputError(f"“{unit}”不是可选的单位", "--unit 万元 或 --unit 元")
    from xlplan.sources.targets import read_targets

    listed = read_targets(path, year=year, unit=unit)
    errors = [problem for problem in listed.problems if problem.level is Level.ERROR]
    if errors:
        shown = "；".join(
            f"{problem.where.cell or problem.where.sheet}：{problem.what}"
            for problem in errors[:_SHOWN]
        )
        more = f"；……另有 {len(errors) - _SHOWN} 处" if len(errors) > _SHOWN else ""
        what = f"目标文件有 {len(errors)} 处读不准，没有新建。{shown}{more}"
        raise InputError(what, errors[0].remedy or "改好这些格子再试", errors[0].where, errors)
    return listed


def year_of(claims: Iterable[Claim], metric: str, kind: Kind, year: int) -> dict[str, float]:
    """Return store → a flow's year: as typed, else its quarters or months added up."""
    found: dict[str, dict[Span, dict[int, float]]] = {}
    for claim in claims:
        if (claim.metric, claim.kind, claim.scope, claim.year or year) == (
            metric,
            kind,
            WHOLE,
            year,
        ):
            span = Span.YEAR if claim.period is Span.NONE else claim.period
            found.setdefault(claim.store, {}).setdefault(span, {}).setdefault(
                claim.index, claim.value
            )
    order = (Span.YEAR, Span.QUARTER, Span.MONTH)
    return {
        store: sum(next(spans[span] for span in order if span in spans).values())
        for store, spans in found.items()
        if any(span in spans for span in order)
    }


def unit_doubt(listed: TargetList, year: int, history: Mapping[str, float]) -> str:
    """Return why it is not sure whether amounts are 万元 or 元, "" when it is.

    Args:
        listed: The list as read.
        year: Plan year.
        history: Store → last year's sales, in yuan.
    """
    sales = year_of(listed.claims, "gmv", Kind.TARGET, year)
    last = {**history, **year_of(listed.claims, "gmv", Kind.ACTUAL, year - 1)}
    named = {store: value for store, value in sales.items() if store}
    whole = sum(named.values()) if named else sales.get("", 0.0)
    before = sum(value for store, value in last.items() if store) or last.get("", 0.0)
    if sales and 0 <= whole < _LEAST_YEAR and whole:
        return f"读到全年销售额一共只有 {show(whole, 'gmv')}"
    if bare := _bare_store(listed, named):
        return bare
    pairs = [
        ("全年", whole, before),
        *((store, value, last.get(store, 0.0)) for store, value in named.items()),
    ]
    for store, value, base in pairs:
        if base > 0 < value and not 1 / _MOST_GROWTH <= value / base <= _MOST_GROWTH:
            return f"{store}销售额 {show(value, 'gmv')}，去年 {show(base, 'gmv')}，相差 {max(value / base, base / value):.0f} 倍"
    return ""


def _bare_store(listed: TargetList, sales: Mapping[str, float]) -> str:
    """Return a store whose sales stand without a unit and come to next to nothing."""
    bare = {
        claim.store for claim in listed.claims
        if claim.where in listed.unitless and claim.metric == "gmv" and claim.kind is Kind.TARGET
    }  # fmt: skip
    small = [store for store, value in sales.items() if store in bare and 0 < value < _LEAST_YEAR]
    return f"{small[0]}全年销售额只有 {show(sales[small[0]], 'gmv')}" if small else ""


def require_unit(listed: TargetList, year: int, history: Mapping[str, float]) -> None:
    """Refuse a list whose unit is in doubt.

    Raises:
        InputError: With the option that answers the question.
    """
    if doubt := unit_doubt(listed, year, history):
        where = listed.unitless[0] if listed.unitless else listed.claims[0].where
        raise InputError(
            f"{doubt}：单位是万元还是元？没有新建",
            "加 --unit 万元 或 --unit 元；或在表里写明，如标题写“单位：万元”",
            where,
        )


def require_sums(claims: Sequence[Claim], year: int) -> None:
    """Refuse a list whose months or quarters do not make the year that was typed.

    Raises:
        InputError: With both values of each, and the smallest change that mends it.
    """
    gaps = [
        gap
        for metric in ("gmv", "uv", "spend")
        for store, spans in _spans(claims, metric, year).items()
        if (gap := _gap(store, metric, spans))
    ]
    if gaps:
        where = next(claim.where for claim in claims if claim.metric in ("gmv", "uv", "spend"))
        shown = "；".join(what for what, _ in gaps[:_SHOWN])
        raise InputError(f"各期加起来不等于全年，没有新建。{shown}", gaps[0][1], where)


def _gap(
    store: str, metric: str, spans: Mapping[tuple[Span, int], float]
) -> tuple[str, str] | None:
    """Return what does not add up (both values) and how to mend it, None when all is well."""
    whole = spans.get((Span.YEAR, 0))
    step = 1 if metric == "uv" else 0.01
    for span, count, name in ((Span.MONTH, 12, "各月"), (Span.QUARTER, 4, "各季")):
        parts = {index: value for (kind, index), value in spans.items() if kind is span and index}
        total = math.fsum(parts.values())
        if whole is None or not parts or (len(parts) < count and total < whole):
            continue
        gap = whole - total
        if abs(gap) >= step / 2:
            largest = max(parts, key=lambda index: parts[index])
            unit = "月" if span is Span.MONTH else "季度"
            label = f"{store or '合计'}{label_of(metric)}"
            what = (
                f"{label}{name}合计 {_exact(total)}，全年写 {_exact(whole)}，差 {_exact(abs(gap))}"
            )
            mend = (
                f"最小的改法：把{label}全年改为 {_exact(total)}，"
                f"或把{largest}{unit}由 {_exact(parts[largest])} 改为 {_exact(parts[largest] + gap)}"
            )
            return what, mend
    return None


def _exact(value: float) -> str:
    """Write an amount in 万 with every digit that it has, or as it is when it is small."""
    if abs(value) < 10_000:
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{value / 1e4:,.6f}".rstrip("0").rstrip(".") + "万"


def require_whole(claims: Sequence[Claim], year: int) -> None:
    """Refuse a list of parts without their whole, or of growth without what it builds on.

    Raises:
        InputError: With what is lacking.
    """
    this = [claim for claim in claims if claim.year in (0, year)]
    if any(c.kind is Kind.TARGET and c.scope == WHOLE and math.isfinite(c.value) for c in this):
        return
    growth = [claim for claim in this if claim.kind is Kind.GROWTH]
    if growth:
        names = "、".join(dict.fromkeys(claim.store or "公司" for claim in growth))
        raise InputError(
            f"只写了增长率，没有去年的数：{names}",
            "在表里加一列“去年实际”，或用 --history 给去年的每日销售",
            growth[0].where,
        )
    parts = [claim for claim in this if claim.kind is Kind.TARGET and claim.metric == "gmv"]
    if parts:
        names = "、".join(dict.fromkeys(claim.scope.leaf for claim in parts))
        raise InputError(
            f"只有{parts[0].scope.kind}的目标（{names}），没有全店的",
            "加一行“合计”",
            parts[0].where,
        )


def grown(
    claims: Sequence[Claim], history: Mapping[str, float], year: int
) -> tuple[list[Claim], list[Problem]]:
    """Return the list with targets for yearly growth of sales over the history's last year."""
    done, told = list(claims), []
    for claim in claims:
        yearly = claim.kind is Kind.GROWTH and claim.metric == "gmv" and claim.scope == WHOLE
        if not yearly or claim.period not in (Span.YEAR, Span.NONE) or claim.year not in (0, year):
            continue
        if any(
            c.kind is Kind.TARGET and (c.store, c.metric) == (claim.store, "gmv") for c in claims
        ):
            continue
        base = history.get(claim.store, 0.0) if claim.store else math.fsum(history.values())
        if base > 0:
            value = round(base * (1 + claim.value), 2)
            done.append(replace(claim, kind=Kind.TARGET, value=value, half=0.005, period=Span.YEAR, text=f"{value:g}"))  # fmt: skip
            what = f"{claim.store or '全年'}销售额 = 去年 {show(base, 'gmv')}（历史）× (1 + {claim.value:.4g}) = {show(value, 'gmv')}"
            told.append(Problem(claim.where, what, Level.INFO, "", "targets"))
    return done, told


def over_stores(
    claims: Sequence[Claim], stores: Sequence[str], history: Mapping[str, float], year: int
) -> tuple[list[Claim], list[Problem]]:
    """Split targets of the whole company over its stores by last year's sales.

    Last year's figures in the list itself come first, then the history's. Amounts add up to
    the company's to the fen; ratios hold for every store.

    Raises:
        InputError: Several stores, and nothing tells their shares.
    """
    targets = [claim for claim in claims if claim.kind is Kind.TARGET and claim.year in (0, year)]
    if any(claim.store for claim in targets) or not targets:
        return list(claims), []
    own = year_of([c for c in claims if c.store], "gmv", Kind.ACTUAL, year - 1)
    base = own or {store: value for store, value in history.items() if store and value > 0}
    wanted = list(stores) or (list(base) if len(base) > 1 else [])
    if len(wanted) < 2:
        return list(claims), []
    if lacking := [store for store in wanted if base.get(store, 0) <= 0]:
        raise InputError(
            f"有 {len(wanted)} 家店，却没有写明目标属于哪家店"
            + (f"；去年销售缺 {'、'.join(lacking)}" if base else ""),
            "请用 --targets 给一个带“店铺”列的目标文件，或用 --history 给各店去年的销售来按比例分，"
            "或先不给目标，建好后在“年度目标”里分别填",
        )
    weights = [base[store] for store in wanted]
    split = [
        part
        for claim in targets
        if claim.scope == WHOLE
        for part in _parts(claim, wanted, weights)
    ]
    shares = "、".join(
        f"{store} {weight / sum(weights):.1%}"
        for store, weight in zip(wanted, weights, strict=True)
    )
    what = f"目标只写了公司合计，按去年销售额的比例分到各店：{shares}"
    return [*claims, *split], [
        Problem(targets[0].where, what, Level.WARNING, "不对就在“年度目标”里改", "targets")
    ]


def _parts(claim: Claim, stores: Sequence[str], weights: Sequence[float]) -> list[Claim]:
    if not adds(claim.metric):
        return [replace(claim, store=store) for store in stores]
    unit = 0.01 if label_of(claim.metric) in ("销售额", "推广费", "预算") else 1
    exact = [claim.value * weight / sum(weights) for weight in weights]
    values = round_to_sum(exact, claim.value, unit)
    return [
        replace(claim, store=store, value=float(value), half=unit / 2)
        for store, value in zip(stores, values, strict=True)
    ]


def echo(listed: TargetList, claims: Sequence[Claim], year: int) -> list[str]:
    """Return what was read, store × month in 万, and what was chosen or left aside and why."""
    rows = [_line(store, spans) for store, spans in _spans(claims, "gmv", year).items()]
    heads = ["店铺", "全年", *(f"{month}月" for month in range(1, 13))]
    lines = [f"读到的销售额目标（万元，{year} 年）："]
    if any(any(row[2:]) for row in rows):
        lines += ["  ".join(heads), *("  ".join(cell or "-" for cell in row) for row in rows)]
    else:
        lines += [f"{row[0]}  {row[1] or '-'}" for row in rows]
    others = [metric for metric in LABELS if metric != "gmv"]
    for metric in others:
        spans = _spans(claims, metric, year)
        told = [f"{store or '合计'} {_year_text(metric, found)}" for store, found in spans.items()]
        if told:
            lines.append(
                f"{LABELS[metric]}：{'、'.join(told[:8])}" + ("……" if len(told) > 8 else "")
            )
    return [
        *lines,
        *(
            f"{problem.what}（{problem.where.sheet}{'!' if problem.where.sheet and problem.where.cell else ''}{problem.where.cell}）"
            for problem in listed.told
        ),
    ]


def _spans(
    claims: Iterable[Claim], metric: str, year: int
) -> dict[str, dict[tuple[Span, int], float]]:
    found: dict[str, dict[tuple[Span, int], float]] = {}
    for claim in claims:
        if (
            claim.metric == metric
            and claim.kind is Kind.TARGET
            and claim.year in (0, year)
            and claim.scope == WHOLE
        ):
            span = Span.YEAR if claim.period is Span.NONE else claim.period
            found.setdefault(claim.store, {}).setdefault((span, claim.index), claim.value)
    return dict(sorted(found.items(), key=lambda item: not item[0]))


def _line(store: str, spans: Mapping[tuple[Span, int], float]) -> list[str]:
    months = [spans.get((Span.MONTH, month)) for month in range(1, 13)]
    whole = spans.get((Span.YEAR, 0))
    if whole is None and all(month is not None for month in months):
        whole = sum(month or 0 for month in months)
    quarters = [spans.get((Span.QUARTER, quarter)) for quarter in range(1, 5)]
    if whole is None and all(quarter is not None for quarter in quarters):
        whole = sum(quarter or 0 for quarter in quarters)
    return [store or "合计", *(_wan(value) for value in (whole, *months))]


def _wan(value: float | None) -> str:
    return "" if value is None else f"{value / 1e4:,.2f}".rstrip("0").rstrip(".")


def _year_text(metric: str, spans: Mapping[tuple[Span, int], float]) -> str:
    if (year := spans.get((Span.YEAR, 0))) is not None:
        return f"全年 {show(year, metric)}"
    (span, index), value = next(iter(spans.items()))
    name = (
        f"{index}月"
        if span is Span.MONTH
        else f"{index}季度"
        if span is Span.QUARTER
        else str(span)
    )
    return f"{name} {show(value, metric)} 等 {len(spans)} 个"
