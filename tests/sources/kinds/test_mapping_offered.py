"""A mapping that is offered for a table nobody knows does no harm when it is used as it stands."""

from __future__ import annotations

import tomllib

import pytest

from xlplan.sources import load_mapping, read


def offered(make, text, name="示例店_表.csv"):
    file = make.text(text, name)
    return file, read(file).starter


def used(make, file, starter):
    mapping = make.text(starter, "映射.toml")
    return read(file, mapping=mapping)


DAYS = "统计日,访客数,支付金额\n2026-09-01,100,1000\n2026-09-02,101,1001\n"


def test_what_only_lacks_the_name_of_its_date_is_read_rightly(make):
    file, starter = offered(make, DAYS)
    assert used(make, file, starter).frame["gmv"].tolist() == [1000, 1001]


@pytest.mark.parametrize(
    "text",
    [
        "商品ID,统计日,访客数,支付金额\n1,2026-09-01,100,1000\n2,2026-09-01,101,1001\n",
        "计划名称,统计日,支付金额,消耗\n甲,2026-09-01,100,1000\n乙,2026-09-01,101,1001\n",
        "流水单号,下单日,付款日,支付金额\nA1,2026-08-31,2026-09-01,100\nA2,2026-08-31,2026-09-02,100\n",
        "城市,统计日,访客数\n甲,2026-09-01,100\n乙,2026-09-01,101\n",
    ],
)
def test_parts_of_the_shop_are_not_offered_as_the_shops(make, text):
    _, starter = offered(make, text)
    assert tomllib.loads(starter)["columns"] == {}


def test_rows_that_might_add_up_are_not_added_unasked(make):
    file, starter = offered(make, DAYS.replace("2026-09-02", "2026-09-01"))
    extract = used(make, file, starter)
    assert extract.frame.empty
    assert "conflict" in {problem.rule for problem in extract.problems}


def test_stores_in_a_column_stay_apart(make):
    file, starter = offered(make, "统计日,店铺,访客数\n2026-09-01,甲店,100\n2026-09-01,乙店,101\n")
    frame = used(make, file, starter).frame
    assert frame["uv"].to_dict() == {
        ("乙店", frame.index[0][1]): 101,
        ("甲店", frame.index[0][1]): 100,
    }


def test_the_order_of_day_and_month_is_not_guessed(make):
    file, starter = offered(make, "c_day,支付金额\n1/09/2026,100\n2/09/2026,101\n")
    assert "order" not in tomllib.loads(starter)
    extract = used(make, file, starter)
    assert extract.frame.empty
    assert "ambiguous" in {problem.rule for problem in extract.problems}


def test_of_two_dates_the_paid_one_is_offered_or_none(make):
    text = "建单日,发货日,支付金额\n2026-09-01,2026-09-03,100\n2026-09-02,2026-09-03,101\n"
    assert tomllib.loads(offered(make, text)[1])["date"] == "日期列的列名"
    paid = text.replace("发货日", "付款日")
    assert tomllib.loads(offered(make, paid)[1])["date"] == "付款日"


def test_two_columns_of_one_metric_or_one_name_are_not_both_offered(make):
    for head in ("支付金额,GMV", "支付金额,支付金额"):
        _, starter = offered(make, f"统计日,{head}\n2026-09-01,100,90\n2026-09-02,101,91\n")
        said = tomllib.loads(starter)["columns"] if starter else {}
        assert len(said) <= 1


def test_what_is_offered_can_be_loaded_once_something_is_named(make):
    _, starter = offered(make, "统计日,支付金额,cost\n2026-09-01,100,90\n2026-09-02,101,91\n")
    named = starter.replace('# "cost" = "填指标名"', '"cost" = "其他推广"')
    assert load_mapping(make.text(named, "m.toml")).key.startswith("mapping:")
