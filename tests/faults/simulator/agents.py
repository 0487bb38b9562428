"""Agents at their browser tabs, and the cardholders on the telephone."""

from contextlib import suppress
from dataclasses import dataclass, replace
from random import Random
from uuid import UUID

from cardpay.domain.errors import CardpayError
from cardpay.domain.payment.display_status import DisplayStatus
from cardpay.domain.payment.order import Draft
from cardpay.domain.payment.status import PaymentStatus
from cardpay.services.recovery import recover_payment
from cardpay.services.taking.cancel_payment import cancel_payment
from cardpay.services.taking.confirm_payment import confirm_payment
from cardpay.services.taking.create_payment import create_payment
from cardpay.services.taking.payment_links.create_link import send_payment_link
from cardpay.services.taking.payment_links.link_address import check_watched_link, link_address
from cardpay.services.taking.payment_view import PaymentView, find
from cardpay.services.taking.refresh_payment import refresh_payment
from cardpay.services.taking.three_d_secure import PaymentResult
from tests.faults.simulator.customers import come_to
from tests.faults.simulator.desk_world import DeskWorld
from tests.faults.simulator.scheduler import Killed, Process
from tests.support.desks.worlds import AGENT, CHALLENGE, DECLINED, VISA, draft

_LOOK_SECONDS = 4.0
_DISPUTED = "4000000000000259"
_REFUND_FAILS = "4000000000005126"
_REFUND_PENDING = "4000000000007726"
_CARDS = (
    *(VISA, VISA, DECLINED, "4000000000009995", CHALLENGE, CHALLENGE),
    *(_DISPUTED, _REFUND_FAILS, _REFUND_PENDING),
)
_PAYING = (VISA, CHALLENGE, _DISPUTED, _REFUND_FAILS, _REFUND_PENDING)


def come(world: DeskWorld) -> None:
    """A few orders, some of them at two tabs or by two people."""
    chance = world.schedule.chance
    for number in range(chance.randint(1, 3)):
        order = _order(world, f"SO-{number}")
        orders = [order]
        if chance.random() < 0.5:
            orders.append(order)  # the same draft in another tab
        if chance.random() < 0.2:
            orders.append(_order(world, order.order_reference))  # somebody else, the same order
        for one in orders:
            tab = Tab(world, chance.choice(world.processes), one)
            world.schedule.at(
                chance.choice((0.2, 30, 300)) * chance.random(), tab.live, tab.process
            )


@dataclass
class Tab:
    """One browser tab on one draft. It is reloaded when its server dies under it."""

    world: DeskWorld
    process: Process
    order: Draft
    reloads: int = 3

    def live(self) -> None:
        """Take the order, try cards, watch, give up: whatever the seed says."""
        try:
            self._live()
        except Killed:
            if self.reloads > 0:
                process = self._chance.choice(self.world.processes)
                again = Tab(self.world, process, self.order, self.reloads - 1)
                self.world.schedule.at(self._chance.random() * 60, again.live, process)
            raise

    @property
    def _chance(self) -> Random:
        return self.world.schedule.chance

    def _aims_at(self, *kinds: str) -> bool:
        return self.world.met.aims_at(*kinds)

    def _live(self) -> None:
        desk = self.world.desk
        if find(desk, self.order.payment_id) is None:
            with suppress(CardpayError):
                if self._prefers_links():
                    self._send_link(self.order)
                else:
                    create_payment(desk, AGENT, self.order)
        for _ in range(self._chance.randint(1, 5)):
            seen = self._watched()
            if seen is None or self._chance.random() < 0.1:
                return
            with suppress(CardpayError):
                self._act(seen)
            self.world.schedule.sleep(self._chance.choice((0.1, 5, 60)) * self._chance.random())

    def _watched(self) -> PaymentView | None:
        """The payment once nothing is open, or None when the tab is closed before that."""
        looks = self._chance.randint(1, 60)
        for _ in range(looks):
            if find(self.world.desk, self.order.payment_id) is None:
                return None
            seen = recover_payment.recover_payment(
                self.world.desk, self.order.payment_id, page_is_watched=True
            )
            if seen.open_operation is None and seen.status is not PaymentStatus.PROCESSING:
                return seen
            self.world.schedule.sleep(_LOOK_SECONDS)
        return None

    def _prefers_links(self) -> bool:
        aims = self._aims_at("create_link", "expire_link")
        return self._chance.random() < (0.7 if aims else 0.15)

    def _act(self, seen: PaymentView) -> None:
        desk, chance = self.world.desk, self._chance
        if seen.link is not None:
            self._act_on_link(seen)
        elif seen.can_pay and self._prefers_links():
            self._send_link(self._anew(), instead_of=seen.payment_id)
        elif seen.can_cancel and chance.random() < (0.6 if self._aims_at("cancel") else 0.15):
            cancel_payment(desk, AGENT, seen.payment_id)
        elif seen.display is DisplayStatus.NEEDS_AUTHENTICATION:
            self._challenge(refresh_payment(desk, AGENT, seen.payment_id))
        elif seen.can_pay:
            self._pay(seen.payment_id)

    def _act_on_link(self, seen: PaymentView) -> None:
        """Send it once more, look how it stands, or take a card after all."""
        desk, chance = self.world.desk, self._chance
        payment_id = seen.payment_id
        if chance.random() < (0.7 if self._aims_at("expire_link") else 0.3):
            seen = cancel_payment(desk, AGENT, payment_id)
        elif chance.random() < 0.5:
            come_to(self.world, link_address(desk, AGENT, payment_id))
        else:
            check_watched_link(desk, payment_id)
            seen = find(desk, payment_id) or seen
        if not seen.reserves_order:
            create_payment(desk, AGENT, self._anew())

    def _send_link(self, order: Draft, *, instead_of: str | None = None) -> None:
        made = send_payment_link(self.world.desk, AGENT, order, instead_of=instead_of)
        if made.url is not None:
            come_to(self.world, made.url)

    def _anew(self) -> Draft:
        """The same order as another draft, which is on this tab from now on."""
        payment_id = str(UUID(int=self._chance.getrandbits(128), version=4))
        self.order = replace(self.order, payment_id=payment_id)
        return self.order

    def _pay(self, payment_id: str) -> None:
        chance, desk = self._chance, self.world.desk
        card = self._card(chance.choice(_PAYING if self._aims_at("capture", "refund") else _CARDS))
        submission = str(UUID(int=chance.getrandbits(128)))

        def press() -> None:
            with suppress(CardpayError):
                confirm_payment(desk, AGENT, payment_id, card, submission)

        if chance.random() < 0.3:  # a double click
            process = chance.choice(self.world.processes)
            self.world.schedule.at(chance.random(), press, process)
        taken = confirm_payment(desk, AGENT, payment_id, card, submission)
        self._challenge(taken)

    def _challenge(self, taken: PaymentResult) -> None:
        """The cardholder answers whenever it suits; the page asks again meanwhile."""
        if taken.authentication is None:
            return
        chance, connection = self._chance, self.world.connection
        fields = {
            "payment_intent": str(taken.payment.payment_intent_id),
            "client_secret": taken.authentication.client_secret,
            "outcome": chance.choice(("complete", "complete", "fail", "cancel")),
        }

        def answer() -> None:
            connection.browser_posts("/v1/sandbox/three_d_secure", fields)

        if chance.random() < 0.8:
            self.world.schedule.at(
                chance.choice((1, 10, 60)) * chance.random(),
                answer,
            )
        payment_id = taken.payment.payment_id

        def look() -> None:
            with suppress(CardpayError):
                refresh_payment(self.world.desk, AGENT, payment_id)

        for _ in range(chance.randint(0, 4)):  # tabs and clicks that do not wait for each other
            self.world.schedule.at(chance.choice((1, 10)) * chance.random(), look, self.process)

    def _card(self, number: str) -> str:
        made = self.world.connection.browser_posts(
            "/v1/payment_methods",
            {
                "type": "card",
                "card[number]": number,
                "card[exp_month]": "12",
                "card[exp_year]": "2030",
                "card[cvc]": "123",
            },
        )
        return str(made["id"])


def _order(world: DeskWorld, reference: str) -> Draft:
    chance = world.schedule.chance
    payment_id = str(UUID(int=chance.getrandbits(128), version=4))
    holds = [False, True]
    if world.met.aims_at("capture", "refund"):
        holds.remove(not world.met.aims_at("capture"))
    return replace(
        draft(payment_id=payment_id, order_reference=reference), hold=chance.choice(holds)
    )
