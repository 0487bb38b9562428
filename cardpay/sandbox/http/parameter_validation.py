"""Validates parameters as Stripe does: unknown ones and wrong types are rejected.

A reader takes a raw value and its full name (`metadata[order]`). It returns the value, or raises
InvalidParameter with Stripe's message.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from cardpay.sandbox.http.api_errors import InvalidParameter
from cardpay.sandbox.http.form_encoding import Raw

Reader: TypeAlias = Callable[[Raw, str], Any]

MAX_METADATA_KEYS = 50  # Stripe docs, "Metadata": 50 keys, 40 and 500 characters
MAX_METADATA_KEY_LENGTH = 40
MAX_METADATA_VALUE_LENGTH = 500
MAX_STRING_LENGTH = 5000
_MOST_DIGITS = 18  # of a whole number: fits into 64 bits


def read(
    fields: Mapping[str, Reader],
    raw: Mapping[str, Raw],
    *,
    required: tuple[str, ...] = (),
    within: str = "",
) -> dict[str, Any]:
    """The values of the parameters that were sent. Raises InvalidParameter."""
    unknown = [_name(within, key) for key in raw if key not in fields]
    if unknown:
        plural = "s" if len(unknown) > 1 else ""
        raise InvalidParameter(
            f"Received unknown parameter{plural}: {', '.join(unknown)}",
            code="parameter_unknown",
            param=unknown[0],
        )
    for key in required:
        if key not in raw:
            name = _name(within, key)
            raise InvalidParameter(
                f"Missing required param: {name}.", code="parameter_missing", param=name
            )
    return {key: fields[key](value, _name(within, key)) for key, value in raw.items()}


def hash_of(fields: Mapping[str, Reader], *, required: tuple[str, ...] = ()) -> Reader:
    """Reads nested parameters."""

    def reader(raw: Raw, name: str) -> dict[str, Any]:
        if raw == "":
            return {}
        if not isinstance(raw, dict):
            raise InvalidParameter("Invalid hash", param=name)
        return read(fields, raw, required=required, within=name)

    return reader


def list_of(item: Reader, *, maximum: int = 100) -> Reader:
    """Reads a list, sent as `name[]` or `name[0]`."""

    def reader(raw: Raw, name: str) -> list[Any]:
        if raw == "":
            return []
        if not isinstance(raw, dict) or not all(map(is_number, raw)):
            raise InvalidParameter("Invalid array", param=name)
        if len(raw) > maximum:
            raise InvalidParameter(
                f"Array {name} exceeded maximum {maximum} allowed elements.", param=name
            )
        return [item(raw[key], f"{name}[{key}]") for key in sorted(raw, key=int)]

    return reader


def string(*, maximum: int = MAX_STRING_LENGTH, clearable: bool = False) -> Reader:
    """Reads text. If `clearable`, an empty string is read as None, which unsets the field."""

    def reader(raw: Raw, name: str) -> str | None:
        if clearable and raw == "":
            return None
        value = _text(raw, name)
        if len(value) > maximum:
            raise InvalidParameter(
                f"Invalid string: {value[:10]}...; must be at most {maximum} characters",
                param=name,
            )
        return value

    return reader


def is_number(text: str) -> bool:
    """Whether it is a whole number of ASCII digits, of a length that can be one."""
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS


def integer(*, minimum: int | None = None, maximum: int | None = None) -> Reader:
    """Reads a whole number."""

    def reader(raw: Raw, name: str) -> int:
        text = _text(raw, name)
        digits = text.removeprefix("-")
        if not is_number(digits):
            raise InvalidParameter(
                f"Invalid integer: {text}", code="parameter_invalid_integer", param=name
            )
        value = int(text)
        for bound, word in ((minimum, "greater"), (maximum, "less")):
            if bound is not None and (value < bound if word == "greater" else value > bound):
                raise InvalidParameter(
                    f"This value must be {word} than or equal to {bound}.",
                    code="parameter_invalid_integer",
                    param=name,
                )
        return value

    return reader


def boolean(raw: Raw, name: str) -> bool:
    """Reads `true` or `false`."""
    text = _text(raw, name)
    if text not in {"true", "false"}:
        raise InvalidParameter(f"Invalid boolean: {text}", param=name)
    return text == "true"


def one_of(*choices: str) -> Reader:
    """Reads one of the given values."""

    def reader(raw: Raw, name: str) -> str:
        text = _text(raw, name)
        if text not in choices:
            words = ", ".join(choices[:-1]) + (", or " if len(choices) > 1 else "") + choices[-1]
            raise InvalidParameter(f"Invalid {name}: must be one of {words}", param=name)
        return text

    return reader


def metadata(raw: Raw, name: str) -> dict[str, str] | None:
    """Reads metadata. An empty value removes its key. None, for an empty hash, removes all."""
    if raw == "":
        return None
    if not isinstance(raw, dict):
        raise InvalidParameter("Invalid hash", param=name)
    if len(raw) > MAX_METADATA_KEYS:
        raise InvalidParameter(f"Metadata can have at most {MAX_METADATA_KEYS} keys.", param=name)
    for key, value in raw.items():
        full = f"{name}[{key}]"
        if not isinstance(value, str):
            raise InvalidParameter("Metadata values must be strings.", param=full)
        if len(key) > MAX_METADATA_KEY_LENGTH:
            raise InvalidParameter(
                f"Metadata key can be up to {MAX_METADATA_KEY_LENGTH} characters long.", param=full
            )
        if len(value) > MAX_METADATA_VALUE_LENGTH:
            raise InvalidParameter(
                f"Metadata values can have up to {MAX_METADATA_VALUE_LENGTH} characters, but you"
                f" passed in a value that is {len(value)} characters.",
                param=full,
            )
    return {key: str(value) for key, value in raw.items()}


def merge_metadata(old: dict[str, str], new: dict[str, str] | None) -> dict[str, str]:
    """Metadata after an update: keys are merge_metadata, and empty values remove their keys."""
    if new is None:
        return {}
    together = {key: value for key, value in {**old, **new}.items() if value != ""}
    if len(together) > MAX_METADATA_KEYS:
        raise InvalidParameter(
            f"Metadata can have at most {MAX_METADATA_KEYS} keys.", param="metadata"
        )
    return together


def created(raw: Raw, name: str) -> dict[str, int]:
    """Reads a `created` filter, a time or bounds in Unix seconds, as bounds."""
    if isinstance(raw, str):
        return {"gte": (moment := integer()(raw, name)), "lte": moment}
    bounds = {key: integer() for key in ("gt", "gte", "lt", "lte")}
    return read(bounds, raw, within=name)


EXPAND = list_of(string())
RETRIEVE_FIELDS: Mapping[str, Reader] = {"expand": EXPAND}
LIST_FIELDS: Mapping[str, Reader] = {
    "limit": integer(minimum=1, maximum=100),
    "starting_after": string(),
    "ending_before": string(),
    "created": created,
    "expand": EXPAND,
}


def _text(raw: Raw, name: str) -> str:
    if not isinstance(raw, str):
        raise InvalidParameter("Invalid string: a hash was given", param=name)
    if raw == "":
        raise InvalidParameter(
            f"You passed an empty string for '{name}'. We assume empty values are an attempt to"
            f" unset a parameter; however '{name}' cannot be unset. You should remove '{name}'"
            " from your request or supply a non-empty value.",
            code="parameter_invalid_empty",
            param=name,
        )
    return raw


def _name(within: str, key: str) -> str:
    return f"{within}[{key}]" if within else key
