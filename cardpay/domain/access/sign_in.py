"""Signing in: reading an identity from a token's claims, and the roles that it gives."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from cardpay.domain.access.permissions import Role
from cardpay.domain.card_number_guard import mask_card_numbers
from cardpay.domain.errors import CardpayError

# In the mapping from groups to roles: everybody who may sign in.
EVERYBODY: Final = "*"

# Where no setting says otherwise, a session ends after IDLE without activity, and LONGEST after
# the sign-in.
IDLE: Final = timedelta(minutes=30)
LONGEST: Final = timedelta(hours=12)


class EndReason(StrEnum):
    """Why a session ended."""

    SIGNED_OUT = "signed out"
    IDLE = "idle"
    TOO_OLD = "too old"
    PROVIDER = "provider"  # the identity token has expired


_SENTENCES: Final[dict[EndReason, str]] = {
    EndReason.SIGNED_OUT: "You've signed out.",
    EndReason.IDLE: "You were signed out because you were inactive.",
    EndReason.TOO_OLD: "You were signed out because you signed in too long ago.",
    EndReason.PROVIDER: "You were signed out because your sign-in expired.",
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
    """The identity in a token's claims, or None when the required claims are missing.

    The claims are those of OpenID Connect Core 1.0, section 2. An e-mail address counts unless
    the provider says that it is not verified; a provider of one organisation often says nothing.
    """
    issuer, subject = claims.get("iss"), claims.get("sub")
    issued, expires = _time(claims.get("iat")), _time(claims.get("exp"))
    if not (isinstance(issuer, str) and issuer and isinstance(subject, str) and subject):
        return None
    if issued is None or expires is None:
        return None
    email = claims.get("email")
    verified = claims.get("email_verified") not in (False, "false")
    domain = email.rpartition("@")[2].casefold() if isinstance(email, str) and verified else ""
    sign_in = [claims.get(name) for name in ("iss", "sub", "iat", "nonce", "at_hash", "exp")]
    return Identity(
        actor_id=f"person-{_digest([issuer, subject])[:20]}",
        session_id=_digest(sign_in),
        issued_at=issued,
        expires_at=expires,
        groups=_groups(claims, groups_claim),
        email_domain=domain or None,
        name=mask_card_numbers(str(claims.get("name") or email or "")),
    )


def _time(claim: object) -> datetime | None:
    """A NumericDate (RFC 7519, section 2)."""
    if isinstance(claim, bool) or not isinstance(claim, int | float):
        return None
    try:
        return datetime.fromtimestamp(claim, UTC)
    except (OverflowError, ValueError):
        return None


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
class Admission:
    """Who may sign in, with which roles and for how long, and whom others may ask for access.

    Without allowed domains and groups, everybody may whose group gives them a role.
    """

    roles_by_group: Mapping[str, frozenset[Role]]
    allowed_domains: frozenset[str] = frozenset()
    allowed_groups: frozenset[str] = frozenset()
    contact: str = "an administrator of this desk"
    idle: timedelta = IDLE
    longest: timedelta = LONGEST

    def roles_of(self, identity: Identity) -> frozenset[Role]:
        """The roles that the person has; none if they may not use the desk."""
        limited = self.allowed_domains or self.allowed_groups
        allowed = identity.email_domain in self.allowed_domains or bool(
            identity.groups & self.allowed_groups
        )
        if limited and not allowed:
            return frozenset()
        granted = [self.roles_by_group.get(group) for group in (*identity.groups, EVERYBODY)]
        return frozenset(role for roles in granted if roles for role in roles)
