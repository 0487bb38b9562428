"""3-D Secure by redirect: the bank's page, and the way back to the `return_url`."""

from collections.abc import Mapping
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from cardpay.sandbox.api.customers import setup_intents
from cardpay.sandbox.api.payments import three_d_secure
from cardpay.sandbox.currency_rules import formatted
from cardpay.sandbox.pages.page_layout import Page, not_found, page
from cardpay.sandbox.state.account_state import Call, State
from cardpay.sandbox.state.sqlite_store import Json

_BUTTONS = """
<form method="post">
<button name="outcome" value="complete">Complete authentication</button>
<button name="outcome" value="fail" class="other">Fail authentication</button>
</form>
"""


def show(state: State, client_secret: str) -> Page:
    """The question of the bank, as long as an action is required."""
    intent = _intent(state, client_secret)
    if intent is None or intent["status"] != "requires_action":
        return not_found()
    what = "this card"
    if intent["object"] == "payment_intent":
        what = f"a payment of {formatted(intent['amount'], intent['currency'])}"
    return page("3-D Secure", f"<p>Your bank asks you to confirm {escape(what)}.</p>{_BUTTONS}")


def answer(state: State, client_secret: str, typed: Mapping[str, str]) -> Page:
    """The outcome, and back to where the customer came from."""
    intent = _intent(state, client_secret)
    outcome = typed.get("outcome", "")
    if intent is None or intent["status"] != "requires_action":
        return not_found()
    if outcome not in {"complete", "fail"}:
        return show(state, client_secret)
    back = (intent["next_action"].get("redirect_to_url") or {}).get("return_url")
    kind = intent["object"]
    if kind == "setup_intent":
        setup_intents.finish(state, intent, outcome)
    else:
        given = {"payment_intent": intent["id"], "client_secret": client_secret,
                 "outcome": outcome}  # fmt: skip
        three_d_secure.finish(state, Call(given))
    after = state.get(kind, intent["id"], "intent")
    done = after["status"] in {"succeeded", "requires_capture", "processing"}
    if back is None:
        return page("3-D Secure", "<p>You can close this page.</p>")
    query = {
        kind: intent["id"],
        f"{kind}_client_secret": client_secret,
        "redirect_status": "succeeded" if done else "failed",
    }
    return Page(303, location=_with_query(back, query))


def _intent(state: State, client_secret: str) -> Json | None:
    intent_id = client_secret.partition("_secret_")[0]
    kind = "setup_intent" if intent_id.startswith("seti_") else "payment_intent"
    found = state.store.find(kind, intent_id)
    return found if found is not None and found["client_secret"] == client_secret else None


def _with_query(url: str, added: Mapping[str, str]) -> str:
    parts = urlsplit(url)
    query = [*parse_qsl(parts.query, keep_blank_values=True), *added.items()]
    return urlunsplit(parts._replace(query=urlencode(query)))
