"""Whose word on where a request comes from is taken."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from cardpay.web.remote_addresses import (
    Addresses,
    BelievedProxies,
    network_of,
    plain_address,
)

FORWARDED = {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https"}


async def _who(request: Request) -> PlainTextResponse:
    assert request.client
    return PlainTextResponse(f"{request.client.host} {request.url.scheme}")


def answer(peer: str, *proxies: str, **headers: str) -> str:
    """Who an app behind `proxies` believes to have asked, for a request from `peer`."""
    app = Starlette(
        routes=[Route("/", _who)], middleware=[Middleware(BelievedProxies, proxies=proxies)]
    )
    got = TestClient(app, client=(peer, 50_000)).get("/", headers={**FORWARDED, **headers})
    return str(got.text)


@pytest.mark.parametrize(
    ("peer", "proxy"),
    [
        ("10.0.0.2", "10.0.0.2"),
        ("::ffff:10.0.0.2", "10.0.0.2"),
        ("::ffff:a00:2", "10.0.0.2"),
        ("10.0.0.2", "::ffff:10.0.0.2"),
        ("::ffff:10.0.0.2", "10.0.0.0/8"),
        ("::ffff:10.0.0.2", "10.1.2.3/8"),
        ("::ffff:10.0.0.2", "::ffff:10.0.0.0/104"),
        ("2001:db8::1", "2001:0db8:0:0:0:0:0:1"),
        ("2001:db8::ff", "2001:db8::/64"),
        ("127.0.0.1", "10.0.0.2"),
        ("::ffff:127.0.0.1", "10.0.0.2"),
        ("::1", "10.0.0.2"),
    ],
)
def test_a_proxy_is_known_by_its_address_however_it_arrives(peer: str, proxy: str) -> None:
    """A server that listens on `::` sees IPv4 addresses in the form of IPv6."""
    assert answer(peer, proxy) == "198.51.100.7 https"


@pytest.mark.parametrize(
    ("peer", "told"),
    [
        ("10.0.0.3", "10.0.0.3"),
        ("::ffff:10.0.0.3", "10.0.0.3"),
        ("2001:db8::2", "2001:db8::2"),
        ("testclient", "testclient"),
    ],
)
def test_nobody_else_is_believed(peer: str, told: str) -> None:
    """What they say is no address, or not theirs to say."""
    assert answer(peer, "10.0.0.2", "2001:db8::1") == f"{told} http"


def test_the_last_who_is_no_proxy_has_asked() -> None:
    """A browser can write what it likes in front, in whatever form."""
    chain = "203.0.113.9, ::ffff:198.51.100.7, ::ffff:10.0.0.3"
    assert answer("10.0.0.2", "10.0.0.0/8", **{"X-Forwarded-For": chain}) == "198.51.100.7 https"


def test_what_is_no_address_is_none_of_ours() -> None:
    """Nor is it changed."""
    assert "localhost" not in Addresses()
    assert "" not in Addresses()
    assert plain_address("unix:") == "unix:"


def test_addresses_are_told_apart_by_what_one_sender_has() -> None:
    """An IPv4 address, an IPv6 network; what is neither counts as it is, and is cut."""
    assert network_of("192.0.2.1") != network_of("192.0.2.2")
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff:1")
    assert network_of("2001:db8::1") != network_of("2001:db8:0:1::1")
    assert len(network_of("x" * 10_000)) == 100
