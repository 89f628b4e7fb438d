"""What is odd in a table of order lines, told with the rows it is in; nothing here changes a figure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from xlplan.record import record
from xlplan.sources.sql.lines import (
    counted_states,
    dropped,
    identified,
    newest_lines,
    ranked_versions,
    row_name,
    within,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from xlplan.sources.findings import Findings
    from xlplan.sources.sql.lines import Lines, Span

#: From here on orders are enough to judge by, and so many of a hundred must look the same.
_ORDERS, _MANY_ORDERS, _SHARE = 3, 20, 0.98
#: Hours in which few people pay, and how many lines are enough to judge by.
_NIGHT, _LINES = range(1, 6), 200
_QUIET, _CLEAR = 0.08, 0.5
_SHIFT = 8
_LONG = 180
_SHOWN = 8


@record
class Level:
    """Whether a figure is the order's.

    Attributes:
        orders: Orders of several lines that were looked at.
        equal: Those with the same figure on every line.
        example: One of these.
    """

    orders: int
    equal: int
    example: str

    @property
    def of_order(self) -> bool:
        """Whether the figure seems to be the order's."""
        share = 1.0 if self.orders < _MANY_ORDERS else _SHARE
        return self.orders >= _ORDERS and self.equal >= share * self.orders


def fetch_rows(expression: Any) -> list[dict[str, Any]]:
    """Return what the engine answers, a mapping a row."""
    rows: list[dict[str, Any]] = expression.to_pyarrow().to_pylist()
    return rows


def versions(lines: Lines, span: Span | None) -> Any:
    """Return how many lines came more than once, moved to another day, were cancelled after all."""
    known, _ = identified(lines, span)
    ranked = replace(known, table=ranked_versions(known))
    newest = ranked.table["version_rank"] == 0
    states = lines.has("status") and bool(lines.source.drop_status)
    out = dropped(ranked).ifelse(1, 0) if states else ranked.table["version_rank"] * 0
    day = lines.clock.key(ranked.column("paid_at"))
    told = ranked.table.select(
        id=ranked.column("line").cast("string"), day=day, out=out, now=newest.ifelse(out, 0)
    )
    each = told.group_by("id").agg(
        n=told.count(), first=told["day"].min(), last=told["day"].max(),
        now=told["now"].max(), out=told["out"].sum(),
    )  # fmt: skip
    each = each.filter(each["n"] > 1)
    moved = (each["first"] != each["last"]).fill_null(False)
    gone = (each["now"] == 1) & (each["out"] < each["n"])
    flags = each.select("id", more=each["n"] - 1, moved=moved, gone=gone)
    return flags.agg(
        again=flags["more"].sum(), again_id=flags["id"].min(),
        moved=flags["moved"].ifelse(1, 0).sum(), moved_id=flags["moved"].ifelse(flags["id"], None).min(),
        gone=flags["gone"].ifelse(1, 0).sum(), gone_id=flags["gone"].ifelse(flags["id"], None).min(),
    )  # fmt: skip


def report_versions(lines: Lines, span: Span | None, findings: Findings) -> None:
    """Tell of lines that came more than once and of what their newest version changed."""
    if not lines.has("line"):
        return
    (found,) = fetch_rows(versions(lines, span))
    said = (
        ("again", "{n} 行是重复的明细（编号相同），只算了最新的一次", "repeated_row"),
        ("moved", "{n} 行的付款时间改过，按最新的那一天算", "moved_day"),
        ("gone", "{n} 行付款后又取消，没有计入", "cancelled_after_paid"),
    )
    for key, what, rule in said:
        if count := int(found[key] or 0):
            row = f"（如 {lines.row_title} {found[f'{key}_id']}）"
            findings.info(lines.source.where, what.format(n=count) + row, rule)


def report_unpaid(lines: Lines, span: Span | None, findings: Findings) -> None:
    """Tell of lines whose time is what databases put where there is none; asked of long spans only."""
    if lines.clock.text or (span is not None and (span[1] - span[0]).days < _LONG):
        return
    paid = lines.column("paid_at")
    rows = lines.table.filter([paid.notnull(), ~lines.clock.known(paid)])
    rows = rows.select(row=row_name(lines, rows))
    (found,) = fetch_rows(rows.agg(n=rows.count(), row=rows["row"].min()))
    if found["n"]:
        row = f"（如 {lines.row_title} {found['row']}）" if found["row"] else ""
        what = f"{found['n']} 行的付款时间早于 2000 年，当作没有付款{row}"
        findings.info(lines.source.where, what, "no_time")


def twins(values: Iterable[Any]) -> list[str]:
    """Return values of the store column that differ in case or in blanks inside alone."""
    groups: dict[str, list[str]] = {}
    for value in sorted({str(value).strip() for value in values if value is not None}):
        groups.setdefault("".join(value.split()).lower(), []).append(value)
    return [
        "、".join(f"「{one}」" for one in group) for group in groups.values() if len(group) > 1
    ]


def report_twins(lines: Lines, values: Sequence[Any], findings: Findings) -> None:
    """Tell of stores that are written in several ways."""
    for group in twins(values):
        names = {lines.stores.get(one, one) for one in _quoted(group)}
        how = "当作一家店" if len(names) == 1 else "当作不同的店"
        remedy = "" if len(names) == 1 else "是同一家店就在 [stores] 里都写上计划里的店名"
        what = f"店铺列里有只差大小写或空格的写法：{group}，{how}"
        findings.info(lines.source.where, what, "store_twins", remedy=remedy)


def _quoted(group: str) -> list[str]:
    return group[1:-1].split("」、「")


def id_twins(lines: Lines, role: str, span: Span | None) -> Any:
    """Return ids that differ in case alone: how many, and one of them."""
    rows = lines.table.filter([within(lines, span), lines.column(role).notnull()])
    each = rows.select(id=rows[role]).distinct()
    folded = each.group_by(low=each["id"].lower()).agg(n=each.count(), id=each["id"].min())
    folded = folded.filter(folded["n"] > 1)
    return folded.agg(n=folded.count(), id=folded["id"].min())


def report_id_twins(lines: Lines, span: Span | None, findings: Findings) -> None:
    """Tell of ids that a database without regard for case would take for one."""
    for role in ("line", "order"):
        if not lines.has(role) or not lines.column(role).type().is_string():
            continue
        (found,) = fetch_rows(id_twins(lines, role, span))
        if found["n"]:
            what = f"「{lines.found[role]}」有 {found['n']} 组编号只差大小写（如 {found['id']}），按不同的编号算"
            findings.info(lines.source.where, what, "id_twins")


def order_level(lines: Lines, span: Span | None, role: str) -> Level:
    """Return whether a figure seems to be the order's, standing on each of its lines."""
    newest = newest_lines(lines, span)
    kept = newest.table.filter([within(newest, span), *counted_states(newest)])
    rows = kept.select(order=kept["order"], figure=kept[role])
    rows = rows.filter([rows["order"].notnull(), rows["figure"].notnull(), rows["figure"] != 0])
    each = rows.group_by("order").agg(
        n=rows.count(), low=rows["figure"].min(), high=rows["figure"].max()
    )
    each = each.filter(each["n"] > 1)
    same = each["low"] == each["high"]
    (found,) = fetch_rows(
        each.agg(
            orders=each.count(),
            equal=same.ifelse(1, 0).sum(),
            example=same.ifelse(each["order"].cast("string"), None).min(),
        )
    )
    return Level(int(found["orders"] or 0), int(found["equal"] or 0), str(found["example"] or ""))


def ask_level(lines: Lines, span: Span | None, findings: Findings) -> tuple[str, ...]:
    """Return the figures that seem to be the order's, and ask; none once the declaration says it."""
    if lines.source.per_order is not None or not lines.has("order"):
        return ()
    asked = []
    for role in ("amount", "refund"):
        if not lines.has(role):
            continue
        level = order_level(lines, span, role)
        if level.of_order:
            asked.append(role)
            _ask(lines, role, level, findings)
    return tuple(asked)


def _ask(lines: Lines, role: str, level: Level, findings: Findings) -> None:
    name = lines.found[role]
    what = (
        f"「{name}」像是整单的数，在订单的每一行都写了一遍：看了 {level.orders} 个多行的订单，"
        f"{level.equal} 个各行相同（如订单 {level.example}）。照行相加会多算，所以先不计入"
    )
    remedy = f'是整单的数就写 per_order = ["{role}"]，每单只算一次；确实是每行自己的数就写 per_order = []'
    findings.error(lines.source.where, what, "order_amount", remedy=remedy)


def hours(lines: Lines, span: Span | None) -> Any | None:
    """Return how many lines each hour of Beijing's day has; None when only days are told."""
    hour = lines.clock.hour(lines.column("paid_at"))
    if hour is None:
        return None
    kept = [within(lines, span)]
    if (odd := lines.clock.is_odd(lines.column("paid_at"))) is not None:
        kept.append(~odd)
    rows = lines.table.filter(kept)
    hour = lines.clock.hour(rows["paid_at"])
    rows = rows.select(hour=hour.cast("int64")) if hour is not None else rows
    return rows.group_by("hour").agg(lines=rows.count())


def shifted_by(profile: dict[int, int]) -> int:
    """Return by how many hours a day's profile looks shifted: 0, 8 or -8.

    In China few pay between one and six in the morning. When those quiet hours lie eight hours
    away, and the night is busy, a zone was forgotten or taken twice.
    """
    whole = sum(profile.values())
    if whole < _LINES or profile.get(0, 0) > whole / 2:  # days without their time
        return 0

    def quiet(shift: int) -> float:
        return sum(profile.get((hour + shift) % 24, 0) for hour in _NIGHT) / whole

    for shift in (-_SHIFT, _SHIFT):
        if quiet(shift) < _QUIET and quiet(shift) < _CLEAR * quiet(0):
            return shift
    return 0


def warn_shifted(lines: Lines, span: Span | None, findings: Findings) -> None:
    """Warn when people seem to sleep at eight in the evening or at noon."""
    asked = hours(lines, span)
    if asked is None:
        return
    shift = shifted_by({int(one["hour"]): int(one["lines"]) for one in fetch_rows(asked)})
    if shift:
        night = f"{(1 + shift) % 24} 点到 {(6 + shift) % 24} 点"
        how = "早了 8 小时：存的多半是 UTC" if shift < 0 else "晚了 8 小时：时区多半加了两次"
        what = f"付款最少的钟点是 {night}，像是整体{how}，靠近零点的订单会记到另一天"
        remedy = '请核对几单的付款时间；存的是 UTC 就写 timezone = "UTC"'
        findings.warn(lines.source.where, what, "shifted_hours", remedy=remedy)


def report_stores(lines: Lines, values: Sequence[dict[str, Any]], findings: Findings) -> None:
    """Tell once of the values of the store column that are no store of the book."""
    if lines.only is None:
        return
    strange = [
        one for one in values if one["store"] is not None and one["store"] not in lines.only
    ]
    if not strange:
        return
    strange.sort(key=lambda one: (-one["lines"], one["store"]))
    findings.codes |= {("店铺", str(one["store"]).strip()): None for one in strange}
    listed = "、".join(f"{one['store']}（{one['lines']} 行）" for one in strange[:_SHOWN])
    more = f" 等 {len(strange)} 个" if len(strange) > _SHOWN else ""
    what = f"店铺列里的 {listed}{more} 不是计划里的店，没有取"
    remedy = "是计划里的店，就在“数据连接”表写一行“店铺”（或在声明的 [stores] 里）对应到店名"
    findings.warn(lines.source.where, what, "unknown_store", remedy=remedy)
