"""Idempotency keys (Stripe API reference: "Idempotent requests").

Status and body are kept from the moment an endpoint begins to execute, declines and 500s
included, for 24 hours of the sandbox's clock.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from cardpay.sandbox.http.api_errors import EarlyRejection, InvalidParameter
from cardpay.sandbox.http.form_encoding import Raw
from cardpay.sandbox.state.account_state import State

KEPT_SECONDS = 24 * 3600
LONGEST_KEY = 255


@dataclass(frozen=True)
class SavedReply:
    """A reply as it was first given."""

    status: int
    body: str
    request_id: str


def check_length(key: str) -> None:
    """A key that is too long is refused."""
    if len(key) > LONGEST_KEY:
        raise InvalidParameter(
            f"Idempotency keys must be {LONGEST_KEY} characters or less.",
            type="idempotency_error",
        )


def in_use(key: str) -> EarlyRejection:
    """HTTP 409: the first request with the key has not finished."""
    return EarlyRejection(
        409,
        f"There is currently another in-progress request using this idempotency key ({key})."
        " This may be because of a request that you retried too quickly.",
        type="idempotency_error",
        code="idempotency_key_in_use",
    )


def find(state: State, key: str, path: str, params: Mapping[str, Raw]) -> SavedReply | None:
    """The reply that the key already has. Other parameters under it are an error."""
    oldest = state.seconds() - KEPT_SECONDS
    state.store.run("DELETE FROM saved_reply WHERE created <= ?", (oldest,))
    rows = state.store.run(
        "SELECT path, fingerprint, status, body, request_id FROM saved_reply WHERE key = ?",
        (key,),
    )
    if not rows:
        return None
    first_path, fingerprint, status, body, request_id = rows[0]
    if first_path != path:
        raise InvalidParameter(
            "Keys for idempotent requests can only be used for the same endpoint they were"
            f" first used for ('{first_path}' vs '{path}'). Try using a key other than '{key}'"
            " if you meant to execute a different request.",
            type="idempotency_error",
        )
    if fingerprint != _fingerprint(params):
        raise InvalidParameter(
            "Keys for idempotent requests can only be used with the same parameters they were"
            f" first used with. Try using a key other than '{key}' if you meant to execute a"
            " different request.",
            type="idempotency_error",
        )
    return SavedReply(status, body, request_id)


def save(state: State, key: str, path: str, params: Mapping[str, Raw], reply: SavedReply) -> None:
    """Keep a reply under its key."""
    state.store.run(
        "INSERT OR REPLACE INTO saved_reply VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            key,
            path,
            _fingerprint(params),
            reply.status,
            reply.body,
            reply.request_id,
            state.seconds(),
        ),
    )


def _fingerprint(params: Mapping[str, Raw]) -> str:
    return hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()
