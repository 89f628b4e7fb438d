"""Every engine with the nasty table in it; one that is not on this machine is passed over, except in CI."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.sources.engines.nasty import BEIJING, COLUMNS, rows, stored
from tests.support import databases

if TYPE_CHECKING:
    import pandas as pd

#: One small machine: what a cluster needs only costs time here.
SPARK = """[options]
"spark.master" = "local[2]"
"spark.ui.enabled" = false
"spark.driver.host" = "127.0.0.1"
"spark.driver.extraJavaOptions" = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"spark.sql.shuffle.partitions" = 2
"spark.sql.codegen.wholeStage" = "false"
"spark.sql.catalogImplementation" = "in-memory"
"""
KINDS = {
    "duckdb": {"text": "VARCHAR", "naive": "TIMESTAMP", "instant": "TIMESTAMPTZ", "int": "BIGINT", "decimal": "DECIMAL(12,2)"},
    "postgres": {"text": "text", "naive": "timestamp", "instant": "timestamptz", "int": "bigint", "decimal": "numeric(12,2)"},
    "mysql": {"text": "varchar(80)", "naive": "datetime", "instant": "timestamp NULL", "int": "bigint", "decimal": "decimal(12,2)"},
    "clickhouse": {"text": "Nullable(String)", "naive": "Nullable(DateTime)", "instant": "Nullable(DateTime('UTC'))", "int": "Nullable(Int64)", "decimal": "Nullable(Decimal(12,2))"},
}  # fmt: skip


def needed(engine: str, found: object, what: str) -> None:
    """Pass over an engine that is not there; in CI it must be."""
    if not found:
        if os.environ.get("CI"):
            pytest.fail(f"{engine}: {what} is not installed; CI must have it")
        pytest.skip(f"{engine}: {what} is not installed")


@pytest.fixture(scope="session")
def table() -> pd.DataFrame:
    return rows()


@pytest.fixture(scope="session")
def engines(table, tmp_path_factory):
    """Return a function: engine → the entries of a declaration that lead to the table in it."""
    made, closing = {}, []

    def place(engine: str) -> str:
        if engine not in made:
            folder = tmp_path_factory.mktemp(engine)
            made[engine] = START[engine](table, folder, closing)
        return made[engine]

    yield place
    for close in reversed(closing):
        close()


def _ddl(engine: str, quote: str, more: str = "") -> str:
    kinds = KINDS[engine]
    columns = ", ".join(f"{quote}{name}{quote} {kinds[kind]}" for name, kind in COLUMNS.items())
    return f"CREATE TABLE {quote}order lines{quote} ({columns}) {more}"


def _duckdb(table, folder, _closing) -> str:
    import duckdb

    with duckdb.connect(folder / "shop.duckdb") as engine:
        engine.execute("SET TimeZone = 'Asia/Shanghai'")
        engine.execute(_ddl("duckdb", '"'))
        marks = ", ".join("?" * len(COLUMNS))
        engine.executemany(f'INSERT INTO "order lines" VALUES ({marks})', stored(table))
    return f"connection = 'duckdb:{folder}/shop.duckdb'\ntable = '\"order lines\"'"


def _parquet(table, folder, _closing=None) -> str:
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {
        "text": pa.string(), "naive": pa.timestamp("us"), "instant": pa.timestamp("us", "UTC"),
        "int": pa.int64(), "decimal": pa.float64(),
    }  # fmt: skip
    names = list(COLUMNS)
    columns = zip(*stored(table), strict=True)
    arrays = [
        pa.array(list(values), kinds[COLUMNS[name]])
        for name, values in zip(names, columns, strict=True)
    ]
    pq.write_table(pa.Table.from_arrays(arrays, names), folder / "lines.parquet")
    return f"connection = 'duckdb'\npaths = ['{folder}/lines.parquet']"


def _spark(table, folder, closing) -> str:
    needed("spark", shutil.which("java"), "Java")
    pytest.importorskip("pyspark", reason="pip install xlplan[spark]")
    closing.append(_stop_spark)
    return _parquet(table, folder).replace("'duckdb'", "'spark'")


def _stop_spark() -> None:
    from pyspark.sql import SparkSession

    if session := SparkSession.getActiveSession():
        session.stop()


def _postgres(table, folder, closing) -> str:
    needed("postgres", databases.program("initdb"), "PostgreSQL")
    psycopg = pytest.importorskip("psycopg")
    port, certificate = _open(databases.postgres(), closing)
    login = {"host": "127.0.0.1", "port": port, "user": "reader", "password": databases.PASSWORD}
    first = databases.answered(
        lambda: psycopg.connect(**login, dbname="postgres", autocommit=True)
    )
    with first as session:
        session.execute("CREATE DATABASE shop")
    with psycopg.connect(**login, dbname="shop", autocommit=True) as session:
        session.execute(_ddl("postgres", '"'))
        marks = ", ".join(["%s"] * len(COLUMNS))
        with session.cursor() as cursor:
            cursor.executemany(f'INSERT INTO "order lines" VALUES ({marks})', stored(table))
        session.execute(f"CREATE ROLE stranger LOGIN PASSWORD '{databases.PASSWORD}'")
    _note("postgres", folder, port, certificate)
    return _server("postgres", port)


def _mysql(table, folder, closing) -> str:
    needed("mysql", databases.program("mariadbd"), "MariaDB")
    pymysql = pytest.importorskip("pymysql")
    port, certificate = _open(databases.mariadb(), closing)
    login = {"host": "127.0.0.1", "port": port, "user": "reader", "password": databases.PASSWORD}
    told = {**login, "database": "shop", "charset": "utf8mb4", "autocommit": True}
    session = databases.answered(lambda: pymysql.connect(**told))
    with session, session.cursor() as cursor:
        cursor.execute("SET time_zone = '+08:00'")
        cursor.execute(_ddl("mysql", "`"))
        marks = ", ".join(["%s"] * len(COLUMNS))
        rows = [tuple(_beijing(value) for value in row) for row in stored(table)]
        cursor.executemany(f"INSERT INTO `order lines` VALUES ({marks})", rows)
    _note("mysql", folder, port, certificate)
    return _server("mysql", port)


def _beijing(value):
    zoned = isinstance(value, dt.datetime) and value.tzinfo
    return value.astimezone(BEIJING).replace(tzinfo=None) if zoned else value


def _clickhouse(table, folder, _closing) -> str:
    pytest.importorskip("chdb", reason="pip install chdb clickhouse-connect")
    import clickhouse_connect

    client = clickhouse_connect.get_client(interface="chdb", path=str(folder / "store"))
    client.command(_ddl("clickhouse", "`", "ENGINE = MergeTree ORDER BY tuple()"))
    lines = ", ".join(f"({', '.join(map(_literal, COLUMNS, row))})" for row in stored(table))
    client.command(f"INSERT INTO `order lines` VALUES {lines}")
    client.close()
    return f"connection = 'chdb:{folder}/store'\ntable = '`order lines`'"


def _literal(name: str, value: object) -> str:
    """Write a value; moments as seconds, except the wall clock of paid_utc."""
    if value is None:
        return "NULL"
    if isinstance(value, dt.datetime):
        if name == "paid_utc":
            return f"'{value:%Y-%m-%d %H:%M:%S}'"
        zoned = value if value.tzinfo else value.replace(tzinfo=BEIJING)
        return str(int(zoned.timestamp()))
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return str(value)


def _note(engine: str, folder, port: int, certificate) -> None:
    own = folder / "ca.pem"
    own.write_bytes(certificate.read_bytes())
    SERVER_TLS[engine] = {"certificate": str(own), "port": str(port), "stranger": "stranger"}


def _open(server, closing):
    found = server.__enter__()
    closing.append(lambda: server.__exit__(None, None, None))
    return found


def _server(engine: str, port: int) -> str:
    os.environ["XLPLAN_TEST_PASSWORD"] = databases.PASSWORD
    quote = "`" if engine == "mysql" else '"'
    return (
        f"connection = '{engine}://127.0.0.1:{port}/shop'\nuser = 'reader'\n"
        f"password = '${{XLPLAN_TEST_PASSWORD}}'\ntable = '{quote}order lines{quote}'"
    )


#: What the tests of refusals need of each server.
SERVER_TLS: dict[str, dict[str, str]] = {}
START = {
    "duckdb": _duckdb,
    "parquet": _parquet,
    "postgres": _postgres,
    "mysql": _mysql,
    "clickhouse": _clickhouse,
    "spark": _spark,
}
