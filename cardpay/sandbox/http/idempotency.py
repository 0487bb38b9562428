"""Idempotency keys (Stripe API reference: "Idempotent requests").

Once an endpoint has begun to execute, its status and body are saved for 24 hours of the sandbox's
clock, even if it is a decline or a 500.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from cardpay.sandbox.http.api_errors import EarlyRejection, InvalidParameter
from cardpay.sandbox.http.form_encoding import Raw
from cardpay.sandbox.state.account_state import State

KEPT_SECONDS = 24 * 3600
MAX_KEY_LENGTH = 255


@dataclass(frozen=True)
class SavedReply:
    """The response to the first request with a key."""

    status: int
    body: str
    request_id: str


def check_length(key: str) -> None:
    """Raise InvalidParameter for a key that is too long."""
    if len(key) > MAX_KEY_LENGTH:
        raise InvalidParameter(
            f"Idempotency keys must be {MAX_KEY_LENGTH} characters or less.",
            type="idempotency_error",
        )


def in_use(key: str) -> EarlyRejection:
    """The error while the first request with the key is still running (HTTP 409)."""
    return EarlyRejection(
        409,
        f"There is currently another in-progress request using this idempotency key ({key})."
        " This may be because of a request that you retried too quickly.",
        type="idempotency_error",
        code="idempotency_key_in_use",
    )


def find(state: State, key: str, path: str, params: Mapping[str, Raw]) -> SavedReply | None:
    """The response saved under the key, or None.

    Raises InvalidParameter if the key was used for another path or with other parameters.
    """
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
    """Save a response under its key."""
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
