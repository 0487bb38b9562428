"""The settings of payment links and order numbers."""

from datetime import timedelta

import pytest

from cardpay.domain.errors import StartRefused
from cardpay.settings import load

pytestmark = pytest.mark.usefixtures("no_environment")


@pytest.mark.parametrize("hours", [0, 25])
def test_a_link_is_open_for_a_day_at_most(monkeypatch: pytest.MonkeyPatch, hours: int) -> None:
    """Stripe takes no more."""
    monkeypatch.setenv("CARDPAY_PAYMENT_LINK_HOURS", "2")
    assert load().link_lifetime == timedelta(hours=2)
    monkeypatch.setenv("CARDPAY_PAYMENT_LINK_HOURS", str(hours))
    with pytest.raises(StartRefused, match="CARDPAY_PAYMENT_LINK_HOURS"):
        load()


@pytest.mark.parametrize("address", ["thank-you", "javascript:alert(1)", "https://"])
def test_customers_return_to_a_page_on_the_web(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    """Anything else stops the start."""
    monkeypatch.setenv("CARDPAY_PAYMENT_LINK_RETURN_URL", address)
    with pytest.raises(StartRefused, match="CARDPAY_PAYMENT_LINK_RETURN_URL"):
        load()


@pytest.mark.parametrize("prefix", ["SO1", "2026", "4242424242424242-"])
def test_a_prefix_of_order_numbers_that_could_be_misread(
    monkeypatch: pytest.MonkeyPatch, prefix: str
) -> None:
    """ "SO1" and the number 2 would read as the number 12."""
    monkeypatch.setenv("CARDPAY_ORDER_NUMBER_PREFIX", prefix)
    with pytest.raises(StartRefused, match="CARDPAY_ORDER_NUMBER_PREFIX"):
        load()


def test_a_prefix_of_order_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """None by default."""
    assert load().order_prefix == ""
    monkeypatch.setenv("CARDPAY_ORDER_NUMBER_PREFIX", "SO-")
    assert load().order_prefix == "SO-"
