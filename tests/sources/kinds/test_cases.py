"""Every file of the collection is read as cases.json says, or refused where that is right, too."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.sources.kinds import cases
from tests.sources.kinds.drawn import days_of
from xlplan.errors import Level
from xlplan.sources import read

CASES = json.loads(Path(__file__).with_name("cases.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("cases")
    cases.actuals(made)
    return made


@pytest.mark.parametrize("name", CASES)
def test_a_case_is_read_rightly_or_refused_with_its_place(folder, name):
    found, right = days_of(folder / name), CASES[name]["right"]
    problems = read(folder / name).problems
    for day, figures in right.items():
        for metric, value in figures.items():
            if found.get(day, {}).get(metric) == value:
                continue
            assert metric not in found.get(day, {}), f"{day} {metric}: a wrong figure"
            assert "or" in CASES[name], f"{day} {metric} is missing"
            assert any(p.level is Level.ERROR and p.where.cell and p.remedy for p in problems)


@pytest.mark.parametrize("name", CASES)
def test_no_case_gives_days_or_figures_that_are_not_its(folder, name):
    named = {day.rpartition(" ")[2] for day in CASES[name]["right"]}
    extra = [
        day
        for day in days_of(folder / name)
        if day.rpartition(" ")[2][:8] not in {n[:8] for n in named}
    ]
    assert extra == []
