"""分摊 on a category or platform of 品类平台: its months change, exactly, and can be undone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.actions.openbook import OpenBook, planned_book
from xlplan.actions.change.changing import spread
from xlplan.actions.plan.fill import fill
from xlplan.actions.undo.undoing import redo, undo
from xlplan.books.build import build
from xlplan.cells import Cell
from xlplan.errors import InfeasibleError, InputError
from xlplan.plan.parts.splits import own_shares, with_own_shares
from xlplan.plan.parts.year import month_totals
from xlplan.sheets.parts.page import SHEET, share_keys, split_values
from xlplan.sheets.state.layout import pages
from xlplan.sheets.state.read import read_state


@pytest.fixture
def book(tmp_path):
    """The two-store book with its year spread."""
    path = tmp_path / "计划.xlsx"
    path.write_bytes(planned_book())
    return OpenBook(path)


def amounts(book):
    """What the program says the parts are, which the sheet must carry too."""
    read = read_state(book)
    year = read.state.year
    values = split_values(year, year.scopes[0], read.state.splits)
    at = read.at.split
    for key in ("c:0", "c:1", "p:0", "n:1:1"):
        seen = [read.cells[SHEET][at.rows[key], at.columns[f"m:{m}"]].value for m in range(1, 13)]
        np.testing.assert_allclose(seen, values[key][:12], rtol=1e-12)
    return {key: np.rint(v[:12] * 100).astype(int) for key, v in values.items() if v[0] == v[0]}


def test_a_category_moves_and_the_others_keep_their_amounts(book):
    before = amounts(book)
    spread(book, category="女装", period="9月", to="50万")
    book.reopen()
    after = amounts(book)
    assert after["c:0"][8] == 50_000_000
    for key in ("c:1", "c:2", "rest"):
        assert (after[key] == before[key]).all()
    change = after["c:0"] - before["c:0"]
    assert (after["target"] - before["target"] == change).all()
    assert np.flatnonzero(change).tolist() == [8]
    assert list(own_shares(read_state(book).state.splits)) == ["c:0:9", "c:1:9", "c:2:9"]


def test_with_kept_totals_the_other_platforms_absorb(book):
    before, plan = amounts(book), read_state(book).state.year.plan
    spread(book, platform="京东", period="Q4", to="+8%", keep="月")
    book.reopen()
    after = amounts(book)
    assert (after["target"] == before["target"]).all()
    assert read_state(book).state.year.plan.equals(plan)
    quarter = slice(9, 12)
    assert after["p:1"][quarter].sum() == round(before["p:1"][quarter].sum() * 1.08)
    assert (after["p:0"] + after["p:1"] == before["p:0"] + before["p:1"]).all()
    assert (after["p:1"][:9] == before["p:1"][:9]).all()


@pytest.mark.parametrize(
    ("to", "wanted"),
    [
        ("500万", 5e8),
        ("-3000", -3e5),
        ("*1.2", 1.2),
        ("=500万 平均", 5e8),
        ("=500万 like 权重", 5e8),
    ],
)
def test_every_shorthand_for_a_total_works_over_months(book, to, wanted):
    before = amounts(book)["c:1"].sum()
    spread(book, category="男装", period="全年", to=to)
    after = amounts(book)["c:1"]
    asked = wanted if wanted > 1e6 else before + wanted if wanted < 0 else before * wanted
    assert abs(after.sum() - asked) <= (6 if to.startswith("*") else 0.5)
    if "平均" in to:
        assert after.max() - after.min() <= 1


def test_a_change_of_a_part_is_one_step_of_undo_and_redo(book):
    before = book.values()
    spread(book, category="童装", period="3月", to="*1.5")
    after = book.values()
    assert after != before
    undo(book)
    book.reopen()
    assert book.values() == before
    redo(book)
    assert book.values() == after
    spread(book, category="童装", period="3月", to="*1.1", keep="年")
    undo(book)
    book.reopen()
    assert book.values() == after


def test_a_preview_shows_the_part_and_writes_nothing(book):
    before = book.values()
    seen = spread(book, category="女装", period="9月", to="50万", dry_run=True)
    assert any(line.startswith("女装 9月 销售额：") and "→ 500,000" in line for line in seen.lines)
    kept = spread(book, category="女装", period="9月", to="50万", keep="月", dry_run=True)
    assert "各月合计不变" in "".join(kept.lines)
    assert kept.title == "预览：没有写入"
    assert book.values() == before


REFUSED = [
    ({"metric": "UV"}, "只分销售额"),
    ({"metric": "转化率"}, "只分销售额"),
    ({"by": "旬"}, "没有层级“旬”"),
    ({"period": "2026-12-28到2027-01-03"}, "不在 2026 年之内"),
    ({"category": "鞋"}, "没有品类“鞋”"),
    ({"platform": "天猫"}, "一次只能改一个"),
    ({"to": "-90000万"}, "会变成负数"),
    ({"to": "90000万", "keep": "月"}, "让不出"),
]


def test_what_a_category_cannot_do_is_refused_with_the_reason(book):
    before = book.values()
    for asked, said in REFUSED:
        with pytest.raises((InputError, InfeasibleError), match=said):
            spread(book, **{"category": "女装", "period": "9月", "to": "50万"} | asked)
    assert book.values() == before


def test_a_share_typed_for_a_month_counts_and_stays(book):
    at = read_state(book).at.split
    spot = at.rows["sp:0"], at.columns["m:2"]
    book.write({SHEET: {spot: Cell(0.55)}})
    fill(book)
    book.reopen()
    after = amounts(book)
    assert own_shares(read_state(book).state.splits) == {"p:0:2": 0.55}
    assert abs(after["p:0"][1] - 0.55 * after["target"][1]) <= 1


def test_locked_months_of_a_part_refuse(book):
    from xlplan.actions.change.holding import hold

    hold(book, metric="销售额", period="9月")
    with pytest.raises(InfeasibleError):
        spread(book, category="女装", period="9月", to="50万")
    spread(book, category="女装", period="9月", to="50万", keep="月")
    assert amounts(book)["c:0"][8] == 50_000_000


def test_shares_by_month_survive_a_round_trip(book, tmp_path):
    state = read_state(book).state
    given = {"c:0:9": 0.4, "p:1:2": 0.25}
    state = replace(state, splits=with_own_shares(state.splits, given))
    path = tmp_path / "again.xlsx"
    path.write_bytes(build(pages(state)))
    assert read_state(OpenBook(path)).state.splits == state.splits


def test_a_book_made_before_agreements_takes_months_of_all_stores_only(book):
    for sheet in ("品类约定", "_品类"):
        del book.cells[sheet]
    fill(book)
    at = read_state(book).at.split
    assert at.agreed is None
    assert "_品类" not in book.cells[SHEET][at.rows["c:1"], at.columns["m:9"]].formula
    with pytest.raises(InputError, match="旧版"):
        spread(book, category="女装", period="第37周", to="50万")
    spread(book, category="女装", period="9月", to="50万")
    assert amounts(book)["c:0"][8] == 50_000_000


def test_a_book_made_before_shares_by_month_opens_and_stays_as_it_is(book):
    """Rows of such a book are taken away here; its formulas keep the year's share."""
    at = read_state(book).at.split
    gone = {at.rows[key] for key in share_keys()}
    book.cells[SHEET] = {s: c for s, c in book.cells[SHEET].items() if s[0] not in gone}
    fill(book)
    seen = book.cells[SHEET][at.rows["c:1"], at.columns["m:9"]]
    assert "$C" in seen.formula
    year = read_state(book).state.year
    whole = month_totals(year, year.scopes[0])[8]
    assert seen.value == pytest.approx(0.3 * whole, abs=0.01)
    with pytest.raises(InputError, match="旧版"):
        spread(book, category="女装", period="9月", to="50万")
