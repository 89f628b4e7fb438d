"""撤销 and 重做 of a distribution: its files go with the book's record of it.

Taken back after the book says so; given out again before it does. A step that fails in between
leaves files where they are, never a book that speaks of files nobody has; one that is killed is
finished, or taken back, by the next action (`stores.steps`).
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import field
from typing import TYPE_CHECKING

from xlplan.record import draft, replace
from xlplan.sheets.state.deltas import encode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from xlplan.actions.stores.handed import Handed
    from xlplan.cells import Book
    from xlplan.errors import Problem
    from xlplan.sheets.history.page import Entry
    from xlplan.sheets.state.deltas import Delta
    from xlplan.sheets.state.read import BookRead


@draft
class Files:
    """What a step does outside the book: nothing, for most actions.

    Attributes:
        lines: What is said about it before.
        left: Files that stay outside, by name; known when it is done.
    """

    lines: Sequence[str] = ()
    left: list[Problem] = field(default_factory=list)

    @contextmanager
    def moved(self, entry: Entry) -> Iterator[Entry]:
        """Do it around the writing of the book; give the entry as it is to be kept."""
        yield entry


def files_of(book: Book, read: BookRead, change: Delta, *, back: bool) -> Files:
    """Return what a step does with files."""
    if not change.handed:
        return Files()
    from xlplan.actions.stores.handed import Handed

    handed = Handed.of(change.handed)
    return TakenBack(book, handed) if back else GivenAgain(book, read, change, handed)


class TakenBack(Files):
    """The files of a distribution go to the backups."""

    def __init__(self, book: Book, handed: Handed) -> None:
        from xlplan.actions.stores.handed import look

        self._book, self._back = book, look(handed, book)
        super().__init__([self._back.note()])

    @contextmanager
    def moved(self, entry: Entry) -> Iterator[Entry]:
        """Move them once the book says that they are recalled."""
        from xlplan.actions.stores.steps import BACK, noted

        with noted(self._book, BACK, self._back.handed):
            yield entry
            self.left = self._back.take()


class GivenAgain(Files):
    """The files of a distribution come back, or are written anew."""

    def __init__(self, book: Book, read: BookRead, change: Delta, handed: Handed) -> None:
        super().__init__([f"{len(handed.files)} 份门店表放回 {handed.folder}"])
        self._book, self._read, self._change, self._handed = book, read, change, handed

    @contextmanager
    def moved(self, entry: Entry) -> Iterator[Entry]:
        """Give them out; take them back when the book cannot say so."""
        from xlplan.actions.stores.handed import giving
        from xlplan.actions.stores.steps import AGAIN, noted

        made = giving(self._handed, self._book, self._anew)
        kept = entry
        if made.handed != self._handed:
            kept = replace(entry, payload=encode(replace(self._change, handed=made.handed.kept())))
        with noted(self._book, AGAIN, made.handed):
            made.give()
            try:
                yield kept
            except Exception:
                made.back.take()
                raise

    def _anew(self, store: str) -> bytes:
        """Build the file of one store again."""
        from xlplan.actions.stores.distribute import built
        from xlplan.sheets.stores.distribution import read_distribution
        from xlplan.sheets.stores.pages import Origin

        made = self._handed
        number = read_distribution(self._read.state.meta).book
        origin = Origin(number, made.version, made.time)
        return built(self._book, self._read, origin, [store], made.months)[store]
