"""Events, as the API lists them."""

from dataclasses import replace

from cardpay.sandbox.api.charges import DAY_SECONDS, page_of
from cardpay.sandbox.http.api_errors import InvalidParameter
from cardpay.sandbox.http.parameter_validation import EXPAND, LISTING, list_of, string
from cardpay.sandbox.http.response_expansion import listed
from cardpay.sandbox.state.account_state import Call, State
from cardpay.sandbox.state.sqlite_store import Json

KEPT_DAYS = 30  # Stripe API reference: "List all events … going back up to 30 days"
RETRIEVE = {"expand": EXPAND}
LIST = {**LISTING, "type": string(), "types": list_of(string(), maximum=20)}


def retrieve(state: State, call: Call) -> Json:
    """`GET /v1/events/{id}`."""
    return state.get("event", call.object_id, "id")


def list_events(state: State, call: Call) -> Json:
    """`GET /v1/events`, of one type or of up to twenty."""
    if "type" in call.params and "types" in call.params:
        raise InvalidParameter("You may only specify one of these parameters: type, types.")
    page = page_of(state, "event", call, "type")
    oldest = state.seconds() - KEPT_DAYS * DAY_SECONDS
    found, more = state.store.page(replace(page, created=(*page.created, ("gte", oldest))))
    return listed(found, "/v1/events", has_more=more)
