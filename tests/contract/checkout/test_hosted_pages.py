"""The pages that Stripe hosts, as a browser sees them: Checkout, 3-D Secure, receipts."""

import re
from typing import Any

import pytest
import requests
import stripe

from tests.contract.api import Api
from tests.contract.checkout.test_checkout_sessions import session
from tests.support.processes.waiting import PATIENCE_SECONDS

pytestmark = pytest.mark.sandbox_only(reason="the pages are the sandbox's own")

VISA = "4242424242424242"
DECLINED = "4000000000000002"
CHALLENGED = "4000002760003184"


def _fill_in(url: str, number: str, **other: str) -> requests.Response:
    form = {"email": "ada@example.com", "name": "Ada Byron", "number": number, "expiry": "12 / 40",
            "cvc": "123", "postal_code": "D01", **other}  # fmt: skip
    return requests.post(url, data=form, allow_redirects=False, timeout=PATIENCE_SECONDS)


def _answer(url: str, outcome: str) -> requests.Response:
    return requests.post(
        url, data={"outcome": outcome}, allow_redirects=False, timeout=PATIENCE_SECONDS
    )


def _url(made: stripe.checkout.Session) -> str:
    assert made.url is not None
    return made.url


def _retrieve(api: Api, made: stripe.checkout.Session) -> stripe.checkout.Session:
    return api.client.v1.checkout.sessions.retrieve(made.id, {"expand": ["payment_intent"]})


def test_the_form(api: Api) -> None:
    """It shows what is sold, has a label for every field, and runs no script."""
    made = session(api, customer_email="ada@example.com", cancel_url="https://desk.example/back",
                   custom_text={"submit": {"message": "<Thank you>"}})  # fmt: skip

    shown = requests.get(_url(made), timeout=PATIENCE_SECONDS)

    assert "2 × Ticket" in shown.text
    assert "€10.00" in shown.text
    assert 'value="ada@example.com"' in shown.text
    assert "&lt;Thank you&gt;" in shown.text
    assert 'href="https://desk.example/back"' in shown.text
    labels, inputs = (set(re.findall(pattern, shown.text))
                      for pattern in (r'label for="(\w+)"', r'input id="(\w+)"'))  # fmt: skip
    assert labels == inputs != set()
    assert "<script" not in shown.text
    assert shown.headers["Cache-Control"] == "no-store"


def test_paid(api: Api) -> None:
    """The PaymentIntent is made with what the Session says, and the customer is sent on."""
    made = session(
        api,
        client_reference_id="A-7",
        payment_intent_data={"metadata": {"order": "7"}, "receipt_email": "ada@example.com"},
    )

    sent_on = _fill_in(_url(made), VISA)

    paid = _retrieve(api, made)
    intent: Any = paid.payment_intent
    assert (sent_on.status_code, sent_on.headers["Location"]) == (
        303, f"https://desk.example/done?s={made.id}",
    )  # fmt: skip
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert paid.customer_details is not None
    assert paid.customer_details.email == "ada@example.com"
    assert (intent.status, intent.amount_received) == ("succeeded", 1000)
    assert intent.to_dict()["metadata"] == {"order": "7"}
    assert intent.receipt_email == "ada@example.com"
    types = [event.type for event in api.client.v1.events.list({"limit": 4}).data]
    assert types == ["checkout.session.completed", "payment_intent.succeeded",
                     "charge.succeeded", "payment_intent.created"]  # fmt: skip
    assert _fill_in(made.url or "", VISA).status_code == 303
    assert len(api.client.v1.charges.list().data) == 1
    found = api.client.v1.checkout.sessions.list({"payment_intent": intent.id}).data
    also = api.client.v1.checkout.sessions.list(
        {"customer_details": {"email": "ada@example.com"}}
    ).data
    assert [one.id for one in found] == [one.id for one in also] == [made.id]


def test_declined_then_paid(api: Api) -> None:
    """The page says why; the Session stays open, and the same PaymentIntent is paid."""
    made = session(api)

    refused = _fill_in(_url(made), DECLINED)
    between = _retrieve(api, made)
    _fill_in(_url(made), VISA)

    after = _retrieve(api, made)
    first: Any = between.payment_intent
    last: Any = after.payment_intent
    assert (refused.status_code, between.status) == (200, "open")
    assert "Your card was declined." in refused.text
    assert DECLINED not in refused.text
    assert first.status == "requires_payment_method"
    assert (last.id, last.status, after.status) == (first.id, "succeeded", "complete")


def test_an_expiry_date_without_a_slash(api: Api) -> None:
    """As it is typed, without the slash that the page of Stripe puts there."""
    made = session(api)
    _fill_in(_url(made), VISA, expiry="1240")
    assert _retrieve(api, made).payment_status == "paid"


@pytest.mark.parametrize(
    ("field", "value", "text"),
    [
        ("number", "4242424242424241", "number is incorrect"),
        ("number", "", "number"),
        ("expiry", "13 / 40", "month is invalid"),
        ("expiry", "soon", "month"),
        ("cvc", "1", "security code is invalid"),
    ],
)
def test_mistyped(api: Api, field: str, value: str, text: str) -> None:
    """Nothing is charged, and the page says what is wrong."""
    made = session(api)

    refused = _fill_in(_url(made), **{"number": VISA, field: value})

    assert text in refused.text
    assert _retrieve(api, made).payment_intent is None


@pytest.mark.parametrize(
    ("outcome", "status", "intent_status"),
    [
        ("complete", "complete", "succeeded"),
        ("fail", "open", "requires_payment_method"),
    ],
)
def test_three_d_secure(api: Api, outcome: str, status: str, intent_status: str) -> None:
    """The bank's page comes between, and leads back to the Session's page."""
    made = session(api)
    bank = _fill_in(_url(made), CHALLENGED).headers["Location"]
    asked = requests.get(bank, timeout=PATIENCE_SECONDS)

    back = _answer(bank, outcome).headers["Location"]
    last = requests.get(back, allow_redirects=False, timeout=PATIENCE_SECONDS)

    after = _retrieve(api, made)
    intent: Any = after.payment_intent
    assert "€10.00" in asked.text
    assert (after.status, intent.status) == (status, intent_status)
    if outcome == "complete":
        assert last.headers["Location"] == f"https://desk.example/done?s={made.id}"
    else:
        assert "could not authenticate" in last.text
    assert requests.get(bank, timeout=PATIENCE_SECONDS).status_code == 404


def test_expired_in_mid_challenge(api: Api) -> None:
    """Exactly one side wins: what was expired cannot be paid any more."""
    made = session(api)
    bank = _fill_in(_url(made), CHALLENGED).headers["Location"]

    api.client.v1.checkout.sessions.expire(made.id)

    assert _answer(bank, "complete").status_code == 404
    intent: Any = _retrieve(api, made).payment_intent
    assert (intent.status, intent.cancellation_reason) == ("canceled", "expired")
    assert requests.get(_url(made), timeout=PATIENCE_SECONDS).status_code == 410


def test_not_confirmed_or_cancelled_directly(api: Api) -> None:
    """Its PaymentIntent belongs to the Session, until it only waits to be captured."""
    v1 = api.client.v1
    made = session(api, payment_intent_data={"capture_method": "manual"})
    _fill_in(_url(made), DECLINED)
    intent: Any = _retrieve(api, made).payment_intent
    for refused in (v1.payment_intents.confirm, v1.payment_intents.cancel):
        with pytest.raises(stripe.InvalidRequestError, match="Expire the"):
            refused(intent.id)

    _fill_in(_url(made), VISA)

    held = _retrieve(api, made)
    assert (held.status, held.payment_status) == ("complete", "unpaid")
    assert v1.payment_intents.cancel(intent.id).status == "canceled"


def test_a_card_saved_on_the_page(api: Api) -> None:
    """A Customer is made for it."""
    made = session(api, payment_intent_data={"setup_future_usage": "off_session"})

    _fill_in(_url(made), VISA)

    paid = _retrieve(api, made)
    (saved,) = api.client.v1.customers.payment_methods.list(str(paid.customer)).data
    assert (saved.type, saved.customer) == ("card", paid.customer)


def test_sent_to_the_bank_and_back(api: Api) -> None:
    """A `return_url` gets the PaymentIntent and the outcome in its query."""
    begun = api.paid("pm_card_authenticationRequired", return_url="https://desk.example/b?a=1")
    bank = begun.to_dict()["next_action"]["redirect_to_url"]["url"]

    back = _answer(bank, "complete").headers["Location"]

    assert back == (
        f"https://desk.example/b?a=1&payment_intent={begun.id}"
        f"&payment_intent_client_secret={begun.client_secret}&redirect_status=succeeded"
    )
    assert api.client.v1.payment_intents.retrieve(begun.id).status == "succeeded"


@pytest.mark.parametrize("outcome", ["complete", "fail"])
def test_a_saved_card_is_authenticated(api: Api, outcome: str) -> None:
    """A SetupIntent's bank page works alike, and what it set up needs no more challenge."""
    v1 = api.client.v1
    customer = v1.customers.create({})
    begun = v1.setup_intents.create(
        {"customer": customer.id, "confirm": True, "return_url": "https://desk.example/back",
         "payment_method": "pm_card_authenticationRequiredOnSetup"}
    )  # fmt: skip
    bank = begun.to_dict()["next_action"]["redirect_to_url"]["url"]

    _answer(bank, outcome)

    after = v1.setup_intents.retrieve(begun.id)
    if outcome == "fail":
        assert after.last_setup_error is not None
        assert after.last_setup_error.code == "setup_intent_authentication_failure"
        return
    paid = api.paid(str(after.payment_method), customer=customer.id, off_session=True)
    assert (after.status, paid.status) == ("succeeded", "succeeded")


def test_a_receipt(api: Api) -> None:
    """Amount, card and refunds as they are now, for 30 days."""
    paid = api.paid(currency="eur", receipt_email="ada@example.com", description="Two tickets")
    charge = api.client.v1.charges.retrieve(str(paid.latest_charge))
    api.client.v1.refunds.create({"payment_intent": paid.id, "amount": 250})
    url = str(charge.receipt_url)

    shown = requests.get(url, timeout=PATIENCE_SECONDS).text
    api.wait(days=31)

    for text in ("€10.00", "€2.50", "4242", "Two tickets", str(charge.receipt_number)):
        assert text in shown
    assert requests.get(url, timeout=PATIENCE_SECONDS).status_code == 404


def test_the_banks_page_needs_the_secret(api: Api) -> None:
    """The id alone does not lead to it."""
    begun = api.paid("pm_card_authenticationRequired", return_url="https://desk.example/back")
    bank = begun.to_dict()["next_action"]["redirect_to_url"]["url"]

    guessed = bank.partition("_secret_")[0] + "_secret_guessed"

    assert requests.get(bank, timeout=PATIENCE_SECONDS).status_code == 200
    assert requests.get(guessed, timeout=PATIENCE_SECONDS).status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/checkout/cs_test_none", "/3d_secure/pi_1_secret_2", "/receipts/none", "/receipts/"],
)
def test_no_such_page(api: Api, path: str) -> None:
    """A guessed address shows nothing, however it is asked."""
    assert requests.get(api.base + path, timeout=PATIENCE_SECONDS).status_code == 404
    assert (
        requests.post(
            api.base + path, data={"outcome": "fail"}, timeout=PATIENCE_SECONDS
        ).status_code
        == 404
    )
