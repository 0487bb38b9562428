"""Customers with a link: they pay on Stripe's page whenever it suits them, or do not."""

from dataclasses import dataclass

from tests.faults.simulator.desk_world import DeskWorld
from tests.faults.simulator.fault_coverage import PAID_BY_LINK
from tests.support.desks.worlds import CHALLENGE, DECLINED, VISA

_CARDS = (VISA, VISA, DECLINED, CHALLENGE)
_TIMES_SECONDS = (0.5, 5, 60, 600, 3000)


def come_to(world: DeskWorld, url: str) -> None:
    """A customer gets the link, and opens it once, twice or never."""
    chance = world.schedule.chance
    for _ in range(chance.choice((0, 1, 1, 2))):
        customer = Customer(world, _path(url))
        world.schedule.at(chance.choice(_TIMES_SECONDS) * chance.random(), customer.pay)


@dataclass
class Customer:
    """One who has opened the page at `path`."""

    world: DeskWorld
    path: str

    def pay(self) -> None:
        """Type a card; if it was declined, perhaps another one."""
        chance = self.world.schedule.chance
        for _ in range(chance.randint(1, 3)):
            typed = {
                "email": "customer.one@example.com",
                "number": chance.choice(_CARDS),
                "expiry": "12 / 30",
                "cvc": "123",
                "name": "Customer One",
                "postal_code": "AB1 2CD",
            }
            went_to = self.world.connection.customer_posts(self.path, typed)
            if "/3d_secure/" in went_to:
                self._authenticate(_path(went_to))
                return
            if went_to:
                self.world.met.note(PAID_BY_LINK)
                return
            self.world.schedule.sleep(chance.choice((1, 30)) * chance.random())

    def _authenticate(self, path: str) -> None:
        """Answer the bank, at once or much later, or close the page."""
        chance = self.world.schedule.chance
        outcome = chance.choice(("complete", "complete", "fail", ""))
        if outcome:
            self.world.schedule.sleep(chance.choice((0.5, 10, 600)) * chance.random())
            self.world.connection.customer_posts(path, {"outcome": outcome})


def _path(url: str) -> str:
    return "/" + url.split("/", 3)[3]
