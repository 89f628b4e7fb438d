"""诊断: what this machine has for xlplan."""

from __future__ import annotations

import platform
import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from xlplan import __version__
from xlplan.actions.run.outcome import Outcome
from xlplan.errors import Level, Problem, Where

NEEDED = ("numpy", "pandas", "xlwings", "XlsxWriter", "xlrd", "typer", "rich", "chinesecalendar")  # fmt: skip
#: Database → the package that reads it, and what brings that.
DRIVERS = {
    "DuckDB": "duckdb", "PostgreSQL": "psycopg", "MySQL": "PyMySQL", "ClickHouse": "clickhouse-connect", "Spark": "pyspark",
}  # fmt: skip
EXTRAS = {
    "DuckDB": "sql",
    "PostgreSQL": "postgres",
    "MySQL": "mysql",
    "ClickHouse": "clickhouse",
    "Spark": "spark",
}
OLDEST_PYTHON = (3, 11)
#: Where Windows notes which program an automation name starts.
_EXCEL_KEY, _WPS_KEYS = (
    r"Excel.Application\CLSID",
    (r"KET.Application\CLSID", r"ET.Application\CLSID"),
)
_MAC_EXCEL, _MAC_WPS = "/Applications/Microsoft Excel.app", "/Applications/wpsoffice.app"
_LINUX_WPS = ("/opt/kingsoft/wps-office", "/usr/bin/et")


def doctor() -> Outcome:
    """Report Python, packages, spreadsheet programs, and what follows for the user."""
    problems: list[Problem] = []
    facts: dict[str, object] = {"xlplan": __version__}
    lines = [f"xlplan {__version__}", _python(facts, problems), *_packages(facts, problems)]
    lines.append(_databases(facts))
    programs = spreadsheet_programs()
    facts["programs"] = programs
    for name, found in programs.items():
        lines.append(f"{name}：{found or '未找到'}")
    lines.append(_advice(programs))
    title = "环境正常" if not problems else f"有 {len(problems)} 处需要处理"
    return Outcome(title, lines, problems, facts)


def _python(facts: dict[str, object], problems: list[Problem]) -> str:
    facts["python"] = platform.python_version()
    if sys.version_info < OLDEST_PYTHON:
        what = f"Python {platform.python_version()} 太旧"
        problems.append(Problem(Where(), what, Level.ERROR, "请安装 Python 3.11 或更新的版本"))
    return f"Python {platform.python_version()}（{platform.system()} {platform.machine()}）"


def _packages(facts: dict[str, object], problems: list[Problem]) -> list[str]:
    found: dict[str, str] = {}
    for name in NEEDED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            problems.append(
                Problem(Where(), f"缺少依赖 {name}", Level.ERROR, "重新安装：pip install xlplan")
            )
    facts["packages"] = found
    return ["依赖：" + "，".join(f"{name} {number}" for name, number in found.items())]


def _databases(facts: dict[str, object]) -> str:
    """Say which databases can be read, and how the others can."""
    found = {name: _version(package) for name, package in DRIVERS.items()}
    if not _version("ibis-framework"):
        found = dict.fromkeys(found, "")
    facts["databases"] = found
    there = "，".join(f"{name} {number}" for name, number in found.items() if number)
    extras = "、".join(f"xlplan[{EXTRAS[name]}]" for name, number in found.items() if not number)
    if not there:
        return '数据库：没有装（要读时 pip install "xlplan[sql]"，别的库再加 postgres、mysql、clickhouse、spark）'
    return f"数据库：{there}" + (f"；另可装 {extras}" if extras else "")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def spreadsheet_programs() -> dict[str, str]:
    """Return Excel, WPS and LibreOffice → where they are, "" when absent."""
    from xlplan.libreoffice.profile import available

    return {"Excel": _excel(), "WPS": _wps(), "LibreOffice": available() or ""}


def _excel() -> str:
    if sys.platform == "win32":
        return "已安装" if _registered(_EXCEL_KEY) else ""
    return _MAC_EXCEL if Path(_MAC_EXCEL).exists() else ""


def _wps() -> str:
    if sys.platform == "win32":
        return "已安装" if any(_registered(key) for key in _WPS_KEYS) else ""
    places = (_MAC_WPS,) if sys.platform == "darwin" else _LINUX_WPS
    return next((place for place in places if Path(place).exists()), "")


def _registered(key: str) -> bool:
    """Return whether Windows knows an automation name (False on other systems)."""
    try:
        winreg = import_module("winreg")
        winreg.CloseKey(winreg.OpenKey(winreg.HKEY_CLASSES_ROOT, key))
    except (ImportError, OSError):
        return False
    return True


def _advice(programs: dict[str, str]) -> str:
    if programs["Excel"]:
        return "可以用：命令行；Excel 里的“经营计划”选项卡（xlplan addin install）"
    if programs["WPS"]:
        return "可以用：命令行处理关闭的文件，WPS 打开查看与填写（WPS 不支持本插件的按钮）"
    return "可以用：命令行处理关闭的文件；任何表格软件都能打开、填写计划表"
