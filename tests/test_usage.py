"""The command line speaks Chinese: help of every command, and what is wrong with one."""

from __future__ import annotations

import re

import pytest
import typer.main
from typer.testing import CliRunner

from xlplan.cli.app import app

RUN = CliRunner()
#: Words of typer that a reader of Chinese would stumble over.
ENGLISH = re.compile(
    r"Usage|Options|OPTIONS|Arguments|Commands|COMMAND|ARGS|Show this|default|required|Error|Try|Missing|such"
)


def named():
    """Return the words of every command and group."""
    group = typer.main.get_command(app)
    for name, command in group.commands.items():
        yield (name,)
        yield from ((name, inner) for inner in getattr(command, "commands", {}))


@pytest.mark.parametrize("words", [(), *named()], ids=" ".join)
def test_the_help_of_every_command_is_chinese_and_shown_in_full(words):
    said = RUN.invoke(app, [*words, "--help"], env={"COLUMNS": "80"})
    assert said.exit_code == 0
    assert not ENGLISH.search(said.output)
    assert "用法：" in said.output
    assert "显示这段说明" in said.output
    assert not re.search(r"\S… *│", said.output), "a text is cut off"


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("fil", "没有“fil”这个命令，是不是 fill"),
        ("fill", "没有写 计划表"),
        ("fill a.xlsx b.xlsx", "多写了 b.xlsx"),
        ("new x.xlsx --yeer 2027", "没有 --yeer 这个选项，是不是 --year"),
        ("new x.xlsx --year abc", "--year / -y：应为整数"),
        ("new x.xlsx --year", "--year 后面要写内容"),
        ("import x.xlsx --as-of 9月", "应为日期，如 2026-09-12"),
        ("collect x.xlsx --jobs 0", "不能小于 1"),
        ("addin build --bridge x", "应为 full、light 之一"),
    ],
)
def test_what_is_wrong_with_a_command_is_said_in_chinese(typed, why):
    said = RUN.invoke(app, typed.split(), env={"COLUMNS": "200"})
    assert said.exit_code == 2
    assert why in said.output
    assert not ENGLISH.search(said.output)
