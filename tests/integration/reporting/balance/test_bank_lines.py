"""A line of the bank statement finds its payout."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from cardpay.domain.money import Money
from cardpay.domain.payment.payout import PayoutStatus
from cardpay.reporting.balance.bank_lines import BANK_LINE_DAYS, payouts_of_bank_line
from cardpay.storage.database.engine import Store, connect
from cardpay.storage.schema.tables import Payout
from tests.integration.payment_rows import BOOKS_OF
from tests.integration.written_past import ANALYST
from tests.support.databases.databases import Databases

_ARRIVES = date(2026, 5, 8)


def payout(number: int, amount: int, arrives: date = _ARRIVES, **facts: Any) -> Payout:
    """One payout in an empty desk."""
    given = {"currency": "gbp", "status": PayoutStatus.PAID}
    return Payout(
        **BOOKS_OF,
        id=f"payout-po_{number}",
        stripe_payout_id=f"po_{number}",
        amount_minor=amount,
        arrival_at=datetime(arrives.year, arrives.month, arrives.day, tzinfo=UTC),
        created_at=datetime(2026, 5, 1, tzinfo=UTC),
        updated_at=datetime(2026, 5, 1, tzinfo=UTC),
        **given | facts,
    )


@pytest.mark.parametrize(
    ("amount", "equal", "nearest"),
    [
        pytest.param(812_640, ["po_1", "po_2"], None, id="two with this amount, the nearer first"),
        pytest.param(674_000, [], "po_3", id="none: the nearest amount"),
        pytest.param(921_007, [], "po_1", id="too early, late, in euros, cancelled"),
        pytest.param(-500, ["po_8"], None, id="a debit"),
    ],
)
def test_a_bank_line_finds_its_payout(
    databases: Databases, migrated: str, amount: int, equal: list[str], nearest: str | None
) -> None:
    """By amount, and by a day a few days off at most."""
    off = timedelta(days=BANK_LINE_DAYS)
    day = timedelta(days=1)
    with databases.copy(migrated) as url:
        store = Store(connect(url))
        with store.transaction() as session:
            session.add_all(
                [
                    payout(1, 812_640, _ARRIVES + day),
                    payout(2, 812_640, _ARRIVES - off),
                    payout(3, 674_315, _ARRIVES + off),
                    payout(4, 921_007, _ARRIVES - off - day),
                    payout(5, 921_007, _ARRIVES + off + day),
                    payout(6, 921_007, currency="eur"),
                    payout(7, 921_007, status=PayoutStatus.CANCELED),
                    payout(8, -500),
                ]
            )
        found = payouts_of_bank_line(store, ANALYST, Money(amount, "gbp"), _ARRIVES)
        assert [one.payout_id for one in found.equal] == equal
        assert (found.nearest.payout_id if found.nearest else None) == nearest
        far = payouts_of_bank_line(store, ANALYST, Money(amount, "gbp"), _ARRIVES + 30 * day)
        assert (far.equal, far.nearest) == ((), None)
        store.close()
