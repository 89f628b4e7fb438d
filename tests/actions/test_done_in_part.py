"""What was done in part says so: in the headline, in --json and in the exit code."""

from __future__ import annotations

import json

import pytest
import typer

from xlplan.actions.imports.gather import Wanted, gather
from xlplan.actions.imports.importing import errors_among
from xlplan.actions.run.outcome import Outcome
from xlplan.actions.stores.report import Told, outcome_of
from xlplan.cli import running
from xlplan.errors import Level, Problem, Where
from xlplan.ribbon import words

WHOLE = Outcome("导入完成", ["新增 3 个数"], changed=3)
PART = Outcome("导入完成", ["新增 3 个数"], changed=3, left_out=2)


@pytest.mark.parametrize("as_json", [True, False])
def test_an_action_done_in_part_ends_with_3_and_a_whole_one_with_0(as_json, capsys):
    running.report(WHOLE, as_json=as_json)
    assert "没有收" not in capsys.readouterr().out
    with pytest.raises(typer.Exit) as stop:
        running.report(PART, as_json=as_json)
    assert stop.value.exit_code == 3
    said = capsys.readouterr().out
    assert "导入完成，有 2 处没有收" in said
    if as_json:
        assert json.loads(said)["left_out"] == 2


def test_the_ribbon_says_it_first():
    assert words.of_outcome(PART).text.splitlines()[0] == "导入完成，有 2 处没有收"
    assert words.of_outcome(WHOLE).text.splitlines()[0] == "导入完成"


def test_an_unreadable_file_or_a_refused_cell_counts_and_a_warning_does_not(tmp_path):
    (tmp_path / "坏.xlsx").write_bytes(b"PK\x03\x04")
    (tmp_path / "好.csv").write_text("店铺,日期,支付金额\n示例店,2026-09-01,5\n示例店,2026-09-02,x\n", "utf-8")  # fmt: skip
    found = gather([tmp_path], Wanted(["示例店"], 2026))
    assert errors_among(found.problems) == 2
    warned = Problem(Where("a"), "b", Level.WARNING)
    assert errors_among([warned]) == 0


def test_a_collection_with_a_copy_it_refused_is_done_in_part():
    refused, warned = Problem(Where("a"), "b"), Problem(Where("a"), "b", Level.WARNING)
    done = outcome_of(Told(problems=[refused, warned]), {}, changed=1, dry_run=False)
    assert done.left_out == 1
    assert outcome_of(Told(problems=[warned]), {}, changed=1, dry_run=False).left_out == 0
