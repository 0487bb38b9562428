"""When a card may be tried for a payment."""

from cardpay.domain.errors import CardpayError, PaymentClosed
from cardpay.domain.payment.display_status import DisplayStatus, WrongState
from cardpay.domain.payment.status import CONFIRMABLE, PaymentStatus, money_moved


def pay_refusal(
    status: PaymentStatus | str | None,
    display: DisplayStatus,
    *,
    has_link: bool,
    reserves_order: bool,
) -> CardpayError | None:
    """Why no card can be tried; None if one can, once no operation is open.

    The PaymentIntent of a link is its Checkout Session's: only the customer pays it. Without its
    order's reservation another payment may have been taken for the order since.
    """
    if status not in CONFIRMABLE or has_link:
        return WrongState("paid", display, money_moved(status))
    return None if reserves_order else PaymentClosed()
