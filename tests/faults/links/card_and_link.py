"""A card at the desk and a link for one order, at once; and what is left when all is over."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from sqlmodel import select

from cardpay.domain.errors import CardpayError
from cardpay.domain.payment.operation import OperationState
from cardpay.gateway.stripe_gateway import StripeGateway
from cardpay.services.recovery.recovery_task import recover_all
from cardpay.services.taking.cancel_payment import cancel_payment
from cardpay.services.taking.confirm_payment import confirm_payment
from cardpay.services.taking.create_payment import create_payment
from cardpay.services.taking.payment_links import expire_link
from cardpay.services.taking.payment_links.create_link import send_payment_link
from cardpay.services.taking.refresh_payment import refresh_payment
from cardpay.services.webhooks.event_worker import process_all_due
from cardpay.services.webhooks.receive_event import store_event
from cardpay.storage.schema.tables import Operation, Payment
from tests.faults.events.event_stories import told
from tests.faults.links.step_orders import SteppedSend, SteppedStore, Steps
from tests.support.databases import migrated_sqlite
from tests.support.desks import worlds
from tests.support.desks.worlds import AGENT, CHALLENGE, VISA, World, draft

_NOWHERE = Path()
_BOTH_TRIES = 2
_FAULTS = (
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


@dataclass(frozen=True)
class Mishap:
    """A fault of one request, or somebody's death before one step; nothing by default."""

    fault: str = ""
    path: str = ""
    executed: bool = False
    death: tuple[str, int] | None = None

    def strike(self, world: World) -> None:
        """Let it happen when there is an occasion."""
        if self.fault:
            at_once = self.fault in {"rate_limit", "lock_timeout"}  # the SDK does not repeat it
            times = 1 if at_once else _BOTH_TRIES
            world.sandbox.faults.add(
                self.fault, method="POST", path=self.path, times=times, executed=self.executed
            )


@dataclass(frozen=True)
class Meeting:
    """Two who come together: how it begins, and what each does then."""

    name: str
    begin: Callable[[World], str]
    actors: Callable[[World, str], Mapping[str, Callable[[], object]]]
    paths: tuple[str, ...]
    steps: Mapping[str, int]  # how many each takes at most, without a mishap

    @property
    def mishaps(self) -> tuple[Mishap, ...]:
        """Every fault of every request, and every death; and none."""
        return (
            Mishap(),
            *(Mishap(fault, path, executed) for path in self.paths for fault, executed in _FAULTS),
            *(
                Mishap(death=(actor, step))
                for actor, steps in self.steps.items()
                for step in range(steps)
            ),
        )


def meet(
    meeting: Meeting, mishap: Mishap, order: Sequence[int], *, with_events: bool = False
) -> Steps:
    """One run in this order, to its end. Raises AssertionError unless one charge is left."""
    steps = Steps(order, mishap.death)
    with worlds.world(_NOWHERE, database_url=migrated_sqlite.IN_MEMORY) as world:
        begun = meeting.begin(world)
        stepped = replace(
            world.desk,
            store=SteppedStore(world.desk.store, steps),
            gateway=StripeGateway(
                world.sandbox.secret_key, send=SteppedSend(world.sandbox, steps)
            ),
        )
        mishap.strike(world)
        steps.run(meeting.actors(replace(world, desk=stepped), begun))
        world.sandbox.faults.clear()
        _settle(world, with_events=with_events)
    return steps


def _settle(world: World, *, with_events: bool) -> None:
    """Recovery, a day, and events if any arrive; whoever still has to take the order takes it."""
    for _ in range(14):
        if not _is_open(world):
            break
        world.clock.advance(minutes=1)
        recover_all(world.desk, None)
    charged = len(world.successful_charges())
    assert charged <= 1, f"{charged} charges"
    if with_events:
        for event in told(world):
            store_event(world.desk, event)
        process_all_due(world.desk)
    if any(one["status"] == "open" for one in world.links()):
        world.clock.advance(hours=25)
        world.sandbox.run_due()
    for _ in range(2):
        world.clock.advance(minutes=11)
        recover_all(world.desk, timedelta(hours=24))
    _is_at_rest(world, charged)
    if not charged:
        _give_up_what_waits(world)
        world.pay(world.created())
    assert len(world.successful_charges()) == 1


def _is_open(world: World) -> bool:
    with world.desk.store.reading() as session:
        found = session.exec(select(Operation).where(Operation.state == OperationState.OPEN))
        return found.first() is not None


def _give_up_what_waits(world: World) -> None:
    """Somebody finds a payment that waits for a card, and cancels it."""
    with world.desk.store.reading() as session:
        waiting = session.exec(select(Payment).where(Payment.order_claim != None)).all()  # noqa: E711
    for payment in waiting:
        cancel_payment(world.desk, AGENT, payment.id)


def _is_at_rest(world: World, charged: int) -> None:
    """Nothing is open here or can be paid there, and the desk says what Stripe says."""
    with world.desk.store.reading() as session:
        operations = session.exec(select(Operation)).all()
        payments = session.exec(select(Payment)).all()
    assert {one.state for one in operations} <= set(OperationState) - {OperationState.OPEN}
    ours = {one.stripe_payment_intent_id: one.status for one in payments}
    ours.pop(None, None)
    assert ours == {one["id"]: one["status"] for one in world.intents()}
    assert all(one["status"] != "open" for one in world.links())
    assert list(ours.values()).count("succeeded") == charged


def _open_link(world: World) -> str:
    made = world.sent_link()
    assert made.url is not None
    return made.url


def _card_takes_over(world: World, url: str) -> Mapping[str, Callable[[], object]]:
    """Staff close the link and charge a card, while the customer pays."""
    with world.desk.store.reading() as session:
        (payment,) = session.exec(select(Payment)).all()
    order, card, submission = draft(), world.card(), str(uuid4())

    def staff() -> None:
        with suppress(CardpayError):
            expire_link.cancel_link(world.desk, AGENT, payment.id)
            taken = create_payment(world.desk, AGENT, order)
            confirm_payment(world.desk, AGENT, taken.payment_id, card, submission)

    def customer() -> None:
        _step_of(world)
        world.customer_pays(url, CHALLENGE)
        _step_of(world)
        for intent in world.intents():
            if intent["next_action"]:
                bank = intent["next_action"]["redirect_to_url"]["url"]
                world.sandbox.page("POST", _path(bank), {"outcome": "complete"})

    return {"staff": staff, "customer": customer}


def _waiting_card(world: World) -> str:
    return world.created().payment_id


def _link_takes_over(world: World, payment_id: str) -> Mapping[str, Callable[[], object]]:
    """One charges a card; another sends a link, which is paid at once."""
    return _both(world, payment_id, VISA)


def _link_takes_over_in_a_challenge(
    world: World, payment_id: str
) -> Mapping[str, Callable[[], object]]:
    """The same with a card that asks for its holder."""
    return _both(world, payment_id, CHALLENGE)


def _both(world: World, payment_id: str, number: str) -> Mapping[str, Callable[[], object]]:
    card, submission, order = world.card(number), str(uuid4()), draft()

    def with_card() -> None:
        with suppress(CardpayError):
            taken = confirm_payment(world.desk, AGENT, payment_id, card, submission)
            if taken.authentication is not None:
                _step_of(world)
                if world.intents()[-1]["status"] == "requires_action":
                    world.authenticate(taken, "complete")
                refresh_payment(world.desk, AGENT, payment_id)

    def with_link() -> None:
        with suppress(CardpayError):
            made = send_payment_link(world.desk, AGENT, order, instead_of=payment_id)
            _step_of(world)
            if made.url is not None:
                world.customer_pays(made.url, VISA)

    return {"card": with_card, "link": with_link}


def _step_of(world: World) -> None:
    store = world.desk.store
    assert isinstance(store, SteppedStore)
    store.steps.step()


def _path(url: str) -> str:
    return "/" + url.split("/", 3)[3]


CARD_AFTER_LINK = Meeting(
    "a card while the link is open",
    _open_link,
    _card_takes_over,
    ("*/expire", "/v1/payment_intents", "*/confirm"),
    {"staff": 9, "customer": 2},
)
LINK_AFTER_CARD = Meeting(
    "a link while a card is tried",
    _waiting_card,
    _link_takes_over,
    ("*/cancel", "/v1/checkout/sessions", "*/confirm"),
    {"card": 3, "link": 7},
)
LINK_IN_CHALLENGE = replace(
    LINK_AFTER_CARD,
    name="a link in the middle of authentication",
    actors=_link_takes_over_in_a_challenge,
    steps={"card": 6, "link": 7},
)
MEETINGS = (CARD_AFTER_LINK, LINK_AFTER_CARD, LINK_IN_CHALLENGE)
IN_EVERY_ORDER = (CARD_AFTER_LINK, LINK_AFTER_CARD)
"""The third has some thousand orders for each mishap: of these a sample is tried."""
