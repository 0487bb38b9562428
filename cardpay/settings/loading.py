"""Reading the settings once, at start; unsafe ones refuse the start."""

from typing import Any
from zoneinfo import available_timezones

from pydantic import ValidationError

from cardpay.domain.access.permissions import Role
from cardpay.domain.errors import StartRefused
from cardpay.domain.money import CURRENCIES
from cardpay.settings.company import check_company
from cardpay.settings.database_url import check_database_urls
from cardpay.settings.retention import check_retention
from cardpay.settings.settings import Settings
from cardpay.settings.stripe_keys import check_api_base, check_keys
from cardpay.settings.taking import check_order_prefix, check_payment_links


def load(**overrides: Any) -> Settings:
    """Read and check the settings; StartRefused names the variable that is wrong."""
    settings = read(**overrides)
    check_keys(settings)
    check_all_but_keys(settings)
    return settings


def read(**overrides: Any) -> Settings:
    """The settings as they are given, each by itself; StartRefused."""
    try:
        return Settings(**overrides)
    except ValidationError as invalid:
        first = invalid.errors(include_input=False, include_url=False)[0]
        raise StartRefused(str(first["loc"][0]), f"is not right: {first['msg']}.") from None


def check_all_but_keys(settings: Settings) -> None:
    """StartRefused for what contradicts itself or is unsafe."""
    check_api_base(settings)
    check_database_urls(settings.database, settings.reporting_database_url)
    check_retention(settings)
    check_company(settings)
    check_order_prefix(settings)
    check_payment_links(settings)
    if settings.time_zone not in available_timezones():
        raise StartRefused("CARDPAY_TIME_ZONE", "must name a time zone, such as Europe/London.")
    if settings.reporting_currency not in {"", *CURRENCIES}:
        raise StartRefused(
            "CARDPAY_REPORTING_CURRENCY", "must be a currency of Stripe's, such as gbp."
        )
    try:
        roles = settings.everyones_roles
    except ValueError:
        roles = frozenset()
    if not roles:
        raise StartRefused("CARDPAY_ROLES", f"must list some of {', '.join(Role)}.")
