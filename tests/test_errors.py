from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from xlplan.errors import FileError, Level, PlanError, Problem, Where
from xlplan.sheets.base.rule_names import rule_name

PACKAGE = Path(__file__).parent.parent / "xlplan"


def test_a_problem_reads_as_one_chinese_sentence_with_its_cell():
    problem = Problem(
        Where("计划.xlsx", "年度目标", "D7"), "“五百”不是数字", Level.ERROR, "请填数字"
    )
    assert str(problem) == "[错误] 计划.xlsx › 年度目标!D7：“五百”不是数字（请填数字）"


def test_a_refusal_says_what_to_do():
    with pytest.raises(PlanError, match="怎么办：请先关闭 Excel") as caught:
        raise FileError("文件正被打开", remedy="请先关闭 Excel", code="in_use")
    assert caught.value.exit_code == 4


def test_every_rule_people_see_has_a_chinese_name():
    seen = {rule for path in PACKAGE.rglob("*.py") for rule in rules_in(path)}
    assert len(seen) > 60
    assert {rule for rule in seen if rule_name(rule) == rule} == set()


def rules_in(path):
    """Return the ids that a file gives to problems, unread cells and files."""
    positions = {"Unread": 0, "Problem": 4, "error": 2, "warn": 2, "info": 2, "_note": 1}
    for call in (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)):  # fmt: skip
        at = positions.get(
            getattr(call.func, "attr", getattr(call.func, "id", "")), len(call.args)
        )
        given = [*call.args[at : at + 1], *(word.value for word in call.keywords if word.arg in ("rule", "code"))]  # fmt: skip
        parts = {part.value for node in given for part in ast.walk(node) if isinstance(part, ast.Constant) and not isinstance(node, ast.Subscript)}  # fmt: skip
        yield from (part for part in parts if isinstance(part, str) and re.fullmatch(r"[a-z]+([_-][a-z0-9]+)*", part))  # fmt: skip
