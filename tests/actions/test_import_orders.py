"""The example exports of every platform, in any order, any number of times: the same book."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlplan.actions.imports.gather import Gathered, Wanted, gather
from xlplan.actions.imports.importing import merged_state
from xlplan.actions.plan.new import NewBook, new
from xlplan.books.file import FileBook
from xlplan.plan.targets.claims import Claim, Span
from xlplan.sheets.state.read import read_state

EXPORTS = Path(__file__).parent.parent / "exports"
FILES = sorted(path for path in EXPORTS.glob("*/*") if path.is_file() and not path.name.endswith((".expected.csv", ".toml")))  # fmt: skip
STORES = ("示例旗舰店", "示例官方旗舰店", "示例专营店", "示例小店")
AS_OF = date(2026, 9, 30)
TYPED = MappingProxyType({
    (STORES[0], date(2026, 9, 1)): {"gmv": 11.0, "refund_units": 3.0},
    (STORES[2], date(2026, 9, 4)): {"gmv": 22.0},
})  # fmt: skip


@pytest.fixture(scope="module")
def blank(tmp_path_factory):
    """An empty book of four stores in which staff typed a little, as read."""
    path = tmp_path_factory.mktemp("orders") / "计划.xlsx"
    new(path, NewBook(2026, list(STORES), [Claim("gmv", 5e6, store=s, period=Span.YEAR) for s in STORES]))  # fmt: skip
    read = read_state(FileBook(path))
    return replace(read, state=replace(read.state, daily=TYPED))


@cache
def gathered(path: Path) -> Gathered:
    store = next((store for store in STORES if store in path.name), STORES[0])
    return gather([path], Wanted(STORES, 2026, store))


def imported(read, runs):
    """Import runs of files one after the other; return the state at the end."""
    for files in runs:
        parts = [gathered(path) for path in files]
        found = Gathered([b for part in parts for b in part.batches])
        read = replace(read, state=merged_state(read, found, AS_OF).after)
    return read.state


def test_the_example_exports_say_a_lot_about_every_store(blank):
    state = imported(blank, [FILES])
    assert set(state.sources["store"]) == set(STORES)
    assert state.sources["source"].nunique() >= 18


@settings(max_examples=10, deadline=None)
@given(runs=st.lists(st.lists(st.sampled_from(FILES), min_size=1, max_size=8), min_size=1, max_size=4))  # fmt: skip
def test_any_set_of_exports_in_any_order_any_number_of_times_gives_the_same_book(blank, runs):
    once = imported(blank, [sorted({path for files in runs for path in files})])
    found = imported(blank, runs)
    pd.testing.assert_frame_equal(found.year.actuals, once.year.actuals)
    pd.testing.assert_frame_equal(found.sources, once.sources)
    assert found.origins == once.origins
    assert found.daily == TYPED
