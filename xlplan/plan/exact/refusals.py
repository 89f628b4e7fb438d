"""What a spread refuses, and what it says: the locks in the way and the totals in reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from xlplan.errors import InfeasibleError, InputError
from xlplan.plan.exact.units import LARGEST, from_units, position
from xlplan.record import draft, record

if TYPE_CHECKING:
    from xlplan.plan.exact.units import Bools, Floats, Ints


@draft
class SignError(InputError):
    """Spreading in proportion would flip signs or divide by a zero sum.

    Attributes:
        offers: Names of the methods in `xlplan.plan.spread` that can do it.
    """

    offers: tuple[str, ...] = ("additive_equal", "by_absolute")


@record
class Rows:
    """Some rows of a spread, all in whole units.

    Attributes:
        weights: (n, d), zero outside the free cells.
        free: (n, d) cells that are not held.
        total: (n,) to be reached, held cells included.
        rest: (n,) what the free cells must add up to.
        bounds: Lower and upper (n, d), or None.
        unit: The size of a unit.
        lead: Shape of all rows, () when there is only one.
        first: Number of the first row here among all rows.
        keep_sign: The weights are existing values that must keep their sign.
    """

    weights: Floats
    free: Bools
    total: Ints
    rest: Ints
    bounds: tuple[Floats, Floats] | None
    unit: float
    lead: tuple[int, ...]
    first: int
    keep_sign: bool

    def check(self) -> None:
        """Refuse whatever has no answer; the first such row is named.

        Raises:
            InfeasibleError: Holds or bounds contradict the total.
            SignError: Signs flip, or values that are not zero add up to zero.
            InputError: Negative weights inside bounds.
        """
        if self.bounds is not None:
            self._check_bounds(*self.bounds)
            return
        self._check_holds()
        negative = self.weights.min(initial=0) < 0
        if negative or (self.keep_sign and (self.rest < 0).any()):
            self._check_signs()

    def _check_holds(self) -> None:
        stuck = (self.rest != 0) & ~self.free.any(axis=1)
        for row in np.flatnonzero(stuck)[:1]:
            held = self._amount(self.total[row] - self.rest[row])
            self._refuse(row, "没有可以分摊的格", (held, held))
        above = (self.rest < 0) & (self.total >= 0)
        if above.any():
            above &= self._one_signed()
        for row in np.flatnonzero(above)[:1]:
            held = self._amount(self.total[row] - self.rest[row])
            self._refuse(row, "锁定的已超过合计", (held, np.inf))

    def _one_signed(self) -> Bools:
        return np.asarray(self.weights.min(axis=1, initial=0) >= 0)

    def _check_signs(self) -> None:
        base, size = self.weights.sum(axis=1), np.abs(self.weights).sum(axis=1)
        unclear = np.maximum(np.abs(self.rest) / LARGEST, 1e-12)
        nil = (np.abs(base) <= unclear * size) & (size > 0)
        if nil.any():
            raise SignError(
                f"{self._row(np.flatnonzero(nil)[0])}各格不为 0 但合计为 0，无法按比例分摊",
                "方法改用“平均增减”或“按绝对值增减”",
            )
        flips = (self.rest * np.sign(base) < 0) & (self.keep_sign | ~self._one_signed())
        if flips.any():
            row = np.flatnonzero(flips)[0]
            raise SignError(
                f"{self._row(row)}要分摊的 {self._amount(self.rest[row]):,.15g} 与现有各格的合计"
                "正负相反，按比例分摊会使每一格变号",
                "检查合计的正负号（退款按正数填），或改用平均增减、按绝对值增减",
            )

    def _check_bounds(self, lower: Floats, upper: Floats) -> None:
        if self.weights.min(initial=0) < 0:
            raise InputError("有负的基数时不能同时设上下限", "先放开上下限，或把负的格改成 0 以上")
        low = np.where(self.free, lower, 0).sum(axis=1)
        high = np.where(self.free, upper, 0).sum(axis=1)
        crossed = (self.free & (lower > upper)).any(axis=1)
        bad = (self.rest < low) | (self.rest > high) | crossed
        for row in np.flatnonzero(bad)[:1]:
            held = self.total[row] - self.rest[row]
            reach = (self._amount(held + low[row]), self._amount(held + high[row]))
            floors = np.isfinite(lower[row]) & (lower[row] != 0)
            bound = floors if self.rest[row] < low[row] else np.isfinite(upper[row])
            self._refuse(row, "超出上下限和锁定允许的范围", reach, bound)

    def _refuse(
        self, row: int, why: str, reach: tuple[float, float], bound: Bools | None = None
    ) -> None:
        held = ~self.free[row]
        columns = np.flatnonzero(held if bound is None else held | bound)
        total = self._amount(self.total[row])
        raise InfeasibleError(
            f"{self._row(row)}合计 {total:,.15g} 分不下去：{why}{_listed(columns)}",
            f"把合计改为{_reachable(reach)}，或放开这些格",
            locks=[self._place(row, int(column)) for column in columns],
            reachable=reach,
        )

    def _place(self, row: int, column: int) -> int | tuple[int, ...]:
        return (*self._name(row), column) if self.lead else column

    def _name(self, row: int) -> tuple[int, ...]:
        return tuple(int(part) for part in np.unravel_index(self.first + row, self.lead))

    def _row(self, row: int) -> str:
        return f"第 {position(self._name(row))} 行" if self.lead else ""

    def _amount(self, units: float) -> float:
        if not np.isfinite(units):
            return float(units)
        return float(from_units(np.asarray(units, dtype=np.int64), self.unit))


def _listed(columns: Ints) -> str:
    if not len(columns):
        return ""
    shown = "、".join(str(int(column) + 1) for column in columns[:8])
    more = f"等 {len(columns)} 格" if len(columns) > 8 else "格"
    return f"（第 {shown} {more}）"


def _reachable(reach: tuple[float, float]) -> str:
    low, high = reach
    if low == high:
        return f" {low:,.15g}"
    if np.isinf(high):
        return f"不少于 {low:,.15g}"
    return f"不多于 {high:,.15g}" if np.isinf(low) else f" {low:,.15g} 到 {high:,.15g} 之间"
