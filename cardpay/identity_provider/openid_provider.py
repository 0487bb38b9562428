"""Signing in by OpenID Connect, and asking the provider again who somebody is."""

import secrets
import threading
import time
import warnings
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

import httpx

from cardpay.domain.access.role_check_rules import ProviderRefused, ProviderSilent
from cardpay.domain.access.sign_in import SIGN_IN_CLAIMS, Answer, Identity, read_identity
from cardpay.identity_provider.bounded_http import BoundedTransport, timeout
from cardpay.identity_provider.discovery import Discovery, ProviderDocument, get_json
from cardpay.identity_provider.id_tokens import read_id_token
from cardpay.identity_provider.sealing import Seal

# That Authlib would rather have httpx2 is nothing that whoever runs the desk can act upon.
with warnings.catch_warnings(record=True):
    from authlib.integrations.base_client import OAuthError  # type: ignore[import-untyped]
    from authlib.integrations.httpx_client import OAuth2Client  # type: ignore[import-untyped]

# After a question without an answer the next one waits, so that no screen hangs for each.
_PAUSE_SECONDS: Final = 10.0
# Enough to find the phone with the second factor.
ATTEMPT_LASTS: Final = timedelta(minutes=10)
# The provider's own "no" (RFC 6749, section 5.2; OpenID Connect Core, section 3.1.2.6). Whatever
# else it calls an error is a fault of settings or of its own, and says nothing of the person.
_NO: Final = frozenset(
    {"invalid_grant", "access_denied", "interaction_required", "login_required"}
)
# The statuses of such an answer. Whoever stands before the provider and says that there are too
# many requests, in JSON too, has others.
_NO_STATUSES: Final = frozenset({400, 401, 403})


class OpenIdProvider:
    """The provider at `issuer`, where the desk is known as `client_id`."""

    def __init__(
        self,
        issuer: str,
        client_id: str,
        client_secret: str,
        redirect_uri: str,
        groups_claim: str,
        seal: Seal,
    ) -> None:
        self._discovery = Discovery(issuer)
        self._client_id = client_id
        self._client_secret = client_secret
        self._redirect_uri = redirect_uri
        self._groups_claim = groups_claim
        self._seal = seal
        self._lock = threading.Lock()
        self._silent_until = 0.0

    def begin(self, back_to: str) -> tuple[str, str]:
        """Where to send the browser, and what it has to bring back, sealed. ProviderSilent."""
        document = self._discovery.document()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        more = {"prompt": "select_account"}
        scopes = ["openid", "email", "profile"]
        if document.offers_offline_access:
            scopes.append("offline_access")
        else:  # Google's way to ask for a refresh token; others ignore what they don't know
            more = {"prompt": "consent select_account", "access_type": "offline"}
        with self._client(document) as client:
            address, _ = client.create_authorization_url(
                document.authorization_endpoint,
                state=state,
                nonce=nonce,
                code_verifier=verifier,
                scope=" ".join(scopes),
                **more,
            )
        kept = {"state": state, "nonce": nonce, "verifier": verifier, "back_to": back_to}
        return address, self._seal.close(kept)

    def finish(self, sealed: str, state: str, code: str) -> tuple[Answer, str]:
        """Who has signed in, and the page that they wanted. ProviderSilent, ProviderRefused.

        `sealed` is what `begin` gave: a code that somebody else's browser was given fits to none.
        """
        kept = self._seal.open(sealed, ATTEMPT_LASTS) or {}
        begun = str(kept.get("state", ""))
        if not state or not secrets.compare_digest(begun.encode(), state.encode()):
            raise ProviderRefused("a sign-in that was not begun here, or too long ago")
        tokens = self._tokens(
            lambda client, address: client.fetch_token(
                address,
                grant_type="authorization_code",
                code=code,
                code_verifier=str(kept["verifier"]),
                redirect_uri=self._redirect_uri,
            )
        )
        claims = read_id_token(
            tokens.get("id_token"), self._discovery, self._client_id, str(kept["nonce"])
        )
        identity = self._identity(claims)
        sign_in = {name: claims.get(name) for name in SIGN_IN_CLAIMS} | {"name": identity.name}
        return Answer(identity, self._sealed(tokens, None), sign_in), str(kept["back_to"])

    def ask_again(self, token: str, *, for_money: bool = False) -> Answer:
        """Who the person of a sealed token is now. Raises ProviderSilent, ProviderRefused.

        Just after a silence nobody is asked about, but for money: a role may be gone by then.
        """
        kept = self._seal.open(token)
        if kept is None:
            raise ProviderRefused("a token that was sealed with another secret")
        with self._lock:
            if time.monotonic() < self._silent_until and not for_money:
                raise ProviderSilent("it did not respond just now")
        try:
            return self._asked_again(str(kept["refresh_token"]))
        except ProviderSilent:
            with self._lock:
                self._silent_until = time.monotonic() + _PAUSE_SECONDS
            raise

    def sign_out_address(self) -> str | None:
        """Where the provider's own session is ended, if it says so. Raises ProviderSilent."""
        end = self._discovery.document().end_session_endpoint
        if end is None:
            return None
        # No identity token as a hint: addresses are written into logs.
        query = {"client_id": self._client_id, "post_logout_redirect_uri": self._redirect_uri}
        return f"{end}{'&' if '?' in end else '?'}{urlencode(query)}"

    def _asked_again(self, refresh_token: str) -> Answer:
        tokens = self._tokens(
            lambda client, address: client.refresh_token(address, refresh_token=refresh_token)
        )
        if "id_token" in tokens:
            claims = read_id_token(tokens["id_token"], self._discovery, self._client_id, None)
        else:
            claims = self._user_info(tokens)
        return Answer(self._identity(claims), self._sealed(tokens, refresh_token))

    def _user_info(self, tokens: Mapping[str, Any]) -> Mapping[str, Any]:
        """The same claims, from the provider itself over TLS: it signs none of them."""
        document = self._discovery.document()
        if document.userinfo_endpoint is None:
            raise ProviderRefused("neither an identity token nor a way to ask who somebody is")
        now = int(time.time())
        said = get_json(document.userinfo_endpoint, tokens["access_token"])
        if "sub" not in said:
            raise ProviderSilent("an answer about nobody")
        return {**said, "iss": document.issuer, "iat": now, "exp": now + 1}

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        identity = read_identity(claims, self._groups_claim)
        if identity is None:
            raise ProviderRefused("claims that cannot be anybody's")
        return identity

    def _sealed(self, tokens: Mapping[str, Any], before: str | None) -> str | None:
        """What to ask with the next time: a provider may give a new token each time, or not."""
        found = tokens.get("refresh_token") or before
        return self._seal.close({"refresh_token": found}) if isinstance(found, str) else None

    def _tokens(self, ask: Any) -> Mapping[str, Any]:
        """What the token endpoint gives, an access token at least.

        Raises ProviderRefused if OAuth's own "no" comes, ProviderSilent for whatever else.
        """
        document = self._discovery.document()
        try:
            with self._client(document) as client:
                answer: Mapping[str, Any] = ask(client, document.token_endpoint)
        except OAuthError as error:
            if str(error.error) in _NO:  # which need not be a text
                raise ProviderRefused(f"{error.error} at the token endpoint") from error
            raise ProviderSilent("an error of the token endpoint") from error
        except (httpx.HTTPError, ArithmeticError, ValueError, TypeError, RecursionError) as error:
            raise ProviderSilent(type(error).__name__) from error
        if not isinstance(answer.get("access_token"), str):
            raise ProviderSilent("an answer of the token endpoint without a token")
        return answer

    def _client(self, document: ProviderDocument) -> OAuth2Client:
        in_body = document.takes_secret_in_body
        client = OAuth2Client(
            self._client_id,
            self._client_secret,
            token_endpoint_auth_method="client_secret_post" if in_body else "client_secret_basic",
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
            transport=BoundedTransport(),
            timeout=timeout(),
        )
        for kind in ("access_token_response", "refresh_token_response"):
            client.register_compliance_hook(kind, _of_oauth)
        return client


def _of_oauth(answer: Any) -> Any:
    """The answer as it is, if it is one of OAuth's (RFC 6749, section 5). ProviderSilent."""
    is_no = answer.status_code in _NO_STATUSES and "error" in answer.json()
    if answer.status_code != HTTPStatus.OK and not is_no:
        raise ProviderSilent(f"HTTP {answer.status_code} of the token endpoint")
    return answer
