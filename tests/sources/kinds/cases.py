"""Small input files that people really have; figures are made up, shapes are those of real ones.

What is right for each stands in cases.json. Where that is "ask or refuse", a refusal that names the
cell and the remedy is right, a figure is wrong.
"""

from __future__ import annotations

import datetime as dt

import openpyxl
import xlsxwriter

HEAD = ["日期", "访客数", "支付金额"]


def on(day):
    return dt.date(2026, 9, day)


def book(path, rows, merges=(), formats=None, sheet=None):
    wb = openpyxl.Workbook()
    ws = wb.active
    if sheet:
        ws.title = sheet
    for row in rows:
        ws.append(row)
    for area in merges:
        ws.merge_cells(area)
    for cell, text in (formats or {}).items():
        ws[cell].number_format = text
    wb.save(path)


def actuals(out):
    # every date carries the same time of day: local midnight written as UTC by a browser in China
    wb = openpyxl.Workbook()
    ws = wb.active
    ws.append(HEAD)
    for day, uv in ((31, 100), (1, 200), (2, 300)):
        month = 8 if day == 31 else 9
        ws.append([dt.datetime(2026, month, day, 16, 0), uv, uv * 10])
    wb.save(out / "same_time_every_day.xlsx")
    # formula cells carry the placeholder 0 until a spreadsheet calculates them
    wb = xlsxwriter.Workbook(str(out / "formulas_not_calculated.xlsx"))
    ws = wb.add_worksheet("日报")
    date = wb.add_format({"num_format": "yyyy-mm-dd"})
    ws.write_row(0, 0, ["日期", "直播间销售额", "商城销售额", "支付金额", "访客数"])
    for i in range(3):
        ws.write_datetime(i + 1, 0, dt.datetime(2026, 9, i + 1), date)
        ws.write_row(i + 1, 1, [1000 * (i + 1), 500])
        ws.write_formula(i + 1, 3, f"=B{i + 2}+C{i + 2}")
        ws.write(i + 1, 4, 100 * (i + 1))
    wb.close()
    texts(out)
    drawings(out)


def texts(out):
    page = (
        '<html><head><meta charset="utf-8"></head><body><table border=1>%s</table></body></html>'
    )
    (out / "rowspan.xls").write_text(
        page
        % (
            "<tr><th>日期</th><th>活动</th><th>访客数</th><th>支付买家数</th><th>支付金额</th></tr>"
            '<tr><td>2026-09-01</td><td rowspan="2">开学季</td><td>100</td><td>10</td><td>1000</td></tr>'
            "<tr><td>2026-09-02</td><td>200</td><td>20</td><td>2000</td></tr>"
            "<tr><td>2026-09-03</td><td>日常</td><td>300</td><td>30</td><td>3000</td></tr>"
        ),
        encoding="utf-8",
    )

    def row(d, n, note):
        return (
            f'<Row><Cell><Data ss:Type="DateTime">2026-09-0{d}T00:00:00.000</Data></Cell>'
            f'<Cell><Data ss:Type="Number">{n}</Data>{note}</Cell></Row>'
        )

    (out / "xml2003_comment.xls").write_text(
        '<?xml version="1.0" encoding="UTF-8"?><?mso-application progid="Excel.Sheet"?>'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
        '<Worksheet ss:Name="日报"><Table><Row><Cell><Data ss:Type="String">日期</Data></Cell><Cell><Data ss:Type="String">支付金额</Data></Cell></Row>'
        + row(1, 1000, "<Comment><ss:Data>7</ss:Data></Comment>")
        + row(2, 2000, "")
        + "</Table></Worksheet></Workbook>",
        encoding="utf-8",
    )
    (out / "unquoted_thousands.csv").write_text(
        "日期,访客数,支付金额,支付买家数\n2026-09-01,1,234,5,678.50,33\n2026-09-02,980,999.00,30\n",
        encoding="utf-8",
    )
    (out / "open_quote.csv").write_text(
        '日期,访客数,支付金额,备注\n2026-09-01,100,1000,"5寸屏\n2026-09-02,200,2000,正常\n2026-09-03,300,3000,正常\n',
        encoding="utf-8",
    )


def drawings(out):
    book(
        out / "same_names_under_groups.xlsx",
        [[None, "无线端", None, "PC端", None, "全部终端", None], ["日期"] + HEAD[1:] * 3]
        + [[on(i), 80, 800, 20, 200, 100, 1000] for i in (1, 2, 3)],
        ["B1:C1", "D1:E1", "F1:G1"],
    )
    book(
        out / "unit_above_table.xlsx",
        [["店铺日报"], [None, None, "单位：万元"], HEAD] + [[on(i), 100, 1.5] for i in (1, 2, 3)],
    )
    book(
        out / "two_tables_stacked.xlsx",
        [
            HEAD,
            [on(1), 100, 1000],
            [on(2), 101, 1001],
            [],
            ["日期", "支付金额", "访客数"],
            [on(3), 1002, 102],
            [on(4), 1003, 103],
        ],
    )
    wb = openpyxl.Workbook()
    wb.remove(wb.active)
    for name, k, first in (("旗舰店", 1, 1), ("专营店", 2, 4)):
        ws = wb.create_sheet(name)
        ws.append(HEAD)
        for i in range(3):
            ws.append([on(first + i), 100 * k + i, 1000 * k + i])
    wb.save(out / "a_sheet_a_store.xlsx")
    wb = openpyxl.Workbook()
    ws = wb.active
    ws.title = "上旬"
    ws.append(HEAD)
    for i in (1, 2, 3):
        ws.append([on(i), 100 + i, 1000 + i])
    ws = wb.create_sheet("中旬")
    ws.append(["统计日", "访客人数", "成交总额"])
    for i in (11, 12, 13):
        ws.append([on(i), 100 + i, 1000 + i])
    wb.save(out / "second_sheet_unknown.xlsx")
    book(
        out / "gmv_beside_paid.xlsx",
        [
            ["日期", "访客数", "GMV", "支付金额"],
            [on(1), 100, 1500, 1000],
            [on(2), 110, 1600, 1100],
        ],
    )
