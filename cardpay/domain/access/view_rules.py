"""Saved views: a filter of the list of payments under a name, one's own or shared with a role."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cardpay.domain.access.actor import Actor
from cardpay.domain.access.permissions import PERMISSIONS, Permission, Role
from cardpay.domain.card_number_guard import refuse_card_data, refuse_card_data_as_id
from cardpay.domain.cleaned_text import tidy
from cardpay.domain.errors import InvalidInput

MAX_NAME: Final = 40
# More are no help to anybody, and whoever they are shared with has them all drawn.
MOST_VIEWS: Final = 30
_LONGEST: Final = 2_000  # characters of all values together: any filter that can be chosen
VIEW_NAME: Final = "View name"
FILTER: Final = (
    "status",
    "amount",
    "last4",
    "currency",
    "product",
    "taken_by",
    "brand",
    "decline_code",
    "method",
    "moto",
    "link",
    "elsewhere",
    "country",
    "hour",
    "settled",
    "by",
)
"""What of the address a view keeps besides days, order and rows.

Never the search, which may be a person's name.
"""
KEPT: Final = frozenset({*FILTER, "from", "to", "period", "sort", "rows"})

SHARED_WITH: Final = tuple(
    role for role in Role if Permission.BROWSE_PAYMENTS in PERMISSIONS[role]
)
"""The roles that a view is of use to."""

Parameters = Mapping[str, tuple[str, ...]]
"""A filter as it stands in the address; days that have a name are `period`, to stay relative."""


def may_delete(actor: Actor, maker: str) -> bool:
    """Whether a person may delete the view that `maker` saved."""
    return maker == actor.actor_id or Role.ADMIN in actor.roles


@dataclass(frozen=True)
class TypedView:
    """A view as somebody wants to save it. `role` is whom it is shared with, if anybody."""

    name: str
    parameters: Parameters
    role: Role | None = None

    def checked_name(self) -> str:
        """The name, tidied. Raises InvalidInput, CardDataRefused; of a role that has no views too.

        A forged choice may be any text.
        """
        if self.role is not None and self.role not in SHARED_WITH:
            raise InvalidInput("Who sees it", "Choose who sees the view from the list")
        refuse_card_data(VIEW_NAME, self.name)
        name = tidy(self.name)
        if not name:
            raise InvalidInput(VIEW_NAME, "Enter a name for the view")
        if len(name) > MAX_NAME:
            raise InvalidInput(VIEW_NAME, f"View name must be {MAX_NAME} characters or fewer")
        return name

    def kept(self) -> dict[str, list[str]]:
        """The parameters that a view keeps. Raises InvalidInput, CardDataRefused.

        An address can be typed.
        """
        kept = {
            name: list(values)
            for name, values in self.parameters.items()
            if name in KEPT and values
        }
        if sum(len(text) for values in kept.values() for text in values) > _LONGEST:
            raise InvalidInput(VIEW_NAME, "These filters are too long to be saved")
        for name, values in kept.items():
            for text in values:
                refuse_card_data_as_id(name.replace("_", " ").capitalize(), text)
        return kept


@dataclass(frozen=True)
class View:
    """A saved view, as its maker or whoever it is shared with sees it."""

    view_id: str
    name: str
    parameters: Parameters
    role: Role | None
    is_own: bool
    is_first: bool
    may_delete: bool
