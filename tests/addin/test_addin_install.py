"""Installing, removing, and saying how the add-in stands."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from xlplan.addin import Host, check_addin, host, install_addin, remove_addin, status
from xlplan.addin.install import compile_packages
from xlplan.errors import FileError

WPS = r'"C:\Users\x\AppData\Local\Kingsoft\WPS Office\12.1\office6\et.exe" /Automation'
EXCEL = r"C:\Program Files\Microsoft Office\Root\Office16\EXCEL.EXE /automation"


@pytest.fixture
def start(tmp_path):
    return tmp_path / "Microsoft" / "Excel" / "XLSTART"


def windows(**servers):
    """A registry in which these programs are registered."""
    keys = {}
    for number, (name, server) in enumerate(servers.items()):
        keys[f"{name}.Application\\CLSID"] = f"{{{number}}}"
        keys[f"CLSID\\{{{number}}}\\LocalServer32"] = server
    return lambda key: keys.get(key, "")


def test_installing_puts_one_checked_file_where_excel_looks(start):
    path = install_addin(folder=start)
    assert path == start / "xlplan.xlam"
    assert [item.name for item in start.iterdir()] == ["xlplan.xlam"]
    assert [item.name for item in start.parent.iterdir()] == ["XLSTART"], "no leftovers"
    assert check_addin(path.read_bytes()) == []


def test_status_tells_what_was_installed(start):
    before = status(folder=start)
    assert not before.installed
    assert any("addin install" in hint for hint in before.advice())
    install_addin(folder=start, bridge="light")
    now = status(folder=start)
    assert now.installed
    assert now.current
    assert now.bridge == "light"
    assert now.interpreter == sys.executable
    assert now.interpreter_found
    assert now.xlwings == now.xlwings_now
    assert list(now.problems) == []


def test_status_notices_a_python_that_moved_away(start, tmp_path):
    python = tmp_path / "python.exe"
    python.touch()
    install_addin(folder=start, interpreter=str(python), bridge="light")
    python.unlink()
    now = status(folder=start)
    assert not now.interpreter_found
    assert any(str(python) in hint for hint in now.advice())


def test_status_notices_an_add_in_of_another_version(start, monkeypatch):
    path = install_addin(folder=start, bridge="light")
    monkeypatch.setattr("xlplan.addin.macros.xlwings_version", lambda: "0.99.0")
    now = status(folder=start)
    assert not now.current
    assert any("不是这个版本" in hint for hint in now.advice())
    path.write_bytes(b"damaged")
    assert status(folder=start).problems


def test_installing_again_replaces_the_old_one(start):
    install_addin(folder=start, bridge="full")
    install_addin(folder=start, bridge="light")
    assert status(folder=start).bridge == "light"


def test_an_add_in_that_excel_holds_open_is_left_as_it_is(start, monkeypatch):
    path = install_addin(folder=start, bridge="light")
    before = path.read_bytes()

    def refuse(*_):
        raise PermissionError(13, "in use")

    monkeypatch.setattr(Path, "replace", refuse)
    monkeypatch.setattr(Path, "unlink", lambda self, **_: refuse() if self == path else None)
    with pytest.raises(FileError, match="没有改动") as caught:
        install_addin(folder=start, bridge="light")
    assert caught.value.code == "in_use"
    assert "关闭" in caught.value.remedy
    with pytest.raises(FileError, match="没有删除"):
        remove_addin(folder=start)
    assert path.read_bytes() == before


def test_removing_says_whether_there_was_one(start):
    assert remove_addin(folder=start) is False
    path = install_addin(folder=start, bridge="light")
    assert remove_addin(folder=start) is True
    assert not path.exists()


def test_a_python_that_does_not_exist_is_refused(start):
    with pytest.raises(FileError, match="找不到这个 Python"):
        install_addin(folder=start, interpreter=r"C:\nowhere\python.exe")
    assert not start.exists()


@pytest.mark.parametrize(
    "python",
    [
        "AppData/Local/Microsoft/WindowsApps/python.exe",
        "Microsoft/windowsapps/PythonSoftwareFoundation.Python.3.12_qbz5/python.exe",
        "env/Scripts/python.exe",
    ],
    ids=["link", "store", "environment of it"],
)
def test_the_python_of_the_microsoft_store_is_recognised(start, tmp_path, python):
    python = tmp_path / python
    python.parent.mkdir(parents=True)
    python.touch()
    home = r"C:\Program Files\WindowsApps\PythonSoftwareFoundation.Python.3.12"
    (tmp_path / "env").mkdir(exist_ok=True)
    (tmp_path / "env" / "pyvenv.cfg").write_text(f"home = {home}\nversion = 3.12\n", "utf-8")
    with pytest.raises(FileError, match="Microsoft Store") as caught:
        install_addin(folder=start, interpreter=str(python))
    assert caught.value.code == "store_python"
    assert "python.org" in caught.value.remedy
    assert not start.exists()


def test_an_add_in_that_starts_the_store_s_python_is_told(start, tmp_path):
    python = tmp_path / "env" / "Scripts" / "python.exe"
    python.parent.mkdir(parents=True)
    python.touch()
    install_addin(folder=start, interpreter=str(python), bridge="light")
    assert status(folder=start).advice() == [status(folder=start).host.advice()]
    (tmp_path / "env" / "pyvenv.cfg").write_text("home = C:/x/WindowsApps/Python", "utf-8")
    assert any("Microsoft Store" in hint for hint in status(folder=start).advice())


def test_what_a_click_imports_is_compiled_when_the_add_in_is_installed(tmp_path, monkeypatch):
    package = tmp_path / "pack"
    (package / "tests").mkdir(parents=True)
    for path in ("__init__.py", "inner.py", "tests/slow.py", "broken.py"):
        (package / path).write_text("x = (" if path == "broken.py" else "x = 1\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    compile_packages(sys.executable, ["pack", "never_heard_of"])
    made = sorted(path.name.partition(".")[0] for path in package.rglob("*.pyc"))
    assert made == ["__init__", "inner"]


def test_installing_compiles_with_the_python_that_clicks_start(start, monkeypatch):
    seen = []
    monkeypatch.setattr(sys.modules["xlplan.addin.install"], "compile_packages", seen.append)
    install_addin(folder=start, bridge="light")
    assert seen == [sys.executable]


def test_without_excel_nothing_is_installed_and_the_command_line_is_named(monkeypatch):
    none = Host("none", wps=False, server="", startup=None)
    monkeypatch.setattr(sys.modules["xlplan.addin.install"], "host", lambda: none)
    with pytest.raises(FileError, match="没有安装") as caught:
        install_addin()
    assert "xlplan fill" in caught.value.remedy
    assert remove_addin() is False
    assert status().path is None


def test_excel_on_windows_starts_add_ins_from_xlstart():
    found = host("win32", windows(Excel=EXCEL), {"APPDATA": "/roaming"})
    assert found.program == "excel"
    assert found.startup == Path("/roaming/Microsoft/Excel/XLSTART")
    assert found.advice() == ""


def test_wps_that_took_excel_s_name_is_recognised_and_told():
    found = host("win32", windows(Excel=WPS, Ket=WPS), {"APPDATA": "/roaming"})
    assert (found.program, found.wps, found.startup) == ("wps", True, None)
    assert "WPS" in found.advice()


def test_wps_beside_excel_changes_nothing():
    found = host("win32", windows(Excel=EXCEL, Ket=WPS), {"APPDATA": "/roaming"})
    assert (found.program, found.wps) == ("excel", True)
    assert found.advice() == ""


def test_a_computer_without_either_is_told_so():
    assert host("win32", windows(), {}).program == "none"
    assert host("linux").program == "none"
    assert "命令行" in host("linux").advice()
