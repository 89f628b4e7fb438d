"""What the command line says of itself, in Chinese: help pages and wrong options.

Typer's own words are English and cannot be set from outside in one place: headings are
constants of its printing module, the help option and 用法 come from its command classes, and
what is wrong with an option is a sentence of the exception. Each is replaced where it is made.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.text import Text
from typer import rich_utils
from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from collections.abc import Callable

_WORDS = {
    "DEFAULT_STRING": "[默认 {}]",
    "REQUIRED_LONG_STRING": "[必填]",
    "ARGUMENTS_PANEL_TITLE": "参数",
    "OPTIONS_PANEL_TITLE": "选项",
    "COMMANDS_PANEL_TITLE": "命令",
}
#: English of typer and pydantic → Chinese; the first that fits the whole sentence is used.
_SENTENCES = (
    (r"No such command '(.+?)'\.?(?: Did you mean (.+)\?)?", "没有“{0}”这个命令"),
    (r"No such option: (\S+)(?: \(Possible options: (.+)\))?", "没有 {0} 这个选项"),
    (r"Missing command\.", "没有写要做哪件事"),
    (r"Missing (?:argument|option|parameter)(?: '?(.+?)'?)?\.", "没有写 {0}"),
    (r"Option '?(.+?)'? requires an argument\.", "{0} 后面要写内容"),
    (r"Option '?(.+?)'? does not take a value\.", "{0} 后面不用写内容"),
    (r"Got unexpected extra argument\S* \((.+)\)", "多写了 {0}"),
    (r"Invalid value for (.+?): (.+)", "{0}：{1}"),
    (r"Invalid value: (.+)", "{0}"),
    (r".*valid integer.*", "应为整数"),
    (r".*valid date.*|.*match the format.*", "应为日期，如 2026-09-12"),
    (r".*greater than or equal to (.+)", "不能小于 {0}"),
    (r".*not in the range x>=(.+?)\.", "不能小于 {0}"),
    (r"(?:Input should be|.* is not one of) (.+?)\.?", "应为 {0} 之一"),
)


def chinese(text: str) -> str:
    """Return a message of typer in Chinese; one that is not known stays as it is."""
    for english, words in _SENTENCES:
        found = re.fullmatch(english, text.strip(), re.DOTALL)
        if found:
            parts = [part or "" for part in found.groups()]
            said = words.format(*map(chinese, parts))
            guessed = parts[1].replace("'", "") if len(parts) > 1 and "{1}" not in words else ""
            return said + (f"，是不是 {guessed}？" if guessed else "")
    return re.sub(", | or ", "、", text.replace("'", ""))


def wrong(error: Any) -> None:
    """Print what is wrong with a command as typed, and where its help is."""
    if type(error).__name__ == "NoArgsIsHelpError":  # its text is the help, printed already
        return
    console = Console(stderr=True)
    console.print(Text(f"没有执行：{chinese(error.format_message())}", style="bold red"))
    if getattr(error, "ctx", None) is not None:
        console.print(Text(f"看用法：{error.ctx.command_path} --help"))


def stopped() -> None:
    """Print that Ctrl-C or the end of the input ended it."""
    Console(stderr=True).print(Text("已取消，没有写任何文件"))


def _help_option(option: Any) -> Any:
    if option is not None:
        option.help = "显示这段说明"
    return option


def _usage(text: str) -> str:
    return text.replace("Usage: ", "用法：", 1)


class _Command(TyperCommand):
    def get_help_option(self, ctx: Any) -> Any:
        return _help_option(super().get_help_option(ctx))

    def get_usage(self, ctx: Any) -> str:
        return _usage(super().get_usage(ctx))


class _Group(TyperGroup):
    def get_help_option(self, ctx: Any) -> Any:
        return _help_option(super().get_help_option(ctx))

    def get_usage(self, ctx: Any) -> str:
        return _usage(super().get_usage(ctx))


class Commands(typer.Typer):
    """A group of commands that speaks Chinese."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            cls=_Group, subcommand_metavar="命令 …", options_metavar="[选项]", **options
        )

    def command(self, name: str | None = None, **options: Any) -> Callable[..., Any]:
        """Add a command (see `typer.Typer.command`)."""
        return super().command(name, cls=_Command, options_metavar="[选项]", **options)


for _name, _text in _WORDS.items():
    setattr(rich_utils, _name, _text)
rich_utils.rich_format_error = wrong  # type: ignore[assignment]  # its parameter is private to typer
rich_utils.rich_abort_error = stopped
