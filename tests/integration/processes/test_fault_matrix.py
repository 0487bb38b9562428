"""Every mishap in every step: the right end on both sides, whatever was interrupted.

Nobody sits in front of the payment afterwards. The recovery task finds out what happened, and what
moves money and did not happen waits for a person, who then has it tried again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, get_args

import pytest
from _pytest.mark import ParameterSet
from sqlmodel import select

from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.services.taking.payment_view import PaymentView
from cardpay.storage.schema.tables import Payment, Refund
from tests.integration.processes.conftest import Processes
from tests.integration.processes.payment_step import DONE, PART_MINOR, Halt, Step

STEPS: Final = [step for step in get_args(Step) if step != "refunds"]  # many steps in one


@dataclass(frozen=True)
class Mishap:
    """A fault of the request, or a kill; and what of the step was done before it."""

    name: str
    fault: str = ""
    kill: Halt = ""
    executed: bool = False
    committed: bool = True


MISHAPS: Final = (
    Mishap("timeout before executing", fault="timeout_before"),
    Mishap("timeout after executing", fault="timeout_after", executed=True),
    Mishap("dropped before executing", fault="drop_before"),
    Mishap("dropped after executing", fault="drop_after", executed=True),
    Mishap("409", fault="conflict"),
    Mishap("429", fault="rate_limit"),
    Mishap("saved 500", fault="error_500"),
    Mishap("kill before commit", kill="before commit", committed=False),
    Mishap("kill after commit", kill="after commit"),
    Mishap("kill after the call", kill="after call", executed=True),
)


@dataclass(frozen=True)
class End:
    """How it stands on both sides: the desk's word, and what Stripe has."""

    word: DisplayStatus | None
    intents: tuple[str, ...]
    taken_minor: tuple[int, ...] = ()
    given_back_minor: tuple[int, ...] = ()


_W = DisplayStatus
_WHOLE = 12_000
_UNTOUCHED: Final[dict[Step, End]] = {
    "create": End(None, ()),
    "confirm": End(_W.AWAITING_CARD, ("requires_payment_method",)),
    "cancel": End(_W.AWAITING_CARD, ("requires_payment_method",)),
    "capture": End(_W.AUTHORISED, ("requires_capture",), (0,)),
    "refund": End(_W.SUCCEEDED, ("succeeded",), (_WHOLE,)),
}
_EXECUTED: Final[dict[Step, End]] = {
    "create": End(_W.NOT_CHARGED, ("canceled",)),  # nobody waits for it any more
    "confirm": End(_W.SUCCEEDED, ("succeeded",), (_WHOLE,)),
    "cancel": End(_W.CANCELLED, ("canceled",)),
    "capture": End(_W.SUCCEEDED, ("succeeded",), (PART_MINOR,)),
    "refund": End(_W.SUCCEEDED, ("succeeded",), (_WHOLE,), (PART_MINOR,)),
}
_NOT_EXECUTED: Final[dict[Step, End]] = {
    "create": End(_W.NOT_CHARGED, ()),
    "confirm": End(_W.NOT_CHARGED, ("canceled",)),  # the fence
    "cancel": _EXECUTED["cancel"],  # moves no money, so recovery finishes it
    "capture": End(_W.CHECKING, ("requires_capture",), (0,)),
    "refund": End(_W.SUCCEEDED, ("succeeded",), (_WHOLE,)),
}


def _cells() -> Iterator[ParameterSet]:
    """Each mishap in each step; before a merge each mishap once, and each step twice."""
    for row, mishap in enumerate(MISHAPS):
        for column, step in enumerate(STEPS):
            before_a_merge = column == (row + 2 * (row // len(STEPS))) % len(STEPS)
            marks = [] if before_a_merge else [pytest.mark.full]
            yield pytest.param(mishap, step, marks=marks, id=f"{mishap.name}-{step}")


@pytest.mark.parametrize(("mishap", "step"), list(_cells()))
def test_a_mishap_in_a_step(processes: Processes, mishap: Mishap, step: Step) -> None:
    """Nothing is lost, and nothing is done that nobody sees."""
    processes.prepare(step)
    if mishap.kill:
        processes.kill(step, mishap.kill)
    else:
        processes.fault(mishap.fault, step)
        assert processes.start(step).says() == DONE
        assert processes.stripe.get("/_control/faults") == []
    seen = processes.recover()
    waits = step in {"capture", "refund"} and mishap.committed and not mishap.executed
    ends = _EXECUTED if mishap.executed else _NOT_EXECUTED
    assert _end(processes, seen) == (ends[step] if mishap.committed else _UNTOUCHED[step])
    assert (seen.open_operation if seen else None) == (step if waits else None)
    if waits:
        seen = processes.decide()
        assert _end(processes, seen) == _EXECUTED[step]
        assert seen is not None
        assert seen.open_operation is None


def _end(processes: Processes, seen: PaymentView | None) -> End:
    """Both sides, once they are seen to agree about the payment and its refunds."""
    intents = processes.stripe.intents(processes.job.order_reference)
    charges = processes.stripe.charges(processes.job.order_reference)
    refunds = [
        refund
        for refund in processes.stripe.listed("/v1/refunds")
        if refund["payment_intent"] in {intent["id"] for intent in intents}
    ]
    with processes.desk.store.reading() as session:
        payment = session.get(Payment, processes.job.payment_id)
        rows = session.exec(select(Refund).where(Refund.stripe_refund_id != None)).all()  # noqa: E711
    ours = [payment.stripe_payment_intent_id, payment.status] if payment else [None, None]
    theirs = [intents[0]["id"], intents[0]["status"]] if intents else [None, None]
    assert ours == theirs
    assert {row.stripe_refund_id for row in rows} == {refund["id"] for refund in refunds}
    assert (payment.amount_refunded_minor if payment else 0) == sum(
        refund["amount"] for refund in refunds
    )
    return End(
        word=seen.display if seen else None,
        intents=tuple(intent["status"] for intent in intents),
        taken_minor=tuple(charge["amount_captured"] for charge in charges),
        given_back_minor=tuple(refund["amount"] for refund in refunds),
    )
