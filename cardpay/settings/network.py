"""The settings of the network: which hosts the desk answers to, and which proxies it believes."""

import re
from ipaddress import ip_network
from typing import Final
from urllib.parse import urlsplit

from pydantic import Field

from cardpay.domain.errors import StartRefused
from cardpay.domain.stripe_account import Mode
from cardpay.settings.comma_lists import names_in
from cardpay.settings.sign_in import SignInSettings

_HOST: Final = re.compile(r"(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|::1")
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class NetworkSettings(SignInSettings):
    """Where requests may come in."""

    allowed_hosts: str = Field("", alias="CARDPAY_ALLOWED_HOSTS")
    trusted_proxies: str = Field("", alias="CARDPAY_TRUSTED_PROXIES")

    @property
    def hosts(self) -> tuple[str, ...]:
        """The hosts that the desk answers to; none named means any.

        Where people sign in it is the redirect URI's host, besides this computer's own names.
        Where nobody does, these alone: a page of another site could give its name our address.
        """
        named = tuple(names_in(self.allowed_hosts))
        if named or (self.signs_in and not self.oidc_redirect_uri):
            return named
        own = sorted(LOOPBACK)
        if not self.signs_in:
            return tuple(own)
        return (urlsplit(self.oidc_redirect_uri or "").hostname or "", *own)

    @property
    def is_for_this_computer_alone(self) -> bool:
        """Whether other computers are refused: nobody signs in.

        A demo, which has no real money, may be shown to others under hosts that are named.
        """
        if self.signs_in:
            return False
        return self.mode is not Mode.DEMO or not names_in(self.allowed_hosts)

    @property
    def proxies(self) -> tuple[str, ...]:
        """The addresses whose word on a request's origin and scheme is taken."""
        return tuple(names_in(self.trusted_proxies))


def check_network(settings: NetworkSettings) -> None:
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
