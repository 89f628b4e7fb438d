"""CSV whose rows are longer than the head, and quotes that never close."""

from __future__ import annotations

import pytest

from tests.sources.kinds.drawn import days_of, rules_of
from xlplan.errors import FileError, Level
from xlplan.sources import read, read_sql
from xlplan.sources.readers.textual import first_flaw

GOOD = {"uv": 980.0, "gmv": 999.0, "buyers": 30.0}
HEAD = "日期,访客数,支付金额,支付买家数"


@pytest.mark.parametrize(
    ("head", "bad", "good"),
    [
        (HEAD, "2026-09-01,1,234,5,678.50,33", "2026-09-02,980,999.00,30"),
        (HEAD, "2026-09-01,1,234,5678.50,33", "2026-09-02,980,999.00,30"),
        (f"{HEAD},备注", "2026-09-01,1,234,5678.50,33,", "2026-09-02,980,999.00,30,"),
        (f"{HEAD},备注", "2026-09-01,1,234,5678.50,33,", "2026-09-02,980,999.00,30,正常"),
        (f"{HEAD},", "2026-09-01,1,234,5678.50,33,", "2026-09-02,980,999.00,30,"),
        (f"{HEAD},备注", "2026-09-01,980,999,30,红,蓝", "2026-09-02,980,999.00,30,正常"),
    ],
)
def test_a_row_longer_than_the_head_is_refused_with_its_line(make, head, bad, good):
    file = make.text(f"{head}\n{bad}\n{good}\n")
    assert days_of(file) == {"2026-09-02": GOOD}
    (said,) = (p for p in read(file).problems if p.level is Level.ERROR)
    assert (said.rule, said.where.cell) == ("unfit_row", "A2")


def test_every_row_longer_than_the_head_is_refused(make):
    rows = "".join(f"2026-09-0{i},1,234,999.00,30\n" for i in (1, 2, 3))
    file = make.text(f"{HEAD}\n{rows}")
    assert days_of(file) == {}
    assert "unfit_row" in rules_of(file, Level.ERROR)


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}\n2026-09-02,980,999.00,30,\n",
        f"{HEAD}\n2026-09-02,980,999.00,30,,,\n2026-09-03,1,2,3\n",
        f"{HEAD},\n2026-09-02,980,999.00,30\n",
        f"{HEAD},,\n2026-09-02,980,999.00,30,,\n",
        f'{HEAD}\n2026-09-02,980,"999.00",30\n',
        f'{HEAD},备注\n2026-09-02,980,999,30,"红,蓝"\n2026-09-03,1,2,3,\n',
        f"{HEAD},备注\n2026-09-02,980,999,30\n",
    ],
)
def test_blank_cells_at_the_end_and_quoted_commas_are_no_matter(make, text):
    file = make.text(text)
    assert days_of(file)["2026-09-02"] == GOOD
    assert rules_of(file, Level.ERROR) == set()


def test_a_tab_too_many_is_no_better(make):
    file = make.text(
        HEAD.replace(",", "\t") + "\n2026-09-01\t1\t234\t5678\t33\n2026-09-02\t980\t999\t30\n"
    )
    assert days_of(file) == {"2026-09-02": GOOD}


THREE = {f"2026-09-0{i}": {"uv": 100.0 * i, "gmv": 1000.0 * i} for i in (1, 2, 3)}


@pytest.mark.parametrize(
    "notes",
    [
        ('"5寸屏', "正常", "正常"),
        ("正常", '"5寸屏', "正常"),
        ('"5寸屏', "正常", '"6寸屏'),
        ('"5寸屏', '"6寸屏', '"7寸屏'),
        ('"5寸屏', '6寸"屏', "正常"),
        ("正常", "正常", '"5寸屏'),
    ],
)
def test_a_quote_that_never_closes_swallows_no_row(make, notes):
    rows = [f"2026-09-0{i},{100 * i},{1000 * i},{note}" for i, note in enumerate(notes, 1)]
    assert days_of(make.text("日期,访客数,支付金额,备注\n" + "\n".join(rows) + "\n")) == THREE


def test_a_quote_in_the_middle_costs_its_own_row_only_and_is_said(make):
    text = '日期,备注,访客数,支付金额\n2026-09-01,"5寸屏,100,1000\n2026-09-02,x,200,2000\n2026-09-03,y,300,3000\n'
    file = make.text(text)
    assert days_of(file) == {day: THREE[day] for day in ("2026-09-02", "2026-09-03")}
    (said,) = (p for p in read(file).problems if p.level is Level.ERROR)
    assert said.where.cell == "A2"


def test_a_quote_that_swallows_a_whole_big_file_is_found(make):
    rows = ['2026-09-01,100,1000,"5寸屏'] + [f"2026-08-{1 + i % 31:02d},1,1,x" for i in range(31)]
    rows += ["甲" * 200_000]
    found = days_of(make.text("日期,访客数,支付金额,备注\n" + "\n".join(rows)))
    assert found["2026-09-01"] == THREE["2026-09-01"]
    assert len(found) == 32


@pytest.mark.parametrize(
    "text",
    [
        '日期,访客数,支付金额,备注\n2026-09-01,100,1000,"两行\n备注"\n2026-09-02,200,2000,\n2026-09-03,300,3000,"x"\n',
        '日期,备注,访客数,支付金额\n2026-09-01,"两行\n备注，有逗号,一个",100,1000\n2026-09-02,,200,2000\n2026-09-03,,300,3000\n',
        '"日\n期",访客数,支付金额,备注\n2026-09-01,100,1000,\n2026-09-02,200,2000,\n2026-09-03,300,3000,\n',
        '日期,访客数,支付金额,备注\n2026-09-01,100,1000,"他说""好"""\n2026-09-02,200,2000,5"屏\n2026-09-03,300,3000,"5"屏\n',
    ],
)
def test_cells_of_several_lines_and_quotes_inside_are_read(make, text):
    assert days_of(make.text(text)) == THREE


# The same for files that an engine reads


def flaw_of(text, width=4, head=0):
    return first_flaw(text.splitlines(keepends=True), ",", head, width)


LINES = "a,b,c,d\n1,2026-09-01,5,x\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (LINES + "2,2026-09-01,1,234.50,x\n", 3),
        (LINES + '2,2026-09-01,5,"5寸\n3,2026-09-01,6,x\n4,2026-09-01,7,x\n', 3),
        (LINES + '2,2026-09-01,5,"5寸\n3,2026-09-01,6,"6寸\n4,2026-09-01,7,x\n', 3),
        (LINES + "2,2026-09-01,5,x,y\n", 3),
        (LINES + '2,2026-09-01,1,234.50,"x"\n', 3),
        ("a,b,c,note\n1,2026-09-01,5,\n2,2026-09-01,1,234,\n", 3),
    ],
)
def test_a_line_that_would_shift_or_swallow_is_found(text, line):
    flaw = flaw_of(text)
    assert flaw is not None
    assert flaw.line == line


@pytest.mark.parametrize(
    "more",
    ['2,2026-09-01,5,"a,b"\n', '2,2026-09-01,5,"a\nb"\n3,2026-09-01,6,x\n', "2,2026-09-01,5,x,\n", '2,2026-09-01,5,5"\n', '2,2026-09-01,"1,234",x\n', "2,2026-09-01,5\n"],
)  # fmt: skip
def test_a_sound_line_is_let_through(more):
    assert flaw_of(LINES + more) is None


def test_lines_above_the_head_may_be_of_any_width():
    assert flaw_of("1,2,3,4,5,6\n" + LINES, head=1) is None


@pytest.mark.parametrize(
    "bad", ["2,2,2026-09-02 10:00:00,1,234.50,x", '2,2,2026-09-02 10:00:00,5,"5寸']
)
def test_a_folder_of_orders_is_refused_with_the_line(tmp_path, bad):
    pytest.importorskip("ibis", reason="需要 pip install xlplan[sql]")
    pytest.importorskip("duckdb", reason="需要 pip install xlplan[sql]")
    rows = [
        "订单编号,子订单编号,付款时间,实付金额,备注",
        "1,1,2026-09-01 10:00:00,5,",
        bad,
        "3,3,2026-09-03 10:00:00,7,",
    ]
    (tmp_path / "九月.csv").write_text("\n".join(rows), "utf-8")
    config = tmp_path / "订单.toml"
    config.write_text(
        'connection = "duckdb"\npaths = ["九月.csv"]\namount_is = "gross"\n', "utf-8"
    )
    with pytest.raises(FileError, match="第 3 行") as caught:
        read_sql(config, store="甲")
    assert caught.value.where.cell == "A3"
