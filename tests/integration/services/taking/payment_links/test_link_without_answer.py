"""Making or closing a link without an answer: no link that can be paid is left unaccounted for."""

import pytest
from sqlmodel import select

from cardpay.domain.access.actor import SYSTEM
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.services.history.begin_reconciliation import reconcile
from cardpay.services.recovery.recover_payment import recover_payment
from cardpay.services.recovery.recovery_task import recover_all
from cardpay.services.taking.payment_links.create_link import new_session
from cardpay.services.taking.payment_links.expire_link import cancel_link
from cardpay.services.taking.payment_view import PaymentView
from cardpay.storage.schema.tables import Operation
from tests.support.desks.worlds import AGENT, World

pytestmark = pytest.mark.one_database

CREATE = "/v1/checkout/sessions"
EXPIRE = "*/expire"
BOTH_TRIES = 2
# Each with whether the request was executed all the same.
FAULTS = (
    ("timeout_before", False),
    ("timeout_after", True),
    ("drop_before", False),
    ("drop_after", True),
    ("conflict", False),
    ("rate_limit", False),
    ("lock_timeout", False),
    ("error_500", False),
    ("error_500", True),
)
BEFORE_A_MERGE = {("drop_after", True), ("error_500", False)}
by_fault = pytest.mark.parametrize(
    ("fault", "executed"),
    [
        pytest.param(*one, marks=[] if one in BEFORE_A_MERGE else [pytest.mark.full])
        for one in FAULTS
    ],
)


def _fail(world: World, path: str, fault: str, *, executed: bool) -> None:
    times = 1 if fault in {"rate_limit", "lock_timeout"} else BOTH_TRIES
    world.sandbox.faults.add(fault, method="POST", path=path, times=times, executed=executed)


def _alone(world: World, minutes: int = 15) -> None:
    for _ in range(minutes):
        world.clock.advance(minutes=1)
        recover_all(world.desk, None)


def _is_over(world: World, payment: PaymentView) -> None:
    """Nothing is open on either side, and the order can be taken."""
    seen = world.now_is(payment)
    assert seen.open_operation is None
    assert not seen.reserves_order
    assert all(one["status"] == "expired" for one in world.links())
    assert world.pay(world.created()).payment.display is DisplayStatus.SUCCEEDED


@by_fault
def test_a_link_that_nobody_waits_for_is_closed(world: World, fault: str, executed: bool) -> None:
    """Whether Stripe made it or not, the order is free a few minutes later."""
    _fail(world, CREATE, fault, executed=executed)
    made = world.sent_link()
    assert made.url is None
    assert made.payment.display is DisplayStatus.CHECKING
    _alone(world)
    assert world.now_is(made.payment).display is DisplayStatus.NOT_CHARGED
    _is_over(world, made.payment)


@pytest.mark.parametrize(("fault", "executed"), [("timeout_before", False), ("drop_after", True)])
def test_a_link_that_somebody_waits_for_is_made(world: World, fault: str, executed: bool) -> None:
    """The page sends it again with its key: one link."""
    _fail(world, CREATE, fault, executed=executed)
    payment = world.sent_link().payment
    world.clock.advance(seconds=40)
    seen = recover_payment(world.desk, payment.payment_id, page_is_watched=True)
    assert seen.display is DisplayStatus.AWAITING_CUSTOMER
    assert [one["status"] for one in world.links()] == ["open"]


def test_a_link_that_is_made_long_after_is_closed(world: World) -> None:
    """A request that outlived its connection: reconciliation finds what nobody can send."""
    since = world.desk.now()
    _fail(world, CREATE, "timeout_before", executed=False)
    payment = world.sent_link().payment
    _alone(world)
    assert world.now_is(payment).display is DisplayStatus.NOT_CHARGED
    with world.desk.store.reading() as session:
        (operation,) = session.exec(select(Operation)).all()
    asked_for = new_session(operation)
    world.desk.gateway.create_checkout_session(asked_for, operation.idempotency_key)
    assert [one["status"] for one in world.links()] == ["open"]
    world.clock.advance(minutes=2)
    reconcile(world.desk, SYSTEM, since=since)
    _alone(world, 1)
    assert len(world.links()) == 1
    _is_over(world, payment)


@by_fault
def test_a_link_is_closed_in_the_end(world: World, fault: str, executed: bool) -> None:
    """Until Stripe has said so, the order stays reserved."""
    payment = world.sent_link().payment
    _fail(world, EXPIRE, fault, executed=executed)
    closing = cancel_link(world.desk, AGENT, payment.payment_id)
    assert closing.display is DisplayStatus.CHECKING
    assert closing.reserves_order
    _alone(world)
    assert world.now_is(payment).display is DisplayStatus.CANCELLED
    _is_over(world, payment)


@by_fault
def test_paid_while_it_is_closed(world: World, fault: str, executed: bool) -> None:
    """Of both one happens: if the customer may still pay, then that is the payment."""
    made = world.sent_link()
    assert made.url is not None
    _fail(world, EXPIRE, fault, executed=executed)
    cancel_link(world.desk, AGENT, made.payment.payment_id)
    world.customer_pays(made.url)
    _alone(world)
    seen = world.now_is(made.payment)
    if executed:
        assert seen.display is DisplayStatus.CANCELLED
        _is_over(world, made.payment)
    else:
        assert seen.display is DisplayStatus.SUCCEEDED
        assert seen.reserves_order
    assert len(world.successful_charges()) == 1
