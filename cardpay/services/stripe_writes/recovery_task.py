"""The recoverer: brings to an end what nobody watches any more.

It resolves every open operation by `recovery`, which never charges, captures or refunds behind
anyone's back, and cancels payments that stayed unpaid for too long. One process at a time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.payment.operation import SENT_BY_PEOPLE
from cardpay.domain.payment.status import CancellationCause
from cardpay.logs.log import bound, failure, get_logger
from cardpay.services.desk import Desk
from cardpay.services.periodic_task import GoOn, Repeating
from cardpay.services.stripe_facts.payment_facts import restate
from cardpay.services.stripe_writes import recovery
from cardpay.services.taking import checkout
from cardpay.services.taking.payment_view import view
from cardpay.storage.database.lease import ExclusiveLost, Held, exclusive
from cardpay.storage.payments import payments, unfinished

EVERY = timedelta(minutes=1)
_NEVER = datetime.min.replace(tzinfo=UTC)  # nothing was created before

_log = get_logger(__name__)


def recoverer(desk: Desk, unpaid_for: timedelta | None) -> Repeating:
    """The recoverer of this process: at its start and each minute."""
    return Repeating("recovery", EVERY, lambda go_on: recover(desk, unpaid_for, go_on))


def recover(desk: Desk, unpaid_for: timedelta | None, go_on: GoOn = lambda: True) -> None:
    """Look once at everything in the open, then at what is unpaid for longer than `unpaid_for`.

    None: unpaid payments stay, but for those that nobody may pay any more. Nothing happens
    while another process recovers.
    """
    try:
        with exclusive(desk.store.engine, "recovery", desk.now) as held:
            if held is None:
                return
            _resolve_all(desk, held, go_on)
            _expire_all(desk, held, go_on, desk.now() - unpaid_for if unpaid_for else _NEVER)
    except ExclusiveLost:
        _log.warning("recovery stopped: another process has taken it over")


def _resolve_all(desk: Desk, held: Held, go_on: GoOn) -> None:
    for payment_id in unfinished.with_open_operation(desk.store, SENT_BY_PEOPLE):
        if not go_on():
            return
        held.keep_on()
        with _alone(payment_id):
            recovery.resolve(desk, payment_id, page_is_watched=False)


def _expire_all(desk: Desk, held: Held, go_on: GoOn, created_before: datetime) -> None:
    for payment_id in unfinished.unpaid(desk.store, created_before):
        if not go_on():
            return
        held.keep_on()
        with _alone(payment_id):
            _expire(desk, payment_id, created_before)
        if view(desk, payment_id).open_operation is not None:
            return  # Stripe gives no answer now: the others would wait for one as well


@contextmanager
def _alone(payment_id: str) -> Iterator[None]:
    """One payment that fails does not keep the others from their turn."""
    with bound(payment_id=payment_id):
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever it is, the others go on
            _log.warning("recovery failed", **failure(error))


def _expire(desk: Desk, payment_id: str, created_before: datetime) -> None:
    """Cancel the payment, if it is still unpaid now that it is locked."""
    with desk.store.transaction() as session:
        payment = payments.locked(session, payment_id)
        if payment is None or not unfinished.is_unpaid(payment, created_before):
            return
        cause = CancellationCause.EXPIRED if payment.order_claim else CancellationCause.RECOVERY
        cancel = checkout.begin_cancel(session, desk, SYSTEM, payment, cause)
        restate(session, desk, payment)
    checkout.send_cancel(desk, SYSTEM, cancel)
