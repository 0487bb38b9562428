"""The settings of taking payments: telephone orders, order numbers, and payment links."""

from datetime import timedelta
from urllib.parse import urlsplit

from pydantic import Field
from pydantic_settings import BaseSettings

from cardpay.domain.card_number_guard import mask_card_numbers
from cardpay.domain.cleaned_text import tidy
from cardpay.domain.errors import StartRefused
from cardpay.domain.payment_link.link_rules import LINK_HOURS


class TakingSettings(BaseSettings):
    """Telephone orders are off unless asked for: Stripe has to give the account the right first.

    Links are off until there is a page for the customer to return to; the demo has its own.
    """

    moto: bool | None = Field(None, alias="CARDPAY_MOTO")
    order_prefix: str = Field("", alias="CARDPAY_ORDER_NUMBER_PREFIX", max_length=20)
    link_hours: int = Field(LINK_HOURS, ge=1, le=24, alias="CARDPAY_PAYMENT_LINK_HOURS")
    link_return_url: str = Field("", alias="CARDPAY_PAYMENT_LINK_RETURN_URL")

    @property
    def marks_telephone_orders(self) -> bool:
        """Whether a confirm carries Stripe's `moto` flag."""
        return bool(self.moto)

    @property
    def link_lifetime(self) -> timedelta:
        """How long a link is open; Stripe takes at most 24 hours."""
        return timedelta(hours=self.link_hours)


def check_order_prefix(settings: TakingSettings) -> None:
    """StartRefused for a prefix with which two numbers could read alike, or a card number."""
    prefix = settings.order_prefix
    if prefix and (
        prefix[-1].isdigit() or prefix != tidy(prefix) or mask_card_numbers(prefix) != prefix
    ):
        raise StartRefused(
            "CARDPAY_ORDER_NUMBER_PREFIX",
            "must be text that doesn't end with a digit, such as SO-.",
        )


def check_payment_links(settings: TakingSettings) -> None:
    """StartRefused unless customers return to an address on the web."""
    if not settings.link_return_url:
        return
    parts = urlsplit(settings.link_return_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise StartRefused(
            "CARDPAY_PAYMENT_LINK_RETURN_URL", "must be an address, such as https://example.com."
        )
