"""From targets to a budget in five commands, as the program answers them.

``docs/generate.py`` writes the page; the commands are really run, on the example's own files.
"""  # noqa: INP001 - a script beside the pages it writes

from __future__ import annotations

import os
import shutil
import tempfile
from functools import lru_cache
from pathlib import Path

from typer.testing import CliRunner

from xlplan.cli.app import app

BOOKS = Path(__file__).parent.parent / "workbooks"
STEPS = (
    (
        "一、年度目标 → 填好的计划表",
        "目标文件怎么画都行；读到什么先说出来，再分解到每月、每周、每天。",
        "xlplan new 我的计划.xlsx --year 2026 --targets 示例_年度目标.csv",
    ),
    (
        "二、导入实际",
        "平台导出、自己的表、日报里填的行都行；可疑的数会问，不会丢。",
        "xlplan import 我的计划.xlsx 示例_模拟实际.csv --as-of 2026-09-12",
    ),
    (
        "三、会落在哪里",
        "带区间和达成概率；还缺多少 UV、多少推广费。",
        "xlplan forecast 我的计划.xlsx",
    ),
    (
        "四、复盘",
        "结论里的每个数都是“复盘”表里的格子，导入新的实际后跟着变。",
        "xlplan review 我的计划.xlsx",
    ),
    (
        "五、给财务的预算",
        "每个数都能点回计划表；税率、成本率、没有驱动的费用在“预算”表里填一次。",
        "xlplan budget 我的计划.xlsx --unit 万元",
    ),
)
_HEAD = """# 五条命令：从年度目标到预算

先按 [README](../README.md) 的第一条命令装好，再在 `workbooks/` 里照做（那里有两个示例文件）。下面是程序真实的回答；功能区里是同名的五个按钮。

"""


@lru_cache
def page() -> str:
    """Return the page."""
    parts = []
    with tempfile.TemporaryDirectory(prefix="xlplan-transcript-") as folder:
        for file in ("示例_年度目标.csv", "示例_模拟实际.csv"):
            shutil.copyfile(BOOKS / file, Path(folder) / file)
        for title, about, command in STEPS:
            said = _answer(command, Path(folder))
            parts.append(
                f"## {title}\n\n{about}\n\n```sh\n{command}\n```\n\n```text\n{said}\n```\n"
            )
    return _HEAD + "\n".join(parts)


def _answer(command: str, folder: Path) -> str:
    before = Path.cwd()
    os.chdir(folder)
    try:
        done = CliRunner(env={"COLUMNS": "110"}).invoke(app, command.split()[1:])
    finally:
        os.chdir(before)
    lines = [line.rstrip() for line in done.stdout.splitlines()]
    return "\n".join(lines).replace(f"{folder}/", "").strip()
