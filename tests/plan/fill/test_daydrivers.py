"""From daily sales targets to daily orders, visitors, spend and refunds."""

from __future__ import annotations

import numpy as np
import pytest

from xlplan.errors import InfeasibleError, InputError
from xlplan.plan.drivers import Annual, Curves, plan_drivers

DAYS = np.arange("2026-01-01", "2027-01-01", dtype="datetime64[D]")
MONTH = DAYS.astype("datetime64[M]").astype(int) % 12
RANDOM = np.random.default_rng(11)
GMV = RANDOM.integers(10**5, 10**7, (3, 365)) / 100
GMV[1, 40:47] = 0
AOV = 180 + 20 * np.sin(np.arange(12))
CVR = 0.03 + 0.005 * np.cos(np.arange(12))
CURVES = Curves(
    aov=AOV,
    cvr=CVR,
    spend_ratio=np.linspace(0.08, 0.12, 12),
    refund_rate=np.linspace(0.05, 0.1, 12),
    shares=[5, 3, 2],
    cpc=[1.2, 0.8, 2.5],
)


def fen(amounts):
    return np.rint(np.asarray(amounts) * 100).astype(np.int64)


def monthly(days):
    return np.array([days[..., month == MONTH].sum(axis=-1) for month in range(12)]).T


def test_annual_ratios_are_ratios_of_sums():
    plan = plan_drivers(
        GMV, MONTH, CURVES, Annual(aov=200, cvr=0.028, spend_ratio=0.1, refund_rate=0.07)
    )
    gmv = fen(GMV).sum()
    assert plan.orders.sum() == round(gmv / 100 / 200)
    assert plan.uv.sum() == round(plan.orders.sum() / 0.028)
    assert fen(plan.spend).sum() == round(gmv * 0.1)
    assert fen(plan.refund_amount).sum() == round(gmv * 0.07)
    for counts in (plan.orders, plan.uv, plan.channel_uv):
        assert (counts == np.rint(counts)).all()
        assert (counts >= 0).all()


def test_months_keep_the_shape_of_their_curves():
    plan = plan_drivers(GMV, MONTH, CURVES, Annual(aov=200, cvr=0.028))
    aov = monthly(GMV) / monthly(plan.orders)
    assert (aov / AOV).ravel() == pytest.approx(np.full(36, (aov / AOV)[0, 0]), rel=0.01)
    cvr = monthly(plan.orders) / monthly(plan.uv)
    assert (cvr / CVR).ravel() == pytest.approx(np.full(36, (cvr / CVR)[0, 0]), rel=0.01)


def test_each_store_can_have_its_own_targets():
    plan = plan_drivers(GMV, MONTH, CURVES, Annual(aov=[150, 200, 250], uv=[10**6, 10**5, 5]))
    assert plan.uv.sum(axis=1).tolist() == [10**6, 10**5, 5]
    for store, aov in enumerate((150, 200, 250)):
        assert plan.orders[store].sum() == round(fen(GMV[store]).sum() / 100 / aov)


def test_channels_add_up_to_the_spend_of_every_day():
    plan = plan_drivers(GMV, MONTH, CURVES, Annual(spend=1_000_000.01))
    assert fen(plan.spend).sum() == 100_000_001
    assert (fen(plan.channel_spend).sum(axis=0) == fen(plan.spend)).all()
    by_channel = fen(plan.channel_spend).sum(axis=(1, 2))
    assert by_channel / 100_000_001 == pytest.approx([0.5, 0.3, 0.2], abs=1e-6)
    clicks = plan.channel_uv.sum(axis=(1, 2))
    assert clicks * [1.2, 0.8, 2.5] == pytest.approx(by_channel / 100, rel=1e-3)


def test_days_without_sales_get_nothing():
    plan = plan_drivers(GMV, MONTH, CURVES)
    for values in (plan.orders, plan.uv, plan.spend, plan.refund_amount):
        assert not values[1, 40:47].any()


def test_given_monthly_visitors_stay_and_the_rest_share_the_year():
    given_uv = np.full((3, 12), np.nan)
    given_uv[:, 0] = [1000, 2000, 3000]
    plan = plan_drivers(GMV, MONTH, CURVES, Annual(uv=500_000), uv_given=given_uv)
    assert monthly(plan.uv)[:, 0].tolist() == [1000, 2000, 3000]
    assert plan.uv.sum() == 500_000
    with pytest.raises(InfeasibleError):
        plan_drivers(GMV, MONTH, CURVES, Annual(uv=5000), uv_given=given_uv)


def test_without_targets_the_curves_are_taken_as_they_are():
    plan = plan_drivers(GMV[0], MONTH, Curves(aov=AOV, cvr=CVR))
    assert monthly(GMV[:1]) / monthly(plan.orders) == pytest.approx(AOV[None], rel=0.01)
    assert not plan.spend.any()
    assert not plan.refund_amount.any()
    assert plan.channel_spend.shape == (0, 1, 365)


def test_spend_without_channels_follows_the_sales_of_the_day():
    plan = plan_drivers(GMV[0], MONTH, Curves(aov=AOV, cvr=CVR), Annual(spend_ratio=0.1))
    assert plan.spend[0] == pytest.approx(GMV[0] * 0.1, abs=0.02)


@pytest.mark.parametrize(
    "curves",
    [
        Curves(aov=np.zeros(12), cvr=CVR),
        Curves(aov=AOV, cvr=-CVR),
        Curves(aov=AOV, cvr=CVR, refund_rate=-1),
        Curves(aov=AOV, cvr=CVR, spend_ratio=0.1, shares=[1, 2], cpc=[0, 1]),
    ],
)
def test_impossible_ratios_are_refused(curves):
    with pytest.raises(InputError):
        plan_drivers(GMV, MONTH, curves)


def test_days_and_months_must_match():
    with pytest.raises(InputError):
        plan_drivers(GMV, MONTH[:-1], CURVES)
    with pytest.raises(InputError):
        plan_drivers(-GMV, MONTH, CURVES)
