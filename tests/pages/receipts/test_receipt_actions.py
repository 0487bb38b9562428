"""The buttons of a receipt: who has them, and what is said of an e-mail."""

from uuid import uuid4

import pytest
from streamlit.testing.v1 import AppTest

from cardpay.domain.access.actor import Actor
from cardpay.domain.cleaned_text import tidy
from cardpay.services.after_payment.refunds import refund_payment
from components.receipts.receipt_links import pdf_link, print_link
from tests.pages.conftest import Drawing
from tests.support.desks.worlds import AGENT, ANALYST, SUPERVISOR, World

LINKS = {"Print receipt", "Download receipt"}


def shown(
    actor: Actor, page_of: Drawing, monkeypatch: pytest.MonkeyPatch, payment_id: str
) -> AppTest:
    """The payment, as somebody sees it."""
    monkeypatch.setattr("components.frame.desk_access.current_actor", lambda: actor)
    screen = page_of("payment.py")
    screen.query_params["payment"] = payment_id
    return screen.run()


def links(screen: AppTest) -> dict[str, str]:
    """Label and address of each link."""
    return {one.proto.label: one.proto.url for one in screen.get("link_button")}


def emails(screen: AppTest) -> list[str]:
    """The labels of buttons about e-mail."""
    return [one.label for one in screen.button if one.label == "Email receipt"]


@pytest.mark.parametrize(
    ("actor", "may_email"), [(ANALYST, False), (AGENT, True), (SUPERVISOR, True)]
)
def test_a_paid_payment_has_its_receipt(
    world: World,
    page_of: Drawing,
    monkeypatch: pytest.MonkeyPatch,
    actor: Actor,
    may_email: bool,
) -> None:
    """For whoever sees it; e-mail for those who may. An unpaid one has none."""
    payment = world.created()
    unpaid = shown(actor, page_of, monkeypatch, payment.payment_id)
    assert not LINKS & set(links(unpaid))
    assert emails(unpaid) == []
    world.pay(payment)
    paid = shown(actor, page_of, monkeypatch, payment.payment_id)
    assert links(paid) == links(paid) | {
        "Print receipt": print_link(payment.payment_id),
        "Download receipt": pdf_link(payment.payment_id),
    }
    assert emails(paid) == (["Email receipt"] if may_email else [])


def test_a_refund_has_links_of_its_own(
    world: World, page_of: Drawing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Below the payment's."""
    payment = world.pay(world.created()).payment
    refund_payment(world.desk, SUPERVISOR, payment.payment_id, 100, "duplicate", str(uuid4()))
    found = links(shown(SUPERVISOR, page_of, monkeypatch, payment.payment_id))
    assert found["Print refund receipt"].startswith(print_link(payment.payment_id) + "?refund=")
    assert found["Download refund receipt"].startswith(pdf_link(payment.payment_id) + "?refund=")


def test_an_email_is_sent_to_the_customer_or_to_another(
    world: World, page_of: Drawing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address is there already; in test mode the desk says that Stripe sends none."""
    payment = world.pay(world.created()).payment
    screen = shown(AGENT, page_of, monkeypatch, payment.payment_id)
    press(screen, "Email receipt")
    (field,) = (one for one in screen.text_input if one.label == "Email")
    assert field.value == "customer.one@example.com"
    field.set_value("nobody")
    press(screen, "Send receipt")
    assert "Enter an email address like name@example.com" in said(screen)
    press(screen, "Email receipt")
    (field,) = (one for one in screen.text_input if one.label == "Email")
    field.set_value("other@example.com")
    press(screen, "Send receipt")
    assert "In test mode it sends no emails." in said(screen)
    (charge,) = world.successful_charges()
    assert charge["receipt_email"] == "other@example.com"


def press(screen: AppTest, label: str) -> None:
    """Click the button, and draw."""
    (button,) = (one for one in screen.button if one.label == label)
    button.click().run()


def said(screen: AppTest) -> str:
    """Every message."""
    kinds = screen.error, screen.success, screen.warning
    return tidy(" ".join(str(one.value) for kind in kinds for one in kind).replace("\\", ""))
