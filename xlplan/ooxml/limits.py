"""How much of a file we are willing to read, and the tally while reading it."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from xlplan.errors import FileError
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator


@record
class ReadLimits:
    """Caps for one workbook; a real plan book stays far below each of them.

    Attributes:
        file_bytes: The file as it lies on disk.
        members: Entries in the zip.
        part_bytes: One part, inflated (counted as it streams, never as declared).
        total_bytes: All parts read, inflated.
        cells: Cells of one workbook, blank formatted ones included.
        rows: Rows of one workbook, empty ones included.
        strings: Entries of the shared string table.
        text: Characters of one cell, as Excel counts them (UTF-16 units).
        depth: Nesting of XML elements.
        seconds: Work on the whole workbook, from opening to the last sheet read. Time of this program
            only: on a busy machine a good book takes long, and is no bad one.
    """

    file_bytes: int = 60 << 20
    members: int = 5_000
    part_bytes: int = 400 << 20
    total_bytes: int = 600 << 20
    cells: int = 3_000_000
    rows: int = 2_000_000
    strings: int = 1_000_000
    text: int = 32_767
    depth: int = 64
    seconds: float = 20.0


#: A plan book: 60 stores hold 2.5 million cells, and with what every source said of a whole year 4.
PLAN_BOOK = ReadLimits(
    file_bytes=120 << 20,
    part_bytes=600 << 20,
    total_bytes=1200 << 20,
    cells=8_000_000,
    seconds=120.0,
)


class ReadTally:
    """What one workbook has used of its `ReadLimits`; every method raises `FileError` past a cap."""

    def __init__(self, limits: ReadLimits) -> None:
        self.limits = limits
        self._inflated = 0
        self._cells = self._rows = 0
        self._spent = 0.0
        self._running_since = time.process_time()

    def inflated(self, count: int) -> None:
        """Count `count` bytes that came out of the zip."""
        self._inflated += count
        if self._inflated > self.limits.total_bytes:
            raise file_too_big("解压后的内容过大")

    def cells(self, count: int) -> None:
        """Count `count` cells."""
        self._cells += count
        self.room_for_cells(0)

    def room_for_cells(self, more: int) -> None:
        """Check that `more` cells would still fit, and that there is time left."""
        if self._cells + more > self.limits.cells:
            raise file_too_big(f"单元格超过 {self.limits.cells:,} 个")
        self.time()

    def rows(self, count: int) -> None:
        """Count `count` rows."""
        self._rows += count
        if self._rows > self.limits.rows:
            raise file_too_big(f"行超过 {self.limits.rows:,} 行（空行也算）")

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let the clock run for one reading step; the caller's own time does not count."""
        self._running_since = time.process_time()
        try:
            yield
        finally:
            self.pause()

    def pause(self) -> None:
        """Stop the clock."""
        self._spent += time.process_time() - self._running_since

    def time(self) -> None:
        """Check the clock."""
        used = self._spent + time.process_time() - self._running_since
        if used >= self.limits.seconds:
            raise file_too_big(f"读取超过 {self.limits.seconds:g} 秒")


def file_too_big(what: str) -> FileError:
    """Return the refusal of a file that is too big to be read safely."""
    return FileError(
        f"文件过大，未读取：{what}",
        remedy="请用 Excel 打开，删除多余的行、列和空白格式后另存，再试一次",
        code="too_big",
    )
