"""Order lines as CSV of any size: found out by the first lines, read by the engine."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Any

from xlplan.errors import FileError, Where
from xlplan.sources.declare import names, split_unit
from xlplan.sources.readers.containers import BROKEN, Container, sniff_bytes
from xlplan.sources.readers.raw import Blob, file_damaged
from xlplan.sources.readers.textual import delimiter_of, first_flaw, read_delimited
from xlplan.sources.records import locate
from xlplan.sources.sql.config import ROLES
from xlplan.sources.sql.text import Staged, keep

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from xlplan.sources.declare import Source
    from xlplan.sources.readers.raw import Table
    from xlplan.sources.sql.config import SqlSource

_HEAD = 1 << 18
_CHUNK = 1 << 22
_BLANKS = (" ", "\t", "\r", "\n", "\v", "\f")
_BINARY = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x09\x08", b"\x09\x02\x06", b"\x09\x04\x06")


def is_delimited(file: Path) -> bool:
    """Return True for CSV and TSV whatever their name, False for workbooks, HTML and zips."""
    try:
        with file.open("rb") as stream:
            head = stream.read(_HEAD)
    except OSError as error:
        message = f"「{file.name}」读不出来"
        raise FileError(message, remedy="请检查路径和权限", code="unreadable") from error
    if head.startswith(_BINARY):
        return False
    return sniff_bytes(Blob(file.name, head)).container is Container.TEXT


def no_order_columns(name: str) -> FileError:
    """Return the refusal of a file without the columns every order has."""
    return FileError(
        f"「{name}」里找不到付款时间和金额列",
        remedy='请在 [columns] 里写 paid_at = "列名" 和 amount = "列名"，或把它移出文件夹',
        code="unknown_table",
    )


def read_csv(backend: Any, file: Path, scratch: Path, source: SqlSource, kind: Source) -> Staged:
    """Return a CSV's columns by role as a table of text in the engine, with row numbers."""
    codec = encoding_of_file(file)
    with file.open("rb") as stream:
        text = codecs.getincrementaldecoder(codec)("replace").decode(stream.read(_HEAD))
    table = _head(file, text)
    located = locate(table, [kind])
    if located is None:
        raise no_order_columns(file.name)
    titles = table.rows[located[1]]
    roles = roles_of(source, titles)
    path = file if codec in ("utf-8", "utf-8-sig") else _as_utf8(file, codec, scratch)
    _refuse_flaws(path, file.name, delimiter_of(text), located[1], len(titles))
    texts = _read(backend, path, delimiter_of(text), located[1], len(titles))
    try:
        kept = _clean(texts, roles, located[1] + 1)
        made = keep(backend, kept)
    except Exception as error:  # the engine's reader has one class for everything
        if "InvalidInput" not in type(error).__name__:
            raise
        raise file_damaged(file.name, "不是完整的 CSV（有的行列数不对或引号没有成对）") from None
    return Staged(table, located[1], made, roles)


def _refuse_flaws(path: Path, name: str, delimiter: str, header_row: int, width: int) -> None:
    """Raise FileError for a line whose cells are shifted or swallowed: the engine would not tell."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        flaw = first_flaw(stream, delimiter, header_row, width)
    if flaw:
        raise FileError(
            f"「{name}」第 {flaw.line} 行{flaw.what}，整个文件没有读",
            remedy="请改正这一行（数里的逗号去掉，引号成对），或从平台重新导出",
            where=Where(name, "", f"A{flaw.line}"),
            code="damaged",
        )


def _head(file: Path, text: str) -> Table:
    """Return the rows of the first lines; the last line may be cut and goes."""
    whole = text if len(text) < _HEAD // 4 else text[: text.rfind("\n") + 1] or text
    return read_delimited(Blob(file.name, whole.encode()), "utf-8")


def roles_of(source: SqlSource, titles: Sequence[object]) -> dict[str, tuple[int, float]]:
    """Return role → (column, unit that its header names) of the titles of a table."""
    numbered = reversed(list(enumerate(split_unit(title) for title in titles)))
    index = {name: (column, scale) for column, (name, scale) in numbered if name}
    found: dict[str, tuple[int, float]] = {}
    for role in ROLES:
        wanted = (split_unit(name)[0] for name in names(source.spec(role)))
        if at := next((index[name] for name in wanted if name in index), None):
            found[role] = at
    return found


def _read(backend: Any, path: Path, delimiter: str, header_row: int, width: int) -> Any:
    return backend.read_csv(
        str(path).replace("[", "[[]"),
        header=False,
        skip=header_row + 1,
        delim=delimiter,
        quote='"',
        escape='"',
        columns={f"c{column}": "VARCHAR" for column in range(width)},
        null_padding=True,
        parallel=False,
        strict_mode=False,
        max_line_size=_CHUNK,
    )


def _clean(texts: Any, roles: Mapping[str, tuple[int, float]], first: int) -> Any:
    """Return the columns by role, without ``="…"``, leading ``'`` and blanks around."""
    import ibis

    chosen = {role: _bare(texts[f"c{column}"]) for role, (column, _) in roles.items()}
    return texts.select(**chosen, row=ibis.row_number() + first)


def _bare(text: Any) -> Any:
    """Return a text without what wraps it; most texts have nothing, and cost two looks."""
    import ibis

    inner = text.strip()
    wrapped = inner.startswith('="') & inner.endswith('"')
    inner = ibis.ifelse(wrapped, inner.substr(2, inner.length() - 3), inner)
    inner = ibis.ifelse(inner.startswith("'"), inner.substr(1), inner).strip()
    marked = text.left(1).isin([*_BLANKS, "=", "'"]) | text.right(1).isin(_BLANKS)
    return ibis.ifelse(marked, inner, text).nullif("")


def encoding_of_file(file: Path) -> str:
    """Return the codec of a text file of any size, judged by all of it."""
    with file.open("rb") as stream:
        start = stream.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    flaws = _flaws(file, "utf-8")
    return "gb18030" if flaws and _flaws(file, "gb18030") < flaws else "utf-8"


def _flaws(file: Path, codec: str) -> int:
    return sum(text.count(BROKEN) for text in _decoded(file, codec))


def _decoded(file: Path, codec: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(codec)("replace")
    with file.open("rb") as stream:
        while data := stream.read(_CHUNK):
            yield decoder.decode(data)
    yield decoder.decode(b"", final=True)


def _as_utf8(file: Path, codec: str, scratch: Path) -> Path:
    """Write a copy the engine can read into the scratch folder, which is ours alone."""
    copy = scratch / "utf8.csv"
    with copy.open("w", encoding="utf-8", newline="") as stream:
        stream.writelines(_decoded(file, codec))
    return copy
