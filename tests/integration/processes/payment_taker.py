"""A process that takes one payment after the other, with its recovery task beside it.

`python -m tests.integration.processes.payment_taker TAKER`; TAKER is a PaymentTaker as JSON. It
writes a line for each payment that it is done with. Started again after it was killed, it goes
on where it was: ids are made from the payments' numbers, as they lie in the draft's address for
a person.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from uuid import NAMESPACE_URL, uuid5

from cardpay.domain.errors import CardpayError
from cardpay.domain.stripe_account import Mode, StripeAccount
from cardpay.gateway.stripe_gateway import StripeGateway
from cardpay.services.desk import Desk
from cardpay.services.recovery.recovery_task import recovery_task
from cardpay.services.taking.confirm_payment import confirm_payment
from cardpay.services.taking.create_payment import create_payment
from cardpay.services.taking.payment_view import find
from cardpay.storage.database.engine import Store, connect
from tests.support.desks.worlds import AGENT, AUDIT_KEYS, DECLINED, VISA, draft
from tests.support.processes.servers import SECRET_KEY, browser_makes_card

# What the callers of five payments give: most pay, some with a second card, some not at all.
_CARDS = ((VISA,), (VISA,), (DECLINED, VISA), (VISA,), (DECLINED,))


@dataclass(frozen=True)
class PaymentTaker:
    """Takes the payments `first`, `first + step` … below `end`."""

    database_url: str
    api_base: str
    account_id: str
    first: int
    step: int
    end: int

    def __str__(self) -> str:
        return json.dumps(asdict(self))

    @property
    def numbers(self) -> Iterator[int]:
        """The payments that are this taker's."""
        yield from range(self.first, self.end, self.step)

    def desk(self) -> Desk:
        """A desk on the shared database and Stripe."""
        gateway = StripeGateway(SECRET_KEY, api_base=self.api_base)
        books = StripeAccount(Mode.TEST, self.account_id, livemode=False)
        return Desk(Store(connect(self.database_url), AUDIT_KEYS), gateway, books, moto=False)


def payment_id(number: int) -> str:
    """The payment's id, the same at each start."""
    return str(uuid5(NAMESPACE_URL, f"taker:{number}"))


def cards_of(number: int) -> tuple[str, ...]:
    """The cards that the caller reads out, one after the other."""
    return _CARDS[number % len(_CARDS)]


def take(taker: PaymentTaker, desk: Desk, number: int) -> None:
    """One caller. What is in the open is left to the recovery task."""
    wanted = payment_id(number)
    if find(desk, wanted) is None:
        order = draft(payment_id=wanted, order_reference=f"SO-{number}")
        create_payment(desk, AGENT, order)
    for place, card in enumerate(cards_of(number)):
        submission_id = str(uuid5(NAMESPACE_URL, f"taker:{number}:{place}"))
        made = browser_makes_card(taker.api_base, card)
        confirm_payment(desk, AGENT, wanted, made, submission_id)


def _work(taker: PaymentTaker) -> None:
    desk = taker.desk()
    recovery_task(desk, timedelta(hours=24)).start()
    for number in taker.numbers:
        with suppress(CardpayError):
            take(taker, desk, number)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _work(PaymentTaker(**json.loads(sys.argv[1])))
