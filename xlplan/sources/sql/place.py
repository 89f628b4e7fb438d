"""Where order lines lie: tables under each other, a query or a condition, more columns joined on."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from xlplan.errors import InputError
from xlplan.sources.sql.mysql import exact_texts
from xlplan.sources.sql.refusals import no_table, reason_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from xlplan.sources.findings import Findings
    from xlplan.sources.sql.config import SqlSource
    from xlplan.sources.sql.entries import Join

_NEAR = 5


def open_place(source: SqlSource, backend: Any, findings: Findings) -> Any:
    """Return the ibis table that a declaration's tables or query are.

    Raises:
        InputError: The query or condition is no single SELECT or condition.
        FileError: A table is not there; names like it are told.
    """
    if source.query:
        found = _of_query(source, backend)
    else:
        found = _under_each_other([_of_table(source, backend, parts) for parts in source.tables])
    for join in source.joined:
        found = _joined(source, backend, found, join, findings)
    return found


def _of_query(source: SqlSource, backend: Any) -> Any:
    query = _single(source, backend, source.query.rstrip("; \n\t"), "query")
    if source.filter:
        query = _with_condition(source, backend, f"({query}) AS xlplan_q")
    schema = schema_of_query(backend, query)
    if backend.name == "mysql":
        chosen = exact_texts(schema, _quoter(backend))
        query = f"SELECT {chosen} FROM ({query}) AS xlplan_x"  # noqa: S608  # one SELECT, checked
    return backend.sql(query, schema=schema, dialect=backend.dialect)


def _of_table(source: SqlSource, backend: Any, parts: tuple[str, ...]) -> Any:
    table = _open(source, backend, parts)
    if backend.name != "mysql" and not source.filter:
        return table
    quoted = _quoter(backend)
    place = ".".join(map(quoted, parts))
    schema, chosen = table.schema(), "*"
    if backend.name == "mysql":
        chosen = exact_texts(schema, quoted)
    query = f"SELECT {chosen} FROM {place}"  # noqa: S608  # quoted by the engine's own rules
    if source.filter:
        query = _with_condition(source, backend, place, chosen)
    return backend.sql(query, schema=schema, dialect=backend.dialect)


def _open(source: SqlSource, backend: Any, parts: tuple[str, ...]) -> Any:
    *schema, name = parts
    try:
        return backend.table(name, database=tuple(schema) or None)
    except Exception as error:
        if reason_of(error).key != "table":
            raise
        raise no_table(source, ".".join(parts), near_names(backend, parts)) from None


def near_names(backend: Any, parts: tuple[str, ...]) -> list[str]:
    """Return names of tables like one that is not there; none where they cannot be listed."""
    *schema, name = parts
    try:
        listed = _listed(backend, tuple(schema))
    except Exception:  # noqa: BLE001  # only a hint: the refusal itself follows
        return []
    lower = {one.rpartition(".")[2].lower(): one for one in listed}
    near = get_close_matches(name.lower(), lower, n=_NEAR, cutoff=0.5)
    near += [low for low in lower if name.lower() in low and low not in near][: _NEAR - len(near)]
    return [".".join([*schema, lower[low]]) for low in near]


def _listed(backend: Any, schema: tuple[str, ...]) -> list[str]:
    """Return the tables of a schema; without one, those of all schemas that are not the first."""
    if backend.name in ("duckdb", "postgres"):
        asked = (
            "SELECT table_schema, table_name FROM information_schema.tables"
            " WHERE table_schema NOT IN ('information_schema', 'pg_catalog')"
        )
        cursor = backend.con.execute(asked)
        rows = cursor.fetchall()
        if schema:
            return [name for place, name in rows if place == schema[-1]]
        return [name if place in ("main", "public") else f"{place}.{name}" for place, name in rows]
    return list(backend.list_tables(database=schema or None))


def _quoter(backend: Any) -> Callable[[str], str]:
    from sqlglot import exp

    def quoted(name: str) -> str:
        return str(exp.to_identifier(name, quoted=True).sql(dialect=backend.dialect))

    return quoted


def _with_condition(source: SqlSource, backend: Any, place: str, chosen: str = "*") -> str:
    from sqlglot import exp, parse_one

    query = f"SELECT {chosen} FROM {place} WHERE ({source.filter})"  # noqa: S608  # checked below
    query = _single(source, backend, query, "where")
    where = parse_one(query, dialect=backend.dialect).args.get("where")
    if where is None or not isinstance(where.this, exp.Paren):
        raise _no_sql(source, "where")
    return query


def _single(source: SqlSource, backend: Any, text: str, entry: str) -> str:
    """Return a text that is one statement and only reads; InputError for any other."""
    from sqlglot import errors, exp, parse

    try:
        statements = parse(text, dialect=backend.dialect)
    except errors.SqlglotError:
        raise _no_sql(source, entry) from None
    one = statements[0] if len(statements) == 1 else None
    changing = (exp.Insert, exp.Update, exp.Delete, exp.Create, exp.Drop, exp.Command, exp.Into)
    if not isinstance(one, exp.Query) or one.find(*changing):
        raise _no_sql(source, entry)
    return text


def _no_sql(source: SqlSource, entry: str) -> InputError:
    what = "query 要是一条 SELECT" if entry == "query" else "where 要是一个条件"
    return InputError(
        f"{what}，这个不是，没有运行",
        remedy="请先在数据库工具里跑通再写进声明",
        where=source.where,
    )


def schema_of_query(backend: Any, query: str) -> Any:
    """Return the columns of a query without making a view of it: the connection only reads."""
    import ibis

    if backend.name == "postgres":
        mapper = backend.compiler.type_mapper
        with backend.con.cursor() as cursor:
            cursor.execute(f"SELECT * FROM ({query}) AS xlplan_q LIMIT 0")  # noqa: S608  # checked
            told = [(one.name, one.type_display) for one in cursor.description]
        return ibis.schema({name: mapper.from_string(kind) for name, kind in told})
    if backend.name == "duckdb":
        mapper = backend.compiler.type_mapper
        rows = backend.con.execute(f"DESCRIBE {query}").fetchall()
        return ibis.schema({row[0]: mapper.from_string(row[1]) for row in rows})
    if backend.name == "clickhouse":
        rows = backend.con.query(f"DESCRIBE TABLE ({query})").result_rows
        mapper = backend.compiler.type_mapper
        return ibis.schema({row[0]: mapper.from_string(row[1]) for row in rows})
    return backend.sql(query, dialect=backend.dialect).schema()


def _under_each_other(tables: list[Any]) -> Any:
    """Return all tables under each other; a column that one of them lacks is null there."""
    import ibis

    if len(tables) == 1:
        return tables[0]
    columns = list(dict.fromkeys(name for table in tables for name in table.columns))
    kinds = {name: table[name].type() for table in reversed(tables) for name in table.columns}
    wide = [
        table.select(
            **{
                name: table[name].cast(kinds[name])
                if name in table.columns
                else ibis.null(kinds[name])
                for name in columns
            }
        )
        for table in tables
    ]
    return ibis.union(*wide)


def _joined(source: SqlSource, backend: Any, lines: Any, join: Join, findings: Findings) -> Any:
    """Add columns of a table that has one row a key; a key it has twice would double its lines."""
    other = _of_table_alone(source, backend, join.table)
    keys = [f"xlplan_on_{number}" for number in range(len(join.on))]
    _require_columns(source, other, [*join.on.values(), *join.columns.values()], join)
    _require_columns(source, lines, list(join.on), None)
    there = {key: _key(other[name]) for key, name in zip(keys, join.on.values(), strict=True)}
    chosen = other.select(**there, **{new: other[name] for new, name in join.columns.items()})
    once = chosen.group_by(keys).agg(
        xlplan_n=chosen.count(), **{new: chosen[new].max() for new in join.columns}
    )
    twice = once.filter(once["xlplan_n"] > 1)
    count = int(twice.count().to_pyarrow().as_py())
    if count:
        what = (
            f"关联的表「{'.'.join(join.table)}」有 {count} 个键不止一行，各取一行，订单行没有变多"
        )
        remedy = "请核对 [join] 的 on，或用视图让每个键只有一行"
        findings.warn(source.where, what, "join_twice", remedy=remedy)
    here = lines.mutate(
        **{key: _key(lines[name]) for key, name in zip(keys, join.on, strict=True)}
    )
    once = once.select(
        **{f"{key}_there": once[key] for key in keys}, **{new: once[new] for new in join.columns}
    )
    met = here.left_join(once, [here[key] == once[f"{key}_there"] for key in keys])
    return met.drop(*keys, *(f"{key}_there" for key in keys))


def _of_table_alone(source: SqlSource, backend: Any, parts: tuple[str, ...]) -> Any:
    from dataclasses import replace

    return _of_table(replace(source, filter=""), backend, parts)


def _key(column: Any) -> Any:
    """Return a key as text without blanks around it: ids are numbers here and texts there."""
    return column.cast("string").strip()


def _require_columns(source: SqlSource, table: Any, wanted: list[str], join: Join | None) -> None:
    if missing := [name for name in wanted if name not in table.columns]:
        place = f"关联的表「{'.'.join(join.table)}」" if join else "订单表"
        what = f"{place}没有列「{missing[0]}」。看到的列：{'、'.join(table.columns[:40])}"
        raise InputError(what, remedy="请改 [join] 里的列名", where=source.where)
