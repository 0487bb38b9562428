"""The settings, and each start that they refuse."""

import pytest

from cardpay.domain.access.permissions import Role
from cardpay.domain.errors import StartRefused
from cardpay.domain.stripe_account import Mode
from cardpay.settings import load, read

pytestmark = pytest.mark.usefixtures("no_environment")

SECRET = "sk_test_51AbCdEfGhIjKlMnOp"
RESTRICTED = "rk_test_51AbCdEfGhIjKlMnOp"
PUBLISHABLE = "pk_test_51AbCdEfGhIjKlMnOp"
LIVE_SECRET = SECRET.replace("test", "live")
LIVE_PUBLISHABLE = PUBLISHABLE.replace("test", "live")


def test_no_keys_is_the_demo_with_a_database_of_its_own() -> None:
    """Invented payments never share a file with anything else."""
    settings = load()
    assert settings.mode is Mode.DEMO
    assert settings.database == "sqlite:///var/demo.db"
    assert settings.everyones_roles == frozenset(Role)


@pytest.mark.parametrize("secret", [SECRET, RESTRICTED], ids=["secret key", "restricted key"])
def test_test_keys_are_test_mode(secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key's prefix tells the mode."""
    monkeypatch.setenv("STRIPE_SECRET_KEY", secret)
    monkeypatch.setenv("STRIPE_PUBLISHABLE_KEY", PUBLISHABLE)
    settings = load()
    assert settings.mode is Mode.TEST
    assert settings.database == "sqlite:///var/cardpay.db"
    assert secret not in repr(settings)


def test_a_key_from_a_mounted_file_is_taken_without_its_line_end() -> None:
    """No header may hold one: every request to Stripe would fail, as if there were no answer."""
    settings = load(
        STRIPE_SECRET_KEY=f"{SECRET}\n",
        STRIPE_PUBLISHABLE_KEY=f" {PUBLISHABLE}\n",
        STRIPE_WEBHOOK_SECRET="whsec_mountedAsAFile\n",
    )
    assert settings.stripe_secret_key is not None
    assert settings.stripe_webhook_secret is not None
    assert settings.stripe_secret_key.get_secret_value() == SECRET
    assert settings.stripe_webhook_secret.get_secret_value() == "whsec_mountedAsAFile"
    assert settings.stripe_publishable_key == PUBLISHABLE


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("CARDPAY_DATABASE_URL", "not a url"),
        ("CARDPAY_DATABASE_URL", "postgresql://desk@db:port/desk"),
        ("CARDPAY_REPORTING_DATABASE_URL", "not a url"),
        ("CARDPAY_REPORTING_DATABASE_URL", "sqlite:///replica.db"),
        ("CARDPAY_SIGN_IN_IDLE_MINUTES", "inf"),
        ("CARDPAY_SIGN_IN_MAX_MINUTES", "1e30"),
        ("CARDPAY_UNPAID_HOURS", "99999999999999"),
        ("CARDPAY_KEEP_CUSTOMER_DAYS", "9999999"),
    ],
)
def test_what_no_clock_or_driver_takes_is_refused(variable: str, value: str) -> None:
    """By the variable's name, and at the start."""
    with pytest.raises(StartRefused) as refused:
        load(**{variable: value})
    assert refused.value.sentence.startswith(variable)


REFUSED = [
    pytest.param(
        {"STRIPE_SECRET_KEY": SECRET},
        "STRIPE_PUBLISHABLE_KEY is missing while STRIPE_SECRET_KEY is set: set both.",
        id="no publishable key",
    ),
    pytest.param(
        {"STRIPE_PUBLISHABLE_KEY": PUBLISHABLE},
        "STRIPE_SECRET_KEY is missing while STRIPE_PUBLISHABLE_KEY is set: set both.",
        id="no secret key",
    ),
    pytest.param(
        {"STRIPE_SECRET_KEY": PUBLISHABLE, "STRIPE_PUBLISHABLE_KEY": PUBLISHABLE},
        "STRIPE_SECRET_KEY holds a publishable key, but must hold sk_… or rk_….",
        id="publishable key where the secret belongs",
    ),
    pytest.param(
        {"STRIPE_SECRET_KEY": SECRET, "STRIPE_PUBLISHABLE_KEY": SECRET},
        "STRIPE_PUBLISHABLE_KEY holds a secret key, but must hold pk_….",
        id="secret key where the publishable belongs",
    ),
    pytest.param(
        {"STRIPE_SECRET_KEY": SECRET, "STRIPE_PUBLISHABLE_KEY": LIVE_PUBLISHABLE},
        "STRIPE_PUBLISHABLE_KEY is a live key while STRIPE_SECRET_KEY is a test key: take both "
        "from the same mode.",
        id="different modes",
    ),
    pytest.param(
        {"STRIPE_SECRET_KEY": "sk_test_xxxxxxxxxxxxxxxx", "STRIPE_PUBLISHABLE_KEY": PUBLISHABLE},
        "STRIPE_SECRET_KEY looks like a placeholder: copy the key (sk_… or rk_…) from "
        "Stripe's dashboard.",
        id="placeholder",
    ),
    pytest.param(
        {"STRIPE_SECRET_KEY": "secret", "STRIPE_PUBLISHABLE_KEY": PUBLISHABLE},
        "STRIPE_SECRET_KEY looks like a placeholder: copy the key (sk_… or rk_…) from "
        "Stripe's dashboard.",
        id="no key at all",
    ),
    pytest.param(
        {"CARDPAY_STRIPE_API_BASE": "http://127.0.0.1:8420"},
        "CARDPAY_STRIPE_API_BASE needs STRIPE_SECRET_KEY and STRIPE_PUBLISHABLE_KEY: the demo "
        "brings its own Stripe.",
        id="a stand-in without keys",
    ),
    pytest.param(
        {
            "STRIPE_SECRET_KEY": SECRET,
            "STRIPE_PUBLISHABLE_KEY": PUBLISHABLE,
            "CARDPAY_STRIPE_API_BASE": "localhost",
        },
        "CARDPAY_STRIPE_API_BASE must be an address such as http://127.0.0.1:8420.",
        id="no address",
    ),
    pytest.param(
        {"CARDPAY_TIME_ZONE": "Mars/Olympus"},
        "CARDPAY_TIME_ZONE must name a time zone, such as Europe/London.",
        id="no time zone",
    ),
    pytest.param(
        {"CARDPAY_REPORTING_CURRENCY": "euro"},
        "CARDPAY_REPORTING_CURRENCY must be a currency of Stripe's, such as gbp.",
        id="no currency",
    ),
    pytest.param(
        {"CARDPAY_ROLES": "king"},
        "CARDPAY_ROLES must list some of analyst, agent, supervisor, admin.",
        id="no role",
    ),
    pytest.param(
        {
            "STRIPE_SECRET_KEY": LIVE_SECRET,
            "STRIPE_PUBLISHABLE_KEY": LIVE_PUBLISHABLE,
            "CARDPAY_STRIPE_API_BASE": "https://stripe.example.com",
        },
        "CARDPAY_STRIPE_API_BASE names a stand-in for Stripe, which must not see live keys: take "
        "it away.",
        id="a stand-in with live keys",
    ),
    pytest.param(
        {"CARDPAY_SIGN_IN": "password"},
        "CARDPAY_SIGN_IN is not right: Input should be 'oidc' or 'off'.",
        id="another way to sign in",
    ),
    pytest.param(
        {"CARDPAY_MOTO": "perhaps"},
        "CARDPAY_MOTO is not right: Input should be a valid boolean, unable to interpret input.",
        id="no yes or no",
    ),
]


@pytest.mark.parametrize(("environment", "sentence"), REFUSED)
def test_an_unsafe_start_is_refused_in_one_sentence(
    environment: dict[str, str], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence names the variable, and never repeats a key."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(StartRefused) as refused:
        load()
    assert refused.value.sentence == sentence
    assert not any(value in sentence for value in environment.values() if "_5" in value)


@pytest.mark.parametrize(
    ("environment", "written"),
    [
        pytest.param({}, "text", id="demo"),
        pytest.param(
            {"STRIPE_SECRET_KEY": SECRET, "STRIPE_PUBLISHABLE_KEY": PUBLISHABLE},
            "json",
            id="with keys",
        ),
        pytest.param({"CARDPAY_LOG_FORMAT": "json"}, "json", id="as set"),
    ],
)
def test_machines_read_the_log_where_there_are_keys(
    environment: dict[str, str], written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The demo is read by people, unless somebody wants it otherwise."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert load().log_format == written


def test_every_secret_is_blotted_out_literally(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys, what signs cookies and events, and the database's password, as it is typed."""
    secrets = {
        "STRIPE_SECRET_KEY": SECRET,
        "STRIPE_WEBHOOK_SECRET": "whsec_ofThisTest1",
        "CARDPAY_OIDC_CLIENT_SECRET": "client-secret",
        "CARDPAY_OIDC_COOKIE_SECRET": "cookie-secret",
    }
    for name, value in {
        **secrets,
        "STRIPE_PUBLISHABLE_KEY": PUBLISHABLE,
        "CARDPAY_DATABASE_URL": "postgresql://desk:pass%20word@db/desk",
        "CARDPAY_REPORTING_DATABASE_URL": "postgresql://reader:other@replica/desk",
    }.items():
        monkeypatch.setenv(name, value)
    assert load().secrets == {*secrets.values(), "pass word", "other"}


def test_each_audit_key_is_blotted_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The new one and those that it replaced, by themselves; a stray comma is no secret."""
    new, old = "n" * 32, "o" * 32
    monkeypatch.setenv("CARDPAY_AUDIT_KEY", f"{new}, {old},")
    assert load().secrets == {new, old, f"{new}, {old},"}


URLS = [
    pytest.param(
        "postgresql://desk:pass%20word@db/desk",
        {"pass word"},
        "postgresql://desk:***@db/desk",
        id="as usual",
    ),
    pytest.param(
        "postgresql://db/desk?password=topsecretpw&user=desk",
        {"topsecretpw"},
        "postgresql://db/desk?password=***&user=desk",
        id="in the query",
    ),
    pytest.param(
        "postgresql://desk:one@db/desk?sslpassword=two&sslpassword=three&sslmode=require",
        {"one", "two", "three"},
        "postgresql://desk:***@db/desk?sslmode=require&sslpassword=***",
        id="several",
    ),
    pytest.param(
        "postgresql://desk@server:topsecretpw@db/desk",
        {"topsecretpw"},
        "postgresql://desk%40server:***@db/desk",
        id="a name with an @",
    ),
    pytest.param(
        "postgresql://desk:top@secret@db/desk",
        {"postgresql://desk:top@secret@db/desk"},
        "set",
        id="a password with an @",
    ),
    pytest.param("topsecretpw", {"topsecretpw"}, "set", id="no URL"),
    pytest.param("sqlite:///desk.db", set(), "sqlite:///desk.db", id="none"),
]


@pytest.mark.parametrize(("url", "secrets", "shown"), URLS)
def test_no_password_of_the_database_is_shown(url: str, secrets: set[str], shown: str) -> None:
    """Wherever in the URL it stands; it is blotted out elsewhere."""
    for name in ("CARDPAY_DATABASE_URL", "CARDPAY_REPORTING_DATABASE_URL"):
        settings = read(**{name: url})
        assert settings.secrets == secrets
        assert settings.overview()[name] == shown


def test_a_replica_is_of_a_server() -> None:
    """An SQLite file has none; and the start says so before anything is opened."""
    url = "postgresql://desk@replica/desk"
    settings = load(
        CARDPAY_DATABASE_URL="postgresql://db/desk", CARDPAY_REPORTING_DATABASE_URL=url
    )
    assert settings.reporting_database_url == url
    with pytest.raises(StartRefused, match="needs a PostgreSQL database in CARDPAY_DATABASE_URL"):
        load(CARDPAY_REPORTING_DATABASE_URL=url)


def test_a_default_is_shown_as_what_it_is() -> None:
    """A limit that holds is not "not set"."""
    shown = read(CARDPAY_LIMIT_DECLINES_PER_PERSON="7", CARDPAY_TIME_ZONE="UTC").overview()
    assert shown["CARDPAY_LIMIT_DECLINES_PER_PERSON"] == "7"
    assert shown["CARDPAY_TIME_ZONE"] == "UTC"
    assert shown["CARDPAY_LIMIT_PAYMENTS_PER_HOUR"] == "1000 (default)"
    assert shown["CARDPAY_LIMIT_PAYMENTS_PER_PERSON_PER_HOUR"] == "0 (default)"  # nobody signs in
    assert shown["CARDPAY_LOG_LEVEL"] == "INFO (default)"
    assert shown["CARDPAY_OIDC_ISSUER"] == "not set"
    assert shown["STRIPE_SECRET_KEY"] == "not set"
    assert "(default)" in shown["CARDPAY_DATABASE_URL"]
