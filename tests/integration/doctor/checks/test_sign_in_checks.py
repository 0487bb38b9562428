"""Sign-in, its provider, and the network before the desk."""

import os
from pathlib import Path
from typing import Any

import pytest

from cardpay.doctor.checks import sign_in_checks
from cardpay.doctor.findings import Level
from tests.integration.doctor.check_contexts import DEMO, LIVE, TEST, context_for, told
from tests.support.installs import uninstall
from tests.support.processes.http_stand_in import StandIn, self_signed, stand_in
from tests.support.processes.identity_provider import IdentityProvider
from tests.support.processes.servers import free_port

pytestmark = pytest.mark.one_database

OK, WARN, FAIL = Level.OK, Level.WARN, Level.FAIL
OIDC: dict[str, Any] = {
    **TEST,
    "CARDPAY_SIGN_IN": "oidc",
    "CARDPAY_OIDC_ISSUER": "https://id.example.com",
    "CARDPAY_OIDC_CLIENT_ID": "cardpay",
    "CARDPAY_OIDC_CLIENT_SECRET": "client-secret-51AbCd",
    "CARDPAY_OIDC_REDIRECT_URI": "https://desk.example.com/oauth2callback",
    "CARDPAY_OIDC_COOKIE_SECRET": "0123456789abcdef0123456789abcdef",
    "CARDPAY_OIDC_ROLES": "leads=supervisor",
}


@pytest.mark.parametrize(
    ("given", "level", "words"),
    [
        pytest.param(DEMO, OK, "it is the demo", id="demo"),
        pytest.param(TEST, WARN, "whoever reaches the desk is analyst,agent", id="off"),
        pytest.param(OIDC, OK, "People sign in.", id="complete"),
        pytest.param({**OIDC, **LIVE}, OK, "People sign in.", id="live"),
        pytest.param({**LIVE, "CARDPAY_SIGN_IN": "off"}, FAIL, "cannot be off", id="off in live"),
        pytest.param(
            {**OIDC, "CARDPAY_OIDC_ROLES": "leads=king"}, FAIL, "must map groups", id="no role"
        ),
        pytest.param(
            {**OIDC, "CARDPAY_OIDC_CLIENT_SECRET": None}, FAIL, "is missing", id="no secret"
        ),
    ],
)
def test_settings(given: dict[str, Any], level: Level, words: str) -> None:
    """As the desk's own start judges them; what depends on them is then not asked."""
    context = context_for(given)
    found = told(sign_in_checks.settings(context))
    assert (found[0], words in found[1]) == (level, True)
    if level is not OK or given is DEMO:
        assert sign_in_checks.issuer(context) is None
        assert sign_in_checks.tls(context) is None
        assert sign_in_checks.proxies(context) is None


@pytest.mark.parametrize("package", ["authlib", "httpx"])
def test_a_package_is_missing(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    """It is named, with what to do; where nobody signs in, nobody misses it."""
    uninstall(monkeypatch, package)
    found = sign_in_checks.settings(context_for(OIDC))
    assert found.level is FAIL
    assert f"needs the package {package}, which is not installed" in found.what
    assert "pip install -r requirements.txt" in found.do
    assert told(sign_in_checks.settings(context_for(TEST)))[0] is WARN


def test_the_provider_answers(provider: IdentityProvider) -> None:
    """By the name that is set, with or without a slash at its end."""
    for name in (provider.url, f"{provider.url}/"):
        assert told(sign_in_checks.issuer(context_for(OIDC, CARDPAY_OIDC_ISSUER=name)))[0] is OK


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(StandIn(404, {}), "is not there (HTTP 404)", id="not found"),
        pytest.param(StandIn(200, b"<html>"), "is not there (HTTP 200)", id="a page"),
        pytest.param(StandIn(200, []), "is not there (HTTP 200)", id="a list"),
        pytest.param(
            StandIn(200, {"issuer": "https://id.example.com"}),
            "calls itself by another name",
            id="another name",
        ),
        pytest.param(StandIn(200, {"issuer": "SELF"}), "lacks authorization_endpoint", id="poor"),
    ],
)
def test_another_document(answer: StandIn, words: str) -> None:
    """What answers there is no provider."""
    with stand_in(answer) as there:
        if answer.body == {"issuer": "SELF"}:
            answer.body = {"issuer": there.url}
        level, said = told(sign_in_checks.issuer(context_for(OIDC, CARDPAY_OIDC_ISSUER=there.url)))
    assert (level, words in said) == (FAIL, True)


def test_a_provider_that_gives_no_refresh_tokens() -> None:
    """It is told what that means, before anybody is signed out in the middle of a call."""
    with stand_in(StandIn(200)) as there:
        needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        there.body = {"issuer": there.url, **dict.fromkeys(needed, there.url)}
        level, said = told(sign_in_checks.issuer(context_for(OIDC, CARDPAY_OIDC_ISSUER=there.url)))
    assert (level, "sessions end after 15" in said) == (WARN, True)


def test_nobody_is_there() -> None:
    """A provider that is down."""
    context = context_for(OIDC, CARDPAY_OIDC_ISSUER=f"http://127.0.0.1:{free_port()}")
    level, words = told(sign_in_checks.issuer(context))
    assert (level, "cannot be reached: nothing answers there" in words) == (FAIL, True)


def _redirect(url: str) -> dict[str, str]:
    return {"CARDPAY_OIDC_REDIRECT_URI": f"{url}/oauth2callback"}


HSTS = {"Strict-Transport-Security": "max-age=31536000"}


@pytest.mark.parametrize(
    ("answer", "level", "words"),
    [
        pytest.param(StandIn(headers=HSTS), OK, "answers by https", id="well"),
        pytest.param(StandIn(), WARN, "does not tell browsers", id="no HSTS"),
        pytest.param(StandIn(502), WARN, "answers with HTTP 502", id="no desk behind it"),
    ],
)
def test_tls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: StandIn, level: Level, words: str
) -> None:
    """The desk's own address, as a browser sees it."""
    certificate = self_signed(tmp_path)
    monkeypatch.setitem(os.environ, "SSL_CERT_FILE", str(certificate))
    with stand_in(answer, certificate) as there:
        found = told(sign_in_checks.tls(context_for(OIDC, _redirect(there.url))))
        assert there.asked == ["/healthz"]
    assert (found[0], words in found[1]) == (level, True)


def test_a_certificate_that_nobody_trusts(tmp_path: Path) -> None:
    """Browsers would warn."""
    with stand_in(StandIn(), self_signed(tmp_path)) as there:
        found = told(sign_in_checks.tls(context_for(OIDC, _redirect(there.url))))
    assert found == (FAIL, "Browsers are warned of 127.0.0.1: its certificate is not trusted.")


@pytest.mark.parametrize(
    ("scheme", "words"),
    [("http", "People sign in over http"), ("https", "was not reached from here")],
)
def test_no_tls(scheme: str, words: str) -> None:
    """On this computer alone, or nothing listens."""
    context = context_for(OIDC, _redirect(f"{scheme}://127.0.0.1:{free_port()}"))
    level, said = told(sign_in_checks.tls(context))
    assert (level, words in said) == (WARN, True)


@pytest.mark.parametrize(
    ("listed", "level"),
    [
        ("", OK),
        ("10.0.0.7,192.168.0.0/24,fd00::/120", OK),
        ("10.0.0.7,192.168.0.0/23", WARN),
        ("10.0.0.0/8", WARN),
        ("0.0.0.0/0", WARN),
        ("10.0.0.7,::/0", WARN),
    ],
)
def test_proxies(listed: str, level: Level) -> None:
    """Whoever is believed may say that they are somebody else."""
    context = context_for(OIDC, CARDPAY_TRUSTED_PROXIES=listed)
    assert told(sign_in_checks.proxies(context))[0] is level
