"""What a database of order lines is, as a small TOML file the user writes.

name = "订单库"
connection = "postgres://db.example.com:5432/shop"  # or duckdb, duckdb:FILE, mysql://…, clickhouse://…, spark
user = "reader"
password = "${SHOP_DB_PASSWORD}"      # an environment variable, or keyring:SERVICE/USER; never the word itself
table = "ods.order_lines"             # duckdb without a file: paths = ["orders/"]
store = "示例旗舰店"                    # only when no column says it
amount_unit = "元"                     # 元, 分, 千元, 万元
amount_is = "gross"                   # "net": refunds are already taken off and are added back
time_format = "auto"                  # text or whole numbers: iso, yyyymmdd, epoch, epoch_ms
exclude_prefixes = ["G-", "V-"]       # beginnings of the seller's remark: 补单, only ever subtracted
drop_status = ["已取消"]
[columns]                             # all optional: usual headers are known
paid_at = "pay_time"
line = "line_id"                      # a line that came twice counts once
[stores]                              # value in the store column → name in the plan book
"1001" = "示例旗舰店"
[channels]                            # value in the channel column → channel key, "" for none
"直播" = "qianchuan"
[options]                             # handed to the driver; values may be references
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
    "spark": "spark",
}
_KEYS = frozenset(
    "name connection user password table paths store amount_unit amount_is time_format"
    " exclude_prefixes drop_status columns stores channels options".split()
)
_TIMES = ("auto", "iso", "yyyymmdd", "epoch", "epoch_ms")
_PART = re.compile(r"[^\W\d][\w$]*")
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
        table: Name parts (schema, table), each an identifier.
        paths: Files and folders of order lines.
        store: Store of lines that name none.
        fen: How many fen one unit of the amount columns is.
        net: Refunds are already taken off the amount; None: as its header says.
        time_format: How the paid time is written when it is no time type.
        exclude_prefixes: Beginnings of the remark that mark an excluded order.
        drop_status: States of orders that never count.
        columns: Role → header, only those the user named.
        stores: Value in the store column → name in the book.
        channels: Value in the channel column → channel key.
        options: Settings for the driver.
    """

    file: Path
    name: str = "数据库订单"
    connection: str = "duckdb"
    user: str = ""
    password: str = ""
    table: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    store: str = ""
    fen: int = 100
    net: bool | None = None
    time_format: str = "auto"
    exclude_prefixes: tuple[str, ...] = ("G-", "V-")
    drop_status: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    stores: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    channels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def where(self) -> Where:
        """The place problems are reported at: the declaration and the table."""
        return Where(self.file.name, ".".join(self.table))

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
    connection, options = str(said["connection"]), _texts(said, "options")
    refuse_literals(connection, str(said.get("password", "")), options)
    source = SqlSource(
        file=file,
        name=str(said.get("name", "数据库订单")),
        connection=connection,
        user=str(said.get("user", "")),
        password=str(said.get("password", "")),
        table=table_parts(str(said["table"])) if "table" in said else (),
        paths=_list(said, "paths"),
        store=str(said.get("store", "")),
        fen=FEN[_one_of(said, "amount_unit", tuple(FEN), "元")],
        net={"net": True, "gross": False, "auto": None}[
            _one_of(said, "amount_is", ("net", "gross", "auto"), "auto")
        ],
        time_format=_one_of(said, "time_format", _TIMES, "auto"),
        exclude_prefixes=_list(said, "exclude_prefixes", SqlSource.exclude_prefixes),
        drop_status=_list(said, "drop_status"),
        columns=_columns(said),
        stores=_texts(said, "stores"),
        channels=_channels(said),
        options=options,
    )
    _check_place(source)
    return source


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


def table_parts(name: str) -> tuple[str, ...]:
    """Return the parts of ``catalog.schema.table``; ValueError for what is no identifier."""
    parts = tuple(name.split("."))
    if len(parts) > 3 or not all(_PART.fullmatch(part) for part in parts):
        raise ValueError(f"table「{name}」不是表名（字母、数字、下划线，可带库名）")
    return parts


def _check_place(source: SqlSource) -> None:
    if bool(source.table) == bool(source.paths):
        raise ValueError("table 和 paths 要写其中一个")
    if REFERENCE.search(source.connection):
        return
    engine = engine_of(source.connection)
    if source.paths and engine not in ("duckdb", "spark"):
        raise ValueError("paths 只能用于 duckdb（spark 只读 Parquet）")


def _one_of(said: dict[str, Any], key: str, allowed: tuple[str, ...], default: str) -> str:
    value = str(said.get(key, default))
    if value not in allowed:
        raise ValueError(f"{key} 只能是 {'、'.join(allowed)}，不能是 {value}")
    return value


def _list(said: dict[str, Any], key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
    value = said.get(key, default)
    texts = (value,) if isinstance(value, str) else tuple(map(str, value))
    if not all(texts):
        raise ValueError(f"{key} 里有空的一项")
    return texts


def _texts(said: dict[str, Any], key: str) -> Mapping[str, str]:
    return MappingProxyType({str(name): str(value) for name, value in said.get(key, {}).items()})


def _columns(said: dict[str, Any]) -> Mapping[str, str]:
    named = _texts(said, "columns")
    if unknown := set(named) - set(ROLES):
        raise ValueError(
            f"[columns] 里不认识 {'、'.join(sorted(unknown))}，可用 {'、'.join(ROLES)}"
        )
    return named


def _channels(said: dict[str, Any]) -> Mapping[str, str]:
    named, keys = _texts(said, "channels"), {channel.key for channel in CHANNELS}
    if unknown := set(named.values()) - keys - {""}:
        known = "、".join(sorted(keys))
        raise ValueError(f"[channels] 里没有渠道 {'、'.join(sorted(unknown))}，可用 {known}")
    return named
