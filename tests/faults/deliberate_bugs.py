"""Mistakes that the simulator must notice, each as the product would have it if it made it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import stripe
from sqlalchemy import Engine

from cardpay.domain.access.actor import Actor
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.dispute import ENDED_DISPUTE_STATUSES
from cardpay.domain.payment.order import Draft
from cardpay.domain.payment.payout import PayoutStatus
from cardpay.domain.payment_link import link_rules
from cardpay.domain.payment_link.link_rules import LinkStatus
from cardpay.domain.stripe_facts import attempt_fold, payment_fold, precedence, settlement_folds
from cardpay.domain.stripe_facts.known import AskedForIntent
from cardpay.domain.stripe_facts.snapshots import MethodSnapshot
from cardpay.gateway import stripe_gateway
from cardpay.services.desk import Desk
from cardpay.services.history import reconciliation_differences, run_reconciliation
from cardpay.services.recovery import recover_payment
from cardpay.services.stripe_facts import apply_facts, itemise_payouts
from cardpay.services.stripe_facts.apply_facts import Fact
from cardpay.services.taking import payment_view
from cardpay.services.taking.create_payment import begin_create, send_create
from cardpay.services.taking.payment_view import PaymentView
from cardpay.services.webhooks import apply_event
from cardpay.storage.database.engine import Session, Store
from tests.faults.invariants.ledger import (
    every_write_has_its_operation,
    nothing_behind_anyones_back,
)
from tests.faults.invariants.links import one_charge_an_order
from tests.faults.invariants.made_elsewhere import (
    no_write_by_mistake,
    same_methods,
    set_aside_for_a_while,
    whose_payment,
)
from tests.faults.invariants.payments import Invariant, never_back
from tests.faults.invariants.payouts import (
    others_never_back,
    payouts_add_up,
    same_payouts,
    whole_balance,
)
from tests.faults.invariants.settlement import same_disputes
from tests.faults.simulator import agents

Bug = Callable[[], AbstractContextManager[Any]]


def key_minted_per_call() -> AbstractContextManager[Any]:
    """Each call to Stripe has a new key, so that a repeated one is another one."""

    def options(_key: str) -> stripe.RequestOptions:
        return {"idempotency_key": str(uuid4()), "max_network_retries": 1}

    return patch.object(stripe_gateway, "_options", options)


def event_without_the_order_rule() -> AbstractContextManager[Any]:
    """What an event says is believed as if Stripe had been asked just now."""

    def is_newer(as_of: datetime | None, asked_at: datetime | None) -> bool:
        return as_of is None or asked_at is None or asked_at > as_of

    return patch.object(payment_fold, "is_newer", is_newer)


def confirm_replayed_by_recovery() -> AbstractContextManager[Any]:
    """An hour later, with nobody at the page, the card is charged after all."""

    def may_replay(operation: Any, now: Any, **_: Any) -> bool:
        return bool(operation.replayable) and now - operation.created_at < timedelta(hours=2)

    return patch.object(recover_payment, "may_replay", may_replay)


def operation_committed_after_the_call() -> AbstractContextManager[Any]:
    """One transaction around the call: a kill in the middle leaves no trace of it."""

    def create_payment(desk: Desk, actor: Actor, draft: Draft) -> PaymentView:
        with desk.store.transaction() as session:
            operation = begin_create(session, desk, actor, draft.checked())
            joined = replace(desk, store=_Joined(desk.store.engine, session))
            if operation is not None:
                session.flush()
                send_create(joined, actor, operation)
        return payment_view.view(desk, draft.payment_id)

    return patch.object(agents, "create_payment", create_payment)


class _Joined(Store):
    """A store whose every transaction is the one that is open already."""

    def __init__(self, engine: Engine, session: Session) -> None:
        super().__init__(engine)
        self._session = session

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Commits nothing."""
        yield self._session
        self._session.flush()


def payout_event_without_the_order_rule() -> AbstractContextManager[Any]:
    """What an event says of a payout or dispute is believed as if Stripe had been asked."""

    def is_newer(_as_of: datetime | None, _asked_at: datetime | None) -> bool:
        return True

    return patch.object(precedence, "is_newer", is_newer)


def paid_payout_is_final() -> AbstractContextManager[Any]:
    """What is at the bank stays there."""
    final = {PayoutStatus.PAID, PayoutStatus.FAILED, PayoutStatus.CANCELED}
    return patch.object(settlement_folds, "FINAL_PAYOUT_STATUSES", final)


def lost_dispute_is_final() -> AbstractContextManager[Any]:
    """What was decided is not decided again, so that an event which tells it is the last word."""
    return patch.object(settlement_folds, "_FINAL_DISPUTE_STATUSES", ENDED_DISPUTE_STATUSES)


def payout_itemised_in_part() -> AbstractContextManager[Any]:
    """The last transaction of each page of a payout is dropped."""

    def apply_most(session: Session, desk: Desk, actor: Actor, facts: Sequence[Fact]) -> Any:
        return apply_facts.apply_facts(session, desk, actor, facts[:-1])

    return patch.object(itemise_payouts, "apply_facts", apply_most)


@contextmanager
def unnamed_transactions_forgotten() -> Iterator[None]:
    """Only what an object names has moved the balance, for events and for comparisons."""
    with (
        patch.object(apply_event, "unnamed_sources_of", lambda _stated: []),
        patch.object(reconciliation_differences, "missing_in_balance", lambda *_: []),
    ):
        yield


def metadata_says_whose_it_is() -> AbstractContextManager[Any]:
    """Whatever names a payment in its metadata is that payment's."""

    def asked_for(_known: Any, intent: Any) -> tuple[AskedForIntent, ...]:
        return (AskedForIntent(intent.amount_minor, intent.currency, {}),)

    return patch.object(apply_facts, "asked_for", asked_for)


def only_cards_known() -> AbstractContextManager[Any]:
    """Whatever is paid by something else than a card is paid by nothing."""
    told = attempt_fold.method_fields

    def method_fields(method: MethodSnapshot | None) -> dict[str, Any]:
        return told(method if method and method.type == "card" else None)

    return patch.object(attempt_fold, "method_fields", method_fields)


def unreadable_passed_over() -> AbstractContextManager[Any]:
    """A comparison forgets what it could not read."""
    return patch.object(run_reconciliation, "set_aside", lambda *_: None)


def card_taken_before_the_link_has_expired() -> AbstractContextManager[Any]:
    """The order is free as soon as somebody has asked to close its link."""

    def link_display(link: Any, status: Any, *, has_open_operation: bool, **rest: Any) -> Any:
        if has_open_operation and link == LinkStatus.OPEN:
            return DisplayStatus.CANCELLED
        return link_rules.link_display(link, status, has_open_operation=has_open_operation, **rest)

    return patch.object(payment_fold, "link_display", link_display)


def link_known_by_metadata() -> AbstractContextManager[Any]:
    """Whatever names a payment with a link is that link's, without asking for the Session."""
    payment_for = apply_facts._payment_for

    def by_metadata(rows: Any, fact: Fact, intent: Any) -> Any:
        found = payment_for(rows, fact, intent)
        return rows.payments[intent.metadata["payment_id"]] if found == "ask_link" else found

    return patch.object(apply_facts, "_payment_for", by_metadata)


# Each with the invariant that is there to catch it.
BUGS: tuple[tuple[Bug, Invariant], ...] = (
    (key_minted_per_call, every_write_has_its_operation),
    (event_without_the_order_rule, never_back),
    (confirm_replayed_by_recovery, nothing_behind_anyones_back),
    (operation_committed_after_the_call, every_write_has_its_operation),
    (payout_event_without_the_order_rule, others_never_back),
    (paid_payout_is_final, same_payouts),
    (lost_dispute_is_final, same_disputes),
    (payout_itemised_in_part, payouts_add_up),
    (unnamed_transactions_forgotten, whole_balance),
    (metadata_says_whose_it_is, whose_payment),
    (metadata_says_whose_it_is, no_write_by_mistake),
    (only_cards_known, same_methods),
    (unreadable_passed_over, set_aside_for_a_while),
    (card_taken_before_the_link_has_expired, one_charge_an_order),
    (link_known_by_metadata, whose_payment),
)
