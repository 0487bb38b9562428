"""A process that carries out one step of a payment, and may stand still in the middle of it.

It is forked from a server that has imported everything already, so that it starts at once. It
sends HALTED where it stands still, for the test to kill it there, and at the end DONE, the name
of the error, or the traceback of one that nobody foresaw.
"""

import signal
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Literal
from uuid import uuid4

from cardpay.domain.errors import CardpayError
from cardpay.domain.stripe_account import Mode, StripeAccount
from cardpay.gateway.stripe_gateway import StripeGateway
from cardpay.services.after_payment import captures, refunds
from cardpay.services.desk import Desk
from cardpay.services.taking.cancel_payment import cancel_payment
from cardpay.services.taking.confirm_payment import confirm_payment
from cardpay.services.taking.create_payment import create_payment
from cardpay.storage.database.engine import Session, Store, connect
from tests.support.desks.worlds import AGENT, AUDIT_KEYS, SUPERVISOR, draft
from tests.support.processes.servers import SECRET_KEY

HALTED = "halted"
DONE = "done"
PART_MINOR = 5_000  # what is captured, or given back, of a payment of 12,000
REFUNDS = 10  # at once in one process
# A silent Stripe is given up soon, so that a test of all silences ends; long enough for a
# request to be answered on a busy machine.
SECONDS_PER_TRY = 5.0  # a Stripe that is there answers within them on a busy machine too

Step = Literal["create", "confirm", "capture", "refund", "refunds", "cancel"]
Halt = Literal["", "before commit", "after commit", "after call"]


@dataclass(frozen=True)
class Job:
    """What to do; `halt` is where to stand still."""

    database_url: str
    api_base: str
    account_id: str
    payment_id: str
    order_reference: str
    step: Step = "create"
    payment_method_id: str = ""
    halt: Halt = ""


class _HaltingStore(Store):
    """Stands still in its first transaction, with everything written and nothing committed."""

    def __init__(self, store: Store, stand_still: Callable[[], None]) -> None:
        super().__init__(store.engine, AUDIT_KEYS)
        self._stand_still = stand_still

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        with super().transaction() as session:
            yield session
            session.flush()
            self._stand_still()


class _HaltingGateway:
    """Stands still before its first write leaves, or when the answer is there."""

    def __init__(
        self, gateway: StripeGateway, halt: Halt, stand_still: Callable[[], None]
    ) -> None:
        self._gateway = gateway
        self._halt = halt
        self._stand_still = stand_still

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def write(*given: Any, **named: Any) -> Any:
            if self._halt == "after commit":
                self._stand_still()
            answer = getattr(self._gateway, name)(*given, **named)
            self._stand_still()
            return answer

        return write


def desk_of(job: Job, stand_still: Callable[[], None] | None = None) -> Desk:
    """The desk that the job works at."""
    store = Store(connect(job.database_url), AUDIT_KEYS)
    gateway: Any = StripeGateway(
        SECRET_KEY, api_base=job.api_base, seconds_per_try=SECONDS_PER_TRY
    )
    if stand_still is not None:
        if job.halt == "before commit":
            store = _HaltingStore(store, stand_still)
        elif job.halt:
            gateway = _HaltingGateway(gateway, job.halt, stand_still)
    return Desk(
        store, gateway, StripeAccount(Mode.TEST, job.account_id, livemode=False), moto=False
    )


def carry_out(job: Job, desk: Desk) -> None:
    """The job's step, once."""
    press = str(uuid4())
    match job.step:
        case "create":
            create_payment(
                desk,
                AGENT,
                draft(payment_id=job.payment_id, order_reference=job.order_reference),
            )
        case "confirm":
            confirm_payment(desk, AGENT, job.payment_id, job.payment_method_id, press)
        case "capture":
            captures.capture_payment(desk, SUPERVISOR, job.payment_id, PART_MINOR, press)
        case "refund":
            refunds.refund_payment(
                desk, SUPERVISOR, job.payment_id, PART_MINOR, "duplicate", press
            )
        case "refunds":
            _refund_at_once(job, desk)
        case "cancel":
            cancel_payment(desk, AGENT, job.payment_id)


def _refund_at_once(job: Job, desk: Desk) -> None:
    """As many people as REFUNDS give back a part each, in one process."""

    def press(_: int) -> None:
        with suppress(CardpayError):
            refunds.refund_payment(
                desk, SUPERVISOR, job.payment_id, PART_MINOR, "duplicate", str(uuid4())
            )

    with ThreadPoolExecutor(REFUNDS) as people:
        list(people.map(press, range(REFUNDS)))


def work(job: Job, told: Connection) -> None:
    """The process."""

    def stand_still() -> None:
        told.send(HALTED)
        signal.pause()  # until the test kills it

    try:
        carry_out(job, desk_of(job, stand_still))
    except CardpayError as refused:
        told.send(type(refused).__name__)
    except Exception:
        told.send(traceback.format_exc())
        raise
    else:
        told.send(DONE)
