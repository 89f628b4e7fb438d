"""What a database refuses, in words: which of the usual reasons it is, and what helps against it.

Drivers tell a reason by a code where they have one, else by their words; both are looked at. Their
own words, freed of secrets, stand at the end for whoever looks after the database.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from xlplan.errors import FileError
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.sources.sql.config import SqlSource
    from xlplan.sources.sql.secrets import Secrets


@record
class Reason:
    """A usual reason.

    Attributes:
        key: Short name.
        what: What users read.
        remedy: What helps.
        codes: SQLSTATE of PostgreSQL, numbers of MySQL, ClickHouse's as ``CH60``.
        words: Expression over the driver's words.
    """

    key: str
    what: str
    remedy: str
    codes: str
    words: str


#: In the order they are asked: what is special before what is general.
REASONS = (
    Reason("tls", "加密连接（TLS）没有建成",
           '请让数据库开启 TLS，或核对 ssl_ca 是不是签发它的证书、主机名对不对；不需要加密时写 tls = "off"',
           "2026 3159", r"certificate|\bssl\b|\btls\b|wrong version number"),
    Reason("password", "用户名或密码不对",
           "请核对 user 和 password 指的环境变量或钥匙串里的密码",
           "28P01 28000 1045 1698 1251 CH516 CH194 CH192",
           r"password authentication failed|authentication failed|access denied for user .* \(using|no password supplied"),
    Reason("host", "找不到这台主机",
           "请核对 connection 里的主机名；在公司网外要先连 VPN",
           "2005", r"could not translate host name|name or service not known|nodename nor servname|temporary failure in name resolution|getaddrinfo|no such host|failed to resolve"),
    Reason("closed", "主机没有应答",
           "请核对端口、数据库开没开、防火墙让不让这台电脑连",
           "2006 08006 08001 CH210 CH209",
           r"connection refused|can't connect|timed? ?out|connection reset|network is unreachable|no route to host|server closed the connection|max retries"),
    Reason("database", "没有这个库",
           "请核对 connection 末尾的库名", "3D000 1049 CH81", r"database .* does not exist|unknown database|catalog .* does not exist"),
    Reason("rights", "这个账号没有读的权限",
           "请管理员给这个账号这张表的只读权限（GRANT SELECT）",
           "42501 1142 1143 1044 1227 CH497", r"permission denied|not enough privileges|command denied|access denied"),
    Reason("write", "这个连接只读", "程序只读数据库，不写", "25006 1792 CH164", r"read.?only"),
    Reason("table", "没有这张表",
           "请核对 table（可以带库名：ods.order_lines）", "42P01 3F000 1146 CH60",
           r"table.* does not exist|table_or_view_not_found|tablenotfound|no such table|schema .* does not exist|unknown table"),
    Reason("column", "没有声明里的列",
           "请按表里的列名改 [columns]、where 或 query", "42703 1054 CH47",
           r"column .* does not exist|unknown column|unresolved_column|referenced column|missing columns|unknown_identifier"),
    Reason("type", "有一列的类型和声明的不符",
           "请用 xlplan sql check 看看认到的列和类型；时间存成数或文字时写 time_format",
           "42883 42804 22P02 22007 22008 22003 1366 1292 CH53 CH43 CH6 CH27 CH41 CH386",
           r"conversion error|could not convert|cannot parse|type mismatch|datatype_mismatch|cast_invalid_input|no function matches|no operator matches|illegal type"),
    Reason("syntax", "query 或 where 不是这个库认得的 SQL",
           "请先在数据库工具里跑通再写进声明", "42601 1064 CH62", r"syntax error|parser error|parse_syntax_error"),
    Reason("busy", "数据库连接数满了", "请过一会再试", "53300 1040 1203 CH202", r"too many (clients|connections)"),
    Reason("slow", "数据库觉得查询太久，中断了",
           "请用 --since 只取近几天，或请管理员放宽这个账号的时限", "57014 1969 3024 CH159",
           r"statement timeout|max_statement_time|timeout exceeded|canceling statement"),
    Reason("memory", "内存不够",
           "请用 --since 分段取，或在 [options] 里放宽内存", "53200 1038 CH241", r"out of memory|memory limit|outofmemory"),
)  # fmt: skip

_FALLBACK = Reason("", "", "请检查地址、账号权限、表名，以及列的类型是否如声明所写", "", "")
_CLICKHOUSE_CODE = re.compile(r"\bcode:? (\d+)", re.IGNORECASE)


def reason_of(error: BaseException) -> Reason:
    """Return why a driver refused; an empty reason when it is none of the usual ones."""
    words = f"{type(error).__name__} {error}".lower()
    codes = set(_codes(error, words))
    for reason in REASONS:
        if codes & set(reason.codes.split()):
            return reason
    return next((one for one in REASONS if re.search(one.words, words)), _FALLBACK)


def _codes(error: BaseException, words: str) -> list[str]:
    found = [str(getattr(error, "sqlstate", "") or "")]
    first = error.args[0] if error.args else ""
    if isinstance(first, int):
        found.append(str(first))
    if "clickhouse" in type(error).__module__:
        found += [f"CH{code}" for code in _CLICKHOUSE_CODE.findall(words)]
    return list(filter(None, found))


def refusal(source: SqlSource, secrets: Secrets, error: BaseException) -> FileError:
    """Return the refusal users read for what a driver raised."""
    reason = reason_of(error)
    said = secrets.scrub(error)
    what = (
        f"「{source.name}」读不出来：{reason.what}"
        if reason.what
        else f"「{source.name}」读不出来"
    )
    name = type(error).__name__
    return FileError(
        f"{what}（{name}：{said}）", remedy=reason.remedy, where=source.where, code="database"
    )


def no_table(source: SqlSource, name: str, near: Sequence[str]) -> FileError:
    """Return the refusal of a table that is not there, with names like it."""
    like = f"；相近的有：{'、'.join(near)}" if near else ""
    return FileError(
        f"「{source.name}」读不出来：没有表「{name}」{like}",
        remedy="请核对 table（可以带库名：ods.order_lines）；表在而看不见，是这个账号没有权限",
        where=source.where,
        code="database",
    )
