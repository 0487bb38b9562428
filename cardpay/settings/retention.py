"""The settings of retention: for how many days personal data, events and reports are kept."""

from datetime import timedelta
from typing import Final

from pydantic import Field
from pydantic_settings import BaseSettings

from cardpay.domain.errors import StartRefused
from cardpay.domain.personal_data import retention_rules as rules
from cardpay.domain.personal_data.retention_rules import SHORTEST_FOR_EVENTS, Retention

# Longer is for ever, which 0 means; and dates end.
LONGEST_DAYS: Final = 36_500


class RetentionSettings(BaseSettings):
    """Zero keeps for ever."""

    keep_customer_days: int = Field(
        rules.CUSTOMER_DAYS, ge=0, le=LONGEST_DAYS, alias="CARDPAY_KEEP_CUSTOMER_DAYS"
    )
    keep_event_days: int = Field(
        rules.EVENT_DAYS, ge=0, le=LONGEST_DAYS, alias="CARDPAY_KEEP_EVENT_DAYS"
    )
    keep_sign_in_days: int = Field(
        rules.SIGN_IN_DAYS, ge=0, le=LONGEST_DAYS, alias="CARDPAY_KEEP_SIGN_IN_DAYS"
    )
    keep_reconciliation_days: int = Field(
        rules.RECONCILIATION_DAYS, ge=0, le=LONGEST_DAYS, alias="CARDPAY_KEEP_RECONCILIATION_DAYS"
    )
    keep_audit_days: int = Field(
        rules.FOR_EVER, ge=0, le=LONGEST_DAYS, alias="CARDPAY_KEEP_AUDIT_DAYS"
    )

    @property
    def retention(self) -> Retention:
        """For how long each kind is kept."""
        return Retention(
            customers=_days(self.keep_customer_days),
            events=_days(self.keep_event_days),
            sign_ins=_days(self.keep_sign_in_days),
            reconciliations=_days(self.keep_reconciliation_days),
            audit=_days(self.keep_audit_days),
        )


def check_retention(settings: RetentionSettings) -> None:
    """StartRefused for a time that is too short to be safe."""
    events = settings.retention.events
    if events is not None and events < SHORTEST_FOR_EVENTS:
        raise StartRefused(
            "CARDPAY_KEEP_EVENT_DAYS",
            f"must be at least {SHORTEST_FOR_EVENTS.days}, since Stripe may send an event again "
            "until then; or 0, to keep them for ever.",
        )


def _days(days: int) -> timedelta | None:
    return timedelta(days=days) if days else None
