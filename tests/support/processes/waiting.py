"""Waiting for a thing to come about, and saying what did not."""

import time
from collections.abc import Callable
from typing import Final

PATIENCE_SECONDS: Final = 120.0
"""How long anything may take: a machine that does other things too is slow, and not wrong."""


def wait_for(
    condition: Callable[[], object],
    what: str | Callable[[], str],
    patience_seconds: float = PATIENCE_SECONDS,
) -> None:
    """Return once the condition holds; AssertionError with `what` is missing if it never does.

    A condition that takes long, since it asks a server, is asked less often: asking must not be
    what keeps the server from getting there.
    """
    deadline = time.monotonic() + patience_seconds
    while True:
        asked_at = time.monotonic()
        if condition():
            return
        if asked_at > deadline:
            raise AssertionError(what if isinstance(what, str) else what())
        time.sleep(max(0.02, 2 * (time.monotonic() - asked_at)))
