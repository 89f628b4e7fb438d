from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from xlplan.errors import FileError
from xlplan.libreoffice import profile
from xlplan.libreoffice.office import Office, OfficeError

needs_office = pytest.mark.libreoffice


def group(pid):
    listed = subprocess.run(
        ["ps", "-eo", "pgid=,pid=,stat="], check=True, capture_output=True, text=True
    )
    rows = [line.split() for line in listed.stdout.splitlines()]
    return [row for row in rows if row[0] == str(pid) and not row[2].startswith("Z")]


def test_without_libreoffice_the_refusal_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv(profile.SOFFICE, str(tmp_path / "nothing"))
    assert profile.available() is None
    with pytest.raises(OfficeError, match="没有找到 LibreOffice") as caught:
        Office()
    assert caught.value.code == "missing"
    assert "apt install" in caught.value.remedy


def test_a_soffice_that_ends_at_once_is_reported_not_waited_for(monkeypatch, tmp_path):
    fake = tmp_path / "soffice"
    fake.write_text("#!/bin/sh\nexit 1\n")
    fake.chmod(0o755)
    monkeypatch.setenv(profile.SOFFICE, str(fake))
    with pytest.raises(OfficeError, match="没有启动成功"):
        Office()


def test_the_settings_always_recalculate_and_never_lock():
    text = profile.registry_text(macros=False)
    assert 'oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value>' in text
    assert 'oor:name="UseLocking" oor:op="fuse"><value>false</value>' in text


def test_scratch_folders_of_dead_processes_are_swept(monkeypatch, tmp_path):
    monkeypatch.setattr(profile.tempfile, "gettempdir", lambda: str(tmp_path))
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    gone = tmp_path / f"{profile.PREFIX}{dead.pid}-x"
    mine = tmp_path / f"{profile.PREFIX}{os.getpid()}-x"
    gone.mkdir()
    mine.mkdir()
    profile.sweep()
    assert not gone.exists()
    assert mine.exists()


@needs_office
def test_ending_leaves_no_process_and_no_folder():
    office = Office()
    leader, folder = office._process.pid, office._folder
    assert folder.stat().st_mode & 0o077 == 0
    office.quit()
    assert group(leader) == []
    assert not folder.exists()


@needs_office
def test_a_killed_office_is_reported_and_leaves_nothing_behind():
    office = Office()
    os.kill(office.pid, signal.SIGKILL)
    with pytest.raises(FileError, match="LibreOffice 已意外退出") as caught:
        office.call("ping")
    assert caught.value.code == "gone"
    assert group(office._process.pid) == []


@needs_office
def test_an_operation_that_takes_too_long_ends_the_office():
    office = Office()
    os.kill(office.pid, signal.SIGSTOP)
    with pytest.raises(OfficeError, match="规定时间") as caught:
        office.call("ping", timeout=0.2)
    assert caught.value.code == "timeout"
    assert group(office._process.pid) == []


@needs_office
def test_when_this_process_is_killed_the_office_ends_itself():
    code = (
        "import os, signal\n"
        "from xlplan.libreoffice.office import Office\n"
        "office = Office()\n"
        "office.call('book_new')\n"
        "print(office._process.pid, office._folder, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True
    )
    leader, folder = done.stdout.split()
    end = time.monotonic() + 20
    while group(leader) and time.monotonic() < end:
        time.sleep(0.1)
    assert group(leader) == []
    profile.sweep()
    assert not Path(folder).exists()
