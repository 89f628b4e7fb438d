"""No password in a file, a message or a log; no word of a user ever becomes SQL."""

from __future__ import annotations

import datetime as dt
import logging
import sys
import tempfile
import traceback
from pathlib import Path
from types import ModuleType

import pytest

from xlplan.errors import FileError, InputError, PlanError
from xlplan.sources.sql.config import load_sql, parse_sql
from xlplan.sources.sql.orders import read_sql
from xlplan.sources.sql.secrets import Secrets

SECRET = "S3CR3T-xyz@/#"  # noqa: S105  # planted, and looked for everywhere
BROKEN = 'password = "hunter2\n'
EVIL = "x'; DROP TABLE t;-- \\' \" ` 店"


def declare(folder: Path, text: str) -> Path:
    file = folder / "orders.toml"
    file.write_text(text, "utf-8")
    return file


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize(
    "told",
    [
        'connection = "postgres://reader@127.0.0.1:1/shop"\npassword = "${XLPLAN_PW}"',
        'connection = "postgres://reader:${XLPLAN_PW}@127.0.0.1:1/shop"',
        'connection = "${XLPLAN_URL}"',
        'connection = "postgres://127.0.0.1:1/shop"\nuser = "reader"\npassword = "keyring:shop/reader"',
        'connection = "postgres://127.0.0.1:1/shop"\nuser = "${XLPLAN_PW}"',
        'connection = "postgres://127.0.0.1:1/${XLPLAN_PW}"',
    ],
)
def test_a_secret_is_in_no_message_traceback_log_or_file(
    tmp_path, monkeypatch, caplog, capfd, told
):
    pytest.importorskip("ibis", reason="需要 pip install xlplan[sql]")
    pytest.importorskip("psycopg", reason="需要 pip install xlplan[postgres]")
    monkeypatch.setenv("XLPLAN_PW", SECRET)
    monkeypatch.setenv("XLPLAN_URL", "postgres://reader:S3CR3T-xyz%40%2F%23@127.0.0.1:1/shop")
    ring = ModuleType("keyring")
    ring.get_password = lambda service, user: (
        SECRET if (service, user) == ("shop", "reader") else None
    )
    monkeypatch.setitem(sys.modules, "keyring", ring)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    caplog.set_level(logging.DEBUG)
    with pytest.raises(FileError) as caught:
        read_sql(declare(tmp_path, f'{told}\ntable = "lines"'))
    shown = [
        str(caught.value),
        repr(caught.value),
        "".join(traceback.format_exception(caught.value)),
    ]
    shown += [caplog.text, *capfd.readouterr()]
    assert all("S3CR3T" not in text for text in shown)
    assert b"S3CR3T" not in everything_in(tmp_path)
    assert caught.value.code == "database"


def test_what_was_looked_up_is_scrubbed_in_every_spelling(monkeypatch):
    monkeypatch.setenv("XLPLAN_PW", SECRET)
    secrets = Secrets()
    url = secrets.resolve_url("mysql://me:${XLPLAN_PW}@host/db")
    assert url == "mysql://me:S3CR3T-xyz%40%2F%23@host/db"
    said = secrets.scrub(f"cannot reach {url} with {SECRET!r}\nand {SECRET}")
    assert "S3CR3T" not in said
    assert "cannot reach mysql://" in said


@pytest.mark.parametrize(
    "told",
    [
        'connection = "postgres://reader:hunter2@db/shop"',
        'connection = "postgres://db/shop?password=hunter2"',
        'connection = "postgres://reader:hunter2${X}@db/shop"',
        'connection = "postgres://db/shop"\npassword = "hunter2"',
        'connection = "clickhouse://db/shop"\n[options]\naccess_token = "hunter2"',
    ],
)
def test_a_password_written_into_the_declaration_is_refused_and_not_repeated(tmp_path, told):
    head, _, tail = told.partition("\n[")
    text = f'{head}\ntable = "lines"\n' + (f"[{tail}" if tail else "")
    with pytest.raises(InputError, match="密码不能直接写在声明里") as caught:
        load_sql(declare(tmp_path, text))
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))


def test_a_broken_declaration_is_not_quoted(tmp_path):
    with pytest.raises(InputError, match="读不出来") as caught:
        load_sql(declare(tmp_path, BROKEN))
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("reference", ["${XLPLAN_NOT_SET}", "${a-b}", "${keyring:shop/nobody}"])
def test_a_reference_that_leads_nowhere_is_named(monkeypatch, reference):
    monkeypatch.delenv("XLPLAN_NOT_SET", raising=False)
    ring = ModuleType("keyring")
    ring.get_password = lambda _service, _user: None
    monkeypatch.setitem(sys.modules, "keyring", ring)
    with pytest.raises(InputError, match=reference[2:-1]):
        Secrets().resolve(reference)


@pytest.mark.parametrize(
    "name", ["a b", "a;drop table t", 'a"b', "a.b.c.d", "", "1a", "a.", "a--", "a'"]
)
def test_a_table_name_that_is_no_identifier_is_refused(name):
    with pytest.raises(ValueError, match="不是表名"):
        parse_sql({"connection": "duckdb:x.duckdb", "table": name}, Path("orders.toml"))


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ({"connection": "oracle://db", "table": "t"}, "connection 只能是"),
        ({"connection": "duckdb", "table": "t", "paths": ["a"]}, "写其中一个"),
        ({"connection": "duckdb"}, "写其中一个"),
        ({"connection": "mysql://db/x", "paths": ["a"]}, "paths 只能用于"),
        ({"connection": "duckdb", "paths": ["a"], "amount_unit": "角"}, "amount_unit 只能是"),
        ({"connection": "duckdb", "paths": ["a"], "columns": {"price": "x"}}, "不认识 price"),
        ({"connection": "duckdb", "paths": ["a"], "channels": {"x": "tv"}}, "没有渠道 tv"),
        ({"connection": "duckdb", "paths": ["a"], "speed": 1}, "不认识的项 speed"),
        ({"connection": "duckdb", "paths": ["a"], "exclude_prefixes": [""]}, "空的一项"),
    ],
)
def test_a_declaration_that_means_nothing_is_refused(said, what):
    with pytest.raises(ValueError, match=what):
        parse_sql(said, Path("orders.toml"))


def test_a_missing_package_is_named_with_its_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ibis", None)
    with pytest.raises(PlanError, match=r"pip install \"xlplan\[sql\]\""):
        read_sql(declare(tmp_path, 'connection = "duckdb"\npaths = ["a.csv"]'))


def test_evil_names_of_stores_and_marks_stay_values(tmp_path):
    pytest.importorskip("ibis", reason="需要 pip install xlplan[sql]")
    duckdb = pytest.importorskip("duckdb", reason="需要 pip install xlplan[sql]")
    with duckdb.connect(tmp_path / "shop.duckdb") as engine:
        engine.execute(
            'CREATE TABLE t (paid_at TIMESTAMP, amount INT, store TEXT, "备注"" ; DROP" TEXT)'
        )
        rows = [
            ("2026-03-01", 1, EVIL, f"{EVIL}!"),
            ("2026-03-01", 2, f" {EVIL}", ""),
            ("2026-03-01", 4, "甲", ""),
        ]
        engine.executemany("INSERT INTO t VALUES (?, ?, ?, ?)", rows)
    quoted = EVIL.replace("\\", "\\\\").replace('"', '\\"')
    config = declare(
        tmp_path,
        'connection = "duckdb:shop.duckdb"\ntable = "t"\n'
        f'exclude_prefixes = ["{quoted}"]\ndrop_status = ["{quoted}"]\n'
        f'[columns]\nremark = \'备注" ; DROP\'\n[stores]\n"甲" = "{quoted}"\n',
    )
    frame = read_sql(config).frame
    assert frame["gmv"].to_dict() == {(EVIL, frame.index[0][1]): 7.0}
    assert frame["gmv_excluded"].tolist() == [1.0]
    with duckdb.connect(tmp_path / "shop.duckdb", read_only=True) as engine:
        assert engine.sql("SELECT count(*) FROM t").fetchall() == [(3,)]


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "mysql", "clickhouse"])
def test_one_expression_becomes_one_statement_of_each_engine_with_values_as_values(dialect):
    ibis = pytest.importorskip("ibis", reason="需要 pip install xlplan[sql]")
    import sqlglot

    from xlplan.sources.sql import facts as sqlfacts
    from xlplan.sources.sql import lines as sqllines

    source = parse_sql(
        {
            "connection": "duckdb:x",
            "table": "t",
            "exclude_prefixes": [EVIL],
            "drop_status": [EVIL],
            "stores": {"1": EVIL},
        },
        Path("orders.toml"),
    )
    kinds = {
        "paid_at": "timestamp", "amount": "decimal(12,2)", "refund": "float64", "order_id": "string",
        "line_id": "int64", "buyer_id": "string", "store": "string", "channel": "string",
        "seller_remark": "string", "status": "string", "is_excluded": "boolean", "qty": "int32",
    }  # fmt: skip
    lines = sqllines.find_lines(source, ibis.table(kinds, name="t"))
    lines = sqlfacts.name_stores(lines, ["1", None])
    span = (dt.date(2026, 1, 1), dt.date(2026, 1, 31))
    rows = sqllines.select_lines(lines, span)
    asked = [
        sqlfacts.sums(lines, rows), sqlfacts.orders(lines, rows), sqlfacts.buyers(lines, rows),
        sqlfacts.days(lines, span), sqlfacts.unread(lines, span), sqlfacts.stores(lines),
    ]  # fmt: skip
    for expression in asked:
        text = str(ibis.to_sql(expression, dialect=dialect))
        statements = sqlglot.parse(text, dialect=dialect)
        assert len(statements) == 1
        assert isinstance(statements[0], sqlglot.exp.Select)
        literals = {found.this for found in statements[0].find_all(sqlglot.exp.Literal)}
        assert EVIL in literals or expression is asked[-1]
