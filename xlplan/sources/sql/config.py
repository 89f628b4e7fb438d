"""What a database of order lines is, as a small TOML file the user writes.

name = "订单库"
connection = "postgres://db.example.com:5432/shop"  # or duckdb, duckdb:FILE, mysql://…, clickhouse://…, spark
user = "reader"
password = "${SHOP_DB_PASSWORD}"      # an environment variable, or keyring:SERVICE/USER; never the word itself
table = "ods.order_lines"             # or several; duckdb without a file: paths = ["orders/"]
query = "SELECT …"                    # instead of a table; or where = "is_test = 0" beside one
tls = "required"                      # off, preferred, required, verify; ssl_ca = "ca.pem"
store = "示例旗舰店"                    # only when no column says it
amount_unit = "元"                     # 元, 分, 千元, 万元; [units] for single columns
amount_is = "gross"                   # "net": refunds are already taken off and are added back
per_order = ["amount"]                # the order's figure stands on every line of it; [] when none does
refund_by = "paid"                    # the refund's day: that of the payment, or "completed"
time_format = "auto"                  # text or whole numbers: iso, yyyymmdd, epoch, epoch_ms
timezone = "Asia/Shanghai"            # of times that name no zone
grain = "lines"                       # "days": a row a store and day already; [metrics] names its columns
exclude_prefixes = ["G-", "V-"]       # beginnings of the seller's remark: 补单, only ever subtracted
drop_status = ["已取消"]
[columns]                             # all optional: usual headers are known
paid_at = "pay_time"
line = "line_id"                      # a line that came twice counts once
[stores]                              # value in the store column → name in the plan book
"1001" = "示例旗舰店"
[channels]                            # value in the channel column → channel key, "" for none
"直播" = "qianchuan"
[join.shops]                          # more columns from a table that has one row a key
table = "dim.shops"
on = { shop_id = "id" }               # column here = column there
columns = { shop_name = "name" }      # new name = column there
[options]                             # handed to the driver; texts may be references
"spark.master" = "local[2]"
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from xlplan.errors import InputError, Where
from xlplan.metrics import CHANNELS
from xlplan.sources.declare import names, split_unit
from xlplan.sources.mapping import importable_metric
from xlplan.sources.sql.entries import (
    Join,
    drivers_options,
    joins,
    listed,
    one_of,
    table_parts,
    texts,
    zone_offset,
)
from xlplan.sources.sql.secrets import REFERENCE, refuse_literals

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

#: What a column is for → the headers it usually has, the best first.
ROLES: Mapping[str, str] = MappingProxyType(
    {
        "paid_at": "订单付款时间 | 付款时间 | 支付时间 | 订单成交时间 | paid_at | pay_time | paid_time | payment_time",
        "amount": "买家实际支付金额 | 买家实付金额 | 用户实付金额 | 实付金额 | 支付金额 | paid_amount | pay_amount | amount",
        "refund": "退款金额 | refund_amount | refund",
        "total": "总金额 | total_amount",
        "order": "主订单编号 | 订单编号 | 订单号 | order_id | order_no",
        "line": "子订单编号 | 子订单号 | order_line_id | line_id",
        "buyer": "买家会员名 | 买家昵称 | 买家ID | buyer_id | buyer | user_id | customer_id",
        "store": "店铺名称 | 店铺名 | 店铺 | store | shop | store_name | shop_name",
        "channel": "推广渠道 | 来源渠道 | 渠道 | channel",
        "units": "宝贝总数量 | 购买数量 | 商品数量 | quantity | qty | units",
        "status": "订单状态 | order_status | status",
        "stages": "分阶段订单信息",
        "remark": "订单备注 | 商家备忘 | 商家备注 | 卖家备注 | seller_remark | seller_memo",
        "exclude": "是否补单 | is_excluded",
        "updated": "更新时间 | updated_at | update_time | modified_at",
        "refunded_at": "退款完结时间 | 退款完成时间 | 完结时间 | refunded_at | refund_time | refund_finished_at",
    }
)
#: 千牛 shows what is left after refunds under these names (DOMAIN §0.8).
NET_AMOUNTS = "买家实际支付金额 | 买家实付金额"
FEN = {"分": 1, "元": 100, "千元": 100_000, "万元": 1_000_000}
ENGINES = {
    "duckdb": "duckdb",
    "postgres": "postgres",
    "postgresql": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "clickhouse": "clickhouse",
    "chdb": "clickhouse",
    "spark": "spark",
}
#: Columns that hold figures, and those of them that hold money.
FIGURES = ("amount", "refund", "total", "units")
MONEY = FIGURES[:3]
TLS = ("", "off", "preferred", "required", "verify")
_KEYS = frozenset(
    "name connection user password tls ssl_ca table tables query where paths store grain"
    " amount_unit amount_is per_order refund_by time_format timezone exclude_prefixes drop_status"
    " columns units stores channels metrics join options".split()
)
_TIMES = ("auto", "iso", "yyyymmdd", "epoch", "epoch_ms")
_REMEDY = (
    '最少要有 connection 和 table（或 connection = "duckdb" 和 paths），写法见 docs/import.zh.md'
)


@dataclass(frozen=True, kw_only=True)
class SqlSource:
    """A declaration as read; `unresolved` texts still hold their ``${…}`` references.

    Attributes:
        file: Where the declaration stands; relative paths are relative to its folder.
        name: What users read.
        connection: ``duckdb``, ``duckdb:FILE``, ``spark`` or a URL without password.
        user: Login name or a reference.
        password: A reference; never the password.
        tls: ``off``, ``preferred``, ``required`` or ``verify``; "": as the driver does.
        ssl_ca: File of the authority that must have signed the server's certificate.
        tables: Name parts (schema, table) of each table; the tables are put under each other.
        query: A SELECT instead of tables.
        filter: A condition in SQL on the tables or the query.
        paths: Files and folders of order lines.
        store: Store of lines that name none.
        grain: ``lines``, or ``days``: a row a store and day, with a column a metric.
        fen: How many fen one unit of the amount columns is.
        units: Column role (or metric) → how many fen one unit of it is.
        net: Refunds are already taken off the amount; None: as its header says.
        per_order: Roles whose figure is the order's and stands on each of its lines; None: not
            told.
        refund_by: ``paid`` or ``completed``: the day a refund belongs to.
        time_format: How the paid time is written when it is no time type.
        offset: Seconds that times without a zone are ahead of UTC; None: Beijing's, not told.
        exclude_prefixes: Beginnings of the remark that mark an excluded order.
        drop_status: States of orders that never count.
        columns: Role → header, only those the user named.
        stores: Value in the store column → name in the book.
        channels: Value in the channel column → channel key.
        metrics: Metric → header, of a table of days.
        joined: Tables with more columns.
        options: Settings for the driver.
    """

    file: Path
    name: str = "数据库订单"
    connection: str = "duckdb"
    user: str = ""
    password: str = ""
    tls: str = ""
    ssl_ca: str = ""
    tables: tuple[tuple[str, ...], ...] = ()
    query: str = ""
    filter: str = ""
    paths: tuple[str, ...] = ()
    store: str = ""
    grain: str = "lines"
    fen: int = 100
    units: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    net: bool | None = None
    per_order: tuple[str, ...] | None = None
    refund_by: str = "paid"
    time_format: str = "auto"
    offset: int | None = None
    exclude_prefixes: tuple[str, ...] = ("G-", "V-")
    drop_status: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    stores: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    channels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    metrics: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    joined: tuple[Join, ...] = ()
    options: Mapping[str, str | float | bool] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def table(self) -> str:
        """The tables as people write them; of a query only that it is one."""
        return "、".join(".".join(parts) for parts in self.tables) or (
            "query" if self.query else ""
        )

    @property
    def where(self) -> Where:
        """The place problems are reported at: the declaration and the table."""
        return Where(self.file.name, self.table)

    def spec(self, role: str) -> str:
        """Return the headers a role is looked for under, as ``"a | b"``."""
        return self.columns.get(role, ROLES[role])


def load_sql(path: str | os.PathLike[str]) -> SqlSource:
    """Read a declaration; raise InputError naming the entry that is wrong."""
    file = Path(path)
    try:
        said = tomllib.loads(file.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        where = Where(file.name)
        raise InputError("数据库声明读不出来", remedy=_why(error), where=where) from None
    try:
        return parse_sql(said, file)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        what = f"数据库声明不对：{error.args[0] if error.args else error}"
        raise InputError(what, remedy=_REMEDY, where=Where(file.name)) from None


def _why(error: Exception) -> str:
    """Say why without quoting the file: a line of it may hold what should not be there."""
    if isinstance(error, OSError):
        return "文件不存在或没有权限"
    place = re.search(r"line \d+", str(error))
    return (
        f"TOML 格式有误（{place[0].replace('line', '第')} 行）"
        if place
        else "请存为 UTF-8 的 TOML"
    )


def parse_sql(said: dict[str, Any], file: Path) -> SqlSource:
    """Return the source that a declaration's content means; ValueError when it means none."""
    if unknown := set(said) - _KEYS:
        raise ValueError(f"不认识的项 {'、'.join(sorted(unknown))}")
    connection, options = str(said["connection"]), drivers_options(said)
    shown = {name: value if isinstance(value, str) else "" for name, value in options.items()}
    refuse_literals(connection, str(said.get("password", "")), shown)
    source = SqlSource(
        file=file,
        name=str(said.get("name", "数据库订单")),
        connection=connection,
        user=str(said.get("user", "")),
        password=str(said.get("password", "")),
        tls=one_of(said, "tls", TLS, ""),
        ssl_ca=str(said.get("ssl_ca", "")),
        tables=tuple(map(table_parts, listed(said, "tables") or listed(said, "table"))),
        query=str(said.get("query", "")).strip(),
        filter=str(said.get("where", "")).strip(),
        paths=listed(said, "paths"),
        options=options,
        **_meaning(said),
        **_naming(said),
    )
    _check_place(source)
    return source


def _meaning(said: dict[str, Any]) -> dict[str, Any]:
    """Return what the columns mean: their units, days and levels."""
    return {
        "grain": one_of(said, "grain", ("lines", "days"), "lines"),
        "fen": FEN[one_of(said, "amount_unit", tuple(FEN), "元")],
        "units": _units(said),
        "net": {"net": True, "gross": False, "auto": None}[
            one_of(said, "amount_is", ("net", "gross", "auto"), "auto")
        ],
        "per_order": _per_order(said),
        "refund_by": one_of(said, "refund_by", ("paid", "completed"), "paid"),
        "time_format": one_of(said, "time_format", _TIMES, "auto"),
        "offset": zone_offset(str(said["timezone"])) if "timezone" in said else None,
        "exclude_prefixes": listed(said, "exclude_prefixes", SqlSource.exclude_prefixes),
        "drop_status": listed(said, "drop_status"),
    }


def _naming(said: dict[str, Any]) -> dict[str, Any]:
    """Return what columns and values are called here."""
    return {
        "store": str(said.get("store", "")),
        "columns": _columns(said),
        "stores": texts(said, "stores"),
        "channels": _channels(said),
        "metrics": {
            importable_metric(name): head for name, head in texts(said, "metrics").items()
        },
        "joined": joins(said),
    }


def is_net(source: SqlSource, title: str) -> bool:
    """Return True when refunds are already taken off the amount, as declared or as its header says."""
    if source.net is not None:
        return source.net
    return split_unit(title)[0] in {split_unit(name)[0] for name in names(NET_AMOUNTS)}


def engine_of(connection: str) -> str:
    """Return the engine a resolved connection text names; ValueError for an unknown one."""
    scheme = connection.partition(":")[0].partition("+")[0].strip().lower()
    if scheme not in ENGINES:
        raise ValueError(
            f"connection 只能是 {'、'.join(dict.fromkeys(ENGINES.values()))} 之一开头"
        )
    return ENGINES[scheme]


def _check_place(source: SqlSource) -> None:
    if (bool(source.tables) + bool(source.paths) + bool(source.query)) != 1:
        raise ValueError("table、query 和 paths 要写其中一个")
    if source.filter and source.paths:
        raise ValueError("where 只能和 table 或 query 一起用")
    if REFERENCE.search(source.connection):
        return
    engine = engine_of(source.connection)
    if source.paths and engine not in ("duckdb", "spark"):
        raise ValueError("paths 只能用于 duckdb（spark 只读 Parquet）")


def _units(said: dict[str, Any]) -> Mapping[str, int]:
    """Return the unit of single columns, by role or metric."""
    found = {}
    for name, unit in texts(said, "units").items():
        if unit not in FEN:
            raise ValueError(f"[units] 的 {name} 只能是 {'、'.join(FEN)}，不能是 {unit}")
        found[name if name in MONEY else importable_metric(name)] = FEN[unit]
    return MappingProxyType(found)


def _per_order(said: dict[str, Any]) -> tuple[str, ...] | None:
    if "per_order" not in said:
        return None
    roles = listed(said, "per_order")
    if unknown := set(roles) - set(FIGURES):
        raise ValueError(
            f"per_order 只能写 {'、'.join(FIGURES)}，不能是 {'、'.join(sorted(unknown))}"
        )
    return roles


def _columns(said: dict[str, Any]) -> Mapping[str, str]:
    named = texts(said, "columns")
    if unknown := set(named) - set(ROLES):
        raise ValueError(
            f"[columns] 里不认识 {'、'.join(sorted(unknown))}，可用 {'、'.join(ROLES)}"
        )
    return named


def _channels(said: dict[str, Any]) -> Mapping[str, str]:
    named, keys = texts(said, "channels"), {channel.key for channel in CHANNELS}
    if unknown := set(named.values()) - keys - {""}:
        known = "、".join(sorted(keys))
        raise ValueError(f"[channels] 里没有渠道 {'、'.join(sorted(unknown))}，可用 {known}")
    return named
