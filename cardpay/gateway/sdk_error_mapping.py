"""Maps the SDK's exceptions to ours: the call ran, it did not run, or its outcome is unknown."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import stripe

from cardpay.gateway import snapshot_parsing
from cardpay.gateway.errors import (
    CardDeclined,
    ObjectUnreadable,
    OutcomeUnknown,
    RateLimited,
    RequestRefused,
    SetupProblem,
    StripeUnavailable,
)
from cardpay.gateway.text_sanitizer import sanitize_text


@contextmanager
def map_write_errors() -> Iterator[None]:
    """Around a write. Raises CardDeclined, RequestRefused, SetupProblem or OutcomeUnknown."""
    try:
        yield
    except stripe.CardError as error:
        body = _error_body(error)
        intent = body.get("payment_intent")
        raised = snapshot_parsing.payment_error(body)
        assert raised is not None
        raise CardDeclined(
            raised,
            snapshot_parsing.payment_intent(intent) if intent else None,
            error.request_id,
        ) from error
    except stripe.APIConnectionError as error:
        raise OutcomeUnknown("no reply", replayable=True, request_id=error.request_id) from error
    except stripe.IdempotencyError as error:
        # It refuses the key, and says nothing about what the first request with that key did.
        raise OutcomeUnknown(
            "the key was used for another request", replayable=False, request_id=error.request_id
        ) from error
    except stripe.StripeError as error:
        status = error.http_status
        if status is None or status >= 500:
            raise OutcomeUnknown(
                "an error at Stripe", replayable=False, request_id=error.request_id
            ) from error
        if status == 409:
            raise OutcomeUnknown(
                "still working on it", replayable=True, request_id=error.request_id
            ) from error
        if status == 429:
            raise OutcomeUnknown(
                "too many requests", replayable=True, request_id=error.request_id
            ) from error
        raise _refused(error) from error


@contextmanager
def map_read_errors() -> Iterator[None]:
    """Around a read. Raises RequestRefused, SetupProblem, StripeUnavailable or RateLimited.

    And ObjectUnreadable for an answer that has another form than expected.
    """
    try:
        yield
    except stripe.APIConnectionError as error:
        raise StripeUnavailable("no reply", error.request_id) from error
    except stripe.StripeError as error:
        status = error.http_status
        if status == 429:
            raise RateLimited(_retry_after_seconds(error), error.request_id) from error
        if status is None or status >= 500 or status == 409:
            raise StripeUnavailable(f"HTTP {status}", error.request_id) from error
        raise _refused(error) from error
    except snapshot_parsing.PARSING_ERRORS as error:
        raise ObjectUnreadable(snapshot_parsing.why_unreadable(error)) from error


def _retry_after_seconds(error: stripe.StripeError) -> float | None:
    """The `Retry-After` header in seconds, or None: most of Stripe's 429 replies have none."""
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    try:
        return float(headers["retry-after"])
    except (KeyError, ValueError):
        return None


def _refused(error: stripe.StripeError) -> RequestRefused:
    body = _error_body(error)
    param = body.get("param")
    intent = body.get("payment_intent")
    setup = error.http_status in {401, 403} or (
        # Telephone orders are not enabled for the account (Stripe docs: "MOTO payments").
        body.get("code") == "parameter_unknown" and param == "payment_method_options[card][moto]"
    )
    kind = SetupProblem if setup else RequestRefused
    return kind(
        sanitize_text(error.user_message) or "no reason given",  # may quote the request
        code=sanitize_text(body.get("code")),
        param=sanitize_text(param),
        http_status=error.http_status,
        payment_intent=snapshot_parsing.payment_intent(intent) if intent else None,
        request_id=error.request_id,
    )


def _error_body(error: stripe.StripeError) -> Mapping[str, Any]:
    body = error.json_body
    found = body.get("error") if isinstance(body, Mapping) else None
    return found if isinstance(found, Mapping) else {}
