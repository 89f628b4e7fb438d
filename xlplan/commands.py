"""The one list of actions: the command line and the ribbon are both made from it.

Nothing heavy is imported here; `run` names where the work is done.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Action:
    """One action.

    Attributes:
        name: Command name, and the word the ribbon passes.
        label: Button text.
        group: Ribbon group; groups appear in the order of their first action.
        icon: imageMso name.
        keytip: Keys after Alt and the tab's own.
        help: One line: what it does.
        supertip: What is written and what is kept.
        run: ``module:function`` under `xlplan.actions`.
        enabled_when: ``always``, ``plan_book`` (needs a writable plan book) or ``plan_view``.
        size: ``large`` or ``normal``.
        ribbon: False keeps it on the command line only.
        command: False keeps it on the ribbon only.
    """

    name: str
    label: str
    group: str
    icon: str
    keytip: str
    help: str
    supertip: str
    run: str
    enabled_when: str = "plan_book"
    size: str = "normal"
    ribbon: bool = True
    command: bool = True

    def function(self) -> Callable[..., Any]:
        """Import and return the function that does it."""
        module, _, name = self.run.partition(":")
        found: Callable[..., Any] = getattr(import_module(f"xlplan.actions.{module}"), name)
        return found


PLAN, DATA, CHECK, TOOLS = "计划", "数据", "检查", "工具"

ACTIONS: tuple[Action, ...] = (
    Action(
        "new", "新建", PLAN, "FileNew", "N", "新建一份年度计划表",
        "在选定的位置生成新的计划表文件；不会覆盖已有文件。", "new:new", "always", "large",
    ),
    Action(
        "fill", "分解", PLAN, "CalculateNow", "F", "把年度目标分解到月、周、日",
        "读取年度目标、日历、活动，重写计划与各表公式；你填的格子、锁定和实际数都不动。", "fill:fill", "plan_book", "large",
    ),
    Action(
        "import", "导入实际", DATA, "GetExternalDataFromText", "I", "导入日报和平台导出的实际数据",
        "把日报里填的行和所选文件并入实际数；同一文件重复导入不会重复计数；日报原样保留。", "importing:import_all", "plan_book", "large",
    ),
    Action(
        "check", "体检", CHECK, "Spelling", "C", "检查目标是否自相矛盾、表与引擎是否一致",
        "只读不写：列出矛盾的格子、差多少、改成多少就一致。", "check:check", "plan_view", "large",
    ),
    Action(
        "doctor", "诊断", TOOLS, "Info", "D", "检查运行环境",
        "只读不写：列出 Python、依赖、Excel/WPS、LibreOffice 的情况。", "doctor:doctor", "always",
    ),
    Action(
        "demo", "示例", TOOLS, "FileOpen", "M", "生成一份带模拟数据的示例计划表",
        "在当前文件夹生成新文件，不动已有文件。", "demo:demo", "always", ribbon=False,
    ),
)  # fmt: skip


def action(name: str) -> Action:
    """Return an action by name; KeyError when there is none."""
    return next(found for found in ACTIONS if found.name == name)
