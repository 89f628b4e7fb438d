"""数据连接: which databases the actuals come from, a row a fact, and what their codes are called here.

It says what a declaration file says (`sources.sql.config`), or names one. A password stands in an
environment variable or the system's keyring, never here: what is typed is refused like in a file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any

from xlplan.cells import Area, Cell, Page, Span, Validation, address
from xlplan.errors import InputError, Level, Problem, Where
from xlplan.record import draft
from xlplan.sheets.base import look
from xlplan.sources.mapping import channel_key
from xlplan.sources.sql.config import parse_sql

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from xlplan.cells import Seen, Spot
    from xlplan.sheets.base.sheet import BookRead
    from xlplan.sources.sql.config import SqlSource

LINKS_SHEET, LINKS = "数据连接", "links"
LINK_HEADS = {"连接": 18, "是什么": 16, "内容": 44, "对应": 24, "备注": 34}
LINK_HEAD_ROW, LINK_ROW, _ROWS = 7, 8, 120
FILE, STORE, CHANNEL, COLUMN_ROW, METRIC = "声明文件", "店铺", "渠道", "列", "指标"
#: What a row says → the entry of a declaration.
_ENTRIES = {
    "地址": "connection", "用户": "user", "密码": "password", "表": "table", "查询": "query", "条件": "where",
    "文件夹": "paths", "加密": "tls", "证书": "ssl_ca", "金额单位": "amount_unit", "金额口径": "amount_is",
    "退款归属": "refund_by", "时间写法": "time_format", "时区": "timezone", "默认店铺": "store",
}  # fmt: skip
_LISTS = {"不计的状态": "drop_status", "整单的数": "per_order", "补单前缀": "exclude_prefixes"}
#: Chinese for what a declaration writes in English.
_WORDS = {
    "refund_by": {"付款": "paid", "付款日": "paid", "完结": "completed", "完结日": "completed"},
    "amount_is": {"未扣退款": "gross", "已扣退款": "net", "自动": "auto"},
    "tls": {"不加密": "off", "能加密就加密": "preferred", "必须": "required", "必须加密": "required", "核对证书": "verify"},
}  # fmt: skip
ROLES_HERE = {
    "付款时间": "paid_at", "实付金额": "amount", "退款金额": "refund", "总金额": "total", "订单号": "order",
    "订单行号": "line", "买家": "buyer", "店铺": "store", "推广渠道": "channel", "件数": "units", "订单状态": "status",
    "预售阶段": "stages", "商家备注": "remark", "是否补单": "exclude", "更新时间": "updated", "退款完结时间": "refunded_at",
}  # fmt: skip
OFFERED = (FILE, *_ENTRIES, *_LISTS, COLUMN_ROW, METRIC, STORE, CHANNEL)
_HINTS = (
    "实际数从哪个数据库来：导入实际时照这里取，一行一项；“连接”相同的几行是一个库，空着就是上一行的。写好先用 xlplan sql check 这份计划表 看看。",
    "已有声明文件：一行“声明文件”，内容写文件名（相对于计划表所在的文件夹）。也可以全写在这里：地址（postgres://主机:5432/库）、用户、密码、表。",
    "密码只写 ${环境变量名} 或 keyring:服务/用户，不写密码本身。",
    "“列”：内容写库里的列名，对应写它是什么（付款时间、实付金额、订单号、店铺……）。",
    "“店铺”“渠道”：内容写库里的代号，对应写计划里的店名、渠道名；导入时没对上的代号会列在这里，补上“对应”再导入。渠道对应写 无 表示不是推广渠道。",
)


@draft
class Links:
    """What the sheet says.

    Attributes:
        sources: Declarations, ready to be read.
        problems: Rows that mean nothing, with their cells.
    """

    sources: list[SqlSource] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def links_page(rows: Mapping[str, Sequence[str]]) -> Page:
    """Return the sheet as it first comes: how it is filled, and the rows there are."""
    page = Page(LINKS_SHEET, tab="#00838F", sortable=True)
    page.put(1, 1, LINKS_SHEET, look.TITLE)
    for row, hint in enumerate(_HINTS, start=2):
        page.put(row, 1, hint, look.HINT)
    for column, (head, width) in enumerate(LINK_HEADS.items(), start=1):
        page.put(LINK_HEAD_ROW, column, head, look.HEAD)
        page.columns[column] = Span(width)
        for row in range(LINK_ROW, LINK_ROW + _ROWS):
            page.put(row, column, None, look.TEXT_INPUT)
    for spot, cell in link_cells(rows, dict(zip(LINK_HEADS, range(1, 6), strict=True))).items():
        page.put(*spot, cell.value, look.TEXT_INPUT)
    last = LINK_ROW + _ROWS - 1
    page.validations.append(
        Validation(
            Area(LINK_ROW, 2, last, 2), "list", list(OFFERED), "是什么", "从单子里选", strict=False
        )
    )
    page.rows |= {1: Span(28), LINK_HEAD_ROW: Span(22)}
    page.freeze = (LINK_ROW, 1)
    page.pages_tall, page.repeat_rows = 0, (LINK_HEAD_ROW, LINK_HEAD_ROW)
    page.print_area = Area(1, 1, LINK_ROW + 30, len(LINK_HEADS))
    return page


def link_columns(cells: Mapping[Spot, Seen]) -> tuple[int, Mapping[str, int]]:
    """Return the row of the heads and head → column, wherever they were moved to; 0 when gone."""
    found: dict[int, dict[str, int]] = {}
    for (row, column), seen in cells.items():
        if seen.value in LINK_HEADS:
            found.setdefault(row, {})[str(seen.value)] = column
    row = next((row for row in sorted(found) if {"是什么", "内容"} <= found[row].keys()), 0)
    return row, found.get(row, {})


def read_links(cells: Mapping[Spot, Seen]) -> dict[str, list[str]]:
    """Return the rows as typed: row of the sheet → texts in the order of the heads."""
    head, columns = link_columns(cells)
    rows: dict[str, list[str]] = {}
    for row in sorted({row for row, _ in cells if head and row > head}):
        texts = [_text(cells.get((row, columns.get(name, 0)))) for name in LINK_HEADS]
        if any(texts):
            rows[str(row)] = texts
    return rows


def _text(seen: Seen | None) -> str:
    return "" if seen is None or seen.value is None else str(seen.value).strip()


def link_cells(rows: Mapping[str, Sequence[str]], columns: Mapping[str, int]) -> dict[Spot, Cell]:
    """Return the cells of rows."""
    return {
        (int(row), columns[name]): Cell(text or None)
        for row, texts in rows.items()
        for name, text in zip(LINK_HEADS, texts, strict=True)
        if name in columns
    }


def more_links(
    rows: Mapping[str, Sequence[str]], fresh: Iterable[Sequence[str]]
) -> dict[str, list[str]]:
    """Return the rows with others under them; what is there already is not said again."""
    made = {row: list(texts) for row, texts in rows.items()}
    name, known = "", set[tuple[str, ...]]()
    for _, said in sorted(made.items(), key=lambda item: int(item[0])):
        name = said[0] or name
        known.add((name, *said[1:3]))
    at = max([LINK_ROW - 1, *map(int, made)]) + 1
    for texts in fresh:
        if tuple(texts[:3]) not in known and at < LINK_ROW + _ROWS:
            known.add(tuple(texts[:3]))
            made[str(at)] = list(texts)
            at += 1
    return made


def declared_links(read: BookRead, book: Path) -> Links:
    """Return the declarations on 数据连接 of a book; none when it has no such sheet."""
    return links_of(read.state.own.get(LINKS, {}), book)


def links_of(rows: Mapping[str, Sequence[str]], book: Path) -> Links:
    """Return what rows declare.

    Args:
        rows: Row of the sheet → texts (`read_links`).
        book: The plan book; files are looked for beside it.
    """
    made, groups, name = Links(), dict[str, dict[str, Sequence[str]]](), ""
    for row, texts in sorted(rows.items(), key=lambda item: int(item[0])):
        name = texts[0] or name
        if texts[1]:
            groups.setdefault(name or "数据库订单", {})[row] = texts
    for name, lines in groups.items():
        try:
            made.sources.append(_declared(name, lines, book))
        except (ValueError, KeyError, TypeError) as error:
            _report(made, book, next(iter(lines)), name, str(error.args[0]))
        except InputError as error:
            _report(made, book, next(iter(lines)), name, error.message, error.remedy)
    return made


def _report(made: Links, book: Path, row: str, name: str, what: str, remedy: str = "") -> None:  # noqa: PLR0913, PLR0917
    where = Where(book.name, LINKS_SHEET, address(int(row), 1))
    missing = "没有写“地址”" if what == "connection" else what
    remedy = remedy or "改好后重新导入；写法见本表顶部的说明"
    made.problems.append(Problem(where, f"连接「{name}」：{missing}", Level.ERROR, remedy, "link"))


def _declared(name: str, lines: Mapping[str, Sequence[str]], book: Path) -> SqlSource:
    said: dict[str, Any] = {"name": name}
    place = book
    for texts in lines.values():
        if texts[1] == FILE and texts[2]:
            place = book.parent / texts[2]
            said |= _of_file(place)
            said["name"] = name
    for texts in lines.values():
        _say(said, *texts[1:4])
    return parse_sql(said, place)


def _of_file(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise ValueError(f"声明文件「{file.name}」读不出来") from None


def _say(said: dict[str, Any], what: str, value: str, named: str) -> None:
    if what == FILE or not value:
        return
    if what in _ENTRIES:
        key = _ENTRIES[what]
        said[key] = _WORDS.get(key, {}).get(value, value)
    elif what in _LISTS:
        said[_LISTS[what]] = [] if value == "无" else _parts(what, value)
    elif what == COLUMN_ROW:
        if named not in ROLES_HERE:
            raise ValueError(f"列「{value}」的“对应”要是 {'、'.join(ROLES_HERE)} 之一")
        said.setdefault("columns", {})[ROLES_HERE[named]] = value
    elif what == METRIC:
        said.setdefault("metrics", {})[named] = value
        said["grain"] = "days"
    elif what == STORE:
        said.setdefault("stores", {}).update({value: named} if named else {})
    elif what == CHANNEL:
        if named:
            key = "" if named == "无" else channel_key(named)
            said.setdefault("channels", {})[value] = key
    else:
        raise ValueError(f"“{what}”不认识，能写的有：{'、'.join(OFFERED)}")


def _parts(what: str, value: str) -> list[str]:
    found = [
        part.strip()
        for part in value.replace("，", "、").replace(",", "、").split("、")
        if part.strip()
    ]
    return [ROLES_HERE.get(part, part) for part in found] if what == "整单的数" else found
