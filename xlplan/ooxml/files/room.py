"""Nothing is written that could not be read back: a workbook's size is checked before it is saved."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from xlplan.errors import FileError

if TYPE_CHECKING:
    from xlplan.ooxml.limits import ReadLimits

#: A cell takes at least so many bytes; smaller parts need not be counted.
_LEAST = len('<c r="A1"/>')


def require_readable(data: bytes, limits: ReadLimits) -> None:
    """Check that a workbook about to be saved stays within what is read.

    Raises:
        FileError: It does not (code ``too_big``); the message says by how much.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sizes = {info.filename: info.file_size for info in archive.infolist()}
        sheets = [name for name in sizes if name.startswith("xl/worksheets/")]
        told = [
            (len(data), limits.file_bytes, "文件 {0:,} 字节"),
            (max(sizes.values()), limits.part_bytes, "最大的一张表 {0:,} 字节"),
            (sum(sizes.values()), limits.total_bytes, "解压后 {0:,} 字节"),
        ]
        if sum(sizes[name] for name in sheets) > limits.cells * _LEAST:
            cells = sum(archive.read(name).count(b"<c ") for name in sheets)
            told.append((cells, limits.cells, "单元格 {0:,} 个"))
    for have, most, text in told:
        if have > most:
            raise FileError(
                f"没有写入：写完以后这个文件会大到再也打不开（{text.format(have)}，最多 {most:,}）",
                "把店铺拆成几份计划表，再用“多店汇总”（xlplan company）合起来看",
                code="too_big",
            )
