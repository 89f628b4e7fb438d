"""docs/import.zh.md tells the truth: its files, declarations and commands are run as they stand there."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from xlplan.actions.plan.new import NewBook, new
from xlplan.books.file import FileBook
from xlplan.cells import Cell
from xlplan.cli.app import app
from xlplan.metrics import METRICS
from xlplan.plan.targets.claims import Claim, Span
from xlplan.sheets.mapping import page as mapping_page
from xlplan.sheets.state.read import read_state
from xlplan.sources import SOURCES
from xlplan.sources.sql.config import ROLES, load_sql

TEXT = (Path(__file__).parent.parent / "docs" / "import.zh.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\S+)(?: (\S+))?\n(.*?)^```$", TEXT, flags=re.MULTILINE | re.DOTALL)
FILES = {name: text for _, name, text in BLOCKS if name}
STORE = "本店"


def table(head: str) -> list[dict[str, str]]:
    """Return the rows of the table on the page whose header row begins like `head`."""
    lines = TEXT[TEXT.index(f"| {head}") :].split("\n\n")[0].splitlines()
    heads, _, *rows = ([part.strip() for part in line.strip("|").split("|")] for line in lines)
    return [dict(zip(heads, row, strict=True)) for row in rows]


def command(about: str) -> list[str]:
    """Return the arguments of the page's command that names `about`."""
    lines = [line for kind, _, text in BLOCKS if kind == "sh" for line in text.splitlines()]  # fmt: skip
    (line,) = [line for line in lines if line.endswith(about)]
    return shlex.split(line)[1:]


@pytest.fixture(scope="module")
def empty(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("page") / "计划.xlsx"
    claims = [Claim("gmv", 5_000_000, store=STORE, period=Span.YEAR)]
    new(path, NewBook(2026, [STORE], claims))
    return path


@pytest.fixture
def folder(empty, tmp_path, monkeypatch) -> Path:
    """The page's files beside an empty plan book, as the working folder."""
    shutil.copy(empty, tmp_path)
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(arguments: list[str], code: int = 0) -> str:
    result = CliRunner(env={"COLUMNS": "1000"}).invoke(app, arguments)
    assert result.exit_code == code, result.output
    return re.sub(r"\s*│\s*", "：", result.output)


def assert_actuals(path: Path, rows: list[dict[str, str]]) -> None:
    actuals = read_state(FileBook(path)).state.year.actuals.loc[STORE]
    for row in rows:
        day = actuals.loc[pd.Timestamp(row.pop("日期"))]
        for label, said in row.items():
            name = METRICS.find(label).name
            wanted = float(said) if said else float("nan")
            assert day[name] == pytest.approx(wanted, nan_ok=True), label


SHOWN = ["其他推广", "其他推广UV", "其他推广成交"]


@pytest.mark.usefixtures("folder")
def test_an_unknown_file_is_refused_in_the_words_of_the_page_and_offers_a_mapping():
    said = run(command("海外广告.csv --as-of 2026-09-30"), code=3)  # done in part
    (wanted,) = [text for kind, _, text in BLOCKS if kind == "text" and "不认识" in text]
    assert wanted.strip() in said
    assert 'date = "c_date"' in said
    assert 'order = "dmy"' in said
    assert '"mark_spent" = "填指标名"' in said


def test_the_mapping_file_of_the_page_gives_the_days_of_the_page(folder):
    said = run(command("--mapping 海外广告.toml --as-of 2026-09-30"))
    (wanted,) = [text for kind, _, text in BLOCKS if kind == "text" and "2 天" in text]
    assert wanted.strip() in said
    assert_actuals(folder / "计划.xlsx", table("日期 | 其他推广 "))


def test_the_mapping_sheet_of_the_page_gives_the_same_days(folder):
    run(command(" 导入映射"))
    book = FileBook(folder / "计划.xlsx")
    heads = {seen.value: column for (row, column), seen in book.read(mapping_page.SHEET).items() if row == mapping_page.HEAD_ROW}  # fmt: skip
    typed = {
        (row, heads[head]): Cell(text)
        for row, line in enumerate(table("来源 | 列名"), start=mapping_page.FIRST_ROW)
        for head, text in line.items()
        if text
    }
    book.write({mapping_page.SHEET: typed})
    book.save()
    said = run(command("海外广告.csv --as-of 2026-09-30"))
    assert "海外广告.csv：海外广告，本店 09-01 至 09-02，2 天" in said
    assert_actuals(folder / "计划.xlsx", table("日期 | 其他推广 "))


def test_the_order_lines_of_the_page_give_the_days_of_the_page(folder):
    pytest.importorskip("ibis", reason="需要 pip install xlplan[sql]")
    pytest.importorskip("duckdb", reason="需要 pip install xlplan[sql]")
    path = folder / "计划.xlsx"
    run(command("--sql 订单.toml --as-of 2026-09-30"))
    rows = table("日期 | 日销售额")
    fold = [row.pop("直通车成交") for row in rows]
    assert_actuals(path, rows)
    found = read_state(FileBook(path)).state.sources["gmv_keyword"].dropna().tolist()
    assert found == [float(said) for said in fold if said]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", ["订单", "postgres", "mysql", "clickhouse", "spark", "完整"])
def test_the_declarations_of_databases_on_the_page_are_understood(name):
    source = load_sql(f"{name}.toml")
    assert source.table or source.paths


def test_the_page_names_every_export_and_every_role_of_a_column():
    assert {row["导出"] for row in table("平台 | 导出")} == {source.name for source in SOURCES}
    named = {row["角色"].strip("`"): row["常见列名"] for row in table("角色 | 是什么")}
    assert named.keys() == ROLES.keys()
    for role, usual in named.items():
        assert set(usual.split("、")) <= {part.strip() for part in ROLES[role].split("|")}
