"""A declaration → an open, read-only connection of ibis, Beijing its clock."""

from __future__ import annotations

import tempfile
import warnings
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, unquote, urlsplit

from xlplan.errors import FileError, InputError, PlanError, Where
from xlplan.sources.sql.config import engine_of
from xlplan.sources.sql.secrets import Secrets, missing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from xlplan.sources.sql.config import SqlSource

_ZONE = "Asia/Shanghai"
_SECONDS = 15
#: The embedded engine spills to disk beyond this; its own overhead comes on top.
_MEMORY = "256MB"

#: Packages whose exceptions are the engine's word about the data or the way to it.
_DRIVERS = frozenset(
    "duckdb _duckdb ibis sqlglot psycopg MySQLdb clickhouse_connect urllib3 pyspark py4j".split()
)


@contextmanager
def connect(source: SqlSource) -> Iterator[Any]:
    """Yield an ibis backend for `source`, closed afterwards.

    Whatever a driver says goes through `Secrets.scrub`, and its traceback, which
    would hold the password, goes nowhere.

    Raises:
        InputError: A reference that leads nowhere, or an unknown engine.
        FileError: The engine refused, with code ``database``.
    """
    secrets = Secrets()
    with ExitStack() as closing, warnings.catch_warnings():
        for package in _DRIVERS:
            for kind in (DeprecationWarning, FutureWarning):
                warnings.filterwarnings("ignore", category=kind, module=rf"{package}\b")
        try:
            yield _open(source, secrets, closing)
        except PlanError:
            raise
        except Exception as error:
            if type(error).__module__.partition(".")[0] not in _DRIVERS:
                raise
            raise _refused(source, secrets, error) from None


def _refused(source: SqlSource, secrets: Secrets, error: Exception) -> FileError:
    said = secrets.scrub(error)
    return FileError(
        f"「{source.name}」读不出来（{type(error).__name__}）：{said}",
        remedy="请检查地址、账号权限、表名，以及列的类型是否如声明所写",
        where=Where(source.file.name),
        code="database",
    )


def _open(source: SqlSource, secrets: Secrets, closing: ExitStack) -> Any:
    try:
        import ibis  # noqa: F401  # the message must name the extra before anything else fails
    except ImportError:
        raise missing("ibis") from None
    connection = secrets.resolve_url(source.connection)
    options = {key: secrets.resolve(value) for key, value in source.options.items()}
    try:
        engine = engine_of(connection)
    except ValueError as error:
        raise InputError(error.args[0], where=Where(source.file.name)) from None
    if engine in ("duckdb", "spark"):
        opener: Callable[..., Any] = _duckdb if engine == "duckdb" else _spark
        return opener(source, connection, options, closing)
    login = {
        "user": secrets.resolve(source.user),
        "password": secrets.resolve(source.password, secret=True),
    }
    backend = _server(engine, urlsplit(connection), login, options)
    closing.callback(backend.disconnect)
    return backend


def _duckdb(
    source: SqlSource, connection: str, options: dict[str, str], closing: ExitStack
) -> Any:
    """Open the embedded engine; nothing is ever downloaded, and files are only read."""
    import ibis

    file = connection.partition(":")[2].removeprefix("//")
    scratch = closing.enter_context(tempfile.TemporaryDirectory(prefix="xlplan-"))
    settings = {
        "memory_limit": _MEMORY,
        "temp_directory": scratch,
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }
    place = str(source.file.parent / file) if file else ":memory:"
    try:
        backend = ibis.duckdb.connect(place, read_only=bool(file), **(settings | options))
    except ImportError:
        raise missing("duckdb") from None
    closing.callback(backend.disconnect)
    backend.raw_sql(f"SET TimeZone = '{_ZONE}'")
    return backend


def _spark(_: SqlSource, connection: str, options: dict[str, str], closing: ExitStack) -> Any:
    """Join the running Spark session, or start one that ends with the job."""
    try:
        import ibis
        from pyspark.sql import SparkSession
    except ImportError:
        raise missing("pyspark", "spark") from None
    running = SparkSession.getActiveSession()
    builder = SparkSession.builder.appName("xlplan")
    if "://" in connection:
        builder = builder.master(connection)
    for key, value in options.items():
        builder = builder.config(key, value)
    session = running or builder.getOrCreate()
    if running is None:
        closing.callback(session.stop)
    else:
        zone = running.conf.get("spark.sql.session.timeZone")
        closing.callback(running.conf.set, "spark.sql.session.timeZone", zone)
    backend = ibis.pyspark.connect(session)
    session.conf.set("spark.sql.session.timeZone", _ZONE)
    return backend


def _server(engine: str, url: SplitResult, login: dict[str, str], options: dict[str, str]) -> Any:
    """Open PostgreSQL, MySQL or ClickHouse with what the URL and the declaration say."""
    import ibis

    told: dict[str, Any] = {"host": url.hostname, "port": url.port}
    told |= {"user": unquote(url.username or ""), "password": unquote(url.password or "")}
    told |= {key: value for key, value in login.items() if value}
    told |= {"database": url.path.strip("/")}
    told = {key: value for key, value in told.items() if value}
    more: dict[str, Any] = {"connect_timeout": _SECONDS}
    more |= {key: _typed(value) for key, value in options.items()}
    more |= {key: _typed(value) for key, _, value in _pairs(url.query)}
    if engine == "clickhouse":
        more["settings"] = {"readonly": 2, "session_timezone": _ZONE}
    try:
        backend = getattr(ibis, engine).connect(**told, **more)
    except ImportError as error:
        raise missing(error.name or engine, engine) from None
    for statement in _ON_CONNECT.get(engine, ()):
        backend.raw_sql(statement).close()
    return backend


#: Nothing but reading, and days as people in China count them.
_ON_CONNECT = {
    "postgres": (f"SET TIME ZONE '{_ZONE}'", "SET default_transaction_read_only = on"),
    "mysql": ("SET SESSION time_zone = '+08:00'", "SET SESSION TRANSACTION READ ONLY"),
}


def _pairs(query: str) -> list[tuple[str, str, str]]:
    return [pair.partition("=") for pair in query.split("&") if pair]


def _typed(text: str) -> bool | str:
    return {"true": True, "false": False}.get(text.lower(), text)
