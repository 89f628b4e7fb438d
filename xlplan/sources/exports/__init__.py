"""The exports that are known by name: every `Source` that a module of this folder declares.

A new export is one module here (or one more `Source` in it) and a pair of files in tests/exports.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from xlplan.sources.declare import Source

#: Comes after all of them and is made from a table's own heads.
_GENERIC = "generic"


def _declared() -> tuple[Source, ...]:
    """Return the declarations of all modules beside this one, in the order of their names."""
    names = sorted(module.name for module in iter_modules(__path__) if module.name != _GENERIC)
    modules = [import_module(f"{__name__}.{name}") for name in names]
    found = (value for module in modules for value in vars(module).values())
    return tuple({value.key: value for value in found if isinstance(value, Source)}.values())


#: Every declared source; the generic sheet comes after all of them.
SOURCES = _declared()

__all__ = ["SOURCES"]
