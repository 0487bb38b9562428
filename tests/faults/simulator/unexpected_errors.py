"""What the desk logs of failures that it did not foresee: a broken part is not a broken line."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from cardpay.domain.errors import CardpayError

# An event's object may have a form that is not known: then Stripe is asked for it.
_FORESEEN = "event not readable"


class _Listener(logging.Handler):
    def __init__(self, heard: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        if isinstance(record.msg, dict) and record.msg.get("event") == _FORESEEN:
            return
        error = record.msg.get("error") if isinstance(record.msg, dict) else record.getMessage()
        if error is not None and error not in _names(CardpayError):
            self._heard.append(record.getMessage())


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
