"""The settings of the limits: how many payments and declines are too many."""

from abc import abstractmethod
from datetime import timedelta
from zoneinfo import ZoneInfo

from pydantic import Field
from pydantic_settings import BaseSettings

from cardpay.domain.payment.limit_rules import (
    DECLINES_PER_CARD,
    DECLINES_PER_PERSON,
    PAYMENTS_PER_HOUR,
    PAYMENTS_PER_PERSON_PER_HOUR,
    Limits,
)


class LimitSettings(BaseSettings):
    """Limits against misuse; 0 switches one off.

    Where nobody signs in, all are one person, and the limits of one are off unless set.
    """

    limit_payments: int = Field(PAYMENTS_PER_HOUR, alias="CARDPAY_LIMIT_PAYMENTS_PER_HOUR", ge=0)
    limit_payments_of_person: int | None = Field(
        None, alias="CARDPAY_LIMIT_PAYMENTS_PER_PERSON_PER_HOUR", ge=0
    )
    limit_declines_of_person: int | None = Field(
        None, alias="CARDPAY_LIMIT_DECLINES_PER_PERSON", ge=0
    )
    limit_declines_of_card: int = Field(
        DECLINES_PER_CARD, alias="CARDPAY_LIMIT_DECLINES_PER_CARD", ge=0
    )
    # At most a day, so that a time of day says when a limit ends.
    limit_decline_minutes: int = Field(60, alias="CARDPAY_LIMIT_DECLINE_MINUTES", ge=1, le=24 * 60)

    @property
    @abstractmethod
    def signs_in(self) -> bool:
        """Whether people sign in, and can be told apart."""

    @property
    @abstractmethod
    def business_zone(self) -> ZoneInfo:
        """The zone in which times are told."""

    @property
    def limits(self) -> Limits:
        """The limits that hold."""
        return Limits(
            payments_per_hour=self.limit_payments,
            payments_per_person_per_hour=self._of_person(
                self.limit_payments_of_person, PAYMENTS_PER_PERSON_PER_HOUR
            ),
            declines_per_person=self._of_person(
                self.limit_declines_of_person, DECLINES_PER_PERSON
            ),
            declines_per_card=self.limit_declines_of_card,
            decline_window=timedelta(minutes=self.limit_decline_minutes),
            zone=self.business_zone,
        )

    def _of_person(self, chosen: int | None, usual: int) -> int:
        if chosen is not None:
            return chosen
        return usual if self.signs_in else 0
