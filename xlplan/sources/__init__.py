"""Outside files and databases, read into actuals.

`read` turns any export into daily facts; `sniff` and `tables` show what a file
is made of; `numbers` and `dates` hold the one grammar for cells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xlplan.sources.declare import Options, Source
    from xlplan.sources.exports import SOURCES
    from xlplan.sources.extract import Extract, Provenance
    from xlplan.sources.mapping import load_mapping
    from xlplan.sources.readers.containers import sniff
    from xlplan.sources.readers.unpack import tables
    from xlplan.sources.reading import read, read_many
    from xlplan.sources.sql.orders import read_sql

__all__ = [
    "SOURCES",
    "Extract",
    "Options",
    "Provenance",
    "Source",
    "load_mapping",
    "read",
    "read_many",
    "read_sql",
    "sniff",
    "tables",
]

#: Loaded on first use: the grammars must be importable without pandas.
_HOME = {
    "SOURCES": "exports",
    "Extract": "extract",
    "Options": "declare",
    "Provenance": "extract",
    "Source": "declare",
    "load_mapping": "mapping",
    "read": "reading",
    "read_many": "reading",
    "read_sql": "sql.orders",
    "sniff": "readers.containers",
    "tables": "readers.unpack",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
