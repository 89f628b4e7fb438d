"""The one list of actions: the command line and the ribbon are both made from it.

Nothing heavy is imported here; `run` names where the work is done.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from xlplan.plan.change.methods import examples, needs_told, offered
from xlplan.plan.days.grains import KEPT, SHARED
from xlplan.record import record

if TYPE_CHECKING:
    from collections.abc import Callable


@record
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
        option: False leaves it out of the command line.
        help: A line under the field.
        suffixes: Of ``file``, ``files`` and ``save``, such as ``.xlsx``; empty for any.
        flag: The option's name where it is not ``--name``, or its names: ``--store -s``.
        argument: The command line takes it by place, shown under this word.
        open: The command line may leave it out although it is needed; it asks then.
        many: On the command line it may be given several times: the answer is a list.
        least: The smallest number that makes sense for an ``integer``.
    """

    name: str
    label: str
    kind: str = "text"
    default: str | bool | int | None = None
    choices: tuple[tuple[str, str], ...] = ()
    source: str = ""
    needed: bool = False
    ask: bool = True
    option: bool = True
    help: str = ""
    suffixes: tuple[str, ...] = ()
    flag: str = ""
    argument: str = ""
    open: bool = False
    many: bool = False
    least: int | None = None


@record
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
        instead: Parameter that may stand in place of the book on the command line.
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
    instead: str = ""

    def function(self) -> Callable[..., Any]:
        """Import and return the function that does it."""
        module, _, name = self.run.partition(":")
        found: Callable[..., Any] = getattr(import_module(f"xlplan.actions.{module}"), name)
        return found


PLAN, CHANGE, DATA, LOOK = "计划", "调整", "数据", "分析"
FINANCE, CHECK, TOOLS = "财务", "检查", "工具"
LISTS = (".csv", ".xlsx")
EXPORTS = (".csv", ".xlsx", ".xls", ".xlsb", ".ods", ".txt", ".tsv", ".zip")

# fmt: off
_HOLIDAYS = Param("holidays", "国务院公布的当年放假安排", "file", ask=False, help="holiday-cn 格式的 JSON，存进计划表，代替预估")
_AS_OF = Param("as_of", "可以有实际数的最后一天", "date", ask=False, help="默认今天")
_DRY_RUN = Param("dry_run", "只看会改什么，不写入", "bool", default=False)
_NEW = (
    Param("path", "保存为", "save", "{next_year}年经营计划.xlsx", needed=True, suffixes=(".xlsx",), argument="文件", open=True),
    Param("year", "计划年份", "integer", "next_year", needed=True, flag="--year -y"),
    Param("store", "店铺名", help="多家店用逗号隔开；留空为一家“本店”", flag="--store -s", many=True),
    Param("targets", "年度目标文件", "file", suffixes=LISTS, help="没有就留空，填下面几项", flag="--targets -t"),
    Param("gmv", "全年销售额", "number", help="如 500万"),
    Param("uv", "全年 UV", "number"),
    Param("cvr", "转化率", "number", help="如 4%"),
    Param("aov", "客单价", "number"),
    Param("spend", "全年推广费", "number"),
    Param("roi", "推广 ROI", "number", help="如 3.5:1"),
    Param("refund_rate", "退款率", "number", help="如 6%"),
    Param("unit", "目标文件里没写单位的金额是 万元 还是 元", ask=False),
    Param("template", "先要一份可填的目标模板，写到这个文件", "file", ask=False),
    Param("history", "往年每日销售", "file", ask=False, help="CSV/xlsx，用来学权重 （和把公司目标分到各店）"),
    Param("days30", "日目标按每月 30 天计", "bool", ask=False, flag="--30days"),
    Param("channel", "推广渠道名", ask=False, help="可多次给出，默认五个", many=True),
    Param("no_campaigns", "不启用默认的大促，如海外店铺", "bool", ask=False),
    _HOLIDAYS,
)
_FILL = (
    Param("fresh", "放弃手工调整，完全按目标重新分解", "bool", default=False, help="不选则保留分摊、识别改动留下的调整"),
    Param("dry_run", "只预览，不写入", "bool", default=False),
    _HOLIDAYS,
)
_IMPORT = (
    Param("paths", "导出文件", "files", suffixes=EXPORTS, help="不选则只导入日报里填的行", argument="文件"),
    Param("folder", "或整个文件夹", "folder", help="里面各平台的导出混着放没关系", option=False),
    Param("store", "归到哪家店", "choice", source="stores", help="文件里没有店铺列时才用得到", flag="--store -s"),
    Param("confirmed", "财务确认数，优先于其他来源", "bool", default=False),
    Param("sure", "核对无误的日子", help="被问“是不是填错了”的数没有错：2026-09-03 或 店名 2026-09-03", flag="--sure", many=True),
    Param("why", "为什么没错", help="例如 直播间爆单"),
    Param("mappings", "不认识的表各列是什么", "file", ask=False, help="TOML，可多次给出；也可写在“导入映射”表里", flag="--mapping -m", many=True),
    Param("sql", "数据库或订单文件夹的声明", "file", ask=False, help="TOML，可多次给出；只有每天的数回来", many=True),
    Param("no_sql", "只取日报和文件，不取“数据连接”里的数据库", "bool", default=False),
    Param("since", "数据库从哪天起重取", "date", ask=False, help="默认只取退款成熟期和改动过的日子"),
    Param("full", "数据库全年重取", "bool", ask=False, default=False),
    _DRY_RUN,
    _AS_OF,
    Param("watch", "盯住文件夹，有新文件就导入；按 Ctrl+C 结束", "bool", ask=False),
)
_DISTRIBUTE = (
    Param("out", "放到哪个文件夹", "folder", help="留空放在计划表旁边；每次分发有自己的子文件夹", flag="--out -o"),
    Param("stores", "只给这些店", ask=False, help="可多次给出", flag="--store -s", many=True),
    Param("months", "只带这些月的月表", ask=False, help="如 9 或 9月，可多次给出", flag="--month", many=True),
)
_COLLECT = (
    Param("folder", "交回的文件夹", "folder", help="门店交回的文件都放在里面；都留空则只执行收集报告里的选择", option=False),
    Param("paths", "或交回的文件", "files", suffixes=(".xlsx", ".xlsm"), help="文件夹也行；不给则只执行收集报告里的选择", argument="文件"),
    Param("prefer", "冲突时", "choice", "", (("", "列出来逐条选"), ("theirs", "以交回为准"), ("ours", "以总表为准"))),
    Param("recalled", "也收已撤回的", "bool", default=False, help="撤销过的那次分发的文件，平时不收"),
    Param("jobs", "几个进程读文件", "integer", ask=False, help="默认按文件多少", flag="--jobs -j", least=1),
    _DRY_RUN,
    _AS_OF,
)
_CHECK = (Param("year", "目标文件的年份", "integer", ask=False, help="默认今年", flag="--year -y"),)
_CARDS = (
    Param("file", "指标文件", "file", suffixes=LISTS, help="年度目标里没有位置的项加进指标卡；已有的不改", flag="--file -f"),
    _DRY_RUN,
)
_DEMO = (Param("folder", "写到哪个文件夹", "folder", ask=False, flag="--out -o"),)

# fmt: on
#: The part of the plan an action is about: the selection, or metric, store and period.
_WHERE = (
    Param(
        "at", "选中的计划格", "cells", help="如 9月!C9:F9、9月!C9,F9、9月!9:9；用它就不看下面三项"
    ),
    Param("metric", "指标", default="销售额", help="如 销售额、UV、转化率、推广费"),
    Param("store", "店铺", help="店名，多家用顿号，可用 天猫*；留空为合计"),
    Param("period", "期间", help="如 全年、Q3、9月、第36周、9月9日、9月1日-9月15日 或 双11"),
)
_GIVES = Param("gives", "由谁来让", "choice", "", (("", "惯例"), ("UV", "UV"), ("转化率", "转化率"), ("客单价", "客单价"), ("销售额", "销售额"), ("都不动", "别的都不动")))  # fmt: skip
_KEEP = Param("keep", "保持合计", "choice", "", (("", "不保持（向上汇总）"), *((grain.label, grain.kept) for grain in KEPT)))  # fmt: skip
_WHY = Param("why", "为什么", help="记在变更记录里")
_PREVIEW = Param("dry_run", "只预览，不写入", "bool", default=False)
_SPREAD = (
    *_WHERE,
    Param("category", "品类", help="品类平台里的品类，如 服装；改它在店铺、期间里的销售额，都不写就看选中的格"),
    Param("platform", "平台", help="品类平台里的平台，如 天猫；与品类只填一个"),
    Param("to", "改成", help=examples(1)),
    Param("method", "方法", "choice", "", (("", "按上面的写法"), *((method.label, method.label) for method in offered())), help=needs_told()),
    Param("like", "参照", help="店铺、版本、去年（按可比日期）、权重、实际"),
    Param("by", "分到", "choice", "", (("", "按惯例：每日；品类、平台的整月到每月"), *((grain.label, f"每{grain.label}") for grain in SHARED))),
    _KEEP, _GIVES, _WHY, _PREVIEW,
)  # fmt: skip
_TRACE = (
    *_WHERE,
    Param("category", "品类", help="看品类平台里一个品类的数怎么来的，不看选中的格"),
    Param("platform", "平台", help="或一个平台"),
)
_HOLD = (
    *_WHERE,
    Param("kind", "锁什么", "choice", "", (("", "一格锁只读，其余锁合计"), ("合计", "合计（里面可以动）"), ("只读", "只读（每一格都不动）"), ("上下限", "每格的上下限"))),
    Param("lower", "每格不低于", "number"),
    Param("upper", "每格不高于", "number"),
    _WHY,
)  # fmt: skip
_RELEASE = (
    Param("id", "锁定编号", help="如 L1、L2；“全部”解开所有"),
    *(Param(p.name, p.label, p.kind, help=p.help) for p in _WHERE),
    _WHY,
)
_EDITS = (
    Param("accept", "按改动调整计划", "bool", default=False),
    Param("put_back", "放回公式，不要这些改动", "bool", default=False),
    _KEEP, _GIVES, _WHY,
)  # fmt: skip
_UNDO = (
    Param("id", "操作编号", ask=False, help="变更记录里的操作编号；不给则撤销最后一步"),
    Param("at", "只恢复这些格", "cells", ask=False),
    Param("metric", "指标", ask=False, help="与店铺、期间一起，代替选中的格"),
    Param("store", "店铺", ask=False),
    Param("period", "期间", ask=False),
    Param("dry_run", "只预览，不写入", "bool", default=False, ask=False),
)
_LOG = (
    Param("action", "操作"),
    Param("store", "店铺"),
    Param("metric", "指标"),
    Param("who", "谁"),
    Param("id", "操作编号"),
    Param("since", "从哪天", help="如 2027-03-01"),
    Param("until", "到哪天"),
    Param("limit", "最多几行", "integer", 30),
    Param("cells", "列出每一格", "bool", default=False),
    Param("verify", "重放核对", "bool", default=False, help="在内存里逐格重放，看是否与现在一致"),
)
_VERSION = (
    Param("do", "做什么", "choice", "list", (("list", "列出"), ("snapshot", "保存当前计划"), ("compare", "比较"), ("restore", "恢复为当前计划"), ("delete", "删除"), ("import", "导入去年的计划表"))),
    Param("name", "版本名"),
    Param("other", "与谁比较", default="当前计划"),
    Param("kind", "种类", "choice", "快照", (("快照", "快照"), ("预算", "预算（冻结，不能再改）"), ("预测", "预测"), ("情景", "情景"))),
    Param("note", "说明"),
    Param("file", "去年的计划表", "file", suffixes=(".xlsx",)),
    _PREVIEW,
)  # fmt: skip
_SCENARIO = (
    Param("name", "情景名", needed=True),
    Param("lifts", "变动", needed=True, help="如 销售额 11月 +10%; UV 618 +20%; 直通车 双11 +3万"),
    Param("base", "从哪个版本", default="当前计划"),
    _GIVES,
    Param("note", "说明"),
    _PREVIEW,
)

_BUDGET = (
    Param("out", "预算文件", "save", suffixes=(".xlsx", ".pdf", ".csv"), help="留空放在计划表旁边；.pdf 为打印稿，.csv 为明细清单"),
    Param("unit", "单位", "choice", "元", (("元", "元"), ("千元", "千元"), ("万元", "万元"))),
    Param("tax", "口径", "choice", "含税", (("含税", "含税"), ("未税", "未税"))),
    Param("store", "只要哪家店", "choice", source="stores", many=True, help="别的店完全不写进去；留空为全部"),
    Param("into", "或填系统导出的模板", "file", suffixes=(".xlsx", ".xlsm"), help="只填没有锁定、没有公式的格"),
    Param("profile", "明细清单的列", "file", suffixes=(".toml",), help="系统要的列，见 docs/finance.zh.md"),
    Param("freeze", "冻结为年初预算", "bool", default=False, help="只冻结一次，以后不再变"),
    _PREVIEW,
)  # fmt: skip
_COMPANY = (
    Param("books", "计划表", "files", needed=True, suffixes=(".xlsx",), argument="计划表", help="几本计划表，或放着它们的文件夹"),
    Param("out", "汇总文件", "save", suffixes=(".xlsx",), help="留空为 公司汇总.xlsx，放在第一本旁边"),
)  # fmt: skip
_FORECAST = (
    Param("as_of", "截止哪天", "date", ask=False, help="默认最后一天有实际的日子"),
    Param("dry_run", "只看，不记入计划表", "bool", default=False, ask=False),
    Param("backtest", "回测：每日销售文件", "file", ask=False, suffixes=EXPORTS, help="日期,销售额；不要计划表，打印各方法的月末误差"),
    Param("events", "回测用的活动", "file", ask=False, help="活动,锚点日,偏移,倍数"),
    Param("closed", "回测用的停业日", "file", ask=False, help="日期"),
)  # fmt: skip
_REPLAN = (
    Param("mode", "走法", "choice", "", (("", "先比较，不写入"), ("追赶", "追赶：差额按权重分"), ("追赶平均", "追赶：每天一样多"), ("追赶封顶", "追赶：不超过历史到过的"), ("按计划", "余下按计划"), ("按趋势", "余下按现在的达成率"))),
    Param("within", "差额放到哪里", "choice", "本月", (("本月", "本月"), ("本季", "本季"), ("全年", "全年"))),
    Param("store", "由哪些店来补", help="店名，多家用顿号；留空为各店补各店的"),
    Param("as_of", "截止哪天", "date", ask=False, help="默认最后一天有实际的日子"),
    Param("name", "存为哪个预测版本", default="预测"),
    Param("note", "说明"),
    _PREVIEW,
)  # fmt: skip
_REPORT = (
    Param("out", "写到", "save", suffixes=(".html", ".pdf", ".png"), help=".html 手机上看，什么都不用装；.pdf、.png 要有 LibreOffice；留空放在计划表旁边", flag="--out -o"),
    Param("store", "店铺", "choice", source="stores", many=True, help="一家一页；留空为合计", flag="--store -s"),
)  # fmt: skip
_WHY_ASKED = (
    Param("question", "想问什么", help="如 9月为什么没达标", argument="问题"),
    Param("period", "期间", help="如 9月、Q3；留空看问题里的"),
    Param("store", "店铺", help="一家店；留空为合计"),
    Param("as_of", "截止哪天", "date", ask=False, help="默认最后一天有实际的日子"),
)  # fmt: skip
_REVIEW = (
    Param("kind", "哪种", "choice", "月度", (("月度", "月度"), ("每周", "每周（上一个整周）"))),
    Param("store", "店铺", help="一家店；留空为合计"),
    Param("as_of", "截止哪天", "date", ask=False, help="默认最后一天有实际的日子"),
    _PREVIEW,
)  # fmt: skip
_SHOW = (Param("sheet", "哪张表", help="如 导入映射；留空列出可以要的", argument="表"),)
_ALERTS = (Param("as_of", "截止哪天", "date", ask=False, help="默认最后一天有实际的日子"),)
_TASKS = (
    Param("month", "哪个月", "integer", help="1 到 12；留空为本月", least=1),
    Param("opening", "新店哪天开", "date", help="填了就排上新店清单", flag="--opening"),
    _PREVIEW,
)
_DOCUMENT = (
    Param(
        "out",
        "写到哪个文件",
        "save",
        suffixes=(".docx",),
        help="留空放在计划表旁边；以前写的那份会留备份",
        flag="--out -o",
    ),
)
_ADS = (
    Param("store", "店铺", help="一家店；留空为合计"),
    Param("budget", "每周预算", "number", help="在够格的渠道里分；留空按现在每周花的"),
    Param("margin", "毛利率", "number", help="如 40%，用来算保本 ROI"),
    Param("min_roi", "ROI 底线", "number", help="如 1:2"),
    Param("roi_is", "底线指", "choice", "边际", (("边际", "边际（最后一元）"), ("平均", "平均"))),
    Param("floor", "每周下限", help="如 直通车 5000; 钻展 1万"),
    Param("cap", "每周上限", help="如 直通车 3万"),
    Param("hold", "锁定的渠道", help="如 淘宝客；或 淘宝客 2000，分配时不动"),
    Param("share", "占比规则", help="如 A类商品 60%: 直通车、全站推广"),
    Param("as_of", "截止哪天", "date", ask=False, help="默认最后一天有实际的日子"),
    _PREVIEW,
)  # fmt: skip

ACTIONS: tuple[Action, ...] = (
    Action(
        "new", "新建计划", PLAN, "FileNew", "XJ", "新建一份年度计划表",
        "在选定的位置生成新的计划表文件；不会覆盖已有文件。", "plan.newbook:create", "always", "large", params=_NEW, book=False,
    ),
    Action(
        "fill", "分解", PLAN, "CalculateNow", "FJ", "把年度目标分解到月、周、日",
        "读取年度目标、日历、活动，重写计划与各表公式；你填的格子、锁定、手工调整和实际数都不动。", "plan.fill:fill", "plan_book", "large", params=_FILL,
    ),
    Action(
        "spread", "分摊", CHANGE, "TableRowsDistribute", "FT", "改计划的任何一格或合计，下级按方法分摊、上级跟着变",
        "先给预览；锁定的、已有实际的不动，尾差分得一分不差，UV、笔数、推广费等跟着变；可以撤销。", "change.changing:spread", "plan_book", "large", params=_SPREAD,
    ),
    Action(
        "hold", "锁定", CHANGE, "Lock", "SD", "锁住一格、一个合计、一片区域，或设每格上下限",
        "锁定存在“锁定”表里（谁、何时、为什么），保存、排序、另存、寄给别人都在。", "change.holding:hold", "plan_book", params=_HOLD,
    ),
    Action(
        "release", "解锁", CHANGE, "FileCheckOut", "JS", "解开锁定",
        "按编号、按范围或全部解开；记在变更记录里，可以撤销。", "change.holding:release", "plan_book", params=_RELEASE,
    ),
    Action(
        "edits", "识别改动", CHANGE, "Tracking", "SB", "找出直接写在计划格里的数，按它调整或放回公式",
        "先列出每一处；接受时几处改动一起成立，下级上级都跟着变；也可以全部放回。", "change.typed_edits:edits", "plan_book", params=_EDITS,
    ),
    Action(
        "undo", "撤销", CHANGE, "Undo", "CX", "撤销上一步操作（保存、重开之后也能）",
        "把上一步改过的每一格恢复原值，分解、导入、分发、收集、协调也一样；你自己填的内容不动；分发出去还没人改过的文件移到备份。", "undo.undoing:undo", "plan_book", params=_UNDO,
    ),
    Action(
        "redo", "重做", CHANGE, "Redo", "CZ", "重做刚撤销的一步",
        "撤销之后没有做过别的才能重做。", "undo.undoing:redo", "plan_book",
    ),
    Action(
        "version", "版本", CHANGE, "VersionHistory", "BB", "保存、比较、恢复计划的版本",
        "预算版本保存后冻结；比较的结果写在“版本对比”表；恢复可以撤销。", "change.versions:version", "plan_book", params=_VERSION,
    ),
    Action(
        "scenario", "情景", CHANGE, "CustomViews", "QJ", "假设几处变动，算成另一个版本",
        "当前计划不变；锁定照样有效；满意后用“版本”恢复成当前计划。", "change.scenario:scenario", "plan_book", params=_SCENARIO,
    ),
    Action(
        "import", "导入实际", DATA, "ImportExcel", "DR", "导入日报和平台导出的实际数据",
        "把日报里填的行和所选文件并入实际数；同一文件重复导入不会重复计数；日报原样保留。", "imports.importing:import_all", "plan_book", "large", params=_IMPORT,
    ),
    Action(
        "forecast", "预测", LOOK, "ChartInsert", "YC", "按现在的速度，本月、本季、全年会到哪里",
        "给出低、中、高和达成概率，缺多少 UV 和推广费；每次预测记在计划表里，月底自动打分。", "outlook.forecasting:forecast", "plan_book", "large", params=_FORECAST, instead="backtest",
    ),
    Action(
        "replan", "重排", LOOK, "DataRefreshAll", "CP", "从截止日起怎么走：追赶、按计划、按趋势，并排比较后再选",
        "先比较，不写入；选定后存为“预测”版本，当前计划和预算不动，有实际的日子和锁定不动；可以撤销。", "outlook.replanning:replan_book", "plan_book", "large", params=_REPLAN,
    ),
    Action(
        "review", "复盘", LOOK, "CreateReport", "FP", "本月或上周：实际对目标、为什么、月末会怎样、要补什么",
        "写“复盘”表：只比有实际的日子；因素之和等于差额，每个数是活的格子；未达标的列出补差计划，人写过的行保留；可以撤销。", "outlook.reviewing:review", "plan_book", params=_REVIEW,
    ),
    Action(
        "why", "为什么", LOOK, "Help", "WS", "为什么没达标（或超额）：各因素之和正好是差额，每项带格子",
        "只读不写：UV、转化率、客单价、结构、新增停止，退款另计；命令、按钮、JSON 一个答案。", "outlook.whying:why", "plan_view", params=_WHY_ASKED,
    ),
    Action(
        "alerts", "预警", LOOK, "FlagToday", "YJ", "哪家店的哪个指标连续几天偏离计划",
        "只读不写：比例和金额都超了才报；退款率、花费高了才报。", "outlook.alerting:alert", "plan_view", params=_ALERTS,
    ),
    Action(
        "ads", "推广", LOOK, "TableSummarizeWithPivot", "TG", "各渠道花了多少、带来多少，预算怎么分",
        "写“推广”表：渠道 × 月 × 活动阶段的计划与实际，平台归因；数据够的渠道给边际 ROI 和分配建议，不够的说缺几周什么数据；可以撤销。", "outlook.advertising:ads", "plan_book", params=_ADS,
    ),
    Action(
        "cards", "指标卡", LOOK, "VisualReports", "ZK", "各项指标的目标、实际、达成率、加权得分；也从文件里加指标",
        "第一次运行放上“指标卡”表和起步的几行；年度目标里没有位置的指标记在这里；你填的格子都不动；可以撤销。", "plan.cardboard:cards", "plan_book", params=_CARDS,
    ),
    Action(
        "report", "看板", LOOK, "CopyPicture", "KB", "把首页发给老板：一个网页（手机也能看）、PDF 或图片",
        "只读不写：按计划表现在的数写一个新文件；以前写的看板会换成新的，别的文件不动。", "report.reporting:report", "plan_view", params=_REPORT,
    ),
    Action(
        "tasks", "任务", DATA, "TaskSplit", "RW", "排出一个月的任务：每日、每周、每月、定量、活动提前事项，避开放假",
        "写“工作计划”表（第一次用时出现）；打的 √、填的数、改过的内容、负责人、日期都保留；可以撤销。", "tasks.making:tasks", "plan_book", params=_TASKS,
    ),
    Action(
        "distribute", "分发", DATA, "FileSendAsAttachment", "FF", "给每家店生成一份只含本店数字的日报文件",
        "在新文件夹里生成门店表，不覆盖任何文件；计划表记下第几次分发；可以撤销。", "stores.distribute:distribute", "plan_book", params=_DISTRIBUTE,
    ),
    Action(
        "collect", "收集", DATA, "FileCheckIn", "SJ", "把门店交回的日报三方合并进总表",
        "不冲突的内容写入日报并导入实际；冲突、缺交、改坏的文件列在收集报告里，由你决定。", "stores.collect:collect", "plan_book", params=_COLLECT,
    ),
    Action(
        "budget", "预算", FINANCE, "AccountingFormat", "YS", "给财务导出预算工作簿，或填他们系统的模板",
        "写新文件或只改模板里要填的格；计划不变，计划表记下快照和上次导出；以前导出的同名文件留在备份。", "budget.exporting:budget", "plan_book", "large", params=_BUDGET,
    ),
    Action(
        "document", "写计划书", LOOK, "Tutorial", "JH", "把全年计划写成 Word：总结、目标、策略、资源、风险、监控",
        "表和图按计划现算，文字取自“计划书”表（第一次用时出现）并原样保留；以前写的那份留备份。", "document.writing:document", "plan_book", params=_DOCUMENT,
    ),
    Action(
        "check", "体检", CHECK, "ErrorChecking", "TJ", "检查目标是否自相矛盾、表与引擎是否一致",
        "只读不写：列出矛盾的格子、差多少、改成多少就一致。", "plan.check:check", "plan_view", "large", params=_CHECK,
    ),
    Action(
        "reconcile", "协调", CHECK, "Consolidate", "XT", "让互相矛盾的目标以最小改动一致起来",
        "按可信度和锁定给出建议；选择写入时改写年度目标里没锁定的格子，然后重新分解。", "plan.reconcile:reconcile", "plan_book",
        params=(
            Param("write", "写入年度目标并重新分解", "bool", default=False),
            Param("to_plan", "以计划为准", "bool", default=False, help="把计划现在的合计写回年度目标"),
        ),
    ),
    Action(
        "trace", "追溯", CHECK, "TracePrecedents", "ZS", "看计划的一格是怎么来的",
        "只读不写：年目标 → 月 → 权重 → 取整 → 锁定 → 后来的改动，每一步的格和数。", "trace.tracing:trace", "plan_view", params=_TRACE,
    ),
    Action(
        "log", "变更记录", CHECK, "FileVersionHistory", "JL", "查谁在何时改了什么",
        "只读不写：按操作、店铺、指标、日期筛选；可逐格重放核对。", "undo.history:log", "plan_view", params=_LOG,
    ),
    Action(
        "show", "显示表", TOOLS, "TableInsertExcel", "XS", "现在就要一张还没出现的表，如导入映射",
        "这些表在第一次有内容时自己出现；想先填（如导入映射）就在这里要。", "plan.asking:show_sheet", "plan_book", params=_SHOW,
    ),
    Action(
        "company", "多店汇总", LOOK, "TotalsMenu", "HZ", "把几本计划表合成一本：全公司、地区、平台、店铺 × 月",
        "只读计划表，写一本新的汇总；地区填在汇总的“店铺”表里，再运行一次会保留；读不了的那本会点名，其余照收。", "stores.company:company", "always", params=_COMPANY, book=False,
    ),
    Action(
        "doctor", "诊断", TOOLS, "ApplicationOptionsDialog", "ZD", "检查运行环境",
        "只读不写：列出 Python、依赖、插件、Excel/WPS、LibreOffice 的情况。", "plan.doctor:doctor", "always", book=False,
    ),
    Action(
        "demo", "示例", TOOLS, "FileOpen", "SL", "生成一份带模拟数据的示例计划表",
        "在当前文件夹生成新文件，不动已有文件。", "plan.demo:demo", "always", ribbon=False, book=False, params=_DEMO,
    ),
)  # fmt: skip


def action(name: str) -> Action:
    """Return an action by name; KeyError when there is none."""
    return next(found for found in ACTIONS if found.name == name)
