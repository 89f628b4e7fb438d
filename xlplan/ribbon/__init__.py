"""What a click in Excel runs: ``from xlplan import ribbon; ribbon.run('fill')``.

Nothing is imported here before the click needs it, and nothing ever leaves `run` but a message.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def _unhurried_cleaning() -> Iterator[None]:
    """Collect garbage rarely: a click's process lives for seconds, and imports are no garbage."""
    before = gc.get_threshold()
    gc.set_threshold(200_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def run(name: str) -> None:
    """Do what the button says; every trouble becomes a message in Chinese, never a traceback.

    Args:
        name: An action's name in `xlplan.commands`.
    """
    try:
        with _unhurried_cleaning():
            from xlplan.ribbon.click import click

            click(name)
    except BaseException as error:  # noqa: BLE001 - Excel would show a traceback
        from xlplan.ribbon import words

        words.last_words(error)
