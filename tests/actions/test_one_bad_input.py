"""One bad file among ten: the nine others arrive, and the bad one is named."""

from __future__ import annotations

import json
import os
import zipfile
from datetime import date

import pytest
import xlsxwriter

from xlplan.actions.imports.gather import Wanted, gather
from xlplan.actions.imports.importing import import_all, merged_state
from xlplan.actions.imports.report import Report
from xlplan.actions.plan.new import NewBook, new
from xlplan.actions.run.outside import legible
from xlplan.books.file import FileBook
from xlplan.ooxml.patching.writes import checked_text
from xlplan.plan.targets.claims import Claim, Span
from xlplan.sheets.base.lists import LOG
from xlplan.sheets.state.read import read_state

STORE = "示例店"
HEAD, ROW = ["店铺", "日期", "支付金额", "访客数"], [STORE, "2026-09-20", 500, 50]
LINE = f"店铺,日期,支付金额\n{STORE},2026-09-20,500\n"


def sheet(path, *rows):
    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet("数据")
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                (page.write_string if isinstance(value, str) else page.write)(at, column, value)


def raw(folder, name, text):
    with open(os.path.join(os.fsencode(folder), name), "w", encoding="utf-8") as file:  # noqa: PTH118, PTH123  # bytes
        file.write(text)


def zipped(path):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../a\x01.csv", "店\x01\n1\n")


#: Kind → (how it is made in a folder, whether its own day arrives too).
KINDS = {
    "a control character in a head": (lambda f: (f / "坏.csv").write_text(f"店铺,日期,支付金额,备\x07注\n{STORE},2026-09-20,500,\x02\n", "utf-8"), True),
    "a control character in a store": (lambda f: (f / "坏.csv").write_text("店铺,日期,支付金额\n示\x07例店,2026-09-20,500\n", "utf-8"), False),
    "half an emoji": (lambda f: sheet(f / "坏.xlsx", [*HEAD, "备_xD800_注"], [*ROW, "_xD83D_"]), True),
    "a head of 100,000 characters": (lambda f: (f / "坏.csv").write_text(f"店铺,日期,支付金额,{'长' * 100_000}\n{STORE},2026-09-20,500,1\n", "utf-8"), True),
    "ten heads of 32,767": (lambda f: sheet(f / "坏.xlsx", ["长" * 32_767] * 10, [1] * 10), False),
    "a note of 32,767": (lambda f: sheet(f / "坏.xlsx", [*HEAD, "备注"], [*ROW, "注" * 32_767]), True),
    "a store of 32,767": (lambda f: sheet(f / "坏.xlsx", HEAD, ["店" * 32_767, *ROW[1:]]), False),
    "a name in GBK": (lambda f: raw(f, "你好".encode("gbk") + b".csv", LINE), True),
    "a name in no code page": (lambda f: raw(f, b"\xff\xfe.csv", "不是,表\n1,2\n"), False),
    "a name with control characters": (lambda f: (f / "坏\x07\n名.csv").write_text(LINE, "utf-8"), True),
    "a torn zip": (lambda f: (f / "坏.xlsx").write_bytes(b"PK\x03\x04" + b"x" * 99), False),
    "an empty file": (lambda f: (f / "坏.xlsx").write_bytes(b""), False),
    "bytes of an old Excel": (lambda f: (f / "坏.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(range(256)) * 9), False),
    "a number beyond all": (lambda f: (f / "坏.csv").write_text(f"店铺,日期,支付金额\n{STORE},2026-09-20,{'9' * 400}\n", "utf-8"), False),
    "a dead link": (lambda f: (f / "坏.csv").symlink_to(f / "没有.csv"), False),
    "a link to itself": (lambda f: (f / "坏.csv").symlink_to("坏.csv"), False),
    "a pipe": (lambda f: os.mkfifo(f / "坏.csv"), False),
    "a zip that leads outside": (lambda f: zipped(f / "坏.zip"), False),
    "a container with nothing in it": (lambda f: zipfile.ZipFile(f / "坏.ods", "w").close(), False),
}  # fmt: skip


def nine_good(folder):
    for day in range(1, 10):
        text = f"店铺,日期,支付金额,访客数\n{STORE},2026-09-{day:02d},{1000 + day},{100 + day}\n"
        (folder / f"好{day}.csv").write_text(text, "utf-8")


@pytest.fixture(scope="module")
def blank(tmp_path_factory):
    path = tmp_path_factory.mktemp("blank") / "计划.xlsx"
    new(path, NewBook(2026, [STORE], [Claim("gmv", 5_000_000, store=STORE, period=Span.YEAR)]))
    return path


@pytest.fixture(scope="module")
def blank_read(blank):
    return read_state(FileBook(blank))


def texts(taken):
    """Every text that such an import writes."""
    yield from (str(part) for problem in taken.standing for part in problem.as_dict().values())
    yield from map(str, taken.upserted.rows.select_dtypes(object).to_numpy().ravel())


@pytest.mark.parametrize("kind", KINDS)
def test_one_bad_file_among_ten_stops_none_of_the_others(kind, blank_read, tmp_path):
    make, arrives = KINDS[kind]
    nine_good(tmp_path)
    make(tmp_path)
    found = gather([tmp_path], Wanted([STORE], 2026))
    taken = merged_state(blank_read, found, date(2026, 9, 30))
    sold = taken.after.year.actuals["gmv"].dropna()
    days = sorted(day.day for _, day in sold.index)
    assert days == [*range(1, 10), 20] if arrives else days == list(range(1, 10))
    assert all(sold[STORE, f"2026-09-{day:02d}"] == 1000 + day for day in range(1, 10))
    for text in texts(taken):
        checked_text(text)
    bad = [p for p in taken.standing if p.where.file and not p.where.file.startswith("好")]
    assert arrives or bad, "the bad file is named"
    json.dumps(Report(blank_read.state.year.actuals, taken).facts(preview=False), ensure_ascii=False, default=str).encode()  # fmt: skip


def test_all_kinds_of_bad_at_once_are_written_and_told(blank, tmp_path):
    folder = tmp_path / "导出"
    for at, (make, _) in enumerate(KINDS.values()):
        (folder / str(at)).mkdir(parents=True)
        make(folder / str(at))
    nine_good(folder)
    path = tmp_path / "计划.xlsx"
    path.write_bytes(blank.read_bytes())
    done = import_all(FileBook(path), [folder], as_of=date(2026, 9, 30))
    assert done.changed
    assert done.errors >= 10
    json.dumps(done.as_dict(), ensure_ascii=False, default=str).encode()
    again = read_state(FileBook(path))
    assert again.state.year.actuals["gmv"].notna().sum() == 10
    assert any("你好.csv" in str(p) for p in done.problems) or any("你好.csv" in line for line in done.lines)  # fmt: skip
    assert FileBook(path).read(LOG)


def test_a_reader_that_breaks_breaks_only_its_own_file(tmp_path, monkeypatch):
    from xlplan.actions.imports import gather as room

    nine_good(tmp_path)
    read = room.read_many

    def broken(paths, **more):
        if paths[0].name == "好5.csv":
            raise RecursionError
        return read(paths, **more)

    monkeypatch.setattr(room, "read_many", broken)
    found = gather([tmp_path], Wanted([STORE], 2026))
    assert len(found.batches) == 8
    (problem,) = [p for p in found.problems if p.rule == "unreadable"]
    assert problem.where.file == "好5.csv"
    assert "其余文件照常" in problem.what


def test_text_from_outside_is_cleaned_and_cut_and_names_stay_apart():
    assert legible("普通 text 1,234") == "普通 text 1,234"
    assert legible("a\x00b\x1fc\nd\te") == "a␀b␟c\nd\te"
    assert legible("\ud83d半") == "\N{REPLACEMENT CHARACTER}半"
    assert legible(os.fsdecode("你好".encode("gbk")) + ".csv") == "你好.csv"
    assert legible(os.fsdecode(b"\xff\xfe")) == "%FF%FE"
    assert legible("长" * 1000) == "长" * 1000
    assert legible("长" * 1001) == "长" * 999 + "…"
    assert legible("😀" * 600).encode("utf-16-le").decode("utf-16-le").endswith("😀…")
    assert legible("x" * 20, 10) == "x" * 9 + "…"
