"""The contradictions of the real plans (DOMAIN §1.6), each found with its right number.

The exact wording is golden (``targets_*.findings.txt``: rule, then the finding as users read
it); after a deliberate change of words, the failing comparison shows the new lines to put there.
"""

from __future__ import annotations

import calendar as months
from pathlib import Path

import pytest

from xlplan.errors import Level
from xlplan.plan.audit.rules import audit
from xlplan.plan.targets.claims import MONTHS, Span
from xlplan.sources.targets import read_targets

DATA = Path(__file__).parents[2] / "data"


def claims(seed):
    return read_targets(DATA / f"targets_{seed}.csv", year=2026).claims


def findings(seed, **settings):
    return audit(claims(seed), year=2026, **settings)


@pytest.mark.parametrize("seed", ["002", "003", "004"])
def test_the_findings_of_a_seed_are_exactly_these(seed):
    golden = (DATA / f"targets_{seed}.findings.txt").read_text("utf-8").splitlines()
    assert golden == [f"{found.rule} {found}" for found in findings(seed)]


@pytest.mark.parametrize("seed", ["002", "003", "004"])
def test_every_line_of_a_seed_file_is_understood(seed):
    assert read_targets(DATA / f"targets_{seed}.csv", year=2026).problems == ()


@pytest.mark.parametrize(
    ("seed", "rule", "numbers"),
    [
        ("003", "R1", ("2400万", "500万", "4.8 倍", "62.5万", "1,712", "0.833%", "41.7元")),
        ("003", "R2", ("2920万", "9.73 倍", "8,219", "2.34亿")),
        ("003", "R3", ("15万UV", "1.9 倍", "8,219", "18.2 倍")),
        ("003", "R4", ("100万元", "200万元")),
        ("003", "R5", ("= 300万元", "还有 200万元")),
        ("003", "R5", ("100%", "整店投产 5", "整店投产 2.5")),
        ("003", "R6", ("125万元", "2季度有618", "4季度有双11")),
        ("003", "R7", ("520万元", "500万元")),
        ("003", "R13", ("满200减20", "180元", "10%")),
        ("003", "R14", ("5 次", "9月（中秋）")),
        ("003", "R16", ("低于1:2", "= 2 ")),
        ("003", "R16", ("整店投产 2.5", "20% 余地")),
        ("002", "R7", ("5060万元", "1,012 场", "780万元")),
        ("002", "R8", ("12亿元", "4.2亿元")),
        ("002", "R8", ("22.5亿元", "6亿元")),
        ("002", "R9", ("65%", "22%", "13%", "小红书", "快手")),
        ("002", "R10", ("13%", "私域社群及小程序", "小程序")),
        ("002", "R11", ("210元", "200元", "-4.8%")),
        ("002", "R12", ("42.8%", "42.86%")),
        ("002", "R14", ("2026-09-20", "周日", "调休")),
        ("002", "R16", ("3.5:1", "= 3.5 ")),
        ("004", "R15", ("922万元", "906万元", "+1.8%", "2月 -6.7%")),
    ],
)
def test_a_contradiction_of_the_real_plans_is_found_with_its_numbers(seed, rule, numbers):
    texts = [f"{found.what}{found.remedy}" for found in findings(seed) if found.rule == rule]
    assert any(all(number in text for number in numbers) for text in texts), texts


def test_the_thirty_day_plan_is_quiet_under_its_own_convention():
    found = findings("004", day_convention="30")
    assert [(problem.rule, problem.level) for problem in found] == [("R15", Level.INFO)]


# --- 电商规划表: pure arithmetic on the printed figures -------------------------------------

DAILY = (3333, 4000, 4667, 6667, 13333, 20000, 25000, 28333, 36667, 43333, 66667, 50000)


def row(metric, period):
    found = {
        claim.index: claim.value
        for claim in claims("004")
        if (claim.metric, claim.period) == (metric, period)
    }
    return [found[month] for month in MONTHS]


def test_every_printed_day_target_is_its_month_over_thirty():
    assert [round(value / 30) for value in row("gmv", Span.MONTH)] == list(DAILY)
    assert row("gmv", Span.DAY) == list(DAILY)


def test_every_printed_order_value_is_the_day_target_over_visitors_and_conversion():
    rows = zip(row("gmv", Span.MONTH), row("uv", Span.DAY), row("cvr", Span.MONTH), strict=True)
    printed = [79.4, 95.2, 70.2, 66.7, 69.4, 80.0, 87.4, 88.8, 101.9, 116.5, 119.3, 118.3]
    assert [round(gmv / 30 / (uv * cvr), 1) for gmv, uv, cvr in rows] == printed
    assert row("aov", Span.MONTH) == printed


def test_the_year_its_quarters_and_its_real_days_add_up():
    goals = row("gmv", Span.MONTH)
    assert sum(goals) == 9_060_000
    assert [sum(goals[at : at + 3]) / 1e4 for at in (0, 3, 6, 9)] == [36, 120, 270, 480]
    real = sum(
        day * months.monthrange(2026, month)[1] for month, day in zip(MONTHS, DAILY, strict=True)
    )
    assert round(real / 1e4) == 922
    assert round(real / sum(goals) - 1, 3) == 0.018
