"""What each test card does: its country, its checks, its risk, and whether it authenticates."""

from typing import Any

import pytest
import stripe

from cardpay.sandbox.stripe_test_cards import TEST_CARDS
from tests.contract.api import Api


def test_every_name(api: Api) -> None:
    """`pm_card_…` works wherever an id does; the card looks as published."""
    for expected in TEST_CARDS:
        if expected.name.startswith("-"):
            continue
        found = api.client.v1.payment_methods.retrieve(f"pm_card_{expected.name}").card
        assert found is not None, expected.name
        assert (found.brand, found.country, found.last4, found.funding) == (
            expected.brand,
            expected.country,
            expected.last4,
            expected.funding,
        ), expected.name


@pytest.mark.parametrize(
    ("name", "check", "outcome"),
    [
        ("pm_card_cvcCheckFail", "cvc_check", "fail"),
        ("pm_card_avsZipFail", "address_postal_code_check", "fail"),
        ("pm_card_avsLine1Fail", "address_line1_check", "fail"),
        ("pm_card_avsUnchecked", "address_line1_check", "unavailable"),
        ("pm_card_visa", "address_postal_code_check", "pass"),
    ],
)
def test_checks(api: Api, name: str, check: str, outcome: str) -> None:
    """A failed check declines nothing by itself."""
    address: Any = {"address": {"line1": "1 High Street", "postal_code": "D01"}}
    method = api.client.v1.payment_methods.create(
        {"type": "card", "card": {"token": name.replace("pm_card_", "tok_")},
         "billing_details": address}
    )  # fmt: skip

    charge = api.client.v1.charges.retrieve(str(api.paid(method.id).latest_charge)).to_dict()

    assert charge["payment_method_details"]["card"]["checks"][check] == outcome
    assert charge["status"] == "succeeded"


def test_what_was_not_given_is_not_checked(api: Api) -> None:
    """Without an address its check is null, even with a card whose address fails."""
    charge = api.client.v1.charges.retrieve(str(api.paid("pm_card_avsFail").latest_charge))

    assert charge.payment_method_details is not None
    assert charge.payment_method_details.card is not None
    assert charge.payment_method_details.card.checks is not None
    assert charge.payment_method_details.card.checks.address_postal_code_check is None


def test_elevated_risk(api: Api) -> None:
    """It succeeds, and the charge says so."""
    paid = api.paid("pm_card_riskLevelElevated")

    charge = api.client.v1.charges.retrieve(str(paid.latest_charge))

    assert charge.outcome is not None
    assert (charge.outcome.risk_level, charge.outcome.type) == ("elevated", "authorized")


@pytest.mark.parametrize(
    ("name", "off_session", "status"),
    [
        ("pm_card_authenticationRequiredSetupForOffSession", False, "requires_action"),
        ("pm_card_authenticationRequiredSetupForOffSession", True, "succeeded"),
        ("pm_card_authenticationRequiredOnSetup", False, "requires_action"),
        ("pm_card_amex_threeDSecureNotSupported", False, "succeeded"),
    ],
)
def test_authentication(api: Api, name: str, off_session: bool, status: str) -> None:
    """Whether 3-D Secure is needed depends on the card and on who is present."""
    params: dict[str, Any] = {"off_session": True} if off_session else {}

    assert api.paid(name, **params).status == status


@pytest.mark.parametrize("name", ["authenticationRequired", "authenticationRequiredOnSetup"])
def test_authentication_of_somebody_absent(api: Api, name: str) -> None:
    """It cannot be done: the payment is declined."""
    with pytest.raises(stripe.CardError) as declined:
        api.paid(f"pm_card_{name}", off_session=True)

    assert declined.value.code == "authentication_required"


def test_the_lookup_fails(api: Api) -> None:
    """The card needs 3-D Secure, and its bank cannot be reached."""
    with pytest.raises(stripe.CardError) as declined:
        api.paid("pm_card_threeDSecureRequiredProcessingError")

    assert declined.value.code == "card_declined"


@pytest.mark.sandbox_only(reason="it needs a publishable key")
def test_frictionless(api: Api) -> None:
    """If 3-D Secure is asked for, the bank is content without a challenge."""
    typed = api.typed_card("4000000032200000").json()

    paid = api.paid(
        typed["id"], payment_method_options={"card": {"request_three_d_secure": "any"}}
    )

    charge = api.client.v1.charges.retrieve(str(paid.latest_charge)).to_dict()
    found = charge["payment_method_details"]["card"]["three_d_secure"]
    assert (found["authentication_flow"], found["result"]) == ("frictionless", "authenticated")


def test_a_page_to_go_to(api: Api) -> None:
    """With a `return_url` the next action is a redirect; with `use_stripe_sdk` it is not."""
    method = "pm_card_authenticationRequired"
    sent = api.paid(method, return_url="https://desk.example/back").to_dict()
    by_script = api.paid(method, return_url="https://desk.example/back", use_stripe_sdk=True)

    assert sent["next_action"]["type"] == "redirect_to_url"
    assert sent["next_action"]["redirect_to_url"]["return_url"] == "https://desk.example/back"
    assert by_script.to_dict()["next_action"]["type"] == "use_stripe_sdk"
