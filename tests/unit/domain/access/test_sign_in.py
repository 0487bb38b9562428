"""Who a token says somebody is, and what that makes them."""

from datetime import UTC, datetime
from typing import Any

import pytest

from cardpay.domain.access.permissions import Role
from cardpay.domain.access.sign_in import EVERYBODY, Admission, Identity, read_identity

CLAIMS: dict[str, Any] = {
    "iss": "https://id.example.com",
    "sub": "248289761001",
    "iat": 1_700_000_000,
    "exp": 1_700_003_600,
    "nonce": "n-0S6_WzA2Mj",
    "name": "Person One",
    "email": "Person.One@Example.com",
    "groups": ["call centre", "everyone"],
}


def identity(**changes: object) -> Identity:
    """A person with some claims changed."""
    found = read_identity({**CLAIMS, **changes}, "groups")
    assert found is not None
    return found


def test_an_identity_says_nothing_personal() -> None:
    """The ids that stand in the books cannot be read, and the name is not in its repr."""
    found = identity()
    assert found.email_domain == "example.com"
    assert found.groups == {"call centre", "everyone"}
    assert found.expires_at == datetime.fromtimestamp(1_700_003_600, UTC)
    for part in ("Person", "248289761001"):
        assert part not in f"{found!r} {found.actor_id} {found.session_id}"


def test_an_actor_is_the_same_at_every_sign_in_and_a_session_never() -> None:
    """Whatever their name or address is by then."""
    first, again = identity(), identity(nonce="other", name="Person Won", email="x@example.com")
    assert first.actor_id == again.actor_id
    assert first.session_id != again.session_id
    assert identity(sub="2").actor_id != first.actor_id
    assert identity(iss="https://other.example.com").actor_id != first.actor_id


@pytest.mark.parametrize(
    "broken",
    [
        {"iss": None},
        {"iss": ""},
        {"sub": None},
        {"sub": 5},
        {"exp": None},
        {"exp": "1700003600"},
        {"exp": True},
        {"exp": 1e300},
        {"exp": float("nan")},
        {"iat": None},
    ],
)
def test_what_is_no_token_is_nobody(broken: dict[str, object]) -> None:
    """Nothing is made up in the place of what is missing."""
    assert read_identity({**CLAIMS, **broken}, "groups") is None


@pytest.mark.parametrize(
    ("claims", "path", "groups"),
    [
        ({"groups": "one"}, "groups", {"one"}),
        ({"groups": ["one", 2, None]}, "groups", {"one"}),
        ({"groups": {"one": 1}}, "groups", set()),
        ({"realm_access": {"roles": ["one"]}}, "realm_access.roles", {"one"}),
        ({"https://example.com/groups": ["one"]}, "https://example.com/groups", {"one"}),
        ({}, "missing.altogether", set()),
    ],
)
def test_groups_stand_where_the_setting_says(
    claims: dict[str, object], path: str, groups: set[str]
) -> None:
    """A list, a single one, or within another claim."""
    found = read_identity({**CLAIMS, **claims}, path)
    assert found is not None
    assert found.groups == groups


AGENTS = {"call centre": frozenset({Role.AGENT})}


@pytest.mark.parametrize(
    ("admission", "changes", "roles"),
    [
        (Admission(AGENTS), {}, {Role.AGENT}),
        (Admission(AGENTS), {"groups": []}, set()),
        (
            Admission({**AGENTS, "everyone": frozenset({Role.ANALYST})}),
            {},
            {Role.AGENT, Role.ANALYST},
        ),
        (Admission(AGENTS, allowed_domains=frozenset({"example.com"})), {}, {Role.AGENT}),
        (Admission(AGENTS, allowed_domains=frozenset({"example.org"})), {}, set()),
        (
            Admission(AGENTS, allowed_domains=frozenset({"example.com"})),
            {"email_verified": False},
            set(),
        ),
        *(
            (
                Admission(AGENTS, allowed_domains=frozenset({"example.com"})),
                {"email_verified": said},
                {Role.AGENT} if counts else set(),
            )
            for said, counts in [
                (True, True),
                ("true", True),
                ("False", False),
                ("0", False),
                (0, False),
                ({}, False),
                (None, False),
            ]
        ),
        (Admission(AGENTS, allowed_domains=frozenset({"ple.com"})), {}, set()),
        (Admission(AGENTS, allowed_domains=frozenset({"example.com"})), {"email": None}, set()),
        (Admission(AGENTS, allowed_groups=frozenset({"everyone"})), {}, {Role.AGENT}),
        (Admission(AGENTS, allowed_groups=frozenset({"staff"})), {}, set()),
        (
            Admission({EVERYBODY: frozenset({Role.ANALYST})}, frozenset({"example.com"})),
            {"groups": []},
            {Role.ANALYST},
        ),
    ],
)
def test_what_somebody_may_be(
    admission: Admission, changes: dict[str, object], roles: set[Role]
) -> None:
    """Allowed at all by domain or group, and then what the groups give; else a stranger."""
    assert admission.roles_of(identity(**changes)) == roles
