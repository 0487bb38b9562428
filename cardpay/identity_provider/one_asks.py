"""Nobody asks twice at once; and nobody waits for another's question longer than for their own."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from cardpay.domain.access.role_check_rules import ProviderSilent
from cardpay.identity_provider.bounded_http import SECONDS

_LONGEST_WAIT_SECONDS: Final = SECONDS  # as long as a question has


@contextmanager
def one_asks(lock: threading.Lock) -> Iterator[None]:
    """Hold the lock while asking. Raises ProviderSilent if somebody else asks for too long."""
    if not lock.acquire(timeout=_LONGEST_WAIT_SECONDS):
        raise ProviderSilent("somebody else is still asking")
    try:
        yield
    finally:
        lock.release()
