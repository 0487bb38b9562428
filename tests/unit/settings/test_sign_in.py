"""The settings of sign-in, and each start that they refuse."""

from datetime import timedelta

import pytest

from cardpay.domain.access.permissions import Role
from cardpay.domain.errors import StartRefused
from cardpay.settings import Settings, load
from cardpay.settings.sign_in_checks import check_sign_in
from tests.support.installs import uninstall

TEST_KEYS = {
    "STRIPE_SECRET_KEY": "sk_test_51AbCdEfGhIjKlMnOp",
    "STRIPE_PUBLISHABLE_KEY": "pk_test_51AbCdEfGhIjKlMnOp",
}
LIVE_KEYS = {name: key.replace("test", "live") for name, key in TEST_KEYS.items()}
COMPLETE = {
    "CARDPAY_OIDC_ISSUER": "https://id.example.com",
    "CARDPAY_OIDC_CLIENT_ID": "cardpay",
    "CARDPAY_OIDC_CLIENT_SECRET": "client-secret-51AbCd",
    "CARDPAY_OIDC_REDIRECT_URI": "https://desk.example.com/oauth2callback",
    "CARDPAY_OIDC_COOKIE_SECRET": "0123456789abcdef0123456789abcdef",
    "CARDPAY_OIDC_ROLES": "call centre=agent, leads=agent+supervisor",
}


def given(
    monkeypatch: pytest.MonkeyPatch, *environments: dict[str, str], without: str | None = None
) -> Settings:
    """The settings with this environment and no other; a later one wins."""
    for field in Settings.model_fields.values():
        monkeypatch.delenv(str(field.alias), raising=False)
    monkeypatch.setitem(Settings.model_config, "env_file", None)
    for name, value in {k: v for given in environments for k, v in given.items()}.items():
        if name != without:
            monkeypatch.setenv(name, value)
    return load()


def refusal(
    monkeypatch: pytest.MonkeyPatch, *environments: dict[str, str], without: str | None = None
) -> str:
    """The sentence with which pages are not served."""
    with pytest.raises(StartRefused) as refused:
        check_sign_in(given(monkeypatch, *environments, without=without))
    return refused.value.sentence


@pytest.mark.parametrize("package", ["authlib", "httpx"])
def test_a_package_is_missing(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    """It is said at the start, not to the first who presses "Sign in"."""
    uninstall(monkeypatch, package)
    assert refusal(monkeypatch, TEST_KEYS, COMPLETE) == (
        f"CARDPAY_SIGN_IN needs the package {package}, which is not installed: run "
        "`pip install -r requirements.txt`."
    )
    check_sign_in(given(monkeypatch, TEST_KEYS, {"CARDPAY_SIGN_IN": "off"}))


@pytest.mark.parametrize("keys", [TEST_KEYS, LIVE_KEYS], ids=["test", "live"])
def test_a_complete_desk_starts(monkeypatch: pytest.MonkeyPatch, keys: dict[str, str]) -> None:
    """With keys, people sign in unless it is said otherwise; live mode is open."""
    settings = given(monkeypatch, keys, COMPLETE)
    check_sign_in(settings)
    assert settings.signs_in
    assert settings.is_behind_tls
    assert settings.admission.roles_by_group == {
        "call centre": {Role.AGENT},
        "leads": {Role.AGENT, Role.SUPERVISOR},
    }
    assert settings.admission.idle == timedelta(minutes=30)
    assert settings.admission.longest == timedelta(hours=12)
    assert settings.hosts == ("desk.example.com", "127.0.0.1", "::1", "localhost")


def test_the_demo_needs_no_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger starts it with no settings at all."""
    settings = given(monkeypatch)
    check_sign_in(settings)
    assert not settings.signs_in
    assert settings.hosts == ("127.0.0.1", "::1", "localhost")


@pytest.mark.parametrize(
    ("sets", "alone"),
    [
        ({}, True),
        ({"CARDPAY_ALLOWED_HOSTS": "demo.example.com"}, False),
        (TEST_KEYS | {"CARDPAY_SIGN_IN": "off"}, True),
        (
            TEST_KEYS | {"CARDPAY_SIGN_IN": "off", "CARDPAY_ALLOWED_HOSTS": "desk.example.com"},
            True,
        ),
    ],
    ids=["demo", "demo that is shown", "test mode", "test mode under a host"],
)
def test_without_sign_in_this_computer_alone_is_answered(
    monkeypatch: pytest.MonkeyPatch, sets: dict[str, str], alone: bool
) -> None:
    """Only a demo, which has no real money, may be shown to others."""
    assert given(monkeypatch, sets).is_for_this_computer_alone is alone


def test_sign_in_may_be_off_with_test_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """On somebody's own computer."""
    settings = given(monkeypatch, TEST_KEYS, {"CARDPAY_SIGN_IN": "off"})
    check_sign_in(settings)
    assert not settings.signs_in


def test_a_command_needs_no_sign_in_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A scheduled reconciliation does not have to know the provider's secret."""
    assert given(monkeypatch, LIVE_KEYS).signs_in


def test_sign_in_cannot_be_off_with_live_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real money moves only for people who are known."""
    assert refusal(monkeypatch, LIVE_KEYS, COMPLETE, {"CARDPAY_SIGN_IN": "off"}) == (
        "CARDPAY_SIGN_IN cannot be off with live keys: set it to oidc."
    )


@pytest.mark.parametrize("variable", COMPLETE)
def test_each_setting_has_to_be_there(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    """The sentence names the one that is missing, and off only where that may be."""
    assert refusal(monkeypatch, TEST_KEYS, COMPLETE, without=variable) == (
        f"{variable} is missing, and people sign in here: set it, or set CARDPAY_SIGN_IN=off."
    )
    assert refusal(monkeypatch, LIVE_KEYS, COMPLETE, without=variable) == (
        f"{variable} is missing, and people sign in here: set it."
    )


ROLES_WANTED = (
    "CARDPAY_OIDC_ROLES must map groups to roles, such as finance=agent,leads=supervisor, with "
    "the roles analyst, agent, supervisor, admin."
)
REFUSED = [
    pytest.param(
        {"CARDPAY_OIDC_COOKIE_SECRET": "short"},
        "CARDPAY_OIDC_COOKIE_SECRET must be a random text of at least 32 characters, since it "
        "signs the cookies that say who somebody is.",
        id="short cookie secret",
    ),
    pytest.param(
        {"CARDPAY_OIDC_ISSUER": "http://id.example.com"},
        "CARDPAY_OIDC_ISSUER must be an https address.",
        id="issuer without TLS",
    ),
    pytest.param(
        {"CARDPAY_OIDC_ISSUER": "id.example.com"},
        "CARDPAY_OIDC_ISSUER must be an https address.",
        id="issuer that is no address",
    ),
    pytest.param(
        {"CARDPAY_OIDC_ISSUER": "https://[bad"},
        "CARDPAY_OIDC_ISSUER must be an https address.",
        id="issuer in half a bracket",
    ),
    pytest.param(
        {"CARDPAY_OIDC_REDIRECT_URI": "https://desk.example.com:port/oauth2callback"},
        "CARDPAY_OIDC_REDIRECT_URI must be an https address.",
        id="redirect to a port that is none",
    ),
    pytest.param(
        {"CARDPAY_OIDC_REDIRECT_URI": "http://desk.example.com/oauth2callback"},
        "CARDPAY_OIDC_REDIRECT_URI must be an https address.",
        id="redirect without TLS",
    ),
    pytest.param(
        {"CARDPAY_OIDC_REDIRECT_URI": "https://desk.example.com/"},
        "CARDPAY_OIDC_REDIRECT_URI must end in /oauth2callback, such as "
        "https://desk.example.com/oauth2callback.",
        id="redirect elsewhere",
    ),
    pytest.param({"CARDPAY_OIDC_ROLES": "finance"}, ROLES_WANTED, id="no mapping"),
    pytest.param({"CARDPAY_OIDC_ROLES": "finance=king"}, ROLES_WANTED, id="no such role"),
    pytest.param({"CARDPAY_OIDC_ROLES": " , "}, ROLES_WANTED, id="empty mapping"),
    pytest.param(
        {"CARDPAY_OIDC_ROLES": "*=agent"},
        "CARDPAY_OIDC_ROLES gives everybody a role: say who may sign in, in "
        "CARDPAY_OIDC_ALLOWED_DOMAINS or CARDPAY_OIDC_ALLOWED_GROUPS.",
        id="the whole world",
    ),
    pytest.param(
        {"CARDPAY_SIGN_IN_IDLE_MINUTES": "0"},
        "CARDPAY_SIGN_IN_IDLE_MINUTES is not right: Input should be greater than 0.",
        id="no time to be idle",
    ),
    pytest.param(
        {"CARDPAY_SIGN_IN_MAX_MINUTES": "-1"},
        "CARDPAY_SIGN_IN_MAX_MINUTES is not right: Input should be greater than 0.",
        id="no time at all",
    ),
    pytest.param(
        {"CARDPAY_TRUSTED_PROXIES": "proxy.example.com"},
        "CARDPAY_TRUSTED_PROXIES must list addresses or networks, such as 10.0.0.2.",
        id="a proxy by name",
    ),
    pytest.param(
        {"CARDPAY_ALLOWED_HOSTS": "https://desk.example.com/"},
        "CARDPAY_ALLOWED_HOSTS must list host names, such as desk.example.com.",
        id="an address for a host",
    ),
]


@pytest.mark.parametrize(("change", "sentence"), REFUSED)
@pytest.mark.parametrize("keys", [TEST_KEYS, LIVE_KEYS], ids=["test", "live"])
def test_an_unsafe_sign_in_is_refused_in_one_sentence(
    keys: dict[str, str], change: dict[str, str], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence names the variable."""
    assert refusal(monkeypatch, keys, COMPLETE, change) == sentence


def test_http_on_this_computer_is_for_test_mode_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A provider for a trial may run on loopback; live mode wants TLS there, too."""
    local = {
        "CARDPAY_OIDC_ISSUER": "http://127.0.0.1:9400",
        "CARDPAY_OIDC_REDIRECT_URI": "http://localhost:8501/oauth2callback",
    }
    check_sign_in(given(monkeypatch, TEST_KEYS, COMPLETE, local))
    assert refusal(monkeypatch, LIVE_KEYS, COMPLETE, local) == (
        "CARDPAY_OIDC_ISSUER must be an https address."
    )


def test_everybody_of_a_domain_may_have_a_role(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a provider without groups."""
    domain = {"CARDPAY_OIDC_ROLES": "*=agent", "CARDPAY_OIDC_ALLOWED_DOMAINS": "@Example.com"}
    settings = given(monkeypatch, TEST_KEYS, COMPLETE, domain)
    check_sign_in(settings)
    assert settings.admission.allowed_domains == {"example.com"}


def test_the_overview_shows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a secret, whether it is set; of a database's address, not its password."""
    url = "postgresql://cardpay:hunter2hunter2@database/cardpay"
    settings = given(monkeypatch, TEST_KEYS, COMPLETE, {"CARDPAY_DATABASE_URL": url})
    shown = settings.overview()
    assert shown["STRIPE_SECRET_KEY"] == shown["CARDPAY_OIDC_COOKIE_SECRET"] == "set"
    assert shown["STRIPE_WEBHOOK_SECRET"] == "not set"
    assert shown["CARDPAY_DATABASE_URL"] == "postgresql://cardpay:***@database/cardpay"
    assert shown["CARDPAY_OIDC_ISSUER"] == "https://id.example.com"
    for secret in (TEST_KEYS["STRIPE_SECRET_KEY"], "hunter2", "client-secret", "0123456789"):
        assert secret not in f"{shown} {settings!r}"
