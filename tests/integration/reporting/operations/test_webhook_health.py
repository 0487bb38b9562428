"""Operations tells whether events arrive and are applied."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from cardpay.domain.errors import NotAllowed
from cardpay.domain.payment.attempt import AttemptOutcome
from cardpay.reporting.operations.webhook_health import FAILURES, WebhookHealth, webhook_health
from cardpay.storage.database.engine import Store, connect
from cardpay.storage.schema.tables import StripeEvent
from tests.integration.payment_books import START, Books
from tests.integration.payment_rows import attempt
from tests.support.desks.worlds import ADMIN, AGENT, AUDIT_KEYS


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A desk that no event has reached."""
    made = Store(connect(database_url), AUDIT_KEYS)
    yield made
    made.close()


def event(number: int, delay_seconds: float = 1, **facts: Any) -> StripeEvent:
    """An event that arrived some time after Stripe made it, `number` minutes after the first."""
    made_at = START + timedelta(minutes=number)
    given: dict[str, Any] = {
        "stripe_account_id": "acct_1",
        "livemode": False,
        "stripe_event_id": f"evt_{number}",
        "type": "payment_intent.succeeded",
        "state": "handled",
        "created_at": made_at,
        "received_at": made_at + timedelta(seconds=delay_seconds),
    }
    return StripeEvent(**given | facts)


def health(store: Store, *events: StripeEvent, now: datetime = START) -> WebhookHealth:
    """What Operations shows, once these have arrived in this order."""
    with store.transaction() as session:
        for one in events:
            session.add(one)
            session.flush()
    return webhook_health(store, ADMIN, now)


def test_no_event_has_arrived(store: Store) -> None:
    """Neither a time nor a delay is made up."""
    assert health(store) == WebhookHealth(None, None, 0, 0, (), None)


def test_who_may_not_use_operations_sees_nothing(store: Store) -> None:
    """The right is checked where the data is read."""
    with pytest.raises(NotAllowed):
        webhook_health(store, AGENT, START)


def test_the_typical_delay_is_that_of_the_many(store: Store) -> None:
    """One event that took an hour is no delay of an hour; a clock that is ahead is none."""
    shown = health(store, event(1, 3_600), event(2, 2), event(3, 2), event(4, 3), event(5, -1))
    assert shown.typical_delay == timedelta(seconds=2)
    assert shown.last_received_at == START + timedelta(minutes=5, seconds=-1)


def test_what_stripes_list_brought_is_no_webhook(store: Store) -> None:
    """An event that never came, and was found a day later, says nothing of how they come."""
    shown = health(store, event(1, 2), event(2, 86_400, listed=True))
    assert shown.typical_delay == timedelta(seconds=2)
    assert shown.last_received_at == START + timedelta(minutes=1, seconds=2)


def test_what_waits_and_what_failed_are_counted_apart(store: Store) -> None:
    """What was applied, or is not the desk's, is neither."""
    states = ("handled", "ignored", "received", "received", "failed")
    shown = health(store, *(event(number, state=state) for number, state in enumerate(states)))
    assert (shown.waiting, shown.failed) == (2, 1)


def test_a_failure_says_why_and_of_which_order(books: Books) -> None:
    """A person can tell whether it matters, and when it is tried again."""
    again_at = START + timedelta(hours=1)
    known: dict[str, Any] = {
        "state": "failed",
        "problem": "Stripe could not be asked.",
        "tries": 2,
    }
    shown = health(
        books.store,
        event(1, stripe_payment_intent_id="pi_00123", next_try_at=again_at, **known),
        event(2, stripe_payment_intent_id="pi_of_nobody", **known),
    )
    assert [one.order_reference for one in shown.failures] == ["", "SO-00123"]
    failure = shown.failures[1]
    assert (failure.payment_id, failure.stripe_event_id) == ("payment-00123", "evt_1")
    assert (failure.problem, failure.tries, failure.next_try_at) == (
        "Stripe could not be asked.",
        2,
        again_at,
    )


def test_never_more_failures_than_a_screen_can_show(store: Store) -> None:
    """All are counted, the newest are listed."""
    shown = health(store, *(event(number, state="failed") for number in range(FAILURES + 5)))
    assert (shown.failed, len(shown.failures)) == (FAILURES + 5, FAILURES)
    assert shown.failures[0].stripe_event_id == f"evt_{FAILURES + 4}"


def tried(books: Books, outcome: AttemptOutcome, minute: int, **facts: Any) -> None:
    """A card was tried at the desk."""
    with books.store.transaction() as session:
        session.add(attempt(outcome, minute, **{"actor_id": "agent-1", **facts}))


def untold(books: Books, minute: int) -> datetime | None:
    """What is missed some time after the first event."""
    return health(books.store, now=START + timedelta(minutes=minute)).untold_at


@pytest.mark.parametrize("outcome", ["succeeded", "authorised", "declined"])
def test_a_card_of_which_no_webhook_tells_is_missed(books: Books, outcome: str) -> None:
    """Once Stripe has had its time; and again for the next one, however old the silence is."""
    health(books.store, event(20))
    tried(books, AttemptOutcome(outcome), 30)
    assert untold(books, 39) is None
    assert untold(books, 41) == START + timedelta(minutes=30)
    health(books.store, event(42))
    assert untold(books, 60) is None


def test_a_desk_that_no_webhook_ever_reached(books: Books) -> None:
    """It is missed all the same; what Stripe's list brought is none."""
    tried(books, AttemptOutcome.SUCCEEDED, 30)
    health(books.store, event(31, listed=True))
    assert untold(books, 41) == START + timedelta(minutes=30)


def test_a_quiet_desk_misses_nothing(books: Books) -> None:
    """All night after the last card; and in the morning until Stripe has had its time."""
    tried(books, AttemptOutcome.SUCCEEDED, 30)
    health(books.store, event(30, delay_seconds=2))
    night = 12 * 60
    assert untold(books, night) is None
    tried(books, AttemptOutcome.SUCCEEDED, night)
    assert untold(books, night + 9) is None


def test_what_stripe_tells_nothing_of_is_not_missed(books: Books) -> None:
    """A card that was never tried there, and one that was tried elsewhere before the desk."""
    for minute, outcome in enumerate(
        (AttemptOutcome.PENDING, AttemptOutcome.REFUSED, AttemptOutcome.NOT_CHARGED), 30
    ):
        tried(books, outcome, minute)
    tried(books, AttemptOutcome.SUCCEEDED, 40, actor_id=None)
    assert untold(books, 600) is None
