"""What real accounts were seen to tell of objects that the desk had not made."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from tests.support.desks.given_stripe import BEGUN_AT, Happening, Json, example

Story = Sequence[Happening]
_DAY = 86_400
ANSWER_BY: Final = datetime.fromtimestamp(BEGUN_AT + 9 * _DAY, UTC)


def intent(object_id: str, status: str, amount: int, **changes: Any) -> Json:
    """A PaymentIntent in pounds, unless it is changed; one that succeeded received all."""
    received = amount if status == "succeeded" else 0
    fields = {"status": status, "amount": amount, "amount_received": received, "currency": "gbp"}
    return example("payment_intent", object_id, **fields | changes)


def charge(object_id: str, of: str, amount: int, **changes: Any) -> Json:
    """A Charge of a PaymentIntent that took all, unless it is changed."""
    fields = {
        "payment_intent": of,
        "payment_method": f"pm_{object_id}",
        "amount": amount,
        "amount_captured": amount,
        "captured": True,
        "currency": "gbp",
        "balance_transaction": None,
    }
    return example("charge", object_id, **fields | changes)


def transaction(object_id: str, source: str | None, amount: int, **changes: Any) -> Json:
    """A BalanceTransaction without a fee, unless it is changed."""
    fields = {"source": source, "amount": amount, "net": amount, "currency": "gbp"}
    return example("balance_transaction", object_id, **fields | changes)


def refund(object_id: str, of: str, charge_id: str, amount: int, **changes: Any) -> Json:
    """A Refund of a Charge of a PaymentIntent."""
    fields = {"payment_intent": of, "charge": charge_id, "amount": amount, "currency": "gbp"}
    return example("refund", object_id, **fields | changes)


def dispute(object_id: str, of: str, charge_id: str, status: str, **changes: Any) -> Json:
    """A Dispute of a Charge of a PaymentIntent, with no reply possible unless it is changed."""
    fields = {
        "payment_intent": of,
        "charge": charge_id,
        "status": status,
        "currency": "gbp",
        "evidence_details": {"due_by": None},
    }
    return example("dispute", object_id, **fields | changes)


def payout(object_id: str, status: str, amount: int, **changes: Any) -> Json:
    """A Payout in pounds of which nothing is known yet but its amount, unless it is changed."""
    fields = {
        "status": status,
        "amount": amount,
        "currency": "gbp",
        "arrival_date": BEGUN_AT + 2 * _DAY,
        "reconciliation_status": "in_progress",
        "balance_transaction": None,
    }
    return example("payout", object_id, **fields | changes)


def _paid(intent_id: str, charge_id: str, amount: int, **changes: Any) -> Story:
    """A PaymentIntent that succeeded at once, its Charge and what that added to the balance."""
    booked = transaction(f"txn_{charge_id}", charge_id, amount, fee=175, net=amount - 175)
    taken = charge(charge_id, intent_id, amount, balance_transaction=booked["id"])
    succeeded = intent(intent_id, "succeeded", amount, latest_charge=charge_id, **changes)
    return [
        Happening("payment_intent.succeeded", succeeded, [taken, booked]),
        Happening("charge.succeeded", taken),
    ]


def a_reference_that_comes_later() -> Story:
    """The shop writes its order's reference once the PaymentIntent is there."""
    begun = intent("pi_ref", "requires_payment_method", 12_000, metadata={})
    metadata = {"order_reference": "SHOP-88"}
    return [
        Happening("payment_intent.created", begun),
        *_paid("pi_ref", "ch_ref", 12_000, metadata=metadata),
    ]


def another_currency() -> Story:
    """Amount and currency are changed before the confirm."""
    begun = intent("pi_cur", "requires_payment_method", 2_000, currency="usd")
    taken = charge("ch_cur", "pi_cur", 3_000, currency="jpy")
    done = intent("pi_cur", "succeeded", 3_000, currency="jpy", latest_charge="ch_cur")
    return [
        Happening("payment_intent.created", begun),
        Happening("payment_intent.succeeded", done, [taken]),
        Happening("charge.succeeded", taken),
    ]


def another_currency_after_a_decline() -> Story:
    """The first card is declined; then all is changed, and another one pays."""
    declined = charge(
        "ch_no",
        "pi_two",
        2_000,
        currency="usd",
        status="failed",
        captured=False,
        amount_captured=0,
        failure_code="card_declined",
    )
    begun = intent("pi_two", "requires_payment_method", 2_000, currency="usd")
    tried = begun | {"latest_charge": "ch_no"}
    taken = charge("ch_yes", "pi_two", 3_000, currency="jpy", created=BEGUN_AT + 5)
    done = intent("pi_two", "succeeded", 3_000, currency="jpy", latest_charge="ch_yes")
    return [
        Happening("payment_intent.created", begun),
        Happening("charge.failed", declined, [tried]),
        Happening("payment_intent.payment_failed", tried),
        Happening("payment_intent.succeeded", done, [taken]),
        Happening("charge.succeeded", taken),
    ]


def a_hold_captured_in_part() -> Story:
    """An older version of the API makes a Refund of what was not captured, a day later."""
    held = charge("ch_pc", "pi_pc", 10_000, captured=False, amount_captured=0)
    booked = transaction("txn_pc", "ch_pc", 6_000, created=BEGUN_AT + _DAY)
    taken = held | {
        "captured": True,
        "amount_captured": 6_000,
        "amount_refunded": 4_000,
        "balance_transaction": booked["id"],
    }
    waits = intent(
        "pi_pc",
        "requires_capture",
        10_000,
        amount_capturable=10_000,
        latest_charge="ch_pc",
        capture_method="manual",
    )
    done = waits | {"status": "succeeded", "amount_received": 6_000, "amount_capturable": 0}
    released = refund("re_pc", "pi_pc", "ch_pc", 4_000)
    return [
        Happening("payment_intent.amount_capturable_updated", waits, [held]),
        Happening("charge.succeeded", held),
        Happening("refund.created", released, [taken, done, booked]),
        Happening("charge.captured", taken),
        Happening("charge.refunded", taken),
        Happening("payment_intent.succeeded", done),
    ]


def a_hold_that_ends() -> Story:
    """An older version of the API makes a Refund of all of it."""
    held = charge("ch_ca", "pi_ca", 7_000, captured=False, amount_captured=0)
    ended = held | {"amount_refunded": 7_000, "refunded": True}
    waits = intent(
        "pi_ca",
        "requires_capture",
        7_000,
        amount_capturable=7_000,
        latest_charge="ch_ca",
        capture_method="manual",
    )
    over = waits | {
        "status": "canceled",
        "amount_capturable": 0,
        "canceled_at": BEGUN_AT + 7,
        "cancellation_reason": "automatic",
    }
    released = refund("re_ca", "pi_ca", "ch_ca", 7_000, reason="expired_uncaptured_charge")
    return [
        Happening("payment_intent.amount_capturable_updated", waits, [held]),
        Happening("charge.succeeded", held),
        Happening("charge.expired", ended, [released, over]),
        Happening("refund.created", released),
        Happening("payment_intent.canceled", over),
    ]


def a_refund_that_comes_back() -> Story:
    """The bank refuses it, and a transaction of its own brings the money back."""
    out = transaction("txn_rf_r", "re_rf", -5_000, type="refund", reporting_category="refund")
    back = transaction("txn_rf_f", "re_rf", 5_000, type="refund_failure")
    sent = refund("re_rf", "pi_rf", "ch_rf", 5_000, balance_transaction="txn_rf_r")
    failed = sent | {
        "status": "failed",
        "failure_reason": "expired_or_canceled_card",
        "failure_balance_transaction": "txn_rf_f",
    }
    return [
        *_paid("pi_rf", "ch_rf", 5_000),
        Happening("refund.created", sent, [out]),
        Happening("refund.failed", failed, [back]),
    ]


def a_debit_that_comes_back() -> Story:
    """A bank debit that had succeeded is taken back by the bank."""
    booked = transaction("txn_de", "ch_de", 5_000, type="payment", reporting_category="charge")
    back = transaction("txn_de_f", "ch_de", -5_000, type="payment_failure_refund")
    debit = {"type": "sepa_debit", "sepa_debit": {"last4": "3000", "country": "DE"}}
    taken = charge(
        "ch_de",
        "pi_de",
        5_000,
        balance_transaction="txn_de",
        payment_method_details=debit,
    )
    failed = taken | {
        "failure_code": "charge_for_pending_refund_disputed",
        "failure_balance_transaction": "txn_de_f",
    }
    done = intent("pi_de", "succeeded", 5_000, latest_charge="ch_de")
    return [
        Happening("payment_intent.succeeded", done, [taken, booked]),
        Happening("charge.succeeded", taken),
        Happening("charge.updated", failed, [back]),
    ]


def money_that_goes_back() -> Story:
    """Refunded in part and whole; disputes that were lost, were won, and are to be answered."""
    told = [
        refund("re_part", "pi_part", "ch_part", 1_000, status="succeeded"),
        refund("re_whole", "pi_whole", "ch_whole", 5_000, status="succeeded"),
        dispute("dp_lost", "pi_lost", "ch_lost", "lost"),
        dispute("dp_won", "pi_won", "ch_won", "won"),
        dispute(
            "dp_answer",
            "pi_answer",
            "ch_answer",
            "needs_response",
            evidence_details={"due_by": int(ANSWER_BY.timestamp())},
        ),
    ]
    story: list[Happening] = []
    for one in told:
        story += _paid(one["payment_intent"], one["charge"], 5_000)
    kinds = {"refund": "refund.created", "dispute": "charge.dispute.created"}
    return [*story, *(Happening(kinds[one["object"]], one) for one in told)]


def an_appeal() -> Story:
    """A dispute that was lost is appealed, and won."""
    lost = dispute("dp_ap", "pi_ap", "ch_ap", "lost")
    appealed = lost | {
        "status": "appeal_needs_response",
        "evidence_details": {"due_by": BEGUN_AT + 3 * _DAY},
    }
    won = appealed | {"status": "won", "evidence_details": {"due_by": None}}
    return [
        *_paid("pi_ap", "ch_ap", 5_000),
        Happening("charge.dispute.closed", lost),
        Happening("charge.dispute.updated", appealed),
        Happening("charge.dispute.closed", won),
    ]


def an_appeal_under_way() -> Story:
    """As far as the appeal that waits for a reply."""
    return an_appeal()[:-1]


def an_inquiry_that_comes_back() -> Story:
    """Closed, and then a dispute after all."""
    closed = dispute("dp_in", "pi_in", "ch_in", "warning_closed")
    back = closed | {
        "status": "needs_response",
        "evidence_details": {"due_by": BEGUN_AT + 7 * _DAY},
    }
    return [
        *_paid("pi_in", "ch_in", 5_000),
        Happening("charge.dispute.closed", closed),
        Happening("charge.dispute.updated", back),
    ]


_DEBITED: Final = {"last4": "3000", "country": "DE", "fingerprint": "debit"}
_CARD: Final = {"brand": "visa", "last4": "9969", "funding": "debit", "country": "CA"}
METHODS: Final[Mapping[str, Json]] = {
    "card_present": _CARD,
    "interac_present": _CARD,
    "amazon_pay": {"funding": {"type": "card", "card": _CARD}},
    "link": {"country": "GB"},
    "sepa_debit": _DEBITED,
    "us_bank_account": {**_DEBITED, "bank_name": "TEST BANK"},
    "klarna": {"payment_method_category": "pay_later"},
    "customer_balance": {},
}


def other_methods() -> Story:
    """What was not paid with a card that was typed in."""
    story: list[Happening] = []
    for kind, details in METHODS.items():
        of, its_charge = f"pi_{kind}", f"ch_{kind}"
        taken = charge(its_charge, of, 1_000, payment_method_details={"type": kind, kind: details})
        done = intent(
            of, "succeeded", 1_000, latest_charge=its_charge, payment_method_types=[kind]
        )
        story.append(Happening("payment_intent.succeeded", done, [taken]))
        story.append(Happening("charge.succeeded", taken))
    return story


def a_bank_transfer() -> Story:
    """The customer is told where to send the money, and has not done so."""
    waits = intent(
        "pi_bt",
        "requires_action",
        5_000,
        payment_method="pm_bt",
        payment_method_types=["customer_balance"],
        next_action={"type": "display_bank_transfer_instructions"},
    )
    return [
        Happening("payment_intent.created", waits),
        Happening("payment_intent.requires_action", waits),
    ]


def a_destination_charge() -> Story:
    """Of 100.00, Connect hands 90.00 on to another account."""
    booked = transaction("txn_co", "ch_co", 10_000, fee=320, net=9_680)
    handed_on = transaction("txn_tr", "tr_co", -9_000, type="transfer")
    taken = charge("ch_co", "pi_co", 10_000, balance_transaction="txn_co", transfer="tr_co")
    done = intent("pi_co", "succeeded", 10_000, latest_charge="ch_co")
    return [
        Happening("payment_intent.succeeded", done, [taken, booked, handed_on]),
        Happening("charge.succeeded", taken),
    ]


def an_override_in_a_reference() -> Story:
    """Another system's reference turns the direction of writing round."""
    return _paid("pi_rtl", "ch_rtl", 2_000, metadata={"order_reference": "SHOP\u202e-98\u2066"})


def a_payout_that_fails() -> Story:
    """It is paid, itemised, and refused by the bank days later."""
    out = transaction("txn_po", "po_1", -4_825, type="payout", reporting_category="payout")
    back = transaction("txn_po_f", "po_1", 4_825, type="payout_failure")
    made = payout("po_1", "pending", 4_825, balance_transaction="txn_po")
    paid = made | {"status": "paid", "reconciliation_status": "completed"}
    failed = paid | {
        "status": "failed",
        "failure_code": "account_closed",
        "failure_message": "The bank account has been closed",
        "failure_balance_transaction": "txn_po_f",
    }
    return [
        *_paid("pi_po", "ch_po", 5_000),
        Happening("payout.created", made, [out]),
        Happening("payout.paid", paid, paid_out=["txn_ch_po", "txn_po"]),
        Happening("payout.failed", failed, [back]),
    ]


def money_that_becomes_available() -> Story:
    """Some days after the charge, of which no event tells."""
    paid, told = _paid("pi_av", "ch_av", 5_000)
    taken, booked = paid.others
    return [
        Happening(paid.type, paid.object, [taken, booked | {"status": "pending"}]),
        told,
        Happening("charge.updated", taken, [booked | {"status": "available"}]),
    ]


def charges_without_an_intent() -> Story:
    """An old integration's charge, of which a part goes back and returns; and an account debit."""
    booked = transaction("txn_old", "ch_old", 5_000, fee=175, net=4_825)
    taken = charge("ch_old", "", 5_000, payment_intent=None, balance_transaction="txn_old")
    out = transaction("txn_old_r", "re_old", -2_000, type="refund", reporting_category="refund")
    back = transaction("txn_old_f", "re_old", 2_000, type="refund_failure")
    sent = refund("re_old", "", "ch_old", 2_000, payment_intent=None)
    sent |= {"balance_transaction": "txn_old_r"}
    failed = sent | {"status": "failed", "failure_balance_transaction": "txn_old_f"}
    begun = charge("py_debit", "", 9_000, payment_intent=None, status="pending")
    debited = begun | {"status": "succeeded", "balance_transaction": "txn_debit"}
    debit = transaction("txn_debit", "py_debit", 9_000, type="payment")
    return [
        Happening("charge.succeeded", taken, [booked]),
        Happening("charge.pending", begun),
        Happening("refund.created", sent, [out]),
        Happening("refund.failed", failed, [back]),
        Happening("charge.succeeded", debited, [debit]),
    ]


def a_hold_captured_twice() -> Story:
    """Some of it first and more later; what is left is released with the second."""
    held = charge("ch_mc", "pi_mc", 10_000, captured=False, amount_captured=0)
    once = held | {"amount_captured": 3_000, "balance_transaction": "txn_mc_1"}
    twice = once | {"captured": True, "amount_captured": 8_000, "amount_refunded": 0}
    waits = intent("pi_mc", "requires_capture", 10_000, amount_capturable=10_000,
                   latest_charge="ch_mc", capture_method="manual")  # fmt: skip
    part = waits | {"amount_received": 3_000, "amount_capturable": 7_000}
    done = part | {"status": "succeeded", "amount_received": 8_000, "amount_capturable": 0}
    first = transaction("txn_mc_1", "ch_mc", 3_000, fee=75, net=2_925)
    second = transaction("txn_mc_2", "ch_mc", 5_000, fee=125, net=4_875)
    return [
        Happening("payment_intent.amount_capturable_updated", waits, [held]),
        Happening("charge.succeeded", held),
        Happening("charge.captured", once, [first, part]),
        Happening("payment_intent.amount_capturable_updated", part),
        Happening("charge.captured", twice, [second, done]),
        Happening("payment_intent.succeeded", done),
    ]


def a_hold_that_grows() -> Story:
    """More is authorised on the same Charge before it is captured."""
    held = charge("ch_inc", "pi_inc", 10_000, captured=False, amount_captured=0)
    more = held | {"amount": 12_500}
    booked = transaction("txn_inc", "ch_inc", 12_500, created=BEGUN_AT + _DAY)
    taken = more | {
        "captured": True,
        "amount_captured": 12_500,
        "balance_transaction": booked["id"],
    }
    waits = intent("pi_inc", "requires_capture", 10_000, amount_capturable=10_000,
                   latest_charge="ch_inc", capture_method="manual")  # fmt: skip
    grown = waits | {"amount": 12_500, "amount_capturable": 12_500}
    done = grown | {"status": "succeeded", "amount_received": 12_500, "amount_capturable": 0}
    return [
        Happening("payment_intent.amount_capturable_updated", waits, [held]),
        Happening("charge.succeeded", held),
        Happening("charge.updated", more, [grown]),
        Happening("payment_intent.amount_capturable_updated", grown),
        Happening("charge.captured", taken, [done, booked]),
        Happening("payment_intent.succeeded", done),
    ]


def a_debit_that_fails_before_a_card_pays() -> Story:
    """The bank refuses in the end; the customer pays the same by card."""
    debit = {"type": "sepa_debit", "sepa_debit": {"last4": "3000", "country": "DE"}}
    begun = charge("ch_slow", "pi_slow", 5_000, status="pending", captured=True,
                   payment_method_details=debit)  # fmt: skip
    refused = begun | {
        "status": "failed",
        "failure_code": "insufficient_funds",
        "paid": False,
        "amount_captured": 0,
    }
    taken = charge("ch_fast", "pi_slow", 5_000, created=BEGUN_AT + 5)
    waits = intent("pi_slow", "processing", 5_000, latest_charge="ch_slow")
    back = waits | {"status": "requires_payment_method"}
    done = back | {"status": "succeeded", "latest_charge": "ch_fast", "amount_received": 5_000}
    return [
        Happening("payment_intent.processing", waits, [begun]),
        Happening("charge.pending", begun),
        Happening("charge.failed", refused, [back]),
        Happening("payment_intent.payment_failed", back),
        Happening("payment_intent.succeeded", done, [taken]),
        Happening("charge.succeeded", taken),
    ]


def a_refund_that_fails_after_its_payout() -> Story:
    """It waits, is paid out with the rest, and comes back in the next payout."""
    out = transaction("txn_late_r", "re_late", -2_000, type="refund", reporting_category="refund")
    back = transaction("txn_late_f", "re_late", 2_000, type="refund_failure")
    sent = refund("re_late", "pi_late", "ch_late", 2_000, status="pending",
                  balance_transaction="txn_late_r")  # fmt: skip
    failed = sent | {
        "status": "failed",
        "failure_reason": "lost_or_stolen_card",
        "failure_balance_transaction": "txn_late_f",
    }
    first = transaction("txn_po_l1", "po_l1", -2_825, type="payout", reporting_category="payout")
    second = transaction("txn_po_l2", "po_l2", -2_000, type="payout", reporting_category="payout")
    completed = {"status": "paid", "reconciliation_status": "completed"}
    paid = payout("po_l1", "pending", 2_825, balance_transaction="txn_po_l1") | completed
    again = payout("po_l2", "pending", 2_000, balance_transaction="txn_po_l2") | completed
    return [
        *_paid("pi_late", "ch_late", 5_000),
        Happening("refund.created", sent, [out]),
        Happening(
            "payout.paid", paid, [first], paid_out=["txn_ch_late", "txn_late_r", "txn_po_l1"]
        ),
        Happening("refund.failed", failed, [back]),
        Happening("payout.paid", again, [second], paid_out=["txn_late_f", "txn_po_l2"]),
    ]


def a_refund_that_is_called_off() -> Story:
    """The customer's bank needs details that never come."""
    sent = refund("re_off", "pi_off", "ch_off", 2_000, status="requires_action")
    return [
        *_paid("pi_off", "ch_off", 5_000),
        Happening("refund.created", sent),
        Happening("refund.updated", sent | {"status": "canceled"}),
    ]


def a_dispute_that_is_won_after_all() -> Story:
    """For a part of the charge: the money leaves, is lost, and comes back weeks later."""
    out = transaction("txn_dw_1", "dp_dw", -3_000, type="adjustment", fee=2_000, net=-5_000,
                      reporting_category="dispute")  # fmt: skip
    back = transaction("txn_dw_2", "dp_dw", 3_000, type="adjustment",
                       reporting_category="dispute_reversal")  # fmt: skip
    opened = dispute("dp_dw", "pi_dw", "ch_dw", "needs_response", amount=3_000,
                     balance_transactions=[out])  # fmt: skip
    lost = opened | {"status": "lost"}
    won = opened | {"status": "won", "balance_transactions": [out, back]}
    return [
        *_paid("pi_dw", "ch_dw", 5_000),
        Happening("charge.dispute.created", opened, [out]),
        Happening("charge.dispute.funds_withdrawn", opened),
        Happening("charge.dispute.closed", lost),
        Happening("charge.dispute.updated", won, [back]),
        Happening("charge.dispute.funds_reinstated", won),
    ]


def other_currencies() -> Story:
    """Of three decimals, of none, and of none with two at Stripe; settled in pounds."""
    story: list[Happening] = []
    for currency, amount in (("kwd", 12_340), ("ugx", 500_000), ("isk", 990_000), ("clp", 7_700)):
        of, its_charge = f"pi_{currency}", f"ch_{currency}"
        booked = transaction(f"txn_{currency}", its_charge, 3_100, fee=100, net=3_000,
                             exchange_rate=0.25)  # fmt: skip
        taken = charge(its_charge, of, amount, currency=currency,
                       balance_transaction=booked["id"])  # fmt: skip
        done = intent(of, "succeeded", amount, currency=currency, latest_charge=its_charge)
        sent = refund(f"re_{currency}", of, its_charge, amount // 10 // 100 * 100,
                      currency=currency, status="succeeded")  # fmt: skip
        story += [
            Happening("payment_intent.succeeded", done, [taken, booked]),
            Happening("charge.succeeded", taken),
            Happening("refund.created", sent),
        ]
    return story


STORIES: Final = (
    a_reference_that_comes_later,
    another_currency,
    another_currency_after_a_decline,
    a_hold_captured_in_part,
    a_hold_that_ends,
    a_refund_that_comes_back,
    a_debit_that_comes_back,
    money_that_goes_back,
    an_appeal,
    an_appeal_under_way,
    an_inquiry_that_comes_back,
    other_methods,
    a_bank_transfer,
    a_destination_charge,
    an_override_in_a_reference,
    a_payout_that_fails,
    money_that_becomes_available,
    charges_without_an_intent,
    a_hold_captured_twice,
    a_hold_that_grows,
    a_debit_that_fails_before_a_card_pays,
    a_refund_that_fails_after_its_payout,
    a_refund_that_is_called_off,
    a_dispute_that_is_won_after_all,
    other_currencies,
)
