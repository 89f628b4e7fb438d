"""A declaration → an open, read-only connection of ibis, Beijing its clock."""

from __future__ import annotations

import logging
import tempfile
import warnings
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from xlplan.errors import InputError, PlanError, Where
from xlplan.sources.sql.config import engine_of
from xlplan.sources.sql.refusals import refusal
from xlplan.sources.sql.secrets import Secrets, missing
from xlplan.sources.sql.servers import ZONE, open_server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from xlplan.sources.sql.config import SqlSource

#: The embedded engine spills to disk beyond this; its own overhead comes on top.
_MEMORY = "256MB"

#: Packages whose exceptions are the engine's word about the data or the way to it.
_DRIVERS = frozenset(
    "duckdb _duckdb ibis sqlglot psycopg MySQLdb pymysql clickhouse_connect chdb urllib3 pyspark py4j"
    " ssl socket".split()
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
    with ExitStack() as closing, _quiet():
        try:
            backend = _open(source, secrets, closing)
            closing.enter_context(_columns_kept())
            yield backend
        except PlanError:
            raise
        except Exception as error:
            if type(error).__module__.partition(".")[0] not in _DRIVERS:
                raise
            raise refusal(source, secrets, error) from None


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what libraries say to programmers away from users: it is in English and not for them."""
    loggers = [
        logging.getLogger(name) for name in ("clickhouse_connect", "py4j", "pyspark", "ibis")
    ]
    before = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for logger in loggers:
            logger.setLevel(logging.CRITICAL)
        try:
            yield
        finally:
            for logger, level in zip(loggers, before, strict=True):
                logger.setLevel(level)


@contextmanager
def _columns_kept() -> Iterator[None]:
    """Keep each step of an expression a query of its own.

    ibis would put the text of a step into every place that uses it, and texts of texts grow fast;
    engines take nested queries apart again themselves.
    """
    import ibis

    before = ibis.options.sql.fuse_selects
    ibis.options.sql.fuse_selects = False
    try:
        yield
    finally:
        ibis.options.sql.fuse_selects = before


def _open(source: SqlSource, secrets: Secrets, closing: ExitStack) -> Any:
    try:
        import ibis  # noqa: F401  # the message must name the extra before anything else fails
    except ImportError:
        raise missing("ibis") from None
    connection = secrets.resolve_url(source.connection)
    options = {
        key: secrets.resolve(value) if isinstance(value, str) else value
        for key, value in source.options.items()
    }
    try:
        engine = engine_of(connection)
    except ValueError as error:
        raise InputError(error.args[0], where=Where(source.file.name)) from None
    if engine in ("duckdb", "spark"):
        if source.tls not in ("", "off"):
            what = f"tls 不能用于 {engine}，它不经过网络连接数据库"
            raise InputError(what, remedy="去掉 tls 一项", where=Where(source.file.name))
        opener: Callable[..., Any] = _duckdb if engine == "duckdb" else _spark
        return opener(source, connection, options, closing)
    login = {
        "user": secrets.resolve(source.user),
        "password": secrets.resolve(source.password, secret=True),
    }
    told = options | {key: value for key, value in login.items() if value}
    try:
        backend = open_server(engine, source, connection, told)
    except ImportError as error:
        raise missing(error.name or engine, engine) from None
    closing.callback(backend.disconnect)
    return backend


def _duckdb(
    source: SqlSource, connection: str, options: dict[str, Any], closing: ExitStack
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
    backend.raw_sql(f"SET TimeZone = '{ZONE}'")
    return backend


def _spark(_: SqlSource, connection: str, options: dict[str, Any], closing: ExitStack) -> Any:
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
    session.conf.set("spark.sql.session.timeZone", ZONE)
    return backend
