from __future__ import annotations

import errno
import hashlib
import os
import signal
import stat
import time

import pytest

from xlplan.errors import FileError
from xlplan.ooxml.files import durable
from xlplan.ooxml.files.backups import backups_of, prune_backups
from xlplan.ooxml.files.durable import create_new, durable_replace
from xlplan.ooxml.files.inuse import find_owner
from xlplan.ooxml.files.processes import host_mark

OLD, NEW = b"old" * 5_000, b"new" * 9_000
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
MUTATING = ("open", "write", "fsync", "close", "replace", "link", "mkdir")
EVERYTHING = (*MUTATING, "unlink", "fchmod", "fchown", "stat")


@pytest.fixture
def book(tmp_path):
    file = tmp_path / "计划.xlsx"
    file.write_bytes(OLD)
    return file


def digest(data):
    return hashlib.sha256(data).hexdigest()


def leftovers(folder):
    return [file.name for file in folder.rglob("*") if file.name.startswith(".")]


def refusal(action, *args, **kwargs):
    with pytest.raises(FileError) as caught:
        action(*args, **kwargs)
    return caught.value


def in_child(names, nth, fault, action):
    """Run the action in a fork whose nth call of these os functions meets the fault.

    Returns "done", "error", "killed", or "quiet" when there were fewer calls.
    """
    child = os.fork()
    if child == 0:
        status = 99
        try:
            calls = inject(names, nth, fault)
            try:
                action()
                status = 0 if calls["n"] >= nth else 3
            except FileError:
                status = 1
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return "killed"
    return {0: "done", 1: "error", 3: "quiet"}[os.WEXITSTATUS(status)]


def inject(names, nth, fault):
    calls = {"n": 0}
    for name in names:
        real = getattr(os, name)

        def faulty(*args, _real=real, **kwargs):
            calls["n"] += 1
            if calls["n"] == nth:
                fault()
            return _real(*args, **kwargs)

        setattr(os, name, faulty)
    return calls


def fail_with(code):
    def fault():
        raise OSError(code, os.strerror(code))

    return fault


def kill():
    os.kill(os.getpid(), signal.SIGKILL)


def test_content_is_replaced_and_the_old_one_kept_beside_it(book):
    made = durable_replace(book, NEW, expected_sha256=digest(OLD))
    assert book.read_bytes() == NEW
    assert made.parent.name == "备份"
    assert made.name.startswith("计划.备份-20")
    assert made.suffix == ".xlsx"
    assert made.read_bytes() == OLD
    assert leftovers(book.parent) == []


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EACCES, errno.EBUSY])
def test_an_error_at_any_step_leaves_the_old_file_and_nothing_else(book, code):
    outcomes = []
    while "quiet" not in outcomes[-1:]:
        nth = len(outcomes) + 1
        outcomes.append(
            in_child(MUTATING, nth, fail_with(code), lambda: durable_replace(book, NEW))
        )
        wanted = OLD if outcomes[-1] == "error" else NEW
        assert book.read_bytes() == wanted, f"call {nth}"
        assert leftovers(book.parent) == [], f"call {nth}"
        assert all(copy.read_bytes() == OLD for copy in backups_of(book))
        assert outcomes[-1] != "error" or not backups_of(book), f"call {nth}"
        book.write_bytes(OLD)
        for copy in backups_of(book):
            copy.unlink()
    assert outcomes.count("error") >= 8
    assert "killed" not in outcomes


def test_a_kill_at_any_step_leaves_the_old_file_or_the_new_one(book):
    seen, nth, outcome = [], 0, ""
    while outcome != "quiet":
        nth += 1
        outcome = in_child(EVERYTHING, nth, kill, lambda: durable_replace(book, NEW))
        seen.append(book.read_bytes())
        assert seen[-1] in (OLD, NEW), f"call {nth}"
        assert all(copy.read_bytes() == OLD for copy in backups_of(book))
        durable_replace(book, OLD, backup=False)
        assert leftovers(book.parent) == [], f"call {nth}"
        for copy in backups_of(book):
            copy.unlink()
    assert nth > 20
    assert seen.count(OLD) > 10
    assert seen.count(NEW) > 3
    assert seen == sorted(seen, key=lambda content: content == NEW), "old first, then new"


def test_a_new_file_is_whole_or_not_there(tmp_path):
    file, nth, outcome = tmp_path / "新.xlsx", 0, ""
    while outcome != "quiet":
        nth += 1
        outcome = in_child(EVERYTHING, nth, kill, lambda: create_new(file, NEW))
        assert not file.exists() or file.read_bytes() == NEW
        file.unlink(missing_ok=True)
        create_new(tmp_path / "别的.xlsx", OLD)
        (tmp_path / "别的.xlsx").unlink()
        assert [n for n in leftovers(tmp_path) if n.endswith(".tmp")] == []
    assert nth > 10


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "disk_full"),
        (errno.EDQUOT, "disk_full"),
        (errno.EFBIG, "disk_full"),
        (errno.EACCES, "read_only"),
        (errno.EROFS, "read_only"),
        (errno.EBUSY, "in_use"),
        (errno.ENOENT, "missing"),
        (errno.EIO, "write_failed"),
    ],
)
def test_every_failure_has_its_name(book, monkeypatch, number, code):
    monkeypatch.setattr(os, "replace", lambda *_: fail_with(number)())
    error = refusal(durable_replace, book, NEW)
    assert error.code == code
    assert "原文件没有改动" in str(error)
    assert error.where.file == "计划.xlsx"


def test_a_sharing_violation_of_windows_is_in_use(book, monkeypatch):
    def violate(*_):
        error = PermissionError(errno.EACCES, "sharing violation")
        error.winerror = 32
        raise error

    monkeypatch.setattr(os, "replace", violate)
    assert refusal(durable_replace, book, NEW).code == "in_use"


def test_short_writes_are_continued(book, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: write(handle, bytes(data[:1000])))
    durable_replace(book, NEW)
    assert book.read_bytes() == NEW


def test_a_full_disk_in_earnest_leaves_the_old_file(book):
    import resource

    def limited():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        assert refusal(durable_replace, book, NEW).code == "disk_full"

    assert in_child((), 0, kill, limited) == "done"
    assert book.read_bytes() == OLD
    assert leftovers(book.parent) == []
    assert backups_of(book) == []


def test_a_file_changed_since_it_was_read_is_not_overwritten(book):
    error = refusal(durable_replace, book, NEW, expected_sha256=digest(b"else"))
    assert error.code == "changed"
    assert book.read_bytes() == OLD
    assert not (book.parent / "备份").exists()


def test_a_change_during_our_write_is_not_overwritten(book, monkeypatch):
    real = durable.keep_backup

    def meanwhile(*args):
        book.write_bytes(b"theirs")
        return real(*args)

    monkeypatch.setattr(durable, "keep_backup", meanwhile)
    assert refusal(durable_replace, book, NEW, expected_sha256=digest(OLD)).code == "changed"
    assert book.read_bytes() == b"theirs"
    assert backups_of(book) == []


def test_a_file_that_vanished_is_not_made_again(book):
    book.unlink()
    assert refusal(durable_replace, book, NEW, expected_sha256=digest(OLD)).code == "missing"
    assert not book.exists()


def test_a_missing_folder_is_said(tmp_path):
    assert refusal(durable_replace, tmp_path / "没有" / "a.xlsx", NEW).code == "missing"


def test_a_new_name_needs_no_backup(tmp_path):
    assert durable_replace(tmp_path / "新.xlsx", NEW) is None
    assert (tmp_path / "新.xlsx").read_bytes() == NEW
    assert not (tmp_path / "备份").exists()


def test_mode_is_kept_and_new_files_follow_the_mask(book):
    for mode in (0o640, 0o666, 0o600):
        book.chmod(mode)
        durable_replace(book, NEW)
        assert stat.S_IMODE(book.stat().st_mode) == mode
    mask = os.umask(0o027)
    try:
        create_new(book.with_name("新.xlsx"), NEW)
    finally:
        os.umask(mask)
    assert stat.S_IMODE(book.with_name("新.xlsx").stat().st_mode) == 0o640


def test_a_symbolic_link_stays_and_its_target_is_replaced(book, tmp_path):
    link = tmp_path / "桌面" / "链接.xlsx"
    link.parent.mkdir()
    link.symlink_to(book)
    durable_replace(link, NEW)
    assert link.is_symlink()
    assert book.read_bytes() == NEW
    assert backups_of(book) != []


def test_of_hard_links_only_this_name_changes(book):
    os.link(book, book.with_name("另.xlsx"))
    durable_replace(book, NEW)
    assert book.with_name("另.xlsx").read_bytes() == OLD


def test_only_the_newest_backups_are_kept_and_other_files_are_left_alone(book):
    folder = book.parent / "备份"
    folder.mkdir()
    for name in ("计划.备份-我的.xlsx", "计划2.备份-20200101-000000.xlsx", "说明.txt"):
        (folder / name).write_bytes(b"mine")
    for number in range(6):
        durable_replace(book, b"%d" % number, keep_backups=3)
    assert [copy.read_bytes() for copy in backups_of(book)] == [b"2", b"3", b"4"]
    assert len(list(folder.iterdir())) == 6


def backups_at(book, *moments):
    folder = book.parent / "备份"
    folder.mkdir(exist_ok=True)
    for moment in moments:
        (folder / f"计划.备份-{moment}.xlsx").write_bytes(moment.encode())


def test_copies_thin_out_to_one_a_day_and_then_one_a_month(book):
    moments = [
        "20260105-100000", "20260120-100000", "20260310-090000", "20260311-090000",
        "20260420-090000", "20260420-180000", "20260428-120000", "20260501-080000",
        "20260501-080001", "20260501-190000",
    ]  # fmt: skip
    backups_at(book, *moments)
    prune_backups(book)
    gone = {moments[0], moments[2], moments[4]}
    assert [copy.read_text() for copy in backups_of(book)] == [m for m in moments if m not in gone]


def test_how_many_copies_stay_can_be_set(book, monkeypatch):
    monkeypatch.setenv("XLPLAN_BACKUPS", "2")
    for number in range(4):
        durable_replace(book, b"%d" % number)
    assert [copy.read_bytes() for copy in backups_of(book)] == [b"1", b"2"]


def test_no_backup_when_none_is_wanted(book):
    assert durable_replace(book, NEW, backup=False) is None
    assert not (book.parent / "备份").exists()


def test_an_existing_file_is_never_created_over(book):
    assert refusal(create_new, book, NEW).code == "exists"
    assert book.read_bytes() == OLD


def test_a_file_that_appears_meanwhile_is_never_created_over(tmp_path, monkeypatch):
    file = tmp_path / "新.xlsx"
    link = os.link

    def meanwhile(source, target):
        file.write_bytes(OLD)
        link(source, target)

    monkeypatch.setattr(os, "link", meanwhile)
    assert refusal(create_new, file, NEW).code == "exists"
    assert file.read_bytes() == OLD
    assert leftovers(tmp_path) == []


def test_file_systems_without_hard_links_work(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "link", lambda *_: fail_with(errno.EPERM)())
    create_new(tmp_path / "新.xlsx", NEW)
    assert (tmp_path / "新.xlsx").read_bytes() == NEW
    assert refusal(create_new, tmp_path / "新.xlsx", OLD).code == "exists"
    assert durable_replace(tmp_path / "新.xlsx", OLD).read_bytes() == NEW


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs root")
@pytest.mark.parametrize("what", ["file", "folder"])
def test_what_is_read_only_is_refused(book, what):
    book.parent.chmod(0o777 if what == "file" else 0o555)
    book.chmod(0o444 if what == "file" else 0o666)

    def as_nobody():
        os.setuid(65534)
        os.chdir(book.parent)
        assert refusal(durable_replace, book.name, NEW).code == "read_only"

    for folder in list(book.parents)[:5]:  # as deep as pytest-xdist nests its folders
        folder.chmod(folder.stat().st_mode | 0o055)
    assert in_child((), 0, kill, as_nobody) == "done"
    assert book.read_bytes() == OLD
    assert leftovers(book.parent) == []


def excel_owner_file(name):
    raw, wide = name.encode("gb18030"), name.encode("utf-16-le")
    return bytes([len(raw)]) + raw.ljust(54) + bytes([len(name), 0]) + wide.ljust(108)


@pytest.mark.parametrize(
    ("file", "content", "owner", "program"),
    [
        ("~$计划.xlsx", excel_owner_file("张三"), "张三", "Excel"),
        ("~$计划.xlsx", b"\x04" + "张三".encode("gb18030"), "张三", "Excel"),
        ("~$计划.xlsx", b"", "", "Excel"),
        (
            ".~lock.计划.xlsx#",
            ",李四,pc-1,22.11.2026 10:00,file:///home;".encode(),
            "李四",
            "LibreOffice",
        ),
        (".~计划.xlsx", excel_owner_file("王五"), "王五", "WPS"),
    ],
)
def test_a_book_open_elsewhere_is_refused_with_its_owner(book, file, content, owner, program):
    book.with_name(file).write_bytes(content)
    found = find_owner(book)
    assert (found.name, found.program) == (owner, program)
    error = refusal(durable_replace, book, NEW)
    assert error.code == "in_use"
    assert owner in error.message
    assert program in error.message
    assert file in error.remedy
    assert book.read_bytes() == OLD


def test_on_windows_an_owner_file_left_by_a_crash_does_not_count(book, monkeypatch):
    from xlplan.ooxml.files import inuse

    class Windows:
        name = "nt"

    book.with_name("~$计划.xlsx").write_bytes(excel_owner_file("张三"))
    monkeypatch.setattr(inuse, "os", Windows)
    inuse.require_free(book)
    monkeypatch.setattr(inuse, "_is_writable", lambda _: False)
    assert refusal(inuse.require_free, book).code == "in_use"


def test_leftovers_of_dead_runs_are_swept_and_those_of_living_ones_are_not(book):
    dead = os.fork()
    if dead == 0:
        os._exit(0)
    os.waitpid(dead, 0)
    mark = host_mark()
    gone = book.with_name(f".xlplan-{mark}-{dead}-ab.tmp")
    living = book.with_name(f".xlplan-{mark}-{os.getppid()}-ab.tmp")
    foreign, ancient = (
        book.with_name(".xlplan-ffff-1-a.tmp"),
        book.with_name(".xlplan-ffff-1-b.tmp"),
    )
    for file in (gone, living, foreign, ancient):
        file.write_bytes(b"x")
    long_ago = time.time() - 48 * 3600
    os.utime(ancient, (long_ago, long_ago))
    durable_replace(book, NEW)
    assert [file.exists() for file in (gone, living, foreign, ancient)] == [
        False,
        True,
        True,
        False,
    ]


LONG = ["计" * 83 + ".xlsx", "x" * 250 + ".xlsx", "计" * 74 + ".xlsx"]


@pytest.mark.parametrize("name", LONG, ids=["254 bytes", "255 bytes", "room for the lock only"])
def test_a_book_whose_name_is_as_long_as_can_be_saves_with_its_backups(tmp_path, name):
    path, twin = tmp_path / name, tmp_path / f"{name[:-6]}y.xlsx"
    for each, contents in ((path, (b"1", b"2", b"3")), (twin, (b"a", b"b"))):
        for content in contents:
            durable_replace(each, content)
    assert (path.read_bytes(), twin.read_bytes()) == (b"3", b"b")
    assert [copy.read_bytes() for copy in backups_of(path)] == [b"1", b"2"]
    assert [copy.read_bytes() for copy in backups_of(twin)] == [b"a"]
    assert all(copy.suffix == ".xlsx" for copy in backups_of(path))
