"""导入实际 through closed plan books: what lands where, what is said, what stays as it was."""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from dataclasses import replace
from datetime import date
from functools import lru_cache
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlplan.actions.imports.gather import Wanted, gather
from xlplan.actions.imports.importing import (
    immature_days,
    import_all,
    import_daily,
    import_files,
    merged_state,
)
from xlplan.actions.plan.asking import show_sheet
from xlplan.actions.plan.new import NewBook, new
from xlplan.actions.trace.tracing import trace, trace_source
from xlplan.books.file import FileBook
from xlplan.cells import Cell
from xlplan.errors import FileError, InputError, Level
from xlplan.plan.targets.claims import Claim, Span
from xlplan.ribbon import words
from xlplan.sheets.base import lists
from xlplan.sheets.daily import page as daily_page
from xlplan.sheets.hidden import meta
from xlplan.sheets.mapping import page as mapping_page
from xlplan.sheets.state.read import read_state
from xlplan.sources import Options, read
from xlplan.sources.readers import unpack

EXPORTS = Path(__file__).parent.parent / "exports"
STORES = ["示例旗舰店", "示例官方旗舰店", "示例专营店", "示例小店"]
SHOP = "天猫_20260908_示例旗舰店_生意参谋_店铺销售数据.xlsx"
AS_OF = date(2026, 9, 30)
FIRST = date(2026, 9, 1)


def made(folder: Path, stores: list[str]) -> Path:
    path = folder / "计划.xlsx"
    claims = [Claim("gmv", 5_000_000, store=store, period=Span.YEAR) for store in stores]
    new(path, NewBook(2026, stores, claims))
    return path


@pytest.fixture(scope="module")
def blank_one(tmp_path_factory) -> Path:
    return made(tmp_path_factory.mktemp("one"), STORES[:1])


@pytest.fixture(scope="module")
def blank_read(blank_one):
    return read_state(FileBook(blank_one))


@pytest.fixture
def one(blank_one, tmp_path) -> Path:
    return Path(shutil.copy(blank_one, tmp_path / "计划.xlsx"))


@pytest.fixture
def four(tmp_path) -> Path:
    return made(tmp_path, STORES)


@pytest.fixture
def two(tmp_path) -> Path:
    return made(tmp_path, STORES[2:])


def export(folder: Path, name: str, rows: list[str], store: str = "") -> Path:
    path = folder / name
    lines = ["日期,支付金额,访客数,支付订单数" + (",店铺名称" if store else "")]
    lines += [row + (f",{store}" if store else "") for row in rows]
    path.write_text("\n".join(lines), "utf-8-sig")
    return path


def type_in(path: Path, *rows: tuple[date, dict[str, object]]) -> None:
    book = FileBook(path)
    columns = {str(s.value): c for (r, c), s in book.read(daily_page.SHEET).items() if r == daily_page.KEY_ROW}  # fmt: skip
    for day, values in rows:
        row = daily_page.FIRST_ROW + (day - date(2026, 1, 1)).days
        book.write({daily_page.SHEET: {(row, columns[n]): Cell(v) for n, v in values.items()}})
    book.save()


def state(path: Path):
    return _read(path.read_bytes(), path).state


@lru_cache(maxsize=1)
def _read(_content: bytes, path: Path):
    return read_state(FileBook(path))


def actual(path: Path, metric: str, day: date = FIRST, store: str = STORES[0]) -> float:
    return float(state(path).year.actuals.loc[(store, pd.Timestamp(day)), metric])


def log(path: Path) -> list[list[object]]:
    cells = FileBook(path).read(lists.LOG)
    rows = sorted({row for row, _ in cells if row >= lists.FIRST_ROW})
    return [[s.value if (s := cells.get((r, c))) else None for c in range(1, 13)] for r in rows]


def rules(outcome) -> set[str]:
    return {problem.rule for problem in outcome.problems}


def exports_of_shops(folder: Path) -> Path:
    """Copy the example exports of the four stores; those that name no store stay away."""
    for path in EXPORTS.glob("*/*"):
        if "示例" in path.name and "pdd示例店" not in path.name and "expected" not in path.name:
            shutil.copy(path, folder)
    return folder


def test_a_folder_of_mixed_exports_lands_in_the_stores_it_names(four, tmp_path):
    folder = tmp_path / "导出"
    folder.mkdir()
    outcome = import_all(FileBook(four), [exports_of_shops(folder)], as_of=AS_OF)
    assert outcome.title == "导入完成"
    assert outcome.errors == 0
    actuals = state(four).year.actuals
    days = actuals["gmv"].dropna().groupby(level="store").agg(["count", "sum"])
    assert days.round(2).to_dict("index") == {
        "示例旗舰店": {"count": 7, "sum": 328_399.18},
        "示例官方旗舰店": {"count": 2, "sum": 73_531.40},
        "示例专营店": {"count": 1, "sum": 12_640.30},
        "示例小店": {"count": 3, "sum": 100_312.10},
    }
    # 京准通 and 全站 have no row of their own here: 871.64 + 512.30
    assert actual(four, "spend_other", store="示例官方旗舰店") == 1383.94
    # 淘宝联盟 and 生意参谋 tell different visits: the report of the channel stands
    assert actual(four, "uv_affiliate") == 2416
    assert "dispute" in rules(outcome)
    young = immature_days(state(four))  # the last day with sales is 09-07
    assert {day for store, day in young if store == STORES[0]} == {
        date(2026, 9, n) for n in range(1, 8)
    }
    texts = state(four).origins
    assert "生意参谋 店铺 09-08" in texts["示例旗舰店", FIRST]
    assert texts["示例专营店", FIRST] == "拼多多 交易概况 09-02；拼多多 客服 09-03"


def test_importing_again_changes_no_byte(one, tmp_path):
    file = shutil.copy(EXPORTS / "tmall" / SHOP, tmp_path)
    type_in(one, (FIRST, {"refund_units": 3, "gmv": 11}))
    first = import_files(FileBook(one), [file], as_of=AS_OF)
    before = one.read_bytes()
    second = import_files(FileBook(one), [file], as_of=AS_OF)
    assert (first.title, second.title, second.changed) == ("导入完成", "没有变化", 0)
    assert one.read_bytes() == before


def test_files_in_either_order_give_the_same_contributions_and_actuals(blank_one, tmp_path):
    early = export(tmp_path, "店铺_20260905.csv", ["2026-09-01,100,10,1", "2026-09-02,200,20,2"])
    later = export(tmp_path, "店铺_20260906.csv", ["2026-09-02,210,20,3", "2026-09-03,300,30,4"])
    results = []
    for number, runs in enumerate([([later], [early]), ([early, later],)]):
        path = tmp_path / f"{number}.xlsx"
        shutil.copy(blank_one, path)
        for files in runs:
            import_files(FileBook(path), files, as_of=AS_OF)
        book = FileBook(path)
        results.append({name: book.read(name) for name in book.sheets() if name not in (lists.LOG, "体检", "首页", "_撤销", "_元数据")})  # fmt: skip
    assert results[0] == results[1]
    assert actual(path, "gmv", date(2026, 9, 2)) == 210


@settings(max_examples=4, deadline=None)
@given(data=st.data())
def test_real_files_zips_and_copies_in_any_order_any_number_of_times_give_the_same(blank_read, data):  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        files = [some_file(Path(folder), number, data) for number in range(4)]
        with zipfile.ZipFile(packed := Path(folder, "包.zip"), "w") as archive:
            archive.write(files[0], files[0].name)
        files += [packed, Path(shutil.copy(files[1], Path(folder, f"{files[1].stem} (1).csv")))]
        again = [data.draw(st.sampled_from(files)) for _ in range(2)]
        wanted = Wanted(tuple(STORES[:1]), 2026)
        states = []
        for runs in ([files], [[file] for file in data.draw(st.permutations([*files, *again]))]):
            book = blank_read
            for some in runs:
                book = replace(book, state=merged_state(book, gather(some, wanted), AS_OF).after)
            states.append(book.state)
    one, other = states
    pd.testing.assert_frame_equal(one.year.actuals, other.year.actuals)
    pd.testing.assert_frame_equal(one.sources, other.sources)
    assert one.origins == other.origins


def some_file(folder: Path, number: int, data) -> Path:
    """Write an export of a few days; its name may tell when it was made, its time may not."""
    days = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=3, unique=True))
    rows = [f"2026-09-{day:02},{data.draw(st.integers(0, 9))},{day},-" for day in days]
    time = data.draw(st.sampled_from(["", "_20260905", "_20260906_1030"]))
    file = export(folder, f"店铺{number}{time}.csv", rows)
    saved = 1_788_500_000 + data.draw(st.sampled_from([0, 3600]))
    os.utime(file, (saved, saved))
    return file


def test_a_plan_book_among_the_exports_never_brings_its_plan_as_actuals(one, tmp_path):
    folder, packed = tmp_path / "导出", tmp_path / "导出" / "包.zip"
    folder.mkdir()
    good = export(tmp_path, "店铺.csv", ["2026-09-01,4000,10,1"])
    shutil.copy(one, folder / "旧的计划.xlsx")
    with zipfile.ZipFile(packed, "w") as archive:
        archive.write(one, "计划.xlsx")
        archive.writestr("坏.xlsx", b"PK\x03\x04 no")
        archive.write(good, good.name)
    outcome = import_all(FileBook(one), [folder], as_of=AS_OF, dry_run=True)
    assert outcome.facts["added"] == 3
    refused = {p.where.file for p in outcome.problems if p.rule == "own_book"}
    assert refused == {"旧的计划.xlsx", "包.zip/计划.xlsx"}
    assert any(p.where.file == "包.zip/坏.xlsx" for p in outcome.problems)
    assert unpack.OWN == meta.SHEET


def test_a_path_that_leads_nowhere_is_refused_and_an_empty_folder_says_so(one, tmp_path):
    with pytest.raises(FileError, match="找不到"):
        import_files(FileBook(one), [tmp_path / "没有.csv"], as_of=AS_OF)
    empty = tmp_path / "空"
    empty.mkdir()
    assert "no_files" in rules(import_all(FileBook(one), folder=empty, as_of=AS_OF, dry_run=True))


def test_a_restatement_is_logged_with_both_figures_and_both_files(one, tmp_path):
    early = export(tmp_path, "店铺_20260905.csv", ["2026-09-01,100,10,1"])
    later = export(tmp_path, "店铺_20260906.csv", ["2026-09-01,90,10,1"])
    import_files(FileBook(one), [early], as_of=AS_OF)
    outcome = import_files(FileBook(one), [later], as_of=AS_OF)
    assert outcome.facts["restated"] == 1
    action, restated = log(one)[-2:]
    assert action[2] == "导入"
    assert restated[2:11] == ["平台更正", restated[3], "9月", None, STORES[0], "2026-09-01", "日销售额", "100", "90"]  # fmt: skip
    assert "店铺_20260905.csv → 店铺_20260906.csv" in str(restated[11])
    assert action[1] == restated[1]  # one action, one id


def test_rows_typed_by_staff_become_actuals_and_late_corrections_are_logged(one):
    type_in(one, (FIRST, {"gmv": 5000, "orders": 50, "note": "补货"}))
    first = import_daily(FileBook(one), as_of=AS_OF)
    assert (first.facts["added"], first.facts["corrected"]) == (2, 0)
    assert actual(one, "gmv") == 5000
    assert state(one).origins == {(STORES[0], FIRST): "店员"}
    type_in(one, (FIRST, {"gmv": 5100, "orders": None}))
    outcome = import_daily(FileBook(one), as_of=AS_OF)
    assert outcome.facts["corrected"] == 2
    assert actual(one, "gmv") == 5100
    assert pd.isna(actual(one, "orders"))
    corrected, taken_back = log(one)[-2:]
    assert corrected[8:12] == ["日销售额", "5,000", "5,100", "现采用 店员"]
    assert taken_back[8:12] == ["日销笔数", "50", None, "来源已删除这个数"]


def test_what_staff_typed_stays_typed_and_a_contradiction_names_its_cell(one, tmp_path):
    type_in(one, (FIRST, {"gmv": 5000, "note": "补货"}))
    file = export(tmp_path, "店铺.csv", ["2026-09-01,4000,10,1"])
    outcome = import_files(FileBook(one), [file], as_of=AS_OF)
    assert state(one).daily == {(STORES[0], FIRST): {"gmv": 5000, "note": "补货"}}
    assert actual(one, "gmv") == 4000
    (found,) = [p for p in outcome.problems if p.rule == "dispute"]
    assert found.where.sheet == "日报"
    column, row = found.where.cell[:-3], int(found.where.cell[-3:])
    typed = FileBook(one).read("日报")
    assert typed[row, ord(column) - 64].value == 5000
    assert "5,000" in found.what
    assert "4,000" in found.what
    told = trace_source(state(one), STORES[0], FIRST, "gmv")
    assert [(e["name"], e["value"], e["used"]) for e in told] == [
        ("按日期的表", 4000, True),
        ("店员", 5000, False),
    ]


def test_the_trace_of_a_day_says_who_told_its_actual_and_who_stands(one, tmp_path):
    type_in(one, (FIRST, {"uv": 11, "refund_units": 2}))
    import_files(FileBook(one), [export(tmp_path, "店铺_20260902.csv", ["2026-09-01,100,10,1"])], as_of=AS_OF)  # fmt: skip
    want = ["示例旗舰店 实际当日UV 10：按日期的表（店铺_20260902.csv，2026-09-02），采用", "示例旗舰店 实际当日UV 11：店员，没有采用"]  # fmt: skip
    assert trace(FileBook(one), metric="UV", store=STORES[0], period="9月1日").lines[-2:] == want
    assert trace(FileBook(one), metric="退款件数", period="2026-09-01").lines == ["示例旗舰店 实际退款件数 2：店员，采用"]  # fmt: skip
    with pytest.raises(InputError):
        trace(FileBook(one), metric="退款件数", period="9月2日")


def test_the_trace_of_a_day_of_all_stores_says_who_told_each(two, tmp_path):
    for store, uv in ((STORES[2], 10), (STORES[3], 20)):
        export(tmp_path, f"{store}.csv", [f"2026-09-01,100,{uv},1"], store=store)
    import_files(FileBook(two), [tmp_path / f"{store}.csv" for store in STORES[2:]], as_of=AS_OF)
    said = trace(FileBook(two), metric="UV", period="9月1日").facts["actual"]
    assert [(entry["store"], entry["value"]) for entry in said] == [(STORES[2], 10), (STORES[3], 20)]  # fmt: skip


def test_the_book_can_say_that_staff_stand_first(one, tmp_path):
    type_in(one, (FIRST, {"gmv": 5000, "uv": 12}))
    book = FileBook(one)
    rows = read_state(book).at.targets.rows
    book.write({"年度目标": {(rows["set:staff_first"], 2): Cell("访客数、没有这个")}})
    book.save()
    file = export(tmp_path, "店铺.csv", ["2026-09-01,4000,10,1"])
    outcome = import_files(FileBook(one), [file], as_of=AS_OF)
    assert (actual(one, "gmv"), actual(one, "uv")) == (4000, 12)
    (said,) = [p for p in outcome.problems if p.rule == "设置"]
    assert "没有这个" in said.what


def test_confirmed_figures_stand_before_later_exports(one, tmp_path):
    finance = export(tmp_path, "财务.csv", ["2026-09-01,3900,10,1"])
    import_files(FileBook(one), [finance], as_of=AS_OF, confirmed=True)
    later = export(tmp_path, "店铺_20261001.csv", ["2026-09-01,4000,10,1"])
    outcome = import_files(FileBook(one), [later], as_of=AS_OF)
    assert actual(one, "gmv") == 3900
    assert "dispute" in rules(outcome)


def test_a_dry_run_shows_every_cell_and_writes_nothing(one, tmp_path):
    file = export(tmp_path, "店铺.csv", ["2026-09-01,4000,10,1"])
    before = one.read_bytes()
    outcome = import_all(FileBook(one), [file], as_of=AS_OF, dry_run=True)
    assert one.read_bytes() == before
    assert outcome.changed == 0
    assert outcome.title == "导入预览：没有写入"
    cell = {"store": STORES[0], "date": "2026-09-01", "metric": "gmv", "label": "日销售额",
            "old": None, "new": 4000.0, "source": "按日期的表", "file": "店铺.csv"}  # fmt: skip
    assert cell in outcome.facts["cells"]
    assert len(outcome.facts["cells"]) == 3
    assert any("空 → 4,000" in line for line in outcome.lines)
    assert set(one.parent.iterdir()) == {one, file}  # no backup either
    type_in(one, (date(2026, 9, 30), {"gmv": 900}))
    import_daily(FileBook(one), as_of=AS_OF)
    many = [f"2026-09-{day:02},{day},10,1" for day in (30, *range(1, 13))]
    mixed = import_all(FileBook(one), [export(tmp_path, "店铺.csv", many)], as_of=AS_OF, dry_run=True)  # fmt: skip
    assert mixed.lines[:3] == [
        "将新增 38 个数，将更正 1 个数",
        "示例旗舰店 09-30 日销售额：900 → 30（按日期的表）",
        "示例旗舰店 日销售额：09-01 至 09-12，新增 12 天，合计 78（按日期的表）",
    ]
    assert len(mixed.facts["cells"]) == 39


def test_what_an_import_comes_to_is_the_first_thing_a_message_says(one, tmp_path):
    for number in range(15):
        export(tmp_path, f"{number}.csv", [f"2026-09-{number + 1:02},1,1,1"])
    one = one.rename(tmp_path.parent / f"{tmp_path.name}.xlsx")
    outcome = import_all(FileBook(one), folder=tmp_path, as_of=AS_OF)
    assert "新增 45 个数" in words.of_outcome(outcome).text.splitlines()[1]
    assert "导入 15 个文件" in str(log(one)[-1])


def test_stores_are_never_guessed(two, tmp_path):
    nameless = export(tmp_path, "日数据.csv", ["2026-09-01,4000,10,1"])
    unknown = export(tmp_path, "别家.csv", ["2026-09-02,5000,10,1"], store="别家店")
    outcome = import_files(FileBook(two), [nameless, unknown], as_of=AS_OF, dry_run=True)
    assert outcome.facts["added"] == 0
    refused = {p.where.file: p for p in outcome.problems if p.rule == "unknown_store"}
    assert set(refused) == {"日数据.csv", "别家.csv"}
    assert "别家店" in refused["别家.csv"].what
    assert "示例小店" in refused["别家.csv"].remedy
    told = import_files(FileBook(two), [nameless, unknown], store="示例小店", as_of=AS_OF, dry_run=True)  # fmt: skip
    assert {cell["store"] for cell in told.facts["cells"]} == {"示例小店"}
    assert told.facts["added"] == 6
    assert "store_as_told" in rules(told)
    other = export(tmp_path, "专营.csv", ["2026-09-02,5000,10,1"], store="示例专营店")
    clash = import_files(FileBook(two), [other], store="示例小店", as_of=AS_OF, dry_run=True)
    assert (clash.facts["added"], "other_store" in rules(clash)) == (0, True)
    named = export(tmp_path, "天猫_20260903_示例专营店.csv", ["2026-09-02,5000,10,1"])
    moved = import_files(FileBook(two), [named], store="示例小店", as_of=AS_OF, dry_run=True)
    assert (moved.facts["added"], "other_store" in rules(moved)) == (0, True)
    with pytest.raises(InputError, match="没有的店"):
        import_files(FileBook(two), [other], store="没有的店")


def test_a_folder_or_a_name_that_is_a_store_says_whose_the_figures_are(two, tmp_path):
    folder = tmp_path / "导出" / "示例小店"
    (folder / "九月").mkdir(parents=True)
    export(folder / "九月", "后台.csv", ["2026-09-01,1,1,1"])
    export(tmp_path / "导出", "示例专营店 后台.csv", ["2026-09-01,2,2,2"])
    export(tmp_path / "导出", "后台.csv", ["2026-09-01,3,3,3"])
    export(tmp_path / "导出", "示例专营店 没有成交.csv", ["2026-09-02,0,0,0"])
    export(
        tmp_path / "导出", "示例小店 没有成交.csv", ["2026-09-02,0,0,0"]
    )  # a copy of another store
    outcome = import_all(FileBook(two), [tmp_path / "导出"], as_of=AS_OF, dry_run=True)
    found = {(c["store"], c["new"]) for c in outcome.facts["cells"]}
    assert found == {("示例小店", 1), ("示例专营店", 2), ("示例小店", 0), ("示例专营店", 0)}
    assert {p.where.file for p in outcome.problems if p.rule == "unknown_store"} == {"后台.csv"}


def test_files_in_a_zip_are_told_apart_like_files_in_a_folder(two, tmp_path):
    folder, file = tmp_path / "导出", tmp_path / "全部.zip"
    folder.mkdir()
    export(folder, "a.csv", ["2026-09-01,1,1,1"], store=STORES[2])
    export(folder, "b.csv", ["2026-09-01,9,9,9"], store=STORES[3])
    shutil.copy(EXPORTS / "pdd" / "拼多多_20260902_示例专营店_销售数据_交易概况.xlsx", folder)
    with zipfile.ZipFile(file, "w") as archive:
        for path in folder.iterdir():
            archive.write(path, f"导出/{path.name}")
    plain = import_all(FileBook(two), [folder], as_of=AS_OF, dry_run=True)
    zipped = import_all(FileBook(two), [file], as_of=AS_OF, dry_run=True)
    assert [
        {**cell, "file": cell["file"].replace("全部.zip/导出/", "")}
        for cell in zipped.facts["cells"]
    ] == plain.facts["cells"]
    assert {p.rule for p in zipped.problems} == {p.rule for p in plain.problems}
    assert "dispute" in rules(zipped)


def test_a_row_that_is_refused_is_named_with_its_file_sheet_and_cell(one, tmp_path):
    rows = ["2024-12-31,1,1,1", "2026-09-01,2,2,2", "2026-12-01,3,3,3"]
    mixed = export(tmp_path, "后台.csv", rows, store=STORES[0])
    stranger = export(
        tmp_path, "别家.csv", ["2026-09-02,1,1,1", "2026-09-03,1,1,1"], store="别家店"
    )
    outcome = import_files(FileBook(one), [mixed, stranger], as_of=AS_OF)
    places = {problem.rule: str(problem.where) for problem in outcome.problems}
    assert places["other_year"] == "后台.csv › A2"
    assert places["future"] == "后台.csv › A4"
    assert places["unknown_store"] == "别家.csv › A2"


def test_two_mapped_exports_are_two_sources_and_one_that_fits_nothing_is_named(one, tmp_path):
    table = "day,cost\n2026-09-01,{}\n"
    files, maps = [], []
    for name, cost, metric in (
        ("甲后台", 10, "询单人数"),
        ("乙后台", 20, "退款件数"),
        ("丙后台", 0, "销售额"),
    ):
        head = f"cost_{name}"
        file, said = tmp_path / f"{name}.csv", tmp_path / f"{name}.toml"
        said.write_text(
            f'name = "{name}"\ndate = "day"\n[columns]\n"{head}" = "{metric}"\n', "utf-8"
        )
        file.write_text(table.format(cost).replace("cost", head), "utf-8")
        maps.append(said)
        files += [file] if cost else []
    outcome = import_all(FileBook(one), [*files, EXPORTS / "tmall" / SHOP], mappings=maps, as_of=AS_OF)  # fmt: skip
    assert set(state(one).sources["source"]) == {"mapping:甲后台", "mapping:乙后台", "sycm_shop"}
    assert (actual(one, "inquiries"), actual(one, "refund_units")) == (10, 20)
    assert "「丙后台」" in next(p.what for p in outcome.problems if p.rule == "mapping_unused")


def test_the_book_says_which_channel_a_scene_is_and_which_remarks_mark_an_excluded_order(one):
    rows = [("店铺直达", "渠道名", "钻展"), (None, "补单前缀", "X-")]
    cells = {(mapping_page.FIRST_ROW + n, c): Cell(text) for n, row in enumerate(rows) for c, text in enumerate(row, start=2)}  # fmt: skip
    show_sheet(FileBook(one), sheet=mapping_page.SHEET)
    book = FileBook(one)
    book.write({mapping_page.SHEET: cells})
    book.save()
    files = [EXPORTS / "tmall" / name for name in ("计划报表_20260908_110330.csv", "ExportOrderList202609041030.csv")]  # fmt: skip
    told = import_files(FileBook(one), files, store=STORES[0], as_of=AS_OF)
    plain = read(files[0], store=STORES[0]).frame
    moved = read(files[0], options=Options(store=STORES[0], scenes={"店铺直达": "display"})).frame
    assert actual(one, "spend_display") == moved["spend_display"].iloc[0] > plain["spend_display"].iloc[0]  # fmt: skip
    assert "excluded_order" not in rules(told)
    assert state(one).sources["gmv_excluded"].fillna(0).sum() == 0


def test_days_to_come_and_cells_that_are_no_number_are_refused_by_name_the_rest_is_taken(one):
    type_in(
        one,
        (FIRST, {"gmv": "很多", "uv": 12}),
        (date(2026, 9, 2), {"gmv": 5000}),
        (date(2026, 9, 3), {"note": "准备活动"}),
    )
    outcome = import_daily(FileBook(one), as_of=FIRST)
    assert outcome.facts["added"] == 1
    assert actual(one, "uv") == 12
    wrong, late = sorted((p for p in outcome.problems if p.level is Level.ERROR), key=lambda p: p.rule == "future")  # fmt: skip
    assert (wrong.where.sheet, wrong.where.cell[-3:]) == ("日报", "248")
    assert "很多" in wrong.what
    assert (late.where.sheet, late.where.cell) == ("日报", "A249")
    assert "2026-09-02" in late.what


def test_copies_of_a_file_and_files_that_cannot_be_read_do_not_stop_the_others(one, tmp_path):
    folder = tmp_path / "导出"
    folder.mkdir()
    good = export(folder, "店铺.csv", ["2026-09-01,4000,10,1"])
    shutil.copy(good, folder / "店铺 (1).csv")
    shutil.copy(good, folder / "~$店铺.csv")
    (folder / "坏.xlsx").write_bytes(b"PK\x03\x04 no")
    shutil.copy(one, folder / "自己.xlsx")
    outcome = import_all(FileBook(folder / "自己.xlsx"), [folder], as_of=AS_OF)
    assert outcome.facts["added"] == 3
    assert {p.where.file for p in outcome.problems if p.rule == "same_file"} == {"店铺.csv"}
    bad = [p for p in outcome.problems if p.where.file == "坏.xlsx"]
    assert [p.level for p in bad] == [Level.ERROR]
    assert not any("自己" in str(p) or "~$" in str(p) for p in outcome.problems)


@pytest.mark.skipif("XLPLAN_TRYOUT" not in os.environ, reason="needs the folder of try-out data")
def test_28010_real_orders_agree_with_plain_pandas(tmp_path):
    file = Path(os.environ["XLPLAN_TRYOUT"]) / "tmall_order_report_2020feb.csv"
    path = tmp_path / "2020.xlsx"
    new(path, NewBook(2020, ["天猫店"], [Claim("gmv", 1e8, store="天猫店", period=Span.YEAR)]))
    import_files(FileBook(path), [file], as_of=date(2020, 3, 1))
    orders = pd.read_csv(file)
    orders.columns = orders.columns.str.strip()
    paid = orders.dropna(subset=["订单付款时间"])
    assert ((paid["买家实际支付金额"] + paid["退款金额"] - paid["总金额"]).abs() < 0.005).all()
    by_day = paid.groupby(pd.to_datetime(paid["订单付款时间"]).dt.normalize())
    found = state(path).year.actuals.loc["天猫店"]
    for metric, wanted in (("gmv", by_day["总金额"].sum()), ("refund_amount", by_day["退款金额"].sum()), ("orders", by_day.size())):  # fmt: skip
        inside = wanted[wanted.index.year == 2020].astype(float)
        pd.testing.assert_series_equal(found[metric].dropna(), inside, check_names=False, check_index_type=False, check_freq=False)  # fmt: skip
