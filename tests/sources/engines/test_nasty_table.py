"""On every engine the nasty table gives the days counted by hand in pandas, to the fen."""

from __future__ import annotations

import datetime as dt
import warnings

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
ENGINES = [
    pytest.param(name, marks=pytest.mark.spark) if name == "spark" else name for name in START
]
SERVERS = ["postgres", "mysql", "clickhouse"]


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
    if engine == "spark" and time in ("text", "epoch_ms"):
        pytest.skip("slow, and nothing in them that the others have not")
    if time == "naive":  # versions of a line lie in several chunks
        monkeypatch.setattr("xlplan.sources.sql.count._AT_ONCE", 500)
    same(read(engine, time).frame, wanted)


ORDER = 'amount = "order_fen"'
PER_ORDER = 'per_order = ["amount"]\nrefund_by = "completed"\n[units]\namount = "分"\n'


@pytest.mark.parametrize("engine", ["duckdb", *SERVERS])
def test_an_order_amount_counts_once_and_refunds_go_to_the_day_they_were_completed(
    read, table, engine
):
    found = read(engine, "naive", PER_ORDER, ORDER).frame
    sales, back = per_order(table), by_completion(table)
    sold = found["gmv"][found["gmv"] > 0]  # the other lines of an order may be of another day
    assert sold.to_dict() == pytest.approx(sales.to_dict(), abs=1e-9)
    told = found["refund_amount"][found["refund_amount"] > 0]
    assert told.to_dict() == pytest.approx(back.to_dict(), abs=1e-9)
    part = read(
        engine, "naive", PER_ORDER, ORDER, start=dt.date(2026, 3, 9), end=dt.date(2026, 3, 15)
    ).frame
    same(part, found.loc[pd.IndexSlice[:, "2026-03-09":"2026-03-15"], part.columns])


@pytest.mark.parametrize("engine", ["duckdb", "mysql"])
def test_each_planted_oddity_is_told_in_chinese_with_its_row(read, engine):
    told = {problem.rule: problem.what for problem in read(engine).problems}
    assert {
        "not_a_number", "no_amount", "repeated_row", "moved_day", "cancelled_after_paid", "id_twins", "store_twins",
    } <= told.keys()  # fmt: skip
    assert all(
        "line-id L" in told[rule] for rule in ("repeated_row", "moved_day", "cancelled_after_paid")
    )
    assert "「ABC店」、「abc店」" in told["store_twins"]
    odd = " ".join(p.what for p in read(engine).problems if p.rule == "not_a_number")
    assert all(text in odd for text in ("「abc」", "「12%」", "line-id"))


@pytest.mark.parametrize("engine", ["duckdb", *SERVERS])
def test_an_amount_that_stands_on_every_line_is_asked_about_and_not_summed(read, engine):
    extract = read(engine, "naive", "", 'amount = "order_amount"')
    assert "gmv" not in extract.frame
    assert "orders" in extract.frame
    (asked,) = [problem for problem in extract.problems if problem.rule == "order_amount"]
    assert "order_amount" in asked.what
    assert 'per_order = ["amount"]' in asked.remedy
    assert "gmv" in read(engine, "naive", "per_order = []", 'amount = "order_amount"').frame


@pytest.mark.parametrize("engine", ["duckdb", *SERVERS])
def test_only_the_stores_of_the_book_are_asked_for_and_others_are_listed_once(
    read, wanted, engine
):
    extract = read(engine, stores=["甲店", "ABC店"])
    both = wanted.loc[wanted.index.get_level_values("store").isin(["甲店", "ABC店", "abc店"])]
    assert extract.frame["gmv"].sum() == pytest.approx(both["gmv"].sum())
    assert set(extract.frame.index.unique("store")) == {"甲店", "ABC店"}
    (strange,) = [problem for problem in extract.problems if problem.rule == "unknown_store"]
    assert "丙店's" in strange.what


@pytest.mark.parametrize("engine", [*SERVERS, "duckdb"])
def test_a_query_and_a_condition_are_read_like_a_table(engines, wanted, engine, tmp_path):
    place = engines(engine)
    quote = "`" if engine == "mysql" else '"'
    connection = place.rpartition("\ntable")[0]
    query = f"query = '''SELECT * FROM {quote}order lines{quote}'''"
    (tmp_path / "q.toml").write_text(declaration(f"{connection}\n{query}", "mixed"), "utf-8")
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        same(read_sql(tmp_path / "q.toml").frame, wanted)
    assert not [
        one
        for one in said
        if "xlplan" not in str(one.filename) and one.category is not ResourceWarning
    ]
    condition = f"where = '''{quote}quantity{quote} > 0 AND {quote}shop{quote} LIKE '%甲店%' '''"
    (tmp_path / "w.toml").write_text(declaration(f"{place}\n{condition}"), "utf-8")
    found = read_sql(tmp_path / "w.toml").frame
    same(found, wanted[wanted.index.get_level_values("store") == "甲店"])
