"""Signing in: reading an identity from a token's claims, and the roles that it gives."""

import hashlib
import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from cardpay.domain.access.permissions import Role
from cardpay.domain.card_number_guard import mask_card_numbers
from cardpay.domain.cleaned_text import tidy
from cardpay.domain.errors import CardpayError

# In the mapping from groups to roles: everybody who may sign in.
EVERYBODY: Final = "*"

# Where no setting says otherwise, a session ends after IDLE without activity, and LONGEST after
# the sign-in.
IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=12)

# More than anybody has; a provider that says more is not believed (Microsoft Entra ID puts at
# most 200 groups into a token).
_MOST_GROUPS: Final = 2_000
_LONGEST_CLAIM: Final = 500
_LONGEST_NAME: Final = 100
# NUL, and halves of characters (Unicode: surrogates), of which JSON can have one alone.
_NO_TEXT: Final = re.compile("[\0\ud800-\udfff]")
_NAMED: Final = ("name", "email", "nonce", "at_hash")

SIGN_IN_CLAIMS: Final = ("iss", "sub", "iat", "nonce", "at_hash", "exp")
"""The claims that tell one sign-in from every other."""


class EndReason(StrEnum):
    """Why a session ended."""

    SIGNED_OUT = "signed out"
    IDLE = "idle"
    TOO_OLD = "too old"
    PROVIDER = "provider"  # the provider says that it counts no more
    UNCHECKED = "unchecked"  # the provider gave nothing to ask again with
    ENDED = "ended"  # by an administrator


_SENTENCES: Final[dict[EndReason, str]] = {
    EndReason.SIGNED_OUT: "You've signed out.",
    EndReason.IDLE: "You were signed out because you were inactive.",
    EndReason.TOO_OLD: "You were signed out because you signed in too long ago.",
    EndReason.PROVIDER: "You were signed out because your sign-in expired.",
    EndReason.UNCHECKED: "You were signed out so that your access can be checked.",
    EndReason.ENDED: "You were signed out by an administrator.",
}


class NotSignedIn(CardpayError):
    """Nobody has signed in."""

    def __init__(self) -> None:
        super().__init__("You're not signed in.", "Sign in to use the desk.")


class SignedOut(CardpayError):
    """The session has ended, here or in another tab."""

    def __init__(self, reason: EndReason) -> None:
        self.reason = reason
        super().__init__(_SENTENCES[reason], "Sign in again.")


class AccessDenied(CardpayError):
    """Somebody signed in who may not use the desk. `contact` is whom they may ask for access."""

    def __init__(self, contact: str) -> None:
        super().__init__("You don't have access to this desk.", f"To get access, ask {contact}.")


@dataclass(frozen=True)
class Identity:
    """A person as a signed identity token names them.

    `actor_id` is a pseudonym for the person in the database; `session_id` is new for every
    sign-in. Both are hashes, from which the claims cannot be recovered.
    """

    actor_id: str
    session_id: str
    issued_at: datetime
    expires_at: datetime
    groups: frozenset[str]
    email_domain: str | None
    name: str = field(repr=False)


def read_identity(claims: Mapping[str, object], groups_claim: str) -> Identity | None:
    """The identity in a token's claims, or None when what is required is missing or absurd.

    The claims are those of OpenID Connect Core 1.0, section 2. An e-mail address counts unless
    the provider says that it is not verified; a provider of one organisation often says nothing.
    """
    issuer, subject = claims.get("iss"), claims.get("sub")
    issued, expires = _time(claims.get("iat")), _time(claims.get("exp"))
    if not (isinstance(issuer, str) and issuer and isinstance(subject, str) and subject):
        return None
    if issued is None or expires is None:
        return None
    groups = _groups(claims, groups_claim)
    named = [issuer, subject, *groups, *(claims.get(each) for each in _NAMED)]
    if len(groups) > _MOST_GROUPS or any(_is_absurd(text) for text in named):
        return None
    email = claims.get("email")
    # A provider that never says so verifies (OpenID Connect Core: "Standard Claims"); some say it
    # as a text.
    verified = str(claims.get("email_verified", True)).lower() == "true"
    domain = email.rpartition("@")[2].casefold() if isinstance(email, str) and verified else ""
    sign_in = [claims.get(name) for name in SIGN_IN_CLAIMS]
    return Identity(
        actor_id=f"person-{_digest([issuer, subject])[:20]}",
        session_id=_digest(sign_in),
        issued_at=issued,
        expires_at=expires,
        groups=groups,
        email_domain=domain or None,
        name=mask_card_numbers(tidy(str(claims.get("name") or email or "")))[:_LONGEST_NAME],
    )


def _time(claim: object) -> datetime | None:
    """A NumericDate (RFC 7519, section 2)."""
    if isinstance(claim, bool) or not isinstance(claim, int | float):
        return None
    try:
        return datetime.fromtimestamp(claim, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _is_absurd(claim: object) -> bool:
    """Text that no person and no group is called, and that a database may refuse."""
    if not isinstance(claim, str):
        return False
    return len(claim) > _LONGEST_CLAIM or _NO_TEXT.search(claim) is not None


def _groups(claims: Mapping[str, object], path: str) -> frozenset[str]:
    """One group or a list of them, under a claim or, with dots, within nested claims."""
    found: object = claims.get(path)
    if found is None:
        found = claims
        for part in path.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    listed = [found] if isinstance(found, str) else found
    if not isinstance(listed, list | tuple):
        return frozenset()
    return frozenset(group for group in listed if isinstance(group, str))


def _digest(parts: list[object]) -> str:
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()


@dataclass(frozen=True)
class Answer:
    """Who somebody is now, and the sealed token with which to ask the next time, if there is one.

    Only the desk's own process can open it: the database and its backups hold no token.
    `sign_in` are the claims by which the browser's cookie names the sign-in.
    """

    identity: Identity
    token: str | None = field(default=None, repr=False)
    sign_in: Mapping[str, object] = field(default_factory=dict, repr=False)


class Provider(Protocol):
    """The identity provider, as sessions know it."""

    def ask_again(self, token: str, *, for_money: bool = False) -> Answer:
        """Who the person of a sealed token is now, in a few seconds at most.

        Just after a silence nobody is asked about, but for money. Raises ProviderSilent,
        ProviderRefused.
        """


@dataclass(frozen=True)
class Admission:
    """Who may sign in, with which roles and for how long, and whom others may ask for access.

    Without allowed domains and groups, everybody may whose group gives them a role. `provider` is
    asked again who somebody is; without one, roles stay as they were at sign-in.
    """

    roles_by_group: Mapping[str, frozenset[Role]]
    allowed_domains: frozenset[str] = frozenset()
    allowed_groups: frozenset[str] = frozenset()
    contact: str = "an administrator of this desk"
    idle: timedelta = IDLE
    longest: timedelta = LONGEST
    provider: Provider | None = field(default=None, repr=False, compare=False)

    def roles_of(self, identity: Identity) -> frozenset[Role]:
        """The roles that the person has; none if they may not use the desk."""
        return self.roles_by(identity.groups, identity.email_domain)

    def roles_by(self, groups: Collection[str], email_domain: str | None) -> frozenset[Role]:
        """The same, for somebody of whom only this is kept."""
        limited = self.allowed_domains or self.allowed_groups
        allowed = email_domain in self.allowed_domains or bool(self.allowed_groups & set(groups))
        if limited and not allowed:
            return frozenset()
        granted = [self.roles_by_group.get(group) for group in (*groups, EVERYBODY)]
        return frozenset(role for roles in granted if roles for role in roles)

    def known_groups(self, identity: Identity) -> list[str]:
        """The person's groups that the settings name: the others are nobody's business here."""
        return sorted(identity.groups & (self.roles_by_group.keys() | self.allowed_groups))
