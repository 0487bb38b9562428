"""What needs review: counted in one query of indexed rows, listed by urgency."""

from datetime import timedelta

import pytest

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Role
from cardpay.domain.attention_rules import RUNS_OUT_SOON, Attention
from cardpay.domain.errors import NotAllowed
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.operation import OperationKind, OperationState
from cardpay.reporting.needs_review import count_to_review, payments_to_review
from cardpay.storage.schema.tables import Operation
from tests.integration.payment_books import START, Books
from tests.support.databases.query_plans import plans

SUPERVISOR = Actor("supervisor-1", frozenset({Role.SUPERVISOR}), "test")
NOW = START + timedelta(days=30)
_DISPUTE = {"display_status": DisplayStatus.DISPUTED, "attention": Attention.DISPUTE}
_HOLD = {"display_status": DisplayStatus.AUTHORISED, "attention": Attention.HOLD}


def _unknown_outcome(books: Books, payment_id: str) -> None:
    with books.store.transaction() as session:
        session.add(
            Operation(
                id=f"operation-{payment_id}",
                stripe_account_id="acct_1",
                livemode=False,
                payment_id=payment_id,
                kind=OperationKind.CAPTURE,
                idempotency_key=f"key-{payment_id}",
                request={},
                state=OperationState.OPEN,
                open_slot=payment_id,
                needs_review=True,
                actor_id="agent-1",
                created_at=NOW,
            )
        )


def test_what_waits_for_a_person_is_counted_once_and_listed_by_urgency(books: Books) -> None:
    """Not a hold with time left, nor a dispute that was answered."""
    later = books.add(901, **_DISPUTE, act_by_at=NOW + timedelta(days=9))
    unknown = books.add(902, **_HOLD | {"display_status": DisplayStatus.CHECKING})
    ending = books.add(903, **_HOLD, act_by_at=NOW + RUNS_OUT_SOON)
    ended = books.add(904, **_HOLD, act_by_at=NOW - timedelta(days=1))
    no_deadline = books.add(905, **_DISPUTE)
    books.add(906, **_HOLD, act_by_at=NOW + RUNS_OUT_SOON + timedelta(seconds=1))
    books.add(907, display_status=DisplayStatus.DISPUTED)
    _unknown_outcome(books, unknown)
    _unknown_outcome(books, ended)
    found = list(payments_to_review(books.store, SUPERVISOR, NOW).index)
    assert found == [unknown, ended, ending, later, no_deadline]
    assert count_to_review(books.store, SUPERVISOR, NOW) == len(found)


def test_the_count_is_one_query_of_indexed_rows(unchanged_books: Books) -> None:
    """It is asked for on every page."""
    with plans(unchanged_books.store) as steps:
        count_to_review(unchanged_books.store, SUPERVISOR, NOW)
    told = "\n".join(steps)
    assert told.count("ix_payment_attention") >= 1
    assert "SCAN payment" not in told.replace("SCAN payment USING", "")
    assert "Seq Scan on payment" not in told


def test_who_may_not_act_is_not_told(unchanged_books: Books) -> None:
    """An agent has nothing to do there."""
    agent = Actor("agent-1", frozenset({Role.AGENT}), "test")
    for read in (count_to_review, payments_to_review):
        with pytest.raises(NotAllowed):
            read(unchanged_books.store, agent, NOW)
