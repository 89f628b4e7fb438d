"""What a click in Excel runs: ``from xlplan import ribbon; ribbon.run('fill')``.

Nothing is imported here before the click needs it, and nothing ever leaves `run` but a message.
"""

from __future__ import annotations


def run(name: str) -> None:
    """Do what the button says; every trouble becomes a message in Chinese, never a traceback.

    Args:
        name: An action's name in `xlplan.commands`.
    """
    try:
        from xlplan.ribbon.click import click

        click(name)
    except BaseException as error:  # noqa: BLE001 - Excel would show a traceback
        from xlplan.ribbon import words

        words.last_words(error)
