"""The settings of sign-in, and what is refused among them.

They matter where pages are served: a command or a receiver of webhooks needs none of them.
"""

import re
import warnings
from abc import abstractmethod
from datetime import timedelta
from functools import cached_property
from importlib import import_module
from ipaddress import ip_network
from typing import Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

from cardpay.domain.access.actor import Role
from cardpay.domain.access.sign_in import EVERYBODY, Admission
from cardpay.domain.account import Mode
from cardpay.domain.errors import StartRefused

# Streamlit's route, to which the provider sends people back (Streamlit docs: "st.login").
CALLBACK: Final = "/oauth2callback"
_SHORTEST_COOKIE_SECRET: Final = 32
_HOST: Final = re.compile(r"(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|::1")
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


_LONGEST_MINUTES: Final = 60 * 24 * 366


class SignInSettings(BaseSettings):
    """Who may sign in, where, and for how long."""

    chosen_sign_in: Literal["oidc", "off"] | None = Field(None, alias="CARDPAY_SIGN_IN")
    oidc_issuer: str | None = Field(None, alias="CARDPAY_OIDC_ISSUER")
    oidc_client_id: str | None = Field(None, alias="CARDPAY_OIDC_CLIENT_ID")
    oidc_client_secret: SecretStr | None = Field(None, alias="CARDPAY_OIDC_CLIENT_SECRET")
    oidc_redirect_uri: str | None = Field(None, alias="CARDPAY_OIDC_REDIRECT_URI")
    oidc_cookie_secret: SecretStr | None = Field(None, alias="CARDPAY_OIDC_COOKIE_SECRET")
    oidc_groups_claim: str = Field("groups", alias="CARDPAY_OIDC_GROUPS_CLAIM")
    oidc_allowed_domains: str = Field("", alias="CARDPAY_OIDC_ALLOWED_DOMAINS")
    oidc_allowed_groups: str = Field("", alias="CARDPAY_OIDC_ALLOWED_GROUPS")
    oidc_roles: str = Field("", alias="CARDPAY_OIDC_ROLES")
    sign_in_contact: str = Field("an administrator of this desk", alias="CARDPAY_SIGN_IN_CONTACT")
    idle_minutes: float = Field(
        30, alias="CARDPAY_SIGN_IN_IDLE_MINUTES", gt=0, le=_LONGEST_MINUTES
    )
    longest_minutes: float = Field(
        12 * 60, alias="CARDPAY_SIGN_IN_MAX_MINUTES", gt=0, le=_LONGEST_MINUTES
    )
    allowed_hosts: str = Field("", alias="CARDPAY_ALLOWED_HOSTS")
    trusted_proxies: str = Field("", alias="CARDPAY_TRUSTED_PROXIES")

    @property
    @abstractmethod
    def mode(self) -> Mode:
        """What kind of money the desk handles."""

    @property
    def signs_in(self) -> bool:
        """Whether people sign in: always, unless it is the demo or switched off."""
        if self.chosen_sign_in is None:
            return self.mode is not Mode.DEMO
        return self.chosen_sign_in == "oidc"

    @cached_property
    def admission(self) -> Admission:
        """Who is let in as what; ValueError for a mapping that is none."""
        return Admission(
            roles_by_group=_roles_by_group(self.oidc_roles),
            allowed_domains=frozenset(
                name.casefold().removeprefix("@") for name in names_in(self.oidc_allowed_domains)
            ),
            allowed_groups=frozenset(names_in(self.oidc_allowed_groups)),
            contact=self.sign_in_contact,
            idle=timedelta(minutes=self.idle_minutes),
            longest=timedelta(minutes=self.longest_minutes),
        )

    @property
    def streamlit_auth(self) -> dict[str, str]:
        """Streamlit's `[auth]` section (Streamlit docs: "st.login")."""
        assert self.oidc_client_secret is not None
        assert self.oidc_cookie_secret is not None
        assert self.oidc_issuer is not None
        assert self.oidc_redirect_uri is not None
        assert self.oidc_client_id is not None
        return {
            "redirect_uri": self.oidc_redirect_uri,
            "cookie_secret": self.oidc_cookie_secret.get_secret_value(),
            "client_id": self.oidc_client_id,
            "client_secret": self.oidc_client_secret.get_secret_value(),
            "server_metadata_url": (
                f"{self.oidc_issuer.rstrip('/')}/.well-known/openid-configuration"
            ),
        }

    @property
    def is_behind_tls(self) -> bool:
        """Whether browsers reach the desk by https alone."""
        return (self.oidc_redirect_uri or "").startswith("https://")

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that the desk answers to; none named means any.

        Where people sign in it is the redirect URI's host, besides this computer's own names.
        """
        named = tuple(names_in(self.allowed_hosts))
        if named or not self.signs_in or not self.oidc_redirect_uri:
            return named
        return (urlsplit(self.oidc_redirect_uri).hostname or "", *sorted(_LOOPBACK))

    @property
    def proxies(self) -> tuple[str, ...]:
        """The addresses whose word on a request's origin and scheme is taken."""
        return tuple(names_in(self.trusted_proxies))


def names_in(listed: str) -> list[str]:
    """The names in a list with commas."""
    return [name.strip() for name in listed.split(",") if name.strip()]


def check_sign_in(settings: SignInSettings) -> None:
    """StartRefused unless pages may be served with these settings."""
    check_network(settings)
    refuse_live_without(settings)
    if not settings.signs_in:
        return
    _check_presence(settings)
    _check_addresses(settings)
    secret = settings.oidc_cookie_secret
    if secret is None or len(secret.get_secret_value()) < _SHORTEST_COOKIE_SECRET:
        raise StartRefused(
            "CARDPAY_OIDC_COOKIE_SECRET",
            f"must be a random text of at least {_SHORTEST_COOKIE_SECRET} characters, since it "
            "signs the cookies that say who somebody is.",
        )
    try:
        admission = settings.admission
    except ValueError:
        raise StartRefused(
            "CARDPAY_OIDC_ROLES",
            "must map groups to roles, such as finance=agent,leads=supervisor, with the roles "
            f"{', '.join(Role)}.",
        ) from None
    missing = missing_package()
    if missing:
        raise StartRefused(
            "CARDPAY_SIGN_IN",
            f"needs the package {missing}, which is not installed: run "
            "`pip install -r requirements.txt`.",
        )
    limited = admission.allowed_domains or admission.allowed_groups
    if EVERYBODY in admission.roles_by_group and not limited:
        raise StartRefused(
            "CARDPAY_OIDC_ROLES",
            "gives everybody a role: say who may sign in, in CARDPAY_OIDC_ALLOWED_DOMAINS or "
            "CARDPAY_OIDC_ALLOWED_GROUPS.",
        )


def missing_package() -> str | None:
    """The package that signing in lacks here, or None.

    Streamlit imports Authlib, and that httpx, no sooner than somebody presses "Sign in".
    """
    try:
        # That Authlib would rather have httpx2 is nothing that whoever runs the desk can act upon.
        with warnings.catch_warnings(record=True):
            import_module("authlib.integrations.starlette_client")
    except ImportError as error:
        return (error.name or "authlib").partition(".")[0]
    return None


def refuse_live_without(settings: SignInSettings) -> None:
    """StartRefused where nobody signs in and money is real: nobody is let in there."""
    if settings.mode is Mode.LIVE and not settings.signs_in:
        raise StartRefused("CARDPAY_SIGN_IN", "cannot be off with live keys: set it to oidc.")


def _check_presence(settings: SignInSettings) -> None:
    for variable, value in (
        ("CARDPAY_OIDC_ISSUER", settings.oidc_issuer),
        ("CARDPAY_OIDC_CLIENT_ID", settings.oidc_client_id),
        ("CARDPAY_OIDC_CLIENT_SECRET", settings.oidc_client_secret),
        ("CARDPAY_OIDC_REDIRECT_URI", settings.oidc_redirect_uri),
        ("CARDPAY_OIDC_COOKIE_SECRET", settings.oidc_cookie_secret),
        ("CARDPAY_OIDC_ROLES", settings.oidc_roles),
    ):
        if not value:
            way_out = "" if settings.mode is Mode.LIVE else ", or set CARDPAY_SIGN_IN=off"
            raise StartRefused(variable, f"is missing, and people sign in here: set it{way_out}.")


def _is_safe(address: str, *, loopback: bool) -> bool:
    """Whether it is https, or with `loopback` on this computer."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:  # brackets that are no address, a port that is no number
        return False
    on_loopback = loopback and parts.hostname in _LOOPBACK
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and on_loopback)
    )


def _check_addresses(settings: SignInSettings) -> None:
    for variable, address in (
        ("CARDPAY_OIDC_ISSUER", settings.oidc_issuer or ""),
        ("CARDPAY_OIDC_REDIRECT_URI", settings.oidc_redirect_uri or ""),
    ):
        if not _is_safe(address, loopback=settings.mode is not Mode.LIVE):
            raise StartRefused(variable, "must be an https address.")
    if urlsplit(settings.oidc_redirect_uri or "").path != CALLBACK:
        raise StartRefused(
            "CARDPAY_OIDC_REDIRECT_URI",
            f"must end in {CALLBACK}, such as https://desk.example.com{CALLBACK}.",
        )


def check_network(settings: SignInSettings) -> None:
    """StartRefused unless hosts and proxies are named rightly."""
    if not all(_HOST.fullmatch(host) for host in names_in(settings.allowed_hosts)):
        raise StartRefused(
            "CARDPAY_ALLOWED_HOSTS", "must list host names, such as desk.example.com."
        )
    try:
        for proxy in settings.proxies:
            ip_network(proxy, strict=False)
    except ValueError:
        raise StartRefused(
            "CARDPAY_TRUSTED_PROXIES", "must list addresses or networks, such as 10.0.0.2."
        ) from None


def _roles_by_group(mapping: str) -> dict[str, frozenset[Role]]:
    """`finance=agent,leads=agent+supervisor`; ValueError."""
    found: dict[str, frozenset[Role]] = {}
    for entry in names_in(mapping):
        group, _, roles = entry.rpartition("=")
        if not group:
            raise ValueError(entry)
        names = re.split(r"\s*\+\s*", roles.strip())
        found[group.strip()] = found.get(group.strip(), frozenset()) | {
            Role(name) for name in names
        }
    if not found:
        raise ValueError(mapping)
    return found
