"""Which fields follow what Stripe states later, field by field.

The folds go by these tables, and so does the comparison with Stripe: a difference is a field that
a fold would change. A field that no table names is not Stripe's to state.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final


class Follows(StrEnum):
    """What a later statement does to a field."""

    LATEST = "latest"  # what Stripe stated last, nothing included
    LATEST_STATED = "latest_stated"  # what Stripe stated last; what it leaves out stays
    FIRST = "first"  # what Stripe stated first: it never changes
    ORDER = "order"  # a status: see `precedence`
    CONCLUDED = "concluded"  # from other fields, or from what the desk asked for
    OURS = "ours"  # Stripe has no say


_F = Follows

PAYMENT: Final[Mapping[str, Follows]] = {
    "id": _F.OURS,
    "taken_at_desk": _F.OURS,
    "created_at": _F.OURS,
    "order_claim": _F.CONCLUDED,
    "status": _F.ORDER,
    "status_as_of": _F.ORDER,
    "display_status": _F.CONCLUDED,
    "attention": _F.CONCLUDED,
    "act_by_at": _F.CONCLUDED,
    # Of a payment that the desk took, amount, currency and reference are what the desk asked for.
    "amount_minor": _F.LATEST,
    "currency": _F.LATEST,
    "order_reference": _F.LATEST,
    "search_reference": _F.LATEST,
    "search_number": _F.LATEST,
    "amount_received_minor": _F.LATEST,
    "amount_capturable_minor": _F.LATEST,
    "amount_refunded_minor": _F.CONCLUDED,
    "capture_method": _F.LATEST,
    "next_action_type": _F.LATEST,
    "stripe_payment_intent_id": _F.FIRST,
    "stripe_created_at": _F.FIRST,
    "latest_charge_id": _F.LATEST_STATED,
    "cancellation_cause": _F.CONCLUDED,
    "canceled_at": _F.FIRST,
    "succeeded_at": _F.CONCLUDED,
    "payment_method_type": _F.CONCLUDED,
    "card_brand": _F.CONCLUDED,
    "card_last4": _F.CONCLUDED,
}
OURS_AT_THE_DESK: Final = frozenset(
    {"amount_minor", "currency", "order_reference", "search_reference", "search_number"}
)

ATTEMPT: Final[Mapping[str, Follows]] = {
    "id": _F.OURS,
    "payment_id": _F.OURS,
    "operation_id": _F.OURS,
    "outcome": _F.ORDER,
    "created_at": _F.CONCLUDED,  # the desk's own time, or the Charge's
    "settled_at": _F.CONCLUDED,
    "stripe_charge_id": _F.FIRST,
    "stripe_payment_method_id": _F.FIRST,
    "stripe_transfer_id": _F.LATEST_STATED,
    "amount_minor": _F.LATEST,
    "currency": _F.LATEST,
    "method_type": _F.LATEST_STATED,
    "card_brand": _F.LATEST_STATED,
    "card_last4": _F.LATEST_STATED,
    "card_exp_month": _F.LATEST_STATED,
    "card_exp_year": _F.LATEST_STATED,
    "card_country": _F.LATEST_STATED,
    "card_funding": _F.LATEST_STATED,
    "card_fingerprint": _F.LATEST_STATED,
    "failure_code": _F.LATEST_STATED,
    # The error of a confirm and the Charge that it made state the same; the error is more exact.
    "decline_code": _F.FIRST,
    "network_decline_code": _F.LATEST_STATED,
    "advice_code": _F.LATEST_STATED,
    "capture_before_at": _F.LATEST_STATED,
    "cvc_check": _F.LATEST_STATED,
    "postal_code_check": _F.LATEST_STATED,
    "address_check": _F.LATEST_STATED,
    "risk_level": _F.LATEST_STATED,
    "risk_score": _F.LATEST_STATED,
    "moto": _F.LATEST_STATED,
}

LINK: Final[Mapping[str, Follows]] = {
    "id": _F.OURS,
    "status": _F.ORDER,
    "status_as_of": _F.ORDER,
    "stripe_checkout_session_id": _F.FIRST,
    "expires_at": _F.LATEST,
    "created_at": _F.OURS,
}

REFUND: Final[Mapping[str, Follows]] = {
    "id": _F.OURS,
    "payment_id": _F.OURS,
    "operation_id": _F.OURS,
    "status": _F.ORDER,
    "status_as_of": _F.ORDER,
    "stripe_refund_id": _F.FIRST,
    "stripe_charge_id": _F.FIRST,
    "stripe_balance_transaction_id": _F.LATEST_STATED,
    "stripe_failure_balance_transaction_id": _F.LATEST_STATED,
    "amount_minor": _F.LATEST,
    "currency": _F.LATEST,
    "reason": _F.LATEST_STATED,
    "failure_reason": _F.LATEST_STATED,
    "created_at": _F.OURS,  # of a refund made elsewhere, Stripe's at first sight
}

DISPUTE: Final[Mapping[str, Follows]] = {
    "id": _F.OURS,
    "payment_id": _F.FIRST,
    "status": _F.ORDER,
    "status_as_of": _F.ORDER,
    "stripe_dispute_id": _F.FIRST,
    "stripe_charge_id": _F.FIRST,
    "reason": _F.LATEST_STATED,
    "amount_minor": _F.LATEST,
    "currency": _F.LATEST,
    "evidence_due_at": _F.LATEST,
    "is_charge_refundable": _F.LATEST_STATED,
    "created_at": _F.FIRST,
}

BALANCE_TRANSACTION: Final[Mapping[str, Follows]] = {
    "id": _F.OURS,
    "stripe_balance_transaction_id": _F.FIRST,
    "stripe_source_id": _F.FIRST,
    "stripe_payout_id": _F.LATEST_STATED,  # known once the payout's transactions are listed
    "type": _F.FIRST,
    "reporting_category": _F.FIRST,
    "gross_minor": _F.FIRST,
    "fee_minor": _F.FIRST,
    "net_minor": _F.FIRST,
    "currency": _F.FIRST,
    "exchange_rate": _F.FIRST,
    "created_at": _F.FIRST,
    "available_at": _F.FIRST,
}

PAYOUT: Final[Mapping[str, Follows]] = {
    "id": _F.OURS,
    "status": _F.ORDER,
    "status_as_of": _F.ORDER,
    "stripe_payout_id": _F.FIRST,
    "amount_minor": _F.LATEST,
    "currency": _F.LATEST,
    "is_automatic": _F.LATEST,
    "method": _F.LATEST,
    "arrival_at": _F.LATEST,
    "reconciliation_status": _F.LATEST,
    "trace_id": _F.LATEST_STATED,
    "statement_descriptor": _F.LATEST_STATED,
    "failure_code": _F.LATEST_STATED,
    "failure_message": _F.LATEST_STATED,
    "stripe_balance_transaction_id": _F.LATEST_STATED,
    "stripe_failure_balance_transaction_id": _F.LATEST_STATED,
    "created_at": _F.FIRST,
}


def follow(
    known: Any, stated: Mapping[str, Any], rules: Mapping[str, Follows]
) -> tuple[dict[str, Any], bool]:
    """The fields of `known` that a statement changes, and whether one of them was known already.

    Where it was, the order of the two statements matters. Fields of ORDER, CONCLUDED and OURS are
    not stated this way.
    """
    changed: dict[str, Any] = {}
    overwrites = False
    for name, value in stated.items():
        old = getattr(known, name)
        if value == old:
            continue
        rule = rules[name]
        if value is None and rule is not Follows.LATEST:
            continue
        if old is not None:
            if rule is Follows.FIRST:
                continue
            overwrites = True
        changed[name] = value
    return changed, overwrites
