"""What stands where other engines have the native object."""

from __future__ import annotations

from typing import Any


class Native:
    """Stands in for the COM object: true (xlwings writes nothing without one), usable for nothing."""

    def __init__(self, what: str) -> None:
        object.__setattr__(self, "_what", what)

    def __getattr__(self, name: str) -> Any:
        raise NotImplementedError(f"{self._what}.api.{name}: LibreOffice has no COM interface")

    def __setattr__(self, name: str, value: object) -> None:
        raise NotImplementedError(f"{self._what}.api.{name}: LibreOffice has no COM interface")


def native(what: str) -> Native:
    """The stand-in of a kind of object."""
    return Native(what)
