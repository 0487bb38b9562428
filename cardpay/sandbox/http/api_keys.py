"""API keys: every well-formed test key is accepted, and no live key ever is."""

import base64
import binascii
import re
from collections.abc import Mapping

from cardpay.sandbox.http.api_errors import EarlyRejection

_KEY = re.compile(r"(sk|rk|pk)_test_[A-Za-z0-9_]{3,}")


def is_publishable(headers: Mapping[str, str]) -> bool:
    """Whether the request's key is a publishable one. Raises EarlyRejection for an invalid key.

    The names in `headers` are in lower case.
    """
    key = _key(headers.get("authorization", ""))
    if not key:
        raise EarlyRejection(
            401,
            "You did not provide an API key. You need to provide your API key in the"
            " Authorization header, using Bearer auth (e.g. 'Authorization: Bearer"
            " YOUR_SECRET_KEY').",
        )
    if not _KEY.fullmatch(key):
        shown = key[:8] + "*" * 8 if re.match(r"(sk|rk|pk)_live_", key) else "*" * 8
        raise EarlyRejection(401, f"Invalid API Key provided: {shown}")
    return key.startswith("pk_")


def secret_required() -> EarlyRejection:
    """The error for a request that a publishable key is not allowed to make."""
    return EarlyRejection(
        403,
        "This API call cannot be made with a publishable API key. Please use a secret API key."
        " You can find a list of your API keys at https://dashboard.stripe.com/account/apikeys.",
        code="secret_key_required",
    )


def _key(authorization: str) -> str:
    scheme, _, given = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return given.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(given).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return ""
