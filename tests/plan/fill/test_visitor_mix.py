"""Free, paid and social visitors: planned as shares of the visitors, checked against all of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from xlplan.errors import Level
from xlplan.plan.actuals.visits import visit_findings
from xlplan.plan.audit.rules import audit
from xlplan.plan.targets.claims import Claim, Kind, Span

FIGURES = {"gmv": 1_200_000.0, "cvr": 0.05, "aov": 100.0, "spend": 60_000.0}


def stated(metric, value, kind=Kind.TARGET):
    return Claim(metric, value, label=metric, period=Span.YEAR, kind=kind, text=f"{value:g}")


def found(*claims):
    return [(p.rule, p.level) for p in audit(claims, year=2026) if p.rule in ("R7", "R9", "range")]


@pytest.fixture(scope="module")
def mixed(state_of):
    return state_of(figures=FIGURES | {"organic_share": 0.5, "social_share": 0.1}, days=40)


def test_shares_of_the_visitors_are_planned_to_the_unit(mixed):
    plan = mixed.year.plan
    assert plan["uv"].sum() == 240_000
    assert plan["uv_organic"].sum() == 120_000
    assert plan["uv_social"].sum() == 24_000
    assert (plan["uv_organic"] % 1 == 0).all()
    months = plan.groupby(plan.index.get_level_values("date").month)[["uv", "uv_organic"]].sum()
    assert np.allclose(months["uv_organic"] / months["uv"], 0.5, atol=1e-3)


def test_without_shares_nothing_is_planned_of_them(state_of):
    plan = state_of(figures=FIGURES, days=0).year.plan
    assert plan["uv_organic"].isna().all()
    assert plan["uv"].sum() == 240_000


def test_a_plan_whose_sources_do_not_make_all_visitors_is_told(mixed):
    told = visit_findings(replace(mixed.year, actuals=mixed.year.actuals * np.nan))
    assert [p.rule for p in told] == ["UV来源"]
    assert "计划的 自然UV + 付费UV + 社交UV 与 UV 对不上" in told[0].what


def with_actuals(year, **columns):
    frame = year.actuals * np.nan
    for name, value in columns.items():
        frame.loc[(year.stores[0], "2026-01-05"), name] = value
    return replace(year, actuals=frame, plan=year.plan * np.nan)


def test_more_paid_visitors_than_visitors_are_told(mixed):
    told = visit_findings(with_actuals(mixed.year, uv=100.0, uv_keyword=80.0, uv_display=30.0))
    assert ["实际付费UV比总UV还多" in p.what for p in told] == [True]
    assert "110 > 100" in told[0].what


def test_sources_that_make_all_visitors_are_fine_and_missing_is_not_zero(mixed):
    fine = {"uv": 100.0, "uv_keyword": 40.0, "uv_organic": 50.0, "uv_social": 10.0}
    assert visit_findings(with_actuals(mixed.year, **fine)) == []
    assert len(visit_findings(with_actuals(mixed.year, **(fine | {"uv_social": 30.0})))) == 1
    assert (
        visit_findings(with_actuals(mixed.year, uv=100.0, uv_keyword=40.0, uv_organic=50.0)) == []
    )


def test_a_list_of_targets_is_held_against_all_visitors():
    uv = stated("uv", 1000.0)
    assert found(uv, stated("uv_paid", 1200.0)) == [("R7", Level.ERROR)]
    parts = (stated("uv_organic", 500.0), stated("uv_paid", 400.0))
    assert found(uv, *parts, stated("uv_social", 100.0)) == []
    assert found(uv, *parts, stated("uv_social", 300.0)) == [("R9", Level.WARNING)]
    assert found(stated("organic_share", 0.7), stated("social_share", 0.4)) == [
        ("R9", Level.ERROR)
    ]
