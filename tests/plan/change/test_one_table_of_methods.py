"""A spread method is one row of one table: a new one works wherever methods are taken."""

from __future__ import annotations

import numpy as np
import pytest

from tests.actions.openbook import OpenBook, planned_book
from xlplan.actions.change.changing import spread
from xlplan.errors import InputError
from xlplan.plan.change.methods import (
    AMOUNT,
    METHODS,
    Method,
    SharedBy,
    examples,
    method_of,
    needs_told,
    offered,
)
from xlplan.plan.change.shorthand import Shorthand, parse_shorthand
from xlplan.plan.change.spreading import apply_method, spread_nodes
from xlplan.sheets.parts.page import SHEET
from xlplan.sheets.state.read import read_state


def _first_takes_all(job):
    return job.spread(job.amount, job.ones * (job.cells == job.cells[~job.held][0]))


@pytest.fixture
def toy(monkeypatch):
    """A method that no other file knows."""
    made = Method(
        "first", "给第一格", _first_takes_all, form=rf"头\s*{AMOUNT}", examples=("头500万",),
        needs="给第一格的数",
    )  # fmt: skip
    monkeypatch.setitem(METHODS, made.name, made)
    return made


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "计划.xlsx"
    path.write_bytes(planned_book())
    return OpenBook(path)


def test_a_new_method_is_typed_chosen_and_told(toy):
    assert parse_shorthand("头 5万") == Shorthand("first", 50_000)
    assert method_of("给第一格") is toy
    assert toy in offered()
    assert "头500万" in examples()
    with pytest.raises(InputError, match="头500万"):
        parse_shorthand("什么")


def test_a_new_method_works_on_cells_and_on_totals():
    METHODS["first"] = Method("first", "给第一格", _first_takes_all)
    try:
        assert apply_method("first", [1, 2, 3], 60).tolist() == [60, 0, 0]
        cells = np.array([1.0, 3.0, 5.0, 6.0])
        made = spread_nodes(
            "first", cells, 80, np.array([0, 0, 1, 1]), reference=None, shape=np.ones(4),
            held=np.zeros(4, bool), bounds=None, tree=(), unit=0.01,
        )  # fmt: skip
        assert made.tolist() == [20, 60, 0, 0]
    finally:
        del METHODS["first"]


@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize("asked", [{"to": "头5万"}, {"to": "5万", "method": "给第一格"}])
def test_a_new_method_spreads_the_plan_and_a_category(book, asked):
    store = read_state(book).state.year.stores[0]
    spread(book, store=store, period="9月1日-9月3日", **asked)
    book.reopen()
    plan = read_state(book).state.year.plan["gmv"]
    assert [plan[store, f"2026-09-0{day}"] for day in (1, 2, 3)] == [50_000, 0, 0]
    spread(book, category="女装", period="Q4", **asked)
    book.reopen()
    read = read_state(book)
    at = read.at.split
    row = [read.cells[SHEET][at.rows["c:0"], at.columns[f"m:{m}"]].value for m in (10, 11, 12)]
    np.testing.assert_allclose(row, [50_000, 0, 0])


def test_only_methods_that_keep_proportions_change_ratios():
    kept = [name for name, method in METHODS.items() if method.by is SharedBy.CELLS]
    assert kept == ["proportional", "percent", "times", "add"]
    assert [name for name in METHODS if METHODS[name].keeps_proportions] == kept


def test_the_dialog_says_what_only_names_can_say():
    assert needs_told().startswith("直线：末格比首格多 8%")
    assert "；等比：" in needs_told()


@pytest.mark.parametrize("name", ["equal_nonzero", "additive_equal", "by_absolute"])
def test_a_total_below_zero_is_refused_by_every_method_that_takes_one(book, name):
    store = read_state(book).state.year.stores[0]
    with pytest.raises(InputError, match="不能是负数"):
        spread(book, store=store, period="9月", to="-3000", method=name)
