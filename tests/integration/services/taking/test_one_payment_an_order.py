"""One order, one payment; and what is refused before anything is sent."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from cardpay.domain.access.actor import SYSTEM, Actor
from cardpay.domain.access.permissions import Role
from cardpay.domain.errors import CardpayError, InvalidInput, OrderReferenceTaken
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.order import SecondPayment
from cardpay.reporting.payments.possible_duplicates import EarlierPayment, payment_of_order
from cardpay.services.history.begin_reconciliation import reconcile
from cardpay.services.recovery.recover_payment import recover_payment
from cardpay.services.taking.cancel_payment import cancel_payment
from cardpay.services.taking.create_payment import create_payment
from cardpay.services.taking.one_payment_an_order import refuse_reserved_order
from cardpay.services.taking.payment_links.create_link import send_payment_link
from cardpay.storage.database.engine import Store, connect
from cardpay.storage.payments import payments
from tests.support.databases.databases import Databases
from tests.support.desks.worlds import AGENT, AUDIT_KEYS, World, add_products, draft


def test_one_order_has_one_payment(world: World) -> None:
    """Another spelling of the reference is the same order."""
    first = world.created(order_reference="SO-1")
    with pytest.raises(OrderReferenceTaken) as refused:
        world.created(order_reference="so -1 ")
    assert refused.value.payment_id == first.payment_id
    assert len(world.intents()) == 1


def test_an_order_is_free_again_once_its_payment_is_cancelled(world: World) -> None:
    """What ended without money holds nothing."""
    first = world.created(order_reference="SO-1")
    cancel_payment(world.desk, AGENT, first.payment_id)
    second = world.created(order_reference="SO-1")
    assert second.display is DisplayStatus.AWAITING_CARD


def test_a_second_payment_needs_a_reason_and_happens_once(world: World) -> None:
    """Two people who both mean "one more" cannot both get one."""
    world.pay(world.created(order_reference="SO-1"))
    with pytest.raises(InvalidInput, match="Enter why the order is charged again"):
        world.created(order_reference="SO-1", second_payment=SecondPayment(" ", 1))
    more = SecondPayment("Balance of the order", 1)
    second = world.created(order_reference="SO-1", second_payment=more)
    assert second.order_sequence == 2
    with pytest.raises(OrderReferenceTaken):
        world.created(order_reference="SO-1", second_payment=more)


def test_an_order_that_was_paid_after_the_backup_is_not_paid_again(
    world: World, databases: Databases, migrated: str
) -> None:
    """Books that were restored learn of it from Stripe, where it holds its order as before."""
    world.pay(world.created(order_reference="SO-1"))
    world.clock.advance(minutes=5)
    with databases.copy(migrated) as url:
        restored = replace(world, desk=replace(world.desk, store=Store(connect(url), AUDIT_KEYS)))
        add_products(restored.desk.store, world.desk.now())
        reconcile(restored.desk, SYSTEM, since=world.desk.now() - timedelta(hours=24))
        with pytest.raises(OrderReferenceTaken) as refused:
            restored.created(order_reference="so -1")
        second = restored.created(
            order_reference="SO-1",
            second_payment=SecondPayment("Balance of the order", refused.value.sequence),
        )
        restored.desk.store.close()
    assert second.order_sequence == 2
    assert len(world.intents()) == 2


def test_two_people_with_one_order_at_once_make_one_payment(world: World) -> None:
    """The unique key refuses whoever commits second."""

    def take(_: int) -> str:
        try:
            world.created(order_reference="SO-9")
        except OrderReferenceTaken:
            return "refused"
        return "created"

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(take, range(8)))
    assert results.count("created") == 1
    assert len(world.intents()) == 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"customer_name": " "}, "Enter the customer's name"),
        ({"customer_email": "nobody"}, "Enter an email address"),
        ({"order_reference": ""}, "Enter the order reference"),
        ({"quantity": 0}, "Enter a whole number"),
        ({"product_id": "gone"}, "Choose a product that is on sale"),
        ({"note": "card 4242 4242 4242 4242"}, "Note"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_bad_input_is_named_and_nothing_is_sent(
    world: World, fields: dict[str, object], sentence: str
) -> None:
    """The sentence names the field; nothing is said of money, since no card was sent."""
    with pytest.raises(CardpayError) as refused:
        world.created(**fields)
    assert refused.value.sentence.startswith(sentence)
    assert refused.value.money is None  # no card was sent
    assert "4242" not in refused.value.sentence
    assert world.intents() == []


def test_a_refused_draft_does_not_slip_into_a_taken_order(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tried again under a reference that somebody else took meanwhile, it says so."""
    world.sandbox.faults.add("rate_limit", path="/v1/payment_intents")
    late = world.created(order_reference="SO-1")
    world.clock.advance(minutes=5)
    recover_payment(world.desk, late.payment_id, page_is_watched=False)
    assert world.now_is(late).can_be_created_again
    world.created(order_reference="SO-1")
    # Blind to the other's payment, as a transaction is that looked before it was committed.
    looks: Iterator[Callable[..., object]] = iter([lambda *_: [], payments.claims_of_order])

    def claims(*order: object) -> object:
        return next(looks)(*order)

    monkeypatch.setattr(payments, "claims_of_order", claims)
    with pytest.raises(OrderReferenceTaken):
        world.created(payment_id=late.payment_id, order_reference="SO-1")


def test_an_order_is_not_refused_for_its_own_draft(world: World) -> None:
    """Two processes send the same draft: whoever is slower may look while the other one ends."""
    typed = draft(order_reference="SO-1")
    create_payment(world.desk, AGENT, typed)
    refuse_reserved_order(world.desk, AGENT, typed)
    with pytest.raises(OrderReferenceTaken):
        refuse_reserved_order(world.desk, AGENT, replace(typed, payment_id=str(uuid4())))


def test_who_may_not_see_the_payment_learns_only_that_there_is_one(world: World) -> None:
    """Not its id, amount, time or who took it; a supervisor does, and charging again works."""
    other = Actor("agent-2", frozenset({Role.AGENT}), "test")
    first = world.pay(world.created(order_reference="SO-1")).payment
    world.clock.advance(hours=25)
    typed = draft(order_reference="so-1 ")
    with pytest.raises(OrderReferenceTaken) as refused:
        create_payment(world.desk, other, typed)
    assert refused.value.payment_id is None
    assert first.payment_id not in repr(vars(refused.value))
    assert "that you don't have access to. Ask a supervisor before" in refused.value.sentence
    with pytest.raises(OrderReferenceTaken) as refused_link:
        send_payment_link(world.desk, other, typed)
    assert refused_link.value.payment_id is None

    def earlier(actor: Actor) -> EarlierPayment | None:
        desk = world.desk
        return payment_of_order(
            desk.store, desk.account, actor, "so-1 ", draft_id="none", now=desk.now()
        )

    assert earlier(other) == EarlierPayment(1, "so-1", None)
    seen = earlier(AGENT)
    assert seen is not None
    assert seen.details is not None
    assert seen.details.payment_id == first.payment_id
    second = SecondPayment("The customer owes another one", refused.value.sequence)
    again = create_payment(world.desk, other, replace(typed, second_payment=second))
    assert again.order_sequence == 2
