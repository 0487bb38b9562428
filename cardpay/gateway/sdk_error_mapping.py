"""What an answer of Stripe's SDK means: it ran, it did not run, or nobody knows."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import stripe

from cardpay.gateway import snapshot_parsing
from cardpay.gateway.errors import (
    CardDeclined,
    OutcomeUnknown,
    RateLimited,
    RequestRefused,
    SetupProblem,
    StripeUnavailable,
)


@contextmanager
def writing() -> Iterator[None]:
    """Translate the SDK's errors to whether the write ran, did not run, or nobody knows."""
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
        # It speaks of the key, not of what the first request with that key has done.
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
def reading() -> Iterator[None]:
    """Translate the SDK's errors of a read, which changes nothing and may be repeated."""
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


def _retry_after_seconds(error: stripe.StripeError) -> float | None:
    """What Stripe asks for, in seconds; most of its 429 replies say nothing."""
    said = {name.lower(): value for name, value in (error.headers or {}).items()}
    try:
        return float(said["retry-after"])
    except (KeyError, ValueError):
        return None


def _refused(error: stripe.StripeError) -> RequestRefused:
    body = _error_body(error)
    param = body.get("param")
    intent = body.get("payment_intent")
    setup = error.http_status in {401, 403} or (
        # The account has not been given telephone orders (Stripe docs: "MOTO payments").
        body.get("code") == "parameter_unknown" and param == "payment_method_options[card][moto]"
    )
    kind = SetupProblem if setup else RequestRefused
    return kind(
        snapshot_parsing.words(error.user_message)
        or "no reason given",  # it may quote what was sent
        code=snapshot_parsing.words(body.get("code")),
        param=snapshot_parsing.words(param),
        http_status=error.http_status,
        payment_intent=snapshot_parsing.payment_intent(intent) if intent else None,
        request_id=error.request_id,
    )


def _error_body(error: stripe.StripeError) -> Mapping[str, Any]:
    body = error.json_body
    found = body.get("error") if isinstance(body, Mapping) else None
    return found if isinstance(found, Mapping) else {}
