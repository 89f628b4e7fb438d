from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from xlplan.plan.targets.claims import MONTHS, Claim, Kind, Scope, Span
from xlplan.plan.targets.targets import ONLY_STORE, to_targets
from xlplan.sources.targets import read_targets

SEED = Path(__file__).parents[2] / "data" / "targets_004.csv"


def seed(**counted):
    return to_targets(read_targets(SEED, year=2026).claims, 2026, **counted)


def test_a_year_that_was_not_typed_is_its_months_added_up():
    targets = seed(day_convention="30")
    assert targets.stores == [ONLY_STORE]
    assert targets.of(ONLY_STORE)["gmv"] == pytest.approx(9_060_000)
    assert targets.monthly.loc[(ONLY_STORE, "gmv"), 11] == 2_000_000
    assert list(targets.monthly.columns) == list(MONTHS)


def test_yearly_rates_are_weighted_and_never_the_mean_of_the_months():
    known = seed(day_convention="30").of(ONLY_STORE)
    assert known["uv"] == pytest.approx(1_632_000)
    assert known["cvr"] == pytest.approx(0.05535, abs=5e-6)
    assert known["aov"] == pytest.approx(100.30, abs=5e-3)


def test_days_make_months_of_their_real_length_unless_thirty_is_set():
    assert seed().monthly.loc[(ONLY_STORE, "uv"), 2] == 1200 * 28
    assert seed(day_convention="30").monthly.loc[(ONLY_STORE, "uv"), 2] == 1200 * 30


def test_months_not_given_are_missing_and_make_no_year():
    targets = to_targets([Claim("gmv", 10.0, period=Span.MONTH, index=3)], 2026)
    assert targets.monthly.loc[(ONLY_STORE, "gmv")].notna().to_list() == [m == 3 for m in MONTHS]
    assert np.isnan(targets.annual.loc[(ONLY_STORE, "gmv"), "value"])
    assert targets.of(ONLY_STORE) == {}


def test_a_rate_whose_weights_are_unknown_stays_unknown():
    rates = [Claim("cvr", 0.03, period=Span.MONTH, index=month) for month in MONTHS]
    assert np.isnan(to_targets(rates, 2026).annual.loc[(ONLY_STORE, "cvr"), "value"])


def test_company_rows_stand_beside_the_stores_and_are_not_one_of_them():
    claims = [Claim("gmv", 5.0), Claim("gmv", 3.0, store="甲"), Claim("gmv", 2.0, store="乙")]
    targets = to_targets(claims, 2026)
    assert targets.stores == ["甲", "乙"]
    assert targets.annual["value"].sum() == 5.0
    assert targets.company.loc["gmv", "value"] == 5.0


def test_locks_and_confidence_come_along():
    targets = to_targets([Claim("aov", 200.0, locked=True, confidence=5)], 2026)
    line = targets.annual.loc[(ONLY_STORE, "aov")]
    assert (bool(line["locked"]), line["confidence"]) == (True, 5)


def test_actuals_other_years_parts_floors_and_unknown_metrics_are_no_targets():
    claims = [
        Claim("gmv", 1.0, year=2025),
        Claim("gmv", 1.0, kind=Kind.ACTUAL),
        Claim("gmv", 1.0, scope=Scope("渠道", "主站")),
        Claim("roi", 2.0, kind=Kind.FLOOR),
        Claim("", 1.0),
    ]
    targets = to_targets(claims, 2026)
    assert targets.annual.empty
    assert targets.monthly.empty
    assert targets.stores == []
