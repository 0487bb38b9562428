"""When a link may be made, how long it is open, and when its payment is over."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.status import CancellationCause, PaymentStatus
from cardpay.domain.payment_link.link_rules import (
    LinkStatus,
    is_due_for_check,
    link_display,
    link_expires_at,
    link_may_replace,
    may_be_cancelled,
)

NOW = datetime(2024, 2, 29, 12, tzinfo=UTC)
OVER = {DisplayStatus.NOT_CHARGED, DisplayStatus.CANCELLED}
_S = PaymentStatus


def _display(
    link: LinkStatus | None,
    status: PaymentStatus | None,
    *,
    is_open: bool = False,
    cause: CancellationCause | None = None,
) -> DisplayStatus:
    return link_display(
        link, status, has_open_operation=is_open, last_attempt=None, cancellation_cause=cause
    )


@pytest.mark.parametrize(
    ("lifetime", "seconds"),
    [
        (timedelta(minutes=5), 31 * 60),
        (timedelta(hours=3), 3 * 3600),
        (timedelta(hours=24), 24 * 3600 - 60),
        (timedelta(days=30), 24 * 3600 - 60),
    ],
)
def test_a_link_is_open_for_as_long_as_stripe_allows(lifetime: timedelta, seconds: int) -> None:
    """A minute inside of both ends, as two clocks differ."""
    assert link_expires_at(NOW, lifetime) == NOW + timedelta(seconds=seconds)


def test_the_order_is_free_only_once_nothing_can_be_paid() -> None:
    """Over the whole product of both statuses: expired there, and no PaymentIntent that lives."""
    for link, status, is_open in product((None, *LinkStatus), (None, *_S), (False, True)):
        word = _display(link, status, is_open=is_open, cause=CancellationCause.EXPIRED)
        ended = link is LinkStatus.EXPIRED and status in {None, _S.CANCELED} and not is_open
        never = link is None and status is not _S.SUCCEEDED and not is_open
        released = link is LinkStatus.COMPLETE and status is _S.CANCELED  # a hold
        assert (word in OVER) == (ended or never or released), (link, status, is_open, word)


def test_what_is_shown_of_a_link() -> None:
    """In the words that staff know."""
    assert _display(LinkStatus.OPEN, None) is DisplayStatus.AWAITING_CUSTOMER
    declined = _display(LinkStatus.OPEN, _S.REQUIRES_PAYMENT_METHOD)
    assert declined is DisplayStatus.AWAITING_CUSTOMER  # the customer may try again
    assert _display(LinkStatus.COMPLETE, _S.SUCCEEDED) is DisplayStatus.SUCCEEDED
    assert _display(LinkStatus.COMPLETE, _S.REQUIRES_CAPTURE) is DisplayStatus.AUTHORISED
    assert _display(LinkStatus.COMPLETE, None) is DisplayStatus.CHECKING
    expired = LinkStatus.EXPIRED
    in_time = CancellationCause.EXPIRED
    assert _display(expired, None, cause=in_time) is DisplayStatus.NOT_CHARGED
    asked = CancellationCause.REQUESTED
    assert _display(expired, None, cause=asked) is DisplayStatus.CANCELLED
    assert _display(expired, _S.REQUIRES_ACTION) is DisplayStatus.CHECKING


def test_which_payment_may_be_given_up_for_a_link() -> None:
    """One that waits for a card or its holder, while no card can be on its way."""
    may = {
        status
        for status in (None, *_S)
        if link_may_replace(status, has_open_operation=False, has_link=False)
    }
    assert may == {_S.REQUIRES_PAYMENT_METHOD, _S.REQUIRES_CONFIRMATION, _S.REQUIRES_ACTION}
    waits = _S.REQUIRES_PAYMENT_METHOD
    assert not link_may_replace(waits, has_open_operation=True, has_link=False)
    assert not link_may_replace(waits, has_open_operation=False, has_link=True)


def test_what_may_be_cancelled() -> None:
    """A link while it is open; what was made by it only while it is held."""
    assert may_be_cancelled(None, LinkStatus.OPEN)
    assert may_be_cancelled(_S.REQUIRES_CAPTURE, LinkStatus.COMPLETE)
    assert not may_be_cancelled(_S.REQUIRES_PAYMENT_METHOD, LinkStatus.EXPIRED)
    assert may_be_cancelled(_S.REQUIRES_PAYMENT_METHOD, None)


@pytest.mark.parametrize(
    ("status", "asked_before", "expires_in", "due"),
    [
        (LinkStatus.OPEN, timedelta(minutes=9), timedelta(hours=1), False),
        (LinkStatus.OPEN, timedelta(minutes=10), timedelta(hours=1), True),
        (LinkStatus.OPEN, timedelta(minutes=2), timedelta(minutes=-1), True),
        (LinkStatus.OPEN, timedelta(minutes=1), timedelta(minutes=-2), False),
        (LinkStatus.EXPIRED, timedelta(hours=1), timedelta(minutes=-2), False),
        (None, timedelta(hours=1), timedelta(hours=1), False),
    ],
)
def test_when_stripe_is_asked_about_a_link(
    status: LinkStatus | None, asked_before: timedelta, expires_in: timedelta, *, due: bool
) -> None:
    """At times while it is open, and once it should have ended."""
    found = is_due_for_check(
        status,
        expires_at=NOW + expires_in,
        checked_at=NOW - asked_before,
        now=NOW,
        every=timedelta(minutes=10),
    )
    assert found is due
