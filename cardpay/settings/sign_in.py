"""The settings of sign-in: with which provider, who is let in as what, and for how long."""

import re
from datetime import timedelta
from functools import cached_property
from typing import Final, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr

from cardpay.domain.access.permissions import Role
from cardpay.domain.access.sign_in import IDLE, LONGEST, Admission
from cardpay.domain.stripe_account import Mode
from cardpay.settings.comma_lists import names_in
from cardpay.settings.stripe_keys import StripeSettings

# Streamlit's route, to which the provider sends people back (Streamlit docs: "st.login").
CALLBACK: Final = "/oauth2callback"
_LONGEST_MINUTES: Final = 60 * 24 * 366


class SignInSettings(StripeSettings):
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
        IDLE // timedelta(minutes=1),
        alias="CARDPAY_SIGN_IN_IDLE_MINUTES",
        gt=0,
        le=_LONGEST_MINUTES,
    )
    longest_minutes: float = Field(
        LONGEST // timedelta(minutes=1),
        alias="CARDPAY_SIGN_IN_MAX_MINUTES",
        gt=0,
        le=_LONGEST_MINUTES,
    )

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
            idle=self.idle,
            longest=timedelta(minutes=self.longest_minutes),
        )

    @property
    def idle(self) -> timedelta:
        """How long a session stays open without use."""
        return timedelta(minutes=self.idle_minutes)

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
    def origin(self) -> str | None:
        """The desk's own scheme, host and port, where people sign in; else nothing is said."""
        parts = urlsplit(self.oidc_redirect_uri or "")
        return f"{parts.scheme}://{parts.netloc}" if parts.netloc else None

    @property
    def is_behind_tls(self) -> bool:
        """Whether browsers reach the desk by https alone."""
        return (self.oidc_redirect_uri or "").startswith("https://")


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
