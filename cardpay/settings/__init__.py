"""All settings, read once at start into one frozen object; unsafe ones refuse the start."""

import re
from datetime import timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import SettingsConfigDict

from cardpay.domain.access.actor import Role
from cardpay.domain.account import DEFAULT_READ_BUDGET, Mode
from cardpay.domain.errors import StartRefused
from cardpay.logs.configuration import Format, Level
from cardpay.settings.audit import VAR, AuditSettings
from cardpay.settings.database_url import check_database_url, secrets_in, without_secrets
from cardpay.settings.limits import LimitSettings
from cardpay.settings.retention import RetentionSettings, check_retention
from cardpay.settings.sign_in import SignInSettings, names_in

# A key that Stripe issues is much longer than this; what is shorter was never one.
_SHORTEST_KEY = 20
_KEY = re.compile(r"(?P<kind>sk|rk|pk)_(?P<mode>test|live)_(?P<rest>[A-Za-z0-9_]+)")
_PASSWORD_IN_URL = re.compile(r"://(?P<user>[^:/@]*):[^/]*@")
_PLACEHOLDER = re.compile(r"x{4,}|your|replace|placeholder|example", re.IGNORECASE)


class Settings(SignInSettings, LimitSettings, RetentionSettings, AuditSettings):
    """The environment, or a `.env` file beside the app. Secrets do not show in `repr`."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    stripe_secret_key: SecretStr | None = Field(None, alias="STRIPE_SECRET_KEY")
    stripe_publishable_key: str | None = Field(None, alias="STRIPE_PUBLISHABLE_KEY")
    stripe_webhook_secret: SecretStr | None = Field(None, alias="STRIPE_WEBHOOK_SECRET")
    stripe_api_base: str | None = Field(None, alias="CARDPAY_STRIPE_API_BASE")
    stripe_account: str | None = Field(None, alias="CARDPAY_STRIPE_ACCOUNT")
    database_url: str | None = Field(None, alias="CARDPAY_DATABASE_URL", repr=False)
    moto: bool | None = Field(None, alias="CARDPAY_MOTO")
    time_zone: str = Field("UTC", alias="CARDPAY_TIME_ZONE")
    unpaid_hours: int = Field(24, ge=0, le=24 * 366, alias="CARDPAY_UNPAID_HOURS")
    read_budget: int = Field(DEFAULT_READ_BUDGET, alias="CARDPAY_READ_BUDGET", ge=0)
    reconcile_minutes: int = Field(60, alias="CARDPAY_RECONCILE_MINUTES", ge=0)
    roles: str = Field(",".join(Role), alias="CARDPAY_ROLES")
    chosen_log_format: Format | None = Field(None, alias="CARDPAY_LOG_FORMAT")
    log_level: Level | None = Field(None, alias="CARDPAY_LOG_LEVEL")

    @field_validator("*", mode="before")
    @classmethod
    def _without_line_ends(cls, value: object) -> object:
        """A secret that is mounted as a file ends with a line end, which no header may hold."""
        return value.strip() if isinstance(value, str) else value

    @cached_property
    def mode(self) -> Mode:
        """Told by the secret key's prefix; no keys at all is the demo."""
        if self.stripe_secret_key is None:
            return Mode.DEMO
        return Mode.LIVE if "_live_" in self.stripe_secret_key.get_secret_value() else Mode.TEST

    @property
    def marks_telephone_orders(self) -> bool:
        """Whether a confirm carries Stripe's `moto` flag. Off unless the account has the right."""
        return bool(self.moto)

    @cached_property
    def database(self) -> str:
        """The database's URL. The demo has a file of its own: invented payments never mix."""
        name = "demo" if self.mode is Mode.DEMO else "cardpay"
        return self.database_url or f"sqlite:///{VAR / f'{name}.db'}"

    @cached_property
    def business_zone(self) -> ZoneInfo:
        """The zone of the business day, for reports, limits and exports."""
        return ZoneInfo(self.time_zone)

    @property
    def unpaid_for(self) -> timedelta | None:
        """How long a payment may stay unpaid before it is cancelled; None for ever."""
        return timedelta(hours=self.unpaid_hours) if self.unpaid_hours else None

    @cached_property
    def everyones_roles(self) -> frozenset[Role]:
        """What each person may be while sign-in is off."""
        return frozenset(Role(name) for name in names_in(self.roles))

    @property
    def log_format(self) -> Format:
        """A line of JSON for each event where machines read it; the demo is read by people."""
        return self.chosen_log_format or ("text" if self.mode is Mode.DEMO else "json")

    @property
    def secrets(self) -> frozenset[str]:
        """Every secret that is set, to be blotted out wherever it turns up."""
        told = (getattr(self, name) for name in type(self).model_fields)
        found = {value.get_secret_value() for value in told if isinstance(value, SecretStr)}
        found |= self.audit_key_texts
        return frozenset(found) | secrets_in(self.database)

    def overview(self) -> dict[str, str]:
        """What each variable is set to, for a person to read: of a secret, only whether it is."""
        shown = {
            str(field.alias): _shown(getattr(self, name))
            for name, field in type(self).model_fields.items()
        }
        if self.database_url:
            shown["CARDPAY_DATABASE_URL"] = without_secrets(self.database_url)
        return shown


def _shown(value: object) -> str:
    if value is None or value == "":
        return "not set"
    if isinstance(value, SecretStr):
        return "set"
    return _PASSWORD_IN_URL.sub("://\\g<user>:…@", str(value))


def load(**overrides: Any) -> Settings:
    """Read and check the settings; StartRefused names the variable that is wrong."""
    settings = read(**overrides)
    check_keys(settings)
    check_all_but_keys(settings)
    return settings


def read(**overrides: Any) -> Settings:
    """The settings as they are given, each by itself; StartRefused."""
    try:
        return Settings(**overrides)
    except ValidationError as invalid:
        first = invalid.errors(include_input=False, include_url=False)[0]
        raise StartRefused(str(first["loc"][0]), f"is not right: {first['msg']}.") from None


def check_all_but_keys(settings: Settings) -> None:
    """StartRefused for what contradicts itself or is unsafe."""
    _check_api_base(settings)
    check_database_url(settings.database)
    check_retention(settings)
    if settings.time_zone not in available_timezones():
        raise StartRefused("CARDPAY_TIME_ZONE", "must name a time zone, such as Europe/London.")
    try:
        roles = settings.everyones_roles
    except ValueError:
        roles = frozenset()
    if not roles:
        raise StartRefused("CARDPAY_ROLES", f"must list some of {', '.join(Role)}.")


def check_keys(settings: Settings) -> None:
    """StartRefused unless there are no keys, or two of one mode."""
    secret = settings.stripe_secret_key
    publishable = settings.stripe_publishable_key
    if secret is None and publishable is None:
        return
    if secret is None:
        raise StartRefused(
            "STRIPE_SECRET_KEY", "is missing while STRIPE_PUBLISHABLE_KEY is set: set both."
        )
    if publishable is None:
        raise StartRefused(
            "STRIPE_PUBLISHABLE_KEY", "is missing while STRIPE_SECRET_KEY is set: set both."
        )
    mode_of_secret = _key_mode("STRIPE_SECRET_KEY", secret.get_secret_value(), {"sk", "rk"})
    mode_of_publishable = _key_mode("STRIPE_PUBLISHABLE_KEY", publishable, {"pk"})
    if mode_of_secret is not mode_of_publishable:
        raise StartRefused(
            "STRIPE_PUBLISHABLE_KEY",
            f"is a {mode_of_publishable} key while STRIPE_SECRET_KEY is a {mode_of_secret} key: "
            "take both from the same mode.",
        )


def _key_mode(variable: str, key: str, kinds: set[str]) -> Mode:
    """Test or live. The key itself is never repeated: it may be a secret."""
    wanted = " or ".join(f"{kind}_…" for kind in sorted(kinds, reverse=True))
    found = _KEY.fullmatch(key)
    if found and found["kind"] not in kinds:
        kind = "a publishable key" if found["kind"] == "pk" else "a secret key"
        raise StartRefused(variable, f"holds {kind}, but must hold {wanted}.")
    if found is None or len(key) < _SHORTEST_KEY or _PLACEHOLDER.search(found["rest"]):
        raise StartRefused(
            variable, f"looks like a placeholder: copy the key ({wanted}) from Stripe's dashboard."
        )
    return Mode(found["mode"])


def _check_api_base(settings: Settings) -> None:
    base = settings.stripe_api_base
    if base is None:
        return
    if not re.fullmatch(r"https?://[^/\s]+(/[^\s?#]*)?", base):
        raise StartRefused(
            "CARDPAY_STRIPE_API_BASE", "must be an address such as http://127.0.0.1:8420."
        )
    if settings.mode is Mode.DEMO:
        raise StartRefused(
            "CARDPAY_STRIPE_API_BASE",
            "needs STRIPE_SECRET_KEY and STRIPE_PUBLISHABLE_KEY: the demo brings its own Stripe.",
        )
    if settings.mode is Mode.LIVE:
        raise StartRefused(
            "CARDPAY_STRIPE_API_BASE",
            "names a stand-in for Stripe, which must not see live keys: take it away.",
        )
