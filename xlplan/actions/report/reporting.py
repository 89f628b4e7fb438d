"""看板: 首页 as one file: HTML that needs nothing, PDF or PNG by LibreOffice."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from xlplan.actions.outlook.telling import outlook_of
from xlplan.actions.run.outcome import Outcome
from xlplan.actions.stores.handed import home as folder_of
from xlplan.errors import FileError, InputError, Where
from xlplan.ooxml.files.durable import create_new, durable_replace
from xlplan.sheets.base.names import HOME
from xlplan.sheets.home.base import Shown
from xlplan.sheets.home.figures import clock
from xlplan.sheets.home.layout import HomeAt
from xlplan.sheets.state.read import read_state

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from xlplan.cells import Book
    from xlplan.sheets.base.sheet import BookRead

#: How each kind of report begins, so that no other file is taken for one.
_BEGINS = {".html": b"<!DOCTYPE html>\n<!-- xlplan", ".pdf": b"%PDF", ".png": b"\x89PNG"}


def report(
    book: Book,
    *,
    out: Path | str | None = None,
    store: Sequence[str] | str = (),
    today: date | None = None,
) -> Outcome:
    """Write 首页 as one file; the book is only read.

    Args:
        book: The plan book.
        out: ``.html`` (needs nothing, made for phones), ``.pdf`` or ``.png`` (by LibreOffice);
            beside the book by default.
        store: Stores to show, one page each; the first choice of 首页 by default.
        today: The day it is seen on; today by default.

    Raises:
        InputError: An unknown store or ending, or several stores in one picture.
        FileError: Another file stands there, or LibreOffice is missing.
    """
    read = read_state(book)
    target = Path(out) if out else folder_of(book) / f"{Path(book.name).stem}_看板.html"
    kind = target.suffix.lower()
    if kind not in _BEGINS:
        raise InputError(
            f"不会写“{target.suffix or target.name}”", "文件名以 .html、.pdf 或 .png 结尾"
        )
    scopes = _scopes(read, store)
    if kind == ".png" and len(scopes) > 1:
        raise InputError("一张图只放得下一家店", "只写一个 --store，或改用 .html、.pdf")
    _check_there(target, kind)
    pages = _shown(read, scopes, today or clock())
    data = _MAKERS[kind](pages, read)
    _put(target, data)
    title = f"看板已写到 {target.name}"
    lines = [f"{each.scope}：{_said(each)}" for each in pages]
    return Outcome(title, lines, facts={"file": str(target), "stores": scopes, "as_of": str(read.state.year.as_of or "")})  # fmt: skip


def _said(this: Shown) -> str:
    from xlplan.sheets.home.verdict import verdict

    return verdict(this).value.partition("：")[2]


def _scopes(read: BookRead, store: Sequence[str] | str) -> list[str]:
    asked = [store] if isinstance(store, str) else list(store)
    known = read.state.year.scopes
    wanted = [name.strip() for text in asked for name in text.split("、") if name.strip()]
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise InputError(f"没有这家店：{'、'.join(unknown)}", f"可以写：{'、'.join(known)}")
    return list(dict.fromkeys(wanted)) or known[:1]


def _shown(read: BookRead, scopes: Sequence[str], today: date) -> list[Shown]:
    state = read.state
    told = outlook_of(state)
    return [Shown(state.year, read.at.tables, scope, told, state.problems, today) for scope in scopes]  # fmt: skip


def title_of(read: BookRead) -> str:
    """Return the book's title."""
    return read.state.meta.get("title") or f"{read.state.year.year} 年电商经营计划"


def colours_of(read: BookRead) -> str:
    """Return the colours chosen on 首页."""
    from xlplan.sheets.home.page import COLOURS, colour_spot

    seen = read.cells[HOME].get(colour_spot(HomeAt(len(read.state.year.scopes))))
    return str(seen.value) if seen and seen.value in COLOURS else COLOURS[0]


def _html(pages: Sequence[Shown], read: BookRead) -> bytes:
    from xlplan.actions.report.webpage import web_page

    return web_page(pages, title_of(read), colours_of(read)).encode()


def _pdf(pages: Sequence[Shown], read: BookRead) -> bytes:
    return _by_office(pages, read, "pdf")


def _png(pages: Sequence[Shown], read: BookRead) -> bytes:
    return _by_office(pages, read, "png")


_MAKERS: dict[str, Callable[[Sequence[Shown], BookRead], bytes]] = {".html": _html, ".pdf": _pdf, ".png": _png}  # fmt: skip


def _by_office(pages: Sequence[Shown], read: BookRead, kind: str) -> bytes:
    """Return the pages as LibreOffice prints them: of their values, so nothing is computed anew."""
    from xlplan.actions.report.printed import printed_book
    from xlplan.libreoffice.convert import available, to_pdf, to_png

    if not available():
        raise FileError(
            f"写 .{kind} 要用 LibreOffice，这台机器上没有找到",
            "安装 LibreOffice 后再试，或改用 .html（什么都不用装）",
            code="office",
        )
    with tempfile.TemporaryDirectory(prefix="xlplan-report-") as folder:
        book = Path(folder) / "report.xlsx"
        book.write_bytes(
            printed_book(pages, title_of(read), colours_of(read), large=kind == "png")
        )
        made = to_png(book, Path(folder) / "report.png") if kind == "png" else to_pdf(book, folder)
        return made.read_bytes()


def _check_there(target: Path, kind: str) -> None:
    """Refuse to replace a file that is no report."""
    if target.exists() and not target.read_bytes().startswith(_BEGINS[kind]):
        raise FileError(
            f"{target.name} 已存在，而且不是看板，没有覆盖",
            "用 --out 换个文件名",
            Where(target.name),
            code="exists",
        )


def _put(target: Path, data: bytes) -> None:
    if target.exists():
        durable_replace(target, data, backup=False)
    else:
        create_new(target, data)
