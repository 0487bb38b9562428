"""How many requests strangers may make."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from cardpay.web.rate_limit import Rate
from components.web.stranger_limits import StrangerLimits

NEVER_MORE = 1e-9
STAFF = {"cookie": "person=1"}


async def _here(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("here")


class Visitors:
    """An app, and whoever asks it: three requests from one address, five from all."""

    def __init__(self) -> None:
        """Nobody has asked yet."""
        self._app = Starlette(
            routes=[Route("/{rest:path}", _here, methods=["GET", "POST"])],
            middleware=[
                Middleware(
                    StrangerLimits,
                    sign_in_of=lambda connection: connection.cookies.get("person"),
                    one_address=Rate(3, NEVER_MORE),
                    all_strangers=Rate(5, NEVER_MORE),
                    one_sign_in=Rate(20, NEVER_MORE),
                )
            ],
        )

    def get(self, path: str, address: str, times: int = 1, **headers: str) -> list[int]:
        """The statuses of some requests."""
        there = TestClient(self._app, client=(address, 50_000))
        return [there.get(path, headers=headers).status_code for _ in range(times)]


def test_strangers_have_a_limit_each_and_together() -> None:
    """Whoever is signed in has their own, also from the same address."""
    visitors = Visitors()
    assert visitors.get("/", "192.0.2.1", 5) == [200] * 3 + [429] * 2
    assert visitors.get("/payments", "192.0.2.2", 3) == [200] * 2 + [429]
    assert visitors.get("/", "192.0.2.3") == [429]
    assert visitors.get("/", "192.0.2.1", 21, **STAFF) == [200] * 20 + [429]
    assert visitors.get("/", "192.0.2.1", cookie="person=2") == [200]


@pytest.mark.parametrize("path", ["/webhooks/stripe", "/healthz", "/readyz"])
def test_stripe_and_load_balancers_are_not_counted(path: str) -> None:
    """They sign in to nothing, and must get through to a desk that is under attack."""
    visitors = Visitors()
    visitors.get("/", "192.0.2.1", 5)
    assert visitors.get(path, "192.0.2.1", 20) == [200] * 20


def test_a_first_visit_is_not_held_up() -> None:
    """Its files are many, and cost a tenth."""
    assert visitors_files() == [200] * 20


def visitors_files() -> list[int]:
    """The statuses of a page's files."""
    visitors = Visitors()
    visitors.get("/", "192.0.2.1")
    return visitors.get("/static/js/index.js", "192.0.2.1", 20)


def test_whoever_is_refused_is_told_when_to_come_again() -> None:
    """In a header."""
    visitors = Visitors()
    visitors.get("/", "192.0.2.1", 3)
    answer = TestClient(visitors._app, client=("192.0.2.1", 1)).get("/")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
