"""An OpenID Connect provider as a process of its own, and the people whom it knows."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from tests.support.processes import servers
from tests.support.processes.servers import Server

# The group of each role, as an organisation might call them.
GROUPS = {
    "analyst": "reporting",
    "agent": "call-centre",
    "supervisor": "leads",
    "admin": "it",
}
ROLES = ",".join(f"{group}={role}" for role, group in GROUPS.items())
CONTACT = "the office manager"
CLIENT_SECRET = "provider-client-secret"
COOKIE_SECRET = "0123456789abcdef0123456789abcdef"
PEOPLE = (*(f"{role.capitalize()} One" for role in GROUPS), "Stranger One", "All One")


@dataclass(frozen=True)
class IdentityProvider(Server):
    """Its people are named after their roles; "stranger" is in none of the groups."""

    def settings(self, port: int) -> dict[str, str]:
        """What an app on `port` needs to send people here."""
        return {
            "CARDPAY_SIGN_IN": "oidc",
            "CARDPAY_OIDC_ISSUER": self.url,
            "CARDPAY_OIDC_CLIENT_ID": "cardpay",
            "CARDPAY_OIDC_CLIENT_SECRET": CLIENT_SECRET,
            "CARDPAY_OIDC_REDIRECT_URI": f"http://127.0.0.1:{port}/oauth2callback",
            "CARDPAY_OIDC_COOKIE_SECRET": COOKIE_SECRET,
            "CARDPAY_OIDC_ROLES": ROLES,
            "CARDPAY_SIGN_IN_CONTACT": CONTACT,
        }


@contextmanager
def identity_provider(folder: Path) -> Iterator[IdentityProvider]:
    """A provider that knows these people."""
    port = servers.free_port()
    people = [
        {"sub": role, "name": f"{role.capitalize()} One", "groups": [group]}
        for role, group in GROUPS.items()
    ]
    people.append({"sub": "stranger", "name": "Stranger One", "groups": ["gardening"]})
    people.append({"sub": "everything", "name": "All One", "groups": list(GROUPS.values())})
    command = ["-m", "oidc_provider_mock", f"--port={port}"]
    command += [f"--user-claims={json.dumps(person)}" for person in people]
    up = "/.well-known/openid-configuration"
    with servers.serving(folder, "provider", port, servers.python(*command), up=up) as server:
        yield IdentityProvider(server.url, server.log, server.folder, server.process)


def sign_in(page: Page, person: str) -> None:
    """From the door, by the provider's form, back to the desk."""
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name=person, exact=True).click()
