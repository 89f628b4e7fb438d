"""`xlplan import --sql`: days of a database land in the book like those of a file."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from xlplan.actions.imports.importing import import_all
from xlplan.actions.plan.new import NewBook, new
from xlplan.books.file import FileBook
from xlplan.cli.app import app
from xlplan.plan.targets.claims import Claim, Span
from xlplan.sheets.state.read import read_state

pytest.importorskip("ibis", reason="需要 pip install xlplan[sql]")
pytest.importorskip("duckdb", reason="需要 pip install xlplan[sql]")

ORDERS = Path(__file__).parent.parent / "exports" / "tmall" / "ExportOrderList202609041030.csv"
SHOP = "示例旗舰店"


@pytest.fixture
def folder(tmp_path) -> Path:
    new(
        tmp_path / "计划.xlsx",
        NewBook(2026, [SHOP], [Claim("gmv", 5_000_000, store=SHOP, period=Span.YEAR)]),
    )
    shutil.copy(ORDERS, tmp_path)
    told = f'name = "订单库"\nconnection = "duckdb"\npaths = ["{ORDERS.name}"]\n'
    (tmp_path / "orders.toml").write_text(told, "utf-8")
    return tmp_path


def test_days_of_a_database_land_in_the_book_and_coming_again_changes_nothing(folder):
    path, sql = folder / "计划.xlsx", [folder / "orders.toml"]
    import_all(FileBook(path), sql=sql, as_of=date(2026, 9, 30))
    book = read_state(FileBook(path)).state
    day = (SHOP, pd.Timestamp("2026-09-02"))
    assert book.year.actuals.loc[day, ["gmv", "orders", "refund_amount"]].tolist() == [
        419.62,
        3.0,
        89.0,
    ]
    assert set(book.sources["file"]) == {"orders.toml"}
    again = import_all(FileBook(path), sql=sql, as_of=date(2026, 9, 30))
    assert again.changed == 0


def test_two_declarations_of_one_day_are_two_sources_that_may_disagree(folder):
    (folder / "b.csv").write_text("order_id,paid_at,amount\n9,2026-09-02,7\n", "utf-8")
    other = folder / "other.toml"
    other.write_text('name = "另一个库"\nconnection = "duckdb"\npaths = ["b.csv"]\n', "utf-8")
    sql = [folder / "orders.toml", other]
    told = import_all(
        FileBook(folder / "计划.xlsx"), sql=sql, as_of=date(2026, 9, 30), dry_run=True
    )
    found = " ".join(p.what for p in told.problems if p.rule == "dispute" and "日销售额" in p.what)
    assert all(text in found for text in ("订单库", "另一个库", "419.62", "7"))


def test_the_command_takes_declarations_and_refuses_what_is_none(folder):
    book = str(folder / "计划.xlsx")
    run = CliRunner()
    shown = run.invoke(app, ["import", book, "--sql", str(folder / "orders.toml"), "--dry-run"])
    assert shown.exit_code == 0, shown.output
    refused = run.invoke(app, ["import", book, "--sql", str(folder / "none.toml")])
    assert refused.exit_code == 2
    assert "Traceback" not in refused.output
