"""What an export is, as data: one `Source` per kind of file, in a few lines each."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from xlplan.record import record
from xlplan.sources.text import header

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from dataclasses import KW_ONLY

    from xlplan.sources.dates import Order

    #: What one row adds to its day: amounts to sum, or text of which different values are counted.
    RowReader = Callable[["Row"], Mapping[str, float | str]]

_UNITS = {
    "(元)": 1.0, "(人)": 1.0, "(件)": 1.0, "(笔)": 1.0, "(单)": 1.0, "(次)": 1.0, "(个)": 1.0,
    "(万元)": 10_000.0, "(万)": 10_000.0, "(%)": 0.01,
}  # fmt: skip


class Row(Protocol):
    """What a row hook of a declaration may ask of its row."""

    @property
    def options(self) -> Options:
        """What the caller knows."""

    def has(self, spec: str) -> bool:
        """Return True when a column of ``"a | b"`` is there."""

    def text(self, spec: str) -> str:
        """Return clean text, "" when missing."""

    def identity(self, spec: str) -> str:
        """Return an id as text, "" when missing."""

    def number(self, spec: str) -> float | None:
        """Return a figure, None when missing or unreadable."""

    def warn(self, what: str, rule: str) -> None:
        """Report something doubtful about this row."""

    def info(self, what: str, rule: str) -> None:
        """Tell something about this row."""


class Combine(StrEnum):
    """What several rows of one store and day mean."""

    ONE = "one"  # a row is the day: a second, different row is a conflict
    SUM = "sum"  # rows are parts of the day (plans, hours, orders, products)


@record
class Column:
    """Where a metric is found.

    Attributes:
        metric: Canonical name; ``*`` in it is replaced by the row's channel key.
        headers: Header names, the best first.
        stand_ins: Headers of something close, used when no better one is there, and reported.
        scale: Unit of plain numbers in the column (10000 for 万元).
    """

    metric: str
    headers: tuple[str, ...]
    stand_ins: tuple[str, ...] = ()
    scale: float = 1.0


def columns(**metrics: str) -> tuple[Column, ...]:
    """Return columns from ``metric="best | next ~ stand-in"``; ``__`` in a name is ``*``."""
    made = []
    for metric, spec in metrics.items():
        best, _, close = spec.partition("~")
        made.append(Column(metric.replace("__", "_*"), names(best), names(close)))
    return tuple(made)


def names(spec: str) -> tuple[str, ...]:
    """Return the names of ``"a | b"``."""
    return tuple(part.strip() for part in spec.split("|") if part.strip())


def split_unit(text: object) -> tuple[str, float]:
    """Return a header normalised and without its unit, and the scale that unit means."""
    name = header(text).strip(":")
    for unit, scale in _UNITS.items():
        if name.endswith(unit) and name != unit:
            return name.removesuffix(unit), scale
    return name, 1.0


@record
class Source:
    """One kind of export.

    Attributes:
        key: Stable name (``sycm_shop``).
        name: What users read.
        platform: 天猫, 京东, 拼多多, 抖音; empty for hand-kept sheets.
        needs: Headers that identify it, each ``"a | b"`` for either; all must be there.
        forbids: Headers that tell it is something else.
        date: Headers of the business date.
        store: Headers of the store name.
        columns: Where metrics are found.
        combine: What several rows of a day mean.
        order: Declared order of dates such as 09-01-26.
        scene: Headers of the column that names the channel of a row.
        scenes: Name in that column → channel key, over the built-in table.
        from_file: The day may stand above the table or in the file name, not in a column.
        drop: Header → texts of rows that are no facts of their own.
        unpaid: Rows without a date are normal (orders not paid) and skipped in silence.
        row: Reads a row that is more than its columns.
        key_of: Header of the row's own id; a second row with the same id is dropped.
        basis: How money is counted, for provenance.
        rank: Whose figure stands when two sources tell the same; lower is trusted first.
        note: Shown once per file, in Chinese.
        refuse: Why this known kind is not read, in Chinese; empty when it is.
    """

    _: KW_ONLY
    key: str
    name: str
    platform: str = ""
    needs: tuple[str, ...] = ()
    forbids: tuple[str, ...] = ()
    date: str = "日期"
    store: str = "店铺名称 | 店铺名 | 店铺"
    columns: tuple[Column, ...] = ()
    combine: Combine = Combine.ONE
    order: Order = "ymd"
    scene: str = ""
    scenes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    from_file: bool = False
    drop: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    unpaid: bool = False
    row: RowReader | None = None
    key_of: str = ""
    basis: str = "支付时间"
    rank: int = 10
    note: str = ""
    refuse: str = ""

    def fits(self, found: frozenset[str]) -> bool:
        """Return True when a row of (normalised) headers is this source's header row."""
        if any(split_unit(name)[0] in found for name in self.forbids):
            return False
        return all(any(split_unit(n)[0] in found for n in names(need)) for need in self.needs)


@record
class Options:
    """What the caller knows about a file that the file may not say.

    Attributes:
        store: Store of files that name none.
        year: Year of dates written without one.
        channel: Channel key of promotion sheets that do not name theirs.
        exclude_prefixes: Beginnings of the seller's remark that mark an order as excluded
            (补单); such orders are only ever subtracted.
        scenes: Scene name → channel key, over the built-in table.
    """

    _: KW_ONLY
    store: str = ""
    year: int | None = None
    channel: str = ""
    exclude_prefixes: tuple[str, ...] = ("G-", "V-")
    scenes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
