"""The card form's contract: what is sent to the browser, and what is accepted from it."""

import importlib.resources
import re
from dataclasses import replace
from typing import Any

import pytest
import streamlit as st
from cardpay_card_form import (
    ActionResult,
    CardFormState,
    Malformed,
    NewPayment,
    Outcome,
    Press,
    Submission,
    action_result,
    new_payment,
    pressed,
    submitted,
)

KEY = "card-form"
SUBMISSION_ID = "1c9a7a54-8d57-4b0e-9f3b-5a1f0d6f9a11"
SUBMISSION = {
    "payment_id": "pay_1",
    "payment_method_id": "pm_1AbcXYZ",
    "submission_id": SUBMISSION_ID,
}
PRESS = {
    "payment_id": "pay_1",
    "submission_id": SUBMISSION_ID,
    "card_complete": True,
    "amount_label": "£245.00",
}
ACTION = {"payment_id": "pay_1", "action_id": "act-1", "error_code": None}


def a_state(**changes: Any) -> CardFormState:
    """The state of a form before the first card."""
    ready = CardFormState(
        publishable_key="pk_test_abc",
        stripe_js_url="https://js.stripe.com/v3/",
        form_id="form-1",
        payment_id="pay_1",
        amount_label="£12.00",
        phase="ready",
    )
    return replace(ready, **changes)


@pytest.fixture
def browser_sent(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Streamlit's session state in the current callback."""
    state: dict[str, Any] = {}
    monkeypatch.setattr(st, "session_state", state)
    return state


# ---- What reaches the browser ----------------------------------------------------------------


def test_the_state_becomes_the_data_of_the_typescript_contract() -> None:
    """A field that only one side has would silently be undefined in the browser."""
    source = importlib.resources.files("cardpay_card_form") / "frontend/src/contract.ts"
    interface = re.search(r"interface CardFormData \{(.*?)\n\}", source.read_text(), re.DOTALL)
    assert interface is not None
    declared = set(re.findall(r"^  (\w+):", interface[1], re.MULTILINE))
    assert set(a_state().as_data()) == declared


def test_the_client_secret_travels_only_while_an_action_is_required() -> None:
    """With it the payment can be confirmed from a browser, without a record in our database."""
    state = a_state(phase="action", client_secret="pi_1_secret_2", action_id="act-1")
    assert state.as_data()["client_secret"] == "pi_1_secret_2"
    assert "pi_1_secret_2" not in repr(state)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"client_secret": "s"}, "no place in phase 'ready'", id="secret-ready"),
        pytest.param(
            {"phase": "checking", "client_secret": "s"}, "no place", id="secret-checking"
        ),
        pytest.param({"phase": "done", "client_secret": "s"}, "no place", id="secret-done"),
        pytest.param(
            {"phase": "action", "action_id": "a"}, "needs a client_secret", id="no-secret"
        ),
        pytest.param({"phase": "action", "client_secret": "s"}, "action_id", id="no-action-id"),
        pytest.param({"phase": "paying"}, "not one of", id="unknown-phase"),
        pytest.param({"press_result": "paid"}, "not one of", id="unknown-press-result"),
        pytest.param({"card_kept": "digits"}, "what stays of a card", id="unknown-rest-of-card"),
        pytest.param({"publishable_key": "sk_test_abc"}, "publishable key", id="secret-key"),
    ],
)
def test_a_state_that_must_not_reach_the_browser_cannot_be_made(
    changes: dict[str, Any], words: str
) -> None:
    """The constructor raises an error, before anything is sent."""
    with pytest.raises(ValueError, match=re.escape(words)) as refusal:
        a_state(**changes)
    assert "sk_test_abc" not in str(refusal.value)


@pytest.mark.parametrize(
    ("label", "tone"),
    [pytest.param("Paid", "success", id="label"), pytest.param("Succeeded", "happy", id="tone")],
)
def test_an_outcome_uses_the_words_and_tones_that_are_agreed(label: str, tone: Any) -> None:
    """Screen readers and tests rely on exactly these labels."""
    with pytest.raises(ValueError, match="not one of the card form's"):
        Outcome(label, tone, "", (), "1")


def test_the_bundle_is_one_module_and_one_style_sheet() -> None:
    """Streamlit resolves `index-*.js` and `index-*.css` to exactly one file each."""
    build = importlib.resources.files("cardpay_card_form") / "build"
    names = sorted(re.sub(r"-[\w-]{8}\.", "-<hash>.", file.name) for file in build.iterdir())
    assert names == ["index-<hash>.css", "index-<hash>.js"]


# ---- What comes back -------------------------------------------------------------------------


def test_a_submission_is_read_from_its_trigger(browser_sent: dict[str, Any]) -> None:
    """The callback gets the PaymentMethod and the payment."""
    browser_sent[KEY] = {"submission": SUBMISSION, "action_result": None}
    assert submitted(KEY) == Submission("pay_1", "pm_1AbcXYZ", SUBMISSION_ID)
    assert action_result(KEY) is None


def test_a_press_and_a_request_for_another_payment_are_read(
    browser_sent: dict[str, Any],
) -> None:
    """The callbacks get which payment was on screen."""
    browser_sent[KEY] = {"press": PRESS, "new_payment": {"payment_id": "pay_1"}}
    assert pressed(KEY) == Press("pay_1", SUBMISSION_ID, True, "£245.00")
    assert new_payment(KEY) == NewPayment("pay_1")
    browser_sent[KEY] = {"press": None}
    assert pressed(KEY) is None
    assert new_payment(KEY) is None


@pytest.mark.parametrize("error_code", [None, "payment_intent_authentication_failure"])
def test_an_action_result_is_read_from_its_trigger(
    browser_sent: dict[str, Any], error_code: str | None
) -> None:
    """It has Stripe's error code, or none."""
    browser_sent[KEY] = {"submission": None, "action_result": ACTION | {"error_code": error_code}}
    assert action_result(KEY) == ActionResult("pay_1", "act-1", error_code)
    assert submitted(KEY) is None


def test_a_trigger_of_a_form_that_has_left_the_page_is_ignored(
    browser_sent: dict[str, Any],
) -> None:
    """A late trigger can still arrive after a page switch, when the key no longer exists."""
    assert submitted(KEY) is None
    browser_sent[KEY] = None
    assert action_result(KEY) is None


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param("pm_1", id="text"),
        pytest.param(4242424242424242, id="number"),
        pytest.param(True, id="truth"),
        pytest.param([SUBMISSION], id="list"),
        pytest.param({}, id="empty"),
        pytest.param({"payment_id": "pay_1", "payment_method_id": "pm_1"}, id="id-missing"),
        pytest.param(SUBMISSION | {"amount": 1}, id="extra-key"),
        pytest.param(SUBMISSION | {"payment_id": 1}, id="number-for-text"),
        pytest.param(SUBMISSION | {"payment_id": "p" * 101}, id="too-long-for-our-id"),
        pytest.param(SUBMISSION | {"payment_id": ["pay_1"]}, id="list-for-text"),
        pytest.param(SUBMISSION | {"payment_id": "pay 1"}, id="space-in-our-id"),
        pytest.param(SUBMISSION | {"payment_id": ""}, id="empty-id"),
        pytest.param(SUBMISSION | {"payment_method_id": "tok_visa"}, id="token"),
        pytest.param(SUBMISSION | {"payment_method_id": "pm_1\n"}, id="line-break"),
        pytest.param(SUBMISSION | {"payment_method_id": "pm_" + "1" * 300}, id="too-long"),
        pytest.param(SUBMISSION | {"payment_method_id": "4242424242424242"}, id="card-number"),
        pytest.param(SUBMISSION | {"payment_method_id": "pm_1/../../refunds"}, id="path"),
        pytest.param(
            SUBMISSION | {"payment_method_id": "pm_\u0661"}, id="digit-of-another-script"
        ),
        pytest.param(SUBMISSION | {"payment_method_id": "pm_\u200b1"}, id="zero-width"),
        pytest.param(
            SUBMISSION | {"submission_id": "4242 4242 4242 4242"}, id="card-number-pressed"
        ),
        pytest.param(SUBMISSION | {"submission_id": "1"}, id="no-uuid"),
        pytest.param(SUBMISSION | {"submission_id": 1}, id="number-for-uuid"),
        pytest.param(SUBMISSION | {"payment_method_id": None}, id="no-payment-method"),
        pytest.param(SUBMISSION | {"submission_id": SUBMISSION_ID.upper()}, id="upper-case"),
    ],
)
def test_a_malformed_submission_is_refused(browser_sent: dict[str, Any], payload: object) -> None:
    """Data from a browser may be forged, and the error does not quote it."""
    browser_sent[KEY] = {"submission": payload}
    with pytest.raises(Malformed, match=r"^$"):
        submitted(KEY)


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param({k: v for k, v in ACTION.items() if k != "error_code"}, id="code-missing"),
        pytest.param("act-1", id="text"),
        pytest.param(ACTION | {"status": "succeeded"}, id="extra-key"),
        pytest.param(ACTION | {"error_code": 402}, id="number-for-code"),
        pytest.param(ACTION | {"error_code": "<b>no</b>"}, id="markup-for-code"),
        pytest.param(ACTION | {"action_id": None}, id="no-action"),
        pytest.param(ACTION | {"payment_id": "../pay_1"}, id="path-for-id"),
    ],
)
def test_a_malformed_action_result_is_refused(
    browser_sent: dict[str, Any], payload: object
) -> None:
    """Data from a browser may be forged, and the error does not quote it."""
    browser_sent[KEY] = {"action_result": payload}
    with pytest.raises(Malformed, match=r"^$"):
        action_result(KEY)


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param("press", id="text"),
        pytest.param({}, id="empty"),
        pytest.param({k: v for k, v in PRESS.items() if k != "card_complete"}, id="card-missing"),
        pytest.param(PRESS | {"card_complete": 1}, id="number-for-truth"),
        pytest.param(PRESS | {"card_complete": "4242424242424242"}, id="card-number-for-truth"),
        pytest.param(PRESS | {"amount": 1}, id="extra-key"),
        pytest.param({k: v for k, v in PRESS.items() if k != "amount_label"}, id="amount-missing"),
        pytest.param(PRESS | {"amount_label": 24500}, id="number-for-label"),
        pytest.param(PRESS | {"amount_label": "£" * 51}, id="long-label"),
        pytest.param(PRESS | {"payment_id": "4242 4242"}, id="space-in-our-id"),
        pytest.param(PRESS | {"submission_id": "1"}, id="no-uuid"),
    ],
)
def test_a_malformed_press_is_refused(browser_sent: dict[str, Any], payload: object) -> None:
    """Data from a browser may be forged, and the error does not quote it."""
    browser_sent[KEY] = {"press": payload}
    with pytest.raises(Malformed, match=r"^$"):
        pressed(KEY)


@pytest.mark.parametrize(
    "payload",
    ["pay_1", {}, {"payment_id": 1}, {"payment_id": "pay 1"}, {"payment_id": "p", "amount": 1}],
    ids=["text", "empty", "number", "space", "extra-key"],
)
def test_a_malformed_request_for_another_payment_is_refused(
    browser_sent: dict[str, Any], payload: object
) -> None:
    """Data from a browser may be forged, and the error does not quote it."""
    browser_sent[KEY] = {"new_payment": payload}
    with pytest.raises(Malformed, match=r"^$"):
        new_payment(KEY)
