"""The form: on a screen that nobody sees, in a process of its own; and where there is none."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from xlplan.commands import Param
from xlplan.ribbon.person import AtExcel

pytest.importorskip("tkinter")


@contextmanager
def screen():
    """Yield an environment with a display: the one there is, or a virtual one."""
    if os.environ.get("DISPLAY") or os.name == "nt":
        yield dict(os.environ)
        return
    if not shutil.which("Xvfb"):
        pytest.skip("no display, and no Xvfb to make one")
    read, write = os.pipe()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen(["Xvfb", "-displayfd", str(write)], pass_fds=[write], **quiet)
    try:
        yield os.environ | {"DISPLAY": ":" + os.read(read, 16).decode().strip()}
    finally:
        server.terminate()
        server.wait(10)
        os.close(read)
        os.close(write)


def test_the_form_does_on_a_screen_what_it_should():
    # Xlib exits the process whose screen is gone, and Tk keeps its screen until the process ends
    tests = Path(__file__).with_name("on_screen.py")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tests)]
    with screen() as env:
        done = subprocess.run(
            command, env=env, capture_output=True, text=True, timeout=120, check=False
        )
    assert done.returncode == 0, done.stdout + done.stderr


def test_without_a_screen_excel_is_asked_instead(monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    if os.name == "nt":
        pytest.skip("Windows always has a screen")

    class App:
        @property
        def api(self):
            return self

        def InputBox(self, *_):  # noqa: N802
            return "答"

    book = type("Book", (), {"app": App()})()
    assert AtExcel(book).ask("标题", [Param("a", "甲")], {"a": ""}) == {"a": "答"}
