from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sources.drawings import DRAWINGS, ENGLISH, MONTHS, ONE_METRIC, UNITS, Plan
from xlplan.errors import InputError, Level
from xlplan.plan.targets.claims import Kind, Span
from xlplan.sources.targets.reading import list_of

NAMES = [
    "天猫旗舰店", "京东自营店", "抖音小店", "悦木官方旗舰店", "华东一店", "拼多多店", "A店", "618专营店",
    "目标旗舰店", "年货节专卖店", "Tmall Store", "实际旗舰店",
]  # fmt: skip
AXES = [
    MONTHS,
    [f"2027-{month:02d}" for month in range(1, 13)],
    [f"2027年{month}月" for month in range(1, 13)],
    [dt.datetime(2027, month, 1) for month in range(1, 13)],
    [float(month) for month in range(1, 13)],
    ["一月", "二月", "三月", "四月", "五月", "六月", "七月", "八月", "九月", "十月", "十一月", "十二月"],
    ENGLISH,
    [202700 + month for month in range(1, 13)],
]  # fmt: skip


@st.composite
def plans(draw):
    stores = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
    metrics = ["gmv", *draw(st.lists(st.sampled_from(["uv", "spend"]), max_size=2, unique=True))]
    steps = st.integers(min_value=11, max_value=30_000)
    values = {
        store: {metric: [1000.0 * draw(steps) for _ in range(12)] for metric in metrics}
        for store in stores
    }
    return Plan(values, draw(st.sampled_from(list(UNITS))), list(draw(st.sampled_from(AXES))))


def read_months(tables):
    """Return (store, metric, month) → value, or None when the drawing is refused."""
    try:
        listed = list_of(tables, year=2027)
    except InputError:
        return None
    if any(problem.level is Level.ERROR for problem in listed.problems):
        return None
    found = {}
    for claim in listed.claims:
        if claim.kind is Kind.TARGET and claim.period is Span.MONTH and claim.store:
            key = claim.store, claim.metric, claim.index
            assert key not in found, f"{key} twice"
            found[key] = claim.value
    return found


def expected(plan, metrics):
    return {
        (store, metric, month + 1): plan.values[store][metric][month]
        for store in plan.stores for metric in metrics for month in range(12)
    }  # fmt: skip


@settings(max_examples=20, deadline=None, derandomize=True, database=None)
@given(plans())
def test_what_is_read_is_what_was_drawn_or_it_is_refused(plan):
    for draw in DRAWINGS:
        metrics = plan.metrics[:1] if draw in ONE_METRIC else plan.metrics
        found = read_months(draw(plan))
        if found is not None:
            assert found == pytest.approx(expected(plan, metrics)), draw.__name__


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("draw", DRAWINGS)
def test_every_drawing_is_read_in_every_unit(draw, unit):
    values = {"天猫旗舰店": 0.0, "京东自营店": 50.0}
    plan = Plan(
        {
            store: {
                "gmv": [1000.0 * (100 + first + month) for month in range(12)],
                "uv": [float(20_000 + first + month) for month in range(12)],
            }
            for store, first in values.items()
        },
        unit,
    )
    metrics = plan.metrics[:1] if draw in ONE_METRIC else plan.metrics
    assert read_months(draw(plan)) == pytest.approx(expected(plan, metrics))
