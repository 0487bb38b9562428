"""All that is known of one payment, for a person to read."""

from dataclasses import dataclass
from datetime import UTC, datetime

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import Permission
from cardpay.domain.errors import PaymentNotFound
from cardpay.domain.money import Money
from cardpay.domain.payment.display_status import DisplayStatus, status_words
from cardpay.domain.payment.refund import released_minor
from cardpay.domain.payment.status import MAY_STILL_BE_PAID, CancellationCause, PaymentStatus
from cardpay.domain.payment_link.link_rules import LinkStatus
from cardpay.reporting.payment_page.allowed_actions import AllowedActions, allowed_actions
from cardpay.reporting.payment_page.refunds_and_disputes import DisputeFacts, disputes
from cardpay.reporting.payment_page.timeline import TimelineEntry, timeline
from cardpay.reporting.payments.given_up import CARD_DECLINED, declined_before
from cardpay.reporting.payments.method_words import IS_CARD, method_words
from cardpay.reporting.payments.settlement import Settlement, settlements
from cardpay.reporting.payments.waiting_words import waiting_message
from cardpay.reporting.staff_names import names
from cardpay.storage.database.engine import Store
from cardpay.storage.schema.tables import CustomerDetail, Payment, PaymentLink


@dataclass(frozen=True)
class LinkFacts:
    """A payment's link: Stripe's status of it (None before there is one), and until when."""

    status: LinkStatus | str | None
    expires_at: datetime


@dataclass(frozen=True)
class PaymentDetails:
    """One payment. Texts about the customer are empty once they are erased, at `erased_at`.

    `released` is what was held and is not any more, since a part was captured. `method` is empty,
    and taken for a card, while nothing is known of it. `waiting` is tone and sentence
    where it waits for something else than a card. `is_hold` says that it was to be held first.
    """

    payment_id: str
    status: PaymentStatus | str | None
    display: DisplayStatus
    total: Money
    received: Money
    refunded: Money
    released: Money
    product_name: str
    quantity: int
    order_reference: str
    order_sequence: int
    second_payment_reason: str | None
    customer_name: str
    customer_email: str
    customer_phone: str
    note: str
    erased_at: datetime | None
    method: str
    is_card: bool
    waiting: tuple[str, str] | None
    taken_by: str
    taken_at_desk: bool
    created_at: datetime
    succeeded_at: datetime | None
    canceled_at: datetime | None
    cancellation_cause: CancellationCause | None
    declined_before: bool
    is_hold: bool
    payment_intent_id: str | None
    livemode: bool
    may_go_on_being_taken: bool
    link: LinkFacts | None
    settlements: tuple[Settlement, ...]
    disputes: tuple[DisputeFacts, ...]
    timeline: tuple[TimelineEntry, ...]
    allowed_actions: AllowedActions
    updated_at: datetime

    @property
    def shown(self) -> Money:
        """The amount by which it is shown: of a hold what was taken of it."""
        return Money(self.total.amount_minor - self.released.amount_minor, self.total.currency)

    @property
    def status_words(self) -> str:
        """The status that staff read."""
        return CARD_DECLINED if self.declined_before else status_words(self.display, self.status)

    @property
    def dashboard_url(self) -> str | None:
        """Where Stripe shows the payment, for people who may sign in there."""
        if self.payment_intent_id is None:
            return None
        mode = "" if self.livemode else "test/"
        return f"https://dashboard.stripe.com/{mode}payments/{self.payment_intent_id}"


def payment_details(
    store: Store, actor: Actor, payment_id: str, *, now: datetime | None = None
) -> PaymentDetails:
    """The payment as it is stored now. Raises NotAllowed, PaymentNotFound.

    A payment that the actor may not see is reported as not found.
    """
    actor = actor.require(Permission.BROWSE_PAYMENTS)
    now = now or datetime.now(UTC)
    with store.reading() as session:
        payment = session.get(Payment, payment_id)
        if payment is None or not actor.may_see(payment.taken_by, payment.created_at, now):
            raise PaymentNotFound(payment_id)
        customer = session.get(CustomerDetail, payment_id)
        link = session.get(PaymentLink, payment_id)
        return PaymentDetails(
            payment_id=payment.id,
            status=payment.status,
            display=payment.display_status,
            total=Money(payment.amount_minor, payment.currency),
            received=Money(payment.amount_received_minor, payment.currency),
            refunded=Money(payment.amount_refunded_minor, payment.currency),
            released=Money(
                released_minor(
                    payment.status, payment.amount_minor, payment.amount_received_minor
                ),
                payment.currency,
            ),
            product_name=payment.product_name,
            quantity=payment.quantity,
            order_reference=payment.order_reference,
            order_sequence=payment.order_sequence,
            second_payment_reason=payment.second_payment_reason,
            customer_name=(customer and customer.name) or "",
            customer_email=(customer and customer.email) or "",
            customer_phone=(customer and customer.phone) or "",
            note=(customer and customer.note) or "",
            erased_at=customer.erased_at if customer else None,
            method=method_words(
                payment.payment_method_type, payment.card_brand, payment.card_last4
            ),
            is_card=payment.payment_method_type in IS_CARD,
            waiting=waiting_message(
                payment.display_status,
                payment.status,
                payment.next_action_type,
                has_link=link is not None,
            ),
            taken_by=names(session, [payment.taken_by])[payment.taken_by],
            taken_at_desk=payment.taken_at_desk,
            created_at=payment.created_at,
            succeeded_at=payment.succeeded_at,
            canceled_at=payment.canceled_at,
            cancellation_cause=payment.cancellation_cause,
            declined_before=bool(declined_before(session, [payment])),
            is_hold=payment.capture_method == "manual",
            payment_intent_id=payment.stripe_payment_intent_id,
            livemode=payment.livemode,
            may_go_on_being_taken=_may_go_on_being_taken(payment, link),
            link=LinkFacts(link.status, link.expires_at) if link else None,
            settlements=settlements(session, [payment.id]).get(payment.id, ()),
            disputes=tuple(disputes(session, payment)),
            timeline=timeline(session, payment),
            allowed_actions=allowed_actions(session, payment, now),
            updated_at=payment.updated_at,
        )


def _may_go_on_being_taken(payment: Payment, link: PaymentLink | None) -> bool:
    """Whether Take payment can go on with it: with a card, the cardholder's word, or its link."""
    if link is not None:
        return link.status == LinkStatus.OPEN
    return (
        payment.taken_at_desk
        and payment.status in MAY_STILL_BE_PAID
        and payment.display_status is not DisplayStatus.AWAITING_CUSTOMER
    )
