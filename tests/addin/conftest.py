"""The sample list of actions that the add-in's tests build their ribbon from."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import pytest

with warnings.catch_warnings():  # oletools uses old names of its own parser
    warnings.simplefilter("ignore", DeprecationWarning)
    import oletools.olevba  # noqa: F401  # the tests' imports find it loaded


@dataclass(frozen=True)
class SampleAction:
    name: str
    label: str
    group: str
    icon: str
    keytip: str
    help: str
    supertip: str
    enabled_when: str = "plan_book"
    size: str = "normal"
    ribbon: bool = True


def sample_actions() -> list[SampleAction]:
    return [
        SampleAction("new", "新建计划", "计划", "FileNew", "XJ", "新建一本年度计划工作簿", "另存为新文件，不改动当前工作簿。填好“年度目标”后点“分解”。", "always", "large"),
        SampleAction("fill", "分解", "计划", "TableInsertExcel", "FJ", "把年度目标分解到月、周、日", "写入各月计划和日报底表；锁定的格子和已有的实际数据保持不变。可用“撤销”恢复。", "plan_book", "large"),
        SampleAction("spread", "分摊", "计划", "TableRowsDistribute", "FT", "把所选合计分摊到下级格子", "改写所选范围的计划值，合计分毫不差；锁定的格子保持不变。可用“撤销”恢复。"),
        SampleAction("hold", "锁定", "计划", "SheetProtect", "SD", "锁定或放开所选的计划格", "只改锁定标记，不改数值。锁定的格子在分解、分摊、重排时保持不变。"),
        SampleAction("check", "体检", "计划", "ErrorChecking", "TJ", "检查目标和表格", "把发现的问题列在“问题”表；不改动您填的内容。"),
        SampleAction("import", "导入实际", "实际", "ImportExcel", "DR", "导入平台后台导出的报表", "先列出变化，确认后写入实际数据；计划值保持不变。同一份报表导两次不会重复。", "plan_book", "large"),
        SampleAction("replan", "重排", "实际", "CalculateNow", "CP", "按已完成情况重排剩余目标", "只改今天以后的计划；已过去的日子、锁定的格子和年度目标保持不变。可用“撤销”恢复。", "has_plan", "large"),
        SampleAction("review", "复盘", "复盘", "ChartInsert", "FP", "计划与实际差在哪里", "重写“复盘”表：差额按流量、转化率、客单价拆开。计划和实际保持不变。", "has_actuals", "large"),
        SampleAction("budget", "预算", "复盘", "AccountingFormat", "YS", "给财务的预算表", "重写“预算”表；计划和实际保持不变。", "has_plan", "large"),
        SampleAction("trace", "追溯", "复盘", "TracePrecedents", "ZS", "所选数字从哪里来", "只显示来历，不写任何格子。", "plan_view"),
        SampleAction("export", "导出", "复盘", "ExportExcel", "DC", "导出给财务的文件", "另存为新的 .xlsx 和 .csv，不改动当前工作簿。", "plan_view"),
        SampleAction("distribute", "分发", "协作", "FileSendAsAttachment", "FF", "给每家店生成一份填报表", "每店另存一个文件，不改动当前工作簿。"),
        SampleAction("collect", "收集", "协作", "Consolidate", "SJ", "收回各店填好的表", "写入实际数据；同一格填得不一样会先列出来，不会悄悄覆盖。"),
        SampleAction("undo", "撤销", "工具", "Undo", "CX", "撤销本插件的上一步写入", "把上一步改过的格子恢复成原来的内容，您之后改过的格子保持不变。也可以按 Ctrl+Z。", "undo"),
        SampleAction("doctor", "设置诊断", "工具", "ApplicationOptionsDialog", "SZ", "检查安装和设置", "检查 Python、插件、Excel 和杀毒软件的情况；不改动表格。", "always"),
        SampleAction("log", "记录", "工具", "VersionHistory", "JL", "变更记录", "命令行用，不在功能区。", ribbon=False),
    ]  # fmt: skip


@pytest.fixture
def actions() -> list[SampleAction]:
    return sample_actions()
