"""活动 in the book: what people write there moves the stores that take part, and can be taken back."""

from __future__ import annotations

from pathlib import Path
from shutil import copyfile

import numpy as np
import pytest

from xlplan.actions.change.changing import spread
from xlplan.actions.plan.fill import fill
from xlplan.actions.plan.new import NewBook, make_state
from xlplan.actions.undo.undoing import undo
from xlplan.books.build import build
from xlplan.books.file import FileBook
from xlplan.cells import Cell
from xlplan.errors import InputError
from xlplan.plan.targets.claims import Claim, Span
from xlplan.sheets.base.find import find_keys
from xlplan.sheets.base.names import CAMPAIGNS, EVENTS, TARGETS
from xlplan.sheets.state.layout import pages
from xlplan.sheets.state.read import read_state

STORES = ("天猫店", "京东店")
FIGURES = {"gmv": 3e6, "cvr": 0.04, "aov": 100.0, "spend": 3e5 + 0.03}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    claims = [
        Claim(name, value, label=name, store=store, period=Span.YEAR)
        for store in STORES
        for name, value in FIGURES.items()
    ]
    path = tmp_path_factory.mktemp("campaigns") / "计划.xlsx"
    path.write_bytes(build(pages(make_state(NewBook(2026, STORES, claims))[0])))
    return path


@pytest.fixture
def path(made, tmp_path):
    return Path(copyfile(made, tmp_path / "计划.xlsx"))


def write(path, name, **texts):
    """Type into the row of a campaign; an unknown one takes the first empty row."""
    book = FileBook(path)
    cells = book.read(EVENTS)
    at = find_keys(EVENTS, cells).columns
    rows = {str(s.value): r for (r, c), s in cells.items() if c == at["name"]}
    row = rows.get(name, max(rows.values()) + 1)
    typed = {"name": name, **texts}
    book.write({EVENTS: {(row, at[key]): Cell(value) for key, value in typed.items()}})
    book.save()


def plan(path, store, metric="gmv"):
    frame = read_state(FileBook(path)).state.year.plan.xs(store, level="store")
    names = [n for n in frame if n.startswith("spend_")] if metric == "spend" else [metric]
    return np.rint(frame[names].sum(axis=1).to_numpy() * 100).astype(int)


def test_a_tmall_campaign_and_its_share_move_tmall_alone_and_can_be_taken_back(path):
    was = {(s, m): plan(path, s, m) for s in STORES for m in ("gmv", "spend")}
    write(path, "店庆", anchor="2026-04-18", start="2026-04-16", end="2026-04-20", enabled="√", platform="天猫", budget=0.6)  # fmt: skip
    cells = FileBook(path).read(EVENTS)
    at = find_keys(EVENTS, cells).columns
    free = max(r for (r, c), s in cells.items() if c == at["lift:value"] and s.value is not None)
    book = FileBook(path)
    book.write({EVENTS: {(free + 1 + i, at[key]): Cell(value) for i, offset in enumerate((-2, -1, 0)) for key, value in (("lift:name", "店庆"), ("lift:offset", float(offset)), ("lift:value", 5.0))}})  # fmt: skip
    book.save()
    done = fill(FileBook(path))
    assert "京东店 不参加：店庆" in done.lines
    assert any("店庆 60.0%" in line for line in done.lines)
    for metric in ("gmv", "spend"):
        assert np.array_equal(plan(path, "京东店", metric), was["京东店", metric])
        assert plan(path, "天猫店", metric).sum() == was["天猫店", metric].sum()
    spend, sales = plan(path, "天猫店", "spend"), plan(path, "天猫店")
    assert spend[105:110].sum() == round(0.6 * spend.sum())
    assert sales[107] > 4 * was["天猫店", "gmv"][107]
    board = FileBook(path).read(CAMPAIGNS)
    row = next(r for (r, c), s in board.items() if c == 1 and s.value == "店庆")
    assert board[row, find_keys(CAMPAIGNS, board).columns["share_t"]].value == pytest.approx(
        0.6 * spend.sum() / (spend.sum() + plan(path, "京东店", "spend").sum()), abs=1e-6
    )
    undo(FileBook(path))
    assert all(np.array_equal(plan(path, s, m), values) for (s, m), values in was.items())


def test_what_people_adjusted_is_kept_when_a_campaign_changes(path):
    spread(FileBook(path), store="天猫店", metric="销售额", period="4月17日", to="=88888.88")
    write(path, "618", platform="天猫")
    told = [problem.what for problem in fill(FileBook(path)).problems]
    assert not [what for what in told if "618" in what]
    assert fill(FileBook(path)).changed == 0
    assert plan(path, "天猫店")[106] == 8_888_888
    assert plan(path, "天猫店").sum() == 300_000_000


def test_a_store_that_is_not_there_is_refused_with_the_cell(path):
    write(path, "618", stores="天猫店、拼多多店")
    with pytest.raises(InputError) as refused:
        fill(FileBook(path))
    assert "活动“618”：没有叫“拼多多店”的店" in refused.value.message
    assert "活动!A" in refused.value.message


def test_a_share_typed_as_a_whole_number_is_asked_about(path):
    write(path, "618", budget=60)
    with pytest.raises(InputError, match="超过 100%"):
        fill(FileBook(path))


def test_a_platform_typed_on_the_settings_takes_the_store_along(path):
    book = FileBook(path)
    row = find_keys(TARGETS, book.read(TARGETS)).rows["set:platforms"]
    book.write({TARGETS: {(row, 2): Cell("京东店=抖音")}})
    book.save()
    done = fill(FileBook(path))
    state = read_state(FileBook(path)).state
    spent = state.year.plan.xs("京东店", level="store").filter(like="spend_").sum()
    assert spent["spend_keyword"] == 0
    assert spent["spend_other"] > 0  # no channel of 抖音 has a row in this book
    assert not [p for p in done.problems if "别的平台" in p.what]
