"""Who calls: an API key, its account and the API version.

Every well-formed test key is accepted, and no live key ever is. A restricted key may do everything
until its permissions are set.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass

from cardpay.sandbox.http import api_versions
from cardpay.sandbox.http.api_errors import EarlyRejection, no_access
from cardpay.sandbox.state.account_state import State

_KEY = re.compile(r"(sk|rk|pk)_test_[A-Za-z0-9_]{3,}")
# What Stripe calls a resource in the name of a permission, where it is not the one in the URL.
_PERMISSION = {
    "account": "accounts_kyc_basic",
    "accounts": "accounts_kyc_basic",
    "price": "plan",
    "refund": "charge",
}


@dataclass(frozen=True)
class Caller:
    """What a request's headers say about who sends it."""

    key: str
    api_version: str

    @property
    def publishable(self) -> bool:
        """Whether the key is a publishable one."""
        return self.key.startswith("pk_")

    def check_permission(self, state: State, method: str, path: str) -> None:
        """Raise EarlyRejection if the key is restricted and may not make this request."""
        allowed = state.permissions.get(self.key)
        if allowed is None:
            return
        resource = path.split("/")[2].removesuffix("s")
        name = f"rak_{_PERMISSION.get(resource, resource)}"
        needed = f"{name}_read" if method == "GET" else f"{name}_write"
        if allowed.isdisjoint({needed, f"{name}_write"}):
            raise EarlyRejection(
                403,
                f"The provided key '{_masked(self.key)}' does not have the required permissions"
                f" for this endpoint on account '{state.account_id}'. Having the '{needed}'"
                " permission would allow this request to continue.",
            )


def caller(state: State, headers: Mapping[str, str]) -> Caller:
    """Who sends a request. Raises EarlyRejection for a wrong key, version or account.

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
    account = headers.get("stripe-account", state.account_id)
    if account != state.account_id:
        raise no_access(f"The provided key '{_masked(key)}'", account)
    return Caller(key, api_versions.requested(headers))


def secret_required() -> EarlyRejection:
    """The error for a request that a publishable key is not allowed to make."""
    return EarlyRejection(
        403,
        "This API call cannot be made with a publishable API key. Please use a secret API key."
        " You can find a list of your API keys at https://dashboard.stripe.com/account/apikeys.",
        code="secret_key_required",
    )


def _masked(key: str) -> str:
    return f"{key[:8]}{'*' * 8}"


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
