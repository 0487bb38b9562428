"""Objects as a reply shows them: expandable fields are ids unless `expand` names them."""

from collections.abc import Sequence

from cardpay.sandbox.http.api_errors import InvalidParameter
from cardpay.sandbox.state.account_state import State, public
from cardpay.sandbox.state.sqlite_store import Json, Page

MAXIMUM_DEPTH = 4  # Stripe docs, "Expanding responses"

_EXPANDABLE = {
    "payment_intent": {"latest_charge": "charge", "payment_method": "payment_method"},
    "charge": {
        "balance_transaction": "balance_transaction",
        "failure_balance_transaction": "balance_transaction",
        "payment_intent": "payment_intent",
        "refunds": "refund",
    },
    "refund": {
        "balance_transaction": "balance_transaction",
        "failure_balance_transaction": "balance_transaction",
        "charge": "charge",
        "payment_intent": "payment_intent",
    },
    "dispute": {"charge": "charge", "payment_intent": "payment_intent"},
    "balance_transaction": {"source": ""},
}
_SOURCES = {"ch_": "charge", "re_": "refund", "du_": "dispute"}


def rendered(state: State, thing: Json, expand: Sequence[str] = ()) -> Json:
    """The reply to a request for an object, or for a list of them."""
    reply = public(thing)
    if thing["object"] == "list":
        if any(not path.startswith("data.") for path in expand):
            path = next(path for path in expand if not path.startswith("data."))
            raise _cannot(path)
        below = [path.removeprefix("data.") for path in expand]
        reply["data"] = [rendered(state, item, below) for item in thing["data"]]
        return reply
    if thing["object"] == "balance_transaction":
        arrived = thing["available_on"] <= state.clock.seconds()
        reply["status"] = "available" if arrived else "pending"
    for path in expand:
        if path.count(".") >= MAXIMUM_DEPTH:
            raise InvalidParameter(
                f"You cannot expand more than {MAXIMUM_DEPTH} levels of a property.",
                param="expand",
            )
        name, _, rest = path.partition(".")
        kinds = _EXPANDABLE.get(thing["object"], {})
        if name not in kinds:
            raise _cannot(path)
        below = [
            other.removeprefix(f"{name}.") for other in expand if other.startswith(f"{name}.")
        ]
        if name == "refunds":
            reply[name] = _refunds(state, thing["id"], below)
        elif thing.get(name) is not None:
            kind = kinds[name] or _SOURCES[thing[name][:3]]
            found = state.store.find(kind, thing[name])
            reply[name] = rendered(state, found, below) if found else thing[name]
        elif rest:
            _check(kinds[name], rest)
    return reply


def listed(things: list[Json], url: str, *, has_more: bool) -> Json:
    """A list object."""
    return {"object": "list", "data": things, "has_more": has_more, "url": url}


def _refunds(state: State, charge_id: str, expand: list[str]) -> Json:
    found, more = state.store.page(Page("refund", where=(("charge", charge_id),)))
    return rendered(
        state,
        listed(found, f"/v1/charges/{charge_id}/refunds", has_more=more),
        expand,
    )


def _check(kind: str, path: str) -> None:
    """A path below a field that is null is checked all the same."""
    name, _, rest = path.partition(".")
    kinds = _EXPANDABLE.get(kind, {})
    if name not in kinds:
        raise _cannot(path)
    if rest:
        _check(kinds[name], rest)


def _cannot(path: str) -> InvalidParameter:
    return InvalidParameter(
        f"This property cannot be expanded ({path}). You may want to try expanding "
        f"'data.{path}' instead."
        if not path.startswith("data.")
        else f"This property cannot be expanded ({path}).",
        param="expand",
    )
