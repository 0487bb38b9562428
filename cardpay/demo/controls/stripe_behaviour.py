"""How the simulated Stripe behaves from now on: to the desk's requests, and with its webhooks."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from cardpay.sandbox import Sandbox
from cardpay.sandbox.fault_injection import REQUEST_KINDS, WEBHOOK_KINDS

_UNTIL_CHANGED: Final = 1_000_000  # times


class Answering(StrEnum):
    """What Stripe does with the desk's next requests."""

    NORMAL = "Normal"
    SLOW = "Slow"
    DOWN_BEFORE = "Down before"
    DOWN_AFTER = "Down after"
    RATE_LIMIT = "Rate limit 429"
    DECLINE_ALL = "Decline all"


class Delivering(StrEnum):
    """What becomes of Stripe's next webhooks."""

    ON_TIME = "On time"
    LATE = "Late"
    LOST = "Lost"
    TWICE = "Twice"


@dataclass(frozen=True)
class _Fault:
    kind: str
    seconds: float = 0.0


_ANSWERS: Final = {
    Answering.SLOW: _Fault("delay", 4.0),
    Answering.DOWN_BEFORE: _Fault("drop_before"),
    Answering.DOWN_AFTER: _Fault("drop_after"),
    Answering.RATE_LIMIT: _Fault("rate_limit"),
}
_DELIVERIES: Final = {
    Delivering.LATE: _Fault("delay_webhook", 60.0),
    Delivering.LOST: _Fault("lose"),
    Delivering.TWICE: _Fault("duplicate"),
}
# What the desk writes. It may still ask, or it could not find out what became of a lost answer.
_WRITES: Final = ("/v1/payment_intents*", "/v1/refunds*", "/v1/checkout/sessions*")
# Without the creation of a PaymentIntent: were its answer lost, no card would ever be charged, and
# it is the charge whose answer a visitor wants to see lost.
_AFTER_CREATION: Final = ("/v1/payment_intents/*", "/v1/refunds*", "/v1/checkout/sessions*")


def set_answering(sandbox: Sandbox, wanted: Answering) -> None:
    """Let Stripe answer so until it is set again."""
    sandbox.faults.remove(REQUEST_KINDS)
    sandbox.declines_all = wanted is Answering.DECLINE_ALL
    if (fault := _ANSWERS.get(wanted)) is not None:
        for path in _AFTER_CREATION if wanted is Answering.DOWN_AFTER else _WRITES:
            sandbox.faults.add(
                fault.kind, method="POST", path=path, times=_UNTIL_CHANGED, seconds=fault.seconds
            )


def answering(sandbox: Sandbox) -> Answering:
    """How it answers now."""
    if sandbox.declines_all:
        return Answering.DECLINE_ALL
    kinds = {fault.kind for fault in sandbox.faults.pending()}
    return next((one for one, fault in _ANSWERS.items() if fault.kind in kinds), Answering.NORMAL)


def set_delivering(sandbox: Sandbox, wanted: Delivering) -> None:
    """Let it deliver webhooks so until it is set again."""
    sandbox.faults.remove(WEBHOOK_KINDS)
    if (fault := _DELIVERIES.get(wanted)) is not None:
        sandbox.faults.add(fault.kind, times=_UNTIL_CHANGED, seconds=fault.seconds)


def delivering(sandbox: Sandbox) -> Delivering:
    """How it delivers them now."""
    kinds = {fault.kind for fault in sandbox.faults.pending()}
    found = (one for one, fault in _DELIVERIES.items() if fault.kind in kinds)
    return next(found, Delivering.ON_TIME)
