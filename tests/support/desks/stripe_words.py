"""The words that the installed SDK's types list for a field of Stripe's."""

from typing import Any, Literal, get_args, get_origin


def listed(owner: type, field: str) -> frozenset[str]:
    """The values of an enumerated field; the types leave each open for more."""
    return frozenset(_literals(owner.__annotations__[field]))


def parts(owner: type) -> frozenset[str]:
    """The names of an object's own fields."""
    return frozenset(owner.__annotations__) - {"type"}


def _literals(hint: Any) -> list[str]:
    if get_origin(hint) is Literal:
        return list(get_args(hint))
    return [word for part in get_args(hint) for word in _literals(part)]
