"""Where the sheets of a book have their rows and columns, each looked for when it is needed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from xlplan.sheets.base import names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from xlplan.sheets.base.lists import ListAt
    from xlplan.sheets.base.tables import TableAt, Tables
    from xlplan.sheets.checks.findings import CheckupAt
    from xlplan.sheets.daily.page import DailyAt
    from xlplan.sheets.days.page import CalendarAt
    from xlplan.sheets.month.derived import MonthAt
    from xlplan.sheets.parts.page import SplitAt
    from xlplan.sheets.targets.page import TargetsAt
    from xlplan.sheets.year.derived import YearAt

V = TypeVar("V")


class Later(Mapping[str, V]):
    """A mapping whose values are worked out when they are first asked for.

    Args:
        keys: The keys, in order.
        make: Key → value.
    """

    def __init__(self, keys: Sequence[str], make: Callable[[str], V]) -> None:
        self._keys, self._make = dict.fromkeys(keys), make
        self._made: dict[str, V] = {}

    def __getitem__(self, key: str) -> V:
        if key not in self._made:
            if key not in self._keys:
                raise KeyError(key)
            self._made[key] = self._make(key)
        return self._made[key]

    @property
    def used(self) -> frozenset[str]:
        """The keys that were asked for so far."""
        return frozenset(self._made)

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


class Overlaid(Mapping[str, V]):
    """A mapping with other values for some keys; the rest stays unread until it is asked for.

    Args:
        base: The mapping beneath.
        over: The values that stand before those of `base`.
    """

    def __init__(self, base: Mapping[str, V], over: Mapping[str, V]) -> None:
        before, self.base = _taken_apart(base)
        self.over = {**before, **over}

    def __getitem__(self, key: str) -> V:
        return self.over[key] if key in self.over else self.base[key]

    def __contains__(self, key: object) -> bool:
        return key in self.over or key in self.base

    def __iter__(self) -> Iterator[str]:
        return iter({**dict.fromkeys(self.base), **dict.fromkeys(self.over)})

    def __len__(self) -> int:
        return len(set(self.base) | set(self.over))


def same_at(one: Mapping[str, V], other: Mapping[str, V], key: str) -> bool:
    """Return whether two mappings are known to agree at a key without looking at what it says."""
    over, under = zip(*map(_taken_apart, (one, other)), strict=True)
    return under[0] is under[1] and all(key not in each for each in over)


def _taken_apart(values: Mapping[str, V]) -> tuple[Mapping[str, V], Mapping[str, V]]:
    return (values.over, values.base) if isinstance(values, Overlaid) else ({}, values)


class Places(Later[Any]):
    """Sheet → where it stands; the sheets that others refer to by name."""

    @property
    def targets(self) -> TargetsAt:
        """年度目标."""
        return self[names.TARGETS]  # type: ignore[no-any-return]

    @property
    def calendar(self) -> CalendarAt:
        """日历."""
        return self[names.DAYS]  # type: ignore[no-any-return]

    @property
    def daily(self) -> DailyAt:
        """日报."""
        return self[names.DAILY]  # type: ignore[no-any-return]

    @property
    def year(self) -> YearAt:
        """年度规划."""
        return self[names.YEAR]  # type: ignore[no-any-return]

    @property
    def months(self) -> Mapping[int, MonthAt]:
        """1月 … 12月, by number."""
        return _Months(self)

    @property
    def book(self) -> Places:
        """These places: the plan's sheets are found here as well."""
        return self

    @property
    def split(self) -> SplitAt:
        """品类平台."""
        return self[names.PARTS]  # type: ignore[no-any-return]

    @property
    def tables(self) -> Tables:
        """_计划 and _实际."""
        from xlplan.sheets.base.tables import Tables

        return Tables(self[names.PLAN], self[names.ACTUAL])

    @property
    def sources(self) -> TableAt:
        """_来源."""
        return self[names.SOURCES]  # type: ignore[no-any-return]

    @property
    def checkup(self) -> CheckupAt:
        """体检."""
        return self[names.CHECKUP]  # type: ignore[no-any-return]

    @property
    def log(self) -> ListAt:
        """变更记录."""
        return self[names.LOG]  # type: ignore[no-any-return]

    @property
    def meta(self) -> Mapping[str, int]:
        """_元数据: key → row."""
        return self[names.META]  # type: ignore[no-any-return]


class _Months(Mapping[int, "MonthAt"]):
    def __init__(self, places: Places) -> None:
        self._places = places

    def __getitem__(self, month: int) -> MonthAt:
        return self._places[names.month_name(month)]  # type: ignore[no-any-return]

    def __iter__(self) -> Iterator[int]:
        return iter(names.MONTHS)

    def __len__(self) -> int:
        return len(names.MONTHS)
