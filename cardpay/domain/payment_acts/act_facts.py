"""What decides whether a payment may be refunded, captured or cancelled."""

from dataclasses import dataclass
from datetime import datetime

from cardpay.domain.errors import CardpayError, PaymentBusy
from cardpay.domain.money import Money
from cardpay.domain.payment.display_status import DisplayStatus, WrongState
from cardpay.domain.payment.dispute import DisputeStatus
from cardpay.domain.payment.status import PaymentStatus, money_moved
from cardpay.domain.payment_acts.owner import Owner
from cardpay.domain.payment_link.link_rules import LinkStatus


@dataclass(frozen=True)
class ActFacts:
    """One payment as it is stored now.

    `is_busy` says that an operation is open, `left` what may still be refunded, `held` what may be
    captured. `barring_dispute` is the status of a dispute for which Stripe refunds nothing, `link`
    that of the payment link, if it has one at Stripe, `owner` what else of Stripe's the payment
    belongs to, as far as Stripe was asked.
    """

    payment_id: str
    status: PaymentStatus | str | None
    display: DisplayStatus
    is_busy: bool
    left: Money
    held: Money
    method_type: str | None = None
    capture_before_at: datetime | None = None
    barring_dispute: DisputeStatus | str | None = None
    link: LinkStatus | str | None = None
    owner: Owner | None = None

    @property
    def busy(self) -> CardpayError | None:
        """The error while an operation is open: it has to end first."""
        return PaymentBusy(self.payment_id) if self.is_busy else None

    def wrong_state(self, action: str) -> WrongState:
        """The error for an `action` ("refunded") that the payment's status does not allow."""
        return WrongState(action, self.display, money_moved(self.status))
