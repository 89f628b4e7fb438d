"""HTML and XML-2003: cells that span, exact values behind rounded texts, what nobody sees."""

from __future__ import annotations

import pytest

from tests.sources.kinds.drawn import days_of, rules_of
from xlplan.errors import Level

ONE = {"2026-09-01": {"uv": 100.0, "gmv": 1000.0}}
HEAD = "<tr><th>日期</th><th>访客数</th><th>支付金额</th></tr>"


def row(uv="100", gmv="1000", more=""):
    return f"<tr><td>2026-09-01</td><td>{uv}</td><td>{gmv}{more}</td></tr>"


@pytest.mark.parametrize(
    "rows",
    [
        "<tr><th>日期</th><th>活动</th><th>访客数</th><th>支付金额</th></tr><tr><td>2026-09-01</td><td rowspan=2>节</td><td>100</td><td>1000</td></tr><tr><td>2026-09-02</td><td>1</td><td>2</td></tr>",
        "<tr><th>活动</th><th>日期</th><th>访客数</th><th>支付金额</th></tr><tr><td rowspan=2>节</td><td>2026-09-01</td><td>100</td><td>1000</td></tr><tr><td>2026-09-02</td><td>1</td><td>2</td></tr>",
        "<tr><th colspan=2>日期</th><th>访客数</th><th>支付金额</th></tr><tr><td>2026-09-01</td><td>周二</td><td>100</td><td>1000</td></tr><tr><td>2026-09-02</td><td>周三</td><td>1</td><td>2</td></tr>",
        "<tr><th>日期</th><th colspan='2'>活动</th><th>访客数</th><th>支付金额</th></tr><tr><td>2026-09-01</td><td rowspan=2 colspan=2>节</td><td>100</td><td>1000</td></tr><tr><td>2026-09-02</td><td>1</td><td>2</td></tr>",
        "<tr><th rowspan=2>日期</th><th rowspan=2>访客数</th><th rowspan=2>支付金额</th></tr><tr></tr><tr><td>2026-09-01</td><td>100</td><td>1000</td></tr><tr><td>2026-09-02</td><td>1</td><td>2</td></tr>",
    ],
)  # fmt: skip
def test_cells_that_span_keep_the_columns_in_place(make, rows):
    assert days_of(make.html(rows)) == {**ONE, "2026-09-02": {"uv": 1, "gmv": 2}}


def test_the_exact_value_is_taken_where_the_text_is_its_rounding(make):
    cell = '<tr><td sdval="46266" sdnum="2052;0;YYYY-MM-DD">2026-09-01</td><td sdval="100">100</td><td sdval="1000.37" sdnum="2052;0;0">1,000</td></tr>'
    assert days_of(make.html(HEAD + cell)) == {"2026-09-01": {"uv": 100, "gmv": 1000.37}}


def test_a_text_with_a_unit_of_its_own_stands(make):
    for exact, text in (("1.5", "1.5万"), ("0.12", "12%")):
        cell = f'<tr><td>2026-09-01</td><td>100</td><td sdval="{exact}">{text}</td></tr>'
        found = days_of(make.html(HEAD + cell))["2026-09-01"]
        assert found.get("gmv", 15000) == 15000
    num = '<tr><td>2026-09-01</td><td x:num="100">100</td><td x:num="1000.37">1000.4</td></tr>'
    assert days_of(make.html(HEAD + num))["2026-09-01"]["gmv"] == 1000.37


@pytest.mark.parametrize(
    "unseen",
    [
        '<span style="display:none">7</span>',
        '<span style="display: none;">7</span>',
        "<span hidden>7</span>",
        '<span style="visibility:hidden">7</span>',
        "<!-- 7 -->",
        "<script>7</script>",
        "<div style='mso-element:comment'>7</div>",
        "<span class=msocomhide>7</span>",
        "<ruby><rp>(</rp><rt>7</rt><rp>)</rp></ruby>",
        "<template>7</template>",
        "<style>7</style>",
        "<![if !supportAnnotations]><div style='display:none'><span>7</span></div><![endif]>",
    ],
)
def test_what_nobody_sees_is_no_part_of_a_figure(make, unseen):
    assert days_of(make.html(HEAD + row(more=unseen))) == ONE


def test_a_hidden_cell_takes_no_room_and_a_hidden_row_is_not_there(make):
    cell = '<tr><td>2026-09-01</td><td style="display:none">7</td><td>100</td><td>1000</td></tr>'
    gone = '<tr style="display:none"><td>2026-09-02</td><td>7</td><td>7</td></tr>'
    assert days_of(make.html(HEAD + cell + gone)) == ONE


def test_a_page_inside_a_table_of_its_layout_is_read(make):
    inner = f"<tr><td>菜单</td><td><table>{HEAD}{row()}</table></td></tr>"
    assert days_of(make.html(inner)) == ONE


def xml(cells, extra=""):
    names = 'xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet" xmlns:x="urn:schemas-microsoft-com:office:excel"'
    head = "".join(
        f'<Cell><Data ss:Type="String">{name}</Data></Cell>'
        for name in ("日期", "访客数", "支付金额")
    )
    return f'<?xml version="1.0"?><Workbook {names}><Worksheet ss:Name="日报"><Table><Row>{head}</Row><Row>{cells}</Row></Table>{extra}</Worksheet></Workbook>'


DATE = '<Cell><Data ss:Type="DateTime">2026-09-01T00:00:00.000</Data></Cell>'


@pytest.mark.parametrize(
    "unseen",
    [
        "<Comment><ss:Data>7</ss:Data></Comment>",
        '<Comment ss:Author="甲"><ss:Data><B>甲:</B><Font>7</Font></ss:Data></Comment>',
        "<PhoneticText>7</PhoneticText>",
        '<x:PhoneticText x:Visible="1">7</x:PhoneticText>',
    ],
)
def test_comments_and_readings_of_xml_are_no_part_of_a_figure(make, unseen):
    cells = (
        DATE
        + f'<Cell><Data ss:Type="Number">100</Data>{unseen}</Cell><Cell>{unseen}<Data ss:Type="Number">1000</Data></Cell>'
    )
    assert days_of(make.text(xml(cells), "a.xls")) == ONE


def test_merged_cells_of_xml_reach_down_and_across(make):
    head = "".join(
        f'<Cell{m}><Data ss:Type="String">{n}</Data></Cell>'
        for n, m in (("日期", ' ss:MergeDown="1"'), ("流量", ""), ("交易", ""))
    )
    names = '<Row><Cell ss:Index="2"><Data ss:Type="String">访客数</Data></Cell><Cell><Data ss:Type="String">支付金额</Data></Cell></Row>'
    body = f'<Row>{DATE}<Cell><Data ss:Type="Number">100</Data></Cell><Cell><Data ss:Type="Number">1000</Data></Cell></Row>'
    text = xml("").replace("<Row></Row>", "")
    first = text.index("<Row>")
    text = text[:first] + f"<Row>{head}</Row>{names}{body}" + text[text.index("</Table>") :]
    assert days_of(make.text(text, "a.xls")) == ONE


def test_formulas_of_xml_that_nobody_calculated_are_told(make):
    cells = (
        DATE
        + '<Cell><Data ss:Type="Number">100</Data></Cell><Cell ss:Formula="=RC[-1]*10"><Data ss:Type="Number">0</Data></Cell>'
    )
    file = make.text(xml(cells), "a.xls")
    assert days_of(file) == {"2026-09-01": {"uv": 100}}
    assert "error_cell" in rules_of(file, Level.ERROR)
    zero = cells.replace("RC[-1]*10", "RC[-1]-100")
    assert days_of(make.text(xml(zero), "b.xls")) == {"2026-09-01": {"uv": 100, "gmv": 0}}


def test_a_hidden_sheet_of_xml_is_left_for_one_that_is_seen(make):
    cells = (
        DATE
        + '<Cell><Data ss:Type="Number">{}</Data></Cell><Cell><Data ss:Type="Number">1000</Data></Cell>'
    )
    shown = xml(cells.format(100))
    unseen = xml(
        cells.format(7), "<WorksheetOptions><Visible>SheetHidden</Visible></WorksheetOptions>"
    )
    sheet = unseen[unseen.index("<Worksheet") : unseen.index("</Workbook>")].replace(
        "日报", "旧表"
    )
    file = make.text(shown.replace("</Workbook>", sheet + "</Workbook>"), "a.xls")
    assert days_of(file) == ONE
    assert "hidden_sheet" in rules_of(file, Level.WARNING)
