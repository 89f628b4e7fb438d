"""Driver identities as text: ``gmv = uv * cvr * aov``, ``net = gmv - refund``.

Grammar: names, numbers, + - * /, one equals sign, no brackets. Inside, each side is a sum
of positive terms, because a subtracted term is moved to the other side.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, TypeAlias

from xlplan.errors import InputError
from xlplan.record import record
from xlplan.regex import regex

if TYPE_CHECKING:
    from collections.abc import Mapping

_NUMBER = regex(r"(\d+\.?\d*|\.\d+)(e[+-]?\d+)?%?", re.IGNORECASE)
_NAME = regex(r"[^\W\d]\w*")


@record
class Term:
    """A product: a positive factor times names with exponents."""

    factor: float
    powers: tuple[tuple[str, int], ...]

    def value(self, values: Mapping[str, float]) -> float:
        """Return the product; divides last, so that exact quotients stay exact."""
        above = math.prod(values[name] ** power for name, power in self.powers if power > 0)
        below = math.prod(values[name] ** -power for name, power in self.powers if power < 0)
        return self.factor * above / below

    def power(self, name: str) -> int:
        """Return the exponent of a name, 0 where it does not occur."""
        return dict(self.powers).get(name, 0)


Side: TypeAlias = tuple[Term, ...]


@record
class Identity:
    """Two sums that must be equal."""

    text: str
    left: Side
    right: Side

    @property
    def names(self) -> tuple[str, ...]:
        """Every name once, in order of appearance."""
        terms = (*self.left, *self.right)
        return tuple(dict.fromkeys(name for term in terms for name, _ in term.powers))


def parse(text: str) -> Identity:
    """Read an identity.

    Raises:
        InputError: The text is not an identity of the grammar.
    """
    sides = text.split("=")
    if len(sides) != 2:
        raise InputError(f"恒等式“{text}”里要有一个等号", "例如 gmv = uv * cvr * aov")
    left_plus, left_minus = _terms(sides[0], text)
    right_plus, right_minus = _terms(sides[1], text)
    left, right = (*left_plus, *right_minus), (*right_plus, *left_minus)
    if not left or not right:
        raise InputError(f"恒等式“{text}”有一边没有内容", "例如 net = gmv - refund")
    return Identity(text.strip(), left, right)


def _terms(side: str, text: str) -> tuple[list[Term], list[Term]]:
    """Return the added and the subtracted terms of one side."""
    added: list[Term] = []
    removed: list[Term] = []
    signed = re.split(r"(?<![\d.][eE])([+-])", side.strip())
    if signed[0].strip():
        signed.insert(0, "+")
    else:
        signed = signed[1:]
    for sign, product in zip(signed[::2], signed[1::2], strict=True):
        term = _term(product, text)
        if term.factor:
            (added if sign == "+" else removed).append(term)
    return added, removed


def _term(product: str, text: str) -> Term:
    parts = re.split(r"([*/×÷])", product)
    factor, powers = 1.0, dict[str, int]()
    for operator, part in zip(["*", *parts[1::2]], parts[::2], strict=True):
        step, word = (1 if operator in "*×" else -1), part.strip()
        if _NUMBER.fullmatch(word):
            number = float(word.rstrip("%")) / (100 if word.endswith("%") else 1)
            if step < 0 and number == 0:
                raise InputError(f"恒等式“{text}”除以了 0", "改掉这个除数")
            factor *= number**step
        elif _NAME.fullmatch(word):
            powers[word] = powers.get(word, 0) + step
        else:
            raise InputError(f"恒等式“{text}”里看不懂“{word}”", "只能用名称、数字和 + - * /")
    return Term(factor, tuple((name, power) for name, power in powers.items() if power))
