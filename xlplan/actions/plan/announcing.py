"""The official list of holidays, brought in before the package of holidays knows the year."""

from __future__ import annotations

import json
from pathlib import Path

from xlplan.errors import FileError, InputError, Where
from xlplan.plan.days.holidays import holidays_from_json

#: Bytes of a list; a year's has some 5,000.
MOST = 1_000_000


def official_list(path: str | Path, year: int) -> str:
    """Return a year's list as a book keeps it: holiday-cn JSON without what nobody needs.

    Raises:
        FileError: The file cannot be read.
        InputError: It is no such list, of another year, not yet published, or odd in places.
    """
    file = Path(path)
    said = holidays_from_json(_text(file))
    if said.problems:
        what = "；".join(problem.what for problem in said.problems[:3])
        raise InputError(f"{file.name}：{what}", "换一份完整的放假安排再导入", Where(file.name))
    if year not in said.years:
        (other,) = said.years
        raise InputError(
            f"{file.name} 是 {other} 年的放假安排，计划表是 {year} 年", f"请给 {year} 年的文件"
        )
    days = [
        {"name": name, "date": day.isoformat(), "isOffDay": off}
        for day, (name, off) in sorted(said.days.items())
    ]
    return json.dumps({"year": year, "days": days}, ensure_ascii=False, separators=(",", ":"))


def _text(file: Path) -> str:
    try:
        data = file.read_bytes()
    except OSError as error:
        raise FileError(
            f"读不到放假安排文件 {file.name}", "检查路径", Where(str(file)), code="missing"
        ) from error
    if len(data) > MOST:
        raise InputError(f"{file.name} 太大，不是一年的放假安排", "请用 holiday-cn 格式的年份文件")
    return data.decode("utf-8-sig", "replace")
