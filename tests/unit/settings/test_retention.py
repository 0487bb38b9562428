"""How long things are kept, and the times that are refused."""

from datetime import UTC, datetime, timedelta

import pytest

from cardpay.domain.errors import StartRefused
from cardpay.domain.personal_data.retention_rules import Retention, RetentionKind
from cardpay.settings import load

pytestmark = pytest.mark.usefixtures("no_environment")


def test_the_defaults() -> None:
    """Those of the documentation."""
    assert load().retention == Retention(
        customers=timedelta(days=730),
        events=timedelta(days=90),
        sign_ins=timedelta(days=365),
        reconciliations=timedelta(days=365),
    )


def test_zero_keeps_for_ever() -> None:
    """Such a kind has no limit."""
    chosen = load(
        CARDPAY_KEEP_CUSTOMER_DAYS=0,
        CARDPAY_KEEP_EVENT_DAYS=0,
        CARDPAY_KEEP_SIGN_IN_DAYS=0,
        CARDPAY_KEEP_RECONCILIATION_DAYS=1,
    )
    now = datetime(2024, 2, 29, tzinfo=UTC)
    assert chosen.retention.limits(now) == {RetentionKind.RECONCILIATIONS: now - timedelta(days=1)}


def test_every_kind_has_a_limit() -> None:
    """Names of staff go by the days of their sign-ins; the audit log's is off unless it is set."""
    now = datetime(2024, 2, 29, tzinfo=UTC)
    limits = load(CARDPAY_KEEP_AUDIT_DAYS=3650).retention.limits(now)
    assert set(limits) == set(RetentionKind)
    assert load().retention.audit is None
    assert limits[RetentionKind.STAFF] == limits[RetentionKind.SIGN_INS]


@pytest.mark.parametrize(
    ("variable", "days", "sentence"),
    [
        ("CARDPAY_KEEP_EVENT_DAYS", 29, "must be at least 30, since Stripe may send an event"),
        ("CARDPAY_KEEP_CUSTOMER_DAYS", -1, "is not right: Input should be greater than"),
        ("CARDPAY_KEEP_SIGN_IN_DAYS", "long", "is not right: Input should be a valid integer"),
    ],
)
def test_what_is_refused(variable: str, days: object, sentence: str) -> None:
    """In a sentence that names the variable."""
    with pytest.raises(StartRefused) as refused:
        load(**{variable: days})
    assert refused.value.sentence.startswith(f"{variable} {sentence}")
