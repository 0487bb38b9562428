"""How many websockets may be open: strangers make room for each other, never for nobody.

A newcomer takes the place of whoever has been there longest of the network that has most of them,
so that a crowd at the door keeps no one out who has just come, nor who waits to be served behind
it. What is signed in has places of its own.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Hashable
from typing import Final

from cardpay.web.remote_addresses import network_of

MOST_STRANGERS: Final = 200
MOST_STRANGERS_OF_ONE_ADDRESS: Final = 50  # an office that comes to work at once
MOST_OF_ONE_PERSON: Final = 50  # tabs


class OpenSockets:
    """The open sockets, oldest first; each can be told to leave."""

    def __init__(
        self,
        most_strangers: int = MOST_STRANGERS,
        most_of_one_address: int = MOST_STRANGERS_OF_ONE_ADDRESS,
        most_of_one_person: int = MOST_OF_ONE_PERSON,
    ) -> None:
        """With none open."""
        self._most_strangers = most_strangers
        self._most_of_one_address = most_of_one_address
        self._most_of_one_person = most_of_one_person
        self._open: OrderedDict[Hashable, tuple[str, str | None, Callable[[], None]]] = (
            OrderedDict()
        )

    def enter(
        self, socket: Hashable, address: str, person: str | None, leave: Callable[[], None]
    ) -> None:
        """Note a socket that was opened, of a stranger if `person` is None.

        `leave` is called when it has to make room for another.
        """
        group = network_of(address) if person is None else person
        most = self._most_of_one_address if person is None else self._most_of_one_person
        self._make_room(group, person, most)
        if person is None:
            strangers = Counter(of for of, who, _ in self._open.values() if who is None)
            if strangers.total() >= self._most_strangers:
                ((busiest, places),) = strangers.most_common(1)
                self._make_room(busiest, None, places)
        self._open[socket] = (group, person, leave)

    def left(self, socket: Hashable) -> None:
        """Forget a socket that was closed."""
        self._open.pop(socket, None)

    def _make_room(self, group: str, person: str | None, most: int) -> None:
        of = (group, person)
        found = [key for key, (*its, _) in self._open.items() if tuple(its) == of]
        for key in found[: max(0, len(found) - most + 1)]:
            _, _, leave = self._open.pop(key)
            leave()
