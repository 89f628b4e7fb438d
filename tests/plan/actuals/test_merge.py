"""Actuals from many sources: one value per cell, whatever the order they came in."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xlplan.errors import Level, Where
from xlplan.plan.actuals import merge_findings
from xlplan.plan.actuals.contributions import Batch, no_rows, upsert
from xlplan.plan.actuals.merge import (
    Rules,
    immature,
    is_daily_metric,
    merge,
    rules_of,
    staff_rows,
    unknown_names,
)
from xlplan.plan.actuals.merge_findings import Limits, accept
from xlplan.plan.actuals.origins import origin_texts, told
from xlplan.plan.year import Settings

METRICS = Settings().registry
LIMITS = Limits(("甲店", "乙店"), 2026, date(2026, 9, 10))


def frame(values: dict[tuple[str, str], dict[str, float]]) -> pd.DataFrame:
    keys = [(store, pd.Timestamp(day)) for store, day in values]
    index = pd.MultiIndex.from_tuples(keys, names=["store", "date"])
    return pd.DataFrame(list(values.values()), index=index, dtype=float)


def batch(values, source="sycm_shop", file="a.xlsx", time="2026-09-08", **more) -> Batch:
    name = {"sycm_shop": "生意参谋 店铺", "taobao_orders": "千牛 订单"}.get(source, source)
    return Batch(frame(values), source, name, file, time, **more)


def taken(*batches: Batch) -> pd.DataFrame:
    return upsert(no_rows(), [b.rows() for b in batches]).rows


def settled(rows: pd.DataFrame, typed=(), rules: Rules | None = None, stores=("甲店", "乙店")):
    return merge(
        rows, staff_rows(dict(typed)), stores=stores, year=2026, metrics=METRICS, rules=rules
    )


def value(merged, metric: str, day: str = "2026-09-01", store: str = "甲店") -> float:
    return float(merged.actuals.loc[(store, pd.Timestamp(day)), metric])


ONE = {("甲店", "2026-09-01"): {"gmv": 100.0, "uv": 10.0}}


def test_the_later_export_of_a_source_replaces_its_earlier_figures():
    first = batch(ONE)
    later = batch({("甲店", "2026-09-01"): {"gmv": 120.0}}, file="b.xlsx", time="2026-09-09")
    done = upsert(taken(first), [later.rows()])
    merged = settled(done.rows)
    assert value(merged, "gmv") == 120
    assert value(merged, "uv") == 10  # the later file did not tell it
    row = done.restated.iloc[0]
    assert (row["old"], row["new"], row["old_file"], row["file"]) == (100, 120, "a.xlsx", "b.xlsx")


def test_an_older_export_that_comes_late_changes_nothing_and_is_named():
    later = batch({("甲店", "2026-09-01"): {"gmv": 120.0}}, file="b.xlsx", time="2026-09-09")
    done = upsert(taken(later), [batch(ONE).rows()])
    assert value(settled(done.rows), "gmv") == 120
    assert done.restated.empty
    (found,) = merge_findings.changes(done)
    assert (found.rule, found.level, found.where.file) == ("outdated", Level.INFO, "a.xlsx")


def test_a_file_saved_again_under_its_name_replaces_what_it_brought():
    old = batch(ONE, saved="2026-09-08 10:00:00")
    new = batch({("甲店", "2026-09-01"): {"gmv": 90.0}}, saved="2026-09-08 11:00:00")
    assert value(settled(taken(old, new)), "gmv") == 90
    assert value(settled(taken(new, old)), "gmv") == 90


def test_a_day_exported_before_it_was_over_is_not_an_actual():
    half = batch(ONE, time="2026-09-01 14:00", partial=frozenset({date(2026, 9, 1)}))
    rows = taken(half)
    assert np.isnan(value(settled(rows), "gmv"))
    merged = settled(rows)
    texts = origin_texts(merged.origins, rows, merged.actuals)
    assert texts["甲店", date(2026, 9, 1)] == "生意参谋 店铺 09-01 14:00 当天未结束，未计入"
    whole = upsert(rows, [batch(ONE).rows()]).rows
    assert value(settled(whole), "gmv") == 100


def test_a_whole_day_stands_before_a_partial_one_even_when_that_was_made_later():
    whole = batch(ONE, time="2026-09-01")
    half = batch({("甲店", "2026-09-01"): {"gmv": 60.0}}, file="b.xlsx", time="2026-09-01 14:00", partial=frozenset({date(2026, 9, 1)}))  # fmt: skip
    assert value(settled(taken(whole, half)), "gmv") == 100


def test_finance_stands_before_exports_and_exports_before_staff():
    typed = {("甲店", date(2026, 9, 1)): {"gmv": 99.0, "orders": 7.0, "note": "下雨"}}
    orders = batch({("甲店", "2026-09-01"): {"gmv": 104.0}}, source="taobao_orders", rank=20)
    assert value(settled(no_rows(), typed), "gmv") == 99
    assert value(settled(taken(batch(ONE), orders), typed), "gmv") == 100
    assert value(settled(taken(batch(ONE), orders), typed), "orders") == 7
    finance = batch({("甲店", "2026-09-01"): {"gmv": 98.0}}, source="finance:sycm_shop", rank=0)
    assert value(settled(taken(batch(ONE), orders, finance), typed), "gmv") == 98


def test_metrics_can_be_named_for_which_staff_stand_first_but_not_before_finance():
    typed = {("甲店", date(2026, 9, 1)): {"gmv": 99.0, "uv": 11.0}}
    rules = rules_of(Settings(staff_first="访客数、退款件数，没有这个"))
    assert rules.staff_first == {"uv", "refund_units"}
    assert unknown_names(Settings(staff_first="访客数、没有这个、全部")) == ["没有这个"]
    merged = settled(taken(batch(ONE)), typed, rules)
    assert (value(merged, "gmv"), value(merged, "uv")) == (100, 11)
    finance = batch({("甲店", "2026-09-01"): {"uv": 12.0}}, source="finance:x", rank=0)
    assert value(settled(taken(finance), typed, rules), "uv") == 12
    assert "gmv" in rules_of(Settings(staff_first="全部")).staff_first


def test_sources_that_differ_beyond_the_tolerance_are_told_with_both_values():
    orders = batch({("甲店", "2026-09-01"): {"gmv": 110.0, "uv": 10.0}}, source="taobao_orders", rank=20, file="o.csv")  # fmt: skip
    merged = settled(taken(batch(ONE), orders))
    (found,) = merge_findings.disputes(merged, lambda *_: Where())
    assert found.rule == "dispute"
    for text in ("生意参谋 店铺", "千牛 订单", "100", "110", "2026-09-01", "o.csv"):
        assert text in str(found)
    days = {("甲店", f"2026-09-0{day}"): {"gmv": 100.0 + day} for day in range(1, 9)}
    more = {pair: {"gmv": values["gmv"] * 2} for pair, values in days.items()}
    merged = settled(taken(batch(days), batch(more, source="taobao_orders", rank=20)))
    (found,) = merge_findings.disputes(merged, lambda *_: Where())
    assert "有 8 天不同，采用前者：2026-09-08 108 与 216；2026-09-07 107 与 214；" in found.what
    near = batch({("甲店", "2026-09-01"): {"gmv": 100.5}}, source="taobao_orders", rank=20)
    assert settled(taken(batch(ONE), near)).disputes.empty
    assert len(settled(taken(batch(ONE), near), rules=Rules(tolerance=0)).disputes) == 1


def test_what_staff_typed_and_an_export_contradicts_is_named_with_its_cell():
    typed = {("甲店", date(2026, 9, 1)): {"gmv": 120.0}}
    merged = settled(taken(batch(ONE)), typed)
    (found,) = merge_findings.disputes(merged, lambda *spot: Where("", "日报", f"cell of {spot}"))
    assert found.where.cell == f"cell of {('甲店', date(2026, 9, 1), 'gmv')}"
    assert "120" in found.what
    assert "100" in found.what


def test_channels_without_a_row_go_to_the_other_row_once():
    report = batch({("甲店", "2026-09-01"): {"spend_sitewide": 50.0, "spend_other": 5.0}}, source="wxt_plans", rank=12)  # fmt: skip
    shop = batch({("甲店", "2026-09-01"): {"spend_sitewide": 51.0, "spend_smart": 7.0, "spend_keyword": 9.0}})  # fmt: skip
    typed = {("甲店", date(2026, 9, 1)): {"spend_other": 60.0}}
    merged = settled(taken(report, shop), typed)
    # 全站推广 is told twice and counted once (51); 智能场景 7 and unnamed 5 are beside it; what
    # staff typed as 其他推广 is the same money again and stands behind
    assert value(merged, "spend_other") == 63
    assert value(merged, "spend_keyword") == 9
    assert merged.folded == {"spend_sitewide": 51.0, "spend_smart": 7.0}
    assert [p.level for p in merge_findings.folded(merged)] == [Level.INFO] * 2


def test_a_channel_with_a_row_keeps_it():
    metrics = Settings(channels=("keyword", "sitewide")).registry
    rows = taken(batch({("甲店", "2026-09-01"): {"spend_sitewide": 50.0}}))
    merged = merge(rows, no_rows(), stores=["甲店"], year=2026, metrics=metrics)
    assert value(merged, "spend_sitewide") == 50
    assert merged.folded == {}


def test_missing_stays_missing_and_zero_stays_zero():
    merged = settled(taken(batch({("甲店", "2026-09-01"): {"gmv": 0.0, "uv": np.nan}})))
    assert value(merged, "gmv") == 0
    assert merged.actuals.notna().to_numpy().sum() == 1


def test_last_months_day_is_clamped_at_the_month_end_and_net_of_exclusions():
    rows = taken(
        batch({
            ("甲店", "2026-02-28"): {"gmv": 100.0, "orders": 10.0, "gmv_excluded": 30.0, "orders_excluded": 4.0},
            ("甲店", "2026-03-30"): {"gmv": 50.0},
        })
    )  # fmt: skip
    merged = settled(rows)
    for day in ("2026-03-28", "2026-03-29", "2026-03-31"):
        assert value(merged, "orders_last_month", day) == 6
        assert np.isnan(value(merged, "gmv_last_month", day))  # its own sales are not known
    assert value(merged, "gmv_last_month", "2026-03-30") == 70
    assert np.isnan(value(merged, "orders_last_month", "2026-03-27"))
    assert np.isnan(value(merged, "gmv_last_month", "2026-04-30"))


def test_last_months_figure_of_january_comes_from_a_source_that_tells_it():
    rows = taken(batch({("甲店", "2026-01-05"): {"gmv": 5.0, "orders_last_month": 8.0}}))
    assert value(settled(rows), "orders_last_month", "2026-01-05") == 8


def test_days_and_stores_a_book_cannot_take_are_refused_by_name():
    mixed = batch({
        ("甲店", "2026-09-01"): {"gmv": 1.0, "uv_month": 900.0},
        ("甲店", "2026-09-11"): {"gmv": 2.0, "uv_month": np.nan},
        ("乙店", "2025-12-31"): {"gmv": 3.0, "uv_month": np.nan},
        ("丙店", "2026-09-02"): {"gmv": 4.0, "uv_month": np.nan},
    })  # fmt: skip
    kept, problems = accept(mixed, LIMITS)
    assert list(kept.frame.index) == [("甲店", pd.Timestamp("2026-09-01"))]
    assert list(kept.frame.columns) == ["gmv"]  # the month's visitors are de-duplicated
    told_of = {p.rule: p for p in problems}
    assert set(told_of) == {"future", "other_year", "unknown_store", "not_daily"}
    assert "2026-09-11" in told_of["future"].what
    assert "2025-12-31" in told_of["other_year"].what
    assert "丙店" in told_of["unknown_store"].what
    assert "2026-09-02" in told_of["unknown_store"].what
    assert "甲店、乙店" in told_of["unknown_store"].remedy
    assert not is_daily_metric("uv_month")


def test_a_day_missing_inside_a_batch_of_daily_files_is_reported_not_filled():
    days = ["2026-09-01", "2026-09-02", "2026-09-05"]
    files = [batch({("甲店", day): {"gmv": 1.0}}, file=f"{day}.xlsx") for day in days]
    rows = taken(*files)
    (found,) = merge_findings.gaps(rows, files, closed=[date(2026, 9, 3)])
    assert "2026-09-04" in found.what
    assert "2026-09-03" not in found.what  # the shop was closed
    assert np.isnan(value(settled(rows), "gmv", "2026-09-04"))


def test_a_gap_that_was_filled_by_an_earlier_import_is_none():
    early = batch({("甲店", "2026-09-02"): {"gmv": 1.0}})
    files = [batch({("甲店", d): {"gmv": 1.0}}, file=d) for d in ("2026-09-01", "2026-09-03")]
    assert merge_findings.gaps(taken(early, *files), files, []) == []
    assert len(merge_findings.gaps(taken(*files), files, [])) == 1


def test_a_source_without_a_row_for_every_day_has_no_gaps():
    orders = batch({("甲店", d): {"gmv": 1.0} for d in ("2026-09-01", "2026-09-04")}, daily=False)
    assert merge_findings.gaps(taken(orders), [orders], []) == []


def test_days_that_a_file_no_longer_holds_are_kept_and_said():
    held = taken(batch({("甲店", d): {"gmv": 1.0} for d in ("2026-09-01", "2026-09-02")}))
    again = batch({("甲店", "2026-09-01"): {"gmv": 1.0}}, saved="later")
    (found,) = merge_findings.dropped(held, [again])
    assert "2026-09-02" in found.what
    assert value(settled(upsert(held, [again.rows()]).rows), "gmv", "2026-09-02") == 1


def test_a_restatement_by_more_than_half_is_told_as_a_likely_half_export():
    more = batch({("甲店", "2026-09-01"): {"gmv": 20.0}}, file="b.xlsx", time="2026-09-09")
    (found,) = merge_findings.changes(upsert(taken(batch(ONE)), [more.rows()]))
    assert found.rule == "restated_low"
    assert "100 → 20" in found.what


def test_refunds_of_the_last_days_are_immature():
    days = pd.date_range("2026-09-01", "2026-09-10")
    rows = taken(batch({("甲店", f"{day:%Y-%m-%d}"): {"gmv": 1.0} for day in days}))
    young = immature(settled(rows).actuals, date(2026, 9, 10), 7)
    assert young == {("甲店", date(2026, 9, n)) for n in range(4, 11)}
    assert immature(settled(no_rows()).actuals, None, 7) == set()


def test_everyone_who_told_a_value_can_be_asked_for():
    report = batch({("甲店", "2026-09-01"): {"spend_sitewide": 50.0}}, source="wxt_plans", rank=12)
    typed = {("甲店", date(2026, 9, 1)): {"spend_other": 60.0}}
    rows = taken(report)
    found = told(rows, staff_rows(typed), settled(rows, typed), "spend_other")
    assert [(e["source"], e["value"], e["used"]) for e in found] == [
        ("wxt_plans", 50, True),
        ("staff", 60, False),
    ]


@st.composite
def some_batches(draw) -> list[Batch]:
    made = []
    for number in range(draw(st.integers(1, 5))):
        cells = draw(
            st.dictionaries(
                st.tuples(st.sampled_from(["甲店", "乙店"]), st.sampled_from(["2026-09-01", "2026-09-02"])),
                st.dictionaries(st.sampled_from(["gmv", "uv", "spend_smart"]), st.integers(0, 5).map(float), min_size=1),
                min_size=1,
            )
        )  # fmt: skip
        source = draw(st.sampled_from(["sycm_shop", "taobao_orders"]))
        time = draw(st.sampled_from(["2026-09-03", "2026-09-03 10:00", "2026-09-04"]))
        file = draw(st.sampled_from(["a", "b", f"c{number}"]))
        part = draw(st.sampled_from([frozenset(), frozenset({date(2026, 9, 2)})]))
        made.append(batch(cells, source, file, time, partial=part, rank=draw(st.integers(10, 12))))
    return made


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_any_set_of_files_in_any_order_any_number_of_times_gives_the_same(data):
    batches = data.draw(some_batches())
    at_once = taken(*batches)
    again = data.draw(
        st.permutations([*batches, *data.draw(st.lists(st.sampled_from(batches), max_size=2))])
    )
    held = no_rows()
    for one in again:
        held = upsert(held, [one.rows()]).rows
    pd.testing.assert_frame_equal(held, at_once)
    done = upsert(held, [one.rows() for one in again])
    pd.testing.assert_frame_equal(done.rows, at_once)
    assert done.restated.empty


@settings(max_examples=10, deadline=None)
@given(some_batches())
def test_every_value_that_stands_was_told_and_every_cell_told_has_a_value(batches):
    rows = taken(*batches)
    merged = settled(rows)
    whole = rows[~rows["partial"]]
    pairs = {(r["store"], r["date"]) for _, r in whole.iterrows() if r.get("gmv", np.nan) >= 0}
    known = merged.actuals["gmv"].dropna()
    assert set(known.index) == pairs
    for spot, number in known.items():
        assert number in set(whole.loc[(whole["store"] == spot[0]) & (whole["date"] == spot[1]), "gmv"])  # fmt: skip


def test_one_source_told_twice_in_one_batch_of_one_file_is_an_error_of_the_reader():
    twice = pd.concat([frame(ONE), frame(ONE)])
    rows = Batch(twice, "s", "s").rows()
    assert len(upsert(no_rows(), [rows]).rows) == 1


@pytest.mark.parametrize("count", [0, 1])
def test_merging_nothing_knows_nothing(count):
    rows = upsert(no_rows(), [no_rows()] * count).rows
    assert settled(rows).actuals.notna().to_numpy().sum() == 0
