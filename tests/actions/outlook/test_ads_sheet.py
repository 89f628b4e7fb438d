"""推广: live by channel, month and campaign phase; bounds, rules and the margin as people write them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.actions.outlook.test_outlook_commands import planned, promoted
from tests.actions.outlook.test_review_sheet import alone
from tests.test_agreement import by_formualizer, disagreements
from xlplan.actions.outlook.ad_wishes import wishes
from xlplan.actions.outlook.advertising import ads
from xlplan.actions.undo.undoing import undo
from xlplan.books.build import build
from xlplan.books.file import FileBook
from xlplan.cells import Cell
from xlplan.errors import InputError
from xlplan.plan.ads.channel_year import ChannelYear
from xlplan.plan.allocate import Curve
from xlplan.sheets.ads.blocks import stretches
from xlplan.sheets.base.names import ADS
from xlplan.sheets.state.layout import pages
from xlplan.sheets.state.read import read_state


@pytest.fixture(scope="module")
def looked(tmp_path_factory):
    """A book with two channels' credited sales, looked at; for tests that write nothing."""
    state = promoted()
    frame = state.year.actuals.copy()
    frame["gmv_display"] = frame["spend_display"] * 3.1
    path = tmp_path_factory.mktemp("ads") / "计划.xlsx"
    path.write_bytes(build(pages(replace(state, year=replace(state.year, actuals=frame)))))
    assert ADS not in FileBook(path).sheets()
    told = ads(FileBook(path), store="甲店", margin="40%", min_roi="1:2", share="A类商品 60%: 直通车", budget="2000")  # fmt: skip
    return path, told


def cell(path, key, column):
    read = read_state(FileBook(path))
    seen = read.cells[ADS].get(read.at[ADS].spot(key, column))
    return seen.value if seen else None


def test_every_formula_of_the_sheet_comes_to_the_engines_number(looked):
    path, _ = looked
    found = alone(path)
    assert disagreements(found, by_formualizer(build(found))) == []
    assert sum(bool(seen.formula) for seen in FileBook(path).read(ADS).values()) > 900


def test_the_sheet_says_what_the_command_says(looked):
    path, told = looked
    keyword = next(each for each in told.facts["channels"] if each["channel"] == "直通车")
    assert cell(path, "channel:keyword", 2) == pytest.approx(keyword["spent"], abs=0.01)
    assert cell(path, "channel:keyword", 6) == pytest.approx(keyword["attributed"], abs=0.01)
    assert cell(path, "channel:keyword", 7) == pytest.approx(keyword["roi"], abs=1e-4)
    assert cell(path, "channel:keyword", 10) == keyword["marginal_roi"]
    assert cell(path, "channel:keyword", 12) == keyword["proposed_weekly"]
    assert "数据不足" in cell(path, "channel:display", 14)
    assert cell(path, "term:even", 2) == pytest.approx(told.facts["break_even_roi"], abs=1e-4)
    assert cell(path, "term:least", 3).startswith("指边际")
    assert any("A类商品" in line and "近四周" in line for line in told.lines)


def test_months_and_phases_add_up_to_the_plan(looked):
    path, _ = looked
    plan = planned().year.plan.loc["甲店"]
    names = ("display", "keyword", "juhuasuan", "affiliate", "crm", "other")
    assert cell(path, "month:all:plan", 15) == pytest.approx(sum(plan[f"spend_{n}"].sum() for n in names))  # fmt: skip
    first = stretches(planned().year)[0]
    days = plan[str(first[2]) : str(first[3])]
    assert cell(path, "event:1:plan", 5) == pytest.approx(days["gmv"].sum())
    assert cell(path, "event:1:plan", 8) == pytest.approx(days["spend_display"].sum())


def test_the_margin_typed_on_the_sheet_is_taken_and_kept(looked, tmp_path):
    path = tmp_path / "计划.xlsx"
    path.write_bytes(looked[0].read_bytes())
    read = read_state(FileBook(path))
    book = FileBook(path)
    book.write({ADS: {read.at[ADS].spot("term:margin", 2): Cell(0.5)}})
    book.save()
    told = ads(FileBook(path), store="甲店")
    assert told.facts["break_even_roi"] == pytest.approx(2 / 0.94, rel=0.05)
    assert cell(path, "term:margin", 2) == 0.5
    undo(FileBook(path))
    assert cell(path, "term:margin", 2) == 0.5


def test_a_look_is_undone(looked, tmp_path):
    path = tmp_path / "计划.xlsx"
    path.write_bytes(looked[0].read_bytes())
    undo(FileBook(path))
    assert cell(path, "term:margin", 2) is None
    assert not cell(path, "channel:keyword", 2)
    assert "还没有看过" in cell(path, "about", 1)


def channel(key, label, past=100.0, aliases=()):
    curve = Curve(10.0, 0.5, past, 20, 0.05) if past else None
    return ChannelYear(key, label, 0, 0, 0, 0, {}, curve, None, aliases=aliases)


CHANNELS = [
    channel("keyword", "直通车", aliases=("关键词推广",)),
    channel("kol", "达人推广", past=0),
]


def test_bounds_holds_and_rules_are_read_as_people_write_them():
    made = wishes(CHANNELS, "关键词推广 5000", "直通车：1.2万", "", "A类商品至少60%: 直通车")
    assert (made.floor, made.cap) == ({"直通车": 5000.0}, {"直通车": 12000.0})
    assert (made.rule.name, made.rule.channels, made.rule.share) == ("A类商品", ("直通车",), 0.6)
    held = wishes(CHANNELS, "", "", "直通车、达人推广", "")
    assert held.floor == held.cap == {"直通车": 100.0}
    assert held.held == ("直通车", "达人推广")
    assert wishes(CHANNELS, "", "", "直通车 300", "").cap == {"直通车": 300.0}


@pytest.mark.parametrize(
    ("asked", "what"),
    [
        (("头条 5000", "", "", ""), "头条"),
        (("直通车", "", "", ""), "看不懂"),
        (("直通车 5000", "直通车 4000", "", ""), "高于"),
        (("直通车 5000", "", "直通车", ""), "锁定"),
        (("", "", "", "A类商品 60%"), "只分渠道"),
        (("", "", "", "多投一点"), "看不懂"),
        (("", "", "", "A类 160%: 直通车"), "看不懂"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_the_words(asked, what):
    with pytest.raises(InputError, match=what):
        wishes(CHANNELS, *asked)
