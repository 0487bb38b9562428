"""Several people who act at once, in one thread, in any order of their steps.

A step is a transaction or a request to Stripe: before each the others may come, and whoever acts
may die. The order is a list of choices, so that each can be had again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from greenlet import getcurrent, greenlet  # type: ignore[import-untyped]

from cardpay.sandbox import Sandbox
from cardpay.sandbox.http.request_handler import Reply
from cardpay.storage.database.engine import Session, Store


class Died(BaseException):
    """The process of whoever acts is gone: no handler in the product catches it."""


@dataclass
class Steps:
    """Whose turn it is. `order` says which of those still busy goes on; then the first does.

    `death` names an actor and which of its steps it does not live to take.
    """

    order: Sequence[int] = ()
    death: tuple[str, int] | None = None
    choices: list[tuple[int, int]] = field(default_factory=list)  # which, and of how many
    taken: dict[str, int] = field(default_factory=dict)

    def run(self, actors: Mapping[str, Callable[[], object]]) -> None:
        """Let all of them act until nobody is busy."""
        main = getcurrent()
        busy = [_Actor(name, act, main) for name, act in actors.items()]
        for one in busy:
            one.switch()  # to its first step
        busy = [one for one in busy if not one.dead]
        while busy:
            place = len(self.choices)
            chosen = self.order[place] if place < len(self.order) else 0
            chosen = min(chosen, len(busy) - 1)
            self.choices.append((chosen, len(busy)))
            busy[chosen].switch()
            busy = [one for one in busy if not one.dead]

    def step(self) -> None:
        """Let the others act; outside of `run` nothing happens."""
        actor = getcurrent()
        if not isinstance(actor, _Actor):
            return
        actor.main.switch()
        taken = self.taken.get(actor.name, 0)
        self.taken[actor.name] = taken + 1
        if self.death == (actor.name, taken):
            raise Died


class _Actor(greenlet):  # type: ignore[misc]  # the import has no types
    def __init__(self, name: str, act: Callable[[], object], main: greenlet) -> None:
        super().__init__(self._live)
        self.name = name
        self.main = main
        self._act = act

    def _live(self) -> None:
        with suppress(Died):
            self._act()


def orders(run: Callable[[Sequence[int]], Sequence[tuple[int, int]]]) -> Iterator[Sequence[int]]:
    """Every order, each once, by trying `run`, which returns the choices that there were."""
    order: list[int] = []
    while True:
        choices = run(order)
        yield [chosen for chosen, _ in choices]
        order = [chosen for chosen, _ in choices]
        while order and order[-1] + 1 >= choices[len(order) - 1][1]:
            order.pop()
        if not order:
            return
        order[-1] += 1


class SteppedStore(Store):
    """Takes a step before each transaction."""

    def __init__(self, store: Store, steps: Steps) -> None:
        super().__init__(store.engine, store.audit_keys)
        self.steps = steps

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """As ever."""
        self.steps.step()
        with super().transaction() as session:
            yield session


@dataclass(frozen=True)
class SteppedSend:
    """The desk's transport: takes a step before each request."""

    sandbox: Sandbox
    steps: Steps

    def __call__(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """As ever."""
        self.steps.step()
        return self.sandbox.handle(method, target, headers, body)
