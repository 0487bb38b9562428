"""The switchboard: which of the coming requests and webhooks go wrong, and how."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from threading import Lock

REQUEST_KINDS = frozenset(
    {
        "timeout_before",  # hangs; nothing ran
        "timeout_after",  # ran; then hangs
        "drop_before",  # the connection is lost; nothing ran
        "drop_after",  # ran; the connection is lost
        "conflict",  # 409: a request with the same key is still running
        "rate_limit",  # 429, in front of the idempotency layer
        "lock_timeout",  # 429 with the code lock_timeout
        "error_500",  # saved under the key, whether it ran (`executed`) or not
        "delay",  # runs after `seconds`, its key being in use meanwhile
    }
)
WEBHOOK_KINDS = frozenset(
    {
        "lose",  # never sent
        "duplicate",  # sent twice
        "delay_webhook",  # sent `seconds` of the clock later
        "reorder",  # sent behind everything else that is due
    }
)


class ConnectionDropped(ConnectionError):
    """The connection went away in mid-request."""


class Hang(TimeoutError):
    """No answer comes. Over HTTP the connection stays open for `seconds`."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__("the request timed out")


@dataclass
class Fault:
    """One rule. Patterns are shell-style; `path` is the event's type for webhooks."""

    kind: str
    method: str = "*"
    path: str = "*"
    times: int = 1
    seconds: float = 60.0
    executed: bool = False


class FaultInjector:
    """Rules in the order in which they were added; the first that matches is used up by one."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []
        self._lock = Lock()

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
        """Make the next `times` matching requests, or webhooks, go wrong."""
        if kind not in REQUEST_KINDS | WEBHOOK_KINDS:
            raise ValueError(f"no such fault: {kind}")
        fault = Fault(kind, method, path, times, seconds, executed)
        with self._lock:
            self._rules.append(fault)
        return fault

    def clear(self) -> None:
        """All goes well again."""
        with self._lock:
            self._rules.clear()

    def waiting(self) -> list[Fault]:
        """The rules that are not used up."""
        with self._lock:
            return list(self._rules)

    def take(self, method: str, path: str) -> Fault | None:
        """The fault of this request, if one is due."""
        return self._take(REQUEST_KINDS, method, path)

    def take_webhook(self, event_type: str) -> Fault | None:
        """The fault of this delivery, if one is due."""
        return self._take(WEBHOOK_KINDS, "*", event_type)

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
