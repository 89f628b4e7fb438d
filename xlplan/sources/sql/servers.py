"""PostgreSQL, MySQL and ClickHouse: what a declaration says → what each driver is told.

TLS is one word for all of them. What is required is enforced, or the connection is refused
before anything is asked; no driver is trusted to fall back.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from xlplan.errors import FileError, InputError
from xlplan.record import record
from xlplan.sources.sql.mysql import connection as mysql_connection
from xlplan.sources.sql.mysql import ibis_mysql

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from xlplan.sources.sql.config import SqlSource

ZONE = "Asia/Shanghai"
_SECONDS = 15
_HTTPS = 8443
#: How drivers and their manuals call the ways of TLS.
_MODES = {
    "disable": "off", "disabled": "off", "off": "off", "false": "off", "0": "off",
    "allow": "preferred", "prefer": "preferred", "preferred": "preferred",
    "require": "required", "required": "required", "true": "required", "1": "required", "on": "required",
    "verify": "verify", "verify-ca": "verify-ca", "verify_ca": "verify-ca",
    "verify-full": "verify", "verify_identity": "verify",
}  # fmt: skip
_MODE_KEYS = ("sslmode", "ssl_mode", "ssl-mode", "ssl", "tls", "secure")
_CA_KEYS = ("sslrootcert", "ssl_ca", "ssl-ca", "ca_cert")
_POSTGRES = {"off": "disable", "preferred": "prefer", "required": "require", "verify-ca": "verify-ca", "verify": "verify-full"}  # fmt: skip


@record
class Tls:
    """How a connection is protected.

    Attributes:
        mode: ``off``, ``preferred``, ``required``, ``verify-ca``, ``verify``; "" when not told.
        ca: File of the authority; "" for those the machine trusts.
    """

    mode: str = ""
    ca: str = ""

    @property
    def demanded(self) -> bool:
        """Whether there must be no connection without it."""
        return self.mode in ("required", "verify-ca", "verify")

    @property
    def checked(self) -> bool:
        """Whether the server's certificate must be a good one."""
        return self.mode in ("verify-ca", "verify")


def open_server(engine: str, source: SqlSource, url: str, told: dict[str, Any]) -> Any:
    """Return an ibis backend that only reads.

    Args:
        engine: ``postgres``, ``mysql`` or ``clickhouse``.
        source: The declaration.
        url: Its connection, references looked up.
        told: User, password and options, looked up; they go over what the URL says.

    Raises:
        InputError: The way of TLS is none, or not possible with this engine.
        FileError: TLS is demanded and not there.
    """
    split = urlsplit(url)
    place: dict[str, Any] = {"host": split.hostname, "port": split.port}
    place |= {"user": unquote(split.username or ""), "password": unquote(split.password or "")}
    place |= {"database": unquote(split.path.strip("/"))}
    options = {key: _typed(unquote(value)) for key, _, value in _pairs(split.query)}
    options |= told
    tls = tls_of(source, options)
    place = {key: value for key, value in place.items() if value}
    opener = {"postgres": _postgres, "mysql": _mysql, "clickhouse": _clickhouse}[engine]
    return opener(source, split, place | options, tls)


def tls_of(source: SqlSource, options: dict[str, Any]) -> Tls:
    """Take TLS out of driver options, however it is called there; the declaration's word goes first."""
    modes = [str(options.pop(key)).lower() for key in _MODE_KEYS if key in options]
    files = [str(options.pop(key)) for key in _CA_KEYS if key in options]
    said = source.tls or next(iter(modes), "")
    if said and said not in _MODES:
        what = f"TLS 的写法「{said}」不认识"
        raise InputError(
            what, remedy='写 tls = "off"、"preferred"、"required" 或 "verify"', where=source.where
        )
    given = source.ssl_ca or next(iter(files), "")
    ca = str(source.file.parent / given) if given else ""
    if ca and not Path(ca).is_file():
        what = f"ssl_ca 指的证书文件不存在：{given}"
        raise InputError(what, remedy="路径相对于声明文件所在的文件夹", where=source.where)
    mode = _MODES.get(said, "")
    if ca and mode in ("", "preferred", "required"):
        mode = "verify-ca" if mode else "verify"
    return Tls(mode, ca)


def _postgres(source: SqlSource, _: SplitResult, told: dict[str, Any], tls: Tls) -> Any:
    import ibis

    told = {"connect_timeout": _SECONDS, **told}
    if tls.mode:
        told["sslmode"] = _POSTGRES[tls.mode]
    if tls.ca or tls.checked:
        told["sslrootcert"] = tls.ca or "system"
    backend = ibis.postgres.connect(**told)
    _say(backend, f"SET TIME ZONE '{ZONE}'", "SET default_transaction_read_only = on")
    if tls.demanded:
        asked = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        _require(source, backend, bool(_one(backend, asked)))
    return backend


def _mysql(source: SqlSource, _: SplitResult, told: dict[str, Any], tls: Tls) -> Any:
    told = {"connect_timeout": _SECONDS, "host": "127.0.0.1", **told}
    if tls.mode == "off":
        told["ssl_disabled"] = True
    elif tls.demanded:
        told["ssl"] = {
            "ca": tls.ca or None,
            "check_hostname": tls.mode == "verify",
            "verify_mode": tls.checked,
        }
        if tls.checked and not tls.ca:
            told["ssl"] = _trusted(check_hostname=tls.mode == "verify")
    module = ibis_mysql()
    backend = module.from_connection(mysql_connection(told))
    _say(
        backend,
        "SET NAMES utf8mb4 COLLATE utf8mb4_bin",
        "SET SESSION time_zone = '+08:00'",
        "SET SESSION TRANSACTION READ ONLY",
    )
    if tls.demanded:
        _require(source, backend, bool(_one(backend, "SHOW STATUS LIKE 'Ssl_cipher'", 1)))
    return backend


def _trusted(*, check_hostname: bool) -> Any:
    import ssl

    context = ssl.create_default_context()
    context.check_hostname = check_hostname
    return context


def _clickhouse(source: SqlSource, url: SplitResult, told: dict[str, Any], tls: Tls) -> Any:
    import ibis

    settings: dict[str, Any] = {"readonly": 2}
    if source.offset is None:
        settings["session_timezone"] = ZONE
    if url.scheme.endswith("chdb"):
        return _chdb(source, url, settings)
    if tls.mode == "preferred":
        what = "ClickHouse 加密和不加密是两个端口，不能写 preferred"
        raise InputError(what, remedy='写 tls = "required" 或 "off"', where=source.where)
    if tls.demanded:
        told = {"port": _HTTPS, **told, "secure": True, "verify": tls.checked}
        told |= {"ca_cert": tls.ca} if tls.ca else {}
    told = {"connect_timeout": _SECONDS, **told}
    return ibis.clickhouse.connect(**told, settings=settings)


def _chdb(source: SqlSource, url: SplitResult, settings: dict[str, Any]) -> Any:
    """Open ClickHouse inside this process, on a folder of its tables."""
    import clickhouse_connect
    import ibis

    folder = url.netloc + url.path
    path = str(source.file.parent / folder) if folder else ":memory:"
    client = clickhouse_connect.get_client(
        interface="chdb", path=path, settings=settings, query_limit=0
    )
    return ibis.clickhouse.from_connection(client)


def _say(backend: Any, *statements: str) -> None:
    for statement in statements:
        backend.raw_sql(statement).close()


def _one(backend: Any, asked: str, at: int = 0) -> Any:
    cursor = backend.raw_sql(asked)
    try:
        row = cursor.fetchone()
        return row[at] if row else None
    finally:
        cursor.close()


def _require(source: SqlSource, backend: Any, encrypted: bool) -> None:  # noqa: FBT001  # the answer
    if encrypted:
        return
    backend.disconnect()
    raise FileError(
        f"「{source.name}」要求加密连接（TLS），而这个连接没有加密，没有读",
        remedy='请让数据库开启 TLS；确实在内网、不需要加密时写 tls = "off"',
        where=source.where,
        code="database",
    )


def _pairs(query: str) -> list[tuple[str, str, str]]:
    return [pair.partition("=") for pair in query.split("&") if pair]


def _typed(text: str) -> bool | int | str:
    if text.isascii() and text.isdigit():
        return int(text)
    return {"true": True, "false": False}.get(text.lower(), text)
