"""A limit in Chromium: a card is refused, the next one is tried, and the form goes on."""

import pytest
from playwright.sync_api import Page, expect

from tests.support.processes import servers
from tests.support.screens.take_payment_screen import TakePayment

DECLINED = "4000000000000002"
WITHOUT_FUNDS = "4000000000009995"


@pytest.mark.full
def test_a_refused_card_makes_room_for_the_next(
    page: Page, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The order stays, the reason is told, a decline after it is told too, and the last pays."""
    folder = tmp_path_factory.mktemp("limits")
    with servers.app(folder, CARDPAY_LIMIT_DECLINES_PER_CARD="1") as demo:
        take = TakePayment(page, demo.url).open()
        reference = take.fill_order()
        take.pay(DECLINED)
        take.expect_status("Declined")
        take.pay(DECLINED)
        expect(
            page.get_by_text("This card has reached its limit: 1 decline in a row.")
        ).to_be_visible()
        expect(
            page.get_by_text("Ask for another card. You can try this one again from")
        ).to_be_visible()
        expect(page.get_by_label("Postal code", exact=True)).to_have_value("AB1 2CD")
        expect(page.get_by_text(reference)).to_be_visible()
        take.pay(WITHOUT_FUNDS)
        take.expect_status("Declined", "Not enough funds")
        take.pay()
        take.expect_status("Succeeded")
