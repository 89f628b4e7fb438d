"""The workbook that a team fills its targets in."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import xlsxwriter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlsxwriter.workbook import Workbook

#: Metric as typed, its unit, what to know.
_ROWS = (
    ("销售额", "万元", "支付金额，未扣退款；各月与全年都填时要相等"),
    ("UV", "人", "按日访客累计；可空"),
    ("转化率", "%", "可空；填 4 即 4%"),
    ("客单价", "元", "可空"),
    ("推广费", "万元", "可空"),
    ("ROI", "", "推广销售额 ÷ 推广费，可写 3.5:1；可空"),
    ("退款率", "%", "可空"),
)
_NOTE = (
    "说明：灰色表头不用改；店铺可增减行，名称要与计划里一致；不填的格子留空，全年或各月填一样即可"
)


def target_template(year: int, stores: Sequence[str]) -> bytes:
    """Return a workbook with a row for every store × metric and a column for every month.

    Args:
        year: Plan year.
        stores: Store names.
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    heads = [
        "店铺",
        "指标",
        "单位",
        f"{year - 1}年实际",
        "全年",
        *(f"{m}月" for m in range(1, 13)),
        "备注",
    ]
    sheet = book.add_worksheet(f"{year}目标")
    bold, head, edge, grey = _formats(book)
    sheet.write(0, 0, f"{year} 年度目标", bold)
    sheet.write(1, 0, _NOTE, grey)
    sheet.write_row(2, 0, heads, head)
    for at, (store, row) in enumerate((store, row) for store in stores for row in _ROWS):
        metric, unit, note = row
        sheet.write_row(3 + at, 0, [store, metric, unit], edge)
        for column in range(3, len(heads) - 1):
            sheet.write_blank(3 + at, column, None, edge)
        sheet.write(3 + at, len(heads) - 1, note, grey)
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 2, 8)
    sheet.set_column(3, 4, 12)
    sheet.set_column(5, 16, 9)
    sheet.set_column(17, 17, 46)
    sheet.freeze_panes(3, 3)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    book.close()
    return out.getvalue()


def _formats(book: Workbook) -> tuple[object, object, object, object]:
    base = {"font_name": "微软雅黑", "font_size": 10}
    return (
        book.add_format({**base, "bold": True, "font_size": 14}),
        book.add_format(
            {**base, "bold": True, "bg_color": "#D9D9D9", "border": 1, "align": "center"}
        ),
        book.add_format({**base, "border": 1}),
        book.add_format({**base, "font_color": "#7F7F7F"}),
    )
