"""Fault injection: makes chosen requests and webhooks fail, in a chosen way."""

from collections.abc import Collection
from dataclasses import dataclass
from fnmatch import fnmatchcase
from threading import Event, Lock

REQUEST_KINDS = frozenset(
    {
        "timeout_before",  # no response, and the request did not run
        "timeout_after",  # no response, but the request ran
        "drop_before",  # the connection is lost, and the request did not run
        "drop_after",  # the connection is lost, but the request ran
        "conflict",  # 409: another request with the same key is running
        "rate_limit",  # 429, before idempotency keys are looked up
        "lock_timeout",  # 429 with the code lock_timeout
        "error_500",  # saved under the key, whether the request ran (`executed`) or not
        "delay",  # runs after `seconds`, or once it is cleared; until then its key is in use
    }
)
WEBHOOK_KINDS = frozenset(
    {
        "lose",  # never sent
        "duplicate",  # sent twice
        "delay_webhook",  # sent `seconds` of the sandbox's clock later
        "reorder",  # sent after everything else that is due
    }
)


class ConnectionDropped(ConnectionError):
    """The connection was lost in mid-request."""


class Hang(TimeoutError):
    """No response comes. Over HTTP the connection stays open for `seconds`."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__("the request timed out")


@dataclass
class Fault:
    """One rule. `method` and `path` are shell-style patterns; a webhook's path is its type."""

    kind: str
    method: str = "*"
    path: str = "*"
    times: int = 1
    seconds: float = 60.0
    executed: bool = False

    def __post_init__(self) -> None:
        self.over = Event()  # no field: it is nothing to tell by HTTP

    def wait(self) -> None:
        """Return after the rule's seconds, or as soon as the rules are cleared."""
        self.over.wait(self.seconds)


class FaultInjector:
    """The rules, in the order in which they were added. The first that matches applies."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []
        self._lock = Lock()
        self._over = Event()  # of all rules since the last clearing, those used up included

    def add(
        self,
        kind: str,
        *,
        method: str = "*",
        path: str = "*",
        times: int = 1,
        seconds: float = 60.0,
        executed: bool = False,
    ) -> Fault:
        """Make the next `times` matching requests or webhooks fail. Raises ValueError."""
        if kind not in REQUEST_KINDS | WEBHOOK_KINDS:
            raise ValueError(f"no such fault: {kind}")
        fault = Fault(kind, method, path, times, seconds, executed)
        with self._lock:
            fault.over = self._over
            self._rules.append(fault)
        return fault

    def clear(self) -> None:
        """Remove all rules; what a rule delays goes on."""
        with self._lock:
            self._rules.clear()
            self._end_delays()

    def remove(self, kinds: Collection[str]) -> None:
        """Remove the rules of these kinds; what they delay goes on."""
        with self._lock:
            self._rules = [fault for fault in self._rules if fault.kind not in kinds]
            if "delay" in kinds:
                self._end_delays()

    def pending(self) -> list[Fault]:
        """The rules that are not used up."""
        with self._lock:
            return list(self._rules)

    def take(self, method: str, path: str) -> Fault | None:
        """The fault for a request, or None. It uses up one of the rule's `times`."""
        return self._take(REQUEST_KINDS, method, path)

    def take_webhook(self, event_type: str) -> Fault | None:
        """The fault for a webhook, or None. It uses up one of the rule's `times`."""
        return self._take(WEBHOOK_KINDS, "*", event_type)

    def _end_delays(self) -> None:
        self._over.set()
        self._over = Event()
        for fault in self._rules:
            fault.over = self._over

    def _take(self, kinds: frozenset[str], method: str, path: str) -> Fault | None:
        with self._lock:
            for fault in self._rules:
                if (
                    fault.kind in kinds
                    and ("*" in {method, fault.method} or method == fault.method)
                    and fnmatchcase(path, fault.path)
                ):
                    fault.times -= 1
                    if fault.times <= 0:
                        self._rules.remove(fault)
                    return fault
        return None
