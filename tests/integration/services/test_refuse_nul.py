"""A NUL in what somebody types or a forged message holds is refused in a sentence, everywhere."""

from collections.abc import Callable
from contextlib import suppress

import pytest

from cardpay.domain.errors import CardpayError
from cardpay.reporting.payment_page.payment_details import payment_details
from cardpay.reporting.payments.payment_filter import PaymentFilter
from cardpay.reporting.payments.payments_list import payments_page
from cardpay.services.access import end_sessions
from cardpay.services.after_payment.notes import add_note
from cardpay.storage.database.refuse_nul import UnusableText
from tests.support.desks.worlds import ADMIN, AGENT, SUPERVISOR, World

NUL = "a\0b"
ASKED: dict[str, Callable[[World], object]] = {
    "a search": lambda world: payments_page(
        world.desk.store, SUPERVISOR, PaymentFilter(search=NUL)
    ),
    "a payment's id": lambda world: payment_details(world.desk.store, SUPERVISOR, NUL),
    "a note": lambda world: add_note(world.desk, AGENT, world.created().payment_id, NUL, NUL),
    "an order": lambda world: world.created(order_reference=NUL, customer_name=NUL),
    "a session": lambda world: end_sessions.end_session(
        world.desk.store, ADMIN, NUL, world.desk.now()
    ),
}


@pytest.mark.parametrize("where", ASKED)
def test_a_nul_is_told_and_not_a_fault(world: World, where: str) -> None:
    """Refused by a sentence of ours, or taken out where texts are tidied; alike on both."""
    with suppress(CardpayError):
        ASKED[where](world)


def test_the_sentence_says_what_to_do(world: World) -> None:
    """On either database, before it is asked."""
    with pytest.raises(UnusableText, match=r"can't be used \(NUL\)\. Remove it"):
        payment_details(world.desk.store, SUPERVISOR, NUL)
