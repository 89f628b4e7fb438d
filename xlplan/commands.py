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
class Param:
    """One thing to ask before an action runs; the ribbon's dialog is made from it.

    Attributes:
        name: Keyword of the action's function; a parameter left empty is not passed.
        label: What is asked, in Chinese, short.
        kind: What the answer becomes: ``text`` str, ``number`` str (read by the action with
            the one number grammar), ``integer`` int, ``date`` date, ``bool`` bool, ``choice`` the
            chosen value, ``file`` Path, ``files`` list of Path, ``folder`` Path, ``save`` Path
            of a file to make, ``cells`` str like ``9月!C5:F5`` (the selection).
        default: The answer to start from. For ``date`` also ``today``, for ``integer`` also
            ``year`` (this year) or ``next_year``, for ``save`` a file name
            that may hold ``{year}`` or ``{next_year}``.
        choices: (value, text) pairs of a ``choice``.
        source: Where choices come from at run time: ``stores`` of the open book.
        needed: An empty answer is refused.
        ask: False asks nobody: the default is used unless the command line says otherwise.
        help: A line under the field.
        suffixes: Of ``file``, ``files`` and ``save``, such as ``.xlsx``; empty for any.
    """

    name: str
    label: str
    kind: str = "text"
    default: str | bool | int | None = None
    choices: tuple[tuple[str, str], ...] = ()
    source: str = ""
    needed: bool = False
    ask: bool = True
    help: str = ""
    suffixes: tuple[str, ...] = ()


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
        run: ``module:function`` under `xlplan.actions`: called with the book first when `book`
            is true, then the answers to `params` by keyword; returns an `Outcome`.
        enabled_when: ``always``, ``plan_book`` (needs a writable plan book), ``plan_view`` (a
            read-only one will do), or the rest of a hidden name such as ``has_actuals``.
        size: ``large`` or ``normal``.
        ribbon: False keeps it on the command line only.
        command: False keeps it on the ribbon only.
        params: What the ribbon asks for before it runs.
        book: Whether the function takes the open plan book as its first argument.
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
    params: tuple[Param, ...] = ()
    book: bool = True

    def function(self) -> Callable[..., Any]:
        """Import and return the function that does it."""
        module, _, name = self.run.partition(":")
        found: Callable[..., Any] = getattr(import_module(f"xlplan.actions.{module}"), name)
        return found


PLAN, DATA, CHECK, TOOLS = "计划", "数据", "检查", "工具"
LISTS = (".csv", ".xlsx")
EXPORTS = (".csv", ".xlsx", ".xls", ".xlsb", ".ods", ".txt", ".tsv", ".zip")

_NEW = (
    Param(
        "path", "保存为", "save", "{next_year}年经营计划.xlsx", needed=True, suffixes=(".xlsx",)
    ),
    Param("year", "计划年份", "integer", "next_year", needed=True),
    Param("store", "店铺名", help="多家店用逗号隔开；留空为一家“本店”"),
    Param("targets", "年度目标文件", "file", suffixes=LISTS, help="没有就留空，填下面几项"),
    Param("gmv", "全年销售额", "number", help="如 500万"),
    Param("uv", "全年 UV", "number"),
    Param("cvr", "转化率", "number", help="如 4%"),
    Param("aov", "客单价", "number"),
    Param("spend", "全年推广费", "number"),
    Param("roi", "推广 ROI", "number", help="如 3.5:1"),
    Param("refund_rate", "退款率", "number", help="如 6%"),
)
_IMPORT = (
    Param("paths", "导出文件", "files", suffixes=EXPORTS, help="不选则只导入日报里填的行"),
    Param("store", "归到哪家店", "choice", source="stores", help="文件里没有店铺列时才用得到"),
    Param("dry_run", "只看会改什么，不写入", "bool", default=False),
)
_DISTRIBUTE = (
    Param("out", "放到哪个文件夹", "folder", help="留空放在计划表旁边；每次分发有自己的子文件夹"),
)
_COLLECT = (
    Param("folder", "交回的文件夹", "folder", help="门店交回的文件都放在里面；都留空则只执行收集报告里的选择"),
    Param("paths", "或交回的文件", "files", suffixes=(".xlsx", ".xlsm")),
    Param("prefer", "冲突时", "choice", "", (("", "列出来逐条选"), ("theirs", "以交回为准"), ("ours", "以总表为准"))),
    Param("dry_run", "只看会改什么，不写入", "bool", default=False),
)  # fmt: skip

ACTIONS: tuple[Action, ...] = (
    Action(
        "new", "新建计划", PLAN, "FileNew", "XJ", "新建一份年度计划表",
        "在选定的位置生成新的计划表文件；不会覆盖已有文件。", "newbook:create", "always", "large", params=_NEW, book=False,
    ),
    Action(
        "fill", "分解", PLAN, "CalculateNow", "FJ", "把年度目标分解到月、周、日",
        "读取年度目标、日历、活动，重写计划与各表公式；你填的格子、锁定和实际数都不动。", "fill:fill", "plan_book", "large",
    ),
    Action(
        "import", "导入实际", DATA, "ImportExcel", "DR", "导入日报和平台导出的实际数据",
        "把日报里填的行和所选文件并入实际数；同一文件重复导入不会重复计数；日报原样保留。", "importing:import_all", "plan_book", "large", params=_IMPORT,
    ),
    Action(
        "distribute", "分发", DATA, "FileSendAsAttachment", "FF", "给每家店生成一份只含本店数字的日报文件",
        "在新文件夹里生成门店表，不覆盖任何文件；计划表记下第几次分发。", "distribute:distribute", "plan_book", params=_DISTRIBUTE,
    ),
    Action(
        "collect", "收集", DATA, "FileCheckIn", "SJ", "把门店交回的日报三方合并进总表",
        "不冲突的内容写入日报并导入实际；冲突、缺交、改坏的文件列在收集报告里，由你决定。", "collect:collect", "plan_book", params=_COLLECT,
    ),
    Action(
        "check", "体检", CHECK, "ErrorChecking", "TJ", "检查目标是否自相矛盾、表与引擎是否一致",
        "只读不写：列出矛盾的格子、差多少、改成多少就一致。", "check:check", "plan_view", "large",
    ),
    Action(
        "reconcile", "协调", CHECK, "Consolidate", "XT", "让互相矛盾的目标以最小改动一致起来",
        "按可信度和锁定给出建议；选择写入时改写年度目标里没锁定的格子，然后重新分解。", "reconcile:reconcile", "plan_book",
        params=(Param("write", "写入年度目标并重新分解", "bool", default=False),),
    ),
    Action(
        "doctor", "诊断", TOOLS, "ApplicationOptionsDialog", "ZD", "检查运行环境",
        "只读不写：列出 Python、依赖、插件、Excel/WPS、LibreOffice 的情况。", "doctor:doctor", "always", book=False,
    ),
    Action(
        "demo", "示例", TOOLS, "FileOpen", "SL", "生成一份带模拟数据的示例计划表",
        "在当前文件夹生成新文件，不动已有文件。", "demo:demo", "always", ribbon=False, book=False,
    ),
)  # fmt: skip


def action(name: str) -> Action:
    """Return an action by name; KeyError when there is none."""
    return next(found for found in ACTIONS if found.name == name)
