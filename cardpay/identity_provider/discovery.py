"""What the provider says of itself, and the keys with which it signs.

Both are fetched when they are needed, and kept for an hour. A document of another issuer, or one
that leads to addresses without TLS, is not used (OpenID Connect Discovery 1.0, section 4.3).
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from cardpay.domain.access.role_check_rules import ProviderSilent
from cardpay.identity_provider.bounded_http import BoundedTransport, timeout
from cardpay.identity_provider.one_asks import one_asks

_KEPT_SECONDS: Final = 3600.0
# A token signed with a key that is not known may be signed with a new one; or it is forged, and
# then the provider must not be asked for each.
_KEYS_KEPT_AT_LEAST: Final = 30.0
# After a failure the next one waits: those who ask meanwhile are told at once.
_PAUSE_SECONDS: Final = 5.0
_ADDRESSES: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True)
class ProviderDocument:
    """The discovery document, as far as the desk uses it."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    end_session_endpoint: str | None
    takes_secret_in_body: bool
    offers_offline_access: bool


class Discovery:
    """The document and the keys of the issuer at `address`, shared by all threads."""

    def __init__(self, address: str) -> None:
        self._address = address.rstrip("/")
        self._lock = threading.Lock()
        self._document: tuple[float, ProviderDocument] | None = None
        self._keys: tuple[float, KeySet] | None = None
        self._failed: float | None = None

    def document(self) -> ProviderDocument:
        """The document. Raises ProviderSilent."""
        with one_asks(self._lock):
            if self._document is None or _age(self._document[0]) > _KEPT_SECONDS:
                read = self._fetched(f"{self._address}/.well-known/openid-configuration")
                self._document = time.monotonic(), self._checked(read)
            return self._document[1]

    def keys(self, *, anew: bool = False) -> KeySet:
        """The keys; `anew` if the one that is wanted was not among them. Raises ProviderSilent."""
        address = self.document().jwks_uri
        with one_asks(self._lock):
            longest = _KEYS_KEPT_AT_LEAST if anew else _KEPT_SECONDS
            if self._keys is None or _age(self._keys[0]) > longest:
                try:
                    found = KeySet.import_key_set(self._fetched(address))  # type: ignore[arg-type]
                except (JoseError, ValueError, TypeError, KeyError) as error:
                    raise ProviderSilent("keys that cannot be read") from error
                self._keys = time.monotonic(), found
            return self._keys[1]

    def _fetched(self, address: str) -> dict[str, Any]:
        if self._failed is not None and _age(self._failed) < _PAUSE_SECONDS:
            raise ProviderSilent("it did not respond just now")
        try:
            return get_json(address)
        except ProviderSilent:
            self._failed = time.monotonic()
            raise

    def _checked(self, read: Mapping[str, Any]) -> ProviderDocument:
        issuer = read.get("issuer")
        if not isinstance(issuer, str) or issuer.rstrip("/") != self._address:
            raise ProviderSilent("a discovery document of another issuer")
        plain = urlsplit(self._address).scheme == "http"  # this computer alone may
        found = {
            name: read[name]
            for name in (*_ADDRESSES, "userinfo_endpoint", "end_session_endpoint")
            if _is_address(read.get(name), plain=plain)
        }
        if not all(name in found for name in _ADDRESSES):
            raise ProviderSilent("a discovery document that lacks an address")
        return ProviderDocument(
            issuer=issuer,
            authorization_endpoint=found["authorization_endpoint"],
            token_endpoint=found["token_endpoint"],
            jwks_uri=found["jwks_uri"],
            userinfo_endpoint=found.get("userinfo_endpoint"),
            end_session_endpoint=found.get("end_session_endpoint"),
            takes_secret_in_body=_lists(
                read, "token_endpoint_auth_methods_supported", "client_secret_post"
            ),
            offers_offline_access=_lists(read, "scopes_supported", "offline_access"),
        )


def get_json(address: str, bearer: str | None = None) -> dict[str, Any]:
    """The JSON object at an address. Raises ProviderSilent."""
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    try:
        with httpx.Client(transport=BoundedTransport(), timeout=timeout()) as client:
            answer = client.get(address, headers=headers)
        answer.raise_for_status()
        read = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, RecursionError) as error:
        raise ProviderSilent(type(error).__name__) from error
    if not isinstance(read, dict):
        raise ProviderSilent("no JSON object")
    return read


def _age(since: float) -> float:
    return time.monotonic() - since


def _is_address(value: object, *, plain: bool) -> bool:
    if not isinstance(value, str):
        return False
    try:
        # Both read it, and each stumbles over what the other takes: httpx asks, and Authlib makes
        # the address for the browser with Python's own. A host is only read when asked for.
        scheme, host, _ = httpx.URL(value).scheme, httpx.URL(value).host, urlsplit(value)
    except (httpx.InvalidURL, ValueError):
        return False
    return scheme in ({"https", "http"} if plain else {"https"}) and bool(host)


def _lists(read: Mapping[str, Any], name: str, value: str) -> bool:
    listed = read.get(name)
    return isinstance(listed, list) and value in listed
