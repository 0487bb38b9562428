"""Waiting for a thing to come about, and saying what did not."""

import time
from collections.abc import Callable


def wait_for(
    condition: Callable[[], object], what: str | Callable[[], str], patience_seconds: float = 30.0
) -> None:
    """Return once the condition holds; AssertionError with `what` is missing if it never does."""
    deadline = time.monotonic() + patience_seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(what if isinstance(what, str) else what())
        time.sleep(0.02)
