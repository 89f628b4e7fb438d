"""What an export is, as data: one `Source` per kind of file, in a few lines each."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from xlplan.record import record
from xlplan.regex import regex
from xlplan.sources.text import header

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from dataclasses import KW_ONLY

    from xlplan.sources.dates import Order

    #: What one row adds to its day: amounts to sum, or text of which different values are counted.
    RowReader = Callable[["Row"], Mapping[str, float | str]]

_MONEY = "百万元 百万 千万元 千万 亿元 亿 万元 万 千元 千 元 分 角".split()
_WORTH = dict(
    zip(_MONEY, (1e6, 1e6, 1e7, 1e7, 1e8, 1e8, 1e4, 1e4, 1e3, 1e3, 1.0, 0.01, 0.1), strict=True)
)
_COUNTS = dict.fromkeys(("人", "人次", "件", "笔", "单", "次", "个", "位", "条", "款"), 1.0)
_COUNTS |= {
    f"{size}{unit}": worth for unit in tuple(_COUNTS) for size, worth in (("万", 1e4), ("千", 1e3))
}
#: Units of plain numbers, as a head says them: 支付金额(万元).
_UNITS = {**_WORTH, **_COUNTS, "%": 0.01}
_BRACKETED = regex(r"(.+?)[(\[{【](?:单位[:：]?)?(?:人民币)?([^()\[\]{}【】]{1,3})[)\]}】]")
_MARKED = regex(
    r"(.+?)[/:,、_·|-](?:单位[:：]?)?(?:人民币)?([百千]?[万千亿]元|万元|亿元|元|万|亿|分|人|件|笔|单|%)"
)
_BARE = regex(r"(.+?)((?:[百千]?万|亿|千)元)")


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
    name, unit = _named_unit(header(text).strip(":"))
    return name, _UNITS.get(unit, 1.0)


def has_unit(text: object) -> bool:
    """Return whether a header says its unit."""
    return bool(_named_unit(header(text).strip(":"))[1])


@lru_cache(maxsize=8192)
def _named_unit(name: str) -> tuple[str, str]:
    """Return a header and its unit, "" when it has none: 支付金额(万元), 支付金额/万元, 支付金额万元."""
    for form in (_BRACKETED, _MARKED, _BARE):
        found = form.fullmatch(name)
        if found and found[2] in _UNITS:
            return found[1], found[2]
    return name, ""


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
        stores: The stores there are; sheets and group heads named after one are about it.
        channel: Channel key of promotion sheets that do not name theirs.
        exclude_prefixes: Beginnings of the seller's remark that mark an order as excluded
            (补单); such orders are only ever subtracted.
        scenes: Scene name → channel key, over the built-in table.
    """

    _: KW_ONLY
    store: str = ""
    year: int | None = None
    stores: tuple[str, ...] = ()
    channel: str = ""
    exclude_prefixes: tuple[str, ...] = ("G-", "V-")
    scenes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
