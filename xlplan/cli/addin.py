"""``xlplan addin …`` and what ``xlplan doctor`` says about the add-in."""
# ruff: noqa: FBT002  # typer reads options from signatures

from __future__ import annotations

import sys
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xlplan.actions.run.outcome import Outcome
from xlplan.cli.running import Json, guarded
from xlplan.cli.usage import Commands
from xlplan.errors import FileError, Level, Problem, Where

if TYPE_CHECKING:
    from collections.abc import Callable

    from xlplan.addin import Status


class Bridge(StrEnum):
    """How the add-in starts Python."""

    FULL = "full"
    LIGHT = "light"


_BRIDGE = "full：xlwings 自带的 RunPython；light：更小，杀毒软件更少误报（仅 Windows）"
How = Annotated[Bridge, typer.Option("--bridge", help=_BRIDGE)]
Python = Annotated[
    str | None, typer.Option("--python", help="点按钮时启动的 Python；默认现在这个")
]
Where_ = Annotated[
    Path | None, typer.Option("--folder", help="装到哪个文件夹；默认 Excel 的启动文件夹")
]


def add_to(app: typer.Typer) -> None:
    """Add the group of commands."""
    group = Commands(help="Excel 插件：生成、安装、卸载、查看", no_args_is_help=True)
    app.add_typer(group, name="addin")

    @group.command("build", help="生成插件文件，不安装")
    def build(
        path: Annotated[Path, typer.Argument(metavar="[文件]", help="生成的文件")] = Path(
            "xlplan.xlam"
        ),
        bridge: How = Bridge.FULL,
        python: Python = None,
        as_json: Json = False,
    ) -> None:
        guarded(lambda: built(path, python or sys.executable, bridge), as_json=as_json)

    @group.command("install", help="生成并安装插件，Excel 启动时自动打开")
    def install(
        bridge: How = Bridge.FULL,
        python: Python = None,
        folder: Where_ = None,
        as_json: Json = False,
    ) -> None:
        guarded(lambda: installed(python or sys.executable, bridge, folder), as_json=as_json)

    @group.command("remove", help="卸载插件")
    def remove(folder: Where_ = None, as_json: Json = False) -> None:
        guarded(lambda: removed(folder), as_json=as_json)

    @group.command("status", help="看插件装好没有、是不是这个版本")
    def status(folder: Where_ = None, as_json: Json = False) -> None:
        guarded(lambda: told(folder), as_json=as_json, failing=True)


def built(path: Path, python: str, bridge: Bridge) -> Outcome:
    """Write the add-in to a new or an old file of ours."""
    from xlplan import addin

    if not Path(python).is_file():
        raise FileError("找不到这个 Python", "请给出完整路径", Where(python), code="missing")
    made = addin.build_addin(path, interpreter=python, bridge=bridge.value)
    return Outcome("插件已生成", [f"文件：{made}", f"启动：{python}"], facts={"file": str(made)})


def installed(python: str, bridge: Bridge, folder: Path | None) -> Outcome:
    """Put the add-in where Excel opens it."""
    from xlplan import addin

    path = addin.install_addin(interpreter=python, bridge=bridge.value, folder=folder)
    lines = [f"文件：{path}", f"启动：{python}", "下次打开 Excel 时出现“经营计划”选项卡"]
    return Outcome("插件已安装", lines, facts={"file": str(path)})


def removed(folder: Path | None) -> Outcome:
    """Take the add-in away."""
    from xlplan import addin

    gone = addin.remove_addin(folder=folder)
    return Outcome("插件已卸载" if gone else "插件本来就没有安装", facts={"removed": gone})


def told(folder: Path | None = None) -> Outcome:
    """Say how the add-in stands; what has to be done is a warning."""
    from xlplan import addin

    found = addin.status(folder=folder)
    no_excel = found.host.advice()
    problems = [
        *found.problems,
        *(
            Problem(Where(), hint, Level.INFO if hint == no_excel else Level.WARNING, rule="插件")
            for hint in found.advice()
        ),
    ]
    wrong = any(problem.level is not Level.INFO for problem in problems)
    title = "插件需要处理" if wrong else "插件已安装" if found.installed else "插件未安装"
    return Outcome(title, _lines(found), problems, _facts(found))


def _lines(found: Status) -> list[str]:
    rows = {
        "插件": str(found.path or "没有 Excel 的启动文件夹"),
        "启动的 Python": found.interpreter,
        "方式": found.bridge,
        "生成时的 xlwings": found.xlwings,
        "现在的 xlwings": found.xlwings_now,
        "日志": f"{found.log}（Python 启动不了）、{found.log.with_name('ribbon.log')}（运行出错）",
    }
    return [f"{name}：{text}" for name, text in rows.items() if text]


def _facts(found: Status) -> dict[str, object]:
    return {
        "path": str(found.path or ""),
        "installed": found.installed,
        "current": found.current,
        "bridge": found.bridge,
        "interpreter": found.interpreter,
        "interpreter_found": found.interpreter_found,
        "log": str(found.log),
    }


def with_addin(examine: Callable[[], Any]) -> Callable[[], Outcome]:
    """Return the doctor with what it should say about the add-in."""

    def both() -> Outcome:
        outcome: Outcome = examine()
        about = told()
        lines = [*outcome.lines, about.title, *about.lines]
        problems = [*outcome.problems, *about.problems]
        return replace(
            outcome, lines=lines, problems=problems, facts=outcome.facts | {"addin": about.facts}
        )

    return both
