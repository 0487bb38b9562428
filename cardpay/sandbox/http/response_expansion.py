"""Builds response bodies: expandable fields contain ids, or the objects that `expand` names."""

from collections.abc import Sequence

from cardpay.sandbox.http.api_errors import InvalidParameter
from cardpay.sandbox.state.account_state import State, public
from cardpay.sandbox.state.sqlite_store import Json, PageQuery

MAX_EXPAND_DEPTH = 4  # Stripe docs, "Expanding responses"

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
    "payout": {
        "balance_transaction": "balance_transaction",
        "failure_balance_transaction": "balance_transaction",
        "original_payout": "payout",
        "reversed_by": "payout",
    },
}
_SOURCES = {"ch_": "charge", "re_": "refund", "du_": "dispute", "po_": "payout"}


def expanded(state: State, resource: Json, expand: Sequence[str] = ()) -> Json:
    """The response body for an object or a list. Raises InvalidParameter for a wrong path."""
    body = public(resource)
    if resource["object"] == "list":
        for path in expand:
            if not path.startswith("data."):
                raise _not_expandable(path)
        below = [path.removeprefix("data.") for path in expand]
        body["data"] = [expanded(state, item, below) for item in resource["data"]]
        return body
    if resource["object"] == "balance_transaction":
        available = resource["available_on"] <= state.clock.seconds()
        body["status"] = "available" if available else "pending"
    for path in expand:
        if path.count(".") >= MAX_EXPAND_DEPTH:
            raise InvalidParameter(
                f"You cannot expand more than {MAX_EXPAND_DEPTH} levels of a property.",
                param="expand",
            )
        name, _, rest = path.partition(".")
        kinds = _EXPANDABLE.get(resource["object"], {})
        if name not in kinds:
            raise _not_expandable(path)
        below = [
            other.removeprefix(f"{name}.") for other in expand if other.startswith(f"{name}.")
        ]
        if name == "refunds":
            body[name] = _refunds(state, resource["id"], below)
        elif resource.get(name) is not None:
            kind = kinds[name] or _SOURCES.get(resource[name][:3], "")
            found = state.store.find(kind, resource[name])
            body[name] = expanded(state, found, below) if found else resource[name]
        elif rest:
            _check(kinds[name], rest)
    return body


def list_object(data: list[Json], url: str, *, has_more: bool) -> Json:
    """Stripe's list object."""
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def _refunds(state: State, charge_id: str, expand: list[str]) -> Json:
    found, more = state.store.page(PageQuery("refund", where=(("charge", charge_id),)))
    refunds = list_object(found, f"/v1/charges/{charge_id}/refunds", has_more=more)
    return expanded(state, refunds, expand)


def _check(kind: str, path: str) -> None:
    """Raise InvalidParameter for a wrong path, even below a field that is null."""
    name, _, rest = path.partition(".")
    kinds = _EXPANDABLE.get(kind, {})
    if name not in kinds:
        raise _not_expandable(path)
    if rest:
        _check(kinds[name], rest)


def _not_expandable(path: str) -> InvalidParameter:
    return InvalidParameter(
        f"This property cannot be expanded ({path}). You may want to try expanding "
        f"'data.{path}' instead."
        if not path.startswith("data.")
        else f"This property cannot be expanded ({path}).",
        param="expand",
    )
