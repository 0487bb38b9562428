"""Validates Stripe's objects, errors and events against `objects.json`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

Json = dict[str, Any]

FILE = Path(__file__).with_name("objects.json")
_SCHEMA: Json = json.loads(FILE.read_text(encoding="utf-8"))
_DEFINITIONS: Json = _SCHEMA["$defs"]
_EVENTS: dict[str, str] = _SCHEMA["events"]
_ERROR = "PaymentIntent.LastPaymentError"  # the types have the fields of an error's body there
# In Stripe's changelog of 2026-09-30, and not among the types' codes.
_OTHER_CODES = {
    "amount_details_amount_mismatch",
    "amount_details_tax_shipping_discount_greater_than_amount",
    "payment_method_types_no_longer_supported",
}


def _without_required(schema: Any) -> Any:
    """The same schema, with every field optional."""
    if isinstance(schema, dict):
        return {
            name: _without_required(value)
            for name, value in schema.items()
            if not (name == "required" and isinstance(value, list))
        }
    return [_without_required(one) for one in schema] if isinstance(schema, list) else schema


def _validators(definitions: Json) -> dict[str, Draft202012Validator]:
    return {
        name: Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": definitions})
        for name in definitions
    }


_WHOLE = _validators(_DEFINITIONS)
_PARTS = _validators(_without_required(_DEFINITIONS))


def _kind(schema: Json) -> tuple[str, bool] | None:
    """What a definition's `object` says, and whether it is of a deleted object."""
    properties = schema.get("properties", {})
    value = properties.get("object", {}).get("enum", [None])[0]
    return (value, "deleted" in properties) if isinstance(value, str) else None


_BY_KIND = {kind: name for name, schema in _DEFINITIONS.items() if (kind := _kind(schema))}


def of_response(body: Json, *, partial: bool = False) -> list[str]:
    """What is wrong with the body of a 200. `partial`: as a publishable key gets it."""
    if body.get("object") in {"list", "search_result"}:
        return [*_of_list(body), *_of_items(body["data"])]
    if body.get("object") == "event":
        return of_event(body)
    name = _BY_KIND.get((str(body.get("object")), bool(body.get("deleted"))))
    if name is None:
        return [f"object: {body.get('object')!r} is in no schema"]
    return _wrong(name, body, _PARTS if partial else _WHOLE)


def of_error(body: Json) -> list[str]:
    """What is wrong with the body of another status than 200."""
    if set(body) != {"error"}:
        return [f"an error has one field, `error`: {sorted(body)}"]
    if "message" not in body["error"] or "type" not in body["error"]:
        return ["an error has a message and a type"]
    known = {**body["error"]}
    if known.get("code") in _OTHER_CODES:
        del known["code"]
    return _wrong(_ERROR, known, _WHOLE)


def of_event(body: Json) -> list[str]:
    """What is wrong with an event, its object and its previous attributes."""
    carried = _EVENTS.get(body.get("type", ""))
    if carried is None:
        return [f"type: no event {body.get('type')!r} with an object that is served"]
    plain = {**body, "data": {"object": {}}}
    found = _wrong("EventBase", plain, _WHOLE)
    for name, value in body.get("data", {}).items():
        if name not in {"object", "previous_attributes"}:
            found.append(f"data.{name}: unexpected")
            continue
        wrong = _wrong(carried, value, _WHOLE if name == "object" else _PARTS)
        found += [f"data.{name}.{one}" for one in wrong]
    return found


def expandable() -> dict[str, dict[str, set[str]]]:
    """For each kind of object the fields that `expand` may name, and the kinds that they hold.

    A field of a part has dots in its name. The kind is empty where the sandbox has none.
    """
    kinds = {name: kind[0] for kind, name in _BY_KIND.items()}
    return {
        kind: {
            path: {kinds.get(name, "") for name in names}
            for path, names in _expands(_DEFINITIONS[name], "", ())
        }
        for (kind, deleted), name in _BY_KIND.items()
        if not deleted
    }


def _expands(schema: Json, path: str, above: tuple[str, ...]) -> Iterator[tuple[str, list[str]]]:
    """Paths of a definition and of its parts, but not of other objects inside of it."""
    if "expands" in schema:
        yield path, schema["expands"]
        return
    name = schema.get("$ref", "").removeprefix("#/$defs/")
    if name and name not in above and _kind(_DEFINITIONS[name]) is None:
        yield from _expands(_DEFINITIONS[name], path, (*above, name))
    for one in schema.get("anyOf", ()):
        yield from _expands(one, path, above)
    if isinstance(schema.get("items"), dict):
        yield from _expands(schema["items"], path, above)
    for field, one in schema.get("properties", {}).items():
        if isinstance(one, dict):
            yield from _expands(one, f"{path}.{field}" if path else field, above)


def _of_list(body: Json) -> list[str]:
    fields = {"object", "data", "has_more", "url"}
    if body["object"] == "search_result":
        fields |= {"next_page"}
    wrong = sorted(fields ^ (set(body) - {"total_count"}))
    return [f"{name}: missing or unexpected in a list" for name in wrong]


def _of_items(items: list[Json]) -> list[str]:
    return [
        f"data[{place}].{wrong}" for place, item in enumerate(items) for wrong in of_response(item)
    ]


def _wrong(name: str, value: Any, validators: dict[str, Draft202012Validator]) -> list[str]:
    return [one for error in validators[name].iter_errors(value) for one in _leaves(error)]


def _leaves(error: ValidationError) -> Iterator[str]:
    """The errors of the alternative that was meant, or the error itself."""
    others = {one.schema_path[0] for one in error.context or () if _is_another_kind(one)}
    meant = [one for one in error.context or () if one.schema_path[0] not in others]
    for one in meant:
        yield from _leaves(one)
    if not meant:
        yield f"{'.'.join(map(str, error.absolute_path)) or '(top)'}: {_said(error)}"


def _is_another_kind(error: ValidationError) -> bool:
    """Whether an alternative is of another type, or for another kind of object."""
    path = list(error.relative_path)
    return (error.validator == "type" and not path) or path == ["object"]


def _said(error: ValidationError) -> str:
    """What is wrong, without the whole object in it."""
    text = str(error.message)
    return text if len(text) < 200 else text[-120:]
