"""MySQL and MariaDB over PyMySQL, which is pure Python: nothing has to be compiled to install it.

ibis asks for mysqlclient. It needs of it the exceptions and codes, which PyMySQL has under the
same names, and of a connection two more things, which `connection` adds.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from typing import Any


def ibis_mysql() -> Any:
    """Return ``ibis.mysql``; it takes PyMySQL for mysqlclient where that is not installed."""
    import ibis
    import pymysql

    if "MySQLdb" not in sys.modules and importlib.util.find_spec("MySQLdb") is None:
        pymysql.version_info = (2, 2, 4, "final", 0)
        sys.modules["MySQLdb"] = pymysql
        for name in ("constants", "constants.ER", "constants.FIELD_TYPE", "constants.FLAG"):
            sys.modules[f"MySQLdb.{name}"] = importlib.import_module(f"pymysql.{name}")
    return ibis.mysql


def connection(told: dict[str, Any]) -> Any:
    """Return an open connection that can say what types a query has."""
    import pymysql
    from pymysql.cursors import Cursor

    class Typed(Cursor):  # type: ignore[misc]  # no stubs
        @property
        def description_flags(self) -> tuple[int, ...]:
            return tuple(field.flags for field in self._result.fields)

    class Connection(pymysql.Connection):  # type: ignore[misc]  # no stubs
        def get_character_set_info(self) -> dict[str, int]:
            return {"mbmaxlen": 4}

    return Connection(**told, charset="utf8mb4", cursorclass=Typed, autocommit=True)


def exact_texts(schema: Any, quoted: Any) -> str:
    """Return columns of a SELECT with texts that are compared letter by letter.

    The database's own collation may take ``A1`` and ``a1`` for one, or forget blanks at the end.

    Args:
        schema: Of the table.
        quoted: Makes a column name an identifier.
    """
    return ", ".join(
        f"CONVERT({quoted(name)} USING utf8mb4) COLLATE utf8mb4_bin AS {quoted(name)}"
        if kind.is_string()
        else quoted(name)
        for name, kind in schema.items()
    )
