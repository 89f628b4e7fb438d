"""`xlplan import --sql` reads again what may have changed, and forgets what left a day."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from typer.testing import CliRunner

from xlplan.actions.imports.importing import import_all
from xlplan.actions.plan.new import NewBook, new
from xlplan.actions.run.apply import apply
from xlplan.books.file import FileBook
from xlplan.cli.app import app
from xlplan.plan.targets.claims import Claim, Span
from xlplan.record import replace
from xlplan.sheets.base.lists import LogRow
from xlplan.sheets.state.read import read_state

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("ibis", reason="需要 pip install xlplan[sql]")
duckdb = pytest.importorskip("duckdb", reason="需要 pip install xlplan[sql]")

SHOP, OTHER = "旗舰店", "专卖店"
TOLD = (
    'name = "订单库"\nconnection = "duckdb:shop.duckdb"\ntable = "lines"\ndrop_status = ["已取消"]\n'
    '[stores]\n"1001" = "旗舰店"\n'
)
ROWS = [
    # line, paid, amount, store, status, updated
    (1, "2026-03-01 10:00", 100, "1001", "已付款", "2026-03-01"),
    (2, "2026-03-02 10:00", 20, "1001", "已付款", "2026-03-02"),
    (3, "2026-06-01 10:00", 50, "1001", "已付款", "2026-06-01"),
    (4, "2026-06-20 10:00", 70, "1001", "已付款", "2026-06-20"),
    (5, "2026-06-20 10:00", 999, "9999", "已付款", "2026-06-20"),
]


def put(folder: Path, *rows) -> None:
    with duckdb.connect(folder / "shop.duckdb") as engine:
        engine.execute(
            "CREATE TABLE IF NOT EXISTS lines (line_id INT, paid_at TIMESTAMP, amount DECIMAL(12,2),"
            " store TEXT, status TEXT, updated_at TIMESTAMP)"
        )
        engine.executemany("INSERT INTO lines VALUES (?, ?, ?, ?, ?, ?)", list(rows))


def take(folder: Path, **options):
    path = folder / "计划.xlsx"
    return import_all(FileBook(path), sql=[folder / "库.toml"], as_of=date(2026, 6, 30), **options)


def sales(folder: Path) -> dict[str, float]:
    actuals = read_state(FileBook(folder / "计划.xlsx")).state.year.actuals["gmv"].dropna()
    return {f"{day:%m-%d}": value for (store, day), value in actuals.items() if store == SHOP}


@pytest.fixture
def folder(tmp_path) -> Path:
    claims = [Claim("gmv", 5_000_000, store=shop, period=Span.YEAR) for shop in (SHOP, OTHER)]
    new(tmp_path / "计划.xlsx", NewBook(2026, [SHOP, OTHER], claims))
    (tmp_path / "库.toml").write_text(TOLD, "utf-8")
    put(tmp_path, *ROWS)
    return tmp_path


def test_the_second_import_reads_the_last_days_and_those_that_lines_moved_from(folder):
    first = take(folder)
    assert sales(folder) == {"03-01": 100, "03-02": 20, "06-01": 50, "06-20": 70}
    assert any("取了全年" in line for line in first.lines)
    strange = [problem for problem in first.problems if problem.rule == "unknown_store"]
    assert [problem.what.count("9999") for problem in strange] == [1]
    put(
        folder,
        (1, "2026-06-22 09:00", 100, "1001", "已付款", "2026-06-22"),  # moved
        (2, "2026-03-02 10:00", 20, "1001", "已取消", "2026-06-22"),  # cancelled
        (6, "2026-06-21 10:00", 5, "1001", "已付款", "2026-06-21"),
        (
            7,
            "2026-04-01 10:00",
            9,
            "1001",
            "已付款",
            "2026-04-02",
        ),  # came late, older than the mark
    )
    second = take(folder)
    assert sales(folder) == {
        "03-01": 0, "03-02": 0, "06-01": 50, "06-20": 70, "06-21": 5, "06-22": 100,
    }  # fmt: skip
    (told,) = [line for line in second.lines if "只取了" in line]
    assert "03-01 至 03-02" in told
    assert "emptied_day" in {problem.rule for problem in second.problems}
    take(folder, since=date(2026, 4, 1))
    assert sales(folder)["04-01"] == 9
    again = take(folder)
    assert (again.facts["added"], again.facts["corrected"]) == (0, 0)


def test_a_changed_declaration_and_full_read_everything(folder):
    take(folder)
    put(folder, (8, "2026-01-05 10:00", 9, "1001", "已付款", "2026-01-05"))
    take(folder)
    assert "01-05" not in sales(folder)
    take(folder, full=True)
    assert sales(folder)["01-05"] == 9
    (folder / "库.toml").write_text(f'{TOLD}"9999" = "专卖店"\n', "utf-8")
    outcome = take(folder)
    assert any("取了全年" in line for line in outcome.lines)
    actuals = read_state(FileBook(folder / "计划.xlsx")).state.year.actuals["gmv"].dropna()
    assert actuals[OTHER, pd.Timestamp("2026-06-20")] == 999


def test_a_table_that_is_suddenly_empty_takes_nothing_away(folder):
    take(folder)
    with duckdb.connect(folder / "shop.duckdb") as engine:
        engine.execute("DELETE FROM lines")
    outcome = take(folder)
    assert sales(folder)["06-20"] == 70
    assert "all_gone" in {problem.rule for problem in outcome.problems}


def test_a_declared_database_and_codes_nobody_knows_get_their_place_in_the_book(folder):
    take(folder)
    rows = read_state(FileBook(folder / "计划.xlsx")).state.own["links"]
    assert [texts[:4] for texts in rows.values()] == [
        ["订单库", "声明文件", "库.toml", ""],
        ["订单库", "店铺", "9999", ""],
    ]


def test_the_sheet_alone_says_where_the_actuals_come_from_and_what_codes_mean(folder):
    take(folder)
    path = folder / "计划.xlsx"
    read = read_state(FileBook(path))
    rows = {row: list(texts) for row, texts in read.state.own["links"].items()}
    (code,) = [row for row, texts in rows.items() if texts[1] == "店铺"]
    rows[code][3] = OTHER
    after = replace(read.state, own={**read.state.own, "links": rows})
    apply(FileBook(path), read, after, [LogRow(action="试")])
    import_all(FileBook(path), as_of=date(2026, 6, 30), no_sql=True)
    outcome = import_all(FileBook(path), as_of=date(2026, 6, 30))
    actuals = read_state(FileBook(path)).state.year.actuals["gmv"].dropna()
    assert actuals[OTHER, pd.Timestamp("2026-06-20")] == 999
    assert "unknown_store" not in {problem.rule for problem in outcome.problems}


def test_the_check_shows_columns_zone_days_beside_the_book_and_the_statement(folder):
    take(folder)
    put(folder, (6, "2026-06-21 10:00", 5, "1001", "已付款", "2026-06-21"))
    run = CliRunner().invoke(
        app, ["sql", "check", str(folder / "库.toml"), str(folder / "计划.xlsx"), "--json"]
    )
    assert run.exit_code == 0, run.output
    (found,) = json.loads(run.output)["connections"]
    assert found["roles"]["amount"] == "amount"
    assert "不带时区" in found["time"]
    assert "SELECT" in found["sql"]
    days = {
        one["date"]: (one["gmv"], one["book"]) for one in found["days"] if one["store"] == SHOP
    }
    assert days["2026-06-20"] == (70, 70)
    assert days["2026-06-21"] == (5, None)
    by_book = CliRunner().invoke(app, ["sql", "check", str(folder / "计划.xlsx")])
    assert by_book.exit_code == 0, by_book.output
    assert "差" not in by_book.output
    assert "还没有" in by_book.output
    nothing = CliRunner().invoke(app, ["sql", "check", str(folder / "没有.toml")])
    assert nothing.exit_code == 2


def test_a_table_of_days_is_taken_as_it_is(folder):
    with duckdb.connect(folder / "shop.duckdb") as engine:
        engine.execute(
            "CREATE TABLE days (dt DATE, shop TEXT, 支付金额 BIGINT, 访客数 TEXT, extra INT)"
        )
        engine.executemany(
            "INSERT INTO days VALUES (?, ?, ?, ?, ?)",
            [("2026-06-01", "1001", 123456, "1,200", 1), ("2026-06-02", "1001", 100, "abc", 1),
             ("2026-06-03", "1001", 1, "1", 1), ("2026-06-03", "1001", 2, "2", 1)],
        )  # fmt: skip
    told = 'name = "日表"\nconnection = "duckdb:shop.duckdb"\ntable = "days"\ngrain = "days"\namount_unit = "分"\n[stores]\n1001 = "旗舰店"\n'
    (folder / "库.toml").write_text(told, "utf-8")
    outcome = take(folder)
    actuals = read_state(FileBook(folder / "计划.xlsx")).state.year.actuals
    assert actuals.loc[(SHOP, pd.Timestamp("2026-06-01")), ["gmv", "uv"]].tolist() == [
        1234.56,
        1200,
    ]
    assert sales(folder) == {"06-01": 1234.56, "06-02": 1}
    said = {problem.rule: problem.what for problem in outcome.problems}
    assert "旗舰店 2026-06-03" in said["day_twice"]
    assert "「abc」" in said["not_a_number"]
