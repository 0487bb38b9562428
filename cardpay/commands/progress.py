"""How far a long command is: a bar on a terminal, lines elsewhere. It goes to stderr."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Final

import click

_STEPS: Final = 1000  # of the bar, finer than any terminal is wide
_LINE_SECONDS: Final = 10.0  # between two lines where there is no terminal


@contextmanager
def progress() -> Iterator[Callable[[float, str], None]]:
    """Gives a function that shows the share done, from 0 to 1, and some words beside it."""
    is_terminal = sys.stderr.isatty()
    next_at, words = 0.0, ""
    with click.progressbar(
        range(_STEPS),
        item_show_func=lambda _: words,
        show_eta=False,
        file=sys.stderr,
        hidden=not is_terminal,
        update_min_steps=0,  # the words change where the share does not
    ) as bar:

        def show(share: float, text: str) -> None:
            nonlocal next_at, words
            words = text
            if is_terminal:
                bar.update(round(share * _STEPS) - bar.pos)
            elif monotonic() >= next_at:
                next_at = monotonic() + _LINE_SECONDS
                click.echo(f"{share:.0%} {text}", err=True)

        yield show
