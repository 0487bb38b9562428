"""Identity tokens: whom to believe, and what (OpenID Connect Core 1.0, section 3.1.3.7)."""

from collections.abc import Mapping
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from cardpay.domain.access.role_check_rules import ProviderRefused
from cardpay.identity_provider.discovery import Discovery

# Signed with a key that the provider alone has. Never `none`, nor a shared secret, which would
# make everybody a provider who knows it: whatever the discovery document lists.
_ALGORITHMS: Final = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
    "Ed25519",
)  # fmt: skip
_LEEWAY_SECONDS: Final = 60


def read_id_token(
    token: object, discovery: Discovery, client_id: str, nonce: str | None
) -> Mapping[str, Any]:
    """The claims of a token that may be believed; `nonce` is that of the sign-in, if it is one.

    Raises ProviderRefused, ProviderSilent.
    """
    if not isinstance(token, str):
        raise ProviderRefused("no identity token")
    claims = _signed_claims(token, discovery)
    expected = {
        "iss": {"essential": True, "value": discovery.document().issuer},
        "sub": {"essential": True},
        "aud": {"essential": True, "value": client_id},
        "exp": {"essential": True},
        "iat": {"essential": True},
    }
    if nonce is not None:
        expected["nonce"] = {"essential": True, "value": nonce}
    try:
        registry = jwt.JWTClaimsRegistry(leeway=_LEEWAY_SECONDS, **expected)  # type: ignore[arg-type]
        registry.validate(claims)
    except (JoseError, TypeError, ValueError, OverflowError) as error:
        raise ProviderRefused(f"an identity token with {type(error).__name__}") from error
    # Issued to somebody else, who hands it on.
    if claims.get("azp", client_id) != client_id:
        raise ProviderRefused("an identity token for another party")
    return claims


def _signed_claims(token: str, discovery: Discovery) -> dict[str, Any]:
    try:
        try:
            return _decoded(token, discovery.keys())
        except (InvalidKeyIdError, ValueError):  # signed with a new key, perhaps
            return _decoded(token, discovery.keys(anew=True))
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise ProviderRefused(f"an identity token with {type(error).__name__}") from error


def _decoded(token: str, keys: KeySet) -> dict[str, Any]:
    return jwt.decode(token, keys, algorithms=list(_ALGORITHMS)).claims
