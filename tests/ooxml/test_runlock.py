from __future__ import annotations

import json
import os
import threading
import time

import pytest

from xlplan.errors import FileError
from xlplan.ooxml.files.durable import durable_replace
from xlplan.ooxml.files.processes import host_name, is_running
from xlplan.ooxml.files.runlock import book_lock, lock_file

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


@pytest.fixture
def book(tmp_path):
    file = tmp_path / "计划.xlsx"
    file.write_bytes(b"0")
    return file


def write_lock(book, **facts):
    lock_file(book).write_text(json.dumps({"pid": os.getppid(), "host": host_name(), **facts}))


def test_the_lock_is_there_while_held_and_gone_afterwards(book):
    with book_lock(book):
        assert json.loads(lock_file(book).read_text())["pid"] == os.getpid()
        with book_lock(book):
            durable_replace(book, b"1")
        assert lock_file(book).exists()
    assert not lock_file(book).exists()


def test_the_lock_is_given_back_after_an_error(book):
    with pytest.raises(KeyError), book_lock(book):
        raise KeyError
    assert not lock_file(book).exists()


def test_a_second_run_is_refused_with_who_holds_it(book):
    write_lock(book)
    with (
        pytest.raises(FileError, match=f"进程 {os.getppid()}") as caught,
        book_lock(book, wait=0.1),
    ):
        pytest.fail("the lock was held")
    assert caught.value.code == "in_use"
    assert lock_file(book).exists()


def test_another_thread_waits_its_turn(book):
    order = []

    def other():
        with book_lock(book, wait=5):
            order.append("other")

    with book_lock(book):
        thread = threading.Thread(target=other)
        thread.start()
        time.sleep(0.15)
        order.append("first")
    thread.join()
    assert order == ["first", "other"]


def test_a_lock_whose_process_died_is_broken(book):
    child = os.fork()
    if child == 0:
        with book_lock(book):
            os._exit(0)
    os.waitpid(child, 0)
    assert lock_file(book).exists()
    assert not is_running(child)
    with book_lock(book, wait=1):
        assert json.loads(lock_file(book).read_text())["pid"] == os.getpid()


@pytest.mark.parametrize(
    ("facts", "age", "broken"),
    [
        ({"host": "elsewhere"}, 0, False),
        ({"host": "elsewhere"}, 7 * 3600, True),
        ({}, 60, False),
        ({}, 7 * 3600, True),
        ({"pid": None}, 0, False),
        ({"pid": None}, 60, True),
        ({"pid": 10**12}, 0, True),
        ({"pid": -1}, 0, True),
    ],
)
def test_a_lock_is_broken_only_when_nobody_can_hold_it(book, facts, age, broken):
    write_lock(book, **facts)
    then = time.time() - age
    os.utime(lock_file(book), (then, then))
    if broken:
        with book_lock(book, wait=1):
            pass
        assert not lock_file(book).exists()
    else:
        with pytest.raises(FileError), book_lock(book, wait=0.1):
            pass


def test_two_processes_never_interleave(book):
    rounds = 25

    def count_up():
        for _ in range(rounds):
            with book_lock(book, wait=30):
                number = int(book.read_bytes())
                durable_replace(book, b"%d" % (number + 1), backup=False)

    children = []
    for _ in range(2):
        child = os.fork()
        if child == 0:
            try:
                count_up()
            except BaseException:  # noqa: BLE001  # the parent only sees the exit code
                os._exit(1)
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    assert int(book.read_bytes()) == 2 * rounds
    assert [file.name for file in book.parent.iterdir()] == ["计划.xlsx"]
