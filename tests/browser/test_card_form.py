"""A typed card stays where it was typed, whatever the page around it does."""

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.support.processes.servers import Server, StripeServer
from tests.support.screens.page_condition import wait_on
from tests.support.screens.take_payment_screen import VISA, TakePayment

_TYPED = {
    "Card number": "4242 4242 4242 4242",
    "Expiry date": "12 / 30",
    "Security code": "123",
    "Postal code": "AB1 2CD",
}


def expect_typed(page: Page) -> None:
    """Every field holds what was typed."""
    for label, value in _TYPED.items():
        expect(page.get_by_label(label, exact=True)).to_have_value(value)


def rerun(page: Page) -> None:
    """Streamlit's own shortcut, pressed outside any field."""
    page.get_by_role("heading", name="Take payment").click()
    page.keyboard.press("r")
    wait_on(
        page,
        "() => document.querySelector('[data-testid=stApp]')"
        ".getAttribute('data-test-script-state') === 'notRunning'",
    )


@pytest.mark.full
@pytest.mark.parametrize(
    "slowdown",
    [
        pytest.param(1, id="full speed"),
        pytest.param(6, id="6 times slower", marks=pytest.mark.full),
    ],
)
def test_a_typed_card_survives_reruns_and_a_theme_switch(
    page: Page, demo: Server, slowdown: int
) -> None:
    """Streamlit may clean up a live component on a slow machine: the card must outlive that."""
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slowdown})
    screen = TakePayment(page, demo.url).open()
    screen.fill_order()
    screen.fill_card(VISA)
    expect_typed(page)
    rerun(page)
    expect_typed(page)
    box = page.locator(".cardpay-box").first
    light = box.evaluate("box => getComputedStyle(box).backgroundColor")
    page.emulate_media(color_scheme="dark")
    expect(box).not_to_have_css("background-color", light)
    rerun(page)
    expect_typed(page)
    screen.pay_button.click()
    screen.expect_status("Succeeded")


def test_no_card_number_travels_over_the_websocket(page: Page, demo: Server) -> None:
    """Python is told a PaymentMethod's id, and no more."""
    sent: list[bytes] = []

    def keep(frame: str | bytes) -> None:
        sent.append(frame if isinstance(frame, bytes) else frame.encode())

    page.on("websocket", lambda socket: socket.on("framesent", keep))
    screen = TakePayment(page, demo.url).open()
    screen.fill_order()
    screen.pay()
    screen.expect_status("Succeeded")
    assert any(b"pm_" in frame for frame in sent)
    assert not any(VISA.encode() in frame for frame in sent)


def test_the_form_s_ids_are_no_one_else_s(page: Page, demo: Server) -> None:
    """Streamlit's React numbers its elements, too: a button with its id would send no form.

    Nor does a button that can't be pressed look like one that can.
    """
    screen = TakePayment(page, demo.url).open()
    screen.card_number.wait_for()
    main = screen.pay_button
    filled = main.evaluate("button => getComputedStyle(button).backgroundColor")
    main.evaluate("button => button.setAttribute('aria-disabled', 'true')")
    expect(main).not_to_have_css("background-color", filled)
    ids = page.eval_on_selector_all(
        ".cardpay-form :not(.cardpay-box *)[id], .cardpay-outlet [id]",
        "found => found.map(one => one.id)",
    )
    assert ids
    assert [one for one in ids if "cardpay-" not in one] == []


@pytest.mark.full
@pytest.mark.parametrize(
    "part",
    [
        pytest.param(b"card_complete", id="press", marks=pytest.mark.full),
        pytest.param(b"pm_", id="card"),
    ],
)
def test_a_message_that_was_lost_is_sent_again(
    page: Page, desk: Server, stripe: StripeServer, part: bytes
) -> None:
    """Streamlit drops what comes for a fragment that it is drawing; nothing is charged twice."""
    lost: list[bytes] = []

    def passed_on(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def from_page(message: str | bytes) -> None:
            if isinstance(message, bytes) and part in message and not lost:
                lost.append(message)
            else:
                server.send(message)

        socket.on_message(from_page)

    page.route_web_socket("**/_stcore/stream*", passed_on)
    screen = TakePayment(page, desk.url).open()
    reference = screen.fill_order()
    screen.pay(VISA)
    screen.expect_status("Succeeded")
    assert lost
    assert len(stripe.charges(reference)) == 1
