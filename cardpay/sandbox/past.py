"""A past for the account: what happens on a clock that runs through days gone by.

The account's own clock goes on meanwhile, and so do its requests: each has scheduled changes of
its own. Objects of both are in the same lists, by the time at which they were created. No webhook
is sent of the past, and no event is kept that Stripe would not list any more.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from cardpay.sandbox import scheduled_changes
from cardpay.sandbox.fault_injection import FaultInjector
from cardpay.sandbox.http.request_handler import Reply, RequestHandler
from cardpay.sandbox.outside_changes import OutsideChanges
from cardpay.sandbox.state.account_state import State
from cardpay.sandbox.state.clock import Clock
from cardpay.sandbox.state.sqlite_store import Json, PageQuery

EVENTS_LISTED_FOR: Final = timedelta(days=30)  # Stripe API reference: "List all events"
_ALL: Final = 1_000_000


@dataclass
class _PastState(State):
    """Notes which objects have changed, and when (Unix seconds)."""

    changed: dict[str, int] = field(default_factory=dict)

    def emit(self, kind: str, resource: Json, previous: Json | None = None) -> None:
        self.changed[resource["id"]] = self.seconds()
        super().emit(kind, resource, previous)


class Past:
    """The account as it was. Its clock stands still until it is set."""

    def __init__(self, live: State, *, recent: bool = False) -> None:
        """With `recent`, it shares the account's scheduled changes and webhooks."""
        self.clock = Clock()
        self._live = live
        self._state = _PastState(
            live.store,
            self.clock,
            live.account_id,
            live.moto,
            payouts=live.payouts,
            home=live.home,
            endpoints=live.endpoints if recent else [],
            queue=live.queue if recent else "due_in_past",
            events_from=live.seconds() - int(EVENTS_LISTED_FOR.total_seconds()),
        )
        self._handler = RequestHandler(self._state, FaultInjector())
        self.outside = OutsideChanges(self._state)

    def handle(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """The response to one API request, as `Sandbox.handle`."""
        return self._handler.handle(method, target, headers, body)

    def move_to(self, moment: datetime) -> None:
        """Set the clock, and make the scheduled changes that are due by then."""
        self.clock.set(moment)
        with self._state.store.transaction():
            scheduled_changes.run_due(self._state)

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Run many requests in one transaction. Other threads wait until it ends."""
        with self._state.store.transaction():
            yield

    def created(self, kind: str, since: datetime, until: datetime) -> list[Json]:
        """The objects of a kind that were created between two times, newest first."""
        bounds = (("gte", int(since.timestamp())), ("lt", int(until.timestamp())))
        with self._state.store.transaction():
            return self._state.store.page(PageQuery(kind, _ALL, created=bounds))[0]

    def find(self, kind: str, object_id: str) -> Json:
        """An object as it is stored. KeyError if there is none."""
        with self._state.store.transaction():
            found = self._state.store.find(kind, object_id)
        if found is None:
            raise KeyError(object_id)
        return found

    def disputes_of(self, payment_intent_id: str) -> list[Json]:
        """The disputes of a PaymentIntent, newest first."""
        query = PageQuery("dispute", _ALL, where=(("payment_intent", payment_intent_id),))
        with self._state.store.transaction():
            return self._state.store.page(query)[0]

    def paid_out(self, payout_id: str) -> list[Json]:
        """The balance transactions of a payout."""
        query = PageQuery("balance_transaction", _ALL, where=(("_payout", payout_id),))
        with self._state.store.transaction():
            return self._state.store.page(query)[0]

    def note_changed_since(self, since: datetime) -> None:
        """Let everything that was created since a time count as changed."""
        seconds = int(since.timestamp())
        with self._state.store.transaction():
            found = self._state.store.run(
                "SELECT id, created FROM object WHERE created >= ? AND kind IN"
                " ('payment_intent', 'charge', 'refund', 'dispute', 'payout')",
                (seconds,),
            )
            self._state.changed |= dict(found)

    def take_changed(self) -> list[tuple[Json, datetime]]:
        """The objects that have changed since the last call, and when each did so last."""
        with self._state.store.transaction():
            changed, self._state.changed = self._state.changed, {}
            found = ((self._state.store.find_any(name), at) for name, at in changed.items())
            return [(one, datetime.fromtimestamp(at, UTC)) for one, at in found if one]

    def note(self, name: str, value: str) -> None:
        """Remember a value with the account, until the sandbox is reset."""
        with self._state.store.transaction():
            self._state.store.note(name, value)

    def noted(self, name: str) -> str | None:
        """What was noted under a name."""
        with self._state.store.transaction():
            return self._state.store.noted(name)

    def end(self) -> None:
        """Hand over what is still scheduled to the account's own clock."""
        with self._state.store.transaction():
            self._state.store.run(
                f"INSERT INTO {self._live.queue} (at, task, object_id)"
                f" SELECT at, task, object_id FROM {self._state.queue} ORDER BY at, seq"
            )
            self._state.store.run(f"DELETE FROM {self._state.queue}")
