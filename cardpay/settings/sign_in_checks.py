"""What is refused among the settings of sign-in.

They matter where pages are served: a command or a receiver of webhooks needs none of them.
"""

import warnings
from importlib import import_module
from typing import Final
from urllib.parse import urlsplit

from cardpay.domain.access.permissions import Role
from cardpay.domain.access.sign_in import EVERYBODY
from cardpay.domain.errors import StartRefused
from cardpay.domain.stripe_account import Mode
from cardpay.settings.network import LOOPBACK, NetworkSettings, check_network
from cardpay.settings.sign_in import CALLBACK, SignInSettings

_SHORTEST_COOKIE_SECRET: Final = 32


def check_sign_in(settings: NetworkSettings) -> None:
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


def refuse_live_without(settings: SignInSettings) -> None:
    """StartRefused where nobody signs in and money is real: nobody is let in there."""
    if settings.mode is Mode.LIVE and not settings.signs_in:
        raise StartRefused("CARDPAY_SIGN_IN", "cannot be off with live keys: set it to oidc.")


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


def _is_safe(address: str, *, loopback: bool) -> bool:
    """Whether it is https, or with `loopback` on this computer."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:  # brackets that are no address, a port that is no number
        return False
    on_loopback = loopback and parts.hostname in LOOPBACK
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and on_loopback)
    )
