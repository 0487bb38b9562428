"""A process that carries out one step of a payment, and may stand still in the middle of it.

`python -m tests.integration.processes.worker JOB`; JOB is a Job as JSON. It writes HALTED where
it stands still, for the test to kill it there, and DONE at the end.
"""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Literal
from uuid import uuid4

from cardpay.domain.errors import CardpayError
from cardpay.domain.snapshots import PaymentIntentSnapshot
from cardpay.gateway.stripe_gateway import NewPaymentIntent, StripeGateway
from cardpay.services import checkout
from cardpay.services.desk import Books, Desk, Mode
from cardpay.storage.engine import Session, Store, connect
from tests.support.servers import SECRET_KEY
from tests.support.worlds import AGENT, draft

HALTED = "halted"
DONE = "done"
Halt = Literal["", "before commit", "after commit", "after call"]


@dataclass(frozen=True)
class Job:
    """What to do: `step` is create, confirm or cancel; `halt` is where to stand still."""

    database_url: str
    api_base: str
    account_id: str
    step: str
    payment_id: str
    order_reference: str = "SO-1"
    payment_method_id: str = ""
    halt: Halt = ""

    def __str__(self) -> str:
        return json.dumps(asdict(self))


def _stand_still() -> None:
    sys.stdout.write(f"{HALTED}\n")
    sys.stdout.flush()
    time.sleep(600)  # the test kills it long before


class _HaltingStore(Store):
    """Stands still in its first transaction, with everything written and nothing committed."""

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        with super().transaction() as session:
            yield session
            session.flush()
            _stand_still()


class _HaltingGateway(StripeGateway):
    """Stands still before a write leaves, or when its answer is there."""

    halt: Halt = "after commit"

    def _write(self, answer: PaymentIntentSnapshot) -> PaymentIntentSnapshot:
        _stand_still()
        return answer

    def create_payment_intent(
        self, new: NewPaymentIntent, idempotency_key: str
    ) -> PaymentIntentSnapshot:
        if self.halt == "after commit":
            _stand_still()
        return self._write(super().create_payment_intent(new, idempotency_key))

    def confirm_payment_intent(
        self, payment_intent_id: str, payment_method_id: str, *, moto: bool, idempotency_key: str
    ) -> PaymentIntentSnapshot:
        if self.halt == "after commit":
            _stand_still()
        return self._write(
            super().confirm_payment_intent(
                payment_intent_id, payment_method_id, moto=moto, idempotency_key=idempotency_key
            )
        )

    def cancel_payment_intent(
        self, payment_intent_id: str, idempotency_key: str
    ) -> PaymentIntentSnapshot:
        if self.halt == "after commit":
            _stand_still()
        return self._write(super().cancel_payment_intent(payment_intent_id, idempotency_key))


def desk_of(job: Job) -> Desk:
    """The desk that the job works at."""
    engine = connect(job.database_url)
    store = _HaltingStore(engine) if job.halt == "before commit" else Store(engine)
    if job.halt in {"after commit", "after call"}:
        gateway: StripeGateway = _HaltingGateway(SECRET_KEY, api_base=job.api_base)
        gateway.halt = job.halt  # type: ignore[attr-defined]  # it is the halting one
    else:
        gateway = StripeGateway(SECRET_KEY, api_base=job.api_base)
    return Desk(store, gateway, Books(Mode.TEST, job.account_id, livemode=False), moto=False)


def _work(job: Job) -> None:
    desk = desk_of(job)
    match job.step:
        case "create":
            order = draft(payment_id=job.payment_id, order_reference=job.order_reference)
            checkout.create_payment(desk, AGENT, order)
        case "confirm":
            checkout.confirm_payment(
                desk, AGENT, job.payment_id, job.payment_method_id, str(uuid4())
            )
        case "cancel":
            checkout.cancel_payment(desk, AGENT, job.payment_id)


if __name__ == "__main__":
    try:
        _work(Job(**json.loads(sys.argv[1])))
    except CardpayError as refused:
        sys.stdout.write(f"{type(refused).__name__}\n")
    else:
        sys.stdout.write(f"{DONE}\n")
