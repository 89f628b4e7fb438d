"""Several plan books rolled up into one, through the action."""

from __future__ import annotations

import pytest

from tests.actions.openbook import planned_book
from xlplan.actions.stores.company import company
from xlplan.books.file import FileBook
from xlplan.cells import Cell
from xlplan.errors import FileError, InputError


@pytest.fixture
def books(tmp_path):
    from xlplan.actions.plan.new import NewBook, new
    from xlplan.plan.targets.claims import Claim

    one, other = tmp_path / "一.xlsx", tmp_path / "二.xlsx"
    one.write_bytes(planned_book())
    new(other, NewBook(2026, ["抖音三店"], [Claim("gmv", 1_200_000.0, store="抖音三店")]))
    return one, other


def test_books_are_rolled_up_regions_typed_stay_and_other_files_are_left_alone(books, tmp_path):
    out = tmp_path / "公司汇总.xlsx"
    done = company(books)
    assert done.facts["file"] == str(out)
    stores = {one["store"]: one for one in done.facts["stores"]}
    assert set(stores) == {"天猫一店", "京东二店", "抖音三店"}
    assert stores["抖音三店"]["target"] == pytest.approx(1_200_000.0)
    assert stores["抖音三店"]["platform"] == "抖音"
    assert sum(done.facts["months"]["target"]) == pytest.approx(sum(s["target"] for s in stores.values()))  # fmt: skip
    made = FileBook(out)
    made.write({"店铺": {(4, 4): Cell("华北")}})
    made.save()
    again = company(sorted(tmp_path.glob("?.xlsx")), out=out)
    assert next(s for s in again.facts["stores"] if s["store"] == "天猫一店")["region"] == "华北"
    folder = company([tmp_path])
    assert folder.facts["stores"] == again.facts["stores"]
    with pytest.raises(FileError, match="不是公司汇总"):
        company(books, out=books[0])
    broken = tmp_path / "坏.xlsx"
    broken.write_bytes(b"PK\x03\x04")
    partly = company([*books, broken], out=out)
    assert partly.left_out == 1
    assert partly.facts["left_out"] == ["坏.xlsx"]
    assert "坏.xlsx" in str(FileBook(out).read("公司")[2, 3].value)


def test_a_store_in_two_books_is_refused_and_not_counted_twice(books, tmp_path):
    twice = tmp_path / "三.xlsx"
    twice.write_bytes(books[0].read_bytes())
    with pytest.raises(InputError, match="会算两遍"):
        company([*books, twice])


def test_nothing_to_roll_up_is_refused(tmp_path):
    with pytest.raises(InputError, match="没有给出计划表"):
        company([tmp_path])
