"""Files that would cost time or memory out of all proportion are refused at once."""

from __future__ import annotations

import os
import tracemalloc

import pytest

from tests.sources.kinds.drawn import days_of
from xlplan.errors import FileError
from xlplan.sources import read
from xlplan.sources.readers import markup, textual

ROWS = "<tr><th>日期</th><th>访客数</th></tr><tr><td>2026-09-01</td><td>100</td></tr>"


def code_of(file) -> str:
    with pytest.raises(FileError) as caught:
        read(file)
    return caught.value.code


def test_empty_lines_are_counted_like_cells(make, monkeypatch):
    monkeypatch.setattr(textual, "MAX_CELLS", 5_000)
    assert code_of(make.text("日期,访客数\n" + "\n" * 6_000)) == "too_big"
    assert days_of(make.text("日期,访客数\n2026-09-01,100\n" + "\n" * 4_000)) == {
        "2026-09-01": {"uv": 100}
    }


def test_a_file_of_empty_lines_takes_little_memory(make, monkeypatch):
    monkeypatch.setattr(textual, "MAX_CELLS", 50_000)
    file = make.text("日期,访客数\n" + "\n" * 2_000_000)
    tracemalloc.start()
    assert code_of(file) == "too_big"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40 << 20


@pytest.mark.parametrize("count", [30, 20_000])
def test_nested_tables_are_refused_at_once(make, count):
    assert code_of(make.text(f"<html>{'<table><tr><td>' * count}{ROWS}", "a.xls")) == "too_big"


def test_many_tables_are_refused_at_once(make):
    many = f"<table>{ROWS}</table>" * (markup.MAX_TABLES + 1)
    assert code_of(make.text(f"<html>{many}", "a.xls")) == "too_big"


def test_a_span_that_would_fill_the_memory_is_counted(make):
    wide = "<tr>" + "<td colspan=2000>x</td>" * 1_600 + "</tr>"
    assert code_of(make.html(ROWS + wide)) == "too_big"
    tall = "<tr><td rowspan=99999999>x</td></tr>"
    assert days_of(make.html(ROWS + tall)) == {"2026-09-01": {"uv": 100}}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_or_a_folder_is_no_file(tmp_path):
    os.mkfifo(tmp_path / "a.csv")
    assert code_of(tmp_path / "a.csv") == "unreadable"
    (tmp_path / "b.csv").mkdir()
    assert code_of(tmp_path / "b.csv") == "unreadable"
