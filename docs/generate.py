"""Writes the pages that the program itself can tell: metrics, commands, and five commands at work.

Run ``python docs/generate.py`` after a change of the registry or of a command;
``tests/test_docs.py`` compares the pages with what this file would write.
"""  # noqa: INP001 - a script beside the pages it writes

from __future__ import annotations

import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer.main

from xlplan import commands, errors
from xlplan.cli.app import app
from xlplan.metrics import CHANNELS, METRICS, Add, Window, registry
from xlplan.plan.year import Settings
from xlplan.sheets.month.rows import month_rows
from xlplan.sheets.targets.rows import SETTING_ROWS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from xlplan.metrics import Metric

HERE = Path(__file__).parent
MADE = "<!-- 由 docs/generate.py 生成，请改程序后重新生成，不要手改 -->\n"
ADDS = {
    Add.FLOW: ("流量", "各日、各店相加"),
    Add.RATIO: ("比率", "按合计重算，不加不平均"),
    Add.STOCK: ("存量", "取最后一个有数的日子"),
    Add.DISTINCT: ("去重", "不能相加，只看平台给的整段数"),
}
WINDOWS = {Window.MONTH: "整月一个值", Window.TO_DATE: "取最后一天（月初至当日）"}
SIGNS = {"*": "×", "/": "÷", "-": "−"}
KINDS = {"spend": "〈渠道〉", "uv": "〈渠道〉UV", "gmv": "〈渠道〉成交", "roi": "〈渠道〉ROI"}
_CHANNEL_WORDS = {f"{kind}_{c.key}": word for kind, word in KINDS.items() for c in CHANNELS}


def main() -> None:
    """Write the pages."""
    for name, text in pages().items():
        (HERE / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"docs/{name}\n")


def pages() -> dict[str, str]:
    """Return file name → text."""
    return {"metrics.md": metrics_page(), "commands.md": commands_page(), "five-commands.zh.md": _five()}  # fmt: skip


def _five() -> str:
    sys.path.insert(0, str(HERE))
    try:
        from transcript import page
    finally:
        sys.path.remove(str(HERE))
    head, rest = page().split("\n", 1)
    return f"{head}\n\n{MADE}{rest}"


def metrics_page() -> str:
    """Return the page of metrics and channels."""
    parts = [
        "# 指标与口径\n",
        MADE,
        "每个数在程序里只有一个定义（`xlplan/metrics`）：表里的公式、引擎的计算、导入时认的列名都由它而来。\n",
        "- **流量**可以相加；**比率**永远由分子、分母的合计重算；**存量**取最后一天；**去重**的数不能相加（每日 UV 之和只叫“累计”，不与月访客数比较）。",
        "- 缺数不是 0：算式里任何一项没有数，结果就是空；写明“缺则按 0”的项除外；几项之和只要有一项有数就有结果；除数为 0 时结果为空。",
        "- 金额精确到分，个数精确到个；比率不取整存放，只在显示时取整。\n",
        *_groups(),
        *_channels(),
        *_settings(),
    ]
    return "\n".join(parts)


def _groups() -> Iterator[str]:
    """One table for each group of the month sheet, then what is not on it."""
    channel = set(_CHANNEL_WORDS)
    groups: dict[str, list[str]] = {}
    for row in month_rows(Settings()):
        if row.metric not in channel and not row.metric.endswith("_target"):
            found = groups.setdefault(row.group, [])
            if row.metric not in found:
                found.append(row.metric)
    seen = {name for names in groups.values() for name in names} | channel
    rest = [name for name in METRICS.metrics if name not in seen and not name.endswith("_target")]
    plan = [name for name in METRICS.metrics if name.endswith("_target")]
    plan = [name for name in plan if name.removesuffix("_target") not in channel]
    for title, names in (*groups.items(), ("不在月表上的指标", rest)):
        yield f"## {title}\n"
        yield _metric_table([METRICS[name] for name in names])
    yield "## 渠道指标（每个渠道各一份）\n"
    yield _metric_table(_generic_channel())
    yield "## 目标指标\n"
    yield "每个能计划的指标都有一个对应的目标指标；比率的目标由目标的分子、分母算出，与实际同一口径。\n"
    yield _metric_table([METRICS[name] for name in plan])


def _generic_channel() -> list[Metric]:
    """The metrics of one channel with its name taken out."""
    first = CHANNELS[0]
    made = []
    for kind in KINDS:
        metric = METRICS[f"{kind}_{first.key}"]
        label = metric.label.replace(first.label, "〈渠道〉")
        words = [w.replace(first.label, "〈渠道〉") for w in metric.aliases if first.label in w]
        made.append(replace(metric, name=f"{kind}_〈渠道〉", label=label, aliases=tuple(words)))
    return made


def _metric_table(metrics: Iterable[Metric]) -> str:
    heads = (
        "指标",
        "name",
        "单位",
        "类型",
        "公式（报告）",
        "计划来源",
        "汇总规则",
        "别名",
        "说明",
    )
    return _table(heads, (_metric_row(metric) for metric in metrics))


def _metric_row(metric: Metric) -> list[str]:
    kind, total = ADDS[metric.add]
    notes = [metric.help]
    if metric.exclusion:
        notes.append("默认隐藏")
    if metric.lower_is_better:
        notes.append("越低越好")
    return [
        metric.label,
        f"`{metric.name}`",
        metric.unit.value,
        kind,
        _formula(metric),
        _words(metric.planned_from),
        WINDOWS.get(metric.window, total) if metric.formula else total,
        "、".join(metric.aliases),
        "；".join(filter(None, notes)),
    ]


def _formula(metric: Metric) -> str:
    if metric.formula is None:
        return ""
    if metric.formula.is_plain_sum and metric.name.startswith("spend"):
        return f"各渠道{'目标' if metric.name.endswith('_target') else ''}推广费之和"
    text = _words(metric.formula.text)
    if metric.formula.optional:
        names = [name for name in metric.formula.names if name in metric.formula.optional]
        text += f"（{'、'.join(METRICS[name].label for name in names)}缺则按 0）"
    if metric.formula.floor is not None:
        text += f"（不低于 {metric.formula.floor:g}）"
    return text


def _words(text: str) -> str:
    """Return a formula with labels for names."""
    named = re.sub(
        r"[a-z_][a-z_0-9]*",
        lambda match: _CHANNEL_WORDS.get(match[0]) or METRICS[match[0]].label,
        text,
    )
    return re.sub(r" ([*/-]) ", lambda m: f" {SIGNS[m[1]]} ", named)


def _channels() -> Iterator[str]:
    yield "## 推广渠道\n"
    yield "渠道是数据：换名不换数。新表默认用运营表的五个渠道；`xlplan new --channel` 可另选。不在本表的渠道，花费归入“其他推广”。\n"
    heads = ("渠道", "key", "其他名字", "平台", "有效年份", "财务科目", "默认单次成本（元/访客）")
    yield _table(
        heads,
        (
            [
                c.label,
                f"`{c.key}`",
                "、".join(c.aliases),
                c.platform or "不限",
                _years(c.since, c.until),
                c.account,
                f"{c.cpc:g}",
            ]
            for c in CHANNELS
        ),
    )


def _years(since: int, until: int) -> str:
    if not since and until == 9999:
        return "一直"
    return f"{since or ''}–{'' if until == 9999 else until}".removesuffix("–") + (
        " 年起" if until == 9999 else " 年"
    )


def _settings() -> Iterator[str]:
    yield "## 口径设置（年度目标表顶部）\n"
    yield _table(
        ("设置", "可选", "含义"),
        (
            [row.label, " / ".join(row.choices.values()) or "文字", row.help]
            for row in SETTING_ROWS
        ),
    )
    yield "口径改变的公式：\n"
    buyers = registry(aov_base="buyers")
    rows = [
        ["客单价口径 = 按买家数", "客单价", _formula(buyers["aov"])],
        ["", "转化率", _formula(buyers["cvr"])],
    ]
    for base, label in (("units", "件数"), ("amount", "金额"), ("orders", "笔数")):
        metric = registry(refund_base=base)["refund_rate"]
        rows.append([f"退款率口径 = {label}", "退款率", _formula(metric)])
    yield _table(("设置", "指标", "公式"), rows)


def commands_page() -> str:
    """Return the page of commands."""
    group: Any = typer.main.get_command(app)
    listed = [action for action in commands.ACTIONS if action.command]
    names = [action.name for action in listed if action.name in group.commands]
    names += [name for name in group.commands if name not in names]
    parts = [
        "# 命令\n",
        MADE,
        "每条命令与功能区“经营计划”里的按钮做同样的事，用的是同一份列表（`xlplan/commands.py`）。\n",
        _table(
            ("命令", "做什么", "写什么、留什么", "功能区"),
            [_overview(group, name) for name in names],
        ),
    ]
    for name in names:
        parts += _command(f"xlplan {name}", group.commands[name])
    return "\n".join([*parts, *_exit_codes(), *_json()])


def _overview(group: Any, name: str) -> list[str]:
    action = next((found for found in commands.ACTIONS if found.name == name), None)
    command = f"[`{name}`](#xlplan-{name})"
    if action is None:
        return [command, _first_line(group.commands[name]), "", ""]
    button = f"{action.group} · {action.label}" if action.ribbon else ""
    return [command, action.help, action.supertip, button]


def _first_line(command: Any) -> str:
    return (command.help or "").strip().partition("\n")[0]


def _command(title: str, command: Any) -> list[str]:
    if hasattr(command, "commands"):
        parts = [f"## {title}\n", f"{_first_line(command)}\n"]
        for name, inner in command.commands.items():
            parts += [
                "#" + line if line.startswith("## ") else line
                for line in _command(f"{title} {name}", inner)
            ]
        return parts
    asked = [p for p in command.params if p.param_type_name == "argument"]
    usage = " ".join(_argument(p) for p in asked)
    options = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
    shown = " ".join(filter(None, (title, usage, "[选项]" if options else "")))
    parts = [f"## {title}\n", f"{_first_line(command)}\n", f"```sh\n{shown}\n```\n"]
    rows = [
        [f"`{_argument(p)}`", getattr(p, "help", "") or "", "必填" if p.required else ""]
        for p in asked
    ]
    rows += [[_spelling(p), p.help or "", _default(p)] for p in options]
    return [*parts, _table(("参数", "含义", "默认"), rows)]


def _argument(param: Any) -> str:
    name = {"path": "文件", "book": "计划表", "files": "文件…", "paths": "文件…"}.get(
        param.name, param.name
    )
    return name if param.required else f"[{name}]"


def _spelling(param: Any) -> str:
    names = "，".join(f"`{name}`" for name in (*param.opts, *param.secondary_opts))
    return f"{names}{'' if param.is_flag else ' 值'}{'（可多次）' if param.multiple else ''}"


def _default(param: Any) -> str:
    if param.required:
        return "必填"
    if param.is_flag or param.default in (None, "", ()) or callable(param.default):
        return ""
    return f"`{param.default}`"


def _exit_codes() -> Iterator[str]:
    yield "## 退出码\n"
    meaning = {
        "PlanError": "不能执行（下面没有细分的情况）；或 `check`、`doctor` 发现了错误",
        "InputError": "填的值不能用：数字写法、未知名称、目标互相矛盾；命令的参数写错也是 2",
        "StructureError": "做了一部分：`import`、`collect` 有文件、行或格没有收，其余已写入（输出里 `left_out` 是几处）；或表的结构缺了：不是计划表、少了工作表、带隐藏键的行列被删",
        "FileError": "文件读写不了：不存在、损坏、加密、正被打开、已存在",
        "InfeasibleError": "做不到：锁定、上下限与合计互相冲突",
    }
    kinds = [errors.PlanError, *errors.PlanError.__subclasses__()]
    rows = [["0", "完成（`check` 可能有警告，没有错误）"]]
    found = sorted(
        {(kind.exit_code, kind.__name__) for kind in kinds if kind.__module__ == errors.__name__}
    )
    rows += [[str(code), meaning[name]] for code, name in found]
    rows += [["70", "程序内部出错（详情存入日志，文件没有被改坏）"]]
    yield _table(("退出码", "意思"), rows)
    yield "拒绝执行（输出里有 `error`）时什么都不写，原文件一个字节也不变。\n"


def _json() -> Iterator[str]:
    yield "## `--json`\n"
    yield "完成时输出一个对象，除下列各项外还有该命令自己的数（如 `plan`、`files`、`errors`）：\n"
    yield _table(
        ("键", "类型", "内容"),
        [
            ["`title`", "文字", "一句话的结果，如“分解完成”"],
            ["`lines`", "文字列表", "做了什么，一条一行"],
            ["`changed`", "整数", "写入的单元格数；0 表示没有变化"],
            ["`left_out`", "整数", "给了却没有收的有几处；不是 0 时退出码是 3"],
            [
                "`problems`",
                "对象列表",
                "每个对象：`level`（错误/警告/提示）、`rule`、`file`、`sheet`、`cell`、`what`、`remedy`",
            ],
        ],
    )
    yield "拒绝执行时：`error`（原因）、`remedy`（怎么办）、`where`（位置）、`problems`（同上），退出码见上表。\n"


def _table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = list(heads)
    lines = [head, ["---"] * len(head), *map(list, rows)]
    return (
        "\n".join(f"| {' | '.join(cell.replace('|', '｜') for cell in line)} |" for line in lines)
        + "\n"
    )


if __name__ == "__main__":
    main()
