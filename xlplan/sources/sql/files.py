"""Files and folders of order lines → one table of the embedded engine.

Parquet alone is read where it lies. Everything else becomes text, cell by cell as the
bounded reader (workbooks, HTML, zips) or the engine's CSV reader delivers it,
and then amounts and days through the one grammar: plain ones in the engine, each
different odd text once in Python, so that ten million lines need no Python row.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from xlplan.errors import InputError
from xlplan.sources.dates import DateHints, Span, parse_span
from xlplan.sources.declare import Options, Source
from xlplan.sources.filenames import collected_in_name
from xlplan.sources.readers.raw import Table
from xlplan.sources.readers.unpack import tables
from xlplan.sources.records import Sheet, locate
from xlplan.sources.sql.clock import clock_of
from xlplan.sources.sql.config import ROLES, is_net
from xlplan.sources.sql.csvfiles import is_delimited, no_order_columns, read_csv, roles_of
from xlplan.sources.sql.text import Staged, keep, typed
from xlplan.sources.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from xlplan.sources.findings import Findings
    from xlplan.sources.records import Record
    from xlplan.sources.sql.config import SqlSource

_READ = frozenset(
    (".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".zip", ".html", ".htm")
)
BEIJING = dt.timezone(dt.timedelta(hours=8))
_IDS = ("order", "line", "buyer")


def load_files(source: SqlSource, backend: Any, findings: Findings) -> tuple[SqlSource, Any]:
    """Return an ibis table of all order lines in the files of `source`, and what it is now.

    Of staged files the columns are named by role, amounts are yuan before refunds.

    Raises:
        InputError: Nothing there, or the time of Parquet is of an unknown kind.
        FileError: A file that is no table, or has no paid time and amount.
    """
    files = order_files(source)
    if all(map(_is_parquet, files)):
        return source, _read_parquet(backend, files)
    return _stage(source, backend, files, findings)


def order_files(source: SqlSource) -> list[Path]:
    """Return the files of `source`, older collections first; folders are searched through."""
    base = source.file.parent
    found = [file for said in source.paths for file in _expand(base, said)]
    files = list(dict.fromkeys(found))
    if not files:
        what = f"paths 里没有订单文件：{'、'.join(source.paths)}"
        raise InputError(what, remedy="路径相对于声明文件所在的文件夹", where=source.where)
    return sorted(files, key=_age)


def _expand(base: Path, said: str) -> Iterator[Path]:
    path = base / said
    if path.is_dir():
        yield from (file for file in path.rglob("*") if _is_export(file))
    elif path.exists():
        yield path
    elif any(mark in said for mark in "*?["):
        root = Path(path.anchor)
        yield from (file for file in root.glob(str(path.relative_to(root))) if _is_export(file))


def _is_export(file: Path) -> bool:
    known = file.suffix.lower() in _READ or _is_parquet(file)
    return known and file.is_file() and not file.name.startswith(("~", ".", "_"))


def _is_parquet(file: Path) -> bool:
    return file.suffix.lower() == ".parquet"


def _age(file: Path) -> tuple[str, str]:
    """Order by the collection time in the name, else by the name."""
    named = collected_in_name(file.name)
    return (str(named[0]) if named else "", str(file))


def made_at(source: SqlSource) -> dt.datetime:
    """Return when the newest file was made (Beijing): by its name, else when it was saved.

    Days that were not over then are not over in the figures, however late they are read.
    """
    return max(_made(file) for file in order_files(source))


def _made(file: Path) -> dt.datetime:
    named = collected_in_name(file.name)
    if named and named[1]:
        return named[0]
    saved = dt.datetime.fromtimestamp(file.stat().st_mtime, BEIJING)
    return saved.replace(tzinfo=None, microsecond=0)


def _read_parquet(backend: Any, files: Sequence[Path]) -> Any:
    if backend.name == "duckdb":
        paths = [str(file).replace("[", "[[]") for file in files]
        return backend.read_parquet(paths, union_by_name=True)
    folders = {file.parent for file in files}
    whole = len(folders) == 1 and len(files) > 1
    return backend.read_parquet(str(folders.pop() if whole else files[0]))


@dataclass
class _Stage:
    """What is kept while files are read one after the other."""

    source: SqlSource
    backend: Any
    findings: Findings
    scratch: Path
    parts: list[Any]
    roles: set[str]


def _stage(
    source: SqlSource, backend: Any, files: Sequence[Path], findings: Findings
) -> tuple[SqlSource, Any]:
    with tempfile.TemporaryDirectory(prefix="xlplan-") as scratch:
        stage = _Stage(source, backend, findings, Path(scratch), [], set())
        for number, file in enumerate(files):
            for part in _texts(stage, file):
                _keep(stage, number, part)
    columns = {role: role for role in stage.roles}
    if len(files) > 1 and _is_by_order(stage):
        columns["line"] = "order"
    return replace(source, fen=100, net=False, columns=columns), _union(stage)


def _is_by_order(stage: _Stage) -> bool:
    """Return True when every file has one row an order, so that overlapping exports can be told."""
    if "order" not in stage.roles or "line" in stage.roles:
        return False
    return all(
        "order" in part.columns and bool((part.count() == part["order"].nunique()).to_pandas())
        for part in stage.parts
    )


def declared(source: SqlSource) -> Source:
    """Return how the header row of an order file is known."""
    amounts = f"{source.spec('amount')} | {source.spec('total')}"
    return Source(key="sql", name=source.name, needs=(source.spec("paid_at"), amounts))


def _texts(stage: _Stage, file: Path) -> Iterator[Staged]:
    """Yield the tables of one file as tables of text in the engine."""
    if _is_parquet(file):
        yield _stage_parquet(stage, file)
        return
    if is_delimited(file):
        yield read_csv(stage.backend, file, stage.scratch, stage.source, declared(stage.source))
        return
    kind = declared(stage.source)
    located = [(table, found) for table in tables(file) if (found := locate(table, [kind]))]
    if not located:
        raise no_order_columns(file.name)
    for table, (_, row) in located:
        yield _stage_sheet(stage, Sheet(table, kind, row, Options(), stage.findings))


def _stage_parquet(stage: _Stage, file: Path) -> Staged:
    """Return Parquet that lies among other kinds as text, its days as the engine tells them."""
    import ibis

    found = _read_parquet(stage.backend, [file])
    table = Table(file.name, "", [list(found.columns)])
    if locate(table, [declared(stage.source)]) is None:
        raise no_order_columns(file.name)
    roles = roles_of(stage.source, found.columns)
    columns = {role: found[found.columns[at]] for role, (at, _) in roles.items()}
    texts = {role: _written(column) for role, column in columns.items()}
    paid = columns["paid_at"]
    if not paid.type().is_string():
        clock = clock_of(paid, stage.source.time_format, stage.source.where)
        texts["paid_at"] = clock.written(paid)
    rows = found.select(**texts, row=ibis.row_number() + 1)
    return Staged(table, 0, keep(stage.backend, rows), roles)


def _written(column: Any) -> Any:
    import ibis

    if column.type().is_floating():
        column = ibis.ifelse(column.isnan(), ibis.null(column.type()), column)
        whole = column == column.round()
        return ibis.ifelse(whole, column.cast("int64").cast("string"), column.cast("string"))
    return column.cast("string")


def _stage_sheet(stage: _Stage, sheet: Sheet) -> Staged:
    roles = {role: at for role in ROLES if (at := sheet.find(stage.source.spec(role)))}
    hints = DateHints(date1904=sheet.table.date1904)
    rows = [[_cell(record, stage.source, role, hints) for role in roles] for record in sheet]
    frame = pd.DataFrame(rows, columns=list(roles), dtype=object)
    frame["row"] = [record.row for record in sheet]
    texts = keep(stage.backend, _memory(frame, roles))
    return Staged(sheet.table, sheet.header_row, texts, roles)


def _memory(frame: pd.DataFrame, roles: Any) -> Any:
    import ibis

    return ibis.memtable(frame, schema={**dict.fromkeys(roles, "string"), "row": "int64"})


def _cell(record: Record, source: SqlSource, role: str, hints: DateHints) -> str | None:
    """Return the text of a cell: a day as ``2026-09-01``, an id without lost digits."""
    spec = source.spec(role)
    if role in _IDS:
        return record.identity(spec) or None
    cell = record.cell(spec)
    if role == "paid_at" and not isinstance(cell, str) and cell is not None:
        read = parse_span(cell, hints)
        return str(read.start) if isinstance(read, Span) else clean(cell)
    return clean(cell) or None


def _keep(stage: _Stage, number: int, part: Staged) -> None:
    lines = typed(stage.backend, part, stage.source, stage.findings)
    if "refund" in part.roles and is_net(stage.source, part.title("amount")):
        lines = lines.mutate(amount=lines["amount"] + lines["refund"].fill_null(0))
    made = keep(stage.backend, lines.mutate(seq=number))
    stage.backend.raw_sql(f"DROP TABLE {part.texts.get_name()}")  # a name we made
    stage.parts.append(made)
    stage.roles |= set(part.roles)


def _union(stage: _Stage) -> Any:
    """Return all parts under each other; a column that one file lacks is null there."""
    import ibis

    columns = sorted({column for part in stage.parts for column in part.columns})
    kinds = {name: part[name].type() for part in stage.parts for name in part.columns}
    wide = [
        part.select(
            **{
                name: part[name] if name in part.columns else ibis.null(kinds[name])
                for name in columns
            }
        )
        for part in stage.parts
    ]
    return ibis.union(*wide) if len(wide) > 1 else wide[0]
