"""What the engine counted → the frame of an extract, and what is worth telling about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from xlplan.sources.channels import channel_of
from xlplan.sources.extract import Provenance, empty_frame
from xlplan.sources.sql.amounts import PIECES

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from xlplan.sources.findings import Findings
    from xlplan.sources.sql.clock import Clock
    from xlplan.sources.sql.config import SqlSource
    from xlplan.sources.sql.count import Counted
    from xlplan.sources.sql.lines import Lines

_KEYS = ["store", "date"]
_FEN = 100
BASIS = {
    "paid": "支付时间；退款按支付日归属，近几日会继续上升",
    "completed": "支付时间；退款按完结日归属",
}
#: What a role's figures become.
_MADE_OF = {"amount": "gmv", "refund": "refund_amount"}


def facts_frame(counted: Counted, findings: Findings) -> pd.DataFrame:
    """Return the frame of an extract from what the engine counted."""
    lines = counted.lines
    sums = _dated(lines, counted.sums)
    if sums.empty:
        return empty_frame()
    total = (
        sums.drop(columns="channel", errors="ignore").groupby(_KEYS, sort=True).sum(min_count=1)
    )
    frame = pd.DataFrame({"gmv": total["gmv"] / _FEN})
    if "refund" in total:
        frame["refund_amount"] = total["refund"] / _FEN
    if "units" in total:
        frame["units"] = total["units"] / PIECES
    if "gmv_excluded" in total:
        frame["gmv_excluded"] = total["gmv_excluded"] / _FEN
    frame = frame.join(_orders(lines, total, counted.orders, findings))
    if counted.buyers:
        frame["buyers"] = _dated(lines, counted.buyers).set_index(_KEYS)["buyers"]
    frame = frame.join(_channels(lines.source, sums, findings))
    if counted.refunds:
        frame = _with_refunds(frame, _dated(lines, counted.refunds, lines.refund_clock))
    frame = frame.drop(columns=_doubted(frame, counted.doubted)).dropna(how="all")
    return frame.reindex(columns=sorted(frame.columns)).astype(float).sort_index()


def _with_refunds(frame: pd.DataFrame, refunds: pd.DataFrame) -> pd.DataFrame:
    """Add refunds by the day they were completed, also on days without a sale."""
    told = refunds.groupby(_KEYS)["refund"].sum() / _FEN
    frame = frame.reindex(frame.index.union(told.index))
    frame["refund_amount"] = told.reindex(frame.index).fillna(0.0)
    return frame


def _doubted(frame: pd.DataFrame, roles: Sequence[str]) -> list[str]:
    """Return the columns made of figures that may be the order's: they wait for an answer."""
    made = [_MADE_OF[role] for role in roles]
    if "gmv" in made:
        made += [str(name) for name in frame if str(name).startswith("gmv_")]
    return [str(name) for name in frame if name in made]


def _dated(
    lines: Lines, parts: Sequence[pd.DataFrame], clock: Clock | None = None
) -> pd.DataFrame:
    """Return parts under each other with ``store`` and ``date``, without texts that are no day."""
    if not parts:
        return pd.DataFrame(columns=[*_KEYS, "lines"])
    whole = pd.concat(parts, ignore_index=True)
    whole["date"] = (clock or lines.clock).days(whole.pop("day")).astype("datetime64[us]")
    if "store" not in whole:
        whole["store"] = lines.source.store
    kept = whole.dropna(subset=["date"])
    counts = [name for name in kept.columns if name not in ("store", "date", "channel")]
    return kept.astype(dict.fromkeys(counts, float)) if len(kept) else kept


def _orders(
    lines: Lines, total: pd.DataFrame, parts: Sequence[pd.DataFrame], findings: Findings
) -> pd.DataFrame:
    """Return orders: different ones, and lines that name none each as one."""
    zero = pd.Series(0.0, total.index)
    made = pd.DataFrame({"orders": total["lines"] - total.get("named", zero)})
    if "excluded" in total:
        made["orders_excluded"] = total["excluded"] - total.get("excluded_named", zero)
    if not parts:
        return made
    found = _dated(lines, parts).set_index(_KEYS)
    made["orders"] = made["orders"].add(found["orders"], fill_value=0)
    if "excluded" in found and "orders_excluded" in made:
        made["orders_excluded"] = made["orders_excluded"].add(found["excluded"], fill_value=0)
    if "spread" in found and (spread := int(found["spread"].sum())):
        what = f"{spread} 个订单的明细出现在不止一个文件里，可能被算了两次"
        remedy = "如果文件有重叠，请在 [columns] 里写 line = 子订单编号的列名，重复的行就只算一次"
        findings.warn(lines.source.where, what, "overlap", remedy=remedy)
    return made


def _channels(source: SqlSource, sums: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Return ``gmv_<channel>`` of lines whose channel is one; others are told once."""
    if "channel" not in sums:
        return pd.DataFrame(index=sums.groupby(_KEYS).size().index)
    said = sums["channel"].fillna("").astype(str).str.strip()
    known = {text: source.channels.get(text, channel_of(text)) for text in said.unique()}
    unknown = sorted(
        set(known) - set(source.channels) - {t for t, key in known.items() if key} - {""}
    )
    if unknown:
        findings.codes |= {("渠道", text): None for text in unknown}
        what = f"渠道列里的 {'、'.join(unknown[:8])} 不是推广渠道，只计入店铺合计"
        remedy = '请在“数据连接”表写一行“渠道”（或写在 [channels] 里）；不是推广渠道的写 无（""）就不再提示'
        findings.info(source.where, what, "unknown_channel", remedy=remedy)
    rows = sums.assign(channel=said.map(known))
    rows = rows[rows["channel"] != ""]
    wide = rows.pivot_table(index=_KEYS, columns="channel", values="gmv", aggfunc="sum")
    return (wide / _FEN).add_prefix("gmv_").rename_axis(columns=None)


def provenance(source: SqlSource, frame: pd.DataFrame, now: dt.datetime) -> Provenance:
    """Return where the frame comes from: the declaration and the table, never the address."""
    stamps = frame.index.get_level_values("date").unique()
    partial = tuple(stamp.date() for stamp in stamps if stamp.date() >= now.date())
    return Provenance(
        source=f"sql:{source.name}",
        name=source.name,
        file=source.file.name,
        sheet=source.table,
        basis=BASIS[source.refund_by],
        rank=20,
        time=now,
        columns=tuple(frame.columns),
        partial=partial,
    )
