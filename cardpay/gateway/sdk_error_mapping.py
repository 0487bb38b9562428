"""Maps the SDK's exceptions to ours: the call ran, it did not run, or its outcome is unknown."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import stripe

from cardpay.domain.stripe_facts.snapshots import PaymentErrorSnapshot, PaymentIntentSnapshot
from cardpay.gateway import snapshot_parsing
from cardpay.gateway.errors import (
    ANSWERED_BEFORE_KEY,
    CardDeclined,
    ObjectUnreadable,
    OutcomeUnknown,
    RateLimited,
    RequestRefused,
    SetupProblem,
    StripeUnavailable,
)
from cardpay.gateway.monitored_http_client import requests_sent
from cardpay.gateway.text_sanitizer import sanitize_text

T = TypeVar("T")
_UNREADABLE: Final = "an answer that can't be read"
_LONGEST_WAIT_SECONDS: Final = 60.0
_NO_DETAILS: Final = PaymentErrorSnapshot(*[None] * 8)


@contextmanager
def map_write_errors(payment_intent_id: str | None = None) -> Iterator[None]:
    """Around a write. Raises CardDeclined, RequestRefused, SetupProblem or OutcomeUnknown.

    An error about another PaymentIntent than that of the write says nothing of what became of it.
    """
    with requests_sent() as sent:
        try:
            yield
        except stripe.CardError as error:
            raise _declined(error, payment_intent_id) from error
        except stripe.APIConnectionError as error:
            raise OutcomeUnknown(
                "no reply", replayable=True, request_id=error.request_id
            ) from error
        except stripe.IdempotencyError as error:
            # It refuses the key, and says nothing about what the first request with that key did.
            raise OutcomeUnknown(
                "the key was used for another request",
                replayable=False,
                request_id=error.request_id,
            ) from error
        except stripe.StripeError as error:
            status = error.http_status
            if status is not None and status < 400:  # the SDK's error for what is not JSON
                raise _unreadable(error.request_id) from error
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
            raise _refused_write(error, sent(), payment_intent_id) from error
        except snapshot_parsing.PARSING_ERRORS as error:
            raise _unreadable(None) from error


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
        if status is not None and status < 400:
            raise StripeUnavailable(_UNREADABLE, error.request_id) from error
        if status is None or status >= 500 or status == 409:
            raise StripeUnavailable(f"HTTP {status}", error.request_id) from error
        if not isinstance(_error_body(error).get("type"), str):  # somebody's on the way
            raise StripeUnavailable(_UNREADABLE, error.request_id) from error
        raise _refused(error) from error
    except snapshot_parsing.PARSING_ERRORS as error:
        raise ObjectUnreadable(snapshot_parsing.why_unreadable(error)) from error


def _retry_after_seconds(error: stripe.StripeError) -> float | None:
    """The `Retry-After` header in seconds; None for none, as in most of Stripe's, or nonsense."""
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    try:
        seconds = float(headers["retry-after"])
    except (KeyError, ValueError):
        return None
    return min(seconds, _LONGEST_WAIT_SECONDS) if seconds > 0 else None  # not so a NaN


def _unreadable(request_id: str | None) -> OutcomeUnknown:
    return OutcomeUnknown(_UNREADABLE, replayable=True, request_id=request_id)


def _declined(error: stripe.CardError, about: str | None) -> CardDeclined | OutcomeUnknown:
    body = _error_body(error)
    intent = _readable(snapshot_parsing.payment_intent, body.get("payment_intent"))
    if _is_of_another(intent, about):
        return _unreadable(error.request_id)
    details = _readable(snapshot_parsing.payment_error, body) or _NO_DETAILS
    return CardDeclined(details, intent, error.request_id)


def _is_of_another(intent: PaymentIntentSnapshot | None, about: str | None) -> bool:
    return intent is not None and about is not None and intent.payment_intent_id != about


def _refused_write(
    error: stripe.StripeError, tries: int, about: str | None
) -> RequestRefused | OutcomeUnknown:
    """Stripe's own word alone ends a write: whoever else is on the way knows nothing of it.

    Nor does a key that is refused at the SDK's second try say what became of the first.
    """
    if not isinstance(_error_body(error).get("type"), str):
        return _unreadable(error.request_id)
    if tries > 1 and error.http_status in ANSWERED_BEFORE_KEY:
        return OutcomeUnknown(
            "the key was refused after a try without an answer",
            replayable=True,
            request_id=error.request_id,
        )
    refused = _refused(error)
    if _is_of_another(refused.payment_intent, about):
        return _unreadable(error.request_id)
    return refused


def _refused(error: stripe.StripeError) -> RequestRefused:
    body = _error_body(error)
    code, param = _words(body.get("code")), _words(body.get("param"))
    setup = error.http_status in {401, 403} or (
        # Telephone orders are not enabled for the account (Stripe docs: "MOTO payments").
        code == "parameter_unknown" and param == "payment_method_options[card][moto]"
    )
    kind = SetupProblem if setup else RequestRefused
    return kind(
        _words(error.user_message) or "no reason given",  # may quote the request
        code=code,
        param=param,
        http_status=error.http_status,
        payment_intent=_readable(snapshot_parsing.payment_intent, body.get("payment_intent")),
        request_id=error.request_id,
    )


def _words(value: object) -> str | None:
    return sanitize_text(value) or None if isinstance(value, str) else None


def _readable(read: Callable[[Mapping[str, Any]], T | None], data: object) -> T | None:
    """What an error tells besides; None if it cannot be read, since the error counts."""
    try:
        return read(data) if isinstance(data, Mapping) else None
    except snapshot_parsing.PARSING_ERRORS:
        return None


def _error_body(error: stripe.StripeError) -> Mapping[str, Any]:
    body = error.json_body
    found = body.get("error") if isinstance(body, Mapping) else None
    return found if isinstance(found, Mapping) else {}
