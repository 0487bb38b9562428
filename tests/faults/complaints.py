"""What the desk logs of failures that it did not foresee: a broken part is not a broken line."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from cardpay.domain.errors import CardpayError

_UNFORESEEN = "An error in cardpay"  # how an event's problem begins then


class _Listener(logging.Handler):
    def __init__(self, heard: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        last_word = message.rpartition(" ")[2]
        foreseen = last_word in _names(CardpayError) or "another process" in message
        if message.startswith("event "):
            foreseen = _UNFORESEEN not in message
        if not foreseen:
            self._heard.append(message)


@contextmanager
def listening(heard: list[str]) -> Iterator[None]:
    """Add to `heard` what is logged meanwhile, and keep the rest off the screen."""
    log = logging.getLogger("cardpay")
    listener, propagates = _Listener(heard), log.propagate
    log.addHandler(listener)
    log.propagate = False
    try:
        yield
    finally:
        log.removeHandler(listener)
        log.propagate = propagates


def _names(error: type[CardpayError]) -> set[str]:
    found = {error.__name__}
    for below in error.__subclasses__():
        found |= _names(below)
    return found
