"""What the column 规则 shows: the short Chinese name of a rule, for filtering and sorting."""

from __future__ import annotations

from types import MappingProxyType

_NAMES = MappingProxyType({
    # what a cell says
    "ambiguous": "日期含糊", "boolean": "逻辑值", "date": "是日期", "error_cell": "错误值",
    "latin_unit": "字母单位", "lost_digits": "编号丢位", "many_days": "不止一天",
    "no_amount": "没有金额", "no_date": "没有日期", "no_such_day": "没有这天", "no_year": "没写年份",
    "not_a_date": "不是日期", "not_a_number": "不是数", "not_finite": "不是数", "out_of_range": "超出范围",
    "ratio": "是比率", "reversed": "起止颠倒", "strange_digit": "异体数字", "time_zone": "时区",
    "too_long": "太长", "weekday": "星期不符", "wrong_kind": "种类不对", "odd_value": "数不合理",
    # what a file or table says
    "broken_text": "乱码", "conflict": "自相矛盾", "excluded_order": "补单", "mapping_unused": "映射没用上",
    "no_channel": "没有渠道", "no_files": "没有文件", "no_lines": "没有订单", "no_store": "没有店铺", "not_facts": "不是实际数",
    "note": "口径", "order_sum": "金额不合", "overlap": "重叠", "period": "多天汇总", "repeated_day": "同日多行",
    "repeated_row": "重复行", "same_file": "重复文件", "stand_in": "代用列", "store_as_told": "指定店铺",
    "superseded": "没有采用", "total_gap": "总计有差", "two_tables": "两表不一", "unknown_channel": "未知渠道",
    "unknown_scene": "未知场景", "unknown_table": "不认识", "unused_columns": "没用的列",
    # what a file has to do with the book
    "dispute": "来源不一", "dropped_days": "少了日子", "folded": "并入其他", "future": "未来日期",
    "missing_days": "缺日子", "not_daily": "不是每日", "other_store": "店铺不符", "other_year": "别的年份",
    "outdated": "较旧", "partial_day": "当天未完", "restated_low": "突然变少", "unknown_store": "未知店铺",
    # what is wrong with a file itself
    "busy": "正忙", "changed": "已被改动", "damaged": "损坏", "database": "数据库", "empty": "空文件",
    "encoding": "编码", "exists": "已存在", "gone": "已关闭", "in_use": "被占用", "leftover": "临时文件",
    "missing": "找不到", "not_excel": "不是表格", "old_xls": "旧格式", "own_book": "不是导出", "password": "有密码", "patch": "写入",
    "running": "正在运行", "too_big": "太大", "unknown": "不认识", "unreadable": "读不出",
    "unsafe_xml": "不安全", "write_failed": "没写成",
    # what targets say
    "months_missing": "缺月份", "range": "超出范围", "ratio_range": "比率越界", "targets": "目标文件",
    "store_sum": "各店合计",
    "time_sum": "合计不符",
    # what the calendar and a history say
    "closed-weekday": "每周停业", "closure": "长期停业", "festival-unknown": "节日未知", "history-short": "历史太短",
    "holiday-json": "放假名单", "holiday-provisional": "放假预估", "month-unseen": "缺月份",
    "one-year": "不足两年", "unexplained-peak": "不明高峰",
    # what a table of people, a plan and a program say besides
    "ad-curve": "推广曲线",
    "constant_time": "时间相同",
    "day": "日期不对",
    "event": "活动不对",
    "forecast-log": "预测留存",
    "hidden_sheet": "隐藏表",
    "joined_sheets": "合并读表",
    "lift-missing": "缺活动倍数",
    "merged_figure": "合并的数",
    "no_folder": "没有文件夹",
    "not_a_file": "不是文件",
    "nothing_inside": "里面没有表",
    "number": "不是数",
    "odd_more": "还有可疑",
    "other_group": "别的分组",
    "other_month": "别的月份",
    "protected": "受保护",
    "same_title": "列名相同",
    "shifted_time": "时间偏移",
    "stated_unit": "写明的单位",
    "store_python": "商店版 Python",
    "twice": "写了两次",
    "two_columns": "两列同义",
    "unclear_group": "分组不明",
    "unfit_row": "行列不齐",
    "unit_format": "单位与格式",
    "wrong_unit": "单位不对",
    # other programs
    "beyond_cells": "装不下", "no_excel": "没有 Excel", "refused": "被拒绝", "start": "启动不了",
    "timeout": "超时", "office": "没有 LibreOffice", "picture": "画不成图",
    # what a database says
    "all_gone": "一行不剩", "day_twice": "一天两次", "emptied_day": "没有订单了", "id_twins": "编号相近",
    "join_twice": "关联重复", "link": "连接", "no_time": "没有时间", "order_amount": "整单金额",
    "shifted_hours": "小时偏移", "store_twins": "店名相近",
    # what last year and the report sheets say
    "gaps-full": "补差放满", "history_store": "历史店铺", "last_year": "去年缺数",
})  # fmt: skip


def rule_name(rule: str) -> str:
    """Return the name of a rule; those that have a Chinese name or a number already keep it."""
    return _NAMES.get(rule, rule)
