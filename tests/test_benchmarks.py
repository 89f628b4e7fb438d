"""Every benchmark can be run by ``python -m benchmarks`` and says what it must not exceed."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmarks import __main__ as bench

MODULES = bench.names()


def load(name):
    try:
        return bench.import_module(f"benchmarks.bench_{name}")
    except ModuleNotFoundError as error:
        if error.name and error.name.split(".")[0] in {"xlplan", "benchmarks"}:
            raise
        pytest.skip(f"{error.name} is not installed")


@pytest.mark.parametrize("name", MODULES)
def test_every_benchmark_has_limits_and_a_run(name):
    module = load(name)
    assert callable(module.run)
    assert module.LIMITS
    assert all(limit > 0 for limit in module.LIMITS.values())


@pytest.mark.parametrize("name", MODULES)
def test_every_benchmark_says_what_it_is_measured_against(name):
    assert len(load(name).__doc__.splitlines()[0]) > 30


@pytest.mark.parametrize("name", MODULES)
def test_every_benchmark_and_its_limits_are_listed(name):
    text = (Path(bench.__file__).parent / "README.md").read_text("utf-8")
    rows = text.split(f"| `{name}` |")[1].split("\n| `")[0]
    module = load(name)
    listed = {float(Fraction(part)) for part in re.findall(r"\d+/\d+|\d+(?:\.\d+)?", rows)}
    assert {round(limit, 9) for limit in module.LIMITS.values()} <= {round(n, 9) for n in listed}


def fake(monkeypatch, **module):
    monkeypatch.setattr(bench, "import_module", lambda _name: SimpleNamespace(**module))


@pytest.mark.parametrize(("figure", "code"), [(0.9, 0), (1.0, 0), (1.1, 1)])
def test_a_missed_limit_gives_exit_code_1(monkeypatch, capsys, figure, code):
    fake(monkeypatch, LIMITS={"a / b": 1.0}, run=lambda: {"a / b": figure})
    assert bench.main([MODULES[0]]) == code
    assert ("MISS" in capsys.readouterr().out) == bool(code)


def test_what_is_not_installed_is_named_and_does_not_fail(monkeypatch, capsys):
    fake(monkeypatch, LIMITS={"a": 1.0}, run=dict, NEEDS=("no-such-program",))
    assert bench.main([MODULES[0]]) == 0
    assert "no-such-program is not installed" in capsys.readouterr().out


def test_an_unknown_name_lists_the_known_ones(capsys):
    assert bench.main(["nothing"]) == 2
    assert MODULES[0] in capsys.readouterr().out
