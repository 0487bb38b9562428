"""Events, which Stripe lists for 30 days."""

from dataclasses import replace

from cardpay.sandbox.api.retrieve_and_list import list_page, list_query
from cardpay.sandbox.http.api_errors import InvalidParameter
from cardpay.sandbox.http.parameter_validation import LIST_FIELDS, boolean, list_of, string
from cardpay.sandbox.state.account_state import Call, State
from cardpay.sandbox.state.clock import DAY_SECONDS
from cardpay.sandbox.state.sqlite_store import Json

KEPT_DAYS = 30  # Stripe API reference: "List all events … going back up to 30 days"
LIST = {
    **LIST_FIELDS,
    "delivery_success": boolean,
    "type": string(),
    "types": list_of(string(), maximum=20),
}


def list_events(state: State, call: Call) -> Json:
    """`GET /v1/events`, of all types, of one or a group (`charge.*`), or of up to twenty."""
    if "type" in call.params and "types" in call.params:
        raise InvalidParameter("You may only specify one of these parameters: type, types.")
    query = list_query(state, call, "event")
    oldest = state.seconds() - KEPT_DAYS * DAY_SECONDS
    return list_page(
        state,
        replace(
            query,
            created=(*query.created, ("gte", oldest)),
            type_pattern=call.params.get("type"),
            delivered=call.params.get("delivery_success"),
        ),
    )
