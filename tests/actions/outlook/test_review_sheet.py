"""复盘: there from the first review on, live to the last word, and people's rows stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from tests.actions.outlook.test_outlook_commands import planned, slow, usual, with_actuals
from tests.test_agreement import agrees, by_formualizer
from xlplan.actions.change.versions import with_version
from xlplan.actions.outlook.compared import sides
from xlplan.actions.outlook.forecasting import forecast
from xlplan.actions.outlook.reviewing import review
from xlplan.actions.outlook.standing import standings
from xlplan.actions.run.apply import apply
from xlplan.actions.undo.undoing import redo, undo
from xlplan.books.build import build
from xlplan.books.file import FileBook
from xlplan.cells import Cell, address
from xlplan.plan.days.periods import months
from xlplan.plan.explain.basis import STEPS, basis, bridge_steps
from xlplan.sheets.base.lists import LogRow
from xlplan.sheets.base.names import REVIEW
from xlplan.sheets.review.gaps import Gap, merged_gaps
from xlplan.sheets.review.sheet import GAPS
from xlplan.sheets.state.layout import pages
from xlplan.sheets.state.read import read_state

PAST = 2025


def last_year(plan, times=0.5):
    """A plan's days a year earlier, sold at some times of them."""
    index = [(s, d - timedelta(days=365)) for s, d in plan.index]
    names = type(plan.index).from_tuples(index, names=["store", "date"])
    moved = plan.set_axis(names)
    for name in ("keyword", "display"):
        moved[f"gmv_{name}"] = moved[f"uv_{name}"] * 4.0
    return moved * times


@pytest.fixture(scope="module")
def rich():
    """The bytes of a book with gaps in its actuals, channels, exclusions and last year."""
    state = slow(planned())
    frame = state.year.actuals.copy()
    days = frame.index.get_level_values("date")
    first = frame.index.get_level_values("store") == "甲店"
    frame.loc[first & (days == "2026-09-03"), "gmv"] = np.nan
    frame.loc[first & (days == "2026-09-05"), "uv"] = np.nan
    frame.loc[~first & (days == "2026-09-06"), "orders"] = np.nan
    frame.loc[days == "2026-09-07", "gmv_excluded"] = 120.5
    frame.loc[days == "2026-09-07", "orders_excluded"] = 2
    frame["gmv_keyword"], frame["gmv_display"] = frame["uv_keyword"] * 5.0, frame["uv_display"] * 3.0  # fmt: skip
    state = replace(state, year=replace(state.year, actuals=frame))
    state = with_version(state, "去年", "去年", "", last_year(state.year.plan), PAST)
    return build(pages(state))


@pytest.fixture
def made(tmp_path):
    """Return a function: bytes → a closed book that says it."""

    def make(data):
        path = tmp_path / "计划.xlsx"
        path.write_bytes(data)
        return FileBook(path)

    return make


@pytest.fixture(scope="module")
def reviewed(rich, tmp_path_factory):
    """That book with its September reviewed, for tests that write nothing."""
    path = tmp_path_factory.mktemp("review") / "计划.xlsx"
    path.write_bytes(rich)
    forecast(FileBook(path), as_of=date(2026, 7, 20))
    told = review(FileBook(path))
    return path, told


def unlike(path, sheet, got):
    """Return the formulas of a sheet that come to something else."""
    return [
        f"{address(*spot)} in the file {seen.value!r}, sheet {got(sheet, *spot)!r}: {seen.formula}"
        for spot, seen in FileBook(path).read(sheet).items()
        if seen.formula and not agrees(seen.value, got(sheet, *spot))
    ]


def test_the_sheet_is_there_from_the_first_review_on_and_not_before(made):
    book = made(usual())
    assert REVIEW not in book.sheets()
    review(book, dry_run=True)
    assert REVIEW not in FileBook(book.path).sheets()
    assert review(book).changed > 0
    there = FileBook(book.path).sheets()
    assert there.index(REVIEW) == there.index("日报") + 1
    assert review(FileBook(book.path)).changed == 0


def test_every_formula_of_the_sheet_comes_to_the_engines_number(reviewed):
    path, _ = reviewed
    found = unlike(path, REVIEW, by_formualizer(path.read_bytes()))
    assert found == []
    assert sum(bool(seen.formula) for seen in FileBook(path).read(REVIEW).values()) > 250


@pytest.mark.libreoffice
def test_libreoffice_agrees_with_the_review(reviewed):
    from xlplan.libreoffice.convert import recalculate

    path, _ = reviewed
    values = recalculate(path)
    assert unlike(path, REVIEW, lambda sheet, *spot: values[sheet].get(spot)) == []


def test_the_command_says_the_sentences_of_the_sheet(reviewed):
    path, told = reviewed
    read = read_state(FileBook(path))
    at, cells = read.at[REVIEW], read.cells[REVIEW]
    said = [cells[at.spot(f"say:{n}", 1)].value for n in range(1, 10)]
    assert told.lines[1:] == [text for text in said if text]
    assert any("缺实际 1 店天" in text for text in said)
    assert any("7 天未成熟" in text for text in said)


def test_the_bridge_adds_up_and_is_that_of_why(reviewed):
    path, _ = reviewed
    state = read_state(FileBook(path)).state
    span = months(2026, 9, 9)
    found = [basis(state.year, s, span.first, span.last, date(2026, 9, 12)) for s in state.year.stores]  # fmt: skip
    steps = bridge_steps(found)
    start, end = sum(one.before for one in found), sum(one.now for one in found)
    assert sum(steps.values()) == pytest.approx(end - start)
    told = sides(standings(state), span, "合计").why()
    assert (start, end) == pytest.approx((told.start, told.end))
    for name in ("UV", "转化率", "客单价", "结构"):
        assert steps[name] == pytest.approx(next(p.amount for p in told.parts if p.name == name), abs=0.01)  # fmt: skip


def test_the_text_follows_its_cells_when_numbers_change(reviewed, made):
    path, _ = reviewed
    book = made(path.read_bytes())
    read = read_state(book)
    frame = read.state.year.actuals.copy()
    frame.loc[("乙店", "2026-09-10"), "gmv"] *= 3
    after = replace_actuals(read.state, frame)
    apply(book, read, after, [LogRow(action="改", note="九月十日")])
    got = by_formualizer(book.path.read_bytes())
    assert unlike(book.path, REVIEW, got) == []
    was, now = (b.cells[REVIEW][b.at[REVIEW].spot("say:1", 1)].value for b in (read, read_state(FileBook(book.path))))  # fmt: skip
    assert was != now


def replace_actuals(state, frame):
    from xlplan.record import replace as put

    return put(state, year=put(state.year, actuals=frame))


def test_last_year_is_bridged_on_comparable_days_with_the_shift_apart(reviewed):
    path, told = reviewed
    facts = told.facts["last_year"]
    assert sum(facts[name] for name in STEPS) == pytest.approx(facts["actual"] - facts["comparable"], abs=0.1)  # fmt: skip
    read = read_state(FileBook(path))
    at, cells = read.at[REVIEW], read.cells[REVIEW]
    assert cells[at.spot("year:check", 2)].value == 0
    same, start = (cells[at.spot(f"year:{name}", 2)].value for name in ("same", "start"))
    assert start - same == pytest.approx(facts["shift"])
    lines = [cells[at.spot(key, 7)].value for key in at.rows if key.startswith("channel:") and at.spot(key, 7) in cells]  # fmt: skip
    assert lines[:3] == ["UV", "每UV销售额", "结构"]


def test_a_store_that_is_new_and_one_that_stopped_stand_apart_from_the_factors(made):
    state = with_actuals(planned(), noise=0)
    past = last_year(state.year.plan)
    past = past[past.index.get_level_values("store") == "甲店"]
    gone = past.rename(index={"甲店": "老店"}, level="store")
    both = type(past)(np.vstack([past, gone]), index=past.index.append(gone.index), columns=past.columns)  # fmt: skip
    state = with_version(state, "去年", "去年", "", both, PAST)
    facts = review(made(build(pages(state))), dry_run=True).facts["last_year"]
    assert facts["新增"] > 0
    assert facts["停止"] < 0


def test_earlier_forecasts_are_scored_by_store_and_month(reviewed):
    path, _ = reviewed
    read = read_state(FileBook(path))
    at, cells = read.at[REVIEW], read.cells[REVIEW]
    for store in ("合计", "甲店", "乙店"):
        assert cells[at.spot(f"score:{store}:error", 3)].value == cells[at.spot(f"score:{store}:error", 11)].value  # fmt: skip
        assert cells[at.spot(f"score:{store}:error", 4)].value == 1
    assert cells[at.spot("score:合计:hits", 11)].value in (0, 1)


def test_what_people_wrote_into_the_plan_stays_when_it_is_made_anew(made):
    book = made(usual())
    review(book)
    read = read_state(FileBook(book.path))
    at = read.at[REVIEW]
    book = FileBook(book.path)
    first, second = sorted(row for key, row in at.rows.items() if key.startswith("gap:"))[:2]
    column = at.columns["c:10"]
    book.write({REVIEW: {(first, column): Cell("小王"), (first, at.columns["c:12"]): Cell("√"), (second, at.columns["c:5"]): Cell("换主图")}})  # fmt: skip
    book.save()
    review(FileBook(book.path), as_of=date(2026, 9, 10))
    rows = read_state(FileBook(book.path)).state.own[GAPS]
    assert (rows[0]["owner"], rows[0]["done"]) == ("小王", "√")
    assert rows[1]["action"] == "换主图"
    review(FileBook(book.path), as_of=date(2026, 8, 31))  # another month: written rows stay below
    rows = read_state(FileBook(book.path)).state.own[GAPS]
    assert [row["period"] for row in rows if row["owner"] == "小王"] == ["9月"]
    assert {row["period"] for row in rows} == {"8月", "9月"}


def test_proposals_nobody_touched_go_with_their_period():
    old = Gap("UV", "1", "2", "进行中", "补", "甲", "2026-09-30", "", "9月", "合计")
    new = replace(old, period="10月")
    assert merged_gaps([old], {old.key: old.proposal}, [new]) == ([new], 0)
    kept = replace(old, owner="乙")
    assert merged_gaps([kept], {old.key: old.proposal}, [new]) == ([new, kept], 0)


def test_a_review_is_undone_and_done_again(made):
    book = made(usual())
    review(book)
    before = said_on(book)
    undo(FileBook(book.path))
    assert said_on(book) == {}
    redo(FileBook(book.path))
    assert said_on(book) == before


def said_on(book):
    read = read_state(FileBook(book.path))
    at, cells = read.at[REVIEW], read.cells[REVIEW]
    spots = [at.spot(key, column) for key in at.rows for column in (1, 2, 5) if key.partition(":")[0] in {"say", "gap"}]  # fmt: skip
    spots += [at.spot(f"plan:{name}", 2) for name in STEPS]
    return {s: cells[s].value for s in spots if s in cells and cells[s].value not in (None, "")}


def test_one_store_is_reviewed_alone(reviewed, made):
    path, _ = reviewed
    book = made(path.read_bytes())
    told = review(book, store="乙店", kind="每周")
    assert told.facts["store"] == "乙店"
    got = by_formualizer(book.path.read_bytes())
    assert unlike(book.path, REVIEW, got) == []
