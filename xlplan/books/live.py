"""An open workbook, through xlwings: Excel on the desk, LibreOffice in the tests.

A sheet is read in two round trips (values, formulas) and written in one per rectangle. The
person who has the book open saves it; Ctrl+S stays theirs.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xlplan.books.blocks import Block, blocks, values
from xlplan.books.calm import bound_attempts, let_programs_write, patient, quiet
from xlplan.cells import Cell, Seen
from xlplan.errors import PlanError, StructureError, Where

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import xlwings

    from xlplan.cells import Growth, Page, Spot

#: Cells of a used range beyond which somebody formatted the whole sheet.
MOST_CELLS = 4_000_000


class LiveBook:
    """The Book protocol over a workbook that a spreadsheet program has open.

    Args:
        book: The xlwings book.

    Attributes:
        wrote: Whether cells were written since.
    """

    def __init__(self, book: xlwings.Book) -> None:
        bound_attempts()
        self.book = book
        self.wrote = False
        self._seen: dict[str, dict[Spot, Seen]] = {}

    @classmethod
    def caller(cls) -> LiveBook:
        """Return the book whose button was clicked; the active one where nothing was clicked.

        A click names its book. When that one cannot be had, no other takes its place.

        Raises:
            StructureError: The book that was clicked is closed, or no workbook is open.
            FileError: Excel is busy or gone.
        """
        import xlwings

        if _was_clicked():
            return cls(_clicked())
        active = patient(lambda: xlwings.books.active) if xlwings.apps else None
        if active is None:
            raise StructureError("没有打开的工作簿", "请先打开计划工作簿")
        return cls(active)

    @classmethod
    def at(cls, path: str | Path) -> LiveBook | None:
        """Return the book of a file if a program has it open here, else None."""
        import xlwings

        wanted = Path(path).resolve()
        for app in xlwings.apps:
            for each in app.books:
                book = cls(each)
                if book.path is not None and book.path.resolve() == wanted:
                    return book
        return None

    @property
    def name(self) -> str:
        """File name, for messages."""
        return str(self.book.name)

    @property
    def path(self) -> Path | None:
        """Its file on this computer.

        None for a book that was never saved, and for one in OneDrive or SharePoint whose local
        copy is not found: everything works there but saving beside it.
        """
        try:
            full = str(patient(lambda: self.book.fullname))
        except PlanError:
            raise
        except Exception:  # noqa: BLE001 - xlwings says in many ways that it knows no local file
            return None
        path = Path(full)
        return path if path.is_absolute() else None

    @property
    def app(self) -> Any:
        """The program that has it open."""
        return self.book.app

    #: Its program works formulas out itself, to its own last bit.
    recalculates = True

    def sheets(self) -> list[str]:
        """Return the sheet names in order."""
        return patient(lambda: [sheet.name for sheet in self.book.sheets])

    def read(self, sheet: str) -> dict[Spot, Seen]:
        """Return the used cells of a sheet; raises StructureError when it does not exist."""
        used = self._sheet(sheet).used_range
        if used.shape[0] * used.shape[1] > MOST_CELLS:
            raise StructureError(
                f"“{sheet}”表的使用区域过大（{used.address}），多半是给整行整列设了格式",
                "请删除数据区以外的空行、空列，保存后再试",
                Where(self.name, sheet),
            )
        found, formulas = patient(lambda: _matrix(used)), patient(lambda: used.formula)
        if not isinstance(formulas, (list, tuple)):
            formulas = ((formulas,),)
        self._seen[sheet] = _seen(used.row, used.column, found, formulas)
        return dict(self._seen[sheet])

    def write(self, changes: Mapping[str, Mapping[Spot, Cell]]) -> None:
        """Write cells, all or none, a rectangle at a time; looks are kept.

        A formula that already stands there is left alone: the program computes it anew.

        Raises:
            StructureError: A sheet does not exist or its protection has a password.
            FileError: Excel is busy or gone.
        """
        planned = [
            (name, block) for name, cells in changes.items() for block in self._blocks(name, cells)
        ]
        done: list[tuple[str, Block]] = []
        with quiet(self.app):
            for name in dict.fromkeys(name for name, _ in planned):
                sheet = self._sheet(name)
                patient(lambda sheet=sheet: let_programs_write(sheet))  # type: ignore[misc]
            try:
                for name, block in planned:
                    done.append((name, block))
                    self._put(name, block)
            except BaseException:
                self.wrote |= not self._take_back(done)
                raise
        self.wrote |= bool(planned)
        for name in changes:
            self._seen.pop(name, None)

    def save(self) -> None:
        """Leave saving to the person at the program; what was written is in the open book."""

    def tell(self, text: str) -> None:
        """Show progress in the status bar."""
        with suppress(Exception):
            self.app.status_bar = f"经营计划：{text}"

    def hush(self) -> None:
        """Give the status bar back."""
        with suppress(Exception):
            self.app.status_bar = False

    def add(self, pages: Sequence[Page], *, after: str = "") -> None:
        """Copy new sheets across from a freshly built book, then write their formulas in place.

        Args:
            pages: The sheets; none may exist yet.
            after: The sheet they follow; the last one by default.

        Raises:
            StructureError: A sheet of that name exists.
        """
        there = self.sheets()
        taken = [page.name for page in pages if page.name in there]
        if taken:
            raise StructureError(f"已经有工作表“{'、'.join(taken)}”", "请先改名或删除它")
        self.put_sheets([_without_formulas(page) for page in pages], after or there[-1])
        self.put_formulas(pages)

    def put_formulas(self, pages: Sequence[Page]) -> None:
        """Write the formulas of new sheets where they stand now: they know this book's names.

        One that stands there already is written again: it may have come before a sheet or name
        that it speaks of, and be an error still.
        """
        self.book.activate()
        for page in pages:
            there = self.read(page.name)
            self._seen[page.name] = {at: seen for at, seen in there.items() if not seen.formula}
        self.write({page.name: _formulas(page) for page in pages})

    def put_sheets(self, pages: Sequence[Page], after: str) -> None:
        """Copy sheets across from a freshly built book, behind one that is there."""
        with quiet(self.app), tempfile.TemporaryDirectory() as folder:
            self._copy_across(pages, Path(folder) / "xlplan-new.xlsx", after)

    def grow(self, growths: Sequence[Growth]) -> None:
        """Put in what an older book lacks; the person at the program saves it with the rest."""
        from xlplan.books.growing import grow_open

        grow_open(self, growths)
        self._seen.clear()

    def forget(self, sheet: str) -> None:
        """Read a sheet anew when it is needed next: its cells were moved."""
        self._seen.pop(sheet, None)

    def _copy_across(self, pages: Sequence[Page], path: Path, after: str) -> None:
        from xlplan.books.build import build

        path.write_bytes(build(_shown(pages)))
        source = self.app.books.open(str(path))
        try:
            for page in pages:
                source.sheets[page.name].copy(after=self.book.sheets[after])
                after = page.name
                if page.hidden:
                    self.book.sheets[page.name].visible = False
        finally:
            source.close()

    def _sheet(self, name: str) -> Any:
        try:
            return patient(lambda: self.book.sheets[name])
        except PlanError:
            raise
        except Exception as error:
            there = self.sheets()
            if name.lower() in map(str.lower, there):
                raise
            raise StructureError(
                f"找不到工作表“{name}”", f"现有工作表：{'、'.join(there)}", Where(sheet=name)
            ) from error

    def _blocks(self, name: str, cells: Mapping[Spot, Cell]) -> list[Block]:
        if name not in self._seen:
            self.read(name)
        there = self._seen[name]
        moved = {
            spot: cell
            for spot, cell in cells.items()
            if not (cell.formula and spot in there and there[spot].formula == cell.formula)
        }
        return blocks(moved, there)

    def _put(self, name: str, block: Block) -> None:
        area = block.area
        target = self.book.sheets[name].range((area.top, area.left), (area.bottom, area.right))
        matrix = values(block, date1904=self._is_1904())
        if block.calculates:
            patient(lambda: setattr(target, "formula", matrix))
        else:
            patient(lambda: setattr(target.options(ndim=2), "value", matrix))

    def _is_1904(self) -> bool:
        try:
            return bool(self.book.api.Date1904)
        except (NotImplementedError, AttributeError):
            return False

    def _take_back(self, done: Iterable[tuple[str, Block]]) -> bool:
        """Put back what stood in the blocks written so far; False where the program refused."""
        back = True
        for name, block in done:
            there, area = self._seen[name], block.area
            rows = [
                [
                    Cell(*there.get((row, column), Seen()))
                    for column in range(area.left, area.right + 1)
                ]
                for row in range(area.top, area.bottom + 1)
            ]
            try:
                self._put(name, Block(block.top, block.left, rows))
            except Exception:  # noqa: BLE001 - the first error is the one to report
                back = False
        return back


def _was_clicked() -> bool:
    """Tell whether this process was started by a click (or a test that stands for one)."""
    import xlwings

    windows = sys.modules.get("xlwings._xlwindows")
    return (
        hasattr(xlwings.Book, "_mock_caller")
        or any(argument.startswith("--from_xl") for argument in sys.argv)
        or bool(getattr(windows, "BOOK_CALLER", None))
    )


def _clicked() -> xlwings.Book:
    """Return the book a click named, if it is still open under that name."""
    import xlwings

    try:
        book = patient(xlwings.Book.caller)
        name = patient(lambda: book.name)
        there = [other.name for other in patient(lambda: list(book.app.books))]
    except PlanError:
        raise
    except Exception as error:
        raise _closed(_named()) from error
    if name not in there or name.lower() != (_named() or name).lower():
        raise _closed(_named() or name)
    return book


def _named() -> str:
    """Return the book's name as the click gave it; "" without."""
    found = (argument for argument in sys.argv if argument.startswith("--wb="))
    return next(found, "").removeprefix("--wb=").strip()


def _closed(name: str) -> StructureError:
    return StructureError(
        f"点按钮时的工作簿“{name}”已经关闭或改了名，什么都没有做",
        "请打开它，再点一次；别的工作簿没有动",
    )


def _matrix(used: Any) -> list[list[Any]]:
    """Return the values of a range; amounts of cells in a currency format with all their digits."""
    rows: list[list[Any]] = used.options(ndim=2, err_to_str=True).value
    if any(isinstance(value, Decimal) for row in rows for value in row):
        exact = used.api.Value2  # Excel hands out currencies with four decimals
        exact = exact if isinstance(exact, (list, tuple)) else ((exact,),)
        return [
            [float(e) if isinstance(v, Decimal) else v for v, e in zip(row, line, strict=True)]
            for row, line in zip(rows, exact, strict=True)
        ]
    return rows


def _seen(
    top: int, left: int, rows: Sequence[Sequence[Any]], formulas: Sequence[Sequence[Any]]
) -> dict[Spot, Seen]:
    found: dict[Spot, Seen] = {}
    for row, (line, texts) in enumerate(zip(rows, formulas, strict=True), start=top):
        for column, (value, text) in enumerate(zip(line, texts, strict=True), start=left):
            day = value.date() if isinstance(value, datetime) else value
            if isinstance(text, str) and text[:1] == "=" and text != value:
                found[row, column] = Seen("" if day is None else day, text)
            elif day is not None:
                found[row, column] = Seen(day, "")
    return found


def _shown(pages: Sequence[Page]) -> list[Page]:
    from dataclasses import replace

    return [replace(page, hidden=False) for page in pages]


def _without_formulas(page: Page) -> Page:
    """Return a page to copy across: a name or sheet of the open book is nothing in the other one."""
    cells = {spot: Cell(None, "", cell.style) if cell.formula else cell for spot, cell in page.cells.items()}  # fmt: skip
    return replace(page, cells=cells)


def _formulas(page: Page) -> dict[Spot, Cell]:
    return {spot: cell for spot, cell in page.cells.items() if cell.formula}
