"""The SQL and the dbt models of docs/databases.zh.md give the days of the truth on their engines."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from tests.sources.engines.conftest import SERVER_TLS
from tests.sources.engines.nasty import BEIJING, facts, truth
from tests.support import databases
from xlplan.sources import read_sql
from xlplan.sources.sql.config import load_sql

pytest.importorskip("ibis", reason="需要 pip install xlplan[sql]")
pytest.importorskip("duckdb", reason="需要 pip install xlplan[sql]")
pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
TEXT = (Path(__file__).parents[3] / "docs" / "databases.zh.md").read_text("utf-8")
BLOCKS = dict(re.findall(r"^```\w+ (\S+)\n(.*?)^```$", TEXT, flags=re.MULTILINE | re.DOTALL))
METRICS = ["gmv", "orders", "refund_amount", "units"]
TYPES = {
    "duckdb": ("VARCHAR", "TIMESTAMP", "DECIMAL(12,2)"),
    "postgres": ("text", "timestamp", "numeric(12,2)"),
    "mysql": ("varchar(60)", "datetime", "decimal(12,2)"),
    "clickhouse": ("String", "Nullable(DateTime)", "Nullable(Decimal(12,2))"),
}


def plain(table: pd.DataFrame) -> list[tuple]:
    """Return lines as a warehouse cleans them: every version, its texts bare, its figures numbers."""
    rows = table.assign(
        line=table["line-id"].str.strip().replace("", None).fillna("none-" + table.index.astype(str).to_series(index=table.index)),
        order=table["订单号"].str.strip(),
        store=table["shop"].str.strip(),
        status=table["state"].str.strip().str.lower(),
        paid=[None if pd.isna(one) else one.to_pydatetime() for one in table["moment"]],
        at=[one.to_pydatetime() for one in table["updated_at"]],
    )  # fmt: skip
    told = rows[
        ["line", "order", "store", "paid", "value", "refund", "quantity", "status", "at"]
    ].astype(object)
    return list(told.where(told.notna(), None).itertuples(index=False, name=None))


def ddl(engine: str) -> str:
    text, time, money = TYPES[engine]
    number = "Int32" if engine == "clickhouse" else "int"
    more = "ENGINE = MergeTree ORDER BY tuple()" if engine == "clickhouse" else ""
    return (
        f"CREATE TABLE order_lines (line_id {text}, order_id {text}, store {text}, paid_at {time}, amount {money},"
        f" refund {money}, quantity {number}, status {text}, updated_at {time}) {more}"
    )


def fill(engine: str, place: str, rows: list[tuple], views: list[str], folder: Path) -> str:
    """Make the table and the views; return the connection."""
    if engine == "duckdb":
        import duckdb

        with duckdb.connect(folder / "w.duckdb") as session:
            session.execute(ddl(engine))
            session.executemany(f"INSERT INTO order_lines VALUES ({', '.join('?' * 9)})", rows)
            for view in views:
                session.execute(view)
        return f"connection = 'duckdb:{folder}/w.duckdb'"
    connection = place.rpartition("\ntable")[0]
    marks = f"INSERT INTO order_lines VALUES ({', '.join(['%s'] * 9)})"
    if engine == "clickhouse":
        _clickhouse(place, rows, views)
        return connection
    login = {
        "host": "127.0.0.1",
        "port": int(SERVER_TLS[engine]["port"]),
        "user": "reader",
        "password": databases.PASSWORD,
    }
    if engine == "postgres":
        import psycopg

        session = psycopg.connect(**login, dbname="shop", autocommit=True)
    else:
        import pymysql

        session = pymysql.connect(**login, database="shop", charset="utf8mb4", autocommit=True)
    with session, session.cursor() as cursor:
        cursor.execute(ddl(engine))
        cursor.executemany(marks, rows)
        for view in views:
            cursor.execute(view.replace("%", "%%") if engine == "mysql" else view)
    return connection


def _clickhouse(place: str, rows: list[tuple], views: list[str]) -> None:
    import clickhouse_connect

    path = re.search(r"chdb:([^']+)'", place)[1]
    client = clickhouse_connect.get_client(interface="chdb", path=path)
    client.command(ddl("clickhouse"))

    def literal(value: object) -> str:
        if value is None:
            return "NULL"
        if hasattr(value, "timestamp"):
            return str(int(value.replace(tzinfo=BEIJING).timestamp()))
        return "'" + value.replace("'", "\\'") + "'" if isinstance(value, str) else str(value)

    lines = ", ".join(f"({', '.join(map(literal, row))})" for row in rows)
    client.command(f"INSERT INTO order_lines VALUES {lines}")
    for view in views:
        client.command(view)
    client.close()


def dbt(engine: str) -> str:
    """Return a model as dbt runs it the first time."""
    model = BLOCKS[f"{engine}.dbt.sql"]
    model = re.sub(r"\{% if is_incremental\(\) %\}.*?\{% endif %\}", "", model, flags=re.DOTALL)
    model = re.sub(r"\{\{ config\(.*?\) \}\}", "", model)
    model = re.sub(r"\{\{ source\('ods', 'order_lines'\) \}\}", "order_lines", model)
    assert "{" not in model
    return f"CREATE VIEW store_days_dbt AS {model}"


@pytest.mark.parametrize("engine", TYPES)
def test_the_statements_of_the_page_give_the_days_of_the_truth(engines, table, engine, tmp_path):
    views = [BLOCKS[f"{engine}.sql"], dbt(engine)]
    connection = fill(engine, engines(engine), plain(table), views, tmp_path)
    wanted = facts(table)[METRICS]
    for view in ("store_days", "store_days_dbt"):
        told = f'{connection}\ntable = "{view}"\ngrain = "days"\n[metrics]\n'
        told += "\n".join(f'{name} = "{name}"' for name in METRICS)
        (tmp_path / "日.toml").write_text(told, "utf-8")
        found = read_sql(tmp_path / "日.toml").frame
        pd.testing.assert_frame_equal(
            found.reset_index(), wanted.reset_index(), check_dtype=False, check_index_type=False, atol=1e-9, rtol=0
        )  # fmt: skip


def test_the_declaration_of_the_page_is_understood_and_the_truth_has_lines(table, tmp_path):
    (tmp_path / "日表.toml").write_text(BLOCKS["日表.toml"], "utf-8")
    assert load_sql(tmp_path / "日表.toml").metrics == {"gmv": "gmv", "orders": "orders"}
    assert len(truth(table))
