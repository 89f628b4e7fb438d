"""CSV whose rows are longer than the head, and quotes that never close."""

from __future__ import annotations

import pytest

from tests.sources.kinds.drawn import days_of, rules_of
from xlplan.errors import Level
from xlplan.sources import read

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
    file = make.text(HEAD.replace(",", "\t") + "\n2026-09-01\t1\t234\t5678\t33\n2026-09-02\t980\t999\t30\n")
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
    rows = [f'2026-09-01,100,1000,"5寸屏'] + [f"2026-08-{1 + i % 31:02d},1,1,x" for i in range(31)]
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
