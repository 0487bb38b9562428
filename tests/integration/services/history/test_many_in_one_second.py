"""A comparison asks about differences alone, however many payments are made in one second."""

from collections.abc import Iterator

import pytest

from cardpay.domain.access.actor import SYSTEM
from cardpay.services.history.begin_import import import_history
from tests.support.desks.account_stories import intent
from tests.support.desks.given_stripe import BEGUN_AT
from tests.support.desks.told_desks import ToldDesk, told_desk

pytestmark = pytest.mark.one_database

# Seconds of creation: one page's last second goes on for many pages, and pages begin and end in
# the middle of one.
_TIMES = {
    "two seconds": [BEGUN_AT + number // 350 for number in range(700)],
    "one second": [BEGUN_AT] * 250,
    "a page each": [BEGUN_AT + number // 100 for number in range(300)],
    "in between": [BEGUN_AT, *[BEGUN_AT + 1] * 298, BEGUN_AT + 2],
}


@pytest.fixture
def told(database_url: str) -> Iterator[ToldDesk]:
    """A desk that knows nothing yet."""
    with told_desk(database_url) as made:
        yield made


@pytest.mark.sampled(2)
@pytest.mark.parametrize("times", _TIMES.values(), ids=_TIMES)
def test_only_differences_are_asked_about(told: ToldDesk, times: list[int]) -> None:
    """None the first time and the second; then the three that have changed, or are gone."""
    for number, created in enumerate(times):
        told.stripe.hold(
            intent(f"pi_{number:03}", "requires_payment_method", 1_000, created=created)
        )
    told.advance(hours=1)
    import_history(told.desk, SYSTEM, requests_per_second=10_000)
    for _ in range(2):
        assert _single_reads(told) == []
    for number in (0, 120, len(times) - 1):
        changed = told.stripe.objects[f"pi_{number:03}"]
        told.stripe.hold(changed | {"status": "canceled", "canceled_at": BEGUN_AT + 60})
    del told.stripe.objects["pi_110"]
    last = f"/v1/payment_intents/pi_{len(times) - 1:03}"
    asked = [f"/v1/payment_intents/pi_{number}" for number in ("000", "110", "120")]
    assert _single_reads(told) == [*asked, last]
    assert _single_reads(told) == [asked[1]]


def _single_reads(told: ToldDesk) -> list[str]:
    """What a comparison asks about by id."""
    told.stripe.asked.clear()
    told.reconcile()
    return sorted(path for _, path in told.stripe.asked if path.count("/") > 2)
