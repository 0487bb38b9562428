"""Who counts as signed in at the doors."""

from types import SimpleNamespace
from typing import Any

import pytest
from starlette.requests import HTTPConnection

from cardpay import settings
from cardpay.domain.access.role_check_rules import AccessUnchecked
from cardpay.domain.access.sign_in import AccessDenied, EndReason, NotSignedIn, SignedOut
from cardpay.domain.errors import CardpayError
from components.web import doors
from components.web.sockets.socket_guard import SocketGuard
from components.web.stranger_limits import StrangerLimits
from tests.support.processes.asgi_sockets import socket_scope
from tests.support.screens.route_browser import SIGNING_IN

NO_SIGN_IN = {"CARDPAY_SIGN_IN": "off"}


@pytest.mark.parametrize(
    ("refused", "person"),
    [
        (None, "person-1"),
        (NotSignedIn(), None),
        (SignedOut(EndReason.SIGNED_OUT), None),
        (AccessDenied("the office manager"), None),
        # Their session goes on: the page says that the provider is away.
        (AccessUnchecked(is_money=False), "person-1"),
    ],
    ids=["let in", "nobody", "signed out", "no role", "provider away"],
)
def test_a_session_of_the_desk_counts_and_not_the_cookie_alone(
    monkeypatch: pytest.MonkeyPatch, refused: CardpayError | None, person: str | None
) -> None:
    """A stranger's rules are for whoever the desk does not let in."""

    def actor_of(*_: object) -> SimpleNamespace:
        if refused is not None:
            raise refused
        return SimpleNamespace(actor_id="person-1")

    monkeypatch.setattr(doors, "actor_of", actor_of)
    monkeypatch.setattr(doors, "known_identity", actor_of_nobody_in_doubt)
    assert person_at(SIGNING_IN) == person


def actor_of_nobody_in_doubt(*_: object) -> SimpleNamespace:
    """What the cookie says."""
    return SimpleNamespace(actor_id="person-1")


def person_at(sets: dict[str, str]) -> str | None:
    """Who the guard of the socket takes somebody for."""
    person_of: Any = middleware(sets)[SocketGuard]["person_of"]
    found: str | None = person_of(HTTPConnection(socket_scope("/", "127.0.0.1")))
    return found


def middleware(sets: dict[str, str]) -> dict[Any, Any]:
    """What stands there, each with its options."""
    chosen = settings.load(_env_file=None, **sets)
    made = doors.doors(chosen, lambda: None, [])  # type: ignore[arg-type, return-value]
    return {each.cls: each.kwargs for each in made}


def test_where_nobody_signs_in_there_are_no_strangers() -> None:
    """Each address is somebody."""
    assert person_at(NO_SIGN_IN) == "127.0.0.1"
    assert StrangerLimits not in middleware(NO_SIGN_IN)
    assert StrangerLimits in middleware(SIGNING_IN)
