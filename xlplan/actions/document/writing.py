"""写计划书: the yearly plan as a Word document, its numbers worked out anew, people's words kept."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from xlplan.actions.document.chapters import written
from xlplan.actions.plan.check import not_spread
from xlplan.actions.run.apply import apply
from xlplan.actions.run.outcome import Outcome
from xlplan.actions.stores.handed import home
from xlplan.books.paper import MADE_HERE, Heading, paper_bytes
from xlplan.errors import FileError, InputError, Where
from xlplan.ooxml.files.durable import create_new, durable_replace
from xlplan.sheets.base.lists import LogRow
from xlplan.sheets.paper.sheet import WORDS, WORDS_SHEET, no_words
from xlplan.sheets.paper.slots import WORD_SLOTS
from xlplan.sheets.state.read import read_state

if TYPE_CHECKING:
    from collections.abc import Mapping

    from xlplan.cells import Book

_CORE, _MOST = "docProps/core.xml", 1 << 16


def document(book: Book, *, out: str | Path | None = None) -> Outcome:
    """Write the yearly plan as .docx: 总结, 目标, 策略, 资源, 风险, 监控.

    Tables and charts are made of what the book says now. What people write themselves stands on the
    sheet 计划书, which appears with the first document, and goes into every later one as it is. A
    document made before is replaced, with a copy kept; any other file is left alone.

    Args:
        book: The plan book.
        out: File to make; beside the book by default.

    Raises:
        InputError: Nothing is planned yet, or the file is no .docx.
        FileError: Another file stands there, or it cannot be written.
        StructureError: It is not a plan book, or 计划书 lost a key row or column.
    """
    book.tell("正在读取计划表…")
    read = read_state(book)
    state = read.state
    if not state.year.plan["gmv"].notna().any():
        raise InputError("计划里还没有每日目标，写不出计划书", "先运行“分解”（xlplan fill）")
    target = Path(out) if out else home(book) / f"{state.year.year}年计划书.docx"
    if target.suffix.lower() != ".docx":
        raise InputError(f"计划书是 Word 文件，“{target.name}”不是 .docx", "如 --out 计划书.docx")
    words: Mapping[str, str] = state.own.get(WORDS) or no_words()
    book.tell("正在写计划书…")
    made = written(state, words, date.today(), book.name)
    kept = _put(target, paper_bytes(made))
    after = state.with_own({WORDS: dict(words)})
    row = LogRow(action="写计划书", sheet=WORDS_SHEET, note="放好写文字的地方")
    changed = apply(book, read, after, [row])
    empty = [slot.head for slot in WORD_SLOTS if not words.get(slot.key) and slot.chapter]
    lines = [f"已写入 {target}"]
    lines += [f"原来的那份留在 {kept}"] if kept else []
    if empty:
        lines.append(f"还没写文字的小标题 {len(empty)} 个，写在“{WORDS_SHEET}”表里再生成：{'、'.join(empty[:6])}{'…' if len(empty) > 6 else ''}")  # fmt: skip
    chapters = [block.text for block in made.blocks if isinstance(block, Heading) and block.level == 1]  # fmt: skip
    facts: dict[str, object] = {
        "file": str(target), "chapters": chapters, "empty": empty,
        "backup": str(kept) if kept else "",
    }  # fmt: skip
    problems = [*read.problems_of(WORDS_SHEET), *not_spread(read)]
    return Outcome("计划书写好了", lines, problems, facts, changed)


def _put(target: Path, data: bytes) -> Path | None:
    """Write the document; return the backup of the one it replaces."""
    if not target.exists():
        create_new(target, data)
        return None
    if not _is_ours(target):
        raise FileError(
            f"{target.name} 已存在，而且不是 xlplan 写的计划书，没有覆盖", "用 --out 换个文件名",
            Where(target.name), code="exists",
        )  # fmt: skip
    return durable_replace(target, data)


def _is_ours(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive, archive.open(_CORE) as core:
            return MADE_HERE.encode() in core.read(_MOST)
    except (OSError, KeyError, zipfile.BadZipFile):
        return False
