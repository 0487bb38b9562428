"""An open payment tells all that is known of it, and nothing that must not be told."""

from datetime import timedelta
from typing import Any

import pytest

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Role
from cardpay.domain.errors import NotAllowed, PaymentNotFound
from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.payment.declines import REASON_NOT_FOR_CALLER
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.operation import OperationKind, OperationState
from cardpay.domain.payment.status import PaymentStatus
from cardpay.domain.stripe_facts.events import EventState
from cardpay.reporting.payment_page.payment_details import PaymentDetails, payment_details
from cardpay.storage.schema.tables import Payment, StripeEvent
from tests.integration.payment_books import START, Books
from tests.integration.payment_rows import (
    BOOKS_OF,
    KEY,
    attempt,
    audit,
    balance_transaction,
    dispute,
    operation,
    refund,
)

pytestmark = pytest.mark.one_database

ANALYST = Actor("analyst-1", frozenset({Role.ANALYST}), "test")


def story(books: Books, *rows: Any) -> list[tuple[str, str, str]]:
    """Title, detail and tone of the timeline, once these rows are there too."""
    with books.store.transaction() as session:
        session.add_all(rows)
    return [(entry.title, entry.detail, entry.tone) for entry in details(books).timeline]


def details(books: Books, key: str = KEY) -> PaymentDetails:
    """The payment as an analyst sees it."""
    return payment_details(books.store, ANALYST, key)


def test_it_shows_what_is_stored(books: Books) -> None:
    """Amount, customer, card and product, each readable."""
    key = books.add(
        500,
        amount_minor=18_000,
        currency="jpy",
        amount_refunded_minor=500,
        card_brand="visa",
        card_last4="4242",
    )
    shown = details(books, key)
    assert (shown.total.amount_minor, shown.total.currency) == (18_000, "jpy")
    assert shown.refunded.amount_minor == 500
    assert (shown.method, shown.is_card) == ("Visa •••• 4242", True)
    assert shown.display is DisplayStatus.SUCCEEDED
    assert shown.customer_name == ""
    assert details(books).customer_email == "c03@example.com"


def test_a_payment_that_is_not_there(books: Books) -> None:
    """A wrong link is told from an empty payment."""
    with pytest.raises(PaymentNotFound):
        details(books, "no-such-payment")


def test_who_may_not_browse_sees_nothing(books: Books) -> None:
    """The right is checked where the data is read."""
    with pytest.raises(NotAllowed):
        payment_details(books.store, Actor("nobody", frozenset(), "test"), KEY)


@pytest.mark.parametrize(
    ("status", "unpaid"),
    [
        pytest.param(None, False, id="not created"),
        *(
            pytest.param(
                status,
                status in {"requires_payment_method", "requires_confirmation", "requires_action"},
                id=status.value,
            )
            for status in PaymentStatus
        ),
    ],
)
def test_what_can_still_be_paid(books: Books, status: str | None, unpaid: bool) -> None:
    """Only a payment that waits for a card or for the cardholder leads back to its form."""
    assert details(books, books.add(501, status=status)).may_go_on_being_taken is unpaid


@pytest.mark.parametrize(
    "elsewhere",
    [
        pytest.param({"taken_at_desk": False}, id="taken elsewhere"),
        pytest.param(
            {"display_status": DisplayStatus.AWAITING_CUSTOMER, "next_action_type": "pay_later"},
            id="waits for something else than a card",
        ),
    ],
)
def test_what_the_card_form_cannot_go_on_with(books: Books, elsewhere: dict[str, Any]) -> None:
    """No way leads there."""
    key = books.add(501, status="requires_action", **elsewhere)
    assert not details(books, key).may_go_on_being_taken


def test_what_a_payment_waits_for(books: Books) -> None:
    """A sentence as long as it waits elsewhere; with authentication there is none."""
    waiting = {"status": "requires_action", "next_action_type": "oxxo_display_details"}
    awaits = books.add(501, display_status=DisplayStatus.AWAITING_CUSTOMER, **waiting)
    needs = books.add(502, display_status=DisplayStatus.NEEDS_AUTHENTICATION)
    assert details(books, awaits).waiting == (
        "info",
        "Waiting for the customer to pay an OXXO voucher.",
    )
    assert details(books, needs).waiting is None


@pytest.mark.parametrize(
    ("status", "received_minor", "released_minor"),
    [
        pytest.param("succeeded", 6_000, 4_000, id="captured in part"),
        pytest.param("succeeded", 10_000, 0, id="captured whole"),
        pytest.param("requires_capture", 0, 0, id="still held"),
        pytest.param("canceled", 0, 0, id="ended"),
    ],
)
def test_what_was_released_of_a_hold(
    books: Books, status: str, received_minor: int, released_minor: int
) -> None:
    """It is no refund: all that was taken may be refunded still."""
    key = books.add(501, status=status, amount_minor=10_000, amount_received_minor=received_minor)
    shown = details(books, key)
    assert shown.released.amount_minor == released_minor
    refundable = shown.allowed_actions.refundable
    assert (refundable.amount_minor if refundable else 0) == received_minor


@pytest.mark.parametrize("method_type", ["interac_present", "boleto", "oxxo"])
def test_what_stripe_cannot_refund(books: Books, method_type: str) -> None:
    """No refund is offered."""
    key = books.add(
        501, status="succeeded", amount_received_minor=1_200, payment_method_type=method_type
    )
    assert details(books, key).allowed_actions.refundable is None


def test_the_timeline_names_the_method(books: Books) -> None:
    """What is no card is not called one, nor does it need authentication."""
    made = attempt(AttemptOutcome.SUCCEEDED, method_type="klarna")
    made.card_brand = made.card_last4 = None
    with books.store.transaction() as session:
        session.get_one(Payment, KEY).payment_method_type = "klarna"
    titles = [
        title
        for title, _, _ in story(books, audit(1, "payment.status", status="requires_action"), made)
    ]
    assert sorted(titles) == ["Awaiting customer", "Klarna: succeeded"]


def test_a_release_is_no_refund_in_the_timeline(books: Books) -> None:
    """Older versions of the API make a Refund of it."""
    row = refund(stripe_refund_id="re_1", status="succeeded", reason="expired_uncaptured_charge")
    assert story(books, row) == [("£5.00 released", "", "neutral")]


@pytest.mark.parametrize(
    ("livemode", "url"),
    [
        pytest.param(True, "https://dashboard.stripe.com/payments/pi_00502", id="live"),
        pytest.param(False, "https://dashboard.stripe.com/test/payments/pi_00502", id="test"),
    ],
)
def test_stripes_dashboard(books: Books, livemode: bool, url: str) -> None:
    """The link leads to the dashboard of the payment's mode."""
    assert details(books, books.add(502, livemode=livemode)).dashboard_url == url


def test_no_link_before_there_is_a_payment_intent(books: Books) -> None:
    """Stripe knows nothing of it yet."""
    key = books.add(503, stripe_payment_intent_id=None)
    assert details(books, key).dashboard_url is None


def test_the_timeline_is_in_order(books: Books) -> None:
    """A declined card, then a good one, between creation and success."""
    assert story(
        books,
        audit(5, "payment.status", status="succeeded"),
        attempt(AttemptOutcome.SUCCEEDED, 4, stripe_charge_id="ch_2"),
        attempt(
            AttemptOutcome.DECLINED,
            2,
            failure_code="card_declined",
            decline_code="insufficient_funds",
            stripe_charge_id="ch_1",
        ),
        audit(0, "payment.create"),
        audit(1, "payment.status", status="requires_payment_method"),
    ) == [
        ("Payment created by agent-1", "", "neutral"),
        ("Awaiting card", "From Stripe", "neutral"),
        (
            "Visa •••• 0002: declined",
            "Not enough funds (insufficient_funds)",
            "error",
        ),
        ("Visa •••• 0002: succeeded", "", "success"),
        ("Succeeded", "From Stripe", "success"),
    ]


def test_within_a_second_the_steps_are_in_their_order(books: Books) -> None:
    """Stripe's times are whole seconds, and so before the desk's of the same second."""
    second = START + timedelta(minutes=1)
    asked, done = (audit(1, act) for act in ("payment.create", "payment.status"))
    asked.at, done.at = second + timedelta(milliseconds=5), second + timedelta(milliseconds=900)
    done.after = {"status": "succeeded"}
    refunded = refund(stripe_refund_id="re_1", status="pending")
    refunded.created_at = second
    contested = dispute("needs_response")
    contested.created_at = second
    titles = story(books, contested, refunded, done, attempt(AttemptOutcome.SUCCEEDED), asked)
    assert [title for title, _, _ in titles] == [
        "Payment created by agent-1",
        "Visa •••• 0002: succeeded",
        "Succeeded",
        "Refund of £5.00: pending",
        "£12.00 disputed: needs response",
    ]


@pytest.mark.parametrize("code", sorted(REASON_NOT_FOR_CALLER))
def test_a_reason_that_must_not_be_told_is_not_shown(books: Books, code: str) -> None:
    """Whoever reads the screen may be on the phone with the caller."""
    (entry,) = story(
        books, attempt(AttemptOutcome.DECLINED, failure_code="card_declined", decline_code=code)
    )
    assert entry == ("Visa •••• 0002: declined", "Card declined", "error")


@pytest.mark.parametrize(
    ("row", "entry"),
    [
        pytest.param(
            operation(
                OperationKind.CONFIRM, OperationState.OPEN, open_slot=KEY, problem="timeout"
            ),
            ("Charge not confirmed by Stripe yet", "timeout", "warning"),
            id="unknown",
        ),
        pytest.param(
            operation(
                OperationKind.CREATE,
                OperationState.REFUSED,
                problem="No.",
                stripe_request_id="req_1",
            ),
            ("Payment creation refused by Stripe", "No.", "error"),
            id="refused",
        ),
        pytest.param(
            operation(OperationKind.CONFIRM, OperationState.ABANDONED),
            ("Charge abandoned without an answer from Stripe", "", "warning"),
            id="abandoned",
        ),
        pytest.param(
            audit(1, "payment.cancel", cause="expired"),
            ("Cancellation requested by agent-1", "Not paid in time", "neutral"),
            id="cancelled",
        ),
        pytest.param(
            StripeEvent(
                **BOOKS_OF,
                stripe_event_id="evt_1",
                type="payment_intent.succeeded",
                stripe_payment_intent_id="pi_00123",
                state=EventState.HANDLED,
                created_at=START,
                received_at=START,
            ),
            ("Event from Stripe", "payment_intent.succeeded", "neutral"),
            id="event",
        ),
        pytest.param(
            refund(
                stripe_refund_id="re_1",
                status="failed",
                failure_reason="expired_or_canceled_card",
            ),
            ("Refund of £5.00: failed", "Expired or canceled card", "error"),
            id="refund",
        ),
        pytest.param(
            refund(stripe_refund_id="re_1", status="canceled"),
            ("Refund of £5.00: cancelled", "", "neutral"),
            id="refund, in the same words as on the payment's page",
        ),
        pytest.param(
            dispute("needs_response"),
            ("£12.00 disputed: needs response", "Fraudulent", "error"),
            id="dispute",
        ),
    ],
)
def test_what_else_the_timeline_tells(books: Books, row: Any, entry: tuple[str, str, str]) -> None:
    """Each kind of row has its sentence."""
    copy = type(row)(**row.model_dump())
    assert story(books, copy) == [entry]


def test_what_stripe_kept_and_what_is_left(books: Books) -> None:
    """Charge, refund and dispute together, in the balance's currencies; others' fees are not."""
    assert details(books).settlements == ()
    story(
        books,
        attempt(AttemptOutcome.SUCCEEDED, stripe_charge_id="ch_1"),
        refund(stripe_refund_id="re_1"),
        dispute("lost"),
        balance_transaction("ch_1", 1_200, 38, "gbp"),
        balance_transaction("re_1", -500, 0, "gbp"),
        balance_transaction("dp_1", -900, 1_500, "eur"),
        balance_transaction("ch_of_another_payment", 7_000, 70, "gbp"),
    )
    assert [
        (settled.fee.amount_minor, settled.net.amount_minor, settled.net.currency)
        for settled in details(books).settlements
    ] == [(1_500, -2_400, "eur"), (38, 662, "gbp")]


@pytest.mark.parametrize(
    ("status", "due"),
    [
        pytest.param("needs_response", True, id="a reply is due"),
        pytest.param("appeal_needs_response", True, id="an appeal waits for a reply"),
        pytest.param("appeal_under_review", False, id="appealed"),
        pytest.param("under_review", False, id="replied"),
        pytest.param("a_new_word_of_stripes", True, id="unknown"),
    ],
)
def test_a_dispute_says_until_when_a_reply_helps(books: Books, status: str, due: bool) -> None:
    """A deadline that has been met is no news."""
    story(books, dispute(status))
    (shown,) = details(books).disputes
    assert (shown.reply_due_at is not None) is due


def test_an_unknown_status_of_a_dispute_is_stripes_word(books: Books) -> None:
    """As text."""
    assert story(books, dispute("a_new_word")) == [
        ("£12.00 disputed: a_new_word", "Fraudulent", "warning")
    ]


@pytest.mark.parametrize("source", ["re_1", "ch_1", "txn_other", None])
def test_a_failed_refunds_money_is_back_in_the_net(books: Books, source: str | None) -> None:
    """Once, whatever its source is: the refund names it."""
    back = balance_transaction("failure", 500, 0, "gbp")
    back.stripe_source_id = source
    story(
        books,
        attempt(AttemptOutcome.SUCCEEDED, stripe_charge_id="ch_1", stripe_transfer_id="tr_1"),
        refund(
            stripe_refund_id="re_1",
            status="failed",
            stripe_failure_balance_transaction_id="txn_failure",
        ),
        balance_transaction("ch_1", 1_200, 38, "gbp"),
        balance_transaction("tr_1", -900, 0, "gbp"),
        balance_transaction("re_1", -500, 0, "gbp"),
        back,
    )
    (settled,) = details(books).settlements
    assert (settled.fee.amount_minor, settled.net.amount_minor) == (38, 262)


def test_a_request_that_went_well_is_told_once(books: Books) -> None:
    """Its act or its attempt is the entry, not the operation too."""
    assert story(books, operation(OperationKind.CREATE, OperationState.DONE)) == []
