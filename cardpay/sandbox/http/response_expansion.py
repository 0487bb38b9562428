"""Builds response bodies: expandable fields contain ids, or the objects that `expand` names.

Stripe docs, "Expanding responses". Whether a path is right depends on the kinds of objects along
it, and not on what the fields hold at the moment.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cardpay.sandbox.http.api_errors import InvalidParameter
from cardpay.sandbox.http.api_versions import ONLY_LATEST_CHARGE, is_before
from cardpay.sandbox.http.expandable_fields import EXPANDABLE, WHOLE
from cardpay.sandbox.state.account_state import State, public
from cardpay.sandbox.state.sqlite_store import Json, PageQuery

MAX_EXPAND_DEPTH = 4  # levels, of which `data.` is one


def expanded(state: State, resource: Json, expand: Sequence[str] = ()) -> Json:
    """The response body for an object or a list. Raises InvalidParameter for a wrong path."""
    for path in expand:
        if path.count(".") >= MAX_EXPAND_DEPTH:
            raise InvalidParameter(
                f"You cannot expand more than {MAX_EXPAND_DEPTH} levels of a property ({path}).",
                param="expand",
            )
    return _body(state, resource, expand)


def list_object(data: list[Json], url: str, *, has_more: bool) -> Json:
    """Stripe's list object."""
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def _refunds(state: State, charge: Json) -> Json:
    found, more = state.store.page(PageQuery("refund", where=(("charge", charge["id"]),)))
    return list_object(found, f"/v1/charges/{charge['id']}/refunds", has_more=more)


def _charges(state: State, intent: Json) -> Json:
    query = PageQuery("charge", where=(("payment_intent", intent["id"]),))
    found, more = state.store.page(query)
    return list_object(found, f"/v1/charges?payment_intent={intent['id']}", has_more=more)


def _line_items(_state: State, intent: Json) -> Json:
    url = f"/v1/payment_intents/{intent['id']}/amount_details_line_items"
    return list_object(intent.get("_line_items", []), url, has_more=False)


def _checkout_items(_state: State, session: Json) -> Json:
    url = f"/v1/checkout/sessions/{session['id']}/line_items"
    return list_object(session["_line_items"], url, has_more=False)


def _breakdown(_state: State, _session: Json) -> Json:
    return {"discounts": [], "taxes": []}


def _none(_state: State, _item: Json) -> list[Json]:
    return []


def _currency_options(_state: State, price: Json) -> Json:
    names = ("custom_unit_amount", "tax_behavior", "unit_amount", "unit_amount_decimal")
    return {price["currency"]: {name: price[name] for name in names}}


def nothing_of(customer: Json, part: str) -> Json:
    """The list of what a Customer may have at Stripe and cannot have here."""
    return list_object([], f"/v1/customers/{customer['id']}/{part}", has_more=False)


def _nothing_of(part: str) -> Callable[[State, Json], Json]:
    return lambda _state, customer: nothing_of(customer, part)


# Lists that an object always has in versions before `ONLY_LATEST_CHARGE`.
_ONCE_WITHIN: Mapping[str, tuple[str, Callable[[State, Json], Json]]] = {
    "charge": ("refunds", _refunds),
    "payment_intent": ("charges", _charges),
}
# What an object has only when it is expanded: of a list the kind of what is in it.
_INCLUDED: Mapping[tuple[str, str], tuple[str, Callable[[State, Json], Any]]] = {
    ("charge", "refunds"): ("refund", _refunds),
    ("customer", "sources"): ("source", _nothing_of("sources")),
    ("customer", "subscriptions"): ("subscription", _nothing_of("subscriptions")),
    ("customer", "tax_ids"): ("tax_id", _nothing_of("tax_ids")),
    ("checkout.session", "line_items"): ("item", _checkout_items),
    ("checkout.session", "total_details.breakdown"): ("", _breakdown),
    ("item", "discounts"): ("", _none),
    ("item", "taxes"): ("", _none),
    ("payment_intent", "amount_details.line_items"): (
        "payment_intent_amount_details_line_item",
        _line_items,
    ),
    ("price", "currency_options"): ("", _currency_options),
    ("price", "tiers"): ("", lambda _state, _price: None),  # only a tiered one has them
}


def _body(state: State, resource: Json, expand: Sequence[str]) -> Json:
    body = public(resource)
    kind = resource["object"]
    if kind in {"list", "search_result"}:
        below = [_below_data(path) for path in expand]
        body["data"] = [_body(state, item, below) for item in resource["data"]]
        return body
    if kind == "balance_transaction":
        available = resource["available_on"] <= state.clock.seconds()
        body["status"] = "available" if available else "pending"
    if kind in _ONCE_WITHIN and _is_before_latest_charge(state):
        name, include = _ONCE_WITHIN[kind]
        body[name] = _body(state, include(state, resource), ())
    for field, below in _by_field(kind, expand).items():
        if (kind, field) in _INCLUDED:
            _, include = _INCLUDED[kind, field]
            part, _, name = field.rpartition(".")
            holder = body
            if part:
                holder = body[part] = dict(body[part])
            value = include(state, resource)
            is_list = isinstance(value, dict) and "object" in value
            if value is not None:
                holder[name] = _body(state, value, below) if is_list else value
        else:
            _replace(state, body, field.split("."), below)
    return body


def _is_before_latest_charge(state: State) -> bool:
    asked = state.call
    if asked is None or asked.publishable:
        return False
    return is_before(asked.api_version, ONLY_LATEST_CHARGE)


def _below_data(path: str) -> str:
    if not path.startswith("data."):
        raise InvalidParameter(
            f"This property cannot be expanded ({path}). You may want to try expanding"
            f" 'data.{path}' instead.",
            param="expand",
        )
    return path.removeprefix("data.")


def _replace(state: State, part: Json, steps: Sequence[str], below: Sequence[str]) -> None:
    """Put the object in the place of its id, in this part of a body or in a part of it."""
    value = part.get(steps[0])
    if isinstance(value, list):
        part[steps[0]] = [_replaced(state, one, steps[1:], below) for one in value]
    elif value is not None:
        part[steps[0]] = _replaced(state, value, steps[1:], below)


def _replaced(state: State, value: Any, steps: Sequence[str], below: Sequence[str]) -> Any:
    if steps:
        copy = dict(value)
        _replace(state, copy, steps, below)
        return copy
    found = state.store.find_any(value) if isinstance(value, str) else value
    return _body(state, found, below) if found else value


def _by_field(kind: str, expand: Sequence[str]) -> dict[str, list[str]]:
    """The fields of an object that the paths begin with, each with the rest of its paths.

    Raises InvalidParameter for a path that no object of that kind has.
    """
    fields: dict[str, list[str]] = {}
    for path in expand:
        field, rest = _split(kind, path)
        below = fields.setdefault(field, [])
        if rest:
            below.append(rest)
    return fields


def _split(kind: str, path: str) -> tuple[str, str]:
    """The field that a path begins with, and the rest of it, which is right too."""
    for table in (EXPANDABLE, WHOLE):
        for field, kinds in table.get(kind, {}).items():
            if path == field and table is EXPANDABLE:
                return field, ""
            rest = path.removeprefix(f"{field}.")
            if rest != path and _is_right(kinds, rest):
                return field, rest
    for (owner, field), (item, _) in _INCLUDED.items():
        rest = path.removeprefix(f"{field}.data.")
        if owner == kind and path == field:
            return field, ""
        if owner == kind and rest != path and _is_right((item,), rest):
            return field, f"data.{rest}"
    raise InvalidParameter(f"This property cannot be expanded ({path}).", param="expand")


def _is_right(kinds: Sequence[str], path: str) -> bool:
    """Whether one of the kinds has such a path."""
    for kind in kinds:
        try:
            _split(kind, path)
        except InvalidParameter:
            continue
        return True
    return False
