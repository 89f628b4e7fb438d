"""复盘: there from the first review on, live to the last word, and people's rows stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.actions.openbook import OpenBook
from tests.actions.outlook.test_outlook_commands import planned, slow, usual, with_actuals
from tests.test_agreement import by_formualizer, disagreements
from xlplan.actions.change.versions import with_version
from xlplan.actions.outlook import reviewing
from xlplan.actions.outlook.advertising import ads
from xlplan.actions.outlook.compared import sides
from xlplan.actions.outlook.forecasting import forecast
from xlplan.actions.outlook.reviewing import review
from xlplan.actions.outlook.standing import standings
from xlplan.actions.run.apply import apply
from xlplan.actions.undo.undoing import redo, undo
from xlplan.books.build import build
from xlplan.books.file import FileBook
from xlplan.cells import Cell
from xlplan.errors import StructureError
from xlplan.plan.days.periods import months
from xlplan.plan.explain.basis import STEPS, basis, bridge_steps
from xlplan.sheets import SHEETS
from xlplan.sheets.base.lists import LogRow
from xlplan.sheets.base.names import ACTUAL, ADS, PLAN, REVIEW
from xlplan.sheets.review.gaps import Gap, merged_gaps
from xlplan.sheets.review.record import Review, with_review
from xlplan.sheets.review.sheet import GAPS
from xlplan.sheets.state.growth import comings
from xlplan.sheets.state.layout import pages
from xlplan.sheets.state.read import read_state

PAST = 2025
OLD = Path(__file__).parents[2] / "data" / "book_0_1_0.xlsx"


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


@pytest.fixture
def opened(tmp_path):
    path = tmp_path / "计划.xlsx"
    path.write_bytes(usual())
    return OpenBook(path)


@pytest.fixture(scope="module")
def reviewed(rich, tmp_path_factory):
    """That book with its September reviewed, for tests that write nothing."""
    path = tmp_path_factory.mktemp("review") / "计划.xlsx"
    path.write_bytes(rich)
    forecast(FileBook(path), as_of=date(2026, 7, 20))
    told = review(FileBook(path))
    return path, told


def test_the_sheet_is_there_from_the_first_review_on_and_not_before(opened):
    assert REVIEW not in opened.sheets()
    review(opened, dry_run=True)
    assert REVIEW not in opened.sheets()
    assert review(opened).changed > 0
    there = opened.sheets()
    assert there.index(REVIEW) == there.index("日报") + 1
    assert review(opened).changed == 0


def alone(path):
    """The two sheets and the tables they rest on, as a small book."""
    state = read_state(FileBook(path)).state
    return pages(state, [sheet for sheet in SHEETS if sheet.name in (PLAN, ACTUAL, REVIEW, ADS)])


def test_every_formula_of_the_sheet_comes_to_the_engines_number(reviewed):
    path, _ = reviewed
    found = alone(path)
    assert disagreements(found, by_formualizer(build(found))) == []
    assert sum(bool(cell.formula) for cell in found[0].cells.values()) > 250
    written = FileBook(path).read(REVIEW)
    laid_out = next(page for page in found if page.name == REVIEW)
    assert {s: c.formula for s, c in laid_out.cells.items() if c.formula} == {s: seen.formula for s, seen in written.items() if seen.formula}  # fmt: skip


@pytest.mark.libreoffice
def test_libreoffice_agrees_with_both_sheets(reviewed, tmp_path):
    from xlplan.libreoffice.convert import recalculate

    path, _ = reviewed
    copy = tmp_path / "计划.xlsx"
    copy.write_bytes(path.read_bytes())
    ads(FileBook(copy), margin="40%")
    found = alone(copy)
    copy.write_bytes(build(found))
    values = recalculate(copy)
    assert {REVIEW, ADS} <= values.keys()
    assert disagreements(found, lambda sheet, *spot: values[sheet].get(spot)) == []


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
    found = alone(book.path)
    assert disagreements(found, by_formualizer(build(found))) == []
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


def test_a_store_that_is_new_and_one_that_stopped_stand_apart_from_the_factors(
    opened, monkeypatch
):
    places = read_state(opened)
    state = with_actuals(planned(), noise=0)
    past = last_year(state.year.plan)
    past = past[past.index.get_level_values("store") == "甲店"]
    gone = past.rename(index={"甲店": "老店"}, level="store")
    both = type(past)(np.vstack([past, gone]), index=past.index.append(gone.index), columns=past.columns)  # fmt: skip
    state = with_version(state, "去年", "去年", "", both, PAST)
    monkeypatch.setattr(reviewing, "read_state", lambda _: replace(places, state=state))
    facts = review(opened, dry_run=True).facts["last_year"]
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


def test_what_people_wrote_into_the_plan_stays_when_it_is_made_anew(opened):
    book = opened
    review(book)
    at = read_state(book).at[REVIEW]
    first, second = sorted(row for key, row in at.rows.items() if key.startswith("gap:"))[:2]
    column = at.columns["c:10"]
    book.write({REVIEW: {(first, column): Cell("小王"), (first, at.columns["c:12"]): Cell("√"), (second, at.columns["c:5"]): Cell("换主图")}})  # fmt: skip
    review(book, as_of=date(2026, 9, 10))
    rows = read_state(book).state.own[GAPS]
    assert (rows[0]["owner"], rows[0]["done"]) == ("小王", "√")
    assert rows[1]["action"] == "换主图"
    review(book, as_of=date(2026, 8, 31))  # another month: written rows stay below
    rows = read_state(book).state.own[GAPS]
    assert [row["period"] for row in rows if row["owner"] == "小王"] == ["9月"]
    assert {row["period"] for row in rows} == {"8月", "9月"}


def test_proposals_nobody_touched_go_with_their_period():
    old = Gap("UV", "1", "2", "进行中", "补", "甲", "2026-09-30", "", "9月", "合计")
    new = replace(old, period="10月")
    assert merged_gaps([old], {old.key: old.proposal}, [new]) == ([new], 0)
    kept = replace(old, owner="乙")
    assert merged_gaps([kept], {old.key: old.proposal}, [new]) == ([new, kept], 0)


def test_a_review_is_undone_and_done_again(opened):
    review(opened)
    before = said_on(opened)
    undo(opened)
    assert said_on(opened) == {}
    redo(opened)
    assert said_on(opened) == before


def said_on(book):
    read = read_state(book)
    at, cells = read.at[REVIEW], read.cells[REVIEW]
    spots = [at.spot(key, column) for key in at.rows for column in (1, 2, 5) if key.partition(":")[0] in {"say", "gap"}]  # fmt: skip
    spots += [at.spot(f"plan:{name}", 2) for name in STEPS]
    return {s: cells[s].value for s in spots if s in cells and cells[s].value not in (None, "")}


def test_a_book_of_the_first_version_gets_the_sheet_in_its_place():
    read = read_state(FileBook(OLD))
    day = date(2026, 9, 12)
    made = Review("月度", read.state.year.scopes[0], "9月", date(2026, 9, 1), date(2026, 9, 30), day, day)  # fmt: skip
    found = comings(read, with_review(read.state, made))
    assert REVIEW in [growth.page.name for growth in found]
    at = read.at.targets
    assert at.columns["if"] > at.columns["finding"]  # 试算 came with it


def test_rows_that_were_inserted_do_no_harm(opened):
    review(opened)
    cells = opened.cells[REVIEW]
    opened.cells[REVIEW] = {(row + (row > 10), column): seen for (row, column), seen in cells.items()}  # fmt: skip
    review(opened, as_of=date(2026, 9, 10))
    read = read_state(opened)
    at, there = read.at[REVIEW], read.cells[REVIEW]
    total, start = (there[at.spot(key, column)] for key, column in (("base:total", 5), ("plan:start", 2)))  # fmt: skip
    assert start.formula.startswith(f"={at.ref('base:total', 5)}")
    assert start.value == pytest.approx(total.value)
    assert there[at.spot("plan:check", 2)].value == 0


def test_a_deleted_row_is_refused_with_the_way_back(opened):
    review(opened)
    whole = dict(opened.cells[REVIEW])
    row = read_state(opened).at[REVIEW].rows["plan:UV"]
    opened.cells[REVIEW] = {spot: seen for spot, seen in whole.items() if spot[0] != row}
    with pytest.raises(StructureError, match="少了 1 行") as refused:
        review(opened, as_of=date(2026, 9, 10))
    assert "删掉整张" in refused.value.remedy
    del opened.cells[REVIEW]
    assert review(opened, as_of=date(2026, 9, 10)).changed > 0


def test_one_store_is_reviewed_alone(reviewed, made):
    path, _ = reviewed
    book = made(path.read_bytes())
    told = review(book, store="乙店", kind="每周")
    assert told.facts["store"] == "乙店"
    found = alone(book.path)
    assert disagreements(found, by_formualizer(build(found))) == []
