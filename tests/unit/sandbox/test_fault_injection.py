"""Fault injection."""

import pytest

from cardpay.sandbox.fault_injection import FaultInjector

CONFIRM = "/v1/payment_intents/pi_1/confirm"


def _taken(faults: FaultInjector, method: str = "POST", path: str = CONFIRM) -> str | None:
    fault = faults.take(method, path)
    return fault.kind if fault else None


@pytest.mark.parametrize(
    ("method", "path", "hit"),
    [
        pytest.param("*", "*", True, id="anything"),
        pytest.param("POST", "/v1/payment_intents/*/confirm", True, id="this endpoint"),
        pytest.param("POST", CONFIRM, True, id="this request"),
        pytest.param("GET", "*", False, id="another method"),
        pytest.param("*", "/v1/payment_intents", False, id="another endpoint"),
    ],
)
def test_matching(method: str, path: str, hit: bool) -> None:
    """Method and path both have to match."""
    faults = FaultInjector()
    faults.add("conflict", method=method, path=path)

    assert (_taken(faults) == "conflict") is hit


def test_used_up() -> None:
    """A rule applies as often as it says, and rules apply in the order of addition."""
    faults = FaultInjector()
    faults.add("rate_limit", times=2)
    faults.add("drop_after")

    assert [_taken(faults) for _ in range(4)] == ["rate_limit", "rate_limit", "drop_after", None]
    assert faults.pending() == []


def test_requests_and_webhooks_are_separate() -> None:
    """A webhook fault applies to webhooks only."""
    faults = FaultInjector()
    faults.add("lose", path="charge.*")

    assert _taken(faults) is None
    assert faults.take_webhook("payment_intent.created") is None
    lost = faults.take_webhook("charge.updated")
    assert lost is not None
    assert lost.kind == "lose"


def test_clear() -> None:
    """No fault applies afterwards."""
    faults = FaultInjector()
    faults.add("conflict", times=100)
    faults.clear()

    assert _taken(faults) is None


@pytest.mark.parametrize("how", ["cleared", "removed"])
def test_a_delay_ends_with_its_rule(how: str) -> None:
    """Also of a request that is already waiting; a later rule's does not."""
    faults = FaultInjector()
    faults.add("delay", seconds=3600)
    waiting = faults.take("POST", CONFIRM)
    assert waiting is not None
    faults.clear() if how == "cleared" else faults.remove({"delay"})
    waiting.wait()  # or this test would last an hour

    later = faults.add("delay", seconds=0)
    later.wait()
    assert not later.over.is_set()


def test_no_such_fault() -> None:
    """A misspelt fault would let a test pass without proving anything."""
    with pytest.raises(ValueError, match="frobnicate"):
        FaultInjector().add("frobnicate")
