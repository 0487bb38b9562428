"""An OpenID provider in this process that says whatever a test has it say, however absurd.

`identity_provider` is a well-behaved one that nobody here wrote; this one takes roles away,
refuses, is slow or down, and lies.
"""

import base64
import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jws
from joserfc.jwk import OctKey, RSAKey

from cardpay.domain.access.sign_in import Answer
from cardpay.identity_provider.openid_provider import OpenIdProvider
from cardpay.identity_provider.sealing import Seal
from tests.support.processes.identity_provider import CLIENT_SECRET, COOKIE_SECRET

CLIENT_ID = "cardpay"
_KEY = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})
_PAUSE_SECONDS = 0.05


@dataclass
class OpenIdStandIn:
    """What it says. `claims` are the person's; `lie` changes a token's before it is signed.

    `wait` is called before each answer of the token endpoint. `refuses` is the error that it
    answers with; `document` changes what it says of itself. At the path `trickles` an answer comes
    in these pieces of bytes, with a pause after each; `trickled` counts them.
    """

    url: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    lie: dict[str, Any] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    payload: bytes | None = None
    refuses: str | None = None
    status: int = 200
    gives_refresh_tokens: bool = True
    rotates: bool = True
    id_token_on_refresh: bool = True
    wait: Callable[[], None] = lambda: None
    trickles: tuple[str, Callable[[bytes], Iterable[bytes]]] | None = None
    trickled: int = 0
    over: threading.Event = field(default_factory=threading.Event)
    asked: list[dict[str, str]] = field(default_factory=list)
    nonce: str = ""
    number: int = 0

    def provider(self) -> OpenIdProvider:
        """The desk's side of it."""
        return OpenIdProvider(
            self.url,
            CLIENT_ID,
            CLIENT_SECRET,
            "http://testserver/oauth2callback",
            "groups",
            Seal(COOKIE_SECRET, "tokens"),
        )

    def signs_in(self, provider: OpenIdProvider, back_to: str = "/") -> Answer:
        """Somebody, through the browser and back."""
        address, sealed = provider.begin(back_to)
        sent = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.nonce = sent["nonce"]
        answer, way = provider.finish(sealed, sent["state"], "a-code")
        assert way == back_to
        return answer

    def says(self, path: str, form: dict[str, str]) -> tuple[int, Any]:
        """The answer to a request: status, and JSON or bytes."""
        if path == "/.well-known/openid-configuration":
            return 200, self._document()
        if path == "/jwks":
            return 200, {"keys": [_KEY.as_dict(private=False)]}
        if path == "/userinfo":
            return 200, self.claims
        if path == "/token":
            self.asked.append(form)
            self.wait()
            if self.refuses:
                return 400, {"error": self.refuses}
            return self.status, self.payload if self.payload is not None else self._tokens(form)
        return 404, {}

    def _document(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/jwks",
            "end_session_endpoint": f"{self.url}/end",
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        } | self.document

    def _tokens(self, form: dict[str, str]) -> dict[str, Any]:
        self.number += 1
        refreshed = form.get("grant_type") == "refresh_token"
        tokens: dict[str, Any] = {"access_token": "access", "token_type": "Bearer"}
        if not refreshed or self.id_token_on_refresh:
            tokens["id_token"] = self._id_token(refreshed=refreshed)
        if self.gives_refresh_tokens and (self.rotates or not refreshed):
            tokens["refresh_token"] = f"refresh-{self.number}"
        return tokens

    def _id_token(self, *, refreshed: bool) -> str:
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + 300, **self.claims}
        if not refreshed:
            claims["nonce"] = self.nonce
        claims |= self.lie
        if self.algorithm == "none":
            parts = [{"alg": "none"}, claims]
            return ".".join(_segment(part) for part in parts) + "."
        if self.algorithm == "HS256":
            key: Any = OctKey.import_key(CLIENT_SECRET * 2)
        else:
            key = _KEY
        # As a provider may write it, and not as joserfc does: half a character too.
        said, head = json.dumps(claims), {"alg": self.algorithm, "kid": "1"}
        return jws.serialize_compact(head, said, key, [self.algorithm])


def _segment(part: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


@contextmanager
def openid_stand_in(**claims: Any) -> Iterator[OpenIdStandIn]:
    """It listens on this computer until the end."""
    it = OpenIdStandIn(claims={"sub": "1", "name": "Person One", **claims})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._answer({name: values[0] for name, values in parse_qs(body).items()})

        def _answer(self, form: dict[str, str]) -> None:
            status, said = it.says(urlsplit(self.path).path, form)
            content = said if isinstance(said, bytes) else json.dumps(said).encode()
            if it.trickles is not None and it.trickles[0] == urlsplit(self.path).path:
                self._trickle(it.trickles[1](content))
                return
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _trickle(self, pieces: Iterable[bytes]) -> None:
            self.close_connection = True
            with suppress(ConnectionError):
                for piece in pieces:
                    self.wfile.write(piece)
                    it.trickled += 1
                    it.over.wait(_PAUSE_SECONDS)

        def log_message(self, *_said: object) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    it.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield it
    finally:
        it.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
