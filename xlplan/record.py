"""Dataclasses that cost next to nothing to define.

``dataclass`` writes and compiles up to six methods for every class, half a millisecond each, and
looks at every annotation several times; a click in Excel, which starts a fresh Python, would pay
that for a hundred and fifty classes before it does anything. The classes made here share their
methods instead. They are dataclasses all the same: `replace`, `fields`, `asdict`, ``match`` and
type checkers treat them so.

=========  =========  =========================
made with  change it  compared, hashed
=========  =========  =========================
`record`   no         by its fields
`bundle`   no         equals nothing but itself
`draft`    yes        by its fields; not hashed
=========  =========  =========================
"""

from __future__ import annotations

import dataclasses
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from inspect import get_annotations
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: type[T]) -> type[T]:
    """Make a frozen dataclass that is compared and hashed by its fields."""
    made: Any = bundle(cls)
    made.__eq__, values = _same(made)

    def key(self: object) -> int:
        return hash(values(self))

    made.__hash__ = key
    return cls


@dataclass_transform(frozen_default=True, eq_default=False, field_specifiers=(field,))
def bundle(cls: type[T]) -> type[T]:
    """Make a frozen dataclass that equals nothing but itself, as one that holds frames must."""
    made: Any = _made(cls)
    made.__setattr__ = made.__delattr__ = _refuse
    return cls


@dataclass_transform(field_specifiers=(field,))
def draft(cls: type[T]) -> type[T]:
    """Make a dataclass that can be changed, and is compared by its fields unless it is raised."""
    made: Any = _made(cls)
    if not issubclass(cls, BaseException):
        made.__eq__, _ = _same(made)
        made.__hash__ = None
    return cls


class _Later:
    """A field that is asked for when it is first used; from then on its object keeps it."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, made: Any, owner: type) -> Any:
        if made is None:
            return self
        value = made.__dict__[self.name] = made.__dict__[_SOURCE](self.name)
        return value


#: Where a lazy object keeps the function that gives its fields.
_SOURCE = " source"
#: Class → the same with lazy fields.
_LAZY: dict[type, type] = {}


def lazily(cls: type[T], source: Callable[[str], Any], **known: object) -> T:
    """Return a bundle whose fields, but for those `known`, are asked for when they are first used.

    Args:
        cls: Made with `bundle` or `record`.
        source: Field name → value.
        known: Fields that are there already.
    """
    if cls not in _LAZY:
        later = {one.name: _Later(one.name) for one in fields(cls)}  # type: ignore[arg-type]
        _LAZY[cls] = type(f"Lazy{cls.__name__}", (cls,), later)
    made: T = object.__new__(_LAZY[cls])
    made.__dict__.update(known)
    made.__dict__[_SOURCE] = source
    return made


def unused(made: object, name: str) -> bool:
    """Return whether nobody has asked for a field of a lazy object, nor given it a value."""
    return _SOURCE in made.__dict__ and name not in made.__dict__


def same_source(one: object, other: object) -> bool:
    """Return whether the fields nobody asked for would be the same in two objects."""
    return one.__dict__.get(_SOURCE) == other.__dict__.get(_SOURCE)


def replace(made: T, **changes: Any) -> T:
    """Return a dataclass with some fields changed; those that nobody asked for yet stay so."""
    if _SOURCE not in made.__dict__:
        return dataclasses.replace(made, **changes)  # type: ignore[type-var]
    known = {
        one.name: made.__dict__[one.name]
        for one in fields(made)  # type: ignore[arg-type]
        if one.name in made.__dict__
    }
    if not changes.keys() <= made.__dataclass_fields__.keys():  # type: ignore[attr-defined]
        raise TypeError(f"{type(made).__name__} has no {sorted(changes)}")
    cls: type[T] = type(made).__mro__[1]
    return lazily(cls, made.__dict__[_SOURCE], **(known | changes))


def _made(cls: type[Any]) -> Any:
    """Make a dataclass of a class."""
    made: Any = cls
    made.__dataclass_fields__ = _fields(made)
    made.__dataclass_params__ = _LIKE.__dataclass_params__
    made.__match_args__ = tuple(made.__dataclass_fields__)  # type: ignore[misc]
    made.__init__ = _start(made)
    if made.__repr__ is object.__repr__:  # an exception shows itself in its own way
        made.__repr__ = _shown
    return made


def _same(made: Any) -> tuple[Callable[[object, object], Any], Callable[[object], object]]:
    """Return the ``__eq__`` of a class, and the values it compares."""
    values = attrgetter(*(one.name for one in fields(made) if one.compare))

    def same(self: object, other: object) -> Any:
        if other.__class__ is self.__class__:
            return values(self) == values(other)
        return NotImplemented

    return same, values


@dataclass(init=False, repr=False, eq=False)
class _Like:
    """What `dataclasses` itself makes of a class with a field."""

    one: int


_LIKE: Any = _Like
_KIND: Any = _LIKE.__dataclass_fields__["one"]._field_type  # noqa: SLF001


def _fields(made: Any) -> dict[str, Any]:
    """Return the fields of a class by name, those of its bases first."""
    found: dict[str, Any] = {}
    for base in made.__mro__[:0:-1]:
        found |= base.__dict__.get("__dataclass_fields__", {})
    for name, note in get_annotations(made).items():
        if not note.startswith(("KW_ONLY", "ClassVar")):
            found[name] = _field(made, name, note)
    return found


def _field(made: Any, name: str, note: str) -> Any:
    given = made.__dict__.get(name, MISSING)
    one: Any = given if isinstance(given, Field) else field(default=given)
    if given is one:  # stands for the default until now
        delattr(made, name)
        if one.default is not MISSING:
            setattr(made, name, one.default)
    one.name, one.type, one._field_type = name, note, _KIND  # noqa: SLF001 - or it is no field
    return one


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
        values = self.__dict__
        if len(args) == len(names) and not named:  # nearly always, and by the thousand
            values.update(zip(names, args, strict=True))
            if after:
                after(self)
            return
        given = dict(zip(names, args, strict=False), **named)
        if len(given) != len(args) + len(named) or not given.keys() <= known:
            raise _misfit(self, names, args, named)
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
