"""Payment links: when one may be made, how long it stays open, and what its payment shows.

A payment link is a Checkout Session of Stripe's for exactly one order. The payment that it belongs
to has no PaymentIntent of the desk's own: Stripe makes one when the customer first pays, and it
can be neither confirmed nor cancelled but by the Session (Stripe docs: "Cancel a PaymentIntent").
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from cardpay.domain.errors import CardpayError
from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.domain.payment.display_status import Afterwards, DisplayStatus, display_status
from cardpay.domain.payment.status import (
    CANCELLABLE,
    MAY_STILL_BE_PAID,
    CancellationCause,
    PaymentStatus,
)


class LinkStatus(StrEnum):
    """Stripe's statuses of a Checkout Session, as Stripe spells them."""

    OPEN = "open"
    COMPLETE = "complete"
    EXPIRED = "expired"


ENDED_LINK_STATUSES: Final = frozenset({LinkStatus.COMPLETE, LinkStatus.EXPIRED})
"""After these none follows: of paying and expiring at once, exactly one happens."""

# Stripe lets a Session expire 30 minutes to 24 hours after it was made (API reference: "Create a
# Checkout Session"). Two clocks differ, so both ends are kept away from.
_MARGIN: Final = timedelta(minutes=1)
SHORTEST: Final = timedelta(minutes=30) + _MARGIN
LONGEST: Final = timedelta(hours=24) - _MARGIN
LINK_HOURS: Final = 24
"""For how many hours a link is open where no setting says otherwise."""

CHECK_EVERY: Final = timedelta(minutes=10)
"""How often Stripe is asked about an open link, in case its events do not arrive."""
CHECK_EVERY_WATCHED: Final = timedelta(seconds=15)
"""The same while somebody has the link on screen."""

_NOTHING: Final = Afterwards()


class LinksOff(CardpayError):
    """No page is set to which customers return after they have paid."""

    def __init__(self) -> None:
        super().__init__(
            "Payment links are off.",
            "Ask an administrator to set CARDPAY_PAYMENT_LINK_RETURN_URL.",
        )


class LinkClosed(CardpayError):
    """The link is paid, expired or cancelled, so there is nothing to send."""

    def __init__(self) -> None:
        super().__init__("This payment link is closed.", "Open the payment to see what happened.")


def link_expires_at(now: datetime, lifetime: timedelta) -> datetime:
    """When a link that is made now ends, in whole seconds, within what Stripe allows."""
    return (now + min(max(lifetime, SHORTEST), LONGEST)).replace(microsecond=0)


def link_may_replace(
    status: PaymentStatus | str | None, *, has_open_operation: bool, has_link: bool
) -> bool:
    """Whether a payment may be given up for a link.

    Its own PaymentIntent is not paid, not held and not on its way. While an operation is open, a
    card may be charged at any moment.
    """
    return status in MAY_STILL_BE_PAID and not has_open_operation and not has_link


def may_be_cancelled(status: PaymentStatus | str | None, link: LinkStatus | str | None) -> bool:
    """Whether a payment without open operation may be cancelled.

    One with a `link` at Stripe is closed with it. Its PaymentIntent itself can be cancelled only
    while an amount is held.
    """
    if link is None:
        return status in CANCELLABLE
    return link == LinkStatus.OPEN or status == PaymentStatus.REQUIRES_CAPTURE


def is_due_for_check(
    status: LinkStatus | str | None,
    *,
    expires_at: datetime,
    checked_at: datetime | None,
    now: datetime,
    every: timedelta,
) -> bool:
    """Whether Stripe is to be asked about a link: at times while it is open, and at its end."""
    if status is None or status in ENDED_LINK_STATUSES:
        return False
    return checked_at is None or checked_at < expires_at <= now or now - checked_at >= every


def link_display(
    link: LinkStatus | str | None,
    status: PaymentStatus | str | None,
    *,
    has_open_operation: bool,
    last_attempt: AttemptOutcome | None,
    cancellation_cause: CancellationCause | None,
    afterwards: Afterwards = _NOTHING,
) -> DisplayStatus:
    """The status that staff read of a payment with a link.

    It says that nothing was charged, and so frees the order, only once Stripe has said that the
    link has expired and that its PaymentIntent, if there is one, is cancelled: a customer may be
    in the middle of authentication when a link expires.
    """
    by_status = display_status(
        status,
        has_open_operation=has_open_operation,
        last_attempt=last_attempt,
        cancellation_cause=cancellation_cause,
        taken_at_desk=False,
        afterwards=afterwards,
    )
    if status is PaymentStatus.SUCCEEDED or link is LinkStatus.COMPLETE:
        return by_status if status is not None else DisplayStatus.CHECKING
    if has_open_operation:
        return DisplayStatus.CHECKING
    if link is None:
        return DisplayStatus.NOT_CHARGED
    if status in {PaymentStatus.PROCESSING, PaymentStatus.REQUIRES_CAPTURE}:
        return by_status
    if link is not LinkStatus.EXPIRED:
        return DisplayStatus.AWAITING_CUSTOMER
    if status not in {None, PaymentStatus.CANCELED}:
        return DisplayStatus.CHECKING
    asked = cancellation_cause is CancellationCause.REQUESTED
    return DisplayStatus.CANCELLED if asked else DisplayStatus.NOT_CHARGED
