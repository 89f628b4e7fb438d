from __future__ import annotations

import pytest

from xlplan.errors import FileError, Level, PlanError, Problem, Where


def test_a_problem_reads_as_one_chinese_sentence_with_its_cell():
    problem = Problem(
        Where("计划.xlsx", "年度目标", "D7"), "“五百”不是数字", Level.ERROR, "请填数字"
    )
    assert str(problem) == "[错误] 计划.xlsx › 年度目标!D7：“五百”不是数字（请填数字）"


def test_a_refusal_says_what_to_do():
    with pytest.raises(PlanError, match="怎么办：请先关闭 Excel") as caught:
        raise FileError("文件正被打开", remedy="请先关闭 Excel", code="in_use")
    assert caught.value.exit_code == 4
