"""What a selection means: single cells, areas side by side or apart, whole rows and columns."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.actions.openbook import OpenBook, planned_book
from xlplan.actions.change import changing
from xlplan.actions.change.selecting import find_stores, selected
from xlplan.actions.change.selecting_part import PartPlace, part_at
from xlplan.actions.trace import tracing
from xlplan.cells import address
from xlplan.errors import InputError
from xlplan.plan.change.holds import label
from xlplan.sheets.parts.page import SHEET as SPLIT
from xlplan.sheets.state.read import read_state


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    path = tmp_path_factory.mktemp("selecting") / "计划.xlsx"
    path.write_bytes(planned_book())
    return read_state(OpenBook(path))


@pytest.fixture(scope="module")
def cell(read):
    """The address on 9月 of a metric's target and a day, week or month."""
    at = read.at.book.months[9]
    return lambda metric, key: address(at.rows[f"{metric}_target"], at.columns[key])


def regions(read, areas):
    year = read.state.year
    return [
        (label(r.metric, year.metrics), r.period.label) for r in selected(read, f"9月!{areas}")
    ]


def test_cells_side_by_side_are_one_and_cells_apart_are_several(read, cell):
    one, two, four = (cell("gmv", f"d:2026-09-0{day}") for day in (1, 2, 4))
    assert regions(read, f"{one}:{two}") == [("销售额", "9月1日–9月2日")]
    for areas in (f"{one},{four}", f"${one[0]}${one[1:]}，{four}"):
        assert regions(read, areas) == [("销售额", "9月1日"), ("销售额", "9月4日")]
    assert regions(read, f"{one},{one}:{two}") == [("销售额", "9月1日–9月2日")]


def test_a_whole_row_means_its_month(read, cell):
    row = cell("uv", "m:9").lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert regions(read, f"{row}:{row}") == [("UV", "9月")]


def test_a_whole_column_means_the_plan_of_its_day(read, cell):
    column = cell("gmv", "d:2026-09-09").rstrip("0123456789")
    found = regions(read, f"{column}:{column}")
    assert {("销售额", "9月9日"), ("UV", "9月9日"), ("转化率", "9月9日")} <= set(found)
    assert {when for _, when in found} == {"9月9日"}


@pytest.mark.parametrize(
    ("areas", "word"),
    [
        ("", "看不懂选区"),
        ("C9,", "看不懂选区"),
        ("甲9", "看不懂选区"),
        ("A1:AZ90", "不是计划"),
        ("A1:ZZ90000", "太大"),
        ("1:1", "没有计划"),
    ],
)
def test_what_is_no_part_of_the_plan_is_refused(read, areas, word):
    with pytest.raises(InputError, match=word):
        selected(read, f"9月!{areas}")


def test_half_outside_names_how_many_cells_and_where(read, cell):
    last = cell("gmv", "m:9")
    with pytest.raises(InputError, match="有 2 格不是计划") as caught:
        selected(read, f"9月!{last}:{last[:-1]}{int(last[-1]) + 1},{cell('uv', 'm:9')},A1")
    assert "9月!" in str(caught.value)


def test_a_total_is_not_meant_for_areas_that_lie_apart(read, cell):
    book = SimpleNamespace(name="计划.xlsx", read=None)
    one, four = (cell("gmv", f"d:2026-09-{day}") for day in (21, 24))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(changing, "read_state", lambda _: read)
        with pytest.raises(InputError, match="分开的 2 处"):
            changing.spread(book, at=f"9月!{one},{four}", to="=5万", dry_run=True)
        seen = changing.spread(book, at=f"9月!{one},{four}", to="*1.1", dry_run=True)
    assert seen.facts["cells"]["gmv"] == 2 * len(read.state.year.stores)


@pytest.mark.parametrize("at", ["C9", "十月!C9"])
def test_a_sheet_is_needed_that_is_there(read, at):
    with pytest.raises(InputError, match=r"选区|没有工作表"):
        selected(read, at)


def test_cells_of_a_category_or_platform_mean_it_and_its_months(read):
    at = read.at.split
    row = {key: at.rows[key] for key in ("target", "c:1", "p:0")}
    cell = {key: at.columns[key] for key in ("m:3", "m:4", "m:9", "q:1", "q:3", "y", "share")}

    def meaning(key, first, last=None, typed=""):
        areas = f"{address(row[key], cell[first])}:{address(row[key], cell[last or first])}"
        got = part_at(read, PartPlace(typed, "", "", "8月", "UV", f"{SPLIT}!{areas}"))
        return got.category, got.platform, got.store, got.period, got.metric, got.at

    assert meaning("c:1", "m:9") == ("男装", "", "合计", "9月", "销售额", "")
    assert meaning("c:1", "m:3", "m:4") == ("男装", "", "合计", "3月-4月", "销售额", "")
    assert meaning("p:0", "q:3")[1:4:2] == ("天猫", "Q3")
    assert meaning("target", "y") == ("", "", "合计", "全年", "销售额", "")
    assert meaning("c:1", "m:9", typed="女装") == ("女装", "", "", "8月", "UV", "")
    typed = PartPlace("女装", "", "", "", "UV", f"{SPLIT}!{address(row['c:1'], cell['m:9'])}")
    assert part_at(read, typed) == PartPlace("女装", "", "合计", "9月", "UV")
    for wrong in (("c:1", "share"), ("c:1", "m:9", "y")):
        with pytest.raises(InputError, match="月、季或全年") as caught:
            meaning(*wrong)
        assert SPLIT in str(caught.value)


def test_rows_that_follow_from_others_are_no_part(read):
    at = read.at.split
    column = at.columns["m:9"]
    for one, other in (("n:0:0", "n:0:0"), ("rest", "rest"), ("c:0", "c:1"), ("c:7", "c:7")):
        areas = f"{address(at.rows[one], column)}:{address(at.rows[other], column)}"
        with pytest.raises(InputError, match="只选一个品类"):
            part_at(read, PartPlace("", "", "", "", "", f"{SPLIT}!{areas}"))


def test_a_category_selected_is_changed_and_traced_as_when_it_is_typed(read):
    book = SimpleNamespace(name="计划.xlsx")
    at = f"{SPLIT}!{address(read.at.split.rows['c:1'], read.at.split.columns['m:9'])}"
    named = {"category": "男装", "period": "9月"}
    with pytest.MonkeyPatch.context() as patch:
        for module in (changing, tracing):
            patch.setattr(module, "read_state", lambda _: read)
        seen = [
            changing.spread(book, **how, to="+8%", dry_run=True) for how in ({"at": at}, named)
        ]
        told = [tracing.trace(book, **how) for how in ({"at": at}, named)]
    assert seen[0].as_dict() == seen[1].as_dict()
    assert any("男装 9月 销售额" in line for line in seen[0].lines)
    assert told[0].as_dict() == told[1].as_dict()


def test_a_store_whose_name_holds_a_comma_can_be_named_alone_and_among_others():
    year = SimpleNamespace(stores=("天猫、一店", "京东,二店", "抖音三店"))
    assert find_stores("天猫、一店", year) == ("天猫、一店",)
    assert find_stores("抖音三店、京东,二店", year) == ("京东,二店", "抖音三店")
    assert find_stores("抖音*，天猫、一店", year) == ("天猫、一店", "抖音三店")
    with pytest.raises(InputError, match="没有店铺“四店”"):
        find_stores("天猫、一店、四店", year)
