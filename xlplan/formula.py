"""One formula text with three readers: `names`, `evaluate` and `to_excel`.

The grammar is frozen at names, numbers, parentheses and ``+ - * /``. Whatever
needs another day (last month's same day, month to date) is a base column or a
window of the metric, never grammar.

What missing means, in every reader alike:

* a plain sum of names (``a + b + c``) is missing only when all of them are;
* anything else is missing when any of its names is, except `optional` names,
  which count as zero;
* a zero divisor gives missing, never an error value.
"""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING

from xlplan.record import record
from xlplan.regex import regex

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import numpy as np
    from numpy.typing import NDArray

_OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
}


class FormulaError(ValueError):
    """The text is outside the grammar; raised while the registry is imported."""


@record
class Formula:
    """A derived metric's definition.

    Args:
        text: For example ``"gmv_net / orders_net"``.
        optional: Names that count as zero when missing.
        floor: Smallest value the result may take (``max(floor, …)``), or None.
    """

    text: str
    optional: frozenset[str] = frozenset()
    floor: float | None = None

    @cached_property
    def tree(self) -> ast.expr:
        """The checked syntax tree."""
        try:
            tree = ast.parse(self.text, mode="eval").body
        except SyntaxError as error:
            raise FormulaError(f"not a formula: {self.text!r}") from error
        for node in ast.walk(tree):
            _check_node(node, self.text)
        return tree

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The metrics it reads, in order of first appearance."""
        return tuple(dict.fromkeys(_names(self.tree)))

    @cached_property
    def is_plain_sum(self) -> bool:
        """True for ``a + b + …`` of names only (missing when all are missing)."""
        nodes = [node for node in ast.walk(self.tree) if isinstance(node, ast.expr)]
        return len(self.names) > 1 and all(
            isinstance(node, ast.Name)
            or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add))
            for node in nodes
        )

    @property
    def required(self) -> tuple[str, ...]:
        """The names without which the result is missing."""
        return tuple(name for name in self.names if name not in self.optional)

    def evaluate(self, columns: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        """Compute the formula over aligned float columns (NaN is missing).

        Args:
            columns: One array per name, all of one shape.

        Returns:
            An array of that shape; NaN where missing or divided by zero.
        """
        import numpy as np

        if self.is_plain_sum:
            stack = np.stack([columns[name] for name in self.names])
            present = ~np.isnan(stack)
            value = np.where(present, stack, 0.0).sum(axis=0)
            return self._floored(np.where(present.any(axis=0), value, np.nan))
        filled = {
            name: np.nan_to_num(columns[name], nan=0.0) if name in self.optional else columns[name]
            for name in self.names
        }
        with np.errstate(divide="ignore", invalid="ignore"):
            value = _compute(self.tree, filled)
        return self._floored(np.asarray(value, dtype=np.float64))

    def _floored(self, value: NDArray[np.float64]) -> NDArray[np.float64]:
        import numpy as np

        return value if self.floor is None else np.where(value < self.floor, self.floor, value)

    def to_excel(self, ref: Callable[[str], str]) -> str:
        """Return the Excel formula (with its leading ``=``).

        Args:
            ref: Gives the cell reference of a name. A cell without a number counts as missing.

        Returns:
            A formula that is ``""`` where the result is missing, and never an error value
            of its own making; errors in the cells it reads stay visible.
        """
        pieces = self._pieces.copy()
        pieces[1::2] = map(ref, pieces[1::2])
        return "".join(pieces)

    @cached_property
    def _pieces(self) -> list[str]:
        """The Excel formula cut at its references: text, name, text, name … text."""
        return self._excel_text(lambda name: f"\0{name}\0").split("\0")

    def _excel_text(self, ref: Callable[[str], str]) -> str:
        if self.is_plain_sum:
            cells = ",".join(ref(name) for name in self.names)
            return f'=IF(COUNT({cells})=0,"",{self._wrap(f"SUM({cells})")})'
        core = self._wrap(_excel(self.tree, ref, self.optional))
        for divisor in _divisors(self.tree):
            core = f'IF({_excel(divisor, ref, self.optional)}=0,"",{core})'
        if self.required:
            cells = ",".join(ref(name) for name in self.required)
            core = f'IF(COUNT({cells})<{len(self.required)},"",{core})'
        return f"={core}"

    def _wrap(self, core: str) -> str:
        return core if self.floor is None else f"MAX({self.floor:g},{core})"

    def renamed(self, rename: Callable[[str], str]) -> Formula:
        """Return the same formula over other names (used for the plan's companions)."""
        tree = ast.parse(self.text, mode="eval")
        for node in ast.walk(tree):
            if isinstance(node, ast.Name):
                node.id = rename(node.id)
        return Formula(
            ast.unparse(tree), frozenset(rename(name) for name in self.optional), self.floor
        )


#: A text in a formula, or a quoted sheet name with its mark, or white space.
_WRITTEN = regex(r'"(?:[^"]|"")*"|\'((?:[^\']|\'\')+)\'!|\s+')


def same_formula(one: str, other: str) -> bool:
    """Return whether two Excel formulas mean the same, however a program writes them.

    Spaces, quotes about sheet names, small letters and ``TRUE()`` are a program's habit; texts
    must agree letter by letter.
    """
    return one == other or (bool(one) and bool(other) and _meaning(one) == _meaning(other))


def _meaning(text: str) -> str:
    parts: list[str] = []
    end = 0
    for found in _WRITTEN.finditer(text):
        parts.append(text[end : found.start()].upper())
        if found[0].startswith('"'):
            parts.append(found[0])
        elif found[1]:
            parts.append(found[1].replace("''", "'").upper() + "!")
        end = found.end()
    parts.append(text[end:].upper())
    return "".join(parts).replace("TRUE()", "TRUE").replace("FALSE()", "FALSE")


def _check_node(node: ast.AST, text: str) -> None:
    if isinstance(node, ast.Constant):
        fine = isinstance(node.value, int | float) and not isinstance(node.value, bool)
    elif isinstance(node, ast.BinOp):
        fine = type(node.op) in _OPERATORS
    else:
        fine = isinstance(node, (ast.Name, ast.Load, *_OPERATORS))
    if not fine:
        raise FormulaError(f"only names, numbers and + - * / are allowed: {text!r}")


def _names(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.BinOp):
        yield from _names(node.left)
        yield from _names(node.right)


def _compute(node: ast.expr, columns: Mapping[str, NDArray[np.float64]]) -> object:
    import numpy as np

    if isinstance(node, ast.Name):
        return columns[node.id]
    if isinstance(node, ast.Constant):
        return node.value
    assert isinstance(node, ast.BinOp)  # noqa: S101 - the grammar has nothing else
    left: NDArray[np.float64] = np.asarray(_compute(node.left, columns), dtype=np.float64)
    right: NDArray[np.float64] = np.asarray(_compute(node.right, columns), dtype=np.float64)
    if isinstance(node.op, ast.Add):
        return left + right
    if isinstance(node.op, ast.Sub):
        return left - right
    if isinstance(node.op, ast.Mult):
        return left * right
    return left / np.where(right == 0, np.nan, right)


def _divisors(node: ast.expr) -> Iterator[ast.expr]:
    """Yield divisors from the outermost in, so that wrapping tests the innermost first."""
    if isinstance(node, ast.BinOp):
        if isinstance(node.op, ast.Div) and not isinstance(node.right, ast.Constant):
            yield node.right
        yield from _divisors(node.left)
        yield from _divisors(node.right)


def _excel(node: ast.expr, ref: Callable[[str], str], optional: frozenset[str]) -> str:
    if isinstance(node, ast.Name):
        return f"N({ref(node.id)})" if node.id in optional else ref(node.id)
    if isinstance(node, ast.Constant):
        return repr(node.value)
    assert isinstance(node, ast.BinOp)  # noqa: S101 - the grammar has nothing else
    operator = _OPERATORS[type(node.op)]
    left, right = _excel(node.left, ref, optional), _excel(node.right, ref, optional)
    if isinstance(node.left, ast.BinOp) and operator in "*/":
        left = f"({left})"
    if isinstance(node.right, ast.BinOp):
        right = f"({right})"
    return f"{left}{operator}{right}"
