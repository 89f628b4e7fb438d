"""The one table of spread methods (PLANNING a).

All that knows a method derives from it: the 分摊 dialog and its command, the typed shorthand, the
refusals, how ratios and parts (categories, platforms) take one. A new method is one function and
one row of `METHODS`.

The list of commands reads this table at every click, so numpy stays out of it: a method works
with what `xlplan.plan.change.job.Job` offers.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from xlplan.errors import InputError
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Callable

    from xlplan.plan.change.job import Job
    from xlplan.plan.exact.units import Floats

#: Pieces of the typed forms: an amount such as 500万, a figure such as 1.2, a reference.
AMOUNT = (
    r"(?P<number>\d+(?:,\d{3})*(?:\.\d+)?|\.\d+)\s*"
    r"(?P<multiple>十万|百万|千万|[百千万亿kw]?)\s*(?:元|块)?"
)
FIGURE = r"(?P<number>\d+(?:\.\d+)?|\.\d+)"
REFERENCE = r"(?:like|照|同|参照|按)\s*(?P<reference>\S+)"


class AmountKind(StrEnum):
    """What the amount of a method is."""

    TOTAL = "the new total"
    VALUE = "the value of every cell"
    CHANGE = "what the total changes by"
    PART = "the part of +8 %: 0.08"
    FACTOR = "what every cell is multiplied by"
    SHAPE = "how the cells stand to one another; the total stays"


class SharedBy(StrEnum):
    """What a method keeps the proportions of."""

    CELLS = "the cells as they are"
    REFERENCE = "the reference"
    NEITHER = "something else"


def as_typed(figure: float, typed: str) -> float:
    """Return an amount as it was typed."""
    del typed
    return figure


def _last_over_first(figure: float, typed: str) -> float:
    return 1 + figure if typed.endswith(("%", "％")) else figure


def _rate(figure: float, typed: str) -> float:
    if not typed.endswith(("%", "％")) and figure >= 1:
        raise InputError(
            f"等比写的是增长率，{typed} 是每格比前一格多 {figure:.0%}",
            f"每格是前一格的 {typed} 倍请写 {figure - 1:.4g}",
        )
    return figure


@record
class Method:
    """One way to give cells a new total.

    Attributes:
        name: What code and the journal call it.
        label: What users call it.
        work: What it makes of the cells.
        amount: What its amount is.
        by: What it keeps the proportions of.
        each: It changes cells one by one: locked ones are left out, and the total follows.
        only_empty: It fills cells that are zero and leaves the others.
        form: Typed shorthand, a pattern that may name ``number``, ``multiple``, ``sign``,
            ``minus``, ``operator``, ``percent`` and ``reference``; "" without one.
        examples: What people can type.
        needs: What the amount is, in words.
        read: Makes an amount of a figure and its text, where the method was chosen by its name.
        optional: Chosen by its name it needs no amount.
        listed: The dialog offers it.
    """

    name: str
    label: str
    work: Callable[[Job], Floats]
    amount: AmountKind = AmountKind.TOTAL
    by: SharedBy = SharedBy.NEITHER
    each: bool = False
    only_empty: bool = False
    form: str = ""
    examples: tuple[str, ...] = ()
    needs: str = "合计，如 500万"
    read: Callable[[float, str], float] = as_typed
    optional: bool = False
    listed: bool = True

    @property
    def keeps_proportions(self) -> bool:
        """Whether the cells keep their proportions; only such a method can change a ratio."""
        return self.by is SharedBy.CELLS

    @property
    def never_negative(self) -> bool:
        """Whether the amount is a total or a value, which are never below zero."""
        return self.amount in (AmountKind.TOTAL, AmountKind.VALUE)

    @property
    def moves(self) -> bool:
        """Whether it starts from what the cells come to now."""
        return self.keeps_proportions and self.amount is not AmountKind.TOTAL

    @property
    def needs_shape(self) -> bool:
        """Whether cells that are all zero need another shape to be shared by."""
        return self.keeps_proportions and not self.each

    def total(self, now: float, amount: float) -> float:
        """Return the total it comes to where there is `now`."""
        match self.amount:
            case AmountKind.PART if self.keeps_proportions:
                return now * (1 + amount)
            case AmountKind.FACTOR:
                return now * amount
            case AmountKind.CHANGE:
                return now + amount
            case AmountKind.SHAPE:
                return now
            case _:
                return amount


def _proportional(job: Job) -> Floats:
    return job.spread(job.amount, job.cells, keep_sign=True)


def _equal(job: Job) -> Floats:
    return job.spread(job.amount, job.ones)


def _equal_nonzero(job: Job) -> Floats:
    return job.spread(job.amount, job.ones * (job.cells != 0))


def _like(job: Job) -> Floats:
    return job.spread(job.amount, job.like())


def _like_percent(job: Job) -> Floats:
    return job.each(job.like() * (1 + job.amount))


def _percent(job: Job) -> Floats:
    return job.times(1 + job.amount)


def _times(job: Job) -> Floats:
    return job.times(job.amount)


def _add(job: Job) -> Floats:
    return job.spread(job.total() + job.amount, job.cells, keep_sign=True)


def _repeat(job: Job) -> Floats:
    return job.repeat(job.amount)


def _straight_line(job: Job) -> Floats:
    from xlplan.plan.exact.progressions import line_shape

    return job.spread(job.total(), line_shape(job.cells.size, job.amount))


def _growth(job: Job) -> Floats:
    from xlplan.plan.exact.progressions import growth_shape

    return job.spread(job.total(), growth_shape(job.cells.size, job.amount))


def _unassigned(job: Job) -> Floats:
    """Keep what was typed; share only the rest over the empty (zero) cells."""
    return job.fill_empty(job.amount)


def _additive_equal(job: Job) -> Floats:
    from xlplan.plan.spread import additive_equal

    return additive_equal(job.cells, job.amount, **job.limits)


def _by_absolute(job: Job) -> Floats:
    from xlplan.plan.spread import by_absolute

    return by_absolute(job.cells, job.amount, **job.limits)


_TABLE = (
    Method(
        "proportional", "按比例", _proportional, by=SharedBy.CELLS,
        form=rf"(?:=\s*(?P<minus>-)?\s*)?{AMOUNT}", examples=("500万", "=500万"),
    ),
    Method(
        "equal", "平均", _equal,
        form=rf"=?\s*{AMOUNT}\s*(?:平均|均分|平分|equal)", examples=("=500万 平均",),
    ),
    Method("equal_nonzero", "只在非零格平均", _equal_nonzero),
    Method(
        "like", "参照", _like, by=SharedBy.REFERENCE,
        form=rf"=?\s*{AMOUNT}\s*{REFERENCE}", examples=("=500万 like 去年",),
    ),
    Method(
        "like_percent", "参照增减", _like_percent, AmountKind.PART, SharedBy.REFERENCE, each=True,
        form=rf"{REFERENCE}(?:\s+(?P<sign>[+-])\s*{FIGURE}\s*(?P<percent>%))?",
        examples=("like 去年 +10%",), optional=True,
    ),
    Method(
        "percent", "百分比", _percent, AmountKind.PART, SharedBy.CELLS, each=True,
        form=rf"(?P<sign>[+-])\s*{FIGURE}\s*(?P<percent>%)", examples=("+8%", "减5%"),
        needs="如 8%、-5%",
    ),
    Method(
        "times", "乘以", _times, AmountKind.FACTOR, SharedBy.CELLS, each=True,
        form=rf"(?P<operator>[*×/÷])\s*{FIGURE}", examples=("*1.2", "/2"), needs="倍数，如 1.2",
    ),
    Method(
        "add", "增减", _add, AmountKind.CHANGE, SharedBy.CELLS,
        form=rf"(?P<sign>[+-])\s*{AMOUNT}", examples=("加3000", "减3000"),
        needs="增减的数，如 3000、-3000",
    ),
    Method(
        "repeat", "每格相同", _repeat, AmountKind.VALUE, each=True,
        form=rf"!\s*{AMOUNT}", examples=("!3000",), needs="每一格的数，如 3000",
    ),
    Method(
        "straight_line", "直线", _straight_line, AmountKind.SHAPE,
        needs="末格比首格多 8% 写 8%，或写倍数 1.08", read=_last_over_first,
    ),
    Method(
        "growth", "等比", _growth, AmountKind.SHAPE, needs="每格比前一格多 2% 写 2%", read=_rate,
    ),
    Method(
        "unassigned", "只分未分配", _unassigned, only_empty=True,
        form=rf"(?:剩余|未分)\s*=?\s*{AMOUNT}", examples=("剩余 500万",),
    ),
    Method("additive_equal", "平均增减", _additive_equal, listed=False),
    Method("by_absolute", "按绝对值增减", _by_absolute, listed=False),
)  # fmt: skip

#: Every method by its name, in the order of the dialog.
METHODS: dict[str, Method] = {method.name: method for method in _TABLE}


def method_of(text: str) -> Method:
    """Return the method that a name or label means.

    Raises:
        InputError: There is none.
    """
    for method in METHODS.values():
        if text in (method.name, method.label):
            return method
    raise InputError(f"没有分摊方法“{text}”", f"可用：{'、'.join(METHODS)}")


def offered() -> list[Method]:
    """Return the methods that the dialog offers."""
    return [method for method in METHODS.values() if method.listed]


def examples(most: int = 9) -> str:
    """Return what people can type, at most so many examples of each method."""
    return "、".join(text for method in METHODS.values() for text in method.examples[:most])


def needs_told() -> str:
    """Return what the amounts of methods are that can only be chosen by name, and are no totals."""
    told = [m for m in offered() if not m.form and m.amount is not AmountKind.TOTAL]
    return "；".join(f"{method.label}：{method.needs}" for method in told)
