"""Days of a file become months of a card, each day once, whatever order files come in."""

from __future__ import annotations

import pandas as pd

from xlplan.plan.actuals.contributions import Batch, no_rows, upsert
from xlplan.plan.cards.card import Card
from xlplan.plan.cards.imported import apart, taken_in


def batch(file, time, days, store="甲店", name="周转", **more):
    index = pd.MultiIndex.from_tuples([(store, pd.Timestamp(day)) for day in days], names=["store", "date"])  # fmt: skip
    frame = pd.DataFrame({f"card:{name}": list(days.values()), **more}, index=index)
    return Batch(frame, "mapping:周报", "周报", file, time).rows()


def cards_after(card, *rows):
    _, mine = apart(upsert(no_rows(), rows).rows)
    return taken_in([card], mine)


def test_a_level_takes_the_last_day_and_a_flow_the_sum():
    days = {"2026-03-01": 40.0, "2026-03-20": 38.0, "2026-04-02": 37.0}
    (level,), _ = cards_after(Card("周转", unit="天"), batch("a.csv", "2026-04-03", days))
    (flow,), _ = cards_after(Card("周转", unit="条"), batch("a.csv", "2026-04-03", days))
    assert level.done[2:4] == (38.0, 37.0)
    assert flow.done[2:4] == (78.0, 37.0)
    assert level.done[0] is None


def test_the_later_export_of_a_day_replaces_the_earlier_one():
    first = batch("a.csv", "2026-03-02", {"2026-03-01": 40.0})
    later = batch("b.csv", "2026-03-09", {"2026-03-01": 41.0, "2026-03-08": 5.0})
    for order in ((first, later), (later, first)):
        (card,), _ = cards_after(Card("周转", unit="条"), *order)
        assert card.done[2] == 46.0


def test_a_level_of_two_stores_is_not_put_together():
    rows = [
        batch("a.csv", "2026-03-02", {"2026-03-01": 40.0}, store) for store in ("甲店", "乙店")
    ]
    (card,), told = cards_after(Card("周转", unit="天"), *rows)
    assert card.done[2] is None
    assert "几家店" in told[0].what
    (mine,), told = cards_after(Card("周转", "乙店", unit="天"), *rows)
    assert mine.done[2] == 40.0
    assert told == []


def test_what_has_no_card_is_named_and_a_changed_month_too():
    rows = batch("a.csv", "2026-03-02", {"2026-03-01": 40.0}, name="别的")
    cards, told = cards_after(Card("周转"), rows)
    assert cards == [Card("周转")]
    assert "别的" in told[0].what
    typed = Card("别的", unit="条", done=(None, None, 7.0, *[None] * 9))
    (card,), told = cards_after(typed, rows)
    assert card.done[2] == 40.0
    assert "由 7 改为导入的 40" in told[0].what


def test_metrics_and_cards_of_one_file_are_told_apart():
    rows = batch("a.csv", "2026-03-02", {"2026-03-01": 40.0}, gmv=[5.0])
    facts, mine = apart(upsert(no_rows(), [rows]).rows)
    assert "card:周转" not in facts
    assert facts["gmv"].tolist() == [5.0]
    assert "gmv" not in mine
