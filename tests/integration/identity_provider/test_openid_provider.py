"""What the desk believes of a provider, over HTTP: who it is, and whom it names."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from cardpay.domain.access.role_check_rules import ProviderRefused, ProviderSilent
from cardpay.domain.access.sign_in import Answer
from cardpay.identity_provider import bounded_http, openid_provider
from cardpay.identity_provider.sealing import Seal
from tests.support.processes.identity_provider import CLIENT_SECRET, COOKIE_SECRET
from tests.support.processes.openid_stand_in import OpenIdStandIn, openid_stand_in


@pytest.fixture
def there() -> Iterator[OpenIdStandIn]:
    """A provider who knows a person of two groups."""
    with openid_stand_in(groups=["call-centre", "everyone"], email="one@example.com") as it:
        yield it


def signed_in(there: OpenIdStandIn, back_to: str = "/") -> Answer:
    """Through the browser, and back."""
    return there.signs_in(there.provider(), back_to)


def test_who_comes_back_from_the_provider_is_known(there: OpenIdStandIn) -> None:
    """With what asks again, which only we can read, and no claim in the cookie but the sign-in."""
    answer = signed_in(there, "/payments")
    assert answer.identity.groups == {"call-centre", "everyone"}
    assert answer.identity.email_domain == "example.com"
    assert answer.token is not None
    assert "refresh-1" not in answer.token
    assert set(answer.sign_in) == {"iss", "sub", "iat", "nonce", "at_hash", "exp", "name"}
    (asked,) = there.asked
    assert asked["code_verifier"]
    assert asked["redirect_uri"] == "http://testserver/oauth2callback"


@pytest.mark.parametrize(
    ("scopes", "asked", "access_type"),
    [
        (["openid", "offline_access"], "openid email profile offline_access", []),
        (["openid"], "openid email profile", ["offline"]),
    ],
    ids=["Entra ID, Okta, Keycloak", "Google"],
)
def test_a_refresh_token_is_asked_for_as_each_provider_wants(
    there: OpenIdStandIn, scopes: list[str], asked: str, access_type: list[str]
) -> None:
    """By a scope where there is one, else by Google's parameter."""
    there.document = {"scopes_supported": scopes}
    query = parse_qs(urlsplit(there.provider().begin("/")[0]).query)
    assert query["scope"] == [asked]
    assert query.get("access_type", []) == access_type
    assert query["code_challenge_method"] == ["S256"]


LIES: list[Any] = [
    pytest.param({"iss": "https://evil.example"}, id="another issuer"),
    pytest.param({"aud": "other"}, id="for another desk"),
    pytest.param({"aud": ["cardpay", "other"], "azp": "other"}, id="another's, handed on"),
    pytest.param({"nonce": "other"}, id="of another sign-in"),
    pytest.param({"nonce": None}, id="of no sign-in"),
    pytest.param({"exp": 1}, id="expired"),
    pytest.param({"exp": -(10**18)}, id="expired before all time"),
    pytest.param({"exp": 10**18}, id="a year that there is not"),
    pytest.param({"exp": 10**400}, id="no number that a computer has"),
    pytest.param({"exp": "2700000000"}, id="a text for a time"),
    pytest.param({"iat": 10**18}, id="issued in a year that there is not"),
    pytest.param({"sub": ""}, id="nobody"),
    pytest.param({"sub": {"a": 1}}, id="nobody either"),
    pytest.param({"name": "Person\0One"}, id="a NUL in a name"),
    pytest.param({"groups": ["call\0centre"]}, id="a NUL in a group"),
    pytest.param({"groups": ["call\ud800centre"]}, id="half a character in a group"),
    pytest.param({"email": "one@\udfff.example"}, id="half a character in a domain"),
    pytest.param({"groups": [str(number) for number in range(50_000)]}, id="50,000 groups"),
    pytest.param({"name": "x" * 100_000}, id="a name without end"),
]


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_must_not_be_believed_signs_nobody_in(
    there: OpenIdStandIn, lie: dict[str, Any]
) -> None:
    """One sentence, and no session, whatever it says."""
    there.lie = lie
    with pytest.raises(ProviderRefused, match="We couldn't use the answer"):
        signed_in(there)


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_that_anybody_could_have_made_is_refused(
    there: OpenIdStandIn, algorithm: str
) -> None:
    """Whatever the discovery document lists: unsigned, or signed with what both sides know."""
    there.algorithm = algorithm
    with pytest.raises(ProviderRefused):
        signed_in(there)


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(b"[" * 50_000 + b"]" * 50_000, id="50,000 deep"),
        pytest.param(b'{"id_token": ' * 50_000 + b"1" + b"}" * 50_000, id="and as objects"),
        pytest.param(b"{}" + b" " * 2_000_000, id="two megabytes"),
        pytest.param(b"<html>", id="no JSON"),
        pytest.param(b"[]", id="no object"),
        pytest.param(json.dumps({"access_token": "a", "expires_in": "x"}).encode(), id="a text"),
        pytest.param(b"\xff\xfe", id="no text"),
        pytest.param(b'{"error": {"invalid_grant": 1}}', id="an error that is no text"),
        pytest.param(b'{"error": ["invalid_grant"]}', id="several errors"),
    ],
)
def test_an_answer_that_cannot_be_read_is_no_answer(there: OpenIdStandIn, payload: bytes) -> None:
    """Neither a traceback nor a session."""
    there.payload = payload
    with pytest.raises((ProviderSilent, ProviderRefused)):
        signed_in(there)


@pytest.mark.parametrize(
    "document",
    [
        pytest.param({"issuer": "https://evil.example"}, id="another issuer"),
        pytest.param({"issuer": None}, id="no issuer"),
        pytest.param({"token_endpoint": "ftp://example.com/token"}, id="no web address"),
        pytest.param({"token_endpoint": "http://[::1/"}, id="no address"),
        pytest.param({"token_endpoint": "http://127.0.0.1:x/"}, id="no port"),
        pytest.param({"token_endpoint": "http://127.0.0.1/\x01"}, id="a control character"),
        pytest.param({"token_endpoint": "http://xn--é/"}, id="no name of a host"),
        pytest.param({"token_endpoint": "http://xn--/"}, id="no name of a host either"),
        pytest.param({"authorization_endpoint": "http://a/\ud800"}, id="half a character"),
        pytest.param({"authorization_endpoint": "http://\u2100@a/"}, id="two hosts in a letter"),
        pytest.param({"authorization_endpoint": "http://[x]@a/"}, id="a host that is none"),
        pytest.param({"jwks_uri": None}, id="no keys"),
    ],
)
def test_a_document_of_another_issuer_is_not_used(
    there: OpenIdStandIn, document: dict[str, Any]
) -> None:
    """Nobody is sent to where it leads."""
    there.document = document
    with pytest.raises(ProviderSilent):
        there.provider().begin("/")


def test_a_browser_that_began_no_sign_in_finishes_none(there: OpenIdStandIn) -> None:
    """Another's state, another's seal, none, or one of yesterday: the code is not even used."""
    provider = there.provider()
    address, sealed = provider.begin("/")
    (state,) = parse_qs(urlsplit(address).query)["state"]
    old = Seal(COOKIE_SECRET, "tokens")._fernet.encrypt_at_time(
        json.dumps({"state": state, "nonce": "", "verifier": "", "back_to": "/"}).encode(),
        int((datetime.now(UTC) - timedelta(minutes=11)).timestamp()),
    )
    foreign = Seal("x" * 32, "tokens").close({"state": state})
    for kept, given in ((sealed, "other"), (sealed, ""), ("", ""), (foreign, state)):
        with pytest.raises(ProviderRefused):
            provider.finish(kept, given, "a-code")
    with pytest.raises(ProviderRefused):
        provider.finish(old.decode(), state, "a-code")
    assert there.asked == []


@pytest.mark.parametrize("by", ["identity token", "userinfo"])
def test_a_group_that_was_taken_away_is_gone_when_asked_again(
    there: OpenIdStandIn, by: str
) -> None:
    """With the newest token each time, or the same one where a provider gives no new one."""
    there.id_token_on_refresh = by == "identity token"
    there.rotates = by == "identity token"
    first = signed_in(there)
    assert first.token is not None
    there.claims["groups"] = ["everyone"]
    provider = there.provider()
    again = provider.ask_again(first.token)
    assert again.identity.groups == {"everyone"}
    assert again.identity.actor_id == first.identity.actor_id
    assert again.token is not None
    provider.ask_again(again.token)
    used = [asked.get("refresh_token") for asked in there.asked[1:]]
    assert used == ["refresh-1", "refresh-2" if there.rotates else "refresh-1"]


def test_what_the_provider_refuses_and_what_it_fails_at_are_told_apart(
    there: OpenIdStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first ends a session; the second says nothing of the person."""
    monkeypatch.setattr(openid_provider, "_PAUSE_SECONDS", 0.0)
    token = signed_in(there).token
    assert token is not None
    there.refuses = "invalid_grant"
    with pytest.raises(ProviderRefused):
        there.provider().ask_again(token)
    for error in ("invalid_client", "temporarily_unavailable"):
        there.refuses = error
        with pytest.raises(ProviderSilent):
            there.provider().ask_again(token)
    there.refuses = None
    for status in (429, 500, 503):
        there.status, there.payload = status, b"busy"
        with pytest.raises(ProviderSilent):
            there.provider().ask_again(token)
    with pytest.raises(ProviderRefused):
        there.provider().ask_again(Seal("y" * 32, "tokens").close({"refresh_token": "x"}))


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (200, {"message": "slow down"}),
        (200, {"access_token": 1}),
        (302, {"message": "elsewhere"}),
        (400, {"message": "no"}),
        (400, {"access_token": "access"}),
        (400, ["error"]),
        (403, {"message": "forbidden"}),
        (404, {"error": "access_denied"}),
        (429, {"message": "slow down"}),
        (429, {"error": "access_denied"}),
        (503, {"error": "invalid_grant"}),
    ],
)
def test_what_stands_before_the_provider_ends_no_session(
    there: OpenIdStandIn, status: int, said: object
) -> None:
    """A gateway that limits or blocks says nothing of the person, in JSON too."""
    token = signed_in(there).token
    assert token is not None
    there.status, there.payload = status, json.dumps(said).encode()
    with pytest.raises(ProviderSilent):
        there.provider().ask_again(token)


def test_userinfo_that_names_nobody_ends_no_session(there: OpenIdStandIn) -> None:
    """Its answer has a subject, whatever else it says."""
    token = signed_in(there).token
    assert token is not None
    there.id_token_on_refresh, there.claims = False, {"message": "slow down"}
    with pytest.raises(ProviderSilent):
        there.provider().ask_again(token)


def test_a_slow_provider_is_a_silent_one(
    there: OpenIdStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And who asks next is told at once, without asking: no screen hangs twice."""
    token = signed_in(there).token
    assert token is not None
    monkeypatch.setattr(bounded_http, "SECONDS", 0.2)
    answered = threading.Event()
    there.wait = answered.wait  # type: ignore[assignment]
    provider = there.provider()
    try:
        for _ in range(3):
            with pytest.raises(ProviderSilent):
                provider.ask_again(token)
    finally:
        answered.set()
    assert len(there.asked) == 2  # the sign-in, and the first


def test_no_token_is_in_an_address(there: OpenIdStandIn) -> None:
    """Neither on the way out nor at the provider's end of a session."""
    signed_in(there)
    address = there.provider().sign_out_address()
    assert address is not None
    query = parse_qs(urlsplit(address).query)
    assert set(query) == {"client_id", "post_logout_redirect_uri"}
    assert CLIENT_SECRET not in address
