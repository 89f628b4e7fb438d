"""Reading .xlsx and .xlsm safely: every value cell in the file is delivered, or a `FileError`.

Nothing is skipped in silence, nothing is executed, no external target is followed, and
time and memory are bounded by `ReadLimits`.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from xlplan.errors import FileError, Where
from xlplan.ooxml.book import DefinedName, SheetInfo, WorkbookPart
from xlplan.ooxml.cells import SheetCells, TablePart, unescape
from xlplan.ooxml.collecting import without_collector
from xlplan.ooxml.collector import Collector, SheetContext, ShownCollector
from xlplan.ooxml.limits import ReadLimits, file_too_big
from xlplan.ooxml.package import Package
from xlplan.ooxml.sheetfast import scan
from xlplan.ooxml.sheetxml import read_careful
from xlplan.ooxml.sniff import not_excel
from xlplan.ooxml.strings import read_strings
from xlplan.ooxml.stylesheet import Stylesheet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_Record = TypeVar("_Record", bound=tuple[Any, ...])
#: Sheets larger than this (inflated) are read as a stream, so that memory stays flat.
_STREAM_FROM = 64 << 20
#: Files that programs lay beside a workbook while it is open; they are no workbooks.
_LOCK_PREFIXES = ("~$", ".~")


def open_workbook(source: str | Path | bytes, *, limits: ReadLimits | None = None) -> Workbook:
    """Open a workbook for reading.

    Args:
        source: A path, or the bytes of a file.
        limits: Caps on size and time.

    Raises:
        FileError: With code ``missing``, ``not_excel``, ``password``, ``old_xls``,
            ``damaged``, ``unsafe_xml``, ``file_too_big``, ``in_use`` or ``unreadable``.
    """
    limits = limits or ReadLimits()
    if isinstance(source, bytes):
        return Workbook(Package(source, limits))
    path = Path(source)
    try:
        return Workbook(Package(read_workbook_bytes(path, limits), limits))
    except FileError as error:
        if not error.where.file:
            error.where = Where(path.name, error.where.sheet, error.where.cell)
        raise


def read_workbook_bytes(path: Path, limits: ReadLimits | None = None) -> bytes:
    """Return the bytes of a workbook file, refusing what cannot be one."""
    where = Where(path.name)
    if path.name.startswith(_LOCK_PREFIXES):
        raise not_excel(f"{path.name} 是打开文件时产生的临时锁文件，不是工作簿")
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise not_excel("这不是文件，而是设备或管道")  # reading it could wait for ever
        with path.open("rb") as file:
            data = file.read((limits or ReadLimits()).file_bytes + 1)
    except FileNotFoundError:
        raise FileError("文件不存在", "请检查路径和文件名", where, code="missing") from None
    except IsADirectoryError:
        raise not_excel("这是文件夹，不是工作簿") from None
    except PermissionError:
        raise FileError(
            "没有权限读取，或文件正被别的程序独占", "请关闭该文件后再试", where, code="in_use"
        ) from None
    except OSError as error:
        raise FileError(
            f"读取失败（{error.strerror}）", "请检查磁盘或网络盘后再试", where, code="unreadable"
        ) from error
    if len(data) > (limits or ReadLimits()).file_bytes:
        raise file_too_big(f"文件超过 {(limits or ReadLimits()).file_bytes >> 20} MB")
    return data


class Workbook:
    """An opened workbook; sheets are read when asked for, then kept.

    Attributes:
        book: What its workbook part says.
        sound: Parts that were read to their end and are well-formed.
    """

    def __init__(self, package: Package) -> None:
        self._package = package
        self.book = WorkbookPart(package)
        self._context: SheetContext | None = None
        self._stylesheet: Stylesheet | None = None
        self._sheets: dict[str, SheetCells] = {}
        self.sound: set[str] = set()
        package.budget.pause()

    @property
    def sheets(self) -> tuple[SheetInfo, ...]:
        """Worksheets in tab order."""
        return self.book.sheets

    @property
    def defined_names(self) -> tuple[DefinedName, ...]:
        """Names with their formula text, in the order of the file."""
        return self.book.defined_names

    @property
    def date1904(self) -> bool:
        """Whether serials count from 1904-01-01."""
        return self.book.date1904

    @property
    def sha256(self) -> str:
        """Hex digest of the bytes read, for `durable_replace`."""
        return self._package.sha256

    @property
    def data(self) -> bytes:
        """The bytes read."""
        return self._package.data

    @property
    def styles(self) -> Stylesheet:
        """The cell formats; an empty stylesheet if the book has none."""
        if self._stylesheet is None:
            part = self.book.related_part("styles")
            chunks = self._package.chunks(part) if part else iter((b"<styleSheet/>",))
            self._stylesheet = Stylesheet(chunks, part or "styles.xml")
        return self._stylesheet

    def __iter__(self) -> Iterator[SheetCells]:
        return (self.sheet(info.name) for info in self.sheets)

    def sheet(self, name: str) -> SheetCells:
        """Return a sheet's cells (read once, then kept); StructureError if there is no such sheet."""
        info = self.book.sheet(name)
        if info.name not in self._sheets:
            with self._package.budget.running(), without_collector():
                self._sheets[info.name] = self._read_sheet(info, Collector)
        return self._sheets[info.name]

    def shown(self, name: str, record: type[_Record]) -> dict[tuple[int, int], _Record]:
        """Return a sheet's cells as its reader sees them, each a `record` of (value, formula).

        Dates come as days, errors as text, formulas with ``=`` and ``""`` for none. They are
        not kept.
        """
        info = self.book.sheet(name)
        with self._package.budget.running(), without_collector():
            found = self._read_sheet(info, partial(ShownCollector, record=record))
        return cast("dict[tuple[int, int], _Record]", found.cells)

    def tables(self, name: str) -> tuple[TablePart, ...]:
        """Return the Excel tables of a sheet."""
        return self.book.tables(self.book.sheet(name))

    def _read_sheet(self, info: SheetInfo, collector: Callable[..., Collector]) -> SheetCells:
        found = self._read_part(info, collector)
        self.sound.add(info.part)
        return found

    def _read_part(self, info: SheetInfo, collector: Callable[..., Collector]) -> SheetCells:
        context = self._cell_context()
        if self._package.info(info.part).file_size > _STREAM_FROM:
            chunks = self._package.chunks(info.part)
            return read_careful(chunks, info.part, collector(info.name, context))
        data = self._package.read(info.part)
        quick = scan(data, info.part, collector(info.name, context, decode=unescape))
        if quick is not None:
            return quick
        return read_careful([data], info.part, collector(info.name, context))

    def _cell_context(self) -> SheetContext:
        if self._context is None:
            part = self.book.related_part("sharedStrings")
            strings = read_strings(self._package, part) if part else []
            by_index = {str(index): text for index, text in enumerate(strings)}
            self._context = SheetContext(
                strings, by_index, self.styles.date_styles(), self.date1904, self._package.budget
            )
        return self._context
