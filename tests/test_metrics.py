from __future__ import annotations

from dataclasses import replace

import pytest

from xlplan.formula import Formula
from xlplan.metrics import (
    CHANNELS,
    DRIVERS,
    METRICS,
    Add,
    Registry,
    driver_of,
    moving,
    normal,
    products,
    registry,
)

SEED_ROWS = (
    "目标销售额 全店动销率 日销售额 平均增长比 活动销售额 推广销售额 人气销售额(补单) 实际销售额 日销笔数 "
    "人气笔数(补单) 实际笔数 上月同期日销笔数 客单价 当日UV 转化率 本月所需UV 本月UV缺口 钻展 直通车 聚划算 "
    "淘宝客 老客户推广 费用占比 直通车UV 钻展UV 淘宝客UV UV缺额 询单率 询单转化率 ROI 退款件数 退款率"
).split()


@pytest.mark.parametrize("label", SEED_ROWS)
def test_every_row_of_the_seed_table_is_a_metric(label: str):
    found = METRICS.find(label)
    assert found is not None
    assert found.label == label


def test_no_spelling_means_two_metrics():
    owners: dict[str, set[str]] = {}
    for metric in METRICS.metrics.values():
        for text in (metric.label, metric.name, *metric.aliases):
            owners.setdefault(normal(text), set()).add(metric.name)
    assert {text: names for text, names in owners.items() if len(names) > 1} == {}


def test_spellings_are_forgiven_and_strangers_get_a_suggestion():
    assert METRICS.find(" ｕｖ ").name == "uv"
    assert METRICS.find("支付金额（元）").name == "gmv"
    assert METRICS.find("转换率") is None
    assert METRICS.suggest("转换率") == "转化率"


def test_a_channel_brings_its_metrics():
    for channel in CHANNELS:
        for kind in ("spend", "uv", "gmv", "roi"):
            assert f"{kind}_{channel.key}" in METRICS
    assert METRICS.find("关键词推广花费").name == "spend_keyword"


def test_a_book_with_fewer_channels_sums_only_those():
    small = registry(channels=("keyword", "display"))
    assert set(small["spend"].formula.names) == {"spend_display", "spend_keyword"}
    assert "spend_pdd" not in small


def test_exclusions_have_no_plan():
    assert {m.name for m in METRICS.metrics.values() if m.exclusion} == {
        "gmv_excluded",
        "orders_excluded",
    }
    assert "gmv_excluded_target" not in METRICS


def test_the_plan_companion_of_a_ratio_uses_planned_parts():
    assert METRICS["cvr_target"].formula.text == "orders_target / uv_target"
    assert METRICS["spend_ratio_target"].formula.text == "spend_target / gmv_target"


def test_settings_choose_the_base_of_refunds_and_order_value():
    assert registry(refund_base="amount")["refund_rate"].formula.text == "refund_amount / gmv"
    assert registry(aov_base="buyers")["cvr"].formula.text == "buyers / uv"


def test_operands_come_before_results():
    order = METRICS.order(["attainment", "uv_gap"])
    for name in order:
        for part in METRICS[name].formula.names if METRICS[name].formula else ():
            assert order.index(part) < order.index(name)


def spoiled(**changes) -> dict:
    metrics = dict(METRICS.metrics)
    for name, fields in changes.items():
        metrics[name] = replace(metrics[name], **fields)
    return metrics


def test_an_unknown_name_is_refused_with_a_suggestion():
    with pytest.raises(ValueError, match="did you mean 'gmv_net'"):
        Registry(spoiled(cvr={"formula": Formula("gmv_nett / uv")}))


def test_a_circle_is_refused():
    with pytest.raises(ValueError, match="circle"):
        Registry(
            spoiled(
                gmv_net={"formula": Formula("cvr * uv")},
                orders_net={"formula": Formula("gmv_net / aov")},
            )
        )


def test_a_ratio_without_formula_is_refused():
    with pytest.raises(ValueError, match="no formula"):
        Registry(spoiled(uv={"add": Add.RATIO}))


@pytest.mark.parametrize("edited", ["gmv", "uv", "cvr", "aov"])
def test_whatever_gives_sales_stay_the_product_of_their_factors(edited):
    """Powers of the edit's factor: only the number that gives may make up for the others."""
    for gives in DRIVERS[edited].gives:
        powers = {edited: 1} | moving(edited, gives)
        rest = powers.get("gmv", 0) - sum(powers.get(name, 0) for name in ("uv", "cvr", "aov"))
        assert rest == 0 or gives in ("cvr", "aov", "none"), (edited, gives)
        assert abs(rest) <= 1


def test_every_planned_flow_has_one_driver_and_every_product_is_a_ratio_the_other_way_round():
    for name, metric in METRICS.metrics.items():
        if metric.planned_from and name not in ("gmv_net", "orders_net"):
            assert driver_of(name).root
    flows = {flow: factors for flow, factors in products() if len(factors) == 2}
    assert flows["gmv_paid"] == ("spend", "roi")
    assert METRICS["roi"].formula.names == ("gmv_paid", "spend")
    with pytest.raises(KeyError):
        driver_of("spend_ratio")
