"""On every engine the nasty table gives the days counted by hand in pandas, to the fen."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from tests.sources.engines.conftest import SPARK, START
from tests.sources.engines.nasty import TIMES, by_completion, declaration, facts, per_order
from xlplan.sources import read_sql

pytest.importorskip("ibis", reason="需要 pip install xlplan[sql]")
pytest.importorskip("duckdb", reason="需要 pip install xlplan[sql]")
pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
ENGINES = [pytest.param(name, marks=pytest.mark.spark) if name == "spark" else name for name in START]


def same(found: pd.DataFrame, wanted: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(
        found.reset_index(), wanted.reset_index(), check_exact=True, check_dtype=False, check_index_type=False
    )  # fmt: skip


@pytest.fixture
def read(engines, tmp_path):
    def reading(engine, time="naive", more="", columns="", **asked):
        text = declaration(engines(engine), time, more, columns)
        text += SPARK if engine == "spark" else ""
        (tmp_path / "订单库.toml").write_text(text, "utf-8")
        return read_sql(tmp_path / "订单库.toml", **asked)

    return reading


@pytest.fixture(scope="session")
def wanted(table):
    return facts(table)


@pytest.mark.parametrize("time", TIMES)
@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_gives_every_store_day_of_the_truth(read, wanted, engine, time, monkeypatch):
    if time == "naive":  # versions of a line lie in several chunks
        monkeypatch.setattr("xlplan.sources.sql.count._AT_ONCE", 500)
    same(read(engine, time).frame, wanted)
