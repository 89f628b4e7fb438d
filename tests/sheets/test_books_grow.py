"""A book of an earlier version is brought up by the first action that writes; nothing of it is lost."""

from __future__ import annotations

import re
import warnings
import zipfile
from datetime import date
from pathlib import Path
from shutil import copyfile
from types import SimpleNamespace

import openpyxl
import pytest

import xlplan.sheets.month.rows as month_rows
from tests.test_agreement import agrees
from xlplan.actions.change.changing import spread
from xlplan.actions.imports.importing import import_all
from xlplan.actions.plan.check import check
from xlplan.actions.plan.fill import fill
from xlplan.actions.undo.history import log
from xlplan.actions.undo.undoing import redo, undo
from xlplan.books.build import build
from xlplan.books.file import FileBook
from xlplan.books.live import LiveBook
from xlplan.cells import Cell
from xlplan.errors import StructureError
from xlplan.libreoffice.convert import recalculate
from xlplan.record import replace
from xlplan.sheets.base.find import find_keys
from xlplan.sheets.base.names import AGREED, BUDGET, MONTHS, month_name
from xlplan.sheets.home.layout import AS_OF_SPOT, CHECK_SPOT, FIRST_PERIOD
from xlplan.sheets.state.layout import pages
from xlplan.sheets.state.read import read_state
from xlplan.sheets.state.write import derived_cells

OLD = Path(__file__).parent.parent / "data" / "book_0_1_0.xlsx"
NEWER = OLD.with_name("book_0_2_0.xlsx")
MINE = "我的笔记"
ASIDE = "首页_旧"
#: Rows above 当日UV that the month sheets got since.
SINCE_THEN = ("gmv_comparable", "yoy", "gmv_like", "gmv_past")


def opened(path):
    """The book as another library reads it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it knows no sparklines
        return openpyxl.load_workbook(path)


def said(path):
    """What people and files told the book: typed, taken in, kept."""
    state = read_state(FileBook(path)).state
    return {
        "typed": dict(state.typed.values),
        "daily": dict(state.daily),
        "actuals": state.year.actuals.stack().dropna().to_dict(),
        "notes": state.year.notes,
        "holds": list(state.holds),
        "versions": list(state.versions),
        "sources": len(state.sources),
        "days": state.days,
        "events": [event.name for event in state.year.calendar.events],
    }


@pytest.fixture
def path(tmp_path):
    """The example of 0.1.0."""
    return Path(copyfile(OLD, tmp_path / "计划.xlsx"))


@pytest.fixture(scope="class")
def more_rows():
    """A program that knows two more rows of the month sheet: one of the table, one in its outline."""
    top = list(month_rows._TOP)
    top.insert(top.index("aov"), "new_buyers")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(month_rows, "_TOP", top)
        patch.setitem(month_rows.UNDER, "uv", ("repeat_buyers",))
        month_rows.month_rows.cache_clear()
        yield
    month_rows.month_rows.cache_clear()


def parts(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def written(path, change):
    """Change the text of the workbook's own part, as a hand in another program would."""
    old = parts(path)
    old["xl/workbook.xml"] = change(old["xl/workbook.xml"].decode()).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in old.items():
            archive.writestr(name, data)


def beside(path):
    """Sheet → its comments and their drawings."""
    found = {}
    with zipfile.ZipFile(path) as archive:
        text = archive.read("xl/workbook.xml").decode()
        for number, name in enumerate(re.findall(r'<sheet name="([^"]+)"', text), 1):
            rels = f"xl/worksheets/_rels/sheet{number}.xml.rels"
            if rels in archive.namelist():
                parts = re.findall(r'"\.\./([^"]+)"', archive.read(rels).decode())
                found[name] = [f"xl/{one}" for one in parts if "comments" in one or "vml" in one]
    return found


def export(folder):
    made = folder / "日报.csv"
    made.write_text("日期,支付金额,访客数,支付订单数\n2026-09-13,12345.5,1000,70\n", "utf-8-sig")
    return made


def test_reading_an_older_book_changes_nothing_and_says_what_comes(path):
    before = path.read_bytes()
    problems = check(FileBook(path)).problems
    assert any("较早的版本" in problem.what for problem in problems)
    assert not any("应是公式" in problem.what for problem in problems)
    log(FileBook(path))
    spread(FileBook(path), period="10月", to="+5%", dry_run=True)
    assert path.read_bytes() == before


def test_a_book_of_0_2_0_is_brought_up_and_only_what_is_new_is_told(tmp_path):
    path = Path(copyfile(NEWER, tmp_path / "计划.xlsx"))
    before, plan, told = said(path), read_state(FileBook(path)).state.year.plan, []
    book = FileBook(path)
    book.tell = told.append
    fill(book)
    assert said(path) == before
    assert read_state(FileBook(path)).state.year.plan.equals(plan)
    assert {"体检", ASIDE} <= set(FileBook(path).sheets())
    assert any("“1月–12月”表的" in text for text in told)
    assert not [text for text in told if "放回" in text]
    assert not [p for p in check(FileBook(path)).problems if "应是" in p.what]


@pytest.mark.parametrize("action", ["fill", "import", "undo"])
def test_the_first_action_that_writes_brings_it_up(path, tmp_path, action):
    before, plan = said(path), read_state(FileBook(path)).state.year.plan
    run = {
        "fill": fill,
        "import": lambda book: import_all(book, [export(tmp_path)], as_of=date(2026, 9, 14)),
        "undo": undo,
    }[action]
    assert run(FileBook(path)).changed > 500
    after = said(path)
    kept = [*before] if action == "fill" else ["typed", "daily", "notes", "holds", "days"]
    assert {key: after[key] for key in kept} == {key: before[key] for key in kept}
    book = FileBook(path)
    assert BUDGET in book.sheets()
    assert book.sheets().index(BUDGET) == book.sheets().index("日报") + 1
    assert len(list((path.parent / "备份").iterdir())) == 1
    assert not [p for p in check(book).problems if "应是" in p.what]
    if action == "fill":
        assert read_state(book).state.year.plan.equals(plan)
    again = path.read_bytes()
    assert fill(FileBook(path)).changed == 0 or action != "fill"
    assert action != "fill" or path.read_bytes() == again


def test_parts_that_need_no_change_stay_byte_for_byte(path):
    before, notes = parts(path), beside(path)
    fill(FileBook(path))
    after = parts(path)
    touched = {name for name in before if after.get(name) != before[name]}
    # rows came in above their comments
    grown = {"年度目标", "年度规划", *map(month_name, MONTHS)}
    moved = {name for sheet, names in notes.items() if sheet in grown for name in names}
    assert {name for name in touched if "comments" in name or "vml" in name} <= moved
    assert not [name for name in touched if "docProps" in name]
    assert not [name for name in touched if "theme" in name]
    assert len([name for name in touched if "comments" not in name and "vml" not in name]) < len(before) / 3  # fmt: skip


def as_a_person_changed_it(path):
    """Put in a sheet of one's own that looks at the plan, with a chart, and a comment."""
    from openpyxl.chart import BarChart, Reference
    from openpyxl.comments import Comment

    at = find_keys("9月", FileBook(path).read("9月"))
    book = opened(path)
    month, mine = book["9月"], book.create_sheet(MINE, 3)
    month.cell(at.rows["cvr"], 5).comment = Comment("看这里", "我")
    mine["A1"], mine["B1"] = "本月UV", f"='9月'!C{at.rows['uv']}+0"
    mine["A2"], mine["B2"] = "合计", f"=SUM('9月'!C{at.rows['orders']}:C{at.rows['uv']})"
    mine["A3"], mine["B3"] = "截止", '=IF(ISNUMBER(首页!C5),首页!C5,"首页!C5")'
    mine["A4"], mine["B4"] = "累计实际", "='首页'!E9+SUM(首页!E9)*0"
    chart = BarChart()
    chart.add_data(Reference(month, min_col=3, max_col=9, min_row=at.rows["uv"]), from_rows=True)
    mine.add_chart(chart, "D2")
    book.save(path)
    return at


@pytest.fixture(scope="class")
def grown(more_rows, tmp_path_factory):
    """A book of 0.1.0 that a person changed, grown by 分摊."""
    del more_rows
    path = Path(copyfile(OLD, tmp_path_factory.mktemp("grown") / "计划.xlsx"))
    at, before = as_a_person_changed_it(path), said(path)
    plan = read_state(FileBook(path)).state.year.plan
    spread(FileBook(path), period="12月", to="+5%")
    return SimpleNamespace(path=path, was=at, before=before, plan=plan, book=opened(path))


class TestUnderAProgramWithMoreRows:
    def test_rows_that_are_new_stand_where_they_belong_with_their_looks(self, grown):
        read, book = read_state(FileBook(grown.path)), grown.book
        for month in MONTHS:
            at, sheet = read.at.months[month], book[month_name(month)]
            assert at.rows["orders_net"] < at.rows["new_buyers"] < at.rows["aov"]
            assert at.rows["repeat_buyers"] > at.rows["uv"]
            new, beside = (sheet.cell(at.rows[key], 5) for key in ("new_buyers", "orders_net"))
            assert new.number_format == beside.number_format
            assert new.border.left.style == beside.border.left.style
            assert sheet.cell(at.rows["new_buyers"], 2).value == "新客数"
            assert sheet.row_dimensions[at.rows["repeat_buyers"]].outlineLevel == 1
            assert new.value.startswith("=")
        assert not [p for p in check(FileBook(grown.path)).problems if "应是" in p.what]

    def test_what_people_added_stays_and_follows_the_new_rows(self, grown):
        now = read_state(FileBook(grown.path))
        rows = now.at.months[9].rows
        assert said(grown.path) == grown.before
        mine = now.cells[MINE]
        assert mine[1, 2].formula == f"='9月'!C{rows['uv']}+0"
        assert mine[2, 2].formula == f"=SUM('9月'!C{rows['orders']}:C{rows['uv']})"
        assert rows["uv"] == grown.was.rows["uv"] + 1 + len(SINCE_THEN)
        book = grown.book
        assert book["9月"].cell(rows["cvr"], 5).comment.text == "看这里"
        (chart,) = book[MINE]._charts
        assert f"${rows['uv']}" in chart.series[0].val.numRef.f

    @pytest.mark.libreoffice
    def test_libreoffice_recalculates_it_to_the_engines_numbers(self, grown):
        read, values = read_state(FileBook(grown.path)), recalculate(grown.path)
        wrong = [
            (sheet, spot, cell.value, values[sheet].get(spot))
            for sheet, cells in derived_cells(read, read.state).items()
            for spot, cell in cells.items()
            if cell.formula
            and "TODAY()" not in cell.formula
            and not agrees(cell.value, values[sheet].get(spot))
        ]
        assert wrong[:5] == []
        assert values[MINE][1, 2] == values["9月"][read.at.months[9].rows["uv"], 3]

    def test_the_home_page_of_before_is_kept_and_what_led_to_it_still_does(self, grown):
        book, read = grown.book, read_state(FileBook(grown.path))
        assert book.sheetnames[:2] == [ASIDE, "首页"]
        assert (book[ASIDE].sheet_state, book["首页"].sheet_state) == ("hidden", "visible")
        assert book.active.title == "首页"
        assert len(book["首页"]._charts) == 2
        assert book[ASIDE]["B8"].value == "店铺"
        mine = read.cells[MINE]
        assert mine[3, 2].formula == f"=IF(ISNUMBER('{ASIDE}'!C5),'{ASIDE}'!C5,\"首页!C5\")"
        assert mine[4, 2].formula == f"='{ASIDE}'!E9+SUM('{ASIDE}'!E9)*0"
        assert book.defined_names["xlplan_asof"].attr_text == "'首页'!$P$2"
        assert "xlplan_colours" in book.defined_names
        cells = read.cells["首页"]
        assert cells[AS_OF_SPOT].value == read.state.year.as_of
        assert cells[FIRST_PERIOD + 1, 14].value == read.state.own["outlook"]["scopes"]["示例旗舰店"]["month_middle"]  # fmt: skip

    def test_it_can_be_undone_and_a_step_before_it_too(self, grown, tmp_path):
        path = Path(copyfile(grown.path, tmp_path / "计划.xlsx"))
        undo(FileBook(path))
        state = read_state(FileBook(path)).state
        assert state.year.plan.equals(grown.plan)
        undone = undo(FileBook(path))
        assert "导入" in undone.lines[0]
        assert not read_state(FileBook(path)).state.year.actuals["gmv"].notna().any()
        redo(FileBook(path))
        assert said(path) == grown.before

    @pytest.mark.libreoffice
    def test_an_open_book_grows_like_a_closed_one(self, grown, tmp_path, office_app):
        other = Path(copyfile(OLD, tmp_path / "打开的.xlsx"))
        book = office_app.books.open(str(other))
        try:
            live, closed = LiveBook(book), FileBook(grown.path)
            spread(live, period="12月", to="+5%")
            assert live.sheets() == [name for name in closed.sheets() if name != MINE]
            for sheet in ("首页", ASIDE, "9月", "年度规划", "体检", BUDGET):
                assert told(live.read(sheet)) == told(closed.read(sheet)), sheet
            assert not book.sheets[ASIDE].visible
            assert book.names["xlplan_asof"].refers_to.replace("'", "") == "=首页!$P$2"
            row = read_state(live).at.months[9].rows["new_buyers"]
            new, beside = (book.sheets["9月"].range((one, 5)) for one in (row, row - 1))
            assert new.number_format == beside.number_format
            assert new.color == beside.color
        finally:
            book.close()


def told(cells):
    """The formulas and words of a sheet."""
    words = {spot: seen.value for spot, seen in cells.items() if isinstance(seen.value, str) and seen.value and not seen.formula}  # fmt: skip
    return words, {spot: seen.formula for spot, seen in cells.items() if seen.formula}


def test_several_stores_sorted_and_with_columns_put_in(two, tmp_path, monkeypatch):
    import xlplan.sheets.daily.page as daily

    known = daily.input_metrics
    with monkeypatch.context() as older:
        older.setattr(
            daily, "input_metrics", lambda m: [n for n in known(m) if n != "repeat_buyers"]
        )
        typed = {("甲店", date(2026, 3, 5)): {"gmv": 123.5, "uv": 7.0}}
        laid = pages(replace(two, daily=typed, meta={**two.meta, "program": "xlplan 0.1.0"}))
    for page in laid:
        if page.name == "日报":
            turn_over(page)
    path = tmp_path / "计划.xlsx"
    path.write_bytes(build(laid))
    before = said(path)
    fill(FileBook(path))
    after = said(path)
    assert after["daily"] == before["daily"] == typed
    assert after["actuals"] == before["actuals"]
    read = read_state(FileBook(path))
    at = read.at.daily
    assert at.columns["repeat_buyers"] == at.columns["new_buyers"] + 1
    sheet = opened(path)["日报"]
    assert sheet.cell(4, at.columns["repeat_buyers"]).value == "复购买家数"
    row = at.rows["甲店", date(2026, 3, 5)]
    looks = [sheet.cell(row, at.columns[key]) for key in ("new_buyers", "repeat_buyers")]
    assert looks[0].fill.fgColor.rgb == looks[1].fill.fgColor.rgb
    assert not looks[1].protection.locked
    rules = [
        rule for rule in sheet.data_validations.dataValidation if looks[1].coordinate in rule.sqref
    ]
    assert len(rules) == 1
    assert not [p for p in check(FileBook(path)).problems if "应是" in p.what]


def turn_over(page):
    """Sort the rows of 日报 the other way round."""
    rows = sorted({row for row, _ in page.cells if row >= 5})
    turned = dict(zip(rows, reversed(rows), strict=True))
    inputs = {
        (turned.get(row, row), column): cell
        for (row, column), cell in page.cells.items()
        if not cell.formula
    }
    page.cells = {**{spot: cell for spot, cell in page.cells.items() if cell.formula}, **inputs}


def test_a_newer_book_is_refused_with_what_to_install(two, tmp_path):
    path = tmp_path / "计划.xlsx"
    path.write_bytes(build(pages(replace(two, meta={**two.meta, "program": "xlplan 9.1.0"}))))
    with pytest.raises(StructureError, match=r"9\.1\.0") as refusal:
        read_state(FileBook(path))
    assert "pip install -U xlplan" in refusal.value.remedy


def test_a_sheet_that_a_person_took_away_is_not_taken_for_a_new_one(path):
    written(path, lambda text: text.replace('name="日历"', 'name="别的"'))
    with pytest.raises(StructureError, match="日历"):
        fill(FileBook(path))


def test_a_missing_row_of_a_present_book_is_asked_for(path):
    fill(FileBook(path))
    read = read_state(FileBook(path))
    row = read.at.months[3].rows["uv"]
    column = next(c for (_, c), seen in read.cells["3月"].items() if seen.value == "xlplan:key")
    book = FileBook(path)
    book.write({"3月": {(row, column): Cell(None)}})
    book.save()
    with pytest.raises(StructureError, match="撤销删除"):
        fill(FileBook(path))
    assert AGREED in FileBook(path).sheets()


def test_checks_and_problems_become_one_sheet_and_what_was_written_beside_them_stays(path):
    book = FileBook(path)
    at = book.sheets().index("核对")
    before = [seen.value for (row, column), seen in sorted(book.read("问题").items()) if row > 3 and column == 7]  # fmt: skip
    book.write({"核对": {(3, 8): Cell("我写的")}})
    book.save()
    written(path, lambda text: re.sub(r'activeTab="\d+"', f'activeTab="{at}"', text))
    told = [problem.what for problem in read_state(FileBook(path)).state.problems]
    assert told == [what for what in before if what]
    import_all(FileBook(path), [export(path.parent)], as_of=date(2026, 9, 14))
    after, text = FileBook(path), parts(path)["xl/workbook.xml"].decode()
    for name in ("核对", "问题"):
        (tag,) = re.findall(f'<sheet [^>]*name="{name}"[^>]*>', text)
        assert 'state="hidden"' in tag
    assert after.read("核对")[3, 8].value == "我写的"
    (active,) = re.findall(r'activeTab="(\d+)"', text) or ["0"]
    assert after.sheets()[int(active)] == "首页"
    assert after.read("首页")[CHECK_SPOT].formula.startswith("=IF(xlplan_faults=0")
    assert re.search(r"<definedName name=\"xlplan_faults\"[^>]*>'?体检'?!\$L\$2<", text)
    assert not [p for p in check(FileBook(path)).problems if "应是" in p.what]
