"""Where files of a distribution go when the plan book has no folder on this computer."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from xlplan.actions.stores.handed import Handed, home, relative
from xlplan.errors import FileError


def test_a_book_without_a_folder_is_asked_for_one_instead_of_using_some_other(tmp_path):
    cloud = SimpleNamespace(name="计划.xlsx", path=None)
    with pytest.raises(FileError, match="没有文件夹") as error:
        home(cloud)
    assert error.value.code == "no_folder"
    assert "指定一个文件夹" in error.value.remedy
    assert home(SimpleNamespace(name="x", path=tmp_path / "计划.xlsx")) == tmp_path


def test_a_folder_that_was_chosen_is_kept_whole_and_found_again_without_the_books_own(tmp_path):
    cloud = SimpleNamespace(name="计划.xlsx", path=None)
    kept = relative(tmp_path / "门店表", cloud)
    assert kept == (tmp_path / "门店表").as_posix()
    assert Handed(1, "", kept, (), {}).at(cloud) == tmp_path / "门店表"
    local = SimpleNamespace(name="计划.xlsx", path=tmp_path / "计划.xlsx")
    assert relative(tmp_path / "门店表", local) == "门店表"
    assert Handed(1, "", "门店表", (), {}).at(local) == tmp_path / "门店表"
