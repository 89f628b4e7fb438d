"""Order lines in an engine give the same days as counting them by hand, on every engine alike."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from xlsxwriter import Workbook

from xlplan.errors import FileError, InputError
from xlplan.sources import read, read_sql
from xlplan.sources.sql.config import load_sql
from xlplan.sources.sql.connect import connect

pytest.importorskip("ibis", reason="需要 pip install xlplan[sql]")
pytest.importorskip("duckdb", reason="需要 pip install xlplan[sql]")

EXPORTS = Path(__file__).parent.parent / "exports" / "tmall"
ORDERS = EXPORTS / "ExportOrderList202609041030.csv"
#: One small machine: what a cluster needs only costs time here.
SPARK = """
"spark.master" = "local[2]"
"spark.ui.enabled" = "false"
"spark.driver.host" = "127.0.0.1"
"spark.driver.extraJavaOptions" = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
"spark.sql.shuffle.partitions" = "2"
"spark.sql.codegen.wholeStage" = "false"
"spark.sql.catalogImplementation" = "in-memory"
"""


def lines(count: int = 4_000) -> pd.DataFrame:
    """Make order lines with everything that is wrong in real ones."""
    random = np.random.default_rng(11)
    order = random.integers(1, count // 3, count)
    day = np.datetime64("2026-03-01") + (order % 70).astype("timedelta64[D]")
    frame = pd.DataFrame(
        {
            "order_id": order,
            "line_id": np.arange(count),
            "paid_at": day.astype("datetime64[us]") + (order * 977 % 86_400).astype("timedelta64[s]"),
            "amount": np.round(random.gamma(2, 60, count), 2),
            "refund": np.where(random.random(count) < 0.1, np.round(random.gamma(2, 9, count), 2), np.nan),
            "buyer_id": order % 397,
            "store": np.array(["甲店", " 乙店", "乙店", "丙店's"])[order % 4],
            "channel": random.choice(["直通车", "自然", "千川"], count),
            "quantity": random.integers(1, 4, count),
            "seller_remark": np.array(["G-7", "", "送礼"])[order % 3],
            "status": np.where(order % 17 == 0, "已取消", "交易成功"),
            "updated_at": np.datetime64("2026-06-01", "us"),
        }
    )  # fmt: skip
    frame.loc[::89, "paid_at"] = pd.NaT
    frame.loc[::101, "amount"] = np.nan
    return frame


def by_hand(frame: pd.DataFrame) -> pd.DataFrame:
    """Count the same in pandas, row by row money in Decimal."""
    frame = frame[frame["paid_at"].notna() & frame["amount"].notna()]
    frame = frame[frame["status"] != "已取消"]
    frame = frame.assign(
        store=frame["store"].str.strip(),
        date=frame["paid_at"].dt.normalize(),
        fen=[int(Decimal(str(value)) * 100) for value in frame["amount"]],
        back=[int(Decimal(str(value)) * 100) for value in frame["refund"].fillna(0.0)],
    )
    marked = frame["seller_remark"].str.startswith("G-")
    days = frame.groupby(["store", "date"])
    made = pd.DataFrame(
        {
            "buyers": days["buyer_id"].nunique(),
            "gmv": days["fen"].sum() / 100,
            "gmv_excluded": frame["fen"].where(marked, 0).groupby([frame["store"], frame["date"]]).sum() / 100,
            "orders": days["order_id"].nunique(),
            "orders_excluded": frame["order_id"].where(marked).groupby([frame["store"], frame["date"]]).nunique(),
            "refund_amount": days["back"].sum() / 100,
            "units": days["quantity"].sum(),
        }
    ).astype(float)  # fmt: skip
    for name, key in {"直通车": "keyword", "千川": "qianchuan"}.items():
        of = frame[frame["channel"] == name].groupby(["store", "date"])["fen"].sum() / 100
        made[f"gmv_{key}"] = of.reindex(made.index)
    return made[sorted(made)]


def declare(folder: Path, text: str, name: str = "orders.toml") -> Path:
    file = folder / name
    file.write_text(text, "utf-8")
    return file


def in_parquet(folder: Path, frame: pd.DataFrame, more: str = "") -> Path:
    frame.to_parquet(folder / "lines.parquet")
    return declare(folder, f'connection = "duckdb"\npaths = ["lines.parquet"]\n{more}')


def rules(extract) -> set[str]:
    return {problem.rule for problem in extract.problems}


@pytest.fixture(scope="module")
def expected() -> pd.DataFrame:
    return by_hand(lines())


DROP = 'drop_status = ["已取消"]\n'


def same(found: pd.DataFrame, wanted: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(
        found.reset_index(),
        wanted.reset_index(),
        check_exact=True,
        check_dtype=False,
        check_index_type=False,
    )


def test_parquet_lines_give_the_days_counted_by_hand(tmp_path, expected):
    extract = read_sql(in_parquet(tmp_path, lines(), DROP))
    same(extract.frame, expected)
    assert rules(extract) == {"no_amount", "unknown_channel"}
    assert "自然" in str(next(p for p in extract.problems if p.rule == "unknown_channel"))
    assert extract.frame.index.names == ["store", "date"]


def test_counting_a_few_days_at_a_time_changes_nothing(tmp_path, expected, monkeypatch):
    config = in_parquet(tmp_path, lines(), DROP)
    monkeypatch.setattr("xlplan.sources.sql.count._AT_ONCE", 700)
    same(read_sql(config).frame, expected)


def test_a_line_that_came_twice_counts_once_as_last_seen(tmp_path, expected):
    old = lines()
    older = old.assign(amount=1.0, updated_at=np.datetime64("2026-05-01", "us"))[::3]
    extract = read_sql(in_parquet(tmp_path, pd.concat([older, old, old[::5]]), DROP))
    kept = expected.index
    pd.testing.assert_index_equal(extract.frame.index, kept, exact=False)
    counted = extract.frame.drop(columns=["gmv_keyword", "gmv_qianchuan"])
    same(counted, expected[counted.columns])
    assert {"repeated_row", "no_amount"} <= rules(extract)  # an older amount does not stand in


def test_a_csv_folder_in_gbk_gives_what_parquet_gives(tmp_path, expected):
    folder = tmp_path / "orders"
    folder.mkdir()
    frame = lines().rename(
        columns={"order_id": "订单编号", "paid_at": "订单付款时间 ", "amount": "支付金额(元)"}
    )
    frame["订单编号"] = [f'="{number}"' for number in frame["订单编号"]]
    frame["支付金额(元)"] = [
        f"¥{value:,.2f}" if i % 7 else value for i, value in enumerate(frame["支付金额(元)"])
    ]
    frame["支付金额(元)"] = frame["支付金额(元)"].replace("¥nan", "-")
    half = len(frame) // 2
    frame[:half].to_csv(folder / "a.csv", index=False, encoding="gb18030")
    frame[half:].to_csv(folder / "b.csv", index=False, encoding="utf-8-sig", sep="\t")
    config = declare(tmp_path, f'connection = "duckdb"\npaths = ["orders"]\n{DROP}')
    same(read_sql(config).frame, expected)


def test_a_workbook_gives_what_parquet_gives(tmp_path, expected):
    frame = lines()
    with Workbook(tmp_path / "订单.xlsx", {"nan_inf_to_errors": False}) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet.write(0, 0, "店铺订单导出")
        sheet.write_row(2, 0, list(frame))
        for row, values in enumerate(frame.itertuples(index=False), 3):
            for column, value in enumerate(values):
                if isinstance(value, pd.Timestamp):
                    sheet.write_datetime(row, column, value.to_pydatetime(), day)
                elif not pd.isna(value):
                    sheet.write(row, column, value)
    config = declare(tmp_path, f'connection = "duckdb"\npaths = ["订单.xlsx"]\n{DROP}')
    same(read_sql(config).frame, expected)


def test_a_folder_of_parquet_csv_and_workbooks_gives_what_parquet_gives(tmp_path, expected):
    folder, frame = tmp_path / "orders", lines()
    folder.mkdir()
    third = len(frame) // 3
    frame[:third].to_csv(folder / "a.csv", index=False, encoding="gb18030")
    frame[third : 2 * third].to_parquet(folder / "b.parquet")
    named = frame[2 * third : -50].rename(
        columns={"amount": "支付金额(元)", "order_id": "订单编号"}
    )
    named.to_parquet(folder / "c.parquet")
    frame[-60:].to_excel(folder / "d.xlsx", index=False)  # ten lines came twice
    config = declare(tmp_path, f'connection = "duckdb"\npaths = ["orders"]\n{DROP}')
    extract = read_sql(config)
    same(extract.frame, expected)
    assert "repeated_row" in rules(extract)


@pytest.mark.parametrize("form", ["epoch", "epoch_ms", "yyyymmdd", "iso"])
def test_parquet_among_other_kinds_tells_the_day_however_it_is_written(tmp_path, form):
    late = pd.Timestamp("2026-03-01 23:30", tz="Asia/Shanghai")
    seconds = int(late.timestamp())
    said = {"epoch": seconds, "epoch_ms": seconds * 1000, "yyyymmdd": 20260301, "iso": late}[form]
    pd.DataFrame(
        {"order_id": [1.0], "paid_at": [said], "amount": [5], "store": ["店"]}
    ).to_parquet(tmp_path / "a.parquet")
    (tmp_path / "b.csv").write_text("order_id,paid_at,amount,store\n2,2026-03-02,7,店\n", "utf-8")
    config = declare(tmp_path, f'connection = "duckdb"\npaths = ["."]\ntime_format = "{form}"\n')
    frame = read_sql(config).frame
    assert frame.index.get_level_values("date").strftime("%m-%d").tolist() == ["03-01", "03-02"]
    assert frame["gmv"].tolist() == [5, 7]


def test_an_order_export_gives_what_the_file_reader_gives(tmp_path):
    shutil.copy(ORDERS, tmp_path)
    config = declare(tmp_path, f'connection = "duckdb"\npaths = ["{ORDERS.name}"]')
    same(read_sql(config).frame, read(ORDERS).frame)


def test_the_same_order_export_saved_twice_counts_once(tmp_path):
    shutil.copy(ORDERS, tmp_path / "orders1.csv")
    shutil.copy(ORDERS, tmp_path / "orders2.csv")
    extract = read_sql(declare(tmp_path, 'connection = "duckdb"\npaths = ["orders*.csv"]'))
    same(extract.frame, read(ORDERS).frame)
    assert "repeated_row" in rules(extract)


def test_lines_without_ids_that_come_from_two_files_are_reported(tmp_path):
    rows = "order_id,paid_at,amount\n1,2026-03-01 10:00:00,5\n1,2026-03-01 10:00:00,7\n"
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(rows, "utf-8")
    config = declare(tmp_path, 'connection = "duckdb"\npaths = ["a.csv", "b.csv"]\nstore = "店"')
    extract = read_sql(config)
    assert extract.frame["orders"].tolist() == [1]
    assert "overlap" in rules(extract)


def test_a_cell_that_is_no_amount_is_reported_with_its_place(tmp_path):
    rows = (
        "导出说明\n\norder_id,paid_at,amount\n1,2026-03-01,5\n2,2026-03-01,五元\n3,昨天,6\n4,,9\n"
    )
    (tmp_path / "a.csv").write_text(rows, "utf-8")
    config = declare(tmp_path, 'connection = "duckdb"\npaths = ["a.csv"]\nstore = "店"')
    extract = read_sql(config)
    assert extract.frame["gmv"].tolist() == [5.0]
    places = {(str(problem.where), problem.rule) for problem in extract.problems}
    assert ("a.csv › C5", "not_a_number") in places
    assert ("a.csv › B6", "not_a_date") in places


def test_a_time_with_a_foreign_zone_is_not_taken_for_a_beijing_day(tmp_path):
    (tmp_path / "a.csv").write_text("paid_at,amount\n2026-03-01T20:00:00Z,5\n", "utf-8")
    config = declare(tmp_path, 'connection = "duckdb"\npaths = ["a.csv"]\nstore = "店"')
    extract = read_sql(config)
    assert extract.frame.empty
    assert "time_zone" in rules(extract)


def test_refunds_are_added_back_to_a_net_amount(tmp_path):
    frame = pd.DataFrame(
        {"paid_at": [pd.Timestamp("2026-03-01 10:00")], "amount": [80.0], "refund": [20.0]}
    )
    gross = read_sql(in_parquet(tmp_path, frame, 'store = "店"')).frame
    net = read_sql(in_parquet(tmp_path, frame, 'store = "店"\namount_is = "net"')).frame
    assert (gross["gmv"].item(), net["gmv"].item()) == (80.0, 100.0)
    assert net["refund_amount"].item() == 20.0


@pytest.mark.parametrize(("unit", "amount"), [("分", 1234), ("元", 12.34), ("万元", 0.001234)])
def test_the_declared_unit_of_money_is_used(tmp_path, unit, amount):
    frame = pd.DataFrame({"paid_at": [pd.Timestamp("2026-03-01")], "amount": [amount]})
    config = in_parquet(tmp_path, frame, f'store = "店"\namount_unit = "{unit}"')
    assert read_sql(config).frame["gmv"].item() == 12.34


def test_parts_of_a_fen_round_as_excel_rounds(tmp_path):
    frame = pd.DataFrame({"paid_at": [pd.Timestamp("2026-03-01")] * 3, "amount": [1.005, -1.005, 2.675],
                          "store": ["a", "b", "c"]})  # fmt: skip
    assert read_sql(in_parquet(tmp_path, frame)).frame["gmv"].tolist() == [1.01, -1.01, 2.68]


def test_two_names_of_one_store_are_one_store_and_its_buyers_count_once(tmp_path):
    frame = pd.DataFrame({"paid_at": [pd.Timestamp("2026-03-01")] * 3, "amount": [1.0, 2.0, 4.0],
                          "buyer_id": [7, 7, 7], "store": [1001, 1002, 1003]})  # fmt: skip
    named = '[stores]\n"1001" = "主店"\n"1002" = "主店"\n"1003" = "1001"'
    found = read_sql(in_parquet(tmp_path, frame, named)).frame
    assert found["gmv"].to_dict() == {
        ("1001", pd.Timestamp("2026-03-01")): 4.0,
        ("主店", pd.Timestamp("2026-03-01")): 3.0,
    }
    assert found["buyers"].tolist() == [1.0, 1.0]


def test_only_days_asked_for_come_back(tmp_path, expected):
    config = in_parquet(tmp_path, lines(), DROP)
    found = read_sql(config, start=dt.date(2026, 3, 10), end=dt.date(2026, 3, 12)).frame
    days = expected.index.get_level_values("date")
    same(found, expected[(days >= "2026-03-10") & (days <= "2026-03-12")])
    assert read_sql(config, year=2025).frame.empty
    assert "no_lines" in rules(read_sql(config, year=2025))
    with pytest.raises(InputError, match="没有一天"):
        read_sql(config, start=dt.date(2026, 3, 2), end=dt.date(2026, 3, 1))


MOMENT = pd.Timestamp("2026-03-01 23:30:00")
WRITTEN = {
    "iso": "2026-03-01 23:30:00",
    "yyyymmdd": 20260301,
    "epoch": int(MOMENT.tz_localize("Asia/Shanghai").timestamp()),
    "epoch_ms": int(MOMENT.tz_localize("Asia/Shanghai").timestamp() * 1000),
    "auto": MOMENT.tz_localize("Asia/Shanghai"),
}


@pytest.mark.parametrize("form", WRITTEN)
@pytest.mark.parametrize("year", [None, 2026])
def test_a_late_evening_in_beijing_stays_on_its_day_however_it_is_written(tmp_path, form, year):
    frame = pd.DataFrame({"paid_at": [WRITTEN[form]], "amount": [1.0], "buyer_id": ["x"]})
    config = in_parquet(tmp_path, frame, f'store = "店"\ntime_format = "{form}"')
    found = read_sql(config, year=year).frame
    assert list(found.index) == [("店", pd.Timestamp("2026-03-01"))]
    assert found["buyers"].tolist() == [1.0]


def test_texts_that_are_no_day_are_told_even_when_a_year_is_asked_for(tmp_path):
    frame = pd.DataFrame({"paid_at": ["2026-03-01 10:00:00", "1/3/2026"], "amount": [1.0, 2.0]})
    extract = read_sql(in_parquet(tmp_path, frame, 'store = "店"'), year=2026)
    assert extract.frame["gmv"].tolist() == [1.0]
    assert "not_a_date" in rules(extract)


def test_a_number_that_may_be_any_time_is_refused(tmp_path):
    frame = pd.DataFrame({"paid_at": [20260301], "amount": [1.0]})
    with pytest.raises(InputError, match="看不出日期"):
        read_sql(in_parquet(tmp_path, frame))


def test_a_named_column_that_is_not_there_is_refused_with_those_that_are(tmp_path):
    frame = pd.DataFrame({"paid_at": [MOMENT], "amount": [1.0]})
    config = in_parquet(tmp_path, frame, '[columns]\nbuyer = "客户"')
    with pytest.raises(InputError, match="没有列「客户」（buyer）。看到的列：paid_at、amount"):
        read_sql(config)


def test_a_database_file_is_read_and_never_written(tmp_path, expected):
    import duckdb

    with duckdb.connect(tmp_path / "shop.duckdb") as engine:
        engine.register("frame", lines())
        engine.execute("CREATE SCHEMA ods; CREATE TABLE ods.order_lines AS SELECT * FROM frame")
    before = (tmp_path / "shop.duckdb").read_bytes()
    config = declare(
        tmp_path, f'connection = "duckdb:shop.duckdb"\ntable = "ods.order_lines"\n{DROP}'
    )
    extract = read_sql(config)
    same(extract.frame, expected)
    assert (tmp_path / "shop.duckdb").read_bytes() == before
    assert extract.provenance[0].sheet == "ods.order_lines"


def test_today_is_told_as_not_over(tmp_path):
    now = dt.datetime.now(dt.timezone(dt.timedelta(hours=8))).replace(tzinfo=None)
    frame = pd.DataFrame({"paid_at": [pd.Timestamp(now)], "amount": [1.0]})
    extract = read_sql(in_parquet(tmp_path, frame, 'store = "店"'))
    assert extract.provenance[0].partial == (now.date(),)
    assert "partial_day" in rules(extract)


def test_a_day_on_which_the_file_was_made_is_told_as_not_over(tmp_path):
    name = "订单202603011200.csv"
    (tmp_path / name).write_text("paid_at,amount\n2026-02-28,5\n2026-03-01,6\n", "utf-8")
    config = declare(tmp_path, f'connection = "duckdb"\npaths = ["{name}"]\nstore = "店"')
    (told,) = read_sql(config).provenance
    assert told.time == dt.datetime(2026, 3, 1, 12)
    assert told.partial == (dt.date(2026, 3, 1),)


def test_a_missing_table_is_refused_in_words(tmp_path):
    import duckdb

    duckdb.connect(tmp_path / "shop.duckdb").close()
    config = declare(tmp_path, 'connection = "duckdb:shop.duckdb"\ntable = "nothing"')
    with pytest.raises(FileError, match="读不出来") as caught:
        read_sql(config)
    assert caught.value.code == "database"


def test_a_file_that_is_no_order_list_is_refused(tmp_path):
    (tmp_path / "a.csv").write_text("日期,访客数\n2026-03-01,5\n", "utf-8")
    with pytest.raises(FileError, match="找不到付款时间和金额列"):
        read_sql(declare(tmp_path, 'connection = "duckdb"\npaths = ["a.csv"]'))


@pytest.mark.spark
@pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
def test_spark_and_duckdb_agree_row_by_row_to_the_last_bit(tmp_path, expected):
    pytest.importorskip("pyspark", reason="需要 pip install xlplan[spark]")
    if shutil.which("java") is None:
        pytest.skip("Spark 需要 Java 17")
    frame = pd.concat([lines(), lines()[::5]])
    duck = read_sql(in_parquet(tmp_path, frame, DROP)).frame
    told = f'connection = "spark"\npaths = ["lines.parquet"]\n{DROP}[options]\n{SPARK}'
    spark = read_sql(declare(tmp_path, told, "spark.toml"), year=2026).frame
    same(spark, duck)
    same(duck, expected)


@pytest.mark.skipif(
    "XLPLAN_TEST_POSTGRES" not in os.environ,
    reason="没有设 XLPLAN_TEST_POSTGRES（PostgreSQL 地址）",
)
def test_postgres_and_duckdb_agree_row_by_row_to_the_last_bit(tmp_path, expected):
    import psycopg

    frame = lines().astype(object)
    frame = frame.where(frame.notna(), None)
    with psycopg.connect(os.environ["XLPLAN_TEST_POSTGRES"], autocommit=True) as session:
        session.execute("DROP TABLE IF EXISTS xlplan_lines")
        session.execute(
            "CREATE TABLE xlplan_lines (order_id bigint, line_id bigint, paid_at timestamptz, amount numeric(12,2),"
            " refund double precision, buyer_id bigint, store text, channel text, quantity int,"
            " seller_remark text, status text, updated_at timestamp)"
        )
        session.execute("SET TIME ZONE 'Asia/Shanghai'")
        with session.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO xlplan_lines VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                frame.to_numpy().tolist(),
            )
    told = f'connection = "${{XLPLAN_TEST_POSTGRES}}"\ntable = "public.xlplan_lines"\n{DROP}'
    same(read_sql(declare(tmp_path, told)).frame, expected)
    same(read_sql(declare(tmp_path, told), year=2026).frame, expected)
    with (
        pytest.raises(FileError, match="read-only"),
        connect(load_sql(declare(tmp_path, told))) as backend,
    ):
        backend.raw_sql("DELETE FROM xlplan_lines")


def versions(count: int = 900, seed: int = 5) -> pd.DataFrame:
    """Make lines that come up to four times, as a table of changes keeps them.

    A later version may be cancelled, paid on another day, without an amount, or of another size.
    """
    random = np.random.default_rng(seed)
    rows = []
    for line in range(count):
        for version in range(int(random.integers(1, 5))):
            day = pd.Timestamp("2026-03-01") + pd.Timedelta(days=int(random.integers(0, 60)))
            rows.append(
                {
                    "line_id": f"L{line}" if line % 11 else f" L{line} ",
                    "order_id": f"O{line // 2}",
                    "paid_at": day if random.random() > 0.1 else pd.NaT,
                    "amount": round(float(random.gamma(2, 60)), 2),
                    "status": random.choice(["交易成功", "Cancelled", " cancelled", "已付款"]),
                    "store": random.choice(["甲店", "乙店"]),
                    "updated_at": pd.Timestamp("2026-05-01") + pd.Timedelta(hours=version),
                }
            )
    alone = {**rows[0], "line_id": None, "status": "已付款", "paid_at": pd.Timestamp("2026-03-05")}
    shuffled = pd.DataFrame(rows).sample(frac=1, random_state=seed)
    return pd.concat([shuffled, pd.DataFrame([alone, alone])], ignore_index=True)


def newest_by_hand(frame: pd.DataFrame, first: str, last: str) -> pd.DataFrame:
    """Count with pandas: the newest version of a line first, only then what state it is in."""
    known = frame[frame["line_id"].notna()]
    known = known.assign(line_id=known["line_id"].str.strip()).sort_values("updated_at")
    frame = pd.concat([known.groupby("line_id").tail(1), frame[frame["line_id"].isna()]])
    frame = frame[frame["status"].str.strip().str.lower() != "cancelled"]
    frame = frame[frame["paid_at"].between(first, last)].rename(columns={"paid_at": "date"})
    days = frame.groupby(["store", "date"])
    made = pd.DataFrame(
        {"gmv": days["amount"].sum().round(2), "orders": days["order_id"].nunique()}
    )
    return made.astype(float)


@pytest.mark.parametrize("at_once", [50, 1_500_000])
@pytest.mark.parametrize(
    ("first", "last"), [("2026-01-01", "2026-12-31"), ("2026-03-10", "2026-03-20")]
)
def test_the_newest_version_of_a_line_is_chosen_before_its_state_is_looked_at(
    tmp_path, monkeypatch, first, last, at_once
):
    monkeypatch.setattr("xlplan.sources.sql.count._AT_ONCE", at_once)
    config = in_parquet(tmp_path, versions(), 'drop_status = ["CANCELLED"]\n')
    start, end = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    found = read_sql(config, start=start, end=end)
    same(found.frame[["gmv", "orders"]], newest_by_hand(versions(), first, last))


def test_a_cancelled_order_stays_cancelled_when_an_older_line_of_it_was_paid(tmp_path):
    frame = pd.DataFrame(
        {
            "line_id": ["1", "1", "2"],
            "paid_at": pd.to_datetime(["2026-03-01", "2026-03-01", "2026-03-02"]),
            "amount": [100.0, 100.0, 30.0],
            "status": ["已付款", "已取消", "已付款"],
            "updated_at": pd.to_datetime(["2026-03-01", "2026-03-04", "2026-03-02"]),
        }
    )
    found = read_sql(in_parquet(tmp_path, frame, DROP))
    assert found.frame["gmv"].tolist() == [30.0]
    without_times = in_parquet(tmp_path, frame.drop(columns="updated_at"), DROP)
    assert read_sql(without_times).frame["gmv"].tolist() == [30.0]


def test_a_line_whose_payment_moved_counts_once_on_its_new_day(tmp_path):
    frame = pd.DataFrame(
        {
            "line_id": ["1", "1"],
            "paid_at": pd.to_datetime(["2026-03-01", "2026-04-09"]),
            "amount": [100.0, 100.0],
            "updated_at": pd.to_datetime(["2026-03-01", "2026-04-09"]),
        }
    )
    config = in_parquet(tmp_path, frame)
    march = read_sql(config, start=dt.date(2026, 3, 1), end=dt.date(2026, 3, 31))
    assert march.frame.empty
    april = read_sql(config, start=dt.date(2026, 4, 1), end=dt.date(2026, 4, 30))
    assert april.frame["gmv"].tolist() == [100.0]
