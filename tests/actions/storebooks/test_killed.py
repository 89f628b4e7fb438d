"""Files and book in one action, killed or failing at every single step of the file system."""

from __future__ import annotations

import errno
import json
import os
import warnings
from itertools import count

import pytest

from xlplan.actions.stores import distribute as room
from xlplan.actions.stores.handed import Handed, digest_of
from xlplan.actions.stores.steps import (
    AGAIN,
    BACK,
    OUT,
    missing_folders,
    note_of,
    noted,
    settle,
    told,
    unfinished,
)
from xlplan.actions.undo import undoing
from xlplan.actions.undo.handed_undo import GivenAgain, TakenBack
from xlplan.errors import FileError
from xlplan.ooxml.files.durable import create_new, durable_replace

FILES = {"甲店": b"one" * 9, "乙店": b"two" * 9}
HANDED = Handed(
    3, "2026-01-01 08:00", "门店表_2026_第3次", (1,),
    {store: (f"{store}.xlsx", digest_of(data)) for store, data in FILES.items()},
)  # fmt: skip
STEPS = ("open", "write", "fsync", "replace", "link", "unlink", "mkdir", "rmdir")


class Ledger:
    """A plan book as far as files care: it lies in a folder and knows its distributions."""

    def __init__(self, folder):
        self.path = folder / "计划.xlsx"
        self.said = []

    @property
    def meta(self):
        return json.loads(self.path.read_bytes())

    def says(self, time):
        durable_replace(self.path, json.dumps({"handed:3": time}).encode(), backup=False)

    def tell(self, text):
        self.said.append(text)


def hand_out(book, monkeypatch):
    monkeypatch.setattr(room, "_remember", lambda *_: book.says("08:00"))
    folder = HANDED.at(book)
    files = {folder / name: FILES[store] for store, (name, _) in HANDED.files.items()}
    with noted(book, OUT, HANDED, missing_folders(folder)):
        room._given(book, None, None, HANDED, files)


def take_back(book, _):
    step = TakenBack(book, HANDED)
    with step.moved("entry"):
        book.says("")
    return step.left


def give_again(book, _):
    step = GivenAgain(book, None, None, HANDED)
    with step.moved("entry"):
        book.says("08:00")


#: What is done → (how, whether the distribution is in force before, and after).
ACTIONS = {
    OUT: (hand_out, None, True),
    BACK: (take_back, True, False),
    AGAIN: (give_again, False, True),
}


def start(folder, before):
    """The book, and the files where they are when it says so."""
    folder.mkdir()
    book = Ledger(folder)
    book.path.write_text(json.dumps({"handed:3": "08:00" if before else ""}))
    place = {True: HANDED.at(book), False: HANDED.room(book)}.get(before)
    if place:
        place.mkdir(parents=True)
        for store, (name, _) in HANDED.files.items():
            (place / name).write_bytes(FILES[store])
    return book


def files_of(book):
    """Folder → its files, without the book."""
    found = {}
    for path in sorted(book.path.parent.rglob("*")):
        if path.is_file() and path != book.path:
            found.setdefault(path.parent, {})[path.name] = path.read_bytes()
    return found


def agrees(book, before):
    """The book speaks of exactly the files that exist, and nothing temporary stays."""
    whole = {name: FILES[store] for store, (name, _) in HANDED.files.items()}
    if book.meta["handed:3"]:
        return files_of(book) == {HANDED.at(book): whole}
    return files_of(book) == ({} if before is None else {HANDED.room(book): whole})


def stopping(monkeypatch, at, stop, names=STEPS):
    """Let the `at`-th step of the file system stop; return the counter."""
    steps = count(1)

    def patched(call):
        def step(*args, **more):
            if next(steps) == at:
                stop()
            return call(*args, **more)

        return step

    for name in names:
        monkeypatch.setattr(os, name, patched(getattr(os, name)))


def killed(act, monkeypatch, at):
    """Run in a process that is killed before its `at`-th step; False when it got to its end."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] != 0
    try:
        stopping(monkeypatch, at, lambda: os.kill(os.getpid(), 9))
        act()
    finally:
        os._exit(0)


@pytest.mark.parametrize("kind", ACTIONS)
def test_a_run_killed_at_any_step_is_finished_or_taken_back_by_the_next(kind, tmp_path, monkeypatch):  # fmt: skip
    act, before, after = ACTIONS[kind]
    ends = set()
    for at in count(1):
        book = start(tmp_path / str(at), before)
        if not killed(lambda book=book: act(book, monkeypatch), monkeypatch, at):
            break
        was = settle(book, book.meta)
        assert agrees(book, before), (at, files_of(book))
        assert not note_of(book).exists()
        standing = bool(book.meta["handed:3"])
        if was:
            assert was.kind == kind
            assert was.written == (standing == after)
            assert ("总表已经写好" in told(was)) == was.written
        ends.add((standing, was is not None))
        assert settle(book, book.meta) is None
    assert agrees(book, before)
    assert at > 20, "the steps are counted"
    assert {(after, True), (bool(before), True)} <= ends, "killed before and after the book"


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES])
@pytest.mark.parametrize("kind", ACTIONS)
def test_a_step_that_fails_leaves_files_and_book_agreeing_and_says_so(kind, code, tmp_path, monkeypatch):  # fmt: skip
    act, before, after = ACTIONS[kind]
    failed = 0
    for at in count(1):
        book = start(tmp_path / str(at), before)
        left, error = [], None
        stopped = []

        def stop(stopped=stopped):
            stopped.append(True)
            raise OSError(code, "failing")

        with monkeypatch.context() as patch:
            stopping(patch, at, stop, STEPS[:5])  # what cannot be removed stays
            try:
                left = act(book, patch) or []
            except FileError as refused:
                error = refused
        if not stopped:
            break
        if error:
            failed += 1
            assert bool(book.meta["handed:3"]) == bool(before), "refused means not written"
            assert "Errno" not in str(error)
        elif not left:
            assert bool(book.meta["handed:3"]) == after
        settle(book, book.meta)
        if not left:
            assert agrees(book, before), (at, files_of(book))
    assert failed > 3


def test_the_note_of_a_run_that_is_still_going_is_waited_for(tmp_path):
    book = start(tmp_path / "a", before=False)
    facts = {"kind": BACK, "handed": HANDED.kept(), "made": [], "pid": os.getppid()}
    for host in ("别的电脑", __import__("platform").node() or "localhost"):
        note_of(book).write_text(json.dumps({**facts, "host": host}))
        with pytest.raises(FileError, match="还没有做完"):
            settle(book, book.meta)
    os.utime(note_of(book), (0, 0))
    assert settle(book, book.meta).kind == BACK


def test_what_is_no_note_is_removed_and_a_file_changed_since_stays(tmp_path):
    book = start(tmp_path / "a", before=True)
    note_of(book).write_text("[")
    assert unfinished(book, book.meta) is None
    assert not note_of(book).exists()
    note_of(book).write_text(json.dumps({"kind": OUT, "handed": HANDED.kept(), "made": [], "pid": -1, "host": ""}))  # fmt: skip
    book.says("")
    os.utime(note_of(book), (0, 0))
    (HANDED.at(book) / "甲店.xlsx").write_bytes(b"filled in")
    assert settle(book, book.meta).kind == OUT
    assert files_of(book) == {HANDED.at(book): {"甲店.xlsx": b"filled in"}}


def test_a_rerun_of_a_killed_undo_does_not_take_one_step_more(desk, monkeypatch):
    def dies(_self):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("xlplan.actions.stores.handed.Back.take", dies)
        with pytest.raises(KeyboardInterrupt):
            undoing.undo(desk.book)
    assert desk.folder.exists()
    assert "不会多走一步" in undoing.undo(desk.book, dry_run=True).lines[0]
    saves = desk.book.saves
    done = undoing.undo(desk.book)
    assert done.title == "撤销完成"
    assert "没有再多撤销一步" in done.lines[1]
    assert desk.book.saves == saves
    assert not desk.folder.exists()
    assert undoing.redo(desk.book).changed
    assert desk.folder.exists()


def test_a_full_disk_under_the_second_file_leaves_no_distribution(desk, monkeypatch):
    there = {sheet: dict(cells) for sheet, cells in desk.book.cells.items()}
    made = []

    def full(path, data):
        if made:
            raise FileError("磁盘空间不足", code="disk_full")
        made.append(path)
        create_new(path, data)

    monkeypatch.setattr(room, "create_new", full)
    monkeypatch.setattr(room, "built", lambda *rest: dict.fromkeys(rest[3], b"x"))
    out = desk.folder.parent / "新" / "夹"
    with pytest.raises(FileError, match="没有分发，写好的门店表已收走，总表没有改动"):
        room.distribute(desk.book, out=out, months=[1])
    assert made
    assert not out.parent.exists()
    assert desk.book.cells == there
    assert not note_of(desk.book).exists()
