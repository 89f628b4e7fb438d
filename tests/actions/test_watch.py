"""Watching a folder without waiting: the clock is the test's."""

from __future__ import annotations

import os
from itertools import count

from xlplan.actions.imports.watch import watch


def watched(folder, steps, took=lambda: True, **more):
    """Watch as `steps` happen, one between two looks; return what was handed over."""
    seen, looks = [], count()
    plan = dict(enumerate(steps))

    def sleep(_seconds):
        step = plan.get(next(looks))
        if step:
            step()

    left = iter(range(len(steps) + 4))
    watch(
        folder,
        lambda files: (seen.append([file.name for file in files]), took())[1],
        sleep=sleep,
        go_on=lambda: next(left, None) is not None,
        **more,
    )
    return seen


def test_a_file_is_handed_over_once_when_it_stopped_growing(tmp_path):
    file = tmp_path / "店铺.csv"
    steps = [lambda: file.write_text("a"), lambda: file.write_text("ab"), None, None, None]
    assert watched(tmp_path, steps) == [["店铺.csv"]]


def test_a_file_that_changes_later_is_handed_over_again(tmp_path):
    file = tmp_path / "店铺.csv"
    file.write_text("a")
    steps = [None, None, lambda: file.write_text("abc"), None]
    assert watched(tmp_path, steps) == [["店铺.csv"], ["店铺.csv"]]


def test_a_file_that_vanishes_is_forgotten_and_its_return_unchanged_is_no_news(tmp_path):
    file, away = tmp_path / "店铺.csv", tmp_path / "away.txt"
    file.write_text("a")
    moment = file.stat().st_mtime_ns
    back = lambda: (away.rename(file), os.utime(file, ns=(moment, moment)))  # noqa: E731
    assert watched(tmp_path, [None, lambda: file.rename(away), None, back, None]) == [["店铺.csv"]]


def test_the_plan_book_lock_files_and_backups_are_passed_over(tmp_path):
    for name in ("计划.xlsx", "~$计划.xlsx", ".隐藏.csv", "说明.txt", "店铺.csv"):
        (tmp_path / name).write_text("x")
    (tmp_path / "备份").mkdir()
    (tmp_path / "备份" / "计划.备份-1.xlsx").write_text("x")
    assert watched(tmp_path, [None], own="计划.xlsx") == [["店铺.csv"]]


def test_what_could_not_be_taken_comes_again_until_it_is(tmp_path):
    (tmp_path / "店铺.csv").write_text("a")
    answers = iter([False, False, True])
    assert watched(tmp_path, [None] * 4, took=lambda: next(answers)) == [["店铺.csv"]] * 3
