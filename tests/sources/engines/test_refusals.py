"""Each usual refusal of a database is told in Chinese with a remedy of its own; TLS is enforced."""

from __future__ import annotations

import pytest

from tests.sources.engines.conftest import SERVER_TLS
from tests.sources.engines.nasty import declaration
from tests.support import databases
from xlplan.errors import FileError, InputError
from xlplan.sources import read_sql

pytest.importorskip("ibis", reason="需要 pip install xlplan[sql]")
pytest.importorskip("duckdb", reason="需要 pip install xlplan[sql]")
pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
SERVERS = ["postgres", "mysql"]


@pytest.fixture
def refused(engines, tmp_path):
    def refusing(engine, *changes, kind=FileError, more=""):
        text = declaration(engines(engine), more=more)
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "库.toml").write_text(text, "utf-8")
        with pytest.raises(kind) as caught:
            read_sql(tmp_path / "库.toml")
        assert databases.PASSWORD not in str(caught.value)
        return caught.value

    return refusing


@pytest.mark.parametrize("engine", SERVERS)
def test_a_wrong_password_a_dead_host_a_missing_database_and_missing_rights_differ(
    engines, refused, engine, monkeypatch
):
    monkeypatch.setenv("XLPLAN_WRONG", "nothing")
    engines(engine)
    told = [
        refused(engine, ("XLPLAN_TEST_PASSWORD", "XLPLAN_WRONG")),
        refused(engine, ("127.0.0.1", "nowhere.invalid")),
        refused(engine, (f":{SERVER_TLS[engine]['port']}/", f":{databases.free_port()}/")),
        refused(engine, ("/shop'", "/nothing'")),
    ]
    said = [("用户名或密码不对", "环境变量"), ("找不到这台主机", "主机名"), ("没有应答", "端口")]
    said += [("没有这个库", "库名")] if engine == "postgres" else [("没有读的权限", "GRANT")]
    for error, (what, remedy) in zip(told, said, strict=True):
        assert what in error.message
        assert remedy in error.remedy
    assert len({error.remedy for error in told}) == len(told)


@pytest.mark.parametrize("engine", [*SERVERS, "clickhouse", "duckdb"])
def test_a_missing_table_is_told_with_names_like_it(refused, engine):
    error = refused(engine, ("order lines", "order line"))
    assert "没有表「order line」" in error.message
    assert "order lines" in error.message


@pytest.mark.parametrize("engine", [*SERVERS, "clickhouse", "duckdb"])
def test_a_column_of_a_wrong_type_and_a_condition_that_is_none_are_refused(refused, engine):
    wrong = refused(engine, ('amount = "amount"', 'amount = "updated_at"'), kind=InputError)
    assert "不是数" in wrong.message
    evil = refused(engine, kind=InputError, more="where = '1 = 1) UNION SELECT (1'")
    assert "where 要是一个条件" in evil.message


@pytest.mark.parametrize("engine", SERVERS)
def test_who_may_not_read_is_told_to_ask_for_the_right(engines, refused, engine):
    engines(engine)
    login = SERVER_TLS[engine]["stranger"]
    error = refused(engine, ("user = 'reader'", f"user = '{login}'"))
    assert "没有读的权限" in error.message
    assert "GRANT SELECT" in error.remedy


@pytest.mark.parametrize("engine", SERVERS)
def test_tls_that_is_required_is_used_and_a_certificate_that_is_demanded_is_checked(
    engines, refused, engine, tmp_path
):
    place = engines(engine)
    own = SERVER_TLS[engine]["certificate"]
    for more in ('tls = "required"', f'tls = "verify"\nssl_ca = "{own}"'):
        (tmp_path / "t.toml").write_text(declaration(place, more=more), "utf-8")
        assert len(read_sql(tmp_path / "t.toml").frame)
    strange = refused(engine, more='tls = "verify"')
    assert "加密连接（TLS）没有建成" in strange.message
    gone = refused(engine, kind=InputError, more='tls = "required"\nssl_ca = "nowhere.pem"')
    assert "证书文件不存在" in gone.message


def test_a_server_without_tls_is_refused_before_the_password_is_told(tmp_path, monkeypatch):
    pytest.importorskip("pymysql")
    if not databases.program("mariadbd"):
        pytest.skip("MariaDB is not installed")
    monkeypatch.setenv("XLPLAN_TEST_PASSWORD", databases.PASSWORD)
    with databases.mariadb(tls=False) as (port, _):
        told = (
            f"connection = 'mysql://127.0.0.1:{port}/shop'\nuser = 'reader'\ntls = 'required'\n"
            "password = '${XLPLAN_TEST_PASSWORD}'\ntable = 'lines'"
        )
        (tmp_path / "t.toml").write_text(told, "utf-8")
        with pytest.raises(FileError, match=r"加密连接（TLS）没有建成|要求加密连接"):
            read_sql(tmp_path / "t.toml")


def test_options_keep_their_types_and_tls_is_refused_where_there_is_no_connection(tmp_path):
    (tmp_path / "a.toml").write_text(
        'connection = "duckdb"\npaths = ["a.csv"]\ntls = "required"\n', "utf-8"
    )
    with pytest.raises(InputError, match="tls 不能用于 duckdb"):
        read_sql(tmp_path / "a.toml")
