"""Frozen dataclasses that cost next to nothing to define.

``dataclass(frozen=True)`` writes and compiles six methods for every class, about a millisecond
each; a click in Excel, which starts a fresh Python, would pay that for a hundred classes before
it does anything. The classes made here share their methods instead. They are dataclasses all
the same: `replace`, `fields`, `asdict`, ``match`` and type checkers treat them so.
"""

from __future__ import annotations

from dataclasses import MISSING, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[T]) -> type[T]:
    """Make a frozen dataclass that is compared and hashed by its fields."""
    made: Any = bundle(cls)
    values = attrgetter(*(one.name for one in fields(made) if one.compare))

    def same(self: object, other: object) -> Any:
        if other.__class__ is self.__class__:
            return values(self) == values(other)
        return NotImplemented

    def key(self: object) -> int:
        return hash(values(self))

    made.__eq__, made.__hash__ = same, key
    return cls


@dataclass_transform(frozen_default=True, eq_default=False, field_specifiers=(field,))
def bundle(cls: type[T]) -> type[T]:
    """Make a frozen dataclass that equals nothing but itself, as one that holds frames must."""
    if cls.__doc__ is None:
        cls.__doc__ = cls.__name__  # or dataclass works out a signature to put there
    made: Any = dataclass(init=False, repr=False, eq=False)(cls)
    made.__init__ = _start(made)
    made.__setattr__ = made.__delattr__ = _refuse
    made.__repr__ = _shown
    return cls


def _start(made: Any) -> Callable[..., None]:
    """Return the ``__init__`` of a class, which gives its fields their values."""
    names = tuple(one.name for one in fields(made))
    known = frozenset(names)
    defaults = {one.name: one.default for one in fields(made) if one.default is not MISSING}
    factories = {
        one.name: one.default_factory for one in fields(made) if one.default_factory is not MISSING
    }
    after: Callable[[Any], None] | None = getattr(made, "__post_init__", None)

    def start(self: object, /, *args: object, **named: object) -> None:
        given = dict(zip(names, args, strict=False), **named)
        if len(given) != len(args) + len(named) or not given.keys() <= known:
            raise _misfit(self, names, args, named)
        values = self.__dict__
        values.update(defaults, **given)
        for name, factory in factories.items():
            if name not in values:
                values[name] = factory()
        if len(values) < len(names):
            raise _misfit(self, names, args, named)
        if after:
            after(self)

    return start


def _misfit(
    self: object, names: tuple[str, ...], args: tuple[object, ...], named: Mapping[str, object]
) -> TypeError:
    told = f"{len(args)} values and {sorted(named)}"
    return TypeError(f"{type(self).__name__} of {told}: it takes {', '.join(names)}")


def _refuse(self: object, name: str, *_: object) -> None:
    raise FrozenInstanceError(f"{type(self).__name__}.{name} cannot be changed")


def _shown(self: Any) -> str:
    told = (f"{one.name}={getattr(self, one.name)!r}" for one in fields(self) if one.repr)
    return f"{type(self).__qualname__}({', '.join(told)})"
