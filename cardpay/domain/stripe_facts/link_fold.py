"""What Stripe says about a Checkout Session, folded into the payment that has it as its link."""

from datetime import datetime
from typing import Any

from cardpay.domain.payment_link.link_rules import ENDED_LINK_STATUSES, LinkStatus
from cardpay.domain.stripe_facts.field_rules import LINK
from cardpay.domain.stripe_facts.known import KnownPayment, with_changes
from cardpay.domain.stripe_facts.payment_fold import cause_of_end, fold_payment_intent
from cardpay.domain.stripe_facts.precedence import Verdict, fold_row
from cardpay.domain.stripe_facts.snapshots import CheckoutSessionSnapshot


def is_link_of(known: KnownPayment, session: CheckoutSessionSnapshot) -> bool:
    """Whether a Session was made as the link of this payment, which knows of none at Stripe yet.

    All that the desk asked for has to be there: other systems copy metadata, and edit it.
    """
    return (
        known.link is not None
        and session.client_reference_id == known.payment.id
        and any(
            (asked.amount_minor, asked.currency) == (session.amount_minor, session.currency)
            and asked.metadata.items() <= session.metadata.items()
            for asked in known.operations.links
        )
    )


def fold_checkout_session(
    known: KnownPayment,
    session: CheckoutSessionSnapshot,
    asked_at: datetime | None,
    now: datetime,
) -> tuple[KnownPayment, Verdict]:
    """Take what a request that began at `asked_at` said about the payment's link.

    The Session's PaymentIntent is the payment's from then on. An event (`asked_at` is None) is
    only a reason to ask, as it does not tell of the PaymentIntent. With the verdict ASK nothing is
    taken.
    """
    link = known.link
    if asked_at is None or link is None:
        return known, Verdict.ASK
    stated = {
        "stripe_checkout_session_id": session.session_id,
        "expires_at": session.expires_at,
    }
    row, verdict = fold_row(
        link,
        session.status,
        stated,
        LINK,
        final=ENDED_LINK_STATUSES,
        asked_at=asked_at,
        now=now,
    )
    if verdict is Verdict.ASK:
        return known, verdict
    taken = with_changes(known, {"link": row})
    changed: dict[str, Any] = {}
    if known.payment.stripe_payment_intent_id is None and session.payment_intent_id:
        changed["stripe_payment_intent_id"] = session.payment_intent_id
    if row.status is LinkStatus.EXPIRED and known.payment.cancellation_cause is None:
        changed["cancellation_cause"] = cause_of_end(known)
    taken = with_changes(taken, {"payment": with_changes(taken.payment, changed)})
    intent = session.payment_intent
    if intent is None or intent.payment_intent_id != taken.payment.stripe_payment_intent_id:
        return taken, verdict
    taken, on_intent = fold_payment_intent(taken, intent, asked_at, now)
    return (known, on_intent) if on_intent is Verdict.ASK else (taken, verdict)
