"""What the browser is given when a cardholder has to authenticate with 3-D Secure."""

from dataclasses import dataclass, field

from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.services.desk import Desk
from cardpay.services.taking.payment_view import PaymentView, view


@dataclass(frozen=True)
class Authentication:
    """What the card form needs to show the cardholder's challenge. Kept in memory only."""

    payment_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True)
class PaymentResult:
    """A payment after a confirm or a refresh.

    `authentication` is set only while the cardholder has to authenticate.
    """

    payment: PaymentView
    authentication: Authentication | None = None


def payment_result(desk: Desk, payment_id: str, client_secret: str | None) -> PaymentResult:
    """The payment as it is stored now, with the client_secret only if it is needed."""
    payment = view(desk, payment_id)
    if payment.display is not DisplayStatus.NEEDS_AUTHENTICATION or client_secret is None:
        return PaymentResult(payment)
    return PaymentResult(payment, Authentication(payment_id, client_secret))
