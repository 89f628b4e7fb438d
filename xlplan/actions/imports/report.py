"""What an import did, for people, for machines and for 变更记录."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from xlplan.actions.run.outcome import SHOWN, first_of
from xlplan.metrics import METRICS, Add
from xlplan.plan.actuals.contributions import SAME
from xlplan.plan.actuals.merge import SPOT
from xlplan.plan.cards.card import PREFIX
from xlplan.record import record
from xlplan.sheets.base.lists import LogRow
from xlplan.sheets.base.names import month_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlplan.errors import Problem
    from xlplan.plan.actuals.contributions import Batch, Upserted
    from xlplan.plan.actuals.merge import Merged
    from xlplan.sheets.state.book import BookState

_COMPUTED = ("orders_last_month", "gmv_last_month")


@record
class Taken:
    """What an import makes of a book.

    Attributes:
        after: What the book should say.
        merged: Where each value comes from.
        upserted: What happened to the contributions.
        batches: What was taken from the files.
        standing: Findings that hold until someone changes something; they go to 问题.
        passing: Findings about this import only.
        starter: The beginning of a mapping for a file nobody knows.
        left_out: What was given and not taken in: files, rows and cells that were refused.
        confirmed: What a person said is right, a line each.
        last_year: Which days were read of databases, and what was taken of the year before, a line each.
    """

    after: BookState
    merged: Merged
    upserted: Upserted
    batches: Sequence[Batch]
    standing: Sequence[Problem]
    passing: Sequence[Problem]
    starter: str = ""
    left_out: int = 0
    confirmed: Sequence[str] = ()
    last_year: Sequence[str] = ()


@record
class Report:
    """An import against the actuals that the book held before."""

    before: pd.DataFrame
    taken: Taken

    @cached_property
    def changes(self) -> pd.DataFrame:
        """Values that differ: store, date, metric, old, new, name, file; NaN is not known."""
        after = self.taken.merged.actuals
        old = self.before.reindex(index=after.index, columns=after.columns).to_numpy(np.float64)
        new = after.to_numpy(np.float64)
        moved = (np.isnan(old) != np.isnan(new)) | (np.abs(old - new) >= SAME)
        moved[:, after.columns.isin(_COMPUTED)] = False
        row, column = np.nonzero(moved)
        made = after.index[row].to_frame(index=False)
        made["metric"] = np.array(after.columns)[column]
        made["old"], made["new"] = old[row, column], new[row, column]
        told = self.taken.merged.origins[[*SPOT, "name", "file"]]
        made = made.merge(told, on=SPOT, how="left")
        return made.fillna({"name": "", "file": ""})

    @property
    def corrected(self) -> pd.DataFrame:
        """Changes of values that were known before."""
        return self.changes[self.changes["old"].notna()]

    @property
    def fresh(self) -> pd.DataFrame:
        """Changes where nothing was known before."""
        return self.changes[self.changes["old"].isna()]

    def lines(self, preview: bool) -> list[str]:  # noqa: FBT001  # one switch, named by its use
        """Return what was done, one fact a line, what matters first: a message shows a few only."""
        verb = "将" if preview else ""
        told = [f"{verb}新增 {len(self.fresh)} 个数，{verb}更正 {len(self.corrected)} 个数"]
        told += [*self.taken.last_year, *self.taken.confirmed, *_cells(self.corrected)]
        told += self._additions() if preview else []
        told += [_told(batch) for batch in self.taken.batches]
        if self.taken.starter:
            told.append(
                "不认识的文件可以这样说明（存成 映射.toml，补上指标名，再用 --mapping 映射.toml 导入；或照样填进“导入映射”表）："
            )
            told += [f"  {line}" for line in self.taken.starter.splitlines()]
        return told

    def _additions(self) -> list[str]:
        """Return the new values: a few one by one, many by metric, store and source."""
        if len(self.fresh) <= SHOWN:
            return _cells(self.fresh)
        place = {name: number for number, name in enumerate(self.taken.merged.actuals.columns)}
        fresh = self.fresh.sort_values("metric", key=lambda names: names.map(place), kind="stable")
        groups = fresh.groupby(["metric", "store", "name"], sort=False)
        return first_of((_added(lines) for _, lines in groups), groups.ngroups)

    def facts(self, preview: bool) -> dict[str, object]:  # noqa: FBT001  # as lines
        """Return the same for machines; every changed cell in a preview, else the corrections."""
        cells = self.changes if preview else self.corrected
        return {
            "files": [_file(batch) for batch in self.taken.batches],
            "added": len(self.fresh),
            "corrected": len(self.corrected),
            "restated": len(self.taken.upserted.restated),
            "cells": [_fact(line) for _, line in cells.iterrows()],
            "starter": self.taken.starter,
        }

    def log(self) -> list[LogRow]:
        """Return the action, each figure that a source restated, each other correction."""
        count = len({batch.file for batch in self.taken.batches})
        said = f"导入 {count} 个文件和日报" if count else "导入日报"
        note = f"{said}：新增 {len(self.fresh)}，更正 {len(self.corrected)}"
        first = LogRow(action="导入", note=note)
        restated = [_restated(line) for _, line in self.taken.upserted.restated.iterrows()]
        spots = pd.MultiIndex.from_frame(self.taken.upserted.restated[SPOT])
        rest = self.corrected[~pd.MultiIndex.from_frame(self.corrected[SPOT]).isin(spots)]
        sure = [LogRow(action="核对", note=line) for line in self.taken.confirmed]
        past = [LogRow(action="导入", note=line) for line in self.taken.last_year]
        return [first, *past, *sure, *restated, *(_corrected(line) for _, line in rest.iterrows())]


def _added(lines: pd.DataFrame) -> str:
    """Return new values of one store, metric and source in one line."""
    one = lines.iloc[0]
    if len(lines) == 1:
        return _cell(one)
    metric = METRICS[one["metric"]]
    total = f"，合计 {lines['new'].sum():,.10g}" if metric.add is Add.FLOW else ""
    span = f"{_span(lines['date'])}新增 {len(lines)} 天"
    return f"{one['store']} {metric.label}：{span}{total}（{one['name']}）"


def _span(days: pd.Series | pd.DatetimeIndex) -> str:
    """Return ``09-01 至 09-03，``; a single day alone."""
    first, last = f"{days.min():%m-%d}", f"{days.max():%m-%d}"
    return first if first == last else f"{first} 至 {last}，"


def _told(batch: Batch) -> str:
    days = pd.DatetimeIndex(batch.frame.index.get_level_values("date"))
    stores = "、".join(map(str, batch.frame.index.unique("store")))
    count = days.nunique()
    length = f"{count} 天" if count > 1 else ""
    return f"{batch.file}：{batch.name}，{stores} {_span(days)}{length}"


def _file(batch: Batch) -> dict[str, object]:
    days = batch.frame.index.get_level_values("date")
    return {
        "file": batch.file,
        "source": batch.source,
        "name": batch.name,
        "time": batch.time,
        "stores": list(map(str, batch.frame.index.unique("store"))),
        "first": f"{days.min():%Y-%m-%d}",
        "last": f"{days.max():%Y-%m-%d}",
        "days": int(days.nunique()),
        "metrics": list(map(str, batch.frame.columns)),
    }


def _cells(lines: pd.DataFrame) -> list[str]:
    return first_of((_cell(line) for _, line in lines.iterrows()), len(lines))


def _cell(line: pd.Series) -> str:
    label = METRICS[line["metric"]].label
    old, new = _number(line["old"]) or "空", _number(line["new"]) or "空"
    source = f"（{line['name']}）" if line["name"] else ""
    return f"{line['store']} {line['date']:%m-%d} {label}：{old} → {new}{source}"


def _fact(line: pd.Series) -> dict[str, object]:
    old, new = line["old"], line["new"]
    return {
        "store": line["store"],
        "date": f"{line['date']:%Y-%m-%d}",
        "metric": line["metric"],
        "label": METRICS[line["metric"]].label,
        "old": None if pd.isna(old) else float(old),
        "new": None if pd.isna(new) else float(new),
        "source": line["name"],
        "file": line["file"],
    }


def _number(value: float) -> str:
    return "" if pd.isna(value) else f"{value:,.10g}"


def _logged(line: pd.Series, action: str, note: str) -> LogRow:
    name = str(line["metric"])
    return LogRow(
        action=action,
        sheet=month_name(line["date"].month),
        store=str(line["store"]),
        date=f"{line['date']:%Y-%m-%d}",
        metric=METRICS[name].label if name in METRICS else name.removeprefix(PREFIX),
        old=_number(line["old"]),
        new=_number(line["new"]),
        note=note,
    )


def _restated(line: pd.Series) -> LogRow:
    return _logged(line, "平台更正", f"{line['name']}：{line['old_file']} → {line['file']}")


def _corrected(line: pd.Series) -> LogRow:
    source = f"{line['name']} {line['file']}".strip()
    return _logged(line, "实际更正", f"现采用 {source}" if source else "来源已删除这个数")
