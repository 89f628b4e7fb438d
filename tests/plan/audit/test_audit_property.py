"""No false alarms, no misses: consistent plans are silent, a plan with one wrong figure is not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from xlplan.errors import Level, Where
from xlplan.plan.audit.case import Days
from xlplan.plan.audit.rules import audit
from xlplan.plan.calendar import calendar
from xlplan.plan.targets.claims import MONTHS, Claim, Kind, Scope, Span
from xlplan.plan.targets.targets import to_targets
from xlplan.sources.numbers import Number, parse_number

YEAR = 2026
#: A failing plan of sixty rows is small enough to read; shrinking it takes minutes.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


def typed(value, digits, *, percent=False):
    """Return what an operator would type, to so many digits that count, and its reading."""
    shown = value * 100 if percent else value
    unit = "%" if percent else "万" if abs(shown) >= 1e5 else ""
    shown /= 1e4 if unit == "万" else 1
    places = max(digits - len(f"{abs(shown):.0f}"), 0)
    text = f"{shown:.{places}f}{unit}"
    number = parse_number(text)
    assert isinstance(number, Number)
    return text, number


class Sheet:
    """A list of claims as a person would have typed them."""

    def __init__(self, digits):
        self.digits = digits
        self.claims = []

    def add(self, metric, value, period=Span.YEAR, index=0, *, percent=False, **more):
        text, number = typed(value, self.digits, percent=percent)
        where = Where("目标.csv", "", f"D{len(self.claims) + 2}")
        self.claims.append(
            Claim(metric, number.value, metric, period, index, half=number.precision, text=text, where=where, **more)
        )  # fmt: skip


#: The default calendar, made once.
DAYS = calendar(YEAR).days
part = st.floats(0.05, 0.95)


def seasonal(weights):
    """A year with a November like no other month, so that no split is even."""
    return [weight + 9 * (month == 11) for month, weight in zip(MONTHS, weights, strict=True)]


sizes = st.builds(
    dict,
    digits=st.integers(4, 6),
    uv=st.floats(5e4, 5e7),
    cvr=st.floats(0.005, 0.2),
    aov=st.floats(15, 900),
    spend_ratio=st.floats(0.02, 0.3),
    roi=st.floats(1.2, 8),
    refund_rate=st.floats(0.01, 0.4),
    weights=st.lists(st.floats(0.2, 3), min_size=12, max_size=12).map(seasonal),
    channels=st.lists(part, min_size=2, max_size=5),
    growth=st.floats(0.1, 1.5),
    budget=st.floats(0.31, 0.45),
)


def yearly(sheet, size, gmv):
    for name in ("uv", "aov"):
        sheet.add(name, size[name])
    for name in ("cvr", "spend_ratio", "refund_rate"):
        sheet.add(name, size[name], percent=True)
    spend = gmv * size["spend_ratio"]
    sheet.add("gmv", gmv)
    sheet.add("orders", size["uv"] * size["cvr"])
    sheet.add("spend", spend)
    sheet.add("roi", size["roi"])
    sheet.add("gmv_paid", spend * size["roi"])
    sheet.add("refund_amount", gmv * size["refund_rate"])
    sheet.add("uv", size["uv"] / 365, Span.DAY)
    sheet.add("budget", gmv * size["budget"])
    sheet.add("budget", spend, scope=Scope("预算项", "广告投放"))
    sheet.add("budget", gmv * size["budget"] - spend, scope=Scope("预算项", "人工"))
    sheet.add("gmv", gmv / (1 + size["growth"]), year=YEAR - 1, kind=Kind.ACTUAL)
    sheet.add("gmv", size["growth"], percent=True, kind=Kind.GROWTH)


def split(sheet, size, gmv):
    total = sum(size["weights"])
    months = [gmv * weight / total for weight in size["weights"]]
    for month, value in zip(MONTHS, months, strict=True):
        sheet.add("gmv", value, Span.MONTH, month)
        sheet.add("gmv", value / Days(YEAR).of(Span.MONTH, month), Span.DAY, month)
    for quarter in range(4):
        sheet.add("gmv", sum(months[quarter * 3 : quarter * 3 + 3]), Span.QUARTER, quarter + 1)
    whole = sum(size["channels"])
    for number, channel in enumerate(size["channels"]):
        scope = Scope("渠道", f"渠道{number}")
        sheet.add("gmv", gmv * channel / whole, scope=scope)
        sheet.add("gmv", channel / whole, percent=True, scope=scope, kind=Kind.SHARE)


def plan(size):
    sheet = Sheet(size["digits"])
    gmv = size["uv"] * size["cvr"] * size["aov"]
    yearly(sheet, size, gmv)
    split(sheet, size, gmv)
    return sheet.claims


def alarms(claims):
    return [
        found for found in audit(claims, year=YEAR, calendar=DAYS) if found.level is not Level.INFO
    ]


@settings(max_examples=60, deadline=None, phases=PHASES)
@given(sizes)
def test_a_consistent_plan_gives_no_alarm(size):
    assert [str(found) for found in alarms(plan(size))] == []


@settings(max_examples=80, deadline=None, phases=PHASES)
@given(sizes, st.integers(0, 10_000), st.sampled_from((0.5, 0.8, 0.95, 1.05, 1.2, 3)))
def test_one_figure_wrong_by_five_percent_is_named_with_its_cell(size, at, factor):
    claims = plan(size)
    at %= len(claims)
    wrong = replace(claims[at], value=claims[at].value * factor)
    wrong = replace(wrong, text=f"{wrong.value:.6g}")
    found = audit([*claims[:at], wrong, *claims[at + 1 :]], year=YEAR, calendar=DAYS)
    cell = wrong.where.cell
    named = [item for item in found if cell == item.where.cell or f"({cell})" in item.what]
    assert named, f"{wrong} {[str(item) for item in found]}"


@settings(max_examples=25, deadline=None, phases=PHASES)
@given(sizes, st.floats(0.2, 5))
def test_stores_that_add_up_are_silent_and_one_that_does_not_is_named(size, scale):
    stores = {"甲": plan(size), "乙": plan({**size, "uv": size["uv"] * scale})}
    both = [replace(claim, store=store) for store, claims in stores.items() for claim in claims]
    sales = sum(
        next(claim.value for claim in claims if claim.metric == "gmv")
        for claims in stores.values()
    )
    company = Sheet(6)
    company.add("gmv", sales)
    assert alarms([*both, *company.claims]) == []
    company = Sheet(6)
    company.add("gmv", sales * 1.07)
    assert [found.rule for found in alarms([*both, *company.claims])] == ["store_sum"]


@pytest.mark.parametrize("year", [2024, 2026, 2028])
def test_every_rule_bears_an_empty_list_and_unknown_metrics(year):
    assert audit([], year=year) == []
    assert audit([Claim("", 5.0, "玄学指数"), Claim("", float("nan"))], year=year) == []


anything = st.builds(
    Claim,
    st.sampled_from(["", "gmv", "uv", "cvr", "aov", "orders", "spend", "roi", "shop_roi", "budget", "users", "refund_rate"]),
    st.sampled_from([0.0, -5.0, 0.5, 1.0, 2.0, 25.0, 1e4, 1e15, float("nan"), float("inf")]),
    period=st.sampled_from(list(Span)),
    index=st.sampled_from([0, 1, 3, 12, 618]),
    year=st.sampled_from([0, YEAR, YEAR - 1]),
    store=st.sampled_from(["", "甲", "乙"]),
    scope=st.sampled_from([Scope(), Scope("渠道", "主站"), Scope("渠道", "主站/自播"), Scope("预算项", "广告")]),
    kind=st.sampled_from(list(Kind)),
    half=st.sampled_from([0.0, 0.5]),
    frequency=st.sampled_from(["", "每周3场", "每周0场"]),
    threshold=st.sampled_from([None, 0.0, 200.0, 5000.0]),
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(anything, max_size=14))
def test_no_list_however_odd_is_beyond_the_audit(claims):
    for found in audit(claims, year=YEAR, calendar=DAYS):
        assert found.what
        assert "nan" not in str(found)
        assert "inf" not in str(found)
    to_targets(claims, YEAR)
